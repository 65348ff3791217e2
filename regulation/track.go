package regulation

import (
	"slices"
	"time"
)

// Track is a procedure that runs beside the main line of a case: it has stages of its own, and
// its acts are open by stage, whatever the main line is at.
type Track string

const (
	TrackAppeal         Track = "appeal"         // the rated side disputes the rating (9(2), R52)
	TrackWriteOff       Track = "write_off"      // 核销: the rating is taken out of the figures (9(2), R53)
	TrackMalice         Track = "malice"         // two people find that a rating was malicious (7(2), 8(5))
	TrackCredit         Track = "credit"         // a paper referral to the credit record (8(5), R46)
	TrackReattribution  Track = "reattribution"  // the wrong person or window was rated (R53)
	TrackAccountability Track = "accountability" // 8(4), R45
	TrackInvestigation  Track = "investigation"  // pressure on the rater or retaliation (R58)
	TrackExtension      Track = "extension"      // of the 15 working days, where an edition allows it
	TrackUpperReview    Track = "upper_review"   // the rater is dissatisfied a second time (7(2))
)

// Tracks lists the tracks in the order in which pages show them.
var Tracks = []Track{TrackAppeal, TrackWriteOff, TrackMalice, TrackCredit, TrackReattribution, TrackAccountability,
	TrackInvestigation, TrackExtension, TrackUpperReview}

// Stage is where a track stands; "" before it began.
type Stage string

const (
	StageReview       Stage = "review"       // appeal, accountability: somebody reviews
	StageFinding      Stage = "finding"      // appeal: malice waits for its second person
	StageWithdrawn    Stage = "withdrawn"    //
	StageUpheld       Stage = "upheld"       //
	StageDismissed    Stage = "dismissed"    //
	StageApproval     Stage = "approval"     // proposed; another person approves or refuses
	StageSecond       Stage = "second"       // credit: approved once, the second approval is due
	StageRefused      Stage = "refused"      //
	StageTelling      Stage = "telling"      // write-off: approved, the rater is to be told
	StageObjection    Stage = "objection"    // the rater was told and may object
	StageObjected     Stage = "objected"     // the rater objected; somebody decides
	StageEffective    Stage = "effective"    // write-off: in force
	StageSampled      Stage = "sampled"      // write-off: in force, the level above looks at it
	StageReversed     Stage = "reversed"     // write-off: set aside by the level above
	StageConfirmation Stage = "confirmation" // malice: flagged by one person
	StageConfirmed    Stage = "confirmed"    //
	StageRejected     Stage = "rejected"     //
	StageReferred     Stage = "referred"     // to the competent body, or to the credit record
	StageDone         Stage = "done"         //
	StageStatement    Stage = "statement"    // accountability: the other side is heard first
	StageDecision     Stage = "decision"     // accountability: the discipline officer decides
	StageRecommended  Stage = "recommended"  // accountability: a change of post; the employer answers
	StageInForce      Stage = "in_force"     // accountability: decided, a review may be asked for; write-off: the rater may still object
	StageFinal        Stage = "final"        //
	StageRevoked      Stage = "revoked"      //
	StageDropped      Stage = "dropped"      // accountability: no measure
	StageInquiry      Stage = "inquiry"      // investigation, upper review: the level above looks into it
	StageGranted      Stage = "granted"      //
)

// running are the stages at which a track still has to go on. All others have ended.
var running = map[Track][]Stage{
	TrackAppeal:         {StageReview, StageFinding},
	TrackWriteOff:       {StageApproval, StageTelling, StageObjection, StageObjected, StageInForce, StageSampled},
	TrackMalice:         {StageConfirmation},
	TrackCredit:         {StageObjection, StageApproval, StageSecond},
	TrackReattribution:  {StageApproval},
	TrackAccountability: {StageStatement, StageDecision, StageReferred, StageRecommended, StageInForce, StageReview},
	TrackInvestigation:  {StageInquiry},
	TrackExtension:      {StageApproval},
	TrackUpperReview:    {StageInquiry},
}

// Stages lists every stage that a track can reach, each once, in the order of the tracks.
func Stages() []Stage {
	var stages []Stage
	for _, t := range TrackTable {
		if !contains(stages, t.To) {
			stages = append(stages, t.To)
		}
	}
	return stages
}

// blocking are the tracks that have to end before the case closes on its main line: what they
// decide may change what the reply and the figures say. A write-off in force that the level
// above looks at, or the rater may still object to, blocks no more.
var blocking = []Track{TrackAppeal, TrackWriteOff, TrackMalice, TrackReattribution, TrackExtension, TrackUpperReview}

// Stage tells where a track of the case stands.
func (c Case) Stage(track Track) Stage { return c.Tracks[track] }

// Running tells whether a track has begun and not ended.
func (c Case) Running(track Track) bool { return contains(running[track], c.Tracks[track]) }

// OpenTracks lists the tracks that have not ended.
func (c Case) OpenTracks() []Track {
	var open []Track
	for _, track := range Tracks {
		if c.Running(track) {
			open = append(open, track)
		}
	}
	return open
}

// unfinished is the first track that keeps the case from closing, or "".
func (c Case) unfinished() Track {
	for _, track := range blocking {
		if c.Running(track) && c.Tracks[track] != StageInForce && c.Tracks[track] != StageSampled {
			return track
		}
	}
	return ""
}

// TrackMove is one row of a track's table: at From, Act leads to To. From "" is a track that
// has not begun. A row with a When names the condition; Main tells what the move does to the main
// line besides. In limits the row to phases of the main line; nil means all.
type TrackMove struct {
	Track Track
	From  Stage
	Act   ActKind
	To    Stage
	When  string
	Main  string
	In    []Phase
}

// opens tells whether the row's act is open on a case now.
func (t TrackMove) opens(c Case) bool {
	return c.Tracks[t.Track] == t.From && (t.In == nil || contains(t.In, c.Phase))
}

// enter moves a track to a stage.
func (m *move) enter(track Track, stage Stage) {
	if m.c.Tracks == nil {
		m.c.Tracks = map[Track]Stage{}
	}
	m.c.Tracks[track] = stage
	if stage == "" { // it may begin anew
		delete(m.c.Tracks, track)
	}
	if m.event.Stages == nil {
		m.event.Stages = map[Track]Stage{}
	}
	m.event.Stages[track] = stage
}

// dropTrack ends every wait and deadline of a track's acts, "" for those of the main line.
func (m *move) dropTrack(track Track) {
	of := func(kind ActKind) bool { return kind != "" && specByKind[kind].Track == track }
	m.c.Awaiting = slices.DeleteFunc(m.c.Awaiting, func(a Await) bool { return of(a.Act) })
	m.end(DueCancelled, func(d Deadline) bool { return of(d.Act) })
}

// settle closes a case whose main line has ended as soon as no track is open, and opens it again
// where one begins afterwards.
func (m *move) settle() {
	if m.c.Phase != PhaseClosed && m.c.Phase != PhaseAfter {
		m.c.ClosedAt = time.Time{}
		return
	}
	if len(m.c.OpenTracks()) > 0 {
		m.c.Phase, m.c.ClosedAt = PhaseAfter, time.Time{}
		return
	}
	if m.from != PhaseClosed || m.c.ClosedAt.IsZero() {
		m.c.ClosedAt = m.at
	}
	m.c.Phase = PhaseClosed
}
