package workday

import (
	"encoding/csv"
	"errors"
	"io"
	"slices"
	"strings"
	"unicode/utf8"
)

// Row is one row of a layer's CSV as somebody wrote it, with what is wrong with it.
type Row struct {
	Line    int // of the file, the header's is 1
	Date    Date
	Kind    Kind
	Holiday string
	Text    []string // as it stood there
	Wrong   string   // one of the Wrong codes, "" for a good row
}

// What may be wrong with a row.
const (
	WrongText    = "not_utf8"    // the whole file
	WrongCSV     = "not_csv"     // and what follows cannot be read
	WrongHeader  = "not_header"  // the first row is not date,kind,holiday
	WrongColumns = "not_columns" // not three
	WrongDate    = "not_a_date"
	WrongKind    = "not_a_kind"
	WrongTwice   = "stands_twice"
	WrongEmpty   = "no_days"
)

// ReadRows reads a layer's CSV for whoever is to mend it: every row that cannot stand, not the
// first alone. What it finds good throughout, ReadLayer takes.
func ReadRows(text string) (rows []Row, good bool) {
	if !utf8.ValidString(text) {
		return []Row{{Line: 1, Wrong: WrongText}}, false
	}
	source := csv.NewReader(skipMark(strings.NewReader(text)))
	source.FieldsPerRecord = -1
	seen := map[Date]bool{}
	good = true
	for first := true; ; first = false {
		record, err := source.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return append(rows, Row{Line: lineOf(err), Wrong: WrongCSV}), false
		}
		line, _ := source.FieldPos(0)
		row := Row{Line: line, Text: record}
		if first {
			if slices.Equal(record, header) {
				continue
			}
			row.Wrong = WrongHeader
		} else {
			row.read(seen)
		}
		good = good && row.Wrong == ""
		rows = append(rows, row)
	}
	if len(rows) == 0 {
		return []Row{{Line: 1, Wrong: WrongEmpty}}, false
	}
	return rows, good
}

func lineOf(err error) int {
	var parse *csv.ParseError
	if errors.As(err, &parse) {
		return parse.Line
	}
	return 1
}

func (r *Row) read(seen map[Date]bool) {
	if len(r.Text) != len(header) {
		r.Wrong = WrongColumns
		return
	}
	r.Holiday = r.Text[2]
	day, err := ParseDate(r.Text[0])
	if err != nil {
		r.Wrong = WrongDate
		return
	}
	r.Date = day
	if r.Kind, err = parseKind(r.Text[1]); err != nil {
		r.Wrong = WrongKind
		return
	}
	if seen[day] {
		r.Wrong = WrongTwice
	}
	seen[day] = true
}
