package api

import (
	"errors"
	"mime/multipart"
	"net/http"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"haochaping/policies"
	"haochaping/regulation"
	"haochaping/store"
)

// stagedBody is a file that waits to be bound by an act.
type stagedBody struct {
	Digest string `json:"digest"`
	Type   string `json:"type"`
	Bytes  int64  `json:"bytes"`
}

// stageFile takes one file in. It belongs to whoever put it in until an act binds it to a case;
// what nobody binds is swept.
func (a *API) stageFile(r *request) (answer, error) {
	if _, err := r.fields(); err != nil {
		return answer{}, err
	}
	headers := r.body.files["file"]
	if len(headers) != 1 {
		return answer{}, (&regulation.Error{Code: regulation.Invalid, Missing: "fields"}).Field("file", "required")
	}
	body, err := a.stage(r, headers[0])
	if err != nil {
		return answer{}, err
	}
	return answer{status: http.StatusCreated, body: body}, nil
}

// stage keeps an uploaded file. Its type is found by its content, never by its name, and its
// name is not kept: people write names into it.
func (a *API) stage(r *request, header *multipart.FileHeader) (stagedBody, error) {
	file, err := header.Open()
	if err != nil {
		return stagedBody{}, err
	}
	defer file.Close()
	staged, err := a.Store.StageFile(r.http().Context(), r.actor.Person, file)
	if err != nil {
		return stagedBody{}, err
	}
	return stagedBody{Digest: staged.Digest, Type: staged.Mime, Bytes: staged.Size}, nil
}

// withFiles makes the act's values of a body: files that came with the form are staged first,
// and stand with those staged before.
func (a *API) withFiles(r *request, spec regulation.Spec, fields regulation.Values) (regulation.Values, error) {
	values := regulation.Values{}
	for name, given := range fields {
		if name != "idempotency_key" && name != "staged" {
			values[name] = given
		}
	}
	i := slices.IndexFunc(spec.Fields, func(f regulation.Field) bool { return f.Type == regulation.TypeFiles })
	if i < 0 {
		return values, nil
	}
	field := spec.Fields[i].Name
	digests := append(values[field], strings.FieldsFunc(fields.Get("staged"), func(c rune) bool { return c == ',' })...)
	for _, header := range r.body.files[field] {
		if header.Size == 0 && header.Filename == "" {
			continue
		}
		if !a.Guard.May(r.actor, policies.StageFile) {
			return nil, a.notYours(policies.StageFile)
		}
		staged, err := a.stage(r, header)
		if refused := (*regulation.Error)(nil); errors.As(err, &refused) {
			return nil, (&regulation.Error{Code: regulation.Invalid, Clause: spec.Clause, Missing: "fields"}).Field(field, fileCode(refused))
		}
		if err != nil {
			return nil, err
		}
		digests = append(digests, staged.Digest)
	}
	if len(digests) > 0 {
		slices.Sort(digests)
		values[field] = slices.Compact(digests)
		fields[field] = values[field] // a refused form brings them back
	}
	return values, nil
}

// fileCode is what is wrong with a file, as a field's code.
func fileCode(e *regulation.Error) string {
	for _, code := range e.Fields {
		return code
	}
	return e.Missing
}

// showFile gives out a file of a case to whoever sees the event that it belongs to.
func (a *API) showFile(r *request) (answer, error) {
	seen, err := a.caseFor(r, r.param("id"))
	if err != nil {
		return answer{}, err
	}
	body := caseBody{}
	if err := a.fillEvents(r.http().Context(), r, seen, &body); err != nil {
		return answer{}, err
	}
	digest := r.param("digest")
	i := slices.IndexFunc(body.Files, func(f fileBody) bool { return f.Digest == digest })
	if i < 0 {
		return answer{}, notFound("file")
	}
	if body.Files[i].Kind == scanKind {
		if err := a.noteScanRead(r, seen); err != nil {
			return answer{}, err
		}
	}
	file, content, err := a.Store.OpenFile(r.http().Context(), seen.scope, seen.c.ID, digest)
	if err != nil {
		return answer{}, err
	}
	return answer{file: func(c echo.Context) error {
		c.Response().Header().Set(echo.HeaderContentDisposition, "inline")
		c.Response().Header().Set("Content-Security-Policy", "sandbox; default-src 'none'; style-src 'unsafe-inline'")
		return c.Blob(http.StatusOK, file.Mime, content)
	}}, nil
}

// noteScanRead writes down who looked at a paper form, before they do (clause 9(2)).
func (a *API) noteScanRead(r *request, seen seenCase) error {
	line := store.AuditEntry{Person: r.actor.Person, Action: "read_scan", ObjectKind: "case", ObjectID: seen.c.ID,
		Area: seen.c.Area, Outcome: store.OutcomeDone}
	if held := a.Guard.Assignments(r.actor, policies.ViewCase, seen.c.Subject()); len(held) > 0 {
		line.Role = string(held[0].Role)
	}
	return a.Store.Audit(r.http().Context(), line)
}
