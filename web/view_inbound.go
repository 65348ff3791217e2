package web

import "time"

// InboundView is the operator's page of what other systems send: counts, ids and reasons. Posted fields of its
// form: upstream, reason, value, object.
type InboundView struct {
	Page
	Form
	Upstreams []UpstreamRow
	Parked    []ParkedRow
	Refused   []RefusedRow
}

// UpstreamRow is what one upstream sent, by outcome.
type UpstreamRow struct {
	Name, ID     string
	LastAt       time.Time
	Silent       bool
	Today, Month map[string]int64
}

// Outcomes are the columns of an upstream's counts, inbound.outcome.<code>.
func (*InboundView) Outcomes() []string { return []string{"accepted", "repeated", "parked", "refused"} }

// ParkedRow is a message that waits: inbound.reason.<Reason>.
type ParkedRow struct {
	Upstream, Name, ID, Kind, Reason, Value string // Name is the upstream's
	At                                      time.Time
	Mendable                                bool
}

// RefusedRow is a message that was refused.
type RefusedRow struct {
	Name, ID, Kind string // Name is the upstream's
	Reasons        []RefusedField
	At             time.Time
	Times          int64
}

// RefusedField is what was wrong with one field, as whoever runs the product calls it.
type RefusedField struct{ Field, Word string }

func (*InboundView) template() string { return "inbound" }
