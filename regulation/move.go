package regulation

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// move is one change of a case in the making: a copy of the case, and the event that will
// tell of it.
type move struct {
	rules Rules
	c     *Case
	from  Phase
	waits []Await // before the move
	spec  Spec
	act   Act
	actor Actor
	at    time.Time
	event Event
}

func (r Rules) begin(c Case, at time.Time) *move {
	next := c.clone()
	m := &move{rules: r, c: &next, from: c.Phase, waits: c.Awaiting, at: at}
	m.event = Event{Schema: EventSchema, Seq: c.Seq + 1, At: at, Kind: EventAct, From: c.Phase,
		Data: map[string]string{}, Texts: map[string]string{}}
	next.Seq = m.event.Seq
	return m
}

// clone copies all that a move may change in place.
func (c Case) clone() Case {
	c.Awaiting = slices.Clone(c.Awaiting)
	for i := range c.Awaiting {
		c.Awaiting[i].Seats = slices.Clone(c.Awaiting[i].Seats)
	}
	c.Deadlines = slices.Clone(c.Deadlines)
	c.Callback.Attempts = slices.Clone(c.Callback.Attempts)
	c.Closing.Attempts = slices.Clone(c.Closing.Attempts)
	c.WriteOff.Telling.Attempts = slices.Clone(c.WriteOff.Telling.Attempts)
	c.Orders = slices.Clone(c.Orders)
	c.Clock.Submitted = slices.Clone(c.Clock.Submitted)
	c.Handlers = slices.Clone(c.Handlers)
	c.Verifiers = slices.Clone(c.Verifiers)
	c.Judges = slices.Clone(c.Judges)
	c.Escalation = slices.Clone(c.Escalation)
	c.Tracks = maps.Clone(c.Tracks)
	c.Parts = maps.Clone(c.Parts)
	c.Clock.Pauses = slices.Clone(c.Clock.Pauses)
	c.Measures = slices.Clone(c.Measures)
	c.Again = slices.Clone(c.Again)
	c.Pending = slices.Clone(c.Pending)
	c.Former = slices.Clone(c.Former)
	c.Appeals = slices.Clone(c.Appeals)
	c.Entries = slices.Clone(c.Entries)
	c.Earlier = slices.Clone(c.Earlier)
	c.Counts = maps.Clone(c.Counts)
	if c.Counts == nil {
		c.Counts = map[string]int{}
	}
	return c
}

// describe copies the act's codes into the event and its free text into Texts.
func (m *move) describe() {
	m.event.Name, m.event.Clause = string(m.act.Kind), m.spec.Clause
	m.event.Actor, m.event.As = m.actor.Person, m.actor.As
	for _, f := range m.spec.Fields {
		given := nonEmpty(m.act.Values[f.Name])
		switch {
		case len(given) == 0:
		case f.Type == TypeText || f.Type == TypeLong:
			m.event.Texts[f.Name] = given[0]
		case f.Type == TypeFiles:
			m.event.Files = given
		default:
			m.event.Data[f.Name] = strings.Join(given, ",")
		}
	}
}

func (m *move) finish() Event {
	m.nextRound()
	m.settle()
	m.event.To = m.c.Phase
	if m.c.Closed() {
		m.cancelAll()
	}
	m.reseat()
	m.tellWaits()
	for i, seat := range slices.Backward(m.event.Notify) {
		if slices.Contains(m.event.Notify[:i], seat) {
			m.event.Notify = slices.Delete(m.event.Notify, i, i+1)
		}
	}
	return m.event
}

// tellWaits notes in the event the waits that it opened, changed or ended.
func (m *move) tellWaits() {
	for _, a := range m.c.Awaiting {
		same := slices.ContainsFunc(m.waits, func(b Await) bool {
			return b.Act == a.Act && b.Deadline == a.Deadline && b.Raised == a.Raised && b.Overdue == a.Overdue && slices.Equal(a.Seats, b.Seats)
		})
		if !same {
			w := Waiting{Act: a.Act, Seats: a.Seats, Raised: a.Raised, Overdue: a.Overdue}
			if a.Deadline == "" {
				w.Due = a.Due
			}
			m.event.Waits = append(m.event.Waits, w)
		}
	}
	for _, a := range m.waits {
		if m.c.Await(a.Act) == nil {
			m.event.Ended = append(m.event.Ended, a.Act)
		}
	}
}

// reseat moves steps one level up whose seats nobody holds any more: people leave while a step
// waits, and the next event at the latest, its deadline's, finds that out. What lies before those who
// are left goes to others as soon as there are any, be it from the same seats.
func (m *move) reseat() {
	for i := range m.c.Awaiting {
		a := &m.c.Awaiting[i]
		spec := specByKind[a.Act]
		left, manned := contains(RaisedForNow, a.Raised), m.rules.manned(*m.c, spec, a.Seats)
		if manned && !left {
			continue
		}
		seats, raised := m.rules.seatsFor(*m.c, spec)
		if manned && raised == RaisedNobodyLeft { // overdue, it lies before the level above besides
			continue
		}
		// Where nobody is left at all, it stays where it was.
		if len(seats) > 0 && (!slices.Equal(seats, a.Seats) || left && raised != a.Raised) {
			a.Seats, a.Raised = seats, raised
			m.told(a.Act, seats, raised)
		}
	}
}

// told notes before whom a step lies, and why not before others.
func (m *move) told(kind ActKind, seats []Seat, raised string) {
	m.event.Notify = append(m.event.Notify, seats...)
	if raised != "" {
		m.event.Data["raised_"+string(kind)] = raised
	}
}

// text points to what was typed into a field of this act, or to nothing.
func (m *move) text(field string) TextRef {
	if m.act.Values.Get(field) == "" {
		return TextRef{}
	}
	return TextRef{Seq: m.event.Seq, Field: field}
}

// await makes the case wait for an act, with its due time counted from now.
func (m *move) await(kind ActKind) {
	spec := specByKind[kind]
	deadline := m.arm(Deadline{Kind: DeadlineStep, Act: kind}, m.dueIn(spec.Days))
	m.waitFor(kind, deadline)
}

// waitFor makes the case wait for an act under a deadline that stands already.
func (m *move) waitFor(kind ActKind, deadline Deadline) {
	seats, raised := m.rules.seatsFor(*m.c, specByKind[kind])
	m.c.Awaiting = append(m.c.Awaiting, Await{Act: kind, Deadline: deadline.ID, Since: m.at, Due: deadline.Due,
		Provisional: deadline.Provisional, Seats: seats, Raised: raised})
	m.told(kind, seats, raised)
}

// offer gives somebody the act's days to speak; when they have passed, silence has a meaning of
// its own (Spec.silence). Nobody's inbox waits for it unless waits is set.
func (m *move) offer(kind ActKind, waits bool) {
	spec := specByKind[kind]
	deadline := m.arm(Deadline{Kind: DeadlineSilence, Act: kind}, m.dueIn(spec.Days))
	if seats, _ := m.rules.seatsFor(*m.c, spec); waits && len(seats) > 0 {
		m.waitFor(kind, deadline)
	}
}

// met ends the wait for an act: its step is done.
func (m *move) met(kind ActKind) { m.stop(kind, DueMet) }

// drop ends a wait that has no object any more.
func (m *move) drop(kind ActKind) { m.stop(kind, DueCancelled) }

func (m *move) stop(kind ActKind, op DueOp) {
	m.c.Awaiting = slices.DeleteFunc(m.c.Awaiting, func(a Await) bool { return a.Act == kind })
	m.end(op, func(d Deadline) bool { return d.Act == kind })
}

// end takes the deadlines that match off the open ones, with what became of them.
func (m *move) end(op DueOp, matches func(Deadline) bool) {
	m.c.Deadlines = slices.DeleteFunc(m.c.Deadlines, func(d Deadline) bool {
		if !matches(d) {
			return false
		}
		m.event.Changes = append(m.event.Changes, DueChange{Op: op, Deadline: d})
		return true
	})
}

func (m *move) cancelAll() {
	m.c.Awaiting = nil
	m.end(DueCancelled, func(Deadline) bool { return true })
}

// dueIn counts a parameter's working days from today; the day ends at the close of work.
func (m *move) dueIn(param string) due { return m.rules.count(m.rules.span(m.at, param)) }

// arm records a deadline with the calendar that it was counted with.
func (m *move) arm(d Deadline, when due) Deadline {
	label := string(d.Kind)
	if d.Act != "" {
		label = string(d.Act)
	}
	if d.Kind == DeadlineReminder {
		label += fmt.Sprintf("-%d", d.Left)
	}
	m.c.Counts[label]++
	d.ID = fmt.Sprintf("%s#%d", label, m.c.Counts[label])
	d.Due, d.Provisional, d.Calendar, d.Span = when.at, when.provisional, when.calendar, when.span
	m.c.Deadlines = append(m.c.Deadlines, d)
	m.event.Changes = append(m.event.Changes, DueChange{Op: DueArmed, Deadline: d})
	return d
}

// escalate puts an escalation on record and before whom it goes. unit is the unit against which
// it counts, "" for none.
func (m *move) escalate(to, reason string, clause Clause, unit string, tell ...Seat) {
	e := Escalated{Seq: m.event.Seq, At: m.at, To: to, Reason: reason, Clause: clause, Unit: unit}
	m.c.Escalation = append(m.c.Escalation, e)
	m.event.Escalated = &e
	m.event.Notify = append(m.event.Notify, tell...)
}

// handled notes that the actor acted for the unit, which bars them from judging it later.
func (m *move) handled() { m.part(PartHandled) }

// with adds to a list, each once, who acts and those in whose place: what a substitute does counts
// as done by both.
func with(people []string, actor Actor) []string {
	for _, person := range append([]string{actor.Person}, actor.As.Absent()...) {
		if !contains(people, person) {
			people = append(people, person)
		}
	}
	return people
}

func nothingMore(*move) *Error { return nil }
