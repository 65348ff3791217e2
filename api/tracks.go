package api

import (
	"context"
	"slices"
	"strconv"
	"time"

	"haochaping/regulation"
	"haochaping/store"
	"haochaping/web"
	"haochaping/workday"
)

// besideBody is a procedure beside the main line, as far as the reader learns of it.
type besideBody struct {
	Track   regulation.Track `json:"track"`
	Stage   regulation.Stage `json:"stage"`
	Running bool             `json:"running"`
	Steps   []trackStep      `json:"steps"` // the stages that it reached, the first first
	Facts   []trackFact      `json:"facts"`
}

type trackStep struct {
	Stage regulation.Stage `json:"stage"`
	At    time.Time        `json:"at"`
}

// trackFact is one fact of a procedure: a code, an instant, a text or a person's name.
type trackFact struct {
	Name   string    `json:"name"`
	Code   string    `json:"code,omitempty"`
	At     time.Time `json:"at,omitzero"`
	Text   string    `json:"text,omitempty"`
	Person string    `json:"person,omitempty"` // for the authority's readers
}

// clockBody is the clock of clause 7(3): the one that runs, or one of a round before.
type clockBody struct {
	From   time.Time        `json:"from"`
	Due    time.Time        `json:"due" when:"exact"`
	Spent  regulation.Spent `json:"spent"`
	Pauses []pauseBody      `json:"pauses,omitempty"`
}

// pauseBody is a line of the clock's ledger.
type pauseBody struct {
	From   time.Time         `json:"from"`
	To     time.Time         `json:"to,omitzero"`
	Left   int               `json:"left"` // working days left when it began
	Reason string            `json:"reason"`
	Clause regulation.Clause `json:"clause"`
	By     string            `json:"by,omitempty"`
}

// fillTracks tells of the procedures beside the main line. Most cases have none.
func (a *API) fillTracks(ctx context.Context, r *request, seen seenCase, b *caseBody) error {
	c := seen.c
	if len(c.Tracks) == 0 {
		return nil
	}
	people, err := a.Store.People(ctx)
	if err != nil {
		return err
	}
	name := namesFor(seen, people)
	events, err := a.Store.Events(ctx, seen.scope, c.ID)
	if err != nil {
		return err
	}
	for _, track := range regulation.Tracks {
		if stage := seen.reader.ShowsTrack(c, track); stage != "" {
			b.Tracks = append(b.Tracks, besideOf(seen, track, stage, events, name))
		}
	}
	return nil
}

// namesFor names people to the authority's readers, and to nobody else.
func namesFor(seen seenCase, people *store.People) func(id string) string {
	if seen.reader != regulation.ReaderAuthority {
		return func(string) string { return "" }
	}
	return people.Name
}

// fillClocks tells of each round of clause 7(3): its days, with whom they lay (R34), and its ledger.
func (a *API) fillClocks(ctx context.Context, r *request, seen seenCase, b *caseBody) error {
	rounds := seen.c.Rounds()
	if len(rounds) == 0 {
		return nil
	}
	people, err := a.Store.People(ctx)
	if err != nil {
		return err
	}
	calendar, err := a.calendars(r).of(seen.c.Area)
	if err != nil {
		return err
	}
	spent := seen.c.DaysSpent(calendar, r.at)
	for i, clock := range rounds {
		b.Clocks = append(b.Clocks, clockOf(clock, spent[i], namesFor(seen, people)))
	}
	return nil
}

func besideOf(seen seenCase, track regulation.Track, stage regulation.Stage, events []store.CaseEvent, name func(string) string) besideBody {
	b := besideBody{Track: track, Stage: stage, Running: seen.c.Running(track) && stage == seen.c.Stage(track), Steps: []trackStep{}, Facts: []trackFact{}}
	if seen.reader == regulation.ReaderUnit {
		b.Running = b.Running && track == regulation.TrackExtension
		return b
	}
	for _, e := range events {
		if ended := e.Data["round_ended"]; ended != "" && track == regulation.TrackAccountability {
			b.Steps = append(b.Steps, trackStep{regulation.Stage(ended), e.At})
		}
		if reached := e.Stages[track]; reached != "" {
			b.Steps = append(b.Steps, trackStep{reached, e.At})
		}
	}
	if fill := trackFacts[track]; fill != nil {
		b.Facts = slices.DeleteFunc(fill(seen.c, name), trackFact.empty)
	}
	return b
}

func (f trackFact) empty() bool {
	return f.Code == "" && f.At.IsZero() && f.Text == "" && f.Person == ""
}

// trackFacts are what each procedure is read by; empty ones are left out.
var trackFacts = map[regulation.Track]func(c regulation.Case, name func(string) string) []trackFact{
	regulation.TrackAppeal: func(c regulation.Case, name func(string) string) []trackFact {
		return []trackFact{{Name: "by", Code: "role." + string(c.Appeal.As.Role), Person: name(c.Appeal.By)},
			{Name: "grounds", Code: coded("choice.grounds", c.Appeal.Grounds)}, {Name: "result", Code: coded("appeal_result", c.Appeal.Result)},
			{Name: "decided_by", Person: name(c.Appeal.DecidedBy)}, {Name: "decided_on", At: c.Appeal.DecidedAt}}
	},
	regulation.TrackWriteOff: func(c regulation.Case, name func(string) string) []trackFact {
		w := c.WriteOff
		return []trackFact{{Name: "kind", Code: coded("write_off_kind", w.Kind)}, {Name: "write_off_basis", Code: coded("write_off_basis", w.Basis)},
			{Name: "proposed_by", Person: name(w.ProposedBy)}, {Name: "approved_by", Person: name(w.ApprovedBy)},
			{Name: "exemption", Code: coded("choice.exemption", w.Exempt)},
			{Name: "rater_told", Code: coded("choice.rater_told", w.Told)}, {Name: "told_on", At: w.ToldAt}, {Name: "objected_on", At: w.ObjectedAt},
			{Name: "in_force_on", At: w.EffectiveAt}, {Name: "reversed_on", At: w.ReversedAt}}
	},
	regulation.TrackMalice: func(c regulation.Case, name func(string) string) []trackFact {
		return []trackFact{{Name: "ground", Code: coded("choice.ground", c.Malice.Ground)}, {Name: "first_person", Person: name(c.Malice.FlaggedBy)},
			{Name: "second_person", Person: name(c.Malice.DecidedBy)}, {Name: "decided_on", At: c.Malice.DecidedAt}}
	},
	regulation.TrackAccountability: accountabilityFacts,
	regulation.TrackInvestigation: func(c regulation.Case, name func(string) string) []trackFact {
		return []trackFact{{Name: "result", Code: coded("choice.result", c.Inquiry.Result)}, {Name: "decided_by", Person: name(c.Inquiry.By)},
			{Name: "decided_on", At: c.Inquiry.DoneAt}}
	},
	regulation.TrackCredit: func(c regulation.Case, name func(string) string) []trackFact {
		return []trackFact{{Name: "proposed_by", Person: name(c.Credit.ProposedBy)}, {Name: "objected_on", At: c.Credit.ObjectedAt},
			{Name: "first_person", Person: name(c.Credit.ApprovedBy)}, {Name: "second_person", Person: name(c.Credit.ConfirmedBy)},
			{Name: "referred_on", At: c.Credit.ReferredAt}}
	},
	regulation.TrackReattribution: func(c regulation.Case, name func(string) string) []trackFact {
		return []trackFact{{Name: "proposed_by", Person: name(c.Reattribution.ProposedBy)}, {Name: "decided_by", Person: name(c.Reattribution.DecidedBy)},
			{Name: "decided_on", At: c.Reattribution.DecidedAt}}
	},
	regulation.TrackExtension: func(c regulation.Case, name func(string) string) []trackFact {
		return []trackFact{{Name: "extension_days", Text: strconv.Itoa(c.Extension.Days)}, {Name: "proposed_by", Person: name(c.Extension.RequestedBy)},
			{Name: "decided_by", Person: name(c.Extension.DecidedBy)}, {Name: "decided_on", At: c.Extension.DecidedAt}}
	},
	regulation.TrackUpperReview: func(c regulation.Case, _ func(string) string) []trackFact {
		return []trackFact{{Name: "result", Code: coded("choice.result", c.Raised.Result)}, {Name: "decided_on", At: c.Raised.DoneAt}}
	},
}

// accountabilityFacts are those of the last round; what waits for its end is told besides, and how many
// there were before it.
func accountabilityFacts(c regulation.Case, name func(string) string) []trackFact {
	if len(c.Measures) == 0 {
		return nil
	}
	m := c.Measures[len(c.Measures)-1]
	against := "unit"
	if m.Staff != "" {
		against = "person"
	}
	var facts []trackFact
	for _, reason := range m.Reasons() {
		facts = append(facts, trackFact{Name: "opened_for", Code: coded("accountability.reason", reason)})
	}
	facts = append(facts, []trackFact{{Name: "against", Code: coded("accountability.against", against)},
		{Name: "stated_on", At: m.StatedAt}, {Name: "measure", Code: coded("choice.kind", m.Kind)}, {Name: "decided_by", Person: name(m.DecidedBy)},
		{Name: "decided_on", At: m.DecidedAt}, {Name: "document_number", Text: m.Document}, {Name: "employers_answer", Code: coded("choice.answer", m.Answer)},
		{Name: "in_force_on", At: m.InForceAt}, {Name: "review_until", At: c.OfferedUntil(regulation.ActRequestReview)},
		{Name: "revoked_on", At: m.RevokedAt}, {Name: "revoked_for", Code: coded("accountability.revoked", m.Revoked)}}...)
	for _, g := range c.Pending {
		facts = append(facts, trackFact{Name: "next_round", Code: coded("accountability.reason", g.Reason)})
	}
	for i, earlier := range c.Measures[:len(c.Measures)-1] {
		facts = append(facts, trackFact{Name: "earlier_round", Code: "stage." + string(c.RoundStage(i)), At: earlier.OpenedAt})
	}
	return facts
}

// coded is a catalogue's key, "" for no code.
func coded(prefix, code string) string {
	if code == "" {
		return ""
	}
	return prefix + "." + code
}

func clockOf(clock regulation.Rectifying, spent regulation.Spent, name func(string) string) clockBody {
	b := clockBody{From: clock.From, Due: clock.Due, Spent: spent}
	for _, p := range clock.Pauses {
		b.Pauses = append(b.Pauses, pauseBody{From: p.From, To: p.To, Left: p.Left, Reason: p.Reason, Clause: p.Clause, By: name(p.Actor)})
	}
	return b
}

// drawnTracks are the procedures and the clock's ledger as the case's page shows them.
func drawnTracks(lang web.Lang, b caseBody) (procedures []web.Procedure, clocks []web.ClockLine) {
	for _, t := range b.Tracks {
		p := web.Procedure{Track: string(t.Track), Stage: "stage." + string(t.Stage), Running: t.Running}
		for _, s := range t.Steps {
			p.Steps = append(p.Steps, web.ProcedureStep{Key: "stage." + string(s.Stage), At: s.At})
		}
		for _, f := range t.Facts {
			p.Facts = append(p.Facts, web.Fact{Code: f.Name, Text: factText(lang, f)})
		}
		procedures = append(procedures, p)
	}
	for i, clock := range b.Clocks {
		line := web.ClockLine{Round: i + 1, From: clock.From, Due: clock.Due,
			Unit: clock.Spent.Unit, Authority: clock.Spent.Authority, Paused: clock.Spent.Paused}
		for _, p := range clock.Pauses {
			line.Pauses = append(line.Pauses, web.ClockPause{From: p.From, To: p.To, Left: p.Left, Reason: p.Reason, Clause: string(p.Clause), By: p.By})
		}
		clocks = append(clocks, line)
	}
	return procedures, clocks
}

// factText words a fact of a procedure.
func factText(lang web.Lang, f trackFact) string {
	text := f.Text
	if f.Code != "" {
		text = web.T(lang, f.Code)
	}
	for _, more := range []string{dayOf(lang, f.At), f.Person} {
		switch {
		case text == "":
			text = more
		case more != "":
			text += " · " + more
		}
	}
	return text
}

func dayOf(lang web.Lang, at time.Time) string {
	if at.IsZero() {
		return ""
	}
	return dayIn(lang, workday.DateOf(at).String())
}

// procedureBody is where a listed case's procedure stands, and by when its next step is due.
type procedureBody struct {
	Track regulation.Track `json:"track"`
	Stage regulation.Stage `json:"stage"`
	Due   *dueBody         `json:"due,omitempty"`
}

// procedureFor is what a line of an escalations' list leads to: accountability, or the inquiry into
// pressure; nil where it was never begun.
func (a *API) procedureFor(r *request, calendars *calendars, e store.Escalation) (*procedureBody, error) {
	c, err := a.Store.CaseByID(r.http().Context(), regulation.Scope{All: true}, e.CaseID)
	if err != nil {
		return nil, err
	}
	track := regulation.TrackAccountability
	if e.To != "discipline" && e.Reason == "pressure" {
		track = regulation.TrackInvestigation
	}
	stage := c.Stage(track)
	if stage == "" || (e.To != "discipline" && track == regulation.TrackAccountability) {
		return nil, nil
	}
	b := &procedureBody{Track: track, Stage: stage}
	for _, await := range c.Awaiting {
		if spec, _ := regulation.SpecOf(await.Act); spec.Track == track {
			calendar, err := calendars.of(c.Area)
			if err != nil {
				return nil, err
			}
			d := dueOf(await.Due, await.Overdue, await.Provisional, calendar, r.at)
			b.Due = &d
		}
	}
	return b, nil
}
