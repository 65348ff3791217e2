package store

import (
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"strconv"
	"strings"
	"time"

	"gorm.io/gorm"

	"haochaping/regulation"
	"haochaping/store/ledger"
	"haochaping/workday"
)

// LeaseRetention is the lease under which one node deletes by the retention table.
const LeaseRetention = "retention"

const (
	leafDeletion = "deletion"
	// factRetained is the last day on which the table was gone through.
	factRetained = "retained"
	// retainedAtOnce is how much is deleted in one transaction, and stands in one row of deletions.
	retainedAtOnce = 200
)

type deletionRow struct {
	ID        string `gorm:"primaryKey"`
	At        int64
	What      string
	Number    int64
	BeforeDay string
	Edition   string
	Digest    string
	Refs      []byte
	Nonce     []byte
}

func (deletionRow) TableName() string { return "deletions" }

// canonical is version 1 of a deletion's canonical bytes.
func (r deletionRow) canonical() []byte {
	return ledger.NewRow(leafDeletion, 1).Text(r.ID).Instant(instant(r.At)).Text(r.What).Integer(r.Number).Text(r.BeforeDay).
		Text(r.Edition).Text(r.Digest).Canonical()
}

// deletionLeaf makes a deletion's leaf anew; its refs must still be what the digest says.
func (s *Store) deletionLeaf(ctx context.Context, id string) (leafContent, error) {
	var row deletionRow
	if err := s.rows(ctx).Take(&row, "id = ?", id).Error; err != nil {
		return leafContent{}, err
	}
	if digest, _ := digests(row.Refs); digest != row.Digest {
		return leafContent{}, errors.New("what was deleted is not what its digest says")
	}
	return leafContent{row.Nonce, row.canonical()}, nil
}

// ended holds of a case c that retention may look at: it is closed since before an instant (one
// placeholder) and nobody holds it.
const ended = `(c.phase = 'closed' AND c.closed_at > 0 AND c.closed_at < ?
	AND NOT EXISTS (SELECT 1 FROM holds h WHERE h.case_id = c.id AND h.lifted_at = 0))`

// endedRating holds of a rating r: its case has ended, or it had none and was given before an instant
// (two placeholders).
const endedRating = `((NOT EXISTS (SELECT 1 FROM cases c WHERE c.rating_id = r.id) AND r.given_at < ?)
	OR EXISTS (SELECT 1 FROM cases c WHERE c.rating_id = r.id AND ` + ended + `))`

// endedFile holds of a file f that was put in before an instant and all of whose cases have ended
// (two placeholders).
const endedFile = `(f.deleted_at = 0 AND f.stored_at < ? AND EXISTS (SELECT 1 FROM case_files b WHERE b.digest = f.digest)
	AND NOT EXISTS (SELECT 1 FROM docket_files o WHERE o.digest = f.digest)
	AND NOT EXISTS (SELECT 1 FROM rating_scans s WHERE s.digest = f.digest)
	AND NOT EXISTS (SELECT 1 FROM case_files b JOIN cases c ON c.id = b.case_id WHERE b.digest = f.digest AND NOT ` + ended + `))`

// endedDocketFile holds of a file f of dockets that are done, and of no case (two placeholders).
const endedDocketFile = `(f.deleted_at = 0 AND f.stored_at < ? AND EXISTS (SELECT 1 FROM docket_files o WHERE o.digest = f.digest)
	AND NOT EXISTS (SELECT 1 FROM case_files b WHERE b.digest = f.digest) AND NOT EXISTS (SELECT 1 FROM rating_scans s WHERE s.digest = f.digest)
	AND NOT EXISTS (SELECT 1 FROM docket_files o JOIN dockets d ON d.id = o.docket_id WHERE o.digest = f.digest AND (d.ended_at = 0 OR d.ended_at >= ?)))`

// opinionText is the field of what somebody said at a hearing: their words, kept as those of raters are.
const opinionText = "opinion"

// retaining is one kind of the table on one day.
type retaining struct {
	s       *Store
	ctx     context.Context
	kept    regulation.Kept
	before  time.Time
	edition string
	token   int64
}

// dueQuery finds what of a kind is due, as refs: so many at most.
func (r retaining) dueQuery() *gorm.DB {
	at, db := micros(r.before), r.s.rows(r.ctx)
	switch r.kept.What {
	case regulation.KeptContact:
		return db.Raw("SELECT v.subject FROM vault v JOIN ratings r ON r.id = v.subject WHERE "+endedRating+" ORDER BY v.subject LIMIT ?",
			at, at, retainedAtOnce)
	case regulation.KeptScan:
		return db.Raw(`SELECT f.digest FROM files f WHERE f.deleted_at = 0 AND (EXISTS (SELECT 1 FROM rating_scans s WHERE s.digest = f.digest)
				OR EXISTS (SELECT 1 FROM paper_scans p WHERE p.digest = f.digest AND p.added_at < ?))
			AND NOT EXISTS (SELECT 1 FROM rating_scans s JOIN ratings r ON r.id = s.rating_id WHERE s.digest = f.digest AND NOT `+endedRating+`)
			ORDER BY f.digest LIMIT ?`, at, at, at, retainedAtOnce)
	case regulation.KeptRecording:
		return db.Raw("SELECT f.digest FROM files f WHERE f.mime LIKE 'audio/%' AND "+endedFile+" ORDER BY f.digest LIMIT ?", at, at, retainedAtOnce)
	case regulation.KeptEvidence:
		return db.Raw("SELECT f.digest FROM files f WHERE f.mime NOT LIKE 'audio/%' AND "+endedFile+" OR "+endedDocketFile+" ORDER BY f.digest LIMIT ?", at, at, at, at, retainedAtOnce)
	case regulation.KeptArchive:
		return db.Raw(`SELECT f.digest FROM files f JOIN archives a ON a.digest = f.digest JOIN cases c ON c.id = a.case_id
			WHERE f.deleted_at = 0 AND `+ended+` ORDER BY f.digest LIMIT ?`, at, retainedAtOnce)
	case regulation.KeptTrace:
		return db.Raw("SELECT rating_id FROM rating_traces WHERE added_at < ? ORDER BY rating_id LIMIT ?", at, retainedAtOnce)
	case regulation.KeptText:
		return r.raterTexts(db, at)
	case regulation.KeptPaper:
		return r.papers(db, at)
	}
	if query, args := r.dueLog(); query != "" {
		return db.Raw(query+" ORDER BY 1 LIMIT ?", append(args, retainedAtOnce)...)
	}
	return db.Raw("SELECT id FROM audit WHERE at < ? ORDER BY id LIMIT ?", at, retainedAtOnce)
}

// raterWords holds of a text t and its event e (arguments by raterWordArgs).
const raterWords = "(e.name IN ? OR (e.name IN ? AND t.field IN ?))"

func raterWordArgs() []any {
	given, written, fields := regulation.RaterWords()
	return []any{given, written, fields}
}

// raterTexts are the rater's own words: of the rating, in the case, and the key of those in packages.
func (r retaining) raterTexts(db *gorm.DB, at int64) *gorm.DB {
	args := append([]any{at, at, at}, raterWordArgs()...)
	return db.Raw(`SELECT CONCAT(t.owner, '/', t.seq, '/', t.field) FROM texts t JOIN ratings r ON r.id = t.owner WHERE `+endedRating+`
		UNION SELECT CONCAT(t.owner, '/', t.seq, '/', t.field) FROM texts t JOIN cases c ON c.id = t.owner
			JOIN case_events e ON e.case_id = t.owner AND e.seq = t.seq WHERE `+ended+` AND `+raterWords+`
		UNION SELECT CONCAT(t.owner, '/', t.seq, '/', t.field) FROM texts t JOIN dockets d ON d.id = t.owner
			WHERE t.field = '`+opinionText+`' AND d.ended_at > 0 AND d.ended_at < ?
		UNION SELECT CONCAT('key/', a.case_id) FROM archives a JOIN cases c ON c.id = a.case_id WHERE `+ended+`
			AND NOT EXISTS (SELECT 1 FROM erasures x WHERE x.subject = a.case_id) ORDER BY 1 LIMIT ?`,
		append(args, at, at, retainedAtOnce)...)
}

// papers are what staff wrote: in cases and official documents, on the watch list, in probes and dockets, for holds.
func (r retaining) papers(db *gorm.DB, at int64) *gorm.DB {
	args := append([]any{at}, raterWordArgs()...)
	return db.Raw(`SELECT CONCAT(t.owner, '/', t.seq, '/', t.field) FROM texts t JOIN cases c ON c.id = t.owner
			JOIN case_events e ON e.case_id = t.owner AND e.seq = t.seq WHERE `+ended+` AND NOT `+raterWords+`
		UNION SELECT CONCAT(t.owner, '/', t.seq, '/', t.field) FROM texts t JOIN watch_listings w ON w.id = t.owner WHERE w.ended_at > 0 AND w.ended_at < ?
		UNION SELECT CONCAT(t.owner, '/', t.seq, '/', t.field) FROM texts t JOIN probes b ON b.id = t.owner WHERE b.ended_at > 0 AND b.ended_at < ?
		UNION SELECT CONCAT(t.owner, '/', t.seq, '/', t.field) FROM texts t JOIN dockets o ON o.id = t.owner
			WHERE t.field <> '`+opinionText+`' AND o.ended_at > 0 AND o.ended_at < ?
		UNION SELECT CONCAT(t.owner, '/', t.seq, '/', t.field) FROM texts t JOIN documents d ON d.id = t.owner JOIN cases c ON c.id = d.case_id WHERE `+ended+`
		UNION SELECT CONCAT(t.owner, '/', t.seq, '/', t.field) FROM texts t JOIN reveals v ON v.id = t.owner JOIN cases c ON c.id = v.case_id WHERE `+ended+`
		UNION SELECT CONCAT(t.owner, '/', t.seq, '/', t.field) FROM texts t JOIN holds h ON h.id = t.owner JOIN cases c ON c.id = h.case_id WHERE `+ended+`
		ORDER BY 1 LIMIT ?`, append(args, at, at, at, at, at, at, retainedAtOnce)...)
}

// Retain deletes what the retention table says, once a day of the product's clock, and returns how
// many things that were. Each transaction deletes, logs and ledgers together. token is that of
// LeaseRetention. A run that was cut off goes on at the next call; after a restore the same rows are
// due again and are deleted again.
func (s *Store) Retain(ctx context.Context, token int64) (deleted int, err error) {
	today := workday.DateOf(s.now())
	last, err := s.Fact(ctx, factRetained)
	if err != nil || last == today.String() {
		return 0, err
	}
	edition, err := s.CurrentEdition(ctx)
	if err != nil {
		return 0, err
	}
	params, err := s.Params(ctx, edition)
	if err != nil {
		return 0, err
	}
	for _, kept := range regulation.Retention {
		if kept.How != regulation.RetainByRule {
			continue
		}
		r := retaining{s, ctx, kept, params.KeptUntil(kept, today), edition, token}
		n, err := r.all()
		deleted += n
		if err != nil {
			return deleted, err
		}
	}
	return deleted, s.SetFact(ctx, factRetained, today.String())
}

// all deletes whatever is due of one kind.
func (r retaining) all() (deleted int, err error) {
	for {
		n, err := r.some()
		deleted += n
		if err != nil || n < retainedAtOnce {
			return deleted, err
		}
	}
}

func (r retaining) some() (int, error) {
	var refs []string
	if err := r.dueQuery().Scan(&refs).Error; err != nil || len(refs) == 0 {
		return 0, err
	}
	erased := r.erased(refs)
	if err := r.s.erased.add(r.s.erasedNow(), erased...); err != nil {
		return 0, err
	}
	err := r.s.tx(r.ctx, func(tx *gorm.DB) error {
		if err := holdsLease(tx, LeaseRetention, r.token); err != nil {
			return err
		}
		if err := r.log(tx, refs); err != nil {
			return err
		}
		return r.delete(tx, refs)
	})
	if err == nil {
		r.s.destroyed(r.ctx, erased...)
	}
	return len(refs), err
}

// erased are the subjects of whom refs name a key.
func (r retaining) erased(refs []string) (subjects []string) {
	if r.kept.What == regulation.KeptContact {
		return refs
	}
	for _, ref := range refs {
		if subject, key := strings.CutPrefix(ref, "key/"); key {
			subjects = append(subjects, subject)
		}
	}
	return subjects
}

// log writes what is about to be deleted, with its leaf.
func (r retaining) log(tx *gorm.DB, refs []string) error {
	body, err := json.Marshal(refs)
	if err != nil {
		return err
	}
	row := deletionRow{ID: newID(), At: micros(r.s.now()), What: r.kept.What, Number: int64(len(refs)), BeforeDay: dayOf(r.before), Edition: r.edition, Refs: body}
	row.Digest, _ = digests(body)
	nonce, leaf := pendingLeaf(leafDeletion, row.ID, row.canonical(), r.s.wall())
	row.Nonce = nonce
	if err := tx.Create(&row).Error; err != nil {
		return err
	}
	return r.s.insert(tx, pendingLeavesTable, leaf)
}

func (r retaining) delete(tx *gorm.DB, refs []string) error {
	switch r.kept.What {
	case regulation.KeptContact:
		return r.erase(tx, refs)
	case regulation.KeptText, regulation.KeptPaper:
		return r.deleteTexts(tx, refs)
	case regulation.KeptTrace:
		return tx.Exec("DELETE FROM rating_traces WHERE rating_id IN ?", refs).Error
	case regulation.KeptAudit:
		return tx.Delete(&auditRow{}, "id IN ?", refs).Error
	}
	if statements, of := logDeletions[r.kept.What]; of {
		for _, statement := range statements {
			if err := tx.Exec(statement, refs).Error; err != nil {
				return err
			}
		}
		return nil
	}
	return r.deleteFiles(tx, refs)
}

// erase destroys subjects' keys and notes it, so that a restored copy is cleaned before it opens.
func (r retaining) erase(tx *gorm.DB, subjects []string) error {
	for _, subject := range subjects {
		if err := eraseSubject(tx, subject); err != nil {
			return err
		}
		row := erasureRow{Subject: subject, ErasedAt: micros(r.s.now()), Person: string(regulation.System), Basis: "retention"}
		isNew, err := insertNew(tx, &row)
		if err == nil && isNew {
			err = r.s.withdrawAll(tx, subject, r.s.now())
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// deleteTexts deletes texts with their salts; the digests in events then prove nothing about anyone.
func (r retaining) deleteTexts(tx *gorm.DB, refs []string) error {
	for _, ref := range refs {
		if subject, key := strings.CutPrefix(ref, "key/"); key {
			if err := r.erase(tx, []string{subject}); err != nil {
				return err
			}
			continue
		}
		parts := strings.SplitN(ref, "/", 3)
		seq, err := strconv.ParseInt(parts[1], 10, 64)
		if err != nil {
			return err
		}
		if err := tx.Delete(&textRow{}, "owner = ? AND seq = ? AND field = ?", parts[0], seq, parts[2]).Error; err != nil {
			return err
		}
	}
	return nil
}

// deleteFiles removes contents; a file that is gone already was removed by a run that was cut off.
func (r retaining) deleteFiles(tx *gorm.DB, refs []string) error {
	at := micros(r.s.now())
	for _, digest := range refs {
		if err := tx.Model(&fileRow{}).Where("digest = ?", digest).Update("deleted_at", at).Error; err != nil {
			return err
		}
		if err := os.Remove(r.s.filePath(digest)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

// Deletion is one line of what the retention table deleted.
type Deletion struct {
	ID      string
	At      time.Time
	What    string
	Number  int64
	Before  workday.Date
	Edition string
	Digest  string // SHA-256 of the list of ids
}

func (r deletionRow) deletion() Deletion {
	before, _ := workday.ParseDate(r.BeforeDay) // written by us
	return Deletion{ID: r.ID, At: instant(r.At), What: r.What, Number: r.Number, Before: before, Edition: r.Edition, Digest: r.Digest}
}

// Deletions lists what was deleted, the newest first.
func (s *Store) Deletions(ctx context.Context, q ListQuery) ([]Deletion, string, error) {
	query, limit, err := q.newest(s.rows(ctx).Model(&deletionRow{}), "at", "id")
	if err != nil {
		return nil, "", err
	}
	var rows []deletionRow
	if err := query.Omit("refs").Find(&rows).Error; err != nil {
		return nil, "", err
	}
	rows, next := page(rows, limit, func(r deletionRow) cursor { return cursor{Key: r.At, ID: r.ID} })
	return converted(rows, deletionRow.deletion), next, nil
}

// DeletedOf is how much of a kind was deleted so far, and when last.
type DeletedOf struct {
	Number int64
	Last   time.Time
}

// DeletedByKind sums up deletions by kind.
func (s *Store) DeletedByKind(ctx context.Context) (map[string]DeletedOf, error) {
	var rows []struct {
		What     string
		Deleted  int64
		LastTime int64
	}
	err := s.rows(ctx).Model(&deletionRow{}).Select("what, SUM(number) AS deleted, MAX(at) AS last_time").Group("what").Scan(&rows).Error
	all := map[string]DeletedOf{}
	for _, row := range rows {
		all[row.What] = DeletedOf{row.Deleted, instant(row.LastTime)}
	}
	return all, err
}

// deletedFile tells whether retention deleted a file's content.
func (s *Store) deletedFile(digest string) bool {
	var n int64
	err := s.rows(context.Background()).Model(&fileRow{}).Where("digest = ? AND deleted_at > 0", digest).Count(&n).Error
	return err == nil && n > 0
}
