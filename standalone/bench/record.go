package bench

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"time"

	"github.com/go-sql-driver/mysql"

	"haochaping/regulation"
	"haochaping/store"
	"haochaping/store/seed"
)

// Database says where measured records are made: on SQLite in a folder, or on a MariaDB server.
type Database struct {
	// Server is the DSN of a server on which databases may be made. Empty: SQLite.
	Server string
	// Dir is where folders are made; empty: the system's temporary folder.
	Dir string
}

// Name heads figures.
func (d Database) Name() string {
	if d.Server == "" {
		return "SQLite"
	}
	return "MariaDB"
}

// place is a database of its own with a folder of its own. remove deletes both.
type place struct {
	dir, dsn string
	server   *sql.DB // nil on SQLite
	name     string
}

func (d Database) place(ctx context.Context) (p place, err error) {
	if p.dir, err = os.MkdirTemp(d.Dir, "bench-record-"); err != nil || d.Server == "" {
		return p, err
	}
	config, err := mysql.ParseDSN(d.Server)
	if err != nil {
		return p, errors.New("the server's DSN is not of the form user:password@tcp(host:port)/") // its text holds the password
	}
	p.name, config.DBName = "bench_"+strings.ToLower(rand.Text()), ""
	if p.server, err = sql.Open("mysql", config.FormatDSN()); err != nil {
		return p, err
	}
	config.DBName = p.name
	p.dsn = config.FormatDSN()
	_, err = p.server.ExecContext(ctx, "CREATE DATABASE "+p.name+" CHARACTER SET utf8mb4 COLLATE utf8mb4_bin")
	return p, err
}

func (p place) remove() error {
	err := os.RemoveAll(p.dir)
	if p.server == nil {
		return err
	}
	_, dropping := p.server.Exec("DROP DATABASE IF EXISTS " + p.name)
	return errors.Join(err, dropping, p.server.Close())
}

// Record is a record of the product with the demo's people, for one measurement.
type Record struct {
	*store.Store
	place place
}

// Open makes a record on the database, with a clock of the caller's.
func (d Database) Open(ctx context.Context, now func() time.Time) (*Record, error) {
	return d.open(ctx, store.Options{Now: now})
}

// OpenAt makes a record on the database whose clock its workflows follow.
func (d Database) OpenAt(ctx context.Context, clock regulation.Clock) (*Record, error) {
	return d.open(ctx, following(clock))
}

func following(clock regulation.Clock) store.Options {
	return store.Options{Now: func() time.Time { return clock.At(time.Now()) }, Clock: clock}
}

func (d Database) open(ctx context.Context, o store.Options) (*Record, error) {
	p, err := d.place(ctx)
	if err != nil {
		return nil, errors.Join(err, p.remove())
	}
	s, err := p.store(ctx, o)
	if err != nil {
		return nil, errors.Join(err, p.remove())
	}
	r := &Record{Store: s, place: p}
	if err := r.fill(ctx); err != nil {
		return nil, errors.Join(err, r.Close())
	}
	return r, nil
}

func (p place) store(ctx context.Context, o store.Options) (*store.Store, error) {
	o.DSN, o.Dir, o.KeyDir, o.Wall = p.dsn, filepath.Join(p.dir, "data"), filepath.Join(p.dir, "keys"), time.Now
	return store.Open(ctx, o)
}

// turn opens the record anew with another clock, while nobody is at work on it.
func (r *Record) turn(ctx context.Context, clock regulation.Clock) error {
	if err := r.Store.Close(); err != nil {
		return err
	}
	s, err := r.place.store(ctx, following(clock))
	if err == nil {
		r.Store = s
	}
	return err
}

func (r *Record) fill(ctx context.Context) error {
	if err := r.Migrate(ctx); err != nil {
		return err
	}
	data, err := seed.Load()
	if err != nil {
		return err
	}
	return r.Load(ctx, data, true)
}

// Close closes the record and deletes it.
func (r *Record) Close() error { return errors.Join(r.Store.Close(), r.place.remove()) }

// Bytes is what the record's tables and indexes take, without pages that are free again.
func (r *Record) Bytes(ctx context.Context) (used int64, err error) {
	if r.place.server != nil {
		return r.place.serverBytes(ctx)
	}
	db, err := r.readSQLite()
	if err != nil {
		return 0, err
	}
	defer closing(db.Close, &err)
	const query = `SELECT (page_count - freelist_count) * page_size FROM pragma_page_count, pragma_freelist_count, pragma_page_size`
	err = db.QueryRowContext(ctx, query).Scan(&used)
	return used, err
}

func (r *Record) readSQLite() (*sql.DB, error) { return r.openSQLite("&mode=ro") }

// openSQLite opens the record's file beside the store.
func (r *Record) openSQLite(further string) (*sql.DB, error) {
	return sql.Open("sqlite", "file:"+filepath.Join(r.place.dir, "data", store.FileName)+"?_pragma=busy_timeout(10000)"+further)
}

// serverBytes lets the server count first: its figures are estimates that it refreshes at leisure.
func (p place) serverBytes(ctx context.Context) (used int64, err error) {
	rows, err := p.server.QueryContext(ctx, "SELECT table_name FROM information_schema.tables WHERE table_schema = ?", p.name)
	if err != nil {
		return 0, err
	}
	defer rows.Close()
	var tables []string
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			return 0, err
		}
		tables = append(tables, p.name+"."+name)
	}
	if err := rows.Err(); err != nil {
		return 0, err
	}
	if _, err := p.server.ExecContext(ctx, "ANALYZE TABLE "+strings.Join(tables, ", ")); err != nil {
		return 0, err
	}
	const query = "SELECT SUM(data_length + index_length) FROM information_schema.tables WHERE table_schema = ?"
	if err := p.server.QueryRowContext(ctx, query, p.name).Scan(&used); err != nil {
		return 0, fmt.Errorf("count the record's bytes: %w", err)
	}
	return used, nil
}

// keepLedger takes pending leaves into the ledger every second until ctx ends, as the product
// does. What goes wrong is told to failed.
func (r *Record) keepLedger(ctx context.Context, failed func(error)) {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		if err := r.integrate(ctx); err != nil && ctx.Err() == nil {
			failed(fmt.Errorf("ledger: %w", err))
		}
	}
}

// failure is what went wrong in the background, if anything.
type failure struct{ err atomic.Pointer[error] }

func (f *failure) note(err error) { f.err.Store(&err) }

func (f *failure) is() error {
	if err := f.err.Load(); err != nil {
		return *err
	}
	return nil
}

// integrate takes all pending leaves into the ledger and lets go of the lease.
func (r *Record) integrate(ctx context.Context) error {
	const most = 500 // leaves a transaction, as in the product
	for taken := most; taken == most; {
		token, _, err := r.AcquireLease(ctx, store.LeaseSequencer, "bench", time.Minute)
		if err != nil {
			return err
		}
		if taken, _, err = r.IntegrateLeaves(ctx, token, most); err != nil {
			return err
		}
		if err := r.ReleaseLease(ctx, store.LeaseSequencer, token); err != nil {
			return err
		}
	}
	return nil
}

// openTasks counts the tasks of all inboxes.
func (r *Record) openTasks(ctx context.Context) (tasks int64, err error) {
	db := r.place.server
	table := r.place.name + ".tasks"
	if db == nil {
		if db, err = r.readSQLite(); err != nil {
			return 0, err
		}
		table = "tasks"
		defer closing(db.Close, &err)
	}
	err = db.QueryRowContext(ctx, "SELECT COUNT(*) FROM "+table).Scan(&tasks)
	return tasks, err
}

// closing closes something at the end of a function that may have failed already.
func closing(close func() error, err *error) { *err = errors.Join(*err, close()) }

// describe prints the database's version and what a commit means on it.
func (d Database) describe(ctx context.Context, w io.Writer) (err error) {
	if d.Server == "" {
		_, err = fmt.Fprintln(w, "SQLite: WAL, synchronous=FULL: every commit is on the disk before it is answered")
		return err
	}
	db, err := sql.Open("mysql", d.Server)
	if err != nil {
		return errors.New("the server's DSN cannot be used")
	}
	defer closing(db.Close, &err)
	var version, flush, sync, binlog, pool string
	const query = "SELECT @@version, @@innodb_flush_log_at_trx_commit, @@sync_binlog, @@log_bin, @@innodb_buffer_pool_size DIV 1048576"
	if err := db.QueryRowContext(ctx, query).Scan(&version, &flush, &sync, &binlog, &pool); err != nil {
		return err
	}
	_, err = fmt.Fprintf(w, "MariaDB %s: innodb_flush_log_at_trx_commit=%s, sync_binlog=%s, log_bin=%s, buffer pool %s MiB, on this machine over TCP\n",
		version, flush, sync, binlog, pool)
	return err
}
