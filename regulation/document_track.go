package regulation

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"
)

// appealDecision tells the rated side what became of its appeal (9(2), R52). Reasons stand in it only
// where the appeal was dismissed: of one that is upheld they would tell a mistake from malice, which
// is the authority's alone (R53).
var appealDecision = DocumentSpec{
	Kind: DocumentAppeal, Clause: ClauseRights, For: ForRated, Roles: issuers,
	Placeholders: listed("appellant", "appealed_on", "grounds", "served_on", "rated_unit", "window", "matter", "grade", "period", "outcome",
		"granted", "reasons", "decided_on"),
	about: func(d drafting) string { return stamp("appeal", d.c.Appeal.LodgedAt) },
	to: func(d drafting) string {
		if _, staff := d.appellant(); staff != "" {
			return staff
		}
		return d.c.Appeal.As.Org
	},
	ready: func(d drafting) *Error {
		if d.c.Appeal.Result == "" || !contains([]Stage{StageUpheld, StageDismissed}, d.c.Stage(TrackAppeal)) {
			return refuse(NotNow, "", "appeal_not_decided")
		}
		return nil
	},
	by: func(d drafting, as Assignment) bool { return d.rules.decidedAt(d.c, d.c.Appeal.DecidedBy, as.Org) },
	texts: func(c Case) []TextRef {
		if c.Appeal.Result == "dismissed" {
			return []TextRef{c.Appeal.Reasons}
		}
		return nil
	},
	values: appealValues,
}

// appellant is the person rated, whatever post they hold, where they appealed for themselves: staff is "" of
// an appeal for the unit, by its head or, where it has none, a handler.
func (d drafting) appellant() (name, staff string) {
	if name, staff = d.words.Person(d.c.Appeal.By); d.c.Appeal.As.Role == UnitHead || !d.c.concerns(staff) {
		return "", ""
	}
	return name, staff
}

func appealValues(d drafting) map[string]string {
	a, v := d.c.Appeal, d.ratedValues()
	name, staff := d.appellant()
	if staff == "" {
		name = d.words.Org(a.As.Org)
	}
	v["appellant"], v["appealed_on"], v["grounds"] = name, ChineseDate(a.LodgedAt), d.words.Choice("grounds", a.Grounds)
	v["served_on"], v["decided_on"] = ChineseDate(d.c.Notice.ServedAt), ChineseDate(a.DecidedAt)
	if a.Result == "dismissed" {
		v["outcome"], v["reasons"] = d.words.Choice("outcome", "dismissed"), d.words.Texts[a.Reasons]
		return v
	}
	v["outcome"], v["granted"] = d.words.Choice("outcome", "upheld"), d.words.Choice("outcome", "granted")
	return v
}

// ratedValues are what the notice of R57 told the rated side already.
func (d drafting) ratedValues() map[string]string {
	v := d.common()
	v["rated_unit"], v["window"], v["matter"] = d.words.Org(d.c.Rated.Unit), d.words.Window, d.words.Matter
	v["grade"], v["period"] = d.words.Choice("grade", fmt.Sprint(int(d.c.Grade))), chineseWeek(d.c.Notice.Period)
	return v
}

// decidedAt tells whether who decided serves at an authority, so that a decision of the level above is
// issued there (R52). Of somebody who has left, the case's own authority issues it.
func (r Rules) decidedAt(c Case, person, org string) bool {
	for _, p := range r.Roster {
		if p.ID != person {
			continue
		}
		for _, a := range p.Assignments {
			if a.Org == c.Authority || a.Org == c.Upper {
				return a.Org == org
			}
		}
	}
	return org == c.Authority
}

// writeOffSheet is the approval sheet of a write-off for the file (核销, 9(2), R53): who proposed and who
// approved, whether the rater was told and objected, what came of it. It has none of the rater's words.
// It is there to be signed while the approval waits; each step after it lets another take its place.
var writeOffSheet = DocumentSpec{
	Kind: DocumentWriteOff, Clause: ClauseRights, For: ForFile, Roles: issuers,
	Placeholders: listed("rated_unit", "window", "matter", "grade", "period", "write_off_kind", "basis", "proposed_on", "proposer",
		"approved_on", "approver", "told", "objection", "result", "effective_on", "review"),
	about: func(d drafting) string { return stamp("write_off", d.c.WriteOff.ProposedAt) },
	state: func(d drafting) string { return string(d.c.Stage(TrackWriteOff)) },
	to:    toNobody,
	ready: func(d drafting) *Error {
		if d.c.Stage(TrackWriteOff) == "" {
			return refuse(NotNow, "", "write_off_not_proposed", Verifier)
		}
		return nil
	},
	by: func(d drafting, as Assignment) bool {
		if await := d.c.Await(ActApproveWriteOff); await != nil {
			return slices.ContainsFunc(await.Seats, func(s Seat) bool { return s.Org == as.Org })
		}
		return d.rules.decidedAt(d.c, d.c.WriteOff.ApprovedBy, as.Org)
	},
	barred: func(c Case, person string) string {
		for _, part := range []Part{PartReviewed, PartFlagged, PartWriteOff} {
			if c.took(part, person) {
				return refusals[part]
			}
		}
		return ""
	},
	values: writeOffValues,
}

func writeOffValues(d drafting) map[string]string {
	w, v := d.c.WriteOff, d.ratedValues()
	proposer, _ := d.words.Person(w.ProposedBy)
	approver, _ := d.words.Person(w.ApprovedBy)
	v["write_off_kind"], v["basis"] = d.words.Choice("write_off_kind", w.Kind), d.words.Choice("write_off_basis", w.Basis)
	v["proposed_on"], v["proposer"] = ChineseDate(w.ProposedAt), proposer
	v["approved_on"], v["approver"] = ChineseDate(w.ApprovedAt), approver
	stage := d.c.Stage(TrackWriteOff)
	if result := writeOffResult(stage); result != "" {
		v["result"] = d.words.Choice("write_off_result", result)
	}
	v["effective_on"] = ChineseDate(w.EffectiveAt)
	switch {
	case w.ApprovedAt.IsZero():
	case w.Exempt != "":
		v["told"] = d.words.Choice("exemption", w.Exempt)
	case stage == StageTelling:
		v["told"] = d.words.Choice("rater_told", "to_be_called")
	default:
		v["told"] = d.words.Choice("rater_told", cmp.Or(w.Told, ToldByPage))
	}
	if heard := objection(w, stage); heard != "" {
		v["objection"] = d.words.Choice("rater_told", heard)
	}
	if w.SetAside == "" && contains([]Stage{StageSampled, StageConfirmed, StageReversed}, stage) {
		v["review"] = d.words.Choice("write_off_review", string(stage))
	}
	return v
}

// objection tells where the rater's right to object stands, "" before there is one. Of builds that let
// nobody object to what took effect at once, there was none.
func objection(w WriteOff, stage Stage) string {
	switch {
	case w.ApprovedAt.IsZero(), w.Exempt != "" && w.Told == "":
		return ""
	case contains([]Stage{StageTelling, StageObjection, StageInForce}, stage):
		return "may_object"
	case stage == StageObjected:
		return "being_heard"
	case !w.ObjectedAt.IsZero():
		return "objected"
	}
	return "no_objection"
}

// writeOffResult is what came of a write-off, "" while it is not decided.
func writeOffResult(stage Stage) string {
	switch stage {
	case StageApproval, StageTelling, StageObjection, StageObjected:
		return ""
	case StageRefused:
		return "refused"
	case StageReversed:
		return "reversed"
	}
	return "written_off"
}

// statementForm invites the unit or the person to state their case before anything is decided (8(4),
// R45), with room to write: the discipline body that is to decide asks for it under a number of its own,
// or the case's authority. That a rater reported pressure is not told: it would name the rater (R58).
var statementForm = DocumentSpec{
	Kind: DocumentStatement, Clause: ClauseDiscipline, For: ForRated, Roles: []Role{DisciplineOfficer, Supervisor, AuthorityHead},
	Placeholders: listed("answering", "measure_reason", "opened_on", "state_by", "rated_unit", "order_number", "due", "days_spent"),
	about:        aboutStatement,
	state:        func(d drafting) string { return datesOf(d.stateBy(), d.c.Clock.Due) },
	by: func(d drafting, as Assignment) bool {
		return as.Role != DisciplineOfficer || contains(d.rules.Before(d.c, ActDecideAccountability), Seat{DisciplineOfficer, as.Org})
	},
	to: func(d drafting) string {
		if measure := d.c.measure(); measure.Staff != "" {
			return measure.Staff
		}
		return d.c.measure().Unit
	},
	ready: func(d drafting) *Error {
		switch {
		case d.c.measure() == nil || !d.c.Running(TrackAccountability):
			return refuse(NotNow, "", "nobody_to_account")
		case d.c.Stage(TrackAccountability) != StageStatement:
			return refuse(NotNow, "", "statement_over")
		}
		return nil
	},
	values: func(d drafting) map[string]string {
		measure, v := d.c.measure(), d.common()
		v["answering"] = d.words.Org(measure.Unit)
		if measure.Staff != "" {
			v["answering"] = d.words.Org(measure.Unit) + " " + d.words.Names[measure.Staff]
		}
		var reasons []string
		for _, reason := range measure.Told() {
			reasons = append(reasons, d.words.Choice("measure_reason", reason))
		}
		v["measure_reason"], v["opened_on"] = strings.Join(reasons, "、"), ChineseDate(measure.OpenedAt)
		v["rated_unit"], v["due"] = d.words.Org(d.c.Rated.Unit), ChineseDate(d.c.Clock.Due)
		if order := d.c.order(); order != nil && order.Unit == measure.Unit {
			v["order_number"], v["days_spent"] = order.Number, d.daysSpent()
		}
		v["state_by"] = ChineseDate(d.stateBy())
		return v
	},
}

// aboutStatement names the round, and how many grounds it has where they are several: of a ground that
// joined it the other side is asked anew.
func aboutStatement(d drafting) string {
	about := fmt.Sprintf("statement/%d", len(d.c.Measures))
	if n := len(d.c.measure().Reasons()); n > 1 {
		about += fmt.Sprintf("/%d", n)
	}
	return about
}

// stateBy is until when the other side may state its case.
func (d drafting) stateBy() time.Time {
	i := slices.IndexFunc(d.c.Deadlines, func(open Deadline) bool { return open.Act == ActGiveStatement })
	if i < 0 {
		return time.Time{}
	}
	return d.c.Deadlines[i].Due
}

// stamp names one procedure of a case by when it began.
func stamp(what string, at time.Time) string {
	return what + "/" + at.UTC().Format("20060102T150405.000000")
}
