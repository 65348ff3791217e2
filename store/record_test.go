package store_test

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"testing"
	"time"

	"haochaping/regulation"
	"haochaping/store"
	"haochaping/store/storetest"
)

// desk is a record with the demo's people, and what the tests do at it.
type desk struct {
	*storetest.Record
	t testing.TB
	n int // idempotency keys given out
}

func onDesks(t *testing.T, test func(t *testing.T, d *desk)) {
	t.Helper()
	storetest.Run(t, func(t *testing.T, r *storetest.Record) { test(t, &desk{Record: r.LoadDemo(t), t: t}) })
}

func (d *desk) key() string { d.n++; return fmt.Sprintf("key-%d", d.n) }

func (d *desk) must(err error) {
	d.t.Helper()
	if err != nil {
		d.t.Fatal(err)
	}
}

const (
	ownWords = "排队两个小时没有人理睬" // what a citizen writes
	phone    = "13812345678"
	raterOne = "扎西测试"

	policeWindow = "513301-w03"
)

// bad is a form that rates a window of Kangding's public security bureau badly.
func (d *desk) bad() store.Intake {
	d.t.Helper()
	target, err := d.WindowTarget(d.t.Context(), policeWindow)
	d.must(err)
	return store.Intake{Key: d.key(), Text: ownWords, Contact: store.Contact{Name: raterOne, Phone: phone, Language: "zh", Hours: "morning"},
		PrivacyVersion: "1", Rating: regulation.Rating{Channel: regulation.ChannelWeb, Target: regulation.TargetMatter,
			Grade: regulation.VeryDissatisfied, Dimensions: map[string]regulation.Grade{"attitude": 1}, Place: target.Place(""),
			GivenAt: d.Clock.Now(), HasText: true}}
}

func (d *desk) save(in store.Intake) store.Saved {
	d.t.Helper()
	saved, err := d.SaveRating(d.t.Context(), in)
	d.must(err)
	return saved
}

func (d *desk) open() string { d.t.Helper(); return d.save(d.bad()).CaseID }

func (d *desk) read(id string) regulation.Case {
	d.t.Helper()
	c, err := d.CaseByID(d.t.Context(), regulation.Scope{All: true}, id)
	d.must(err)
	return c
}

// able finds somebody whom the rules let do the act now.
func (d *desk) able(c regulation.Case, kind regulation.ActKind, values regulation.Values) regulation.Actor {
	d.t.Helper()
	rules, err := d.RulesOf(d.t.Context(), c, values["unit"]...)
	d.must(err)
	act := regulation.Act{Kind: kind, Values: values}
	citizen := regulation.Actor{As: regulation.Assignment{Role: regulation.Citizen}}
	if _, _, err = rules.Apply(c, act, citizen, d.Clock.Now()); err == nil {
		return citizen
	}
	for _, p := range rules.Roster {
		for _, as := range p.Assignments {
			actor := regulation.Actor{Person: p.ID, Staff: p.Staff, Assignments: p.Assignments, As: as}
			if _, _, err = rules.Apply(c, act, actor, d.Clock.Now()); err == nil {
				return actor
			}
		}
	}
	d.t.Fatalf("nobody may %s in phase %s; the last was told %v", kind, c.Phase, err)
	return regulation.Actor{}
}

func (d *desk) submit(id string, kind regulation.ActKind, values regulation.Values) store.ActRow {
	d.t.Helper()
	row, err := d.SubmitAct(d.t.Context(), store.ActRequest{CaseID: id, Kind: kind, Values: values,
		Actor: d.able(d.read(id), kind, values), Key: d.key()})
	d.must(err)
	return row
}

// do submits an act by somebody who may and records it.
func (d *desk) do(id string, kind regulation.ActKind, values regulation.Values) regulation.Step {
	d.t.Helper()
	row := d.submit(id, kind, values)
	step, err := d.RecordAct(d.t.Context(), id, row.ID)
	d.must(err)
	if step.Refused != "" {
		row, _ := d.ActOutcome(d.t.Context(), row.ID)
		d.t.Fatalf("%s was refused: %v", kind, row.Refusal)
	}
	return step
}

// forms are acts that lead along the main line, each with what it carries.
var forms = map[regulation.ActKind]regulation.Values{
	regulation.ActAccept:              {"note": {"已登记并转核实"}},
	regulation.ActRecordCallback:      {"result": {"reached"}, "statement": {"群众陈述等候过长"}},
	regulation.ActAddEvidence:         {"kind": {"statement"}, "description": {"窗口人员说明"}},
	regulation.ActRecordFinding:       {"finding": {"substantiated"}, "cause": {"efficiency"}, "link": {"queueing"}, "attribution": {"unit"}, "account": {"核实情况属实"}, "problem_open": {"yes"}},
	regulation.ActAskConsent:          {"answer": {"yes"}},
	regulation.ActTransfer:            {"unit": {"513301-psb"}, "instructions": {"请按期整改"}},
	regulation.ActSign:                {},
	regulation.ActSubmitPlan:          {"measures": {"增开窗口"}, "responsible": {"某某"}, "target_date": {"2026-12-01"}},
	regulation.ActSubmitRectification: {"measures": {"已增开窗口"}, "no_evidence_reason": {"无书面材料"}, "reply": {"感谢您的监督"}},
	regulation.ActAcceptRectification: {"opinion": {"同意"}},
	regulation.ActReleaseReply:        {"reply": {"感谢您的监督，已增开窗口"}},
	regulation.ActAnswerSurvey:        {"grade": {"4"}, "resolved": {"yes"}, "text": {"谢谢"}},
	regulation.ActClosingCallback:     {"result": {"reached"}, "reply_received": {"yes"}, "settled": {"yes"}, "pressed": {"no"}},
	regulation.ActRecheck:             {"result": {"passed"}},
	regulation.ActClose:               {"matter_status": {"concluded"}, "summary": {"全案已经办结归档"}},
}

var mainLine = []regulation.ActKind{
	regulation.ActAccept, regulation.ActRecordCallback, regulation.ActAddEvidence, regulation.ActRecordFinding,
	regulation.ActAskConsent, regulation.ActTransfer, regulation.ActSign, regulation.ActSubmitPlan,
	regulation.ActSubmitRectification, regulation.ActAcceptRectification, regulation.ActReleaseReply,
	regulation.ActAnswerSurvey, regulation.ActClosingCallback, regulation.ActRecheck, regulation.ActClose,
}

// upTo brings a case to where the act is the next one.
func (d *desk) upTo(id string, kind regulation.ActKind) {
	d.t.Helper()
	for _, next := range mainLine {
		if next == kind {
			return
		}
		d.do(id, next, forms[next])
	}
}

func (d *desk) rowsOf(table, where string, args ...any) int {
	d.t.Helper()
	var n int64
	d.must(store.Rows(d.Store, d.t.Context()).Table(table).Where(where, args...).Count(&n).Error)
	return int(n)
}

func TestBadRatingIsCarriedToTheClosedCase(t *testing.T) {
	onDesks(t, func(t *testing.T, d *desk) {
		id := d.open()
		for _, kind := range mainLine {
			d.do(id, kind, forms[kind])
		}
		c := d.read(id)
		if !c.Closed() || c.Seq != int64(len(mainLine)+1) {
			t.Errorf("phase %s at %d", c.Phase, c.Seq)
		}
		if n := d.rowsOf("case_events", "case_id = ?", id); int64(n) != c.Seq {
			t.Errorf("%d events, want %d", n, c.Seq)
		}
		for _, table := range []string{"tasks", "task_seats"} {
			if n := d.rowsOf(table, "1 = 1"); n != 0 {
				t.Errorf("%d rows left in %s", n, table)
			}
		}
		if n := d.rowsOf("pending_leaves", "1 = 1"); int64(n) != c.Seq+3 {
			t.Errorf("%d leaves, want one a event, one for the rating, and one each for the consents to be called and to the matter's number", n)
		}
		open, err := d.OpenCases(t.Context(), "", 10)
		if err != nil || len(open) != 0 {
			t.Errorf("open: %v, %v", open, err)
		}
		if n := d.rowsOf("acts", "status = 'done' AND body IS NULL AND seq > 1"); n != len(mainLine) {
			t.Errorf("%d acts done", n)
		}
	})
}

func TestRatingOpensOneCaseIfBadAndNoneIfGood(t *testing.T) {
	onDesks(t, func(t *testing.T, d *desk) {
		saved := d.save(d.bad())
		if !caseNumber.MatchString(saved.CaseNumber) || regulation.MistypedCaseNumber(saved.CaseNumber) || saved.Receipt == "" || saved.Repeated {
			t.Errorf("%+v", saved)
		}
		good := d.bad()
		good.Rating.Grade = regulation.VerySatisfied
		if s := d.save(good); s.CaseID != "" || s.CaseNumber != "" {
			t.Errorf("a good rating opened %s", s.CaseNumber)
		}
		if second := d.save(d.bad()); !caseNumber.MatchString(second.CaseNumber) || second.CaseNumber == saved.CaseNumber {
			t.Errorf("the second case is %s", second.CaseNumber)
		}
		unstarted, err := d.Unstarted(t.Context(), 10)
		if err != nil || len(unstarted) != 2 || !slices.Contains(unstarted, saved.CaseID) {
			t.Errorf("unstarted: %v, %v", unstarted, err)
		}
		d.must(d.MarkStarted(t.Context(), unstarted...))
		if left, _ := d.Unstarted(t.Context(), 10); len(left) != 0 {
			t.Errorf("still unstarted: %v", left)
		}
	})
}

func TestRepeatedFormGetsTheSameAnswer(t *testing.T) {
	onDesks(t, func(t *testing.T, d *desk) {
		in := d.bad()
		first := d.save(in)
		d.Clock.Forward(time.Minute)
		in.Rating.GivenAt, in.Rating.ID, in.Rating.Place.MatterStatus = d.Clock.Now(), "another", "concluded"
		again := d.save(in)
		if !again.Repeated {
			t.Error("not told as repeated")
		}
		again.Repeated = false
		if again != first {
			t.Errorf("%+v, first %+v", again, first)
		}
		in.Text += "。"
		if _, err := d.SaveRating(t.Context(), in); !isCode(err, regulation.Conflict) {
			t.Errorf("another content under the same key: %v", err)
		}
		if n := d.rowsOf("ratings", "1 = 1"); n != 1 {
			t.Errorf("%d ratings", n)
		}
	})
}

func TestStepShowsWhatTheWorkflowHolds(t *testing.T) {
	onDesks(t, func(t *testing.T, d *desk) {
		id := d.open()
		step, err := d.LoadStep(t.Context(), id)
		d.must(err)
		if step.Snapshot.Seq != 1 || len(step.Timers) != 1 || step.Finished {
			t.Errorf("%+v", step)
		}
		if after := d.do(id, regulation.ActAccept, forms[regulation.ActAccept]); after.Snapshot.Seq != 2 || after.Snapshot.Phase != regulation.PhaseVerification {
			t.Errorf("%+v", after)
		}
		_, err = d.LoadStep(t.Context(), "nosuch")
		if !isCode(err, regulation.NotFound) {
			t.Errorf("an unknown case: %v", err)
		}
	})
}

func isCode(err error, code regulation.Code) bool {
	var refusal *regulation.Error
	return errors.As(err, &refusal) && refusal.Code == code
}

// caseNumber is the form of a number of Kangding's in the year of the tests.
var caseNumber = regexp.MustCompile(`^513301-2026-\d{7}$`)

// lastNumber is how many running numbers of cases were taken in Kangding.
func (d *desk) lastNumber() int {
	d.t.Helper()
	var next int
	d.must(store.Rows(d.Store, d.t.Context()).Table("counters").Where("kind = 'case' AND authority = '513301-authority'").Select("next_number").Scan(&next).Error)
	return next - 1
}

func storetestSQLite(t *testing.T) *storetest.Record { return storetest.SQLite(t).LoadDemo(t) }
