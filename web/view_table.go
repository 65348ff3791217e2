package web

import (
	"slices"
	"time"
)

// Cell is one cell of a plain table: the first of these that is given.
type Cell struct {
	Grade  int
	At     time.Time // to the minute
	Clause string
	Due    Due
	Text   string
	Message
	Badge  string // tone of a message that stands out
	Figure bool   // Text is a number
	Lines  []string
}

// TableRow is one row; its first cell leads to Href.
type TableRow struct {
	Href  string
	Cells []Cell
}

// TableFilter narrows a table; its form asks with get.
type TableFilter struct {
	Action string
	Clear  string // where nothing is left out, Action unless given
	Fields []Field
}

// Active tells whether the filter leaves anything out, also by what the address of the page says; a tab and an order do not.
func (f TableFilter) Active() bool {
	return slices.ContainsFunc(f.Fields, func(field Field) bool { return field.Name != "tab" && field.Name != "sort" && field.Value() != "" })
}

// TableView is a plain list for staff: people, audit, escalations. Its title is
// title.<Code>, its columns' heads col.<column>, its tabs <Code>.tab.<tab>.
type TableView struct {
	Page
	Code    string
	Intro   *Message
	Tabs    []Tab
	Add     string  // address of the form that adds a row, <Code>.add
	More    *Option // a list of the same in more columns, by address and title
	Wide    bool    // more columns than a screen takes: they scroll sideways
	Filter  *TableFilter
	Columns []string
	Rows    []TableRow
	Pager
}

func (*TableView) template() string { return "table" }

func (v *TableView) titleKey() string { return "title." + v.Code }
