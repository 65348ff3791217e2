package store_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"haochaping/regulation"
	"haochaping/store"
	"haochaping/workday"
)

// draftBulletin drafts one of Kangding's.
func (d *desk) draftBulletin(period string) (string, error) {
	d.t.Helper()
	fresh, err := d.NewDocket(d.t.Context(), regulation.DocketBulletin, kangdingOffice, "")
	d.must(err)
	act, _ := regulation.DocketActOf(regulation.DocketBulletin, "draft")
	return d.StartDocket(d.t.Context(), act, fresh, regulation.Values{"bulletin_period": {period}, "bulletin_note": {"请有关单位对照整改"}}, d.as("kd-supervisor-1"))
}

// R42: drafted from a sealed version, approved by another, numbered and told when issued; a write-off brings a correction by itself.
func TestABulletinIsIssuedAndCorrected(t *testing.T) {
	onDesks(t, func(t *testing.T, d *desk) {
		bulletin := regulation.DocketBulletin
		month := regulation.MonthOf(workday.DateOf(d.Clock.Now()))
		stays, goes := d.open(), d.mistakenly("mistaken")
		d.upTo(stays, regulation.ActReleaseReply)
		for range 5 {
			d.open() // bad, and nothing found yet: not named
		}
		d.follow()
		if _, err := d.draftBulletin(month); err == nil {
			t.Fatal("drafted of a month that is not sealed")
		} else {
			d.refusal(err, regulation.NotNow, "period_not_sealed")
			if from := err.(*regulation.Error).From; !from.After(d.Clock.Now()) {
				t.Errorf("sealed from %v on", from)
			}
		}
		d.nextMonth()
		d.seal()
		d.casesDue()
		id, err := d.draftBulletin(month)
		d.must(err)
		b, err := d.Bulletin(t.Context(), id)
		d.must(err)
		if len(b.Units) != 1 || b.Units[0].Key != "513301-psb" || b.Units[0].Rated != 7 || b.Units[0].Bad != 7 || b.Units[0].Confirmed != 2 || b.Units[0].Rectified != 1 || b.Units[0].Causes["efficiency"] != 2 || len(b.Cases) != 2 || b.Version != 2 || b.Open != 7 {
			t.Errorf("%+v", b)
		}
		if outcomes := []string{b.Cases[0].Outcome, b.Cases[1].Outcome}; !slices.Contains(outcomes, regulation.BulletinInTime) || !slices.Contains(outcomes, regulation.BulletinUnderWay) {
			t.Errorf("outcomes %q", outcomes)
		}
		if _, err := d.draftBulletin(month); err == nil {
			t.Error("two of one period")
		}
		audience := regulation.Values{"audience": {"internal"}}
		if refused, _ := d.tryDocket(bulletin, id, "approve", "kd-head", regulation.Values{"audience": {"public"}}).(*regulation.Error); refused == nil || refused.Fields["audience"] != "bulletin_monthly" {
			t.Error("a month's is for everybody")
		}
		d.refusal(d.tryDocket(bulletin, id, "approve", "kd-supervisor-1", audience), regulation.FourEyes, "docket_by_you")
		d.must(d.tryDocket(bulletin, id, "approve", "kd-head", audience))
		units := regulation.Scope{Units: []string{"513301-psb"}}
		if _, err := d.Docket(t.Context(), units, bulletin, id); err == nil {
			t.Error("the unit reads what is not issued")
		}
		d.must(d.tryDocket(bulletin, id, "issue", "kd-publisher", nil))
		issued := d.docket(bulletin, id)
		if issued.Facts["number"] != "康政服差评通报〔2027〕1号" || issued.Facts["named"] != "513301-psb" || issued.Openly() {
			t.Errorf("%+v", issued)
		}
		if _, err := d.Docket(t.Context(), units, bulletin, id); err != nil || !slices.Contains(d.heard("kd-psb-head"), "bulletin_issue") {
			t.Errorf("the unit does not know: %v", err)
		}
		log, _, err := d.PublicationLog(t.Context(), kangdingOffice, store.ListQuery{})
		if err != nil || len(log) != 1 || log[0].Facts["link"] != "" || log[0].Facts["digest"] != issued.Facts["digest"] || log[0].Facts["late"] != "" {
			t.Errorf("%+v, %v", log, err)
		}
		d.follow()
		if d.docket(bulletin, id).Seq != issued.Seq {
			t.Error("changed though nothing happened")
		}
		d.inVain(goes)
		d.count(500)
		d.follow()
		d.follow()
		if old := d.docket(bulletin, id); old.Facts["outdated"] != "1" || old.Seq != issued.Seq+1 || len(d.docketsOf(bulletin, kangdingOffice)) != 1 {
			t.Errorf("before the next version is sealed: %+v", old)
		}
		d.Clock.Forward(24 * time.Hour)
		d.seal()
		d.follow()
		d.follow()
		all := d.docketsOf(bulletin, kangdingOffice)
		if len(all) != 2 || all[0].Facts["corrects"] != id || all[0].Stage != regulation.DocketDrafted {
			t.Fatalf("%+v", all)
		}
		correction := all[0].ID
		if note, err := d.BulletinNote(t.Context(), correction); err != nil || note != "请有关单位对照整改" {
			t.Errorf("the note %q, %v", note, err)
		}
		d.refusal(d.tryDocket(bulletin, correction, "refuse", "kd-head", regulation.Values{"docket_reasons": {"不必"}}), regulation.NotNow, "correction_owed")
		d.must(d.tryDocket(bulletin, correction, "approve", "kd-supervisor-1", audience))
		d.refusal(d.tryDocket(bulletin, correction, "issue", "kd-supervisor-1", nil), regulation.FourEyes, "docket_by_you")
		d.must(d.tryDocket(bulletin, correction, "issue", "kd-publisher", nil))
		old, now := d.docket(bulletin, id), d.docket(bulletin, correction)
		if old.Stage != regulation.DocketCorrected || old.Facts["corrected_by"] != correction || now.Facts["corrects"] != id || now.Facts["number"] != "康政服差评通报〔2027〕2号" {
			t.Errorf("%+v, %+v", old, now)
		}
		if b, err := d.Bulletin(t.Context(), correction); err != nil || len(b.Cases) != 1 || b.Cases[0].Case != stays || b.Version != 3 {
			t.Errorf("%+v, %v", b, err)
		}
		if b, err := d.Bulletin(t.Context(), id); err != nil || len(b.Cases) != 2 {
			t.Errorf("the first does not read any more: %+v, %v", b, err)
		}
		log, _, err = d.PublicationLog(t.Context(), kangdingOffice, store.ListQuery{})
		log = slices.DeleteFunc(log, func(p regulation.Docket) bool { return p.PublicationKindOf() != regulation.PublishBulletin })
		if err != nil || len(log) != 1 || log[0].Facts["correction"] != "yes" {
			t.Errorf("%+v, %v", log, err)
		}
		d.integrate()
		if found := d.verify(store.VerifyOptions{Only: []string{store.CheckDockets, store.CheckLeaves}}); len(found) != 0 {
			t.Errorf("%q", found)
		}
		d.exec("UPDATE bulletin_cases SET unit_id = '513301-mkt' WHERE docket_id = '" + correction + "'")
		if found := d.verify(store.VerifyOptions{Only: []string{store.CheckDockets}}); !slices.Equal(found, []string{"dockets bulletin_differs"}) {
			t.Errorf("%q", found)
		}
		d.exec("UPDATE bulletin_cases SET unit_id = '513301-psb' WHERE docket_id = '" + correction + "'")
		d.exec("UPDATE bulletins SET body = REPLACE(body, '\"confirmed\":2', '\"confirmed\":3') WHERE docket_id = '" + id + "'")
		if found := d.verify(store.VerifyOptions{Only: []string{store.CheckDockets}}); !slices.Equal(found, []string{"dockets bulletin_differs"}) {
			t.Errorf("%q", found)
		}
	})
}

// What changed between the sealed version and the draft, or between draft and issue, is refused.
func TestABulletinRestsOnWhatStillHolds(t *testing.T) {
	onDesks(t, func(t *testing.T, d *desk) {
		bulletin := regulation.DocketBulletin
		month := regulation.MonthOf(workday.DateOf(d.Clock.Now()))
		goes, later := d.mistakenly("mistaken"), d.mistakenly("mistaken")
		d.follow()
		d.nextMonth()
		d.seal()
		d.casesDue()
		d.inVain(goes)
		d.count(500)
		_, err := d.draftBulletin(month)
		d.refusal(err, regulation.NotNow, "sealed_behind")
		if refused := (*regulation.Error)(nil); !errors.As(err, &refused) || !refused.From.Equal(workday.DateOf(d.Clock.Now()).AddDays(1).Start()) {
			t.Errorf("from when: %v", err)
		}
		d.Clock.Forward(24 * time.Hour)
		d.seal()
		id, err := d.draftBulletin(month)
		d.must(err)
		d.must(d.tryDocket(bulletin, id, "approve", "kd-head", regulation.Values{"audience": {"internal"}}))
		d.inVain(later)
		d.count(500)
		d.refusal(d.tryDocket(bulletin, id, "issue", "kd-publisher", nil), regulation.NotNow, "bulletin_stale")
		d.must(d.tryDocket(bulletin, id, "refuse", "kd-head", regulation.Values{"docket_reasons": {"内容有变"}}))
		d.Clock.Forward(24 * time.Hour)
		d.seal()
		again, err := d.draftBulletin(month)
		d.must(err)
		d.must(d.tryDocket(bulletin, again, "approve", "kd-head", regulation.Values{"audience": {"internal"}}))
		d.must(d.tryDocket(bulletin, again, "issue", "kd-publisher", nil))
		if open, _, err := d.PublicBulletins(t.Context(), store.ListQuery{}); err != nil || len(open) != 0 {
			t.Errorf("an internal one is public: %+v, %v", open, err)
		}
		if d.docket(bulletin, again).Facts["number"] != "康政服差评通报〔2027〕1号" {
			t.Error("a number was lost")
		}
	})
}

// exposable brings a case of the police to its end, with the days to appeal over.
func (d *desk) exposable() string {
	d.t.Helper()
	id := d.open()
	for _, kind := range mainLine {
		d.do(id, kind, forms[kind])
	}
	return id
}

// draftRelease drafts one of the prefecture's.
func (d *desk) draftRelease(ground, object, text string) (string, error) {
	d.t.Helper()
	fresh, err := d.NewDocket(d.t.Context(), regulation.DocketRelease, "513300-authority", "")
	d.must(err)
	act, _ := regulation.DocketActOf(regulation.DocketRelease, "draft")
	return d.StartDocket(d.t.Context(), act, fresh, regulation.Values{"release_ground": {ground}, "release_object": {object}, "release_title": {"办事窗口推诿群众被曝光"}, "release_text": {text}}, d.as("gz-supervisor-1"))
}

const exposed = "该单位一次性告知不到位，群众多次往返，经核实情况属实，已责令整改。"

// R04: the digest of a bulletin stands in the publication log and on its public page. Nobody finds by trying what it says of units of which
// counts are withheld, not even where no case is in it.
func TestNobodyTriesABulletinsCounts(t *testing.T) {
	onDesks(t, func(t *testing.T, d *desk) {
		month := regulation.MonthOf(workday.DateOf(d.Clock.Now()))
		d.rateMany(7, regulation.Satisfied)
		d.rateMany(2, regulation.Dissatisfied)
		d.nextMonth()
		d.seal()
		d.casesDue()
		id, err := d.draftBulletin(month)
		d.must(err)
		b, digest := must(d.Bulletin(t.Context(), id)), d.docket(regulation.DocketBulletin, id).Facts["digest"]
		if len(b.Cases) != 0 || b.Total.Rated != 9 || regulation.DigestOf(b) != digest {
			t.Fatalf("%+v", b)
		}
		b.Nonce = ""
		for bad := range int64(10) {
			b.Total.Bad, b.Units[0].Bad = bad, bad
			if regulation.DigestOf(b) == digest {
				t.Errorf("the digest tells of %d bad ratings", bad)
			}
		}
		d.integrate()
		if found := d.verify(store.VerifyOptions{Only: []string{store.CheckDockets}}); len(found) != 0 {
			t.Errorf("%q", found)
		}
	})
}

// R43: every condition of a release is held and refused with its reason; a write-off takes it off at once and asks the outlet to correct.
func TestAReleaseIsHeardCheckedSignedAndTakenBack(t *testing.T) {
	onDesks(t, func(t *testing.T, d *desk) {
		release := regulation.DocketRelease
		_, err := d.draftRelease(regulation.GroundCase, d.open(), exposed)
		d.refusal(err, regulation.NotNow, "case_not_confirmed")
		subject := d.exposable()
		if d.read(subject).AppealOpen(d.Clock.Now()) {
			_, err = d.draftRelease(regulation.GroundCase, subject, exposed)
			d.refusal(err, regulation.NotNow, "appeal_open")
			if until := d.read(subject).Notice.AppealUntil; until.IsZero() || !err.(*regulation.Error).From.Equal(until) {
				t.Errorf("exposed from %v, not %v: %v", err.(*regulation.Error).From, until, err)
			}
			d.Clock.Forward(15 * 24 * time.Hour)
		}
		for text, code := range map[string]string{"请联系张师傅": "tells_of_people", "电话 13812345678": "tells_of_people"} {
			_, err = d.draftRelease(regulation.GroundCase, subject, text)
			refused, _ := err.(*regulation.Error)
			if refused == nil || refused.Fields["release_text"] != code {
				t.Errorf("%s: %v", text, err)
			}
		}
		window, err := d.WindowTarget(t.Context(), policeWindow)
		d.must(err)
		for text, code := range map[string]string{"在" + window.Window.NameZH + "推诿群众": "names_window", d.disabled("kd-psb-head") + "负责的窗口推诿群众": "names_staff"} {
			_, err = d.draftRelease(regulation.GroundCase, subject, text)
			if refused, _ := err.(*regulation.Error); refused == nil || refused.Fields["release_text"] != code {
				t.Errorf("%s: %v", text, err)
			}
		}
		d.exec("UPDATE accounts SET disabled_at = 0 WHERE login = 'kd-psb-head'")
		var serve []string
		d.must(store.Rows(d.Store, t.Context()).Raw("SELECT id FROM staff WHERE unit_id = '513301-psb'").Scan(&serve).Error)
		for _, name := range must(d.StaffNames(t.Context(), serve...)) {
			_, err = d.draftRelease(regulation.GroundCase, subject, "窗口"+name+"拒收材料")
			if refused, _ := err.(*regulation.Error); refused == nil || refused.Fields["release_text"] == "" {
				t.Errorf("%s may be named: %v", name, err)
			}
		}
		id, err := d.draftRelease(regulation.GroundCase, d.read(subject).Number, exposed)
		d.must(err)
		seen, err := d.DocketHistory(t.Context(), regulation.Scope{Units: []string{"513301-psb"}}, release, id)
		if err != nil || len(seen) != 1 || !slices.Contains(d.heard("kd-psb-head"), "release_draft") {
			t.Errorf("the unit is not heard: %v", err)
		}
		sign := func() error { return d.tryDocket(release, id, "sign", "gz-head", nil) }
		unheard := sign()
		d.refusal(unheard, regulation.NotNow, "unit_not_heard")
		if why := unheard.(*regulation.Error); !why.From.After(d.Clock.Now()) || !slices.Contains(why.Who, regulation.UnitHead) {
			t.Errorf("who may tell, or from when on it goes without, is not said: %v", why)
		}
		d.must(d.tryDocket(release, id, "state", "kd-psb-head", regulation.Values{"release_statement": {"已经整改到位"}}))
		d.refusal(sign(), regulation.NotNow, "identity_unchecked")
		failed, passed := regulation.Values{"check_result": {"failed"}, "docket_reasons": {"同期差评少，可能认出"}}, regulation.Values{"check_result": {"passed"}, "docket_reasons": {"已逐句核对"}}
		d.must(d.tryDocket(release, id, "check_identity", "gz-vault-1", failed))
		d.refusal(sign(), regulation.NotNow, "identity_unchecked")
		d.must(d.tryDocket(release, id, "check_identity", "gz-vault-1", passed))
		d.refusal(sign(), regulation.NotNow, "secrecy_unchecked")
		d.refusal(d.tryDocket(release, id, "check_secrecy", "gz-vault-1", passed), regulation.FourEyes, "docket_by_you")
		d.must(d.tryDocket(release, id, "check_secrecy", "gz-secadmin", passed))
		// Other words have to be heard on and checked again.
		d.must(d.tryDocket(release, id, "revise", "gz-supervisor-2", regulation.Values{"release_title": {"一次性告知不到位"}, "release_text": {exposed}}))
		d.refusal(sign(), regulation.NotNow, "unit_not_heard")
		d.Clock.Forward(10 * 24 * time.Hour) // its days pass
		d.must(d.tryDocket(release, id, "check_identity", "gz-vault-1", passed))
		d.must(d.tryDocket(release, id, "check_secrecy", "gz-secadmin", passed))
		d.refusal(d.tryDocket(release, id, "sign", "gz-supervisor-2", nil), regulation.FourEyes, "docket_by_you")
		d.must(sign())
		d.must(d.tryDocket(release, id, "publish", "gz-publisher", regulation.Values{"outlet": {"newspaper"}, "published_on": {workday.DateOf(d.Clock.Now()).String()}}))
		shown, err := d.ShownReleases(t.Context())
		if err != nil || len(shown) != 1 || shown[0].Title != "一次性告知不到位" || shown[0].Docket.Unit != "513301-psb" {
			t.Errorf("%+v, %v", shown, err)
		}
		log, _, err := d.PublicationLog(t.Context(), "513300-authority", store.ListQuery{})
		if err != nil || len(log) != 1 || log[0].PublicationKindOf() != regulation.PublishRelease {
			t.Errorf("%+v, %v", log, err)
		}
		d.exec("UPDATE cases SET state = REPLACE(state, '\"write_off\":', '\"write_off_was\":') WHERE id = '" + subject + "'")
		c := d.read(subject)
		d.follow()
		if len(must(d.ShownReleases(t.Context()))) != 1 || c.WrittenOff() {
			t.Error("taken off for nothing")
		}
		d.exec("UPDATE cases SET state = REPLACE(state, '\"rated\":', '\"write_off\":{\"effective_at\":\"2026-12-01T00:00:00Z\"},\"rated\":') WHERE id = '" + subject + "'")
		d.follow()
		back := d.docket(release, id)
		if back.Stage != regulation.DocketWithdrawn || back.Facts["why"] != "case_written_off" || back.Due.IsZero() || len(must(d.ShownReleases(t.Context()))) != 0 || !slices.Contains(d.heard("gz-publisher"), "release_withdrawn") {
			t.Errorf("%+v", back)
		}
		if log, _, _ := d.PublicationLog(t.Context(), "513300-authority", store.ListQuery{}); len(log) != 1 || log[0].Facts["withdrawn"] != "yes" {
			t.Errorf("%+v", log)
		}
		d.Clock.Forward(7 * 24 * time.Hour)
		d.follow()
		if d.ringing(store.AlarmRelease) != 1 {
			t.Error("nobody asked the outlet, and nobody is told")
		}
		d.must(d.tryDocket(release, id, "tell_outlet", "gz-publisher", regulation.Values{"docket_reasons": {"已函请更正"}}))
		if d.ringing(store.AlarmRelease) != 0 || !d.docket(release, id).Done() {
			t.Error("the alarm stays")
		}
	})
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// A release is shown for its days and no longer; what never came out is dropped with nobody to be told.
func TestAReleaseExpires(t *testing.T) {
	onDesks(t, func(t *testing.T, d *desk) {
		release := regulation.DocketRelease
		subject := d.exposable()
		d.Clock.Forward(15 * 24 * time.Hour)
		passed := regulation.Values{"check_result": {"passed"}, "docket_reasons": {"已核对"}}
		var ids []string
		for range 2 {
			id, err := d.draftRelease(regulation.GroundCase, subject, exposed)
			d.must(err)
			ids = append(ids, id)
		}
		d.must(d.tryDocket(release, ids[1], "withdraw", "gz-supervisor-1", regulation.Values{"docket_reasons": {"不再曝光"}}))
		if dropped := d.docket(release, ids[1]); dropped.Stage != regulation.DocketDropped || !dropped.Done() {
			t.Errorf("%+v", dropped)
		}
		id := ids[0]
		d.must(d.tryDocket(release, id, "state", "kd-psb-head", regulation.Values{"release_statement": {"无异议"}}))
		d.must(d.tryDocket(release, id, "check_identity", "gz-vault-1", passed))
		d.must(d.tryDocket(release, id, "check_secrecy", "gz-secadmin", passed))
		d.must(d.tryDocket(release, id, "sign", "gz-head", nil))
		day := workday.DateOf(d.Clock.Now()).String()
		err := d.tryDocket(release, id, "publish", "gz-publisher", regulation.Values{"outlet": {"other"}, "published_on": {day}})
		d.refusal(err, regulation.Invalid, "fields")
		d.must(d.tryDocket(release, id, "publish", "gz-publisher", regulation.Values{"outlet": {"broadcast"}, "published_on": {day}}))
		d.Clock.Forward(30 * 24 * time.Hour)
		if len(must(d.ShownReleases(t.Context()))) != 1 {
			t.Error("gone on its last day")
		}
		d.Clock.Forward(24 * time.Hour)
		if len(must(d.ShownReleases(t.Context()))) != 0 {
			t.Error("shown after its last day")
		}
		// A sealed quarter that does not read holds up its board, not what is to be shown no more.
		d.exec("INSERT INTO seals (series, version, area, period, sealed_at, position, reasons, body, nonce) VALUES ('513300-2026-Q1', 1, '513300', '2026-Q1', 0, 0, '[]', 'x', 'x')")
		token, _, err := d.AcquireLease(t.Context(), store.LeaseDockets, "tester", time.Minute)
		d.must(err)
		if _, err := d.FollowDockets(t.Context(), token); err == nil {
			t.Error("a board of a quarter that does not read was drafted: this proves nothing")
		}
		d.exec("DELETE FROM seals WHERE series = '513300-2026-Q1'")
		if d.docket(release, id).Stage != regulation.DocketExpired {
			t.Errorf("%+v", d.docket(release, id))
		}
		d.exec("UPDATE cases SET state = REPLACE(state, '\"rated\":', '\"write_off\":{\"effective_at\":\"2026-12-01T00:00:00Z\"},\"rated\":') WHERE id = '" + subject + "'")
		d.follow()
		if back := d.docket(release, id); back.Stage != regulation.DocketWithdrawn || back.Due.IsZero() || back.Done() {
			t.Errorf("what the outlet printed stands, and nobody is to ask it for a correction: %+v", back)
		}
		_, err = d.draftRelease(regulation.GroundLow, "513301", exposed)
		d.refusal(err, regulation.NotNow, "not_ranked_low")
	})
}

// R43: who is last by the sealed figures of quarters in a row is found, with those quarters; one quarter, or a gap, is not enough.
func TestWhoIsRankedLowInQuartersInARow(t *testing.T) {
	onDesks(t, func(t *testing.T, d *desk) {
		params, err := regulation.NewParams(regulation.Edition1, map[string]int{regulation.ReleaseLowest: 1, regulation.ReleasePeriods: 2})
		d.must(err)
		give := func() {
			d.praises(policeWindow, 25, 5)
			d.praises("513322-w01", 30, 0)
		}
		give()
		for range 2 {
			d.nextMonth()
		}
		d.seal()
		if low := must(d.RankedLow(t.Context(), params)); len(low) != 0 {
			t.Errorf("after one quarter: %v", low)
		}
		give()
		for range 3 {
			d.nextMonth()
		}
		d.seal()
		low := must(d.RankedLow(t.Context(), params))
		if len(low) != 1 || !slices.Equal(low["513301"], []string{"2026-Q4", "2027-Q1"}) {
			t.Errorf("%v", low)
		}
		for range 3 { // nobody rates for a quarter
			d.nextMonth()
		}
		d.seal()
		if low := must(d.RankedLow(t.Context(), params)); len(low) != 0 {
			t.Errorf("after a quarter in which nobody was ranked: %v", low)
		}
	})
}

// A release of a place that was low falls with the ranks that it rests on, before it came out and after; a later quarter and a later
// edition change nothing. It names the sealed versions, and takes no day before its signature (8(3), R43).
func TestAReleaseFallsWithTheRanks(t *testing.T) {
	onDesks(t, func(t *testing.T, d *desk) {
		d.under(map[string]int{regulation.ReleaseLowest: 1, regulation.ReleasePeriods: 2})
		release, passed := regulation.DocketRelease, regulation.Values{"check_result": {"passed"}, "docket_reasons": {"已核对"}}
		var mistaken []string
		quarter := func(next int) {
			d.praises(policeWindow, 31, 0)
			mistaken = append(mistaken, d.mistakenly("mistaken"), d.mistakenly("mistaken"))
			d.praises("513322-w01", 31, 0)
			for range next {
				d.nextMonth()
			}
			d.seal()
			d.follow()
		}
		quarter(2)
		quarter(3)
		draft := func() string {
			id, err := d.draftRelease(regulation.GroundLow, "513301", exposed)
			d.must(err)
			return id
		}
		drafted, published := draft(), draft()
		if facts := d.docket(release, drafted).Facts; facts["periods"] != "2026-Q4,2027-Q1" || facts["seal_versions"] != "2,1" || facts["lowest"] != "1" || facts["board_formula"] == "" {
			t.Errorf("%v", facts)
		}
		d.Clock.Forward(10 * 24 * time.Hour)
		d.must(d.tryDocket(release, published, "check_identity", "gz-vault-1", passed))
		d.must(d.tryDocket(release, published, "check_secrecy", "gz-secadmin", passed))
		d.must(d.tryDocket(release, published, "sign", "gz-head", nil))
		day := workday.DateOf(d.Clock.Now())
		early, _ := d.tryDocket(release, published, "publish", "gz-publisher", regulation.Values{"outlet": {"newspaper"}, "published_on": {day.AddDays(-1).String()}}).(*regulation.Error)
		if early == nil || early.Fields["published_on"] != "before_signature" {
			t.Errorf("it came out before it was signed: %v", early)
		}
		d.must(d.tryDocket(release, published, "publish", "gz-publisher", regulation.Values{"outlet": {"newspaper"}, "published_on": {day.String()}}))
		d.editionOf("test/3", map[string]int{regulation.ReleaseLowest: 2, regulation.ReleasePeriods: 3})
		d.follow()
		if stage := d.docket(release, published).Stage; stage != regulation.DocketPublished || d.docket(release, drafted).Stage != regulation.DocketDrafted {
			t.Fatalf("taken off for nothing: %s", stage)
		}
		d.inVain(mistaken[2])
		d.Clock.Forward(24 * time.Hour)
		d.seal()
		d.follow()
		if d.docket(release, published).Stage != regulation.DocketPublished {
			t.Fatal("it is last still, and fell")
		}
		d.inVain(mistaken[3])
		d.Clock.Forward(24 * time.Hour)
		d.seal()
		d.follow()
		d.follow()
		before, after := d.docket(release, drafted), d.docket(release, published)
		if before.Stage != regulation.DocketDropped || before.Facts["why"] != "not_ranked_low" || !before.Done() {
			t.Errorf("the draft: %+v", before)
		}
		if after.Stage != regulation.DocketWithdrawn || after.Facts["why"] != "not_ranked_low" || after.Due.IsZero() || len(must(d.ShownReleases(t.Context()))) != 0 {
			t.Errorf("what came out: %+v", after)
		}
	})
}

// Nobody checks words that they or those they stand in for wrote, both checks for one of them, or signs for a check of their own.
func TestAReleaseIsCheckedByOthers(t *testing.T) {
	onDesks(t, func(t *testing.T, d *desk) {
		release, passed := regulation.DocketRelease, regulation.Values{"check_result": {"passed"}, "docket_reasons": {"已核对"}}
		subject := d.exposable()
		d.Clock.Forward(15 * 24 * time.Hour)
		id, err := d.draftRelease(regulation.GroundCase, subject, exposed)
		d.must(err)
		do := func(act string, by regulation.Actor, v regulation.Values) error {
			a, _ := regulation.DocketActOf(release, act)
			return d.ChangeDocket(t.Context(), a, id, d.docket(release, id).Seq, v, by)
		}
		standing := func(login, absent string) regulation.Actor {
			by := d.as(login)
			by.As = by.As.Behalf(d.as(absent).Person)
			return by
		}
		d.refusal(do("check_identity", standing("gz-vault-1", "gz-supervisor-1"), passed), regulation.FourEyes, "docket_by_you")
		d.must(do("check_identity", standing("gz-vault-1", "gz-secadmin"), passed))
		d.refusal(do("check_secrecy", d.as("gz-secadmin"), passed), regulation.FourEyes, "docket_by_you")
		d.must(do("check_identity", d.as("gz-vault-1"), passed))
		d.must(do("check_secrecy", d.as("gz-secadmin"), passed))
		d.must(do("state", d.as("kd-psb-head"), regulation.Values{"release_statement": {"无异议"}}))
		d.refusal(do("sign", standing("gz-head", "gz-secadmin"), nil), regulation.FourEyes, "docket_by_you")
		// Who revised is barred, and who drafted still is.
		d.must(do("revise", d.as("gz-supervisor-2"), regulation.Values{"release_title": {"一次性告知不到位"}, "release_text": {exposed}}))
		for _, author := range []string{"gz-supervisor-1", "gz-supervisor-2"} {
			d.refusal(do("check_identity", d.as(author), passed), regulation.FourEyes, "docket_by_you")
		}
		d.must(do("check_identity", d.as("gz-vault-1"), passed))
	})
}
