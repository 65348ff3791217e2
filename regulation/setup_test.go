package regulation

import (
	"errors"
	"testing"
	"time"

	"haochaping/workday"
)

// desk plays a case through its acts: who does what, and when.
type desk struct {
	t     *testing.T
	rules Rules
	c     Case
	now   time.Time
	last  Event
	log   []Event
	quiet bool // the rater asked not to be called
}

const (
	county  = "513301-authority"
	upper   = "513300-authority"
	police  = "513301-psb"
	medical = "513301-med"
)

func at(value string) time.Time {
	t, err := time.ParseInLocation("2006-01-02 15:04", value, workday.Shanghai)
	if err != nil {
		panic(err)
	}
	return t
}

func person(id string, role Role, org string) Person {
	return Person{ID: id, Assignments: []Assignment{{Role: role, Org: org, Area: org[:6]}}}
}

// staffed is somebody with a profile: who can be rated.
func staffed(id string, role Role, org, staff string) Person {
	p := person(id, role, org)
	p.Staff = staff
	return p
}

// roster is a county with enough people for four eyes, the prefecture above it, and two units.
func roster() []Person {
	return []Person{
		person("vera", Verifier, county), person("viktor", Verifier, county),
		person("clara", CallbackClerk, county), person("sam", Supervisor, county), person("sue", Supervisor, county),
		person("hedda", AuthorityHead, county),
		person("upvera", Verifier, upper), person("upclara", CallbackClerk, upper), person("upsam", Supervisor, upper), person("uphead", AuthorityHead, upper),
		staffed("wang", WindowStaff, police, "st1"), staffed("wei", WindowStaff, police, "st2"),
		person("dora", DisciplineOfficer, "513301-discipline"), person("updora", DisciplineOfficer, "513300-discipline"),
		person("paul", UnitHandler, police), person("petra", UnitHead, police), person("mara", UnitHandler, medical),
	}
}

func setup(t *testing.T, change ...func(*Opening)) *desk {
	t.Helper()
	params, err := NewParams(Edition1, nil)
	if err != nil {
		t.Fatal(err)
	}
	d := &desk{t: t, now: at("2026-11-23 10:00"),
		rules: Rules{Params: params, Calendar: workday.National(), Hours: workday.DefaultHours, Roster: roster()}}
	o := Opening{ID: "c1", Number: "513301-2026-000001", RatingID: "r1", Edition: Edition1, Grade: VeryDissatisfied,
		Area: "513301", Authority: county, Upper: upper, Rated: Rated{Unit: police, Window: "w1", Staff: "st1"},
		MatterStatus: "in_progress", Contactable: true, Named: true, RatedAt: d.now, Crowd: 1000}
	for _, f := range change {
		f(&o)
	}
	d.c, d.last = d.rules.Open(o, d.now)
	d.log = append(d.log, d.last)
	return d
}

// heardAndWrittenOff puts a proposed write-off in force after the rater objected in vain.
func (d *desk) heardAndWrittenOff() {
	d.t.Helper()
	d.do("hedda", ActApproveWriteOff)
	d.do("", ActObjectWriteOff, "objection", "it was that day")
	d.do("sam", ActDecideObjection, "result", "written_off", "reasons", "as on file")
}

// unasked is a desk whose rater asked not to be called.
func (d *desk) unasked() *desk { d.quiet = true; return d }

func (d *desk) actor(id string) Actor {
	for _, p := range d.rules.Roster {
		if p.ID == id {
			return Actor{Person: p.ID, Staff: p.Staff, Assignments: p.Assignments, As: p.Assignments[0]}
		}
	}
	return Actor{As: Assignment{Role: Citizen}}
}

func values(pairs ...string) Values {
	v := Values{}
	for i := 0; i < len(pairs); i += 2 {
		v[pairs[i]] = append(v[pairs[i]], pairs[i+1])
	}
	return v
}

// try does an act and returns its refusal, if any.
func (d *desk) try(who string, kind ActKind, pairs ...string) *Error {
	next, event, err := d.rules.Apply(d.c, Act{ID: "a", Kind: kind, Values: values(pairs...)}, d.actor(who), d.now)
	var refusal *Error
	if errors.As(err, &refusal) {
		return refusal
	}
	d.c, d.last = next, event
	d.log = append(d.log, event)
	return nil
}

// do does an act that must succeed.
func (d *desk) do(who string, kind ActKind, pairs ...string) {
	d.t.Helper()
	if err := d.try(who, kind, pairs...); err != nil {
		d.t.Fatalf("%s by %s in %s: %v", kind, who, d.c.Phase, err)
	}
}

// until lets time pass to an instant, with every deadline on the way.
func (d *desk) until(value string) {
	d.t.Helper()
	target := at(value)
	for {
		next, found := Deadline{}, false
		for _, open := range d.c.Deadlines {
			if !open.Due.After(target) && (!found || open.Due.Before(next.Due)) {
				next, found = open, true
			}
		}
		if !found {
			break
		}
		c, event, happened := d.rules.Expire(d.c, next.ID, next.Due)
		if !happened {
			d.t.Fatalf("deadline %s did not happen at its due instant", next.ID)
		}
		d.c, d.last = c, event
		d.log = append(d.log, event)
	}
	d.now = target
}

func (d *desk) phase(want Phase) {
	d.t.Helper()
	if d.c.Phase != want {
		d.t.Fatalf("the case is in %s, want %s", d.c.Phase, want)
	}
}

func finding(kind string) []string {
	return []string{"finding", kind, "cause", "attitude", "link", "acceptance", "attribution", "unit",
		"account", "the queue system failed", "problem_open", "yes", "no_evidence_reason", "no camera there"}
}

var (
	reachedCall = []string{"result", "reached", "statement", "waited two hours"}
	closingCall = []string{"result", "reached", "reply_received", "yes", "settled", "yes", "pressed", "no"}
	rectified   = []string{"measures", "second window opened", "no_evidence_reason", "visible on site", "reply", "we are sorry"}
)

// The main line in stages, so that a test can stop where it begins.
func (d *desk) toDispatch() {
	d.do("sam", ActAccept)
	if d.quiet {
		d.do("sam", ActExemptCallback, "reason", "asked_not_to_be_called", "explanation", "so the rater wrote")
	} else {
		d.do("clara", ActRecordCallback, reachedCall...)
	}
	d.do("vera", ActRecordFinding, finding("substantiated")...)
	d.phase(PhaseDispatch)
}

func (d *desk) toSigning() {
	d.toDispatch()
	if !d.quiet {
		d.do("clara", ActAskConsent, "answer", "yes")
	}
	d.do("sam", ActTransfer, "unit", police, "instructions", "put it right")
	d.phase(PhaseSigning)
}

func (d *desk) toRectification() {
	d.toSigning()
	d.do("paul", ActSign)
	d.do("paul", ActSubmitPlan, "measures", "open a second window", "responsible", "the head of the hall", "target_date", "2026-12-01")
	d.phase(PhaseRectification)
}

func (d *desk) toAcceptance() {
	d.toRectification()
	d.do("paul", ActSubmitRectification, rectified...)
	d.phase(PhaseAcceptance)
}

func (d *desk) toSurvey() {
	d.toAcceptance()
	d.do("sam", ActAcceptRectification)
	d.do("sam", ActReleaseReply, "reply", "a second window is open since Monday")
	d.phase(PhaseSurvey)
}

func (d *desk) toRecheck() {
	d.toSurvey()
	d.do("", ActAnswerSurvey, "grade", "4", "resolved", "yes", "pressed", "no")
	d.do("clara", ActClosingCallback, closingCall...)
	d.phase(PhaseRecheck)
}
