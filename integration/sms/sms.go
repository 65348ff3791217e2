// Package sms sends notices through an office's SMS gateway: a POST of JSON, signed with HMAC-SM3.
package sms

import (
	"context"
	"os"
	"path/filepath"
	"time"

	"haochaping/integration/notice"
	"haochaping/regulation"
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

// Folder has text messages written into a folder: what a demo without a gateway does, so that one can be looked at. The
// number is masked, since a folder is no vault.
type Folder string

// Send implements notice.Send. A message that is written again takes the place of the first.
func (f Folder) Send(_ context.Context, n notice.Notice) error {
	if err := os.MkdirAll(string(f), 0o700); err != nil {
		return &notice.Failure{Code: notice.Unreachable, Cause: err}
	}
	text := regulation.MaskPhone(n.To) + "\n\n" + n.Text + "\n"
	if err := os.WriteFile(filepath.Join(string(f), n.At.UTC().Format("20060102-150405-")+n.ID+".sms.txt"), []byte(text), 0o600); err != nil {
		return &notice.Failure{Code: notice.Unreachable, Cause: err}
	}
	return nil
}
