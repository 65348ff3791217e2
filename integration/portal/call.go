package portal

import (
	"strings"

	"haochaping/regulation"
)

// Call reads an event of a call system. The caller's number is not read at all. Which digit or text means which grade
// is the file's: some systems take 1 for the best, others for the worst.
func (u Upstream) Call(r Record) regulation.Called {
	get := func(name string) string { return r[u.Field(name)] }
	c := regulation.Called{ID: get("id"), Event: regulation.CallEvent(get("event")), Call: get("call"), Agent: get("agent"), Language: get("language"),
		BeganAt: u.instant(get("began")), EndedAt: u.instant(get("ended")), Record: get("recording"), At: u.instant(get("given_at")),
		Ticket: get("ticket"), Kind: get("kind"), Unit: get("unit")}
	switch c.Event {
	case regulation.EventDigit:
		c.Answer = get("digit")
		c.Grade = u.Grades[c.Answer]
	case regulation.EventText:
		c.Answer = strings.TrimRight(get("text"), "。.!！ ")
		c.Grade = u.Words[c.Answer]
	}
	return c
}
