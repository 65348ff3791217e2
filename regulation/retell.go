package regulation

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"time"

	"haochaping/workday"
)

// Retell is a case with everything in the place of what it says that its events tell: what the acts
// do, written down once more from events alone, which the ledger protects. What no event tells stays
// as the case has it: where pauses and extensions moved an end that no timer held, the unit's own due
// instant, what stands in words alone, and the procedures' own records.
// Events must be whole and in order, with the names of their texts. How the case stands (phase,
// tracks, waits, deadlines) is Standings' to tell. p are the parameters of the case's edition.
func Retell(p Params, c Case, events []Event) Case {
	r := retelling{was: c, c: c.clone(), waits: len(events) > 0 && len(events[0].Waits) > 0, pauses: p.Days(AppealPausesClock) > 0}
	r.forget()
	for _, e := range events {
		r.tell(e)
	}
	r.keep()
	return r.c
}

// retelling is a case under way from its first event to its last.
type retelling struct {
	c, was Case
	// waits tells that the case was opened by a build that also keeps when the main line ended.
	waits bool
	// pauses: the edition lets an appeal stop the 15 working days; appealed: one runs.
	pauses, appealed bool
	// unsure: the end of the 15 working days has moved, and the event does not say where to.
	unsure bool
}

// forget takes from the case what its events will tell.
func (r *retelling) forget() {
	c := &r.c
	for _, e := range c.Entries {
		if e.Kind == EntryReattribution {
			c.Rated = e.From
			break
		}
	}
	c.Unit, c.Former, c.Entries, c.Escalation = c.Rated.Unit, nil, nil, nil
	c.Matter = MatterState{AtRating: c.Matter.AtRating}
	c.Notice.ServedAt, c.Notice.How = time.Time{}, ""
	c.Callback, c.Closing, c.Evidence, c.Finding, c.Consent = Callback{}, Callback{}, 0, Finding{}, Consent{}
	c.Orders, c.Clock, c.Earlier, c.Interim, c.Reply, c.Survey = nil, Rectifying{}, nil, Interim{}, Reply{}, Survey{}
	c.FollowUp, c.Pressure, c.Rechecks, c.Reopened, c.Again = FollowUp{}, false, 0, 0, nil
	c.Handlers, c.Verifiers, c.Judges, c.Parts = nil, nil, nil, nil
	if r.waits {
		c.ConcludedAt = time.Time{}
	}
}

// tell goes one event on.
func (r *retelling) tell(e Event) {
	c := &r.c
	if e.Escalated != nil {
		c.Escalation = append(c.Escalation, *e.Escalated)
		r.lapse(*e.Escalated)
	}
	if how := e.Data["notice_served"]; how != "" {
		c.Notice.ServedAt, c.Notice.How = e.At, how
	}
	switch {
	case e.Kind == EventOpened:
		c.Contactable = e.Data["callback_exempt"] == ""
		c.Callback.Exempt = e.Data["callback_exempt"]
	case e.Kind == EventDeadline && e.Name == string(DeadlineSurvey):
		c.Survey = Survey{State: "unanswered", At: e.At}
	case e.Kind == EventAct:
		r.act(e)
	}
	if e.From == PhaseSurvey && e.To != PhaseSurvey { // the calls are about the reply just released
		c.Closing = Callback{Exempt: e.Data["callback_exempt"]}
	}
	if e.Data["order_recalled"] != "" {
		r.recalled(e)
	}
	for _, entry := range e.Entries {
		r.entry(entry)
	}
	r.reopen(e)
	r.clock(e)
	if stage, moved := e.Stages[TrackAppeal]; moved {
		r.appealed = contains(running[TrackAppeal], stage)
	}
	if e.unasked() && c.Consent.State == "" {
		c.Consent = Consent{State: "not_possible", At: e.At}
	}
}

// act tells what an act put on record.
func (r *retelling) act(e Event) {
	if does := retold[ActKind(e.Name)]; does != nil {
		does(r, e)
	}
	for part, acts := range partsOf {
		flagged := part == PartFlagged && e.Stages[TrackMalice] == StageConfirmation                                           // also by whom an appeal was decided
		unknown := e.Schema < 2 && (part == PartReply || part == PartHandled && SideRated == specByKind[ActKind(e.Name)].Side) // to the build that recorded it
		if (contains(acts, ActKind(e.Name)) || flagged) && !unknown {
			r.took(part, e)
		}
	}
	if e.Data["pressed"] == "yes" || ActKind(e.Name) == ActReportPressure {
		r.c.Pressure = true
	}
}

// partsOf are the parts that bar somebody later, with the acts by which one takes them.
var partsOf = map[Part][]ActKind{
	PartHandled: {ActSign, ActReturnOrder, ActSubmitPlan, ActSubmitRectification, ActRequestExtension,
		ActLodgeAppeal, ActGiveStatement, ActAnswerRecommendation, ActRequestReview},
	PartVerified:      {ActAddEvidence, ActRecordFinding},
	PartJudged:        {ActAcceptRectification, ActRejectRectification},
	PartReviewed:      {ActDecideAppeal},
	PartFlagged:       nil,
	PartConfirmed:     {ActConfirmMalice},
	PartWriteOff:      {ActProposeWriteOff},
	PartApproved:      {ActApproveWriteOff, ActDecideObjection},
	PartCredit:        {ActProposeCredit},
	PartFirst:         {ActApproveCredit},
	PartReattribution: {ActProposeReattribution},
	PartReferred:      {ActReferAccountability},
	PartDecided:       {ActDecideAccountability},
	PartReply:         {ActReleaseReply},
}

// took notes who took a part, and in whose place.
func (r *retelling) took(part Part, e Event) {
	list := map[Part]*[]string{PartHandled: &r.c.Handlers, PartVerified: &r.c.Verifiers, PartJudged: &r.c.Judges}[part]
	actor := Actor{Person: e.Actor, As: e.As}
	if list != nil {
		*list = with(*list, actor)
		return
	}
	if r.c.Parts == nil {
		r.c.Parts = map[Part][]string{}
	}
	r.c.Parts[part] = with(slices.Clip(r.c.Parts[part]), actor)
}

// text points to what an event has in words, or to nothing.
func (e Event) text(field string) TextRef {
	if e.Texts[field] == "" {
		return TextRef{}
	}
	return TextRef{Seq: e.Seq, Field: field}
}

func (e Event) attempt() Attempt {
	return Attempt{Date: workday.DateOf(e.At).String(), Result: e.Data["result"], By: e.Actor}
}

// called adds a call to a round.
func (k *Callback) called(e Event) {
	k.Attempts = append(k.Attempts, e.attempt())
	k.Reached = e.Data["result"] == "reached"
}

// retold is what each act puts on record, as its event tells it.
var retold = map[ActKind]func(*retelling, Event){
	ActRecordCallback:  func(r *retelling, e Event) { r.c.Callback.called(e) },
	ActClosingCallback: func(r *retelling, e Event) { r.c.Closing.called(e) },
	ActExemptCallback: func(r *retelling, e Event) {
		if e.From == PhaseVerification {
			r.c.Callback.Exempt = e.Data["reason"]
			return
		}
		r.c.Closing.Exempt = e.Data["reason"]
	},
	ActAddEvidence: func(r *retelling, _ Event) { r.c.Evidence++ },
	ActRecordFinding: func(r *retelling, e Event) {
		r.c.Finding = Finding{Kind: e.Data["finding"], Cause: e.Data["cause"], Link: e.Data["link"],
			Attribution: e.Data["attribution"], At: e.At, By: e.Actor, Text: e.text("account")}
		r.c.Matter.ProblemOpen = e.Data["problem_open"] == "yes"
	},
	ActAskConsent: func(r *retelling, e Event) {
		r.c.Consent = Consent{State: e.Data["answer"], At: e.At, How: "telephone"}
	},
	ActAnswerConsent: func(r *retelling, e Event) {
		r.c.Consent = Consent{State: e.Data["answer"], At: e.At, How: "receipt"}
	},
	ActWithdrawConsent: func(r *retelling, e Event) { r.c.Consent = Consent{State: "withdrawn", At: e.At, How: "receipt"} },
	ActTransfer:        (*retelling).ordered,
	ActSign: func(r *retelling, e Event) {
		if o := r.c.order(); o != nil {
			o.SignedAt, o.Handler = e.At, e.Actor
		}
	},
	ActReturnOrder:         (*retelling).takenBack,
	ActSubmitPlan:          func(r *retelling, e Event) { r.c.Clock.Plan = e.text("measures") },
	ActInterimReply:        func(r *retelling, e Event) { r.c.Interim.SentAt, r.c.Interim.Text = e.At, e.text("text") },
	ActSubmitRectification: (*retelling).submitted,
	ActAcceptRectification: (*retelling).accepted,
	ActRejectRectification: func(r *retelling, e Event) {
		r.judged(e)
		k := &r.c.Clock
		k.Rejections++
		k.AcceptedAt, k.InTime, k.UnitInTime = time.Time{}, false, false
	},
	ActReleaseReply: func(r *retelling, e Event) {
		r.c.Reply.Text, r.c.Reply.ReleasedAt, r.c.Survey = e.text("reply"), e.At, Survey{State: "open"}
	},
	ActAnswerSurvey: func(r *retelling, e Event) {
		grade, _ := ParseGrade(e.Data["grade"])
		r.c.Survey = Survey{State: "answered", Grade: grade, Resolved: e.Data["resolved"], At: e.At, Text: e.text("text")}
	},
	ActRecheck: func(r *retelling, _ Event) { r.c.Rechecks++ },
	ActClose: func(r *retelling, e Event) {
		r.c.Matter.AtClosing = e.Data["matter_status"]
		if r.waits {
			r.c.ConcludedAt = e.At
		}
	},
	ActFollowUp: func(r *retelling, e Event) {
		grade, _ := ParseGrade(e.Data["grade"])
		r.c.FollowUp = FollowUp{Grade: grade, Resolved: e.Data["resolved"], At: e.At, Text: e.text("text")}
	},
}

// ordered is a new order to a unit.
func (r *retelling) ordered(e Event) {
	c := &r.c
	c.Unit = e.Data["unit"]
	c.Orders = append(c.Orders, Order{Number: e.Data["order"], Unit: c.Unit, Assist: codesIn(e.Data["assist"]), IssuedAt: e.At,
		Reopened: c.Reopened > 0, Text: e.text("instructions")})
	c.Matter.AtTransfer = e.Data["matter_status"]
	if c.Matter.AtTransfer == "" {
		c.Matter.AtTransfer = c.Matter.AtRating
	}
	c.Clock.UnitFrom, c.Clock.UnitOverdue = e.At, false
	if c.Clock.From.IsZero() {
		c.Clock.From = e.At
	}
}

func codesIn(codes string) []string {
	return strings.FieldsFunc(codes, func(c rune) bool { return c == ',' })
}

// takenBack is an order that went back, or was recalled.
func (r *retelling) takenBack(e Event) {
	if o := r.c.order(); o != nil {
		o.ReturnedAt = e.At
	}
	r.c.Clock.UnitFrom = time.Time{}
}

// recalled is an order taken from a unit that was not the one: what it handed in is nobody's to judge.
func (r *retelling) recalled(e Event) {
	k := &r.c.Clock
	if e.From == PhaseAcceptance {
		r.judged(e)
		r.c.Reply.Draft = TextRef{}
	}
	if e.Schema >= 2 {
		k.Rejections, k.AcceptedAt, k.InTime, k.UnitInTime = 0, time.Time{}, false, false
	}
	r.takenBack(e)
}

func (r *retelling) submitted(e Event) {
	r.c.Clock.Submitted = append(r.c.Clock.Submitted, Submission{At: e.At, By: e.Actor})
	r.c.Reply.Draft = e.text("reply")
}

// judged ends the authority's days on the last submission.
func (r *retelling) judged(e Event) {
	if n := len(r.c.Clock.Submitted); n > 0 {
		r.c.Clock.Submitted[n-1].JudgedAt = e.At
	}
}

func (r *retelling) accepted(e Event) {
	r.judged(e)
	k := &r.c.Clock
	k.AcceptedAt = e.At
	// Whether it came in time hangs on due instants that not every event tells.
	was := r.round()
	k.InTime, k.UnitInTime = was.InTime, was.UnitInTime
	if n := len(k.Submitted); n > 0 && !r.unsure && !r.moves(e) {
		k.InTime = !k.Submitted[n-1].At.After(k.Due)
	}
}

// round is the clock of the round that is being told, as it was stored.
func (r *retelling) round() Rectifying {
	if n := len(r.c.Earlier); n < len(r.was.Earlier) {
		return r.was.Earlier[n]
	}
	return r.was.Clock
}

// lapse is the end of the 15 working days; against a unit only where its own were over too.
func (r *retelling) lapse(e Escalated) {
	if e.Reason == "rectification_overdue" {
		r.c.Clock.Overdue, r.c.Clock.UnitOverdue = true, e.Unit != ""
	}
}

// clock follows the end of the 15 working days by the deadlines that were set for it.
func (r *retelling) clock(e Event) {
	k := &r.c.Clock
	if k.From.IsZero() {
		return
	}
	r.unsure = r.unsure || r.moves(e)
	for _, change := range e.Changes {
		d := change.Deadline
		if change.Op == DueArmed && d.Act == ActInterimReply {
			r.c.Interim.Due = true
		}
		armed := change.Op == DueArmed && d.Kind == DeadlineStep && d.Act == ActSubmitRectification &&
			d.Param != ExtensionApprovalDays && !k.Overdue
		if armed || d.Kind == CountedClock {
			k.Due, k.Calendar, k.Provisional, r.unsure = d.Due, d.Calendar, d.Provisional, false
		}
	}
}

// moves tells whether an event may move the end of the days without a deadline that says where to:
// while the authority judges a submission no deadline stands.
func (r *retelling) moves(e Event) bool {
	_, appeal := e.Stages[TrackAppeal]
	goesOn := appeal || r.appealed && e.Name == string(ActAcceptRectification)
	return e.Stages[TrackExtension] == StageGranted || r.pauses && goesOn
}

// reopen is a new order to answer a rater, or for a write-off that was set aside: what follows is
// asked for anew.
func (r *retelling) reopen(e Event) {
	c := &r.c
	if e.Data["reopened"] == "" {
		return
	}
	if !c.Clock.From.IsZero() {
		if len(c.Earlier) < len(r.was.Earlier) {
			untold(&c.Clock, r.round(), r.unsure)
		}
		c.Earlier = append(c.Earlier, c.Clock)
	}
	r.unsure = false
	c.Reopened++
	c.Again = append(c.Again, e.Data["reopened"])
	exempt := ""
	if e.Schema >= 2 {
		exempt = c.lastingExemption()
	}
	c.Closing = Callback{Exempt: exempt}
	c.Clock, c.Interim, c.Reply, c.Survey = Rectifying{}, Interim{}, Reply{}, Survey{}
	if r.waits {
		c.ConcludedAt = time.Time{}
	}
}

// entry is a compensating entry: it may say for whom the rating counts now.
func (r *retelling) entry(entry Entry) {
	c := &r.c
	c.Entries = append(c.Entries, entry)
	if entry.Kind != EntryReattribution {
		return
	}
	c.Former, c.Rated = append(c.Former, entry.From), entry.To
	if c.Unit == entry.From.Unit && c.order() == nil {
		c.Unit = entry.To.Unit
	}
}

// keep takes from the case as it was stored what no event tells.
func (r *retelling) keep() {
	if len(r.was.Again) < r.was.Reopened { // of a build that did not keep why
		r.c.Again = r.was.Again
	}
	untold(&r.c.Clock, r.was.Clock, r.unsure)
}

// untold takes over what no event tells of a clock.
func untold(k *Rectifying, was Rectifying, unsure bool) {
	k.UnitDue, k.UnitSpan, k.Span, k.Pauses = was.UnitDue, was.UnitSpan, was.Span, was.Pauses
	if !k.AcceptedAt.IsZero() {
		k.UnitInTime = was.UnitInTime
	}
	if unsure {
		k.Due, k.Calendar, k.Provisional, k.InTime = was.Due, was.Calendar, was.Provisional, was.InTime
	}
}

// Aspects of a case in which what it says may differ from what its events tell.
const (
	AspectCallback = "callback" // either round of calls
	AspectFinding  = "finding"  // with the evidence
	AspectReply    = "reply"    // with the interim reply and the survey
	AspectConsent  = "consent"
	AspectOrder    = "order"
	AspectClock    = "clock"   // of the rounds before too
	AspectPart     = "part"    // who did what, which bars them from the rest
	AspectContent  = "content" // everything else
)

// Aspects lists them all.
var Aspects = []string{AspectCallback, AspectFinding, AspectReply, AspectConsent, AspectOrder, AspectClock, AspectPart, AspectContent}

var aspectOf = map[string]string{
	"callback": AspectCallback, "closing": AspectCallback, "finding": AspectFinding, "evidence": AspectFinding,
	"reply": AspectReply, "interim": AspectReply, "survey": AspectReply, "consent": AspectConsent,
	"orders": AspectOrder, "unit": AspectOrder, "reopened": AspectOrder, "again": AspectOrder, "clock": AspectClock, "earlier": AspectClock,
	"handlers": AspectPart, "verifiers": AspectPart, "judges": AspectPart, "parts": AspectPart,
}

// Differences names the fields in which two states of a case differ as they are kept, by aspect.
func Differences(a, b Case) (map[string][]string, error) {
	one, err := keptFields(a)
	if err != nil {
		return nil, err
	}
	other, err := keptFields(b)
	if err != nil {
		return nil, err
	}
	all := maps.Clone(one)
	maps.Copy(all, other)
	differ := map[string][]string{}
	for _, field := range slices.Sorted(maps.Keys(all)) {
		if string(one[field]) == string(other[field]) {
			continue
		}
		aspect := aspectOf[field]
		if aspect == "" {
			aspect = AspectContent
		}
		differ[aspect] = append(differ[aspect], field)
	}
	return differ, nil
}

func keptFields(c Case) (fields map[string]json.RawMessage, err error) {
	text, err := json.Marshal(c)
	if err == nil {
		err = json.Unmarshal(text, &fields)
	}
	return fields, err
}
