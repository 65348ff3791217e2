package regulation

import "time"

// EventSchema is the version of Event's stored form; older forms stay readable for ever.
// Since 2 who releases a reply, appeals or answers for somebody takes a part in the case by that, a
// recalled order's rejections are not the next unit's, and who asked not to be called is not called about
// a new order either.
const EventSchema = 2

// EventKind tells what made an event.
type EventKind string

const (
	EventOpened   EventKind = "opened"
	EventAct      EventKind = "act"
	EventDeadline EventKind = "deadline"
	EventRearmed  EventKind = "rearmed" // the calendar changed under the case: see Rules.Rearm
	EventPeople   EventKind = "people"  // who held a step's seats has left (Rules.Reseat), or the rater can be reached no more (Rules.Forget)
)

// Event is one entry of a case's append-only history. It holds codes and parameters, never
// sentences: pages render it in the reader's language. Texts is what people typed; the store
// keeps it encrypted and puts salted digests into the event.
type Event struct {
	Schema    int               `json:"schema"`
	Seq       int64             `json:"seq"`
	At        time.Time         `json:"at"`
	Kind      EventKind         `json:"kind"`
	Name      string            `json:"name"` // the act, or the deadline's kind
	Actor     string            `json:"actor,omitempty"`
	As        Assignment        `json:"as,omitzero"`
	Clause    Clause            `json:"clause"`
	From      Phase             `json:"from,omitempty"`
	To        Phase             `json:"to"`
	Data      map[string]string `json:"data,omitempty"`
	Files     []string          `json:"files,omitempty"`
	Changes   []DueChange       `json:"changes,omitempty"`
	Escalated *Escalated        `json:"escalated,omitempty"`
	// Waits are the waits that this event opened or changed; one that it ended is in Changes. With
	// Stages they tell how the case stood at any event, without the rules of that day.
	Waits   []Waiting       `json:"waits,omitempty"`
	Ended   []ActKind       `json:"ended,omitempty"` // waits that are over
	Stages  map[Track]Stage `json:"stages,omitempty"`
	Entries []Entry         `json:"entries,omitempty"` // compensating entries in the figures (R51, R53)
	Notify  []Seat          `json:"notify,omitempty"`  // who is told by an outbox row
	// NotifyFormer are those who are told that the rating is theirs no more.
	NotifyFormer []Seat `json:"notify_former,omitempty"`
	// NotifyStaff is the staff profile of the one person who is told by name: the rated one (R57).
	NotifyStaff string `json:"notify_staff,omitempty"`
	// Parts are those that the actor took in the case by this act, also for whom they acted; they bar
	// from other acts.
	Parts []Part `json:"parts,omitempty"`
	// AppealUntil is the end of the appeal window, where the event served the notice.
	AppealUntil time.Time         `json:"appeal_until,omitzero"`
	Texts       map[string]string `json:"-"`
}

// Waiting is a wait as an event tells of it: for what, and before whom.
type Waiting struct {
	Act     ActKind `json:"act"`
	Seats   []Seat  `json:"seats"`
	Raised  string  `json:"raised,omitempty"`
	Overdue bool    `json:"overdue,omitempty"`
	// Due is given where no open deadline tells it: it had passed when the wait began.
	Due time.Time `json:"due,omitzero"`
}

// DueOp is what happened to a deadline.
type DueOp string

const (
	DueArmed     DueOp = "armed"
	DueMet       DueOp = "met"
	DueCancelled DueOp = "cancelled"
	DuePassed    DueOp = "passed"
	DueRearmed   DueOp = "rearmed" // counted again: Was tells what it was
)

// DueChange is a deadline armed, met, cancelled or passed by an event: due instant and
// calendar version stay on record, whatever the calendar says later.
type DueChange struct {
	Op       DueOp    `json:"op"`
	Deadline Deadline `json:"deadline"`
	Was      *Counted `json:"was,omitempty"` // before a re-arming
}

// Counted is a due instant with the calendar's word on it.
type Counted struct {
	Due         time.Time `json:"due"`
	Calendar    string    `json:"calendar,omitempty"`
	Provisional bool      `json:"provisional,omitempty"`
}
