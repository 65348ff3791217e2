package regulation

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"haochaping/workday"
)

// DocumentKind names a kind of official document (公文) of a case.
type DocumentKind string

const (
	DocumentTransferOrder DocumentKind = "transfer_order"       // 转办单
	DocumentReminder      DocumentKind = "reminder"             // 督办单
	DocumentRectification DocumentKind = "rectification_notice" // 整改通知书
	DocumentAppeal        DocumentKind = "appeal_decision"      // 申诉决定书
	DocumentWriteOff      DocumentKind = "write_off_sheet"      // 核销审批表
	DocumentStatement     DocumentKind = "statement_form"       // 陈述申辩书
	DocumentReply         DocumentKind = "reply_letter"         // 答复函
	DocumentCredit        DocumentKind = "credit_referral"      // 征信移送函
)

// Audience is whom a document is for; it decides what is kept out of it and who may read it.
type Audience string

const (
	ForUnit  Audience = "unit"  // the unit that an order is addressed to: never the rater (R04)
	ForRater Audience = "rater" // the citizen: no member of staff is named or blamed
	ForRated Audience = "rated" // the rated unit or person: never the rater, nor what gives a finding of malice away
	ForFile  Audience = "file"  // the authority's own file
)

// DocumentSpec is a kind of document: its clause, whom it is for, who issues it, what it may carry,
// which facts must exist, and what it is about.
type DocumentSpec struct {
	Kind         DocumentKind
	Clause       Clause
	For          Audience
	Roles        []Role // who issues it, as refusals say it; policies decide
	Placeholders []Placeholder
	// about names what one document of the kind is about: there is one for each, and further ones that
	// take its place. state is what of it may move after it is issued, "" where nothing may: what has
	// moved lets another paper follow.
	about func(d drafting) string
	state func(d drafting) string
	// to is the organisation or staff profile it is addressed to, "" for the citizen and the file.
	to    func(d drafting) string
	ready func(d drafting) *Error
	// by tells whether an authority is the one to issue it; nil where policies alone decide.
	by func(d drafting, as Assignment) bool
	// barred says why a person may not issue it, or ""; nil where nobody is.
	barred func(c Case, person string) string
	texts  func(c Case) []TextRef
	values func(d drafting) map[string]string
}

// documentSpecs lists the kinds in the order of the procedure.
var documentSpecs = []DocumentSpec{transferOrder, rectificationNotice, reminder, appealDecision, writeOffSheet, statementForm, replyLetter, creditReferral}

// DocumentSpecs returns every kind's specification in the order of the procedure.
func DocumentSpecs() []DocumentSpec { return slices.Clone(documentSpecs) }

// DocumentSpecOf returns a kind's specification.
func DocumentSpecOf(kind DocumentKind) (DocumentSpec, bool) {
	i := slices.IndexFunc(documentSpecs, func(s DocumentSpec) bool { return s.Kind == kind })
	if i < 0 {
		return DocumentSpec{}, false
	}
	return documentSpecs[i], true
}

// Wanted is a document that somebody asks for. Reason is why the one that stands is wrong, "" where
// none stands or what it tells has moved.
type Wanted struct {
	Kind   DocumentKind
	Reason string
}

// Words is how the caller words what a case has as ids, codes and references, in Chinese.
type Words struct {
	Org    func(id string) string
	Choice func(field, code string) string // of an act's field; "" for no code
	Texts  map[TextRef]string
	Matter string // name of the rated matter
	Window string
	Staff  string // name of the rated person: taken out of what goes to the citizen
	// Person names who took part in the case, with the staff profile if there is one; Names are the
	// names of staff profiles.
	Person func(id string) (name, staff string)
	Names  map[string]string
}

// drafting is a document being made.
type drafting struct {
	rules  Rules
	c      Case
	issued []Issued
	reason string
	at     time.Time
	words  Words
}

// Draft is what a document of a case carries, before it has a template and a number.
type Draft struct {
	Kind     DocumentKind
	About    string // with state and place in the row of papers: see topic
	Replaces string // number of the one whose place it takes, or ""
	Reason   string // why it does: ReasonMoved or one of ReplaceReasons
	For      Audience
	To       string // organisation or staff profile, "" for the citizen and the file
	Values   map[string]string
}

// OpenDocument is a kind of document, with the refusal that an actor would get now, nil where the
// actor may issue it. Last is the one that stands about the same; ByReason tells that the actor may
// have another take its place by saying why it is wrong.
type OpenDocument struct {
	Spec     DocumentSpec
	Refusal  *Error
	Last     *Issued
	ByReason bool
}

// OpenDocuments lists every kind with whether the actor may issue it now. may answers for policies:
// it returns the assignments under which the actor may issue a kind.
func (r Rules) OpenDocuments(c Case, actor Actor, issued []Issued, at time.Time, may func(DocumentKind) []Assignment) []OpenDocument {
	var open []OpenDocument
	for _, spec := range documentSpecs {
		item, allowed := OpenDocument{Spec: spec}, may(spec.Kind)
		if len(allowed) == 0 {
			item.Refusal = refuse(NotPermitted, spec.Clause, "seat", spec.Roles...)
		} else {
			actor.As = r.IssuesAs(c, spec.Kind, actor, allowed)
			d := drafting{rules: r, c: c, issued: issued, at: at}
			item.Refusal = mayIssue(spec, actor, d)
			if item.Refusal == nil || item.Refusal.Issued != nil {
				item.Last = d.last(spec)
			}
			d.reason = ReplaceReasons[0]
			item.ByReason = item.Last != nil && mayIssue(spec, actor, d) == nil
		}
		open = append(open, item)
	}
	return open
}

// IssuesAs picks, of the assignments under which policies let an actor issue a kind, one under which
// nobody is barred; where there is none, the first, so that the refusal can say why.
func (r Rules) IssuesAs(c Case, kind DocumentKind, actor Actor, allowed []Assignment) Assignment {
	spec, _ := DocumentSpecOf(kind)
	for _, as := range allowed {
		actor.As = as
		ours := spec.by == nil || spec.by(drafting{rules: r, c: c}, as)
		if ours && r.barredFromIssuing(spec, c, actor) == "" {
			return as
		}
	}
	return allowed[0]
}

// barredFromIssuing says why an actor may not issue a document, or "": what bars them, or those in
// whose place they act.
func (r Rules) barredFromIssuing(spec DocumentSpec, c Case, actor Actor) string {
	for i, id := range actor.behind() {
		who := r.acting(actor)
		if i > 0 {
			who = r.person(id)
		}
		why := barred(c, "", who)
		if why == "" && spec.barred != nil {
			why = spec.barred(c, id)
		}
		switch {
		case why != "" && i > 0:
			return "absent_barred"
		case why != "":
			return why
		}
	}
	return ""
}

// DraftDocument makes a document of a case at an instant, or an *Error that says what is missing,
// who may, and from when. It changes nothing.
func (r Rules) DraftDocument(c Case, want Wanted, actor Actor, issued []Issued, words Words, at time.Time) (Draft, error) {
	spec, known := DocumentSpecOf(want.Kind)
	if !known {
		return Draft{}, refuse(NotFound, "", "no_such_document")
	}
	if want.Reason != "" && !contains(ReplaceReasons, want.Reason) {
		return Draft{}, refuse(Invalid, spec.Clause, "fields").Field("reason", "not_an_option")
	}
	d := drafting{rules: r, c: c, issued: issued, reason: want.Reason, at: at, words: words}
	if err := mayIssue(spec, actor, d); err != nil {
		return Draft{}, err
	}
	values := spec.values(d)
	for code, text := range values {
		values[code] = spec.For.redact(text, words)
	}
	draft := Draft{Kind: spec.Kind, For: spec.For, To: spec.to(d), Values: values}
	d.place(spec, &draft)
	return draft, nil
}

func mayIssue(spec DocumentSpec, actor Actor, d drafting) *Error {
	if why := d.rules.barredFromIssuing(spec, d.c, actor); why != "" {
		return refuse(FourEyes, spec.Clause, why, spec.Roles...)
	}
	if err := spec.ready(d); err != nil {
		err.Clause = spec.Clause
		return err
	}
	if spec.by != nil && !spec.by(d, actor.As) {
		return refuse(NotPermitted, spec.Clause, "decided_elsewhere", spec.Roles...)
	}
	return d.another(spec, actor)
}

// DocumentTexts are the free texts that a document of a kind needs; no other may be opened for it.
func (c Case) DocumentTexts(kind DocumentKind) []TextRef {
	spec, known := DocumentSpecOf(kind)
	if !known || spec.texts == nil {
		return nil
	}
	return spec.texts(c)
}

// personalNumber is a mobile telephone's or an identity card's number as people type them.
var personalNumber = regexp.MustCompile(`[0-9]{17}[0-9Xx]|1[3-9][0-9][ -]?[0-9]{4}[ -]?[0-9]{4}`)

// redact takes out of a free text what its reader may not learn: numbers by which a person is known
// (9(2)), and, of what goes to the citizen, the name of the rated person.
func (a Audience) redact(text string, words Words) string {
	text = personalNumber.ReplaceAllStringFunc(text, func(number string) string {
		if plain := strings.NewReplacer(" ", "", "-", "").Replace(number); len(plain) == 18 {
			return MaskIdentity(plain)
		}
		return MaskPhone(number)
	})
	if a == ForRater && words.Staff != "" {
		text = strings.ReplaceAll(text, words.Staff, "工作人员")
	}
	return text
}

// ReaderRated reads by the notice of R57, without the case, what was addressed to them.
const ReaderRated Reader = "rated"

// ShowsDocument tells whether somebody who reads a case, or a notice of it, sees a document. A unit
// sees what is addressed to one of its own organisations, of what concerns it as the rated side its
// head alone; a person rated sees what is addressed to them; oversight all but what goes to the citizen.
func (r Reader) ShowsDocument(audience Audience, to string, actor Actor) bool {
	switch r {
	case ReaderAuthority:
		return true
	case ReaderUnit, ReaderRated:
		return to != "" && (audience == ForRated && to == actor.Staff || slices.ContainsFunc(actor.Assignments, func(as Assignment) bool {
			return as.Org == to && (audience == ForUnit && as.Role != WindowStaff || audience == ForRated && as.Role == UnitHead)
		}))
	case ReaderOversight:
		return audience != ForRater
	case ReaderRater:
		return audience == ForRater
	}
	return false
}

// KeepsFile tells whether a reader reads the whole file, the papers that others took the place of
// included; everybody else is shown what stands.
func (r Reader) KeepsFile() bool { return r == ReaderAuthority || r == ReaderOversight }

// ChineseDate is the civil date of an instant as official documents write it: 2026年11月23日.
func ChineseDate(at time.Time) string {
	if at.IsZero() {
		return ""
	}
	return at.In(workday.Shanghai).Format("2006年1月2日")
}

// DocumentNumber is a document's number: 甘政服好差评〔2026〕12号. mark is the authority's short
// name, year the one in Asia/Shanghai.
func DocumentNumber(mark string, year int, n int64) string {
	return fmt.Sprintf("%s好差评〔%d〕%d号", mark, year, n)
}

var documentMark = regexp.MustCompile(`^\p{Han}{2,8}$`)

// CheckMark holds an authority's short name to what numbers of official documents take: two to
// eight Chinese characters.
func CheckMark(mark string) *Error {
	if documentMark.MatchString(mark) {
		return nil
	}
	return refuse(Invalid, "", "fields").Field("mark", "not_a_mark")
}
