package api

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/labstack/echo/v4"

	"haochaping/policies"
	"haochaping/regulation"
	"haochaping/store"
	"haochaping/web"
	"haochaping/web/docx"
)

// documentBody is an official document as a list shows it. By is a person's name, for the
// authority's readers.
type documentBody struct {
	ID        string                  `json:"id"`
	Kind      regulation.DocumentKind `json:"kind"`
	Number    string                  `json:"number"`
	For       regulation.Audience     `json:"for"`
	To        *placeBody              `json:"to,omitempty"`
	Authority *placeBody              `json:"authority"`
	IssuedAt  time.Time               `json:"issued_at"`
	Role      regulation.Role         `json:"role"`
	By        string                  `json:"by,omitempty"`
	Template  int                     `json:"template_version"` // 0: the product's own wording
	// Replaces and ReplacedBy are numbers; Reason is why it took the other's place, for the authority's readers.
	Replaces   string `json:"replaces,omitempty"`
	ReplacedBy string `json:"replaced_by,omitempty"`
	Reason     string `json:"reason,omitempty"`
	Href       string `json:"href"`
	Word       string `json:"word"`
}

// openDocumentBody is a kind of document that the reader may issue now, or why not. Stands is the one
// about the same, whose place another takes; Reasons are those for which it may where nothing moved.
type openDocumentBody struct {
	Kind    regulation.DocumentKind `json:"kind"`
	Clause  regulation.Clause       `json:"clause"`
	For     regulation.Audience     `json:"for"`
	Stands  *standsBody             `json:"stands,omitempty"`
	Reasons []string                `json:"reasons,omitempty"`
	Refused *problemBody            `json:"refused,omitempty"`
}

// standsBody is the document that stands.
type standsBody struct {
	Number   string    `json:"number"`
	IssuedAt time.Time `json:"issued_at"`
}

// documentsBody is what a case has of documents. Kinds is empty for who issues none.
type documentsBody struct {
	Documents []documentBody     `json:"documents"`
	Kinds     []openDocumentBody `json:"kinds"`
}

// paperBody is a document with its frozen text.
type paperBody struct {
	documentBody
	Paper regulation.Paper `json:"paper"`
}

// showDocuments lists a case's documents as far as the reader sees them, and what may be issued.
func (a *API) showDocuments(r *request) (answer, error) {
	seen, err := a.askedCase(r)
	if err != nil {
		return answer{}, err
	}
	body, err := a.documentsBody(r, seen)
	return answer{body: body, next: "/cases/" + seen.c.ID + "#documents"}, err
}

func (a *API) documentsBody(r *request, seen seenCase) (documentsBody, error) {
	ctx := r.http().Context()
	b := documentsBody{Documents: []documentBody{}, Kinds: []openDocumentBody{}}
	all, err := a.Store.Documents(ctx, seen.scope, seen.c.ID)
	if err != nil {
		return b, err
	}
	people, err := a.Store.People(ctx)
	if err != nil {
		return b, err
	}
	for _, d := range all {
		if seen.reader.ShowsDocument(d.For, d.To, r.actor) && (d.ReplacedBy == "" || seen.reader.KeepsFile()) {
			b.Documents = append(b.Documents, a.documentBody(r, seen.reader, d, people))
		}
	}
	if seen.reader != regulation.ReaderUnit {
		if b.Kinds, err = a.openDocuments(r, seen, all); err != nil {
			return b, err
		}
	}
	return b, a.forReader(r, seen.reader, &b)
}

func (a *API) documentBody(r *request, reader regulation.Reader, d store.Document, people *store.People) documentBody {
	p, address := a.places(r), shelf(reader, d.CaseID)+"/documents/"+d.ID
	b := documentBody{ID: d.ID, Kind: d.Kind, Number: d.Number, For: d.For, To: p.body(d.To), Authority: p.body(d.Authority),
		IssuedAt: d.IssuedAt, Role: d.As.Role, Template: d.TemplateVersion, Replaces: d.Replaces, ReplacedBy: d.ReplacedBy, Href: address, Word: address + "/word"}
	if _, place := p.org(d.To); !place {
		b.To = nil // a person: who sees the document knows, a list need not name them
	}
	if reader == regulation.ReaderAuthority {
		b.By, b.Reason = people.Name(d.IssuedBy), d.Reason
	}
	return b
}

// shelf is the address under which a reader finds a case's documents.
func shelf(reader regulation.Reader, caseID string) string {
	switch reader {
	case regulation.ReaderRater:
		return "/receipt"
	case regulation.ReaderRated:
		return "/notices/" + caseID
	}
	return "/cases/" + caseID
}

// back is the page from which a reader came to a document.
func back(reader regulation.Reader, caseID string) string {
	if reader == regulation.ReaderRater {
		return "/receipt/status"
	}
	return shelf(reader, caseID)
}

// openDocuments are the kinds with whether the reader may issue them now. Who is not of the case's
// authority is told only of those that policies let them issue.
func (a *API) openDocuments(r *request, seen seenCase, all []store.Document) ([]openDocumentBody, error) {
	rules, err := a.Store.RulesOf(r.http().Context(), seen.c)
	if err != nil {
		return nil, err
	}
	open := []openDocumentBody{}
	may := a.mayIssue(r, seen.c)
	for _, item := range rules.OpenDocuments(seen.c, r.actor, issuedOf(all), r.at, may) {
		if seen.reader != regulation.ReaderAuthority && len(may(item.Spec.Kind)) == 0 {
			continue
		}
		b := openDocumentBody{Kind: item.Spec.Kind, Clause: item.Spec.Clause, For: item.Spec.For}
		if item.Last != nil {
			b.Stands = &standsBody{item.Last.Number, item.Last.At}
		}
		if item.ByReason {
			b.Reasons = regulation.ReplaceReasons
		}
		if e := item.Refusal; e != nil {
			title, detail := sentences(r.lang, e)
			b.Refused = &problemBody{Type: problemAddress(e.Code), Title: title, Status: status(e.Code), Detail: detail, Code: e.Code,
				Clause: e.Clause, Missing: e.Missing, WhoMay: e.Who, From: e.From}
		}
		open = append(open, b)
	}
	return open, nil
}

// mayIssue asks policies under which assignments the reader may issue a kind of document.
func (a *API) mayIssue(r *request, c regulation.Case) func(regulation.DocumentKind) []regulation.Assignment {
	return func(kind regulation.DocumentKind) []regulation.Assignment {
		return a.Guard.Assignments(r.actor, policies.IssueDocument(kind), c.Subject())
	}
}

func issuedOf(all []store.Document) []regulation.Issued {
	var issued []regulation.Issued
	for _, d := range all {
		issued = append(issued, regulation.Issued{Kind: d.Kind, About: d.About, Authority: d.Authority, Number: d.Number, At: d.IssuedAt})
	}
	return issued
}

// issueDocument issues a document: rules, template, number, record. A browser is sent to the document.
func (a *API) issueDocument(r *request) (answer, error) {
	seen, err := a.askedCase(r)
	if err != nil {
		return answer{}, err
	}
	ans, err := a.tryIssue(r, seen)
	var refused *regulation.Error
	if errors.As(err, &refused) && r.page {
		view, drawing := a.casePage(r, seen, &tried{refused: refused})
		return answer{view: view}, errors.Join(err, drawing)
	}
	return ans, err
}

func (a *API) tryIssue(r *request, seen seenCase) (answer, error) {
	fields, err := r.fields()
	if err != nil {
		return answer{}, err
	}
	if err := only(fields, "kind", "reason", "idempotency_key"); err != nil {
		return answer{}, err
	}
	key, err := r.idempotencyKey(fields)
	if err != nil {
		return answer{}, err
	}
	want := regulation.Wanted{Kind: regulation.DocumentKind(fields.Get("kind")), Reason: fields.Get("reason")}
	if _, known := regulation.DocumentSpecOf(want.Kind); !known {
		return answer{}, (&regulation.Error{Code: regulation.Invalid, Missing: "fields"}).Field("kind", "not_an_option")
	}
	issued, err := a.issue(r, seen, want, key)
	if err != nil {
		return answer{}, err
	}
	if issued, err = a.documentOf(r, seen, issued.ID); err != nil { // with what it replaces
		return answer{}, err
	}
	people, err := a.Store.People(r.http().Context())
	if err != nil {
		return answer{}, err
	}
	a.say(r, "flash.document_issued")
	body := a.documentBody(r, seen.reader, issued, people)
	return answer{status: http.StatusCreated, body: body, location: body.Href, next: body.Href}, nil
}

// issueAttempts is how often a document is drafted anew because the case went on meanwhile.
const issueAttempts = 3

func (a *API) issue(r *request, seen seenCase, want regulation.Wanted, key string) (store.Document, error) {
	ctx := r.http().Context()
	for n := 1; ; n++ {
		// The same request again gets the same document, whatever the case looks like by now.
		if same, repeated, err := a.Store.RepeatedDocument(ctx, seen.c.ID, r.actor.Person, key, want.Kind); err != nil || repeated {
			return same, err
		}
		in, err := a.drafted(r, seen, want)
		if err != nil {
			return store.Document{}, err
		}
		in.Key = key
		issued, err := a.Store.IssueDocument(ctx, in)
		if refused := (*regulation.Error)(nil); n == issueAttempts || !errors.As(err, &refused) || refused.Missing != "case_changed" {
			return issued, err
		}
		if seen, err = a.caseFor(r, seen.c.ID); err != nil {
			return store.Document{}, err
		}
	}
}

// drafted is the document as the rules let the reader issue it now, in the authority's wording.
func (a *API) drafted(r *request, seen seenCase, want regulation.Wanted) (store.Issue, error) {
	ctx, c, kind, in := r.http().Context(), seen.c, want.Kind, store.Issue{Case: seen.c, Actor: r.actor, At: r.at}
	spec, _ := regulation.DocumentSpecOf(kind)
	allowed := a.mayIssue(r, c)(kind)
	if len(allowed) == 0 {
		return in, &regulation.Error{Code: regulation.NotPermitted, Clause: spec.Clause, Missing: "seat", Who: spec.Roles}
	}
	all, err := a.Store.Documents(ctx, seen.scope, c.ID)
	if err != nil {
		return in, err
	}
	rules, err := a.Store.RulesOf(ctx, c)
	if err != nil {
		return in, err
	}
	in.Actor.As = rules.IssuesAs(c, kind, r.actor, allowed)
	words, err := a.words(ctx, seen, kind)
	if err != nil {
		return in, err
	}
	if in.Draft, err = rules.DraftDocument(c, want, in.Actor, issuedOf(all), words, r.at); err != nil {
		return in, err
	}
	if in.Mark, err = a.Store.Mark(ctx, in.Actor.As.Org); err != nil {
		return in, err
	}
	if in.Mark == "" {
		return in, &regulation.Error{Code: regulation.NotNow, Clause: spec.Clause, Missing: "no_document_mark", Who: spec.Roles}
	}
	template, err := a.Store.Template(ctx, in.Actor.As.Org, kind)
	in.TemplateVersion, in.Paper = template.Version, template.Fill(in.Draft.Values)
	in.Paper.Authority = words.Org(in.Actor.As.Org)
	return in, err
}

// words words a case for a document, in Chinese, and opens the texts that the kind needs and no other.
func (a *API) words(ctx context.Context, seen seenCase, kind regulation.DocumentKind) (regulation.Words, error) {
	tree, err := a.Store.Tree(ctx)
	if err != nil {
		return regulation.Words{}, err
	}
	p := places{tree, web.Chinese}
	w := regulation.Words{Org: p.name, Choice: choiceInChinese}
	wanted := seen.c.DocumentTexts(kind)
	w.Texts, err = a.Store.Texts(ctx, seen.scope, seen.c.ID, func(ref regulation.TextRef) bool { return slices.Contains(wanted, ref) })
	if err != nil {
		return w, err
	}
	b := caseBody{}
	chinese := &request{lang: web.Chinese}
	if err := a.fillSubject(ctx, chinese, seen, &b); err != nil {
		return w, err
	}
	w.Window, w.Matter, w.Staff = b.Window, b.Matter, b.Staff
	return w, a.nameWho(ctx, seen.c, &w)
}

// nameWho names those who took part in a case, and the people whom a measure concerns.
func (a *API) nameWho(ctx context.Context, c regulation.Case, w *regulation.Words) error {
	people, err := a.Store.People(ctx)
	if err != nil {
		return err
	}
	w.Person = func(id string) (name, staff string) { return people.Name(id), people.Account(id).Staff }
	var profiles []string
	for _, m := range c.Measures {
		if m.Staff != "" {
			profiles = append(profiles, m.Staff)
		}
	}
	w.Names, err = a.Store.StaffNames(ctx, profiles...)
	return err
}

// choiceInChinese words a code of an act's field, a grade or a step.
func choiceInChinese(field, code string) string {
	switch {
	case code == "":
		return ""
	case field == "act":
		return web.T(web.Chinese, web.StepKey(code))
	case field == "grade":
		return web.T(web.Chinese, "grade."+code)
	}
	return web.T(web.Chinese, "choice."+field+"."+code)
}

// withDocument makes a handler: it finds the case as its reader knows it, then the document among
// those that the reader sees; what the reader does not see is not there.
func withDocument(find func(*API, *request) (seenCase, error), do func(*API, *request, seenCase, store.Document) (answer, error)) func(*API, *request) (answer, error) {
	return func(a *API, r *request) (answer, error) {
		seen, err := find(a, r)
		if err != nil {
			return answer{}, err
		}
		d, err := a.documentOf(r, seen, r.param("document"))
		if err != nil {
			return answer{}, err
		}
		return do(a, r, seen, d)
	}
}

// askedCase is the case that an address names, as its staff read it.
func (a *API) askedCase(r *request) (seenCase, error) { return a.caseFor(r, r.param("id")) }

func (a *API) documentOf(r *request, seen seenCase, id string) (store.Document, error) {
	all, err := a.Store.Documents(r.http().Context(), seen.scope, seen.c.ID)
	if err != nil {
		return store.Document{}, err
	}
	i := slices.IndexFunc(all, func(d store.Document) bool { return d.ID == id && seen.reader.ShowsDocument(d.For, d.To, r.actor) })
	if i < 0 {
		return store.Document{}, notFound("document")
	}
	return all[i], nil
}

// readDocument is a document to read and to print. The audit log has it before the reader does.
func (a *API) readDocument(r *request, seen seenCase, d store.Document) (answer, error) {
	paper, err := a.openPaper(r, seen, d, "read_document")
	if err != nil {
		return answer{}, err
	}
	people, err := a.Store.People(r.http().Context())
	if err != nil {
		return answer{}, err
	}
	body := paperBody{a.documentBody(r, seen.reader, d, people), paper}
	if err := a.forReader(r, seen.reader, &body); err != nil {
		return answer{}, err
	}
	view := &web.DocumentView{Page: a.pageFor(r), Kind: string(d.Kind), Paper: paper, Word: body.Word, Back: back(seen.reader, d.CaseID), PrintedAt: r.at, PrintedBy: r.name}
	return answer{body: body, view: view}, nil
}

// wordDocument is a document as a Word file.
func (a *API) wordDocument(r *request, seen seenCase, d store.Document) (answer, error) {
	paper, err := a.openPaper(r, seen, d, "export_document")
	if err != nil {
		return answer{}, err
	}
	var file bytes.Buffer
	if err := docx.Write(&file, paper, d.IssuedAt); err != nil {
		return answer{}, err
	}
	return answer{file: func(c echo.Context) error {
		c.Response().Header().Set(echo.HeaderContentDisposition, `attachment; filename="document.docx"; filename*=UTF-8''`+
			url.PathEscape(d.Number+paper.Title+".docx"))
		return c.Blob(http.StatusOK, docx.MediaType, file.Bytes())
	}}, nil
}

// openPaper opens a document's text once the audit log says who reads it.
func (a *API) openPaper(r *request, seen seenCase, d store.Document, action string) (regulation.Paper, error) {
	line := store.AuditEntry{Person: r.actor.Person, Action: action, ObjectKind: "document", ObjectID: d.ID, Area: seen.c.Area,
		Purpose: string(d.Kind), Outcome: store.OutcomeDone}
	if seen.reader == regulation.ReaderRater {
		line.Role = string(regulation.Citizen)
	} else if held := a.Guard.Assignments(r.actor, policies.ViewCase, seen.c.Subject()); len(held) > 0 {
		line.Role = string(held[0].Role)
	}
	if err := a.Store.Audit(r.http().Context(), line); err != nil {
		return regulation.Paper{}, err
	}
	paper, err := a.Store.Paper(r.http().Context(), d)
	paper.ReplacedBy = d.ReplacedBy
	return paper, err
}

// receiptCase is the case of the receipt that was typed, as its holder reads it.
func (a *API) receiptCase(r *request) (seenCase, error) {
	_, c, err := a.Store.RatingByID(r.http().Context(), a.ratingOf(r))
	if err == nil && c.ID == "" {
		err = notFound("case")
	}
	return seenCase{c: c, scope: regulation.Scope{Areas: []string{c.Area}}, reader: regulation.ReaderRater}, err
}

// noticeCase is the case of a notice, as the rated side reads it: nothing but what is addressed to it.
func (a *API) noticeCase(r *request) (seenCase, error) {
	c, err := a.noticeFor(r, r.param("id"))
	return ratedCase(c), err
}

// ratedCase is a case as those know it on whom something was served.
func ratedCase(c regulation.Case) seenCase {
	return seenCase{c: c, scope: regulation.Scope{All: true}, reader: regulation.ReaderRated} // noticeFor has asked
}

// drawDocuments puts the documents' section on a case page.
func (a *API) drawDocuments(r *request, seen seenCase, v *web.CaseView) error {
	b, err := a.documentsBody(r, seen)
	if err != nil {
		return err
	}
	for _, d := range b.Documents {
		v.Documents = append(v.Documents, web.DocumentLine{Kind: string(d.Kind), Number: d.Number, To: nameOf(d.To), At: d.IssuedAt,
			Role: string(d.Role), By: d.By, Replaces: d.Replaces, ReplacedBy: d.ReplacedBy, Reason: d.Reason, Href: d.Href, Word: d.Word})
	}
	for _, k := range b.Kinds {
		form := web.IssueForm{Form: web.Form{Action: "/cases/" + seen.c.ID + "/documents", IdempotencyKey: newKey()}, Kind: string(k.Kind)}
		if k.Stands != nil {
			form.Stands, form.StandsSince = k.Stands.Number, k.Stands.IssuedAt
		}
		if k.Refused != nil && len(k.Reasons) > 0 {
			form.Reasons = k.Reasons
			v.Reissue = append(v.Reissue, form)
			continue
		}
		if k.Refused != nil {
			refused := &regulation.Error{Code: k.Refused.Code, Missing: k.Refused.Missing}
			if k.Stands != nil {
				refused.Issued = &regulation.Issued{Number: k.Stands.Number, At: k.Stands.IssuedAt}
			}
			v.NoDocument = append(v.NoDocument, web.ClosedAct{Kind: string(k.Kind), Clause: string(k.Clause), WhoMay: roleCodes(k.Refused.WhoMay),
				Missing: missingOf(refused), From: k.Refused.From})
			continue
		}
		v.Issue = append(v.Issue, form)
	}
	return nil
}
