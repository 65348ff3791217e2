package store

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"time"

	"golang.org/x/sync/errgroup"

	"haochaping/regulation"
	"haochaping/store/seed"
	"haochaping/workday"
)

// FactDemoHistory is the day before which a demo's ratings are made up.
const FactDemoHistory = "demo_history"

// historyQuarters are those before the present one that a demo has ratings of: two make a row of periods.
const historyQuarters = 2

// LoadDemo loads an empty database as Load does, as a demo that has been in use for a while: with ratings of the last quarters
// and of this one up to the day before until, and their cases, most concluded, the latest under way. Everything is recorded as on its
// day: the store's clock is one that set moves. No engine may run yet; a run that begins later finds its case where this
// left it. A process that dies on the way leaves the demo with less of it.
//
// Of several processes one loads, and the others wait until it is done: a product that began on half of a history would go through
// its days at another time than who makes it.
func (s *Store) LoadDemo(ctx context.Context, data seed.Data, until workday.Date, set func(time.Time)) (err error) {
	holder := newID()
	token, err := s.waitForDemo(ctx, holder)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.ReleaseLease(context.WithoutCancel(ctx), LeaseDemo, token)) }()
	if done, err := s.Fact(ctx, factLoaded); err != nil || done != "" {
		return err
	}
	set(historyBegins(until).Start())
	if err := s.Load(ctx, data, true); err != nil {
		return err
	}
	if err := s.SetFact(ctx, FactDemoHistory, until.String()); err != nil {
		return err
	}
	if err := s.makeHistory(ctx, data, until, set, holder); err != nil {
		return err
	}
	return s.sequenceAll(ctx)
}

// LeaseDemo is the lease under which one process makes a demo's history.
const LeaseDemo = "demo"

// demoLease is for how long it is held at a time: as long as a process that died keeps the others waiting.
const demoLease = 30 * time.Second

var errDemoTaken = errors.New("another process has taken over making the demo's history")

// waitForDemo takes the lease as soon as nobody has it.
func (s *Store) waitForDemo(ctx context.Context, holder string) (token int64, err error) {
	for {
		token, held, err := s.AcquireLease(ctx, LeaseDemo, holder, demoLease)
		if err != nil || held {
			return token, err
		}
		select {
		case <-ctx.Done():
			return 0, ctx.Err()
		case <-time.After(200 * time.Millisecond):
		}
	}
}

// historyBegins is the day on which a demo's made-up ratings begin.
func historyBegins(until workday.Date) workday.Date {
	p, _ := regulation.ParsePeriod(regulation.QuarterOf(until))
	for range historyQuarters {
		p = p.Before()
	}
	first, _ := p.Days()
	return first
}

func (s *Store) makeHistory(ctx context.Context, data seed.Data, until workday.Date, set func(time.Time), holder string) error {
	rules, err := s.watchRules(ctx, regulation.PrefectureArea, s.now())
	if err != nil {
		return err
	}
	h := history{demoFiller: demoFiller{Store: s, ctx: ctx, people: map[string]regulation.Actor{}}, staffed: map[string]bool{}, draw: rand.New(rand.NewPCG(7, 1))} //nolint:gosec // the same in every demo
	if h.choices, err = s.Choices(ctx); err != nil {
		return err
	}
	for _, account := range data.Accounts {
		h.staffed[account.Place] = h.staffed[account.Place] || account.Role == regulation.UnitHandler
	}
	h.late = h.lateForms(historyBegins(until))
	for day := historyBegins(until); day.Before(until); day = day.AddDays(1) {
		if !rules.Calendar.IsWorkday(day) {
			continue
		}
		if _, held, err := s.AcquireLease(ctx, LeaseDemo, holder, demoLease); err != nil || !held {
			return cmp.Or(err, errDemoTaken)
		}
		h.workdays++
		set(day.Start().Add(8 * time.Hour))
		if err := h.seal(day); err != nil {
			return err
		}
		set(day.Start().Add(10 * time.Hour))
		if err := h.handle(day); err != nil {
			return err
		}
		set(day.Start().Add(16*time.Hour + 45*time.Minute))
		if err := h.doLate(day); err != nil {
			return err
		}
		set(day.Start().Add(17 * time.Hour))
		if err := h.rate(data.Windows, day); err != nil {
			return err
		}
	}
	return nil
}

// sequenceAll has the ledger take in what waits.
func (s *Store) sequenceAll(ctx context.Context) error {
	const most = 500
	token, held, err := s.AcquireLease(ctx, LeaseSequencer, "demo", time.Minute)
	for taken := most; err == nil && held && taken == most; {
		taken, _, err = s.IntegrateLeaves(ctx, token, most)
	}
	if err != nil || !held {
		return err
	}
	return s.ReleaseLease(ctx, LeaseSequencer, token)
}

// history makes up what happened before a demo began.
type history struct {
	demoFiller
	draw    *rand.Rand
	staffed map[string]bool // units in which the demo has people to handle a case
	choices regulation.Choices
	given   int
	cases   []*historyCase
	// workdays is how many days were gone through, sealed the half of a month in which figures were sealed last.
	workdays int
	sealed   string
	madeUp   string     // the month in which a rating was made up last
	late     []lateStep // what is left to be done on the late forms
}

// historyCase is a case with what is still to be done on it, in its order.
type historyCase struct {
	id   string
	next []historyAct
}

// historyAct is done on its day, or as soon after it as anybody may.
type historyAct struct {
	day  workday.Date
	kind regulation.ActKind
	v    regulation.Values
}

// oneBadIn: in these areas the demo has everybody whom a case needs; one rating in so many is bad there.
var oneBadIn = map[string]int{"513300": 55, "513301": 24}

// oneBadAt are busy units of them with more: enough in a quarter that everybody reads their counts.
var oneBadAt = map[string]int{"513300-mkt": 11}

// badEvery are windows at which the first rating of each so many workdays is bad, about a matter where one is named. They make a
// quarter in which each county with people for its cases has so many of them that its board's scores are told, and two counties that decide alike cases
// of one national code differently: everybody in Litang is found right, in Kangding one in four.
var badEvery = map[string]struct {
	days   int
	matter string
}{"513301-w03": {3, "513301-psb-m02"}, "513334-w01": {3, "513334-psb-m02"}, "513322-w07": {5, ""}}

// thin are areas of few people, in which few rate: too few for a rank.
var thin = []string{"513323", "513324", "513337"}

// steady are those areas whose people find every bad rating right, and have it put right in time.
var steady = []string{"513322", "513334"}

// rate gives a day's ratings: some windows have many visitors, some few.
func (h *history) rate(windows []seed.Window, day workday.Date) error {
	group, ctx := errgroup.WithContext(h.ctx)
	group.SetLimit(64)
	var bad []*historyCase
	for i, w := range windows {
		for n := range h.visitors(i, w) {
			in, err := h.rating(w.ID, day, n == 0)
			if err != nil {
				return err
			}
			c := &historyCase{}
			if in.Rating.Grade.Bad() {
				c.next = h.plan(in.Rating, day)
				bad = append(bad, c)
			}
			group.Go(func() error {
				saved, err := h.SaveRating(ctx, in)
				c.id = saved.CaseID
				return err
			})
		}
	}
	group.Go(func() error { return h.receive(ctx, day) })
	if err := group.Wait(); err != nil {
		return err
	}
	h.cases = append(h.cases, bad...)
	return nil
}

// handedIn are matters of others that are handed in at the general reception of the demo's office, one a day in turn.
var handedIn = []string{"513301-hrs-m03", "513301-tax-m01", "513301-civ-m01"}

// receive gives a day's rating there: it is the matter's unit that is rated, at a window of another.
func (h *history) receive(ctx context.Context, day workday.Date) error {
	target, err := h.WindowTarget(ctx, "513301-w16")
	if err != nil {
		return err
	}
	var matter matterRow
	if err := h.rows(ctx).Take(&matter, "id = ?", handedIn[h.workdays%len(handedIn)]).Error; err != nil {
		return err
	}
	target.Matter = Matter(matter)
	if target, err = h.placed(ctx, target, matter.UnitID); err != nil {
		return err
	}
	f := regulation.RatingForm{Channel: regulation.ChannelWeb, Target: regulation.TargetMatter, Grade: strconv.Itoa(4 + h.workdays%2), GivenAt: day.Start().Add(11 * time.Hour)}
	in := Intake{PrivacyVersion: "5", Key: newID()}
	if in.Rating, err = regulation.NewRating("", f, target.Place(""), h.choices, regulation.Actor{}, h.now()); err != nil {
		return err
	}
	_, err = h.SaveRating(ctx, in)
	return err
}

// visitors is how many rate at a window on a day: one a week at the quietest, one a day at the busiest. At that of the authority which
// issues a bulletin somebody does every day: where its own office has few ratings, that bulletin can tell nothing.
func (h *history) visitors(window int, w seed.Window) (n int) {
	draw, often := h.draw.IntN(10), 2+2*(window%5)
	switch area := w.ID[:6]; {
	case slices.Contains(thin, area):
		often = 1
	case area == "513334":
		often = 10
	}
	if draw < often || w.Unit == demoOffice || h.badDue(w.ID) {
		n = 1
	}
	return n
}

// badDue tells whether the window's first rating of the day is bad.
func (h *history) badDue(window string) bool {
	every := badEvery[window]
	return every.days > 0 && h.workdays%every.days == 0
}

func (h *history) rating(window string, day workday.Date, first bool) (in Intake, err error) {
	target, err := h.WindowTarget(h.ctx, window)
	if err != nil {
		return in, err
	}
	due := first && h.badDue(window)
	if due {
		target.Matter.ID = badEvery[window].matter
	}
	h.given++
	f := regulation.RatingForm{Channel: []regulation.Channel{regulation.ChannelWeb, regulation.ChannelWeb, regulation.ChannelApp}[h.draw.IntN(3)],
		Target: regulation.TargetMatter, GivenAt: day.Start().Add(9*time.Hour + time.Duration(h.draw.IntN(8*3600))*time.Second)}
	grade := h.grade(target.Unit)
	if due {
		grade = regulation.Dissatisfied
	}
	f.Grade = strconv.Itoa(int(grade))
	if options := optionsOf(h.choices, grade); len(options) > 0 && (grade.Bad() || h.draw.IntN(3) > 0) {
		f.Options = []string{options[h.draw.IntN(len(options))]}
	}
	in = Intake{PrivacyVersion: "5", Key: fmt.Sprintf("%s-%d", newID(), h.given)}
	if grade.Bad() {
		in.Text = historyWords[h.draw.IntN(len(historyWords))]
		in.Contact = Contact{Name: "卓玛", Phone: fmt.Sprintf("138900%05d", 20000+h.given), Language: "zh"}
		f.Text = in.Text
	}
	staff := ""
	if n := len(target.Serving); n > 0 {
		staff = target.Serving[h.draw.IntN(n)].StaffID
	}
	in.Rating, err = regulation.NewRating("", f, target.Place(staff), h.choices, regulation.Actor{}, h.now())
	if err == nil && h.draw.IntN(2) == 0 {
		in.Rating.Dimensions = h.marks(grade)
	}
	return in, err
}

// grade draws a grade as people give them.
func (h *history) grade(unit Org) regulation.Grade {
	switch of := cmp.Or(oneBadAt[unit.ID], oneBadIn[unit.Area]); {
	case of > 0 && h.staffed[unit.ID] && h.draw.IntN(of) == 0:
		return regulation.Grade(1 + h.draw.IntN(2))
	case h.draw.IntN(100) < 6:
		return regulation.Acceptable
	case h.draw.IntN(100) < 30:
		return regulation.Satisfied
	}
	return regulation.VerySatisfied
}

// marks are of two dimensions, near the grade.
func (h *history) marks(grade regulation.Grade) map[string]regulation.Grade {
	marks := map[string]regulation.Grade{}
	for range 2 {
		mark := max(1, min(5, int(grade)-1+h.draw.IntN(3)))
		marks[[]string{"attitude", "efficiency", "environment"}[h.draw.IntN(3)]] = regulation.Grade(mark)
	}
	return marks
}

// historyWords are what made-up raters write.
var historyWords = []string{"等候时间太长", "材料清单没有说清楚,来回跑了两次", "系统故障,上午没有办成", "窗口人员态度生硬", "说好三天办结,过了一周还没有消息", "现场没有人引导", "办事指南与实际要求不一致"}
