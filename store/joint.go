package store

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"slices"
	"time"

	"gorm.io/gorm"

	"haochaping/regulation"
	"haochaping/workday"
)

// gathered are cases as a joint rectification knows them.
func gathered(db *gorm.DB, ids []string) ([]regulation.Gathered, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	var rows []struct{ State []byte }
	err := db.Table("cases").Select("state").Where("id IN ?", ids).Find(&rows).Error
	var all []regulation.Gathered
	for _, row := range rows {
		c, failed := caseOf(row.State)
		all, err = append(all, regulation.GatheredOf(c)), errors.Join(err, failed)
	}
	return all, err
}

// GatheredCases are the cases of a joint rectification, by number.
func (s *Store) GatheredCases(ctx context.Context, d regulation.Docket) ([]regulation.Gathered, error) {
	all, err := gathered(s.rows(ctx), d.Cases)
	slices.SortFunc(all, func(a, b regulation.Gathered) int { return cmp.Compare(a.Number, b.Number) })
	return all, err
}

// followJoints takes what was written off out of the joint rectifications that go on.
func (s *Store) followJoints(ctx context.Context, token int64) error {
	var rows []struct{ DocketID, CaseID string }
	err := s.rows(ctx).Table("docket_cases g").Joins("JOIN dockets d ON d.id = g.docket_id").Joins("JOIN case_figures f ON f.case_id = g.case_id").
		Where("d.kind = ? AND d.ended_at = 0 AND f.written_off = 1", string(regulation.DocketJoint)).Select("g.docket_id, g.case_id").Order("g.docket_id, g.case_id").Find(&rows).Error
	if err != nil {
		return err
	}
	gone := map[string][]string{}
	for _, row := range rows {
		gone[row.DocketID] = append(gone[row.DocketID], row.CaseID)
	}
	for _, id := range slices.Sorted(maps.Keys(gone)) {
		failed := s.withDocket(ctx, id, func(tx *gorm.DB, before regulation.Docket, at time.Time) (regulation.Docket, []regulation.DocketEntry, error) {
			after, entries := before.Leave(gone[id], at)
			return after, entries, holdsLease(tx, LeaseDockets, token)
		}, nil)
		err = errors.Join(err, failed)
	}
	return err
}

// SharedCause is a cause that several cases of an authority share, and that no joint rectification has taken up.
type SharedCause struct {
	Authority, Cause, Link, Attribution string
	Open, Closed                        int
}

// sharedDays is how far back closed cases are looked at.
const sharedDays = 180

// SharedCauses lists them within the scope, the most cases first: two at least, open ones and those closed of late. Findings are those
// that the ledger has counted, which is what figures say too.
func (s *Store) SharedCauses(ctx context.Context, scope regulation.Scope) ([]SharedCause, error) {
	found := map[SharedCause]*SharedCause{}
	for _, closed := range []bool{false, true} {
		var rows []struct {
			SharedCause
			Cases int
		}
		err := s.sharing(s.rows(ctx), scope, closed).Select("c.authority, f.cause, f.link, f.attribution, COUNT(*) AS cases").
			Group("c.authority, f.cause, f.link, f.attribution").Scan(&rows).Error
		if err != nil {
			return nil, err
		}
		for _, row := range rows {
			if found[row.SharedCause] == nil {
				all := row.SharedCause
				found[row.SharedCause] = &all
			}
			found[row.SharedCause].count(closed, row.Cases)
		}
	}
	var all []SharedCause
	for _, c := range found {
		if c.Open+c.Closed >= regulation.FewestCases {
			all = append(all, *c)
		}
	}
	slices.SortFunc(all, func(a, b SharedCause) int {
		return cmp.Or(cmp.Compare(b.Open+b.Closed, a.Open+a.Closed), cmp.Compare(a.Authority, b.Authority), cmp.Compare(a.Cause, b.Cause), cmp.Compare(a.Link, b.Link), cmp.Compare(a.Attribution, b.Attribution))
	})
	return all, nil
}

func (c *SharedCause) count(closed bool, cases int) {
	if closed {
		c.Closed += cases
	} else {
		c.Open += cases
	}
}

// sharing are the cases within the scope that were found to have a cause and that no joint rectification has taken up: open ones, or
// those closed of late.
func (s *Store) sharing(db *gorm.DB, scope regulation.Scope, closed bool) *gorm.DB {
	query := inScope(db.Table("cases c"), scope, scopeColumns{area: "c.area", org: "c.authority"}).Joins("JOIN case_figures f ON f.case_id = c.id").
		Where("f.finding IN ? AND f.written_off = 0", []string{"substantiated", "fixed_at_once"}).
		Where("NOT EXISTS (SELECT 1 FROM docket_cases g WHERE g.case_id = c.id)")
	if closed {
		return query.Where("c.closed_at >= ?", micros(s.today().AddDays(-sharedDays).Start()))
	}
	return query.Where("c.closed_at = 0")
}

// CasesOfCause are the cases within the scope that share a cause of SharedCauses, by number; of every authority where Authority is "", of
// every link of the service where Link is.
func (s *Store) CasesOfCause(ctx context.Context, scope regulation.Scope, of SharedCause) ([]regulation.Gathered, error) {
	var ids []string
	for _, closed := range []bool{false, true} {
		query := s.sharing(s.rows(ctx), scope, closed).Where("f.cause = ? AND f.attribution = ?", of.Cause, of.Attribution)
		if of.Authority != "" {
			query = query.Where("c.authority = ?", of.Authority)
		}
		if of.Link != "" {
			query = query.Where("f.link = ?", of.Link)
		}
		var some []string
		if err := query.Pluck("c.id", &some).Error; err != nil {
			return nil, err
		}
		ids = append(ids, some...)
	}
	var all []regulation.Gathered
	for some := range slices.Chunk(ids, batch) {
		cases, err := gathered(s.rows(ctx), some)
		if err != nil {
			return nil, err
		}
		all = append(all, cases...)
	}
	slices.SortFunc(all, func(a, b regulation.Gathered) int { return cmp.Compare(a.Number, b.Number) })
	return all, nil
}

// JointOf is the joint rectification that a case belongs to, within the scope; the zero Docket for none.
func (s *Store) JointOf(ctx context.Context, scope regulation.Scope, caseID string) (d regulation.Docket, err error) {
	var rows []docketRow
	err = inScope(s.rows(ctx), scope, docketScope).Where("id IN (SELECT docket_id FROM docket_cases WHERE case_id = ?)", caseID).Find(&rows).Error
	if err != nil || len(rows) == 0 {
		return d, err
	}
	return rows[0].docket()
}

// Change is a published change (R60): what was said, as the office words it, and what was changed.
type Change struct {
	ID, Authority, Cause string
	On                   workday.Date
	Ratings              int
	Said, Changed        string
	// In English, "" where nobody translated them.
	SaidEnglish, ChangedEnglish string
}

// Changes lists the published changes, the latest first.
func (s *Store) Changes(ctx context.Context, q ListQuery) ([]Change, string, error) {
	query, limit, err := q.newest(s.rows(ctx).Where("kind = ? AND stage = ?", string(regulation.DocketJoint), regulation.DocketPublished), "started_at", "id")
	if err != nil {
		return nil, "", err
	}
	var rows []docketRow
	if err := query.Find(&rows).Error; err != nil {
		return nil, "", err
	}
	rows, next := page(rows, limit, func(r docketRow) cursor { return cursor{Key: r.StartedAt, ID: r.ID} })
	var all []Change
	for _, row := range rows {
		d, err := row.docket()
		if err != nil {
			return nil, "", err
		}
		c, err := s.change(ctx, d)
		if err != nil {
			return nil, "", err
		}
		all = append(all, c)
	}
	return all, next, nil
}

// changeGround is what the record says of the change of a joint rectification that is worded or published.
func (s *Store) changeGround(ctx context.Context, d regulation.Docket) (g regulation.ChangeGround, err error) {
	tree, err := s.Tree(ctx)
	if err != nil {
		return g, err
	}
	var areas []string
	for _, id := range append([]string{d.Authority, d.Unit}, d.Assisting...) {
		o, known := tree.Org(id)
		if !known || slices.Contains(areas, o.Area) {
			continue
		}
		areas = append(areas, o.Area)
		names, windows, err := s.namesThere(ctx, id)
		if err != nil {
			return g, err
		}
		g.Names, g.Windows = append(g.Names, names...), append(g.Windows, windows...)
	}
	c, err := s.change(ctx, d)
	g.Words = []string{c.Said, c.Changed, c.SaidEnglish, c.ChangedEnglish}
	return g, err
}

// change reads the words of the draft that was approved: the last one.
func (s *Store) change(ctx context.Context, d regulation.Docket) (c Change, err error) {
	texts, err := s.textsOf(ctx, d.ID)
	if err != nil {
		return c, err
	}
	c = Change{ID: d.ID, Authority: d.Authority, Cause: d.Facts["cause"], Ratings: d.Count("ratings")}
	c.On, _ = workday.ParseDate(d.Facts["published_on"]) // written by us
	last := int64(0)
	for seq, words := range texts {
		if words["you_said"] != "" && seq > last {
			last = seq
		}
	}
	words := texts[last]
	c.Said, c.Changed, c.SaidEnglish, c.ChangedEnglish = words["you_said"], words["we_changed"], words["you_said_en"], words["we_changed_en"]
	return c, nil
}
