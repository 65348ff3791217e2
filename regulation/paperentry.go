package regulation

import (
	"maps"
	"slices"
	"time"

	"haochaping/workday"
)

// Forms from suggestion boxes (6(2)) are written down by one person and read again by another, who does not see
// what the first read. What both read alike counts; else a third decides (R10, R14).

// PaperState is how far the entry of a form is.
type PaperState string

const (
	PaperToCheck PaperState = "to_check" // read once
	PaperDiffers PaperState = "differs"  // two read it differently: a third decides
	PaperCounted PaperState = "counted"  // a rating
	PaperVoid    PaperState = "void"     // a sheet on which nothing can be counted
)

// PaperStates lists them in the order in which pages show them.
var PaperStates = []PaperState{PaperToCheck, PaperDiffers, PaperCounted, PaperVoid}

// VoidRatedBefore is why a sheet is void whose matter was rated by another way before.
const VoidRatedBefore = "rated_before"

// PaperVoids are the reasons for which a sheet does not count.
var PaperVoids = append([]string{VoidRatedBefore}, VoidReasons...)

// PaperReading is what one person read off a form. Void is "" where the form counts, else all others are zero.
type PaperReading struct {
	Void    string
	Grade   Grade
	Options []string // in their order
	Marks   map[string]Grade
	Target  TargetKind
	Window  string // id; "" where the form names a matter
	Matter  string // number of the handled matter
	Date    workday.Date
}

// Differs names the fields in which two people read a form differently, in the order of the form.
func (r PaperReading) Differs(other PaperReading) []string {
	if r.Void != "" || other.Void != "" {
		if r.Void == other.Void {
			return nil
		}
		return []string{"void"}
	}
	var fields []string
	for _, f := range []struct {
		name string
		same bool
	}{
		{"target_kind", r.Target == other.Target},
		{"target", r.Window == other.Window},
		{"matter_number", r.Matter == other.Matter},
		{"form_date", r.Date == other.Date},
		{"grade", r.Grade == other.Grade},
		{"option", slices.Equal(r.Options, other.Options)},
		{"marks", maps.Equal(r.Marks, other.Marks)},
	} {
		if !f.same {
			fields = append(fields, f.name)
		}
	}
	return fields
}

// CheckPaperReader holds R10 against whoever reads a form: they are not the rated person and serve nowhere that it
// rates. serving are the staff ids of those who do.
func CheckPaperReader(reader Actor, serving []string) error {
	if reader.Staff != "" && slices.Contains(serving, reader.Staff) {
		return (&Error{Code: Invalid, Clause: ClauseBox, Missing: "fields"}).Field("target", "transcriber_is_rated")
	}
	return nil
}

// CheckPaperStep tells whether a person may take the next step of an entry: nobody reads a form twice. readers are
// those who read it before.
func CheckPaperStep(state, want PaperState, readers []string, person string) error {
	switch {
	case state != want:
		return refuse(Conflict, ClauseBox, "paper_moved_on")
	case slices.Contains(readers, person):
		return refuse(FourEyes, ClauseBox, "paper_read_before", EntryClerk, Supervisor)
	}
	return nil
}

// PaperGivenAt is when a form was filled in: at noon of the day that it names, if the box was closed on that day,
// else when the box was opened. previous is the opening before, zero for the first.
func PaperGivenAt(day workday.Date, previous, opened time.Time) time.Time {
	if day.IsZero() || day.After(workday.DateOf(opened)) || !previous.IsZero() && day.Before(workday.DateOf(previous)) {
		return opened
	}
	noon := day.Start().Add(12 * time.Hour)
	if noon.After(opened) {
		return opened
	}
	if noon.Before(previous) {
		return previous
	}
	return noon
}

// PaperDue is until when the forms of an opening are counted.
func (p Params) PaperDue(opened time.Time, c workday.Calendar) workday.Due {
	return c.Add(workday.DateOf(opened), p.Days(BoxEntryDays))
}

// PaperLate tells whether that day has passed.
func PaperLate(due workday.Due, at time.Time) bool { return workday.DateOf(at).After(due.Date) }
