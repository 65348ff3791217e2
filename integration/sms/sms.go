// Package sms sends notices through an office's SMS gateway: a POST of JSON, signed with HMAC-SM3.
package sms

import (
	"context"
	"time"

	"haochaping/integration/notice"
)

// Gateway takes SMS over HTTPS.
type Gateway struct{ poster notice.Poster }

// patience is how long the gateway may take to answer.
const patience = 10 * time.Second

// New makes a gateway of its address and the secret that it gave us.
func New(address string, secret []byte) Gateway {
	return Gateway{notice.NewPoster(address, secret, patience)}
}

// message is what the gateway gets. The same reference again is the same message.
type message struct {
	Reference string `json:"reference"`
	Phone     string `json:"phone"`
	Text      string `json:"text"`
}

// Send implements notice.Send.
func (g Gateway) Send(ctx context.Context, n notice.Notice) error {
	return g.poster.Post(ctx, n.ID, message{n.ID, n.To, n.Text})
}
