package engine

import (
	"database/sql"
	"errors"
)

// The server's list of runs comes with an index for each of some fifty search attributes, which its
// operators may query by. The product asks for running cases only. Every start and end of a case wrote all
// of them: a quarter of the file (docs/benchmarks.md, "Bytes of a closed case"). These three stay: the order in
// which lists are told, and the two that our queries and an operator's look at one case use. Without
// the others a query by another attribute reads the whole list, and finds the same.
const spareIndexes = `SELECT name FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL
	AND tbl_name = 'executions_visibility' AND name NOT IN ('default_idx', 'by_workflow_id', 'by_status')`

// dropSpareIndexes drops what an earlier build, or the server's schema, made.
func dropSpareIndexes(db *sql.DB) error {
	names, err := spare(db)
	if err != nil || len(names) == 0 {
		return err
	}
	tx, err := db.Begin()
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }() // without effect after Commit
	for _, name := range names {
		if _, err := tx.Exec("DROP INDEX " + name); err != nil {
			return err
		}
	}
	return tx.Commit()
}

func spare(db *sql.DB) (names []string, err error) {
	rows, err := db.Query(spareIndexes)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			return nil, err
		}
		names = append(names, name)
	}
	return names, rows.Err()
}
