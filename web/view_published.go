package web

import (
	"slices"
	"time"
)

// Setting is a parameter's value: with its unit param_unit.<code>, or, of a switch, with what its
// position means (Choice).
type Setting struct {
	Value        int
	Unit, Choice string
}

// PublishedValue is a parameter as everybody may know it: param.<Name> and param_meaning.<Name>.
// DecidedBy is a body, never a person, and empty for a default; BasisKey words the bases that the product brings.
type PublishedValue struct {
	Name, Clause         string
	Setting              Setting
	Before               Setting // of a change
	Since                time.Time
	SinceEdition         string
	Basis, BasisKey      string
	Interpretation       string
	DecidedBy, DecidedOn string
}

// PublishedEdition is an edition with every parameter; State is in_force, to_come or past:
// edition_state.<State>.
type PublishedEdition struct {
	Name   string
	From   time.Time
	State  string
	Values []PublishedValue
}

// PublishedChange is what an edition changed; State may also be revoked.
type PublishedChange struct {
	Edition      string
	From         time.Time
	State        string
	Values       []PublishedValue
	RevokedOn    time.Time
	RevokedBasis string
}

// PublishedNotice is a notice of the working calendar in force; Year stands for the number of one that
// the product brings.
type PublishedNotice struct {
	Place, Name, Number, IssuedOn, Basis string
	Year                                 int
	Since                                time.Time
	Days                                 []CalendarDay
}

// RulesView is what anybody may know of the rules by which ratings are handled (R56).
type RulesView struct {
	Page
	citizens
	Editions []PublishedEdition // the one that begins last first
	Log      []PublishedChange
	Notices  []PublishedNotice
}

func (*RulesView) template() string { return "rules" }

// InForce are the editions that are in force now: one.
func (v *RulesView) InForce() []PublishedEdition { return v.inState("in_force") }

// ToCome are the editions whose day is still to come.
func (v *RulesView) ToCome() []PublishedEdition { return v.inState("to_come") }

// Past are the editions that only cases opened under them still keep.
func (v *RulesView) Past() []PublishedEdition { return v.inState("past") }

func (v *RulesView) inState(state string) []PublishedEdition {
	return slices.DeleteFunc(slices.Clone(v.Editions), func(e PublishedEdition) bool { return e.State != state })
}
