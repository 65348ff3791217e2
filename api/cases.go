package api

import (
	"cmp"
	"context"
	"slices"
	"time"

	"haochaping/policies"
	"haochaping/regulation"
	"haochaping/store"
	"haochaping/workday"
)

// seenCase is a case with what it is to this reader: the scope in which it was found, the
// assignments under which it may be seen, and as what it is read.
type seenCase struct {
	c      regulation.Case
	scope  regulation.Scope
	reader regulation.Reader
}

// caseFor finds a case within the reader's area. Whatever lies outside answers as if it were not
// there: a unit's case before an order reached the unit, a case that no escalation brought
// before discipline, and whatever concerns the reader in person, who has the notice of R57 and
// no more (R04). That is Subject's and Relate's to say.
func (a *API) caseFor(r *request, id string) (seenCase, error) {
	seen := seenCase{scope: a.Guard.Scope(r.actor, policies.ViewCase)}
	c, err := a.Store.CaseByID(r.http().Context(), seen.scope, id)
	if err != nil {
		return seen, err
	}
	for _, as := range a.Guard.Assignments(r.actor, policies.ViewCase, c.Subject()) {
		if reader := regulation.ReaderOf(as.Role); rank(reader) > rank(seen.reader) {
			seen.c, seen.reader = c, reader
		}
	}
	if seen.reader == "" {
		return seen, notFound("case")
	}
	return seen, nil
}

// rank orders what somebody with several roles reads a case as: the widest counts.
func rank(reader regulation.Reader) int {
	return slices.Index([]regulation.Reader{"", regulation.ReaderOversight, regulation.ReaderUnit, regulation.ReaderAuthority}, reader)
}

// placeBody is an organisation by id and name.
type placeBody struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

func (p places) body(id string) *placeBody {
	if id == "" {
		return nil
	}
	return &placeBody{id, p.name(id)}
}

// dueBody is a due instant with the working days left; negative when it is overdue.
type dueBody struct {
	At          time.Time `json:"at" when:"exact"`
	Left        int       `json:"left"`
	Overdue     bool      `json:"overdue"`
	Provisional bool      `json:"provisional,omitempty"`
}

// contactBody is how the rater may be reached, masked: what was given at all, and no more than
// the masks leave.
type contactBody struct {
	Name     string `json:"name,omitempty"`
	Phone    string `json:"phone,omitempty"`
	Language string `json:"language,omitempty"`
	Hours    string `json:"hours,omitempty"`
}

// ratingBody is what a reader may see of the rating: a unit sees neither words nor instant nor
// number (R04).
type ratingBody struct {
	Grade      int            `json:"grade"`
	Period     string         `json:"period"` // ISO week
	Options    []optionBody   `json:"options"`
	Dimensions map[string]int `json:"dimensions,omitempty"`
	Channel    string         `json:"channel,omitempty"`
	GivenAt    time.Time      `json:"given_at,omitzero"`
	Text       string         `json:"text,omitempty"`
	// Comment is what the rated side reads of the text (R04).
	Comment *commentBody `json:"comment,omitempty"`
	// MatterNumber is shown to the authority, and to a named handler with the rater's consent.
	MatterNumber string `json:"matter_number,omitempty"`
	// FormSerial and CallID bind a transcribed rating to its paper form or call (R10); the authority's.
	FormSerial string       `json:"form_serial,omitempty"`
	CallID     string       `json:"call_id,omitempty"`
	Contact    *contactBody `json:"contact,omitempty"`
}

// fieldBody is a field of an act's form.
type fieldBody struct {
	Name     string               `json:"name"`
	Type     regulation.FieldType `json:"type"`
	Required bool                 `json:"required"`
	Options  []string             `json:"options,omitempty"`
	Max      int                  `json:"max,omitempty"`
}

// openActBody is an act that the table opens now: with its form where the reader may do it, else
// with the reason why not.
type openActBody struct {
	Kind    regulation.ActKind `json:"kind"`
	Clause  regulation.Clause  `json:"clause"`
	Due     *dueBody           `json:"due,omitempty"`
	Fields  []fieldBody        `json:"fields,omitempty"`
	Refused *problemBody       `json:"refused,omitempty"`
	Claimed *claimBody         `json:"claimed,omitempty"` // a colleague has the task
	// Optional is an act beside the main line for which nothing waits: the reader may begin it.
	Optional bool `json:"optional,omitempty"`
	// For is in whose place the reader would act; left out under the reader's own post.
	For *actedForBody `json:"for,omitempty"`
}

// deadlineBody is an open deadline.
type deadlineBody struct {
	ID     string             `json:"id"`
	Kind   string             `json:"kind"`
	Act    regulation.ActKind `json:"act,omitempty"`
	Clause regulation.Clause  `json:"clause,omitempty"`
	Due    dueBody            `json:"due"`
}

// fileBody is a file of the case, with what the event that bound it says of it. By is a person's
// name, for the authority's readers; Seq is 0 for the scan of a paper form, which no event bound.
type fileBody struct {
	Digest      string          `json:"digest"`
	Type        string          `json:"type"`
	Bytes       int64           `json:"bytes"`
	Seq         int64           `json:"seq"`
	At          time.Time       `json:"at"`
	Role        regulation.Role `json:"role,omitempty"`
	Place       string          `json:"place,omitempty"`
	By          string          `json:"by,omitempty"`
	Kind        string          `json:"kind"`
	Description string          `json:"description,omitempty"`
	Href        string          `json:"href"`
}

// eventBody is one entry of the timeline as the reader may see it: codes and parameters, and
// those texts that are not kept from the reader.
type eventBody struct {
	Seq       int64                `json:"seq"`
	At        time.Time            `json:"at"`
	Kind      regulation.EventKind `json:"kind"`
	Name      string               `json:"name"`
	Clause    regulation.Clause    `json:"clause"`
	Role      regulation.Role      `json:"role,omitempty"`
	Person    string               `json:"person,omitempty"`
	Place     string               `json:"place,omitempty"`
	For       *actedForBody        `json:"for,omitempty"` // in whose place it was done
	From      regulation.Phase     `json:"from,omitempty"`
	To        regulation.Phase     `json:"to"`
	Data      map[string]string    `json:"data,omitempty"`
	Texts     map[string]string    `json:"texts,omitempty"`
	Files     []string             `json:"files,omitempty"`
	Escalated *escalatedBody       `json:"escalated,omitempty"`
	Set       *deadlineBody        `json:"set,omitempty"` // the deadline that it armed
	named     map[string]string    // names of windows and people by id, for the page
	Moves     []moveBody           `json:"moves,omitempty"`
}

// moveBody is a due instant that was counted again: as it was, and as it is.
type moveBody struct {
	ID          string             `json:"id"`
	Kind        string             `json:"kind"`
	Act         regulation.ActKind `json:"act,omitempty"`
	Old         time.Time          `json:"old" when:"exact"`
	New         time.Time          `json:"new" when:"exact"`
	OldCalendar string             `json:"old_calendar,omitempty"`
	NewCalendar string             `json:"new_calendar,omitempty"`
	Provisional bool               `json:"provisional,omitempty"`
}

// movesOf are the due instants that changes moved or made certain, as far as a reader may know
// of them; reminders follow and stand for themselves.
func movesOf(reader regulation.Reader, changes []regulation.DueChange) []moveBody {
	var moves []moveBody
	for _, change := range changes {
		d := change.Deadline
		if change.Op != regulation.DueRearmed || d.Kind == regulation.DeadlineReminder || !reader.ShowsMove(change) {
			continue
		}
		moves = append(moves, moveBody{ID: d.ID, Kind: string(d.Kind), Act: d.Act, Old: change.Was.Due, New: d.Due,
			OldCalendar: change.Was.Calendar, NewCalendar: d.Calendar, Provisional: d.Provisional})
	}
	return moves
}

type escalatedBody struct {
	To     string            `json:"to"`
	Reason string            `json:"reason"`
	Clause regulation.Clause `json:"clause"`
}

// caseBody is a case as one reader may see it.
type caseBody struct {
	ID        string            `json:"id"`
	Number    string            `json:"number"`
	Phase     regulation.Phase  `json:"phase"`
	Seq       int64             `json:"seq"`
	ReadAs    regulation.Reader `json:"read_as"`
	Edition   string            `json:"edition"`
	Area      string            `json:"area"`
	Authority *placeBody        `json:"authority"`
	Unit      *placeBody        `json:"unit"`
	RatedUnit *placeBody        `json:"rated_unit"`
	Hall      *placeBody        `json:"hall,omitempty"`
	Window    string            `json:"window,omitempty"`
	Matter    string            `json:"matter,omitempty"`
	Staff     string            `json:"staff,omitempty"`
	OpenedAt  time.Time         `json:"opened_at,omitzero"`
	ClosedAt  time.Time         `json:"closed_at,omitzero"`
	Rating    ratingBody        `json:"rating"`
	Finding   string            `json:"finding,omitempty"`
	Consent   string            `json:"consent,omitempty"`
	Notice    *noticeState      `json:"notice,omitempty"`
	Orders    []orderBody       `json:"orders,omitempty"`
	Acts      []openActBody     `json:"acts"`
	Waits     []waitBody        `json:"waits"`
	Deadlines []deadlineBody    `json:"deadlines"`
	Files     []fileBody        `json:"files"`
	Events    []eventBody       `json:"events"`
	Escalated bool              `json:"escalated"`
	Task      *holdBody         `json:"task,omitempty"`
	Archives  []archiveBody     `json:"archives,omitempty"`
	// Tracks are the procedures beside the main line; Clocks the rounds of clause 7(3)'s days, the last
	// the one that runs.
	Tracks []besideBody `json:"tracks,omitempty"`
	Clocks []clockBody  `json:"clocks,omitempty"`
	// Served is the notice that was served on the reader.
	Served   string `json:"served,omitempty"`
	Reopened int    `json:"reopened,omitempty"` // how often it went back for a new order
	// WrittenOff tells that the rating counts no more; of which kind is for the authority (R46, R53).
	WrittenOff bool `json:"written_off,omitempty"`
	// Dialable tells that the reader has to call now and may read the contact, until DialUntil. DialWaits tells
	// that the reader has to call, and a supervisor has to assign it first.
	Dialable  bool      `json:"dialable"`
	DialUntil time.Time `json:"dial_until,omitzero" when:"exact"`
	DialWaits bool      `json:"dial_waits,omitempty"`
	// Dialler is whom the reader may let make the call that is due: the clerk who has taken it.
	Dialler *diallerBody `json:"dialler,omitempty"`
	// Revealable tells that the reader may ask to open the rater's contact (9(2), R49).
	Revealable bool `json:"revealable,omitempty"`
	// Probes are those into signs of cheating whose evidence this rating belongs to, for who may read them.
	Probes []placeBody `json:"probes,omitempty"`
	// Joint is the joint rectification that the case belongs to, by its cause, for who may read it.
	Joint *placeBody `json:"joint,omitempty"`
}

type noticeState struct {
	ServedAt    time.Time `json:"served_at"`
	AppealUntil time.Time `json:"appeal_until" when:"exact"`
}

type orderBody struct {
	Number   string       `json:"number"`
	Unit     *placeBody   `json:"unit"`
	Assist   []*placeBody `json:"assist,omitempty"`
	IssuedAt time.Time    `json:"issued_at"`
	SignedAt time.Time    `json:"signed_at,omitzero"`
	Returned time.Time    `json:"returned_at,omitzero"`
	Reopened bool         `json:"reopened,omitempty"` // it answers a dissatisfied rater, or a write-off that was set aside
}

func orderOf(p places, o regulation.Order) orderBody {
	b := orderBody{Number: o.Number, Unit: p.body(o.Unit), IssuedAt: o.IssuedAt, SignedAt: o.SignedAt, Returned: o.ReturnedAt, Reopened: o.Reopened}
	for _, unit := range o.Assist {
		b.Assist = append(b.Assist, p.body(unit))
	}
	return b
}

// holdBody is the case's task and who took it.
type holdBody struct {
	ID     string    `json:"id"`
	Holder string    `json:"holder,omitempty"`
	Since  time.Time `json:"since,omitzero" when:"exact"`
	Mine   bool      `json:"mine"`
	// Claimable and Releasable say what the reader may do with it.
	Claimable  bool `json:"claimable"`
	Releasable bool `json:"releasable"`
}

func (a *API) showCase(r *request) (answer, error) {
	seen, err := a.caseFor(r, r.param("id"))
	if err != nil {
		return answer{}, err
	}
	if !r.page {
		body, err := a.caseBody(r, seen)
		return answer{body: body}, err
	}
	view, err := a.casePage(r, seen, nil)
	return answer{view: view}, err
}

// caseBody masks a case for its reader; both renderings are made of it.
func (a *API) caseBody(r *request, seen seenCase) (caseBody, error) {
	ctx, c := r.http().Context(), seen.c
	p := a.places(r)
	b := caseBody{ID: c.ID, Number: c.Number, Phase: c.Phase, Seq: c.Seq, ReadAs: seen.reader, Edition: c.Edition, Area: c.Area,
		Authority: p.body(c.Authority), Unit: p.body(c.Unit), RatedUnit: p.body(c.Rated.Unit), Hall: p.body(c.Rated.Hall),
		ClosedAt: c.ClosedAt, Finding: seen.reader.ShowsFinding(c), Consent: c.Consent.State, Escalated: escalatedFor(seen)}
	b.Revealable = (c.Contactable || c.Named) && len(a.Guard.Assignments(r.actor, policies.AskReveal, c.Subject())) > 0
	if seen.reader != regulation.ReaderUnit {
		// The instant of opening is the instant of the rating.
		b.OpenedAt = c.OpenedAt
	}
	if !c.Notice.ServedAt.IsZero() {
		b.Notice = &noticeState{c.Notice.ServedAt, c.Notice.AppealUntil}
	}
	b.Reopened, b.WrittenOff = c.Reopened, c.WrittenOff()
	if _, unserved := a.noticeFor(r, c.ID); unserved == nil {
		b.Served = "/notices/" + c.ID
	}
	for _, o := range c.Orders {
		b.Orders = append(b.Orders, orderOf(p, o))
	}
	for _, fill := range []func(context.Context, *request, seenCase, *caseBody) error{
		a.fillSubject, a.fillRating, a.fillActs, a.fillClaims, a.fillWaits, a.fillEvents, a.fillTask, a.fillArchives, a.fillTracks, a.fillClocks, a.fillProbes, a.fillJoint, a.fillDialling,
	} {
		if err := fill(ctx, r, seen, &b); err != nil {
			return b, err
		}
	}
	return b, a.forReader(r, seen.reader, &b)
}

// escalatedFor tells a unit of what concerns the unit only: that a rater reported pressure (R58) is
// between the rater and the level above.
func escalatedFor(seen seenCase) bool {
	return slices.ContainsFunc(seen.c.Escalation, func(e regulation.Escalated) bool {
		return seen.reader != regulation.ReaderUnit || e.To == "discipline"
	})
}

// fillSubject names window, matter and staff. Who reads for oversight sees codes and places.
func (a *API) fillSubject(ctx context.Context, r *request, seen seenCase, b *caseBody) error {
	rated := seen.c.Rated
	if rated.Window != "" {
		t, err := a.Store.WindowTarget(ctx, rated.Window)
		if err != nil {
			return err
		}
		b.Window = windowName(r.lang, t.Window)
	}
	if rated.Matter != "" {
		matters, err := a.Store.Matters(ctx, rated.Unit)
		if err != nil {
			return err
		}
		for _, m := range matters {
			if m.ID == rated.Matter {
				b.Matter = either(r.lang, m.NameZH, m.NameEN)
			}
		}
	}
	if rated.Staff != "" && seen.reader != regulation.ReaderOversight {
		names, err := a.Store.StaffNames(ctx, rated.Staff)
		b.Staff = names[rated.Staff]
		return err
	}
	return nil
}

func (a *API) fillRating(ctx context.Context, r *request, seen seenCase, b *caseBody) error {
	rating, err := a.Store.RatingOf(ctx, seen.c)
	if err != nil {
		return err
	}
	f, err := a.form(ctx)
	if err != nil {
		return err
	}
	b.Rating = ratingBody{Grade: int(rating.Grade), Period: seen.c.Notice.Period, Options: optionsOf(r, f, rating), Dimensions: marksOf(rating)}
	if seen.c.MayKnowMatter(r.actor.Person) {
		b.Rating.MatterNumber = rating.Place.ProjectNo
	}
	if seen.reader == regulation.ReaderUnit {
		b.Rating.Comment, err = a.ratedComment(r, rating)
		return err
	}
	b.Rating.Channel, b.Rating.GivenAt = string(rating.Channel), rating.GivenAt
	if seen.reader != regulation.ReaderAuthority {
		return nil
	}
	b.Rating.MatterNumber = rating.Place.ProjectNo
	b.Rating.FormSerial, b.Rating.CallID = rating.FormSerial, rating.CallID
	if rating.HasText {
		if b.Rating.Text, err = a.Store.RatingText(ctx, rating.ID); err != nil {
			return err
		}
	}
	b.Rating.Contact, err = a.maskedContact(ctx, seen)
	return err
}

func optionsOf(r *request, f form, rating regulation.Rating) []optionBody {
	chosen := []optionBody{}
	for _, o := range f.options {
		if slices.Contains(rating.Options, o.Code) {
			chosen = append(chosen, optionBody{Code: o.Code, Text: either(r.lang, o.TextZH, o.TextEN), First: o.ShownFirst})
		}
	}
	return chosen
}

func marksOf(rating regulation.Rating) map[string]int {
	marks := map[string]int{}
	for name, grade := range rating.Dimensions {
		marks[name] = int(grade)
	}
	return marks
}

// maskedContact shows that there is a contact and what its masks leave.
func (a *API) maskedContact(ctx context.Context, seen seenCase) (*contactBody, error) {
	contact, err := a.Store.MaskedContact(ctx, seen.scope, seen.c.ID)
	if err != nil || !contact.Given() {
		return nil, err
	}
	return &contactBody{Name: contact.Name, Phone: contact.Phone, Language: contact.Language, Hours: contact.Hours}, nil
}

func (a *API) fillActs(ctx context.Context, r *request, seen seenCase, b *caseBody) error {
	rules, err := a.Store.RulesOf(ctx, seen.c)
	if err != nil {
		return err
	}
	people, err := a.Store.People(ctx)
	if err != nil {
		return err
	}
	open := rules.OpenActs(seen.c, r.actor, r.at, func(kind regulation.ActKind) []regulation.Assignment {
		return a.Guard.Assignments(r.actor, string(kind), seen.c.SubjectOf(kind))
	})
	b.Acts, b.Deadlines = []openActBody{}, []deadlineBody{}
	for _, act := range open {
		if act.Spec.Side == regulation.SideRater || !seen.reader.ShowsAct(act.Spec) || beside(act) {
			continue
		}
		form := actForm(r, act, rules.Calendar)
		if act.Refusal == nil {
			form.For = actedFor(regulation.ReaderAuthority, act.As, people) // the reader knows for whom
		}
		b.Acts = append(b.Acts, form)
	}
	for _, d := range seen.c.Deadlines {
		if !seen.reader.ShowsDeadline(d) {
			continue
		}
		b.Deadlines = append(b.Deadlines, deadlineBody{ID: d.ID, Kind: string(d.Kind), Act: d.Act, Clause: clauseOf(d),
			Due: dueOf(d.Due, false, d.Provisional, rules.Calendar, r.at)})
	}
	return nil
}

// clauseOf is the clause of a deadline: its act's, or the notice's.
func clauseOf(d regulation.Deadline) regulation.Clause {
	if d.Kind == regulation.DeadlineNotice {
		return regulation.ClauseRights
	}
	spec, _ := regulation.SpecOf(d.Act)
	return spec.Clause
}

// beside tells whether an act beside the main line is somebody else's to begin: nothing waits for it,
// so that the reader need not know of it. One of theirs that a rule keeps shut stays, with the rule.
func beside(act regulation.OpenAct) bool {
	return act.Spec.Track != "" && act.Await == nil && act.Refusal != nil && act.Refusal.Code == regulation.NotPermitted
}

func actForm(r *request, act regulation.OpenAct, calendar workday.Calendar) openActBody {
	b := openActBody{Kind: act.Spec.Kind, Clause: act.Spec.Clause, Optional: act.Spec.Track != "" && act.Await == nil}
	if act.Await != nil && !act.Await.Due.IsZero() {
		d := dueOf(act.Await.Due, act.Await.Overdue, act.Await.Provisional, calendar, r.at)
		b.Due = &d
	}
	if e := act.Refusal; e != nil {
		title, detail := sentences(r.lang, e)
		b.Refused = &problemBody{Type: problemAddress(e.Code), Title: title, Status: status(e.Code), Detail: detail, Code: e.Code,
			Clause: e.Clause, Missing: e.Missing, WhoMay: e.Who, From: e.From}
		return b
	}
	for _, f := range act.Spec.Fields {
		b.Fields = append(b.Fields, fieldBody{f.Name, f.Type, f.Required, f.Options, f.Max})
	}
	return b
}

func dueOf(at time.Time, overdue, provisional bool, calendar workday.Calendar, now time.Time) dueBody {
	d := due(at, overdue, provisional, calendar, now)
	return dueBody{At: d.At, Left: d.Left, Overdue: d.Overdue, Provisional: d.Provisional}
}

// fillEvents shows of the history what the reader may see, and opens only those texts.
func (a *API) fillEvents(ctx context.Context, r *request, seen seenCase, b *caseBody) error {
	events, err := a.Store.Events(ctx, seen.scope, seen.c.ID)
	if err != nil {
		return err
	}
	shown := map[int64]regulation.Event{}
	for _, e := range events {
		if seen.reader.Shows(e.Event) {
			shown[e.Seq] = e.Event
		}
	}
	texts, err := a.Store.Texts(ctx, seen.scope, seen.c.ID, func(ref regulation.TextRef) bool {
		e, known := shown[ref.Seq]
		return known && seen.reader.ShowsText(e, ref.Field)
	})
	if err != nil {
		return err
	}
	people, err := a.Store.People(ctx)
	if err != nil {
		return err
	}
	rules, err := a.Store.RulesOf(ctx, seen.c)
	if err != nil {
		return err
	}
	p := a.places(r)
	b.Events, b.Files = []eventBody{}, []fileBody{}
	for _, e := range events {
		if _, known := shown[e.Seq]; known {
			b.Events = append(b.Events, eventOf(r, seen, e.Event, texts, people, p, rules.Calendar))
		}
	}
	if seen.reader == regulation.ReaderUnit {
		b.count()
	}
	if err := a.nameRated(ctx, r, b.Events); err != nil {
		return err
	}
	return a.fillFiles(ctx, seen, people, b)
}

// count numbers the events that are shown from 1 on: the record's own numbers would tell a unit how many
// steps it does not see.
func (b *caseBody) count() {
	b.Seq = int64(len(b.Events))
	for i := range b.Events {
		b.Events[i].Seq = int64(i) + 1
	}
}

func eventOf(r *request, seen seenCase, e regulation.Event, texts map[regulation.TextRef]string, people *store.People, p places, calendar workday.Calendar) eventBody {
	b := eventBody{Seq: e.Seq, At: e.At, Kind: e.Kind, Name: e.Name, Clause: e.Clause, Role: e.As.Role, From: e.From, To: e.To,
		Data: dataFor(seen.reader, e), Place: p.name(e.As.Org)}
	if seen.reader.ShowsFiles(e) {
		b.Files = e.Files
	}
	if b.Role == "" {
		b.Role = regulation.System // the case opened by itself
	}
	if seen.reader == regulation.ReaderAuthority {
		b.Person = people.Name(e.Actor)
	}
	b.For = actedFor(seen.reader, e.As, people)
	for ref, text := range texts {
		if ref.Seq == e.Seq {
			if b.Texts == nil {
				b.Texts = map[string]string{}
			}
			b.Texts[ref.Field] = text
		}
	}
	if x := e.Escalated; x != nil {
		b.Escalated = &escalatedBody{x.To, x.Reason, x.Clause}
	}
	b.Set = armedBy(seen.reader, e, calendar, r.at)
	b.Moves = movesOf(seen.reader, e.Changes)
	return b
}

// dataFor keeps what the authority decided about its own procedure from the unit.
func dataFor(reader regulation.Reader, e regulation.Event) map[string]string {
	kept := map[string]string{}
	for name, value := range e.Data {
		if reader.ShowsData(e, name) {
			kept[name] = value
		}
	}
	return kept
}

// armedBy is the first step deadline that an event set.
func armedBy(reader regulation.Reader, e regulation.Event, calendar workday.Calendar, now time.Time) *deadlineBody {
	for _, change := range e.Changes {
		d := change.Deadline
		if change.Op != regulation.DueArmed || d.Kind == regulation.DeadlineReminder || !reader.ShowsDeadline(d) {
			continue
		}
		return &deadlineBody{ID: d.ID, Kind: string(d.Kind), Act: d.Act, Due: dueOf(d.Due, false, d.Provisional, calendar, now)}
	}
	return nil
}

// fillFiles lists the files of the events that the reader sees.
func (a *API) fillFiles(ctx context.Context, seen seenCase, people *store.People, b *caseBody) error {
	files, err := a.Store.Files(ctx, seen.scope, seen.c.ID)
	if err != nil {
		return err
	}
	if err := a.fillScan(ctx, seen, files, people, b); err != nil {
		return err
	}
	for _, e := range b.Events {
		for _, digest := range e.Files {
			f := files[digest]
			b.Files = append(b.Files, fileBody{Digest: digest, Type: f.Mime, Bytes: f.Size, Seq: e.Seq, At: e.At, Role: e.Role, Place: e.Place,
				By: e.Person, Kind: cmp.Or(e.Data["kind"], e.Name), Description: e.Texts["description"], Href: "/cases/" + seen.c.ID + "/files/" + digest})
		}
	}
	return nil
}

// scanKind is the kind of the paper form's scan among the files of a case.
const scanKind = "paper_form"

// fillScan puts the scan of the paper form that the rating stood on before the evidence: for the
// authority's readers only, since a hand-written form may show who rated (R04, R10).
func (a *API) fillScan(ctx context.Context, seen seenCase, files map[string]store.File, people *store.People, b *caseBody) error {
	if seen.reader != regulation.ReaderAuthority {
		return nil
	}
	rating, err := a.Store.RatingOf(ctx, seen.c)
	if err != nil || rating.ScanDigest == "" {
		return err
	}
	f := files[rating.ScanDigest]
	b.Files = append(b.Files, fileBody{Digest: f.Digest, Type: f.Mime, Bytes: f.Size, At: rating.GivenAt,
		Role: regulation.EntryClerk, By: people.Name(rating.By), Kind: scanKind, Description: rating.FormSerial, Href: "/cases/" + seen.c.ID + "/files/" + f.Digest})
	return nil
}
