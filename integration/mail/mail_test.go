package mail

import (
	"context"
	"errors"
	"mime"
	"net"
	"net/mail"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	gomail "github.com/wneessen/go-mail"

	"haochaping/integration/notice"
)

var aNotice = notice.Notice{ID: "n1", To: "someone@office.example", Language: "zh", Subject: "好差评：2 项提醒", Text: "一、GZ-1\n二、GZ-2\n",
	At: time.Date(2026, 3, 12, 1, 0, 0, 0, time.UTC)}

func here(host string) bool { return strings.HasPrefix(host, "127.0.0.1:") }

func serving(t *testing.T) (*Double, Server) {
	t.Helper()
	d, err := NewDouble(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(d.Close)
	s, err := New("smtp://"+d.Addr(), "", "hcp@office.example", here)
	if err != nil {
		t.Fatal(err)
	}
	return d, s
}

func TestAMailHasItsIdAndSaysThatAMachineWroteIt(t *testing.T) {
	d, s := serving(t)
	for range 2 {
		if err := s.Send(t.Context(), aNotice); err != nil {
			t.Fatal(err)
		}
	}
	taken := d.Taken()
	if len(taken) != 2 {
		t.Fatalf("%d mails", len(taken))
	}
	for _, text := range taken {
		m, err := mail.ReadMessage(strings.NewReader(strings.ReplaceAll(text, "\n", "\r\n")))
		if err != nil {
			t.Fatal(err)
		}
		subject, err := new(mime.WordDecoder).DecodeHeader(m.Header.Get("Subject"))
		if err != nil || subject != aNotice.Subject || m.Header.Get("Message-Id") != "<n1@office.example>" || m.Header.Get("Auto-Submitted") != "auto-generated" ||
			m.Header.Get("To") != "<someone@office.example>" {
			t.Errorf("%v %q %v", m.Header, subject, err)
		}
	}
}

func TestWhatEachReplyMeans(t *testing.T) {
	for name, c := range map[string]struct {
		verb, reply, code string
		permanent, ofWay  bool
	}{
		"greylisting":              {"RCPT", "450 4.7.1 come back later someone@office.example", notice.NotNow, false, false},
		"no such mailbox":          {"RCPT", "550 5.1.1 no someone@office.example here", notice.Refused, true, false},
		"content refused":          {"END", "554 5.7.1 spam", notice.Refused, true, false},
		"mailbox full at the end":  {"END", "452 4.2.2 full", notice.NotNow, false, false},
		"sender not allowed":       {"MAIL", "553 5.7.1 who are you", notice.Unauthorised, false, true},
		"server closing":           {"RCPT", "421 4.3.2 closing", notice.Throttled, false, true},
		"server full at the start": {"HI", "421 busy", notice.Throttled, false, true},
		"server wants nothing":     {"HI", "554 not you", notice.Unauthorised, false, true},
	} {
		t.Run(name, func(t *testing.T) {
			d, s := serving(t)
			d.Reply(c.verb, c.reply)
			err := s.Send(t.Context(), aNotice)
			f := notice.FailureOf(err)
			if f == nil || f.Code != c.code || f.Permanent() != c.permanent || f.OfTheWay() != c.ofWay {
				t.Fatalf("%+v of %v", f, err)
			}
			if strings.Contains(err.Error(), "someone") {
				t.Errorf("the error names whom it was for: %v", err)
			}
			if err := s.Send(t.Context(), aNotice); err != nil || len(d.Taken()) != 1 {
				t.Errorf("the next was not taken: %v", err)
			}
		})
	}
}

func TestACutConnection(t *testing.T) {
	d, s := serving(t)
	d.Cut("END")
	if f := notice.FailureOf(s.Send(t.Context(), aNotice)); f == nil || f.Code != notice.Unclear || len(d.Taken()) != 1 {
		t.Errorf("after the mail was taken: %+v", f)
	}
	d.Cut("HI")
	if f := notice.FailureOf(s.Send(t.Context(), aNotice)); f == nil || f.Code != notice.Unreachable {
		t.Errorf("before anything: %+v", f)
	}
}

func TestAServerThatIsDown(t *testing.T) {
	d, s := serving(t)
	d.Close()
	if f := notice.FailureOf(s.Send(t.Context(), aNotice)); f == nil || f.Code != notice.Unreachable {
		t.Errorf("%+v", f)
	}
}

func TestAServerThatSaysNothing(t *testing.T) {
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	s, err := New("smtp://"+listener.Addr().String(), "", "hcp@office.example", here)
	if err != nil {
		t.Fatal(err)
	}
	// The connection is waiting in the listener: only the time ends it.
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	s.options = append(s.options, gomail.WithTimeout(50*time.Millisecond))
	if f := notice.FailureOf(s.Send(ctx, aNotice)); f == nil || f.Code != notice.Unreachable {
		t.Errorf("%+v", f)
	}
}

func TestAddressesThatAreNone(t *testing.T) {
	for _, c := range []struct {
		address, password, from string
		want                    error
	}{
		{"smtp://127.0.0.1:25", "", "hcp@office.example", nil},
		{"smtps://hcp@mail.example:465", "secret", "hcp@office.example", nil},
		{"smtp://mail.example:587", "", "hcp@office.example", nil},
		{"smtps://hcp@mail.example:465", "", "hcp@office.example", errPassword},
		{"smtps://hcp:secret@mail.example:465", "", "hcp@office.example", errAddress},
		{"mail.example:465", "", "hcp@office.example", errAddress},
		{"http://mail.example:465", "", "hcp@office.example", errAddress},
		{"smtp://mail.example", "", "hcp@office.example", errAddress},
		{"smtp://mail.example:587", "", "office", errFrom},
		{"smtp://mail.example:587", "", "Office <hcp@office.example>", errFrom},
	} {
		if _, err := New(c.address, c.password, c.from, here); !errors.Is(err, c.want) {
			t.Errorf("%s from %s: %v, want %v", c.address, c.from, err, c.want)
		}
	}
}

// A server on another machine has to change to TLS: one that does not offer it gets nothing.
func TestNothingGoesOutInTheClear(t *testing.T) {
	d, _ := serving(t)
	s, err := New("smtp://"+d.Addr(), "", "hcp@office.example", func(string) bool { return false })
	if err != nil {
		t.Fatal(err)
	}
	if f := notice.FailureOf(s.Send(t.Context(), aNotice)); f == nil || len(d.Taken()) != 0 {
		t.Errorf("%+v, %d mails", f, len(d.Taken()))
	}
}

func TestAFolderTakesMailsOnceEach(t *testing.T) {
	folder := Folder(filepath.Join(t.TempDir(), "mail"))
	for range 2 {
		if err := folder.Send(t.Context(), aNotice); err != nil {
			t.Fatal(err)
		}
	}
	files, err := os.ReadDir(string(folder))
	if err != nil || len(files) != 1 || files[0].Name() != "20260312-010000-n1.eml" {
		t.Fatalf("%v, %v", files, err)
	}
	if content, err := os.ReadFile(filepath.Join(string(folder), files[0].Name())); err != nil || !strings.Contains(string(content), "一、GZ-1") {
		t.Errorf("cannot be read in an editor: %s, %v", content, err)
	}
}
