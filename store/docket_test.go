package store_test

import (
	"bytes"
	"image"
	"image/png"
	"slices"
	"strings"
	"testing"
	"time"

	"gorm.io/gorm"

	"haochaping/regulation"
	"haochaping/store"
	"haochaping/workday"
)

const kangdingOffice = "513301-authority"

// follow follows the dockets on a new lease and returns how many were noted overdue.
func (d *desk) follow() int {
	d.t.Helper()
	token, ok, err := d.AcquireLease(d.t.Context(), store.LeaseDockets, "tester", time.Minute)
	d.must(err)
	if !ok {
		d.t.Fatal("another holds the lease")
	}
	n, err := d.FollowDockets(d.t.Context(), token)
	d.must(err)
	return n
}

// tryFollow is follow where it may fail.
func (d *desk) tryFollow() error {
	d.t.Helper()
	token, _, err := d.AcquireLease(d.t.Context(), store.LeaseDockets, "tester", time.Minute)
	d.must(err)
	_, err = d.FollowDockets(d.t.Context(), token)
	return err
}

// as is an actor under the first of their posts.
func (d *desk) as(login string) regulation.Actor {
	actor := d.actor(login)
	actor.As = actor.Assignments[0]
	return actor
}

func (d *desk) docketsOf(kind regulation.DocketKind, authority string) []regulation.Docket {
	d.t.Helper()
	found, _, err := d.Dockets(d.t.Context(), regulation.Scope{All: true}, store.DocketQuery{Kind: kind, Authority: authority})
	d.must(err)
	return found
}

func (d *desk) docket(kind regulation.DocketKind, id string) regulation.Docket {
	d.t.Helper()
	found, err := d.Docket(d.t.Context(), regulation.Scope{All: true}, kind, id)
	d.must(err)
	return found
}

// tryDocket does an act on a docket as it stands.
func (d *desk) tryDocket(kind regulation.DocketKind, id, act, login string, v regulation.Values) error {
	d.t.Helper()
	a, known := regulation.DocketActOf(kind, act)
	if !known {
		d.t.Fatalf("no act %s", act)
	}
	return d.ChangeDocket(d.t.Context(), a, id, d.docket(kind, id).Seq, v, d.as(login))
}

// minutes is a file that somebody put in.
func (d *desk) minutes(login string) string {
	d.t.Helper()
	var picture bytes.Buffer
	d.must(png.Encode(&picture, image.NewGray(image.Rect(0, 0, 4, 4))))
	file, err := d.StageFile(d.t.Context(), d.Person(d.t, login), &picture)
	d.must(err)
	return file.Digest
}

// hear records a session with two opinions, held today.
func (d *desk) hear() string {
	return d.hearOn(workday.DateOf(d.Clock.Now()), "窗口排队时间太长", "办事指南看不懂")
}

// hearOn records a session that was held on a day.
func (d *desk) hearOn(day workday.Date, opinions ...string) string {
	d.t.Helper()
	fresh, err := d.NewDocket(d.t.Context(), regulation.DocketHearing, kangdingOffice, "")
	d.must(err)
	act, _ := regulation.DocketActOf(regulation.DocketHearing, "record")
	id, err := d.StartDocket(d.t.Context(), act, fresh, regulation.Values{"held_on": {day.String()}, "hearing_form": {"meeting"}, "hearing_place": {"政务大厅二楼"},
		"hearing_chair": {d.Person(d.t, "kd-head")}, "enterprises": {"6"}, "public": {"9"}, "minutes": {d.minutes("kd-supervisor-1")}}, d.as("kd-supervisor-1"))
	d.must(err)
	for _, opinion := range opinions {
		d.must(d.tryDocket(regulation.DocketHearing, id, "add_opinion", "kd-supervisor-1", regulation.Values{"opinion_of": {"public"}, "opinion": {opinion}}))
	}
	return id
}

func (d *desk) refusal(err error, code regulation.Code, missing string) {
	d.t.Helper()
	refused, ok := err.(*regulation.Error)
	if !ok || refused.Code != code || refused.Missing != missing {
		d.t.Errorf("%v, want %s %s", err, code, missing)
	}
}

// R04: a session whose record is confirmed once the number of its quarter's opinions is public tells by that number no fewer than five.
func TestALateSessionTellsNoFewOpinions(t *testing.T) {
	onDesks(t, func(t *testing.T, d *desk) {
		d.follow()
		day := workday.DateOf(d.Clock.Now())
		told := func(session string, want int) {
			t.Helper()
			d.must(d.tryDocket(regulation.DocketHearing, session, "confirm", "kd-head", nil))
			heard, err := d.HeardQuarters(t.Context(), regulation.QuarterOf(day))
			d.must(err)
			q := heard[slices.IndexFunc(heard, func(q store.HeardQuarter) bool { return q.Quarter.Authority == kangdingOffice })]
			if opinions, _ := q.Shown(); q.Over && (opinions == nil || *opinions != want) || !q.Over && opinions != nil {
				t.Errorf("over %v: %d, want %d", q.Over, q.Opinions, want)
			}
		}
		many := slices.Repeat([]string{"窗口排队时间太长"}, 8)
		told(d.hearOn(day, many...), 0)
		told(d.hear(), 0)
		d.Clock.Forward(100 * 24 * time.Hour)
		d.follow()
		told(d.hearOn(day, many[:regulation.FewestShown-1]...), 10)
		told(d.hearOn(day, many[:regulation.FewestShown]...), 15)
	})
}

// 7(4): a session a quarter, each problem followed until somebody else than who reported closes it.
func TestAQuarterIsHeardAndItsProblemsAreFollowed(t *testing.T) {
	onDesks(t, func(t *testing.T, d *desk) {
		d.forbid([]string{"docket_entries"})
		d.follow()
		quarters := d.docketsOf(regulation.DocketQuarter, kangdingOffice)
		if len(quarters) != 1 || quarters[0].Stage != regulation.DocketWaiting || quarters[0].Due.IsZero() {
			t.Fatalf("%+v", quarters)
		}
		d.follow()
		if again := d.docketsOf(regulation.DocketQuarter, kangdingOffice); len(again) != 1 || again[0].Seq != quarters[0].Seq {
			t.Errorf("a second run made %+v", again)
		}
		hearing := d.hear()
		if q := d.docketsOf(regulation.DocketQuarter, kangdingOffice)[0]; q.Stage != regulation.DocketRecorded || q.Facts["hearing"] != hearing || q.Done() {
			t.Errorf("heard before somebody else has confirmed the record: %+v", q)
		}
		d.refusal(d.tryDocket(regulation.DocketHearing, hearing, "confirm", "kd-supervisor-1", nil), regulation.FourEyes, "docket_by_you")
		d.must(d.tryDocket(regulation.DocketHearing, hearing, "confirm", "kd-head", nil))
		if q := d.docketsOf(regulation.DocketQuarter, kangdingOffice)[0]; q.Stage != regulation.DocketHeld || !q.Done() {
			t.Errorf("%+v", q)
		}
		d.refusal(d.tryDocket(regulation.DocketHearing, hearing, "add_opinion", "kd-supervisor-1", regulation.Values{"opinion_of": {"public"}, "opinion": {"再加一条"}}), regulation.NotNow, "docket_stage")

		raise := regulation.Values{"opinion_no": {"1"}, "problem_what": {"高峰期窗口不足"}, "cause": {"efficiency"}, "link": {"queueing"}, "unit": {"513301-psb"}, "problem_measure": {"增设窗口"}}
		id, err := d.RaiseProblem(t.Context(), regulation.Scope{All: true}, hearing, raise, d.as("kd-supervisor-1"))
		d.must(err)
		raise["opinion_no"] = []string{"3"}
		if _, err := d.RaiseProblem(t.Context(), regulation.Scope{All: true}, hearing, raise, d.as("kd-supervisor-1")); err == nil {
			t.Error("a problem of no opinion")
		}
		unit := regulation.Scope{Units: []string{"513301-psb"}}
		if seen, _, err := d.Dockets(t.Context(), unit, store.DocketQuery{Kind: regulation.DocketProblem}); err != nil || len(seen) != 1 {
			t.Errorf("the unit sees %d, %v", len(seen), err)
		}
		if _, err := d.Docket(t.Context(), unit, regulation.DocketHearing, hearing); err == nil {
			t.Error("the unit reads the hearing")
		}
		if told := d.heard("kd-psb-head"); !slices.Contains(told, "problem_raise") {
			t.Errorf("the unit was told %q", told)
		}
		problem := regulation.DocketProblem
		d.refusal(d.tryDocket(problem, id, "close", "kd-head", regulation.Values{"docket_reasons": {"好"}}), regulation.NotNow, "docket_stage")
		d.must(d.tryDocket(problem, id, "report", "kd-psb-handler-1", regulation.Values{"docket_done": {"增设了两个窗口"}}))
		d.refusal(d.tryDocket(problem, id, "close", "kd-psb-handler-1", regulation.Values{"docket_reasons": {"好"}}), regulation.FourEyes, "docket_by_you")
		d.must(d.tryDocket(problem, id, "return", "kd-supervisor-1", regulation.Values{"docket_reasons": {"只有一个窗口"}}))
		d.Clock.Forward(30 * 24 * time.Hour)
		if n := d.follow(); n == 0 || !d.docket(problem, id).Overdue || d.ringing(store.AlarmProblem) != 1 {
			t.Errorf("%d overdue, %+v", n, d.docket(problem, id))
		}
		if told := d.heard("gz-head"); !slices.Contains(told, "problem_overdue") {
			t.Errorf("one level up was told %q", told)
		}
		d.must(d.tryDocket(problem, id, "report", "kd-psb-head", regulation.Values{"docket_done": {"增设了两个窗口"}}))
		d.must(d.tryDocket(problem, id, "close", "kd-supervisor-1", regulation.Values{"docket_reasons": {"已核实"}}))
		if d.docket(problem, id).Stage != regulation.DocketClosed || d.ringing(store.AlarmProblem) != 0 {
			t.Errorf("%+v", d.docket(problem, id))
		}
		kangding := func() store.HeardQuarter {
			t.Helper()
			heard, err := d.HeardQuarters(t.Context(), quarters[0].Period)
			d.must(err)
			return heard[slices.IndexFunc(heard, func(q store.HeardQuarter) bool { return q.Quarter.Authority == kangdingOffice })]
		}
		if q := kangding(); !q.Over && (q.Opinions != 0 || q.Problems != nil) {
			t.Errorf("%+v", q)
		}
		d.Clock.Forward(100 * 24 * time.Hour)
		d.follow()
		q := kangding()
		if opinions, problems := q.Shown(); !q.Over || q.Opinions != 2 || opinions != nil || len(problems) != 1 || problems[0].State != regulation.DocketClosed || problems[0].Cause == "" || problems[0].Closed.IsZero() {
			t.Errorf("%+v", q)
		}
		if found := d.verify(store.VerifyOptions{Only: []string{store.CheckDockets, store.CheckLeaves}}); len(found) != 0 {
			t.Errorf("%+v", found)
		}
		if faults := d.ledgerFaults(); faults != nil {
			t.Error(faults)
		}
	})
}

// ringing counts the open alarms of a kind.
func (d *desk) ringing(kind string) int {
	d.t.Helper()
	return d.rowsOf("alarms", "kind = '"+kind+"' AND cleared_at = 0")
}

// A quarter that passes without a session is reminded of, goes one level up, raises an alarm, and stays late when it is
// made up for.
func TestAQuarterWithoutAHearingIsTold(t *testing.T) {
	onDesks(t, func(t *testing.T, d *desk) {
		d.follow()
		q := d.docketsOf(regulation.DocketQuarter, kangdingOffice)[0]
		d.Clock.Forward(q.Due.Sub(d.Clock.Now()) - time.Hour)
		d.follow()
		if told := d.heard("kd-head"); !slices.Contains(told, "quarter_reminded") || d.ringing(store.AlarmHearing) != 0 {
			t.Errorf("told %q", told)
		}
		d.Clock.Forward(2 * time.Hour)
		d.follow()
		if q = d.docket(regulation.DocketQuarter, q.ID); !q.Overdue || d.ringing(store.AlarmHearing) == 0 || !slices.Contains(d.heard("gz-supervisor-1"), "quarter_overdue") {
			t.Errorf("%+v", q)
		}
		before := d.docket(regulation.DocketQuarter, q.ID).Seq
		d.follow()
		if d.docket(regulation.DocketQuarter, q.ID).Seq != before {
			t.Error("told twice")
		}
		d.hear() // on the last day, after hours
		if q = d.docket(regulation.DocketQuarter, q.ID); q.Stage != regulation.DocketRecorded || q.Facts["late"] != "yes" {
			t.Errorf("%+v", q)
		}
		if d.rowsOf("alarms", "kind = 'hearing_missed' AND cleared_at = 0 AND object_id = '"+q.ID+"'") != 0 {
			t.Error("the alarm stays")
		}
		// What says falsely that it was heard is found.
		d.exec("UPDATE dockets SET period = '2000-Q1' WHERE kind = 'hearing'")
		if found := d.verify(store.VerifyOptions{Only: []string{store.CheckDockets}}); !slices.Equal(found, []string{"dockets quarter_unheard"}) {
			t.Errorf("%+v", found)
		}
	})
}

// What is not as the entries leave it is found: a stage, an entry that is gone, a decision on one's own word.
func TestTamperedDocketsAreFound(t *testing.T) {
	onDesks(t, func(t *testing.T, d *desk) {
		d.follow()
		hearing := d.hear()
		d.must(d.tryDocket(regulation.DocketHearing, hearing, "confirm", "kd-head", nil))
		codes := func() (codes []string) {
			for _, f := range d.verify(store.VerifyOptions{Only: []string{store.CheckDockets, store.CheckLeaves}}) {
				_, code, _ := strings.Cut(f, " ")
				codes = append(codes, code)
			}
			slices.Sort(codes)
			return slices.Compact(codes)
		}
		if found := codes(); found != nil {
			t.Fatalf("%q", found)
		}
		d.exec("UPDATE dockets SET stage = 'recorded' WHERE id = '" + hearing + "'")
		if found := codes(); !slices.Equal(found, []string{"docket_differs", "quarter_unheard"}) {
			t.Errorf("%q", found)
		}
		d.exec("UPDATE dockets SET stage = 'confirmed' WHERE id = '" + hearing + "'")
		d.exec("UPDATE docket_entries SET body = REPLACE(body, '" + d.Person(t, "kd-head") + "', '" + d.Person(t, "kd-supervisor-1") + "') WHERE docket_id = '" + hearing + "' AND name = 'confirm'")
		if found := codes(); !slices.Equal(found, []string{"altered", "decided_alone"}) {
			t.Errorf("%q", found)
		}
		d.exec("DELETE FROM docket_entries WHERE docket_id = '" + hearing + "' AND seq = 2")
		if found := codes(); !slices.Contains(found, "docket_gap") {
			t.Errorf("%q", found)
		}
	})
}

// gather puts cases right together.
func (d *desk) gather(cases ...string) (string, error) {
	d.t.Helper()
	fresh, err := d.NewDocket(d.t.Context(), regulation.DocketJoint, kangdingOffice, "")
	d.must(err)
	act, _ := regulation.DocketActOf(regulation.DocketJoint, "gather")
	return d.StartDocket(d.t.Context(), act, fresh, regulation.Values{"cause": {"efficiency"}, "link": {"queueing"}, "attribution": {"unit"}, "unit": {"513301-psb"},
		"assisting": {"513301-mkt"}, "joint_plan": {"高峰期增设窗口，错峰预约"}, "cases": cases}, d.as("kd-supervisor-1"))
}

// To list shared causes no case's state is read: a prefecture may have tens of thousands of open cases.
func TestSharedCausesAreCountedWithoutReadingCases(t *testing.T) {
	onDesks(t, func(t *testing.T, d *desk) {
		ids := []string{d.open(), d.open(), d.open()}
		for _, id := range ids {
			d.upTo(id, regulation.ActAskConsent)
		}
		if shared, err := d.SharedCauses(t.Context(), regulation.Scope{All: true}); err != nil || len(shared) != 0 {
			t.Errorf("before the ledger has counted them: %+v, %v", shared, err)
		}
		d.count(100)
		d.must(store.Tx(d.Store, t.Context(), func(tx *gorm.DB) error { return tx.Exec("UPDATE cases SET state = '{'").Error }))
		shared, err := d.SharedCauses(t.Context(), regulation.Scope{All: true})
		if err != nil || len(shared) != 1 || shared[0].Open != len(ids) {
			t.Errorf("%+v, %v", shared, err)
		}
	})
}

// R60: cases of one cause are put right together, none is left behind, and what is published is approved by somebody else
// and tells of nobody.
func TestCasesOfOneCauseArePutRightTogether(t *testing.T) {
	onDesks(t, func(t *testing.T, d *desk) {
		joint := regulation.DocketJoint
		d.forbid([]string{"docket_entries"})
		first, second, third := d.open(), d.open(), d.open()
		for _, id := range []string{first, second} {
			d.upTo(id, regulation.ActAskConsent)
		}
		d.count(100)
		county := regulation.Scope{Areas: []string{"513301"}}
		shared, err := d.SharedCauses(t.Context(), county)
		if err != nil || len(shared) != 1 || shared[0].Open != 2 || shared[0].Closed != 0 || shared[0].Cause != "efficiency" || shared[0].Link != "queueing" {
			t.Fatalf("%+v, %v", shared, err)
		}
		elsewhere := regulation.Scope{Areas: []string{"513322"}}
		if none, err := d.SharedCauses(t.Context(), elsewhere); err != nil || len(none) != 0 {
			t.Errorf("%+v, %v", none, err)
		}
		if cases, err := d.CasesOfCause(t.Context(), county, shared[0]); err != nil || len(cases) != 2 || cases[0].Number >= cases[1].Number || cases[0].Closed {
			t.Errorf("%+v, %v", cases, err)
		}
		if none, err := d.CasesOfCause(t.Context(), elsewhere, shared[0]); err != nil || len(none) != 0 {
			t.Errorf("%+v, %v", none, err)
		}
		if _, err := d.gather(first); err == nil {
			t.Error("one case alone")
		}
		if _, err := d.gather(first, third); err == nil {
			t.Error("a case without a finding")
		}
		id, err := d.gather(first, second)
		d.must(err)
		if _, err := d.gather(first, second); err == nil {
			t.Error("gathered twice")
		}
		if shared, _ := d.SharedCauses(t.Context(), regulation.Scope{All: true}); len(shared) != 0 {
			t.Errorf("still offered: %+v", shared)
		}
		seq := d.read(first).Seq
		if seen, _, err := d.Dockets(t.Context(), regulation.Scope{Units: []string{"513301-mkt"}}, store.DocketQuery{Kind: joint}); err != nil || len(seen) != 1 {
			t.Errorf("who assists sees %d, %v", len(seen), err)
		}
		d.must(d.tryDocket(joint, id, "report", "kd-psb-handler-1", regulation.Values{"docket_done": {"增设两个窗口"}}))
		reasons := regulation.Values{"docket_reasons": {"已落实"}}
		d.refusal(d.tryDocket(joint, id, "close", "kd-supervisor-1", reasons), regulation.NotNow, "cases_not_closed")
		if d.read(first).Seq != seq {
			t.Error("the joint rectification changed a case")
		}
		for _, id := range []string{first, second} {
			for _, kind := range mainLine[slices.Index(mainLine, regulation.ActAskConsent):] {
				d.do(id, kind, forms[kind])
			}
		}
		d.must(d.tryDocket(joint, id, "close", "kd-supervisor-1", reasons))
		draft := regulation.Values{"you_said": {"高峰期排队太久，请联系 13812345678"}, "we_changed": {"增设两个窗口"}}
		d.refusal(d.tryDocket(joint, id, "draft", "kd-supervisor-1", draft), regulation.Invalid, "fields")
		// Everybody reads it: never a person, never a window.
		window, err := d.WindowTarget(t.Context(), policeWindow)
		d.must(err)
		for words, code := range map[string]string{d.serving("513301-psb") + "牵头对照整改": "names_staff", "在" + window.Window.NameZH + "排队太久": "names_window"} {
			draft["you_said"] = []string{words}
			err := d.tryDocket(joint, id, "draft", "kd-supervisor-1", draft)
			if refused, _ := err.(*regulation.Error); refused == nil || refused.Fields["you_said"] != code {
				t.Errorf("%s: %v, want %s", words, err, code)
			}
		}
		draft["you_said"] = []string{"高峰期排队太久"}
		d.must(d.tryDocket(joint, id, "draft", "kd-supervisor-1", draft))
		d.refusal(d.tryDocket(joint, id, "publish", "kd-supervisor-1", nil), regulation.FourEyes, "docket_by_you")
		if found, _, _ := d.Changes(t.Context(), store.ListQuery{}); len(found) != 0 {
			t.Errorf("published before approval: %+v", found)
		}
		d.exec("UPDATE service_windows SET name_zh = '排队太久' WHERE id = ?", policeWindow) // called so since
		d.refusal(d.tryDocket(joint, id, "publish", "kd-head", nil), regulation.NotNow, "words_name_window")
		d.exec("UPDATE service_windows SET name_zh = ? WHERE id = ?", window.Window.NameZH, policeWindow)
		d.must(d.tryDocket(joint, id, "publish", "kd-head", nil))
		found, _, err := d.Changes(t.Context(), store.ListQuery{})
		if err != nil || len(found) != 1 || found[0].Said != "高峰期排队太久" || found[0].Ratings != 2 {
			t.Errorf("%+v, %v", found, err)
		}
		log, _, err := d.PublicationLog(t.Context(), kangdingOffice, store.ListQuery{})
		if err != nil || len(log) != 1 || log[0].Facts["link"] != "/changes#"+id || len(log[0].Facts["digest"]) != 64 {
			t.Errorf("%+v, %v", log, err)
		}
		d.must(d.tryDocket(joint, id, "withdraw", "kd-head", regulation.Values{"docket_reasons": {"表述不准"}}))
		log, _, _ = d.PublicationLog(t.Context(), kangdingOffice, store.ListQuery{})
		if found, _, _ := d.Changes(t.Context(), store.ListQuery{}); len(found) != 0 || len(log) != 1 || log[0].Facts["withdrawn"] != "yes" {
			t.Errorf("%+v, %+v", found, log)
		}
		if found := d.verify(store.VerifyOptions{Only: []string{store.CheckDockets, store.CheckLeaves}}); len(found) != 0 {
			t.Errorf("%+v", found)
		}
	})
}

// 9(1): what is due is opened by period, what the product publishes records itself, what is missed is told.
func TestWhatIsToBePublishedIsFollowed(t *testing.T) {
	onDesks(t, func(t *testing.T, d *desk) {
		publication := regulation.DocketPublication
		first, _, _ := regulation.PeriodDays(regulation.QuarterOf(workday.DateOf(d.Clock.Now())))
		d.follow()
		for _, p := range d.docketsOf(publication, kangdingOffice) {
			if p.Period != "2026-Q4" || p.Stage != regulation.DocketWaiting || p.Overdue {
				t.Errorf("asked for what was before the product, or published before its time: %+v", p)
			}
		}
		d.must(d.SetFact(t.Context(), "dockets_since", first.AddDays(-1).String()))
		d.follow()
		all := d.docketsOf(publication, kangdingOffice)
		of := func(kind regulation.PublicationKind) (id string) {
			for _, p := range all {
				if p.PublicationKindOf() == kind && p.Period == "2026-Q3" {
					id = p.ID
				}
			}
			return id
		}
		if len(all) != 8 || of(regulation.PublishBoard) != "" {
			t.Fatalf("a county publishes %+v", all)
		}
		for _, own := range []regulation.PublicationKind{regulation.PublishHearing, regulation.PublishWriteOffs} {
			if p := d.docket(publication, of(own)); p.Stage != regulation.DocketPublished || len(p.Facts["digest"]) != 64 {
				t.Errorf("%+v", p)
			}
		}
		// Of a quarter and by hand: one records, another approves; who approves alone is refused.
		bulletin, figures := of(regulation.PublishBulletin), d.docket(publication, of(regulation.PublishQuarter))
		file := regulation.Values{"published_where": {"site"}, "published_on": {workday.DateOf(d.Clock.Now()).String()}, "published_link": {"https://kangding.example.gov.cn/1"}, "published_files": {d.minutes("kd-publisher")}}
		for _, p := range all {
			if p.Period == "2026-Q4" && p.PublicationKindOf() == regulation.PublishBulletin {
				d.refusal(d.tryDocket(publication, p.ID, "file", "kd-publisher", file), regulation.Invalid, "fields")
			}
		}
		d.must(d.tryDocket(publication, bulletin, "file", "kd-publisher", file))
		d.refusal(d.tryDocket(publication, bulletin, "approve", "kd-publisher", nil), regulation.FourEyes, "docket_by_you")
		d.must(d.tryDocket(publication, bulletin, "approve", "kd-head", nil))
		published := regulation.Published{Kind: regulation.PublishQuarter, Period: figures.Period, On: workday.DateOf(d.Clock.Now()), Link: "/figures", Digest: strings.Repeat("a", 64)}
		if !d.docket(publication, figures.ID).Overdue || d.ringing(store.AlarmPublication) == 0 || !slices.Contains(d.heard("kd-head"), "publication_overdue") {
			t.Errorf("%+v", d.docket(publication, figures.ID))
		}
		d.must(d.RecordPublication(t.Context(), kangdingOffice, published))
		d.must(d.RecordPublication(t.Context(), kangdingOffice, published))
		late := d.docket(publication, figures.ID)
		if late.Stage != regulation.DocketPublished || late.Facts["late"] != "yes" || late.Overdue {
			t.Errorf("%+v", late)
		}
		published.Digest = strings.Repeat("b", 64)
		d.must(d.RecordPublication(t.Context(), kangdingOffice, published))
		if corrected := d.docket(publication, figures.ID); corrected.Seq != late.Seq+1 || corrected.Facts["correction"] != "yes" {
			t.Errorf("%+v", corrected)
		}
		if found := d.verify(store.VerifyOptions{Only: []string{store.CheckDockets, store.CheckLeaves}}); len(found) != 0 {
			t.Errorf("%+v", found)
		}
	})
}

// 8(2), R41: the record is asked twice, somebody else approves, a revocation stays on record, and the public sees units.
func TestACommendationIsHeldAgainstTheRecord(t *testing.T) {
	onDesks(t, func(t *testing.T, d *desk) {
		praise := regulation.DocketCommendation
		period := regulation.QuarterOf(workday.DateOf(d.Clock.Now()))
		act, _ := regulation.DocketActOf(praise, "propose")
		propose := func(kind regulation.WatchKind, object string) (string, error) {
			fresh, err := d.NewCommendation(t.Context(), kind, object)
			d.must(err)
			return d.StartDocket(t.Context(), act, fresh, regulation.Values{"commend_period": {period}, string(kind): {object}, "docket_reasons": {"全年无差评，群众满意"}}, d.as("kd-supervisor-1"))
		}
		id, err := propose(regulation.WatchUnit, "513301-mkt")
		d.must(err)
		person, err := propose(regulation.WatchStaff, "st0043")
		d.must(err)
		d.refusal(d.tryDocket(praise, id, "commend", "kd-supervisor-1", nil), regulation.FourEyes, "docket_by_you")
		d.must(d.tryDocket(praise, id, "commend", "kd-head", nil))
		d.must(d.tryDocket(praise, person, "commend", "kd-head", nil))
		units, _, err := d.CommendedUnits(t.Context(), store.ListQuery{})
		if err != nil || len(units) != 1 || units[0].Unit != "513301-mkt" {
			t.Errorf("%+v, %v", units, err)
		}
		d.open() // a bad rating of the police, open
		if _, err = propose(regulation.WatchUnit, "513301-psb"); err == nil {
			t.Fatal("commended in spite of a bad rating")
		}
		d.refusal(err, regulation.NotNow, "excluded_bad")
		d.must(d.tryDocket(praise, id, "revoke", "kd-head", regulation.Values{"docket_reasons": {"事后查明材料不实"}}))
		if units, _, _ := d.CommendedUnits(t.Context(), store.ListQuery{}); len(units) != 0 || d.docket(praise, id).Stage != regulation.DocketRevoked {
			t.Errorf("%+v", units)
		}
	})
}

// A quarter that passed while nobody followed it is found, and is told once somebody does.
func TestAQuarterThatNobodyFollowedIsFound(t *testing.T) {
	onDesks(t, func(t *testing.T, d *desk) {
		d.follow()
		d.Clock.Forward(60 * 24 * time.Hour)
		if found := d.verify(store.VerifyOptions{Only: []string{store.CheckDockets}}); len(found) != 19 || found[0] != "dockets quarter_untold" {
			t.Errorf("%q", found)
		}
		d.follow()
		if found := d.verify(store.VerifyOptions{Only: []string{store.CheckDockets}}); len(found) != 0 {
			t.Errorf("%q", found)
		}
	})
}

// R59: what was said at a hearing goes as raters' words do, its minutes and what the office wrote as case papers do; what
// is open stays.
func TestWhatWasSaidAtAHearingGoesByTheTable(t *testing.T) {
	onDesks(t, func(t *testing.T, d *desk) {
		kept := func(id, field string) int { return d.rowsOf("texts", "owner = ? AND field = ?", id, field) }
		done, open := d.hear(), d.hear()
		d.must(d.tryDocket(regulation.DocketHearing, done, "confirm", "kd-head", nil))
		minutes := d.docket(regulation.DocketHearing, done).Files[0]
		d.months(37)
		d.retain()
		if kept(done, "opinion") != 0 || kept(done, "hearing_place") != 1 || kept(open, "opinion") != 2 {
			t.Errorf("after three years %d opinions and %d places are left; of the open one %d", kept(done, "opinion"), kept(done, "hearing_place"), kept(open, "opinion"))
		}
		d.must(d.tryDocket(regulation.DocketHearing, open, "confirm", "kd-head", nil))
		d.months(84)
		d.retain()
		if kept(done, "hearing_place") != 0 || !d.there(minutes) {
			t.Errorf("after ten years the place is left %d; minutes that another session still needs: %t", kept(done, "hearing_place"), d.there(minutes))
		}
		d.months(40)
		d.retain()
		if d.there(minutes) || d.rowsOf("docket_entries", "docket_id = ?", done) != 4 {
			t.Error("the minutes are left, or entries are gone")
		}
		if found := d.verify(store.VerifyOptions{Only: []string{store.CheckDockets, store.CheckLeaves}}); len(found) != 0 {
			t.Errorf("%q", found)
		}
	})
}

// A case that was written off leaves its joint rectification by itself, one that is done lets a case go by hand, and one that is
// abandoned by somebody else than who gathered lets all go: each may be gathered anew.
func TestAJointRectificationLetsItsCasesGo(t *testing.T) {
	onDesks(t, func(t *testing.T, d *desk) {
		joint, reasons := regulation.DocketJoint, regulation.Values{"docket_reasons": {"另行处理"}}
		gone, first, second := d.mistakenly("mistaken"), d.open(), d.open()
		for _, id := range []string{first, second} {
			d.upTo(id, regulation.ActAskConsent)
		}
		id, err := d.gather(gone, first, second)
		d.must(err)
		d.follow()
		if seq := d.docket(joint, id).Seq; seq != 1 {
			t.Errorf("changed though nothing happened: %d", seq)
		}
		d.inVain(gone)
		d.count(500)
		d.follow()
		d.follow()
		left := d.docket(joint, id)
		if !slices.Equal(left.Cases, []string{first, second}) || left.Seq != 2 || left.Stage != regulation.DocketOpen || !slices.Contains(d.heard("kd-psb-head"), "joint_left") {
			t.Errorf("%+v", left)
		}
		if d := must(d.JointOf(t.Context(), regulation.Scope{All: true}, gone)); d.ID != "" {
			t.Error("what was written off is bound still")
		}
		d.refusal(d.tryDocket(joint, id, "abandon", "kd-supervisor-1", reasons), regulation.FourEyes, "docket_by_you")
		d.must(d.tryDocket(joint, id, "abandon", "kd-head", reasons))
		if ended := d.docket(joint, id); ended.Stage != regulation.DocketAbandoned || !ended.Done() || len(ended.Cases) != 0 {
			t.Errorf("%+v", ended)
		}
		again, err := d.gather(first, second)
		d.must(err)
		for _, id := range []string{first, second} {
			for _, kind := range mainLine[slices.Index(mainLine, regulation.ActAskConsent):] {
				d.do(id, kind, forms[kind])
			}
		}
		d.must(d.tryDocket(joint, again, "report", "kd-psb-handler-1", regulation.Values{"docket_done": {"增设两个窗口"}}))
		d.must(d.tryDocket(joint, again, "close", "kd-supervisor-1", reasons))
		d.refusal(d.tryDocket(joint, again, "release_case", "kd-supervisor-1", regulation.Values{"case": {gone}, "docket_reasons": {"另行处理"}}), regulation.Invalid, "fields")
		d.must(d.tryDocket(joint, again, "release_case", "kd-supervisor-1", regulation.Values{"case": {first}, "docket_reasons": {"重新交办"}}))
		if released := d.docket(joint, again); !slices.Equal(released.Cases, []string{second}) || released.Facts["ratings"] != "2" || must(d.JointOf(t.Context(), regulation.Scope{All: true}, first)).ID != "" {
			t.Errorf("%+v", released)
		}
		if found := d.verify(store.VerifyOptions{Only: []string{store.CheckDockets, store.CheckLeaves}}); len(found) != 0 {
			t.Errorf("%+v", found)
		}
	})
}

// With the last case that is written off a joint rectification ends.
func TestAJointRectificationEndsWithItsLastCase(t *testing.T) {
	onDesks(t, func(t *testing.T, d *desk) {
		one, other := d.mistakenly("mistaken"), d.mistakenly("mistaken")
		id, err := d.gather(one, other)
		d.must(err)
		d.inVain(one)
		d.inVain(other)
		d.count(500)
		d.follow()
		if ended := d.docket(regulation.DocketJoint, id); ended.Stage != regulation.DocketAbandoned || !ended.Done() || ended.Seq != 3 {
			t.Errorf("%+v", ended)
		}
		if found := d.verify(store.VerifyOptions{Only: []string{store.CheckDockets}}); len(found) != 0 {
			t.Errorf("%+v", found)
		}
	})
}
