package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"sync"

	"gorm.io/gorm"
)

// table names where rows are inserted and in which order their values come.
type table struct {
	name    string
	columns []string
}

// maxInserted rows go into one statement on MySQL, where a statement is a round trip.
const maxInserted = 64

// frequent are the statements of intake and recording. They go past GORM, and SQLite keeps
// them prepared: to parse one anew costs more than to carry it out.
var frequent = []string{
	ratingsTable.statement(1), textsTable.statement(1), subjectKeysTable.statement(1), vaultTable.statement(1),
	pendingLeavesTable.statement(1), casesTable.statement(1), eventsTable.statement(1), actsTable.statement(1),
	tasksTable.statement(1), taskSeatsTable.statement(1), noticesTable.statement(1), outboxTable.statement(1),
	updateCase, updateAct, updateTask, deleteSeats, deleteTask, takeNumber, raiseNumber,
}

// statements keeps what was prepared on SQLite's one writing connection.
type statements struct {
	mu   sync.Mutex
	kept map[string]*sql.Stmt
}

// record is tx for the frequent statements. They are prepared before the transaction takes the
// only connection. Nobody's leaving undoes what is being recorded: the caller's context ends no
// transaction half-way.
func (s *Store) record(ctx context.Context, do func(tx *gorm.DB) error) error {
	ctx = context.WithoutCancel(ctx)
	if err := s.prepare(ctx); err != nil {
		return err
	}
	return s.tx(ctx, do)
}

func (s *Store) prepare(ctx context.Context) error {
	s.statements.mu.Lock()
	defer s.statements.mu.Unlock()
	if s.engine != onSQLite || s.statements.kept != nil {
		return nil
	}
	kept := map[string]*sql.Stmt{}
	for _, query := range frequent {
		stmt, err := s.pool().PrepareContext(ctx, query)
		if err != nil {
			return translateSQLite(err)
		}
		kept[query] = stmt
	}
	s.statements.kept = kept
	return nil
}

// insert adds rows, each with its values in the order of the table's columns.
func (s *Store) insert(tx *gorm.DB, into table, rows ...[]any) error {
	most := maxInserted
	if s.engine == onSQLite {
		most = 1
	}
	for len(rows) > 0 {
		n := min(len(rows), most)
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
	if s.cut != nil { // tests only: a crash between two statements
		if err := s.cut(); err != nil {
			return 0, err
		}
	}
	var done sql.Result
	var err error
	running, ctx := tx.Statement.ConnPool.(*sql.Tx), tx.Statement.Context
	if stmt := s.statements.kept[query]; stmt != nil {
		done, err = running.StmtContext(ctx, stmt).ExecContext(ctx, args...)
	} else {
		done, err = running.ExecContext(ctx, query, args...)
	}
	if err != nil {
		return 0, s.translate(err)
	}
	return done.RowsAffected()
}

// one reads one row within the transaction into dest; gorm.ErrRecordNotFound without any.
func (s *Store) one(tx *gorm.DB, query string, args []any, dest ...any) error {
	running, ctx := tx.Statement.ConnPool.(*sql.Tx), tx.Statement.Context
	var err error
	if stmt := s.statements.kept[query]; stmt != nil {
		err = running.StmtContext(ctx, stmt).QueryRowContext(ctx, args...).Scan(dest...)
	} else {
		err = running.QueryRowContext(ctx, query, args...).Scan(dest...)
	}
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
