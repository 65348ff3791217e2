package store

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strconv"

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

// bulletinOf makes an authority's bulletin of a sealed version, the last one for 0, by a version of the rule.
func (s *Store) bulletinOf(ctx context.Context, area, period string, version int64, least, rule int) (b regulation.Bulletin, err error) {
	f, err := s.Sealed(ctx, area, period, version)
	if err != nil {
		return b, err
	}
	offices, err := s.officeAreas(ctx)
	if err != nil {
		return b, err
	}
	facts, err := s.caseFactsAt(ctx, f)
	return regulation.MakeBulletin(f, facts, least, rule, regulation.BulletinUnits(area, offices)), err
}

// officeAreas are the areas of all authorities, by their ids.
func (s *Store) officeAreas(ctx context.Context) (map[string]string, error) {
	offices := map[string]string{}
	authorities, err := s.Authorities(ctx)
	for _, o := range authorities {
		offices[o.ID] = o.Area
	}
	return offices, err
}

// caseFactsAt are what the cases of an authority's sealed version counted for at its position: those of its area, which are found by
// their figures, and those of others that had come to it, by its adjustments.
func (s *Store) caseFactsAt(ctx context.Context, f regulation.Sealed) ([]regulation.NamedFact, error) {
	p, _ := regulation.ParsePeriod(f.Period)
	query := s.rows(ctx).Table("case_figures").Where("given_month IN ?", p.Months())
	if f.Area != regulation.PrefectureArea {
		query = query.Where("area = ?", f.Area)
	}
	var ids []string
	if err := query.Pluck("case_id", &ids).Error; err != nil {
		return nil, err
	}
	for _, a := range f.Figures.Adjusted {
		ids = append(ids, a.Case)
	}
	slices.Sort(ids)
	var all []regulation.NamedFact
	for some := range slices.Chunk(slices.Compact(ids), batch) {
		facts, err := s.factsAt(ctx, some, f.Position)
		if err != nil {
			return nil, err
		}
		all = append(all, facts...)
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
	if state.Names, state.Windows, err = s.namesThere(ctx, d.Authority); err != nil {
		return err
	}
	if d.Seq > 0 {
		if state.Bulletin, err = s.Bulletin(ctx, d.ID); err != nil {
			return err
		}
		if state.Note, err = s.BulletinNote(ctx, d.ID); err != nil {
			return err
		}
		if state.Stale, err = s.outOfDate(ctx, state.Bulletin); err != nil {
			return err
		}
		editions, err := s.publicRows(ctx, d.Period, 0)
		if err != nil {
			return err
		}
		state.Out = len(editions) > 0
		if corrects := d.Facts["corrects"]; corrects != "" {
			if state.Owed, err = s.owes(ctx, corrects); err != nil {
				return err
			}
		}
		state.Mark, err = s.Mark(ctx, d.Authority)
		return err
	}
	period, ok := regulation.ParsePeriod(v.Get("bulletin_period"))
	if !ok {
		return (&regulation.Error{Code: regulation.Invalid, Clause: regulation.DocketClause(a.Kind), Missing: "fields"}).Field("bulletin_period", "not_a_period")
	}
	state.Bulletin, err = s.bulletinOf(ctx, d.Area, period.String(), 0, rules.Params.Days(regulation.BatchLeast), regulation.BulletinRule)
	if err != nil {
		return s.unsealed(err, regulation.DocketClause(a.Kind), period, rules.Params)
	}
	if err := s.sealedStill(ctx, d.Area, period); err != nil {
		return err
	}
	if err := s.settledBy(ctx, *rules, d.Area, period); err != nil {
		return err
	}
	state.Bulletin.Nonce = newID()
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
		err = s.sealedBehind(ctx, regulation.ClauseWatch)
	}
	return err
}

// settledBy refuses a period whose cases are still open and not due yet, or of which no version says how many are open since: an
// authority has one bulletin of a period, and it is to tell what became of its cases.
func (s *Store) settledBy(ctx context.Context, rules regulation.Rules, area string, period regulation.Period) error {
	f, err := s.Sealed(ctx, area, period.String(), 0)
	if err != nil || f.Figures.OpenCases() == 0 {
		return err
	}
	told, err := toldDue(s.rows(ctx), seriesOf(area, period.String()))
	if err != nil || told {
		return err
	}
	if due := rules.CasesDue(period); due.After(s.now()) {
		return &regulation.Error{Code: regulation.NotNow, Clause: regulation.ClauseWatch, Missing: "cases_not_due", From: due}
	}
	return s.sealedBehind(ctx, regulation.ClauseWatch)
}

// bulletinThere tells whether an authority's period has a bulletin that was neither refused nor dropped.
func (s *Store) bulletinThere(ctx context.Context, authority, period string) (bool, error) {
	var n int64
	err := s.rows(ctx).Model(&docketRow{}).Where("kind = ? AND authority = ? AND period = ? AND stage NOT IN ?", string(regulation.DocketBulletin), authority, period,
		[]string{regulation.DocketRefused, regulation.DocketDropped}).Count(&n).Error
	return n > 0, err
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
func (k docketing) issued(rules regulation.Rules, d regulation.Docket, ready issuing, actor regulation.Actor) error {
	p := regulation.Published{Kind: regulation.PublishBulletin, Period: d.Period, On: workday.DateOf(k.at), Digest: d.Facts["digest"], By: actor.Person, As: actor.As}
	if d.Openly() {
		p.Link = "/public/bulletins/" + d.ID
		if err := k.publicly(d, ready); err != nil {
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
	again, err := v.s.bulletinOf(ctx, d.Area, b.Period, b.Version, b.Least, b.Rule)
	again.Nonce = b.Nonce
	if err == nil && regulation.DigestOf(again) != row.Digest {
		wrong("bulletin_differs", "recount")
	}
	if open, err := v.s.publiclySince(ctx, d); err != nil {
		return err
	} else if !open {
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
