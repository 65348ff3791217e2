package store

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"time"

	"gorm.io/gorm"

	"haochaping/regulation"
)

// publicBulletinRow is a bulletin that everybody may read.
type publicBulletinRow struct {
	DocketID string `gorm:"primaryKey"`
	Period   string
	IssuedAt int64
	Body     []byte // toldPublicly, nil until it is filled in
	Rule     int
}

func (publicBulletinRow) TableName() string { return "public_bulletins" }

// toldPublicly is what everybody reads of a bulletin, the authorities' own offices of then, and whether a board told of the area how much was
// put right in time.
type toldPublicly struct {
	Told    regulation.PublicBulletin `json:"told"`
	Offices map[string]string         `json:"offices"`
	InTime  bool                      `json:"in_time,omitempty"`
}

// publiclySince tells whether a bulletin is among those that everybody may read if it should be, since it was issued, reads by its digest as
// it did then, and as the present rule makes it anew: what came out later is not looked at for what it tells.
func (s *Store) publiclySince(ctx context.Context, d regulation.Docket) (bool, error) {
	var rows []publicBulletinRow
	if err := s.rows(ctx).Find(&rows, "docket_id = ?", d.ID).Error; err != nil || len(rows) == 0 {
		return !d.Openly(), err
	}
	issued, err := s.tellingEntries(ctx, d.ID)
	if err != nil || !d.Openly() || rows[0].Period != d.Period || len(issued) == 0 || issued[0].Name != "issue" || len(issued) > 2 || issued[0].At != rows[0].IssuedAt || !rows[0].readsAs(issued) {
		return false, err
	}
	if rows[0].Body == nil || rows[0].Rule != regulation.PublicBulletinRule {
		return true, nil
	}
	var kept toldPublicly
	if json.Unmarshal(rows[0].Body, &kept) != nil {
		return false, nil
	}
	again, err := s.publicly(ctx, d, instant(rows[0].IssuedAt), kept)
	if refused := (*regulation.Error)(nil); errors.As(err, &refused) && refused.Code == regulation.NotFound {
		return false, nil // the one that it corrects is gone
	}
	return err == nil && regulation.DigestOf(again) == regulation.DigestOf(kept), err
}

// readsAs tells whether a bulletin reads as the entry says that issued it, or that wrote it down where it was issued before. One of which
// none has a digest yet may read in any way.
func (r publicBulletinRow) readsAs(entries []docketEntryRow) bool {
	digest := digestTold(entries)
	return digest == "" || digest == issuing{body: r.Body}.digest()
}

// digestTold is the digest in the first entry that has one, "" where none has.
func digestTold(entries []docketEntryRow) string {
	for _, row := range entries {
		var e regulation.DocketEntry
		if json.Unmarshal(row.Body, &e) == nil && e.Facts[regulation.FactOpen] != "" {
			return e.Facts[regulation.FactOpen]
		}
	}
	return ""
}

// tellingEntries are the entries of a bulletin that may have the digest of what everybody reads of it, that which issued it first.
func (s *Store) tellingEntries(ctx context.Context, id string) (rows []docketEntryRow, err error) {
	return rows, s.rows(ctx).Order("seq").Find(&rows, "docket_id = ? AND name IN ?", id, []string{"issue", regulation.EntryWritten}).Error
}

// PublicBulletins lists the bulletins that everybody may read, the latest first.
func (s *Store) PublicBulletins(ctx context.Context, q ListQuery) ([]regulation.Docket, string, error) {
	return q.ended(s.rows(ctx).Where("id IN (SELECT docket_id FROM public_bulletins)"))
}

// PublicBulletin is what everybody may read of a bulletin, as it was when it was issued. NotFound where it is not for everybody.
func (s *Store) PublicBulletin(ctx context.Context, d regulation.Docket) (open regulation.PublicBulletin, err error) {
	var row publicBulletinRow
	if err := s.rows(ctx).Take(&row, "docket_id = ?", d.ID).Error; err != nil {
		return open, found(err, "docket")
	}
	var kept toldPublicly
	if row.Body != nil {
		err = json.Unmarshal(row.Body, &kept)
		return kept.Told, err
	}
	if kept.Offices, err = s.officesByArea(ctx); err != nil {
		return open, err
	}
	kept, err = s.publicly(ctx, d, instant(row.IssuedAt), kept)
	return kept.Told, err
}

// besideNow is what is kept beside what everybody reads of a bulletin, as it is now.
func (s *Store) besideNow(ctx context.Context, d regulation.Docket) (kept toldPublicly, err error) {
	if kept.Offices, err = s.officesByArea(ctx); err != nil {
		return kept, err
	}
	kept.InTime, err = s.boardTellsInTime(ctx, d.Period, d.Area)
	return kept, err
}

// boardTellsInTime tells whether a board of a quarter that came out tells of a county how much was put right in time.
func (s *Store) boardTellsInTime(ctx context.Context, period, area string) (bool, error) {
	out, err := s.PublishedBoards(ctx)
	if err != nil {
		return false, err
	}
	for _, p := range out {
		if p.Period != period || slices.ContainsFunc(out, func(o PublishedBoard) bool { return o.Period == period && o.Version < p.Version }) {
			continue // nothing of a score is told of a further version
		}
		board, err := s.Board(ctx, period, p.Version)
		if err != nil {
			return false, err
		}
		figures, err := s.PublicTables(ctx, period)
		if err != nil {
			return false, err
		}
		outcomes, err := s.OutcomesTold(ctx, period)
		if err != nil || board.Open(false, figures, outcomes).TellsInTime(area) {
			return err == nil, err
		}
	}
	return false, nil
}

// OutcomesTold are the areas whose public bulletins of a quarter tell how many cases were put right.
func (s *Store) OutcomesTold(ctx context.Context, period string) (map[string]bool, error) {
	var rows []docketRow
	err := s.rows(ctx).Table("dockets d").Select("d.*").Joins("JOIN public_bulletins p ON p.docket_id = d.id").Where("p.period = ?", period).Find(&rows).Error
	if err != nil {
		return nil, err
	}
	dockets, err := docketsOf(rows)
	areas := map[string]bool{}
	for _, d := range dockets {
		told, err := s.PublicBulletin(ctx, d)
		if err != nil {
			return nil, err
		}
		areas[d.Area] = areas[d.Area] || told.Rectified != nil
	}
	return areas, err
}

// publicly makes what everybody may read of a bulletin that is issued at an instant.
func (s *Store) publicly(ctx context.Context, d regulation.Docket, at time.Time, kept toldPublicly) (toldPublicly, error) {
	b, err := s.Bulletin(ctx, d.ID)
	if err != nil {
		return kept, err
	}
	in, err := s.beside(ctx, d, at)
	if err != nil {
		return kept, err
	}
	in.Offices, in.InTime = kept.Offices, kept.InTime
	named := kept.Told.Named
	kept.Told = b.Public(in)
	kept.Told.Named = named // of then
	return kept, nil
}

// fillPublic writes down once what everybody reads of bulletins that were issued before it was kept, the earlier ones first, and notes the
// digest of each in its history.
func (s *Store) fillPublic(ctx context.Context, token int64) error {
	var rows []publicBulletinRow
	if err := s.rows(ctx).Order("issued_at, docket_id").Find(&rows, "body IS NULL").Error; err != nil {
		return err
	}
	for _, row := range rows {
		if err := s.fillOne(ctx, row); err != nil {
			return err
		}
	}
	return s.noteDigests(ctx, token)
}

func (s *Store) fillOne(ctx context.Context, row publicBulletinRow) error {
	d, err := s.Docket(ctx, regulation.Scope{All: true}, regulation.DocketBulletin, row.DocketID)
	if err != nil {
		return err
	}
	kept := toldPublicly{}
	if kept.Offices, err = s.officesByArea(ctx); err != nil {
		return err
	}
	if kept, err = s.publicly(ctx, d, instant(row.IssuedAt), kept); err != nil {
		return err
	}
	if err := s.nameBulletin(ctx, &kept.Told); err != nil {
		return err
	}
	body, err := json.Marshal(kept)
	if err != nil {
		return err
	}
	return s.tx(ctx, func(tx *gorm.DB) error {
		return tx.Model(&publicBulletinRow{}).Where("docket_id = ? AND body IS NULL", row.DocketID).Updates(map[string]any{"body": body, "rule": regulation.PublicBulletinRule}).Error
	})
}

// factPublicNoted tells that each public bulletin has the digest of what everybody reads of it in its history.
const factPublicNoted = "public_bulletins_noted"

// noteDigests notes, once, the digest of how each bulletin reads whose history has none: from then on it reads the same for ever. Whoever has
// lost the lease notes none: a second one is found as an alteration.
func (s *Store) noteDigests(ctx context.Context, token int64) error {
	if done, err := s.Fact(ctx, factPublicNoted); err != nil || done != "" {
		return err
	}
	var rows []publicBulletinRow
	if err := s.rows(ctx).Order("issued_at, docket_id").Find(&rows, "body IS NOT NULL").Error; err != nil {
		return err
	}
	for _, row := range rows {
		told, err := s.tellingEntries(ctx, row.DocketID)
		if err != nil {
			return err
		}
		if digestTold(told) != "" {
			continue
		}
		err = s.withDocket(ctx, row.DocketID, func(tx *gorm.DB, before regulation.Docket, at time.Time) (regulation.Docket, []regulation.DocketEntry, error) {
			after, entries := before.Written(issuing{body: row.Body}.digest(), at)
			return after, entries, holdsLease(tx, LeaseDockets, token)
		}, nil)
		if err != nil {
			return err
		}
	}
	return s.SetFact(ctx, factPublicNoted, "yes")
}

// issuing is a bulletin for everybody that is about to be issued: what will be read of it, and how much of its quarter had come out when that
// was made.
type issuing struct {
	body []byte
	out  int64
}

// digest is the SHA-256 of what will be read, 64 hexadecimal digits, "" of one for the units alone.
func (i issuing) digest() string {
	if i.body == nil {
		return ""
	}
	sum := sha256.Sum256(i.body)
	return hex.EncodeToString(sum[:])
}

// toIssue makes ready what everybody will read of a bulletin; nothing of one that is for the units alone.
func (s *Store) toIssue(ctx context.Context, d regulation.Docket) (ready issuing, err error) {
	if d.Facts["audience"] != regulation.BulletinForAll {
		return ready, nil
	}
	if ready.out, err = outOf(s.rows(ctx), d.Period); err != nil {
		return ready, err
	}
	kept, err := s.besideNow(ctx, d)
	if err != nil {
		return ready, err
	}
	if kept, err = s.publicly(ctx, d, s.now(), kept); err != nil {
		return ready, err
	}
	if err := s.nameBulletin(ctx, &kept.Told); err != nil {
		return ready, err
	}
	ready.body, err = json.Marshal(kept)
	return ready, err
}

// outOf is how many editions of figures and bulletins of a quarter are out.
func outOf(tx *gorm.DB, period string) (int64, error) {
	var figures, bulletins int64
	err := errors.Join(tx.Model(&publicFiguresRow{}).Where("period = ?", period).Count(&figures).Error,
		tx.Model(&publicBulletinRow{}).Where("period = ?", period).Count(&bulletins).Error)
	return figures + bulletins, err
}

// publicly keeps it, in the transaction that issues the bulletin. Conflict: something else of the quarter came out meanwhile. What comes out
// does so one after the other, under the row of the lease under which figures do.
func (k docketing) publicly(d regulation.Docket, ready issuing) error {
	if err := locked(k.tx).Take(&leaseRow{}, "name = ?", LeaseDockets).Error; err != nil && !errors.Is(err, gorm.ErrRecordNotFound) {
		return err
	}
	out, err := outOf(k.tx, d.Period)
	if err != nil {
		return err
	}
	if out != ready.out {
		return &regulation.Error{Code: regulation.Conflict, Clause: regulation.DocketClause(d.Kind), Missing: "docket_changed"}
	}
	return k.tx.Create(&publicBulletinRow{d.ID, d.Period, micros(k.at), ready.body, regulation.PublicBulletinRule}).Error
}

// beside is what everybody had read of a bulletin's quarter when it was issued.
func (s *Store) beside(ctx context.Context, d regulation.Docket, at time.Time) (in regulation.BulletinBeside, err error) {
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
		told, err := s.PublicBulletin(ctx, other)
		if err != nil {
			return in, err
		}
		in.Others = append(in.Others, regulation.OtherBulletin{Area: area, Public: told})
	}
	return in, err
}

// before is the public bulletin that one corrects, nil for none.
func (s *Store) before(ctx context.Context, d regulation.Docket) (*regulation.PublicBulletin, error) {
	if d.Facts["corrects"] == "" {
		return nil, nil
	}
	was, err := s.Docket(ctx, regulation.Scope{All: true}, regulation.DocketBulletin, d.Facts["corrects"])
	if err != nil || !was.Openly() {
		return nil, err
	}
	told, err := s.PublicBulletin(ctx, was)
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
	for area, d := range last {
		if told.Bulletins[area], err = s.PublicBulletin(ctx, d); err != nil {
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
