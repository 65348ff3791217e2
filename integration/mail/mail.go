// Package mail sends notices as mails: through an office's SMTP server, or, where a demo has none, into a folder.
package mail

import (
	"context"
	"errors"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/wneessen/go-mail"

	"haochaping/integration/notice"
)

// patience is how long the server may take to answer, and once more for the mail itself.
const patience = 15 * time.Second

// Longest is how long one mail may take.
const Longest = 3 * patience

// Server is an SMTP server.
type Server struct {
	host    string
	from    string
	options []mail.Option
}

// Wrong inputs of New; none repeats what was given.
var (
	errAddress  = errors.New("want smtp://host:587 or smtps://host:465, with user@ where the server asks for one, and no password")
	errPassword = errors.New("a user needs the file of a password")
	errFrom     = errors.New("not a mail address")
)

// New makes a server of its address: smtp://host:587 begins in the clear and has to change to TLS, but on this
// machine; smtps://host:465 is TLS from the start. from is the sender's address.
func New(address, password, from string, onThisMachine func(host string) bool) (Server, error) {
	u, err := url.Parse(address)
	if err != nil || u.Hostname() == "" || u.Path != "" || u.RawQuery != "" {
		return Server{}, errAddress
	}
	if _, given := u.User.Password(); given {
		return Server{}, errAddress
	}
	s := Server{host: u.Hostname(), from: from}
	port, err := strconv.Atoi(u.Port())
	if err != nil {
		return Server{}, errAddress
	}
	s.options = []mail.Option{mail.WithPort(port), mail.WithTimeout(patience), mail.WithoutNoop()}
	switch {
	case u.Scheme == "smtps":
		s.options = append(s.options, mail.WithSSL())
	case u.Scheme != "smtp":
		return Server{}, errAddress
	case onThisMachine(net.JoinHostPort(u.Hostname(), u.Port())):
		s.options = append(s.options, mail.WithTLSPolicy(mail.TLSOpportunistic))
	default:
		s.options = append(s.options, mail.WithTLSPolicy(mail.TLSMandatory))
	}
	if user := u.User.Username(); user != "" {
		if password == "" {
			return Server{}, errPassword
		}
		s.options = append(s.options, mail.WithSMTPAuth(mail.SMTPAuthAutoDiscover), mail.WithUsername(user), mail.WithPassword(password))
	}
	if !ValidAddress(from) {
		return Server{}, errFrom
	}
	_, err = mail.NewClient(s.host, s.options...)
	return s, err
}

// ValidAddress tells whether a text is a bare mail address, without a name.
func ValidAddress(address string) bool {
	m := mail.NewMsg()
	return m.To(address) == nil && len(m.GetToString()) == 1 && m.GetToString()[0] == "<"+address+">"
}

// letter is a notice as a mail. Its Message-ID is the notice's, so that a mail that is sent twice is one for
// whoever keeps mails.
func letter(n notice.Notice, from, domain string, options ...mail.MsgOption) (*mail.Msg, error) {
	m := mail.NewMsg(append(options, mail.WithNoDefaultUserAgent())...)
	if err := m.From(from); err != nil {
		return nil, err
	}
	if err := m.To(n.To); err != nil {
		return nil, &notice.Failure{Code: notice.Refused, Cause: err}
	}
	m.SetMessageIDWithValue(n.ID + "@" + domain)
	m.SetDateWithValue(n.At)
	m.SetGenHeader("Auto-Submitted", "auto-generated")
	m.SetGenHeader("Content-Language", n.Language)
	m.Subject(n.Subject)
	m.SetBodyString(mail.TypeTextPlain, n.Text)
	return m, nil
}

// Send implements notice.Send: a connection a mail.
func (s Server) Send(ctx context.Context, n notice.Notice) error {
	m, err := letter(n, s.from, domainOf(s.from))
	if err != nil {
		return err
	}
	client, err := mail.NewClient(s.host, s.options...)
	if err != nil {
		return &notice.Failure{Code: notice.Unauthorised, Cause: err}
	}
	if err := client.DialWithContext(ctx); err != nil {
		return ofDialling(err)
	}
	defer func() { _ = client.Close() }() // what was taken was taken
	if err := client.Send(m); err != nil && !m.IsDelivered() {
		return ofSending(err)
	}
	return nil
}

func domainOf(address string) string {
	for i := len(address) - 1; i >= 0; i-- {
		if address[i] == '@' {
			return address[i+1:]
		}
	}
	return address
}

// Folder has mails written into a folder: what a demo without a server does, so that one can be looked at.
type Folder string

// demoSender is who mails in a folder are from: nobody can be reached there.
const demoSender = "haochaping@demo.invalid"

// Send implements notice.Send. A mail that is written again takes the place of the first.
func (f Folder) Send(_ context.Context, n notice.Notice) error {
	m, err := letter(n, demoSender, domainOf(demoSender), mail.WithEncoding(mail.NoEncoding)) // to be read in any editor
	if err != nil {
		return err
	}
	if err := os.MkdirAll(string(f), 0o700); err != nil {
		return &notice.Failure{Code: notice.Unreachable, Cause: err}
	}
	if err := m.WriteToFile(filepath.Join(string(f), n.At.UTC().Format("20060102-150405-")+n.ID+".eml")); err != nil {
		return &notice.Failure{Code: notice.Unreachable, Cause: err}
	}
	return nil
}
