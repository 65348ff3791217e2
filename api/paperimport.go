package api

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"io"
	"net/http"
	"slices"

	"github.com/labstack/echo/v4"

	"haochaping/policies"
	"haochaping/regulation"
	"haochaping/store"
	"haochaping/web"
)

// paperImportBody is what waits at an opening for a sheet of forms, and what a sheet was read as (6(2)).
type paperImportBody struct {
	Opening *paperOpeningBody `json:"opening"`
	// Scanless are forms that were entered without a picture: they cannot be checked before it is there.
	Scanless []scanlessBody `json:"scanless"`
	// Digest is SHA-256 of the sheet, "" where none was sent; Imported tells that its forms are entered, else nothing is.
	Digest   string            `json:"digest,omitempty"`
	Imported bool              `json:"imported"`
	Forms    []importedRowBody `json:"forms,omitempty"`
}

type scanlessBody struct {
	Entry  string `json:"entry"`
	Serial string `json:"serial,omitempty"` // absent where it cannot be read
}

// importedRowBody is a row of a sheet, by its number in the file.
type importedRowBody struct {
	Row    int    `json:"row"`
	Serial string `json:"serial,omitempty"`
	Void   string `json:"void,omitempty"`
	Grade  int    `json:"grade,omitempty"`
	Window string `json:"target,omitempty"`
	Matter string `json:"matter_number,omitempty"`
	Date   string `json:"form_date,omitempty"`
	Scan   bool   `json:"scan"` // its picture waits at the opening
}

// sheetType is the type of a workbook.
const sheetType = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

// showPaperTemplate gives out an empty sheet for an opening, in the reader's language.
func (a *API) showPaperTemplate(r *request) (answer, error) {
	b, err := a.paperForm(r, paperEnter)
	if err != nil {
		return answer{}, err
	}
	columns, err := a.columnsFor(r, b.Targets, r.lang)
	if err != nil {
		return answer{}, err
	}
	content, err := sheetTemplate(r.lang, columns[0])
	return answer{file: func(c echo.Context) error {
		c.Response().Header().Set(echo.HeaderContentDisposition, `attachment; filename="paper-`+b.Opening.Week+`.xlsx"`)
		return c.Blob(http.StatusOK, sheetType, content)
	}}, err
}

// columnsFor are the columns of an opening's sheet, in each of the languages.
func (a *API) columnsFor(r *request, targets []placeBody, langs ...web.Lang) (columns [][]sheetColumn, err error) {
	f, err := a.form(r.http().Context())
	if err != nil {
		return nil, err
	}
	serials, err := a.Store.UnenteredSerials(r.http().Context(), a.Guard.Scope(r.actor, policies.TranscribePaper), r.param("id"))
	for _, lang := range langs {
		columns = append(columns, sheetColumns(lang, f, serials, targets))
	}
	return columns, err
}

// showPaperImport is where a sheet of an opening's forms is put in, and what still lacks its picture.
func (a *API) showPaperImport(r *request) (answer, error) {
	b, err := a.paperImport(r, r.param("id"))
	if err != nil {
		return answer{}, err
	}
	return answer{body: b, view: a.paperImportPage(r, b)}, nil
}

func (a *API) paperImport(r *request, opening string) (b paperImportBody, err error) {
	ctx, scope := r.http().Context(), a.Guard.Scope(r.actor, policies.TranscribePaper)
	o, err := a.Store.PaperOf(ctx, scope, opening)
	if err != nil {
		return b, err
	}
	opened := a.paperOpening(r, o)
	b = paperImportBody{Opening: &opened, Scanless: []scanlessBody{}}
	scanless, err := a.Store.ScanlessPaper(ctx, scope, o.ID)
	for _, e := range scanless {
		b.Scanless = append(b.Scanless, scanlessBody{e.ID, e.LegibleSerial()})
	}
	return b, err
}

func (a *API) paperImportPage(r *request, b paperImportBody) *web.PaperImportView {
	o := b.Opening
	v := &web.PaperImportView{Page: a.pageFor(r), Form: web.Form{Action: "/paper/openings/" + o.ID + "/import"}, Opening: o.ID, Hall: nameOf(o.Hall), Week: o.Week, Late: o.Late, Left: o.ToEnter}
	for _, e := range b.Scanless {
		v.Scanless = append(v.Scanless, web.PaperScanless{Entry: e.Entry, Serial: e.Serial})
	}
	for _, row := range b.Forms {
		v.Rows = append(v.Rows, web.PaperImportRow(row))
	}
	return v
}

// importPaper shows what a sheet is read as, or, confirmed, enters its forms: all or none. Pictures that come with it
// are taken in beside it once nothing is wrong with the sheet, and stay at the opening whether or not it is confirmed.
func (a *API) importPaper(r *request) (answer, error) {
	fields, err := r.fields()
	if err != nil {
		return answer{}, err
	}
	if err := only(fields, "content", "confirm", "idempotency_key"); err != nil {
		return answer{}, err
	}
	b, err := a.paperImport(r, r.param("id"))
	if err != nil {
		return answer{}, err
	}
	content, err := sheetContent(r, fields)
	if err == nil {
		err = a.takeSheet(r, &b, content, fields.Get("confirm") == "yes")
	}
	if refused := (*regulation.Error)(nil); errors.As(err, &refused) && r.page && refused.Code != regulation.NotFound {
		view := a.paperImportPage(r, b)
		view.Refuse(formErrors(refused))
		return answer{view: view}, refused
	}
	if err != nil {
		return answer{}, err
	}
	if b.Imported {
		a.say(r, "flash.paper_imported")
		return answer{status: http.StatusCreated, next: "/paper/openings/" + b.Opening.ID + "/import", body: b}, nil
	}
	view := a.paperImportPage(r, b)
	windows, err := a.windowsFor(r, policies.TranscribePaper)
	for i := range view.Rows {
		if at := slices.IndexFunc(windows, func(w store.Window) bool { return w.ID == view.Rows[i].Window }); at >= 0 {
			view.Rows[i].Window = windowName(r.lang, windows[at])
		}
	}
	view.Content = base64.RawURLEncoding.EncodeToString(content)
	return answer{body: b, view: view}, err
}

// sheetContent is the sheet that was sent: a file, or, from the page that showed it, what that file was. Nothing of it
// is kept between the two.
func sheetContent(r *request, fields regulation.Values) ([]byte, error) {
	if kept := fields.Get("content"); kept != "" {
		content, err := base64.RawURLEncoding.DecodeString(kept)
		if err != nil {
			return nil, sheetFault("sheet", "sheet_format")
		}
		return content, nil
	}
	headers := r.body.files["sheet"]
	if len(headers) != 1 || headers[0].Size == 0 {
		return nil, sheetFault("sheet", "required")
	}
	if headers[0].Size > maxSheet {
		return nil, sheetFault("sheet", "sheet_too_large")
	}
	file, err := headers[0].Open()
	if err != nil {
		return nil, err
	}
	defer file.Close()
	return io.ReadAll(file)
}

// takeSheet reads a sheet, judges each row of it, takes its pictures in, and enters it where that is confirmed. Every
// fault is told by the name of its cell.
func (a *API) takeSheet(r *request, b *paperImportBody, content []byte, confirmed bool) error {
	targets, err := a.paperForm(r, paperEnter)
	if err != nil {
		return err
	}
	columns, err := a.columnsFor(r, targets.Targets, web.Langs...)
	if err != nil {
		return err
	}
	s, err := readSheet(content, columns...)
	if err != nil {
		return err
	}
	sum := sha256.Sum256(content)
	digest := hex.EncodeToString(sum[:])
	forms, choices, err := a.sheetForms(r, s)
	if err != nil {
		return err
	}
	ctx, scope, actor := r.http().Context(), a.Guard.Scope(r.actor, policies.TranscribePaper), a.actorFor(r, policies.TranscribePaper)
	faults, err := a.Store.JudgePaper(ctx, scope, b.Opening.ID, digest, forms, choices, actor)
	if err := s.faults(faults, err); err != nil {
		return err
	}
	if err := a.takePictures(r, scope, actor); err != nil {
		return err
	}
	if confirmed {
		faults, err := a.Store.ImportPaper(ctx, scope, b.Opening.ID, digest, forms, choices, actor)
		if err := s.faults(faults, err); err != nil {
			return err
		}
	}
	waiting, err := a.Store.WaitingScans(ctx, b.Opening.ID)
	if confirmed {
		*b, err = a.paperImport(r, r.param("id"))
	}
	b.Digest, b.Imported, b.Forms = digest, confirmed, s.bodies(forms, waiting)
	return err
}

// sheetForms are the store's forms of a sheet's rows; what is wrong with a contact is noted at its row.
func (a *API) sheetForms(r *request, s sheet) (forms []store.PaperForm, choices regulation.Choices, err error) {
	f, err := a.form(r.http().Context())
	if err != nil {
		return nil, choices, err
	}
	for _, row := range s.rows {
		in := paperOf(row.fields, f)
		contact, wrong := contactOf(row.fields)
		for field, code := range wrong {
			row.wrong[field] = code
		}
		in.Contact = contact
		forms = append(forms, in)
	}
	return forms, f.choices, nil
}

// faults names all that is wrong with a sheet by cell, nil where nothing is. What is wrong with the sheet as a whole
// goes before.
func (s sheet) faults(judged []*regulation.Error, whole error) error {
	if whole != nil {
		return whole
	}
	refused := &regulation.Error{Code: regulation.Invalid, Clause: regulation.ClauseBox, Missing: "fields"}
	for i, row := range s.rows {
		if i < len(judged) && judged[i] != nil {
			for field, code := range ofPaper(judged[i]).Fields {
				refused.Field(s.cell(row.number, field), code)
			}
		}
		for field, code := range row.wrong {
			refused.Field(s.cell(row.number, field), code)
		}
	}
	if refused.Fields == nil {
		return nil
	}
	return refused
}

func (s sheet) bodies(forms []store.PaperForm, waiting []string) (rows []importedRowBody) {
	for i, f := range forms {
		grade, _ := regulation.ParseGrade(f.Rating.Grade)
		serial := regulation.TidySerial(f.Serial)
		rows = append(rows, importedRowBody{Row: s.rows[i].number, Serial: serial, Void: f.Void, Grade: int(grade), Window: f.Window, Matter: f.Matter, Date: f.Date, Scan: slices.Contains(waiting, serial)})
	}
	return rows
}

// takePictures takes the pictures that came with a sheet in for its opening, all or none.
func (a *API) takePictures(r *request, scope regulation.Scope, actor regulation.Actor) error {
	found, closeAll, err := pictures(r.body.files["scans"])
	defer closeAll()
	if err != nil || len(found) == 0 {
		return err
	}
	codes, err := a.Store.AddPaperScans(r.http().Context(), scope, r.param("id"), found, actor)
	if err != nil {
		return err
	}
	return pictureFault(found, codes)
}

// givePaperScan gives a form that was entered without a picture its own: a file, or the digest of one that lies at the
// opening.
func (a *API) givePaperScan(r *request) (answer, error) {
	fields, err := r.fields()
	if err != nil {
		return answer{}, err
	}
	if err := only(fields, "scan"); err != nil {
		return answer{}, err
	}
	scope, actor := a.Guard.Scope(r.actor, policies.TranscribePaper), a.actorFor(r, policies.TranscribePaper)
	e, err := a.Store.PaperEntry(r.http().Context(), scope, r.param("id"))
	if err != nil {
		return answer{}, err
	}
	err = a.giveScan(r, scope, fields.Get("scan"), actor)
	if refused := (*regulation.Error)(nil); errors.As(err, &refused) && r.page {
		return a.importAgain(r, e, refused)
	}
	if err != nil {
		return answer{}, err
	}
	a.say(r, "flash.paper_scan")
	return answer{status: http.StatusCreated, next: "/paper/openings/" + e.Opening + "/import", body: paperStepBody{Entry: e.ID, State: e.State}}, nil
}

func (a *API) giveScan(r *request, scope regulation.Scope, digest string, actor regulation.Actor) error {
	headers := r.body.files["scan"]
	switch {
	case digest != "":
		return a.Store.AttachPaperScan(r.http().Context(), scope, r.param("id"), digest, actor)
	case len(headers) != 1 || headers[0].Size == 0:
		return sheetFault("scan", "required")
	}
	content, err := headers[0].Open()
	if err != nil {
		return err
	}
	defer content.Close()
	return a.Store.GivePaperScan(r.http().Context(), scope, r.param("id"), content, actor)
}

// importAgain draws the page of an entry's opening with what was wrong with a picture.
func (a *API) importAgain(r *request, e store.PaperEntry, refused *regulation.Error) (answer, error) {
	b, err := a.paperImport(r, e.Opening)
	if err != nil {
		return answer{}, err
	}
	view := a.paperImportPage(r, b)
	view.Errors = web.FieldErrors(map[string]string{"scan-" + e.ID: fileCode(refused)})
	return answer{view: view}, refused
}
