package storetest

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/go-sql-driver/mysql"

	"haochaping/store"
)

// server opens the test server, or skips the test where none is given.
func server(t testing.TB) (*sql.DB, *mysql.Config) {
	t.Helper()
	dsn := os.Getenv(ServerVariable)
	if dsn == "" {
		t.Skipf("%s is not set: scripts/mariadb.sh starts a server", ServerVariable)
	}
	c, err := mysql.ParseDSN(dsn)
	if err != nil {
		t.Fatalf("%s is no DSN", ServerVariable)
	}
	c.DBName = ""
	db, err := sql.Open("mysql", c.FormatDSN())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db, c
}

// Database creates an empty database on the server and returns its DSN. It is dropped when the
// test ends. Without a server the test is skipped.
func Database(t testing.TB) string {
	t.Helper()
	db, c := server(t)
	c.DBName = "test_" + strings.ToLower(rand.Text())
	if err := create(t.Context(), db, c.DBName); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if _, err := db.Exec("DROP DATABASE " + c.DBName); err != nil {
			t.Error(err)
		}
	})
	return c.FormatDSN()
}

func create(ctx context.Context, db *sql.DB, name string) error {
	_, err := db.ExecContext(ctx, "CREATE DATABASE IF NOT EXISTS "+name+" CHARACTER SET utf8mb4 COLLATE utf8mb4_bin")
	return err
}

// borrowed lends the test a migrated, empty database that no other test on this server uses
// meanwhile: a named lock of the server goes with it. Its name carries the schema's digest, so
// tables of another state of the migrations are never met.
func borrowed(t testing.TB) string {
	t.Helper()
	db, c := server(t)
	digest, err := store.SchemaDigest()
	if err != nil {
		t.Fatal(err)
	}
	lock, err := db.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { lock.Close() }) // and, as cleanups run backwards, db after it
	if c.DBName, err = firstFree(t.Context(), lock, "test_"+digest); err != nil {
		t.Fatal(err)
	}
	if err := prepare(t.Context(), db, c); err != nil {
		// Left half made or spoilt by a test: once more from nothing.
		if _, err := db.Exec("DROP DATABASE IF EXISTS " + c.DBName); err != nil {
			t.Fatal(err)
		}
		if err := prepare(t.Context(), db, c); err != nil {
			t.Fatal(err)
		}
	}
	return c.FormatDSN()
}

func firstFree(ctx context.Context, conn *sql.Conn, prefix string) (string, error) {
	for n := range 100 {
		name := fmt.Sprintf("%s_%d", prefix, n)
		var got sql.NullInt64
		if err := conn.QueryRowContext(ctx, "SELECT GET_LOCK(?, 0)", name).Scan(&got); err != nil || got.Int64 == 1 {
			return name, err
		}
	}
	return "", errors.New("a hundred tests use the server already")
}

// prepare creates and migrates the database, or empties it, and writes what Migrate writes.
func prepare(ctx context.Context, db *sql.DB, c *mysql.Config) error {
	if err := create(ctx, db, c.DBName); err != nil {
		return err
	}
	s, err := store.Open(ctx, store.Options{DSN: c.FormatDSN(), Now: NewClock().Now})
	if err != nil {
		return err
	}
	defer s.Close()
	pending, err := s.Pending(ctx)
	if err != nil {
		return err
	}
	if pending == 0 {
		if err := empty(ctx, db, c.DBName); err != nil {
			return err
		}
	}
	return s.Migrate(ctx)
}

// empty deletes every row but goose's in one transaction.
func empty(ctx context.Context, db *sql.DB, name string) error {
	tables, err := tablesOf(ctx, db, name)
	if err != nil {
		return err
	}
	conn, err := db.Conn(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	statements := []string{"SET foreign_key_checks = 0", "START TRANSACTION"}
	for _, table := range tables {
		statements = append(statements, "DELETE FROM "+name+"."+table)
	}
	statements = append(statements, "COMMIT", "SET foreign_key_checks = 1")
	for _, statement := range statements {
		if _, err := conn.ExecContext(ctx, statement); err != nil {
			return err
		}
	}
	return nil
}

func tablesOf(ctx context.Context, db *sql.DB, name string) (tables []string, err error) {
	rows, err := db.QueryContext(ctx, `SELECT table_name FROM information_schema.tables
		WHERE table_schema = ? AND table_name <> 'goose_db_version'`, name)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var table string
		if err := rows.Scan(&table); err != nil {
			return nil, err
		}
		tables = append(tables, table)
	}
	return tables, rows.Err()
}
