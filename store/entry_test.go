package store_test

import (
	"slices"
	"testing"
	"time"

	"haochaping/regulation"
	"haochaping/store"
)

// TestEntriesFollowWriteOffAndReattribution holds what figures are counted from: the rows that the
// events booked, with columns and lists that follow the case.
func TestEntriesFollowWriteOffAndReattribution(t *testing.T) {
	onDesks(t, func(t *testing.T, d *desk) {
		id := d.open()
		d.upTo(id, regulation.ActSign)
		before := d.read(id).Rated
		d.do(id, regulation.ActReferAccountability, regulation.Values{"reasons": {"r"}})
		if n := d.rowsOf("escalations", "case_id = ? AND sent_to = 'discipline' AND reason = 'referred'", id); n != 1 {
			t.Errorf("%d references on the discipline list", n)
		}
		for field, wrong := range map[string]string{"rated_unit": "513322-psb", "rated_window": "nowhere", "rated_staff": "nobody"} {
			v := regulation.Values{"rated_unit": {"513301-tax"}, "reasons": {"r"}}
			v[field] = []string{wrong}
			row, err := d.SubmitAct(t.Context(), store.ActRequest{CaseID: id, Kind: regulation.ActProposeReattribution, Values: v,
				Actor: d.holder(regulation.Verifier, "513301-authority"), Key: d.key()})
			d.must(err)
			_, err = d.RecordAct(t.Context(), id, row.ID)
			d.must(err)
			if row, err = d.ActOutcome(t.Context(), row.ID); err != nil || row.Refusal == nil || row.Refusal.Fields[field] == "" {
				t.Errorf("%s %s: %+v, %v", field, wrong, row.Refusal, err)
			}
		}
		d.do(id, regulation.ActProposeReattribution, regulation.Values{"rated_unit": {"513301-tax"}, "reasons": {"r"}})
		d.do(id, regulation.ActApproveReattribution, nil)
		c := d.read(id)
		if c.Rated.Unit != "513301-tax" || c.Phase != regulation.PhaseDispatch {
			t.Errorf("%+v in %s", c.Rated, c.Phase)
		}
		if d.rowsOf("cases", "id = ? AND rated_unit = '513301-tax' AND rated_staff = '' AND rated_window = ''", id) != 1 {
			t.Error("the columns do not follow")
		}
		for unit, want := range map[string]bool{before.Unit: false, "513301-tax": true} {
			notices, _, err := d.RatedNotices(t.Context(), regulation.Scope{Units: []string{unit}}, store.ListQuery{})
			d.must(err)
			if got := len(notices) == 1; got != want {
				t.Errorf("%s has %d notices", unit, len(notices))
			}
		}
		d.do(id, regulation.ActLodgeAppeal, regulation.Values{"grounds": {"facts_untrue"}, "account": {"a"}})
		d.do(id, regulation.ActDecideAppeal, regulation.Values{"result": {"mistaken"}, "reasons": {"r"}})
		d.do(id, regulation.ActApproveWriteOff, nil)
		d.do(id, regulation.ActObjectWriteOff, regulation.Values{"objection": {"o"}})
		d.do(id, regulation.ActDecideObjection, regulation.Values{"result": {"written_off"}, "reasons": {"r"}})
		entries, err := d.Entries(t.Context(), "513301", d.read(id).OpenedAt, d.Clock.Now().Add(time.Hour))
		d.must(err)
		var kinds []regulation.EntryKind
		for _, e := range entries {
			kinds = append(kinds, e.Kind)
		}
		if want := []regulation.EntryKind{regulation.EntryReattribution, regulation.EntryWriteOff}; !slices.Equal(kinds, want) || entries[0].From.Unit != before.Unit ||
			entries[0].To.Unit != "513301-tax" || entries[1].From.Unit != "513301-tax" || entries[1].Sign != -1 {
			t.Errorf("%+v", entries)
		}
		if none, err := d.Entries(t.Context(), "513322", d.read(id).OpenedAt, d.Clock.Now().Add(time.Hour)); len(none) != 0 || err != nil {
			t.Errorf("%d elsewhere, %v", len(none), err)
		}
		d.whole()
	})
}
