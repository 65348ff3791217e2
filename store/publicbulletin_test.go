package store_test

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"testing"
	"time"

	"haochaping/regulation"
	"haochaping/store"
	"haochaping/workday"
)

// R42, R04: a quarter's bulletin may be for everybody; its correction is too, leads to it, and tells no count that moved by few. A note has
// no name of who serves in the area, suspended or not, of no window, and no count.
func TestAQuartersBulletinIsForEverybody(t *testing.T) {
	onDesks(t, func(t *testing.T, d *desk) {
		bulletin := regulation.DocketBulletin
		quarter := regulation.QuarterOf(workday.DateOf(d.Clock.Now()))
		goes := d.mistakenly("mistaken")
		for range 12 {
			d.upTo(d.open(), regulation.ActSign)
		}
		d.rateMany(40, regulation.Satisfied)
		d.rateMany(16, regulation.Dissatisfied) // and nothing found yet
		for range 2 {
			d.nextMonth()
		}
		d.seal()
		d.casesDue()
		d.follow()
		window, err := d.WindowTarget(t.Context(), policeWindow)
		d.must(err)
		act, _ := regulation.DocketActOf(bulletin, "draft")
		for note, why := range map[string]string{"对照整改，见" + window.Window.NameZH: "names_window", d.serving("513301-psb") + "牵头对照整改": "names_staff", d.disabled("kd-psb-head") + "负责": "names_staff",
			"其中3件超期未整改": "tells_counts", "of which 3 are overdue": "tells_counts"} {
			_, err := d.StartDocket(t.Context(), act, must(d.NewDocket(t.Context(), bulletin, kangdingOffice, "")),
				regulation.Values{"bulletin_period": {quarter}, "bulletin_note": {note}}, d.as("kd-supervisor-1"))
			if refused, _ := err.(*regulation.Error); refused == nil || refused.Fields["bulletin_note"] != why {
				t.Errorf("%q: %v", note, err)
			}
		}
		id, err := d.draftBulletin(quarter)
		d.must(err)
		public := regulation.Values{"audience": {"public"}}
		d.exec("UPDATE public_figures SET period = '2000-Q1' WHERE period = '" + quarter + "'")
		d.refusal(d.tryDocket(bulletin, id, "approve", "kd-head", public), regulation.NotNow, "figures_not_out")
		d.exec("UPDATE public_figures SET period = '" + quarter + "' WHERE period = '2000-Q1'")
		d.must(d.tryDocket(bulletin, id, "approve", "kd-head", public))
		d.must(d.tryDocket(bulletin, id, "issue", "kd-publisher", nil))
		first := d.docket(bulletin, id)
		open, err := d.PublicBulletin(t.Context(), first)
		if err != nil || open.Confirmed == nil || open.Confirmed.N != 13 || open.Confirmed.Stood {
			t.Fatalf("%+v, %v", open, err)
		}
		d.exec("UPDATE orgs SET name_zh = '康定市公安分局' WHERE id = '513301-psb'")
		if again := must(d.PublicBulletin(t.Context(), first)); again.Place("513301-psb") == nil || again.Place("513301-psb").Chinese != "康定市公安局" {
			t.Errorf("it does not say how the unit was called: %+v", again.Named)
		}
		d.exec("UPDATE orgs SET name_zh = '康定市公安局' WHERE id = '513301-psb'")
		d.inVain(goes)
		d.count(500)
		d.Clock.Forward(24 * time.Hour)
		d.seal()
		d.follow()
		d.follow()
		all := d.docketsOf(bulletin, kangdingOffice)
		if len(all) != 2 {
			t.Fatalf("%+v", all)
		}
		correction := all[0].ID
		if refused, _ := d.tryDocket(bulletin, correction, "approve", "kd-supervisor-1", regulation.Values{"audience": {"internal"}}).(*regulation.Error); refused == nil || refused.Fields["audience"] != "correction_public" {
			t.Error("everybody read what was wrong, and only the units are to read what is right")
		}
		d.must(d.tryDocket(bulletin, correction, "approve", "kd-supervisor-1", public))
		d.must(d.tryDocket(bulletin, correction, "issue", "kd-publisher", nil))
		second, err := d.PublicBulletin(t.Context(), d.docket(bulletin, correction))
		if err != nil || second.Confirmed == nil || second.Confirmed.N != 13 || !second.Confirmed.Stood {
			t.Errorf("one less is told: %+v, %v", second.Confirmed, err)
		}
		if again, err := d.PublicBulletin(t.Context(), d.docket(bulletin, id)); err != nil || again.Confirmed.N != 13 || again.Confirmed.Stood {
			t.Errorf("the first reads otherwise: %+v, %v", again, err)
		}
		listed, _, err := d.PublicBulletins(t.Context(), store.ListQuery{})
		if err != nil || len(listed) != 2 || listed[0].ID != correction {
			t.Errorf("%+v, %v", listed, err)
		}
		d.integrate()
		if found := d.verify(store.VerifyOptions{Only: []string{store.CheckDockets, store.CheckSealed}}); len(found) != 0 {
			t.Errorf("%q", found)
		}
		// One of before it was kept is filled in once; an altered one is found.
		d.exec("UPDATE public_bulletins SET body = NULL, rule = 0 WHERE docket_id = '" + id + "'")
		d.follow()
		if again, err := d.PublicBulletin(t.Context(), first); err != nil || !reflect.DeepEqual(again, open) {
			t.Errorf("filled in otherwise: %+v, %v", again, err)
		}
		d.exec("UPDATE public_bulletins SET body = REPLACE(body, '\"N\":13', '\"N\":18') WHERE docket_id = '" + id + "'")
		if again, err := d.PublicBulletin(t.Context(), first); err != nil || again.Confirmed.N != 18 {
			t.Errorf("not read as it was written down: %+v, %v", again.Confirmed, err)
		}
		if found := d.verify(store.VerifyOptions{Only: []string{store.CheckDockets}}); !slices.Contains(found, "dockets bulletin_differs") {
			t.Errorf("a public bulletin that was altered is not found: %q", found)
		}
		// Nor does it help to say that it was made by a rule of before: the entry that issued it has the digest.
		d.exec("UPDATE public_bulletins SET rule = 0 WHERE docket_id = '" + id + "'")
		if named := d.findingsOf(id); !slices.Equal(named, []string{"public"}) {
			t.Errorf("a public bulletin that was altered under a rule of before is not named: %q", named)
		}
		d.exec("UPDATE public_bulletins SET body = NULL WHERE docket_id = '" + id + "'")
		if named := d.findingsOf(id); !slices.Equal(named, []string{"public"}) {
			t.Errorf("a public bulletin that was emptied is not named: %q", named)
		}
		d.follow()
		if named := d.findingsOf(id); len(named) != 0 {
			t.Errorf("written down again it is found: %q", named)
		}
		// One of before its digest was kept: what is written down of it now is held from then on, also where its rule is none any more.
		d.exec("UPDATE docket_entries SET body = REPLACE(body, 'public_digest', 'former_digest') WHERE docket_id = '" + id + "' AND name = 'issue'")
		d.exec("DELETE FROM facts WHERE name = 'public_bulletins_noted'")
		d.exec("UPDATE public_bulletins SET body = NULL, rule = 0 WHERE docket_id = '" + id + "'")
		if _, err := d.FollowDockets(t.Context(), 0); !errors.Is(err, store.ErrLeaseLost) || d.rowsOf("docket_entries", "docket_id = '"+id+"' AND name = 'written'") != 0 {
			t.Errorf("who has lost the lease writes it down: %v", err)
		}
		d.follow()
		d.follow()
		d.exec("UPDATE public_bulletins SET rule = 0 WHERE docket_id = '" + id + "'")
		if named := d.findingsOf(id); len(named) != 0 {
			t.Errorf("written down with its digest it is found: %q", named)
		}
		if entries := d.rowsOf("docket_entries", "docket_id = '"+id+"' AND name = 'written'"); entries != 1 {
			t.Errorf("%d entries wrote it down", entries)
		}
		d.exec("UPDATE public_bulletins SET body = REPLACE(body, '\"N\":13', '\"N\":18') WHERE docket_id = '" + id + "'")
		if named := d.findingsOf(id); !slices.Equal(named, []string{"public"}) {
			t.Errorf("one of before that was altered is not named: %q", named)
		}
		d.exec("UPDATE public_bulletins SET body = REPLACE(body, '\"N\":18', '\"N\":13'), rule = 0 WHERE docket_id = '" + id + "'")
		d.exec("UPDATE public_bulletins SET issued_at = issued_at + 1 WHERE docket_id = '" + id + "'")
		if found := d.verify(store.VerifyOptions{Only: []string{store.CheckDockets}}); !slices.Contains(found, "dockets bulletin_differs") {
			t.Errorf("a public bulletin of another instant is not found: %q", found)
		}
		d.exec("DELETE FROM public_bulletins WHERE docket_id = '" + id + "'")
		if found := d.verify(store.VerifyOptions{Only: []string{store.CheckDockets}}); !slices.Contains(found, "dockets bulletin_differs") {
			t.Errorf("a public bulletin that is none any more is not found: %q", found)
		}
	})
}

// findingsOf is what is wrong with a bulletin.
func (d *desk) findingsOf(id string) (what []string) {
	d.t.Helper()
	_, err := d.Verify(d.t.Context(), store.VerifyOptions{Only: []string{store.CheckDockets}, Found: func(f store.Finding) error {
		if slices.Contains(f.About, id) {
			what = append(what, f.About[len(f.About)-1])
		}
		return nil
	}})
	d.must(err)
	return what
}

// disabled is the name of an account that may not be used any more.
func (d *desk) disabled(login string) (name string) {
	d.t.Helper()
	d.must(store.Rows(d.Store, d.t.Context()).Raw("SELECT name_zh FROM accounts WHERE login = ?", login).Scan(&name).Error)
	d.exec("UPDATE accounts SET disabled_at = 1 WHERE login = ?", login)
	return name
}

// serving is the name of somebody who serves at a unit, one that no pattern finds by itself.
func (d *desk) serving(unit string) string {
	d.t.Helper()
	var ids []string
	d.must(store.Rows(d.Store, d.t.Context()).Raw("SELECT id FROM staff WHERE unit_id = ? ORDER BY id", unit).Scan(&ids).Error)
	for _, name := range must(d.StaffNames(d.t.Context(), ids...)) {
		if !regulation.TellsOfPeople(name + "牵头对照整改") {
			return name
		}
	}
	d.t.Fatal("nobody serves there whom patterns do not find: this proves nothing")
	return ""
}

// R42: public bulletins are asked for as such, so that a page is full however many there are for the units alone, and there is a next
// one only where something is on it.
func TestPublicBulletinsFillTheirPages(t *testing.T) {
	onDesks(t, func(t *testing.T, d *desk) {
		at := d.Clock.Now().UnixMicro()
		for i := range 90 { // thirty of them for everybody
			id := fmt.Sprintf("bulletin%024d", i)
			audience, period := "internal", "2026-Q1"
			if i%3 == 0 {
				audience = "public"
			}
			d.exec(fmt.Sprintf(`INSERT INTO dockets (id, kind, doc_key, area, authority, unit_id, seen_staff, parent, period, stage, due, overdue, started_at, ended_at, seq, state)
				VALUES ('%s', 'bulletin', '%s', '513301', '513301-authority', '', '', '', '%s', 'issued', 0, 0, 1, %d, 3,
				'{"id":"%s","kind":"bulletin","area":"513301","authority":"513301-authority","period":"%s","stage":"issued","seq":3,"facts":{"audience":"%s"}}')`,
				id, id, period, at+int64(i), id, period, audience))
			if audience == "public" {
				d.exec(fmt.Sprintf("INSERT INTO public_bulletins (docket_id, period, issued_at) VALUES ('%s', '%s', %d)", id, period, at+int64(i)))
			}
		}
		seen, pages := map[string]bool{}, 0
		for cursor := ""; pages == 0 || cursor != ""; pages++ {
			listed, next, err := d.PublicBulletins(t.Context(), store.ListQuery{After: cursor, Limit: 12})
			d.must(err)
			if len(listed) != 12 && next != "" || len(listed) == 0 {
				t.Errorf("a page of %d, and there are more: %v", len(listed), next != "")
			}
			for _, b := range listed {
				if seen[b.ID] || !b.Openly() {
					t.Errorf("%s twice, or not for everybody", b.ID)
				}
				seen[b.ID] = true
			}
			cursor = next
		}
		if len(seen) != 30 || pages != 3 {
			t.Errorf("%d bulletins on %d pages", len(seen), pages)
		}
	})
}

// A bulletin of before that cannot be made any more keeps no deadline from being told of.
func TestABulletinThatCannotBeFilledInHoldsUpNothing(t *testing.T) {
	onDesks(t, func(t *testing.T, d *desk) {
		d.exec(`INSERT INTO dockets (id, kind, doc_key, area, authority, unit_id, seen_staff, parent, period, stage, due, overdue, started_at, ended_at, seq, state)
			VALUES ('bulletin000000000000000000', 'bulletin', 'b', '513301', '513301-authority', '', '', '', '2026-Q1', 'issued', 0, 0, 1, 1, 3,
			'{"id":"bulletin000000000000000000","kind":"bulletin","area":"513301","authority":"513301-authority","period":"2026-Q1","stage":"issued","seq":3,"facts":{"audience":"public"}}')`)
		d.exec("INSERT INTO public_bulletins (docket_id, period, issued_at) VALUES ('bulletin000000000000000000', '2026-Q1', 1)")
		token, _, err := d.AcquireLease(t.Context(), store.LeaseDockets, "tester", time.Minute)
		d.must(err)
		_, first := d.FollowDockets(t.Context(), token)
		d.Clock.Forward(200 * 24 * time.Hour)
		token, _, err = d.AcquireLease(t.Context(), store.LeaseDockets, "tester", time.Minute)
		d.must(err)
		overdue, second := d.FollowDockets(t.Context(), token)
		if first == nil || second == nil || overdue == 0 {
			t.Errorf("%d overdue; %v; %v", overdue, first, second)
		}
	})
}
