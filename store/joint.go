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
	Cases                               []regulation.Gathered // by number
}

// sharedDays is how far back closed cases are looked at.
const sharedDays = 180

// SharedCauses lists them within the scope, the most cases first: two at least, open ones and those closed of late.
func (s *Store) SharedCauses(ctx context.Context, scope regulation.Scope) ([]SharedCause, error) {
	since := s.today().AddDays(-sharedDays)
	type key struct{ authority, cause, link, attribution string }
	found := map[key]*SharedCause{}
	for after := ""; ; {
		var rows []struct {
			ID    string
			State []byte
		}
		err := inScope(s.rows(ctx).Table("cases"), scope, scopeColumns{area: "area", org: "authority"}).Select("id, state").
			Where("id > ? AND (closed_at = 0 OR closed_at >= ?) AND NOT EXISTS (SELECT 1 FROM docket_cases g WHERE g.case_id = cases.id)", after, micros(since.Start())).
			Order("id").Limit(watchBatch).Find(&rows).Error
		if err != nil {
			return nil, err
		}
		for _, row := range rows {
			c, err := caseOf(row.State)
			if err != nil {
				return nil, err
			}
			after = row.ID
			if c.Finding.Kind != "substantiated" && c.Finding.Kind != "fixed_at_once" || c.WrittenOff() {
				continue
			}
			k := key{c.Authority, c.Finding.Cause, c.Finding.Link, c.Finding.Attribution}
			if found[k] == nil {
				found[k] = &SharedCause{Authority: k.authority, Cause: k.cause, Link: k.link, Attribution: k.attribution}
			}
			found[k].add(regulation.GatheredOf(c))
		}
		if len(rows) < watchBatch {
			break
		}
	}
	var all []SharedCause
	for _, c := range found {
		if len(c.Cases) >= regulation.FewestCases {
			slices.SortFunc(c.Cases, func(a, b regulation.Gathered) int { return cmp.Compare(a.Number, b.Number) })
			all = append(all, *c)
		}
	}
	slices.SortFunc(all, func(a, b SharedCause) int {
		return cmp.Or(cmp.Compare(len(b.Cases), len(a.Cases)), cmp.Compare(a.Authority, b.Authority), cmp.Compare(a.Cause, b.Cause), cmp.Compare(a.Link, b.Link), cmp.Compare(a.Attribution, b.Attribution))
	})
	return all, nil
}

func (c *SharedCause) add(g regulation.Gathered) {
	c.Cases = append(c.Cases, g)
	if g.Closed {
		c.Closed++
	} else {
		c.Open++
	}
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
