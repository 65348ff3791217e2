package api

import (
	"cmp"
	"errors"
	"slices"
	"strconv"
	"time"

	"haochaping/policies"
	"haochaping/regulation"
	"haochaping/store"
	"haochaping/web"
)

// honourCandidates lists who may be honoured of a sealed quarter (8(2), R39): windows or staff with many good ratings, the reasons that
// stand in somebody's way, and what the list rests on, so that it can be made again.
type honourCandidates struct {
	Areas    []placeBody `json:"areas"`
	Quarters []string    `json:"quarters"` // that are sealed
	Area     string      `json:"area"`
	Honour   string      `json:"honour"` // star, model
	Period   string      `json:"period,omitempty"`
	Seal     int64       `json:"sealed_version,omitempty"`
	Position int64       `json:"ledger_position,omitempty"`
	At       time.Time   `json:"as_of,omitzero"`
	Edition  string      `json:"edition,omitempty"`
	// Digest is the SHA-256 of the whole list, "" where some of it is not the reader's to see: whoever knows the rest of a list finds what
	// is missing by trying.
	Digest string `json:"digest,omitempty"`
	// Except are the reader's own offices: who is chosen there is for the level above.
	Except     []*placeBody      `json:"except"`
	Candidates []honourCandidate `json:"candidates"`
}

// honourCandidate is one. Withheld tells that the figures hold ratings of the reader's own matters, or of their own windows: then rank, figures and
// what stands in the way by them are left out, since the place would tell them (2), and such a window is listed whether it is a candidate or not. The
// topmost authority, which has nobody above it that could choose, sees the candidates alone. Rank is among the others.
type honourCandidate struct {
	Rank     int      `json:"rank,omitempty"`
	Object   string   `json:"object"`
	Name     string   `json:"name"`
	Unit     string   `json:"unit"`
	Withheld bool     `json:"withheld,omitempty"`
	Rated    *int64   `json:"rated,omitempty"`
	Good     *int64   `json:"good,omitempty"`
	GoodRate string   `json:"good_rate,omitempty"`
	Barred   []string `json:"barred,omitempty"`
}

// showCandidates lists the candidates of the reader's area and the latest sealed quarter, unless it is asked for others.
func (a *API) showCandidates(r *request) (answer, error) {
	body, err := a.candidates(r, r.query)
	if err != nil {
		return answer{}, err
	}
	return answer{body: body, view: a.candidatesTable(r, body)}, nil
}

func (a *API) candidates(r *request, asked func(string) string) (b honourCandidates, err error) {
	b = honourCandidates{Areas: []placeBody{}, Quarters: []string{}, Except: []*placeBody{}, Candidates: []honourCandidate{}, Honour: cmp.Or(asked("honour"), regulation.HonourStar), Area: asked("area")}
	names, err := a.figureNames(r)
	if err != nil {
		return b, err
	}
	scope := a.Guard.Scope(r.actor, policies.ViewHonours)
	for _, o := range names.p.tree.Orgs(regulation.OrgPrefecture, regulation.OrgCounty) {
		if scope.All || slices.Contains(scope.Areas, o.Area) {
			b.Areas = append(b.Areas, placeBody{o.Area, names.p.name(o.ID)})
		}
	}
	if b.Area == "" && len(b.Areas) > 0 {
		b.Area = b.Areas[0].ID
	}
	if !slices.ContainsFunc(b.Areas, func(p placeBody) bool { return p.ID == b.Area }) {
		return b, notFound("area")
	}
	seals, err := a.Store.Seals(r.http().Context(), []string{b.Area})
	for _, seal := range seals {
		if p, ok := regulation.ParsePeriod(seal.Period); ok && p.IsQuarter() && !slices.Contains(b.Quarters, seal.Period) {
			b.Quarters = append(b.Quarters, seal.Period)
		}
	}
	if b.Period = asked("period"); b.Period == "" && len(b.Quarters) > 0 {
		b.Period = b.Quarters[0]
	}
	if err != nil || b.Period == "" {
		return b, err
	}
	version, at, err := askedList(r, asked)
	if err != nil {
		return b, err
	}
	list, err := a.Store.HonourCandidates(r.http().Context(), b.Area, b.Period, b.Honour, version, at, regulation.HonourRule)
	if err != nil {
		return b, err
	}
	return b, a.fillHonours(r, names, list, &b)
}

// lastList leaves out what asks for an earlier list: who is nominated stands on that of now.
func lastList(asked func(string) string) func(string) string {
	return func(name string) string {
		if name == "version" || name == "as_of" {
			return ""
		}
		return asked(name)
	}
}

// askedList is of which sealed version and of whose record a list is asked for: that of a nomination is made again by what it names.
func askedList(r *request, asked func(string) string) (version int64, at time.Time, err error) {
	wrong := &regulation.Error{Code: regulation.Invalid, Clause: regulation.ClausePraise, Missing: "fields"}
	if text := asked("version"); text != "" {
		if version, err = strconv.ParseInt(text, 10, 64); err != nil || version < 1 {
			return 0, at, wrong.Field("version", "not_an_option")
		}
	}
	if at = r.at; asked("as_of") != "" {
		if at, err = time.Parse(time.RFC3339Nano, asked("as_of")); err != nil {
			return 0, at, wrong.Field("as_of", "not_a_date")
		}
		if at.After(r.at) {
			return 0, at, wrong.Field("as_of", "in_future")
		}
	}
	return version, at, nil
}

// fillHonours names the candidates, without those of the reader's own offices (2).
func (a *API) fillHonours(r *request, names figureNames, list store.HonourList, b *honourCandidates) (err error) {
	b.Seal, b.Position, b.At, b.Edition, b.Digest = list.Seal, list.Position, list.At, list.Edition, list.Digest
	by := regulation.AxisWindow
	if b.Honour == regulation.HonourModel {
		by = regulation.AxisStaff
		var people []string
		for _, c := range list.Candidates {
			people = append(people, c.Object)
		}
		if names.staff, err = a.Store.StaffNames(r.http().Context(), people...); err != nil {
			return err
		}
	}
	own, err := a.ownSide(r)
	if err != nil {
		return err
	}
	shared, err := a.shared(r, own, list.Period)
	if err != nil {
		return err
	}
	for _, unit := range own.units {
		b.Except = append(b.Except, names.p.body(unit))
	}
	if shared.any {
		b.Digest = ""
	}
	var withheld []honourCandidate
	var before []int // ranks of those shown: what is left out leaves no gap
	topmost := a.topmost(r)
	for _, c := range list.Candidates {
		shown := honourCandidate{Object: c.Object, Name: names.name(r, by, c.Object), Unit: names.p.name(c.Unit)}
		switch {
		case slices.Contains(own.units, c.Unit), shared.honours(c.Object) && !topmost:
			continue
		case shared.honours(c.Object):
			shown.Withheld, shown.Barred = true, regulation.BarredWithoutRatings(c.Barred)
			withheld = append(withheld, shown)
			continue
		}
		before = append(before, c.Rank)
		shown.Rank = 1 + slices.Index(before, c.Rank)
		shown.Rated, shown.Good, shown.GoodRate, shown.Barred = &c.Rated, &c.Good, c.Rate().Percent(2), c.Barred
		b.Candidates = append(b.Candidates, shown)
	}
	if !topmost && b.Honour == regulation.HonourStar {
		withheld = shared.withheld(r, names, own, b.Area)
	}
	slices.SortFunc(withheld, func(a, b honourCandidate) int { return cmp.Compare(a.Object, b.Object) })
	b.Candidates = append(b.Candidates, withheld...)
	return names.err()
}

// withheld are the windows of others in an area that hold ratings of the side, whether they are candidates or not: that they are would tell that the
// side's ratings bring them to as many as the rule asks for, since figures tell the others'.
func (s sharedKeys) withheld(r *request, names figureNames, own ownSide, area string) (windows []honourCandidate) {
	for _, line := range s.windows {
		unit := names.windows()[line.Key].UnitID
		if at, known := names.p.org(unit); !known || at.Area != area || slices.Contains(own.windows, line.Key) ||
			slices.ContainsFunc(windows, func(c honourCandidate) bool { return c.Object == line.Key }) {
			continue
		}
		windows = append(windows, honourCandidate{Object: line.Key, Name: names.name(r, regulation.AxisWindow, line.Key), Unit: names.p.name(unit), Withheld: true})
	}
	return windows
}

// honours tells whether a window's or a person's figures hold ratings of the side.
func (s sharedKeys) honours(object string) bool {
	return s.windows.has(object) || slices.Contains(s.staff, object)
}

// honourFigures are the facts of a nomination that tell figures of its candidate, honourPlaces those that tell their place in the whole list.
var (
	honourFigures = []string{"rated", "good_rate"}
	honourPlaces  = []string{"rank", "candidates"}
)

// honourHidden are the facts of a nomination that the reader may not see, and whether those of the candidate's own figures are among them.
func (a *API) honourHidden(r *request, d regulation.Docket) (facts []string, withheld bool, err error) {
	if d.Kind != regulation.DocketHonour {
		return nil, false, nil
	}
	own, err := a.ownSide(r)
	if err != nil {
		return nil, false, err
	}
	shared, err := a.shared(r, own, d.Period)
	if err != nil || !shared.any {
		return nil, false, err
	}
	if withheld = slices.Contains(own.units, d.Unit) || shared.honours(d.Facts["object"]); withheld {
		return append(slices.Clone(honourPlaces), honourFigures...), true, nil
	}
	return honourPlaces, false, nil
}

// honourBarred refuses to choose, or to agree to, whom the reader may not read the figures of: others of the authority do, and for a window that served
// the authority's own matters the level above. The topmost authority has nobody above it, and chooses by the rule's list without those figures;
// refusing and revoking are open, so that nothing waits for ever.
func (a *API) honourBarred(r *request, act regulation.DocketAct, d regulation.Docket) (bool, error) {
	if act.Name != "nominate" && act.Name != "honour" || d.Upper == "" {
		return false, nil
	}
	_, withheld, err := a.honourHidden(r, d)
	return withheld, err
}

func (a *API) candidatesTable(r *request, b honourCandidates) *web.TableView {
	v := &web.TableView{Page: a.pageFor(r), Code: "candidates", Columns: []string{"candidate", "rank", "unit", "rated", "good_rate", "barred"}}
	intro := web.Msg("candidates.text")
	if b.Period != "" {
		if intro = web.Msg("candidates.part", periodWords(r.lang, b.Period), b.Seal, b.Position); b.Digest != "" {
			intro = web.Msg("candidates.of", periodWords(r.lang, b.Period), b.Seal, b.Position, b.Digest[:16])
		}
		if len(b.Candidates) > 0 && a.Guard.May(r.actor, policies.KeepHonours) {
			v.More = &web.Option{Value: "/honours/new?area=" + b.Area + "&period=" + b.Period + "&honour=" + b.Honour, Text: web.T(r.lang, "honours.add")}
		}
	}
	if b.Honour == regulation.HonourModel && b.Period != "" {
		intro.Key += "_models"
	}
	v.Intro = &intro
	v.Filter = &web.TableFilter{Action: "/honours/candidates", Fields: []web.Field{
		{Name: "area", Kind: web.FieldSelect, Label: "filter.area", Options: placeOptions(b.Areas), Values: []string{b.Area}},
		{Name: "period", Kind: web.FieldSelect, Label: "col.period", Options: periodOptions(r.lang, b.Quarters), Values: []string{b.Period}},
		{Name: "honour", Kind: web.FieldSelect, Label: "field.honour", Options: honourOptions(r), Values: []string{b.Honour}}}}
	for _, c := range b.Candidates {
		barred := web.Cell{Message: web.Msg("candidates.may"), Badge: "ok"}
		if len(c.Barred) > 0 {
			barred = web.Cell{Text: barredWords(r, c.Barred)}
		}
		cells := []web.Cell{{Text: c.Name}, {}, {Text: c.Unit}, {}, {}, barred}
		if c.Withheld {
			cells[5] = web.Cell{Message: web.Msg("candidates.withheld"), Badge: "warn"}
			if len(c.Barred) > 0 {
				cells[5] = web.Cell{Text: web.T(r.lang, "candidates.withheld") + either(r.lang, "；", "; ") + barredWords(r, c.Barred)}
			}
		} else {
			cells[1], cells[3], cells[4] = web.Cell{Text: strconv.Itoa(c.Rank), Figure: true}, web.Cell{Text: strconv.FormatInt(*c.Rated, 10), Figure: true}, web.Cell{Text: c.GoodRate, Figure: true}
		}
		v.Rows = append(v.Rows, web.TableRow{Cells: cells})
	}
	return v
}

func barredWords(r *request, reasons []string) (text string) {
	for i, reason := range reasons {
		if i > 0 {
			text += either(r.lang, "；", "; ")
		}
		text += web.T(r.lang, "candidates.barred."+reason)
	}
	return text
}

func honourOptions(r *request) (options []web.Option) {
	for _, honour := range regulation.HonourNames {
		options = append(options, web.Option{Value: honour, Text: web.T(r.lang, "choice.honour."+honour)})
	}
	return options
}

func (a *API) showNewHonour(r *request) (answer, error) {
	body, err := a.candidates(r, lastList(r.query))
	if err != nil {
		return answer{}, err
	}
	return answer{body: body, view: a.newHonourPage(r, body, nil, nil)}, nil
}

// nominate nominates a candidate for an honour, with the grounds (8(2)).
func (a *API) nominate(r *request) (answer, error) {
	fields, err := r.fields()
	if err != nil {
		return answer{}, err
	}
	id, err := a.tryNominate(r, fields)
	if err == nil {
		return a.made(r, regulation.DocketHonour, id), nil
	}
	if refused := (*regulation.Error)(nil); errors.As(err, &refused) && r.page {
		body, drawing := a.candidates(r, lastList(fields.Get))
		wrong := formErrors(refused)
		if refused.Fields == nil { // the record speaks against it, or they were nominated before
			wrong = map[string]string{"object": refused.Missing}
		}
		return answer{view: a.newHonourPage(r, body, fields, wrong)}, errors.Join(err, drawing)
	}
	return answer{}, err
}

func (a *API) tryNominate(r *request, fields regulation.Values) (string, error) {
	body, err := a.candidates(r, lastList(fields.Get))
	if err != nil {
		return "", err
	}
	i := slices.IndexFunc(body.Candidates, func(c honourCandidate) bool { return c.Object == fields.Get("object") })
	switch {
	case i < 0:
		return "", (&regulation.Error{Code: regulation.Invalid, Clause: regulation.ClausePraise, Missing: "fields"}).Field("object", "not_an_option")
	case body.Candidates[i].Withheld && !a.topmost(r): // before the list is asked, which would tell whether it is among the candidates
		return "", &regulation.Error{Code: regulation.NotPermitted, Clause: regulation.ClausePraise, Missing: "own_served"}
	}
	fresh, err := a.Store.NewHonour(r.http().Context(), body.Area, body.Period, body.Honour, fields.Get("object"))
	if err != nil {
		return "", err
	}
	return a.startDocket(r, "nominate", fresh, fields, "area", "period", "honour", "object")
}

func (a *API) newHonourPage(r *request, b honourCandidates, fields regulation.Values, wrong map[string]string) *web.NewWatchView {
	v := &web.NewWatchView{Page: a.pageFor(r), Code: "honours", Form: web.Form{Action: "/honours", Errors: web.FieldErrors(wrong),
		Hidden: map[string]string{"area": b.Area, "period": b.Period, "honour": b.Honour}}}
	v.Title = web.T(r.lang, "title.new-honour", periodWords(r.lang, b.Period), web.T(r.lang, "choice.honour."+b.Honour))
	var options []web.Option
	topmost := a.topmost(r)
	for _, c := range b.Candidates {
		switch {
		case len(c.Barred) > 0, c.Withheld && !topmost:
		case c.Withheld:
			options = append(options, web.Option{Value: c.Object, Text: web.T(r.lang, "candidates.option_withheld", c.Name, c.Unit)})
		default:
			options = append(options, web.Option{Value: c.Object, Text: web.T(r.lang, "candidates.option", c.Rank, c.Name, c.Unit, c.GoodRate, *c.Rated)})
		}
	}
	v.Fields = []web.Field{choice("object", "col.candidate", options, fields, wrong)}
	act, _ := regulation.DocketActOf(regulation.DocketHonour, "nominate")
	for _, field := range act.Fields {
		v.Fields = append(v.Fields, web.FieldOf(field, fields[field.Name], wrong[field.Name], nil))
	}
	return v
}

// topmost tells whether nobody stands above the authority for which the reader keeps honours.
func (a *API) topmost(r *request) bool {
	tree := a.places(r).tree
	if tree == nil {
		return false
	}
	office := a.ownOffice(r, policies.KeepHonours)
	_, above := tree.Upper(office)
	return office != "" && !above // who only reads lists keeps none
}

// honoured is the name of the window or person that a docket honours.
func honoured(d docketBody) string {
	if d.Window != nil {
		return d.Window.Name
	}
	return d.Person
}

// starOf is the window that a docket honours, nil where it honours a person. A window stays with the unit that the docket keeps.
func (a *API) starOf(r *request, d regulation.Docket) (*placeBody, error) {
	if d.Kind != regulation.DocketHonour || d.Staff != "" {
		return nil, nil
	}
	windows, err := a.Store.WindowsOf(r.http().Context(), d.Unit)
	if err != nil {
		return nil, err
	}
	star := placeBody{ID: d.Facts["object"], Name: d.Facts["object"]}
	if i := slices.IndexFunc(windows, func(w store.Window) bool { return w.ID == star.ID }); i >= 0 {
		star.Name = windowName(r.lang, windows[i])
	}
	return &star, nil
}
