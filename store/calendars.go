package store

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

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
	return all, all.add(rows)
}

// add puts layers above those already there.
func (l *calendars) add(rows []layerRow) error {
	for _, row := range rows {
		layer, err := workday.ReadLayer(row.Name, row.Version, strings.NewReader(row.Days))
		switch {
		case err != nil:
			return fmt.Errorf("calendar layer %s: %w", row.ID, err)
		case row.Kind == layerNotice:
			l.notices = append(l.notices, layer)
		default:
			l.local[row.Area] = append(l.local[row.Area], layer)
		}
	}
	return nil
}

// NoticeInForce is a notice that counts, besides those that the product brings, from an instant on.
type NoticeInForce struct {
	ID           string // of the change that brought it
	Area         string // "" for the whole country
	Name, Number string
	Since        time.Time
}

// CalendarAt returns the working calendar of an area as it was at an instant, and the notices that
// were in force there by then, in the order in which they came.
func (s *Store) CalendarAt(ctx context.Context, area string, at time.Time) (workday.Calendar, []NoticeInForce, error) {
	var rows []layerRow
	err := s.rows(ctx).Where("added_at <= ? AND area IN ?", micros(at), []string{"", regulation.PrefectureArea, area}).Order("position").Find(&rows).Error
	if err != nil {
		return workday.Calendar{}, nil, err
	}
	then := calendars{local: map[string][]workday.Layer{}}
	if err := then.add(rows); err != nil {
		return workday.Calendar{}, nil, err
	}
	return then.of(area), converted(rows, func(r layerRow) NoticeInForce {
		return NoticeInForce{ID: r.ID, Area: r.Area, Name: r.Name, Number: r.Version, Since: instant(r.AddedAt)}
	}), nil
}

// RulesAt returns what a case was judged by at an instant: its edition, the people and the calendar of
// then, with the notices of that.
func (s *Store) RulesAt(ctx context.Context, c regulation.Case, at time.Time) (regulation.Rules, []NoticeInForce, error) {
	l, err := s.lore(ctx)
	if err != nil {
		return regulation.Rules{}, nil, err
	}
	rules, err := s.rules(ctx, l, c.Edition, c.Area, at, c.Concerned()...)
	if err != nil {
		return regulation.Rules{}, nil, err
	}
	calendar, notices, err := s.CalendarAt(ctx, c.Area, at)
	rules.Calendar = calendar
	return rules, notices, err
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
