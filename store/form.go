package store

import (
	"context"
	"strconv"

	"haochaping/regulation"
)

// Option is one of the national options of a grade.
type Option struct {
	Code       string
	Grade      regulation.Grade
	TextZH     string
	TextEN     string
	ShownFirst bool // at once; the others after "more"
}

type optionRow struct {
	Code       string `gorm:"primaryKey"`
	Grade      int
	TextZH     string
	TextEN     string
	ShownFirst bool
}

func (optionRow) TableName() string { return "rating_options" }

func (r optionRow) option() Option {
	return Option{r.Code, regulation.Grade(r.Grade), r.TextZH, r.TextEN, r.ShownFirst}
}

// Dimension is one of the aspects of clause 4.
type Dimension struct {
	ID            string
	NameZH        string
	NameEN        string
	NeedsDelivery bool // asked only where a courier was used (R08)
}

type dimensionRow struct {
	ID            string `gorm:"primaryKey"`
	Position      int
	NameZH        string
	NameEN        string
	NeedsDelivery bool
}

func (dimensionRow) TableName() string { return "dimensions" }

func (r dimensionRow) dimension() Dimension {
	return Dimension{r.ID, r.NameZH, r.NameEN, r.NeedsDelivery}
}

// Options lists the options of all grades: by grade, those shown at once first, then by code.
func (s *Store) Options(ctx context.Context) ([]Option, error) {
	var rows []optionRow
	err := s.rows(ctx).Order("grade, shown_first DESC, code").Find(&rows).Error
	return converted(rows, optionRow.option), err
}

// Dimensions lists the aspects in the order of clause 4.
func (s *Store) Dimensions(ctx context.Context) ([]Dimension, error) {
	var rows []dimensionRow
	err := s.rows(ctx).Order("position").Find(&rows).Error
	return converted(rows, dimensionRow.dimension), err
}

// Choices are options and dimensions as NewRating takes them.
func (s *Store) Choices(ctx context.Context) (regulation.Choices, error) {
	options, err := s.Options(ctx)
	if err != nil {
		return regulation.Choices{}, err
	}
	dimensions, err := s.Dimensions(ctx)
	c := regulation.Choices{Options: map[string]regulation.Grade{}}
	for _, o := range options {
		c.Options[o.Code] = o.Grade
	}
	for _, d := range dimensions {
		c.Dimensions = append(c.Dimensions, d.ID)
	}
	return c, err
}

// optionCode is the stored form of a national option's number.
func optionCode(n int) string { return strconv.Itoa(n) }
