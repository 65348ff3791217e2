package store_test

import (
	"fmt"
	"io/fs"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"gorm.io/gorm"

	"haochaping/store"
	"haochaping/store/storetest"
)

func TestBothEnginesHaveTheSameSchema(t *testing.T) {
	mariadb := mysqlSchema(t, storetest.MariaDB(t))
	sqlite := sqliteSchema(t, storetest.SQLite(t))
	if len(sqlite) < 20 {
		t.Fatalf("only %d tables", len(sqlite))
	}
	for name, table := range sqlite {
		if name == "pending_leaves" { // of which SQLite alone has the key by time: migration 0550 says why
			table = slices.Concat(table[:4], mariadb[name][4:])
		}
		if !slices.Equal(table, mariadb[name]) {
			t.Errorf("table %s differs:\nsqlite  %s\nmariadb %s", name, strings.Join(table, ", "), strings.Join(mariadb[name], ", "))
		}
	}
	for name := range mariadb {
		if sqlite[name] == nil {
			t.Errorf("table %s is on MariaDB only", name)
		}
	}
}

// A schema is, per table, its columns with their nullability and its unique keys.
type schema map[string][]string

func sqliteSchema(t *testing.T, r *storetest.Record) schema {
	return readSchema(t, r,
		`SELECT m.name AS tab, p.name || CASE WHEN p."notnull" = 1 THEN '' ELSE ' null' END AS line
			FROM sqlite_master m, pragma_table_info(m.name) p
			WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite%' ORDER BY m.name, p.cid`,
		`SELECT m.name AS tab, 'unique(' || (SELECT GROUP_CONCAT(i.name, ',' ORDER BY i.seqno) FROM pragma_index_info(l.name) i) || ')' AS line
			FROM sqlite_master m, pragma_index_list(m.name) l
			WHERE m.type = 'table' AND l."unique" = 1
			UNION SELECT m.name, 'unique(' || p.name || ')' FROM sqlite_master m, pragma_table_info(m.name) p
			WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite%' AND p.pk = 1
				AND (SELECT COUNT(*) FROM pragma_table_info(m.name) q WHERE q.pk > 0) = 1
			ORDER BY 1, 2`)
}

func mysqlSchema(t *testing.T, r *storetest.Record) schema {
	return readSchema(t, r,
		`SELECT table_name AS tab, CONCAT(column_name, IF(is_nullable = 'YES', ' null', '')) AS line
			FROM information_schema.columns WHERE table_schema = DATABASE() ORDER BY table_name, ordinal_position`,
		`SELECT table_name AS tab, CONCAT('unique(', GROUP_CONCAT(column_name ORDER BY seq_in_index SEPARATOR ','), ')') AS line
			FROM information_schema.statistics WHERE table_schema = DATABASE() AND non_unique = 0
			GROUP BY table_name, index_name ORDER BY 1, 2`)
}

func readSchema(t *testing.T, r *storetest.Record, queries ...string) schema {
	t.Helper()
	found := schema{}
	for _, query := range queries {
		var lines []struct{ Tab, Line string }
		if err := store.Rows(r.Store, t.Context()).Raw(query).Scan(&lines).Error; err != nil {
			t.Fatal(err)
		}
		for _, l := range lines {
			if l.Tab != "goose_db_version" && !slices.Contains(found[l.Tab], l.Line) {
				found[l.Tab] = append(found[l.Tab], l.Line)
			}
		}
	}
	return found
}

func TestEverybodyMayMigrateAtOnce(t *testing.T) {
	records := map[string]func(*testing.T) store.Options{
		"sqlite":  func(t *testing.T) store.Options { return store.Options{Dir: t.TempDir()} },
		"mariadb": func(t *testing.T) store.Options { return store.Options{DSN: storetest.Database(t)} },
	}
	for name, options := range records {
		t.Run(name, func(t *testing.T) {
			o := options(t)
			o.Now = storetest.NewClock().Now
			var wg sync.WaitGroup
			for range 4 {
				wg.Go(func() {
					if err := migrate(t, o); err != nil {
						t.Error(err)
					}
				})
			}
			wg.Wait()
		})
	}
}

func migrate(t *testing.T, o store.Options) error {
	s, err := store.Open(t.Context(), o)
	if err != nil {
		return err
	}
	defer s.Close()
	if err := s.Migrate(t.Context()); err != nil {
		return err
	}
	if n, err := s.Pending(t.Context()); n != 0 || err != nil {
		return fmt.Errorf("%d migrations pending after Migrate, %v", n, err)
	}
	return s.Migrate(t.Context()) // again: nothing to do
}

func TestUnmigratedRecordIsPending(t *testing.T) {
	s, err := store.Open(t.Context(), store.Options{Dir: t.TempDir(), Now: storetest.NewClock().Now})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if n, err := s.Pending(t.Context()); n < 25 || err != nil {
		t.Errorf("%d pending, %v", n, err)
	}
}

func TestNewerSchemaIsRefused(t *testing.T) {
	storetest.Run(t, func(t *testing.T, r *storetest.Record) {
		known, err := store.LatestMigration()
		if err != nil {
			t.Fatal(err)
		}
		err = store.Tx(r.Store, t.Context(), func(tx *gorm.DB) error {
			return tx.Exec("INSERT INTO goose_db_version (version_id, is_applied) VALUES (?, 1)", known+1).Error
		})
		if err != nil {
			t.Fatal(err)
		}
		if s, err := store.Open(t.Context(), r.Opened); err == nil || !strings.Contains(err.Error(), "newer release") {
			t.Errorf("opened a record of a later release: %v, %v", s, err)
		}
	})
}

var statement = regexp.MustCompile(`(?im)^(CREATE|ALTER|DROP|INSERT|UPDATE|DELETE)\b`)

// Each file has a number of its own (or is one of a pair), one statement, and says why. A file of SQLite's may have more: all of it is
// one transaction there.
func TestMigrationFiles(t *testing.T) {
	names, err := fs.Glob(os.DirFS("migrations"), "*.sql")
	if err != nil || len(names) == 0 {
		t.Fatal(names, err)
	}
	byNumber := map[string][]string{}
	for _, name := range names {
		text, err := os.ReadFile("migrations/" + name)
		if err != nil {
			t.Fatal(err)
		}
		if n := len(statement.FindAll(text, -1)); n == 0 || n > 1 && !strings.HasSuffix(name, ".sqlite.sql") {
			t.Errorf("%s: %d statements, want 1", name, n)
		}
		if !strings.HasPrefix(string(text), "-- +goose Up\n-- ") {
			t.Errorf("%s does not say why", name)
		}
		byNumber[name[:4]] = append(byNumber[name[:4]], name[4:])
	}
	for number, files := range byNumber {
		pair := len(files) == 2 && strings.TrimSuffix(files[0], ".mysql.sql") == strings.TrimSuffix(files[1], ".sqlite.sql")
		single := len(files) == 1 && strings.Count(files[0], ".") == 1
		if !pair && !single {
			t.Errorf("number %s is taken by %v", number, files)
		}
	}
}
