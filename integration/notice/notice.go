// Package notice is the seam between the product and the ways by which its people are told that something waits
// for them: mail, SMS, webhook. A notice says number, what, until when and where; nothing of a rater, and no
// words of a case.
package notice

import (
	"context"
	"errors"
	"time"
)

// Notice is one message to one person by one way.
type Notice struct {
	// ID is the same however often it is sent: whoever got it before can tell.
	ID string
	// To is a mail address or a telephone number; for a webhook the person's id.
	To       string
	Language string // zh, bo, en
	Subject  string
	Text     string
	At       time.Time // when it was made
	Items    []Item    // what it tells of, for machines; none in a confirmation code
}

// Item is one thing that a notice tells of.
type Item struct {
	Kind   string    `json:"kind"`
	Number string    `json:"number,omitempty"` // of the case
	What   string    `json:"what,omitempty"`   // the act that is asked for, or the alarm's kind
	Until  time.Time `json:"until,omitzero"`
	Link   string    `json:"link,omitempty"`
}

// Send hands a notice over. The error is a *Failure, or the context's.
type Send func(ctx context.Context, n Notice) error

// Codes of failures.
const (
	Unreachable  = "unreachable"  // nothing was sent
	Unclear      = "unclear"      // sent, and no answer: it may have arrived
	Broken       = "broken"       // the other side had an error
	Throttled    = "throttled"    // come back later
	Unauthorised = "unauthorised" // it does not accept who we are
	NotNow       = "not_now"      // this one not yet: greylisting, a full mailbox
	Refused      = "refused"      // this one never: no such mailbox, a number that is none
)

// Failure is why a notice was not sent.
type Failure struct {
	Code string
	// Reply is the other side's own number for it, 0 where it gave none. Its words are left out: they may
	// repeat the address.
	Reply      int
	RetryAfter time.Duration // 0 where the other side does not say
	Cause      error         // for nobody but a test: it may hold the address
}

// Error implements error; it holds neither address nor content.
func (f *Failure) Error() string { return "notice: " + f.Code }

// Permanent tells that sending it again would not help.
func (f *Failure) Permanent() bool { return f.Code == Refused }

// OfTheWay tells that others by the same way would fare alike.
func (f *Failure) OfTheWay() bool { return f.Code != Refused && f.Code != NotNow }

// FailureOf is the failure that an error is or holds, nil where it is another kind of error.
func FailureOf(err error) *Failure {
	var f *Failure
	if errors.As(err, &f) {
		return f
	}
	return nil
}
