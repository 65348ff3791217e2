package api

import (
	"cmp"
	"errors"
	"maps"
	"slices"
	"strconv"
	"strings"

	"haochaping/policies"
	"haochaping/regulation"
	"haochaping/web"
	"haochaping/workday"
)

// bulletinLineBody is a unit or a county in a bulletin. Rated and Bad are left out where too few rated, every count where it is shown Once issued.
type bulletinLineBody struct {
	Place     *placeBody       `json:"place,omitempty"` // left out of the total
	Rated     *int64           `json:"rated,omitempty"`
	Bad       *int64           `json:"bad,omitempty"`
	BadRate   string           `json:"bad_rate,omitempty"` // percent
	Confirmed *int64           `json:"confirmed,omitempty"`
	Causes    map[string]int64 `json:"causes,omitempty"`
	Rectified *int64           `json:"rectified,omitempty"`
	InTime    *int64           `json:"in_time,omitempty"`
	Overdue   *int64           `json:"overdue,omitempty"`
	Once      bool             `json:"once_issued,omitempty"`
}

type bulletinCaseBody struct {
	Number  string     `json:"number"`
	Unit    *placeBody `json:"unit"`
	Cause   string     `json:"cause"`
	Outcome string     `json:"outcome"`
}

// bulletinHead is what every bulletin says of itself: of which figures it is, and which other one it corrects or corrects it.
type bulletinHead struct {
	ID          string        `json:"id"`
	Number      string        `json:"number,omitempty"`
	Authority   *placeBody    `json:"authority"`
	Period      string        `json:"period"`
	IssuedOn    *workday.Date `json:"issued_on,omitempty"`
	Version     int64         `json:"sealed_version"`
	Position    int64         `json:"position"`
	Formula     int           `json:"formula"`
	Digest      string        `json:"digest"`
	Note        string        `json:"note,omitempty"`
	Corrects    *placeBody    `json:"corrects,omitempty"`     // id and number
	CorrectedBy *placeBody    `json:"corrected_by,omitempty"` // id and number
	// Outdated tells that a case in it counts no more as it says: a correction follows.
	Outdated bool `json:"outdated"`
}

// bulletinBody is a bulletin as the authority and its units read it (8(3), R42).
type bulletinBody struct {
	bulletinHead
	Least    int                `json:"least_ratings"`
	Open     *int64             `json:"open,omitempty"` // cases that were not concluded at its position; left out of bulletins of before they were counted
	Total    bulletinLineBody   `json:"total"`
	Counties []bulletinLineBody `json:"counties,omitempty"`
	Units    []bulletinLineBody `json:"units"`
	Cases    []bulletinCaseBody `json:"cases"`
	// Once are units whose counts and cases the reader sees once it is issued: their matters were served at the reader's own windows, or they
	// are the reader's own. Their counties and the total are shown then too.
	Once []*placeBody `json:"once_issued,omitempty"`
}

// publicNamedBody is a unit or a county in a public bulletin; a count that is withheld is left out. Stood tells that the count is the one
// of before the correction, since it has changed by fewer than five or not at all.
type publicNamedBody struct {
	Place     *placeBody `json:"place"`
	Confirmed *int       `json:"confirmed,omitempty"`
	Stood     bool       `json:"stood,omitempty"`
}

// publicBulletinBody is a bulletin as everybody reads it: no single case, no count under five (R04, R21). Stood names counts of before the
// correction: confirmed, rectified, in_time, overdue, causes.<cause>.
type publicBulletinBody struct {
	bulletinHead
	Confirmed *int              `json:"confirmed,omitempty"`
	Rectified *int              `json:"rectified,omitempty"`
	InTime    *int              `json:"in_time,omitempty"`
	Overdue   *int              `json:"overdue,omitempty"`
	Causes    map[string]int    `json:"causes,omitempty"`
	Stood     []string          `json:"stood,omitempty"`
	Counties  []publicNamedBody `json:"counties,omitempty"`
	Units     []publicNamedBody `json:"units"`
}

func (a *API) bulletinHead(r *request, d regulation.Docket, b regulation.Bulletin) (h bulletinHead, err error) {
	h = bulletinHead{ID: d.ID, Number: d.Facts["number"], Authority: a.places(r).body(d.Authority), Period: b.Period, Version: b.Version, Position: b.Position, Formula: b.Formula,
		Digest: d.Facts["digest"], Outdated: d.Facts["outdated"] != "" && d.Stage == regulation.DocketIssued}
	if day, failed := workday.ParseDate(d.Facts["issued_on"]); failed == nil {
		h.IssuedOn = &day
	}
	if id := d.Facts["corrects"]; id != "" {
		h.Corrects = &placeBody{id, d.Facts["corrects_number"]}
	}
	if id := d.Facts["corrected_by"]; id != "" {
		h.CorrectedBy = &placeBody{id, d.Facts["corrected_number"]}
	}
	h.Note, err = a.Store.BulletinNote(r.http().Context(), d.ID)
	return h, err
}

func (a *API) bulletinLine(r *request, line regulation.BulletinLine, once bool) bulletinLineBody {
	b := bulletinLineBody{Place: a.places(r).body(line.Key), Once: once}
	if once {
		return b
	}
	b.Confirmed, b.Causes, b.Rectified, b.InTime, b.Overdue = &line.Confirmed, line.Causes, &line.Rectified, &line.InTime, &line.Overdue
	if !line.Withheld {
		b.Rated, b.Bad, b.BadRate = &line.Rated, &line.Bad, line.BadRate().Percent(2)
	}
	return b
}

// showBulletinPaper is a bulletin as it is printed, for who keeps or oversees it and, once it is issued, for the units.
func (a *API) showBulletinPaper(r *request) (answer, error) {
	seen, err := a.docketFor(r, regulation.DocketBulletin, r.param("id"))
	if err != nil {
		return answer{}, err
	}
	b, err := a.Store.Bulletin(r.http().Context(), seen.d.ID)
	if err != nil {
		return answer{}, err
	}
	body := bulletinBody{Least: b.Least, Units: []bulletinLineBody{}, Cases: []bulletinCaseBody{}}
	if body.bulletinHead, err = a.bulletinHead(r, seen.d, b); err != nil {
		return answer{}, err
	}
	once, err := a.onceIssued(r, b, body.IssuedOn != nil)
	if err != nil {
		return answer{}, err
	}
	a.fillBulletin(r, b, once, &body)
	return answer{body: body, view: a.bulletinPage(r, body)}, nil
}

func (a *API) fillBulletin(r *request, b regulation.Bulletin, once []string, body *bulletinBody) {
	p, counties := a.places(r), []string{}
	for _, unit := range once {
		o, _ := p.org(unit)
		counties, body.Once = append(counties, o.Area), append(body.Once, p.body(unit))
	}
	body.Total = a.bulletinLine(r, b.Total, once != nil)
	body.Total.Place = nil
	if b.Rule > 0 && once == nil {
		body.Open = &b.Open
	}
	for _, line := range b.Counties {
		body.Counties = append(body.Counties, a.bulletinLine(r, line, slices.Contains(counties, line.Key)))
	}
	for _, line := range b.Units {
		body.Units = append(body.Units, a.bulletinLine(r, line, slices.Contains(once, line.Key)))
	}
	onceLast(body.Counties)
	onceLast(body.Units)
	for _, c := range b.Cases {
		if !slices.Contains(once, c.Unit) {
			body.Cases = append(body.Cases, bulletinCaseBody{c.Number, p.body(c.Unit), c.Cause, c.Outcome})
		}
	}
}

// onceLast has those of which nothing is shown yet last, by their names: the others stand in the order of their counts, among which a place would
// tell the count.
func onceLast(lines []bulletinLineBody) {
	slices.SortStableFunc(lines, func(a, b bulletinLineBody) int {
		switch {
		case a.Once && b.Once:
			return cmp.Compare(nameOf(a.Place), nameOf(b.Place))
		case a.Once:
			return 1
		case b.Once:
			return -1
		}
		return 0
	})
}

// onceIssued are the units of which a reader of a draft sees nothing yet: beside the statistics, which are without what the reader's own office was
// given, whole counts would tell that (2, R21). An issued bulletin its people read like everybody else.
func (a *API) onceIssued(r *request, b regulation.Bulletin, issued bool) (once []string, err error) {
	own, err := a.ownSide(r)
	if err != nil || issued || len(own.units) == 0 {
		return nil, err
	}
	shared, err := a.shared(r, own, b.Period)
	if err != nil {
		return nil, err
	}
	concerned := slices.Concat(own.units, shared.units)
	for _, unit := range concerned {
		o, _ := a.places(r).org(unit)
		in := func(line regulation.BulletinLine) bool { return line.Key == unit || line.Key == o.Area }
		if slices.ContainsFunc(b.Units, in) || slices.ContainsFunc(b.Counties, in) {
			once = append(once, unit)
		}
	}
	return once, nil
}

// bulletinHidden are the counts that a draft's docket has and its paper does not show to the reader.
func (a *API) bulletinHidden(r *request, d regulation.Docket) ([]string, error) {
	own, err := a.ownSide(r)
	if err != nil || d.Facts["issued_on"] != "" || len(own.units) == 0 {
		return nil, err
	}
	b, err := a.Store.Bulletin(r.http().Context(), d.ID)
	if err != nil {
		return nil, err
	}
	if once, err := a.onceIssued(r, b, false); err != nil || once == nil {
		return nil, err
	}
	return []string{"confirmed_cases", "open_cases"}, nil
}

func (a *API) bulletinView(r *request, h bulletinHead, at string) *web.BulletinView {
	v := &web.BulletinView{Page: a.pageFor(r), Authority: nameOf(h.Authority), Number: h.Number, Heading: web.T(r.lang, "bulletin.title", periodWords(r.lang, h.Period)), Note: h.Note, Outdated: h.Outdated, Draft: h.IssuedOn == nil,
		Version: h.Version, Position: h.Position, Formula: h.Formula}
	v.Title = v.Heading
	if h.IssuedOn != nil {
		v.Issued = h.IssuedOn.Start()
	}
	link := func(other *placeBody) *web.BulletinLink {
		if other == nil {
			return nil
		}
		return &web.BulletinLink{Number: other.Name, Href: strings.Replace(at, ":id", other.ID, 1)}
	}
	v.Corrects, v.CorrectedBy = link(h.Corrects), link(h.CorrectedBy)
	return v
}

func (a *API) bulletinPage(r *request, b bulletinBody) *web.BulletinView {
	v := a.bulletinView(r, b.bulletinHead, "/bulletins/:id/paper")
	v.Back, v.BackTo, v.Least, v.PrintedAt, v.PrintedBy = "/bulletins/"+b.ID, "title.bulletins", b.Least, r.at, r.name
	v.Total = drawnBulletinLine(r, b.Total)
	if b.Open != nil {
		v.Open, v.Settled = *b.Open, *b.Open == 0
	}
	for _, line := range b.Counties {
		v.Counties = append(v.Counties, drawnBulletinLine(r, line))
	}
	for _, line := range b.Units {
		v.Units = append(v.Units, drawnBulletinLine(r, line))
	}
	var once []string
	for _, unit := range b.Once {
		once = append(once, nameOf(unit))
	}
	v.Once = strings.Join(once, either(r.lang, "、", ", "))
	for _, c := range b.Cases {
		v.Cases = append(v.Cases, web.BulletinCase{Number: c.Number, Unit: nameOf(c.Unit), Cause: c.Cause, Outcome: c.Outcome})
	}
	return v
}

func drawnBulletinLine(r *request, b bulletinLineBody) web.BulletinLine {
	count := func(n int64) string { return strconv.FormatInt(n, 10) }
	if b.Once {
		return web.BulletinLine{Name: nameOf(b.Place), Once: true}
	}
	few := web.T(r.lang, "bulletin.few")
	line := web.BulletinLine{Name: nameOf(b.Place), Rated: few, Bad: few, BadRate: few, Confirmed: count(*b.Confirmed), Rectified: count(*b.Rectified), InTime: count(*b.InTime), Overdue: count(*b.Overdue)}
	if b.Rated != nil {
		line.Rated, line.Bad, line.BadRate = count(*b.Rated), count(*b.Bad), cmp.Or(b.BadRate, "—")
	}
	var causes []string
	for _, cause := range regulation.Causes {
		if n := b.Causes[cause]; n > 0 {
			causes = append(causes, web.T(r.lang, "choice.cause."+cause)+" "+count(n))
		}
	}
	line.Causes = strings.Join(causes, either(r.lang, "、", ", "))
	return line
}

// periodWords are a month or a quarter as people write it.
func periodWords(lang web.Lang, period string) string {
	p, ok := regulation.ParsePeriod(period)
	switch {
	case !ok:
		return period
	case p.IsQuarter():
		return web.T(lang, "period.quarter."+strconv.Itoa(p.Last/3), p.Year)
	}
	return web.T(lang, "period.month."+strconv.Itoa(p.First), p.Year)
}

// eachPeriod words what a fact has of several quarters, with commas between: the quarters themselves, or a version of each.
func eachPeriod(lang web.Lang, fact string) string {
	var words []string
	for _, part := range strings.Split(fact, ",") {
		words = append(words, periodWords(lang, part))
	}
	return strings.Join(words, either(lang, "、", ", "))
}

// newBulletinBody offers the sealed periods of the reader's authority, the latest first.
func (a *API) newBulletinBody(r *request) (newDocketBody, error) {
	office := a.ownOffice(r, policies.KeepBulletins)
	b := newDocketBody{Authority: a.places(r).body(office), Periods: []string{}}
	o, _ := a.places(r).org(office)
	seals, err := a.Store.Seals(r.http().Context(), []string{o.Area})
	for _, seal := range seals {
		if !slices.Contains(b.Periods, seal.Period) {
			b.Periods = append(b.Periods, seal.Period)
		}
	}
	return b, err
}

func (a *API) showNewBulletin(r *request) (answer, error) {
	body, err := a.newBulletinBody(r)
	if err != nil {
		return answer{}, err
	}
	return answer{body: body, view: a.newBulletinPage(r, body, nil, nil)}, nil
}

// draftBulletin drafts a bulletin of the reader's authority from the last sealed version of a period.
func (a *API) draftBulletin(r *request) (answer, error) {
	fields, err := r.fields()
	if err != nil {
		return answer{}, err
	}
	fresh, err := a.Store.NewDocket(r.http().Context(), regulation.DocketBulletin, a.ownOffice(r, policies.KeepBulletins), "")
	if err != nil {
		return answer{}, err
	}
	id, err := a.startDocket(r, "draft", fresh, fields)
	if err == nil {
		return a.made(r, regulation.DocketBulletin, id), nil
	}
	if refused := (*regulation.Error)(nil); errors.As(err, &refused) && r.page {
		body, drawing := a.newBulletinBody(r)
		return answer{view: refusedWhole(r, a.newBulletinPage(r, body, fields, formErrors(refused)), refused)}, errors.Join(err, drawing)
	}
	return answer{}, err
}

// refusedWhole says above a form why all of it is refused, where no field is to blame, and from when it is not.
func refusedWhole(r *request, v *web.NewWatchView, refused *regulation.Error) *web.NewWatchView {
	if refused.Fields == nil {
		why := web.Msg("refusal." + refused.Missing)
		if !refused.From.IsZero() {
			why = web.Msg("refused.from", web.T(r.lang, why.Key), dayIn(r.lang, workday.DateOf(refused.From).String()))
		}
		v.Errors = map[string]web.Message{"": why}
	}
	return v
}

func (a *API) newBulletinPage(r *request, b newDocketBody, fields regulation.Values, wrong map[string]string) *web.NewWatchView {
	v := &web.NewWatchView{Page: a.pageFor(r), Code: "bulletins", Form: web.Form{Action: "/bulletins", Errors: web.FieldErrors(wrong)}}
	v.Title = web.T(r.lang, "title.new-bulletin")
	act, _ := regulation.DocketActOf(regulation.DocketBulletin, "draft")
	for _, field := range act.Fields {
		drawn := web.FieldOf(field, fields[field.Name], wrong[field.Name], nil)
		if field.Name == "bulletin_period" {
			drawn.Kind, drawn.Length = web.FieldSelect, 0
			for _, period := range b.Periods {
				drawn.Options = append(drawn.Options, web.Option{Value: period, Text: periodWords(r.lang, period)})
			}
		}
		v.Fields = append(v.Fields, drawn)
	}
	return v
}

// publicBulletinsBody lists the bulletins that everybody may read.
type publicBulletinsBody struct {
	Bulletins []publicBulletinLine `json:"bulletins"`
	Next      string               `json:"next,omitempty"`
}

type publicBulletinLine struct {
	ID        string     `json:"id"`
	Number    string     `json:"number"`
	Authority *placeBody `json:"authority"`
	Period    string     `json:"period"`
	IssuedOn  string     `json:"issued_on"`
	State     string     `json:"state"` // issued, outdated, corrected
}

// bulletinState tells how an issued bulletin stands.
func bulletinState(d regulation.Docket) string {
	if d.Stage == regulation.DocketIssued && d.Facts["outdated"] != "" {
		return "outdated"
	}
	return d.Stage
}

func (a *API) showPublicBulletins(r *request) (answer, error) {
	found, next, err := a.Store.PublicBulletins(r.http().Context(), listQuery(r))
	if err != nil {
		return answer{}, err
	}
	body := publicBulletinsBody{Bulletins: []publicBulletinLine{}, Next: pageAddress(r, next)}
	v := &web.TableView{Page: a.pageFor(r), Code: "public_bulletins", Columns: []string{"bulletin_number", "period", "authority", "issued_on", "state"}}
	intro := web.Msg("public_bulletins.text")
	v.Intro, v.Next = &intro, body.Next
	for _, d := range found {
		b := publicBulletinLine{d.ID, d.Facts["number"], a.places(r).body(d.Authority), d.Period, d.Facts["issued_on"], bulletinState(d)}
		body.Bulletins = append(body.Bulletins, b)
		v.Rows = append(v.Rows, web.TableRow{Href: "/public/bulletins/" + b.ID, Cells: []web.Cell{{Text: b.Number}, {Text: periodWords(r.lang, b.Period)}, {Text: nameOf(b.Authority)}, {Text: dayIn(r.lang, b.IssuedOn)},
			{Message: web.Msg("docket.stage.bulletin." + b.State), Badge: docketTones[b.State]}}})
	}
	return answer{body: body, view: v, shared: true}, nil
}

func (a *API) showPublicBulletin(r *request) (answer, error) {
	ctx := r.http().Context()
	d, err := a.openBulletin(r, r.param("id"))
	if err != nil {
		return answer{}, err
	}
	b, err := a.Store.Bulletin(ctx, d.ID)
	if err != nil {
		return answer{}, err
	}
	open, err := a.Store.PublicBulletin(ctx, d)
	if err != nil {
		return answer{}, err
	}
	body := publicBulletinBody{Units: []publicNamedBody{}}
	if body.bulletinHead, err = a.bulletinHead(r, d, b); err != nil {
		return answer{}, err
	}
	if before := d.Facts["corrects"]; before != "" { // of one that is for the units everybody learns nothing
		if _, err := a.openBulletin(r, before); err != nil {
			body.Corrects = nil
		}
	}
	body.tell(open)
	names := a.namesOf(r, open.Place)
	for _, line := range open.Counties {
		body.Counties = append(body.Counties, publicNamed(line, names))
	}
	for _, line := range open.Units {
		body.Units = append(body.Units, publicNamed(line, names))
	}
	return answer{body: body, view: a.publicBulletinPage(r, body), shared: true}, nil
}

// openBulletin is a bulletin that everybody may read.
func (a *API) openBulletin(r *request, id string) (regulation.Docket, error) {
	d, err := a.Store.Docket(r.http().Context(), regulation.Scope{All: true}, regulation.DocketBulletin, id)
	switch p, _ := regulation.ParsePeriod(d.Period); {
	case err != nil || d.Openly():
	case d.WasOpen():
		err = monthNotPublic("bulletin_of_month", "/public/figures?period="+p.Quarter().String())
	default:
		err = notFound("docket")
	}
	return d, err
}

// tell fills in the counts of all.
func (b *publicBulletinBody) tell(open regulation.PublicBulletin) {
	count := func(name string, n *regulation.PublicCount) *int {
		if n == nil {
			return nil
		}
		if n.Stood {
			b.Stood = append(b.Stood, name)
		}
		return &n.N
	}
	b.Confirmed, b.Rectified, b.InTime, b.Overdue = count("confirmed", open.Confirmed), count("rectified", open.Rectified), count("in_time", open.InTime), count("overdue", open.Overdue)
	for _, cause := range slices.Sorted(maps.Keys(open.Causes)) {
		if n := count("causes."+cause, open.Causes[cause]); n != nil {
			if b.Causes == nil {
				b.Causes = map[string]int{}
			}
			b.Causes[cause] = *n
		}
	}
}

func publicNamed(line regulation.PublicNamed, names func(key string) string) publicNamedBody {
	b := publicNamedBody{Place: &placeBody{line.Key, names(line.Key)}}
	if n := line.Confirmed; n != nil {
		b.Confirmed, b.Stood = &n.N, n.Stood
	}
	return b
}

func (a *API) publicBulletinPage(r *request, b publicBulletinBody) *web.BulletinView {
	v := a.bulletinView(r, b.bulletinHead, "/public/bulletins/:id")
	v.Back, v.BackTo, v.Public = "/public/bulletins", "title.public_bulletins", true
	count := func(n *int, stood bool) string {
		switch {
		case n == nil:
			return web.T(r.lang, "bulletin.withheld")
		case stood:
			v.Stood = true
			return web.T(r.lang, "bulletin.stood", *n)
		}
		return strconv.Itoa(*n)
	}
	stood := func(name string) bool { return slices.Contains(b.Stood, name) }
	v.Total = web.BulletinLine{Confirmed: count(b.Confirmed, stood("confirmed")), Rectified: count(b.Rectified, stood("rectified")),
		InTime: count(b.InTime, stood("in_time")), Overdue: count(b.Overdue, stood("overdue"))}
	var causes []string
	for _, cause := range regulation.Causes {
		if n, told := b.Causes[cause]; told {
			causes = append(causes, web.T(r.lang, "choice.cause."+cause)+" "+count(&n, stood("causes."+cause)))
		}
	}
	v.Total.Causes = strings.Join(causes, either(r.lang, "、", ", "))
	v.Untold = b.Confirmed == nil && b.Rectified == nil && b.InTime == nil && b.Overdue == nil
	named := func(lines []publicNamedBody) (drawn []web.BulletinLine, untold int) {
		if !slices.ContainsFunc(lines, func(line publicNamedBody) bool { return line.Confirmed != nil }) {
			return nil, len(lines)
		}
		for _, line := range lines {
			drawn = append(drawn, web.BulletinLine{Name: nameOf(line.Place), Confirmed: count(line.Confirmed, line.Stood)})
		}
		return drawn, 0
	}
	v.Counties, v.UntoldCounties = named(b.Counties)
	v.Units, v.UntoldUnits = named(b.Units)
	return v
}

// paramsNow are the parameters in force.
func (a *API) paramsNow(r *request) (regulation.Params, error) {
	ctx := r.http().Context()
	edition, err := a.Store.CurrentEdition(ctx)
	if err != nil {
		return regulation.Params{}, err
	}
	return a.Store.Params(ctx, edition)
}
