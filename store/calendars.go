package store

import (
	"context"
	"fmt"
	"maps"
	"slices"
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
	return layers.of(area), nil
}

func (l calendars) of(area string) workday.Calendar {
	c := workday.National()
	for _, notice := range l.notices {
		c = c.WithNotice(notice)
	}
	c = c.With(l.local[regulation.PrefectureArea]...)
	if area != regulation.PrefectureArea {
		c = c.With(l.local[area]...)
	}
	return c
}

// and is the layers with a further one: a notice where its area is "".
func (l calendars) and(area string, layer workday.Layer) calendars {
	more := calendars{notices: l.notices, local: maps.Clone(l.local)}
	if area == "" {
		more.notices = append(slices.Clip(l.notices), layer)
		return more
	}
	more.local[area] = append(slices.Clip(l.local[area]), layer)
	return more
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

// addLayer appends a layer, which counts from the transaction's commit on.
func (s *Store) addLayer(tx *gorm.DB, row layerRow) error {
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
	return touch(tx, keptCalendar)
}
