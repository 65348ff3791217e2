package regulation

import "time"

// Outcome is how a case stands towards whoever keeps the rating too, such as the province's platform
// (9(3), R55): codes and instants that its events tell, so that it reads the same whenever it is asked
// for. Why a rating was written off is not in it (R46).
type Outcome struct {
	Seq     int64     // the event that last changed it
	At      time.Time // that event's instant
	Rated   Rated     // whom it counts for now
	Finding string    // of verification, "" before
	// RectifiedAt is when the authority accepted what was put right, RepliedAt when the reply went out;
	// both begin anew where the case is reopened.
	RectifiedAt time.Time
	RepliedAt   time.Time
	// Second is the grade that the rater gave afterwards, 0 for none (R27).
	Second     Grade
	WrittenOff bool // it counts no more
	Concluded  bool // the main line is closed
	Reopened   int  // how often
}

// Outcomes returns how a case's outcome stood from each event that changed it, in their order. Events are
// whole and in order. rated is whom the rating was attributed to when it was given.
func Outcomes(rated Rated, events []Event) []Outcome {
	var all []Outcome
	now := Outcome{Rated: rated}
	for _, e := range events {
		next := now.after(e)
		if next == now {
			continue
		}
		next.Seq, next.At = e.Seq, e.At
		all, now = append(all, next), next
	}
	return all
}

func (o Outcome) after(e Event) Outcome {
	switch {
	case e.Kind != EventAct:
	case ActKind(e.Name) == ActRecordFinding:
		o.Finding = e.Data["finding"]
	case ActKind(e.Name) == ActAcceptRectification:
		o.RectifiedAt = e.At
	case ActKind(e.Name) == ActReleaseReply:
		o.RepliedAt = e.At
	case ActKind(e.Name) == ActAnswerSurvey:
		o.Second, _ = ParseGrade(e.Data["grade"])
	}
	if e.Data["reopened"] != "" {
		o.Reopened++
		o.RectifiedAt, o.RepliedAt = time.Time{}, time.Time{}
	}
	for _, entry := range e.Entries {
		switch entry.Kind {
		case EntryWriteOff:
			o.WrittenOff = true
		case EntryReversal:
			o.WrittenOff = false
		case EntryReattribution:
			o.Rated = entry.To
		case EntryRevocation: // of a measure: nothing of the rating
		}
	}
	o.Concluded = e.To == PhaseAfter || e.To == PhaseClosed
	return o
}
