package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"gorm.io/gorm"
)

// table names where rows are inserted and in which order their values come. Intake and
// recording write with it and with exec, past GORM's reflection.
type table struct {
	name    string
	columns []string
}

// maxInserted rows go into one statement on MySQL, where a statement is a round trip. On SQLite
// one row a statement is as good, and its text always the same: it stays prepared.
const maxInserted = 64

// record is tx for intake and recording: a caller who leaves ends no transaction half-way. On SQLite,
// which has one writer, those that wait for it share the next commit; each succeeds or fails by
// itself.
func (s *Store) record(ctx context.Context, do func(tx *gorm.DB) error) error {
	ctx = context.WithoutCancel(ctx)
	if s.engine != onSQLite {
		return s.tx(ctx, do)
	}
	w := &write{do: do, err: errBusy}
	s.writes.together(w, 1, func(batch []*write) { s.writeAll(ctx, batch) })
	if errors.Is(w.err, errBusy) {
		return s.tx(ctx, do)
	}
	return w.err
}

// write is one caller's part of a shared transaction.
type write struct {
	do  func(tx *gorm.DB) error
	err error // errBusy until the batch is settled
}

// writeAll runs a batch in one transaction. What one of several did before it failed is undone alone.
func (s *Store) writeAll(ctx context.Context, batch []*write) {
	err := s.tx(ctx, func(tx *gorm.DB) error {
		if len(batch) == 1 {
			return batch[0].do(tx)
		}
		for _, w := range batch {
			if err := s.attempt(tx, w); err != nil {
				return err
			}
		}
		return nil
	})
	for _, w := range batch {
		if err != nil || len(batch) == 1 {
			w.err = err
		}
	}
}

// attempt runs one part between two savepoints; its error is the transaction's, not the part's.
func (s *Store) attempt(tx *gorm.DB, w *write) error {
	if _, err := s.exec(tx, "SAVEPOINT part"); err != nil {
		return err
	}
	if w.err = w.do(tx); w.err != nil {
		if _, err := s.exec(tx, "ROLLBACK TO part"); err != nil {
			return err
		}
	}
	_, err := s.exec(tx, "RELEASE part")
	return err
}

// together is how many rows one statement takes.
func (s *Store) together() int {
	if s.engine == onSQLite {
		return 1
	}
	return maxInserted
}

// insert adds rows, each with its values in the order of the table's columns.
func (s *Store) insert(tx *gorm.DB, into table, rows ...[]any) error {
	for len(rows) > 0 {
		n := min(len(rows), s.together())
		args := make([]any, 0, n*len(into.columns))
		for _, row := range rows[:n] {
			args = append(args, row...)
		}
		if _, err := s.exec(tx, into.statement(n), args...); err != nil {
			return err
		}
		rows = rows[n:]
	}
	return nil
}

func (t table) statement(rows int) string {
	values := "(?" + strings.Repeat(", ?", len(t.columns)-1) + ")"
	return fmt.Sprintf("INSERT INTO %s (%s) VALUES %s%s", t.name, strings.Join(t.columns, ", "), values,
		strings.Repeat(", "+values, rows-1))
}

// exec runs a statement within the transaction and tells how many rows it found.
func (s *Store) exec(tx *gorm.DB, query string, args ...any) (int64, error) {
	done, err := tx.Statement.ConnPool.ExecContext(tx.Statement.Context, query, args...)
	if err != nil {
		return 0, s.translate(err)
	}
	return done.RowsAffected()
}

// one reads one row within the transaction into dest; gorm.ErrRecordNotFound without any.
func (s *Store) one(tx *gorm.DB, query string, args []any, dest ...any) error {
	err := tx.Statement.ConnPool.QueryRowContext(tx.Statement.Context, query, args...).Scan(dest...)
	if errors.Is(err, sql.ErrNoRows) {
		return gorm.ErrRecordNotFound
	}
	return s.translate(err)
}

func (s *Store) translate(err error) error {
	if s.engine == onSQLite {
		return translateSQLite(err)
	}
	return translateMySQL(err)
}

// forUpdate is what a locking read ends with: SQLite's writers come one at a time anyway.
func (s *Store) forUpdate() string {
	if s.engine == onSQLite {
		return ""
	}
	return " FOR UPDATE"
}
