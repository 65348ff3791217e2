package trial

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"haochaping/regulation"
	"haochaping/workday"
)

// Plan is how large the made-up quarter is.
type Plan struct {
	Seed    uint64
	Units   int
	Staff   int // at each unit
	Ratings int // honest ones
	Cheats  int // of each kind
}

// Default is about a county's quarter.
func Default() Plan { return Plan{Seed: 1, Units: 60, Staff: 6, Ratings: 40_000, Cheats: 10} }

// planted is one known cheat: whom an honest detection would name for it, and by which signal.
type planted struct {
	kind    regulation.SignalKind
	suspect regulation.Suspect
}

// quarter is a made-up quarter with what is known about it.
type quarter struct {
	plan    Plan
	r       *rand.Rand
	rules   regulation.Rules
	sight   regulation.Sight
	cheats  map[planted]bool
	planted func(rating string) bool // whether a cheat made it
	cheated map[string]bool          // staff and units that cheat in one way already
	rated   int
}

// Last is the quarter's last day.
var Last = workday.NewDate(2026, time.September, 30)

func newQuarter(p Plan, rules regulation.Rules) *quarter {
	q := &quarter{plan: p, r: rand.New(rand.NewPCG(p.Seed, 92)), rules: rules, cheats: map[planted]bool{}, cheated: map[string]bool{}}
	q.sight = regulation.Sight{Day: Last, Handled: map[string]int{}}
	for range p.Ratings {
		q.sight.Traces = append(q.sight.Traces, q.honest())
	}
	q.misleading()
	q.handled()
	q.approvers()
	honest := q.rated
	for _, plant := range q.plants() {
		for range p.Cheats {
			plant()
		}
	}
	q.planted = func(rating string) bool { return rating > ratingID(honest) }
	return q
}

func ratingID(n int) string { return fmt.Sprintf("rating-%06d", n) }

func (q *quarter) unit(n int) string { return fmt.Sprintf("unit-%02d", n) }

func (q *quarter) staff(unit string) string {
	return fmt.Sprintf("%s-staff-%d", unit, q.r.IntN(q.plan.Staff))
}

func (q *quarter) anyUnit() string { return q.unit(q.r.IntN(q.plan.Units)) }

func (q *quarter) digest(kind string) string {
	return fmt.Sprintf("%s-%016x%016x", kind, q.r.Uint64(), q.r.Uint64())
}

// at is an instant in office hours of a working day between two days of the quarter, counted from its end.
func (q *quarter) at(from, to int) time.Time {
	for {
		day := Last.AddDays(-from + q.r.IntN(from-to+1))
		if q.rules.Calendar.IsWorkday(day) {
			return day.Start().Add(9*time.Hour + time.Duration(q.r.IntN(8*3600))*time.Second)
		}
	}
}

const days = 91 // before the quarter's last day

// honest is a rating as most are: mostly good, sometimes with words, rarely with a telephone.
func (q *quarter) honest() regulation.Trace {
	unit := q.anyUnit()
	t := q.trace(unit, q.staff(unit), q.at(days, 0))
	t.Grade = []regulation.Grade{5, 5, 5, 5, 5, 5, 4, 4, 3, 2, 1}[q.r.IntN(11)]
	t.Options = fmt.Sprintf("%d%02d", t.Grade, 6+q.r.IntN(8))
	if q.r.IntN(3) == 0 { // the first two of the list are the most popular
		t.Options = fmt.Sprintf("%d10,%d11", t.Grade, t.Grade)
	}
	t.HasText = q.r.IntN(4) == 0
	if q.r.IntN(3) == 0 {
		t.Phone = q.digest("phone")
		t.ApplicantPhone = t.Phone
		if q.r.IntN(20) == 0 {
			t.ApplicantPhone = q.digest("phone") // a relative applied
		}
	}
	switch {
	case q.r.IntN(3) == 0 && workday.DateOf(t.At).AddDays(5).After(Last):
		t.AcceptedOn = workday.Date{} // the feed of matters lags behind
	case q.r.IntN(400) == 0:
		t.AcceptedOn = workday.DateOf(t.At).AddDays(1) // entered the day after
	}
	return t
}

func (q *quarter) trace(unit, staff string, at time.Time) regulation.Trace {
	q.rated++
	return regulation.Trace{Rating: ratingID(q.rated), Grade: 5, At: at, Channel: regulation.ChannelWeb, Unit: unit, Staff: staff,
		Project: fmt.Sprintf("matter-%06d", q.rated), AcceptedOn: workday.DateOf(at).AddDays(-1), Client: q.digest("browser")}
}

// misleading adds what is honest and looks like cheating, as far as honest people go.
func (q *quarter) misleading() {
	for range 10 {
		unit := q.anyUnit()
		agent, browser := q.digest("phone"), q.digest("browser")
		for range 4 { // an agent who applies for others, all year
			t := q.trace(unit, q.staff(unit), q.at(days, 0))
			t.Phone, t.ApplicantPhone, t.HasText = agent, agent, true
			q.keep(t)
		}
		at := q.at(days, 0)
		for n := range 5 { // a hall's own tablet, a queue in two minutes
			t := q.trace(unit, q.staff(unit), at.Add(time.Duration(25*n)*time.Second))
			t.Client, t.Options = browser, fmt.Sprintf("5%02d", 10+n)
			q.keep(t)
		}
		t := q.trace(q.anyUnit(), "", q.at(days, 0)) // somebody of the staff as a citizen, once
		t.Staff, t.Phone, t.PhoneUnit = q.staff(t.Unit), q.digest("phone"), q.anyUnit()
		q.keep(t)
		busy := q.anyUnit()
		for range 15 { // an honest season at the end
			q.keep(q.trace(busy, q.staff(busy), q.at(9, 0)))
		}
	}
}

func (q *quarter) keep(t regulation.Trace) { q.sight.Traces = append(q.sight.Traces, t) }

// handled says how many matters everybody concluded: about two for each that was rated.
func (q *quarter) handled() {
	for _, t := range q.sight.Traces {
		q.sight.Handled[t.Staff] += 1 + q.r.IntN(3)
	}
	delete(q.sight.Handled, "")
}

func (q *quarter) approvers() {
	for n := range 30 {
		for range 12 + q.r.IntN(12) {
			q.decision(fmt.Sprintf("approver-%02d", n), q.r.IntN(100) < 30+q.r.IntN(20))
		}
	}
}

func (q *quarter) decision(approver string, approved bool) {
	q.rated++
	q.sight.Decisions = append(q.sight.Decisions, regulation.Decided{Approver: approver, Unit: "authority", Approved: approved, Rating: ratingID(q.rated)})
}

// times is how often a cheat does it: mostly plainly more than the threshold, sometimes less.
func (q *quarter) times(param string) int {
	threshold := q.rules.Params.Days(param)
	return max(1, threshold*(70+q.r.IntN(230))/100)
}

// culprit is somebody who does not cheat yet.
func (q *quarter) culprit() (unit, staff string) {
	for {
		unit = q.anyUnit()
		if staff = q.staff(unit); !q.cheated[staff] && !q.cheated[unit] {
			q.cheated[staff] = true
			return unit, staff
		}
	}
}

// office is a unit that does not cheat yet, in any of its people.
func (q *quarter) office() string {
	for {
		unit := q.anyUnit()
		taken := q.cheated[unit]
		for other := range q.cheated {
			taken = taken || strings.HasPrefix(other, unit+"-")
		}
		if !taken {
			q.cheated[unit] = true
			return unit
		}
	}
}

func (q *quarter) know(kind regulation.SignalKind, suspect regulation.SuspectKind, object string) {
	q.cheats[planted{kind, regulation.Suspect{Kind: suspect, Object: object}}] = true
}

// plants are the ways of cheating seen elsewhere, one each; whole offices come first, while there are some.
func (q *quarter) plants() []func() {
	return []func(){q.eachOther, q.lastDays, q.colleaguesPhone, q.otherPhone, q.grudge, q.oneBrowser, q.program, q.rush, q.tooEarly,
		q.onlyTheContent, q.ownBrowser, q.anythingGoes}
}

func (q *quarter) colleaguesPhone() {
	unit, staff := q.culprit()
	phone := q.digest("phone")
	for range q.times(regulation.CheatStaffPhones) {
		t := q.trace(unit, staff, q.at(days, 0))
		t.Phone, t.ApplicantPhone, t.PhoneUnit = phone, phone, unit
		q.keep(t)
	}
	q.know(regulation.SignalStaffPhone, regulation.SuspectStaff, staff)
}

func (q *quarter) eachOther() {
	a, b := q.office(), q.office()
	n := q.times(regulation.CheatMutual)
	for way, unit := range []string{a, b} {
		for range n {
			t := q.trace(unit, fmt.Sprintf("%s-staff-%d", unit, q.r.IntN(q.plan.Staff)), q.at(days, 0))
			t.Phone, t.PhoneUnit = q.digest("phone"), []string{b, a}[way]
			t.ApplicantPhone = t.Phone
			q.keep(t)
			q.know(regulation.SignalMutual, regulation.SuspectUnit, unit)
		}
	}
}

func (q *quarter) otherPhone() {
	unit, staff := q.culprit()
	for range q.times(regulation.CheatChangedPhones) {
		t := q.trace(unit, staff, q.at(days, 0))
		t.Phone, t.ApplicantPhone = q.digest("phone"), q.digest("phone")
		q.keep(t)
	}
	q.know(regulation.SignalChangedPhone, regulation.SuspectStaff, staff)
}

func (q *quarter) grudge() {
	unit := q.anyUnit()
	phone := q.digest("phone")
	for range q.times(regulation.CheatSameRater) {
		t := q.trace(unit, q.staff(unit), q.at(days, 0))
		t.Grade, t.Phone, t.ApplicantPhone, t.HasText = 1, phone, phone, true
		q.keep(t)
	}
	q.know(regulation.SignalSameRater, regulation.SuspectRater, phone[:32])
}

func (q *quarter) oneBrowser() {
	unit, staff := q.culprit()
	browser := q.digest("browser")
	for range q.times(regulation.CheatSameDevice) {
		t := q.trace(unit, staff, q.at(days, 0))
		t.Client, t.HasText = browser, true
		q.keep(t)
	}
	q.know(regulation.SignalSameDevice, regulation.SuspectStaff, staff)
}

// program posts the top grade with one set of options, no words, all quarter.
func (q *quarter) program() {
	unit, staff := q.culprit()
	n := 0
	for _, t := range q.sight.Traces {
		if t.Staff == staff {
			n++
		}
	}
	for range max(n*2, q.times(regulation.CheatFixedForms)) {
		t := q.trace(unit, staff, q.at(days, 0))
		t.Options = "515,516,517"
		q.keep(t)
	}
	q.know(regulation.SignalFixedForm, regulation.SuspectStaff, staff)
}

func (q *quarter) rush() {
	unit, staff := q.culprit()
	at := q.at(days, 0)
	for n := range q.times(regulation.CheatBurst) {
		t := q.trace(unit, staff, at.Add(time.Duration(3*n)*time.Second))
		t.HasText = true
		q.keep(t)
	}
	q.know(regulation.SignalBurst, regulation.SuspectStaff, staff)
}

func (q *quarter) tooEarly() {
	unit, staff := q.culprit()
	for range q.times(regulation.CheatEarly) + 1 {
		t := q.trace(unit, staff, q.at(days, 0))
		t.AcceptedOn = workday.DateOf(t.At).AddDays(2)
		q.keep(t)
	}
	q.know(regulation.SignalEarly, regulation.SuspectStaff, staff)
}

// onlyTheContent asks those for a rating who are sure to give a good one.
func (q *quarter) onlyTheContent() {
	_, staff := q.culprit()
	kept := q.sight.Traces[:0]
	for _, t := range q.sight.Traces {
		if t.Staff == staff && (t.Grade < 4 || q.r.IntN(3) > 0) {
			continue
		}
		kept = append(kept, t)
	}
	q.sight.Traces = kept
	q.know(regulation.SignalSelective, regulation.SuspectStaff, staff)
}

func (q *quarter) lastDays() {
	unit := q.office()
	for range 10 * q.plan.Staff * (1 + q.r.IntN(4)) {
		t := q.trace(unit, q.staff(unit), q.at(9, 0))
		t.Options, t.HasText = fmt.Sprintf("5%02d", 10+q.r.IntN(8)), q.r.IntN(2) == 0
		q.keep(t)
	}
	q.know(regulation.SignalQuarterEnd, regulation.SuspectUnit, unit)
}

func (q *quarter) ownBrowser() {
	unit, staff := q.culprit()
	for range q.times(regulation.CheatSessions) {
		t := q.trace(unit, staff, q.at(days, 0))
		t.Session = "account-" + staff
		q.keep(t)
	}
	q.know(regulation.SignalSession, regulation.SuspectStaff, staff)
}

func (q *quarter) anythingGoes() {
	approver := fmt.Sprintf("approver-lax-%016x", q.r.Uint64())
	for range q.times(regulation.CheatWriteOffs) {
		q.decision(approver, q.r.IntN(100) < 92)
	}
	q.know(regulation.SignalWriteOffs, regulation.SuspectApprover, approver)
}
