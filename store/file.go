package store

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"image"
	"image/jpeg"
	"image/png"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/gabriel-vasile/mimetype"
	"gorm.io/gorm"

	"haochaping/regulation"
	"haochaping/store/seal"
)

// MaxFileSize bounds an evidence file, in bytes: a scan, a photograph, a recorded call.
const MaxFileSize = 20 << 20

// maxPixels bounds what is decoded: a small file may claim to be a huge picture.
const maxPixels = 40 << 20

// jpegQuality keeps a scan legible.
const jpegQuality = 90

// FileTypes are the contents that are taken in, by MIME type.
var FileTypes = []string{
	"application/pdf", "image/png", "image/jpeg", "audio/mpeg", "audio/wav", "audio/x-m4a", "audio/mp4",
	"application/vnd.openxmlformats-officedocument.wordprocessingml.document",
	"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}

// File is a stored file: SHA-256 of its content names it.
type File struct {
	Digest string // 64 hexadecimal digits
	Mime   string
	Size   int64 // bytes
}

type fileRow struct {
	Digest    string `gorm:"primaryKey"`
	Mime      string
	Size      int64
	StoredAt  int64
	DeletedAt int64 // by retention; 0 while the content is there. Put in again, it is there again.
}

func (fileRow) TableName() string { return "files" }

type stagedRow struct {
	Digest   string `gorm:"primaryKey"`
	Person   string `gorm:"primaryKey"`
	StagedAt int64
}

func (stagedRow) TableName() string { return "staged_files" }

var (
	caseFilesTable   = table{name: "case_files", columns: []string{"case_id", "digest", "seq"}}
	ratingScansTable = table{name: "rating_scans", columns: []string{"rating_id", "digest"}}
)

// StageFile takes a file in for its owner, who may bind it to a case by an act; until then it
// is nobody's evidence and may be swept. Its type is read from its content; pictures are made
// anew, so that nothing hidden in them (place, camera, other people's data) is kept. Refusals
// are regulation.Invalid on the field "files": too_large, empty, type_not_allowed, damaged.
func (s *Store) StageFile(ctx context.Context, person string, r io.Reader) (File, error) {
	if s.sealer == nil {
		return File{}, errNoKeys
	}
	content, err := io.ReadAll(io.LimitReader(r, MaxFileSize+1))
	if err != nil {
		return File{}, err
	}
	content, mime, code := cleaned(content)
	if code != "" {
		return File{}, (&regulation.Error{Code: regulation.Invalid, Missing: "fields"}).Field("files", code)
	}
	sum := sha256.Sum256(content)
	f := File{Digest: hex.EncodeToString(sum[:]), Mime: mime, Size: int64(len(content))}
	if err := s.writeFile(f.Digest, content); err != nil {
		return File{}, err
	}
	if err := s.stage(ctx, f, person); err != nil {
		return File{}, err
	}
	// The sweep may have removed it between the two: it removes no file whose row is new.
	if _, err := os.Stat(s.filePath(f.Digest)); errors.Is(err, fs.ErrNotExist) {
		return f, s.writeFile(f.Digest, content)
	}
	return f, nil
}

// cleaned returns what is to be stored of a content, or the code of why it is refused.
func cleaned(content []byte) (clean []byte, mime, code string) {
	switch {
	case len(content) == 0:
		return nil, "", "empty"
	case len(content) > MaxFileSize:
		return nil, "", "too_large"
	}
	mime = mimetype.Detect(content).String()
	if !slices.Contains(FileTypes, mime) {
		return nil, "", "type_not_allowed"
	}
	if mime == "image/png" || mime == "image/jpeg" {
		if content, code = redrawn(content, mime); code != "" {
			return nil, "", code
		}
	}
	return content, mime, ""
}

// redrawn decodes a picture and encodes it anew.
func redrawn(content []byte, mime string) ([]byte, string) {
	size, _, err := image.DecodeConfig(bytes.NewReader(content))
	if err != nil {
		return nil, "damaged"
	}
	if size.Width*size.Height > maxPixels {
		return nil, "too_large"
	}
	picture, _, err := image.Decode(bytes.NewReader(content))
	if err != nil {
		return nil, "damaged"
	}
	var out bytes.Buffer
	if mime == "image/png" {
		err = png.Encode(&out, picture)
	} else {
		err = jpeg.Encode(&out, picture, &jpeg.Options{Quality: jpegQuality})
	}
	if err != nil {
		return nil, "damaged"
	}
	return out.Bytes(), ""
}

func (s *Store) filePath(digest string) string {
	return filepath.Join(s.options.Dir, "files", digest[:2], digest)
}

func filePlace(digest string) seal.Place {
	return seal.Place{Table: "files", ID: digest, Field: "content"}
}

// writeFile leaves a whole, durable, encrypted file or none: an event will name it.
func (s *Store) writeFile(digest string, content []byte) error {
	sealed, err := s.sealer.SealText(string(content), filePlace(digest))
	if err != nil {
		return err
	}
	return placeFile(s.filePath(digest), sealed)
}

func placeFile(path string, sealed []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(path), "new-*") // with mode 0600
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	_, err = f.Write(sealed)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	if err := os.Rename(f.Name(), path); err != nil {
		return err
	}
	return syncFolder(filepath.Dir(path))
}

// syncFolder returns once the names in a folder are on the disk.
func syncFolder(path string) error {
	dir, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}

func (s *Store) stage(ctx context.Context, f File, person string) error {
	return s.record(ctx, func(tx *gorm.DB) error {
		now := micros(s.now())
		// Held or inserted: the sweep of the same file waits for us, or we for it.
		if err := tx.Save(&fileRow{f.Digest, f.Mime, f.Size, now, 0}).Error; err != nil {
			return err
		}
		return tx.Save(&stagedRow{f.Digest, person, now}).Error
	})
}

// checkFiles refuses files that the actor did not put in: a digest is no key to somebody
// else's evidence.
func (r *recording) checkFiles(field string, digests []string, person string, refusal *regulation.Error) error {
	if len(digests) == 0 {
		return nil
	}
	var own []string
	err := r.tx.Table("staged_files").Where("person = ? AND digest IN ?", person, digests).Pluck("digest", &own).Error
	for _, digest := range digests {
		if digest != "" && !slices.Contains(own, digest) {
			refusal.Field(field, "unknown_file")
		}
	}
	return err
}

// ofCase are the digests of a case's files: what acts bound to it, and the scan of the paper form
// that its rating stood on.
const ofCase = `SELECT digest FROM case_files WHERE case_id = ?
	UNION SELECT r.digest FROM rating_scans r JOIN cases c ON c.rating_id = r.rating_id WHERE c.id = ?`

// OpenFile returns a file of a case within the scope, decrypted and checked against its digest.
// NotFound: not of this case, or outside the scope.
func (s *Store) OpenFile(ctx context.Context, scope regulation.Scope, caseID, digest string) (File, []byte, error) {
	if _, err := s.CaseByID(ctx, scope, caseID); err != nil {
		return File{}, nil, err
	}
	var row fileRow
	err := s.rows(ctx).Where("digest = ? AND digest IN ("+ofCase+")", digest, caseID, caseID).Take(&row).Error
	if err != nil {
		return File{}, nil, found(err, "file")
	}
	if row.DeletedAt > 0 {
		return File{}, nil, &regulation.Error{Code: regulation.NotFound, Clause: regulation.ClauseRights, Missing: "deleted_by_retention"}
	}
	content, err := s.readFile(row.Digest)
	return File{Digest: row.Digest, Mime: row.Mime, Size: row.Size}, content, err
}

// Files lists the files of a case within the scope, by digest. Who may see a paper form's scan is
// the caller's to say: it may show who rated.
func (s *Store) Files(ctx context.Context, scope regulation.Scope, caseID string) (map[string]File, error) {
	if _, err := s.CaseByID(ctx, scope, caseID); err != nil {
		return nil, err
	}
	var rows []fileRow
	err := s.rows(ctx).Where("digest IN ("+ofCase+")", caseID, caseID).Find(&rows).Error
	files := map[string]File{}
	for _, row := range rows {
		files[row.Digest] = File{Digest: row.Digest, Mime: row.Mime, Size: row.Size}
	}
	return files, err
}

const notBound = `NOT EXISTS (SELECT 1 FROM case_files b WHERE b.digest = files.digest)
	AND NOT EXISTS (SELECT 1 FROM rating_scans r WHERE r.digest = files.digest)
	AND NOT EXISTS (SELECT 1 FROM paper_scans p WHERE p.digest = files.digest)
	AND NOT EXISTS (SELECT 1 FROM docket_files o WHERE o.digest = files.digest)
	AND NOT EXISTS (SELECT 1 FROM boxes x WHERE x.photo = files.digest)
	AND NOT EXISTS (SELECT 1 FROM export_files e WHERE e.digest = files.digest)
	AND NOT EXISTS (SELECT 1 FROM archives a WHERE a.digest = files.digest)`

// SweepFiles removes files that nothing was bound to since an instant, and returns how many.
func (s *Store) SweepFiles(ctx context.Context, stagedBefore time.Time) (removed int, err error) {
	var orphans []string
	err = s.rows(ctx).Table("files").Where("stored_at < ? AND "+notBound, micros(stagedBefore)).Limit(1000).Pluck("digest", &orphans).Error
	for _, digest := range orphans {
		gone, err := s.sweep(ctx, digest, stagedBefore)
		if err != nil {
			return removed, err
		}
		if gone {
			removed++
		}
	}
	return removed, err
}

// sweep removes one orphan, file and rows together, unless somebody staged or bound it meanwhile.
func (s *Store) sweep(ctx context.Context, digest string, stagedBefore time.Time) (gone bool, err error) {
	err = s.record(ctx, func(tx *gorm.DB) error {
		gone = false
		err := locked(tx).Where("digest = ? AND stored_at < ? AND "+notBound, digest, micros(stagedBefore)).Take(&fileRow{}).Error
		if errors.Is(err, gorm.ErrRecordNotFound) {
			return nil
		}
		if err != nil {
			return err
		}
		if err := tx.Delete(&stagedRow{}, "digest = ?", digest).Error; err != nil {
			return err
		}
		if err := tx.Delete(&fileRow{}, "digest = ?", digest).Error; err != nil {
			return err
		}
		gone = true
		err = os.Remove(s.filePath(digest))
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		return err
	})
	return gone, err
}
