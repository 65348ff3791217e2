package api_test

import (
	"cmp"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"haochaping/regulation"
	"haochaping/workday"
)

// The linkage attack (2, 9(2)): a member of staff, who knows whom they served at which second and what went wrong
// there, reads every hour what their sign-in shows and guesses who gave each bad rating.
const (
	linkageBound  = 0.2 // of the bad ratings of a traffic may be guessed right, at the most
	linkageOpens  = 9 * time.Hour
	linkageCloses = 17 * time.Hour
	linkageSeeds  = 3
)

// traffic is a kind of window.
type traffic struct {
	name  string
	every time.Duration // between two who are served
	days  int           // working days
	// The shares of those served who rate well, who rate badly though nothing went wrong, and of those with whom something did.
	well, bad, troubled float64
	// What a bad rating says of what went wrong: an option that is mostly the right one, or words that an officer leaves.
	ticks, says bool
	// apart tells that so few are served that nothing but silence would hide who rated: the notice, without which nobody can appeal,
	// is an exception of the procedure and counted apart.
	apart bool
}

var traffics = []traffic{
	{name: "a window as most are, 40 a day", every: 12 * time.Minute, days: 20, well: 0.25, bad: 0.02, troubled: 0.08, ticks: true},
	{name: "a busy hall, 120 a day", every: 4 * time.Minute, days: 20, well: 0.15, bad: 0.01, troubled: 0.05, ticks: true},
	{name: "few ratings an hour, 16 served a day", every: 30 * time.Minute, days: 30, well: 0.25, bad: 0.04, troubled: 0.15, ticks: true},
	{name: "every bad rating with words, 40 a day", every: 12 * time.Minute, days: 15, well: 0.25, bad: 0.02, troubled: 0.1, says: true},
	{name: "no bad rating with any, 40 a day", every: 12 * time.Minute, days: 15, well: 0.25, bad: 0.02, troubled: 0.1},
	{name: "a village window, 3 a day", every: 160 * time.Minute, days: 60, well: 0.3, bad: 0.06, troubled: 0.25, ticks: true, apart: true},
}

// queued is a line of the window's queue log, which the attacker has whole.
type queued struct {
	at      time.Time
	trouble string // the option that fits what went wrong, as whoever served remembers it; "" where nothing did
	day     workday.Date
}

// blame is a bad rating; the attacker has the case's id from the notice, never who gave it.
type blame struct {
	by      int // index into the queue log
	caseID  string
	receipt string
	givenAt time.Time
	found   workday.Date // when its finding serves the notice, where no batch does
}

// linkage is the simulated window with its attacker.
type linkage struct {
	*office
	traffic
	random *rand.Rand
	log    []queued
	blames []blame
	first  map[string]time.Time // when the attacker first saw a notice
	seen   map[string]linkedNotice
}

// linkedNotice is what the attacker reads of a bad rating.
type linkedNotice struct {
	Case    string
	Number  string
	Period  string
	Options []struct{ Code string }
	Comment *struct{ Text string }
	batch   bool // whether it came in a batch, which whoever knows the rule can tell
}

// attacked is what came of an attack.
type attacked struct{ served, bad, told, right, byInstant, byChance float64 }

func (a attacked) plus(b attacked) attacked {
	return attacked{a.served + b.served, a.bad + b.bad, a.told + b.told, a.right + b.right, a.byInstant + b.byInstant, a.byChance + b.byChance}
}

// TestLinkage holds that in each traffic the attacker names at most one in five rightly, and that the same attacker does
// far better with the instants of the ratings: else it would be no attacker.
func TestLinkage(t *testing.T) {
	t.Logf("%-40s %5s %7s %4s %5s %6s %7s %8s", "traffic", "seed", "served", "bad", "told", "right", "chance", "instants")
	line := func(name, seed string, a attacked) {
		t.Logf("%-40s %5s %7.0f %4.0f %5.0f %6.3f %7.3f %8.3f", name, seed, a.served, a.bad, a.told, a.right/a.bad, a.byChance/a.bad, a.byInstant/a.bad)
	}
	for i, one := range traffics {
		var all attacked
		for seed := range linkageSeeds {
			// A demo of its own each time: in one, the numbers of cases and the crowd would tell of the other.
			t.Run(fmt.Sprintf("%d.%d", i+1, seed+1), func(t *testing.T) {
				l := &linkage{office: setup(t), traffic: one, random: rand.New(rand.NewPCG(9, uint64(2+seed))), first: map[string]time.Time{}, seen: map[string]linkedNotice{}}
				a := l.attack()
				line(one.name, fmt.Sprint(seed+1), a)
				all = all.plus(a)
			})
		}
		line(one.name, "all", all)
		switch {
		case all.bad < 25 || all.told < all.bad*0.9:
			t.Errorf("%s: too little to attack: %.0f bad ratings, %.0f told", one.name, all.bad, all.told)
		case one.apart:
			t.Logf("  an exception of the procedure, counted apart: the notice, which the rated side needs to appeal (R57, 9(2)), tells among so few")
		case all.right > linkageBound*all.bad:
			t.Errorf("%s: the attacker named %.3f of the raters", one.name, all.right/all.bad)
		}
		if all.byInstant < 0.4*all.bad || all.byInstant < 2*all.right {
			t.Errorf("%s: with the ratings' instants the attacker named %.3f only", one.name, all.byInstant/all.bad)
		}
	}
	apart := &linkage{office: setup(t)}
	t.Logf("exceptions of the procedure, counted apart: %d, a rater who consented that the handler learns the matter's number (7(3), 9(2))", apart.consented())
}

// attack lets the days go by and the attacker guess.
func (l *linkage) attack() (a attacked) {
	for range l.days {
		l.day()
	}
	for range 6 { // the last notices go out
		l.nextDay()
		l.poll(true)
	}
	for _, b := range l.blames {
		if _, told := l.seen[b.caseID]; told {
			a.told++
		}
	}
	a.served, a.bad = float64(len(l.log)), float64(len(l.blames))
	a.right, a.byInstant = float64(l.right(l.guess())), float64(l.right(l.guessByInstant()))
	a.byChance = a.bad * float64(l.days) / a.served // who knows the day alone
	return a
}

// nextDay puts the clock to the opening of the next working day.
func (l *linkage) nextDay() {
	next := workday.National().Add(workday.DateOf(l.clock.Now()), 1).Date.Start().Add(linkageOpens)
	l.clock.Forward(next.Sub(l.clock.Now()))
	must(l.t, l.record.CountCrowds(l.t.Context()))
	l.deadlines()
	l.redact()
}

// day serves citizens, some of whom rate soon, later or on the next morning; the attacker polls each hour.
func (l *linkage) day() {
	l.nextDay()
	today := workday.DateOf(l.clock.Now())
	var waiting []blame
	for at := today.Start().Add(linkageOpens); at.Before(today.Start().Add(linkageCloses)); at = at.Add(l.every) {
		s := queued{at: at, day: today}
		switch drawn := l.random.Float64(); {
		case drawn < 0.15:
			s.trouble = "110"
		case drawn < 0.30:
			s.trouble = "109"
		case drawn < 0.40:
			s.trouble = "108"
		}
		l.log = append(l.log, s)
		bad := l.bad
		if s.trouble != "" {
			bad = l.troubled
		}
		drawn := l.random.Float64()
		if drawn > bad+l.well {
			continue
		}
		delay := time.Duration(l.random.ExpFloat64() * float64(20*time.Minute)) // most rate on the spot or on the way home
		waiting = append(waiting, blame{by: len(l.log) - 1, givenAt: at.Add(time.Minute + min(delay, 6*time.Hour))})
		if drawn > bad {
			waiting[len(waiting)-1].by = -1
		}
	}
	slices.SortFunc(waiting, func(a, b blame) int { return a.givenAt.Compare(b.givenAt) })
	hour := today.Start().Add(linkageOpens)
	for _, b := range waiting {
		for ; hour.Before(b.givenAt); hour = hour.Add(time.Hour) {
			l.until(hour)
			l.poll(hour.Equal(today.Start().Add(linkageOpens)))
		}
		l.until(b.givenAt)
		l.rate(b)
	}
}

func (l *linkage) until(at time.Time) {
	if wait := at.Sub(l.clock.Now()); wait > 0 {
		l.clock.Forward(wait)
	}
}

// inWords is what raters write where they tick nothing.
var inWords = map[string]string{"108": "排队太久", "109": "态度不好", "110": "材料反复补交"}

// rate gives a rating; a bad one mostly says what went wrong, where this traffic's do.
func (l *linkage) rate(b blame) {
	l.t.Helper()
	form := fields{"code": windowCode(l.t, "513301-w03"), "staff": "st0037", "grade": 5}
	if b.by < 0 {
		l.program().post("/ratings", form).want(201)
		return
	}
	option := l.log[b.by].trouble
	if option == "" || l.random.Float64() < 0.2 {
		option = []string{"108", "109", "110"}[l.random.IntN(3)]
	}
	form["grade"] = 1
	switch {
	case l.ticks:
		form["option"], form["text"] = []string{option}, raterWords
	case l.says:
		form["text"] = inWords[option]
	}
	b.receipt = l.program().post("/ratings", form).want(201).object()["receipt"].(string)
	_, c, err := l.record.CaseByReceipt(l.t.Context(), b.receipt)
	must(l.t, err)
	b.caseID = c.ID
	// A case is accepted within a working day and verified within three more.
	b.found = workday.National().Add(workday.DateOf(b.givenAt), 1+l.random.IntN(4)).Date
	l.blames = append(l.blames, b)
}

// deadlines has pass what is due, as the engine does, and serves with the finding what no batch does: the verifier's act stands for it.
func (l *linkage) deadlines() {
	today := workday.DateOf(l.clock.Now())
	for _, b := range l.blames {
		if _, told := l.seen[b.caseID]; told {
			continue
		}
		c, err := l.record.CaseByID(l.t.Context(), regulation.Scope{All: true}, b.caseID)
		must(l.t, err)
		batched := false
		for _, d := range c.Deadlines {
			batched = batched || d.Kind == regulation.DeadlineNotice
			if d.Kind == regulation.DeadlineNotice && !d.Due.After(l.clock.Now()) {
				_, err := l.record.RecordDeadline(l.t.Context(), b.caseID, d.ID)
				must(l.t, err)
			}
		}
		if !batched && c.Notice.ServedAt.IsZero() && !today.Before(b.found) {
			l.step(b.receipt, b.caseID, mainLine[0])
			l.step(b.receipt, b.caseID, step{"kd-verifier-1", regulation.ActServeNotice, fields{}, "verification"})
		}
	}
}

// redact has an officer leave of what raters wrote all that the patterns leave.
func (l *linkage) redact() {
	if !l.says {
		return
	}
	officer := l.as("kd-verifier-1")
	for _, one := range officer.get("/redactions").want(200).object()["redactions"].([]any) {
		one := one.(map[string]any)
		officer.post("/redactions/"+one["rating"].(string), fields{"decision": "redacted", "redacted": one["suggested"]}).want(204)
	}
}

// poll reads the notices that the attacker's sign-in shows, once a day all else too, and notes when one is there for the first time.
func (l *linkage) poll(all bool) {
	rated := l.as(ratedLogin)
	if all {
		for _, path := range []string{"/", "/own-ratings", "/messages", "/window", "/watch", "/probes"} {
			rated.get(path)
		}
	}
	for next := "/notices"; next != ""; {
		var list struct {
			Notices []linkedNotice
			Next    string
		}
		must(l.t, json.Unmarshal(rated.get(next).want(200).body, &list))
		for _, n := range list.Notices {
			if _, before := l.seen[n.Case]; !before {
				l.first[n.Case] = l.clock.Now()
				l.note(n)
			}
		}
		next = list.Next
	}
}

// note keeps a notice, with the words once they are there, and with how it came.
func (l *linkage) note(n linkedNotice) {
	c, err := l.record.CaseByID(l.t.Context(), regulation.Scope{All: true}, n.Case)
	must(l.t, err)
	n.batch = c.Notice.How == "batch"
	if l.says {
		must(l.t, json.Unmarshal(l.as(ratedLogin).get("/notices/"+n.Case).want(200).body, &struct{ Comment any }{&n.Comment}))
	}
	l.seen[n.Case] = n
}

// guess names for each notice a line of the log. The attacker knows the rule by which notices go out, so the day on
// which one appears tells the day of the rating, or, with a finding, the few before it; of those served on them whoever's trouble
// fits is likelier, and of several notices with one trouble it takes the order of the numbers for that of the ratings, which
// numbers no longer tell.
func (l *linkage) guess() map[string]int {
	groups := map[string][]linkedNotice{}
	days := map[string][]workday.Date{}
	for id, n := range l.seen {
		on := l.ratedOn(n, l.first[id])
		key := fmt.Sprint(on, n.trouble())
		groups[key], days[key] = append(groups[key], n), on
	}
	guesses := map[string]int{}
	for key, notices := range groups {
		slices.SortFunc(notices, func(a, b linkedNotice) int {
			return cmp.Or(cmp.Compare(len(a.Number), len(b.Number)), cmp.Compare(a.Number, b.Number))
		})
		candidates := l.candidates(days[key], notices[0].trouble())
		for i, n := range notices {
			if len(candidates) > 0 {
				// In order, spread evenly over those who fit.
				guesses[n.Case] = candidates[(2*i+1)*len(candidates)/(2*len(notices))]
			}
		}
	}
	return guesses
}

// trouble is what a notice says went wrong, "" where it does not.
func (n linkedNotice) trouble() string {
	if len(n.Options) > 0 {
		return n.Options[0].Code
	}
	for option, words := range inWords {
		if n.Comment != nil && n.Comment.Text == words {
			return option
		}
	}
	return ""
}

// ratedOn are the working days on which a notice's rating may have been given: the one whose batch it came in, or those of its
// week from which a finding may have come by then.
func (*linkage) ratedOn(n linkedNotice, seen time.Time) (days []workday.Date) {
	calendar, appeared := workday.National(), workday.DateOf(seen)
	for day := appeared.AddDays(-21); !day.After(appeared); day = day.AddDays(1) {
		switch {
		case !calendar.IsWorkday(day) || regulation.PeriodOf(day.Start().Add(linkageOpens)) != n.Period:
		case n.batch && !calendar.Add(day, 2).Date.Before(appeared):
			return []workday.Date{day}
		case !n.batch && !calendar.Add(day, 4).Date.Before(appeared) && day.Before(appeared):
			days = append(days, day)
		}
	}
	return days
}

// candidates are the lines of some days whose trouble fits; where the notice tells none, those with whom anything went wrong; all where
// there are none.
func (l *linkage) candidates(days []workday.Date, trouble string) (fit []int) {
	var all []int
	for i, s := range l.log {
		if !slices.Contains(days, s.day) {
			continue
		}
		all = append(all, i)
		if s.trouble == trouble && trouble != "" || trouble == "" && s.trouble != "" {
			fit = append(fit, i)
		}
	}
	if len(fit) > 0 {
		return fit
	}
	return all
}

// guessByInstant is the same attacker with the instants of the ratings: the last one served before whose trouble
// fits, within the hour, else the last one.
func (l *linkage) guessByInstant() map[string]int {
	guesses := map[string]int{}
	for _, b := range l.blames {
		last := -1
		for i, s := range l.log {
			if !s.at.Before(b.givenAt) {
				break
			}
			told := l.seen[b.caseID].trouble()
			fits := s.trouble == told || told == "" && s.trouble != ""
			if last < 0 || fits || b.givenAt.Sub(l.log[last].at) > time.Hour {
				last = i
			}
		}
		guesses[b.caseID] = last
	}
	return guesses
}

func (l *linkage) right(guesses map[string]int) (n int) {
	for _, b := range l.blames {
		if guess, made := guesses[b.caseID]; made && guess == b.by {
			n++
		}
	}
	return n
}

// consented plays the exception: with the rater's consent the handler who signed learns the matter's number, which
// names whoever applied. It returns how many the rated side learnt so.
func (l *linkage) consented() int {
	receipt, _, c := l.rateMatterBadly()
	l.walk(receipt, c.ID, regulation.ActAskConsent)
	l.step(receipt, c.ID, step{"kd-clerk-1", regulation.ActAskConsent, fields{"answer": "yes"}, "dispatch"})
	for _, s := range mainLine[5:7] {
		l.step(receipt, c.ID, s)
	}
	l.as("kd-psb-handler-1").get("/cases/" + c.ID).want(200).shows(matterNumber)
	return 1
}
