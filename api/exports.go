package api

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"haochaping/regulation"
	"haochaping/store"
	"haochaping/web"
	"haochaping/workday"
)

// exportList is a list that can be had as a file: the path of its page, and the code by which it is logged. Heavy tells that a row
// takes as long as ten of others.
type exportList struct {
	path, code string
	heavy      bool
}

// exportLists are the lists that can be had as a file. The page's own handler makes the rows, with the reader's rights,
// scope and masks: what the page does not show, the file does not have.
var exportLists = []exportList{
	{path: "/inbox", code: "inbox"}, {path: "/cases", code: "cases"}, {path: "/cases/register", code: "register", heavy: true}, {path: "/dialing", code: "dialing"}, {path: "/reveals", code: "reveals"},
	{path: "/notices", code: "notices"}, {path: "/own-ratings", code: "own_ratings"}, {path: "/messages", code: "messages"}, {path: "/escalations", code: "escalations"},
	{path: "/discipline", code: "discipline"}, {path: "/watch", code: "watch"}, {path: "/probes", code: "probes"}, {path: "/write-offs", code: "write_offs"},
	{path: "/slips", code: "slips"}, {path: "/paper", code: "paper"}, {path: "/boxes", code: "boxes"}, {path: "/boxes/summary", code: "box_summary"},
	{path: "/openings", code: "openings"}, {path: "/coverage", code: "coverage"}, {path: "/document-templates", code: "document_templates"}, {path: "/alarms", code: "alarms"},
	{path: "/devices", code: "devices"}, {path: "/devices/repairs", code: "repairs"}, {path: "/devices/availability", code: "availability"}, {path: "/codes", code: "codes"},
	{path: "/calendar", code: "calendar"}, {path: "/editions", code: "editions"}, {path: "/absence", code: "absence"}, {path: "/substitutions", code: "substitutions"},
	{path: "/people", code: "people"}, {path: "/audit", code: "audit"}, {path: "/retention", code: "retention"}, {path: "/checks", code: "checks"},
	{path: "/inbound", code: "inbound"}, {path: "/exchange", code: "exchange"}, {path: "/notifications/deliveries", code: "notice_deliveries"},
	{path: "/dashboard", code: "dashboard"}, {path: "/dashboard/decisions", code: "decisions"}, {path: "/figures", code: "figures"}, {path: "/sealed", code: "seals"}, {path: "/hearings", code: "hearings"}, {path: "/hearing-problems", code: "hearing_problems"},
	{path: "/joint", code: "joint"}, {path: "/publications", code: "publications"}, {path: "/commendations", code: "commendations"},
	{path: "/performance", code: "performance"}, {path: "/boards", code: "boards"}, {path: "/inspections", code: "inspections"}, {path: "/honours", code: "honours"}, {path: "/honours/candidates", code: "candidates"},
	{path: "/bulletins", code: "bulletins"}, {path: "/releases", code: "releases"},
}

// longestAddress bounds the address of a list, in bytes.
const longestAddress = 512

// heavyRows is how many rows of other lists a row of a heavy one counts for.
const heavyRows = 10

// listRead is a list that is being read as a file: how many rows at a time, and, where that is asked for, how many there are in all; 0
// where the list does not count.
type listRead struct {
	limit int
	count bool
	total int64
}

// counted is where a list puts how many rows it has, nil where nobody asks: on each page it would cost more than the page.
func (l *listRead) counted() *int64 {
	if !l.count {
		return nil
	}
	return &l.total
}

// listAt finds a list by the address of its page, without the place at which one page of it begins.
func listAt(address string) (exportList, *url.URL, error) {
	wrong := (&regulation.Error{Code: regulation.Invalid, Missing: "fields"}).Field("list", "no_list")
	u, err := url.Parse(address)
	if err != nil || u.IsAbs() || u.Host != "" || len(address) > longestAddress {
		return exportList{}, nil, wrong
	}
	i := slices.IndexFunc(exportLists, func(l exportList) bool { return l.path == u.Path })
	if i < 0 {
		return exportList{}, nil, wrong
	}
	query := u.Query()
	for _, place := range []string{"cursor", "before", "nr", "lang"} {
		query.Del(place)
	}
	return exportLists[i], &url.URL{Path: u.Path, RawQuery: query.Encode()}, nil
}

// readList asks the page at an address for its rows, as the reader of r would be shown them now, and how many there are in all if count.
func (a *API) readList(ctx context.Context, r *request, address string, count bool) (web.Sheet, int64, error) {
	u, err := url.Parse(address)
	if err != nil {
		return web.Sheet{}, 0, err
	}
	rt, known := a.lists[u.Path]
	if !known {
		return web.Sheet{}, 0, notFound("list")
	}
	asked, err := http.NewRequestWithContext(ctx, get, u.RequestURI(), nil)
	if err != nil {
		return web.Sheet{}, 0, err
	}
	page := &request{echo: echo.New().NewContext(asked, nil), actor: r.actor, name: r.name, lang: r.lang, at: r.at, page: true, id: r.id, list: &listRead{limit: store.MostListed, count: count}}
	if err := a.admit(page, rt.May); err != nil {
		return web.Sheet{}, 0, err
	}
	ans, err := rt.Do(a, page)
	if err != nil {
		return web.Sheet{}, 0, err
	}
	view, ok := ans.view.(web.ListView)
	if !ok {
		return web.Sheet{}, 0, notFound("list")
	}
	return web.SheetOf(view), page.list.total, nil
}

// offerFile puts the button below a list that has the list as a file.
func (a *API) offerFile(r *request, view web.View) {
	if _, ok := view.(web.ListView); !ok || !r.signedIn() || r.http().Method != get {
		return
	}
	if _, u, err := listAt(r.http().URL.RequestURI()); err == nil {
		web.PageOf(view).Excel = u.String()
	}
}

// exportBody is one export of the reader's.
type exportBody struct {
	ID      string            `json:"id"`
	List    string            `json:"list"`
	Address string            `json:"address"`
	State   store.ExportState `json:"state"`
	AskedAt time.Time         `json:"asked_at"`
	Since   time.Time         `json:"since"`
	Rows    int64             `json:"rows"`
	Total   int64             `json:"total,omitempty"` // 0 where the list does not count
	Bytes   int64             `json:"bytes,omitempty"`
	// Until is when a file that waits is deleted.
	Until time.Time `json:"until,omitzero"`
	File  string    `json:"file,omitempty"`
}

type exportsBody struct {
	Exports []exportBody `json:"exports"`
}

func exportOf(e store.Export, days int) exportBody {
	b := exportBody{ID: e.ID, List: e.List, Address: e.Address, State: e.State, AskedAt: e.AskedAt, Since: e.Since, Rows: e.Rows, Total: e.Total, Bytes: e.Bytes}
	if e.State == store.ExportMade {
		b.Until, b.File = e.Since.Add(time.Duration(days)*24*time.Hour), "/exports/"+e.ID+"/file"
	}
	return b
}

// export has a list made as a file: a short one is handed out at once, a long one is made beside.
func (a *API) export(r *request) (answer, error) {
	fields, err := r.fields()
	if err == nil {
		err = only(fields, "list")
	}
	if err != nil {
		return answer{}, err
	}
	l, u, err := listAt(fields.Get("list"))
	if err != nil {
		return answer{}, err
	}
	params, err := a.currentParams(r)
	if err != nil {
		return answer{}, err
	}
	most := params.Days(regulation.ExportRows)
	if l.heavy {
		most = max(1, most/heavyRows)
	}
	e := store.Export{Lang: string(r.lang), List: l.code, Address: u.String(), Posts: postsOf(r.actor), Rest: u.String()}
	sheets, total, err := a.readAtOnce(r, e.Address, most)
	if err != nil {
		return answer{}, err
	}
	if e.Total = total; sheets == nil {
		return a.exportBeside(r, e)
	}
	return a.exportNow(r, e, sheets)
}

// readAtOnce reads a list with no more than so many rows, nil where it has more.
func (a *API) readAtOnce(r *request, address string, most int) (sheets []web.Sheet, total int64, err error) {
	for rows, at := 0, address; ; {
		s, counted, err := a.readList(r.http().Context(), r, at, len(sheets) == 0)
		if err != nil {
			return nil, 0, err
		}
		if len(sheets) == 0 {
			total = counted
		}
		sheets, rows = append(sheets, s), rows+len(s.Rows)
		if rows > most || total > int64(most) {
			return nil, total, nil
		}
		if at = s.Next; at == "" {
			return sheets, total, nil
		}
	}
}

func (a *API) exportBeside(r *request, e store.Export) (answer, error) {
	e.State = store.ExportRunning
	e, err := a.Store.BeginExport(r.http().Context(), e, r.actor)
	if err != nil {
		return answer{}, err
	}
	a.say(r, "flash.export_running")
	return answer{status: http.StatusAccepted, body: exportOf(e, 0), location: "/exports", next: "/exports"}, nil
}

func (a *API) exportNow(r *request, e store.Export, sheets []web.Sheet) (answer, error) {
	e.State, e.Rest = store.ExportGiven, ""
	for _, s := range sheets {
		e.Rows += int64(len(s.Rows))
	}
	var out bytes.Buffer
	first := sheets[0]
	folder, err := a.Store.Scratch()
	if err != nil {
		return answer{}, err
	}
	b, err := newWorkbook(folder, first.Title, first.Heads, first.Rows)
	if err != nil {
		return answer{}, err
	}
	for _, s := range sheets {
		if err := b.add(s.Rows); err != nil {
			return answer{}, err
		}
	}
	e.AskedAt = r.at
	about, err := a.aboutExport(r, e, first)
	if err == nil {
		err = b.finish(&out, web.T(r.lang, "export.about"), about)
	}
	if err != nil {
		b.close()
		return answer{}, err
	}
	e.Bytes = int64(out.Len())
	if e, err = a.Store.BeginExport(r.http().Context(), e, r.actor); err != nil {
		return answer{}, err
	}
	return answer{file: func(c echo.Context) error {
		c.Response().Header().Set(echo.HeaderContentDisposition, exportName(e))
		return c.Blob(http.StatusOK, sheetType, out.Bytes())
	}}, nil
}

// exportName is under which name a browser saves the file.
func exportName(e store.Export) string {
	return fmt.Sprintf("attachment; filename=%q", strings.ReplaceAll(e.List, "_", "-")+"-"+workday.DateOf(e.AskedAt).String()+".xlsx")
}

// aboutExport says in the file what it is: which list, with what its page says above it and which filter, whose, of when, how long. The position of the ledger
// counts everybody's ratings, so that the rated side does not learn it (R04).
func (a *API) aboutExport(r *request, e store.Export, list web.Sheet) ([][2]string, error) {
	say := func(key string, args ...any) string { return web.T(r.lang, key, args...) }
	at := beijing(r.lang, e.AskedAt)
	if until := beijing(r.lang, r.at); until != at { // a long one is gathered for a while
		at += " – " + until
	}
	lines := [][2]string{{say("export.about.list"), list.Title}, {say("export.about.filter"), cmp.Or(filterOf(e.Address, false), say("export.about.no_filter"))},
		{say("export.about.by"), r.name}, {say("export.about.at"), at}, {say("export.about.rows"), strconv.FormatInt(e.Rows, 10)}}
	if list.Intro != "" {
		lines = slices.Insert(lines, 1, [2]string{say("export.about.intro"), list.Intro})
	}
	if !regulation.OfRatedSide(r.actor) {
		position, err := a.Store.LedgerPosition(r.http().Context())
		if err != nil {
			return nil, err
		}
		lines = append(lines, [2]string{say("export.about.ledger"), strconv.FormatInt(position, 10)})
	}
	return append(lines, [2]string{say("export.about.use"), say("export.about.use.text")}), nil
}

// chosenCode is what a filter's value is where it was chosen and not typed.
var chosenCode = regexp.MustCompile(`^([a-z_]{1,40}|\d{6}|\d{4}-\d{2}(-\d{2})?|\d{4}-W\d{2}|\d{1,4})$`)

// filterOf names what a list was narrowed to. Where others read it, what was typed is left out: it may be somebody's name.
func filterOf(address string, others bool) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	var parts []string
	for name, values := range u.Query() {
		for _, value := range values {
			if value == "" {
				continue
			}
			if others && !chosenCode.MatchString(value) {
				value = "…"
			}
			parts = append(parts, name+"="+value)
		}
	}
	slices.Sort(parts)
	return strings.Join(parts, "; ")
}

// postsOf are the posts that somebody holds now, also in another's place, and whose staff profile they are.
func postsOf(actor regulation.Actor) []string {
	var posts []string
	for _, as := range actor.Assignments {
		posts = append(posts, string(as.Role)+"@"+as.Org)
	}
	if actor.Staff != "" {
		posts = append(posts, "staff@"+actor.Staff)
	}
	slices.Sort(posts)
	return slices.Compact(posts)
}

// stillHeld tells whether somebody holds every post with which they asked for an export.
func stillHeld(e store.Export, actor regulation.Actor) bool {
	now := postsOf(actor)
	return !slices.ContainsFunc(e.Posts, func(post string) bool { return !slices.Contains(now, post) })
}

// showExports lists the reader's exports: what is on the way, what waits, what became of the others.
func (a *API) showExports(r *request) (answer, error) {
	all, err := a.Store.Exports(r.http().Context(), r.actor.Person)
	if err != nil {
		return answer{}, err
	}
	params, err := a.currentParams(r)
	if err != nil {
		return answer{}, err
	}
	body, v := exportsBody{Exports: []exportBody{}}, &web.ExportsView{Page: a.pageFor(r), Days: params.Days(regulation.ExportDays), AtOnce: params.Days(regulation.ExportRows)}
	for _, e := range all {
		b := exportOf(e, v.Days)
		body.Exports = append(body.Exports, b)
		line := web.ExportLine{List: b.List, Address: b.Address, Filter: filterOf(b.Address, false), State: string(b.State), AskedAt: b.AskedAt, Since: b.Since, Until: b.Until, Rows: b.Rows, Total: b.Total, Bytes: b.Bytes, File: b.File}
		if b.State == store.ExportRunning || b.State == store.ExportMade {
			line.Cancel = "/exports/" + b.ID + "/cancel"
			v.Running = v.Running || b.State == store.ExportRunning
		}
		v.Exports = append(v.Exports, line)
	}
	return answer{body: body, view: v}, nil
}

// cancelExport stops an export of the reader's, or deletes its file.
func (a *API) cancelExport(r *request) (answer, error) {
	e, err := a.Store.OwnExport(r.http().Context(), r.actor.Person, r.param("id"))
	if err != nil {
		return answer{}, err
	}
	if e.State == store.ExportRunning || e.State == store.ExportMade {
		_, err = a.Store.EndExport(r.http().Context(), e, store.ExportCancelled, r.actor)
	}
	if err == nil {
		a.say(r, "flash.export_cancelled")
	}
	return answer{status: http.StatusNoContent, next: "/exports"}, err
}

// downloadExport hands a file to its owner, who must still hold what they asked with.
func (a *API) downloadExport(r *request) (answer, error) {
	ctx := r.http().Context()
	e, err := a.Store.OwnExport(ctx, r.actor.Person, r.param("id"))
	if err == nil && e.State != store.ExportMade {
		err = notFound("export")
	}
	if err != nil {
		return answer{}, err
	}
	if refused := a.mayStill(r, e); refused != nil {
		_, err := a.Store.EndExport(ctx, e, store.ExportEnded, r.actor)
		return answer{}, cmp.Or(err, refused)
	}
	if err := a.Store.LogDownload(ctx, e, r.actor); err != nil {
		return answer{}, err
	}
	return answer{file: func(c echo.Context) error {
		c.Response().Header().Set(echo.HeaderContentDisposition, exportName(e))
		c.Response().Header().Set(echo.HeaderContentType, sheetType)
		c.Response().Header().Set(echo.HeaderContentLength, strconv.FormatInt(e.Bytes, 10))
		return a.Store.ExportFile(ctx, e.ID, func(piece []byte) error {
			_, err := c.Response().Write(piece)
			return err
		})
	}}, nil
}

// mayStill refuses an export to somebody who has lost a post since, or the right to the list.
func (a *API) mayStill(r *request, e store.Export) error {
	if !stillHeld(e, r.actor) {
		return &regulation.Error{Code: regulation.NotPermitted, Missing: "export_ended"}
	}
	u, err := url.Parse(e.Address)
	if err != nil {
		return err
	}
	rt, known := a.lists[u.Path]
	if !known {
		return notFound("list")
	}
	return a.admit(r, rt.May)
}

// readerOf is the owner of an export with the rights of this instant, as their browser would ask.
func (a *API) readerOf(ctx context.Context, e store.Export) (*request, error) {
	people, err := a.Store.People(ctx)
	if err != nil {
		return nil, err
	}
	at := a.Now()
	actor, err := people.Actor(e.Person, at)
	if err != nil {
		return nil, err
	}
	asked, err := http.NewRequestWithContext(ctx, get, "/exports", nil)
	if err != nil {
		return nil, err
	}
	return &request{echo: echo.New().NewContext(asked, nil), actor: actor, name: people.Name(e.Person), lang: web.Lang(e.Lang), at: at, page: true, id: "export " + e.ID}, nil
}

// refusedExport tells whether an export ended because its owner may have it no more.
func refusedExport(err error) bool {
	var refused *regulation.Error
	return errors.As(err, &refused) && refused.Code != regulation.Unavailable && refused.Code != regulation.RecordFailed && refused.Code != regulation.Conflict
}

// exportDetails say of the exports among lines of the audit log what they were, by id.
func (a *API) exportDetails(r *request, lines []store.AuditEntry) (map[string]string, error) {
	var ids []string
	for _, line := range lines {
		if line.ObjectKind == "export" {
			ids = append(ids, line.ObjectID)
		}
	}
	details := map[string]string{}
	if len(ids) == 0 {
		return details, nil
	}
	found, err := a.Store.ExportsByID(r.http().Context(), ids)
	for id, e := range found {
		details[id] = web.T(r.lang, "audit.export.detail", web.T(r.lang, "export.list."+e.List), e.Rows, cmp.Or(filterOf(e.Address, true), web.T(r.lang, "export.about.no_filter")))
	}
	return details, err
}
