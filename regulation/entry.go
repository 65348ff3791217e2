package regulation

import "time"

// EntryKind is what a compensating entry does to the figures.
type EntryKind string

const (
	EntryWriteOff      EntryKind = "write_off"     // -1: the rating counts no more (R53)
	EntryReversal      EntryKind = "reversal"      // +1: the level above set the write-off aside
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
	// Measure is the kind of the measure that was revoked.
	Measure string `json:"measure,omitempty"`
}

// book puts a compensating entry on record: in the event, whose leaf proves it, and in the case.
func (m *move) book(e Entry) {
	e.Seq, e.At = m.event.Seq, m.at
	m.c.Entries = append(m.c.Entries, e)
	m.event.Entries = append(m.event.Entries, e)
}
