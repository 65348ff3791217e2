package regulation

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"haochaping/workday"
)

// Issued is a document that a case has already.
type Issued struct {
	Kind      DocumentKind
	About     string
	Authority string // that issued it
	Number    string
	At        time.Time
}

// Why a document takes another's place: what it tells has moved, or one of ReplaceReasons, which say
// what is wrong with the one that stands.
const ReasonMoved = "moved"

var ReplaceReasons = []string{"template_mistake", "content_mistake"}

// topic is what a document is about, as the record has it: NAME, NAME@STATE, NAME@STATE#2. The name
// is that of an order or a decision, the state what of it may move later, such as its due date; the
// second paper about it takes the first one's place. Documents issued before the state was kept have
// the name alone.
type topic struct {
	name, state string
	nth         int
}

func (s topic) String() string {
	about := s.name
	if s.state != "" {
		about += "@" + s.state
	}
	if s.nth > 1 {
		about += fmt.Sprintf("#%d", s.nth)
	}
	return about
}

func readTopic(about string) topic {
	rest, nth, _ := strings.Cut(about, "#")
	s := topic{nth: 1}
	s.name, s.state, _ = strings.Cut(rest, "@")
	if n, err := strconv.Atoi(nth); err == nil {
		s.nth = n
	}
	return s
}

// Topic tells what a document is about and the how manieth paper about it this is, from 1 on.
func Topic(about string) (name string, nth int) {
	s := readTopic(about)
	return s.name, s.nth
}

// last is the document that stands about what a new one of the kind would be about, or nil.
func (d drafting) last(spec DocumentSpec) *Issued {
	var last *Issued
	name, most := spec.about(d), 0
	for i, issued := range d.issued {
		if s := readTopic(issued.About); issued.Kind == spec.Kind && s.name == name && s.nth > most {
			last, most = &d.issued[i], s.nth
		}
	}
	return last
}

// moved tells whether what a document says is another than when it was issued. An instant that it named
// and that nobody waits for any more, such as that to sign by, has not moved: it ends the state. Of one
// from before the state was kept nobody knows; it is replaced by giving a reason.
func (d drafting) moved(spec DocumentSpec, last Issued) bool {
	then := readTopic(last.About).state
	return spec.state != nil && then != "" && !strings.HasPrefix(then, spec.state(d))
}

// another refuses a second document about the same, unless what the first tells has moved or a reason
// says what is wrong with it. Only who issued a document may call it wrong.
func (d drafting) another(spec DocumentSpec, actor Actor) *Error {
	last := d.last(spec)
	var err *Error
	switch {
	case last == nil && d.reason == "":
		return nil
	case last == nil:
		return refuse(NotNow, spec.Clause, "nothing_to_replace")
	case d.reason == "" && d.moved(spec, *last), d.reason != "" && last.Authority == actor.As.Org:
		return nil
	case d.reason != "":
		err = refuse(NotPermitted, spec.Clause, "issued_elsewhere", spec.Roles...)
	case spec.Kind == DocumentReminder: // one a day
		err = refuse(NotNow, spec.Clause, "reminded_today")
		err.From = d.rules.Hours.Opening(d.rules.Calendar.Add(workday.DateOf(d.at), 1).Date)
	default:
		err = refuse(NotNow, spec.Clause, "document_issued")
	}
	err.Issued = last
	return err
}

// place sets what a draft is about and whose place it takes.
func (d drafting) place(spec DocumentSpec, draft *Draft) {
	s := topic{name: spec.about(d), nth: 1}
	if spec.state != nil {
		s.state = spec.state(d)
	}
	if last := d.last(spec); last != nil {
		s.nth = readTopic(last.About).nth + 1
		draft.Replaces, draft.Reason = last.Number, ReasonMoved
		if d.reason != "" {
			draft.Reason = d.reason
		}
	}
	draft.About = s.String()
}

// datesOf are the dates of instants as a state has them, those not set left out.
func datesOf(instants ...time.Time) string {
	var dates []string
	for _, at := range instants {
		if !at.IsZero() {
			dates = append(dates, workday.DateOf(at).String())
		}
	}
	return strings.Join(dates, " ")
}
