package store

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"embed"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/url"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/pressly/goose/v3"
)

// migrations are NNNN_name.sql for both engines, or a pair NNNN_name.sqlite.sql and
// NNNN_name.mysql.sql where they must differ. One DDL statement a file: MySQL commits each
// implicitly, so a file of two could be left half done.
//
//go:embed migrations/*.sql
var migrations embed.FS

// Migrate brings the schema up to what this program knows. Several processes may call it at
// once: one does the work, the others wait for it.
func (s *Store) Migrate(ctx context.Context) error {
	unlock, err := s.lockSchema(ctx)
	if err != nil {
		return fmt.Errorf("lock the schema: %w", err)
	}
	defer unlock()
	if s.engine == onMySQL {
		if err := s.checkCollation(ctx); err != nil {
			return err
		}
	}
	p, err := s.provider()
	if err != nil {
		return err
	}
	done, err := p.Up(ctx)
	if err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	if len(done) > 0 {
		s.log.Info("schema migrated", "steps", len(done), "version", done[len(done)-1].Source.Version)
	}
	if err := s.tx(ctx, ensureEdition1); err != nil {
		return err
	}
	return s.ensureAdjustments(ctx)
}

// Pending is how many migrations this program would still apply.
func (s *Store) Pending(ctx context.Context) (int, error) {
	p, err := s.provider()
	if err != nil {
		return 0, err
	}
	have, err := s.schemaVersion(ctx)
	if err != nil {
		return 0, err
	}
	n := 0
	for _, source := range p.ListSources() {
		if source.Version > have {
			n++
		}
	}
	return n, nil
}

func (s *Store) provider() (*goose.Provider, error) {
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return nil, err
	}
	dialect, other := goose.DialectSQLite3, onMySQL
	if s.engine == onMySQL {
		dialect, other = goose.DialectMySQL, onSQLite
	}
	foreign, err := fs.Glob(files, "*."+string(other)+".sql")
	if err != nil {
		return nil, err
	}
	return goose.NewProvider(dialect, s.pool(), files, goose.WithExcludeNames(foreign),
		goose.WithDisableGlobalRegistry(true), goose.WithSlog(slog.New(slog.DiscardHandler)))
}

// refuseNewer protects a record that a later release has migrated from a program that would
// write it without the later rules.
func (s *Store) refuseNewer(ctx context.Context) error {
	have, err := s.schemaVersion(ctx)
	if err != nil {
		return err
	}
	known, err := latestMigration()
	if err != nil {
		return err
	}
	if have > known {
		return fmt.Errorf("the record's schema is version %d, this program knows up to %d: start a newer release", have, known)
	}
	return nil
}

// schemaVersion is 0 for a database that was never migrated.
func (s *Store) schemaVersion(ctx context.Context) (int64, error) {
	exists := "SELECT COUNT(*) FROM sqlite_master WHERE type = 'table' AND name = 'goose_db_version'"
	if s.engine == onMySQL {
		exists = "SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = DATABASE() AND table_name = 'goose_db_version'"
	}
	var n int
	if err := s.rows(ctx).Raw(exists).Scan(&n).Error; err != nil || n == 0 {
		return 0, err
	}
	var version sql.NullInt64
	err := s.rows(ctx).Raw("SELECT MAX(version_id) FROM goose_db_version").Scan(&version).Error
	return version.Int64, err
}

func latestMigration() (int64, error) {
	entries, err := migrations.ReadDir("migrations")
	if err != nil {
		return 0, err
	}
	number, _, _ := strings.Cut(entries[len(entries)-1].Name(), "_") // ReadDir sorts by name
	return strconv.ParseInt(number, 10, 64)
}

// SchemaDigest tells the schemas of two builds apart, also while a migration is being written:
// 16 hexadecimal digits over every migration's name and text.
func SchemaDigest() (string, error) {
	digest := sha256.New()
	err := fs.WalkDir(migrations, ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := migrations.ReadFile(path)
		fmt.Fprintf(digest, "%s %d\n%s", path, len(text), text)
		return err
	})
	return hex.EncodeToString(digest.Sum(nil)[:8]), err
}

// lockSchema lets one process migrate at a time. Both locks end with their holder's process.
func (s *Store) lockSchema(ctx context.Context) (unlock func(), err error) {
	if s.engine == onMySQL {
		return s.lockMySQL(ctx)
	}
	return s.lockSQLite(ctx)
}

// lockSQLite holds a file of its own exclusively: goose opens and commits transactions on the
// record itself, so the record's own lock cannot span them.
func (s *Store) lockSQLite(ctx context.Context) (func(), error) {
	settings := url.Values{"_txlock": {"exclusive"}, "_pragma": {"busy_timeout(120000)"}}
	pool, err := sql.Open("sqlite", fileAddress(filepath.Join(s.options.Dir, "migrate.lock"), settings))
	if err != nil {
		return nil, err
	}
	tx, err := pool.BeginTx(ctx, nil)
	if err != nil {
		return nil, errors.Join(translateSQLite(err), pool.Close())
	}
	return func() {
		tx.Rollback()
		pool.Close()
	}, nil
}

// lockMySQL holds a named lock of the server, which belongs to one connection.
func (s *Store) lockMySQL(ctx context.Context) (func(), error) {
	conn, err := s.pool().Conn(ctx)
	if err != nil {
		return nil, translateMySQL(err)
	}
	var got sql.NullInt64
	const name = "CONCAT('haochaping.', LEFT(MD5(DATABASE()), 16))"
	err = conn.QueryRowContext(ctx, "SELECT GET_LOCK("+name+", 120)").Scan(&got)
	if err == nil && got.Int64 != 1 {
		err = errors.New("another process has been migrating for two minutes")
	}
	if err != nil {
		return nil, errors.Join(translateMySQL(err), conn.Close())
	}
	return func() {
		release, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
		defer cancel()
		// The lock also ends with its connection, one line below.
		_, _ = conn.ExecContext(release, "DO RELEASE_LOCK("+name+")")
		conn.Close()
	}, nil
}
