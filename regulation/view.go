package regulation

import (
	"slices"
	"strings"
)

// Reader is what somebody reads a case as. It decides which events and texts are shown; the
// vault has rules of its own.
type Reader string

const (
	ReaderAuthority Reader = "authority" // verifies and decides: sees the whole case, contact masked
	ReaderUnit      Reader = "unit"      // sees its order and its own procedure: never the rater's words (R04)
	ReaderOversight Reader = "oversight" // discipline officers and auditors: codes and times, no free text of the rater
	ReaderRater     Reader = "rater"     // by receipt: the stage and the replies, nothing else
)

// unitEvents are the acts of the order's own procedure, which the unit takes part in.
var unitEvents = []ActKind{ActTransfer, ActSign, ActReturnOrder, ActSubmitPlan, ActInterimReply,
	ActSubmitRectification, ActAcceptRectification, ActRejectRectification, ActReleaseReply, ActClose,
	ActRequestExtension, ActApproveExtension, ActRefuseExtension}

// raterTexts are fields that hold the rater's own words as somebody wrote them down; give_statement
// has the other side's under the same name.
var raterTexts = []string{"statement"}

// RaterText tells whether a text of a case's event is the rater's own words, as they gave them or as
// the authority wrote them down. What the rated side states of itself is not.
func RaterText(event, field string) bool {
	spec, _ := SpecOf(ActKind(event))
	return spec.Side == SideRater || (spec.Side == SideAuthority && contains(raterTexts, field))
}

// RaterWords lists where the rater's words stand: whatever the first acts carry, and of the second
// what stands in these fields.
func RaterWords() (given, written []ActKind, fields []string) {
	for _, spec := range Specs() {
		switch spec.Side {
		case SideRater:
			given = append(given, spec.Kind)
		case SideAuthority:
			written = append(written, spec.Kind)
		}
	}
	return given, written, slices.Clone(raterTexts)
}

// innerTexts are the authority's own, which may repeat the rater: not for the unit.
var innerTexts = []string{"summary"}

// ReaderOf tells as what an assignment reads a case, by its role.
func ReaderOf(role Role) Reader {
	switch role {
	case WindowStaff, UnitHandler, UnitHead:
		return ReaderUnit
	case DisciplineOfficer, Auditor, SecurityAdministrator, SystemAdministrator:
		return ReaderOversight
	case Citizen:
		return ReaderRater
	}
	return ReaderAuthority
}

// KnowsColleague tells whether a reader may learn who has taken a task: at the authorities everybody
// may, at a unit those who serve there too.
func KnowsColleague(reader, holder Actor) bool {
	return slices.ContainsFunc(reader.Assignments, func(as Assignment) bool {
		return ReaderOf(as.Role) == ReaderAuthority ||
			slices.ContainsFunc(holder.Assignments, func(h Assignment) bool { return h.Org == as.Org })
	})
}

// Shows tells whether a reader sees an event in the timeline at all (R04, R57).
func (r Reader) Shows(e Event) bool {
	switch r {
	case ReaderUnit:
		if e.Kind == EventRearmed {
			return slices.ContainsFunc(e.Changes, r.ShowsMove)
		}
		if e.Kind == EventDeadline {
			act := strings.SplitN(e.Data["deadline"], "#", 2)[0]
			return strings.HasPrefix(act, string(ActSign)) || strings.HasPrefix(act, string(ActSubmitPlan)) ||
				strings.HasPrefix(act, string(ActSubmitRectification))
		}
		return contains(unitEvents, ActKind(e.Name))
	case ReaderRater, ReaderRated:
		return false
	}
	return true
}

// ShowsWait tells whether a reader learns which step a case waits for, since when and until when.
// A unit learns it of its order's own procedure, and of the survey, which opens with the reply that
// the unit has seen; of the rest it learns that the authority is at it, no more (R04).
func (r Reader) ShowsWait(kind ActKind) bool {
	switch r {
	case ReaderUnit:
		return contains(unitEvents, kind) || kind == ActAnswerSurvey
	case ReaderRater, ReaderRated:
		return false
	}
	return true
}

// ShowsMove tells whether a reader learns of one due instant that a re-arming moved: a unit of its
// order's, and of the clocks that run against it.
func (r Reader) ShowsMove(change DueChange) bool {
	d := change.Deadline
	if r == ReaderUnit && d.Act == "" {
		return d.Kind == CountedClock || d.Kind == CountedUnitClock
	}
	return r.ShowsWait(d.Act)
}

// ShowsText tells whether a reader sees a free text of an event that is shown.
func (r Reader) ShowsText(e Event, field string) bool {
	if RaterText(e.Name, field) {
		return r == ReaderAuthority
	}
	if contains(innerTexts, field) && r == ReaderUnit {
		return false
	}
	return r != ReaderRater && r != ReaderRated
}

// ShowsFiles tells whether a reader sees the files of an event that is shown. What was gathered to
// verify may show the rater (a form, a recording, a photograph of the hall): oversight sees what
// a unit handed in, and what accountability rests on (8(4)), no more (9(2)).
func (r Reader) ShowsFiles(e Event) bool {
	switch {
	case r == ReaderAuthority:
		return true
	case r == ReaderOversight && specByKind[ActKind(e.Name)].Track == TrackAccountability:
		return true
	}
	return r != ReaderRater && r != ReaderRated && contains(unitEvents, ActKind(e.Name))
}

// ShowsTrack tells a reader where a procedure beside the main line stands, "" where the reader does
// not learn of it. A unit learns of its own request for days, and that a rating counts no more, not
// why (R46); whoever was rated has the notice for the rest.
func (r Reader) ShowsTrack(c Case, track Track) Stage {
	switch {
	case r == ReaderAuthority, r == ReaderOversight:
		return c.Tracks[track]
	case r == ReaderUnit && track == TrackExtension:
		return c.Tracks[track]
	case r == ReaderUnit && track == TrackWriteOff && c.WrittenOff():
		return StageEffective
	}
	return ""
}

// ShowsAct keeps the authority's own steps from the unit: it has no part in them, and which of them is
// open would tell what the authority thinks of the rating (R46).
func (r Reader) ShowsAct(spec Spec) bool { return r != ReaderUnit || spec.Side == SideUnit }

// ShowsDeadline tells whether a reader learns of an open deadline: a unit of its order's.
func (r Reader) ShowsDeadline(d Deadline) bool {
	return r != ReaderUnit || contains([]ActKind{ActSign, ActSubmitPlan, ActSubmitRectification}, d.Act)
}

// unitData are the codes of an event that a unit learns: of its order, and of days that it asked for.
var unitData = []string{"order", "unit", "assist", "target_date", "left", "deadline", "act", "suggested_unit", "extension", "extension_days"}

// ShowsData tells whether a reader learns one of an event's codes: of what the authority decided about
// its own procedure a unit does not.
func (r Reader) ShowsData(e Event, name string) bool {
	return r != ReaderUnit || e.Kind == EventRearmed || contains(unitData, name)
}

// ShowsFinding is the finding as a reader learns it, "" for none: a unit never that a rating is
// suspected to be mistaken or malicious (R46, R53), which a later order may leave standing.
func (r Reader) ShowsFinding(c Case) string {
	if r == ReaderUnit && contains([]string{"suspected_mistaken", "suspected_malicious"}, c.Finding.Kind) {
		return ""
	}
	return c.Finding.Kind
}

// Hears tells whether a reader learns at once that an event happened. What a unit does not see it does
// not hear of either: when the authority took another step, and how many, would tell a mistake from
// malice, which takes two people (R46).
func (r Reader) Hears(e Event) bool { return r != ReaderUnit || r.Shows(e) || e.From != e.To }
