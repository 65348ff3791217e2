package store

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"gorm.io/gorm"

	"haochaping/regulation"
)

// ExportState is what became of an export.
type ExportState string

const (
	ExportGiven     ExportState = "given"   // short: handed out at once, and not kept
	ExportRunning   ExportState = "running" // rows are gathered, stretch by stretch
	ExportMade      ExportState = "made"    // the file waits for its owner
	ExportCancelled ExportState = "cancelled"
	ExportEnded     ExportState = "ended" // the right to it was withdrawn
	ExportFailed    ExportState = "failed"
	ExportDeleted   ExportState = "deleted" // its days are over
)

// MostExports is how many somebody may have running at a time.
const MostExports = 3

// LeaseExports is the lease under which one node makes the files of long lists.
const LeaseExports = "exports"

// Export is a list that somebody had made as a file.
type Export struct {
	ID      string
	Person  string
	Lang    string
	List    string   // a code
	Address string   // of the page, with its filter
	Posts   []string // with which it was asked
	Total   int64    // rows as counted at the beginning, 0 where the list does not count
	AskedAt time.Time

	Seq   int64
	State ExportState
	Since time.Time // of the state
	Rows  int64     // done so far
	Bytes int64     // of the file, once it is made
	Rest  string    // where the next stretch begins, "" behind the last one
}

type exportRow struct {
	ID      string `gorm:"primaryKey"`
	Person  string
	Lang    string
	List    string
	Address string
	Posts   string
	Total   int64
	AskedAt int64
}

func (exportRow) TableName() string { return "exports" }

type exportStateRow struct {
	ExportID string `gorm:"primaryKey"`
	Seq      int64  `gorm:"primaryKey;autoIncrement:false"`
	At       int64
	State    string
	RowsDone int64
	Bytes    int64
	Rest     string
}

func (exportStateRow) TableName() string { return "export_states" }

type exportFileRow struct {
	ExportID string `gorm:"primaryKey"`
	Kind     string `gorm:"primaryKey"`
	N        int64  `gorm:"primaryKey;autoIncrement:false"`
	Digest   string
}

func (exportFileRow) TableName() string { return "export_files" }

// Kinds of an export's contents.
const (
	exportRows = "rows"
	exportFile = "file"
)

type exportView struct {
	Export exportRow      `gorm:"embedded"`
	State  exportStateRow `gorm:"embedded"`
}

func (v exportView) export() Export {
	e, s := v.Export, v.State
	return Export{ID: e.ID, Person: e.Person, Lang: e.Lang, List: e.List, Address: e.Address, Posts: list(e.Posts), Total: e.Total, AskedAt: instant(e.AskedAt),
		Seq: s.Seq, State: ExportState(s.State), Since: instant(s.At), Rows: s.RowsDone, Bytes: s.Bytes, Rest: s.Rest}
}

// exports begins a query of exports as they stand.
func (s *Store) exports(db *gorm.DB) *gorm.DB {
	return db.Table("exports e").Select("e.*, s.*").Joins("JOIN export_states s ON s.export_id = e.id").
		Where("s.seq = (SELECT MAX(x.seq) FROM export_states x WHERE x.export_id = e.id)")
}

// exportAudit is a line of the audit log about an export: its list, and no filter, which may have been typed.
func exportAudit(e Export, actor regulation.Actor, action string) AuditEntry {
	line := AuditEntry{Person: e.Person, Action: action, ObjectKind: "export", ObjectID: e.ID, Purpose: e.List, Outcome: OutcomeDone}
	if len(actor.Assignments) > 0 {
		as := actor.Assignments[0]
		line.Role, line.Area, line.Unit = string(as.Role), as.Area, as.Org
	}
	return line
}

// BeginExport notes and logs that somebody has a list made as a file: e.State is ExportGiven with the rows that it has, or
// ExportRunning. Conflict: exports_running, too many of theirs are on the way.
func (s *Store) BeginExport(ctx context.Context, e Export, actor regulation.Actor) (Export, error) {
	now := micros(s.now())
	e.ID, e.Person, e.Seq, e.AskedAt, e.Since = newID(), actor.Person, 1, instant(now), instant(now)
	return e, s.tx(ctx, func(tx *gorm.DB) error {
		var running int64
		err := s.exports(tx).Where("e.person = ? AND s.state = ?", e.Person, ExportRunning).Count(&running).Error
		if err == nil && e.State == ExportRunning && running >= MostExports {
			err = &regulation.Error{Code: regulation.Conflict, Missing: "exports_running"}
		}
		if err != nil {
			return err
		}
		row := exportRow{e.ID, e.Person, e.Lang, e.List, e.Address, strings.Join(e.Posts, ","), e.Total, now}
		if err := tx.Create(&row).Error; err != nil {
			return err
		}
		if err := tx.Create(&exportStateRow{e.ID, e.Seq, now, string(e.State), e.Rows, e.Bytes, e.Rest}).Error; err != nil {
			return err
		}
		return s.audit(tx, exportAudit(e, actor, "export_list"))
	})
}

// Exports are somebody's, the newest first, 50 at most.
func (s *Store) Exports(ctx context.Context, person string) ([]Export, error) {
	var rows []exportView
	err := s.exports(s.rows(ctx)).Where("e.person = ?", person).Order("e.asked_at DESC, e.id").Limit(50).Scan(&rows).Error
	return converted(rows, exportView.export), err
}

// ExportsByID are exports by their ids, whoever's, for the audit log.
func (s *Store) ExportsByID(ctx context.Context, ids []string) (map[string]Export, error) {
	var rows []exportView
	err := s.exports(s.rows(ctx)).Where("e.id IN ?", ids).Scan(&rows).Error
	found := map[string]Export{}
	for _, row := range rows {
		found[row.Export.ID] = row.export()
	}
	return found, err
}

// OwnExport is one of somebody's; NotFound for others'.
func (s *Store) OwnExport(ctx context.Context, person, id string) (Export, error) {
	found, err := s.ExportsByID(ctx, []string{id})
	if e, known := found[id]; err == nil && known && e.Person == person {
		return e, nil
	}
	if err == nil {
		err = &regulation.Error{Code: regulation.NotFound, Missing: "export"}
	}
	return Export{}, err
}

// RunningExports are those that are on the way, the oldest first.
func (s *Store) RunningExports(ctx context.Context) ([]Export, error) {
	var rows []exportView
	err := s.exports(s.rows(ctx)).Where("s.state = ?", ExportRunning).Order("e.asked_at, e.id").Scan(&rows).Error
	return converted(rows, exportView.export), err
}

// MadeBefore are exports whose file has waited since before an instant.
func (s *Store) MadeBefore(ctx context.Context, before time.Time) ([]Export, error) {
	var rows []exportView
	err := s.exports(s.rows(ctx)).Where("s.state = ? AND s.at < ?", ExportMade, micros(before)).Scan(&rows).Error
	return converted(rows, exportView.export), err
}

// errExportMoved tells that an export went on without the caller: it was cancelled, or another node has it.
var errExportMoved = &regulation.Error{Code: regulation.Conflict, Missing: "export_moved"}

// moveExport appends a state behind the one that the caller saw; with has the rest done in the same transaction.
func (s *Store) moveExport(ctx context.Context, e Export, with func(tx *gorm.DB) error) (Export, error) {
	now := micros(s.now())
	seen := e.Seq
	e.Seq, e.Since = seen+1, instant(now)
	return e, s.tx(ctx, func(tx *gorm.DB) error {
		if err := locked(tx).Take(&exportRow{}, "id = ?", e.ID).Error; err != nil {
			return found(err, "export")
		}
		var last int64
		if err := tx.Model(&exportStateRow{}).Where("export_id = ?", e.ID).Select("MAX(seq)").Scan(&last).Error; err != nil {
			return err
		}
		if last != seen {
			return errExportMoved
		}
		if err := with(tx); err != nil {
			return err
		}
		return tx.Create(&exportStateRow{e.ID, e.Seq, now, string(e.State), e.Rows, e.Bytes, e.Rest}).Error
	})
}

// KeepPiece stores a piece of an export for its owner, encrypted; unless an export takes it, it is swept like a file that
// nobody bound. Not above MaxFileSize.
func (s *Store) KeepPiece(ctx context.Context, person string, content []byte) (digest string, err error) {
	if s.sealer == nil {
		return "", errNoKeys
	}
	sum := sha256.Sum256(content)
	digest = hex.EncodeToString(sum[:])
	if err := s.writeFile(digest, content); err != nil {
		return "", err
	}
	return digest, s.stage(ctx, File{digest, "application/octet-stream", int64(len(content))}, person)
}

// AddStretch binds a stretch of so many rows to a running export; rest is where the next begins. Conflict: export_moved.
func (s *Store) AddStretch(ctx context.Context, e Export, digest string, rows int, rest string) (Export, error) {
	e.Rows, e.Rest = e.Rows+int64(rows), rest
	return s.moveExport(ctx, e, func(tx *gorm.DB) error {
		return tx.Create(&exportFileRow{e.ID, exportRows, e.Seq, digest}).Error
	})
}

// FinishExport binds the file's pieces in the place of the stretches. Conflict: export_moved.
func (s *Store) FinishExport(ctx context.Context, e Export, pieces []string, bytes int64) (Export, error) {
	e.State, e.Bytes = ExportMade, bytes
	return s.released(ctx, e, func(tx *gorm.DB) error {
		for n, digest := range pieces {
			if err := tx.Create(&exportFileRow{e.ID, exportFile, int64(n), digest}).Error; err != nil {
				return err
			}
		}
		return nil
	})
}

// EndExport ends an export in a state in which nobody has its contents any more. Conflict: export_moved.
func (s *Store) EndExport(ctx context.Context, e Export, state ExportState, actor regulation.Actor) (Export, error) {
	e.State, e.Rest = state, ""
	return s.released(ctx, e, func(tx *gorm.DB) error {
		return s.audit(tx, exportAudit(e, actor, "export_"+string(state)))
	})
}

// released moves an export and lets go of what it was bound to; files that nothing else needs are removed.
func (s *Store) released(ctx context.Context, e Export, with func(tx *gorm.DB) error) (Export, error) {
	var loose []string
	e, err := s.moveExport(ctx, e, func(tx *gorm.DB) error {
		loose = nil
		if err := tx.Model(&exportFileRow{}).Where("export_id = ?", e.ID).Pluck("digest", &loose).Error; err != nil {
			return err
		}
		if err := tx.Delete(&exportFileRow{}, "export_id = ?", e.ID).Error; err != nil {
			return err
		}
		return with(tx)
	})
	if err != nil {
		return e, err
	}
	for _, digest := range slices.Compact(slices.Sorted(slices.Values(loose))) {
		if _, failed := s.sweep(ctx, digest, s.now().Add(time.Second)); failed != nil {
			err = errors.Join(err, failed) // the hourly sweep comes to it
		}
	}
	return e, err
}

// ExportStretches are the stretches of an export in their order, one after the other.
func (s *Store) ExportStretches(ctx context.Context, id string, each func(content []byte) error) error {
	return s.exportPieces(ctx, id, exportRows, each)
}

// ExportFile is an export's file, piece by piece.
func (s *Store) ExportFile(ctx context.Context, id string, each func(content []byte) error) error {
	return s.exportPieces(ctx, id, exportFile, each)
}

func (s *Store) exportPieces(ctx context.Context, id, kind string, each func(content []byte) error) error {
	var digests []string
	err := s.rows(ctx).Model(&exportFileRow{}).Where("export_id = ? AND kind = ?", id, kind).Order("n").Pluck("digest", &digests).Error
	for _, digest := range digests {
		content, opened := s.readFile(digest)
		if opened == nil {
			opened = each(content)
		}
		if opened != nil {
			return opened
		}
	}
	return err
}

// LogDownload notes that an export's owner fetched the file.
func (s *Store) LogDownload(ctx context.Context, e Export, actor regulation.Actor) error {
	return s.Audit(ctx, exportAudit(e, actor, "export_downloaded"))
}

// scratchLife is how long the folder of a file in the making may be left by a process that ended.
const scratchLife = 24 * time.Hour

// Scratch is a folder on the record's disk for files in the making; what an ended process left there is removed.
func (s *Store) Scratch() (string, error) {
	folder := filepath.Join(s.options.Dir, "scratch")
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return "", err
	}
	left, err := os.ReadDir(folder)
	for _, entry := range left {
		if info, gone := entry.Info(); gone == nil && s.wall().Sub(info.ModTime()) > scratchLife {
			err = errors.Join(err, os.RemoveAll(filepath.Join(folder, entry.Name())))
		}
	}
	return folder, err
}
