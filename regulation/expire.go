package regulation

import (
	"cmp"
	"strconv"
	"time"
)

// Expire records that a deadline has passed: it returns the case after it, the event, and
// whether anything happened. A deadline that is not open any more, or not due yet at this
// instant, changes nothing.
func (r Rules) Expire(c Case, deadlineID string, at time.Time) (Case, Event, bool) {
	d, open := c.deadline(deadlineID)
	if !open || at.Before(d.Due) {
		return c, Event{}, false
	}
	m := r.begin(c, at)
	m.event.Kind, m.event.Name, m.event.Clause = EventDeadline, string(d.Kind), ClauseTransfer
	m.event.As = Assignment{Role: System}
	m.event.Data["deadline"] = d.ID
	m.pass(d)
	switch d.Kind {
	case DeadlineReminder:
		m.remind(d)
	case DeadlineNotice:
		m.event.Clause = ClauseRights
		m.serve("batch")
	case DeadlineSurvey:
		m.event.Clause = ClauseVerify
		m.silence()
	case DeadlineSilence:
		spec := specByKind[d.Act]
		m.event.Clause = spec.Clause
		m.event.Data["act"] = string(d.Act)
		m.drop(d.Act)
		spec.silence(m)
	default:
		m.overdue(d)
	}
	return *m.c, m.finish(), true
}

func (c Case) deadline(id string) (Deadline, bool) {
	for _, d := range c.Deadlines {
		if d.ID == id {
			return d, true
		}
	}
	return Deadline{}, false
}

// pass takes the deadline off the open ones.
func (m *move) pass(passed Deadline) {
	m.end(DuePassed, func(d Deadline) bool { return d.ID == passed.ID })
}

// remind urges whoever can still act: the unit, or the authority while no unit has the order.
func (m *move) remind(d Deadline) {
	m.event.Data["left"] = strconv.Itoa(d.Left)
	if m.c.Phase == PhaseDispatch {
		m.event.Notify = append(m.event.Notify, Seat{Supervisor, m.c.Authority})
		return
	}
	m.event.Notify = append(m.event.Notify, Seat{UnitHandler, m.c.Unit}, Seat{UnitHead, m.c.Unit})
}

// silence closes the survey as unanswered and goes on to the closing callback (R27).
func (m *move) silence() {
	m.drop(ActAnswerSurvey)
	m.c.Survey = Survey{State: "unanswered", At: m.at}
	m.toCallback()
}

// overdue marks the step and escalates: an unsigned order and overdue rectification go to the
// discipline officer, a late plan to the authority that supervises it, the authority's own
// step one level up, also where it acts for a unit that has nobody (R30, R33).
func (m *move) overdue(d Deadline) {
	spec := specByKind[d.Act]
	m.event.Clause = spec.Clause
	m.event.Data["act"] = string(d.Act)
	await := m.c.Await(d.Act)
	if await != nil {
		await.Overdue = true
	}
	switch {
	case d.Act == ActSubmitRectification:
		m.rectificationOverdue()
	case spec.Side == SideDiscipline:
		m.escalateDiscipline(d.Act, spec)
	case spec.Side == SideAuthority, await != nil && await.Raised != "":
		m.escalateUp(d.Act, spec)
	case d.Act == ActSign:
		m.escalate("discipline", "unsigned", spec.Clause, m.c.Unit, m.rules.disciplineSeat(*m.c))
	case spec.Side == SideRated:
		m.escalate("supervisor", "overdue:"+string(d.Act), spec.Clause, m.c.measure().Unit, Seat{Supervisor, m.c.Authority})
	default:
		m.escalate("supervisor", "overdue:"+string(d.Act), spec.Clause, m.c.Unit, Seat{Supervisor, m.c.Authority})
	}
}

// escalateDiscipline lays a discipline body's overdue step before the prefecture's officers too, or,
// where it lies there, before the head of the authority above: against no unit, whose step it is not.
func (m *move) escalateDiscipline(kind ActKind, spec Spec) {
	spec.Above = true
	seats, _ := m.rules.disciplineSeats(*m.c, spec)
	await := m.c.Await(kind)
	to := "upper"
	if await != nil && len(seats) > 0 && contains(await.Seats, seats[0]) {
		seats, to = []Seat{{AuthorityHead, cmp.Or(m.c.Upper, m.c.Authority)}}, "head"
	}
	m.addSeats(await, seats)
	m.escalate(to, "overdue:"+string(kind), spec.Clause, "", seats...)
}

// escalateUp lays an authority's overdue step before the level above too; the authority may
// still do it.
func (m *move) escalateUp(kind ActKind, spec Spec) {
	seats, to := m.rules.upperSeats(*m.c, spec)
	m.addSeats(m.c.Await(kind), seats)
	m.escalate(to, "overdue:"+string(kind), spec.Clause, "", seats...)
}

// addSeats lays an overdue step before others besides.
func (m *move) addSeats(await *Await, seats []Seat) {
	if await == nil {
		return
	}
	for _, s := range seats {
		if !contains(await.Seats, s) {
			await.Seats = append(await.Seats, s)
		}
	}
	if await.Raised == "" {
		await.Raised = "overdue"
	}
}
