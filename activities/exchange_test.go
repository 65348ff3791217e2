package activities_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"haochaping/activities"
	"haochaping/integration/platform"
	"haochaping/regulation"
	"haochaping/store"
	"haochaping/store/storetest"
	"haochaping/workday"
)

// line is a record, an upstream, and the exchange between them.
type line struct {
	*storetest.Record
	t        *testing.T
	upstream *platform.Simulator
	exchange activities.Exchange
	token    int64
	n        int
}

func onLines(t *testing.T, test func(t *testing.T, l *line)) {
	t.Helper()
	storetest.Run(t, func(t *testing.T, r *storetest.Record) { test(t, newLine(t, r, false)) })
}

// newLine makes the upstream; a forgetful one does not know a record again by its id.
func newLine(t *testing.T, r *storetest.Record, forgetful bool) *line {
	t.Helper()
	l := &line{Record: r.LoadDemo(t), t: t, upstream: platform.NewSimulator([]byte("a secret of the test"), forgetful, r.Clock.Now)}
	server := httptest.NewServer(l.upstream)
	t.Cleanup(server.Close)
	m := l.upstream.Mapping(server.URL)
	m.PerSecond, m.Timeout, m.GiveUpAfter, m.RetryMost = 1000, platform.Duration(time.Second), 3, platform.Duration(8*time.Second)
	l.must(l.NameUpstreams(t.Context(), []store.Upstream{{Name: m.Name, Title: m.Title, Simulated: true}}))
	l.exchange = l.node(m)
	l.hold("one")
	return l
}

// node is an exchange as one node works it.
func (l *line) node(m platform.Mapping) activities.Exchange {
	client := platform.New(m, l.Clock.Now)
	l.t.Cleanup(client.Close)
	return activities.Exchange{Record: l.Store, Client: client, Now: l.Clock.Now, Log: slog.New(slog.DiscardHandler)}
}

func (l *line) must(err error) {
	l.t.Helper()
	if err != nil {
		l.t.Fatal(err)
	}
}

func (l *line) hold(node string) {
	l.t.Helper()
	token, ok, err := l.AcquireLease(l.t.Context(), store.LeaseExchange("simulator"), node, 24*time.Hour)
	l.must(err)
	if !ok {
		l.t.Fatal("another holds the lease")
	}
	l.token = token
}

// rate stores ratings of a window, good ones, and takes them into the ledger.
func (l *line) rate(count int) (ids []string) {
	l.t.Helper()
	target, err := l.WindowTarget(l.t.Context(), "513301-w03")
	l.must(err)
	for range count {
		l.n++
		saved, err := l.SaveRating(l.t.Context(), store.Intake{Key: fmt.Sprint("key-", l.n), Text: "王某某，电话13812345678", Contact: store.Contact{Name: "扎西测试", Phone: "13812345678"},
			Rating: regulation.Rating{Channel: regulation.ChannelWeb, Target: regulation.TargetMatter, Grade: regulation.Satisfied, Place: target.Place(""),
				GivenAt: l.Clock.Now(), ReceivedAt: l.Clock.Now(), HasText: true}})
		l.must(err)
		ids = append(ids, saved.RatingID)
	}
	l.integrate()
	return ids
}

func (l *line) integrate() {
	l.t.Helper()
	token, _, err := l.AcquireLease(l.t.Context(), store.LeaseSequencer, "one", 24*time.Hour)
	l.must(err)
	_, _, err = l.IntegrateLeaves(l.t.Context(), token, 5000)
	l.must(err)
}

func (l *line) turn() { l.t.Helper(); l.must(l.exchange.Turn(l.t.Context(), l.token)) }

// turns lets time pass a second a turn.
func (l *line) turns(n int) {
	l.t.Helper()
	for range n {
		l.turn()
		l.Clock.Forward(time.Second)
	}
}

func (l *line) state() store.Exchange {
	l.t.Helper()
	all, err := l.Exchanges(l.t.Context())
	l.must(err)
	return all[0]
}

// holds that everything was delivered, once in effect.
func (l *line) delivered(count int) {
	l.t.Helper()
	n, e := l.upstream.Counts(), l.state()
	if n.Taken != count || n.Twice != 0 || n.Overtaken != 0 || e.Sent != count || e.Waiting != 0 || e.Parked != 0 {
		l.t.Errorf("the upstream %+v, the record %+v, want %d", n, e, count)
	}
}

func TestEverythingArrivesOnce(t *testing.T) {
	onLines(t, func(t *testing.T, l *line) {
		ids := l.rate(130)
		l.turn()
		l.delivered(130)
		if n := l.upstream.Counts(); n.Batches > 10 {
			t.Errorf("%d batches", n.Batches)
		}
		record := l.upstream.Held()[ids[0]+"-0"]
		if record["pf"] != "3" || record["satisfaction"] != "4" || record["areaCode"] != "513301000000" || record["deptCode"] == "" {
			t.Errorf("%v", record)
		}
		for _, record := range l.upstream.Held() {
			for name, value := range record {
				if name == "writingEvaluation" || value == "扎西测试" || value == "13812345678" {
					t.Fatalf("%s tells of the rater", name)
				}
			}
		}
		l.turn()
		l.delivered(130)
	})
}

func TestOutage(t *testing.T) {
	for name, fault := range map[string]platform.Fault{
		"answers 500":       {Status: 500},
		"answers 503":       {Status: 503},
		"throttles":         {Status: 429, RetryAfter: "2"},
		"does not know us":  {Status: 401},
		"answers 404":       {Status: 404},
		"breaks off":        {Break: true},
		"answers no JSON":   {Garble: true},
		"says nothing":      {Mute: true},
		"is slower than us": {Delay: 1200 * time.Millisecond, Status: 500},
	} {
		t.Run(name, func(t *testing.T) {
			l := newLine(t, storetest.SQLite(t), false)
			l.rate(40)
			l.upstream.Behave(fault)
			turns := 60
			if fault.Delay > 0 {
				turns = 3
			}
			l.turns(turns)
			if e := l.state(); e.Waiting != 40 || e.Parked != 0 || e.Failures == 0 || e.Code == "" {
				t.Errorf("in the outage: %+v", e)
			}
			if n := l.upstream.Counts(); n.Batches > 40 {
				t.Errorf("%d batches in a minute of outage", n.Batches)
			}
			l.upstream.Behave(platform.Fault{})
			l.turns(20)
			l.delivered(40)
		})
	}
}

func TestAWrongAddressParksNothing(t *testing.T) {
	l := newLine(t, storetest.SQLite(t), false)
	l.rate(5)
	l.upstream.Behave(platform.Fault{Status: 422})
	l.turns(120)
	if e := l.state(); e.Parked != 0 || e.Waiting != 5 {
		t.Errorf("%+v", e)
	}
}

func TestPoisonStopsNobodyElse(t *testing.T) {
	for name, fault := range map[string]func(is func(map[string]string) bool) platform.Fault{
		"answers 500 to a batch with it": func(is func(map[string]string) bool) platform.Fault { return platform.Fault{Poison: is} },
		"answers 400 to a batch with it": func(is func(map[string]string) bool) platform.Fault {
			return platform.Fault{Poison: is, PoisonStatus: 400}
		},
		"answers 413 to a batch with it": func(is func(map[string]string) bool) platform.Fault {
			return platform.Fault{Poison: is, PoisonStatus: 413}
		},
		"refuses it":               func(is func(map[string]string) bool) platform.Fault { return platform.Fault{Refuse: is} },
		"wants it later, for ever": func(is func(map[string]string) bool) platform.Fault { return platform.Fault{Later: is} },
	} {
		t.Run(name, func(t *testing.T) {
			onLines(t, func(t *testing.T, l *line) {
				ids := l.rate(60)
				poison := ids[0] + "-0" // the first of all: it may not come first again and again
				l.upstream.Behave(fault(func(r map[string]string) bool { return r["recordId"] == poison }))
				l.turns(8)
				if e := l.state(); e.Sent != 59 {
					t.Errorf("after eight seconds: %+v", e)
				}
				for range 5 { // others keep coming
					l.rate(1)
					l.turns(10)
				}
				parked, _, err := l.Parked(t.Context(), store.ListQuery{})
				l.must(err)
				if len(parked) != 1 || parked[0].ID != poison || parked[0].Code == "" {
					t.Fatalf("parked: %+v", parked)
				}
				if e := l.state(); e.Sent != 64 || e.Waiting != 0 || e.Failures != 0 {
					t.Errorf("%+v", e)
				}
				l.upstream.Behave(platform.Fault{})
				if _, err := l.ResendParked(t.Context(), "simulator", poison, regulation.Actor{Person: "p"}); err != nil {
					t.Fatal(err)
				}
				l.turns(2)
				l.delivered(65)
			})
		})
	}
}

func TestCrashBetweenSendingAndNoting(t *testing.T) {
	for _, forgetful := range []bool{false, true} {
		t.Run(fmt.Sprintf("forgetful %t", forgetful), func(t *testing.T) {
			storetest.Run(t, func(t *testing.T, r *storetest.Record) {
				l := newLine(t, r, forgetful)
				l.rate(30)
				ctx, crash := context.WithCancel(t.Context())
				l.upstream.Behave(platform.Fault{Taken: crash}) // the node dies as the upstream has taken it
				if err := l.exchange.Turn(ctx, l.token); err == nil {
					t.Fatal("the turn ended well")
				}
				if n := l.upstream.Counts(); n.Taken == 0 || l.state().Sent != 0 {
					t.Fatalf("%+v, %+v", n, l.state())
				}
				l.upstream.Behave(platform.Fault{})
				l.Clock.Forward(25 * time.Hour)
				l.hold("two")
				l.integrate()
				l.turns(3)
				l.delivered(30)
				if n := l.upstream.Counts(); (n.Asked > 0) != forgetful || (n.Duplicates > 0) == forgetful {
					t.Errorf("%+v", n)
				}
			})
		})
	}
}

func TestForgetfulUpstreamIsAskedAfterEveryUnclearAnswer(t *testing.T) {
	for name, fault := range map[string]platform.Fault{"breaks off": {Break: true}, "says nothing": {Mute: true}, "answers no JSON": {Garble: true}} {
		t.Run(name, func(t *testing.T) {
			l := newLine(t, storetest.SQLite(t), true)
			l.rate(40)
			l.upstream.Behave(fault)
			l.turns(10)
			l.upstream.Behave(platform.Fault{})
			l.turns(20)
			l.delivered(40)
		})
	}
}

func TestReplayCountsNothingTwice(t *testing.T) {
	for _, forgetful := range []bool{false, true} {
		t.Run(fmt.Sprintf("forgetful %t", forgetful), func(t *testing.T) {
			l := newLine(t, storetest.SQLite(t), forgetful)
			l.rate(30)
			l.turn()
			n, err := l.Replay(t.Context(), "simulator", workday.DateOf(l.Clock.Now()), regulation.Actor{Person: "p"})
			if err != nil || n != 30 {
				t.Fatal(n, err)
			}
			l.turns(3)
			l.delivered(30)
		})
	}
}

func TestTwoNodes(t *testing.T) {
	onLines(t, func(t *testing.T, l *line) {
		l.rate(200)
		l.must(l.ReleaseLease(t.Context(), store.LeaseExchange("simulator"), l.token))
		second := l.node(l.exchange.Client.Mapping)
		second.Record = l.Again(t).Store
		var working sync.WaitGroup
		for i, node := range []activities.Exchange{l.exchange, second} {
			working.Go(func() {
				for range 20 {
					token, ok, err := node.Record.AcquireLease(t.Context(), store.LeaseExchange("simulator"), fmt.Sprint("node ", i), time.Hour)
					if err != nil || !ok {
						continue
					}
					if err := node.Turn(t.Context(), token); err != nil && !errors.Is(err, store.ErrLeaseLost) {
						t.Error(err)
					}
					l.must(node.Record.ReleaseLease(t.Context(), store.LeaseExchange("simulator"), token))
				}
			})
		}
		working.Wait()
		l.hold("one")
		l.turns(2)
		l.delivered(200)
	})
}
