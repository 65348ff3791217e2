package web

import "time"

// Absence is an entry of a list of absences: who stands in from the first day to the last. State is
// absence.state.<code>: coming, running, over, revoked. Acting is who acts where the substitute is
// absent too, Chain who follows upon whom then. Revoke is the address that ends it, "" where the reader may not; Back is where that leads.
type Absence struct {
	Who, Substitute, Acting string
	Chain                   []string
	From, Until             time.Time
	Reason, State           string
	SetBy                   string
	SetAt                   time.Time
	RevokedBy               string
	RevokedAt               time.Time
	Revoke, Back            string
}

// Tone colours the state.
func (a Absence) Tone() string {
	switch a.State {
	case "running":
		return "warn"
	case "coming":
		return "info"
	}
	return ""
}

// AbsenceView is the reader's own absences, or those of the offices that they lead. Its form has the
// posted fields absent (of an office), substitute, from, until, reason; it has none where nobody may
// stand in.
type AbsenceView struct {
	Page
	Form
	Office   bool
	Longest  int // days
	Fields   []Field
	Absences []Absence
	StandsIn []Absence
}

func (*AbsenceView) template() string { return "absence" }

func (v *AbsenceView) titleKey() string {
	if v.Office {
		return "title.substitutions"
	}
	return "title.absence"
}

// Away tells somebody that they are entered as absent until a day, and who acts.
type Away struct {
	Until  time.Time
	Acting string
}
