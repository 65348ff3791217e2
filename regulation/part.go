package regulation

import "slices"

// Part is what somebody did in a case that may bar them from another act on it: four eyes
// (clause 2, R28, R53).
type Part string

const (
	PartHandled       Part = "handled"                // acted for a unit
	PartVerified      Part = "verified"               // gathered evidence or recorded the finding
	PartJudged        Part = "judged"                 // accepted or rejected a rectification
	PartReviewed      Part = "reviewed_appeal"        // decided the appeal
	PartFlagged       Part = "flagged_malice"         // called the rating malicious
	PartWriteOff      Part = "proposed_write_off"     // their decision is what is to be approved
	PartApproved      Part = "approved_write_off"     //
	PartCredit        Part = "proposed_credit"        //
	PartFirst         Part = "approved_credit"        // gave the first of two approvals
	PartReattribution Part = "proposed_reattribution" //
	PartConfirmed     Part = "confirmed_malice"       // was the second person of a finding of malice
	PartDecided       Part = "decided_accountability" //
	PartReferred      Part = "referred_accountability"
	PartReply         Part = "released_reply" // the reply is theirs, whoever drafted it
)

// refusals maps a part to the code with which it bars.
var refusals = map[Part]string{
	PartHandled: "you_handled_it", PartVerified: "you_verified_it", PartJudged: "you_judged_it",
	PartReviewed: "you_reviewed_it", PartFlagged: "you_flagged_it", PartWriteOff: "you_proposed_it",
	PartApproved: "you_approved_it", PartCredit: "you_proposed_it", PartFirst: "you_approved_it", PartConfirmed: "you_confirmed_it",
	PartReattribution: "you_proposed_it", PartDecided: "you_decided_it", PartReferred: "you_referred_it", PartReply: "you_released_it",
}

// took tells whether a person took a part in the case.
func (c Case) took(part Part, person string) bool {
	switch part {
	case PartHandled:
		return contains(c.Handlers, person)
	case PartVerified:
		return contains(c.Verifiers, person)
	case PartJudged:
		return contains(c.Judges, person)
	}
	return contains(c.Parts[part], person)
}

// part notes that the actor took a part, and for whom.
func (m *move) part(part Part) {
	m.event.Parts = append(m.event.Parts, part)
	m.c.take(part, m.actor)
}

// take adds an actor, and those in whose place they act, to who took a part.
func (c *Case) take(part Part, actor Actor) {
	switch part {
	case PartHandled:
		c.Handlers = with(slices.Clip(c.Handlers), actor)
	case PartVerified:
		c.Verifiers = with(slices.Clip(c.Verifiers), actor)
	case PartJudged:
		c.Judges = with(slices.Clip(c.Judges), actor)
	default:
		if c.Parts == nil {
			c.Parts = map[Part][]string{}
		}
		c.Parts[part] = with(slices.Clip(c.Parts[part]), actor)
	}
}
