package api

import (
	"cmp"
	"context"
	"errors"
	"net/url"
	"slices"
	"strconv"

	"haochaping/policies"
	"haochaping/regulation"
	"haochaping/store"
	"haochaping/web"
)

// causeBody is a cause that several cases of an authority share (R60).
type causeBody struct {
	Authority   *placeBody `json:"authority"`
	Cause       string     `json:"cause"`
	Link        string     `json:"link"`
	Attribution string     `json:"attribution"`
	Open        int        `json:"open"`
	Closed      int        `json:"closed"`
}

func (a *API) sharedCauses(r *request) ([]causeBody, error) {
	found, err := a.Store.SharedCauses(r.http().Context(), a.Guard.Scope(r.actor, policies.KeepJoint))
	bodies := []causeBody{}
	for _, c := range found {
		bodies = append(bodies, causeBody{a.places(r).body(c.Authority), c.Cause, c.Link, c.Attribution, c.Open, c.Closed})
	}
	return bodies, err
}

// showCauses lists the causes that several cases share and that nobody has taken up.
func (a *API) showCauses(r *request) (answer, error) {
	causes, err := a.sharedCauses(r)
	if err != nil {
		return answer{}, err
	}
	v := &web.TableView{Page: a.pageFor(r), Code: "causes", Columns: []string{"cause", "link", "attribution", "authority", "open_cases", "closed_cases"}}
	intro := web.Msg("causes.text")
	v.Intro = &intro
	for _, c := range causes {
		v.Rows = append(v.Rows, web.TableRow{Href: causeHref(c), Cells: []web.Cell{{Message: web.Msg("choice.cause." + c.Cause)}, {Message: web.Msg("choice.link." + c.Link)},
			{Message: web.Msg("choice.attribution." + c.Attribution)}, {Text: nameOf(c.Authority)}, {Text: strconv.Itoa(c.Open)}, {Text: strconv.Itoa(c.Closed)}}})
	}
	return answer{body: newDocketBody{Causes: causes}, view: v}, nil
}

func causeHref(c causeBody) string {
	return "/joint/new?" + url.Values{"authority": {c.Authority.ID}, "cause": {c.Cause}, "link": {c.Link}, "attribution": {c.Attribution}}.Encode()
}

// newJointBody offers the cases of the cause that the address or the form names.
func (a *API) newJointBody(r *request, authority, cause, link, attribution string) (b newDocketBody, options []web.Option, err error) {
	of := store.SharedCause{Authority: authority, Cause: cause, Link: link, Attribution: attribution}
	found, err := a.Store.CasesOfCause(r.http().Context(), a.Guard.Scope(r.actor, policies.KeepJoint), of)
	if err != nil {
		return b, nil, err
	}
	b.Authority = a.places(r).body(authority)
	if len(found) < regulation.FewestCases { // one alone is no shared cause
		found = nil
	}
	for _, g := range found {
		b.Cases = append(b.Cases, docketCaseBody{g.Case, g.Number, g.Replied, g.Closed})
	}
	b.Units = a.unitsOf(r, authority)
	return b, caseOptions(r, found), nil
}

func caseOptions(r *request, cases []regulation.Gathered) (options []web.Option) {
	for _, g := range cases {
		options = append(options, web.Option{Value: g.Case, Text: g.Number + " · " + web.T(r.lang, "joint.case."+caseWord(g.Closed))})
	}
	return options
}

func caseWord(closed bool) string {
	if closed {
		return "closed"
	}
	return "open"
}

// unitsOf are the units to which an authority may hand something: its own, and the prefecture's to those of counties too, after its
// own.
func (a *API) unitsOf(r *request, authority string) []placeBody {
	p := a.places(r)
	office, known := p.org(authority)
	var units []placeBody
	if !known {
		return nil
	}
	orgs := p.tree.Orgs(regulation.UnitKinds...)
	for _, own := range []bool{true, false} {
		for _, o := range orgs {
			if (o.Area == office.Area) == own && (own || office.Area == regulation.PrefectureArea) {
				units = append(units, placeBody{o.ID, p.name(o.ID)})
			}
		}
	}
	return units
}

func (a *API) showNewJoint(r *request) (answer, error) {
	authority := cmp.Or(r.query("authority"), a.ownOffice(r, policies.KeepJoint))
	body, options, err := a.newJointBody(r, authority, r.query("cause"), r.query("link"), r.query("attribution"))
	if err != nil {
		return answer{}, err
	}
	if len(body.Cases) == 0 {
		return answer{}, notFound("cause")
	}
	given := regulation.Values{"cause": {r.query("cause")}, "link": {r.query("link")}, "attribution": {r.query("attribution")}, "authority": {authority}}
	for _, o := range options[:min(len(options), mostGathered)] {
		given["cases"] = append(given["cases"], o.Value)
	}
	return answer{body: body, view: a.newJointPage(r, body, options, given, nil)}, nil
}

// mostGathered cases are taken in at once; more are added afterwards.
const mostGathered = 20

// gatherCases begins a joint rectification, of the reader's own authority unless it is said of which.
func (a *API) gatherCases(r *request) (answer, error) {
	fields, err := r.fields()
	if err != nil {
		return answer{}, err
	}
	authority := cmp.Or(fields.Get("authority"), a.ownOffice(r, policies.KeepJoint))
	fresh, err := a.Store.NewDocket(r.http().Context(), regulation.DocketJoint, authority, "")
	if err != nil {
		return answer{}, err
	}
	id, err := a.startDocket(r, "gather", fresh, fields, "authority")
	if err == nil {
		return a.made(r, regulation.DocketJoint, id), nil
	}
	if refused := (*regulation.Error)(nil); errors.As(err, &refused) && r.page {
		body, options, drawing := a.newJointBody(r, authority, fields.Get("cause"), fields.Get("link"), fields.Get("attribution"))
		return answer{view: a.newJointPage(r, body, options, fields, formErrors(refused))}, errors.Join(err, drawing)
	}
	return answer{}, err
}

func (a *API) newJointPage(r *request, b newDocketBody, cases []web.Option, fields regulation.Values, wrong map[string]string) *web.NewWatchView {
	v := &web.NewWatchView{Page: a.pageFor(r), Code: "joint", Form: web.Form{Action: "/joint", Errors: web.FieldErrors(wrong), Hidden: map[string]string{}}}
	v.Title = web.T(r.lang, "title.new-joint")
	v.Hidden["authority"] = fields.Get("authority")
	act, _ := regulation.DocketActOf(regulation.DocketJoint, "gather")
	for _, field := range act.Fields {
		options := placeOptions(b.Units)
		if field.Type == regulation.TypeCases {
			options = cases
		}
		drawn := web.FieldOf(field, fields[field.Name], wrong[field.Name], options)
		if slices.Contains([]string{"cause", "link", "attribution"}, field.Name) {
			v.Hidden[field.Name] = fields.Get(field.Name)
			continue
		}
		if field.Name == "assisting" && len(options) > 12 {
			drawn.Kind = web.FieldSelect // one of many; others assist by orders in their cases
		}
		v.Fields = append(v.Fields, drawn)
	}
	return v
}

// fillJoint adds the joint rectification of a case. That several ratings say the same is no news of the rater; a unit reads
// it once it is before the unit.
func (a *API) fillJoint(ctx context.Context, r *request, seen seenCase, b *caseBody) error {
	if !a.Guard.May(r.actor, policies.ViewJoint) {
		return nil
	}
	d, err := a.Store.JointOf(ctx, a.Guard.Scope(r.actor, policies.ViewJoint), seen.c.ID)
	if err == nil && d.ID != "" {
		b.Joint = &placeBody{d.ID, web.T(r.lang, "choice.cause."+d.Facts["cause"])}
	}
	return err
}
