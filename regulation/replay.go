package regulation

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"haochaping/workday"
)

// Replay tells how a case stood after each of its events, in their order, with what could be done
// then: see Rules.Could. Of the case it takes what it was opened with and never changes, and whom
// its measures are against. Events must be whole and in order, as the record keeps them.
func Replay(c Case, events []Event) []Standing {
	all := make([]Standing, 0, len(events))
	s := Standing{Edition: c.Edition, Tracks: map[Track]Stage{}, told: beginning(c, events), measures: c.Measures}
	for _, e := range events {
		s = s.after(e)
		all = append(all, s)
	}
	return all
}

// beginning is the case before its first event, about whom it was about then.
func beginning(c Case, events []Event) Case {
	first := Case{ID: c.ID, Edition: c.Edition, OpenedAt: c.OpenedAt, Area: c.Area, Authority: c.Authority, Upper: c.Upper,
		Contactable: c.Contactable, Named: c.Named, Rated: c.Rated, Matter: MatterState{AtRating: c.Matter.AtRating}}
	for _, e := range events {
		if i := slices.IndexFunc(e.Entries, isReattribution); i >= 0 {
			first.Rated = e.Entries[i].From
			break
		}
	}
	first.Unit = first.Rated.Unit
	return first
}

func isReattribution(e Entry) bool { return e.Kind == EntryReattribution }

// Case is the case as it stood, as far as acts are open, barred or refused by it: without what was
// typed, and without the figures that later steps made of it.
func (s Standing) Case() Case {
	c := s.told
	c.Seq, c.Phase, c.Tracks, c.Deadlines, c.Awaiting = s.Seq, s.Phase, s.Tracks, s.Deadlines, s.Waits
	for _, k := range s.measures {
		// Of before the opening event was kept, its instant has to do, which others may share.
		if k.Seq > s.Seq || k.Seq == 0 && k.OpenedAt.After(s.At) {
			continue
		}
		c.Measures = append(c.Measures, k)
	}
	return c
}

// follow takes from an event what later acts depend on. Tracks are those after it.
func (c *Case) follow(e Event, tracks map[Track]Stage) {
	c.Parts = maps.Clone(c.Parts)
	for _, part := range e.parts() {
		c.take(part, Actor{Person: e.Actor, As: e.As})
	}
	c.followSubject(e)
	c.followClock(e)
	if e.Kind == EventAct {
		c.followAct(e)
	}
	c.followWriteOff(e, tracks)
	c.followRounds(e)
}

// followWriteOff follows which kind a write-off is of, and whether it is in force.
func (c *Case) followWriteOff(e Event, tracks map[Track]Stage) {
	w := &c.WriteOff
	if e.Stages[TrackWriteOff] == StageApproval {
		*w = WriteOff{Kind: "mistaken", Behind: with(nil, Actor{Person: e.Actor, As: e.As})}
		if e.Name == string(ActConfirmMalice) {
			w.Behind = slices.Clone(c.Parts[PartFlagged])
		}
	}
	if e.Name == string(ActApproveWriteOff) {
		w.Behind = with(w.Behind, Actor{Person: e.Actor, As: e.As})
	}
	found := tracks[TrackMalice] == StageConfirmed && (e.Stages[TrackWriteOff] != "" || e.Stages[TrackMalice] != "")
	if tracks[TrackWriteOff] == StageApproval && found && e.Data["result"] != "mistaken" {
		w.Kind = "malicious"
	}
	for _, entry := range e.Entries {
		switch entry.Kind {
		case EntryWriteOff:
			w.EffectiveAt = e.At
		case EntryReversal:
			w.ReversedAt = e.At
		}
	}
}

// parts are those that the actor took. Events of before that was kept tell it by their act, as the
// acts were then.
func (e Event) parts() []Part {
	if e.Kind != EventAct || len(e.Parts) > 0 {
		return e.Parts
	}
	parts := slices.Clone(partsBefore[ActKind(e.Name)])
	if ActKind(e.Name) == ActDecideAppeal && e.Stages[TrackMalice] == StageConfirmation {
		parts = append(parts, PartFlagged)
	}
	return parts
}

var partsBefore = map[ActKind][]Part{
	ActSign: {PartHandled}, ActReturnOrder: {PartHandled}, ActSubmitPlan: {PartHandled}, ActSubmitRectification: {PartHandled},
	ActRequestExtension: {PartHandled}, ActAddEvidence: {PartVerified}, ActRecordFinding: {PartVerified},
	ActAcceptRectification: {PartJudged}, ActRejectRectification: {PartJudged}, ActDecideAppeal: {PartReviewed},
	ActFlagMalice: {PartFlagged}, ActConfirmMalice: {PartConfirmed}, ActProposeWriteOff: {PartWriteOff},
	ActApproveWriteOff: {PartApproved}, ActDecideObjection: {PartApproved}, ActProposeCredit: {PartCredit},
	ActApproveCredit: {PartFirst}, ActProposeReattribution: {PartReattribution}, ActDecideAccountability: {PartDecided},
	ActReferAccountability: {PartReferred},
}

// followSubject follows whom the case is about, and the notice that they have.
func (c *Case) followSubject(e Event) {
	for _, entry := range e.Entries {
		if !isReattribution(entry) {
			continue
		}
		if c.Unit == entry.From.Unit && c.order() == nil {
			c.Unit = entry.To.Unit
		}
		c.Former, c.Rated = append(slices.Clip(c.Former), entry.From), entry.To
	}
	if e.Data["notice_served"] != "" {
		c.Notice = Notice{ServedAt: e.At, AppealUntil: e.AppealUntil}
	}
}

// followClock follows the days of clause 7(3), and the instants that no deadline holds.
func (c *Case) followClock(e Event) {
	if e.Escalated != nil && e.Escalated.Reason == "rectification_overdue" {
		c.Clock.Overdue = true
	}
	for _, change := range e.Changes {
		d := change.Deadline
		if change.Op == DueRearmed {
			c.moveClock(d)
		}
		if change.Op == DueArmed && d.Kind == DeadlineStep && d.Act == ActSubmitRectification && d.Param != ExtensionApprovalDays {
			c.Clock.Due = d.Due
		}
	}
}

// followAct follows what acts leave behind that others ask for.
func (c *Case) followAct(e Event) {
	switch ActKind(e.Name) {
	case ActRecordCallback:
		c.Callback = c.Callback.after(e)
	case ActClosingCallback:
		c.Closing = c.Closing.after(e)
	case ActExemptCallback:
		if e.From == PhaseVerification {
			c.Callback.Exempt = e.Data["reason"]
		} else {
			c.Closing.Exempt = e.Data["reason"]
		}
	case ActRecordFinding:
		c.Finding = Finding{Kind: e.Data["finding"], Attribution: e.Data["attribution"]}
	case ActAskConsent, ActAnswerConsent:
		c.Consent.State = e.Data["answer"]
	case ActWithdrawConsent:
		c.Consent.State = "withdrawn"
	case ActTransfer:
		c.Unit = e.Data["unit"]
		c.Orders = append(slices.Clip(c.Orders), Order{Unit: c.Unit, IssuedAt: e.At})
		if c.Clock.From.IsZero() {
			c.Clock.From = e.At
		}
	case ActSubmitRectification:
		c.Clock.Submitted = append(slices.Clip(c.Clock.Submitted), Submission{At: e.At, By: e.Actor})
	case ActInterimReply:
		c.Interim.SentAt = e.At
	case ActReleaseReply:
		c.Reply.ReleasedAt = e.At
	case ActClose:
		c.ConcludedAt = e.At
	case ActFollowUp:
		c.FollowUp.At = e.At
	case ActLodgeAppeal:
		c.Appeal = Appeal{By: e.Actor, As: Seat{e.As.Role, e.As.Org}, LodgedAt: e.At}
	case ActProposeReattribution:
		c.Reattribution.To = Rated{Unit: e.Data["rated_unit"], Window: e.Data["rated_window"], Staff: e.Data["rated_staff"]}
	}
}

// after is a round of calls after one more.
func (c Callback) after(e Event) Callback {
	result := e.Data["result"]
	c.Attempts = append(slices.Clip(c.Attempts), Attempt{Date: workday.DateOf(e.At).String(), Result: result, By: e.Actor})
	c.Reached = result == "reached"
	return c
}

// followRounds follows what begins anew: a round of calls, an order after the first, the question for
// consent where nobody can be asked.
func (c *Case) followRounds(e Event) {
	exempt := e.Data["callback_exempt"]
	switch {
	case e.Kind == EventOpened:
		c.Callback.Exempt = exempt
	case exempt != "", e.To == PhaseCallback && e.From != PhaseCallback:
		c.Closing = Callback{Exempt: exempt}
	}
	if e.Data["reopened"] != "" {
		c.Closing = Callback{Exempt: c.lastingExemption()}
		c.Clock, c.Interim, c.Reply, c.ConcludedAt = Rectifying{}, Interim{}, Reply{}, time.Time{}
	}
	if e.unasked() && c.Consent.State == "" {
		c.Consent.State = "not_possible"
	}
}

// unasked tells whether an event brings a case before its next order without anybody being to ask the
// rater for consent: nobody may call them, or they were asked before (R30).
func (e Event) unasked() bool {
	return e.To == PhaseDispatch && e.From != PhaseDispatch && !slices.ContainsFunc(e.Changes, func(change DueChange) bool {
		return change.Op == DueArmed && change.Deadline.Act == ActAskConsent
	})
}

// deduce follows, by the deadlines alone, what a case waited for whose events do not tell it: those of
// before the procedures beside the main line.
func (s *Standing) deduce(e Event) {
	s.deduced = slices.DeleteFunc(slices.Clone(s.deduced), func(w Await) bool {
		done := e.Kind == EventAct && ActKind(e.Name) == w.Act && w.Act != ActRecordCallback // that one is done by several calls
		return done || contains(e.Ended, w.Act)
	})
	for _, change := range e.Changes {
		d := change.Deadline
		i := slices.IndexFunc(s.deduced, func(w Await) bool { return w.Deadline == d.ID })
		switch {
		case change.Op == DueArmed && d.Act != "" && (d.Kind == DeadlineStep || d.Kind == DeadlineSurvey):
			s.deduced = append(s.deduced, Await{Act: d.Act, Deadline: d.ID, Since: e.At, Due: d.Due, Provisional: d.Provisional})
		case i < 0:
		case change.Op == DueRearmed:
			s.deduced[i].Due, s.deduced[i].Provisional = d.Due, d.Provisional
		case change.Op == DuePassed:
			s.deduced[i].Overdue = true
		default:
			s.deduced = slices.Delete(s.deduced, i, i+1)
		}
	}
}

// Possible is an act of a case at an instant: before whom it lay and who of them could do it.
type Possible struct {
	Act     ActKind
	Await   *Await // nil where nothing waited for it
	Deduced bool   // no event tells that the case waited for it: its deadline does
	Seats   []Held
	Lacks   *Error // the condition that kept everybody from it; nil where there was none
}

// Held is a seat with everybody who could act from it, a citizen's with nobody: who rated is in no
// roster.
type Held struct {
	Seat
	By []Holder
}

// Holder is a person, and the post under which they could act.
type Holder struct {
	Person string
	As     Assignment
}

// Could tells what could be done with a case as it stood, at an instant: what it waited for, whether or
// not its conditions were met, and of the other acts those that somebody could do. The rules must be
// those of the case's edition, with calendar and people of that instant.
func (r Rules) Could(s Standing, at time.Time) []Possible {
	c := r.Then(s)
	var could []Possible
	for i := range c.Awaiting {
		p := r.possible(c, specByKind[c.Awaiting[i].Act], at)
		p.Await, p.Deduced = &c.Awaiting[i], i >= len(s.Waits)
		could = append(could, p)
	}
	for _, kind := range OpenIn(c) {
		if c.Await(kind) != nil {
			continue
		}
		if p := r.possible(c, specByKind[kind], at); p.Lacks == nil && p.manned() {
			could = append(could, p)
		}
	}
	return could
}

// Then is the case as it stood, with what events of earlier builds leave untold: the end of the appeal
// window, and what it waited for.
func (r Rules) Then(s Standing) Case {
	c := s.Case()
	if n := &c.Notice; !n.ServedAt.IsZero() && n.AppealUntil.IsZero() {
		n.AppealUntil = r.count(r.span(n.ServedAt, AppealDays)).at
	}
	if s.tellsWaits {
		return c
	}
	c.Awaiting = slices.Clone(c.Awaiting)
	for _, w := range s.deduced {
		settled := w.Act == ActRecordCallback && c.Callback.Done(r.Params)
		if c.Await(w.Act) == nil && contains(OpenIn(c), w.Act) && !settled {
			w.Seats, w.Raised = r.deducedSeats(c, w)
			c.Awaiting = append(c.Awaiting, w)
		}
	}
	return c
}

// deducedSeats are those before whom the rules of today lay a wait; one that is overdue with an
// authority lies one level up too.
func (r Rules) deducedSeats(c Case, w Await) (seats []Seat, raised string) {
	spec := specByKind[w.Act]
	seats, raised = r.seatsFor(c, spec)
	if !w.Overdue || spec.Side != SideAuthority {
		return seats, raised
	}
	up, _ := r.upperSeats(c, spec)
	for _, seat := range up {
		if !contains(seats, seat) {
			seats = append(seats, seat)
		}
	}
	return seats, cmp.Or(raised, "overdue")
}

// possible tells who could do an act, by seat, four eyes and conditions.
func (r Rules) possible(c Case, spec Spec, at time.Time) Possible {
	p := Possible{Act: spec.Kind}
	free := false
	for _, seat := range r.seats(c, spec) {
		held := Held{Seat: seat}
		for _, actor := range r.sitting(seat) {
			refusal := r.ready(c, spec, actor, at)
			if refusal != nil && refusal.Code != NotNow {
				continue
			}
			free = free || refusal == nil
			p.Lacks = refusal
			if actor.Person != "" && !slices.ContainsFunc(held.By, func(h Holder) bool { return h.Person == actor.Person }) {
				held.By = append(held.By, Holder{actor.Person, actor.As})
			}
		}
		p.Seats = append(p.Seats, held)
	}
	if free {
		p.Lacks = nil
	}
	return p
}

// manned tells whether somebody could act from one of the seats; the citizen always can.
func (p Possible) manned() bool {
	return slices.ContainsFunc(p.Seats, func(h Held) bool { return h.Role == Citizen || len(h.By) > 0 })
}

// sitting lists who holds a seat, once for each post that gives it to them.
func (r Rules) sitting(seat Seat) []Actor {
	if seat.Role == Citizen {
		return []Actor{{As: Assignment{Role: Citizen}}}
	}
	var actors []Actor
	for _, p := range r.Roster {
		for _, as := range p.Assignments {
			if as.Role == seat.Role && as.Org == seat.Org || PersonSeat(p.Staff) == seat {
				actors = append(actors, Actor{Person: p.ID, Staff: p.Staff, Assignments: p.Assignments, As: as})
			}
		}
	}
	return actors
}

// AppealOpen tells whether the rated side could still appeal at an instant: from service of the notice
// until the window closes, once.
func (c Case) AppealOpen(at time.Time) bool {
	n := c.Notice
	return !n.ServedAt.IsZero() && !at.After(n.AppealUntil) && c.Stage(TrackAppeal) == ""
}

// PlaceOf is where a seat is: one person's own is at the unit for whose work they were rated or answer.
func (c Case) PlaceOf(seat Seat) string {
	for _, rated := range append([]Rated{c.Rated}, c.Former...) {
		if seat == PersonSeat(rated.Staff) {
			return rated.Unit
		}
	}
	for _, k := range c.Measures {
		if seat == PersonSeat(k.Staff) {
			return k.Unit
		}
	}
	return seat.Org
}
