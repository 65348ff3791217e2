package store

import (
	"database/sql"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"
	"sync"

	"gorm.io/gorm"
)

// table names where rows are inserted and in which order their values come. Intake and
// recording write with it and with exec, past GORM's reflection.
type table struct {
	name    string
	columns []string
	// otherwise ends the statement: what to do with a row that is there already.
	otherwise string
}

// maxInserted rows go into one statement on MySQL, where a statement is a round trip. On SQLite
// one row a statement is as good, and its text always the same: it stays prepared.
const maxInserted = 64

// together is how many rows one statement takes.
func (s *Store) together() int {
	if s.engine == onSQLite {
		return 1
	}
	return maxInserted
}

// insert adds rows, each with its values in the order of the table's columns. In a packed
// transaction they are sent with the next read or the commit.
func (s *Store) insert(tx *gorm.DB, into table, rows ...[]any) error {
	if p, waits := tx.Statement.ConnPool.(*packed); waits {
		p.add(into, rows)
		return nil
	}
	for query, args := range insertions(into, rows, s.together()) {
		if _, err := s.exec(tx, query, args...); err != nil {
			return err
		}
	}
	return nil
}

// insertions are the statements that insert rows, so many rows each at most, with their arguments.
func insertions(into table, rows [][]any, most int) iter.Seq2[string, []any] {
	return func(yield func(string, []any) bool) {
		for some := range slices.Chunk(rows, most) {
			if !yield(into.statement(len(some)), slices.Concat(some...)) {
				return
			}
		}
	}
}

// delete runs a statement that ends with the column whose values are given, after the arguments that
// stand before it.
func (s *Store) delete(tx *gorm.DB, query string, values []any, before ...any) error {
	if p, waits := tx.Statement.ConnPool.(*packed); waits && len(before) == 0 {
		if len(values) > 0 {
			p.remove(query, values)
		}
		return nil
	}
	for query, args := range deletions(query, values, before, s.together()) {
		if err := s.write(tx, query, args...); err != nil {
			return err
		}
	}
	return nil
}

// deletions are the statements that delete rows, so many values each at most, with their arguments.
func deletions(query string, values, before []any, most int) iter.Seq2[string, []any] {
	return func(yield func(string, []any) bool) {
		for some := range slices.Chunk(values, most) {
			if !yield(query+" IN ("+marks(len(some))+")", slices.Concat(before, some)) {
				return
			}
		}
	}
}

// marks stand for so many values, at least one.
func marks(n int) string { return "?" + strings.Repeat(", ?", n-1) }

// inserting are the texts of statements that were made before, by table and number of rows.
var inserting sync.Map

type insertion struct {
	table, otherwise string
	rows             int
}

func (t table) statement(rows int) string {
	key := insertion{t.name, t.otherwise, rows}
	if made, known := inserting.Load(key); known {
		return made.(string)
	}
	values := "(" + marks(len(t.columns)) + ")"
	made := fmt.Sprintf("INSERT INTO %s (%s) VALUES %s%s%s", t.name, strings.Join(t.columns, ", "), values,
		strings.Repeat(", "+values, rows-1), t.otherwise)
	inserting.Store(key, made)
	return made
}

// write runs a statement within the transaction; in a packed one it is sent with the next read or
// the commit, which then fails in its stead.
func (s *Store) write(tx *gorm.DB, query string, args ...any) error {
	if p, waits := tx.Statement.ConnPool.(*packed); waits {
		p.later(query, args...)
		return nil
	}
	_, err := s.exec(tx, query, args...)
	return err
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
