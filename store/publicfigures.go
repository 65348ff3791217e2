package store

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"reflect"
	"slices"
	"strconv"
	"time"

	"gorm.io/gorm"

	"haochaping/regulation"
	"haochaping/workday"
)

type publicFiguresRow struct {
	Period      string `gorm:"primaryKey"`
	Edition     int64  `gorm:"primaryKey;autoIncrement:false"`
	Seal        int64
	PublishedAt int64
	Digest      string
	Body        []byte
	Nonce       []byte // of its leaf, nil of editions of before they were leaves, until they are given theirs
}

func (publicFiguresRow) TableName() string { return "public_figures" }

func (r publicFiguresRow) table() (t regulation.PublicTable, err error) {
	return t, json.Unmarshal(r.Body, &t)
}

// factPublicFigures is how many versions of the prefecture's sealed figures were looked at for public ones.
const factPublicFigures = "public_figures"

// PublicEdition is an edition of public figures without them.
type PublicEdition struct {
	Period  string
	Edition int64
	At      time.Time
	Digest  string
}

// publishFigures makes the public figures of the quarters that were sealed since, and records them as published by each authority whose
// part changed (9(1), R47).
func (s *Store) publishFigures(ctx context.Context, token int64) error {
	if err := s.leavesOfEditions(ctx, token); err != nil {
		return err
	}
	var count int64
	if err := s.rows(ctx).Model(&sealRow{}).Where("area = ?", regulation.PrefectureArea).Count(&count).Error; err != nil {
		return err
	}
	seen, err := s.Fact(ctx, factPublicFigures)
	if err != nil || seen == strconv.FormatInt(count, 10) {
		return err
	}
	seals, err := s.Seals(ctx, []string{regulation.PrefectureArea})
	if err != nil {
		return err
	}
	var periods []regulation.Period
	for _, seal := range seals {
		if p, ok := regulation.ParsePeriod(seal.Period); ok && p.IsQuarter() && !slices.Contains(periods, p) {
			periods = append(periods, p)
		}
	}
	slices.SortFunc(periods, func(a, b regulation.Period) int { return cmp.Compare(a.String(), b.String()) })
	for _, p := range periods {
		if err := s.publishPeriod(ctx, token, p); err != nil {
			return err
		}
	}
	return s.SetFact(ctx, factPublicFigures, strconv.FormatInt(count, 10))
}

func (s *Store) publishPeriod(ctx context.Context, token int64, p regulation.Period) error {
	out, err := outOf(s.rows(ctx), p.String()) // before the instant: what is issued by then without being read shows in the number
	if err != nil {
		return err
	}
	at := s.now() // of all that is read beside: verify asks for what was public then
	f, err := s.Sealed(ctx, regulation.PrefectureArea, p.String(), 0)
	if err != nil {
		return err
	}
	last, err := s.publicRows(ctx, p.String(), 0)
	if err != nil {
		return err
	}
	var before *regulation.PublicTable
	if len(last) > 0 {
		if last[0].Seal >= f.Version {
			return nil
		}
		t, err := last[0].table()
		if err != nil {
			return err
		}
		before = &t
	}
	edition, err := s.CurrentEdition(ctx)
	if err != nil {
		return err
	}
	params, err := s.Params(ctx, edition)
	if err != nil {
		return err
	}
	months, err := s.publicMonths(ctx, p)
	if err != nil {
		return err
	}
	told, err := s.bulletinsTold(ctx, p.String(), at)
	if err != nil {
		return err
	}
	table, changed := regulation.PublishFigures(regulation.PublicRuleOf(params), f, before, months, &told)
	if !changed {
		return nil
	}
	if err := s.nameEdition(ctx, &table, before); err != nil {
		return err
	}
	table.Offices = told.Offices
	return s.addPublic(ctx, token, table, before, f.Version, at, out)
}

// publicMonths are the months of a quarter that were published while months were.
func (s *Store) publicMonths(ctx context.Context, p regulation.Period) (tables []regulation.PublicTable, err error) {
	for _, month := range p.Months() {
		editions, err := s.PublicTables(ctx, month)
		if err != nil {
			return nil, err
		}
		tables = append(tables, editions...)
	}
	return tables, nil
}

func (s *Store) addPublic(ctx context.Context, token int64, table regulation.PublicTable, before *regulation.PublicTable, seal int64, at time.Time, out int64) error {
	body, err := json.Marshal(table)
	if err != nil {
		return err
	}
	published, err := s.partsPublished(ctx, table, before)
	if err != nil {
		return err
	}
	return s.tx(ctx, func(tx *gorm.DB) error {
		if err := holdsLease(tx, LeaseDockets, token); err != nil {
			return err
		}
		var since int64
		now, err := outOf(tx, table.Period)
		if err = errors.Join(err, tx.Model(&publicBulletinRow{}).Where("issued_at > ?", micros(at)).Count(&since).Error); err != nil || since > 0 || now != out {
			return errors.Join(err, errIssuedMeanwhile)
		}
		k := docketing{s, tx, at}
		row := publicFiguresRow{table.Period, table.Edition, seal, micros(k.at), regulation.DigestOf(table), body, nil}
		nonce, leaf := pendingLeaf(leafPublicFigures, eventRef(row.Period, row.Edition), row.canonical(), s.wall())
		row.Nonce = nonce
		if err := errors.Join(tx.Create(&row).Error, s.insert(tx, pendingLeavesTable, leaf)); err != nil {
			return err
		}
		for _, p := range published {
			if err := k.record(p.rules, p.fresh, p.Published); err != nil {
				return err
			}
		}
		return nil
	})
}

// errIssuedMeanwhile: figures were held against the bulletins of before; the next run holds them against this one too.
var errIssuedMeanwhile = errors.New("a bulletin was issued while figures were made ready")

// partPublished is what an authority published with a table.
type partPublished struct {
	regulation.Published
	fresh regulation.Docket
	rules regulation.Rules
}

// partsPublished are the publications that a table makes: of each authority that the calendar asks for it and whose part is another than
// before. One of which too few ratings are known has published that.
func (s *Store) partsPublished(ctx context.Context, table regulation.PublicTable, before *regulation.PublicTable) (all []partPublished, err error) {
	offices, err := s.Authorities(ctx)
	if err != nil {
		return nil, err
	}
	for _, office := range offices {
		part := table.Area(office.Area)
		if before != nil && reflect.DeepEqual(part, before.Area(office.Area)) {
			continue
		}
		var asked int64
		key := regulation.PublicationKey(regulation.PublishQuarter, office.ID, table.Period)
		if err := s.rows(ctx).Model(&docketRow{}).Where("doc_key = ?", key).Count(&asked).Error; err != nil {
			return nil, err
		}
		if asked == 0 {
			continue // of a time before the product was put in
		}
		m := partPublished{Published: quarterPublished(table, office.Area, s.today())}
		if m.fresh, err = s.NewDocket(ctx, regulation.DocketPublication, office.ID, ""); err != nil {
			return nil, err
		}
		if m.rules, err = s.watchRules(ctx, office.Area, s.now()); err != nil {
			return nil, err
		}
		all = append(all, m)
	}
	return all, nil
}

// quarterPublished is what an authority published with a table: its part of it, or that too few ratings are known.
func quarterPublished(table regulation.PublicTable, area string, on workday.Date) regulation.Published {
	return regulation.Published{Kind: regulation.PublishQuarter, Period: table.Period, On: on, Link: "/public/figures?period=" + table.Period,
		Digest: regulation.DigestOf([]any{table.Period, area, table.Area(area)})}
}

// recordQuarters records what came out before the calendar asked for it: quarters of a record of the release before.
func (s *Store) recordQuarters(ctx context.Context) error {
	waiting, err := s.publicationsWaiting(ctx)
	if err != nil {
		return err
	}
	for _, d := range waiting {
		if d.PublicationKindOf() != regulation.PublishQuarter {
			continue
		}
		editions, err := s.publicRows(ctx, d.Period, 0)
		if err != nil {
			return err
		}
		if len(editions) == 0 {
			continue
		}
		table, err := editions[0].table()
		if err != nil {
			return err
		}
		first := editions[len(editions)-1]
		if err := s.RecordPublication(ctx, d.Authority, quarterPublished(table, d.Area, workday.DateOf(instant(first.PublishedAt)))); err != nil {
			return err
		}
	}
	return nil
}

// publicRows are the editions of a period, the last first; one of them where edition is not 0.
func (s *Store) publicRows(ctx context.Context, period string, edition int64) (rows []publicFiguresRow, err error) {
	query := s.rows(ctx).Where("period = ?", period).Order("edition DESC")
	if edition != 0 {
		query = query.Where("edition = ?", edition)
	}
	return rows, query.Find(&rows).Error
}

// PublicFigures reads an edition of a period's public figures, the last for 0. NotFound where there is none.
func (s *Store) PublicFigures(ctx context.Context, period string, edition int64) (t regulation.PublicTable, e PublicEdition, err error) {
	rows, err := s.publicRows(ctx, period, edition)
	if err != nil {
		return t, e, err
	}
	if len(rows) == 0 {
		return t, e, &regulation.Error{Code: regulation.NotFound, Missing: "public_figures"}
	}
	t, err = rows[0].table()
	return t, PublicEdition{rows[0].Period, rows[0].Edition, instant(rows[0].PublishedAt), rows[0].Digest}, err
}

// PublicTables are all editions of a period's public figures, the last first.
func (s *Store) PublicTables(ctx context.Context, period string) (tables []regulation.PublicTable, err error) {
	rows, err := s.publicRows(ctx, period, 0)
	for _, row := range rows {
		t, failed := row.table()
		if failed != nil {
			return nil, failed
		}
		tables = append(tables, t)
	}
	return tables, err
}

// PublicEditions lists all editions of public figures, the latest period first, of each the last edition first.
func (s *Store) PublicEditions(ctx context.Context) ([]PublicEdition, error) {
	var rows []publicFiguresRow
	if err := s.rows(ctx).Select("period, edition, published_at, digest").Order("period DESC, edition DESC").Find(&rows).Error; err != nil {
		return nil, err
	}
	return converted(rows, func(r publicFiguresRow) PublicEdition {
		return PublicEdition{r.Period, r.Edition, instant(r.PublishedAt), r.Digest}
	}), nil
}

// publicFigures holds every edition of public figures to its sealed version and to the editions before it (R21). Editions of the rule under
// which months were public cannot be made anew: they are held to their digest.
func (v *verifier) publicFigures(ctx context.Context) error {
	var rows []publicFiguresRow
	if err := v.s.rows(ctx).Order("period, edition").Find(&rows).Error; err != nil {
		return err
	}
	var before *regulation.PublicTable
	for _, row := range rows {
		if row.Edition == 1 {
			before = nil
		}
		t, err := row.table()
		wrong := err != nil || regulation.DigestOf(t) != row.Digest || t.Period != row.Period || t.Edition != row.Edition
		if !wrong && t.Rule.Alone {
			again, err := v.publishedAgain(ctx, row, t, before)
			refused := (*regulation.Error)(nil)
			if err != nil && (!errors.As(err, &refused) || refused.Code != regulation.NotFound) {
				return err
			}
			wrong = err != nil || regulation.DigestOf(again) != row.Digest // the version that it rests on may be gone
		}
		v.timed(CheckSealed, 1, func() {
			if wrong {
				v.find(Finding{Check: CheckSealed, Code: "public_differs", Area: regulation.PrefectureArea, About: []string{eventRef(row.Period, row.Edition)}})
			}
		})
		if v.faults != nil {
			break
		}
		before = &t
	}
	return v.faults
}

func (v *verifier) publishedAgain(ctx context.Context, row publicFiguresRow, t regulation.PublicTable, before *regulation.PublicTable) (regulation.PublicTable, error) {
	f, err := v.s.Sealed(ctx, regulation.PrefectureArea, row.Period, row.Seal)
	if err != nil {
		return regulation.PublicTable{}, err
	}
	p, _ := regulation.ParsePeriod(row.Period)
	months, err := v.s.publicMonths(ctx, p)
	if err != nil {
		return regulation.PublicTable{}, err
	}
	told, err := v.s.bulletinsTold(ctx, row.Period, instant(row.PublishedAt))
	if err != nil {
		return regulation.PublicTable{}, err
	}
	if t.Offices != nil {
		told.Offices = t.Offices
	}
	again, _ := regulation.PublishFigures(t.Rule, f, before, months, &told)
	again.Counties, again.Places, again.Offices = t.Counties, t.Places, t.Offices // of then: its leaf holds them
	return again, nil
}
