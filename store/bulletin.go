package store

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strconv"
	"time"

	"gorm.io/gorm"

	"haochaping/regulation"
	"haochaping/workday"
)

type bulletinRow struct {
	DocketID string `gorm:"primaryKey"`
	Digest   string
	Body     []byte
}

func (bulletinRow) TableName() string { return "bulletins" }

type bulletinCaseRow struct {
	DocketID string `gorm:"primaryKey"`
	CaseID   string `gorm:"primaryKey"`
	UnitID   string
}

func (bulletinCaseRow) TableName() string { return "bulletin_cases" }

// bulletinNumbers is the series in which bulletins of an authority and year are numbered.
const bulletinNumbers = "bulletin"

// bulletinOf makes an authority's bulletin of a sealed version, the last one for 0.
func (s *Store) bulletinOf(ctx context.Context, area, period string, version int64, least int) (b regulation.Bulletin, err error) {
	f, err := s.Sealed(ctx, area, period, version)
	if err != nil {
		return b, err
	}
	tree, err := s.Tree(ctx)
	if err != nil {
		return b, err
	}
	offices := map[string]string{}
	authorities, err := s.Authorities(ctx)
	if err != nil {
		return b, err
	}
	for _, o := range authorities {
		offices[o.ID] = o.Area
	}
	about := regulation.BulletinUnits(area, offices)
	var units []string
	for _, o := range tree.Orgs() {
		if about(o.ID, o.Area) || area == regulation.PrefectureArea {
			units = append(units, o.ID)
		}
	}
	p, _ := regulation.ParsePeriod(period)
	facts, err := s.caseFactsAt(ctx, p.Months(), units, f.Position)
	return regulation.MakeBulletin(f, facts, least, about), err
}

// caseFactsAt are what cases counted for at a position of the ledger: those of ratings given in some months that count for some
// units now or did then.
func (s *Store) caseFactsAt(ctx context.Context, months, units []string, position int64) ([]regulation.NamedFact, error) {
	var ids []string
	if err := s.rows(ctx).Table("cases c").Joins("JOIN ratings r ON r.id = c.rating_id").Where("r.given_month IN ?", months).Order("c.id").Pluck("c.id", &ids).Error; err != nil {
		return nil, err
	}
	about := make(map[string]bool, len(units))
	for _, unit := range units {
		about[unit] = true
	}
	var all []regulation.NamedFact
	for some := range slices.Chunk(ids, batch) {
		facts, err := s.factsAt(ctx, some, position)
		if err != nil {
			return nil, err
		}
		for _, f := range facts {
			if about[f.Rated.Unit] {
				all = append(all, f)
			}
		}
	}
	return all, nil
}

func (s *Store) factsAt(ctx context.Context, ids []string, position int64) ([]regulation.NamedFact, error) {
	var rows []struct {
		CaseID string
		Seq    int64
	}
	err := s.rows(ctx).Table("case_events e").Joins("JOIN leaves l ON l.kind = ? AND l.ref = CONCAT(e.case_id, '/', e.seq)", leafEvent).
		Select("e.case_id, MAX(e.seq) AS seq").Where("e.case_id IN ? AND l.position < ?", ids, position).Group("e.case_id").Find(&rows).Error
	if err != nil {
		return nil, err
	}
	latest := map[string]int64{}
	for _, row := range rows {
		latest[row.CaseID] = row.Seq
	}
	cases, err := s.casesGiven(ctx, ids)
	if err != nil {
		return nil, err
	}
	histories, err := s.histories(ctx, ids, latest)
	if err != nil {
		return nil, err
	}
	var all []regulation.NamedFact
	for _, c := range cases {
		if latest[c.ID] == 0 {
			continue // opened later
		}
		params, err := s.Params(ctx, c.Edition)
		if err != nil {
			return nil, err
		}
		all = append(all, regulation.NamedFact{Case: c.ID, Number: c.Number, CaseFact: regulation.FactOf(params, c.Case, c.channel, c.month, histories[c.ID])})
	}
	return all, nil
}

// bulletinBeside fills in what the rules have to know of a bulletin that is about to be drafted, approved or issued. NotNow: its
// period is not sealed, or has changed since it was.
func (s *Store) bulletinBeside(ctx context.Context, rules *regulation.Rules, a regulation.DocketAct, d regulation.Docket, v regulation.Values) (err error) {
	state := &rules.Bulletin
	if state.Names, state.Windows, err = s.namesOfNote(ctx, d.Authority); err != nil {
		return err
	}
	if d.Seq > 0 {
		if state.Bulletin, err = s.Bulletin(ctx, d.ID); err != nil {
			return err
		}
		gone, err := s.goneOf(ctx, d.ID)
		if err != nil {
			return err
		}
		state.Stale = len(gone) > 0
		state.Mark, err = s.Mark(ctx, d.Authority)
		return err
	}
	period, ok := regulation.ParsePeriod(v.Get("bulletin_period"))
	if !ok {
		return (&regulation.Error{Code: regulation.Invalid, Clause: regulation.DocketClause(a.Kind), Missing: "fields"}).Field("bulletin_period", "not_a_period")
	}
	state.Bulletin, err = s.bulletinOf(ctx, d.Area, period.String(), 0, rules.Params.Days(regulation.BatchLeast))
	if refused := (*regulation.Error)(nil); errors.As(err, &refused) && refused.Code == regulation.NotFound {
		return &regulation.Error{Code: regulation.NotNow, Clause: regulation.DocketClause(a.Kind), Missing: "period_not_sealed"}
	}
	if err != nil {
		return err
	}
	if err := s.sealedStill(ctx, d.Area, period); err != nil {
		return err
	}
	state.Digest = regulation.DigestOf(state.Bulletin)
	state.There, err = s.bulletinThere(ctx, d.Authority, period.String())
	return err
}

// sealedStill refuses where ratings of a period were written off, or count for somebody else, since its last version: the next sealing
// brings one that a bulletin can rest on. Late ratings alone are no reason to wait: they come for days.
func (s *Store) sealedStill(ctx context.Context, area string, period regulation.Period) error {
	f, err := s.Sealed(ctx, area, period.String(), 0)
	if err != nil {
		return err
	}
	_, now, err := s.figuresOf(ctx, period.Months())
	if err != nil || now[area] == nil {
		return err
	}
	if slices.ContainsFunc(f.Changed(*now[area]), regulation.SealReason.Adjusts) {
		err = &regulation.Error{Code: regulation.NotNow, Clause: regulation.ClauseWatch, Missing: "sealed_behind"}
	}
	return err
}

// bulletinThere tells whether an authority's period has a bulletin that was not refused.
func (s *Store) bulletinThere(ctx context.Context, authority, period string) (bool, error) {
	var n int64
	err := s.rows(ctx).Model(&docketRow{}).Where("kind = ? AND authority = ? AND period = ? AND stage <> ?", string(regulation.DocketBulletin), authority, period, regulation.DocketRefused).Count(&n).Error
	return n > 0, err
}

// goneOf are the cases of a bulletin that were written off since, or count for another unit.
func (s *Store) goneOf(ctx context.Context, id string) (cases []string, err error) {
	err = s.rows(ctx).Table("bulletin_cases b").Joins("JOIN case_figures f ON f.case_id = b.case_id").
		Where("b.docket_id = ? AND (f.written_off = 1 OR f.unit_id <> b.unit_id)", id).Order("b.case_id").Pluck("b.case_id", &cases).Error
	return cases, err
}

// Bulletin is what a bulletin says.
func (s *Store) Bulletin(ctx context.Context, id string) (b regulation.Bulletin, err error) {
	var row bulletinRow
	if err := s.rows(ctx).Take(&row, "docket_id = ?", id).Error; err != nil {
		return b, found(err, "bulletin")
	}
	return b, json.Unmarshal(row.Body, &b)
}

// BulletinNote is what the authority wrote in a bulletin.
func (s *Store) BulletinNote(ctx context.Context, id string) (string, error) {
	texts, err := s.textsOf(ctx, id)
	return texts[1]["bulletin_note"], err
}

// keepBulletin writes what a new bulletin says, with its cases.
func (k docketing) keepBulletin(d regulation.Docket, b regulation.Bulletin) error {
	body, err := json.Marshal(b)
	if err != nil {
		return err
	}
	if err := k.tx.Create(&bulletinRow{d.ID, d.Facts["digest"], body}).Error; err != nil {
		return err
	}
	rows := converted(b.Cases, func(c regulation.BulletinCase) bulletinCaseRow { return bulletinCaseRow{d.ID, c.Case, c.Unit} })
	if len(rows) == 0 {
		return nil
	}
	return k.tx.CreateInBatches(rows, maxInserted).Error
}

// bulletinNumber takes the next number of an authority's bulletins.
func (s *Store) bulletinNumber(tx *gorm.DB, authority, mark string) (string, error) {
	year := s.now().In(workday.Shanghai).Year()
	n, err := s.takeNumbers(tx, series{authority: authority, year: year, kind: bulletinNumbers}, 1)
	return regulation.BulletinNumber(mark, year, n), err
}

// bulletinKey is the key of an authority's n-th bulletin of a period: two drafts at once are a Conflict.
func (s *Store) bulletinKey(ctx context.Context, authority, period string) (string, error) {
	var n int64
	err := s.rows(ctx).Model(&docketRow{}).Where("kind = ? AND authority = ? AND period = ?", string(regulation.DocketBulletin), authority, period).Count(&n).Error
	return "bulletin/" + authority + "/" + period + "/" + strconv.FormatInt(n+1, 10), err
}

// issued is what follows of issuing a bulletin, in the same transaction: the publication is recorded, and the one that it corrects is
// marked.
func (k docketing) issued(rules regulation.Rules, d regulation.Docket, actor regulation.Actor) error {
	p := regulation.Published{Kind: regulation.PublishBulletin, Period: d.Period, On: workday.DateOf(k.at), Digest: d.Facts["digest"], By: actor.Person, As: actor.As}
	if d.Openly() {
		p.Link = "/public/bulletins/" + d.ID
		if err := k.tx.Create(&publicBulletinRow{d.ID, d.Period, micros(k.at)}).Error; err != nil {
			return err
		}
	}
	fresh := regulation.Docket{ID: newID(), Area: d.Area, Authority: d.Authority, Upper: d.Upper}
	if err := k.record(rules, fresh, p); err != nil || d.Facts["corrects"] == "" {
		return err
	}
	return k.follow(d.Facts["corrects"], func(old regulation.Docket) (regulation.Docket, []regulation.DocketEntry) {
		return old.CorrectedBy(d, k.at)
	})
}

// follow changes another docket in the same transaction.
func (k docketing) follow(id string, change func(regulation.Docket) (regulation.Docket, []regulation.DocketEntry)) error {
	var row docketRow
	if err := locked(k.tx).Take(&row, "id = ?", id).Error; err != nil {
		return found(err, "docket")
	}
	before, err := row.docket()
	if err != nil {
		return err
	}
	after, entries := change(before)
	return k.save(before, after, instant(row.StartedAt), entries)
}

// followBulletins marks issued bulletins of which a case counts no more as they say, and drafts their corrections once a sealed
// version has it.
func (s *Store) followBulletins(ctx context.Context, token int64) error {
	var ids []string
	err := s.rows(ctx).Table("dockets d").Where("d.kind = ? AND d.stage = ?", string(regulation.DocketBulletin), regulation.DocketIssued).
		Where("EXISTS (SELECT 1 FROM bulletin_cases b JOIN case_figures f ON f.case_id = b.case_id WHERE b.docket_id = d.id AND (f.written_off = 1 OR f.unit_id <> b.unit_id))").
		Order("d.id").Pluck("d.id", &ids).Error
	if err != nil {
		return err
	}
	for _, id := range ids {
		if err := s.correctBulletin(ctx, token, id); err != nil {
			return err
		}
	}
	return nil
}

func (s *Store) correctBulletin(ctx context.Context, token int64, id string) error {
	gone, err := s.goneOf(ctx, id)
	if err != nil {
		return err
	}
	err = s.withDocket(ctx, id, func(tx *gorm.DB, before regulation.Docket, at time.Time) (regulation.Docket, []regulation.DocketEntry, error) {
		after, entries := before.Outdates(len(gone), at)
		return after, entries, holdsLease(tx, LeaseDockets, token)
	}, nil)
	if err != nil {
		return err
	}
	old, err := s.Docket(ctx, regulation.Scope{All: true}, regulation.DocketBulletin, id)
	if err != nil {
		return err
	}
	return s.draftCorrection(ctx, token, old, gone)
}

// draftCorrection drafts the correction of a bulletin unless one waits already, or the figures without the cases that are gone
// are not sealed yet.
func (s *Store) draftCorrection(ctx context.Context, token int64, old regulation.Docket, gone []string) error {
	var waiting int64
	err := s.rows(ctx).Model(&docketRow{}).Where("kind = ? AND authority = ? AND period = ? AND stage IN ?", string(regulation.DocketBulletin), old.Authority, old.Period,
		[]string{regulation.DocketDrafted, regulation.DocketApproved}).Count(&waiting).Error
	if err != nil || waiting > 0 {
		return err
	}
	was, err := s.Bulletin(ctx, old.ID)
	if err != nil {
		return err
	}
	now, err := s.bulletinOf(ctx, old.Area, old.Period, 0, was.Least)
	if err != nil || now.Version <= was.Version || now.Lists(was, gone) {
		return err
	}
	note, err := s.BulletinNote(ctx, old.ID)
	if err != nil {
		return err
	}
	state := regulation.BulletinState{Bulletin: now, Digest: regulation.DigestOf(now)}
	if state.Names, state.Windows, err = s.namesOfNote(ctx, old.Authority); err != nil {
		return err
	}
	if state.NoteTells(note) != "" {
		note = "" // nobody writes a correction's note: it goes without one that may not stand there
	}
	key, err := s.bulletinKey(ctx, old.Authority, old.Period)
	if err != nil {
		return err
	}
	fresh, err := s.NewDocket(ctx, regulation.DocketBulletin, old.Authority, "")
	if err != nil {
		return err
	}
	fresh.Key = key
	rules, err := s.watchRules(ctx, old.Area, s.now())
	if err != nil {
		return err
	}
	return s.tx(ctx, func(tx *gorm.DB) error {
		if err := holdsLease(tx, LeaseDockets, token); err != nil {
			return err
		}
		k := docketing{s, tx, s.now()}
		after, entries := rules.NewCorrection(fresh, old, state, note, k.at)
		if err := k.save(fresh, after, k.at, entries); err != nil {
			return err
		}
		return k.keepBulletin(after, now)
	})
}

// bulletin holds a bulletin to its sealed version, to the events that the ledger had at its position, and to its digest (R42).
func (v *verifier) bulletin(ctx context.Context, d regulation.Docket, wrong func(code string, about ...string)) error {
	var row bulletinRow
	if err := v.s.rows(ctx).Take(&row, "docket_id = ?", d.ID).Error; err != nil {
		if errors.Is(err, gorm.ErrRecordNotFound) {
			wrong("bulletin_differs", "gone")
			return nil
		}
		return err
	}
	var b regulation.Bulletin
	if json.Unmarshal(row.Body, &b) != nil || row.Digest != d.Facts["digest"] || regulation.DigestOf(b) != row.Digest {
		wrong("bulletin_differs", "digest")
		return nil
	}
	again, err := v.s.bulletinOf(ctx, d.Area, b.Period, b.Version, b.Least)
	if err == nil && regulation.DigestOf(again) != row.Digest {
		wrong("bulletin_differs", "recount")
	}
	if open, err := v.s.publicly(ctx, d); err != nil {
		return err
	} else if open != d.Openly() {
		wrong("bulletin_differs", "public")
	}
	var cases []bulletinCaseRow
	if err := errors.Join(err, v.s.rows(ctx).Order("case_id").Find(&cases, "docket_id = ?", d.ID).Error); err != nil {
		return err
	}
	listed := map[string]string{}
	for _, c := range b.Cases {
		listed[c.Case] = c.Unit
	}
	for _, c := range cases {
		if listed[c.CaseID] == c.UnitID {
			delete(listed, c.CaseID)
		}
	}
	if len(listed) > 0 || len(cases) != len(b.Cases) {
		wrong("bulletin_differs", "cases")
	}
	return nil
}
