package store

import (
	"context"
	"slices"
	"strings"
	"time"

	"haochaping/regulation"
)

// publicBulletinRow is a bulletin that everybody may read.
type publicBulletinRow struct {
	DocketID string `gorm:"primaryKey"`
	Period   string
	IssuedAt int64
}

func (publicBulletinRow) TableName() string { return "public_bulletins" }

// publiclySince tells whether a bulletin is among those that everybody may read if it should be, and since it was issued: what came out
// later is not looked at for what it tells.
func (s *Store) publiclySince(ctx context.Context, d regulation.Docket) (bool, error) {
	var rows []publicBulletinRow
	if err := s.rows(ctx).Find(&rows, "docket_id = ?", d.ID).Error; err != nil || len(rows) == 0 {
		return !d.Openly(), err
	}
	var issued []int64
	err := s.rows(ctx).Model(&docketEntryRow{}).Where("docket_id = ? AND name = 'issue'", d.ID).Pluck("at", &issued).Error
	return d.Openly() && rows[0].Period == d.Period && slices.Equal(issued, []int64{rows[0].IssuedAt}), err
}

// PublicBulletins lists the bulletins that everybody may read, the latest first.
func (s *Store) PublicBulletins(ctx context.Context, q ListQuery) ([]regulation.Docket, string, error) {
	return q.ended(s.rows(ctx).Where("id IN (SELECT docket_id FROM public_bulletins)"))
}

// PublicBulletin is what everybody may read of a bulletin: nothing that came out later is looked at, so that it stays as it was issued.
// NotFound where it is not for everybody.
func (s *Store) PublicBulletin(ctx context.Context, d regulation.Docket) (regulation.PublicBulletin, error) {
	return (&readingBulletins{s, map[string]regulation.PublicBulletin{}}).read(ctx, d)
}

// readingBulletins reads each public bulletin once: what one may tell depends on those before it.
type readingBulletins struct {
	*Store
	seen map[string]regulation.PublicBulletin
}

func (s *readingBulletins) read(ctx context.Context, d regulation.Docket) (open regulation.PublicBulletin, err error) {
	if open, seen := s.seen[d.ID]; seen {
		return open, nil
	}
	var row publicBulletinRow
	if err := s.rows(ctx).Take(&row, "docket_id = ?", d.ID).Error; err != nil {
		return open, found(err, "docket")
	}
	b, err := s.Bulletin(ctx, d.ID)
	if err != nil {
		return open, err
	}
	in, err := s.beside(ctx, d, instant(row.IssuedAt))
	if err != nil {
		return open, err
	}
	s.seen[d.ID] = b.Public(in)
	return s.seen[d.ID], nil
}

// beside is what everybody had read of a bulletin's quarter when it was issued.
func (s *readingBulletins) beside(ctx context.Context, d regulation.Docket, at time.Time) (in regulation.BulletinBeside, err error) {
	rules, err := s.watchRules(ctx, d.Area, at)
	if err != nil {
		return in, err
	}
	in.Fewest = rules.Params.Days(regulation.PublicRatings)
	if in.Offices, err = s.officesByArea(ctx); err != nil {
		return in, err
	}
	if in.Figures, err = s.figuresUntil(ctx, d.Period, at); err != nil {
		return in, err
	}
	if in.Before, err = s.before(ctx, d); err != nil {
		return in, err
	}
	dockets, err := s.lastPublic(ctx, d.Period, at.Add(-time.Microsecond))
	for area, other := range dockets {
		if area == d.Area || area != regulation.PrefectureArea && d.Area != regulation.PrefectureArea {
			continue // a county's says nothing of another's
		}
		told, err := s.read(ctx, other)
		if err != nil {
			return in, err
		}
		in.Others = append(in.Others, regulation.OtherBulletin{Area: area, Public: told})
	}
	return in, err
}

// before is the public bulletin that one corrects, nil for none.
func (s *readingBulletins) before(ctx context.Context, d regulation.Docket) (*regulation.PublicBulletin, error) {
	if d.Facts["corrects"] == "" {
		return nil, nil
	}
	was, err := s.Docket(ctx, regulation.Scope{All: true}, regulation.DocketBulletin, d.Facts["corrects"])
	if err != nil || !was.Openly() {
		return nil, err
	}
	told, err := s.read(ctx, was)
	return &told, err
}

// figuresUntil are the editions of a period's public figures that had come out by an instant.
func (s *Store) figuresUntil(ctx context.Context, period string, at time.Time) (tables []regulation.PublicTable, err error) {
	var rows []publicFiguresRow
	if err := s.rows(ctx).Where("period = ? AND published_at <= ?", period, micros(at)).Order("edition").Find(&rows).Error; err != nil {
		return nil, err
	}
	for _, row := range rows {
		t, err := row.table()
		if err != nil {
			return nil, err
		}
		tables = append(tables, t)
	}
	return tables, nil
}

// officesByArea are the authorities' own offices.
func (s *Store) officesByArea(ctx context.Context) (map[string]string, error) {
	offices := map[string]string{}
	authorities, err := s.Authorities(ctx)
	for _, o := range authorities {
		offices[o.Area] = o.ID
	}
	return offices, err
}

// lastPublic are the last public bulletins of a quarter at an instant, by the authority's area.
func (s *Store) lastPublic(ctx context.Context, period string, at time.Time) (map[string]regulation.Docket, error) {
	var rows []docketRow
	err := s.rows(ctx).Table("dockets d").Select("d.*").Joins("JOIN public_bulletins p ON p.docket_id = d.id").Where("p.period = ? AND p.issued_at <= ?", period, micros(at)).
		Order("p.issued_at, d.id").Find(&rows).Error
	if err != nil {
		return nil, err
	}
	dockets, err := docketsOf(rows)
	last := map[string]regulation.Docket{}
	for _, d := range dockets {
		last[d.Area] = d
	}
	return last, err
}

// bulletinsTold are what those tell.
func (s *Store) bulletinsTold(ctx context.Context, period string, at time.Time) (told regulation.BulletinsTold, err error) {
	told.Bulletins = map[string]regulation.PublicBulletin{}
	if told.Offices, err = s.officesByArea(ctx); err != nil {
		return told, err
	}
	last, err := s.lastPublic(ctx, period, at)
	reading := readingBulletins{s, map[string]regulation.PublicBulletin{}}
	for area, d := range last {
		if told.Bulletins[area], err = reading.read(ctx, d); err != nil {
			return told, err
		}
	}
	return told, err
}

// namesThere are the names that no note of an authority's bulletin and no release on a unit may have: of all who serve in its area or were
// ever appointed there, also where their account is suspended, and of the windows there.
func (s *Store) namesThere(ctx context.Context, unit string) (names, windows []string, err error) {
	if names, err = s.namesAt(ctx, unit); err != nil {
		return nil, nil, err
	}
	const area = "o.area = (SELECT area FROM orgs WHERE id = ?)"
	var appointed []string
	err = s.rows(ctx).Raw("SELECT DISTINCT a.name_zh FROM accounts a JOIN assignments g ON g.person = a.person JOIN orgs o ON o.id = g.org_id WHERE "+area, unit).Scan(&appointed).Error
	if err != nil {
		return nil, nil, err
	}
	var rows []struct{ NameZH, NameEN string }
	err = s.rows(ctx).Raw("SELECT w.name_zh, w.name_en FROM service_windows w JOIN orgs o ON o.id = w.unit_id WHERE "+area, unit).Scan(&rows).Error
	for _, row := range rows {
		windows = append(windows, row.NameZH)
		if strings.Contains(row.NameEN, " ") { // else it is a word of the language, such as Health
			windows = append(windows, row.NameEN)
		}
	}
	return append(names, appointed...), windows, err
}
