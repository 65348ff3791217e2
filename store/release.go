package store

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"gorm.io/gorm"

	"haochaping/regulation"
	"haochaping/workday"
)

// releaseGround is what the record says of what a release rests on.
func (s *Store) releaseGround(ctx context.Context, params regulation.Params, a regulation.DocketAct, d regulation.Docket, v regulation.Values) (g regulation.ReleaseGround, err error) {
	g.Own = d.Authority
	ground, object := d.Facts["release_ground"], d.Facts["object"]
	if d.Seq == 0 {
		ground, object = v.Get("release_ground"), v.Get("release_object")
	}
	if ground == regulation.GroundCase {
		err = s.exposedCase(ctx, &g, object)
	} else {
		err = s.exposedPlace(ctx, params, &g, d, object)
	}
	if err != nil {
		return g, err
	}
	if g.Names, g.Windows, err = s.namesThere(ctx, cmp.Or(d.Unit, g.Unit)); err != nil || d.Seq == 0 {
		return g, err
	}
	r, err := s.releaseWords(ctx, d)
	g.Words = []string{r.Title, r.Text, r.TitleEnglish, r.TextEnglish}
	return g, err
}

// exposedCase reads a case by its id or its number.
func (s *Store) exposedCase(ctx context.Context, g *regulation.ReleaseGround, object string) error {
	var rows []struct{ State []byte }
	if err := s.rows(ctx).Table("cases").Select("state").Where("id = ? OR number = ?", object, object).Limit(1).Find(&rows).Error; err != nil || len(rows) == 0 {
		return err
	}
	c, err := caseOf(rows[0].State)
	if err != nil {
		return err
	}
	g.Case, g.Unit, g.UnitArea = regulation.ExposedCaseOf(c), c.Rated.Unit, c.Area
	first, last, _ := regulation.PeriodDays(regulation.QuarterOf(workday.DateOf(c.OpenedAt)))
	var n int64
	err = s.rows(ctx).Table("cases").Where("rated_unit = ? AND opened_at >= ? AND opened_at < ?", g.Unit, micros(first.Start()), micros(last.AddDays(1).Start())).Count(&n).Error
	g.Case.UnitBad = int(n)
	return err
}

// exposedPlace reads who was ranked low, and whom a region or department is: in the last quarters, or in those of a release.
func (s *Store) exposedPlace(ctx context.Context, params regulation.Params, g *regulation.ReleaseGround, d regulation.Docket, object string) (err error) {
	quarters := d.ReleasePeriods()
	if params, err = d.LowParams(params); err == nil && len(quarters) == 0 {
		quarters, err = s.lastQuarters(ctx, params)
	}
	if err != nil {
		return err
	}
	g.Lowest = params.Days(regulation.ReleaseLowest)
	if g.Low, g.Seals, err = s.rankedLowIn(ctx, params, quarters); err != nil {
		return err
	}
	tree, err := s.Tree(ctx)
	if err != nil {
		return err
	}
	for _, o := range tree.Orgs(regulation.OrgCounty) {
		if office, any := tree.Authority(o.ID); any && o.Area == object {
			g.Unit, g.UnitArea = office.ID, office.Area
			return nil
		}
	}
	if unit, known := tree.Org(object); known {
		g.Unit, g.UnitArea = unit.ID, unit.Area
	}
	return nil
}

// namesAt are the names of all who serve in the area of a unit: a release on a county may tell of any of its departments.
func (s *Store) namesAt(ctx context.Context, unit string) ([]string, error) {
	var ids []string
	err := s.rows(ctx).Raw("SELECT s.id FROM staff s JOIN orgs o ON o.id = s.unit_id WHERE o.area = (SELECT area FROM orgs WHERE id = ?)", unit).Scan(&ids).Error
	if err != nil {
		return nil, err
	}
	known, err := s.StaffNames(ctx, ids...)
	var names []string
	for _, name := range known {
		names = append(names, name)
	}
	return names, err
}

// RankedLow are the counties (by division code) and departments of the prefecture that were low in consecutive quarters by the
// composite score of the last sealed figures, each with those quarters (8(3), R43).
func (s *Store) RankedLow(ctx context.Context, params regulation.Params) (map[string][]string, error) {
	quarters, err := s.lastQuarters(ctx, params)
	if err != nil {
		return nil, err
	}
	low, _, err := s.rankedLowIn(ctx, params, quarters)
	return low, err
}

// lastQuarters are the last sealed quarters in which a place must have been low.
func (s *Store) lastQuarters(ctx context.Context, params regulation.Params) ([]string, error) {
	seals, err := s.Seals(ctx, []string{regulation.PrefectureArea})
	return latestQuarters(seals, params.Days(regulation.ReleasePeriods)), err
}

// rankedLowIn are who was low in all of some quarters by their last sealed figures, with the versions of these.
func (s *Store) rankedLowIn(ctx context.Context, params regulation.Params, quarters []string) (low map[string][]string, versions map[string]int64, err error) {
	versions = map[string]int64{}
	var counties, departments [][]regulation.Ranked
	for _, quarter := range quarters {
		in, _, err := s.boardInput(ctx, quarter)
		if err != nil {
			return nil, nil, err
		}
		versions[quarter] = in.Seal
		counties = append(counties, regulation.RanksOf(regulation.RankPlaces(in.Counties, in.Values)))
		departments = append(departments, regulation.RanksOf(regulation.RankPlaces(in.Departments, in.Values)))
	}
	low = map[string][]string{}
	for _, key := range append(regulation.LowAlways(params, counties), regulation.LowAlways(params, departments)...) {
		low[key] = quarters
	}
	return low, versions, nil
}

// latestQuarters are the last n sealed quarters that follow each other, the latest last; fewer where one between is not sealed.
func latestQuarters(seals []Seal, n int) (quarters []string) {
	for _, seal := range seals { // the latest period first
		p, ok := regulation.ParsePeriod(seal.Period)
		if !ok || !p.IsQuarter() || slices.Contains(quarters, seal.Period) {
			continue
		}
		if len(quarters) == n || len(quarters) > 0 && p.Next().String() != quarters[0] {
			break
		}
		quarters = append([]string{seal.Period}, quarters...)
	}
	return quarters
}

// Release is a published release with its words (R43).
type Release struct {
	Docket                                 regulation.Docket
	Title, Text, TitleEnglish, TextEnglish string
	Outlet                                 string // the name of one that is none of the two
}

// releaseWords reads the words of a release: those of the last draft.
func (s *Store) releaseWords(ctx context.Context, d regulation.Docket) (r Release, err error) {
	texts, err := s.textsOf(ctx, d.ID)
	last := int64(0)
	for seq, words := range texts {
		if words["release_text"] != "" && seq > last {
			last = seq
		}
	}
	words, outlet := texts[last], ""
	for _, typed := range texts {
		outlet = cmp.Or(typed["outlet_name"], outlet)
	}
	return Release{d, words["release_title"], words["release_text"], words["release_title_en"], words["release_text_en"], outlet}, err
}

// ShownReleases lists the releases that the public sees today, the latest first; no more than a quarter's.
func (s *Store) ShownReleases(ctx context.Context) ([]Release, error) {
	var rows []docketRow
	err := s.rows(ctx).Where("kind = ? AND stage = ?", string(regulation.DocketRelease), regulation.DocketPublished).Order("ended_at DESC, id").Find(&rows).Error
	if err != nil {
		return nil, err
	}
	dockets, err := docketsOf(rows)
	if err != nil {
		return nil, err
	}
	var all []Release
	for _, d := range dockets {
		if !d.Shown(s.today()) {
			continue
		}
		r, err := s.releaseWords(ctx, d)
		if err != nil {
			return nil, err
		}
		all = append(all, r)
	}
	return all, nil
}

// releasing is what follows of publishing or withdrawing a release: an entry of the publication's docket, in the same transaction.
func (s *Store) releasing(ctx context.Context, rules regulation.Rules, actor regulation.Actor, d regulation.Docket) (func(docketing, regulation.Docket) error, error) {
	words, err := s.releaseWords(ctx, d)
	return func(k docketing, after regulation.Docket) error {
		if after.Stage == regulation.DocketDropped {
			return nil // it never came out
		}
		return k.recordRelease(rules, after, words, actor)
	}, err
}

func (k docketing) recordRelease(rules regulation.Rules, d regulation.Docket, r Release, actor regulation.Actor) error {
	fresh := regulation.Docket{ID: newID(), Area: d.Area, Authority: d.Authority, Upper: d.Upper}
	return k.record(rules, fresh, regulation.Published{Kind: regulation.PublishRelease, Period: d.ID[:8], Link: "/public/releases#" + d.ID, On: workday.DateOf(k.at),
		Digest: regulation.DigestOf([]string{r.Title, r.Text, r.TitleEnglish, r.TextEnglish}), By: actor.Person, As: actor.As, Withdrawn: d.Stage == regulation.DocketWithdrawn})
}

// followReleases takes off what may be shown no more: its days have ended, its case was written off or counts for another unit, or the
// figures by which its place was low have another version by which it was not.
func (s *Store) followReleases(ctx context.Context, token int64) error {
	var rows []docketRow
	err := s.rows(ctx).Where("kind = ? AND stage IN ?", string(regulation.DocketRelease), regulation.ReleasesFollowed).Order("id").Find(&rows).Error
	if err != nil || len(rows) == 0 {
		return err
	}
	dockets, err := docketsOf(rows)
	for _, d := range dockets {
		err = errors.Join(err, s.followRelease(ctx, token, d))
	}
	return err
}

func (s *Store) followRelease(ctx context.Context, token int64, d regulation.Docket) error {
	rules, err := s.watchRules(ctx, d.Area, s.now())
	if err != nil {
		return err
	}
	g, failed := s.groundNow(ctx, rules.Params, d)
	if _, entries := rules.ReleasePasses(d, g, s.now()); len(entries) == 0 {
		return failed
	}
	words, err := s.releaseWords(ctx, d)
	if err != nil {
		return err
	}
	return errors.Join(failed, s.withDocket(ctx, d.ID, func(tx *gorm.DB, before regulation.Docket, at time.Time) (regulation.Docket, []regulation.DocketEntry, error) {
		after, entries := rules.ReleasePasses(before, g, at)
		return after, entries, holdsLease(tx, LeaseDockets, token)
	}, func(k docketing, after regulation.Docket) error {
		if after.Stage != regulation.DocketWithdrawn {
			return nil
		}
		return k.recordRelease(rules, after, words, regulation.Actor{})
	}))
}

// groundNow is what a release rests on now. A place's ranks are worked out where something came since they were last; a quarter
// that does not read leaves the release as it is, and ends its days all the same.
func (s *Store) groundNow(ctx context.Context, params regulation.Params, d regulation.Docket) (g regulation.ReleaseGround, err error) {
	object := d.Facts["object"]
	if d.Facts["release_ground"] == regulation.GroundCase {
		err = s.exposedCase(ctx, &g, object)
		if err != nil { // nothing is said of it
			g.Case = regulation.ExposedCase{ID: object, Unit: d.Unit}
		}
		return g, err
	}
	g.Low = map[string][]string{object: d.ReleasePeriods()}
	looked := ""
	for _, quarter := range d.ReleasePeriods() {
		seen, err := s.boardSeen(ctx, quarter)
		if err != nil {
			return g, err
		}
		looked += seen + " "
	}
	if before, known := s.releases.Load(d.ID); known && before == looked {
		return g, nil
	}
	now := g
	if err := s.exposedPlace(ctx, params, &now, d, object); err != nil {
		return g, err
	}
	if now.Low[object] != nil { // one that falls is looked at until that is recorded
		s.releases.Store(d.ID, looked)
	}
	return now, nil
}
