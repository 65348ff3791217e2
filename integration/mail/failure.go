package mail

import (
	"errors"
	"net/textproto"

	"github.com/wneessen/go-mail"

	"haochaping/integration/notice"
)

// serviceClosing is the reply of a server that takes nothing from anybody for now.
const serviceClosing = 421

// ofDialling is why no conversation came about.
func ofDialling(err error) error {
	f := &notice.Failure{Code: notice.Unreachable, Cause: err}
	var reply *textproto.Error
	if errors.As(err, &reply) {
		f.Reply = reply.Code
		if f.Code = notice.Throttled; reply.Code >= 500 {
			f.Code = notice.Unauthorised
		}
	}
	return f
}

// ofSending is why a mail was not taken. A 4xx is greylisting, a full mailbox, a server that has too much to do;
// a 5xx to the recipient or the mail is for ever, one to the sender is about the settings.
func ofSending(err error) error {
	f := &notice.Failure{Code: notice.Unclear, Cause: err}
	var refused *mail.SendError
	if !errors.As(err, &refused) {
		return f
	}
	f.Reply = refused.ErrorCode()
	switch {
	case f.Reply == serviceClosing:
		f.Code = notice.Throttled
	case f.Reply >= 500 && refused.Reason == mail.ErrSMTPMailFrom:
		f.Code = notice.Unauthorised
	case f.Reply >= 500:
		f.Code = notice.Refused
	case f.Reply >= 400:
		f.Code = notice.NotNow
	}
	return f
}
