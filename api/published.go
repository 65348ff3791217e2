package api

import (
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"strings"
	"time"

	"haochaping/regulation"
	"haochaping/store"
	"haochaping/web"
	"haochaping/workday"
)

// publishedBody is what a published value or change rests on (R56): the body that decided, never the
// person.
type publishedBody struct {
	Unit           string            `json:"unit"`
	Clause         regulation.Clause `json:"clause"`
	DecidedBy      string            `json:"decided_by"` // byRegulation, byDefault, or the prefecture's authority by its name
	DecidedOn      workday.Date      `json:"decided_on"`
	Basis          string            `json:"basis"`
	Interpretation string            `json:"interpretation,omitempty"`
}

// Who decided on a value of the first edition: the regulation, or nobody yet.
const (
	byRegulation = store.ByRegulation
	byDefault    = "default"
)

type publishedValueBody struct {
	Name    string `json:"name"`
	Value   int    `json:"value"`
	Meaning string `json:"meaning"`
	Fixed   bool   `json:"fixed"` // by the regulation
	// Since is the first day with this value, for cases opened from then on; SinceEdition brought it.
	Since        workday.Date `json:"since"`
	SinceEdition string       `json:"since_edition"`
	publishedBody
}

type publishedEditionBody struct {
	Name       string               `json:"name"`
	From       workday.Date         `json:"from"`
	State      store.EditionState   `json:"state"`
	Parameters []publishedValueBody `json:"parameters"`
}

// publishedChangeBody is a parameter that an edition changed.
type publishedChangeBody struct {
	Name   string `json:"name"`
	Before int    `json:"before"`
	Value  int    `json:"value"`
	publishedBody
}

// publishedLogBody is a line of the change log: an edition and what it changed from what to what.
type publishedLogBody struct {
	Edition      string                `json:"edition"`
	From         workday.Date          `json:"from"`
	State        store.EditionState    `json:"state"`
	Changes      []publishedChangeBody `json:"changes"`
	RevokedOn    workday.Date          `json:"revoked_on,omitzero"`
	RevokedBasis string                `json:"revoked_basis,omitempty"`
}

// publishedNoticeBody is a notice of the working calendar in force. One that the product brings has
// its year instead of a number and a day.
type publishedNoticeBody struct {
	Area     string             `json:"area"` // "" for the whole country
	Place    string             `json:"place"`
	Name     string             `json:"name,omitempty"`
	Number   string             `json:"number,omitempty"`
	IssuedOn workday.Date       `json:"issued_on,omitzero"`
	Since    time.Time          `json:"since,omitzero"`
	Basis    string             `json:"basis,omitempty"`
	Year     int                `json:"year,omitempty"`
	Days     []publishedDayBody `json:"days"`
}

type publishedDayBody struct {
	Date    workday.Date `json:"date"`
	Kind    string       `json:"kind"`
	Holiday string       `json:"holiday,omitempty"`
}

type publishedRulesBody struct {
	Editions []publishedEditionBody `json:"editions"`
	Log      []publishedLogBody     `json:"log"`
	Notices  []publishedNoticeBody  `json:"notices"`
}

// showRules is what anybody may know of the rules by which ratings are handled: the editions of the
// parameters, what each changed, and the notices of the working calendar in force (R56). It is the same
// for everybody, names nobody, and may be kept for a minute.
func (a *API) showRules(r *request) (answer, error) {
	ctx := r.http().Context()
	editions, err := a.Store.PublishedEditions(ctx)
	if err != nil {
		return answer{}, err
	}
	notices, err := a.Store.PublishedNotices(ctx)
	if err != nil {
		return answer{}, err
	}
	body := publishedRulesBody{Editions: []publishedEditionBody{}, Log: []publishedLogBody{}}
	bureau := a.interpreter(r)
	for _, e := range editions {
		if e.State != store.EditionRevoked {
			body.Editions = append(body.Editions, publishedEdition(r, e, bureau))
		}
		if len(e.Changes) > 0 {
			body.Log = append(body.Log, publishedLog(e, bureau))
		}
	}
	body.Notices = a.publishedNotices(r, notices)
	return answer{body: body, view: a.rulesPage(r, body), shared: true}, nil
}

// interpreter is the body that decides on every edition but the regulation's own (last clause).
func (a *API) interpreter(r *request) string {
	p := a.places(r)
	if p.tree == nil {
		return ""
	}
	office, _ := p.tree.Authority(regulation.PrefectureArea)
	return p.name(office.ID)
}

func publishedOf(p store.Parameter, bureau string) publishedBody {
	d, _ := regulation.ParamOf(p.Name)
	b := publishedBody{Unit: d.Unit, Clause: d.Clause, DecidedBy: bureau, DecidedOn: p.DecidedOn, Basis: p.Basis, Interpretation: p.Interpretation}
	switch {
	case p.Author == store.ByRegulation && d.Fixed():
		b.DecidedBy = byRegulation
	case p.Author == store.ByRegulation:
		b.DecidedBy = byDefault
	}
	return b
}

func publishedEdition(r *request, e store.PublishedEdition, bureau string) publishedEditionBody {
	body := publishedEditionBody{Name: e.Name, From: workday.DateOf(e.From), State: e.State}
	for _, v := range e.Values {
		d, _ := regulation.ParamOf(v.Name)
		body.Parameters = append(body.Parameters, publishedValueBody{Name: v.Name, Value: v.Value, Meaning: web.T(r.lang, "param_meaning."+v.Name),
			Fixed: d.Fixed(), Since: workday.DateOf(v.Since.From), SinceEdition: v.Since.Name, publishedBody: publishedOf(v.Parameter, bureau)})
	}
	return body
}

func publishedLog(e store.PublishedEdition, bureau string) publishedLogBody {
	body := publishedLogBody{Edition: e.Name, From: workday.DateOf(e.From), State: e.State, RevokedBasis: e.RevokedBasis}
	if !e.RevokedAt.IsZero() {
		body.RevokedOn = workday.DateOf(e.RevokedAt)
	}
	for _, c := range e.Changes {
		body.Changes = append(body.Changes, publishedChangeBody{Name: c.Name, Before: c.Before, Value: c.Value, publishedBody: publishedOf(c.Parameter, bureau)})
	}
	return body
}

// publishedNotices are the notices of the record and, by year, those that the product brings.
func (a *API) publishedNotices(r *request, notices []store.PublishedNotice) []publishedNoticeBody {
	bodies := []publishedNoticeBody{}
	for _, n := range notices {
		bodies = append(bodies, publishedNoticeBody{Area: n.Area, Place: a.areaName(r, n.Area), Name: n.Name, Number: n.Number, IssuedOn: n.IssuedOn,
			Since: n.Since, Basis: n.Basis, Days: publishedDays(n.Days)})
	}
	years := map[int][]workday.Row{}
	first, last := 0, 0
	for _, row := range workday.NationalRows() { // by date
		last = row.Date.Year()
		if first == 0 {
			first = last
		}
		years[last] = append(years[last], row)
	}
	for year := last; year >= first; year-- {
		bodies = append(bodies, publishedNoticeBody{Place: a.areaName(r, ""), Year: year, Days: publishedDays(years[year])})
	}
	return bodies
}

func publishedDays(rows []workday.Row) []publishedDayBody {
	days := make([]publishedDayBody, 0, len(rows))
	for _, row := range rows {
		days = append(days, publishedDayBody{row.Date, row.Kind.String(), row.Holiday})
	}
	return days
}

// rulesPage draws the same.
func (a *API) rulesPage(r *request, body publishedRulesBody) *web.RulesView {
	v := &web.RulesView{Page: a.pageFor(r)}
	for _, e := range body.Editions {
		drawn := web.PublishedEdition{Name: e.Name, From: e.From.Start(), State: string(e.State)}
		for _, p := range e.Parameters {
			value := publishedValue(r, p.Name, p.Value, p.publishedBody)
			value.Since, value.SinceEdition = p.Since.Start(), p.SinceEdition
			drawn.Values = append(drawn.Values, value)
		}
		v.Editions = append(v.Editions, drawn)
	}
	for _, line := range body.Log {
		drawn := web.PublishedChange{Edition: line.Edition, From: line.From.Start(), State: string(line.State), RevokedBasis: line.RevokedBasis}
		if !line.RevokedOn.IsZero() {
			drawn.RevokedOn = line.RevokedOn.Start()
		}
		for _, c := range line.Changes {
			value := publishedValue(r, c.Name, c.Value, c.publishedBody)
			value.Before = publishedSetting(c.Name, c.Before)
			drawn.Values = append(drawn.Values, value)
		}
		v.Log = append(v.Log, drawn)
	}
	for _, n := range body.Notices {
		v.Notices = append(v.Notices, drawnPublishedNotice(r, n))
	}
	return v
}

func publishedValue(r *request, name string, value int, b publishedBody) web.PublishedValue {
	v := web.PublishedValue{Name: name, Setting: publishedSetting(name, value), Clause: string(b.Clause), Basis: b.Basis, BasisKey: basisKey(name, b.Basis),
		Interpretation: b.Interpretation, DecidedBy: b.DecidedBy, DecidedOn: dayIn(r.lang, b.DecidedOn.String())}
	switch b.DecidedBy {
	case byRegulation:
		v.DecidedBy = web.T(r.lang, "editions.regulation")
	case byDefault:
		v.DecidedBy = "" // the basis says so
	}
	return v
}

// publishedSetting is a value with its unit; of a switch, with what the position means.
func publishedSetting(name string, value int) web.Setting {
	if key := "param_choice." + name + "." + strconv.Itoa(value); web.Has(key) {
		return web.Setting{Value: value, Choice: key}
	}
	d, _ := regulation.ParamOf(name)
	return web.Setting{Value: value, Unit: "param_unit." + unitCode(d.Unit)}
}

func drawnPublishedNotice(r *request, n publishedNoticeBody) web.PublishedNotice {
	drawn := web.PublishedNotice{Place: n.Place, Name: n.Name, Number: n.Number, Basis: n.Basis, Year: n.Year, Since: n.Since}
	if !n.IssuedOn.IsZero() {
		drawn.IssuedOn = dayIn(r.lang, n.IssuedOn.String())
	}
	for _, d := range n.Days {
		drawn.Days = append(drawn.Days, web.CalendarDay{Date: d.Date.String(), Weekday: weekdays[d.Date.Weekday()], Kind: d.Kind, Holiday: d.Holiday})
	}
	return drawn
}

// sharedFor is how long an answer that is the same for everybody may be kept before it is asked for again.
const sharedFor = "public, max-age=60"

// keptBefore says that an answer may be kept, and tells whether the reader has it already. The mark is
// weak: on the way it may be compressed.
func keptBefore(r *request, content []byte) bool {
	digest := sha256.Sum256(content)
	tag := `W/"` + hex.EncodeToString(digest[:12]) + `"`
	h := r.echo.Response().Header()
	h.Set("Cache-Control", sharedFor)
	if r.signedIn() { // the page greets them by name
		h.Set("Cache-Control", "private, no-cache")
	}
	h.Set("ETag", tag)
	for _, had := range strings.Split(r.http().Header.Get("If-None-Match"), ",") { // of those that differ a cache names all it has
		if had = strings.TrimSpace(had); had == "*" || strings.TrimPrefix(had, "W/") == strings.TrimPrefix(tag, "W/") {
			return true
		}
	}
	return false
}
