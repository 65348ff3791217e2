package store_test

import (
	"testing"
	"time"

	"gorm.io/gorm"

	"haochaping/regulation"
	"haochaping/store"
)

// put runs statements, as what was there for long would stand in the record.
func (d *desk) put(statement string, args ...any) {
	d.t.Helper()
	d.must(store.Tx(d.Store, d.t.Context(), func(tx *gorm.DB) error { return tx.Exec(statement, args...).Error }))
}

// What the work around cases leaves behind goes by the table; what is open, and what a proof or a figure rests on, stays.
func TestWorkLogsGoByTheTableAndWhatIsOpenStays(t *testing.T) {
	onDesks(t, func(t *testing.T, d *desk) {
		ended, open := d.closed(), d.open()
		at := d.Clock.Now().UnixMicro()
		call := func(id, caseID string) {
			d.put("INSERT INTO calls (id, source, agent, staff_id, window_id, language, began_at, ended_at, recording_id, notice, asked_again) VALUES (?, 's', 'a', '', '', '', ?, ?, 'r', '', 0)", id, at, at)
			if caseID != "" {
				d.put("INSERT INTO call_ratings (call_id, object, rating_id) VALUES (?, 'call', ?)", id, d.read(caseID).RatingID)
			}
		}
		call("nothing-rated", "")
		call("ended", ended)
		call("open", open)
		for id, caseID := range map[string]string{"told-ended": ended, "told-open": open} {
			d.put("INSERT INTO notice_deliveries (id, person, way, is_code, state, at, next_at, sent_at, attempts, code, case_id, day) VALUES (?, '', 'sms', 0, 'sent', ?, 0, ?, 0, '', ?, '2026-11-23')", id, at, at, caseID)
			d.put("INSERT INTO notice_items (person, way, cause, kind, number, what, until_at, link, at, delivery_id, case_id) VALUES ('', 'sms', ?, 'reply', '', '', 0, '', ?, ?, ?)", "case/"+caseID, at, id, caseID)
		}
		for id, state := range map[string]string{"sent": "sent", "parked": "parked"} {
			d.put("INSERT INTO notice_deliveries (id, person, way, is_code, state, at, next_at, sent_at, attempts, code) VALUES (?, 'p', 'mail', 0, ?, ?, 0, 0, 0, '')", id, state, at)
			d.put("INSERT INTO notice_items (person, way, cause, kind, number, what, until_at, link, at, delivery_id) VALUES ('p', 'mail', ?, 'step', '', '', 0, '', ?, ?)", id, at, id)
		}
		d.put("INSERT INTO notice_items (person, way, cause, kind, number, what, until_at, link, at, delivery_id) VALUES ('p', 'mail', 'never sent', 'step', '', '', 0, '', ?, '')", at)
		d.put("INSERT INTO inbound_days (upstream, day, kind, outcome, times, last_at) VALUES ('u', '2026-11-23', 'rating', 'accepted', 3, ?)", at)
		d.put("INSERT INTO inbound_refused (upstream, message_id, kind, reasons, at, times) VALUES ('u', 'm/1', 'rating', 'pf:unknown', ?, 1)", at)
		for id, settled := range map[string]int64{"settled": at, "waits": 0} {
			d.put("INSERT INTO inbound_parked (upstream, message_id, kind, reason, value, digest, key_id, rating_id, sealed, received_at, tries, settled_at, outcome) VALUES ('u', ?, 'rating', 'r', 'v', 'd', '', '', 'x', ?, 0, ?, '')", id, at, settled)
		}

		d.months(5)
		d.retain()
		for what, n := range d.deleted() {
			t.Errorf("%d %s after five months", n, what)
		}
		d.months(8)
		d.retain()
		got := d.deleted()
		for what, want := range map[string]int64{regulation.KeptCall: 2, regulation.KeptRaterNotice: 1, regulation.KeptNotice: 2, regulation.KeptInbound: 3} {
			if got[what] != want {
				t.Errorf("%s: %d deleted, want %d", what, got[what], want)
			}
		}
		for table, want := range map[string]int{"calls": 1, "call_ratings": 2, "notice_deliveries": 2, "notice_items": 2, "inbound_days": 0, "inbound_refused": 0, "inbound_parked": 1} {
			if n := d.rowsOf(table, "1 = 1"); n != want {
				t.Errorf("%s: %d rows left, want %d", table, n, want)
			}
		}
		for table, where := range map[string]string{"calls": "id = 'open'", "notice_deliveries": "id = 'told-open'", "inbound_parked": "message_id = 'waits'"} {
			if d.rowsOf(table, where) != 1 {
				t.Errorf("%s: what is open is gone", table)
			}
		}
		if d.rowsOf("notice_deliveries", "id = 'parked'") != 1 {
			t.Error("a parked notice is gone before anybody saw to it")
		}
		d.integrate()
		if faults := d.ledgerFaults(); faults != nil {
			t.Errorf("%v", faults)
		}
		d.Clock.Forward(24 * time.Hour)
		if d.retain(); d.deleted()[regulation.KeptNotice] != 2 {
			t.Error("gone once more")
		}
	})
}

func TestAConfirmedRepairGoesAndAnOpenOneStays(t *testing.T) {
	onBenches(t, func(t *testing.T, b *bench) {
		d := &desk{Record: b.Record, t: t}
		confirmed, open := b.enrolled("haochaping-page", "A1", "513301-w03"), b.enrolled("haochaping-page", "A2", "513301-w02")
		for _, g := range []*gadget{confirmed, open} {
			device, err := b.Device(t.Context(), everywhere, g.id)
			d.must(err)
			_, err = b.OpenRepair(t.Context(), device, "screen", b.actor)
			d.must(err)
		}
		for seq, next := range []regulation.RepairState{regulation.RepairAssigned, regulation.RepairWorking, regulation.RepairSolved, regulation.RepairConfirmed} {
			who := b.actor
			if next == regulation.RepairConfirmed {
				who = regulation.Actor{Person: "keeper"}
			}
			d.must(b.StepRepair(t.Context(), confirmed.id, int64(seq+1), next, who))
		}
		d.months(13)
		d.retain()
		if d.rowsOf("repair_tickets", "device_id = ?", confirmed.id) != 0 || d.rowsOf("repair_tickets", "device_id = ?", open.id) != 1 || d.rowsOf("repair_steps", "1 = 1") != 1 {
			t.Errorf("%d repairs, %d steps left", d.rowsOf("repair_tickets", "1 = 1"), d.rowsOf("repair_steps", "1 = 1"))
		}
	})
}

func TestAnImportIsKeptAsLongAsPapers(t *testing.T) {
	onPaper(t, func(t *testing.T, p *paper) {
		d := &desk{Record: p.Record, t: t}
		if faults, err := p.imported("d1", sheetOf(p.serials[0])); err != nil || faults[0] != nil {
			t.Fatal(faults, err)
		}
		d.months(40)
		if d.retain(); d.rowsOf("paper_imports", "1 = 1") != 1 {
			t.Error("gone before ten years")
		}
		d.months(80)
		if d.retain(); d.rowsOf("paper_imports", "1 = 1") != 0 {
			t.Error("there after ten years")
		}
	})
}

func TestAnAddressEndsWithItsAccount(t *testing.T) {
	onDesks(t, func(t *testing.T, d *desk) {
		person := d.actor("kd-verifier-1").Person
		d.must(d.SetNoticeAddress(t.Context(), person, store.WayMail, "someone@office.example", "123456"))
		d.must(d.DisableAccount(t.Context(), person, "tester"))
		if d.rowsOf("notice_addresses", "person = ?", person) != 0 || d.rowsOf("notice_deliveries", "person = ? AND state <> 'dropped'", person) != 0 {
			t.Error("the address of a closed account is kept")
		}
	})
}
