package regulation

import "time"

// Timer is one open deadline as the workflow holds it. The due instant was computed when it
// was recorded; workflow code never computes one.
type Timer struct {
	ID  string    `json:"id"`
	Due time.Time `json:"due"`
}

// Snapshot is the little that the workflow knows of a case (well under 1 kB): enough to turn
// an act away that cannot be open, and to show where the case stands in the engine.
type Snapshot struct {
	Seq   int64     `json:"seq"`
	Phase Phase     `json:"phase"`
	Open  []ActKind `json:"open,omitempty"`
}

// Step is what recording answers: the sequence reached, what the workflow is to hold, and
// whether anything is left to do. It carries no personal data: it enters engine histories.
type Step struct {
	Snapshot Snapshot `json:"snapshot"`
	Timers   []Timer  `json:"timers,omitempty"`
	Finished bool     `json:"finished,omitempty"`
	Clock    Clock    `json:"clock,omitzero"`
	// Refused is the code of a permanent refusal of the act just recorded; the details are in
	// the record (table acts), never in histories.
	Refused Code `json:"refused,omitempty"`
}
