package activities_test

import (
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"haochaping/integration/notice"
	"haochaping/integration/sms"
	"haochaping/regulation"
	"haochaping/store"
)

// oneBad opens one case that waits for kd-supervisor-1.
func (l *telling) oneBad() regulation.Case {
	l.t.Helper()
	c, err := l.CaseByID(l.t.Context(), regulation.Scope{All: true}, l.bad(1))
	l.must(err)
	return c
}

// Each kind of what people are told reaches the mail server of whom it is for.
func TestEveryKindArrives(t *testing.T) {
	onTellings(t, func(t *testing.T, l *telling) {
		people := []string{"kd-supervisor-1", "gz-supervisor-1"}
		for _, login := range people {
			l.reached(login)
		}
		c := l.oneBad()
		l.after(2 * time.Minute)
		due := c.Deadlines[0]
		l.Clock.Forward(due.Due.Add(-4 * time.Hour).Sub(l.Clock.Now()))
		l.after(2 * time.Minute)
		l.Clock.Forward(due.Due.Add(time.Second).Sub(l.Clock.Now()))
		_, err := l.RecordDeadline(t.Context(), c.ID, due.ID)
		l.must(err)
		for range 3 { // over the night
			l.after(15 * time.Hour)
		}
		l.bad(1)
		l.server.Reply("RCPT", "550 5.1.1 no such mailbox") // which raises the alarm
		for range 30 {
			l.after(time.Hour)
		}
		all := strings.Join(l.mails(), "\n---\n")
		for kind, words := range map[string]string{regulation.ToldStep: "新的待办", regulation.ToldDue: "即将到期", regulation.ToldOverdue: "已逾期",
			regulation.ToldEscalation: "上报", regulation.ToldMessage: "新消息", regulation.ToldAlarm: "告警"} {
			if !strings.Contains(all, words+"：") {
				t.Errorf("%s: not told", kind)
			}
		}
		if t.Failed() {
			t.Log(all)
		}
	})
}

// A step that was done between bundling and sending is not told; the rest of the same notice is.
func TestAStepDoneMeanwhileIsNotTold(t *testing.T) {
	onTellings(t, func(t *testing.T, l *telling) {
		person := l.reached("kd-supervisor-1")
		first, second := l.oneBad(), l.oneBad()
		l.server.Reply("RCPT", "450 4.7.1 later") // it is bundled, and waits
		l.after(2 * time.Minute)
		l.accept(person, first)
		l.after(10 * time.Minute)
		text := l.want(1)[0]
		if strings.Contains(text, first.ID) || !strings.Contains(text, second.ID) || strings.Count(text, "新的待办：") != 1 {
			t.Errorf("%s", text)
		}
	})
}

// A notice that told of nothing else is dropped, and keeps nothing that comes later from being told at once.
func TestANoticeOfNothingButWhatWasDoneIsDropped(t *testing.T) {
	onTellings(t, func(t *testing.T, l *telling) {
		person := l.reached("kd-supervisor-1")
		choices, err := l.NoticeChoices(t.Context(), person)
		l.must(err)
		choices.Wants = map[string][]string{store.WayMail: {regulation.ToldStep}}
		l.must(l.SetNoticeChoices(t.Context(), person, choices))
		c := l.oneBad()
		l.server.Reply("RCPT", "450 4.7.1 later")
		l.after(2 * time.Minute)
		l.accept(person, c)
		l.after(time.Minute)
		l.want(0)
		figures, err := l.NoticeFigures(t.Context())
		l.must(err)
		if figures.Waiting != 0 || figures.Parked != 0 {
			t.Errorf("%+v", figures)
		}
		l.bad(1)
		l.after(2 * time.Minute)
		l.want(1)
	})
}

// accept has the supervisor accept a case.
func (l *telling) accept(person string, c regulation.Case) {
	l.t.Helper()
	actor, err := l.Actor(l.t.Context(), person)
	l.must(err)
	actor.As = actor.Assignments[0]
	act, err := l.SubmitAct(l.t.Context(), store.ActRequest{CaseID: c.ID, Kind: regulation.ActAccept, Actor: actor, Key: "accept-" + c.ID, ReceivedAt: l.Clock.Now()})
	l.must(err)
	step, err := l.RecordAct(l.t.Context(), c.ID, act.ID)
	l.must(err)
	if step.Snapshot.Phase != regulation.PhaseVerification {
		l.t.Fatalf("not accepted: %+v", step.Snapshot)
	}
}

// An address is sealed anew at a rotation, and still opens once the old key is retired.
func TestAnAddressOutlivesTheKeyThatSealedIt(t *testing.T) {
	onTellings(t, func(t *testing.T, l *telling) {
		l.reached("kd-supervisor-1")
		if named := l.addressesUnder(); named[0] != 1 {
			t.Fatalf("%v", named)
		}
		_, err := l.RotateKey()
		l.must(err)
		token, _, err := l.AcquireLease(t.Context(), store.LeaseRenewal, "one", time.Hour)
		l.must(err)
		_, err = l.RenewKeys(t.Context(), token)
		l.must(err)
		if named := l.addressesUnder(); named[0] != 0 || named[1] != 1 {
			t.Errorf("under the old and the new key: %v", named)
		}
		l.bad(1)
		l.after(2 * time.Minute)
		l.want(1)
	})
}

// addressesUnder counts the addresses that each master key opens, the oldest key first.
func (l *telling) addressesUnder() (counts []int64) {
	l.t.Helper()
	uses, err := l.KeyUses(l.t.Context())
	l.must(err)
	slices.SortFunc(uses, func(a, b store.KeyUse) int {
		switch {
		case a.Current:
			return 1
		case b.Current:
			return -1
		}
		return a.Made.Compare(b.Made)
	})
	for _, u := range uses {
		counts = append(counts, u.Named["addresses for notices"])
	}
	return counts
}

// toRaters has text messages go to a gateway's double.
func (l *telling) toRaters() *notice.Double {
	l.t.Helper()
	gateway := &notice.Double{Secret: []byte("sixteen bytes or more")}
	server := httptest.NewServer(gateway)
	l.t.Cleanup(server.Close)
	l.notices.Senders, l.notices.Official = map[string]notice.Send{store.WaySMS: sms.New(server.URL+"/in", gateway.Secret).Send}, "12345"
	l.tellRaters()
	return gateway
}

// tellRaters has the ledger take in what there is, and a turn made.
func (l *telling) tellRaters() {
	l.t.Helper()
	sequencer, _, err := l.AcquireLease(l.t.Context(), store.LeaseSequencer, "one", 240*time.Hour)
	l.must(err)
	_, _, err = l.IntegrateLeaves(l.t.Context(), sequencer, 1000)
	l.must(err)
	l.must(l.notices.Turn(l.t.Context(), l.token))
}

func TestRatersAreToldOnceInBothScripts(t *testing.T) {
	onTellings(t, func(t *testing.T, l *telling) {
		l.bad(1) // before text messages were set up
		l.tellRaters()
		gateway := l.toRaters()
		l.language = "bo"
		l.bad(1)
		gateway.FallSilent() // it has the message, and the answer is lost
		l.tellRaters()
		l.Clock.Forward(2 * time.Minute)
		l.tellRaters()
		for range 3 {
			l.Clock.Forward(2 * time.Minute)
			l.tellRaters()
		}
		taken := gateway.Taken()
		if len(taken) != 1 || taken[0]["phone"] != ratersPhone {
			t.Fatalf("%v", taken)
		}
		text := taken[0]["text"].(string)
		if !strings.Contains(text, "已收到") || !strings.Contains(text, "དཔྱད་བརྗོད") || strings.Contains(text, ratersWords) || strings.Contains(text, ratersName) {
			t.Errorf("%s", text)
		}
		if figures, err := l.NoticeFigures(t.Context()); err != nil || figures.Waiting != 0 {
			t.Errorf("%+v, %v", figures, err)
		}
	})
}
