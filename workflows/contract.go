package workflows

import "haochaping/regulation"

// Names that clients and workers share. Running cases depend on every one of them.
const (
	CaseType  = "case"       // workflow type
	TaskQueue = "haochaping" // where workers listen
	ActUpdate = "act"        // update: do a statutory act
	Reload    = "reload"     // signal: read the record again
)

// WorkflowID is the engine's id of a case's workflow.
func WorkflowID(caseID string) string { return "case/" + caseID }

// CaseInput starts a case's workflow. It carries the id alone: everything else is loaded from
// the record, so that a first start, a restart in a fresh engine and an act on a closed case
// are one path.
type CaseInput struct {
	CaseID string `json:"case_id"`
}

// ActRef points to an act whose row the API has stored: ids and codes, never its contents.
type ActRef struct {
	CaseID string             `json:"case_id"`
	ActID  string             `json:"act_id"` // also the update's id
	Kind   regulation.ActKind `json:"kind"`
	// Seen is the sequence of the record on which the act was found to be open.
	Seen int64 `json:"seen"`
}

// ActResult is the outcome of an act: the sequence which the case has reached, and the code of
// a refusal, "" when the act was done.
type ActResult struct {
	Seq     int64           `json:"seq"`
	Refused regulation.Code `json:"refused,omitempty"`
}
