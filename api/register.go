package api

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"

	"haochaping/policies"
	"haochaping/regulation"
	"haochaping/store"
	"haochaping/web"
)

// registerBody is a page of the register of bad ratings.
type registerBody struct {
	Rows []registerRowBody `json:"rows"`
	Next string            `json:"next,omitempty"`
}

// registerRowBody is a bad rating in the 19 columns, by their names, in the reader's words; what the reader does not see of the
// case is left out.
type registerRowBody struct {
	Case  string            `json:"case"`
	Cells map[string]string `json:"cells"`
}

// showRegister is the register of bad ratings in the 19 columns in which offices keep it. Each row is what the reader's own page of
// that case shows, masked as there.
func (a *API) showRegister(r *request) (answer, error) {
	q, err := a.caseQuery(r)
	if err != nil {
		return answer{}, err
	}
	found, next, err := a.Store.Cases(r.http().Context(), a.caseScope(r), q)
	if err != nil {
		return answer{}, err
	}
	from, _ := strconv.Atoi(r.query("nr")) // anything else is the first page
	body := registerBody{Rows: []registerRowBody{}}
	if next != "" {
		body.Next = pageAddress(r, next) + "&nr=" + strconv.Itoa(from+len(found))
	}
	v := &web.TableView{Page: a.pageFor(r), Code: "register", Wide: true, Filter: a.caseFilter(r, q, "/cases/register"), Pager: web.Pager{Next: body.Next}}
	intro := web.Msg("register.text")
	v.Intro = &intro
	for _, column := range regulation.RegisterColumns {
		v.Columns = append(v.Columns, "register."+column.Name)
	}
	for i, line := range found {
		cells, err := a.registerCells(r, line, from+i+1)
		if err != nil {
			return answer{}, err
		}
		row, shown := registerRowBody{Case: line.ID, Cells: map[string]string{}}, web.TableRow{Href: "/cases/" + line.ID}
		for _, column := range regulation.RegisterColumns {
			cell := web.Cell{Text: cells[column.Name], Figure: column.Name == "seq"}
			if cell.Text != "" {
				row.Cells[column.Name] = cell.Text
			}
			shown.Cells = append(shown.Cells, cell)
		}
		body.Rows, v.Rows = append(body.Rows, row), append(v.Rows, shown)
	}
	return answer{body: body, view: v}, nil
}

// registerCells are a bad rating's columns by their names. Of a case that the reader finds in lists only, it is what lists show.
func (a *API) registerCells(r *request, line store.CaseLine, seq int) (map[string]string, error) {
	cells := map[string]string{"seq": strconv.Itoa(seq), "grade": web.T(r.lang, "grade."+strconv.Itoa(int(line.Grade))), "area": a.places(r).name(line.Area)}
	seen, err := a.caseFor(r, line.ID)
	if refused := (*regulation.Error)(nil); errors.As(err, &refused) && refused.Code == regulation.NotFound {
		return cells, nil
	}
	if err != nil {
		return nil, err
	}
	b := caseBody{ID: seen.c.ID}
	for _, fill := range []func(context.Context, *request, seenCase, *caseBody) error{a.fillSubject, a.fillRating, a.fillEvents} {
		if err := fill(r.http().Context(), r, seen, &b); err != nil {
			return nil, err
		}
	}
	if err := a.forReader(r, seen.reader, &b); err != nil {
		return nil, err
	}
	cells["matter"], cells["matter_number"] = b.Matter, b.Rating.MatterNumber
	if b.Rating.Channel != "" {
		cells["channel"] = web.T(r.lang, "channel."+b.Rating.Channel)
	}
	if c := b.Rating.Contact; c != nil {
		cells["rater"], cells["contact"] = c.Name, c.Phone
	}
	if b.Window != "" {
		t, err := a.Store.WindowTarget(r.http().Context(), seen.c.Rated.Window)
		if err != nil {
			return nil, err
		}
		cells["window"], cells["window_number"] = either(r.lang, t.Window.NameZH, t.Window.NameEN), t.Window.Number
	}
	cells["indicators"] = strings.Join(slices.DeleteFunc([]string{strings.Join(optionTexts(b.Rating.Options), "；"), marksText(r, b.Rating.Dimensions)}, func(s string) bool { return s == "" }), "；")
	switch { // what a rater wrote stands on the page of its case alone: a list is one step from leaving the house (9(2))
	case b.Rating.Comment != nil:
		cells["reasons"] = b.Rating.Comment.words(r.lang)
	case b.Rating.Text != "":
		cells["reasons"] = web.T(r.lang, "register.words_in_case")
	}
	registerSteps(r.lang, seen.reader, b.Events, cells)
	return cells, nil
}

// registerSteps fills what was done: of several of a kind the last. Of calls and instructions a unit's page shows nothing, so that their
// columns say nothing either.
func registerSteps(lang web.Lang, reader regulation.Reader, events []eventBody, cells map[string]string) {
	last, reached, exempt, tried := map[regulation.ActKind]eventBody{}, false, false, false
	var instructions, calls []string
	for _, e := range events {
		kind := regulation.ActKind(e.Name)
		last[kind] = e
		called := kind == regulation.ActRecordCallback || kind == regulation.ActClosingCallback
		if called {
			calls = append(calls, callLine(lang, e))
		}
		tried, reached = tried || called, reached || called && e.Data["result"] == "reached"
		exempt = exempt || kind == regulation.ActExemptCallback
		if e.Role == regulation.AuthorityHead || kind == regulation.ActAccept {
			for _, name := range sorted(e.Texts) {
				instructions = append(instructions, e.Texts[name])
			}
		}
	}
	cells["proposed"] = last[regulation.ActTransfer].Texts["instructions"]
	cells["rectified"] = last[regulation.ActSubmitRectification].Texts["measures"]
	cells["reply"] = last[regulation.ActReleaseReply].Texts["reply"]
	_, replied := last[regulation.ActReleaseReply]
	cells["replied"] = web.T(lang, yesNo(replied))
	if reader == regulation.ReaderUnit {
		return
	}
	cells["instructions"] = strings.Join(instructions, "；")
	switch {
	case reached:
		cells["called"] = web.T(lang, "yes")
	case exempt:
		cells["called"] = web.T(lang, "register.exempt")
	case tried:
		cells["called"] = web.T(lang, "register.not_reached")
	default:
		cells["called"] = web.T(lang, "no")
	}
	cells["callback"] = strings.Join(calls, "；")
}

// callLine is when somebody called and what came of it. What the rater said stands on the page of the case.
func callLine(lang web.Lang, e eventBody) string {
	return beijing(lang, e.At) + " " + web.T(lang, "choice.result."+e.Data["result"])
}

func yesNo(yes bool) string {
	if yes {
		return "yes"
	}
	return "no"
}

// registerHref leads to the register with the filter of the list of cases.
func (a *API) registerHref(r *request) string {
	if !a.Guard.May(openly(r.actor, policies.ViewCase), policies.ViewCase) {
		return ""
	}
	query := r.http().URL.Query()
	query.Del("tab")
	query.Del("cursor")
	return strings.TrimSuffix("/cases/register?"+query.Encode(), "?")
}
