package api

import (
	"net/http"
	"strings"
	"time"

	"haochaping/policies"
	"haochaping/regulation"
	"haochaping/store"
	"haochaping/web"
	"haochaping/workday"
)

// menu is the staff's main menu, in the groups in which a long one is shown: an entry shows where the guard lets the reader in
// at all.
var menu = []struct{ group, code, href, may string }{
	{"", "cases", "/cases", policies.ViewInbox},
	{"", "all_cases", "/cases?tab=all", policies.ViewCase},
	{"", "dialing", "/dialing", policies.AssignDialing},
	{"", "redactions", "/redactions", policies.RedactComments},
	{"", "reveals", "/reveals", policies.ViewReveals},
	{"", "notices", "/notices", policies.ViewNotices},
	{"", "own_ratings", "/own-ratings", policies.ViewOwnRatings},
	{"", "window", "/window", policies.ServeWindow},
	{"", "escalations", "/escalations", policies.ViewEscalations},
	{"", "discipline", "/discipline", policies.ViewDiscipline},
	{"oversight", "watch", "/watch", policies.ViewWatch},
	{"oversight", "probes", "/probes", policies.ViewProbes},
	{"oversight", "write_offs", "/write-offs", policies.ViewWriteOffs},
	{"oversight", "hearings", "/hearings", policies.ViewHearings},
	{"oversight", "hearing_problems", "/hearing-problems", policies.ViewProblems},
	{"oversight", "joint", "/joint", policies.ViewJoint},
	{"results", "dashboard", "/dashboard", policies.ViewDashboard},
	{"results", "figures", "/figures", policies.ViewFigures},
	{"results", "seals", "/sealed", policies.ViewFigures},
	{"results", "performance", "/performance", policies.ViewPerformance},
	{"results", "boards", "/boards", policies.ViewBoards},
	{"results", "inspections", "/inspections", policies.ViewBoards},
	{"results", "bulletins", "/bulletins", policies.ViewBulletins},
	{"results", "releases", "/releases", policies.ViewReleases},
	{"results", "publications", "/publications", policies.ViewPublications},
	{"results", "commendations", "/commendations", policies.ViewCommendations},
	{"results", "honours", "/honours", policies.ViewHonours},
	{"channels", "hotline", "/hotline", policies.TranscribeHotline},
	{"channels", "paper", "/paper", policies.DecidePaper},
	{"channels", "slips", "/slips", policies.PrintSlip},
	{"channels", "boxes", "/boxes", policies.ViewBox},
	{"channels", "openings", "/openings", policies.DecideOpenings},
	{"channels", "coverage", "/coverage", policies.ViewCoverage},
	{"channels", "codes", "/codes", policies.ViewCodes},
	{"devices", "devices", "/devices", policies.ViewDevices},
	{"devices", "repairs", "/devices/repairs", policies.ViewDevices},
	{"devices", "availability", "/devices/availability", policies.ViewDevices},
	{"upkeep", "documents", "/document-templates", policies.EditTemplates},
	{"upkeep", "alarms", "/alarms", policies.ViewAlarms},
	{"upkeep", "calendar", "/calendar", policies.ViewRules},
	{"upkeep", "substitutions", "/substitutions", policies.ManageAbsences},
	{"upkeep", "people", "/people", policies.ManagePeople},
	{"upkeep", "audit", "/audit", policies.ViewAudit},
	{"upkeep", "retention", "/retention", policies.ViewRetention},
	{"upkeep", "checks", "/checks", policies.ViewChecks},
	{"upkeep", "inbound", "/inbound", policies.ViewInbound},
	{"upkeep", "exchange", "/exchange", policies.ViewExchange},
}

// pageFor is what every page has, with the reader's name and menu where somebody is signed in.
func (a *API) pageFor(r *request) web.Page {
	p := web.Page{Lang: r.lang, Theme: r.theme, Path: "/"}
	if r.list != nil {
		return p // nothing is drawn
	}
	if r.http().Method == http.MethodGet {
		p.Path = r.http().URL.RequestURI()
	}
	p.Flash = a.flash(r)
	if !r.signedIn() {
		return p
	}
	p.Reader = &web.Reader{Name: r.name}
	for _, as := range r.actor.Assignments {
		if as.For == "" {
			p.Reader.Roles = append(p.Reader.Roles, string(as.Role))
		}
	}
	if r.firstPassword {
		return p // nothing else is open yet
	}
	p.Reader.Unread, p.Away = a.unread(r), a.awayNote(r)
	p.Reader.Unit = a.places(r).name(firstOrg(r.actor))
	waiting := a.openingsToConfirm(r)
	for _, entry := range menu {
		href := entry.href
		if entry.may == policies.ViewInbox && !a.Guard.May(r.actor, policies.ViewCase) {
			href = "/inbox" // whom a bad rating concerns reads no case, and yet has what lies before them in person
		}
		item := web.NavItem{Code: entry.code, Href: href, Current: here(r, href), Group: entry.group}
		if entry.may == policies.DecideOpenings {
			item.Count = waiting // whoever opened a box with somebody confirms it, whatever their post
		}
		if item.Count > 0 || a.Guard.May(openly(r.actor, entry.may), entry.may) {
			p.Nav = append(p.Nav, item)
		}
	}
	return p
}

// here tells whether a menu entry leads to the page at hand. Lists on one path are told apart by
// their query.
func here(r *request, href string) bool {
	path, query, _ := strings.Cut(href, "?")
	if r.http().URL.Path != path {
		return false
	}
	name, value, asked := strings.Cut(query, "=")
	if !asked {
		return r.query("tab") != "all"
	}
	return r.query(name) == value
}

func firstOrg(actor regulation.Actor) string {
	if len(actor.Assignments) == 0 {
		return ""
	}
	return actor.Assignments[0].Org
}

// homeOf is where a reader lands: the first entry of their menu.
func homeOf(a *API, r *request) string {
	for _, entry := range menu {
		if entry.may == policies.ViewInbox && len(a.atDesk(r.actor).Assignments) == 0 {
			continue // what lies before somebody in person is seldom
		}
		if a.Guard.May(openly(r.actor, entry.may), entry.may) {
			return entry.href
		}
	}
	if r.signedIn() && len(r.actor.Assignments) == 0 {
		return "/absence" // whoever is away holds nothing, and ends it there when they are back
	}
	return "/"
}

// flash takes the line that the last form left for the next page.
func (a *API) flash(r *request) *web.Flash {
	if !r.session {
		return nil
	}
	key := a.sessions.PopString(r.http().Context(), sessionFlash)
	if key == "" || !web.Has(key) {
		return nil
	}
	tone := "ok"
	if key == "flash.kept_dropped" {
		tone = "warn"
	}
	return &web.Flash{Tone: tone, Message: web.Msg(key)}
}

// say leaves a line for the next page.
func (a *API) say(r *request, key string) {
	if r.session && r.page {
		a.sessions.Put(r.http().Context(), sessionFlash, key)
	}
}

// places names organisations in the reader's language.
type places struct {
	tree *store.Tree
	lang web.Lang
}

func (a *API) places(r *request) places {
	tree, err := a.Store.Tree(r.http().Context())
	if err != nil {
		a.Log.ErrorContext(r.http().Context(), "organisation tree not read", "request", r.id, "error", err)
		return places{lang: r.lang}
	}
	return places{tree, r.lang}
}

// name is a place's name, or its id where the tree does not know it.
func (p places) name(id string) string {
	if p.tree == nil || id == "" {
		return id
	}
	o, known := p.tree.Org(id)
	if !known {
		return id
	}
	return either(p.lang, o.NameZH, o.NameEN)
}

// org finds a place in the tree.
func (p places) org(id string) (store.Org, bool) {
	if p.tree == nil {
		return store.Org{}, false
	}
	return p.tree.Org(id)
}

func either(lang web.Lang, zh, en string) string {
	if lang == web.English && en != "" {
		return en
	}
	return zh
}

// due is an instant with the working days that are left, by an area's calendar.
func due(at time.Time, overdue, provisional bool, calendar workday.Calendar, now time.Time) web.Due {
	if at.IsZero() {
		return web.Due{}
	}
	left := calendar.Left(workday.DateOf(now), workday.DateOf(at))
	late := overdue || now.After(at)
	if late && left >= 0 {
		left = -1
	}
	return web.Due{At: at, Left: left, Overdue: late, Provisional: provisional}
}

// calendars remembers the calendars of one answer's areas.
type calendars struct {
	a     *API
	r     *request
	known map[string]workday.Calendar
}

func (a *API) calendars(r *request) *calendars {
	return &calendars{a: a, r: r, known: map[string]workday.Calendar{}}
}

func (c *calendars) of(area string) (workday.Calendar, error) {
	if found, known := c.known[area]; known {
		return found, nil
	}
	found, err := c.a.Store.Calendar(c.r.http().Context(), area)
	if err == nil {
		c.known[area] = found
	}
	return found, err
}
