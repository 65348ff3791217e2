package store

import (
	"context"
	"database/sql"
	"errors"
	"maps"
	"slices"
	"strings"
	"time"

	"gorm.io/gorm"

	"haochaping/regulation"
)

// Names of the checks. Each holds one thing that must always be true of the record.
const (
	CheckRatings   = "ratings"   // one case per bad rating, none for a good one (R22)
	CheckSequence  = "sequence"  // a case's events are dense, and its state stands at the last
	CheckActs      = "acts"      // each acknowledged act is done exactly once
	CheckState     = "state"     // the stored state is what its events tell
	CheckColumns   = "columns"   // the case's columns are what its state says
	CheckTasks     = "tasks"     // tasks and their seats are what the state asks for
	CheckHolders   = "holders"   // somebody can do each task, and who has taken it still may
	CheckClosing   = "closing"   // no case closed without finding, callback and reply (R22, R29)
	CheckDeadlines = "deadlines" // none early, none late while the system was up (R33)
	CheckNotices   = "notices"   // escalations and notices are those of the events
	CheckFiles     = "files"     // bound files are those of the events, and there
	CheckArchives  = "archives"  // each closed case has its package with all its documents, or is about to (R59)
	CheckDockets   = "dockets"   // hearings, problems, joint rectifications, publications, commendations, bulletins, releases (7(4), R60, 9(1), 8(2), 8(3))
	CheckLeaves    = "leaves"    // each row is in the ledger as it was written (R51)
	CheckLedger    = "ledger"    // the ledger's own hashes, and a row behind each leaf (R51)
	CheckFigures   = "figures"   // what was counted is what a recount of the rows comes to (R21, R51)
	CheckSealed    = "sealed"    // each sealed version is what the ledger's ratings came to at its position (R20, R51)
	CheckBoards    = "boards"    // each board is what the sealed version that it names comes to (R37, R51)
	CheckEngine    = "engine"    // record and workflow engine agree
)

// Checks lists all in the order in which they are told.
var Checks = []string{CheckRatings, CheckSequence, CheckActs, CheckState, CheckColumns, CheckTasks, CheckHolders,
	CheckClosing, CheckDeadlines, CheckNotices, CheckFiles, CheckArchives, CheckDockets, CheckLeaves, CheckLedger, CheckFigures, CheckSealed, CheckBoards, CheckEngine}

// Finding is one thing that is not as it must be: codes and ids, never personal data.
type Finding struct {
	Check  string   `json:"check"`
	Code   string   `json:"code"` // what is wrong
	Case   string   `json:"case,omitempty"`
	Number string   `json:"number,omitempty"` // the case's
	Rating string   `json:"rating,omitempty"` // where there is no case
	Area   string   `json:"area,omitempty"`
	About  []string `json:"about,omitempty"` // what differs: columns, acts, deadlines, seats, sequences
	// Repair is the command that puts it right, without the program's name. Where no program may,
	// Advice says what to do instead, and the command notes that it was reported, or prints how to restore.
	Repair string `json:"repair"`
	Advice string `json:"advice,omitempty"`
	// Known is under what it was reported, "" while it was not. A known one raises no alarm.
	Known string `json:"known,omitempty"`
}

// Pieces of advice, where nothing may be repaired silently.
const (
	AdviceRestore = "restore" // the record was altered: keep a copy, report it, restore from the backup
	AdviceReport  = "report"  // it happened: nobody can undo it, report it to the authority's head
	AdviceAppoint = "appoint" // nobody holds the post: appoint somebody, unless the step can be laid before others
	AdviceExplain = "explain" // declare the outage that explains it, or report it
)

// treatments list what each check can find, with how that is treated: repairCase, or a piece of advice.
// What the ledger protects is never written anew: that would hide what the ledger is there to show.
var treatments = map[string]map[string]string{
	CheckRatings:  {"no_case": repairCase, "case_of_a_good_rating": AdviceRestore},
	CheckSequence: {"gap": AdviceRestore, "event_columns": AdviceRestore, "not_the_last": repairCase},
	CheckActs: {"no_event": AdviceRestore, "done_twice": AdviceRestore, "other_event": AdviceRestore, "no_act": AdviceRestore,
		"recorded_yet_pending": repairCase, "waits": repairCase, "failed": repairCase},
	CheckState: {"phase": repairCase, "closed_at": repairCase, "deadline_too_many": repairCase, "deadline_differs": repairCase,
		"deadline_missing": repairCase, "counts": repairCase, "procedure": repairCase, "wait": repairCase, "sequence_differs": repairCase,
		"callback_differs": repairCase, "finding_differs": repairCase, "reply_differs": repairCase, "consent_differs": repairCase,
		"order_differs": repairCase, "clock_differs": repairCase, "part_differs": repairCase,
		"content_differs": repairCase, "unreadable": AdviceRestore, "unknown_edition": AdviceRestore},
	CheckColumns: {"column": repairCase},
	CheckTasks: {"on_a_closed_case": repairCase, "task_too_many": repairCase, "task_differs": repairCase, "seats_differ": repairCase,
		"task_missing": repairCase, "no_due": AdviceReport},
	CheckHolders:   {"nobody_holds_it": AdviceAppoint, "nobody_may": AdviceAppoint, "claimed_by_disabled": repairCase, "claimed_without_seat": repairCase},
	CheckClosing:   {"no_callback": AdviceReport, "no_finding": AdviceReport, "no_reply": AdviceReport, "still_waits": AdviceReport},
	CheckDeadlines: {"early": AdviceReport, "late": AdviceExplain, "not_recorded": repairCase, "blocked": repairCase, "passed_over": AdviceReport},
	CheckNotices: {"escalation_too_many": repairCase, "escalation_missing": repairCase, "notice_too_many": repairCase,
		"notice_missing": repairCase, "entry_too_many": repairCase, "entry_missing": repairCase,
		"write_off_step_too_many": repairCase, "write_off_step_missing": repairCase,
		"entries_sum": AdviceReport},
	CheckArchives: {"not_archived": repairCase, "lacks_document": repairCase},
	CheckFiles:    {"file_too_many": repairCase, "file_missing": repairCase, "content_gone": AdviceRestore},
	CheckDockets: {"docket_gap": AdviceRestore, "docket_differs": AdviceRestore, "decided_alone": AdviceReport, "quarter_unheard": AdviceRestore,
		"quarter_untold": AdviceReport, "bulletin_differs": AdviceRestore, "honour_differs": AdviceRestore},
	CheckLeaves: {"no_leaf": AdviceRestore, "two_leaves": AdviceRestore, "leaf_malformed": AdviceRestore, "altered": AdviceRestore, "number_gap": AdviceRestore},
	CheckLedger: {"row_gone": AdviceRestore, "position_missing": AdviceRestore, "digest_malformed": AdviceRestore,
		"hash_differs": AdviceRestore},
	CheckSealed:  {"sealed_differs": AdviceRestore, "sealed_unreadable": AdviceRestore, "public_differs": AdviceRestore},
	CheckBoards:  {"board_differs": AdviceRestore, "board_unreadable": AdviceRestore, "board_other": AdviceRestore},
	CheckFigures: {"figure_differs": repairCase, "case_figure_differs": repairCase, "case_sum_differs": repairCase},
	CheckEngine: {"not_running": repairCase, "not_loaded": repairCase, "runs_though_closed": repairCase, "run_of_no_case": repairCase,
		"other_sequence": repairCase, "other_timers": repairCase, "rings_late": repairCase},
}

// FindingCodes lists what a check can find.
func FindingCodes(check string) []string { return slices.Sorted(maps.Keys(treatments[check])) }

// repairCase stands for a command that mends.
const repairCase = "repair"

// Treated fills in a finding's command, and the advice where no program may put it right.
func (f Finding) Treated() Finding {
	if remedy := treatments[f.Check][f.Code]; remedy != repairCase {
		f.Advice = remedy
	}
	words := []string{"admin", "repair", f.Check}
	switch {
	case f.Case != "":
		words = append(words, "--case", f.Case)
	case f.Rating != "":
		words = append(words, "--rating", f.Rating)
	}
	switch f.Advice {
	case AdviceExplain:
		words = append(words, "--reason", "CODE")
	case AdviceReport:
		words = append(words, "--reported", "REFERENCE")
	}
	f.Repair = strings.Join(words, " ")
	return f
}

// Checked is what one check did.
type Checked struct {
	Check  string        `json:"check"`
	Looked int64         `json:"looked"` // ratings, cases, leaves
	Found  int64         `json:"found"`  // and not known
	Known  int64         `json:"known,omitempty"`
	Took   time.Duration `json:"took_ns"`
	// LeftOut is why it was not done: engine_away.
	LeftOut string `json:"left_out,omitempty"`
}

// VerifyOptions narrow a verification. The zero value looks at everything.
type VerifyOptions struct {
	Only   []string // checks; nil is all that need the record alone
	Case   string   // the id of one case
	Uptime Uptime   // when the system was up; nil is as recorded
	// Found is told each finding as it is made, Treated; nil counts only. Its error ends the verification.
	Found func(Finding) error
}

// pageOf is how many cases, or ratings, are held in memory at a time: some 4 MB.
const pageOf = 200

// Verify runs the checks that need the record alone, all but CheckEngine, over pages of ratings and
// cases, each page as it stood at one instant: the product may run meanwhile. It changes nothing.
func (s *Store) Verify(ctx context.Context, o VerifyOptions) ([]Checked, error) {
	v, err := s.verifier(ctx, o)
	if err != nil {
		return nil, err
	}
	for _, walk := range []func(context.Context) error{v.ratings, v.cases, v.archives, v.dockets, v.decisions, v.secondLeaves, v.documents, v.ledger, v.figures, v.sealed, v.boards} {
		if err := walk(ctx); err != nil {
			return nil, err
		}
	}
	var all []Checked
	for _, name := range Checks {
		if c := v.done[name]; c != nil {
			all = append(all, *c)
		}
	}
	return all, nil
}

// CheckCase runs the checks on one case and returns what they find, Treated.
func (s *Store) CheckCase(ctx context.Context, caseID string, only ...string) (found []Finding, err error) {
	_, err = s.Verify(ctx, VerifyOptions{Only: only, Case: caseID, Found: func(f Finding) error {
		found = append(found, f)
		return nil
	}})
	return found, err
}

// verifier is one verification under way.
type verifier struct {
	s       *Store
	options VerifyOptions
	now     time.Time // the product's
	real    time.Time // the machines'
	uptime  Uptime
	people  *People
	lore    *lore
	manned  map[regulation.Seat]bool
	outages map[string]Uptime // of single cases
	blocked map[string]string // cases that cannot go on, with what is in the way
	known   map[knownKey]string
	done    map[string]*Checked
	// mostAbout bounds what one finding tells, 0 not at all.
	mostAbout int
	faults    error // of Found
}

func (s *Store) verifier(ctx context.Context, o VerifyOptions) (v *verifier, err error) {
	v = &verifier{s: s, options: o, now: s.now(), done: map[string]*Checked{}, mostAbout: mostAbout}
	for _, name := range Checks {
		if name != CheckEngine && v.wants(name) {
			v.done[name] = &Checked{Check: name}
		}
	}
	v.real = s.options.Clock.Real(v.now)
	if v.uptime = o.Uptime; v.uptime == nil {
		if v.uptime, err = s.Uptime(ctx); err != nil {
			return nil, err
		}
	}
	if v.outages, err = s.caseOutages(ctx, o.Case); err != nil {
		return nil, err
	}
	if v.blocked, err = s.blockedCases(ctx); err != nil {
		return nil, err
	}
	if v.known, err = s.knownFindings(ctx, o.Case); err != nil {
		return nil, err
	}
	if v.lore, err = s.lore(ctx); err != nil {
		return nil, err
	}
	v.people = v.lore.people
	v.manned = v.people.manned(v.now)
	return v, nil
}

func (v *verifier) wants(name string) bool {
	return v.options.Only == nil || slices.Contains(v.options.Only, name)
}

// timed runs one check on something, unless it is left out, and counts.
func (v *verifier) timed(name string, looked int64, look func()) {
	c := v.done[name]
	if c == nil {
		return
	}
	began := v.s.wall()
	look()
	c.Took += v.s.wall().Sub(began)
	c.Looked += looked
}

func (v *verifier) find(f Finding) {
	f = f.Treated()
	if f.Known = v.reference(f); f.Known != "" {
		v.done[f.Check].Known++
	} else {
		v.done[f.Check].Found++
	}
	if most := v.mostAbout; most > 0 && len(f.About) > most {
		f.About = append(f.About[:most:most], "...")
	}
	if v.options.Found != nil && v.faults == nil {
		v.faults = v.options.Found(f)
	}
}

// mostAbout bounds what one finding tells; the repair looks for itself.
const mostAbout = 12

// still runs reads that all see the record as it stood at the first of them.
func (s *Store) still(ctx context.Context, read func(db *gorm.DB) error) error {
	seen := &sql.TxOptions{ReadOnly: true, Isolation: s.snapshot()}
	return again(ctx, func() error { return s.rows(ctx).Transaction(read, seen) })
}

// caseCheck is a check that one case's sheet is enough for.
type caseCheck struct {
	name string
	look func(*verifier, *sheet)
}

var caseChecks = []caseCheck{
	{CheckSequence, (*verifier).sequence}, {CheckActs, (*verifier).acts}, {CheckState, (*verifier).state},
	{CheckColumns, (*verifier).columns}, {CheckTasks, (*verifier).tasks}, {CheckHolders, (*verifier).holders},
	{CheckClosing, (*verifier).closing}, {CheckDeadlines, (*verifier).deadlines}, {CheckNotices, (*verifier).notices},
	{CheckFiles, (*verifier).files}, {CheckLeaves, (*verifier).leaves},
}

// cases walks over all cases, a page at a time.
func (v *verifier) cases(ctx context.Context) error {
	if !v.wantsAny() {
		return nil
	}
	for after := ""; ; {
		var sheets []*sheet
		err := v.s.still(ctx, func(db *gorm.DB) (err error) {
			sheets, err = v.s.sheets(db, after, v.options.Case)
			return err
		})
		if err != nil || len(sheets) == 0 {
			return err
		}
		for _, x := range sheets {
			if err := v.prepareSheet(ctx, x); err != nil {
				return err
			}
			v.look(x)
		}
		if v.faults != nil || v.options.Case != "" {
			return v.faults
		}
		after = sheets[len(sheets)-1].id
	}
}

func (v *verifier) wantsAny() bool {
	return slices.ContainsFunc(caseChecks, func(c caseCheck) bool { return v.wants(c.name) })
}

// prepareSheet reads what a check needs besides the case's rows.
func (v *verifier) prepareSheet(ctx context.Context, x *sheet) (err error) {
	if x.fault != "" {
		return nil
	}
	x.params, err = v.s.Params(ctx, x.c.Edition)
	var unknown *regulation.Error
	if errors.As(err, &unknown) {
		x.fault, err = "unknown_edition", nil
	}
	if err == nil && x.fault == "" && len(x.tasks) > 0 && v.wants(CheckHolders) {
		err = v.takeRules(ctx, x)
	}
	return err
}

// takeRules reads what says who may do the case's tasks: with the people at their seats.
func (v *verifier) takeRules(ctx context.Context, x *sheet) (err error) {
	orgs := x.c.Concerned()
	for _, seat := range seatsIn(x.seats) {
		orgs = append(orgs, seat.Org)
	}
	x.rules, err = v.s.rules(ctx, v.lore, x.c.Edition, x.c.Area, v.now, orgs...)
	return err
}

// look runs the checks on one case. Whose state or events do not read is told so, and no more.
func (v *verifier) look(x *sheet) {
	if x.fault != "" {
		v.timed(CheckState, 1, func() { v.find(x.finding(CheckState, x.fault)) })
		return
	}
	for _, c := range caseChecks {
		v.timed(c.name, 1, func() { c.look(v, x) })
	}
}

// differ collects codes by what they are about, so that a finding is one line a code.
type differ map[string][]string

func (d differ) add(code string, about ...string) {
	if len(about) > 0 {
		d[code] = append(d[code], about...)
	}
}

func (v *verifier) tell(x *sheet, check string, d differ) {
	for _, code := range slices.Sorted(maps.Keys(d)) {
		v.find(x.finding(check, code, d[code]...))
	}
}

// manned are the seats that somebody with a usable account holds at an instant.
func (p *People) manned(at time.Time) map[regulation.Seat]bool {
	seats := map[regulation.Seat]bool{{Role: regulation.Citizen}: true}
	for _, m := range p.byID {
		if m.account.Disabled() {
			continue
		}
		for _, a := range m.at(at) {
			seats[regulation.Seat{Role: a.Role, Org: a.Org}] = true
		}
		if m.account.Staff != "" {
			seats[staffSeat(m.account.Staff)] = true
		}
	}
	return seats
}

func seatText(s regulation.Seat) string { return string(s.Role) + "@" + s.Org }

func aboutText(about []string) string { return strings.Join(about, " ") }
