package api

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"haochaping/regulation"
	"haochaping/web"
	"haochaping/workday"
)

// tried is an act that was just refused, or not sent yet (refused is nil): its form comes back
// open, with what was typed.
type tried struct {
	kind    regulation.ActKind
	fields  regulation.Values
	refused *regulation.Error
}

// casePage draws what caseBody let through, and nothing else.
func (a *API) casePage(r *request, seen seenCase, t *tried) (*web.CaseView, error) {
	b, err := a.caseBody(r, seen)
	if err != nil {
		return nil, err
	}
	v := &web.CaseView{Page: a.pageFor(r), Number: b.Number, Phase: string(b.Phase), Grade: b.Rating.Grade, Escalated: b.Escalated,
		Stages: web.StagesOf(b.Phase), Facts: factsOf(r, b), Consent: consentState(b), Notice: "not_served"}
	v.Live, v.Print = "/events?case="+b.ID, "/cases/"+b.ID+"/print"
	if seen.reader != regulation.ReaderUnit {
		v.Slider = &web.Slider{Action: "/cases/" + b.ID + "/standing", Seq: int(b.Seq), Last: int(b.Seq), Marks: eventMarks(b.Events)}
	}
	v.Finding = b.Finding
	drawDialling(v, b)
	if b.Revealable {
		v.Reveal = "/reveals?case=" + b.ID
	}
	if b.Notice != nil {
		v.Notice, v.NoticeAt = "served", b.Notice.ServedAt
	}
	v.Hold = webHold(b.Task)
	from, err := a.listsFor(r.http().Context(), r, seen.c.Area, b.Acts)
	if err != nil {
		return nil, err
	}
	for _, act := range b.Acts {
		if act.Refused != nil {
			v.Closed = append(v.Closed, closedAct(act))
			continue
		}
		form := drawnAct(b.ID, act, from, t)
		form.Note, form.For = sentBack(b.Events, act.Kind), act.For.words(r.lang, "act.for")
		if act.Optional {
			v.Optional = append(v.Optional, form)
			continue
		}
		v.Acts = append(v.Acts, form)
	}
	v.Waits, v.ClosedAt = drawnWaits(b), b.ClosedAt
	if len(v.Acts) == 1 && !v.Acts[0].Danger {
		v.Acts[0].Open = true // the one thing to do lies ready
	}
	if t != nil && t.refused != nil && !formShown(v.Acts, t.kind) && !formShown(v.Optional, t.kind) {
		v.Refusal = webProblem(r.lang, t.refused, r.id)
	}
	v.Deadlines, v.Archives = deadlinesOf(b), archivesOf(b)
	if err := a.drawDocuments(r, seen, v); err != nil {
		return nil, err
	}
	v.Procedures, v.Clocks = drawnTracks(r.lang, b)
	if b.Joint != nil {
		v.Joint = &web.Option{Value: "/joint/" + b.Joint.ID, Text: b.Joint.Name}
	}
	for _, q := range b.Probes {
		v.Probes = append(v.Probes, web.Option{Value: "/probes/" + q.ID, Text: q.Name})
	}
	v.NoticeHref, v.Reopened, v.WrittenOff = b.Served, b.Reopened, b.WrittenOff
	v.Evidence = evidenceOf(r.lang, b)
	for _, e := range slices.Backward(b.Events) {
		drawn := drawnEvent(r, a.places(r), e)
		for _, f := range v.Evidence {
			if f.Href != "" && (f.Seq == e.Seq || f.Seq == 0 && e.Kind == regulation.EventOpened) {
				drawn.Files = append(drawn.Files, f)
			}
		}
		v.Timeline = append(v.Timeline, drawn)
	}
	return v, nil
}

// evidenceOf are the files of a case, and, for the authority's readers, the evidence that is words
// alone: of others' it is not known whether files are kept from them.
func evidenceOf(lang web.Lang, b caseBody) []web.EvidenceFile {
	var evidence []web.EvidenceFile
	bound, drawn := map[int64]int{}, map[int64]int{}
	for _, f := range b.Files {
		bound[f.Seq]++
	}
	for _, f := range b.Files {
		drawn[f.Seq]++
		name, kind := oneLine(f.Description), f.Kind
		switch {
		case kind == scanKind:
			name, kind = web.T(lang, "choice.kind."+f.Kind)+" "+name, ""
		case name == "":
			name, kind = web.T(lang, "choice.kind."+f.Kind), ""
		}
		if bound[f.Seq] > 1 {
			name = web.T(lang, "file.of", name, drawn[f.Seq], bound[f.Seq])
		}
		evidence = append(evidence, web.EvidenceFile{Name: name, Href: f.Href, Kind: kind, Bytes: f.Bytes, Digest: f.Digest, Seq: f.Seq,
			At: f.At, Role: string(f.Role), By: f.By, Unit: f.Place})
	}
	for _, e := range b.Events {
		if e.Name == string(regulation.ActAddEvidence) && len(e.Files) == 0 && b.ReadAs == regulation.ReaderAuthority {
			evidence = append(evidence, web.EvidenceFile{Name: oneLine(e.Texts["description"]), Kind: e.Data["kind"], Seq: e.Seq, At: e.At,
				Role: string(e.Role), By: e.Person, Unit: e.Place})
		}
	}
	slices.SortStableFunc(evidence, func(x, y web.EvidenceFile) int { return cmp.Compare(x.Seq, y.Seq) })
	return evidence
}

// oneLine is the beginning of a description: a file's name in lists. The timeline has it whole.
func oneLine(text string) string {
	words := []rune(strings.Join(strings.Fields(text), " "))
	if len(words) > longestName {
		return string(words[:longestName]) + "…"
	}
	return string(words)
}

const longestName = 60 // characters

// deadlinesOf are the deadlines that run, and those that passed while their step still waits.
func deadlinesOf(b caseBody) []web.Deadline {
	var deadlines []web.Deadline
	for _, w := range b.Waits {
		if w.Act != "" && w.Due != nil && w.Due.Overdue {
			deadlines = append(deadlines, web.Deadline{Kind: string(w.Act), Clause: string(w.Clause), Due: webDue(w.Due)})
		}
	}
	for _, d := range b.Deadlines {
		running := d.Kind != string(regulation.DeadlineReminder) // three more dates of one deadline: the timeline tells of each
		if running && !slices.ContainsFunc(deadlines, func(passed web.Deadline) bool { return passed.Kind == deadlineName(d) }) {
			deadlines = append(deadlines, web.Deadline{Kind: deadlineName(d), Clause: string(d.Clause), Due: webDue(&d.Due)})
		}
	}
	return deadlines
}

func consentState(b caseBody) string {
	if b.ReadAs == regulation.ReaderOversight {
		return ""
	}
	if b.Consent == "" {
		return "not_asked"
	}
	return b.Consent
}

// webHold is who holds a task, with the addresses that take it or give it back.
func webHold(task *holdBody) web.Hold {
	if task == nil {
		return web.Hold{}
	}
	hold := web.Hold{Holder: task.Holder, Since: task.Since, Mine: task.Mine, IdempotencyKey: newKey()}
	if task.Claimable {
		hold.Claim = "/tasks/" + task.ID + "/claim"
	}
	if task.Releasable {
		hold.Release = "/tasks/" + task.ID + "/release"
	}
	return hold
}

// webClaim is a colleague's claim with the form that takes the task over; typed keeps an act's own
// form open, which then takes over as it is sent.
func webClaim(c *claimBody, typed bool) *web.Claim {
	if c == nil {
		return nil
	}
	return &web.Claim{Holder: c.Holder, Since: c.Since, TakeOver: c.TakeOver, SinceField: c.Since.Format(time.RFC3339Nano),
		IdempotencyKey: newKey(), Typed: typed}
}

func webDue(d *dueBody) web.Due {
	if d == nil {
		return web.Due{}
	}
	return web.Due{At: d.At, Left: d.Left, Overdue: d.Overdue, Provisional: d.Provisional}
}

func closedAct(act openActBody) web.ClosedAct {
	e := act.Refused
	missing := missingOf(&regulation.Error{Code: e.Code, Missing: e.Missing})
	return web.ClosedAct{Kind: string(act.Kind), Clause: string(act.Clause), Missing: missing, WhoMay: roleCodes(e.WhoMay), From: e.From, Until: e.Until}
}

// dangerous are acts that end something or turn it away.
var dangerous = []regulation.ActKind{regulation.ActReturnOrder, regulation.ActRejectRectification, regulation.ActExemptCallback, regulation.ActClose}

func drawnAct(caseID string, act openActBody, from lists, t *tried) web.ActForm {
	form := web.ActForm{Kind: string(act.Kind), Clause: string(act.Clause), Due: webDue(act.Due), Danger: slices.Contains(dangerous, act.Kind)}
	form.Action, form.IdempotencyKey = "/cases/"+caseID+"/acts/"+string(act.Kind), newKey()
	wrong := map[string]string{}
	var typed regulation.Values
	tried := t != nil && t.kind == act.Kind
	form.Claimed = webClaim(act.Claimed, tried)
	if tried {
		form.Open, form.IdempotencyKey, typed = true, keyFor(t.fields), t.fields
		if t.refused != nil {
			wrong = formErrors(t.refused)
			form.Errors = web.FieldErrors(wrong)
		}
		if kept := t.fields["files"]; len(kept) > 0 {
			form.Hidden = map[string]string{"staged": strings.Join(kept, ",")}
		}
		if form.Claimed != nil {
			form.Hidden = withHidden(form.Hidden, "take_over", form.Claimed.SinceField)
		}
	}
	for _, f := range act.Fields {
		field := regulation.Field{Name: f.Name, Type: f.Type, Required: f.Required, Options: f.Options, Max: f.Max}
		drawn := web.FieldOf(field, typed[f.Name], wrong[f.Name], from[f.Type])
		drawn.Label = ownLabel("field", string(act.Kind), f.Name)
		form.Fields = append(form.Fields, drawn)
	}
	return form
}

// ownLabel is the catalogue's key of a field where an act has a word of its own for it, else "": a
// statement is another thing in each act.
func ownLabel(prefix, act, name string) string {
	if key := prefix + "." + name + "." + act; web.Has(key) {
		return key
	}
	return ""
}

// backTo is the act that brings a case back to another, with the field that says why.
var backTo = map[regulation.ActKind]struct {
	by    regulation.ActKind
	field string
}{
	regulation.ActSubmitRectification: {regulation.ActRejectRectification, "reason"},
	regulation.ActTransfer:            {regulation.ActReturnOrder, "reason"},
	regulation.ActAcceptRectification: {regulation.ActRecheck, "remarks"},
	regulation.ActReleaseReply:        {regulation.ActRecheck, "remarks"},
}

// sentBack says above a form why the act is to be done once more, nil where it is not.
func sentBack(events []eventBody, kind regulation.ActKind) *web.Message {
	back, known := backTo[kind]
	if !known {
		return nil
	}
	for _, e := range slices.Backward(events) {
		switch regulation.ActKind(e.Name) {
		case kind:
			return nil
		case back.by:
			note := web.Msg("act.sent_back."+string(back.by), e.Texts[back.field])
			return &note
		}
	}
	return nil
}

func formShown(acts []web.ActForm, kind regulation.ActKind) bool {
	return slices.ContainsFunc(acts, func(f web.ActForm) bool { return f.Kind == string(kind) })
}

// unitOptions are the units of an area that an order may go to.
func unitOptions(p places, area string) []web.Option {
	var options []web.Option
	if p.tree == nil {
		return nil
	}
	for _, o := range p.tree.Orgs(regulation.UnitKinds...) {
		if o.Area == area {
			options = append(options, web.Option{Value: o.ID, Text: either(p.lang, o.NameZH, o.NameEN)})
		}
	}
	return options
}

// deadlineName is a deadline's key in the catalogue: its act's, or its own kind's.
func deadlineName(d deadlineBody) string {
	if d.Kind == string(regulation.DeadlineStep) && d.Act != "" {
		return string(d.Act)
	}
	return d.Kind
}

// factsOf are the facts cards's lines, in the order in which they are read.
func factsOf(r *request, b caseBody) []web.Fact {
	facts := []web.Fact{}
	add := func(code, text string) {
		if text != "" {
			facts = append(facts, web.Fact{Code: code, Text: text})
		}
	}
	key := func(code, key string, given string) {
		if given != "" {
			facts = append(facts, web.Fact{Code: code, Key: key + "." + given})
		}
	}
	add("unit", nameOf(b.RatedUnit))
	if b.Unit != nil && b.RatedUnit != nil && b.Unit.ID != b.RatedUnit.ID {
		add("handling_unit", nameOf(b.Unit))
	}
	add("authority", nameOf(b.Authority))
	add("hall", nameOf(b.Hall))
	add("window", b.Window)
	add("staff", b.Staff)
	add("matter", b.Matter)
	add("matter_number", b.Rating.MatterNumber)
	key("channel", "channel", b.Rating.Channel)
	add("form_serial", b.Rating.FormSerial)
	add("call_id", b.Rating.CallID)
	if !b.Rating.GivenAt.IsZero() {
		add("rated_at", beijing(r.lang, b.Rating.GivenAt))
	}
	add("options", strings.Join(optionTexts(b.Rating.Options), "；"))
	add("dimensions", marksText(r, b.Rating.Dimensions))
	add("text", b.Rating.Text)
	if c := b.Rating.Comment; c != nil {
		add("comment", c.words(r.lang))
	}
	if c := b.Rating.Contact; c != nil {
		facts = append(facts, web.Fact{Code: "rater", Text: c.Name, Masked: true}, web.Fact{Code: "contact", Text: c.Phone, Masked: true})
		key("contact_language", "contact_language", c.Language)
		key("contact_time", "contact_time", c.Hours)
	}
	key("finding", "choice.finding", b.Finding)
	for _, o := range b.Orders {
		add("order", orderText(r, o))
	}
	add("edition", b.Edition)
	return facts
}

// orderText is an order's number, and the units that it names besides the one that leads.
func orderText(r *request, o orderBody) string {
	text := o.Number
	if !o.Returned.IsZero() {
		text = web.T(r.lang, "order.returned", text)
	}
	if o.Reopened {
		text = web.T(r.lang, "order.reopened", text)
	}
	var names []string
	for _, unit := range o.Assist {
		names = append(names, nameOf(unit))
	}
	if len(names) == 0 {
		return text
	}
	return web.T(r.lang, "order.assisted", text, strings.Join(names, either(r.lang, "、", ", ")))
}

func nameOf(p *placeBody) string {
	if p == nil {
		return ""
	}
	return p.Name
}

func optionTexts(options []optionBody) []string {
	var texts []string
	for _, o := range options {
		texts = append(texts, o.Text)
	}
	return texts
}

func marksText(r *request, marks map[string]int) string {
	var parts []string
	for _, name := range regulation.Dimensions {
		if mark, given := marks[name]; given {
			parts = append(parts, web.T(r.lang, "dimension."+name)+" "+web.T(r.lang, "mark.of", mark))
		}
	}
	return strings.Join(parts, "；")
}

// drawnEvent is an entry of the timeline; codes become words in the page.
func drawnEvent(r *request, p places, e eventBody) web.Event {
	v := web.Event{Kind: e.Name, Clause: string(e.Clause), At: e.At, Role: string(e.Role), Name: e.Person, Unit: e.Place, Tone: "info", For: e.For.words(r.lang, "event.for")}
	if e.Kind == regulation.EventDeadline {
		v.Kind, v.Tone = "deadline."+e.Name, "warn"
	}
	if e.Kind == regulation.EventRearmed {
		v.Kind = string(e.Kind)
		v.Facts = movedFacts(r, e.Moves)
	}
	if e.Escalated != nil {
		v.Tone = "bad"
		reason := web.ReasonOf(e.Escalated.Reason)
		v.Facts = append(v.Facts, web.Fact{Code: "escalated_for", Text: sentence(r.lang, reason)})
		v.Facts = append(v.Facts, web.Fact{Code: "escalated_to", Key: "escalated_to." + e.Escalated.To})
	}
	for _, name := range inOrder(sorted(e.Data)) {
		if name == "act" && e.Escalated != nil {
			continue // the reason names it
		}
		if fact, ok := dataFact(r, p, e, name, e.Data[name]); ok {
			v.Facts = append(v.Facts, fact)
		}
	}
	for _, name := range sorted(e.Texts) {
		v.Facts = append(v.Facts, web.Fact{Code: textFact(e, name), Text: e.Texts[name]})
	}
	if e.Set != nil {
		v.Due, v.DueFor = webDue(&e.Set.Due), deadlineName(*e.Set)
	}
	return v
}

// movedFacts words the due instants of a re-arming, each once: the clock and its step move together.
func movedFacts(r *request, moves []moveBody) []web.Fact {
	var facts []web.Fact
	told := map[string]bool{}
	for _, m := range moves {
		line := web.T(r.lang, "due.moved", web.T(r.lang, "deadline."+moveName(m)), instantIn(r.lang, m.Old), instantIn(r.lang, m.New))
		if m.Old.Equal(m.New) {
			line = web.T(r.lang, "due.certain", web.T(r.lang, "deadline."+moveName(m)), instantIn(r.lang, m.New))
		}
		if !told[line] {
			facts = append(facts, web.Fact{Code: "due_moved", Text: line})
		}
		told[line] = true
	}
	return facts
}

// moveName is the catalogue's name of a moved instant: the clocks are the rectification's.
func moveName(m moveBody) string {
	switch kind := regulation.DeadlineKind(m.Kind); {
	case m.Act != "" && web.Has("deadline."+string(m.Act)):
		return string(m.Act)
	case kind == regulation.CountedClock, kind == regulation.CountedUnitClock:
		return string(regulation.ActSubmitRectification)
	}
	return m.Kind
}

// instantIn is an instant in Beijing time, to the minute.
func instantIn(lang web.Lang, t time.Time) string {
	return dayIn(lang, workday.DateOf(t).String()) + " " + t.In(workday.Shanghai).Format("15:04")
}

// inOrder puts first what an order, a finding and a call are read by.
func inOrder(names []string) []string {
	first := []string{"order", "unit", "assist", "finding", "cause", "link", "attribution", "problem_open", "result", "reply_received", "settled", "grade", "resolved"}
	rest := slices.DeleteFunc(slices.Clone(names), func(name string) bool { return slices.Contains(first, name) })
	first = slices.DeleteFunc(first, func(name string) bool { return !slices.Contains(names, name) })
	return append(first, rest...)
}

// textFact is the catalogue's name of a text: a field called text is another thing in each act.
func textFact(e eventBody, name string) string {
	switch {
	case ownLabel("fact", e.Name, name) != "":
		return name + "." + e.Name
	case name != "text":
		return name
	case e.Name == string(regulation.ActInterimReply):
		return "reply"
	}
	return "statement"
}

// sentence words a message whose arguments may be messages.
func sentence(lang web.Lang, m web.Message) string {
	words := make([]any, len(m.Args))
	for i, arg := range m.Args {
		words[i] = arg
		if inner, ok := arg.(web.Message); ok {
			words[i] = sentence(lang, inner)
		}
	}
	return web.T(lang, m.Key, words...)
}

// dataFact words one parameter of an event.
func dataFact(r *request, p places, e eventBody, name, value string) (web.Fact, bool) {
	switch name {
	case "deadline":
		return web.Fact{}, false
	case "unit":
		return web.Fact{Code: "unit_to", Text: p.name(value)}, true
	case "suggested_unit", "rated_unit":
		return web.Fact{Code: name, Text: p.name(value)}, true
	case "rated_window", "rated_staff":
		return web.Fact{Code: name, Text: e.named[value]}, true
	case "assist":
		var names []string
		for _, id := range strings.Split(value, ",") {
			names = append(names, p.name(id))
		}
		return web.Fact{Code: name, Text: strings.Join(names, "、")}, true
	case "act":
		return web.Fact{Code: name, Key: "act." + value}, true
	case "target_date":
		return web.Fact{Code: name, Text: dayIn(r.lang, value)}, true
	case "callback_exempt":
		return web.Fact{Code: name, Key: "choice.reason." + value}, true
	case "round_ended":
		return web.Fact{Code: name, Key: "stage." + value}, true
	case "notice_served":
		return web.Fact{Code: name, Key: "notice_state.served"}, true
	}
	if act, raised := strings.CutPrefix(name, "raised_"); raised {
		return web.Fact{Code: "reason", Text: sentence(r.lang, web.Msg("escalation."+value)) + " · " + web.T(r.lang, web.StepKey(act))}, true
	}
	if key := "choice." + name + "." + value; web.Has(key) {
		return web.Fact{Code: name, Key: key}, true
	}
	if value == "yes" || value == "no" {
		return web.Fact{Code: name, Key: value}, true
	}
	return web.Fact{Code: name, Text: value}, true
}
