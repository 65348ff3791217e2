// Package webhook hands notices to another system of the prefecture, such as its office messenger, which finds
// the person by the account's id: a POST of JSON, signed with HMAC-SM3.
package webhook

import (
	"context"
	"time"

	"haochaping/integration/notice"
)

// Hook is the address of the other system.
type Hook struct{ poster notice.Poster }

// patience is how long the other system may take to answer.
const patience = 10 * time.Second

// New makes a hook of its address and the secret shared with it.
func New(address string, secret []byte) Hook {
	return Hook{notice.NewPoster(address, secret, patience)}
}

// event is what the other system gets. The same id again is the same notice.
type event struct {
	ID       string        `json:"id"`
	Person   string        `json:"person"`
	Language string        `json:"language"`
	Subject  string        `json:"subject"`
	Text     string        `json:"text"`
	At       time.Time     `json:"at"`
	Items    []notice.Item `json:"items"`
}

// Send implements notice.Send.
func (h Hook) Send(ctx context.Context, n notice.Notice) error {
	return h.poster.Post(ctx, n.ID, event{n.ID, n.To, n.Language, n.Subject, n.Text, n.At, append([]notice.Item{}, n.Items...)})
}
