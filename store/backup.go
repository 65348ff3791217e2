package store

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"gorm.io/gorm"

	"haochaping/store/ledger"
)

// ErrOtherTool: the record or its keys lie in a server's database, which has a tool of its own for copies.
var ErrOtherTool = errors.New("in a database server: copied by its own tool")

// BackUp copies the record into a folder that is not there yet, beside the running product: SQLite's file as one commit
// left it, without what was deleted, then the files, which are written before the record names them and never change. No
// key is in it. It returns the ledger's size and root from before: the copy is not behind them. It fails with ErrOtherTool.
func (s *Store) BackUp(ctx context.Context, into string) (ledger.Checkpoint, error) {
	if s.engine != onSQLite {
		return ledger.Checkpoint{}, ErrOtherTool
	}
	point, err := s.LedgerCheckpoint(ctx)
	if err == nil {
		err = os.Mkdir(into, 0o700)
	}
	if err == nil {
		err = copyDatabase(ctx, s.writing, filepath.Join(into, FileName))
	}
	if err == nil {
		err = copyFiles(ctx, filepath.Join(s.options.Dir, "files"), filepath.Join(into, "files"))
	}
	if err == nil {
		err = syncFolder(into)
	}
	return point, err
}

// BackUpKeys copies the store of subject keys into a folder that is not there yet. It belongs on other media than the
// record's copy and is kept for a few days only: an erased rater stays readable while both are there. It fails with
// ErrOtherTool.
func (s *Store) BackUpKeys(ctx context.Context, into string) error {
	if s.subjectKeys == nil {
		return errNoKeys
	}
	if strings.Contains(s.subjectKeys.where, "@") {
		return ErrOtherTool
	}
	if err := os.Mkdir(into, 0o700); err != nil {
		return err
	}
	err := s.subjectKeys.use(ctx, func(db *gorm.DB) error { return copyDatabase(ctx, db, filepath.Join(into, KeyStoreFile)) })
	if err != nil {
		return err
	}
	return syncFolder(into)
}

// copyDatabase has SQLite write a whole copy of what one commit left. It does not sync what it writes so.
func copyDatabase(ctx context.Context, db *gorm.DB, file string) error {
	if err := db.WithContext(ctx).Exec("VACUUM INTO ?", file).Error; err != nil {
		return fmt.Errorf("copy the database: %w", err)
	}
	written, err := os.OpenFile(file, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	return errors.Join(written.Chmod(0o600), written.Sync(), written.Close())
}

// copyFiles copies what is whole: a file that is being written has another name. What retention takes away meanwhile it
// takes away again after a restore.
func copyFiles(ctx context.Context, from, into string) error {
	if _, err := os.Stat(from); errors.Is(err, fs.ErrNotExist) {
		return os.Mkdir(into, 0o700)
	}
	return filepath.WalkDir(from, func(path string, entry fs.DirEntry, err error) error {
		name, outside := filepath.Rel(from, path)
		if err := errors.Join(err, outside, ctx.Err()); err != nil {
			return err
		}
		to := filepath.Join(into, name)
		switch {
		case entry.IsDir():
			return os.Mkdir(to, 0o700)
		case len(entry.Name()) != digestLength:
			return nil
		}
		return copyFile(path, to)
	})
}

// digestLength is that of a file's name: 64 hexadecimal digits.
const digestLength = 64

func copyFile(from, to string) error {
	in, err := os.Open(from)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	if err := errors.Join(err, out.Sync(), out.Close()); err != nil {
		return err
	}
	return syncFolder(filepath.Dir(to))
}
