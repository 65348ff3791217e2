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

// rankedLowBody is a region or a department that a release may expose, with the quarters in which it was low (8(3), R43).
type rankedLowBody struct {
	Place    placeBody `json:"place"`
	Quarters []string  `json:"quarters"`
}

// newReleaseBody is what the form of a release offers.
type newReleaseBody struct {
	Ground string          `json:"ground"`
	Low    []rankedLowBody `json:"low"`
}

// freshRelease is what a release would be; the prefecture's authority keeps them all. NotPermitted: the reader serves elsewhere.
func (a *API) freshRelease(r *request) (regulation.Docket, error) {
	fresh, err := a.Store.NewDocket(r.http().Context(), regulation.DocketRelease, a.places(r).prefecture(), "")
	if err == nil && len(a.Guard.Assignments(r.actor, policies.KeepReleases, fresh.Subject())) == 0 {
		err = a.notYours(policies.KeepReleases)
	}
	return fresh, err
}

// prefecture is the prefecture's authority.
func (p places) prefecture() string {
	for _, o := range p.tree.Orgs(regulation.OrgPrefecture) {
		if office, known := p.tree.Authority(o.ID); known {
			return office.ID
		}
	}
	return ""
}

func (a *API) newReleaseBody(r *request, ground string) (newReleaseBody, error) {
	b := newReleaseBody{Ground: regulation.GroundLow, Low: []rankedLowBody{}}
	if ground == regulation.GroundCase {
		b.Ground = ground
	}
	params, err := a.paramsNow(r)
	if err != nil {
		return b, err
	}
	low, err := a.Store.RankedLow(r.http().Context(), params)
	for _, key := range slices.Sorted(maps.Keys(low)) {
		b.Low = append(b.Low, rankedLowBody{*a.places(r).body(key), low[key]})
	}
	return b, err
}

func (a *API) showNewRelease(r *request) (answer, error) {
	if _, err := a.freshRelease(r); err != nil {
		return answer{}, err
	}
	body, err := a.newReleaseBody(r, r.query("ground"))
	if err != nil {
		return answer{}, err
	}
	return answer{body: body, view: a.newReleasePage(r, body, nil, nil)}, nil
}

// draftRelease drafts a release and lays it before the unit that it exposes.
func (a *API) draftRelease(r *request) (answer, error) {
	fields, err := r.fields()
	if err != nil {
		return answer{}, err
	}
	fresh, err := a.freshRelease(r)
	if err != nil {
		return answer{}, err
	}
	id, err := a.startDocket(r, "draft", fresh, fields)
	if err == nil {
		return a.made(r, regulation.DocketRelease, id), nil
	}
	if refused := (*regulation.Error)(nil); errors.As(err, &refused) && r.page {
		body, drawing := a.newReleaseBody(r, fields.Get("release_ground"))
		return answer{view: refusedWhole(r, a.newReleasePage(r, body, fields, formErrors(refused)), refused)}, errors.Join(err, drawing)
	}
	return answer{}, err
}

func (a *API) newReleasePage(r *request, b newReleaseBody, fields regulation.Values, wrong map[string]string) *web.NewWatchView {
	v := &web.NewWatchView{Page: a.pageFor(r), Code: "releases", Form: web.Form{Action: "/releases", Errors: web.FieldErrors(wrong), Hidden: map[string]string{"release_ground": b.Ground}}}
	v.Title = web.T(r.lang, "title.new-release")
	v.Areas = &web.Field{Name: "ground", Kind: web.FieldSelect, Label: "field.release_ground", Values: []string{b.Ground}}
	for _, ground := range []string{regulation.GroundLow, regulation.GroundCase} {
		v.Areas.Options = append(v.Areas.Options, web.Option{Value: ground, Text: web.T(r.lang, "choice.release_ground."+ground)})
	}
	act, _ := regulation.DocketActOf(regulation.DocketRelease, "draft")
	for _, field := range act.Fields[1:] {
		drawn := web.FieldOf(field, fields[field.Name], wrong[field.Name], nil)
		switch {
		case field.Name != "release_object":
		case b.Ground == regulation.GroundCase:
			drawn.Label = "field.case_number"
		default:
			drawn.Kind, drawn.Length = web.FieldSelect, 0
			for _, low := range b.Low {
				drawn.Options = append(drawn.Options, web.Option{Value: low.Place.ID, Text: low.Place.Name + " · " + strings.Join(low.Quarters, either(r.lang, "、", ", "))})
			}
		}
		v.Fields = append(v.Fields, drawn)
	}
	return v
}

// publicReleaseBody is a release as everybody reads it, as long as it is shown.
type publicReleaseBody struct {
	ID         string       `json:"id"`
	Ground     string       `json:"ground"`
	Unit       *placeBody   `json:"unit"`
	Title      string       `json:"title"`
	Text       string       `json:"text"`
	Language   string       `json:"language"`
	Outlet     string       `json:"outlet"`
	OutletName string       `json:"outlet_name,omitempty"`
	On         workday.Date `json:"published_on"`
	Until      workday.Date `json:"shown_until"`
	// Of a place that was low: in which quarters, by which sealed version of each and by which version of the composite score.
	Quarters []sealedQuarterBody `json:"quarters,omitempty"`
	Formula  int                 `json:"board_formula,omitempty"`
}

type sealedQuarterBody struct {
	Quarter string `json:"quarter"`
	Version int64  `json:"sealed_version"`
}

// releaseQuarters are the quarters on which the release of a place that was low rests; none where they were not noted.
func releaseQuarters(d regulation.Docket) (quarters []sealedQuarterBody) {
	versions := strings.Split(d.Facts["seal_versions"], ",")
	for i, quarter := range d.ReleasePeriods() {
		if i < len(versions) {
			version, _ := strconv.ParseInt(versions[i], 10, 64) // written by us
			quarters = append(quarters, sealedQuarterBody{quarter, version})
		}
	}
	return quarters
}

type publicReleasesBody struct {
	Releases []publicReleaseBody `json:"releases"`
}

func (a *API) showPublicReleases(r *request) (answer, error) {
	found, err := a.Store.ShownReleases(r.http().Context())
	if err != nil {
		return answer{}, err
	}
	body := publicReleasesBody{Releases: []publicReleaseBody{}}
	v := &web.PublicReleasesView{Page: a.pageFor(r)}
	for _, release := range found {
		facts := release.Docket.Facts
		b := publicReleaseBody{ID: release.Docket.ID, Ground: facts["release_ground"], Unit: a.places(r).body(cmp.Or(release.Docket.Unit, facts["object"])), Title: release.Title, Text: release.Text,
			Language: string(web.Chinese), Outlet: facts["outlet"], OutletName: release.Outlet}
		if r.lang == web.English && release.TextEnglish != "" {
			b.Title, b.Text, b.Language = release.TitleEnglish, release.TextEnglish, string(web.English)
		}
		b.On, _ = workday.ParseDate(facts["published_on"])   // written by us
		b.Until, _ = workday.ParseDate(facts["shown_until"]) // written by us
		b.Quarters = releaseQuarters(release.Docket)
		b.Formula, _ = strconv.Atoi(facts["board_formula"]) // 0 for none
		var basis []string
		for _, q := range b.Quarters {
			basis = append(basis, web.T(r.lang, "public_releases.quarter", periodWords(r.lang, q.Quarter), q.Version))
		}
		body.Releases = append(body.Releases, b)
		v.Releases = append(v.Releases, web.PublicRelease{Basis: strings.Join(basis, either(r.lang, "、", ", ")), Formula: b.Formula, ID: b.ID, Ground: b.Ground, Unit: nameOf(b.Unit), Title: b.Title, Text: b.Text, Lang: b.Language, Outlet: b.Outlet, OutletName: b.OutletName,
			On: b.On.Start(), Until: b.Until.Start()})
	}
	return answer{body: body, view: v, shared: true}, nil
}
