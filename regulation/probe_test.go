package regulation

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"haochaping/workday"
)

func probeRules(t *testing.T) Rules {
	t.Helper()
	params, err := NewParams(Edition1, nil)
	if err != nil {
		t.Fatal(err)
	}
	return Rules{Params: params, Calendar: workday.National(), Hours: workday.DefaultHours}
}

func traces(n int, change func(i int, t *Trace)) []Trace {
	var all []Trace
	for i := range n {
		t := Trace{Rating: fmt.Sprintf("r%03d", i), Grade: VerySatisfied, At: at("2026-11-02 10:00").Add(time.Duration(i) * time.Hour), Channel: ChannelWeb,
			Unit: police, Staff: "st1", Project: fmt.Sprint("p", i), AcceptedOn: date("2026-11-01"), HasText: true}
		change(i, &t)
		all = append(all, t)
	}
	return all
}

func kindsOf(signals []Signal) (kinds []string) {
	for _, s := range signals {
		kinds = append(kinds, fmt.Sprintf("%s %s %s/%s %d", s.Kind, s.Direction, s.Suspect.Kind, s.Suspect.Object, s.Count))
	}
	return kinds
}

func TestEachSignalStandsOutFromItsThresholdOn(t *testing.T) {
	r := probeRules(t)
	for name, c := range map[string]struct {
		n      int // one less says nothing
		change func(int, *Trace)
		want   string
	}{
		"colleagues' telephones": {2, func(_ int, t *Trace) { t.PhoneUnit = police }, "staff_phone praise staff/st1 2"},
		"another telephone":      {4, func(i int, t *Trace) { t.Phone, t.ApplicantPhone = fmt.Sprint("a", i), "b" }, "changed_phone praise staff/st1 4"},
		"one angry telephone":    {5, func(_ int, t *Trace) { t.Phone, t.Grade = "0123456789abcdef", VeryDissatisfied }, "same_rater blame rater/0123456789abcdef 5"},
		"one content telephone":  {5, func(_ int, t *Trace) { t.Phone = "0123456789abcdef" }, "same_rater praise unit/" + police + " 5"},
		"one browser":            {8, func(_ int, t *Trace) { t.Client = "c" }, "same_device praise staff/st1 8"},
		"a program":              {20, func(_ int, t *Trace) { t.Options, t.HasText = "510,511", false }, "fixed_form praise staff/st1 20"},
		"a burst":                {6, func(i int, t *Trace) { t.At = at("2026-11-02 10:00").Add(time.Duration(20*i) * time.Second) }, "burst praise staff/st1 6"},
		"before acceptance":      {3, func(_ int, t *Trace) { t.AcceptedOn = date("2026-11-20") }, "before_acceptance praise staff/st1 3"},
		"a staff browser":        {2, func(_ int, t *Trace) { t.Session = "ben" }, "staff_session praise staff/st1 2"},
	} {
		t.Run(name, func(t *testing.T) {
			sight := Sight{Day: date("2026-11-27"), Traces: traces(c.n, c.change)}
			if got := kindsOf(r.Signals(sight)); !slices.Equal(got, []string{c.want}) {
				t.Errorf("got %q", got)
			}
			sight.SetAside = map[Suspect]workday.Date{}
			for _, s := range r.Signals(sight) {
				sight.SetAside[s.Suspect] = sight.Day
			}
			if got := r.Signals(sight); len(got) > 0 {
				t.Errorf("weighed already, and told again: %q", kindsOf(got))
			}
			sight = Sight{Day: sight.Day, Traces: sight.Traces[:c.n-1]}
			if got := r.Signals(sight); len(got) > 0 {
				t.Errorf("one less: %q", kindsOf(got))
			}
		})
	}
}

func signal(ratings ...string) Signal {
	return Signal{Kind: SignalStaffPhone, Direction: FalsePraise, Suspect: Suspect{SuspectStaff, "st1"}, Unit: police, Count: len(ratings), Ratings: ratings}
}

// suspected is a probe that the rule opened on two ratings.
func suspected(t *testing.T, r Rules) Probe {
	t.Helper()
	q, entries := r.Suspected(Probe{ID: "q1", Suspect: Suspect{SuspectStaff, "st1"}, Unit: police, Area: "513301", Authority: county, Upper: upper},
		[]Signal{signal("r1", "r2")}, date("2026-11-20"), at("2026-11-21 01:00"))
	if len(entries) != 1 || entries[0].Name != ProbeOpened || !q.Open() || q.Subject().Staff != "" {
		t.Fatalf("%+v %+v", q, entries)
	}
	return q
}

func probeValues(pairs ...string) Values {
	v := Values{}
	for i := 0; i < len(pairs); i += 2 {
		v[pairs[i]] = []string{pairs[i+1]}
	}
	return v
}

var (
	confirmed = probeValues("probe_outcome", ProbeConfirmed, "probe_measure", MeasureAnnul, "probe_reasons", "电话属实")
	approved  = probeValues("probe_decision", "approve", "probe_reasons", "同意")
)

func missing(err error) string {
	var refusal *Error
	if errors.As(err, &refusal) {
		for _, code := range refusal.Fields {
			return code
		}
		return refusal.Missing
	}
	return ""
}

func TestNothingIsConfirmedAgainstWhoWasNotHeardNorByOnePerson(t *testing.T) {
	r := probeRules(t)
	q, now := suspected(t, r), at("2026-11-23 10:00")
	ann, bob := Actor{Person: "ann"}, Actor{Person: "bob"}
	if _, _, err := r.ProposeConclusion(q, confirmed, ann, now); missing(err) != "not_heard" {
		t.Errorf("not heard: %v", err)
	}
	if _, _, err := r.State(q, probeValues("probe_statement", "x"), ann, now); missing(err) != "no_statement_asked" {
		t.Errorf("nobody asked: %v", err)
	}
	q, asked, err := r.AskStatement(q, probeValues("probe_allegation", "两条评价留的是同事电话"), ann, now)
	if err != nil || q.Subject().Staff != "st1" || asked.Due.IsZero() || !slices.Equal(q.Told(asked), []Seat{PersonSeat("st1")}) {
		t.Fatalf("%+v %v", asked, err)
	}
	if _, _, err := r.ProposeConclusion(q, confirmed, ann, now); missing(err) != "not_heard" {
		t.Errorf("not heard yet: %v", err)
	}
	q, _, err = r.State(q, probeValues("probe_statement", "是家人的电话"), Actor{Person: "st"}, now)
	if err != nil || !q.Heard() {
		t.Fatal(err)
	}
	q, _, err = r.ProposeConclusion(q, confirmed, ann, now)
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := r.DecideProbe(q, approved, ann, now); missing(err) != "proposed_by_you" {
		t.Errorf("the same person: %v", err)
	}
	if _, _, err := r.DecideProbe(q, approved, Actor{Person: "cay", As: Assignment{For: "ann"}}, now); missing(err) != "proposed_by_you" {
		t.Errorf("in the same person's place: %v", err)
	}
	q, decided, err := r.DecideProbe(q, approved, bob, now)
	if err != nil || q.Open() || !slices.Equal(decided.Annuls, []string{"r1", "r2"}) {
		t.Errorf("%+v %v", decided, err)
	}
	if _, _, err := r.NoteProbe(q, probeValues("probe_note", "x"), ann, now); missing(err) != "probe_ended" {
		t.Errorf("after the end: %v", err)
	}
}

func TestWhatIsNotConfirmedHasNoConsequenceAndNoneFitsTheOtherDirection(t *testing.T) {
	r := probeRules(t)
	q, now := suspected(t, r), at("2026-11-23 10:00")
	for outcome, c := range map[string]struct{ measure, missing string }{
		ProbeUnfounded:      {MeasureAnnul, "nothing_confirmed"},
		ProbeNotEstablished: {MeasureAccountability, "nothing_confirmed"},
		ProbeConfirmed:      {MeasureMalice, "not_of_this_direction"},
	} {
		heard := q
		heard.Hearing = HearingHeld
		_, _, err := r.ProposeConclusion(heard, probeValues("probe_outcome", outcome, "probe_measure", c.measure, "probe_reasons", "x"), Actor{Person: "ann"}, now)
		if missing(err) != c.missing {
			t.Errorf("%s, %s: %v", outcome, c.measure, err)
		}
	}
	if _, _, err := r.ProposeConclusion(q, probeValues("probe_outcome", ProbeUnfounded, "probe_measure", MeasureNone, "probe_reasons", "x"), Actor{Person: "ann"}, now); err != nil {
		t.Errorf("nothing against anybody needs no hearing: %v", err)
	}
}

func TestProbePassesItsDaysOnce(t *testing.T) {
	r := probeRules(t)
	q := suspected(t, r)
	q, _, err := r.AskStatement(q, probeValues("probe_allegation", "x"), Actor{Person: "ann"}, at("2026-11-23 10:00"))
	if err != nil {
		t.Fatal(err)
	}
	if _, entries := q.Passes(q.HeardBy); len(entries) != 0 {
		t.Errorf("at the very instant: %+v", entries)
	}
	q, entries := q.Passes(q.HeardBy.Add(time.Second))
	if len(entries) != 1 || entries[0].Name != ProbeWaived || !q.Heard() || !q.MayState() {
		t.Errorf("%+v", entries)
	}
	q, entries = q.Passes(q.Due.Add(time.Second))
	if len(entries) != 1 || entries[0].Name != ProbeOverdue || entries[0].To != upper || !slices.Contains(q.Told(entries[0]), Seat{Supervisor, upper}) {
		t.Errorf("%+v", entries)
	}
	if _, entries = q.Passes(q.Due.Add(time.Hour)); len(entries) != 0 {
		t.Errorf("again: %+v", entries)
	}
}

func TestEvidenceGrowsAndIsToldOnlyWhereItIsNew(t *testing.T) {
	r := probeRules(t)
	q := suspected(t, r)
	day := date("2026-11-24")
	if _, entries := r.Suspected(q, []Signal{signal("r1", "r2")}, day, day.Start()); len(entries) != 0 {
		t.Errorf("nothing new: %+v", entries)
	}
	q, entries := r.Suspected(q, []Signal{signal("r2", "r3")}, day, day.Start())
	if len(entries) != 1 || entries[0].Name != ProbeSignalled || !slices.Equal(q.Ratings(), []string{"r1", "r2", "r3"}) {
		t.Errorf("%v %+v", q.Ratings(), entries)
	}
}

func TestNobodyProbesIntoThemselves(t *testing.T) {
	r := probeRules(t)
	r.Roster = []Person{staffed("ben", UnitHead, police, "st9"), person("ann", Supervisor, county)}
	q := suspected(t, r)
	for name, c := range map[string]struct {
		q      Probe
		person string
		staff  string
		want   string
	}{
		"own profile":  {q, "x", "st1", "concerns_you"},
		"own unit":     {q, "ben", "st9", "your_unit"},
		"own decision": {Probe{Suspect: Suspect{SuspectApprover, "ann"}, Unit: county}, "ann", "", "concerns_you"},
		"anybody else": {q, "ann", "", ""},
	} {
		if got := r.BarredFromProbe(c.q, Actor{Person: c.person, Staff: c.staff}); got != c.want {
			t.Errorf("%s: %q", name, got)
		}
	}
}
