package store

import (
	"slices"
	"time"

	"haochaping/regulation"
)

// ProposalState is where a proposal of a notice or of an edition stands.
type ProposalState string

// States of a proposal; all but the first are final.
const (
	Proposed  ProposalState = "proposed"
	InForce   ProposalState = "in_force"
	Rejected  ProposalState = "rejected"
	Withdrawn ProposalState = "withdrawn"
	Revoked   ProposalState = "revoked" // was approved, and an edition until a second proposal revoked it before its day
	// ToCome is how an edition that was approved is told until its day; the record says InForce.
	ToCome ProposalState = "to_come"
)

// Proposal is who proposed something, who decided on it, and how.
type Proposal struct {
	ID         string
	Author     string
	AuthorFor  string // in whose place the author proposed, "" for nobody
	ProposedAt time.Time
	State      ProposalState
	DecidedBy  string
	DecidedAt  time.Time
	Remark     string
}

// Verdict is a decision on a proposal: InForce and Rejected by a second person, Withdrawn by the
// author.
type Verdict struct {
	State  ProposalState
	Person string
	// For is whose place the person takes, "" for none: nobody reviews a proposal of their own in
	// another's stead either.
	For    string
	Remark string
}

const longestRemark = 500 // characters

// check refuses a verdict by the rule of four eyes, and one on what was decided before.
func (v Verdict) check(p Proposal) error {
	took := []string{p.Author}
	if p.AuthorFor != "" {
		took = append(took, p.AuthorFor)
	}
	own := slices.Contains(took, v.Person) || slices.Contains(took, v.For)
	switch {
	case p.State != Proposed:
		return &regulation.Error{Code: regulation.NotNow, Clause: regulation.ClauseInterpretive, Missing: "proposal_decided"}
	case v.State == Withdrawn && v.Person != p.Author:
		return &regulation.Error{Code: regulation.NotPermitted, Clause: regulation.ClauseInterpretive, Missing: "not_your_proposal"}
	case v.State != Withdrawn && own:
		return &regulation.Error{Code: regulation.FourEyes, Clause: regulation.ClauseInterpretive, Missing: "own_proposal"}
	case v.State == Rejected && v.Remark == "":
		return invalid("remark", "required")
	case len([]rune(v.Remark)) > longestRemark:
		return invalid("remark", "too_long")
	}
	return nil
}

// invalid refuses one field.
func invalid(field, code string) *regulation.Error {
	return (&regulation.Error{Code: regulation.Invalid, Clause: regulation.ClauseInterpretive, Missing: "fields"}).Field(field, code)
}
