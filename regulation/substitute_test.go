package regulation

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"haochaping/workday"
)

// away is who stands in for whom.
type away map[string]string

func (a away) next(person string) (string, bool) {
	substitute, gone := a[person]
	return substitute, gone
}

// apply gives the posts of those who are away to whoever stands in for them.
func (a away) apply(people []Person) []Person {
	out := slices.Clone(people)
	find := func(id string) int { return slices.IndexFunc(people, func(p Person) bool { return p.ID == id }) }
	for i, p := range people {
		if _, gone := a[p.ID]; !gone {
			continue
		}
		out[i].Assignments, out[i].Away = nil, p.Assignments
		end, via, problem := StandIn(p.ID, a.next)
		if problem != "" || find(end) < 0 {
			continue
		}
		for _, post := range p.Assignments {
			if post.Role.PassesOn() && MayStandIn(people[find(end)].Assignments, post) {
				out[find(end)].Assignments = append(slices.Clone(out[find(end)].Assignments), post.Behalf(p.ID, via...))
			}
		}
	}
	return out
}

func TestStandInFollowsTheChain(t *testing.T) {
	for name, c := range map[string]struct {
		away    away
		end     string
		via     string
		problem string
	}{
		"there":            {away{}, "a", "[]", ""},
		"one":              {away{"a": "b"}, "b", "[]", ""},
		"two":              {away{"a": "b", "b": "c"}, "c", "[b]", ""},
		"three":            {away{"a": "b", "b": "c", "c": "d"}, "d", "[b c]", ""},
		"four":             {away{"a": "b", "b": "c", "c": "d", "d": "e"}, "", "[b c d]", "substitution_chain_long"},
		"each other":       {away{"a": "b", "b": "a"}, "", "[]", "substitution_cycle"},
		"a circle behind":  {away{"a": "b", "b": "c", "c": "b"}, "", "[b]", "substitution_cycle"},
		"oneself":          {away{"a": "a"}, "", "[]", "substitution_cycle"},
		"somebody besides": {away{"a": "b", "x": "a"}, "b", "[]", ""},
	} {
		end, via, problem := StandIn("a", c.away.next)
		if problem != c.problem || (problem == "" && end != c.end) || (problem == "" && fmt.Sprint(via) != c.via) {
			t.Errorf("%s: %q via %v, %q", name, end, via, problem)
		}
	}
}

func TestWhoMayStandIn(t *testing.T) {
	post := func(role Role, org string) Assignment { return Assignment{Role: role, Org: org, Area: org[:6]} }
	for name, c := range map[string]struct {
		own  Assignment
		post Assignment
		want bool
	}{
		"same office":             {post(CallbackClerk, county), post(Verifier, county), true},
		"same role one level up":  {post(Verifier, upper), post(Verifier, county), true},
		"other role one level up": {post(CallbackClerk, upper), post(Verifier, county), false},
		"same role one level down": {
			post(Verifier, county), post(Verifier, upper), false},
		"same role beside":              {post(Verifier, "513322-authority"), post(Verifier, county), false},
		"discipline one level up":       {post(DisciplineOfficer, "513300-discipline"), post(DisciplineOfficer, "513301-discipline"), true},
		"a unit of the prefecture":      {post(UnitHandler, "513300-psb"), post(UnitHandler, police), false},
		"an administrator":              {post(SecurityAdministrator, county), post(Verifier, county), false},
		"an auditor of the same office": {post(Auditor, county), post(Supervisor, county), false},
		"by a substituted post":         {post(CallbackClerk, county).Behalf("x"), post(Verifier, county), false},
	} {
		if got := MayStandIn([]Assignment{c.own}, c.post); got != c.want {
			t.Errorf("%s: %t", name, got)
		}
	}
	for role, want := range map[Role]bool{Verifier: true, AuthorityHead: true, DisciplineOfficer: true, Auditor: false,
		SecurityAdministrator: false, SystemAdministrator: false, VaultApprover: false, Citizen: false} {
		if role.PassesOn() != want {
			t.Errorf("%s passes on: %t", role, !want)
		}
	}
}

func TestAnAbsenceIsCheckedFieldByField(t *testing.T) {
	today := workday.NewDate(2026, time.November, 23)
	good := Absence{Absent: "a", Substitute: "b", From: today, Until: today.AddDays(29), Reason: "leave"}
	if err := good.Check(today, 30); err != nil {
		t.Fatalf("thirty days from today: %v", err)
	}
	for name, c := range map[string]struct {
		change func(*Absence)
		field  string
		code   string
	}{
		"nobody":         {func(a *Absence) { a.Substitute = "" }, "substitute", "required"},
		"oneself":        {func(a *Absence) { a.Substitute = "a" }, "substitute", "substitute_is_absent"},
		"no reason":      {func(a *Absence) { a.Reason = "ill" }, "reason", "not_an_option"},
		"yesterday":      {func(a *Absence) { a.From = today.AddDays(-1) }, "from", "in_the_past"},
		"two years on":   {func(a *Absence) { a.From, a.Until = today.AddDays(700), today.AddDays(701) }, "from", "too_far_ahead"},
		"no first day":   {func(a *Absence) { a.From = workday.Date{} }, "from", "not_a_date"},
		"no last day":    {func(a *Absence) { a.Until = workday.Date{} }, "until", "not_a_date"},
		"backwards":      {func(a *Absence) { a.Until = today.AddDays(-1) }, "until", "ends_before_it_begins"},
		"a day too long": {func(a *Absence) { a.Until = today.AddDays(30) }, "until", "absence_too_long"},
	} {
		a := good
		c.change(&a)
		if err := a.Check(today, 30); err == nil || err.Fields[c.field] != c.code {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// in puts people away for what the desk does next.
func (d *desk) in(a away) { d.rules.Roster = a.apply(roster()) }

// as does an act under the post that somebody holds for an absent colleague.
func (d *desk) as(who, absent string, kind ActKind, pairs ...string) *Error {
	d.t.Helper()
	actor := d.actor(who)
	i := slices.IndexFunc(actor.Assignments, func(a Assignment) bool { return a.For == absent })
	if i < 0 {
		d.t.Fatalf("%s holds nothing for %q: %+v", who, absent, actor.Assignments)
	}
	actor.As = actor.Assignments[i]
	next, event, err := d.rules.Apply(d.c, Act{ID: "a", Kind: kind, Values: values(pairs...)}, actor, d.now)
	if err != nil {
		return err.(*Error)
	}
	d.c, d.last = next, event
	d.log = append(d.log, event)
	return nil
}

func TestASubstituteActsAndTheEventSaysForWhom(t *testing.T) {
	d := setup(t)
	d.toSigning()
	d.in(away{"paul": "petra"})
	if err := d.as("petra", "paul", ActSign); err != nil {
		t.Fatal(err)
	}
	if as := d.last.As; d.last.Actor != "petra" || as.For != "paul" || as.Role != UnitHandler || as.Via != "" {
		t.Errorf("%s as %+v", d.last.Actor, as)
	}
	if !contains(d.c.Handlers, "paul") || !contains(d.c.Handlers, "petra") {
		t.Errorf("handled by %v, want both", d.c.Handlers)
	}
	self := Actor{Person: "paul", As: Assignment{Role: UnitHandler, Org: police, Area: "513301"}}
	if _, _, err := d.rules.Apply(d.c, Act{Kind: ActSubmitPlan}, self, d.now); err == nil || err.(*Error).Code != NotPermitted {
		t.Errorf("who is away acts: %v", err)
	}
}

func TestAChainNamesThoseBetween(t *testing.T) {
	d := setup(t)
	d.do("sam", ActAccept)
	d.do("clara", ActRecordCallback, reachedCall...)
	d.in(away{"vera": "clara", "clara": "viktor"})
	if err := d.as("viktor", "vera", ActRecordFinding, finding("substantiated")...); err != nil {
		t.Fatal(err)
	}
	if as := d.last.As; as.For != "vera" || as.Via != "clara" {
		t.Errorf("%+v", as)
	}
	for _, who := range []string{"vera", "clara", "viktor"} {
		if !contains(d.c.Verifiers, who) {
			t.Errorf("%s took no part: %v", who, d.c.Verifiers)
		}
	}
}

func TestNobodyEvadesFourEyesThroughASubstitute(t *testing.T) {
	d := setup(t)
	d.toRecheck() // vera verified, sam judged
	for name, c := range map[string]struct {
		away   away
		who    string
		absent string
	}{
		"for who verified it": {away{"vera": "viktor"}, "viktor", "vera"},
		"for who judged it":   {away{"sam": "viktor"}, "viktor", "sam"},
		"through who did":     {away{"sue": "sam", "sam": "viktor"}, "viktor", "sue"},
	} {
		d.in(c.away)
		if err := d.as(c.who, c.absent, ActRecheck, "result", "passed"); err == nil || err.Code != FourEyes || err.Missing != "absent_barred" || len(err.Who) == 0 {
			t.Errorf("%s: %v", name, err)
		}
	}
	d.in(away{"viktor": "vera"})
	if err := d.as("vera", "viktor", ActRecheck, "result", "passed"); err == nil || err.Missing != "you_verified_it" {
		t.Errorf("who verified it rechecks for somebody else: %v", err)
	}
}

func TestASubstituteOfTheRatedPersonIsBarredToo(t *testing.T) {
	d := setup(t)
	people := append(roster(), Person{ID: "vic", Staff: "st1", Assignments: []Assignment{{Role: Verifier, Org: county, Area: "513301"}}})
	d.do("sam", ActAccept)
	d.do("clara", ActRecordCallback, reachedCall...)
	d.rules.Roster = away{"vic": "sue"}.apply(people)
	if err := d.as("sue", "vic", ActRecordFinding, finding("substantiated")...); err == nil || err.Missing != "absent_barred" {
		t.Errorf("%v", err)
	}
}

// Of two posts held for others the one is taken that nothing bars.
func TestTheUnbarredPostIsTaken(t *testing.T) {
	d := setup(t)
	d.toRecheck()
	d.in(away{"sam": "clara", "sue": "clara"})
	clara := d.actor("clara")
	as, ok := d.rules.As(d.c, ActRecheck, clara, clara.Assignments[1:])
	if !ok || as.For != "sue" {
		t.Errorf("under %+v", as)
	}
}

func TestReseatLaysAStepBeforeWhoIsThere(t *testing.T) {
	d := setup(t)
	d.toSigning()
	if _, _, moved := d.rules.Reseat(d.c, d.now); moved {
		t.Fatal("moved, though everybody is there")
	}
	d.in(away{"paul": "petra"})
	if _, _, moved := d.rules.Reseat(d.c, d.now); moved {
		t.Fatal("moved, though a substitute is there")
	}
	gone := func(p Person) bool { return p.ID == "paul" || p.ID == "petra" }
	d.rules.Roster = slices.DeleteFunc(roster(), gone)
	c, e, moved := d.rules.Reseat(d.c, d.now)
	if !moved || e.Kind != EventPeople || e.Name != "reseated" || e.As.Role != System || e.Clause != ClauseTransfer || e.Seq != d.c.Seq+1 {
		t.Fatalf("%t %+v", moved, e)
	}
	if e.Data["acts"] != "sign" || e.Data["raised_sign"] != "nobody_eligible" || !slices.Contains(e.Notify, Seat{Supervisor, county}) {
		t.Errorf("%v, tells %v", e.Data, e.Notify)
	}
	if w := c.Await(ActSign); !slices.Equal(w.Seats, []Seat{{Supervisor, county}}) || !w.Due.Equal(d.c.Await(ActSign).Due) || len(e.Changes) != 0 {
		t.Errorf("%+v, %+v", w, e.Changes)
	}
	if c.Phase != d.c.Phase || e.From != e.To {
		t.Errorf("the phase moved: %s", c.Phase)
	}
	if _, _, again := d.rules.Reseat(c, d.now); again {
		t.Error("moved twice")
	}
}

func TestReseatWithNobodyAnywhereEndsAtTheTop(t *testing.T) {
	d := setup(t)
	d.rules.Roster = nil
	c, _, moved := d.rules.Reseat(d.c, d.now)
	if !moved || !slices.Equal(c.Await(ActAccept).Seats, []Seat{{AuthorityHead, upper}}) {
		t.Fatalf("%t %+v", moved, c.Awaiting)
	}
	if _, _, again := d.rules.Reseat(c, d.now); again {
		t.Error("moved for ever")
	}
}

func TestReseatLeavesAClosedCaseAlone(t *testing.T) {
	d := setup(t)
	d.toRecheck()
	d.do("viktor", ActRecheck, "result", "passed")
	d.do("sam", ActClose, "matter_status", "concluded")
	d.rules.Roster = nil
	if _, _, moved := d.rules.Reseat(d.c, d.now); moved {
		t.Error("moved")
	}
}

// bridging are people with posts at two offices: the likeliest way around four eyes.
func bridging() []Person {
	post := func(role Role, org string) Assignment { return Assignment{Role: role, Org: org, Area: org[:6]} }
	return append(roster(),
		Person{ID: "ada", Assignments: []Assignment{post(UnitHandler, police), post(Verifier, county)}},
		Person{ID: "ben", Assignments: []Assignment{post(UnitHead, police), post(Supervisor, county)}},
		Person{ID: "cem", Staff: "st1", Assignments: []Assignment{post(UnitHandler, police), post(Supervisor, county)}})
}

// earlier are the acts that bar somebody from a later one, told here once more, apart from the rules.
var earlier = func() map[ActKind][]ActKind {
	handled := []ActKind{ActSign, ActReturnOrder, ActSubmitPlan, ActSubmitRectification, ActLodgeAppeal, ActGiveStatement, ActAnswerRecommendation,
		ActRequestReview}
	judged := []ActKind{ActAcceptRectification, ActRejectRectification}
	verified := []ActKind{ActAddEvidence, ActRecordFinding}
	replied := []ActKind{ActReleaseReply}
	writeOff := slices.Concat(handled, verified, []ActKind{ActDecideAppeal, ActFlagMalice, ActProposeWriteOff})
	afterwards := append(slices.Clone(writeOff), ActApproveWriteOff)
	measure := slices.Concat(handled, judged, verified, []ActKind{ActReferAccountability})
	again := append(slices.Clone(measure), ActDecideAccountability)
	return map[ActKind][]ActKind{
		ActRecordFinding: handled, ActAcceptRectification: handled, ActRejectRectification: handled, ActReleaseReply: handled,
		ActRecheck:       slices.Concat(handled, judged, verified, replied),
		ActReviewCase:    slices.Concat(handled, judged, verified, replied),
		ActDecideAppeal:  slices.Concat(handled, judged, verified),
		ActConfirmMalice: append(slices.Clone(handled), ActFlagMalice), ActRejectMalice: append(slices.Clone(handled), ActFlagMalice),
		ActApproveWriteOff: writeOff, ActRefuseWriteOff: writeOff, ActDecideObjection: afterwards, ActReviewWriteOff: afterwards,
		ActReferAccountability: handled, ActDecideAccountability: measure, ActDecideReview: again, ActRevokeAccountability: again,
	}
}()

// took is who took part in an event: who acted, and those in whose place.
func took(e Event) []string { return append([]string{e.Actor}, e.As.Absent()...) }

// TestNoSubstitutionsEvadeFourEyes sends people away and brings them back at random while a case goes
// its way, and holds each judgement against the history: nobody in whose name it was given had a hand
// in what is judged, and it concerned none of them.
func TestNoSubstitutionsEvadeFourEyes(t *testing.T) {
	people := bridging()
	judged, forOthers, kinds := 0, 0, map[ActKind]int{}
	rapid.Check(t, func(rt *rapid.T) {
		d := setup(t)
		for range rapid.IntRange(20, 80).Draw(rt, "moves") {
			if rapid.IntRange(0, 3).Draw(rt, "people change") == 0 {
				d.rules.Roster = drawAway(rt, people).apply(people)
				if c, e, moved := d.rules.Reseat(d.c, d.now); moved {
					d.c, d.log = c, append(d.log, e)
				}
			}
			if rapid.IntRange(0, 9).Draw(rt, "time") == 0 && len(d.c.Deadlines) > 0 {
				passOne(rt, d)
			}
			e, done := tryLeading(rt, d)
			if !done {
				continue
			}
			kinds[ActKind(e.Name)]++
			d.log = append(d.log, e)
			if e.As.For != "" {
				forOthers++
			}
			if bars := earlier[ActKind(e.Name)]; bars != nil {
				judged++
				holdFourEyes(rt, d.log, e, bars)
			}
		}
	})
	t.Logf("%d judgements, %d acts for others: %v", judged, forOthers, kinds)
	if judged < 50 || forOthers < 20 {
		t.Errorf("%d judgements, %d acts for others: hardly tried", judged, forOthers)
	}
	for _, kind := range []ActKind{ActRecordFinding, ActAcceptRectification, ActDecideAppeal, ActRecheck} {
		if kinds[kind] == 0 {
			t.Errorf("%s was never done in %v", kind, kinds)
		}
	}
}

func drawAway(rt *rapid.T, people []Person) away {
	ids := rapid.SampledFrom(names(people))
	return rapid.MapOfN(ids, ids, 0, 5).Draw(rt, "away")
}

// tryLeading lets somebody drawn do an awaited act under any post of theirs.
func tryLeading(rt *rapid.T, d *desk) (Event, bool) {
	if len(d.c.Awaiting) == 0 {
		return Event{}, false
	}
	kind := rapid.SampledFrom(d.c.Awaiting).Draw(rt, "awaited").Act
	if rapid.IntRange(0, 2).Draw(rt, "beside") == 0 {
		kind = rapid.SampledFrom(OpenIn(d.c)).Draw(rt, "open")
	}
	v := Values{}
	for _, f := range specByKind[kind].Fields {
		fill(rt, v, f)
		if to := onward[f.Name]; to != "" && slices.Contains(f.Options, to) {
			v[f.Name] = []string{to}
		}
	}
	for _, actor := range posts(rt, d) {
		if next, e, err := d.rules.Apply(d.c, Act{Kind: kind, Values: v}, actor, d.now); err == nil {
			d.c, d.now = next, d.now.Add(time.Minute)
			return e, true
		}
	}
	return Event{}, false
}

// posts lists everybody as each of what they hold, in an order drawn, and the rater.
func posts(rt *rapid.T, d *desk) []Actor {
	all := []Actor{{As: Assignment{Role: Citizen}}}
	for _, p := range d.rules.Roster {
		for _, as := range p.Assignments {
			all = append(all, Actor{Person: p.ID, Staff: p.Staff, Assignments: p.Assignments, As: as})
		}
	}
	return rapid.Permutation(all).Draw(rt, "who")
}

func holdFourEyes(rt *rapid.T, log []Event, e Event, bars []ActKind) {
	for _, who := range took(e) {
		if slices.Contains([]string{"ada", "ben"}, who) && e.As.Role != UnitHandler && e.As.Role != UnitHead {
			rt.Fatalf("%s in the name of %s, who serves at the unit rated: %+v", e.Name, who, e.As)
		}
		if who == "cem" {
			rt.Fatalf("%s in the name of whom it concerns: %+v", e.Name, e.As)
		}
		for _, past := range log {
			if past.Seq < e.Seq && slices.Contains(bars, ActKind(past.Name)) && slices.Contains(took(past), who) {
				rt.Fatalf("%s in the name of %s, who took part in %s (%d)", e.Name, who, past.Name, past.Seq)
			}
		}
	}
}
