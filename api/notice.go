package api

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"haochaping/policies"
	"haochaping/regulation"
	"haochaping/store"
	"haochaping/web"
	"haochaping/workday"
)

// noticeBody is the redacted notice of R57: neither rater nor words nor hour; and what has become of
// the rated side's own procedures, in the answer for one notice.
type noticeBody struct {
	Case       string         `json:"case"`
	Number     string         `json:"number"`
	Grade      int            `json:"grade"`
	Period     string         `json:"period"` // ISO week
	Dimensions map[string]int `json:"dimensions,omitempty"`
	Options    []optionBody   `json:"options"`
	// Comment is what an officer left of the rater\'s words, in the answer for one notice.
	Comment     *commentBody `json:"comment,omitempty"`
	Unit        *placeBody   `json:"unit"`
	Window      string       `json:"window,omitempty"`
	ServedAt    time.Time    `json:"served_at"`
	AppealUntil time.Time    `json:"appeal_until" when:"exact"`
	// Standing tells whether the rating counts: counts, pending, written_off, refused, reversed.
	Standing string        `json:"standing,omitempty"`
	Appeal   *appealBody   `json:"appeal,omitempty"`
	Measures []measureBody `json:"accountability,omitempty"`
	Acts     []openActBody `json:"acts,omitempty"`
	// Documents are those addressed to the reader.
	Documents []documentBody `json:"documents,omitempty"`
	// Href is the case, where the reader may see more of it than its notice.
	Href string `json:"href,omitempty"`
}

// appealBody is the rated side's appeal as the rated side knows it. Account is shown to whoever
// wrote it, Reasons where it was dismissed: those of a finding may tell who rated.
type appealBody struct {
	Stage     regulation.Stage `json:"stage"`
	LodgedAt  time.Time        `json:"lodged_at"`
	Role      regulation.Role  `json:"role"`
	Grounds   string           `json:"grounds"`
	Account   string           `json:"account,omitempty"`
	Files     int              `json:"files"`
	Days      int              `json:"review_days"` // working days of the review
	DecidedAt time.Time        `json:"decided_at,omitzero"`
	Reasons   string           `json:"reasons,omitempty"`
}

// measureBody is a round of accountability as whoever answers for it knows it.
type measureBody struct {
	Reason     string           `json:"reason"`
	Grounds    []string         `json:"grounds"` // all reasons, Reason the first
	Stage      regulation.Stage `json:"stage"`
	OpenedAt   time.Time        `json:"opened_at"`
	Staff      bool             `json:"staff"` // about the person; else about the unit
	Kind       string           `json:"kind,omitempty"`
	DecidedAt  time.Time        `json:"decided_at,omitzero"`
	Document   string           `json:"document,omitempty"`
	Answer     string           `json:"answer,omitempty"`
	InForceAt  time.Time        `json:"in_force_at,omitzero"`
	Due        *dueBody         `json:"review_until,omitempty"`
	RevokedAt  time.Time        `json:"revoked_at,omitzero"`
	Revoked    string           `json:"revoked,omitempty"`
	Statement  string           `json:"statement,omitempty"` // the reader's own
	Basis      string           `json:"basis,omitempty"`
	Reasons    string           `json:"reasons,omitempty"`
	Reviewed   string           `json:"review_reasons,omitempty"`
	Revocation string           `json:"revocation_reasons,omitempty"`
}

// told is a case as its rated side knows it, with the rules that judge it and its history, of which
// nothing is shown but what the bodies above name.
type told struct {
	c      regulation.Case
	rules  regulation.Rules
	events []store.CaseEvent
}

// noticeFor finds a case by what was served on the reader: the notice of R57, or a round of
// accountability. Whatever else there is answers as if it were not there.
func (a *API) noticeFor(r *request, id string) (regulation.Case, error) {
	c, err := a.Store.CaseByID(r.http().Context(), regulation.Scope{All: true}, id)
	if err != nil {
		return c, err
	}
	served := len(a.Guard.Assignments(r.actor, policies.ViewNotices, c.NoticeSubject())) > 0
	answers := slices.ContainsFunc(c.Measures, func(m regulation.Measure) bool { return m.Answers(r.actor) })
	if !served && !answers {
		return regulation.Case{}, notFound("notice")
	}
	return c, nil
}

func (a *API) told(ctx context.Context, c regulation.Case) (t told, err error) {
	t.c = c
	if t.rules, err = a.Store.RulesOf(ctx, c); err != nil {
		return t, err
	}
	t.events, err = a.Store.Events(ctx, regulation.Scope{All: true}, c.ID)
	return t, err
}

// showNotice is one notice within the reader's scope.
func (a *API) showNotice(r *request) (answer, error) {
	c, err := a.noticeFor(r, r.param("id"))
	if err != nil {
		return answer{}, err
	}
	body, err := a.noticeOf(r, c)
	if err != nil || !r.page {
		return answer{body: body}, err
	}
	view, err := a.ratedPage(r, c, body, nil)
	return answer{view: view}, err
}

func (a *API) noticeBody(r *request, n store.RatedNotice) (noticeBody, error) {
	f, err := a.form(r.http().Context())
	if err != nil {
		return noticeBody{}, err
	}
	rating := regulation.Rating{Options: n.Options, Dimensions: n.Dimensions}
	b := noticeBody{Case: n.CaseID, Number: n.Number, Grade: int(n.Grade), Period: n.Period, Dimensions: marksOf(rating), Options: optionsOf(r, f, rating),
		Unit: a.places(r).body(n.Unit), ServedAt: n.ServedAt, AppealUntil: n.AppealUntil}
	if n.Window != "" {
		t, err := a.Store.WindowTarget(r.http().Context(), n.Window)
		if err != nil {
			return b, err
		}
		b.Window = windowName(r.lang, t.Window)
	}
	return b, nil
}

// noticeOf is the answer for one notice; both renderings are made of it.
func (a *API) noticeOf(r *request, c regulation.Case) (noticeBody, error) {
	ctx := r.http().Context()
	rating, err := a.Store.RatingOf(ctx, c)
	if err != nil {
		return noticeBody{}, err
	}
	b, err := a.noticeBody(r, store.RatedNotice{CaseID: c.ID, Number: c.Number, Unit: c.Rated.Unit, Window: c.Rated.Window, Grade: c.Grade,
		Dimensions: rating.Dimensions, Options: rating.Options, Period: c.Notice.Period, ServedAt: c.Notice.ServedAt, AppealUntil: c.Notice.AppealUntil})
	if err != nil {
		return b, err
	}
	if b.Comment, err = a.ratedComment(r, rating); err != nil {
		return b, err
	}
	t, err := a.told(ctx, c)
	if err != nil {
		return b, err
	}
	texts, err := a.noticeTexts(ctx, r, t)
	if err != nil {
		return b, err
	}
	b.Acts = a.ratedActs(r, t)
	b.Measures = measuresOf(r, t, texts)
	if len(a.Guard.Assignments(r.actor, policies.ViewNotices, c.NoticeSubject())) > 0 {
		b.Standing, b.Appeal = c.Standing(), appealOf(t, texts)
	}
	if _, unseen := a.caseFor(r, c.ID); unseen == nil {
		b.Href = "/cases/" + c.ID
	}
	documents, err := a.documentsBody(r, ratedCase(c))
	if err != nil {
		return b, err
	}
	b.Documents = documents.Documents
	return b, a.forRated(r, &b)
}

// noticeTexts opens those texts that the rated side may read: what the reader wrote, and what was
// decided about the reader.
func (a *API) noticeTexts(ctx context.Context, r *request, t told) (map[regulation.TextRef]string, error) {
	byRef := map[int64]regulation.Event{}
	for _, e := range t.events {
		byRef[e.Seq] = e.Event
	}
	return a.Store.Texts(ctx, regulation.Scope{All: true}, t.c.ID, func(ref regulation.TextRef) bool {
		return regulation.RatedMayRead(byRef[ref.Seq], ref.Field, r.actor.Person)
	})
}

// ratedActs are the acts of the rated side that are the reader's, with the rule where one is shut.
func (a *API) ratedActs(r *request, t told) []openActBody {
	var acts []openActBody
	may := func(kind regulation.ActKind) []regulation.Assignment {
		return a.Guard.Assignments(r.actor, string(kind), t.c.SubjectOf(kind))
	}
	for _, act := range t.rules.OpenActs(t.c, r.actor, r.at, may) {
		if act.Spec.Side != regulation.SideRated || (act.Refusal != nil && act.Refusal.Code == regulation.NotPermitted) {
			continue
		}
		b := actForm(r, act, t.rules.Calendar)
		if until := t.c.OfferedUntil(act.Spec.Kind); b.Due == nil && b.Refused == nil && !until.IsZero() {
			d := dueOf(until, false, false, t.rules.Calendar, r.at)
			b.Due = &d
		}
		acts = append(acts, b)
	}
	return acts
}

func appealOf(t told, texts map[regulation.TextRef]string) *appealBody {
	appeal := t.c.Appeal
	if appeal.LodgedAt.IsZero() {
		return nil
	}
	b := &appealBody{Stage: t.c.AppealStage(), LodgedAt: appeal.LodgedAt, Role: appeal.As.Role, Grounds: appeal.Grounds,
		Account: texts[appeal.Text], Days: t.rules.Params.Days(regulation.AppealReviewDays), DecidedAt: appeal.DecidedAt,
		Reasons: texts[appeal.Reasons]}
	for _, e := range t.events {
		if e.Seq == appeal.Text.Seq {
			b.Files = len(e.Files)
		}
	}
	return b
}

// measuresOf are the rounds of accountability that the reader answers for, the latest first.
func measuresOf(r *request, t told, texts map[regulation.TextRef]string) []measureBody {
	var measures []measureBody
	for i, m := range slices.Backward(t.c.Measures) {
		last := i == len(t.c.Measures)-1
		if !m.Answers(r.actor) && !(last && r.actor.Sits(t.rules.Before(t.c, regulation.ActGiveStatement))) {
			continue
		}
		b := measureBody{Reason: regulation.ToldReason(m.Reason), Grounds: m.Told(), Stage: t.c.RoundStage(i), OpenedAt: m.OpenedAt, Staff: m.Staff != "", Kind: m.Kind, DecidedAt: m.DecidedAt,
			Document: m.Document, Answer: m.Answer, InForceAt: m.InForceAt, RevokedAt: m.RevokedAt, Revoked: m.Revoked, Statement: texts[m.Statement], Basis: texts[m.Basis]}
		if until := t.c.OfferedUntil(regulation.ActRequestReview); last && !until.IsZero() {
			d := dueOf(until, false, false, t.rules.Calendar, r.at)
			b.Due = &d
		}
		for _, e := range t.events {
			if !t.c.InRound(i, e.Event) {
				continue
			}
			reasons := texts[regulation.TextRef{Seq: e.Seq, Field: "reasons"}]
			switch regulation.ActKind(e.Name) {
			case regulation.ActDecideAccountability:
				b.Reasons = reasons
			case regulation.ActDecideReview:
				b.Reviewed = reasons
			case regulation.ActRevokeAccountability:
				b.Revocation = reasons
			}
		}
		measures = append(measures, b)
	}
	return measures
}

// appealDue is the window within which the rated side may appeal, counted from service.
func (a *API) appealDue(r *request, unitID string, until time.Time) (web.Due, error) {
	unit, _ := a.places(r).tree.Org(unitID)
	calendar, err := a.Store.Calendar(r.http().Context(), unit.Area)
	return due(until, false, false, calendar, r.at), err
}

// period words an ISO week, "2026-W48".
func period(week string) web.Message {
	year, number, _ := strings.Cut(week, "-W")
	return web.Msg("period.week", year, strings.TrimLeft(number, "0"))
}

// ratedPage draws a notice, with what was typed into a form that was refused, or not sent yet.
func (a *API) ratedPage(r *request, c regulation.Case, b noticeBody, t *tried) (*web.NoticeView, error) {
	appeal, err := a.appealDue(r, c.Rated.Unit, b.AppealUntil)
	v := &web.NoticeView{Page: a.pageFor(r), Number: b.Number, Grade: b.Grade, Period: period(b.Period), Window: b.Window,
		Unit: nameOf(b.Unit), ServedAt: b.ServedAt, AppealUntil: appeal, Standing: b.Standing, Case: b.Href}
	for _, name := range regulation.Dimensions {
		if mark, given := b.Dimensions[name]; given {
			v.Dimensions = append(v.Dimensions, web.DimensionMark{Code: name, Mark: mark})
		}
	}
	for _, o := range b.Options {
		v.Options = append(v.Options, web.RatingOption{Code: o.Code, Text: o.Text})
	}
	if b.Comment != nil {
		v.Comment = web.Comment{State: b.Comment.State, Text: b.Comment.Text}
	}
	if b.Appeal != nil {
		v.Procedures = append(v.Procedures, appealProcedure(r, *b.Appeal))
	}
	for _, m := range b.Measures {
		v.Procedures = append(v.Procedures, measureProcedure(r, m))
	}
	for _, act := range b.Acts {
		if act.Refused != nil {
			v.Closed = append(v.Closed, closedAct(act))
			continue
		}
		v.Acts = append(v.Acts, drawnAct(c.ID, act, nil, t))
	}
	for _, d := range b.Documents {
		v.Documents = append(v.Documents, web.DocumentLine{Kind: string(d.Kind), Number: d.Number, Replaces: d.Replaces, At: d.IssuedAt, Href: d.Href, Word: d.Word})
	}
	if len(v.Acts) == 1 && v.Acts[0].Kind != string(regulation.ActWithdrawAppeal) && v.Acts[0].Kind != string(regulation.ActLodgeAppeal) {
		v.Acts[0].Open = true // somebody waits for it
	}
	if t != nil && t.refused != nil && !formShown(v.Acts, t.kind) {
		v.Refusal = webProblem(r.lang, t.refused, r.id)
	}
	return v, err
}

// factList gathers the lines of a procedure; what is empty is left out.
type factList struct {
	lang  web.Lang
	facts []web.Fact
}

func (l *factList) text(code, text string) {
	if text != "" {
		l.facts = append(l.facts, web.Fact{Code: code, Text: text})
	}
}

func (l *factList) key(code, prefix, given string) {
	if given != "" {
		l.facts = append(l.facts, web.Fact{Code: code, Key: prefix + "." + given})
	}
}

func (l *factList) day(code string, at time.Time) {
	if !at.IsZero() {
		l.text(code, dayIn(l.lang, workday.DateOf(at).String()))
	}
}

func appealProcedure(r *request, b appealBody) web.Procedure {
	l := factList{lang: r.lang}
	l.key("by", "role", string(b.Role))
	l.key("grounds", "choice.grounds", b.Grounds)
	l.text("account_of_appeal", b.Account)
	if b.Files > 0 {
		l.text("files", web.T(r.lang, "notice.files", b.Files))
	}
	l.day("decided_on", b.DecidedAt)
	l.text("reasons", b.Reasons)
	p := web.Procedure{Track: string(regulation.TrackAppeal), Stage: "appeal_stage." + cmp.Or(string(b.Stage), "ended"), Since: b.LodgedAt, Facts: l.facts}
	if b.Stage == regulation.StageReview {
		note := web.Msg("notice.review_days", b.Days)
		p.Note, p.Running = &note, true
	}
	return p
}

func measureProcedure(r *request, b measureBody) web.Procedure {
	l := factList{lang: r.lang}
	for _, reason := range b.Grounds {
		l.key("opened_for", "accountability.reason", reason)
	}
	against := "unit"
	if b.Staff {
		against = "person"
	}
	l.key("against", "accountability.against", against)
	l.text("your_statement", b.Statement)
	l.key("measure", "choice.kind", b.Kind)
	l.text("basis", b.Basis)
	l.text("reasons", b.Reasons)
	l.day("decided_on", b.DecidedAt)
	l.text("document_number", b.Document)
	l.key("employers_answer", "choice.answer", b.Answer)
	l.day("in_force_on", b.InForceAt)
	l.text("review_reasons", b.Reviewed)
	l.day("revoked_on", b.RevokedAt)
	l.key("revoked_for", "accountability.revoked", b.Revoked)
	l.text("revocation_reasons", b.Revocation)
	p := web.Procedure{Track: string(regulation.TrackAccountability), Stage: "stage." + string(b.Stage), Since: b.OpenedAt, Facts: l.facts}
	p.Running = !slices.Contains([]regulation.Stage{regulation.StageFinal, regulation.StageDropped, regulation.StageRevoked}, b.Stage)
	if b.Due != nil {
		note := web.Msg("notice.review_until", dayIn(r.lang, workday.DateOf(b.Due.At).String()))
		p.Note = &note
	}
	return p
}
