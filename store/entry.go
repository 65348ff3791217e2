package store

import (
	"context"
	"time"

	"haochaping/regulation"
)

var entriesTable = table{name: "entries", columns: []string{"case_id", "seq", "place", "rating_id", "kind", "sign", "from_unit", "from_window",
	"from_staff", "to_unit", "to_window", "to_staff", "at"}}

// addEntries adds an event's compensating entries.
func addEntries(rows pile, c regulation.Case, e regulation.Event) {
	for place, n := range e.Entries {
		rows.add(entriesTable, []any{c.ID, e.Seq, place, c.RatingID, string(n.Kind), n.Sign, n.From.Unit, n.From.Window,
			n.From.Staff, n.To.Unit, n.To.Window, n.To.Staff, micros(n.At)})
	}
}

// BookedEntry is a compensating entry with the case and the rating that it is about.
type BookedEntry struct {
	CaseID   string
	RatingID string
	regulation.Entry
}

type entryRow struct {
	CaseID     string
	Seq        int64
	RatingID   string
	Kind       string
	Sign       int
	FromUnit   string
	FromWindow string
	FromStaff  string
	ToUnit     string
	ToWindow   string
	ToStaff    string
	At         int64
}

func (r entryRow) entry() BookedEntry {
	return BookedEntry{r.CaseID, r.RatingID, regulation.Entry{Seq: r.Seq, At: instant(r.At), Kind: regulation.EntryKind(r.Kind), Sign: r.Sign,
		From: regulation.Rated{Unit: r.FromUnit, Window: r.FromWindow, Staff: r.FromStaff},
		To:   regulation.Rated{Unit: r.ToUnit, Window: r.ToWindow, Staff: r.ToStaff}}}
}

// Entries lists the compensating entries booked from an instant on and before another, within an
// area, "" for all, in the order of time: what figures count besides the ratings (R51).
func (s *Store) Entries(ctx context.Context, area string, from, until time.Time) ([]BookedEntry, error) {
	query := s.rows(ctx).Table("entries n").Select("n.*").Where("n.at >= ? AND n.at < ?", micros(from), micros(until))
	if area != "" {
		query = query.Joins("JOIN cases c ON c.id = n.case_id").Where("c.area = ?", area)
	}
	var rows []entryRow
	err := query.Order("n.at, n.case_id, n.seq, n.place").Find(&rows).Error
	return converted(rows, entryRow.entry), err
}
