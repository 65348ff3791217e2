package store

import (
	"context"
	"errors"
	"fmt"
	"iter"

	"gorm.io/gorm"

	"haochaping/regulation"
)

// recountedRow is what of a rating counts. The id is read where some ratings do not count yet.
type recountedRow struct {
	id, place, marks string
	began            int64
	grade            regulation.Grade
}

// readAhead is how many pieces of so many rows are read while those before are counted.
const (
	readAhead = 16
	pieceOf   = 1000
)

// ratingsUpTo reads the ratings that the ledger holds before a position, in no order, from an index that has all of it: of ten million rows
// that is a fifth of what a disk would have to give.
func ratingsUpTo(ctx context.Context, db *gorm.DB, position int64) iter.Seq2[[]recountedRow, error] {
	return func(yield func([]recountedRow, error) bool) {
		later, err := leavesFrom(db, leafRating, position)
		if err != nil {
			yield(nil, err)
			return
		}
		ctx, stop := context.WithCancel(ctx)
		read, failed := make(chan []recountedRow, readAhead), make(chan error, 1)
		go func() {
			failed <- readRecounted(ctx, db, later, read)
			close(read)
		}()
		defer func() {
			stop()
			for range read { // until nobody reads the rows any more
			}
		}()
		for some := range read {
			if !yield(some, nil) {
				return
			}
		}
		if err := <-failed; err != nil {
			yield(nil, err)
		}
	}
}

// readRecounted hands over the rows that do not come later, with their ids where some do.
func readRecounted(ctx context.Context, db *gorm.DB, later map[string]bool, read chan<- []recountedRow) error {
	what := cameOn + ", CONCAT_WS(?, given_month, channel, area, unit_id, hall_id, window_id, staff_id, matter_id), dimensions, grade"
	if len(later) > 0 {
		what += ", r.id" // of ten million rows a column less is worth a second or two
	}
	rows, err := db.Table("ratings r").Select(what, between).Rows()
	if err != nil {
		return err
	}
	defer rows.Close()
	some := make([]recountedRow, 0, pieceOf)
	hand := func() error {
		select {
		case read <- some:
			some = make([]recountedRow, 0, pieceOf)
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	var row recountedRow
	into := []any{wholeNumber[int64]{&row.began}, &row.place, &row.marks, wholeNumber[regulation.Grade]{&row.grade}}
	if len(later) > 0 {
		into = append(into, &row.id)
	}
	for rows.Next() {
		if err := rows.Scan(into...); err != nil {
			return err
		}
		if later[row.id] {
			continue
		}
		if some = append(some, row); len(some) < pieceOf {
			continue
		}
		if err := hand(); err != nil {
			return err
		}
	}
	return errors.Join(rows.Err(), hand())
}

// wholeNumber reads a number as the driver has it. Without it database/sql would write each as text and read that, which of millions of rows
// takes seconds.
type wholeNumber[N ~int | ~int64] struct{ to *N }

// Scan implements sql.Scanner.
func (w wholeNumber[N]) Scan(from any) error {
	n, whole := from.(int64)
	if !whole {
		return fmt.Errorf("a %T where a whole number belongs", from)
	}
	*w.to = N(n)
	return nil
}
