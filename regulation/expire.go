package regulation

import (
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
	for i, d := range m.c.Deadlines {
		if d.ID == passed.ID {
			m.c.Deadlines = append(m.c.Deadlines[:i:i], m.c.Deadlines[i+1:]...)
			break
		}
	}
	m.event.Changes = append(m.event.Changes, DueChange{DuePassed, passed})
}

func (m *move) remind(d Deadline) {
	m.event.Data["left"] = strconv.Itoa(d.Left)
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
// step one level up (R30, R33).
func (m *move) overdue(d Deadline) {
	spec := specByKind[d.Act]
	m.event.Clause = spec.Clause
	m.event.Data["act"] = string(d.Act)
	if await := m.c.Await(d.Act); await != nil {
		await.Overdue = true
	}
	discipline := Seat{DisciplineOfficer, m.c.Area}
	switch {
	case d.Act == ActSign:
		m.escalate("discipline", "unsigned", spec.Clause, discipline)
	case d.Act == ActSubmitRectification:
		m.c.Clock.Overdue = true
		m.escalate("discipline", "rectification_overdue", spec.Clause, discipline)
	case spec.Side == SideUnit:
		m.escalate("supervisor", "overdue:"+string(d.Act), spec.Clause, Seat{Supervisor, m.c.Authority})
	default:
		m.escalateUp(d.Act, spec)
	}
}

// escalateUp lays an authority's overdue step before the level above too; the authority may
// still do it.
func (m *move) escalateUp(kind ActKind, spec Spec) {
	seats, to := m.rules.upperSeats(*m.c, spec)
	if await := m.c.Await(kind); await != nil {
		for _, s := range seats {
			if !contains(await.Seats, s) {
				await.Seats = append(await.Seats, s)
			}
		}
		if await.Raised == "" {
			await.Raised = "overdue"
		}
	}
	m.escalate(to, "overdue:"+string(kind), spec.Clause, seats...)
}
