package web

import (
	"errors"
	"time"

	"haochaping/regulation"
)

// UpstreamCard is how the exchange with one upstream stands.
type UpstreamCard struct {
	Name      string
	Title     string // in the upstream's own language
	Simulated bool
	Waiting   int
	Held      int // of the waiting, behind a parked earlier version
	Sent      int
	Parked    int
	Lag       Message  // of the oldest that waits
	P95       *Message // of what was sent within the hour; nil for nothing
	Hour      int      // how many that were
	Failures  int      // in a row
	Why       string   // exchange.why.<Why>, of the last failure
	Next      time.Time
	Last      time.Time // when it last took something
	Alarms    []string  // exchange.alarm.<code>
	Replay    string
}

// UnsentRow is a message that an upstream did not take, why (exchange.why.<Why>), and its own code.
type UnsentRow struct {
	Again    string // address
	ID       string
	Kind     string // rating, outcome
	Upstream string
	Area     string
	Why      string
	Code     string
	Since    time.Time
}

// ExchangeView shows the exchange with upstream platforms. May readers send again and replay.
type ExchangeView struct {
	Page
	May                    bool
	LagMinutes, ParkedMost int // from where on it is an alarm
	Upstreams              []UpstreamCard
	Parked                 []UnsentRow
	Pager
}

func (*ExchangeView) template() string { return "exchange" }

// ReplayView asks from which day on an upstream is to be sent everything once more, counts, and asks
// whether to.
type ReplayView struct {
	Page
	Upstream string
	Action   string
	Day      Field
	Counted  bool // what follows was counted
	Messages int64
	From     time.Time
}

func (*ReplayView) template() string { return "replay" }

// Wrong says beside the day what is wrong with it.
func (v *ReplayView) Wrong(err error) {
	var refused *regulation.Error
	if errors.As(err, &refused) && refused.Fields["from"] != "" {
		wrong := Msg("refusal." + refused.Fields["from"])
		v.Day.Error = &wrong
	}
}
