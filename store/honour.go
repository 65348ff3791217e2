package store

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strconv"
	"time"

	"gorm.io/gorm"

	"haochaping/regulation"
)

// HonourList are the candidates of an authority's sealed quarter with what the list rests on.
type HonourList struct {
	Area, Period, Honour string
	Seal, Position       int64
	At                   time.Time // of whose record it is
	Edition              string
	Rule                 int
	Candidates           []regulation.Candidate
	Digest               string
}

// HonourCandidates lists who may be honoured (8(2), R39), from a version of an authority's sealed quarter, the last for 0, and from
// the record as it stood at an instant, by a rule (regulation.HonourRule): whoever asks for the same again is answered the same. Versions that do
// not say what was confirmed are listed by the first rule. Refusals: Invalid, NotNow where the quarter is not sealed, NotFound for a version that is not.
func (s *Store) HonourCandidates(ctx context.Context, area, period, honour string, version int64, at time.Time, rule int) (l HonourList, err error) {
	wrong := &regulation.Error{Code: regulation.Invalid, Clause: regulation.ClausePraise, Missing: "fields"}
	p, ok := regulation.ParsePeriod(period)
	switch {
	case !ok || !p.IsQuarter():
		return l, wrong.Field("period", "not_a_quarter")
	case !slices.Contains(regulation.HonourNames, honour):
		return l, wrong.Field("honour", "not_an_option")
	}
	rules, err := s.watchRules(ctx, area, regulation.BoardEnds(p))
	if err != nil {
		return l, err
	}
	seal, err := s.Sealed(ctx, area, period, version)
	if err != nil && version == 0 {
		err = s.unsealed(err, regulation.ClausePraise, p, rules.Params)
	}
	if err != nil {
		return l, err
	}
	b, err := s.summing(ctx)
	if err != nil {
		return l, err
	}
	record, err := s.honourRecord(s.rows(ctx), b.tree, p, seal.Position, at)
	if !seal.Confirms {
		rule = regulation.HonourRuleAll
	}
	l = HonourList{Area: area, Period: period, Honour: honour, Seal: seal.Version, Position: seal.Position, At: at, Edition: rules.Params.Edition, Rule: rule,
		Candidates: rules.Params.Candidates(seal.Figures, honour, b.windows, record, rule)}
	l.Digest = regulation.HonourListDigest(l.Candidates)
	return l, err
}

// honourRecord is whom probes of false praise concern at an instant: open ones, and those that found some and were decided since the
// quarter began.
func (s *Store) honourRecord(db *gorm.DB, tree *Tree, quarter regulation.Period, position int64, at time.Time) (regulation.HonourRecord, error) {
	record := regulation.HonourRecord{SuspectUnits: map[string]bool{}, SuspectWindows: map[string]bool{}, SuspectStaff: map[string]bool{}}
	for _, place := range tree.Orgs(regulation.OrgPrefecture) {
		office, _ := tree.Authority(place.ID)
		record.Topmost = office.ID
	}
	first, _ := quarter.Days()
	var rows []probeRow
	err := db.Where("direction = ? AND started_at <= ? AND (ended_at = 0 OR ended_at >= ?)", string(regulation.FalsePraise), micros(at), micros(first.Start())).Find(&rows).Error
	for _, row := range rows {
		q, failed := row.probe()
		err = errors.Join(err, failed)
		open := row.EndedAt == 0 || row.EndedAt > micros(at)
		if failed != nil || !open && (q.Decided == nil || q.Decided.Outcome != regulation.ProbeConfirmed && q.Decided.Outcome != regulation.ProbePartly) {
			continue
		}
		switch q.Suspect.Kind {
		case regulation.SuspectStaff:
			record.SuspectStaff[q.Suspect.Object] = true
		case regulation.SuspectUnit:
			record.SuspectUnits[q.Suspect.Object] = true
		}
	}
	if err != nil || len(record.SuspectStaff) == 0 {
		return record, err
	}
	record.SuspectWindows, err = ratedAt(db, quarter, slices.Sorted(maps.Keys(record.SuspectStaff)), position)
	return record, err
}

// readRatedAt goes backwards from the position, before which the quarter's last ratings lie: of who serves there one is met soon.
const readRatedAt = `SELECT r.id FROM leaves l JOIN ratings r ON r.id = l.ref WHERE l.position < ? AND l.position >= ? AND ` + kindOf + ` = ?
	AND r.staff_id = ? AND r.window_id = ? AND r.given_month IN ? ORDER BY l.position DESC LIMIT 1`

// takenBefore is a position of the ledger before which no rating of a quarter lies, by what was sealed before the quarter began, or 0. Clocks of
// devices may be a day ahead.
func takenBefore(db *gorm.DB, quarter regulation.Period) (position int64, err error) {
	first, _ := quarter.Days()
	err = db.Raw("SELECT COALESCE(MAX(position), 0) FROM seals WHERE sealed_at < ?", micros(first.AddDays(-1).Start())).Scan(&position).Error
	return position, err
}

// ratedAt are the windows at which some members of staff were rated in a quarter, by what the ledger had before a position: what it took
// in later, of whatever day, is not among what the quarter was sealed of. Figures say where to look, and leaves whether it was before.
func ratedAt(db *gorm.DB, quarter regulation.Period, staff []string, position int64) (map[string]bool, error) {
	var pairs []struct{ K1, K2 string }
	err := db.Table("figures").Distinct().Select("k1, k2").Where("given_month IN ? AND cut = ? AND k2 IN ? AND k1 <> ''", quarter.Months(), string(regulation.CutWindowStaff), staff).
		Order("k1, k2").Scan(&pairs).Error
	if err != nil || len(pairs) == 0 {
		return nil, err
	}
	before, err := takenBefore(db, quarter)
	windows := map[string]bool{}
	for _, pair := range pairs {
		if windows[pair.K1] {
			continue
		}
		var found []string
		failed := db.Raw(readRatedAt, position, before, leafRating, pair.K2, pair.K1, quarter.Months()).Scan(&found).Error
		windows[pair.K1], err = len(found) > 0, errors.Join(err, failed)
	}
	return windows, err
}

// honour holds a nomination's list against what it is made of: the sealed version, the rules of the quarter's end and the record of the
// list's instant give the same again (R39).
func (v *verifier) honour(ctx context.Context, d regulation.Docket, wrong func(code string, about ...string)) error {
	version, _ := strconv.ParseInt(d.Facts["seal_version"], 10, 64) // written by us; 0 is the last, whose list differs
	list, err := v.s.HonourCandidates(ctx, d.Facts["seal_area"], d.Period, d.Facts["honour"], version, d.HonourAt(), d.HonourRule())
	if refused := (*regulation.Error)(nil); err != nil && !errors.As(err, &refused) {
		return err
	}
	among := slices.ContainsFunc(list.Candidates, func(c regulation.Candidate) bool { return c.Object == d.Facts["object"] })
	if err != nil || list.Digest != d.Facts["candidates"] || !among {
		wrong("honour_differs")
	}
	return nil
}

// NewHonour is what the docket of a candidate's honour would be, by the list of now. What an authority's own windows and staff are
// chosen for lies with the level above where there is one, and so does a window whose figures hold ratings of the authority's own matters: its people
// may not read those (2). Invalid: no such candidate.
func (s *Store) NewHonour(ctx context.Context, area, period, honour, object string) (d regulation.Docket, err error) {
	list, err := s.HonourCandidates(ctx, area, period, honour, 0, s.now(), regulation.HonourRule)
	if err != nil {
		return d, err
	}
	i := slices.IndexFunc(list.Candidates, func(c regulation.Candidate) bool { return c.Object == object })
	if i < 0 {
		return d, (&regulation.Error{Code: regulation.Invalid, Clause: regulation.ClausePraise, Missing: "fields"}).Field("object", "not_an_option")
	}
	tree, err := s.Tree(ctx)
	if err != nil {
		return d, err
	}
	chosen := list.Candidates[i]
	office, known := tree.Authority(chosen.Unit)
	if !known {
		return d, &regulation.Error{Code: regulation.NotFound, Missing: "organisation"}
	}
	if upper, any := tree.Upper(office.ID); any && office.ID != chosen.Unit {
		own, err := s.ofOwnOffice(ctx, office.ID, honour, object, period)
		if err != nil {
			return d, err
		}
		if own {
			office = upper
		}
	}
	if d, err = s.NewDocket(ctx, regulation.DocketHonour, office.ID, chosen.Unit); err != nil {
		return d, err
	}
	return d.OfHonour(regulation.Honoured{Candidate: chosen, Period: period, Honour: honour, Area: area, Seal: list.Seal, At: list.At, Digest: list.Digest, Rule: list.Rule}), nil
}

// ofOwnOffice tells whether a candidate of another unit was rated for what an office has: a window for its matters, somebody who is of its staff.
func (s *Store) ofOwnOffice(ctx context.Context, office, honour, object, period string) (bool, error) {
	if honour == regulation.HonourModel {
		staff, err := s.StaffOf(ctx, office)
		return slices.ContainsFunc(staff, func(p Profile) bool { return p.StaffID == object }), err
	}
	matters, err := s.Matters(ctx, office)
	if err != nil || len(matters) == 0 {
		return false, err
	}
	p, _ := regulation.ParsePeriod(period)
	months := p.Months()
	_, served, err := s.Figures(ctx, FigureQuery{From: months[0], To: months[len(months)-1], Cut: regulation.CutWindowMatter, First: []string{object},
		Second: converted(matters, func(m Matter) string { return m.ID }), By: []FigureBy{ByFirst}})
	return len(served) > 0, err
}

// barredNow are the reasons that stand in a nominee's way at this instant: by the last sealed version, and by what was confirmed or
// became overdue since, which makes no version of its own.
func (s *Store) barredNow(tx *gorm.DB, d regulation.Docket) ([]string, error) {
	list, err := s.HonourCandidates(tx.Statement.Context, d.Facts["seal_area"], d.Period, d.Facts["honour"], 0, s.now(), d.HonourRule())
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(list.Candidates, func(c regulation.Candidate) bool { return c.Object == d.Facts["object"] })
	if i < 0 {
		return []string{"no_candidate"}, nil // a later version took ratings off
	}
	confirmed, overdue, err := againstNow(tx, d)
	if err != nil {
		return nil, err
	}
	params, err := s.Params(tx.Statement.Context, list.Edition)
	barred := list.Candidates[i].Barred
	if confirmed > 0 && params.Days(regulation.HonourConfirmed) == 1 && !slices.Contains(barred, regulation.BarredConfirmed) {
		barred = append(barred, regulation.BarredConfirmed)
	}
	if overdue > 0 && params.Days(regulation.HonourOverdue) == 1 && d.Staff == "" && !slices.Contains(barred, regulation.BarredOverdue) {
		barred = append(barred, regulation.BarredOverdue)
	}
	return barred, err
}

// againstNow counts the bad ratings of a nominee's quarter that are confirmed by now, and those with overdue rectifications.
func againstNow(db *gorm.DB, d regulation.Docket) (confirmed, overdue int64, err error) {
	by, column := regulation.AxisWindow, "window_id"
	if d.Staff != "" {
		by, column = regulation.AxisStaff, "staff_id"
	}
	p, _ := regulation.ParsePeriod(d.Period)
	findings, attributions := regulation.ConfirmedFindings(by)
	cases := func() *gorm.DB {
		return db.Table("case_figures").Where("given_month IN ? AND written_off = 0 AND "+column+" = ?", p.Months(), d.Facts["object"])
	}
	if err := cases().Where("finding IN ? AND attribution IN ?", findings, attributions).Count(&confirmed).Error; err != nil {
		return 0, 0, err
	}
	return confirmed, overdue, cases().Where("unit_overdue = 1").Count(&overdue).Error
}
