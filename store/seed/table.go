package seed

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strconv"
	"strings"
	"time"
)

// source reads tables one after the other and keeps the first error.
type source struct {
	fsys fs.FS
	err  error
}

// read parses one file. The header must be exactly the columns; every row stands on one line,
// so that row i is line i+2 in later messages too.
func read[T any](s *source, file string, columns []string, parse func(*row) T) []T {
	if s.err != nil {
		return nil
	}
	opened, err := s.fsys.Open(file)
	if err != nil {
		s.err = fmt.Errorf("%s cannot be opened: %w", file, err)
		return nil
	}
	defer opened.Close()
	lines := csv.NewReader(opened)
	if header, err := lines.Read(); err != nil || !slices.Equal(header, columns) {
		s.err = fmt.Errorf("%s line 1: the header must be %s", file, strings.Join(columns, ","))
		return nil
	}
	rows, err := readRows(file, lines, columns, parse)
	s.err = err
	return rows
}

func readRows[T any](file string, lines *csv.Reader, columns []string, parse func(*row) T) ([]T, error) {
	var rows []T
	for {
		fields, err := lines.Read()
		if errors.Is(err, io.EOF) {
			return rows, nil
		}
		if err != nil {
			return nil, faultAt(file, len(rows), unwrapped(err))
		}
		if line, _ := lines.FieldPos(0); line != len(rows)+2 {
			return nil, faultAt(file, len(rows), "a row must stand on one line, without blank lines between")
		}
		r := row{columns: columns, fields: fields}
		rows = append(rows, parse(&r))
		if r.fault != "" {
			return nil, faultAt(file, len(rows)-1, r.fault)
		}
	}
}

// unwrapped is the reader's reason without its own line number.
func unwrapped(err error) string {
	var parse *csv.ParseError
	if errors.As(err, &parse) {
		return parse.Err.Error()
	}
	return err.Error()
}

// faultAt names file and line of row i, counted from 0 after the header.
func faultAt(file string, i int, what string) error {
	return fmt.Errorf("%s line %d: %s", file, i+2, what)
}

// row is one line being parsed; the first fault stays.
type row struct {
	columns []string
	fields  []string
	fault   string
}

func (r *row) refuse(format string, args ...any) {
	if r.fault == "" {
		r.fault = fmt.Sprintf(format, args...)
	}
}

// optional returns the field, which may be empty but not padded.
func (r *row) optional(column string) string {
	value := r.fields[slices.Index(r.columns, column)]
	if strings.TrimSpace(value) != value {
		r.refuse("%s has a space around it", column)
	}
	return value
}

func (r *row) text(column string) string {
	value := r.optional(column)
	if value == "" {
		r.refuse("%s is missing", column)
	}
	return value
}

func (r *row) number(column string) int {
	value := r.text(column)
	n, err := strconv.Atoi(value)
	if err != nil || n < 0 {
		r.refuse("%s is %q, not a whole number", column, value)
	}
	return n
}

func (r *row) flag(column string) bool {
	value := r.text(column)
	if value != "0" && value != "1" {
		r.refuse("%s is %q, neither 0 nor 1", column, value)
	}
	return value == "1"
}

func (r *row) optionalDate(column string) string {
	value := r.optional(column)
	if _, err := time.Parse(time.DateOnly, value); value != "" && err != nil {
		r.refuse("%s is %q, not a date like 2026-01-05", column, value)
	}
	return value
}

func (r *row) date(column string) string {
	r.text(column)
	return r.optionalDate(column)
}

// oneOf returns the field if it is among the allowed values.
func oneOf[T ~string](r *row, column string, allowed []T) T {
	value := T(r.text(column))
	if !slices.Contains(allowed, value) {
		r.refuse("%s %q is unknown", column, value)
	}
	return value
}

// code returns an opaque code: base32 (RFC 4648, upper case), at least min characters.
func (r *row) code(column string, min int) string {
	value := r.text(column)
	if len(value) < min || strings.Trim(value, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567") != "" {
		r.refuse("%s is not a base32 code of at least %d characters", column, min)
	}
	return value
}
