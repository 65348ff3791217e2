package store

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"gorm.io/gorm"

	"haochaping/regulation"
	"haochaping/store/ledger"
)

// LeaseCheckpoints is the lease under which one node signs the ledger.
const LeaseCheckpoints = "checkpoints"

// LedgerName is whose ledger a checkpoint is of.
const LedgerName = "haochaping/" + regulation.PrefectureArea

// AlarmCheckpoint: the ledger was not signed, since it is not the one that was signed before, or since it cannot be. Its
// detail is a Refused code.
const AlarmCheckpoint = "checkpoint"

// Why the ledger is not signed.
const (
	RefusedBehind      = "behind"       // it has fewer leaves than were signed for: an old copy was put back
	RefusedNotExtended = "not_extended" // it does not begin with what was signed: it was rewritten
	RefusedFolder      = "folder"       // the folder's last checkpoint is none of this ledger's
	RefusedKey         = "key"          // the private key is not there
	RefusedFailed      = "failed"       // anything else, such as a full disk
)

// NotSigned is why the ledger is not signed.
type NotSigned struct {
	Code string
	Err  error
}

func (e *NotSigned) Error() string {
	return fmt.Sprintf("the ledger is not signed (%s): %v", e.Code, e.Err)
}

func (e *NotSigned) Unwrap() error { return e.Err }

// Checkpoint is a signed checkpoint.
type Checkpoint struct {
	ledger.Checkpoint
	Note string // as it was signed
}

// SigningKey is a public key under which checkpoints are signed from MadeAt on.
type SigningKey struct {
	Number int64
	Public string
	Change string // the note by which the key before it signed for it, "" of the first
	MadeAt time.Time
}

type ledgerKeyRow struct {
	Number     int64 `gorm:"primaryKey;autoIncrement:false"`
	Public     string
	ChangeNote string
	MadeAt     int64
}

func (ledgerKeyRow) TableName() string { return "ledger_keys" }

type checkpointRow struct {
	Size   int64 `gorm:"primaryKey;autoIncrement:false"`
	Note   string
	MadeAt int64
}

func (checkpointRow) TableName() string { return "checkpoints" }

// SigningKeys lists the public keys, the first first.
func (s *Store) SigningKeys(ctx context.Context) ([]SigningKey, error) {
	var rows []ledgerKeyRow
	err := s.rows(ctx).Order("number").Find(&rows).Error
	return converted(rows, func(r ledgerKeyRow) SigningKey {
		return SigningKey{r.Number, r.Public, r.ChangeNote, instant(r.MadeAt)}
	}), err
}

// signersOf are the public texts, as they follow from the first.
func signersOf(keys []SigningKey) ([]string, error) {
	if len(keys) == 0 {
		return nil, nil
	}
	var changes [][]byte
	for _, k := range keys[1:] {
		changes = append(changes, []byte(k.Change))
	}
	return ledger.Signers(keys[0].Public, changes...)
}

// signingFile is where the private half of a key lies, beside the master keys.
func (s *Store) signingFile(public string) string {
	parts := strings.Split(public, "+")
	return filepath.Join(s.options.KeyDir, "checkpoint-"+parts[min(1, len(parts)-1)]+".key")
}

// makeSigningKey draws a key and leaves its private half, readable by its owner alone, beside the master keys.
func (s *Store) makeSigningKey() (private, public string, err error) {
	if s.options.KeyDir == "" {
		return "", "", errNoKeys
	}
	if private, public, err = ledger.NewSigningKey(LedgerName); err != nil {
		return "", "", err
	}
	return private, public, writeWhole(s.signingFile(public), []byte(private+"\n"))
}

// signingKey is the current private key, made where there is none yet.
func (s *Store) signingKey(ctx context.Context, token int64) (private string, keys []SigningKey, err error) {
	if keys, err = s.SigningKeys(ctx); err != nil {
		return "", nil, err
	}
	if len(keys) > 0 {
		private, err = s.readSigningKey(keys[len(keys)-1].Public)
		return private, keys, err
	}
	private, public, err := s.makeSigningKey()
	if err != nil {
		return "", nil, &NotSigned{RefusedKey, err}
	}
	first := ledgerKeyRow{Number: 1, Public: public, MadeAt: micros(s.now())}
	err = s.tx(ctx, func(tx *gorm.DB) error {
		if err := holdsLease(tx, LeaseCheckpoints, token); err != nil {
			return err
		}
		return tx.Create(&first).Error
	})
	return private, []SigningKey{{1, public, "", instant(first.MadeAt)}}, err
}

func (s *Store) readSigningKey(public string) (string, error) {
	file := s.signingFile(public)
	info, err := os.Stat(file)
	if err == nil && info.Mode().Perm()&0o077 != 0 {
		err = fmt.Errorf("%s: others than its owner can read it; run chmod go-rwx %[1]s", file)
	}
	var content []byte
	if err == nil {
		content, err = os.ReadFile(file)
	}
	if err != nil {
		return "", &NotSigned{RefusedKey, err}
	}
	return strings.TrimSpace(string(content)), nil
}

// RotateSigningKey makes a new signing key, for which the one before signs, and takes the old private half away. It may run
// beside whoever signs checkpoints: what was signed with the old key in that moment stands.
func (s *Store) RotateSigningKey(ctx context.Context, author string) (public string, err error) {
	keys, err := s.SigningKeys(ctx)
	if err == nil && len(keys) == 0 {
		err = &NotSigned{RefusedKey, errors.New("there is no key yet: it is made with the first checkpoint")}
	}
	if err != nil {
		return "", err
	}
	old := keys[len(keys)-1]
	private, err := s.readSigningKey(old.Public)
	if err != nil {
		return "", err
	}
	if _, public, err = s.makeSigningKey(); err != nil {
		return "", err
	}
	now := s.now()
	change, err := ledger.SignChange(private, public, now)
	if err != nil {
		return "", err
	}
	err = s.tx(ctx, func(tx *gorm.DB) error {
		if err := tx.Create(&ledgerKeyRow{old.Number + 1, public, string(change), micros(now)}).Error; err != nil {
			return err
		}
		return s.audit(tx, AuditEntry{Person: author, Action: "rotate_key", ObjectKind: "signing_key", ObjectID: strconv.FormatInt(old.Number+1, 10), Outcome: OutcomeDone})
	})
	if err != nil {
		return "", err
	}
	return public, os.Remove(s.signingFile(old.Public))
}

// Checkpoints lists up to limit signed checkpoints of fewer leaves than before (0: of any), the largest first.
func (s *Store) Checkpoints(ctx context.Context, before int64, limit int) ([]Checkpoint, error) {
	query := s.rows(ctx).Order("size DESC").Limit(limit)
	if before > 0 {
		query = query.Where("size < ?", before)
	}
	var rows []checkpointRow
	if err := query.Find(&rows).Error; err != nil {
		return nil, err
	}
	return s.opened(ctx, rows)
}

// CheckpointOf is the checkpoint of that size; NotFound.
func (s *Store) CheckpointOf(ctx context.Context, size int64) (Checkpoint, error) {
	return s.checkpointWhere(ctx, "size = ?", "size", size)
}

// CheckpointOver is the first checkpoint that a position of the ledger is under; NotFound while there is none.
func (s *Store) CheckpointOver(ctx context.Context, position int64) (Checkpoint, error) {
	return s.checkpointWhere(ctx, "size > ?", "size", position)
}

func (s *Store) checkpointWhere(ctx context.Context, where, order string, args ...any) (Checkpoint, error) {
	var rows []checkpointRow
	if err := s.rows(ctx).Where(where, args...).Order(order).Limit(1).Find(&rows).Error; err != nil {
		return Checkpoint{}, err
	}
	all, err := s.opened(ctx, rows)
	if err == nil && len(all) == 0 {
		err = &regulation.Error{Code: regulation.NotFound, Missing: "checkpoint"}
	}
	if err != nil {
		return Checkpoint{}, err
	}
	return all[0], nil
}

// opened reads checkpoints and holds each against the keys.
func (s *Store) opened(ctx context.Context, rows []checkpointRow) ([]Checkpoint, error) {
	keys, err := s.SigningKeys(ctx)
	if err != nil {
		return nil, err
	}
	signers, err := signersOf(keys)
	if err != nil {
		return nil, err
	}
	var all []Checkpoint
	for _, row := range rows {
		point, err := ledger.OpenCheckpointBy([]byte(row.Note), signers)
		if err != nil {
			return nil, err
		}
		all = append(all, Checkpoint{point, row.Note})
	}
	return all, nil
}

// SignCheckpoint signs the ledger as it stands, unless nothing came since the last checkpoint, and tells whether it did. The
// folder gets the checkpoint and the digests of the leaves since the last before the record has it. A ledger that does not
// extend the last checkpoint, the record's or the folder's, is not signed and raises an alarm: *NotSigned. token is that of
// LeaseCheckpoints; ErrLeaseLost when another node has taken over.
func (s *Store) SignCheckpoint(ctx context.Context, token int64, folder string) (point Checkpoint, signed bool, err error) {
	point, signed, err = s.signCheckpoint(ctx, token, folder)
	if errors.Is(err, ErrLeaseLost) || ctx.Err() != nil {
		return point, false, err
	}
	told := s.tx(ctx, func(tx *gorm.DB) error {
		if err == nil {
			return s.clearAlarm(tx, AlarmCheckpoint, "ledger")
		}
		code := RefusedFailed
		if refused := (*NotSigned)(nil); errors.As(err, &refused) {
			code = refused.Code
		}
		return s.raise(tx, AlarmCheckpoint, "ledger", code, "", "")
	})
	return point, signed, errors.Join(err, told)
}

func (s *Store) signCheckpoint(ctx context.Context, token int64, folder string) (point Checkpoint, signed bool, err error) {
	private, keys, err := s.signingKey(ctx, token)
	if err != nil {
		return point, false, err
	}
	out, err := openExport(folder)
	if err != nil {
		return point, false, err
	}
	defer out.close()
	last, recorded, err := s.lastCheckpoint(ctx, out, keys)
	if err != nil {
		return point, false, err
	}
	root, size, err := s.extend(ctx, last, out)
	if err != nil {
		return point, false, err
	}
	if size == last.Size {
		point = last
	} else {
		point.Checkpoint = ledger.Checkpoint{Size: size, Root: root, At: s.now()}
		note, err := point.Sign(private)
		if err != nil {
			return point, false, &NotSigned{RefusedKey, err}
		}
		// As whoever checks will read it: a private key of another public one shows here.
		if point.Checkpoint, err = ledger.OpenCheckpoint(note, keys[len(keys)-1].Public); err != nil {
			return point, false, &NotSigned{RefusedKey, err}
		}
		point.Note = string(note)
	}
	if err := out.write(point, keys); err != nil {
		return point, false, err
	}
	if point.Size == recorded || point.Size == 0 {
		return point, false, nil
	}
	return point, true, s.tx(ctx, func(tx *gorm.DB) error {
		if err := holdsLease(tx, LeaseCheckpoints, token); err != nil {
			return err
		}
		return tx.Create(&checkpointRow{point.Size, point.Note, micros(point.At)}).Error
	})
}

// lastCheckpoint is the larger of the record's last and the folder's; recorded is the size of the record's.
func (s *Store) lastCheckpoint(ctx context.Context, out *export, keys []SigningKey) (last Checkpoint, recorded int64, err error) {
	inRecord, err := s.Checkpoints(ctx, 0, 1)
	if err != nil {
		return last, 0, &NotSigned{RefusedNotExtended, err} // one that does not verify
	}
	if len(inRecord) > 0 {
		last, recorded = inRecord[0], inRecord[0].Size
	}
	signers, err := signersOf(keys)
	if err != nil {
		return last, 0, &NotSigned{RefusedKey, err}
	}
	note, err := out.last()
	if err != nil || note == "" {
		return last, recorded, err
	}
	point, err := ledger.OpenCheckpointBy([]byte(note), signers)
	if err != nil {
		return last, recorded, &NotSigned{RefusedFolder, err}
	}
	switch {
	case point.Size > last.Size:
		last = Checkpoint{point, note}
	case point.Size == last.Size && point.Root != last.Root:
		return last, recorded, &NotSigned{RefusedFolder, errors.New("folder and record have two checkpoints of one size")}
	}
	return last, recorded, nil
}

// leavesAtOnce is how many leaves are read at a time.
const leavesAtOnce = 2000

// extend goes through the leaves from the last checkpoint, or from where the folder's digests end, to the ledger's end, gives
// the folder what it lacks and returns the root. What lies before must have the root that was signed.
func (s *Store) extend(ctx context.Context, last Checkpoint, out *export) (root ledger.Hash, size int64, err error) {
	if size, err = s.LedgerPosition(ctx); err != nil {
		return root, 0, err
	}
	if size < last.Size {
		return root, 0, &NotSigned{RefusedBehind, fmt.Errorf("%d leaves, of which %d were signed for", size, last.Size)}
	}
	if out.size > size {
		return root, 0, &NotSigned{RefusedBehind, fmt.Errorf("%d leaves, the folder has the digests of %d", size, out.size)}
	}
	tree, err := ledger.Load(hashTable{s, s.rows(ctx)}, min(last.Size, out.size))
	if err != nil {
		return root, 0, &NotSigned{RefusedNotExtended, err}
	}
	for {
		if tree.Size() == last.Size && last.Size > 0 {
			if root, err = tree.Root(); err != nil || root != last.Root {
				return root, 0, &NotSigned{RefusedNotExtended, errors.Join(err, fmt.Errorf("the first %d leaves have the root %s, signed is %s", last.Size, root, last.Root))}
			}
		}
		if tree.Size() == size {
			root, err = tree.Root()
			return root, size, err
		}
		until := size
		if tree.Size() < last.Size {
			until = last.Size
		}
		if err := s.addLeaves(ctx, tree, until, out); err != nil {
			return root, 0, err
		}
	}
}

// addLeaves adds the leaves from a tree's end on, at most to a position.
func (s *Store) addLeaves(ctx context.Context, tree *ledger.Tree, until int64, out *export) error {
	var rows []placedLeaf
	err := s.rows(ctx).Table("leaves").Where("position >= ? AND position < ?", tree.Size(), until).Order("position").Limit(leavesAtOnce).Find(&rows).Error
	if err == nil && len(rows) == 0 {
		err = fmt.Errorf("leaf %d is missing", tree.Size())
	}
	if err != nil {
		return &NotSigned{RefusedNotExtended, err}
	}
	for _, leaf := range rows {
		hash, err := readHash(leaf.Digest)
		if err == nil && leaf.Position != tree.Size() {
			err = fmt.Errorf("leaf %d is missing", tree.Size())
		}
		if err != nil {
			return &NotSigned{RefusedNotExtended, err}
		}
		if err := out.take(leaf, hash); err != nil {
			return err
		}
		if _, err := tree.Add(hash); err != nil {
			return err
		}
	}
	return out.flush()
}

// Names of what lies in the folder of checkpoints.
const (
	DigestsFile = "leaves.bin" // 32 bytes a leaf, in the order of positions
	NamesFile   = "leaves.txt" // a line of nameLine bytes a leaf: which row it is of
	pointFile   = "checkpoint-%012d.txt"
	keyFile     = "key-%04d.txt"
)

// nameLine is how long the line of a leaf is: kind and reference are as long as their columns at most.
const nameLine = 16 + 1 + 64 + 1

// export is the folder of checkpoints: what is handed to whoever is to hold the record to it later.
type export struct {
	folder         string
	digests, names *os.File
	size           int64 // leaves in both files
	added          []ledger.Hash
	lines          strings.Builder
}

// openExport opens the folder, made where it is missing. What a crash left of a last leaf is taken away.
func openExport(folder string) (*export, error) {
	if err := os.MkdirAll(folder, 0o750); err != nil {
		return nil, err
	}
	e := &export{folder: folder}
	var err error
	if e.digests, err = os.OpenFile(filepath.Join(folder, DigestsFile), os.O_CREATE|os.O_RDWR, 0o640); err != nil {
		return nil, err
	}
	if e.names, err = os.OpenFile(filepath.Join(folder, NamesFile), os.O_CREATE|os.O_RDWR, 0o640); err != nil {
		e.close()
		return nil, err
	}
	digests, err1 := e.digests.Stat()
	names, err2 := e.names.Stat()
	if err := errors.Join(err1, err2); err != nil {
		e.close()
		return nil, err
	}
	e.size = min(digests.Size()/int64(len(ledger.Hash{})), names.Size()/nameLine)
	if err := errors.Join(e.digests.Truncate(e.size*int64(len(ledger.Hash{}))), e.names.Truncate(e.size*nameLine)); err != nil {
		e.close()
		return nil, err
	}
	return e, nil
}

func (e *export) close() {
	_ = e.digests.Close() // what counts was synced
	if e.names != nil {
		_ = e.names.Close()
	}
}

// take adds a leaf that the folder lacks; one that it has from before a crash must be the same.
func (e *export) take(leaf placedLeaf, digest ledger.Hash) error {
	if leaf.Position >= e.size {
		e.added = append(e.added, digest)
		fmt.Fprintf(&e.lines, "%-*s\n", nameLine-1, leaf.Kind+" "+leaf.Ref)
		return nil
	}
	have, err := ledger.NewDigests(e.digests, e.size*int64(len(digest))).Read(leaf.Position, 1)
	if err == nil && have[0] != digest {
		err = &NotSigned{RefusedFolder, fmt.Errorf("the folder has another digest of leaf %d", leaf.Position)}
	}
	return err
}

func (e *export) flush() error {
	if len(e.added) == 0 {
		return nil
	}
	content := make([]byte, 0, len(e.added)*len(ledger.Hash{}))
	for _, digest := range e.added {
		content = append(content, digest[:]...)
	}
	_, err1 := e.digests.WriteAt(content, e.size*int64(len(ledger.Hash{})))
	_, err2 := e.names.WriteAt([]byte(e.lines.String()), e.size*nameLine)
	if err := errors.Join(err1, err2, e.digests.Sync(), e.names.Sync()); err != nil {
		return err
	}
	e.size += int64(len(e.added))
	e.added = e.added[:0]
	e.lines.Reset()
	return nil
}

// last is the text of the folder's largest checkpoint, "" where there is none.
func (e *export) last() (string, error) {
	names, err := fs.Glob(os.DirFS(e.folder), "checkpoint-*.txt") // in the order of their sizes
	if err != nil || len(names) == 0 {
		return "", err
	}
	content, err := os.ReadFile(filepath.Join(e.folder, names[len(names)-1]))
	return string(content), err
}

// write leaves a checkpoint and the public keys in the folder, each whole or not at all.
func (e *export) write(point Checkpoint, keys []SigningKey) error {
	for _, k := range keys {
		content := k.Public + "\n"
		if k.Change != "" {
			content = k.Change
		}
		if err := writeOnce(filepath.Join(e.folder, fmt.Sprintf(keyFile, k.Number)), content); err != nil {
			return err
		}
	}
	if point.Size == 0 {
		return nil
	}
	return writeOnce(filepath.Join(e.folder, fmt.Sprintf(pointFile, point.Size)), point.Note)
}

func writeOnce(file, content string) error {
	have, err := os.ReadFile(file)
	if err == nil && string(have) == content {
		return nil
	}
	if err == nil {
		return &NotSigned{RefusedFolder, fmt.Errorf("%s has another content", file)}
	}
	return writeWhole(file, []byte(content))
}

// writeWhole leaves a whole, durable file, readable by its owner alone, or none.
func writeWhole(file string, content []byte) error {
	f, err := os.CreateTemp(filepath.Dir(file), "new-*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	_, err = f.Write(content)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	if err := os.Rename(f.Name(), file); err != nil {
		return err
	}
	return syncFolder(filepath.Dir(file))
}
