package regulation

import (
	"slices"
	"time"
)

// What the rated side and the rater, who do not read the case, are told of it.

// Standing is what the rated side learns of whether the rating counts: never by which finding it was
// written off, nor that one is looked into (R46, R53).
func (c Case) Standing() string {
	switch stage := c.Tracks[TrackWriteOff]; {
	case c.WrittenOff():
		return "written_off"
	case stage == StageReversed:
		return "reversed"
	case c.Appeal.Result != "mistaken" && c.Appeal.Result != "malicious":
		return "counts"
	case stage == StageRefused:
		return "refused"
	}
	return "pending"
}

// AppealStage is where the appeal stands for the rated side: while a second person looks at a finding
// of malice, it is under review like any other.
func (c Case) AppealStage() Stage {
	if c.Running(TrackAppeal) {
		return StageReview
	}
	return c.Tracks[TrackAppeal]
}

// ReasonRules is why a round was opened as whoever answers for it learns it where pressure on the rater
// was established: a breach of the rules on ratings. More would tell that the rater reported it (R58).
const ReasonRules = "rating_rules"

// ToldReason is why a round was opened, as whoever answers for it learns it.
func ToldReason(reason string) string {
	if reason == "pressure" {
		return ReasonRules
	}
	return reason
}

// Answers tells whether somebody is asked to answer for a round of accountability: the person, or
// whoever heads the unit (8(4)). Colleagues learn nothing of it.
func (m Measure) Answers(actor Actor) bool {
	own := m.Staff != "" && actor.Staff == m.Staff
	return own || slices.ContainsFunc(actor.Assignments, func(as Assignment) bool { return as.Role == UnitHead && as.Org == m.Unit })
}

// RatedMayRead tells whether a text of an event is for the rated side: what the reader wrote, and what was
// decided about the reader. Reasons of an appeal are where it was dismissed: those of a finding may
// tell who rated, and which finding it was.
func RatedMayRead(e Event, field, person string) bool {
	switch ActKind(e.Name) {
	case ActLodgeAppeal, ActGiveStatement, ActRequestReview:
		return e.Actor == person
	case ActDecideAppeal:
		return field == "reasons" && e.Data["result"] == "dismissed"
	case ActDecideAccountability, ActDecideReview, ActRevokeAccountability, ActRecordBody:
		return true
	}
	return false
}

// News of the rated side's own procedures: that there is some, and not by which act of the authority
// it came, which might say why (R46).
const (
	NewsOfAppeal         = "news_of_appeal"
	NewsOfStanding       = "news_of_standing"
	NewsOfAccountability = "news_of_accountability"
	// NewsOfLeaving tells the former side that a rating was found to be another's: of nothing else.
	NewsOfLeaving = "news_of_leaving"
)

// News lists them.
var News = []string{NewsOfAppeal, NewsOfStanding, NewsOfAccountability}

var newsBy = map[string][]ActKind{
	NewsOfAppeal: {ActDecideAppeal, ActConfirmMalice, ActWithdrawAppeal},
	NewsOfStanding: {ActApproveWriteOff, ActRefuseWriteOff, ActDecideObjection, ActReviewWriteOff,
		ActKind(DeadlineSilence)}, // the rater was given days and said nothing
	NewsOfAccountability: {ActReferAccountability, ActRecordInvestigation, ActDecideAccountability,
		ActRecordBody, ActDecideReview, ActRevokeAccountability},
}

// Told is what an event's message says to somebody who was told as some roles: the event's name, or,
// to the rated side, no more than its notice and the news of its own procedures (R46, R57).
func Told(name string, roles []Role) string {
	if !OfUnit(roles) || name == NewsOfLeaving {
		return name
	}
	for _, news := range News {
		if contains(newsBy[news], ActKind(name)) {
			return news
		}
	}
	shown, inPerson := ReaderUnit.Shows(Event{Name: name}), OnlyRole(roles, WindowStaff)
	if inPerson && (shown || name == string(DeadlineStep)) {
		return NewsOfAccountability // the person has no part in orders
	}
	_, act := SpecOf(ActKind(name))
	if shown || !act && name != string(DeadlineNotice) {
		return name
	}
	return string(ActServeNotice) // not in the course of which step it was served
}

// OfUnit tells whether somebody was told as one of a unit's people only.
func OfUnit(roles []Role) bool {
	return !slices.ContainsFunc(roles, func(role Role) bool { return ReaderOf(role) != ReaderUnit })
}

// OnlyRole tells whether somebody was told as nothing but a role.
func OnlyRole(roles []Role, only Role) bool {
	return !slices.ContainsFunc(roles, func(role Role) bool { return role != only })
}

// OfferedUntil is until when an act is offered that nobody's inbox waits for; zero where it is not.
func (c Case) OfferedUntil(kind ActKind) time.Time {
	if kind == ActLodgeAppeal {
		return c.Notice.AppealUntil
	}
	for _, d := range c.Deadlines {
		if d.Act == kind && d.Kind == DeadlineSilence {
			return d.Due
		}
	}
	return time.Time{}
}

// RoundStage is where a round of accountability stands, counted from 0; of those before the last, how
// it ended.
func (c Case) RoundStage(i int) Stage {
	m := c.Measures[i]
	switch {
	case i == len(c.Measures)-1:
		return c.Stage(TrackAccountability)
	case !m.RevokedAt.IsZero():
		return StageRevoked
	case !m.InForceAt.IsZero():
		return StageFinal
	}
	return StageDropped
}

// InRound tells whether an event belongs to a round of accountability, counted from 0: what came after
// the event that opened it, up to the one that opened the next, which may have ended it.
func (c Case) InRound(i int, e Event) bool {
	return c.Measures[i].before(e) && (i+1 == len(c.Measures) || !c.Measures[i+1].before(e))
}

// before tells whether a round was open when something happened. In cases of before the event that
// opened it was kept the instant tells, as no such event ended the round before.
func (k Measure) before(e Event) bool {
	if k.Seq == 0 {
		return !e.At.Before(k.OpenedAt)
	}
	return e.Seq > k.Seq
}

// Told are a round's reasons as whoever answers for it learns them.
func (k Measure) Told() []string {
	var told []string
	for _, reason := range k.Reasons() {
		told = append(told, ToldReason(reason))
	}
	return told
}

// Note tells the holder of a receipt of a procedure beside the main line: its code, since when, and the
// act whose answer to the rater goes with it.
type Note struct {
	Code   string
	At     time.Time
	Answer ActKind
	Until  time.Time // until when the rater may object, zero where they may not
}

// AnswersToRater are the fields of acts that are written for the rater, besides the replies.
var AnswersToRater = map[ActKind][]string{ActDecideObjection: {"reasons"}, ActReviewCase: {"reply"}, ActProposeCredit: {"reasons", FieldLegalBasis}}

// FieldLegalBasis is the field of a proposed referral that names the law it rests on (R46).
const FieldLegalBasis = "legal_basis"

// RaterNotes are what the rater learns of the write-off, a new order, the level above and an inquiry:
// of each that it is under way and how it ended, of nobody's part in it.
func (c Case) RaterNotes() []Note {
	var notes []Note
	add := func(when bool, note Note) {
		if when {
			notes = append(notes, note)
		}
	}
	add(c.Reopened > 0, Note{Code: c.againNote()})
	writeOff := c.writeOffNote()
	add(writeOff.Code != "", writeOff)
	credit := c.creditNote()
	add(credit.Code != "", credit)
	add(c.Stage(TrackUpperReview) == StageInquiry, Note{Code: "upper_review", At: c.Raised.OpenedAt})
	add(c.Stage(TrackUpperReview) == StageDone, Note{Code: "upper_review.done", At: c.Raised.DoneAt, Answer: ActReviewCase})
	add(c.Stage(TrackInvestigation) == StageInquiry, Note{Code: "investigation", At: c.Inquiry.OpenedAt})
	add(c.Stage(TrackInvestigation) == StageDone, Note{Code: "investigation.done", At: c.Inquiry.DoneAt})
	add(c.Stage(TrackExtension) == StageGranted, Note{Code: "extended"})
	add(!c.FollowUp.At.IsZero(), Note{Code: "followed_up", At: c.FollowUp.At})
	return notes
}

// againNote says why a new order went out, as far as it is on record.
func (c Case) againNote() string {
	if len(c.Again) == 0 || c.Again[len(c.Again)-1] == AgainDissatisfied {
		return "reopened"
	}
	return "reopened." + c.Again[len(c.Again)-1]
}

// creditNotes are what the rater is told of a referral to the credit record (R46).
var creditNotes = map[Stage]string{StageObjection: "proposed", StageApproval: "pending", StageSecond: "pending",
	StageReferred: "referred", StageRefused: "refused"}

// creditNote tells of a referral with its legal basis and reasons, from the moment at which the rater may
// object.
func (c Case) creditNote() Note {
	code := creditNotes[c.Stage(TrackCredit)]
	if code == "" {
		return Note{}
	}
	note := Note{Code: "credit." + code, At: c.Credit.ProposedAt, Answer: ActProposeCredit}
	if await := c.Await(ActObjectCredit); await != nil {
		note.Until = await.Due
	}
	return note
}

// writeOffNote is what the rater is told of the write-off, from the moment at which they may object.
func (c Case) writeOffNote() Note {
	w := c.WriteOff
	note := func(code string, at time.Time) Note {
		return Note{Code: "write_off." + code, At: at, Answer: ActDecideObjection}
	}
	switch stage := c.Stage(TrackWriteOff); {
	case stage == StageTelling, stage == StageObjection:
		return note(w.Kind, w.ApprovedAt)
	case stage == StageObjected:
		return note("objected", w.ObjectedAt)
	case stage == StageInForce:
		return note("in_force_open", w.EffectiveAt)
	case c.WrittenOff():
		return note("in_force", w.EffectiveAt)
	case stage == StageReversed:
		return note("reversed", w.ReversedAt)
	case stage == StageRefused && !w.ObjectedAt.IsZero():
		return note("counts_on", time.Time{})
	}
	return Note{}
}
