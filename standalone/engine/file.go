package engine

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"

	"go.temporal.io/server/common/config"
	"go.temporal.io/server/common/persistence/sql/sqlplugin"
	"go.temporal.io/server/common/persistence/sql/sqlplugin/sqlite"
	schema "go.temporal.io/server/schema/sqlite"
	"google.golang.org/protobuf/types/known/durationpb"
)

const (
	fileName = "temporal.db"
	lockName = "temporal.lock"
)

// lockFolder takes the folder for this process. The kernel lets go of the lock when the process
// ends, however it ends, so a killed engine leaves nothing to clean up.
func lockFolder(dir string) (*os.File, error) {
	lock, err := os.OpenFile(filepath.Join(dir, lockName), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("engine: %w", err)
	}
	err = syscall.Flock(int(lock.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		err = ErrInUse
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("engine: lock %s: %w", dir, err), lock.Close())
	}
	return lock, nil
}

// prepareFile makes the file with its tables and namespace where they are missing, and returns how
// the server opens it.
func prepareFile(o Options) (config.SQL, error) {
	path := filepath.Join(o.Dir, fileName)
	if err := createTables(path, o.AllIndexes); err != nil {
		return config.SQL{}, fmt.Errorf("engine: create %s: %w", path, err)
	}
	file, err := openConfig(path)
	if err != nil {
		return file, err
	}
	ns, err := schema.NewNamespaceConfig(clusterName, o.Namespace, false, nil)
	if err != nil {
		return file, fmt.Errorf("engine: namespace %s: %w", o.Namespace, err)
	}
	ns.Detail.Config.Retention = durationpb.New(Retention)
	if err := schema.CreateNamespaces(&file, ns); err != nil {
		return file, fmt.Errorf("engine: namespace %s: %w", o.Namespace, err)
	}
	return file, nil
}

// createTables brings a missing or empty file to the server's schema in one transaction, so that a
// kill in between never leaves half a schema, and any file to the indexes that we use.
func createTables(path string, allIndexes bool) (err error) {
	if err := dropStaleLog(path); err != nil {
		return err
	}
	db, err := sql.Open("sqlite", "file:"+inAddress(path)+"?_pragma=journal_mode(wal)&_pragma=synchronous(full)")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	var tables int
	if err := db.QueryRow("SELECT count(*) FROM sqlite_master WHERE name = 'namespaces'").Scan(&tables); err != nil {
		return err
	}
	if tables == 0 {
		if err := setUp(db); err != nil {
			return err
		}
	}
	if allIndexes {
		return nil
	}
	return dropSpareIndexes(db)
}

func setUp(db *sql.DB) error {
	tx, err := db.Begin()
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }() // without effect after Commit
	if err := schema.SetupSchemaOnDB(inTransaction{tx: tx}); err != nil {
		return err
	}
	return tx.Commit()
}

// inTransaction gives the server's schema set-up, which only executes statements, a transaction.
type inTransaction struct {
	sqlplugin.AdminDB
	tx *sql.Tx
}

func (t inTransaction) Exec(statement string, args ...any) error {
	_, err := t.tx.Exec(statement, args...)
	return err
}

// dropStaleLog removes the write-ahead log of a file that somebody deleted: SQLite would play it
// into the new file.
func dropStaleLog(path string) error {
	if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	for _, stale := range []string{path + "-wal", path + "-shm"} {
		if err := os.Remove(stale); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

// inAddress is a path as SQLite's addresses have it, whatever characters it has.
func inAddress(path string) string {
	return strings.ReplaceAll(url.PathEscape(path), "%2F", "/")
}

// openConfig opens the file in WAL mode, so that readers do not wait for the writer, with one
// connection, since more measured slower, and with every commit on the disk.
//
// The server keeps one connection a data source name for the life of the process and never closes
// it. Were the file deleted and made anew, the next engine in this process would write into the
// deleted one. Hence the file's own number is part of the name, in the parameter "setup", of which
// the server minds no other value than "true".
func openConfig(path string) (config.SQL, error) {
	info, err := os.Stat(path)
	if err != nil {
		return config.SQL{}, fmt.Errorf("engine: %w", err)
	}
	inode := uint64(0)
	if s, ok := info.Sys().(*syscall.Stat_t); ok {
		inode = s.Ino
	}
	return config.SQL{
		PluginName:   sqlite.PluginName,
		DatabaseName: inAddress(path),
		MaxConns:     1,
		ConnectAttributes: map[string]string{
			"mode":         "rwc",
			"journal_mode": "wal",
			"synchronous":  "full",
			"busy_timeout": "10000", // milliseconds, for a backup that reads the file meanwhile
			"setup":        "inode-" + strconv.FormatUint(inode, 10),
		},
	}, nil
}

// Bytes is what the engine's tables take in its file now, without pages that are free again.
func (e *Engine) Bytes(ctx context.Context) (used int64, err error) {
	db, err := e.Reading()
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	const query = `SELECT (page_count - freelist_count) * page_size
		FROM pragma_page_count, pragma_freelist_count, pragma_page_size`
	if err := db.QueryRowContext(ctx, query).Scan(&used); err != nil {
		return 0, fmt.Errorf("engine: %w", err)
	}
	return used, nil
}

// Reading opens the engine's file beside the server, to be read only: what takes how much of it, for one.
func (e *Engine) Reading() (*sql.DB, error) {
	db, err := sql.Open("sqlite", "file:"+filepath.Join(e.dir, fileName)+"?mode=ro&_pragma=busy_timeout(10000)")
	if err != nil {
		return nil, fmt.Errorf("engine: %w", err)
	}
	return db, nil
}
