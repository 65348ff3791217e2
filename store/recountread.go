package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"iter"
	"slices"

	"golang.org/x/sync/errgroup"
	"gorm.io/gorm"

	"haochaping/regulation"
)

// recountedRow is what of a rating counts. The id is read where some ratings do not count yet.
type recountedRow struct {
	id, place, marks string
	began            int64
	grade            regulation.Grade
}

// ratingsReader reads the ratings that the ledger holds before a position, some at a time, while its caller counts those before.
//
// On MySQL two connections share the work: a server reads and packs rows of one connection with one processor, and waits for the disk
// meanwhile. Each sees the record as it stands when it begins, the second later than the first, and yet both see the same ratings: a rating
// is never altered or deleted, and those that came in between wait for the ledger or stand in it at the position or after it, which each
// connection looks up for itself.
type ratingsReader struct {
	s        *Store
	position int64
	todo     chan piece
	read     chan []recountedRow
}

// piece is a stretch of ratings by their ids: from one, "" for the first, to before another, "" for all that follow.
type piece struct{ from, before string }

// readTogether is how many connections read ratings at once. On SQLite it is one: rows are read in the order of a number that is no part of
// the schema, by ids each would be looked up.
var readTogether = map[engine]int{onSQLite: 1, onMySQL: 2}

// Ratings are shared out in pieces at ids that are drawn from the ledger at even distances: who is through with one takes the next.
const (
	piecesOfRatings = 32
	drawnForAPiece  = 16
)

// ratingsUpTo reads ratings with a transaction's connection, and with what others are free beside it, in no order.
func (s *Store) ratingsUpTo(ctx context.Context, db *gorm.DB, position int64) iter.Seq2[[]recountedRow, error] {
	return func(yield func([]recountedRow, error) bool) {
		pieces, err := s.piecesOfRatings(db, position)
		if err != nil {
			yield(nil, err)
			return
		}
		r := ratingsReader{s: s, position: position, todo: make(chan piece, len(pieces)), read: make(chan []recountedRow, 16)}
		for _, p := range pieces {
			r.todo <- p
		}
		close(r.todo)
		ctx, stop := context.WithCancel(ctx)
		failed := make(chan error, 1)
		go func() {
			failed <- r.readAll(ctx, db, min(readTogether[s.engine], len(pieces)))
			close(r.read)
		}()
		defer func() {
			stop()
			for range r.read { // until nobody reads the rows any more
			}
		}()
		for some := range r.read {
			if !yield(some, nil) {
				return
			}
		}
		if err := <-failed; err != nil {
			yield(nil, err)
		}
	}
}

// piecesOfRatings shares out what there is.
func (s *Store) piecesOfRatings(db *gorm.DB, position int64) ([]piece, error) {
	if readTogether[s.engine] == 1 {
		return []piece{{}}, nil
	}
	drawn := make([]int64, min(position, piecesOfRatings*drawnForAPiece))
	for i := range drawn {
		drawn[i] = position * int64(i) / int64(len(drawn))
	}
	var ids []string
	err := db.Raw("SELECT ref FROM leaves WHERE position IN ? AND "+kindOf+" = ? ORDER BY ref", drawn, leafRating).Scan(&ids).Error
	return piecesAt(slices.Compact(ids)), err
}

// piecesAt has as many of some ids, which are in the database's order, in each piece.
func piecesAt(ids []string) []piece {
	pieces, last := []piece{}, ""
	for i := drawnForAPiece; i < len(ids); i += drawnForAPiece {
		pieces, last = append(pieces, piece{last, ids[i]}), ids[i]
	}
	return append(pieces, piece{last, ""})
}

// readAll reads with the connection that there is and so many in all. Nobody waits for another connection longer than there is something
// left to read: those who recount at the same time would wait for each other.
func (r *ratingsReader) readAll(ctx context.Context, db *gorm.DB, together int) error {
	group, ctx := errgroup.WithContext(ctx)
	waiting, enough := context.WithCancel(ctx)
	defer enough()
	group.Go(func() error {
		defer enough()
		return r.readPieces(ctx, db)
	})
	for range together - 1 {
		group.Go(func() error { return r.readBeside(ctx, waiting) })
	}
	return group.Wait()
}

// readBeside reads with another connection, if one is free in time. Nothing is done again where it fails, since others have counted what it read.
func (r *ratingsReader) readBeside(ctx, waiting context.Context) error {
	began := false
	err := r.s.rows(waiting).Connection(func(conn *gorm.DB) error {
		began = true
		return conn.WithContext(ctx).Transaction(func(db *gorm.DB) error { return r.readPieces(ctx, db) },
			&sql.TxOptions{ReadOnly: true, Isolation: r.s.snapshot()})
	})
	if !began && ctx.Err() == nil { // none was free in time, or the server gives no more
		return nil
	}
	return err
}

// readPieces reads one piece after another until none is left.
func (r *ratingsReader) readPieces(ctx context.Context, db *gorm.DB) error {
	later, err := leavesFrom(db, leafRating, r.position)
	if err != nil {
		return err
	}
	for p := range r.todo {
		if err := r.readPiece(ctx, db, p, later); err != nil {
			return err
		}
	}
	return nil
}

func (r *ratingsReader) readPiece(ctx context.Context, db *gorm.DB, p piece, later map[string]bool) error {
	rows, err := p.rows(db, len(later) > 0)
	if err != nil {
		return err
	}
	defer rows.Close()
	return r.send(ctx, rows, later)
}

// rows reads the rows of a piece, with their ids where they are wanted.
func (p piece) rows(db *gorm.DB, ids bool) (*sql.Rows, error) {
	what := cameOn + ", CONCAT_WS(?, given_month, channel, area, unit_id, hall_id, window_id, staff_id, matter_id), dimensions, grade"
	if ids {
		what += ", r.id" // of ten million rows a column less is worth a second or two
	}
	query := db.Table("ratings r").Select(what, between)
	if p.from != "" {
		query = query.Where("r.id >= ?", p.from)
	}
	if p.before != "" {
		query = query.Where("r.id < ?", p.before)
	}
	return query.Rows()
}

// send hands over those rows that do not come later.
func (r *ratingsReader) send(ctx context.Context, rows *sql.Rows, later map[string]bool) error {
	const chunk = 1000
	some := make([]recountedRow, 0, chunk)
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
		if some = append(some, row); len(some) < chunk {
			continue
		}
		if err := r.hand(ctx, some); err != nil {
			return err
		}
		some = make([]recountedRow, 0, chunk)
	}
	return errors.Join(rows.Err(), r.hand(ctx, some))
}

func (r *ratingsReader) hand(ctx context.Context, some []recountedRow) error {
	select {
	case r.read <- some:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
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
