package app

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"time"

	"haochaping/activities"
	"haochaping/integration/mail"
	"haochaping/integration/notice"
	"haochaping/integration/sms"
	"haochaping/integration/webhook"
	"haochaping/policies"
	"haochaping/store"
)

// leastSecret is how many bytes the secret of a gateway or webhook has at least.
const leastSecret = 16

var (
	errSecret  = errors.New("want a file with a secret of 16 bytes or more")
	errUnsafe  = errors.New("want https, or http on this machine, and a host; no password")
	errNoFile  = errors.New("the file cannot be read")
	errNoRoute = errors.New("needs HAOCHAPING_URL: notices link to the product")
)

// secretOf reads a file, without the line end that editors leave.
func secretOf(file string) ([]byte, error) {
	if file == "" {
		return nil, nil
	}
	content, err := os.ReadFile(file) //nolint:gosec // the operator names it
	if err != nil {
		return nil, errNoFile
	}
	return bytes.TrimRight(content, "\r\n"), nil
}

// senders are the ways by which the settings have people told; wrong says by setting what is wrong with them.
func (s Settings) senders() (senders map[string]notice.Send, wrong map[string]error) {
	senders, wrong = map[string]notice.Send{}, map[string]error{}
	if s.Mail != "" {
		password, err := secretOf(s.MailPasswordFile)
		if err != nil {
			wrong["MAIL_PASSWORD_FILE"] = err
		}
		server, err := mail.New(s.Mail, string(password), s.MailFrom, onThisMachine)
		if err != nil {
			wrong["MAIL"] = err
		}
		senders[store.WayMail] = server.Send
	}
	for _, signed := range []struct {
		way, name, address, file string
		made                     func(string, []byte) notice.Send
	}{
		{store.WaySMS, "SMS", s.SMS, s.SMSKeyFile, func(address string, secret []byte) notice.Send { return sms.New(address, secret).Send }},
		{store.WayWebhook, "WEBHOOK", s.Webhook, s.WebhookKeyFile, func(address string, secret []byte) notice.Send { return webhook.New(address, secret).Send }},
	} {
		if signed.address == "" {
			continue
		}
		if !notice.Safe(signed.address, onThisMachine) {
			wrong[signed.name] = errUnsafe
		}
		secret, err := secretOf(signed.file)
		if err == nil && len(secret) < leastSecret {
			err = errSecret
		}
		if err != nil {
			wrong[signed.name+"_KEY_FILE"] = err
		}
		senders[signed.way] = signed.made(signed.address, secret)
	}
	if len(senders) > 0 && s.URL == "" {
		wrong["URL"] = errNoRoute
	}
	return senders, wrong
}

func (s Settings) wrongWays() map[string]error {
	_, wrong := s.senders()
	return wrong
}

// demoMails is the folder in the data folder into which a demo without a mail server writes its mails and text messages.
const demoMails = "demo-mails"

// openNotices makes ready to tell people.
func (a *App) openNotices(ctx context.Context) error {
	senders, _ := a.settings.senders() // what is wrong with them was told by Check
	demo, err := a.record.Demo(ctx)
	if err != nil {
		return err
	}
	if demo && a.settings.loopback() && senders[store.WayMail] == nil {
		a.mailFolder = filepath.Join(a.settings.Data, demoMails)
		senders[store.WayMail] = mail.Folder(a.mailFolder).Send
	}
	if demo && a.settings.loopback() && senders[store.WaySMS] == nil && a.mailFolder != "" {
		senders[store.WaySMS] = sms.Folder(a.mailFolder).Send
	}
	guard, err := policies.New()
	if err != nil {
		return err
	}
	address := strings.TrimRight(a.settings.URL, "/")
	if address == "" {
		address = "http://" + a.settings.Addr
	}
	a.notices = activities.Notices{Record: a.record, Guard: guard, Senders: senders, Address: address, Log: a.log,
		Official: a.settings.TelephoneNumber,
		Now:      func() time.Time { return a.clock.At(time.Now()) }}
	return nil
}

// noticesEvery is how often it is looked for something to tell.
const noticesEvery = 5 * time.Second

// tell tells people what lies before them until the process is stopped, while this node holds the lease. A server
// that does not answer holds up nothing else.
func (a *App) tell(ctx context.Context) {
	d := duty{name: store.LeaseNotices, every: noticesEvery}
	var held lease
	for every(ctx, d.every) {
		token, ok, err := a.record.AcquireLease(ctx, d.name, a.node, leaseTime+activities.LongestNotices)
		if err != nil && ctx.Err() == nil {
			a.log.Warn("lease", "duty", d.name, "error", err)
		}
		if !ok {
			held = lease{}
			continue
		}
		held = lease{token: token}
		err = a.notices.Turn(ctx, token)
		if err != nil && !errors.Is(err, store.ErrLeaseLost) && ctx.Err() == nil {
			a.log.Warn("duty failed", "duty", d.name, "error", err)
		}
	}
	a.release(d, held)
}
