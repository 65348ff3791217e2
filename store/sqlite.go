package store

import (
	"context"
	"database/sql"
	"errors"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"gorm.io/driver/sqlite"
	"gorm.io/gorm"
	driver "modernc.org/sqlite"
)

// FileName is the name of SQLite's file in the data folder.
const FileName = "record.db"

// readers is how many connections read at once. Under WAL they neither wait for the writer nor
// make it wait.
const readers = 4

// sqliteAddress: WAL and synchronous FULL survive a power cut without losing a commit; every
// transaction of the writer is immediate, so that it never has to be upgraded and refused; 10 s
// of busy_timeout cover an administrator's command that writes beside the running process.
func sqliteAddress(path string, writer bool) string {
	q := url.Values{"_dqs": {"0"}, "_pragma": {
		"busy_timeout(10000)", "journal_mode(WAL)", "synchronous(FULL)", "foreign_keys(1)",
		"cache_size(-16000)", "temp_store(MEMORY)", "wal_autocheckpoint(4000)",
	}}
	if writer {
		q.Set("_txlock", "immediate")
	} else {
		q.Add("_pragma", "query_only(1)")
	}
	return fileAddress(path, q)
}

// fileAddress is SQLite's URI of a file, whatever characters its path has.
func fileAddress(path string, settings url.Values) string {
	return "file:" + strings.ReplaceAll(url.PathEscape(path), "%2F", "/") + "?" + settings.Encode()
}

func (s *Store) openSQLite(ctx context.Context) (err error) {
	if s.options.Dir == "" {
		return errors.New("neither a DSN nor a data folder given")
	}
	if err := os.MkdirAll(s.options.Dir, 0o700); err != nil {
		return err
	}
	s.engine = onSQLite
	path := filepath.Join(s.options.Dir, FileName)
	// The writer comes first: it creates the file and puts it into WAL mode.
	if s.writing, err = s.openSQLitePool(ctx, sqliteAddress(path, true), 1); err != nil {
		return err
	}
	s.reading, err = s.openSQLitePool(ctx, sqliteAddress(path, false), readers)
	return err
}

func (s *Store) openSQLitePool(ctx context.Context, address string, connections int) (*gorm.DB, error) {
	connector, err := driver.NewConnector(address)
	if err != nil {
		return nil, err
	}
	pool := sql.OpenDB(preparing{connector})
	pool.SetMaxOpenConns(connections)
	pool.SetMaxIdleConns(connections)
	if err := firstConnection(ctx, pool); err != nil {
		return nil, errors.Join(err, pool.Close())
	}
	dialect := sqliteDialect{sqlite.New(sqlite.Config{DriverName: "sqlite", Conn: pool}).(*sqlite.Dialector)}
	db, err := gorm.Open(dialect, s.gormConfig())
	if err != nil {
		return nil, errors.Join(err, pool.Close())
	}
	return db, nil
}

// firstConnection opens one connection. Putting a new file into WAL mode while another process
// does the same is refused at once, without waiting for busy_timeout.
func firstConnection(ctx context.Context, pool *sql.DB) error {
	for n := 1; ; n++ {
		err := translateSQLite(pool.PingContext(ctx))
		if n == attempts || !errors.Is(err, errBusy) {
			return err
		}
		if err := pause(ctx, n); err != nil {
			return err
		}
	}
}

// sqliteDialect is GORM's dialect with our reading of the driver's errors: GORM's own knows
// only those of the C driver.
type sqliteDialect struct{ *sqlite.Dialector }

// Translate implements gorm.ErrorTranslator.
func (sqliteDialect) Translate(err error) error { return translateSQLite(err) }

// Extended result codes, https://www.sqlite.org/rescode.html.
const (
	sqliteBusy       = 5
	sqliteLocked     = 6
	sqliteCheck      = 275
	sqliteForeignKey = 787
	sqlitePrimaryKey = 1555
	sqliteUnique     = 2067
)

func translateSQLite(err error) error {
	var e *driver.Error
	if !errors.As(err, &e) {
		return err
	}
	f := &failure{Engine: onSQLite, Number: e.Code()}
	switch e.Code() {
	case sqlitePrimaryKey, sqliteUnique:
		f.Kind = gorm.ErrDuplicatedKey
	case sqliteForeignKey:
		f.Kind = gorm.ErrForeignKeyViolated
	case sqliteCheck:
		f.Kind = gorm.ErrCheckConstraintViolated
	default:
		if base := e.Code() & 0xff; base == sqliteBusy || base == sqliteLocked {
			f.Kind = errBusy
		}
	}
	f.Text = e.Error() // SQLite names tables, columns and constraints, never values
	return f
}
