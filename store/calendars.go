package store

import (
	"context"
	"fmt"
	"strings"

	"gorm.io/gorm"

	"haochaping/regulation"
	"haochaping/workday"
)

// CalendarLayer adds days to the working calendar: a State Council notice (Area "") or the days
// of the prefecture or a county (its 6-digit division).
type CalendarLayer struct {
	Area    string
	Name    string
	Version string // the notice or order it comes from
	Days    string // CSV with the header date,kind,holiday: see workday.ReadLayer
	Basis   string
}

type layerRow struct {
	ID       string `gorm:"primaryKey"`
	Position int64
	Kind     string
	Area     string
	Name     string
	Version  string
	Days     string
	Author   string
	AddedAt  int64
	Basis    string
}

func (layerRow) TableName() string { return "calendar_layers" }

const (
	layerNotice = "notice"
	layerLocal  = "local"
)

// calendars holds the layers in their order.
type calendars struct {
	notices []workday.Layer
	local   map[string][]workday.Layer // by area
}

// Calendar returns the working calendar of an area: the national table, later notices, the
// prefecture's layer, the county's layer; the last that names a day wins.
func (s *Store) Calendar(ctx context.Context, area string) (workday.Calendar, error) {
	layers, err := s.calendars.look(ctx, s, keptCalendar, loadCalendars)
	if err != nil {
		return workday.Calendar{}, err
	}
	c := workday.National()
	for _, notice := range layers.notices {
		c = c.WithNotice(notice)
	}
	c = c.With(layers.local[regulation.PrefectureArea]...)
	if area != regulation.PrefectureArea {
		c = c.With(layers.local[area]...)
	}
	return c, nil
}

func loadCalendars(db *gorm.DB) (calendars, error) {
	all := calendars{local: map[string][]workday.Layer{}}
	var rows []layerRow
	if err := db.Order("position").Find(&rows).Error; err != nil {
		return all, err
	}
	for _, row := range rows {
		layer, err := workday.ReadLayer(row.Name, row.Version, strings.NewReader(row.Days))
		switch {
		case err != nil:
			return all, fmt.Errorf("calendar layer %s: %w", row.ID, err)
		case row.Kind == layerNotice:
			all.notices = append(all.notices, layer)
		default:
			all.local[row.Area] = append(all.local[row.Area], layer)
		}
	}
	return all, nil
}

// AddCalendarLayer appends a layer. Deadlines that are already recorded keep their instants
// until an act re-arms them.
func (s *Store) AddCalendarLayer(ctx context.Context, l CalendarLayer, author string) error {
	if _, err := workday.ReadLayer(l.Name, l.Version, strings.NewReader(l.Days)); err != nil || l.Basis == "" {
		return (&regulation.Error{Code: regulation.Invalid}).Field("days", "not_a_calendar_layer")
	}
	row := layerRow{ID: newID(), Kind: layerNotice, Area: l.Area, Name: l.Name, Version: l.Version,
		Days: l.Days, Author: author, Basis: l.Basis}
	if l.Area != "" {
		row.Kind = layerLocal
	}
	return s.tx(ctx, func(tx *gorm.DB) error {
		row.AddedAt = micros(s.now())
		position, err := nextNumber(tx, "", 0, "calendar_layer")
		if err != nil {
			return err
		}
		row.Position = position
		isNew, err := insertNew(tx, &row)
		if err == nil && !isNew {
			err = &regulation.Error{Code: regulation.Conflict, Missing: "layer_exists"}
		}
		if err != nil {
			return err
		}
		if err := touch(tx, keptCalendar); err != nil {
			return err
		}
		return s.audit(tx, AuditEntry{Person: author, Action: "add_calendar_layer", ObjectKind: "calendar_layer",
			ObjectID: row.ID, Area: l.Area, Outcome: OutcomeDone})
	})
}
