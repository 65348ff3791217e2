package api_test

import (
	"cmp"
	"encoding/json"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"haochaping/regulation"
	"haochaping/workday"
)

// The linkage attack (2, 9(2)): a member of staff, who knows whom they served at which second and what went wrong
// there, reads every hour all that their sign-in shows and guesses who gave each bad rating.
const (
	linkageDays   = 20               // working days
	servedEvery   = 12 * time.Minute // 40 citizens a day at one window
	linkageBound  = 0.2              // of the bad ratings may be guessed right, at the most
	linkageOpens  = 9 * time.Hour
	linkageCloses = 17 * time.Hour
)

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
	givenAt time.Time
}

// linkage is the simulated window with its attacker.
type linkage struct {
	*office
	random *rand.Rand
	log    []queued
	blames []blame
	first  map[string]time.Time // when the attacker first saw a notice
	seen   map[string]linkedNotice
	polls  int
}

// linkedNotice is what the attacker reads of a bad rating.
type linkedNotice struct {
	Case    string
	Number  string
	Options []struct{ Code string }
}

// TestLinkage holds that the attacker names at most one in five rightly, and that the same attacker does far better
// with the instants of the ratings: else it would be no attacker.
func TestLinkage(t *testing.T) {
	l := &linkage{office: setup(t), random: rand.New(rand.NewPCG(9, 2)), first: map[string]time.Time{}, seen: map[string]linkedNotice{}}
	for range linkageDays {
		l.day()
	}
	for range 4 { // the last notices go out
		l.nextDay()
		l.poll()
	}
	exceptions := l.consented()
	attempted := 0
	for _, b := range l.blames {
		if _, told := l.seen[b.caseID]; told {
			attempted++
		}
	}
	right := l.right(l.guess())
	exact := l.right(l.guessByInstant())
	share := float64(right) / float64(len(l.blames))
	t.Logf("%d served, %d bad ratings, %d of them told to the attacker in %d polls: %d named rightly, %.3f (bound %.1f); by chance %.3f; with the ratings' instants %.3f",
		len(l.log), len(l.blames), attempted, l.polls, right, share, linkageBound, float64(linkageDays)/float64(len(l.log)), float64(exact)/float64(len(l.blames)))
	t.Logf("exceptions of the procedure, counted apart: %d, a rater who consented that the handler learns the matter's number (7(3), 9(2))", exceptions)
	switch {
	case len(l.blames) < 25 || attempted < len(l.blames)*9/10:
		t.Errorf("too little to attack: %d bad ratings, %d told", len(l.blames), attempted)
	case share > linkageBound:
		t.Errorf("the attacker named %.3f of the raters", share)
	case float64(exact) < 0.5*float64(len(l.blames)):
		t.Errorf("with the ratings' instants the attacker named %d of %d only", exact, len(l.blames))
	}
}

// nextDay puts the clock to the opening of the next working day.
func (l *linkage) nextDay() {
	next := workday.National().Add(workday.DateOf(l.clock.Now()), 1).Date.Start().Add(linkageOpens)
	l.clock.Forward(next.Sub(l.clock.Now()))
	l.deadlines()
}

// day serves citizens, some of whom rate soon, later or on the next morning; the attacker polls each hour.
func (l *linkage) day() {
	l.nextDay()
	today := workday.DateOf(l.clock.Now())
	var waiting []blame
	for at := today.Start().Add(linkageOpens); at.Before(today.Start().Add(linkageCloses)); at = at.Add(servedEvery) {
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
		bad := 0.02
		if s.trouble != "" {
			bad = 0.08
		}
		drawn := l.random.Float64()
		if drawn > bad+0.25 {
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
			l.poll()
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

// rate gives a rating; a bad one mostly says what went wrong.
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
	form["grade"], form["option"], form["text"] = 1, []string{option}, raterWords
	receipt := l.program().post("/ratings", form).want(201).object()["receipt"].(string)
	_, c, err := l.record.CaseByReceipt(l.t.Context(), receipt)
	must(l.t, err)
	b.caseID = c.ID
	l.blames = append(l.blames, b)
}

// deadlines has pass what is due, as the engine does: the notices go out in their batches.
func (l *linkage) deadlines() {
	for _, b := range l.blames {
		c, err := l.record.CaseByID(l.t.Context(), regulation.Scope{All: true}, b.caseID)
		must(l.t, err)
		for _, d := range c.Deadlines {
			if !d.Due.After(l.clock.Now()) {
				_, err := l.record.RecordDeadline(l.t.Context(), b.caseID, d.ID)
				must(l.t, err)
			}
		}
	}
}

// poll reads all that the attacker's sign-in shows, and notes when a notice is there for the first time.
func (l *linkage) poll() {
	l.polls++
	rated := l.as(ratedLogin)
	for _, path := range []string{"/", "/own-ratings", "/messages", "/window", "/watch", "/probes"} {
		rated.get(path)
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
				l.seen[n.Case] = n
			}
		}
		next = list.Next
	}
}

// guess names for each notice a line of the log. The attacker knows the rule by which notices go out, so the day on
// which one appears tells the day of the rating; of those served on it whoever's trouble fits is likelier, and of several
// notices with one trouble it takes the order of the numbers for that of the ratings, which numbers no longer tell.
func (l *linkage) guess() map[string]int {
	calendar := workday.National()
	groups := map[string][]linkedNotice{}
	for id, n := range l.seen {
		key := l.ratedOn(calendar, l.first[id]).String()
		groups[key+" "+n.trouble()] = append(groups[key+" "+n.trouble()], n)
	}
	guesses := map[string]int{}
	for key, notices := range groups {
		day, trouble := key[:10], key[11:]
		slices.SortFunc(notices, func(a, b linkedNotice) int {
			return cmp.Or(cmp.Compare(len(a.Number), len(b.Number)), cmp.Compare(a.Number, b.Number))
		})
		candidates := l.candidates(day, trouble)
		for i, n := range notices {
			// In order, spread evenly over those who fit.
			guesses[n.Case] = candidates[(2*i+1)*len(candidates)/(2*len(notices))]
		}
	}
	return guesses
}

func (n linkedNotice) trouble() string {
	if len(n.Options) == 0 {
		return ""
	}
	return n.Options[0].Code
}

// ratedOn is the working day whose notices go out when this one did.
func (*linkage) ratedOn(calendar workday.Calendar, seen time.Time) workday.Date {
	appeared := workday.DateOf(seen)
	for day := appeared.AddDays(-14); ; day = day.AddDays(1) {
		if calendar.IsWorkday(day) && !calendar.Add(day, 2).Date.Before(appeared) {
			return day
		}
	}
}

// candidates are the lines of a day whose trouble fits, all of the day where none does.
func (l *linkage) candidates(day, trouble string) (fit []int) {
	var all []int
	for i, s := range l.log {
		if s.day.String() != day {
			continue
		}
		all = append(all, i)
		if s.trouble == trouble {
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
			fits := s.trouble == l.seen[b.caseID].trouble()
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
