package store

import (
	"context"
	"errors"
	"maps"
	"slices"
	"time"

	"gorm.io/gorm"

	"haochaping/regulation"
)

// What becomes of bulletins by itself (8(3), R42): an issued one that says what the record says no more is marked and corrected, and
// marked as right again where that was undone in time; a correction that waits is dropped where it is owed no more, or is wrong itself.

// outOfDate tells whether a bulletin says something else of its cases than the record says now.
func (s *Store) outOfDate(ctx context.Context, b regulation.Bulletin) (bool, error) {
	cases, err := s.outOfDateOf(ctx, b)
	return len(cases) > 0, err
}

func (s *Store) outOfDateOf(ctx context.Context, b regulation.Bulletin) ([]string, error) {
	sealed, err := s.Sealed(ctx, b.Area, b.Period, b.Version)
	if err != nil {
		return nil, err
	}
	offices, err := s.officeAreas(ctx)
	if err != nil {
		return nil, err
	}
	tree, err := s.Tree(ctx)
	if err != nil {
		return nil, err
	}
	now, err := s.casesNow(ctx, b, sealed.Figures.Adjusted)
	isAbout := regulation.BulletinUnits(b.Area, offices)
	return b.OutOfDate(sealed.Figures.Adjusted, now, func(unit string) bool {
		o, _ := tree.Org(unit)
		return isAbout(unit, o.Area)
	}), err
}

// casesNow are the cases of a period that may make a bulletin wrong: those in it, and those that were adjusted then or are now.
func (s *Store) casesNow(ctx context.Context, b regulation.Bulletin, then []regulation.SealedAdjustment) (all []regulation.CaseNow, err error) {
	p, _ := regulation.ParsePeriod(b.Period)
	var ids []string
	if err := s.rows(ctx).Table("case_figures").Where("adjusted = 1 AND given_month IN ?", p.Months()).Pluck("case_id", &ids).Error; err != nil {
		return nil, err
	}
	for _, c := range b.Cases {
		ids = append(ids, c.Case)
	}
	for _, a := range then {
		ids = append(ids, a.Case)
	}
	slices.Sort(ids)
	for some := range slices.Chunk(slices.Compact(ids), batch) {
		var rows []struct {
			CaseID, UnitID, FromUnit, Finding string
			WrittenOff                        int
		}
		err := s.rows(ctx).Table("case_figures f").Joins("JOIN cases c ON c.id = f.case_id").Joins("JOIN ratings r ON r.id = c.rating_id").
			Select("f.case_id, f.unit_id, r.unit_id AS from_unit, f.finding, f.written_off").Where("f.case_id IN ?", some).Find(&rows).Error
		if err != nil {
			return nil, err
		}
		for _, row := range rows {
			all = append(all, regulation.CaseNow{Case: row.CaseID, Unit: row.UnitID, From: row.FromUnit, Finding: row.Finding, WrittenOff: row.WrittenOff == 1})
		}
	}
	return all, nil
}

// owes tells whether an issued bulletin is still wrong.
func (s *Store) owes(ctx context.Context, id string) (bool, error) {
	b, err := s.Bulletin(ctx, id)
	if err != nil {
		return false, err
	}
	return s.outOfDate(ctx, b)
}

// followBulletins looks after the issued bulletins that may be wrong, or that were and may be right again.
func (s *Store) followBulletins(ctx context.Context, token int64) error {
	versions, err := s.bulletinsToLookAt(ctx)
	for _, id := range slices.Sorted(maps.Keys(versions)) {
		if failed := s.followBulletin(ctx, token, id); failed != nil {
			err = errors.Join(err, failed)
			continue
		}
		s.bulletins.Store(id, versions[id])
	}
	return err
}

// bulletinsToLookAt are issued ones of which a case changed, that are marked, of whose period something waits, or of whose period there
// is a sealed version that they were not held against; each with the last sealed version.
func (s *Store) bulletinsToLookAt(ctx context.Context) (map[string]int64, error) {
	var rows []struct {
		ID, Area, Period string
		State            []byte
		Gone, Waiting    bool
	}
	err := s.rows(ctx).Table("dockets d").Where("d.kind = ? AND d.stage = ?", string(regulation.DocketBulletin), regulation.DocketIssued).
		Select(`d.id, d.area, d.period, d.state,
			EXISTS (SELECT 1 FROM bulletin_cases b JOIN case_figures f ON f.case_id = b.case_id WHERE b.docket_id = d.id AND (f.written_off = 1 OR f.unit_id <> b.unit_id)) AS gone,
			EXISTS (SELECT 1 FROM dockets w WHERE w.kind = d.kind AND w.authority = d.authority AND w.period = d.period AND w.stage IN ?) AS waiting`,
			[]string{regulation.DocketDrafted, regulation.DocketApproved}).Order("d.id").Find(&rows).Error
	if err != nil {
		return nil, err
	}
	versions := map[string]int64{}
	for _, row := range rows {
		d, err := docketRow{State: row.State}.docket()
		if err != nil {
			return versions, err
		}
		var last int64
		if err := s.rows(ctx).Model(&sealRow{}).Select("COALESCE(MAX(version), 0)").Where("series = ?", seriesOf(row.Area, row.Period)).Scan(&last).Error; err != nil {
			return versions, err
		}
		looked, _ := s.bulletins.Load(row.ID)
		if row.Gone || row.Waiting || d.Facts["outdated"] != "" || looked != last {
			versions[row.ID] = last
		}
	}
	return versions, nil
}

func (s *Store) followBulletin(ctx context.Context, token int64, id string) error {
	b, err := s.Bulletin(ctx, id)
	if err != nil {
		return err
	}
	wrong, err := s.outOfDateOf(ctx, b)
	if err != nil {
		return err
	}
	err = s.withDocket(ctx, id, func(tx *gorm.DB, before regulation.Docket, at time.Time) (after regulation.Docket, entries []regulation.DocketEntry, err error) {
		if after, entries = before.Upheld(at); len(wrong) > 0 {
			after, entries = before.Outdates(len(wrong), at)
		}
		return after, entries, holdsLease(tx, LeaseDockets, token)
	}, nil)
	if err != nil {
		return err
	}
	old, err := s.Docket(ctx, regulation.Scope{All: true}, regulation.DocketBulletin, id)
	if err != nil || old.Stage != regulation.DocketIssued {
		return err
	}
	return s.followCorrection(ctx, token, old, b, len(wrong) > 0)
}

// followCorrection drops the correction of an issued bulletin that waits where none is owed, or where the last sealed version makes a
// right one and it is none; and drafts that one where it is owed and none waits.
func (s *Store) followCorrection(ctx context.Context, token int64, old regulation.Docket, was regulation.Bulletin, owed bool) error {
	waiting, err := s.waitingBulletin(ctx, old)
	if err != nil || waiting.ID != "" && waiting.Facts["corrects"] != old.ID {
		return err // drafted by hand at the same time: it is refused as another one of the period
	}
	switch {
	case !owed && waiting.ID == "":
		return nil
	case !owed:
		return s.dropCorrection(ctx, token, waiting.ID, regulation.DroppedNotOwed)
	}
	if waiting.ID != "" {
		draft, err := s.Bulletin(ctx, waiting.ID)
		if err != nil {
			return err
		}
		if stale, err := s.outOfDate(ctx, draft); err != nil || !stale {
			return err
		}
	}
	now, err := s.bulletinOf(ctx, old.Area, old.Period, 0, was.Least, regulation.BulletinRule)
	if err != nil || now.Version <= was.Version {
		return err
	}
	if stale, err := s.outOfDate(ctx, now); err != nil || stale {
		return err // the next sealing brings it
	}
	if waiting.ID != "" {
		if err := s.dropCorrection(ctx, token, waiting.ID, regulation.DroppedOvertaken); err != nil {
			return err
		}
	}
	return s.draftCorrection(ctx, token, old, now)
}

// waitingBulletin is what is drafted or approved of an issued bulletin's authority and period; the zero Docket for none.
func (s *Store) waitingBulletin(ctx context.Context, old regulation.Docket) (d regulation.Docket, err error) {
	var rows []docketRow
	err = s.rows(ctx).Where("kind = ? AND authority = ? AND period = ? AND stage IN ?", string(regulation.DocketBulletin), old.Authority, old.Period,
		[]string{regulation.DocketDrafted, regulation.DocketApproved}).Order("id").Limit(1).Find(&rows).Error
	if err != nil || len(rows) == 0 {
		return d, err
	}
	return rows[0].docket()
}

func (s *Store) dropCorrection(ctx context.Context, token int64, id, why string) error {
	return s.withDocket(ctx, id, func(tx *gorm.DB, before regulation.Docket, at time.Time) (regulation.Docket, []regulation.DocketEntry, error) {
		after, entries := before.DropsCorrection(why, at)
		return after, entries, holdsLease(tx, LeaseDockets, token)
	}, nil)
}

// draftCorrection drafts the correction of a bulletin with the note of the first.
func (s *Store) draftCorrection(ctx context.Context, token int64, old regulation.Docket, now regulation.Bulletin) error {
	note, err := s.BulletinNote(ctx, old.ID)
	if err != nil {
		return err
	}
	now.Nonce = newID()
	state := regulation.BulletinState{Bulletin: now, Digest: regulation.DigestOf(now)}
	if state.Names, state.Windows, err = s.namesThere(ctx, old.Authority); err != nil {
		return err
	}
	if state.NoteTells(note) != "" {
		note = "" // nobody writes a correction's note: it goes without one that may not stand there
	}
	fresh, err := s.NewDocket(ctx, regulation.DocketBulletin, old.Authority, "")
	if err != nil {
		return err
	}
	if fresh.Key, err = s.bulletinKey(ctx, old.Authority, old.Period); err != nil {
		return err
	}
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
