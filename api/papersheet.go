package api

import (
	packing "archive/zip"
	"bytes"
	"cmp"
	"encoding/xml"
	"errors"
	"io"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/xuri/excelize/v2"

	"haochaping/regulation"
	"haochaping/web"
)

// Bounds of a sheet of forms: bytes of the file, bytes of what is packed in it, and rows with the header. The packed
// parts stay in memory, so that nothing of a citizen is left in the folder of temporary files.
const (
	maxSheet    = 1 << 20
	maxUnpacked = 64 << 20
	maxRows     = 1001
)

// sheetColumn is a column of a sheet: a field of the form, and what may be chosen in it where that is a list.
type sheetColumn struct {
	field   string
	choices []sheetChoice
	hint    bool // the choices are to look up: several may be written
}

type sheetChoice struct{ value, label string }

// sheetText is a column's header or help in a language; marks share theirs.
func sheetText(lang web.Lang, kind, field string) string {
	if mark, ok := strings.CutPrefix(field, "mark_"); ok {
		if kind == "help" {
			return web.T(lang, "sheet.help.mark")
		}
		return web.T(lang, "dimension."+mark)
	}
	return web.T(lang, "sheet."+kind+"."+field)
}

// sheetColumns are the columns in their order, with lists in a language. serials and targets are the opening's.
func sheetColumns(lang web.Lang, f form, serials []string, targets []placeBody) []sheetColumn {
	labels := func(prefix string, values ...string) (all []sheetChoice) {
		for _, v := range values {
			all = append(all, sheetChoice{v, web.T(lang, prefix+v)})
		}
		return all
	}
	var forms, windows, grades, options, kinds []sheetChoice
	for _, serial := range serials {
		forms = append(forms, sheetChoice{serial, serial})
	}
	for _, t := range targets {
		windows = append(windows, sheetChoice{t.ID, t.Name + " (" + t.ID + ")"})
	}
	for _, g := range gradesOf(lang, f.options) {
		grade := strconv.Itoa(g.Grade)
		grades = append(grades, sheetChoice{grade, grade + " " + g.Name})
		for _, o := range g.Options {
			options = append(options, sheetChoice{o.Code, o.Code + " " + o.Text})
		}
	}
	for _, kind := range regulation.TargetKinds {
		kinds = append(kinds, labels("target_kind.", string(kind))...)
	}
	columns := []sheetColumn{{field: "serial", choices: forms}, {field: "void", choices: labels("paper.void.", regulation.PaperVoids...)}, {field: "target_kind", choices: kinds},
		{field: "target", choices: windows}, {field: "matter_number"}, {field: "form_date"}, {field: "grade", choices: grades}, {field: "option", choices: options, hint: true}}
	for _, name := range markNames(f) {
		columns = append(columns, sheetColumn{field: name, choices: grades})
	}
	return append(columns, sheetColumn{field: "text"}, sheetColumn{field: "contact_phone"}, sheetColumn{field: "contact_name"},
		sheetColumn{field: "contact_language", choices: labels("contact_language.", contactLanguages...)},
		sheetColumn{field: "contact_time", choices: labels("contact_time.", contactTimes...)},
		sheetColumn{field: "contact_consent", choices: []sheetChoice{{"true", web.T(lang, "sheet.consent")}}})
}

// Sheets of a template, in their order: the first is the one that is read.
const (
	entrySheet = iota
	listSheet
	noteSheet
)

// sheetTemplate is an empty sheet as a file for spreadsheets: every cell is text, so that a date or number stays as it
// is typed, and nothing is computed.
func sheetTemplate(lang web.Lang, columns []sheetColumn) ([]byte, error) {
	f := excelize.NewFile()
	defer f.Close()
	names := []string{web.T(lang, "sheet.entry"), web.T(lang, "sheet.lists"), web.T(lang, "sheet.notes")}
	for i, name := range names {
		if i == entrySheet {
			if err := f.SetSheetName(f.GetSheetName(0), name); err != nil {
				return nil, err
			}
			continue
		}
		if _, err := f.NewSheet(name); err != nil {
			return nil, err
		}
	}
	if err := errors.Join(drawEntry(f, lang, names, columns), drawLists(f, lang, names[listSheet], columns), drawHelp(f, lang, names[noteSheet], columns)); err != nil {
		return nil, err
	}
	b, err := f.WriteToBuffer()
	if err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

// drawEntry is the sheet to fill in: a header, and the rows as text with their lists.
func drawEntry(f *excelize.File, lang web.Lang, names []string, columns []sheetColumn) error {
	name, last := names[entrySheet], columnName(len(columns)-1)
	text, err := f.NewStyle(&excelize.Style{NumFmt: 49}) // @, which is text
	if err != nil {
		return err
	}
	bold, err := f.NewStyle(&excelize.Style{NumFmt: 49, Font: &excelize.Font{Bold: true}, Alignment: &excelize.Alignment{WrapText: true, Vertical: "top"}})
	if err != nil {
		return err
	}
	err = errors.Join(f.SetColStyle(name, "A:"+last, text), f.SetColWidth(name, "A", last, 18), f.SetCellStyle(name, "A1", last+"1", bold),
		f.SetPanes(name, &excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"}))
	for i, column := range columns {
		err = errors.Join(err, f.SetCellStr(name, columnName(i)+"1", sheetText(lang, "col", column.field)), chooseFrom(f, lang, names, i, column))
	}
	return err
}

// chooseFrom tells whoever fills in a column what goes there, and has them choose where that is a list.
func chooseFrom(f *excelize.File, lang web.Lang, names []string, i int, column sheetColumn) error {
	rule, cell := excelize.NewDataValidation(true), columnName(i)
	rule.SetSqref(cell + "2:" + cell + strconv.Itoa(maxRows))
	rule.SetInput(short(sheetText(lang, "col", column.field), 32), short(sheetText(lang, "help", column.field), 255))
	if len(column.choices) > 0 && !column.hint {
		rule.SetSqrefDropList("'" + names[listSheet] + "'!$" + cell + "$2:$" + cell + "$" + strconv.Itoa(len(column.choices)+1))
		rule.SetError(excelize.DataValidationErrorStyleStop, short(sheetText(lang, "col", column.field), 32), web.T(lang, "refusal.not_an_option"))
	}
	return f.AddDataValidation(names[entrySheet], rule)
}

func short(text string, length int) string {
	runes := []rune(text)
	return string(runes[:min(len(runes), length)])
}

// drawLists has what may be chosen below the header of the same column.
func drawLists(f *excelize.File, lang web.Lang, name string, columns []sheetColumn) error {
	err := f.SetColWidth(name, "A", columnName(len(columns)-1), 18)
	for i, column := range columns {
		err = errors.Join(err, f.SetCellStr(name, columnName(i)+"1", sheetText(lang, "col", column.field)))
		for n, c := range column.choices {
			err = errors.Join(err, f.SetCellStr(name, columnName(i)+strconv.Itoa(n+2), c.label))
		}
	}
	return err
}

// drawHelp says what goes into which column.
func drawHelp(f *excelize.File, lang web.Lang, name string, columns []sheetColumn) error {
	err := errors.Join(f.SetColWidth(name, "A", "A", 22), f.SetColWidth(name, "B", "B", 100), f.SetCellStr(name, "A1", web.T(lang, "sheet.notes")), f.SetCellStr(name, "B1", web.T(lang, "sheet.rule")))
	for i, column := range columns {
		row := strconv.Itoa(i + 2)
		err = errors.Join(err, f.SetCellStr(name, "A"+row, sheetText(lang, "col", column.field)), f.SetCellStr(name, "B"+row, sheetText(lang, "help", column.field)))
	}
	return err
}

// columnName is the letter of a column from 0; there are far fewer columns than would make it fail.
func columnName(i int) string {
	name, _ := excelize.ColumnNumberToName(i + 1)
	return name
}

// sheetRow is a row of a sheet as it was typed, by its number in the file. wrong are its faults by field.
type sheetRow struct {
	number int
	fields regulation.Values
	wrong  map[string]string
}

// sheet is what was read of a file: its rows, and where in it each field stands.
type sheet struct {
	rows []sheetRow
	at   map[string]int // column of a field, from 0
}

// cell names the cell of a field in a row, as a reader finds it; what has no column of its own is told at the serial.
func (s sheet) cell(row int, field string) string {
	if field == "given_at" {
		field = "form_date"
	}
	at, ok := s.at[field]
	if !ok {
		at = s.at["serial"]
	}
	return columnName(at) + strconv.Itoa(row)
}

func sheetFault(field, code string) error {
	return (&regulation.Error{Code: regulation.Invalid, Clause: regulation.ClauseBox, Missing: "fields"}).Field(field, code)
}

// readSheet reads the first sheet of a file. Columns are found by their headers in either language, values by their
// labels. Refusals: Invalid on sheet (empty, sheet_format, sheet_too_large, sheet_too_long, sheet_active,
// sheet_columns) or, with formula, on the cell's name.
func readSheet(content []byte, columns ...[]sheetColumn) (sheet, error) {
	switch {
	case len(content) == 0:
		return sheet{}, sheetFault("sheet", "empty")
	case len(content) > maxSheet:
		return sheet{}, sheetFault("sheet", "sheet_too_large")
	}
	if err := unpackable(content); err != nil {
		return sheet{}, err
	}
	f, err := excelize.OpenReader(bytes.NewReader(content), excelize.Options{UnzipSizeLimit: maxUnpacked, UnzipXMLSizeLimit: maxUnpacked})
	if err != nil {
		return sheet{}, sheetFault("sheet", "sheet_format")
	}
	defer f.Close()
	rows, err := f.Rows(f.GetSheetName(0))
	if err != nil {
		return sheet{}, sheetFault("sheet", "sheet_format")
	}
	defer rows.Close()
	return readRows(rows, columns)
}

func readRows(rows *excelize.Rows, columns [][]sheetColumn) (s sheet, err error) {
	for number := 1; rows.Next(); number++ {
		if number > maxRows {
			return s, sheetFault("sheet", "sheet_too_long")
		}
		cells, err := rows.Columns(excelize.Options{RawCellValue: true})
		if err != nil {
			return s, sheetFault("sheet", "sheet_format")
		}
		if number == 1 {
			if s.at, err = headersOf(cells, columns); err != nil {
				return s, err
			}
			continue
		}
		if row := s.read(number, cells, columns); row.fields != nil {
			s.rows = append(s.rows, row)
		}
	}
	switch {
	case rows.Error() != nil:
		return s, sheetFault("sheet", "sheet_format")
	case len(s.rows) == 0:
		return s, sheetFault("sheet", "sheet_empty")
	}
	return s, nil
}

// headersOf finds the column of every field by its header, in whichever language the template was. A header that is
// none of ours, twice or missing is refused: nothing is guessed.
func headersOf(cells []string, columns [][]sheetColumn) (map[string]int, error) {
	fields := map[string]string{}
	for _, column := range columns[0] {
		for _, lang := range web.Langs {
			fields[sheetText(lang, "col", column.field)] = column.field
		}
	}
	at := map[string]int{}
	for i, header := range cells {
		if header = strings.TrimSpace(header); header == "" {
			continue
		}
		field, ours := fields[header]
		if _, twice := at[field]; !ours || twice {
			return at, sheetFault(columnName(i)+"1", "sheet_column")
		}
		at[field] = i
	}
	if len(at) < len(columns[0]) {
		return at, sheetFault("sheet", "sheet_columns")
	}
	return at, nil
}

// read is a row as it was typed; one without anything in it has no fields.
func (s sheet) read(number int, cells []string, columns [][]sheetColumn) sheetRow {
	row := sheetRow{number: number, wrong: map[string]string{}}
	for i, column := range columns[0] {
		at := s.at[column.field]
		if at >= len(cells) || strings.TrimSpace(cells[at]) == "" {
			continue
		}
		if row.fields == nil {
			row.fields = regulation.Values{}
		}
		typed := strings.TrimSpace(cells[at])
		var choices []sheetChoice
		for _, translated := range columns {
			choices = append(choices, translated[i].choices...)
		}
		switch value, chosen := valueOf(typed, choices); {
		case column.hint:
			row.fields[column.field] = severalOf(typed, choices)
		case chosen:
			row.fields[column.field] = []string{value}
		default:
			row.fields[column.field] = []string{typed}
			if len(choices) > 0 && column.field != "serial" {
				row.wrong[column.field] = "not_an_option"
			}
		}
	}
	return row
}

// valueOf is the choice that was typed: by its label, its code, or its code in brackets behind any name.
func valueOf(typed string, choices []sheetChoice) (string, bool) {
	i := slices.IndexFunc(choices, func(c sheetChoice) bool {
		return typed == c.label || typed == c.value || strings.HasSuffix(typed, " ("+c.value+")")
	})
	if i < 0 {
		return typed, false
	}
	return choices[i].value, true
}

// severalOf are the codes that were written into one cell, by themselves or with what they stand for.
func severalOf(typed string, choices []sheetChoice) (codes []string) {
	for _, part := range strings.FieldsFunc(typed, func(c rune) bool { return strings.ContainsRune("、,，;；\r\n", c) }) {
		if code, known := valueOf(strings.TrimSpace(part), choices); known {
			codes = append(codes, code)
			continue
		}
		codes = append(codes, strings.Fields(part)...)
	}
	return codes
}

// unpackable refuses a file before anything of it is read as a sheet: one that is no workbook, unpacks to more than is
// held, or has something in it that acts by itself: a formula, a macro, a link to another file.
func unpackable(content []byte) error {
	packed, err := packing.NewReader(bytes.NewReader(content), int64(len(content)))
	if err != nil {
		return sheetFault("sheet", "sheet_format")
	}
	left := uint64(maxUnpacked)
	for _, part := range packed.File {
		if part.UncompressedSize64 > left {
			return sheetFault("sheet", "sheet_too_large")
		}
		left -= part.UncompressedSize64
	}
	for _, part := range packed.File {
		name := strings.ToLower(strings.ReplaceAll(part.Name, `\`, "/"))
		if path.Base(name) == "vbaproject.bin" || strings.Contains(name, "externallinks/") {
			return sheetFault("sheet", "sheet_active")
		}
		if !strings.HasSuffix(name, ".xml") {
			continue
		}
		cell, err := formulaIn(part)
		if err != nil {
			return sheetFault("sheet", "sheet_format")
		}
		if cell != "" {
			return sheetFault(cell, "formula")
		}
	}
	return nil
}

// formulaIn is the first cell of a part of a workbook that holds a formula, "" where none does.
func formulaIn(part *packing.File) (cell string, err error) {
	content, err := part.Open()
	if err != nil {
		return "", err
	}
	defer content.Close()
	// Without its own limit a part that says less than it is would be read on; the reader of the zip stops there too.
	reading := xml.NewDecoder(io.LimitReader(content, maxUnpacked))
	for {
		token, err := reading.RawToken()
		switch start, begins := token.(xml.StartElement); {
		case errors.Is(err, io.EOF):
			return "", nil
		case err != nil:
			return "", err
		case !begins:
			continue
		case start.Name.Local == "c":
			cell = cmp.Or(attribute(start, "r"), "sheet") // a cell need not say where it is
		case start.Name.Local == "f" && cell != "":
			return cell, nil
		}
	}
}

func attribute(start xml.StartElement, name string) string {
	for _, a := range start.Attr {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}
