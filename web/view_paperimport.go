package web

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// PaperImportRow is a form as a row of a sheet was read; Row is its number in the file.
type PaperImportRow struct {
	Row                  int
	Serial, Void         string
	Grade                int
	Window, Matter, Date string
	Scan                 bool // its picture waits at the opening
}

// PaperScanless is a form that was entered without its picture.
type PaperScanless struct {
	Entry, Serial string // Serial is "" where it cannot be read
}

// SheetFault is what is wrong in a cell of a sheet, by the cell's name.
type SheetFault struct {
	Cell    string
	Message Message
}

// PaperImportView is where a sheet of an opening's forms is put in, what it was read as before it is confirmed, and
// the forms that wait for a picture. Posted fields: sheet (file), scans (files); content and confirm ("yes"). Posted to
// the entry of a form without a picture: scan (file).
type PaperImportView struct {
	Page
	Form
	Opening, Hall, Week string
	Late                bool
	Left                int
	Rows                []PaperImportRow
	Content             string // the sheet that Rows are of, in base64url
	Faults              []SheetFault
	Pictures            []SheetFault // Cell is a serial or the place among the files
	Scanless            []PaperScanless
}

func (*PaperImportView) template() string { return "paper-import" }

// Refuse sets out what is wrong with a sheet by row and column, what is wrong with its pictures, and the rest by field.
func (v *PaperImportView) Refuse(codes map[string]string) {
	rest := map[string]string{}
	for _, name := range slices.SortedFunc(maps.Keys(codes), byCell) {
		picture, ofPicture := strings.CutPrefix(name, "scans ")
		switch row, _ := cellOf(name); {
		case ofPicture:
			v.Pictures = append(v.Pictures, SheetFault{picture, Msg("refusal." + codes[name])})
		case row > 0:
			v.Faults = append(v.Faults, SheetFault{name, Msg("refusal." + codes[name])})
		default:
			rest[name] = codes[name]
		}
	}
	v.Errors = FieldErrors(rest)
}

// cellOf is the row and the column of a cell's name; the row of anything else is 0.
func cellOf(name string) (row int, column string) {
	digits := strings.TrimLeft(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZ")
	if row, err := strconv.Atoi(digits); err == nil && digits != name {
		return row, strings.TrimSuffix(name, digits)
	}
	return 0, name
}

func byCell(a, b string) int {
	row, column := cellOf(a)
	otherRow, other := cellOf(b)
	return cmp.Or(cmp.Compare(row, otherRow), cmp.Compare(len(column), len(other)), cmp.Compare(column, other))
}
