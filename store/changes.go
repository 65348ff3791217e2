package store

import (
	"context"
	"strings"
	"time"

	"gorm.io/gorm"

	"haochaping/regulation"
	"haochaping/workday"
)

// CalendarChange is a notice for the working calendar: of the State Council (Area ""), of the
// prefecture or of a county (its 6-digit division).
type CalendarChange struct {
	Proposal
	Area     string
	Name     string // who issued it
	Number   string // of the document
	IssuedOn workday.Date
	Days     string // CSV with the header date,kind,holiday
	Basis    string
	Rearming Rearming
}

// Layer is the change as the calendar takes it.
func (c CalendarChange) Layer() (workday.Layer, error) {
	return workday.ReadLayer(c.Name, c.Number, strings.NewReader(c.Days))
}

// Rearming is how far the open cases have been counted again; zero before a notice is in force.
type Rearming struct {
	Moved    int64 // cases that got an event
	Finished bool
}

type changeRow struct {
	ID         string `gorm:"primaryKey"`
	Area       string
	Name       string
	Number     string
	IssuedOn   string
	Days       string
	Basis      string
	Author     string
	ProposedAt int64
	State      string
	DecidedBy  string
	DecidedAt  int64
	Remark     string
	AuthorFor  string
}

func (changeRow) TableName() string { return "calendar_changes" }

func (r changeRow) proposal() Proposal {
	return Proposal{ID: r.ID, Author: r.Author, AuthorFor: r.AuthorFor, ProposedAt: instant(r.ProposedAt), State: ProposalState(r.State),
		DecidedBy: r.DecidedBy, DecidedAt: instant(r.DecidedAt), Remark: r.Remark}
}

func (r changeRow) change(jobs map[string]rearmingRow) CalendarChange {
	day, _ := workday.ParseDate(r.IssuedOn) // written by us
	job := jobs[r.ID]
	return CalendarChange{Proposal: r.proposal(), Area: r.Area, Name: r.Name, Number: r.Number, IssuedOn: day, Days: r.Days,
		Basis: r.Basis, Rearming: Rearming{Moved: job.Moved, Finished: job.FinishedAt > 0}}
}

// Bounds of a notice, in characters and days.
const (
	longestName   = 100
	longestBasis  = 500
	longestNotice = 60000 // bytes; a year's notice has some 1,500
	farthest      = 800   // days ahead: next year's notice comes in November
)

// check tells every field in which the change cannot stand. Days before issue are taken: a notice
// may confirm what was decided by telephone.
func (c CalendarChange) check(now time.Time) error {
	err := &regulation.Error{Code: regulation.Invalid, Clause: regulation.ClauseInterpretive, Missing: "fields"}
	for field, text := range map[string]struct {
		value string
		most  int
	}{"name": {c.Name, longestName}, "number": {c.Number, longestName}, "basis": {c.Basis, longestBasis}} {
		switch n := len([]rune(text.value)); {
		case n == 0:
			err.Field(field, "required")
		case n > text.most:
			err.Field(field, "too_long")
		}
	}
	if c.IssuedOn.IsZero() || c.IssuedOn.After(workday.DateOf(now)) {
		err.Field("issued_on", "date_to_come")
	}
	if code := checkDays(c.Days, workday.DateOf(now)); code != "" {
		err.Field("days", code)
	}
	if err.Fields == nil {
		return nil
	}
	return err
}

func checkDays(days string, today workday.Date) string {
	rows, good := workday.ReadRows(days)
	switch {
	case len(days) > longestNotice:
		return "too_long"
	case !good:
		return "not_a_calendar_layer"
	}
	for _, row := range rows {
		if row.Date.Year() < 2020 || row.Date.After(today.AddDays(farthest)) {
			return "days_out_of_range"
		}
	}
	return ""
}

// ProposeCalendar stores a notice to be reviewed by a second person, whole or not at all. Who may
// propose for its area is the caller's to check.
func (s *Store) ProposeCalendar(ctx context.Context, c CalendarChange) (id string, err error) {
	if err := c.check(s.now()); err != nil {
		return "", err
	}
	row := changeRow{ID: newID(), Area: c.Area, Name: c.Name, Number: c.Number, IssuedOn: c.IssuedOn.String(), Days: c.Days,
		Basis: c.Basis, Author: c.Author, AuthorFor: c.AuthorFor, State: string(Proposed)}
	return row.ID, s.tx(ctx, func(tx *gorm.DB) error {
		row.ProposedAt = micros(s.now())
		if err := refuseTaken(tx, row); err != nil {
			return err
		}
		if err := tx.Create(&row).Error; err != nil {
			return err
		}
		return s.audit(tx, AuditEntry{Person: c.Author, Action: "propose_calendar", ObjectKind: "calendar_change",
			ObjectID: row.ID, Area: areaOrPrefecture(c.Area), Outcome: OutcomeDone})
	})
}

// refuseTaken refuses a document that waits for its review or is in force already.
func refuseTaken(tx *gorm.DB, row changeRow) error {
	var waiting, layers int64
	err := tx.Model(&changeRow{}).Where("area = ? AND name = ? AND number = ? AND state = ?", row.Area, row.Name, row.Number, string(Proposed)).Count(&waiting).Error
	if err == nil {
		err = tx.Model(&layerRow{}).Where("area = ? AND name = ? AND version = ?", row.Area, row.Name, row.Number).Count(&layers).Error
	}
	if err == nil && waiting+layers > 0 {
		err = &regulation.Error{Code: regulation.Conflict, Clause: regulation.ClauseInterpretive, Missing: "layer_exists"}
	}
	return err
}

// areaOrPrefecture is where a national notice is decided on.
func areaOrPrefecture(area string) string {
	if area == "" {
		return regulation.PrefectureArea
	}
	return area
}

// CalendarChanges lists all notices, the newest first. They are documents for everybody.
func (s *Store) CalendarChanges(ctx context.Context) ([]CalendarChange, error) {
	var rows []changeRow
	if err := s.rows(ctx).Order("proposed_at DESC, id").Find(&rows).Error; err != nil {
		return nil, err
	}
	jobs, err := s.rearmings(ctx)
	return converted(rows, func(r changeRow) CalendarChange { return r.change(jobs) }), err
}

func (s *Store) rearmings(ctx context.Context) (map[string]rearmingRow, error) {
	var rows []rearmingRow
	err := s.rows(ctx).Find(&rows).Error
	jobs := make(map[string]rearmingRow, len(rows))
	for _, row := range rows {
		jobs[row.ID] = row
	}
	return jobs, err
}

// CalendarChange returns one notice.
func (s *Store) CalendarChange(ctx context.Context, id string) (CalendarChange, error) {
	var row changeRow
	if err := s.rows(ctx).Take(&row, "id = ?", id).Error; err != nil {
		return CalendarChange{}, found(err, "calendar_change")
	}
	jobs, err := s.rearmings(ctx)
	return row.change(jobs), err
}

// DecideCalendar puts a notice in force, rejects or withdraws it. In force, its days count for
// every deadline from this instant on, and the open cases are on the list to be re-armed, in the
// same transaction.
func (s *Store) DecideCalendar(ctx context.Context, id string, v Verdict) error {
	return s.tx(ctx, func(tx *gorm.DB) error {
		var row changeRow
		if err := locked(tx).Take(&row, "id = ?", id).Error; err != nil {
			return found(err, "calendar_change")
		}
		if err := v.check(row.proposal()); err != nil {
			return err
		}
		row.State, row.DecidedBy, row.DecidedAt, row.Remark = string(v.State), v.Person, micros(s.now()), v.Remark
		if err := tx.Save(&row).Error; err != nil {
			return err
		}
		if v.State == InForce {
			if err := s.putInForce(tx, row); err != nil {
				return err
			}
		}
		return s.audit(tx, AuditEntry{Person: v.Person, Action: "decide_calendar", ObjectKind: "calendar_change", ObjectID: id,
			Area: areaOrPrefecture(row.Area), Purpose: string(v.State), Outcome: OutcomeDone})
	})
}

func (s *Store) putInForce(tx *gorm.DB, row changeRow) error {
	layer := layerRow{ID: row.ID, Kind: layerNotice, Area: row.Area, Name: row.Name, Version: row.Number, Days: row.Days,
		Author: row.Author, Basis: row.Basis}
	if row.Area != "" {
		layer.Kind = layerLocal
	}
	if err := s.addLayer(tx, layer); err != nil {
		return err
	}
	return tx.Create(&rearmingRow{ID: row.ID, Area: row.Area, Reason: row.Number, AddedAt: micros(s.wall())}).Error
}
