package workday

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
)

// Kind says what a layer makes of a day.
type Kind uint8

const (
	Off  Kind = 1 // a day off, whatever its weekday
	Work Kind = 2 // a day worked, even a Saturday or Sunday
)

// String returns the word that stands in the CSV form.
func (k Kind) String() string {
	switch k {
	case Off:
		return "off"
	case Work:
		return "work"
	}
	return fmt.Sprintf("Kind(%d)", uint8(k))
}

func parseKind(s string) (Kind, error) {
	switch s {
	case "off":
		return Off, nil
	case "work":
		return Work, nil
	}
	return 0, fmt.Errorf("kind %q is neither off nor work", s)
}

// Layer is a table of exceptional days: a State Council notice, or the days
// that a prefecture or county adds (a festival of its own, a day of mourning).
type Layer struct {
	Name    string // such as 国务院办公厅 or a division code
	Version string // the notice or order it comes from
	Days    map[Date]Kind
}

var header = []string{"date", "kind", "holiday"}

// ReadLayer reads CSV with the header date,kind,holiday: a day 2006-01-02,
// off or work, and the name of the holiday. A day may stand there only once.
// Errors name the line. A byte order mark, as spreadsheets write it, is skipped.
func ReadLayer(name, version string, r io.Reader) (Layer, error) {
	l := Layer{Name: name, Version: version, Days: map[Date]Kind{}}
	rows := csv.NewReader(skipMark(r))
	rows.FieldsPerRecord = len(header)
	for first := true; ; first = false {
		row, err := rows.Read()
		switch {
		case errors.Is(err, io.EOF) && !first:
			return l, nil
		case errors.Is(err, io.EOF):
			return Layer{}, fmt.Errorf("calendar %s: empty, want the header %v", name, header)
		case err != nil: // a csv.ParseError names its line
			return Layer{}, fmt.Errorf("calendar %s: %w", name, err)
		}
		line, _ := rows.FieldPos(0)
		if err := l.take(row, first); err != nil {
			return Layer{}, fmt.Errorf("calendar %s: line %d: %w", name, line, err)
		}
	}
}

func skipMark(r io.Reader) io.Reader {
	b := bufio.NewReader(r)
	if mark, _ := b.Peek(3); bytes.Equal(mark, []byte("\ufeff")) {
		_, _ = b.Discard(len(mark)) // peeked, so they are there
	}
	return b
}

func (l Layer) take(row []string, first bool) error {
	if first {
		if !slices.Equal(row, header) {
			return fmt.Errorf("header is %v, want %v", row, header)
		}
		return nil
	}
	d, err := ParseDate(row[0])
	if err != nil {
		return err
	}
	kind, err := parseKind(row[1])
	if err != nil {
		return err
	}
	if _, again := l.Days[d]; again {
		return fmt.Errorf("%s stands there twice", d)
	}
	l.Days[d] = kind
	return nil
}
