package worker_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"haochaping/regulation"
	"haochaping/store"
	"haochaping/store/storetest"
	"haochaping/workday"
)

// judge holds a case against the invariants: the record's own checks, and what its events alone must
// tell. Each complaint begins with the invariant's name in brackets.
func (p *play) judge() {
	p.at(func() time.Time { return p.now })
	c := p.read()
	rows, err := p.Events(context.Background(), regulation.Scope{All: true}, p.id)
	p.must(err)
	var events []regulation.Event
	for _, row := range rows {
		events = append(events, row.Event)
	}
	p.checks()
	p.dense(c, events)
	p.once(events)
	p.standing(c, events)
	p.seated(c, events)
	p.fourEyes(events)
	p.onTime(c, events)
	if p.kept(events); !p.noticed { // the days of its orders are those of several calendars
		p.clockHolds(c, events)
	}
	p.closing(events)
	p.entries(c, events)
	p.grounds(c, events)
}

// checks are the record's own, with the system up but while an act waited for the sweep. A step that
// four eyes, or who was shut out, leave to nobody is laid before everybody there is already: the office seats one person more,
// as the finding's advice says, and it is found no longer.
func (p *play) checks(only ...string) {
	barred := p.faults(only...)
	if len(barred) == 0 {
		return
	}
	if mended, err := p.Repair(context.Background(), store.CheckHolders, p.id, "simulation"); !errors.Is(err, store.ErrNoRepair) {
		p.rt.Fatalf("[holders] %v had others who may: %v, %v", barred, mended, err)
	}
	for _, text := range barred {
		role, org, _ := strings.Cut(text, "@")
		p.seat(regulation.Role(role), org)
	}
	if still := p.faults(only...); len(still) > 0 {
		p.rt.Fatalf("[holders] nobody may %v, where one more was seated", still)
	}
}

// faults are the seats of steps that nobody may do; any other finding fails the case.
func (p *play) faults(only ...string) (barred []string) {
	_, err := p.Verify(context.Background(), store.VerifyOptions{Case: p.id, Only: only, Uptime: p.up(), Found: func(f store.Finding) error {
		if f.Code == "nobody_may" || f.Code == "nobody_holds_it" && len(p.out) > 0 {
			barred = append(barred, f.About[1:]...)
			return nil
		}
		return fmt.Errorf("[%s %s] %v", f.Check, f.Code, f.About)
	}})
	p.must(err)
	return barred
}

// seat gives an office one person more, from the simulation's first day on.
func (w *world) seat(role regulation.Role, org string) {
	login := fmt.Sprintf("sim-%d", len(w.logins))
	person, err := w.CreateAccount(context.Background(), store.NewAccount{Login: login, NameZH: "模拟"}, "simulation")
	if err == nil {
		err = w.Appoint(context.Background(), person, role, org, storetest.Start, "simulation")
	}
	if err != nil {
		panic(err)
	}
	w.logins[person] = login
}

func (p *play) up() (up store.Uptime) {
	from := p.opened.AddDate(0, 0, -1)
	slices.SortFunc(p.away, func(a, b store.Stretch) int { return a.From.Compare(b.From) })
	for _, away := range p.away {
		if away.From.After(from) {
			up = append(up, store.Stretch{From: from, Until: away.From})
		}
		if away.Until.After(from) {
			from = away.Until
		}
	}
	return append(up, store.Stretch{From: from, Until: p.now.AddDate(5, 0, 0)})
}

func (p *play) dense(c regulation.Case, events []regulation.Event) {
	for i, e := range events {
		if e.Seq != int64(i)+1 {
			p.rt.Fatalf("[dense] event %d is numbered %d", i+1, e.Seq)
		}
	}
	if c.Seq != int64(len(events)) {
		p.rt.Fatalf("[dense] the case stands at %d of %d events", c.Seq, len(events))
	}
}

// once: each acknowledged act is done exactly once or refused, as its client was told, and no event
// is an act that nobody sent.
func (p *play) once(events []regulation.Event) {
	taken := map[int64]bool{}
	for _, s := range p.sent {
		row, err := p.ActOutcome(context.Background(), s.row.ID)
		p.must(err)
		if s.answer != nil && (s.answer.Refused != "") != (row.Refusal != nil) {
			p.rt.Fatalf("[once] %s: the client heard %q, the record has %s", row.Kind, s.answer.Refused, row.Status)
		}
		if s.answer != nil && (s.answer.Seq < row.Seq || s.answer.Seq > int64(len(events))) {
			p.rt.Fatalf("[once] %s: the client heard of event %d, the act's own is %d of %d", row.Kind, s.answer.Seq, row.Seq, len(events))
		}
		switch row.Status {
		case store.ActRefused:
		case store.ActDone:
			if taken[row.Seq] || row.Seq < 1 || row.Seq > int64(len(events)) || events[row.Seq-1].Name != string(row.Kind) || events[row.Seq-1].Actor != row.Person {
				p.rt.Fatalf("[once] %s is event %d, which is another's", row.Kind, row.Seq)
			}
			taken[row.Seq] = true
		default:
			p.rt.Fatalf("[once] %s was acknowledged and has no outcome", row.Kind)
		}
	}
	for _, e := range events {
		if e.Kind == regulation.EventAct && !taken[e.Seq] {
			p.rt.Fatalf("[once] nobody sent the %s of event %d", e.Name, e.Seq)
		}
	}
}

// standing: what the events tell of phase, procedures, waits and deadlines is what the case says.
func (p *play) standing(c regulation.Case, events []regulation.Event) {
	all := regulation.Standings(c.Edition, events)
	last := all[len(all)-1]
	if last.Phase != c.Phase || len(last.Deadlines) != len(c.Deadlines) || len(last.Waits) != len(c.Awaiting) {
		p.rt.Fatalf("[standing] told %+v, the case says %s %v %v %v", last, c.Phase, c.Tracks, c.Awaiting, c.Deadlines)
	}
	for _, track := range regulation.Tracks {
		if stage := c.Stage(track); last.Tracks[track] != stage {
			p.rt.Fatalf("[standing] %s is told at %s, and is at %s", track, last.Tracks[track], stage)
		}
	}
	for _, d := range c.Deadlines {
		if !slices.ContainsFunc(last.Deadlines, func(t regulation.Deadline) bool { return t.ID == d.ID && t.Due.Equal(d.Due) }) {
			p.rt.Fatalf("[standing] no event tells of %s", d.ID)
		}
	}
	for _, a := range c.Awaiting {
		if !slices.ContainsFunc(last.Waits, func(t regulation.Await) bool {
			return t.Act == a.Act && t.Due.Equal(a.Due) && slices.Equal(t.Seats, a.Seats)
		}) {
			p.rt.Fatalf("[standing] no event tells that the case waits for %s", a.Act)
		}
	}
}

// seated: whoever did an act that was waited for held a seat of that wait then.
func (p *play) seated(c regulation.Case, events []regulation.Event) {
	all := regulation.Standings(c.Edition, events)
	staff := map[string]string{}
	for _, s := range p.sent {
		staff[s.request.Actor.Person] = s.request.Actor.Staff
	}
	for i, e := range events {
		spec, known := regulation.SpecOf(regulation.ActKind(e.Name))
		if i == 0 || e.Kind != regulation.EventAct || !known {
			continue
		}
		for _, w := range all[i-1].Waits {
			own := regulation.PersonSeat(staff[e.Actor])
			if w.Act == spec.Awaited() && !slices.ContainsFunc(w.Seats, func(s regulation.Seat) bool {
				return s.Role == e.As.Role && (s.Org == e.As.Org || s.Role == regulation.Citizen) || own.Org != "" && s == own
			}) {
				p.rt.Fatalf("[seated] %s by %s, before %v", e.Name, e.As.Role, w.Seats)
			}
		}
		if spec.Side != regulation.SideRated && staff[e.Actor] != "" && staff[e.Actor] == c.Rated.Staff {
			p.rt.Fatalf("[four eyes] %s by the person rated", e.Name)
		}
	}
}

// Four eyes, written down once more, apart from the rules: who did one of these acts ...
var (
	handled = []string{"sign", "return_order", "submit_plan", "submit_rectification", "request_extension", "lodge_appeal", "give_statement",
		"answer_recommendation", "request_review"}
	verified = []string{"add_evidence", "record_finding"}
	judged   = []string{"accept_rectification", "reject_rectification"}
)

// ... does none of those on the same case.
var apart = []struct{ earlier, later []string }{
	{handled, []string{"record_finding", "accept_rectification", "reject_rectification", "release_reply", "recheck", "decide_appeal",
		"refer_accountability", "flag_malice", "approve_write_off", "refuse_write_off", "review_case", "record_investigation", "decide_accountability",
		"approve_extension", "refuse_extension", "propose_credit", "approve_credit", "confirm_credit", "propose_reattribution", "approve_reattribution",
		"refuse_reattribution", "confirm_malice", "reject_malice", "decide_objection", "review_write_off", "decide_review", "revoke_accountability"}},
	{verified, []string{"recheck", "decide_appeal", "approve_write_off", "refuse_write_off", "decide_objection", "review_case", "record_investigation", "decide_accountability",
		"decide_review", "revoke_accountability"}},
	{judged, []string{"recheck", "decide_appeal", "review_case", "record_investigation", "decide_accountability", "decide_review", "revoke_accountability"}},
	{[]string{"release_reply"}, []string{"recheck", "review_case"}},
	{[]string{"decide_appeal", "flag_malice", "propose_write_off"}, []string{"approve_write_off", "refuse_write_off", "decide_objection", "review_write_off"}},
	{[]string{"approve_write_off"}, []string{"decide_objection", "review_write_off"}},
	{[]string{"flag_malice"}, []string{"confirm_malice", "reject_malice"}},
	{[]string{"decide_appeal", "flag_malice", "confirm_malice", "propose_credit"}, []string{"approve_credit", "confirm_credit"}},
	{[]string{"approve_credit"}, []string{"confirm_credit"}},
	{[]string{"propose_reattribution"}, []string{"approve_reattribution", "refuse_reattribution"}},
	{[]string{"refer_accountability"}, []string{"decide_accountability", "decide_review", "revoke_accountability"}},
	{[]string{"decide_accountability"}, []string{"decide_review", "revoke_accountability"}},
}

// own are the decisions that some acts are about. Who made one may not do the act even where everybody who might had a part, and the step
// lies before who is left.
var own = map[string]string{"decide_objection": "approve_write_off", "decide_review": "decide_accountability"}

// fourEyes holds for whoever acted and for those in whose place they did: an act counts as both's.
func (p *play) fourEyes(events []regulation.Event) {
	did := map[string][]string{}  // acts by person
	last := map[string][]string{} // who did an act last
	left := map[string]bool{}     // acts that lie before who is left
	for _, e := range events {
		people := append(e.As.Absent(), e.Actor)
		if left[e.Name] && slices.ContainsFunc(people, func(person string) bool { return slices.Contains(last[own[e.Name]], person) }) {
			p.rt.Fatalf("[four eyes] %s on their own decision", e.Name)
		}
		last[e.Name] = people
		wasLeft := left[e.Name]
		for _, w := range e.Waits {
			left[string(w.Act)] = w.Raised == "nobody_left" && own[string(w.Act)] != ""
		}
		for _, person := range people {
			if wasLeft {
				did[person] = append(did[person], e.Name)
				continue
			}
			for _, rule := range apart {
				if person != "" && slices.Contains(rule.later, e.Name) &&
					slices.ContainsFunc(did[person], func(act string) bool { return slices.Contains(rule.earlier, act) }) {
					p.rt.Fatalf("[four eyes] %s by who did %v, or in their place", e.Name, did[person])
				}
			}
			did[person] = append(did[person], e.Name)
		}
	}
}

// onTime: no deadline is recorded before it is due nor before an act received by then, none of those
// that stand is over, and an appeal is lodged within its window.
func (p *play) onTime(c regulation.Case, events []regulation.Event) {
	var passed time.Time // the latest due instant that was recorded as passed
	for _, e := range events {
		if e.Kind == regulation.EventAct && !e.At.After(passed) {
			p.rt.Fatalf("[on time] %s was received at %v and is recorded after what was due %v", e.Name, e.At, passed)
		}
		for _, change := range e.Changes {
			if change.Op == regulation.DuePassed && change.Deadline.Due.After(passed) {
				passed = change.Deadline.Due
			}
			if change.Op == regulation.DuePassed && e.At.Before(change.Deadline.Due) {
				p.rt.Fatalf("[on time] %s passed at %v, due %v", change.Deadline.ID, e.At, change.Deadline.Due)
			}
		}
		if e.Name == string(regulation.ActLodgeAppeal) && e.At.After(c.Notice.AppealUntil) {
			p.rt.Fatalf("[on time] an appeal at %v, its window ended %v", e.At, c.Notice.AppealUntil)
		}
	}
	for _, d := range c.Deadlines {
		if p.now.Sub(d.Due) > time.Minute && len(p.away) == 0 {
			p.rt.Fatalf("[on time] %s was due %v and nothing happened", d.ID, d.Due)
		}
	}
}

// clockHolds: however often it is handed in, a rectification is due 15 working days after the order
// of the unit that has it (7(3)), and those that an extension gives and an appeal keeps standing; no
// rejection starts the clock again. An extension granted late leaves the next working day at most.
func (p *play) clockHolds(c regulation.Case, events []regulation.Event) {
	rules := p.rules(c, nil)
	var ordered, granted time.Time
	given := rules.Params.Days(regulation.RectificationDays)
	for _, e := range events {
		switch e.Name {
		case string(regulation.ActTransfer):
			ordered, granted, given = e.At, time.Time{}, rules.Params.Days(regulation.RectificationDays)
		case string(regulation.ActApproveExtension):
			more, err := strconv.Atoi(e.Data["extension_days"])
			p.must(err)
			granted, given = e.At, given+more
		}
		for _, change := range e.Changes {
			d := change.Deadline
			if change.Op != regulation.DueArmed || d.Kind != regulation.DeadlineStep || d.Act != regulation.ActSubmitRectification {
				continue
			}
			if d.Param == regulation.ExtensionApprovalDays { // holds the days back while more are undecided
				continue
			}
			end := func(from time.Time, days int) time.Time {
				return rules.Hours.Close(rules.Calendar.Add(workday.DateOf(from), days+p.stood(c, rules, from, later(from, e.At))).Date)
			}
			until := end(ordered, given)
			if !granted.IsZero() { // nobody is late by the decision alone, nor by a rejection after it
				until = later(until, end(granted, 1))
			}
			if d.Due.After(until) {
				p.rt.Fatalf("[clock] %s: rectification due %v, its working days end %v", e.Name, d.Due, until)
			}
		}
	}
}

// later is the later of two instants: what was received before an order may be recorded after it.
func later(a, b time.Time) time.Time { return slices.MaxFunc([]time.Time{a, b}, time.Time.Compare) }

// stood counts the working days from an order to an instant in which the clock stood still for an
// appeal, and while it stands those that the review may take.
func (p *play) stood(c regulation.Case, rules regulation.Rules, ordered, at time.Time) (days int) {
	for _, clock := range append(slices.Clone(c.Earlier), c.Clock) {
		for _, pause := range clock.Pauses {
			from, to := pause.From, pause.To
			if from.Before(ordered) {
				from = ordered
			}
			if pause.From.After(at) || !to.IsZero() && to.Before(ordered) {
				continue
			}
			if to.IsZero() || to.After(at) {
				to, days = at, days+rules.Params.Days(regulation.AppealReviewDays)
			}
			days += max(0, rules.Calendar.Left(workday.DateOf(from), workday.DateOf(to)))
		}
	}
	return days
}

// closing: each closing rests on what R22 and R29 ask for, in the round that it ends: a finding, a reply,
// and the rater called, or why not, both while it was verified and about that reply.
func (p *play) closing(events []regulation.Event) {
	for i, e := range events {
		if e.Name != string(regulation.ActClose) {
			continue
		}
		if missing := lacking(events[:i]); missing != "" {
			p.rt.Fatalf("[closing] event %d closes without %s", e.Seq, missing)
		}
	}
}

// round is one round of calls to the rater.
type round struct {
	settled bool
	days    []string // of each call
}

// call settles a round when the rater is reached, or with the third call if not all were on one day (R23).
func (r *round) call(e regulation.Event) {
	r.days = append(r.days, workday.DateOf(e.At).String())
	tried := len(r.days) >= 3 && slices.ContainsFunc(r.days, func(day string) bool { return day != r.days[0] })
	r.settled = r.settled || e.Data["result"] == "reached" || tried
}

// lacking names what a closing after these events would lack, or "".
func lacking(events []regulation.Event) string {
	var verified, closing round
	found, replied := false, false
	for _, e := range events {
		switch e.Name {
		case "opened":
			verified.settled = e.Data["callback_exempt"] != ""
		case string(regulation.ActRecordCallback):
			verified.call(e)
		case string(regulation.ActClosingCallback):
			closing.call(e)
		case string(regulation.ActRecordFinding):
			found = true
		case string(regulation.ActReleaseReply):
			replied = true
		case string(regulation.ActExemptCallback):
			if e.From == regulation.PhaseVerification {
				verified.settled = true
			} else {
				closing.settled = true
			}
		}
		if e.From == regulation.PhaseSurvey && e.To != regulation.PhaseSurvey { // the calls are about the reply just released
			closing = round{settled: e.Data["callback_exempt"] != ""}
		}
		if e.Data["reopened"] != "" {
			replied, closing = false, round{}
		}
	}
	switch {
	case !verified.settled:
		return "a callback"
	case !found:
		return "a finding"
	case !replied:
		return "a reply"
	case !closing.settled:
		return "a closing callback"
	}
	return ""
}

// entries: a rating is taken out of the figures once at most (R53).
func (p *play) entries(c regulation.Case, events []regulation.Event) {
	sum := 0
	for _, e := range events {
		for _, entry := range e.Entries {
			sum += entry.Sign
		}
	}
	if sum > 0 || sum < -1 || (sum == -1) != c.WrittenOff() {
		p.rt.Fatalf("[entries] they sum to %d, written off %t", sum, c.WrittenOff())
	}
}

// grounds: whatever came before the discipline officers against a unit to be answered for is a ground of
// a round, or waits for one, unless the rating was written off or moved; and nothing waits while no round runs (R45).
func (p *play) grounds(c regulation.Case, events []regulation.Event) {
	if len(c.Pending) > 0 && !c.Running(regulation.TrackAccountability) {
		p.rt.Fatalf("[grounds] %v wait for the end of no round", c.Pending)
	}
	known, voided := map[int64]bool{}, false
	for _, g := range c.Pending {
		known[g.Seq] = true
	}
	for _, k := range c.Measures {
		for _, g := range k.Grounds {
			known[g.Seq] = true
		}
	}
	for _, entry := range c.Entries {
		voided = voided || entry.Kind == regulation.EntryWriteOff || entry.Kind == regulation.EntryReattribution
	}
	for _, e := range events {
		if e.Escalated == nil || e.Escalated.To != "discipline" || e.Escalated.Unit == "" || known[e.Seq] {
			continue
		}
		if reason := e.Escalated.Reason; reason == "pressure" || !voided && reason != "unsigned" {
			p.rt.Fatalf("[grounds] nobody answers for %s of event %d: %+v, then %+v", reason, e.Seq, c.Measures, c.Pending)
		}
	}
}

// count adds a case to the figures.
func (w *world) count(p *play) {
	c := p.read()
	w.cases++
	w.crashes += p.crashes
	if c.Closed() {
		w.closed++
	}
	for track := range c.Tracks {
		w.tracks[track]++
	}
	events, err := w.Events(context.Background(), regulation.Scope{All: true}, p.id)
	p.must(err)
	for _, e := range events {
		switch e.Kind {
		case regulation.EventAct:
			w.done++
			if e.As.For != "" {
				w.stoodIn++
			}
			w.kinds[regulation.ActKind(e.Name)]++
		case regulation.EventDeadline:
			w.deadlines++
		}
	}
	for _, s := range p.sent {
		if row, err := w.ActOutcome(context.Background(), s.row.ID); err == nil && row.Refusal != nil {
			w.refused++
		}
	}
}

// whole verifies the record with all its cases, all in the past of its clock but for lateness, which
// each case was held against already.
func (w *world) whole(t *testing.T) {
	t.Helper()
	w.at(func() time.Time { return storetest.Start })
	_, err := w.Verify(t.Context(), store.VerifyOptions{Uptime: store.Uptime{}, Found: func(f store.Finding) error {
		t.Errorf("[%s %s] case %s: %v", f.Check, f.Code, f.Case, f.About)
		return nil
	}})
	if err != nil {
		t.Error(err)
	}
}
