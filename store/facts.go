package store

import (
	"context"
	"errors"

	"gorm.io/gorm"
)

// Facts that the store itself keeps.
const (
	factDemo   = "demo"
	factLoaded = "loaded"
)

type factRow struct {
	Name    string `gorm:"primaryKey"`
	Content string
}

func (factRow) TableName() string { return "facts" }

// Fact returns a fact about this database, "" where it is not known.
func (s *Store) Fact(ctx context.Context, name string) (string, error) {
	var row factRow
	err := s.rows(ctx).Take(&row, "name = ?", name).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return "", nil
	}
	return row.Content, err
}

// SetFact keeps a fact about this database.
func (s *Store) SetFact(ctx context.Context, name, content string) error {
	return s.tx(ctx, func(tx *gorm.DB) error { return tx.Save(&factRow{name, content}).Error })
}

// Demo tells whether the database was created as a demo: only then there are one-click
// sign-ins. It can never become one later.
func (s *Store) Demo(ctx context.Context) (bool, error) {
	content, err := s.Fact(ctx, factDemo)
	return content == "yes", err
}
