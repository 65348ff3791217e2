package bench

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
)

// multiply copies every rating with its case and its open tasks, so that each is there so many times:
// what an inbox reads, without events, texts and ledger. Numbers and instants go on.
func (r *Record) multiply(ctx context.Context, times int) (err error) {
	db, prefix := r.place.server, r.place.name+"."
	if db == nil {
		prefix = ""
		if db, err = r.openSQLite(""); err != nil {
			return err
		}
		defer closing(db.Close, &err)
	}
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }() // without effect after Commit
	for _, t := range copied {
		if err := t.copy(ctx, tx, prefix+t.name, times); err != nil {
			return fmt.Errorf("copy %s: %w", t.name, err)
		}
	}
	return tx.Commit()
}

// copied are the tables in the order of their references, with what differs in the n-th copy.
var copied = []copiedTable{
	{"ratings", map[string]string{
		"id": "CONCAT(id, '-', n)", "request_key": "CONCAT(SUBSTR(request_key, 1, 58), '-', n)",
		"receipt_hash": "CONCAT(SUBSTR(receipt_hash, 1, 58), '-', n)",
	}},
	{"cases", map[string]string{
		"id": "CONCAT(id, '-', n)", "rating_id": "CONCAT(rating_id, '-', n)", "number": nextNumber, "opened_at": nextInstant,
	}},
	{"tasks", map[string]string{
		"id": "CONCAT(case_id, '-', n, SUBSTR(id, LENGTH(case_id) + 1))", "case_id": "CONCAT(case_id, '-', n)",
		"number": nextNumber, "opened_at": nextInstant,
	}},
	{"task_seats", map[string]string{
		"task_id": "CONCAT(SUBSTR(task_id, 1, LENGTH(task_id) - LENGTH(act) - 1), '-', n, '.', act)",
		"number":  nextNumber, "opened_at": nextInstant,
	}},
}

const (
	nextNumber  = "CONCAT(number, '-', n)"
	nextInstant = "opened_at + n * 7000000"
)

type copiedTable struct {
	name    string
	differs map[string]string // column -> expression
}

func (t copiedTable) copy(ctx context.Context, tx *sql.Tx, table string, times int) error {
	columns, err := columnsOf(ctx, tx, table)
	if err != nil {
		return err
	}
	values := make([]string, 0, len(columns))
	for _, column := range columns {
		value, differs := t.differs[column]
		if !differs {
			value = column
		}
		values = append(values, value)
	}
	_, err = tx.ExecContext(ctx, fmt.Sprintf(`INSERT INTO %s (%s)
		WITH RECURSIVE copies (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM copies WHERE n < ?)
		SELECT %s FROM %s CROSS JOIN copies`, table, strings.Join(columns, ", "), strings.Join(values, ", "), table), times-1)
	return err
}

// columnsOf closes its rows before the connection is asked anything else.
func columnsOf(ctx context.Context, tx *sql.Tx, table string) ([]string, error) {
	rows, err := tx.QueryContext(ctx, "SELECT * FROM "+table+" WHERE 1 = 0")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	columns, err := rows.Columns()
	return columns, errors.Join(err, rows.Err())
}
