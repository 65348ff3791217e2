package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"gorm.io/gorm"

	"haochaping/regulation"
	"haochaping/workday"
)

// LeaseSealing is the lease under which one node seals figures.
const LeaseSealing = "sealing"

// factSealed is the last look at everything that was due: its day, the position of the ledger before which all is in it, and the
// version of the formulae.
const factSealed = "sealed"

const leafSeal = "seal"

type sealRow struct {
	Series   string `gorm:"primaryKey"`
	Version  int64  `gorm:"primaryKey;autoIncrement:false"`
	Area     string
	Period   string
	SealedAt int64
	Position int64
	Reasons  string
	Body     []byte
	Nonce    []byte
}

func (sealRow) TableName() string { return "seals" }

func seriesOf(area, period string) string { return area + "-" + period }

// sealed reads a row; it fails where the columns are not what the body says.
func (r sealRow) sealed() (f regulation.Sealed, err error) {
	if err := json.Unmarshal(r.Body, &f); err != nil {
		return f, err
	}
	reasons, err := json.Marshal(f.Reasons)
	if err != nil {
		return f, err
	}
	return f, columnsAre(map[string]bool{"area": f.Area == r.Area, "period": f.Period == r.Period, "version": f.Version == r.Version,
		"sealed_at": micros(f.At) == r.SealedAt, "position": f.Position == r.Position, "reasons": string(reasons) == r.Reasons, "series": r.Series == seriesOf(r.Area, r.Period)})
}

// sealLeaf makes a seal's leaf anew.
func (s *Store) sealLeaf(ctx context.Context, ref string) (leafContent, error) {
	series, version, err := refParts(ref)
	if err != nil {
		return leafContent{}, err
	}
	var row sealRow
	if err := s.rows(ctx).Take(&row, "series = ? AND version = ?", series, version).Error; err != nil {
		return leafContent{}, err
	}
	_, err = row.sealed()
	return leafContent{row.Nonce, canonicalEntry(leafSeal, row.Series, row.Version, row.Body)}, err
}

// errFiguresBehind: what was given in the period may not be counted yet.
var errFiguresBehind = errors.New("figures are behind the ledger: nothing is sealed until they have caught up")

// SealFigures seals, once a day, the months and quarters that are over, and those in which something changed since, for every
// authority; a day or a month on which nothing ran is made up for. It returns how many versions it made, and fails while figures
// are behind the ledger. token is that of LeaseSealing.
func (s *Store) SealFigures(ctx context.Context, token int64) (versions int, err error) {
	today := workday.DateOf(s.now())
	last, err := s.lastSealing(ctx)
	if err != nil || last.day == today.String() {
		return 0, err
	}
	counted, err := s.Counted(ctx)
	if err != nil {
		return 0, err
	}
	if counted.Position < counted.Size || counted.Waits > lateLeaf {
		return 0, errFiguresBehind
	}
	rules, err := s.watchRules(ctx, regulation.PrefectureArea, s.now())
	if err != nil {
		return 0, err
	}
	periods, err := s.periodsToSeal(ctx, rules, last)
	if err != nil {
		return 0, err
	}
	for _, period := range periods {
		n, err := s.sealPeriod(ctx, token, period, !rules.CasesDue(period).After(s.now()))
		versions += n
		if err != nil {
			return versions, err
		}
	}
	return versions, s.SetFact(ctx, factSealed, fmt.Sprint(today, " ", counted.Position, " ", regulation.FigureFormula))
}

// sealing is a look at all periods.
type sealing struct {
	day      string
	position int64
	formula  int
}

func (s *Store) lastSealing(ctx context.Context) (last sealing, err error) {
	text, err := s.Fact(ctx, factSealed)
	if err == nil && text != "" {
		_, _ = fmt.Sscan(text, &last.day, &last.position, &last.formula) // less in a record of before: then all is looked at
	}
	return last, err
}

// periodsToSeal are those over that some authority lacks, those of which the ledger took in something since the last look, and those
// whose cases are due and open without a version that says so.
func (s *Store) periodsToSeal(ctx context.Context, rules regulation.Rules, last sealing) ([]regulation.Period, error) {
	periods, err := s.periodsOver(ctx)
	if err != nil || last.formula != regulation.FigureFormula {
		return periods, err
	}
	tree, err := s.Tree(ctx)
	if err != nil {
		return nil, err
	}
	var sealed []struct {
		Period string
		Areas  int
	}
	if err := s.rows(ctx).Raw("SELECT period, COUNT(DISTINCT area) AS areas FROM seals GROUP BY period").Scan(&sealed).Error; err != nil {
		return nil, err
	}
	areas := map[string]int{}
	for _, row := range sealed {
		areas[row.Period] = row.Areas
	}
	due, err := s.casesOpenUntold(ctx)
	if err != nil {
		return nil, err
	}
	touched, err := s.monthsTouched(ctx, last.position)
	return slices.DeleteFunc(periods, func(p regulation.Period) bool {
		return areas[p.String()] >= len(tree.Orgs(regulation.OrgPrefecture, regulation.OrgCounty)) &&
			!slices.ContainsFunc(p.Months(), func(month string) bool { return touched[month] }) && (rules.CasesDue(p).After(s.now()) || !due(p))
	}), err
}

// casesOpenUntold tells of which periods an authority has open cases, and no version yet that says so since they were due.
func (s *Store) casesOpenUntold(ctx context.Context) (func(regulation.Period) bool, error) {
	var open []struct{ Month, Area string }
	err := s.rows(ctx).Raw(`SELECT given_month AS month, k1 AS area FROM case_tallies WHERE cut = 'unit'
		GROUP BY given_month, k1 HAVING SUM(cases) > SUM(concluded) + SUM(written_off)`).Scan(&open).Error
	if err != nil {
		return nil, err
	}
	var series []string
	err = s.rows(ctx).Model(&sealRow{}).Distinct("series").Where("reasons LIKE ?", saysDue).Pluck("series", &series).Error
	return func(p regulation.Period) bool {
		for _, month := range open {
			if slices.Contains(p.Months(), month.Month) && !slices.Contains(series, seriesOf(month.Area, p.String())) {
				return true
			}
		}
		return false
	}, err
}

// saysDue finds the versions that say how many cases were open when they were due.
const saysDue = `%"` + regulation.SealDue + `"%`

// toldDue tells whether a series has a version that says how many cases were open when they were due.
func toldDue(db *gorm.DB, series string) (bool, error) {
	var n int64
	err := db.Model(&sealRow{}).Where("series = ? AND reasons LIKE ?", series, saysDue).Count(&n).Error
	return n > 0, err
}

// monthsTouched are the months of what the ledger took in from a position on: of ratings, of sessions without a grade, and of cases
// that went on.
func (s *Store) monthsTouched(ctx context.Context, position int64) (map[string]bool, error) {
	touched := map[string]bool{}
	var months []string
	err := s.rows(ctx).Raw("SELECT DISTINCT r.given_month FROM leaves l JOIN ratings r ON r.id = l.ref WHERE l.position >= ? AND "+kindOf+" = ?", position, leafRating).Scan(&months).Error
	if err != nil {
		return nil, err
	}
	refs := map[string][]string{}
	for _, kind := range []string{leafDevice, leafEvent} {
		var of []string
		if err := s.rows(ctx).Raw("SELECT ref FROM leaves WHERE position >= ? AND "+kindOf+" = ?", position, kind).Scan(&of).Error; err != nil {
			return nil, err
		}
		refs[kind] = of
	}
	missed, err := s.missedOf(ctx, refs[leafDevice])
	if err != nil {
		return nil, err
	}
	for _, session := range missed {
		touched[monthOf(instant(session.GivenAt))] = true
	}
	cases := map[string]bool{}
	for _, ref := range refs[leafEvent] {
		id, _, err := refParts(ref)
		if err != nil {
			return nil, err
		}
		cases[id] = true
	}
	for some := range slices.Chunk(slices.Sorted(maps.Keys(cases)), batch) {
		var of []string
		if err := s.rows(ctx).Raw("SELECT DISTINCT given_month FROM case_figures WHERE case_id IN ?", some).Scan(&of).Error; err != nil {
			return nil, err
		}
		months = append(months, of...)
	}
	for _, month := range months {
		touched[month] = true
	}
	return touched, nil
}

// periodsOver are the months and quarters to be sealed by now, from the first in which anything was counted.
func (s *Store) periodsOver(ctx context.Context) (periods []regulation.Period, err error) {
	var first *string
	if err := s.rows(ctx).Raw("SELECT MIN(given_month) FROM figures").Scan(&first).Error; err != nil || first == nil {
		return nil, err
	}
	edition, err := s.CurrentEdition(ctx)
	if err != nil {
		return nil, err
	}
	params, err := s.Params(ctx, edition)
	if err != nil {
		return nil, err
	}
	month, ok := regulation.ParsePeriod(*first)
	if !ok {
		return nil, errors.New("figures are of a month that is none: " + *first)
	}
	for _, p := range []regulation.Period{month, month.Quarter()} {
		for ; !p.SealedFrom(params).After(s.now()); p = p.Next() {
			periods = append(periods, p)
		}
	}
	return periods, nil
}

// sealPeriod makes the versions of a period that are due; due tells that its cases are.
func (s *Store) sealPeriod(ctx context.Context, token int64, period regulation.Period, due bool) (versions int, err error) {
	position, figures, err := s.figuresOf(ctx, period.Months())
	if err != nil {
		return 0, err
	}
	for _, area := range slices.Sorted(maps.Keys(figures)) {
		f := regulation.Sealed{Area: area, Period: period.String(), Position: position, Formula: regulation.FigureFormula, Confirms: true, ByOffice: true, Figures: *figures[area]}
		if area == regulation.PrefectureArea && period.IsQuarter() {
			if f.Ranked, err = s.rankedNow(ctx); err != nil {
				return versions, err
			}
		}
		if f.ByHall = area == regulation.PrefectureArea && period.IsQuarter(); !f.ByHall {
			f.Figures = f.Figures.OfNoHall()
		}
		made, err := s.sealArea(ctx, token, f, due)
		if err != nil {
			return versions, err
		}
		if made {
			versions++
		}
	}
	return versions, nil
}

// sealArea makes the first version of an authority's period, or the next where something changed or its cases are due.
func (s *Store) sealArea(ctx context.Context, token int64, f regulation.Sealed, due bool) (made bool, err error) {
	return made, s.tx(ctx, func(tx *gorm.DB) error {
		made = false
		if err := holdsLease(tx, LeaseSealing, token); err != nil {
			return err
		}
		var last []sealRow
		if err := tx.Where("series = ?", seriesOf(f.Area, f.Period)).Order("version DESC").Limit(1).Find(&last).Error; err != nil {
			return err
		}
		f.Version, f.At, f.Reasons = 1, s.now().UTC().Truncate(time.Microsecond), []regulation.SealReason{{Code: regulation.SealPeriodOver}}
		if len(last) > 0 {
			before, err := last[0].sealed()
			if err != nil {
				return err
			}
			f.Reasons, f.Version = before.Changed(f.Figures), before.Version+1
			if before.Ranked != nil {
				f.Ranked = before.Ranked
			}
		}
		if due {
			told, err := toldDue(tx, seriesOf(f.Area, f.Period))
			if err != nil {
				return err
			}
			f.Reasons = append(f.Reasons, f.Figures.Due(told)...)
		}
		if f.Reasons == nil {
			return nil
		}
		made = true
		return s.addSeal(tx, f)
	})
}

func (s *Store) addSeal(tx *gorm.DB, f regulation.Sealed) error {
	body, err := json.Marshal(f)
	if err != nil {
		return err
	}
	reasons, err := json.Marshal(f.Reasons)
	if err != nil {
		return err
	}
	series := seriesOf(f.Area, f.Period)
	nonce, leaf := pendingLeaf(leafSeal, eventRef(series, f.Version), canonicalEntry(leafSeal, series, f.Version, body), s.wall())
	if err := tx.Create(&sealRow{series, f.Version, f.Area, f.Period, micros(f.At), f.Position, string(reasons), body, nonce}).Error; err != nil {
		return err
	}
	return s.insert(tx, pendingLeavesTable, leaf)
}

// Seal is a version of sealed figures without them.
type Seal struct {
	Area, Period string
	Version      int64
	At           time.Time
	Position     int64
	Reasons      []regulation.SealReason
}

// Seals lists the versions of sealed figures of some areas, all for none, the latest period first.
func (s *Store) Seals(ctx context.Context, areas []string) ([]Seal, error) {
	query := s.rows(ctx).Select("area, period, version, sealed_at, position, reasons").Order("period DESC, area, version DESC")
	if areas != nil {
		query = query.Where("area IN ?", areas)
	}
	var rows []sealRow
	if err := query.Find(&rows).Error; err != nil {
		return nil, err
	}
	all := make([]Seal, 0, len(rows))
	for _, row := range rows {
		seal := Seal{Area: row.Area, Period: row.Period, Version: row.Version, At: instant(row.SealedAt), Position: row.Position}
		if err := json.Unmarshal([]byte(row.Reasons), &seal.Reasons); err != nil {
			return nil, err
		}
		all = append(all, seal)
	}
	return all, nil
}

// Sealed reads a version, the last one for 0. NotFound where there is none.
func (s *Store) Sealed(ctx context.Context, area, period string, version int64) (regulation.Sealed, error) {
	query := s.rows(ctx).Where("series = ?", seriesOf(area, period)).Order("version DESC").Limit(1)
	if version != 0 {
		query = query.Where("version = ?", version)
	}
	var row sealRow
	if err := query.Take(&row).Error; err != nil {
		return regulation.Sealed{}, found(err, "sealed")
	}
	return row.sealed()
}

// unsealed says NotFound of a period's figures to whoever wants to use them: not yet, and from when on where that is to come. Other errors
// stay as they are.
func (s *Store) unsealed(err error, clause regulation.Clause, p regulation.Period, params regulation.Params) error {
	if refused := (*regulation.Error)(nil); !errors.As(err, &refused) || refused.Code != regulation.NotFound {
		return err
	}
	not := &regulation.Error{Code: regulation.NotNow, Clause: clause, Missing: "period_not_sealed"}
	if from := p.SealedFrom(params); from.After(s.now()) {
		not.From = from
	}
	return not
}

// sealedBehind refuses what rests on a sealed version that is behind the record, until the next sealing.
func (s *Store) sealedBehind(ctx context.Context, clause regulation.Clause) error {
	last, err := s.lastSealing(ctx)
	if err != nil {
		return err
	}
	behind := &regulation.Error{Code: regulation.NotNow, Clause: clause, Missing: "sealed_behind"}
	if day, failed := workday.ParseDate(last.day); failed == nil { // none in a record that never looked at all periods
		behind.From = day.AddDays(1).Start()
	}
	return behind
}
