// Package policies answers who may: role, thing and relation, from the embedded policy.csv. It
// is the only package that imports casbin. When an act is open is regulation's answer.
package policies

import (
	_ "embed"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/casbin/casbin/v2"
	"github.com/casbin/casbin/v2/model"
	stringadapter "github.com/casbin/casbin/v2/persist/string-adapter"

	"haochaping/regulation"
)

//go:embed model.conf
var modelConf string

//go:embed policy.csv
var policyCSV string

// Things are permissions that are not statutory acts.
const (
	ViewReceipt       = "view_receipt"
	ViewCase          = "view_case"
	ViewInbox         = "view_inbox"
	ViewNotices       = "view_notices"
	ViewAlarms        = "view_alarms"
	ViewCodes         = "view_codes"
	ViewEscalations   = "view_escalations"
	ViewDiscipline    = "view_discipline"
	ViewAudit         = "view_audit"
	ViewBox           = "view_box"
	ViewCoverage      = "view_coverage"
	ViewFigures       = "view_figures"
	ViewDashboard     = "view_dashboard"
	ManageBoxes       = "manage_boxes"
	RunBox            = "run_box"
	DecideOpenings    = "decide_openings" // what the second person contests, or has not answered in time
	ViewDevices       = "view_devices"
	KeepDevices       = "keep_devices" // register, enrol, move, retire
	ConfirmRepair     = "confirm_repair"
	ServeWindow       = "serve_window" // sign in at a window of one's roster, ask to rate
	ViewOperations    = "view_operations"
	ViewChecks        = "view_checks"
	StageFile         = "stage_file"
	DialRater         = "dial_rater"
	AssignDialing     = "assign_dialing"
	AskReveal         = "ask_reveal"
	ViewReveals       = "view_reveals"
	ApproveReveal     = "approve_reveal"
	ViewOwnRatings    = "view_own_ratings"
	RedactComments    = "redact_comments" // strike out of citizens' words what the rated side may not read
	EraseRater        = "erase_rater"
	ManagePeople      = "manage_people"
	ManageAbsences    = "manage_absences"
	Publish           = "publish"
	TranscribeHotline = "transcribe_hotline"
	TranscribePaper   = "transcribe_paper"
	DecidePaper       = "decide_paper" // see the queue, and decide where two read a form differently
	PrintSlip         = "print_slip"
	ReplaceCode       = "replace_code"
	ViewInbound       = "view_inbound"
	MendInbound       = "mend_inbound"
	ViewWatch         = "view_watch"
	ViewWriteOffs     = "view_write_offs" // with their kind; the rates alone are public
	DownloadArchive   = "download_archive"
	ViewRetention     = "view_retention"
	HoldRetention     = "hold_retention"
	KeepWatch         = "keep_watch" // put on, inspect, take off
	ViewProbes        = "view_probes"
	KeepProbes        = "keep_probes" // look into signs of cheating, hear, propose, decide
	ViewHearings      = "view_hearings"
	ViewProblems      = "view_problems" // that hearings brought up
	KeepHearings      = "keep_hearings" // record, confirm, hand problems to units, close them
	AnswerProblems    = "answer_problems"
	ViewJoint         = "view_joint"
	KeepJoint         = "keep_joint" // gather cases, close, publish what was changed
	AnswerJoint       = "answer_joint"
	ViewPublications  = "view_publications"
	KeepPublications  = "keep_publications"
	ViewCommendations = "view_commendations"
	KeepCommendations = "keep_commendations"
	ViewBoards        = "view_boards"  // all ranks, also of what did not come out
	KeepBoards        = "keep_boards"  // draft, approve and publish boards, enter and approve inspections' scores
	ViewHonours       = "view_honours" // window stars and service models, and who may be chosen
	KeepHonours       = "keep_honours"
	ViewPerformance   = "view_performance" // sealed figures by unit and person for appraisals
	ViewBulletins     = "view_bulletins"
	KeepBulletins     = "keep_bulletins" // draft, approve, issue
	ViewReleases      = "view_releases"
	KeepReleases      = "keep_releases" // draft, publish, withdraw
	AnswerReleases    = "answer_releases"
	SignReleases      = "sign_releases"
	CheckIdentity     = "check_identity" // that nobody can be recognised in a release
	CheckSecrecy      = "check_secrecy"
	ViewRules         = "view_rules"
	ProposeCalendar   = "propose_calendar"
	ReviewCalendar    = "review_calendar"
	ProposeEdition    = "propose_edition"
	ReviewEdition     = "review_edition"
	WhatIf            = "what_if"
	EditTemplates     = "edit_templates"
	ViewExchange      = "view_exchange"
	ManageExchange    = "manage_exchange" // send again, replay
)

// IssueDocument is the permission to issue a kind of official document.
func IssueDocument(kind regulation.DocumentKind) string { return "issue_" + string(kind) }

// Guard holds the policy. Its answers never change while the process runs, so each is asked of
// casbin once.
type Guard struct {
	enforcer *casbin.Enforcer
	known    sync.Map // question -> bool
}

type question struct {
	role     regulation.Role
	thing    string
	relation regulation.Relation
}

// New loads the embedded policy.
func New() (*Guard, error) {
	m, err := model.NewModelFromString(modelConf)
	if err != nil {
		return nil, fmt.Errorf("policies: model: %w", err)
	}
	enforcer, err := casbin.NewEnforcer(m, stringadapter.NewAdapter(withoutComments(policyCSV)))
	if err != nil {
		return nil, fmt.Errorf("policies: policy: %w", err)
	}
	return &Guard{enforcer: enforcer}, nil
}

func withoutComments(csv string) string {
	lines := slices.DeleteFunc(strings.Split(csv, "\n"), func(line string) bool {
		return strings.HasPrefix(line, "#") || strings.TrimSpace(line) == ""
	})
	return strings.Join(lines, "\n")
}

// Allows tells whether a role may do a thing in a relation.
func (g *Guard) Allows(role regulation.Role, thing string, relation regulation.Relation) bool {
	q := question{role, thing, relation}
	if known, ok := g.known.Load(q); ok {
		return known.(bool)
	}
	allowed, err := g.enforcer.Enforce(string(role), thing, string(relation))
	allowed = allowed && err == nil // what casbin cannot answer is refused
	g.known.Store(q, allowed)
	return allowed
}

// Assignments returns the actor's assignments under which the actor may do a thing to the
// subject: none means no.
func (g *Guard) Assignments(actor regulation.Actor, thing string, s regulation.Subject) []regulation.Assignment {
	var allowed []regulation.Assignment
	for _, as := range actor.Assignments {
		if g.Allows(as.Role, thing, regulation.Relate(actor, as, s)) {
			allowed = append(allowed, as)
		}
	}
	return allowed
}

// May tells whether any assignment of the actor allows the thing in any relation: enough to
// show a link, never enough to do something to an object.
func (g *Guard) May(actor regulation.Actor, thing string) bool {
	return !g.Scope(actor, thing).Empty()
}

// Scope returns what the actor may see of a list: the union over the assignments that allow
// the thing in some relation. Every list, count, search and export query takes one.
func (g *Guard) Scope(actor regulation.Actor, thing string) regulation.Scope {
	scope := regulation.Scope{Person: actor.Person}
	for _, as := range actor.Assignments {
		g.widen(&scope, actor, as, thing)
	}
	return scope
}

func (g *Guard) widen(scope *regulation.Scope, actor regulation.Actor, as regulation.Assignment, thing string) {
	if g.Allows(as.Role, thing, regulation.Own) && actor.Staff != "" {
		scope.Staff = actor.Staff
	}
	if g.Allows(as.Role, thing, regulation.OwnUnit) {
		scope.Units = add(scope.Units, as.Org)
	}
	if g.Allows(as.Role, thing, regulation.OwnArea) {
		scope.Areas = add(scope.Areas, as.Area)
		scope.Orgs = add(scope.Orgs, as.Org)
	}
	below := g.Allows(as.Role, thing, regulation.Below) && as.Area == regulation.PrefectureArea
	scope.All = scope.All || below || g.Allows(as.Role, thing, regulation.Elsewhere)
}

func add(list []string, value string) []string {
	if slices.Contains(list, value) {
		return list
	}
	return append(list, value)
}
