package store

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"gorm.io/gorm"

	"haochaping/regulation"
)

// sheet is one case with all rows that belong to it, as they stood at one instant.
type sheet struct {
	id     string
	number string
	area   string
	fault  string // why its state or an event does not read, "" where all do
	row    []string
	state  []byte
	c      regulation.Case
	params regulation.Params
	rules  regulation.Rules // of who may, where there are tasks and CheckHolders looks at them
	// standings are how the case stood after each event, as the events tell it.
	standings []regulation.Standing

	events  []sheetEvent
	acts    []actRow
	tasks   [][]string // in the order of tasksTable
	seats   [][]string // in the order of taskSeatsTable
	raised  [][]string // in the order of escalationsTable
	notices [][]string // in the order of noticesTable
	files   [][]string // in the order of caseFilesTable
	entries [][]string // in the order of entriesTable
	steps   [][]string // in the order of writeOffStepsTable
	pending map[int64]string
	taken   map[int64]string // digests of leaves, by sequence
}

// sheetEvent is an event with its row.
type sheetEvent struct {
	storedEvent
	seq        int64
	at         int64
	kind, name string
	body       []byte
	nonce      []byte
}

func (x *sheet) finding(check, code string, about ...string) Finding {
	return Finding{Check: check, Code: code, Case: x.id, Number: x.number, Area: x.area, About: about}
}

// sheets reads the next cases after an id, or one alone. Every table is keyed by the case's id first, so
// a page is one stretch of each.
func (s *Store) sheets(db *gorm.DB, after, only string) ([]*sheet, error) {
	all, err := readCases(db, after, only)
	if err != nil || len(all) == 0 {
		return nil, err
	}
	p := &sheetPage{db: db, first: all[0].id, last: all[len(all)-1].id, byID: map[string]*sheet{}}
	for _, x := range all {
		p.byID[x.id] = x
	}
	for _, read := range []func() error{p.events, p.acts, p.tables, p.leaves} {
		if err := read(); err != nil {
			return nil, err
		}
	}
	for _, x := range all {
		x.standings = standings(x)
	}
	return all, nil
}

func standings(x *sheet) []regulation.Standing {
	return regulation.Standings(x.c.Edition, eventsOf(x.events))
}

func eventsOf(rows []sheetEvent) []regulation.Event {
	events := make([]regulation.Event, 0, len(rows))
	for _, e := range rows {
		events = append(events, e.Event)
	}
	return events
}

// retold is the case with what some of its events tell in the place of what it says.
func (x *sheet) retold(events []sheetEvent) regulation.Case {
	return regulation.Retell(x.params, x.c, eventsOf(events))
}

// columnsBut are a table's columns but one.
func (t table) columnsBut(left string) []string {
	var kept []string
	for _, column := range t.columns {
		if column != left {
			kept = append(kept, column)
		}
	}
	return kept
}

func readCases(db *gorm.DB, after, only string) ([]*sheet, error) {
	columns := casesTable.columnsBut("state")
	query, args := "id > ?", []any{after, pageOf}
	if only != "" {
		query, args = "id = ?", []any{only, 1}
	}
	rows, err := db.Raw("SELECT "+strings.Join(columns, ", ")+", state FROM cases WHERE "+query+" ORDER BY id LIMIT ?", args...).Rows()
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []*sheet
	for rows.Next() {
		x := &sheet{row: make([]string, len(columns)), pending: map[int64]string{}, taken: map[int64]string{}}
		if err := rows.Scan(append(pointers(x.row), &x.state)...); err != nil {
			return nil, err
		}
		x.id, x.number, x.area = x.column("id"), x.column("number"), x.column("area")
		if x.c, err = caseOf(x.state); err != nil {
			x.fault = "unreadable"
		}
		all = append(all, x)
	}
	return all, rows.Err()
}

func pointers(texts []string) []any {
	into := make([]any, len(texts))
	for i := range texts {
		into[i] = &texts[i]
	}
	return into
}

func (x *sheet) column(name string) string {
	for i, column := range casesTable.columnsBut("state") {
		if column == name {
			return x.row[i]
		}
	}
	return ""
}

// sheetPage reads the rows of the cases from first to last.
type sheetPage struct {
	db          *gorm.DB
	first, last string
	byID        map[string]*sheet
}

// each reads rows of a table whose first column is the case's id.
func (p *sheetPage) each(query string, scan func(*sql.Rows) error) error {
	rows, err := p.db.Raw(query, p.first, p.last).Rows()
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := scan(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}

func (p *sheetPage) events() error {
	const query = "SELECT case_id, seq, at, kind, name, body, nonce FROM case_events WHERE case_id BETWEEN ? AND ? ORDER BY case_id, seq"
	return p.each(query, func(rows *sql.Rows) error {
		var id string
		var e sheetEvent
		if err := rows.Scan(&id, &e.seq, &e.at, &e.kind, &e.name, &e.body, &e.nonce); err != nil {
			return err
		}
		x := p.byID[id]
		if err := json.Unmarshal(e.body, &e.storedEvent); err != nil && x.fault == "" {
			x.fault = "unreadable"
		}
		e.Texts = e.TextDigests // names of what was typed; the words themselves are nobody's here
		x.events = append(x.events, e)
		return nil
	})
}

func (p *sheetPage) acts() error {
	const query = `SELECT case_id, id, actor, kind, received_at, status, missing, seq FROM acts WHERE case_id BETWEEN ? AND ? ORDER BY case_id, received_at, id`
	return p.each(query, func(rows *sql.Rows) error {
		var a actRow
		if err := rows.Scan(&a.CaseID, &a.ID, &a.Actor, &a.Kind, &a.ReceivedAt, &a.Status, &a.Missing, &a.Seq); err != nil {
			return err
		}
		x := p.byID[a.CaseID]
		x.acts = append(x.acts, a)
		return nil
	})
}

// tables reads the tables whose rows are compared column by column.
func (p *sheetPage) tables() error {
	for _, t := range []struct {
		table table
		where string
		into  func(*sheet) *[][]string
	}{
		{tasksTable, "case_id BETWEEN ? AND ? ORDER BY id", func(x *sheet) *[][]string { return &x.tasks }},
		// A task's id is its case's with a dot and the act behind.
		{taskSeatsTable, "task_id BETWEEN CONCAT(?, '.') AND CONCAT(?, '/') ORDER BY task_id, seat_role, org_id", func(x *sheet) *[][]string { return &x.seats }},
		{escalationsTable, "case_id BETWEEN ? AND ? ORDER BY case_id, seq", func(x *sheet) *[][]string { return &x.raised }},
		{noticesTable, "case_id BETWEEN ? AND ? ORDER BY case_id, seq, seat_role, org_id", func(x *sheet) *[][]string { return &x.notices }},
		{entriesTable, "case_id BETWEEN ? AND ? ORDER BY case_id, seq, place", func(x *sheet) *[][]string { return &x.entries }},
		{writeOffStepsTable, "case_id BETWEEN ? AND ? ORDER BY case_id, seq", func(x *sheet) *[][]string { return &x.steps }},
		{caseFilesTable, "case_id BETWEEN ? AND ? ORDER BY case_id, seq, digest", func(x *sheet) *[][]string { return &x.files }},
	} {
		err := p.each("SELECT "+strings.Join(t.table.columns, ", ")+" FROM "+t.table.name+" WHERE "+t.where, func(rows *sql.Rows) error {
			row := make([]string, len(t.table.columns))
			if err := rows.Scan(pointers(row)...); err != nil {
				return err
			}
			// A notice may name a case that is not there: the page of the next or no case has it.
			if x := p.byID[caseIn(t.table, row)]; x != nil {
				*t.into(x) = append(*t.into(x), row)
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// caseIn is the case to which a row belongs.
func caseIn(t table, row []string) string {
	for i, column := range t.columns {
		switch column {
		case "case_id":
			return row[i]
		case "task_id":
			id, _, _ := strings.Cut(row[i], ".")
			return id
		}
	}
	return ""
}

func (p *sheetPage) leaves() error {
	for name, into := range map[string]func(*sheet) map[int64]string{
		"pending_leaves": func(x *sheet) map[int64]string { return x.pending },
		"leaves":         func(x *sheet) map[int64]string { return x.taken },
	} {
		// A reference is the case's id, a slash and the sequence; '0' is the next sign after the slash.
		query := "SELECT ref, digest FROM " + name + " WHERE kind = 'event' AND ref > CONCAT(?, '/') AND ref < CONCAT(?, '0')"
		err := p.each(query, func(rows *sql.Rows) error {
			var ref, digest string
			if err := rows.Scan(&ref, &digest); err != nil {
				return err
			}
			id, number, _ := strings.Cut(ref, "/")
			seq, err := strconv.ParseInt(number, 10, 64)
			if x := p.byID[id]; x != nil && err == nil {
				into(x)[seq] = digest
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// textOf is a value as the database gives it back as text.
func textOf(value any) string {
	switch v := value.(type) {
	case bool:
		if v {
			return "1"
		}
		return "0"
	case []byte:
		return string(v)
	case time.Time:
		return strconv.FormatInt(micros(v), 10)
	}
	return fmt.Sprint(value)
}

func textsOf(values []any) []string {
	texts := make([]string, len(values))
	for i, value := range values {
		texts[i] = textOf(value)
	}
	return texts
}
