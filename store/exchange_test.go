package store_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"gorm.io/gorm"

	"haochaping/regulation"
	"haochaping/store"
	"haochaping/workday"
)

const province = "sichuan"

// exchanging is a desk whose record an upstream follows.
type exchanging struct {
	*desk
	token int64
}

func onExchanges(t *testing.T, test func(t *testing.T, d exchanging)) {
	t.Helper()
	onDesks(t, func(t *testing.T, d *desk) {
		d.must(d.NameUpstreams(t.Context(), []store.Upstream{{Name: province, Title: "四川省平台"}}))
		test(t, exchanging{d, d.takeOver("one")})
	})
}

// takeOver takes the upstream's lease for a node.
func (d *desk) takeOver(node string) int64 {
	d.t.Helper()
	token, ok, err := d.AcquireLease(d.t.Context(), store.LeaseExchange(province), node, 24*time.Hour)
	d.must(err)
	if !ok {
		d.t.Fatal("another holds the lease")
	}
	return token
}

// follow takes everything into the ledger and has the upstream follow it.
func (d exchanging) follow(change ...func(*store.Following)) {
	d.t.Helper()
	d.integrate()
	f := store.Following{Upstream: province, Token: d.token}
	for _, c := range change {
		c(&f)
	}
	for read := 3; read == 3; {
		done, err := d.FollowLedger(d.t.Context(), f, 3)
		d.must(err)
		read = done.Read
	}
}

func (d exchanging) take(most int) store.Taken {
	d.t.Helper()
	taken, err := d.TakeDeliveries(d.t.Context(), province, d.token, most)
	d.must(err)
	return taken
}

// settle notes one state for all that was taken.
func (d exchanging) settle(state string, taken store.Taken) {
	d.t.Helper()
	t := store.Tries{Size: 100}
	for _, m := range taken.Deliveries {
		t.Messages = append(t.Messages, store.Tried{ID: m.ID, State: state})
	}
	d.must(d.SettleDeliveries(d.t.Context(), province, d.token, t))
}

func (d exchanging) state() store.Exchange {
	d.t.Helper()
	all, err := d.Exchanges(d.t.Context())
	d.must(err)
	if len(all) != 1 {
		d.t.Fatalf("%+v", all)
	}
	return all[0]
}

// drain sends all there is and returns the ids in the order in which they were taken.
func (d exchanging) drain() (ids []string) {
	d.t.Helper()
	for {
		taken := d.take(100)
		if len(taken.Deliveries) == 0 {
			return ids
		}
		for _, m := range taken.Deliveries {
			ids = append(ids, m.ID)
		}
		d.settle(store.DeliverySent, taken)
	}
}

func TestWhatIsInTheRecordIsDeliveredAndNothingElse(t *testing.T) {
	onExchanges(t, func(t *testing.T, d exchanging) {
		good := d.bad()
		good.Rating.Grade = regulation.Satisfied
		rating := d.save(good).RatingID
		bad := d.save(d.bad())
		unrecorded := d.bad()
		unrecorded.Key = ""
		if _, err := d.SaveRating(t.Context(), unrecorded); err == nil {
			t.Fatal("a rating without a key was taken")
		}
		d.follow()
		if got := d.drain(); len(got) != 2 || !slices.Contains(got, rating+"-0") || !slices.Contains(got, bad.RatingID+"-0") {
			t.Fatalf("%v", got)
		}
		d.upTo(bad.CaseID, regulation.ActRecordFinding)
		d.follow()
		if got := d.drain(); len(got) != 0 {
			t.Errorf("told of what changes no outcome: %v", got)
		}
		d.do(bad.CaseID, regulation.ActRecordFinding, forms[regulation.ActRecordFinding])
		d.follow()
		c := d.read(bad.CaseID)
		if got := d.drain(); !slices.Equal(got, []string{fmt.Sprintf("%s-%d", bad.RatingID, c.Seq)}) {
			t.Errorf("%v, want the finding, event %d", got, c.Seq)
		}
	})
}

func TestVersionsOfARatingKeepTheirOrder(t *testing.T) {
	onExchanges(t, func(t *testing.T, d exchanging) {
		saved := d.save(d.bad())
		for _, kind := range mainLine {
			d.do(saved.CaseID, kind, forms[kind])
		}
		d.follow()
		taken := d.take(100)
		if len(taken.Deliveries) != 1 || taken.Deliveries[0].Seq != 0 {
			t.Fatalf("taken at first: %+v", taken.Deliveries)
		}
		if more := d.take(100); !more.Unclear || len(more.Deliveries) != 1 || more.Deliveries[0].ID != taken.Deliveries[0].ID {
			t.Fatalf("the next came before the first was sent: %+v", more)
		}
		d.settle(store.DeliveryParked, taken)
		if more := d.take(100); len(more.Deliveries) != 0 {
			t.Fatalf("a later version overtook a parked one: %+v", more)
		}
		if e := d.state(); e.Parked != 1 || e.Held != 5 || e.Waiting != 5 {
			t.Errorf("%+v", e)
		}
		_, err := d.ResendParked(t.Context(), province, saved.RatingID+"-0", d.actor("gz-sysadmin"))
		d.must(err)
		got := d.drain()
		if len(got) != 6 || !slices.IsSortedFunc(got, func(a, b string) int { return int(seqOf(t, a) - seqOf(t, b)) }) {
			t.Errorf("%v", got)
		}
		if again := d.read(saved.CaseID); seqOf(t, got[5]) != again.Seq {
			t.Errorf("the last tells of event %s of %d", got[5], again.Seq)
		}
	})
}

func seqOf(t *testing.T, id string) (seq int64) {
	t.Helper()
	if _, err := fmt.Sscanf(id[len(id)-2:], "%d", &seq); err != nil {
		t.Fatal(id, err)
	}
	return max(seq, -seq)
}

func TestLeavesOutOfTheirOrderOvertakeNothing(t *testing.T) {
	onExchanges(t, func(t *testing.T, d exchanging) {
		saved := d.save(d.bad())
		for _, kind := range mainLine {
			d.do(saved.CaseID, kind, forms[kind])
		}
		// As if another machine's clock had been behind: the last events come first, the rating last.
		d.must(store.Tx(d.Store, t.Context(), func(tx *gorm.DB) error {
			return tx.Exec("UPDATE pending_leaves SET added_at = 1 WHERE ref = ?", fmt.Sprintf("%s/%d", saved.CaseID, d.read(saved.CaseID).Seq)).Error
		}))
		d.integrate()
		done, err := d.FollowLedger(t.Context(), store.Following{Upstream: province, Token: d.token}, 1)
		if err != nil || done.Read != 1 {
			t.Fatal(done, err)
		}
		if got := d.drain(); len(got) != 6 {
			t.Errorf("sent after the last event's leaf alone: %v", got)
		}
		d.follow()
		if got := d.drain(); len(got) != 0 {
			t.Errorf("sent again: %v", got)
		}
	})
}

// New ratings are taken as the ledger is followed: never one that is there already, nor of an upstream that fails,
// and whoever takes over finds them under way.
func TestNewRatingsAreTakenAsTheyAreRead(t *testing.T) {
	onExchanges(t, func(t *testing.T, d exchanging) {
		follow := func(take int) store.Followed {
			d.integrate()
			done, err := d.FollowLedger(t.Context(), store.Following{Upstream: province, Token: d.token, Take: take}, 100)
			d.must(err)
			return done
		}
		d.must(d.SettleDeliveries(t.Context(), province, d.token, store.Tries{Size: 2}))
		for range 3 {
			d.save(d.bad())
		}
		done := follow(5)
		if got := len(done.Taken.Deliveries); got != 2 || done.Waiting != 1 {
			t.Fatalf("taken %d, waiting %d; want as many as the upstream takes now", got, done.Waiting)
		}
		d.token = d.takeOver("one")
		if again := d.take(5); !again.Unclear || !slices.EqualFunc(again.Deliveries, done.Taken.Deliveries, func(a, b store.Delivery) bool { return a.ID == b.ID }) {
			t.Errorf("whoever takes over finds %+v", again)
		}
		d.settle(store.DeliverySent, done.Taken)
		if got := d.drain(); len(got) != 1 {
			t.Errorf("waited: %v", got)
		}
		if done := follow(5); done.Waiting != 0 || len(done.Taken.Deliveries) != 0 {
			t.Errorf("taken again: %+v", done)
		}
		d.must(d.SettleDeliveries(t.Context(), province, d.token, store.Tries{Failures: 1, Code: "broken", Next: d.Clock.Now().Add(time.Minute), Size: 5}))
		d.save(d.bad())
		if done := follow(5); len(done.Taken.Deliveries) != 0 || done.Waiting != 1 {
			t.Errorf("taken for an upstream that fails: %+v", done)
		}
	})
}

// A rating whose event came first is there already: it is not taken a second time.
func TestARatingThatAnEventBroughtIsNotTakenAgain(t *testing.T) {
	onExchanges(t, func(t *testing.T, d exchanging) {
		saved := d.save(d.bad())
		d.must(store.Tx(d.Store, t.Context(), func(tx *gorm.DB) error {
			return tx.Exec("UPDATE pending_leaves SET added_at = 1 WHERE kind = 'event'").Error
		}))
		d.integrate()
		f := store.Following{Upstream: province, Token: d.token, Take: 5}
		first, err := d.FollowLedger(t.Context(), f, 1)
		d.must(err)
		second, err := d.FollowLedger(t.Context(), f, 1)
		d.must(err)
		if first.Read+second.Read != 2 || len(first.Taken.Deliveries) != 1 || first.Taken.Deliveries[0].Rating != saved.RatingID || len(second.Taken.Deliveries) != 0 {
			t.Errorf("first %+v, then %+v", first, second)
		}
	})
}

func TestAnotherNodeTakesOverWhatIsUnderWay(t *testing.T) {
	onExchanges(t, func(t *testing.T, d exchanging) {
		d.save(d.bad())
		d.follow()
		taken := d.take(100)
		d.Clock.Forward(25 * time.Hour) // the node has died
		other := d
		other.token = d.takeOver("two")
		again := other.take(100)
		if !again.Unclear || len(again.Deliveries) != 1 || again.Deliveries[0].ID != taken.Deliveries[0].ID {
			t.Fatalf("%+v", again)
		}
		tries := store.Tries{Messages: []store.Tried{{ID: taken.Deliveries[0].ID, State: store.DeliveryParked}}}
		if err := d.SettleDeliveries(t.Context(), province, d.token, tries); !errors.Is(err, store.ErrLeaseLost) {
			t.Errorf("the first node settled: %v", err)
		}
		if _, err := d.TakeDeliveries(t.Context(), province, d.token, 1); !errors.Is(err, store.ErrLeaseLost) {
			t.Errorf("the first node took: %v", err)
		}
		if _, err := d.FollowLedger(t.Context(), store.Following{Upstream: province, Token: d.token}, 1); !errors.Is(err, store.ErrLeaseLost) {
			t.Errorf("the first node followed: %v", err)
		}
		other.settle(store.DeliverySent, again)
		if e := d.state(); e.Sent != 1 || e.Waiting != 0 {
			t.Errorf("%+v", e)
		}
	})
}

func TestUpstreamIsLeftInPeace(t *testing.T) {
	onExchanges(t, func(t *testing.T, d exchanging) {
		d.save(d.bad())
		d.follow()
		taken := d.take(100)
		next := d.Clock.Now().Add(time.Minute)
		d.must(d.SettleDeliveries(t.Context(), province, d.token, store.Tries{Failures: 3, Code: "broken", Next: next, Size: 7,
			Messages: []store.Tried{{ID: taken.Deliveries[0].ID, State: store.DeliveryWaiting, Code: "broken"}}}))
		if got := d.take(100); len(got.Deliveries) != 0 {
			t.Errorf("taken too early: %+v", got)
		}
		if e := d.state(); e.Failures != 3 || e.Code != "broken" || !e.Next.Equal(next) {
			t.Errorf("%+v", e)
		}
		d.Clock.Forward(time.Minute)
		if got := d.take(100); len(got.Deliveries) != 1 || got.Failures != 3 || got.Size != 7 || got.Unclear || got.Deliveries[0].Tried.IsZero() {
			t.Errorf("%+v", got)
		}
	})
}

func TestWhatIsLeftOut(t *testing.T) {
	onExchanges(t, func(t *testing.T, d exchanging) {
		early := d.save(d.bad())
		d.Clock.Forward(3 * 24 * time.Hour)
		late := d.bad()
		late.Rating.GivenAt = d.Clock.Now()
		lateSaved := d.save(late)
		own := late
		own.Key, own.Rating.ID, own.Rating.Source = d.key(), "", regulation.Source{ID: "sichuan-app", Ref: "SC-1"}
		ownSaved := d.save(own)
		for _, id := range []string{early.CaseID, ownSaved.CaseID} {
			d.upTo(id, regulation.ActAskConsent)
		}
		d.follow(func(f *store.Following) {
			f.From, f.Own = workday.DateOf(d.Clock.Now()).Start(), []string{"sichuan-app"}
		})
		got := d.drain()
		slices.Sort(got)
		want := []string{lateSaved.RatingID + "-0", fmt.Sprintf("%s-%d", ownSaved.RatingID, d.read(ownSaved.CaseID).Seq)}
		if slices.Sort(want); !slices.Equal(got, want) {
			t.Errorf("%v, want %v", got, want)
		}
	})
}

func TestReplayFromADay(t *testing.T) {
	onExchanges(t, func(t *testing.T, d exchanging) {
		d.save(d.bad())
		d.Clock.Forward(48 * time.Hour)
		in := d.bad()
		in.Rating.GivenAt, in.Rating.ReceivedAt = d.Clock.Now(), d.Clock.Now()
		second := d.save(in)
		d.follow()
		d.drain()
		today := workday.DateOf(d.Clock.Now())
		for from, want := range map[workday.Date]int64{today: 1, today.AddDays(-30): 2, today.AddDays(1): 0} {
			if n, err := d.CountReplay(t.Context(), province, from); err != nil || n != want {
				t.Errorf("from %s: %d, %v, want %d", from, n, err, want)
			}
		}
		if n := d.state().Sent; n != 2 {
			t.Errorf("the count changed something: %d sent", n)
		}
		n, err := d.Replay(t.Context(), province, today, d.actor("gz-sysadmin"))
		if err != nil || n != 1 {
			t.Fatal(n, err)
		}
		if e := d.state(); e.Lag > time.Minute {
			t.Errorf("a replay counts as lag: %s", e.Lag)
		}
		taken := d.take(100)
		if !taken.Unclear || len(taken.Deliveries) != 1 || taken.Deliveries[0].ID != second.RatingID+"-0" {
			t.Errorf("%+v", taken)
		}
		if lines, err := d.AuditLog(t.Context(), regulation.Scope{All: true}, store.AuditQuery{Action: "replay_exchange"}); err != nil || len(lines) != 1 || lines[0].Purpose != today.String()+" 1" {
			t.Errorf("%+v, %v", lines, err)
		}
	})
}

func TestExchangeAlarmsAndClearsItself(t *testing.T) {
	onExchanges(t, func(t *testing.T, d exchanging) {
		alarms := func() (details []string) {
			d.must(d.WatchExchange(t.Context()))
			all, _, err := d.Alarms(t.Context(), regulation.Scope{Areas: []string{regulation.PrefectureArea}}, store.ListQuery{Sort: store.AlarmExchange})
			d.must(err)
			for _, a := range all {
				details = append(details, a.Object+" "+a.Detail)
			}
			return details
		}
		d.save(d.bad())
		d.follow()
		if got := alarms(); len(got) != 0 {
			t.Fatalf("%v", got)
		}
		d.Clock.Forward(16 * time.Minute)
		if got := alarms(); !slices.Equal(got, []string{"sichuan late"}) {
			t.Errorf("%v", got)
		}
		d.settle(store.DeliveryParked, d.take(100))
		if got := alarms(); !slices.Equal(got, []string{"sichuan parked"}) {
			t.Errorf("%v", got)
		}
		if n, err := d.ResendParked(t.Context(), province, "", d.actor("gz-sysadmin")); err != nil || n != 1 {
			t.Error(n, err)
		}
		d.drain()
		if got := alarms(); len(got) != 0 {
			t.Errorf("%v", got)
		}
		d.save(d.bad())
		d.integrate()
		d.Clock.Forward(16 * time.Minute) // and nobody follows
		if got := alarms(); !slices.Equal(got, []string{"sichuan late"}) {
			t.Errorf("nobody follows: %v", got)
		}
		d.must(d.NameUpstreams(t.Context(), nil))
		if got := alarms(); len(got) != 0 {
			t.Errorf("retired: %v", got)
		}
	})
}

func TestLagIsOfWhatWasSentWithinTheHour(t *testing.T) {
	onExchanges(t, func(t *testing.T, d exchanging) {
		for range 19 {
			d.save(d.bad())
		}
		d.Clock.Forward(2 * time.Second)
		d.follow()
		d.drain()
		d.save(d.bad())
		in := d.bad()
		in.Rating.GivenAt, in.Rating.ReceivedAt = d.Clock.Now().Add(-time.Hour), d.Clock.Now()
		d.save(in) // cut off for an hour: its lag is ours from when it came
		d.Clock.Forward(30 * time.Minute)
		d.follow()
		d.drain()
		e := d.state()
		if e.LastHr != 21 || e.P95 != 30*time.Minute || e.Lag != 0 {
			t.Errorf("%+v", e)
		}
		d.Clock.Forward(40 * time.Minute)
		if e := d.state(); e.LastHr != 2 {
			t.Errorf("%+v", e)
		}
	})
}

func TestContentsReadTheSameLater(t *testing.T) {
	onExchanges(t, func(t *testing.T, d exchanging) {
		saved := d.save(d.bad())
		d.upTo(saved.CaseID, regulation.ActAskConsent)
		d.follow()
		d.drain()
		all := []store.Delivery{{Rating: saved.RatingID}, {Rating: saved.RatingID, Seq: d.read(saved.CaseID).Seq, Case: saved.CaseID}}
		before, err := d.Contents(t.Context(), all, false)
		d.must(err)
		if before[0].Unit.ID != "513301-psb" || before[0].Text != "" || before[0].Number != "" || before[1].Number != saved.CaseNumber || before[1].Outcome.Finding != "substantiated" {
			t.Errorf("%+v", before)
		}
		for _, kind := range mainLine[4:] {
			d.do(saved.CaseID, kind, forms[kind])
		}
		after, err := d.Contents(t.Context(), all, true)
		d.must(err)
		if after[1].Outcome != before[1].Outcome {
			t.Errorf("%+v, before %+v", after[1].Outcome, before[1].Outcome)
		}
		if after[0].Text != ownWords {
			t.Errorf("the words are %q", after[0].Text)
		}
	})
}

func TestResendingWhatIsNotParked(t *testing.T) {
	onExchanges(t, func(t *testing.T, d exchanging) {
		saved := d.save(d.bad())
		d.follow()
		d.drain()
		if _, err := d.ResendParked(t.Context(), province, saved.RatingID+"-0", d.actor("gz-sysadmin")); !isCode(err, regulation.NotFound) {
			t.Error(err)
		}
		if parked, _, err := d.Parked(t.Context(), store.ListQuery{}); err != nil || len(parked) != 0 {
			t.Error(parked, err)
		}
	})
}
