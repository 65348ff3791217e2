// Package drill plays a quarter of the prefecture on the running product within about ninety
// seconds: thousands of ratings, holidays with make-up days, every path of the regulation,
// deadlines met and missed. It acts over HTTP as citizens and offices do, and judges each case by
// what its path has to come to.
package drill

import (
	"cmp"
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"haochaping/standalone/visit"
	"haochaping/store"
	"haochaping/workday"
)

// Plan is what a drill plays.
type Plan struct {
	Days    int    // of the drill's calendar
	Ratings int    // good and bad
	Bad     int    // of them
	Seed    uint64 // of who rates where and when
	// Who draws the next rater at a window, by its code; nil has all say the same. Several ask at once.
	Who func(window string) Rater
}

// Rater is what somebody who rates says.
type Rater struct {
	Form  visit.Fields // the rating's text, and contact_*
	Words string       // what they say later: when they are called, or in an objection
}

// rater is whoever rates next at a window. Those who rate well say nothing unless the plan has them.
func (p Plan) rater(window string, well bool) Rater {
	switch {
	case p.Who != nil:
		return p.Who(window)
	case well:
		return Rater{}
	}
	return Rater{Words: made, Form: fields{"text": made, "contact_phone": "13800000000", "contact_name": "演练", "contact_language": "zh",
		"contact_time": "morning", "contact_consent": "true"}}
}

// Result is what came of a drill.
type Result struct {
	Plan
	From, Until time.Time // by the drill's clock
	Took        time.Duration
	Stories     []*story
	Rated       int64
	Failed      []error // ratings that were not taken
	Most        int64   // acts behind at once, at the worst moment that was looked at
	office      office
	offices     []error // what the offices' work beside the cases came to otherwise than it has to
}

// officeOpens and officeCloses bound the hours in which citizens rate.
const (
	officeOpens  = 9 * time.Hour
	officeCloses = 17 * time.Hour
)

// Run plays the plan until every story has ended or the days are over.
func Run(ctx context.Context, site Site, p Plan) (*Result, error) {
	t, err := newTown(site)
	if err != nil {
		return nil, err
	}
	began := time.Now()
	r := &Result{Plan: p, From: t.now()}
	ctx, cancel := context.WithTimeout(ctx, t.Clock.Wait(began, r.From.AddDate(0, 0, p.Days)))
	defer cancel()
	var g errgroup.Group
	g.Go(func() error { return t.rateWell(ctx, p, r) })
	var governed, watched error
	g.Go(func() error { r.office, governed = t.govern(ctx, r.From, p); return nil })
	g.Go(func() error { watched = t.keepWatch(ctx); return nil })
	r.Stories = t.stories(p)
	var lives sync.WaitGroup
	for i, s := range r.Stories {
		s.change = p.begins(r.From)
		lives.Go(func() {
			meant := t.opening(r.From, s.script, i, p)
			if s.err = t.sleep(ctx, meant); s.err == nil {
				codes := t.codes(s.script.at)
				window := cmp.Or(s.script.window, codes[i%len(codes)])
				s.rater = p.rater(window, false)
				s.live(ctx, window)
			}
		})
	}
	done := make(chan struct{})
	go t.watch(ctx, r, done)
	lives.Wait()
	err = g.Wait()
	close(done)
	r.offices = slices.DeleteFunc([]error{governed, watched}, func(err error) bool { return err == nil })
	r.Until, r.Took = t.now(), time.Since(began)
	return r, err
}

// stories deals the bad ratings out to the scripts by their weights, each at least once.
func (t *town) stories(p Plan) []*story {
	all := make([]*story, 0, p.Bad)
	weights := 0
	for _, s := range scripts {
		weights += s.share
	}
	for _, s := range longest() {
		n := max(1, p.Bad*s.share/weights)
		if s.once {
			n = 1
		}
		for range n {
			all = append(all, &story{town: t, script: s})
		}
	}
	return all
}

// opening is when a bad rating is given: on a working day, early enough for its path to end.
func (t *town) opening(from time.Time, s script, i int, p Plan) time.Time {
	first, last := s.opens(p)
	random := rand.New(rand.NewPCG(p.Seed, uint64(i)))
	day := workday.National().Add(workday.DateOf(from), first+random.IntN(last-first+1)).Date
	return day.Start().Add(officeOpens + time.Duration(random.Int64N(int64(officeCloses-officeOpens))))
}

// opens are the first and the last working day on which a path may begin.
func (s script) opens(p Plan) (first, last int) {
	first, last = 1, max(1, p.Days*5/7-s.lasting-8) // that are left to begin in, about
	change := p.editionIn()
	switch s.under {
	case before:
		last = min(last, change-1)
	case eve:
		first, last = max(1, change-4), change-1
	case after:
		first, last = change, max(change, last)
	}
	return first, last
}

// manned are the units of the counties with enough people for four eyes on every path.
var manned = []string{"513301-psb", "513301-mkt", "513322-psb", "513322-mkt"}

// codes are the windows of a unit, "" for any that is manned.
func (t *town) codes(unit string) []string {
	var found []string
	for _, w := range t.data.Windows {
		if w.Unit == unit || unit == "" && slices.Contains(manned, w.Unit) {
			found = append(found, w.Code)
		}
	}
	return found
}

// citizensAtOnce give the good ratings.
const citizensAtOnce = 4

// rateWell gives the good ratings, spread over the working days.
func (t *town) rateWell(ctx context.Context, p Plan, r *Result) error {
	var g errgroup.Group
	g.SetLimit(citizensAtOnce)
	var mu sync.Mutex
	n := p.Ratings - p.Bad
	for i := range n {
		at := r.From.Add(time.Duration(float64(p.Days) * 0.9 * 24 * float64(time.Hour) * float64(i) / float64(n)))
		if !workday.National().IsWorkday(workday.DateOf(at)) {
			at = workday.National().Add(workday.DateOf(at), 1).Date.Start().Add(officeOpens)
		}
		if err := t.sleep(ctx, at); err != nil {
			break
		}
		g.Go(func() error {
			if err := t.rateOne(ctx, p, i); err != nil {
				mu.Lock()
				defer mu.Unlock()
				r.Failed = append(r.Failed, err)
				return nil
			}
			atomic.AddInt64(&r.Rated, 1)
			return nil
		})
	}
	return g.Wait()
}

func (t *town) rateOne(ctx context.Context, p Plan, i int) error {
	random := rand.New(rand.NewPCG(p.Seed, uint64(1_000_000+i)))
	window := t.data.Windows[random.IntN(len(t.data.Windows))]
	_, err := newPerson(t.Address).rates(ctx, window.Code, 3+random.IntN(3), p.rater(window.Code, true).Form)
	return err
}

// watch notes how far the product falls behind.
func (t *town) watch(ctx context.Context, r *Result, done <-chan struct{}) {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		select {
		case <-done:
			return
		case <-tick.C:
			if behind, err := t.Record.Behind(ctx); err == nil {
				r.Most = max(r.Most, behind)
			}
		}
	}
}

// Latest is by how much of real time a deadline may be recorded after it was due. The engine's timers came
// 0.18 s late at the most where they were measured alone; what a drill adds is its load.
const Latest = 5 * time.Second

// Late tells whether a deadline was recorded too late.
func Late(l store.Lateness) bool { return l.Most > Latest.Seconds() }

// Busy tells whether the machine was too slow for some step of any story: then it was for the product too.
func (r *Result) Busy() bool {
	return slices.ContainsFunc(r.Stories, func(s *story) bool { return s.behind > tolerance })
}

// Wrong lists what did not end as it had to.
func (r *Result) Wrong() []error {
	wrong := append(slices.Clone(r.Failed), r.failed(func(s *story) bool { return !s.slow() })...)
	if !r.Busy() {
		wrong = append(wrong, r.offices...)
	}
	return wrong
}

// Slow lists what did not end as it had to after the machine had been too slow for it: that says nothing
// about the product.
func (r *Result) Slow() []error {
	slow := r.failed((*story).slow)
	if r.Busy() {
		slow = append(slow, r.offices...)
	}
	return slow
}

func (r *Result) failed(which func(*story) bool) (failed []error) {
	for _, s := range r.Stories {
		if s.err != nil && which(s) {
			failed = append(failed, fmt.Errorf("%s: %w", s.script.name, s.err))
		}
	}
	return failed
}
