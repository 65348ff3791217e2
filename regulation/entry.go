package regulation

import (
	"slices"
	"time"
)

// EntryKind is what a compensating entry does to the figures.
type EntryKind string

const (
	EntryWriteOff      EntryKind = "write_off"     // -1: the rating counts no more (R53)
	EntryReversal      EntryKind = "reversal"      // +1: the write-off was set aside
	EntryReattribution EntryKind = "reattribution" // 0: it counts for somebody else
	EntryRevocation    EntryKind = "revocation"    // 0: a measure was taken back (R45)
)

// Entry is a compensating entry: nothing that was counted is removed, it is counted against
// (R51, R53). From is the subject that it was counted for, To the one that it counts for now.
type Entry struct {
	Seq  int64     `json:"seq"` // of its event
	At   time.Time `json:"at"`
	Kind EntryKind `json:"kind"`
	Sign int       `json:"sign"`
	From Rated     `json:"from,omitzero"`
	To   Rated     `json:"to,omitzero"`
	// Measure is the kind of the measure that was revoked, Escalations are those that led to it; none in
	// entries of before they were kept.
	Measure     string  `json:"measure,omitempty"`
	Escalations []int64 `json:"escalations,omitempty"`
}

// TookBack tells whether what an escalation led to was taken back: a measure was revoked to which it
// led, or the rating counts no more, or not for that unit, which pressure on its rater outlives (R45, R53, R58).
func (c Case) TookBack(e Escalated) bool {
	if e.Unit == "" {
		return false
	}
	if e.Reason != "pressure" && c.WrittenOff() {
		return true
	}
	return slices.ContainsFunc(c.Entries, func(n Entry) bool { return n.takesBack(e) })
}

func (n Entry) takesBack(e Escalated) bool {
	switch n.Kind {
	case EntryRevocation:
		if len(n.Escalations) == 0 {
			return n.From.Unit == e.Unit && n.Seq > e.Seq
		}
		return contains(n.Escalations, e.Seq)
	case EntryReattribution:
		return e.Reason != "pressure" && n.From.Unit == e.Unit && n.To.Unit != e.Unit && n.Seq > e.Seq
	}
	return false
}

// book puts a compensating entry on record: in the event, whose leaf proves it, and in the case.
func (m *move) book(e Entry) {
	e.Seq, e.At = m.event.Seq, m.at
	m.c.Entries = append(m.c.Entries, e)
	m.event.Entries = append(m.event.Entries, e)
}
