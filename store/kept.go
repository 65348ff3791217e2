package store

import (
	"context"
	"sync"

	"gorm.io/gorm"
)

// Things that processes keep in memory, each with its row in revisions.
const (
	keptTree     = "tree"
	keptPeople   = "people"
	keptCalendar = "calendar"
)

// kept is what a process remembers of slow-changing tables. Every look compares its revision
// with the database's, so a change made by any node counts from the next look on.
type kept[T any] struct {
	mu       sync.Mutex
	loaded   bool
	revision int64
	value    T
}

// look returns the remembered value, loaded anew if its revision grew. The revision is read
// first: what changes while loading is at worst loaded once more. It is read outside the lock,
// so that requests do not queue for it.
func (k *kept[T]) look(ctx context.Context, s *Store, name string, load func(db *gorm.DB) (T, error)) (T, error) {
	now, err := s.revision(ctx, name)
	k.mu.Lock()
	defer k.mu.Unlock()
	if err != nil || k.loaded && k.revision >= now {
		return k.value, err
	}
	value, err := load(s.rows(ctx))
	if err != nil {
		return value, err
	}
	k.loaded, k.revision, k.value = true, now, value
	return value, nil
}

type revisionRow struct {
	Name     string `gorm:"primaryKey"`
	Revision int64
}

func (revisionRow) TableName() string { return "revisions" }

func (s *Store) revision(ctx context.Context, name string) (int64, error) {
	var rows []revisionRow
	err := s.rows(ctx).Where("name = ?", name).Find(&rows).Error
	if err != nil || len(rows) == 0 {
		return 0, err
	}
	return rows[0].Revision, nil
}

// touch makes every process load the thing anew; it belongs into the transaction that changes it.
func touch(tx *gorm.DB, name string) error {
	done := tx.Model(&revisionRow{}).Where("name = ?", name).Update("revision", gorm.Expr("revision + 1"))
	if done.Error != nil || done.RowsAffected > 0 {
		return done.Error
	}
	isNew, err := insertNew(tx, &revisionRow{Name: name, Revision: 1})
	if err == nil && !isNew {
		err = errBusy // somebody inserted it meanwhile: once more
	}
	return err
}
