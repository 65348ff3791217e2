package api

import (
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"haochaping/policies"
	"haochaping/regulation"
	"haochaping/store"
	"haochaping/web"
)

// placeholderBody is a place that a template may name between braces.
type placeholderBody struct {
	Code   string `json:"code"`
	Label  string `json:"label"`
	Sample string `json:"sample"`
}

// templateBody is an authority's wording of a kind of document.
type templateBody struct {
	Kind         regulation.DocumentKind `json:"kind"`
	Version      int                     `json:"version"` // 0: the product's own
	RedHead      bool                    `json:"red_head"`
	Title        string                  `json:"title"`
	To           string                  `json:"to,omitempty"`
	Body         string                  `json:"body"`
	Author       string                  `json:"author,omitempty"`
	At           time.Time               `json:"at,omitzero"`
	Placeholders []placeholderBody       `json:"placeholders,omitempty"`
}

// templatesBody is how an authority words and numbers its documents.
type templatesBody struct {
	Authority *placeBody     `json:"authority"`
	Mark      string         `json:"mark,omitempty"`
	Templates []templateBody `json:"templates"`
}

// wordingBody is one template with its earlier versions, the one in force first.
type wordingBody struct {
	Authority *placeBody        `json:"authority"`
	Versions  []templateBody    `json:"versions"`
	Preview   *regulation.Paper `json:"preview,omitempty"` // of made-up values
}

// editor is the reader as who words an authority's documents.
func (a *API) editor(r *request) regulation.Actor {
	actor := r.actor
	for _, as := range r.actor.Assignments {
		if a.Guard.Allows(as.Role, policies.EditTemplates, regulation.OwnArea) {
			actor.As = as
			return actor
		}
	}
	return actor
}

// wordsKind tells whether the reader's authority issues a kind of document, and so words it.
func (a *API) wordsKind(r *request, kind regulation.DocumentKind) bool {
	return a.Guard.Allows(a.editor(r).As.Role, policies.IssueDocument(kind), regulation.OwnArea)
}

func templateOf(w store.Wording, people *store.People) templateBody {
	return templateBody{Kind: w.Kind, Version: w.Version, RedHead: w.RedHead, Title: w.Title, To: w.To, Body: w.Body, Author: people.Name(w.Author), At: w.At}
}

// showTemplates lists the reader's authority's templates and its short name.
func (a *API) showTemplates(r *request) (answer, error) {
	body, err := a.templatesBody(r)
	if err != nil {
		return answer{}, err
	}
	return answer{body: body, view: a.templatesPage(r, body, nil, nil)}, nil
}

func (a *API) templatesBody(r *request) (templatesBody, error) {
	ctx, authority := r.http().Context(), a.editor(r).As.Org
	b := templatesBody{Authority: a.places(r).body(authority)}
	people, err := a.Store.People(ctx)
	if err != nil {
		return b, err
	}
	if b.Mark, err = a.Store.Mark(ctx, authority); err != nil {
		return b, err
	}
	for _, spec := range regulation.DocumentSpecs() {
		if !a.wordsKind(r, spec.Kind) {
			continue
		}
		versions, err := a.Store.Wordings(ctx, authority, spec.Kind)
		if err != nil {
			return b, err
		}
		b.Templates = append(b.Templates, templateOf(versions[0], people))
	}
	return b, nil
}

func (a *API) templatesPage(r *request, b templatesBody, typed regulation.Values, refused *regulation.Error) *web.TemplatesView {
	v := &web.TemplatesView{Page: a.pageFor(r), Authority: nameOf(b.Authority), Example: regulation.DocumentNumber(b.Mark, r.at.Year(), 12)}
	v.Form = web.Form{Action: "/document-templates", IdempotencyKey: newKey(), Values: map[string][]string{"mark": {b.Mark}}}
	if refused != nil {
		v.Values, v.Errors = typed, web.FieldErrors(formErrors(refused))
	}
	for _, t := range b.Templates {
		v.Rows = append(v.Rows, web.TemplateRow{Kind: string(t.Kind), Version: t.Version, Title: t.Title, Author: t.Author, At: t.At, Href: "/document-templates/" + string(t.Kind)})
	}
	return v
}

// setMark gives the reader's authority another short name.
func (a *API) setMark(r *request) (answer, error) {
	fields, err := r.fields()
	if err != nil {
		return answer{}, err
	}
	if err := only(fields, "mark", "idempotency_key"); err != nil {
		return answer{}, err
	}
	editor := a.editor(r)
	err = a.Store.SetMark(r.http().Context(), editor.As.Org, fields.Get("mark"), editor)
	var refused *regulation.Error
	if errors.As(err, &refused) && r.page {
		body, reading := a.templatesBody(r)
		return answer{view: a.templatesPage(r, body, fields, refused)}, errors.Join(err, reading)
	}
	if err != nil {
		return answer{}, err
	}
	a.say(r, "flash.mark_set")
	return answer{status: http.StatusNoContent, next: "/document-templates"}, nil
}

// showTemplate is one template with its versions and a preview. An earlier version is asked for by
// its number.
func (a *API) showTemplate(r *request) (answer, error) {
	spec, b, err := a.wordingBody(r)
	if err != nil {
		return answer{}, err
	}
	t := shownTemplate(b.Versions, r.query("version"))
	paper := a.preview(r, spec, t.template())
	b.Preview = &paper
	t.Version = b.Versions[0].Version // saving an earlier wording makes it the next version
	return answer{body: b, view: a.templatePage(r, spec, b, t, nil)}, nil
}

func shownTemplate(versions []templateBody, asked string) templateBody {
	for _, v := range versions {
		if strconv.Itoa(v.Version) == asked {
			return v
		}
	}
	return versions[0]
}

func (t templateBody) template() regulation.Template {
	return regulation.Template{Kind: t.Kind, Version: t.Version, RedHead: t.RedHead, Title: t.Title, To: t.To, Body: t.Body}
}

func (a *API) wordingBody(r *request) (regulation.DocumentSpec, wordingBody, error) {
	spec, known := regulation.DocumentSpecOf(regulation.DocumentKind(r.param("kind")))
	if !known || !a.wordsKind(r, spec.Kind) {
		return spec, wordingBody{}, notFound("no_such_document")
	}
	ctx, authority := r.http().Context(), a.editor(r).As.Org
	people, err := a.Store.People(ctx)
	if err != nil {
		return spec, wordingBody{}, err
	}
	versions, err := a.Store.Wordings(ctx, authority, spec.Kind)
	b := wordingBody{Authority: a.places(r).body(authority)}
	for _, v := range versions {
		b.Versions = append(b.Versions, templateOf(v, people))
	}
	if err == nil {
		for _, p := range spec.Placeholders {
			b.Versions[0].Placeholders = append(b.Versions[0].Placeholders, placeholderBody{p.Code, p.Label, p.Sample})
		}
	}
	return spec, b, err
}

// preview fills a template with made-up values.
func (a *API) preview(r *request, spec regulation.DocumentSpec, t regulation.Template) regulation.Paper {
	authority := a.editor(r).As.Org
	mark, err := a.Store.Mark(r.http().Context(), authority)
	if err != nil {
		a.Log.ErrorContext(r.http().Context(), "short name not read", "request", r.id, "error", err)
	}
	p := places{a.places(r).tree, web.Chinese}
	values := spec.Samples()
	values["authority"], values["date"] = p.name(authority), regulation.ChineseDate(r.at)
	paper := t.Fill(values)
	paper.Authority, paper.Date, paper.Number = values["authority"], values["date"], regulation.DocumentNumber(mark, r.at.Year(), 1)
	return paper
}

// saveTemplate saves a template as its next version, or shows what it would look like.
func (a *API) saveTemplate(r *request) (answer, error) {
	spec, b, err := a.wordingBody(r)
	if err != nil {
		return answer{}, err
	}
	fields, err := r.fields()
	if err != nil {
		return answer{}, err
	}
	if err := only(fields, "title", "to", "body", "red_head", "version", "preview", "idempotency_key"); err != nil {
		return answer{}, err
	}
	t, err := typedTemplate(spec.Kind, fields)
	if err == nil {
		if refused := t.template().Check(); refused != nil {
			err = refused
		}
	}
	if err == nil && fields.Get("preview") == "" {
		var ans answer
		if ans, err = a.keepTemplate(r, t.template()); err == nil {
			return ans, nil
		}
	}
	var refused *regulation.Error
	if errors.As(err, &refused) {
		return answer{view: a.templatePage(r, spec, b, t, refused)}, err
	}
	if err != nil {
		return answer{}, err
	}
	paper := a.preview(r, spec, t.template())
	b.Preview = &paper
	return answer{body: b, view: a.templatePage(r, spec, b, t, nil)}, nil
}

func typedTemplate(kind regulation.DocumentKind, fields regulation.Values) (templateBody, error) {
	version, err := strconv.Atoi(fields.Get("version"))
	if err != nil || version < 0 {
		return templateBody{Kind: kind}, (&regulation.Error{Code: regulation.Invalid, Missing: "fields"}).Field("version", "required")
	}
	body := strings.ReplaceAll(strings.TrimSpace(firstOf(fields["body"])), "\r\n", "\n")
	return templateBody{Kind: kind, Version: version, RedHead: fields.Get("red_head") == "true", Title: fields.Get("title"),
		To: fields.Get("to"), Body: body}, nil
}

func (a *API) keepTemplate(r *request, t regulation.Template) (answer, error) {
	editor := a.editor(r)
	saved, err := a.Store.SaveTemplate(r.http().Context(), editor.As.Org, t, editor)
	if err != nil {
		return answer{}, err
	}
	people, err := a.Store.People(r.http().Context())
	if err != nil {
		return answer{}, err
	}
	a.say(r, "flash.template_saved")
	address := "/document-templates/" + string(t.Kind)
	return answer{status: http.StatusCreated, body: templateOf(saved, people), location: address, next: address}, nil
}

func (a *API) templatePage(r *request, spec regulation.DocumentSpec, b wordingBody, t templateBody, refused *regulation.Error) *web.TemplateView {
	v := &web.TemplateView{Page: a.pageFor(r), Kind: string(spec.Kind), Clause: string(spec.Clause), Audience: string(spec.For), Authority: nameOf(b.Authority), Preview: b.Preview}
	redHead := ""
	if t.RedHead {
		redHead = "true"
	}
	v.Form = web.Form{Action: "/document-templates/" + string(spec.Kind), IdempotencyKey: newKey(), Hidden: map[string]string{"version": strconv.Itoa(t.Version)}}
	if refused != nil {
		v.Errors = templateErrors(t.template(), refused)
	}
	field := func(name string, kind web.FieldKind, value string, length int) {
		v.Fields = append(v.Fields, web.Field{Name: name, Kind: kind, Label: "template." + name, Help: helpOf("template." + name), Values: []string{value},
			Required: kind != web.FieldCheck && name != "to", Length: length, Error: v.Error(name)})
	}
	field("title", web.FieldText, t.Title, regulation.MaxTemplateTitle)
	field("to", web.FieldText, t.To, regulation.MaxTemplateTo)
	field("red_head", web.FieldCheck, redHead, 0)
	field("body", web.FieldTextArea, t.Body, regulation.MaxTemplateBody)
	for _, p := range spec.Placeholders {
		v.Placeholders = append(v.Placeholders, web.PlaceholderLine{Code: p.Code, Label: p.Label, Sample: p.Sample})
	}
	for _, old := range b.Versions {
		v.Versions = append(v.Versions, web.TemplateRow{Kind: string(old.Kind), Version: old.Version, Title: old.Title, Author: old.Author, At: old.At,
			Href: "/document-templates/" + string(spec.Kind) + "?version=" + strconv.Itoa(old.Version)})
	}
	return v
}

func helpOf(label string) string {
	if key := label + ".help"; web.Has(key) {
		return key
	}
	return ""
}

// templateErrors words what is wrong, with the placeholders that the kind does not know by name.
func templateErrors(t regulation.Template, refused *regulation.Error) map[string]web.Message {
	wrong := web.FieldErrors(formErrors(refused))
	for name, text := range map[string]string{"title": t.Title, "to": t.To, "body": t.Body} {
		if unknown := t.Unknown(text); refused.Fields[name] == "unknown_placeholder" {
			wrong[name] = web.Msg("template.unknown", "{"+strings.Join(unknown, "}、{")+"}")
		}
	}
	return wrong
}
