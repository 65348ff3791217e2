package store

import (
	"context"
	"encoding/json"
	"slices"

	"haochaping/regulation"
)

// dockets walks over hearings, problems, joint rectifications, publications, commendations, bulletins and releases: the history is
// whole, the docket stands where it leaves it, two persons decided where two must, of no quarter is it said falsely that it was
// heard, or nothing though it passed, a bulletin says what its sealed version and its cases come to, and an honour's
// list is the one that its sealed version and the record of its instant give.
func (v *verifier) dockets(ctx context.Context) error {
	if !v.wants(CheckDockets) || v.options.Case != "" {
		return nil
	}
	for after := ""; ; {
		var rows []docketRow
		if err := v.s.rows(ctx).Where("id > ?", after).Order("id").Limit(pageOf).Find(&rows).Error; err != nil || len(rows) == 0 {
			return err
		}
		for _, row := range rows {
			after = row.ID
			var fault error
			v.timed(CheckDockets, 1, func() { fault = v.docket(ctx, row) })
			if fault != nil || v.faults != nil {
				return firstOf(fault, v.faults)
			}
		}
	}
}

func (v *verifier) docket(ctx context.Context, row docketRow) error {
	var entries []docketEntryRow
	var cases []string
	if err := v.s.rows(ctx).Where("docket_id = ? AND seq <= ?", row.ID, row.Seq).Order("seq").Find(&entries).Error; err != nil {
		return err
	}
	if err := v.s.rows(ctx).Model(&docketCaseRow{}).Where("docket_id = ?", row.ID).Order("case_id").Pluck("case_id", &cases).Error; err != nil {
		return err
	}
	wrong := func(code string, about ...string) {
		v.find(Finding{Check: CheckDockets, Code: code, Area: row.Area, About: append([]string{row.Kind, row.ID}, about...)})
	}
	d, err := row.docket()
	if err != nil {
		wrong("docket_differs", "state")
		return nil
	}
	t := tellDocket(entries)
	switch {
	case t.broken != 0 || int64(len(entries)) != row.Seq:
		wrong("docket_gap")
		return nil
	case t.alone != "":
		wrong("decided_alone", t.alone)
	}
	slices.Sort(t.cases)
	standing := slices.Sorted(slices.Values(d.Cases))
	for what, same := range map[string]bool{"stage": t.stage == row.Stage && t.stage == d.Stage, "cases": slices.Equal(t.cases, standing),
		"overdue": d.Overdue == row.Overdue, "seq": d.Seq == row.Seq} {
		if !same {
			wrong("docket_differs", what)
		}
	}
	if row.Seq == d.Seq && !slices.Equal(cases, standing) {
		again := docketRow{} // a case may have come or gone between the two reads
		if err := v.s.rows(ctx).Take(&again, "id = ?", row.ID).Error; err == nil && again.Seq == row.Seq {
			wrong("docket_differs", "docket_cases")
		}
	}
	switch d.Kind {
	case regulation.DocketQuarter:
		return v.quarter(ctx, d, wrong)
	case regulation.DocketBulletin:
		return v.bulletin(ctx, d, wrong)
	case regulation.DocketHonour:
		return v.honour(ctx, d, wrong)
	}
	return nil
}

// quarter holds what is said of an authority's quarter against the sessions on record (7(4)).
func (v *verifier) quarter(ctx context.Context, d regulation.Docket, wrong func(code string, about ...string)) error {
	var sessions []string // their stages
	err := v.s.rows(ctx).Model(&docketRow{}).Where("kind = ? AND authority = ? AND period = ?", string(regulation.DocketHearing), d.Authority, d.Period).Pluck("stage", &sessions).Error
	switch {
	case err != nil:
		return err
	case d.Stage != regulation.DocketWaiting && len(sessions) == 0, d.Facts["confirmed"] == "yes" && !slices.Contains(sessions, regulation.DocketConfirmed):
		wrong("quarter_unheard")
	case d.Stage != regulation.DocketHeld && !d.Overdue && v.s.now().After(d.Due.AddDate(0, 0, 1)):
		wrong("quarter_untold")
	}
	return nil
}

// toldDocket is what a docket's entries tell.
type toldDocket struct {
	stage  string
	cases  []string
	broken int64  // the first sequence that is missing or does not read, 0 for none
	alone  string // the act that somebody did on their own word, "" for none
}

func tellDocket(rows []docketEntryRow) (t toldDocket) {
	var waits []string
	for i, row := range rows {
		var e regulation.DocketEntry
		if row.Seq != int64(i+1) || json.Unmarshal(row.Body, &e) != nil || e.Seq != row.Seq || e.Name != row.Name {
			t.broken = int64(i + 1)
			return t
		}
		t.stage = e.Stage
		t.cases = append(t.cases, e.Adds...)
		t.cases = slices.DeleteFunc(t.cases, func(id string) bool { return slices.Contains(e.Drops, id) })
		act, known := regulation.DocketActOf(e.Kind, e.Name)
		if known && act.Other && slices.Contains(waits, e.Actor) {
			t.alone = e.Name
		}
		switch {
		case known && act.Waits:
			waits = []string{e.Actor}
		case known && act.Adds:
			waits = append(waits, e.Actor)
		case known && act.Other:
			waits = nil
		}
	}
	return t
}
