package activities_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"haochaping/activities"
	"haochaping/integration/mail"
	"haochaping/integration/notice"
	"haochaping/integration/webhook"
	"haochaping/policies"
	"haochaping/regulation"
	"haochaping/store"
	"haochaping/store/storetest"
)

// telling is a record, an office's mail server, and what tells its people.
type telling struct {
	*storetest.Record
	t       *testing.T
	server  *mail.Double
	notices activities.Notices
	token   int64
	n       int
	// language is the raters'.
	language string
}

func onTellings(t *testing.T, test func(t *testing.T, l *telling)) {
	t.Helper()
	storetest.Run(t, func(t *testing.T, r *storetest.Record) {
		server, err := mail.NewDouble(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(server.Close)
		l := &telling{Record: r.LoadDemo(t), t: t, server: server}
		out, err := mail.New("smtp://"+server.Addr(), "", "hcp@office.example", func(string) bool { return true })
		l.must(err)
		guard, err := policies.New()
		l.must(err)
		l.notices = activities.Notices{Record: l.Store, Guard: guard, Senders: map[string]notice.Send{store.WayMail: out.Send},
			Address: "https://hcp.example", Now: l.Clock.Now, Log: slog.New(slog.DiscardHandler)}
		l.hold("one")
		test(t, l)
	})
}

func (l *telling) must(err error) {
	l.t.Helper()
	if err != nil {
		l.t.Fatal(err)
	}
}

func (l *telling) hold(node string) {
	l.t.Helper()
	token, ok, err := l.AcquireLease(l.t.Context(), store.LeaseNotices, node, 240*time.Hour)
	l.must(err)
	if !ok {
		l.t.Fatal("another holds the lease")
	}
	l.token = token
}

// after lets time pass and tells once before and once after it.
func (l *telling) after(d time.Duration) {
	l.t.Helper()
	l.must(l.notices.Turn(l.t.Context(), l.token))
	l.Clock.Forward(d)
	l.must(l.notices.Turn(l.t.Context(), l.token))
}

// reached notes and confirms the mail address of a login.
func (l *telling) reached(login string) (person string) {
	l.t.Helper()
	person = l.Person(l.t, login)
	l.must(l.SetNoticeAddress(l.t.Context(), person, store.WayMail, login+"@office.example", "123456"))
	l.must(l.ConfirmNoticeAddress(l.t.Context(), person, store.WayMail, "123456"))
	l.must(l.notices.Turn(l.t.Context(), l.token))
	l.Clock.Forward(time.Second)
	return person
}

const (
	ratersWords = "排队两个小时没有人理睬"
	ratersName  = "扎西测试"
	ratersPhone = "13812345678"
)

// bad opens cases that wait for kd-supervisor-1, and returns the last one's id.
func (l *telling) bad(count int) (id string) {
	l.t.Helper()
	target, err := l.WindowTarget(l.t.Context(), "513301-w03")
	l.must(err)
	for range count {
		l.n++
		saved, err := l.SaveRating(l.t.Context(), store.Intake{Key: fmt.Sprint("key-", l.n), Text: ratersWords, Contact: store.Contact{Name: ratersName, Phone: ratersPhone, Language: l.language},
			Rating: regulation.Rating{Channel: regulation.ChannelWeb, Target: regulation.TargetMatter, Grade: regulation.VeryDissatisfied, Place: target.Place(""),
				GivenAt: l.Clock.Now(), ReceivedAt: l.Clock.Now(), HasText: true}})
		l.must(err)
		id = saved.CaseID
	}
	return id
}

// mails are those about cases, decoded.
func (l *telling) mails() (all []string) {
	l.t.Helper()
	for _, text := range l.server.Taken() {
		if all = append(all, decoded(l.t, text)); strings.Contains(all[len(all)-1], "验证码") {
			all = all[:len(all)-1]
		}
	}
	return all
}

func (l *telling) want(count int) []string {
	l.t.Helper()
	all := l.mails()
	if len(all) != count {
		l.t.Fatalf("%d mails, want %d:\n%s", len(all), count, strings.Join(all, "\n---\n"))
	}
	return all
}

func TestStepsAreToldOnceInOneMail(t *testing.T) {
	onTellings(t, func(t *testing.T, l *telling) {
		l.bad(1) // before they asked to be told
		l.Clock.Forward(time.Minute)
		l.reached("kd-supervisor-1")
		l.bad(30)
		l.after(2 * time.Minute)
		text := l.want(1)[0]
		if !strings.Contains(text, "还有") || strings.Count(text, "https://hcp.example/cases/") != 20 {
			t.Errorf("30 in one: %s", text)
		}
		for _, secret := range []string{ratersWords, ratersName, ratersPhone} {
			if strings.Contains(text, secret) {
				t.Errorf("the mail holds %q", secret)
			}
		}
		l.after(time.Hour)
		l.want(1)
		l.bad(1)
		l.after(2 * time.Minute)
		l.want(2)
	})
}

func TestNothingGoesToAnAddressThatIsNotConfirmed(t *testing.T) {
	onTellings(t, func(t *testing.T, l *telling) {
		person := l.Person(t, "kd-supervisor-1")
		l.must(l.SetNoticeAddress(t.Context(), person, store.WayMail, "kd@office.example", "123456"))
		l.bad(1)
		l.after(2 * time.Minute)
		if all := l.server.Taken(); len(all) != 1 || !strings.Contains(decoded(t, all[0]), "123456") {
			t.Fatalf("%d mails", len(all))
		}
		for range 5 {
			if err := l.ConfirmNoticeAddress(t.Context(), person, store.WayMail, "654321"); fieldOf(err, "code") != "code_wrong" {
				t.Fatalf("a wrong code: %v", err)
			}
		}
		if err := l.ConfirmNoticeAddress(t.Context(), person, store.WayMail, "123456"); fieldOf(err, "code") != "code_over" {
			t.Errorf("after five wrong ones: %v", err)
		}
		l.must(l.SetNoticeAddress(t.Context(), person, store.WayMail, "kd@office.example", "222222"))
		if err := l.SetNoticeAddress(t.Context(), person, store.WayMail, "kd@office.example", "333333"); fieldOf(err, "address") != "code_just_sent" {
			t.Errorf("at once again: %v", err)
		}
		l.Clock.Forward(15 * time.Minute)
		if err := l.ConfirmNoticeAddress(t.Context(), person, store.WayMail, "222222"); fieldOf(err, "code") != "code_over" {
			t.Errorf("after 15 minutes: %v", err)
		}
	})
}

func fieldOf(err error, field string) string {
	var refused *regulation.Error
	if errors.As(err, &refused) {
		return refused.Fields[field]
	}
	return ""
}

func TestQuietHoursHoldBackAllButWhatIsUrgent(t *testing.T) {
	onTellings(t, func(t *testing.T, l *telling) {
		person := l.reached("kd-supervisor-1")
		l.Clock.Forward(12 * time.Hour) // Monday at 22:00
		l.bad(2)
		l.after(2 * time.Minute)
		l.want(0)
		l.after(10 * time.Hour)
		l.want(1)
		choices, err := l.NoticeChoices(t.Context(), person)
		l.must(err)
		choices.Quiet.Urgent = true
		l.must(l.SetNoticeChoices(t.Context(), person, choices))
		// Nobody accepts: on the evening after, nothing but what is overdue is told.
		l.Clock.Forward(14 * time.Hour)
		l.after(2 * time.Minute)
		for _, text := range l.mails()[1:] {
			if strings.Contains(text, "新的待办") || strings.Contains(text, "新消息") {
				t.Errorf("at night: %s", text)
			}
		}
	})
}

func TestGreylistingAndAServerThatIsAwayDelayAndLoseNothing(t *testing.T) {
	onTellings(t, func(t *testing.T, l *telling) {
		l.reached("kd-supervisor-1")
		l.bad(1)
		l.server.Reply("RCPT", "450 4.7.1 later")
		l.after(2 * time.Minute)
		l.want(0)
		l.server.Reply("HI", "421 busy")
		l.after(5 * time.Minute)
		l.after(5 * time.Minute)
		l.want(1)
		figures, err := l.NoticeFigures(t.Context())
		l.must(err)
		if figures.Waiting != 0 || figures.Parked != 0 {
			t.Errorf("%+v", figures)
		}
	})
}

func TestARefusedNoticeIsParkedWithAnAlarmUntilTheAddressIsMended(t *testing.T) {
	onTellings(t, func(t *testing.T, l *telling) {
		person := l.reached("kd-supervisor-1")
		l.bad(1)
		l.server.Reply("RCPT", "550 5.1.1 no such mailbox")
		l.after(2 * time.Minute)
		l.after(2 * time.Minute)
		l.want(0)
		if n := l.alarms(); n != 1 {
			t.Errorf("%d alarms", n)
		}
		parked, err := l.ParkedNotices(t.Context(), 10)
		l.must(err)
		if len(parked) != 1 || parked[0].Masked != "k***@office.example" || parked[0].Code != notice.Refused {
			t.Fatalf("%+v", parked)
		}
		l.server.Reply("RCPT", "550 5.1.1 no such mailbox")
		l.must(l.ResendNotice(t.Context(), parked[0].ID, regulation.Actor{Person: person}))
		l.after(time.Second)
		l.want(0)
		l.must(l.ResendNotice(t.Context(), parked[0].ID, regulation.Actor{Person: person}))
		if err := l.ResendNotice(t.Context(), parked[0].ID, regulation.Actor{Person: person}); err == nil {
			t.Error("what waits was sent again")
		}
		l.after(time.Second)
		l.want(1)
		l.bad(1)
		l.server.Reply("RCPT", "550 5.1.1 no such mailbox")
		l.after(12 * time.Minute)
		l.after(time.Minute)
		if n := l.alarms(); n != 1 {
			t.Errorf("%d alarms", n)
		}
		l.must(l.ForgetNoticeAddress(t.Context(), person, store.WayMail))
		l.after(time.Second)
		if n := l.alarms(); n != 0 {
			t.Errorf("%d alarms when nothing is parked", n)
		}
	})
}

func (l *telling) alarms() int {
	l.t.Helper()
	all, _, err := l.Alarms(l.t.Context(), regulation.Scope{All: true}, store.ListQuery{Sort: store.AlarmNotices})
	l.must(err)
	return len(all)
}

// A node that ends between sending and noting it leaves the notice under way; the next sends it once more, under
// the same id, by which a webhook knows it again.
func TestACrashBetweenSendingAndNotingIt(t *testing.T) {
	onTellings(t, func(t *testing.T, l *telling) {
		person := l.Person(t, "kd-supervisor-1")
		hook := &notice.Double{Secret: []byte("sixteen bytes or more")}
		server := httptest.NewServer(hook)
		t.Cleanup(server.Close)
		l.must(l.SetNoticeChoices(t.Context(), person, store.NoticeChoices{Wants: map[string][]string{store.WayWebhook: {regulation.ToldStep}}, Language: "en"}))
		l.Clock.Forward(time.Second)
		l.bad(1)
		send := webhook.New(server.URL+"/in", hook.Secret).Send
		sent := 0
		l.notices.Senders = map[string]notice.Send{store.WayWebhook: func(ctx context.Context, n notice.Notice) error {
			if sent++; sent == 1 {
				l.must(send(ctx, n))
				return context.Canceled // the process ends here
			}
			return send(ctx, n)
		}}
		l.must(l.notices.Turn(t.Context(), l.token))
		l.Clock.Forward(2 * time.Minute)
		if err := l.notices.Turn(t.Context(), l.token); !errors.Is(err, context.Canceled) {
			t.Fatalf("%v", err)
		}
		l.after(2 * time.Minute)
		taken := hook.Taken()
		if sent != 2 || len(taken) != 1 || taken[0]["person"] != person || taken[0]["language"] != "en" {
			t.Errorf("sent %d times, taken %v", sent, taken)
		}
	})
}

func TestANodeThatLostTheLeaseTellsNothing(t *testing.T) {
	onTellings(t, func(t *testing.T, l *telling) {
		l.reached("kd-supervisor-1")
		l.bad(1)
		old := l.token
		l.must(l.ReleaseLease(t.Context(), store.LeaseNotices, old))
		l.hold("two")
		if err := l.notices.Turn(t.Context(), old); !errors.Is(err, store.ErrLeaseLost) {
			t.Errorf("%v", err)
		}
		l.want(0)
	})
}
