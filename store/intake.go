package store

import (
	"context"
	"errors"

	"gorm.io/gorm"

	"haochaping/regulation"
)

// writeTogether returns when the item is committed or refused. Those that open a case gather apart: what they
// take besides, a dozen statements and the rules to ask for, all in a batch share.
func (s *Store) writeTogether(ctx context.Context, item *intake) error {
	q := &s.intakes
	if item.in.Rating.Grade.Bad() {
		q = &s.openings
	}
	q.together(item, func(batch []*intake) { s.writeBatch(ctx, batch) })
	return item.err
}

// writeBatch writes all or, where one is refused, each by itself, so that nobody fails for
// another's form.
func (s *Store) writeBatch(ctx context.Context, batch []*intake) {
	err := s.writeIntakes(ctx, batch)
	if err == nil || len(batch) == 1 {
		for _, item := range batch {
			s.settle(ctx, item, err)
		}
		return
	}
	for _, item := range batch {
		s.settle(ctx, item, s.writeIntakes(ctx, []*intake{item}))
	}
}

func (s *Store) settle(ctx context.Context, item *intake, err error) {
	switch {
	case errors.Is(err, gorm.ErrDuplicatedKey):
		item.saved, err = s.repeated(context.WithoutCancel(ctx), item)
	case errors.Is(err, gorm.ErrForeignKeyViolated) && item.in.Rating.ScanDigest != "":
		err = (&regulation.Error{Code: regulation.Invalid, Clause: regulation.ClauseBox, Missing: "fields"}).Field("scan", "unknown_file")
	}
	item.err = err
}
