package web

import (
	"strconv"
	"strings"
	"time"

	"haochaping/regulation"
)

// Sheet is a page of a list as a file has it: the same rows in the reader's language, with dates and numbers as such. Next
// is the address of the page behind it, "" for the last. Intro is what the page says above the list, such as of which period it is.
type Sheet struct {
	Title string
	Intro string
	Heads []string
	Rows  [][]SheetCell
	Next  string
}

// SheetCell is a text, a number or an instant. Of an instant with Day only the day in Asia/Shanghai is meant.
type SheetCell struct {
	Text   string    `json:"t,omitempty"`
	Number *float64  `json:"n,omitempty"`
	At     time.Time `json:"at,omitzero"`
	Day    bool      `json:"d,omitempty"`
}

// ListView is a page whose list can be had as a file: what the page shows, and nothing else.
type ListView interface {
	View
	sheet(w writer) Sheet
}

// SheetOf is the list of a page.
func SheetOf(v ListView) Sheet {
	p := v.page()
	p.settle(v)
	s := v.sheet(writer{lang: p.Lang})
	s.Title = p.Title
	return s
}

// heads are the texts of keys, in their order.
func (w writer) heads(keys ...string) []string {
	texts := make([]string, len(keys))
	for i, key := range keys {
		texts[i] = w.text(key)
	}
	return texts
}

func cellText(text string) SheetCell { return SheetCell{Text: text} }

func cellNumber[N int | int64 | float64](n N) SheetCell {
	number := float64(n)
	return SheetCell{Number: &number}
}

// cellFigure is a number that was written out, or the text that stands in its place.
func cellFigure(text string) SheetCell {
	if number, err := strconv.ParseFloat(text, 64); err == nil {
		return cellNumber(number)
	}
	return cellText(text)
}

// cellCount is a count that is worth reading only where there is something.
func cellCount(n int64) SheetCell {
	if n == 0 {
		return SheetCell{}
	}
	return cellNumber(n)
}

// cellDay is a civil date.
func cellDay(t time.Time) SheetCell { return SheetCell{At: t, Day: true} }

// cellAt is an instant, or no more than what is meant of it.
func (w writer) cellAt(t time.Time) SheetCell {
	switch {
	case t.IsZero():
		return SheetCell{}
	case regulation.CoarseHalf(t):
		return cellText(w.datetime(t))
	}
	return SheetCell{At: t, Day: regulation.CoarseDay(t)}
}

// cellLabel is the text of a code, "" where there is none.
func (w writer) cellLabel(prefix, code string) SheetCell {
	if code == "" {
		return SheetCell{}
	}
	return cellText(w.label(prefix, code))
}

func (w writer) cellClause(code string) SheetCell {
	if code == "" {
		return SheetCell{}
	}
	return cellText(w.clause(code))
}

func (w writer) cellGrade(grade int) SheetCell {
	if grade == 0 {
		return SheetCell{}
	}
	return cellText(w.label("grade", grade))
}

// words joins the texts of codes.
func (w writer) words(prefix string, codes []string) string {
	texts := make([]string, len(codes))
	for i, code := range codes {
		texts[i] = w.label(prefix, code)
	}
	return strings.Join(texts, w.between())
}

// between stands between the members of a list.
func (w writer) between() string {
	if w.lang == English {
		return "; "
	}
	return "；"
}

// cell is a plain table's cell as a file has it.
func (w writer) cell(c Cell) SheetCell {
	switch {
	case c.Grade != 0:
		return w.cellGrade(c.Grade)
	case !c.At.IsZero():
		return w.cellAt(c.At)
	case c.Clause != "":
		return w.cellClause(c.Clause)
	case c.Due.Set():
		return w.cellAt(c.Due.At)
	case c.Text != "" && c.Figure:
		return cellFigure(c.Text)
	case c.Text != "":
		return cellText(c.Text)
	case c.Key != "":
		return cellText(w.message(c.Message))
	}
	return SheetCell{}
}

// tab is the name of the tab that a page is at, "" of a page without tabs: it narrows the list as a filter does.
func (w writer) tab(prefix string, tabs []Tab) string {
	for _, t := range tabs {
		if t.Current {
			return w.label(prefix, t.Code)
		}
	}
	return ""
}

func (v *TableView) sheet(w writer) Sheet {
	s := Sheet{Next: v.Next}
	if s.Intro = w.tab(v.Code+".tab", v.Tabs); v.Intro != nil {
		s.Intro = strings.TrimSpace(s.Intro + "\n" + w.message(*v.Intro))
	}
	for _, column := range v.Columns {
		s.Heads = append(s.Heads, w.label("col", column))
	}
	for _, row := range v.Rows {
		cells := make([]SheetCell, len(row.Cells))
		for i, c := range row.Cells {
			cells[i] = w.cell(c)
		}
		s.Rows = append(s.Rows, cells)
	}
	return s
}
