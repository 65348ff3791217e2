package store

import (
	"cmp"
	"context"
	"errors"
	"io"
	"slices"
	"strings"

	"gorm.io/gorm"

	"haochaping/regulation"
	"haochaping/workday"
)

// PaperOpening is an opening of a box with what is left to do of it.
type PaperOpening struct {
	Opening
	Scans   int // pictures that nobody entered yet
	Missing int // entries that have none
	Open    map[regulation.PaperState]int
	Due     workday.Due
	Late    bool
}

// ToEnter is how many of the sheets found nobody has entered yet.
func (o PaperOpening) ToEnter() int {
	return max(o.Remaining()-o.Open[regulation.PaperToCheck]-o.Open[regulation.PaperDiffers], 0)
}

// PaperQueue lists the openings within the scope of which something is left to do: what is late first, then by when
// the box was opened.
func (s *Store) PaperQueue(ctx context.Context, scope regulation.Scope) ([]PaperOpening, error) {
	openings, err := s.Openings(ctx, scope, OpeningQuery{Waiting: true})
	if err != nil {
		return nil, err
	}
	var queue []PaperOpening
	for _, o := range openings {
		p, err := s.paperOpening(ctx, o)
		if err != nil {
			return nil, err
		}
		queue = append(queue, p)
	}
	slices.SortStableFunc(queue, func(a, b PaperOpening) int {
		return cmp.Or(-cmp.Compare(late(a), late(b)), a.OpenedAt.Compare(b.OpenedAt), cmp.Compare(a.ID, b.ID))
	})
	return queue, nil
}

func late(o PaperOpening) int {
	if o.Late {
		return 1
	}
	return 0
}

func (s *Store) paperOpening(ctx context.Context, o Opening) (p PaperOpening, err error) {
	p = PaperOpening{Opening: o, Open: map[regulation.PaperState]int{}}
	if p.Due, err = s.paperDue(ctx, o); err != nil {
		return p, err
	}
	p.Late = o.Remaining() > 0 && regulation.PaperLate(p.Due, s.now())
	var states []struct {
		State string
		N     int
	}
	err = s.rows(ctx).Model(&paperEntryRow{}).Select("state, COUNT(*) AS n").Where("opening_id = ? AND settled_at = 0", o.ID).Group("state").Find(&states).Error
	for _, state := range states {
		p.Open[regulation.PaperState(state.State)] = state.N
	}
	if err != nil {
		return p, err
	}
	var scans, missing int64
	if err := s.rows(ctx).Model(&paperScanRow{}).Where("opening_id = ? AND entry_id IS NULL", o.ID).Count(&scans).Error; err != nil {
		return p, err
	}
	err = s.rows(ctx).Model(&paperEntryRow{}).Where("opening_id = ? AND settled_at = 0 AND "+withoutScan, o.ID).Count(&missing).Error
	p.Scans, p.Missing = int(scans), int(missing)
	return p, err
}

const withoutScan = "NOT EXISTS (SELECT 1 FROM paper_scans p WHERE p.entry_id = paper_entries.id)"

func (s *Store) paperDue(ctx context.Context, o Opening) (workday.Due, error) {
	params, err := s.paramsNow(ctx)
	if err != nil {
		return workday.Due{}, err
	}
	calendar, err := s.Calendar(ctx, o.Area)
	return params.PaperDue(o.OpenedAt, calendar), err
}

// PaperOf is an opening within the scope with what is left to do of it.
func (s *Store) PaperOf(ctx context.Context, scope regulation.Scope, opening string) (PaperOpening, error) {
	o, err := s.openingWithin(ctx, scope, opening)
	if err != nil {
		return PaperOpening{}, err
	}
	return s.paperOpening(ctx, o)
}

// PaperEntry is an entry within the scope.
func (s *Store) PaperEntry(ctx context.Context, scope regulation.Scope, id string) (PaperEntry, error) {
	var row paperEntryRow
	if err := inScope(s.rows(ctx), scope, boxColumns).Take(&row, "id = ?", id).Error; err != nil {
		return PaperEntry{}, found(err, "paper_entry")
	}
	return s.paperEntry(ctx, row)
}

// PaperEntries lists the entries of an opening within the scope by serial.
func (s *Store) PaperEntries(ctx context.Context, scope regulation.Scope, opening string) ([]PaperEntry, error) {
	var rows []paperEntryRow
	err := inScope(s.rows(ctx), scope, boxColumns).Where("opening_id = ?", opening).Order("serial").Find(&rows).Error
	if err != nil {
		return nil, err
	}
	entries := []PaperEntry{}
	for _, row := range rows {
		e, err := s.paperEntry(ctx, row)
		if err != nil {
			return nil, err
		}
		entries = append(entries, e)
	}
	return entries, nil
}

func (s *Store) paperEntry(ctx context.Context, row paperEntryRow) (e PaperEntry, err error) {
	e = PaperEntry{ID: row.ID, Opening: row.OpeningID, Box: row.BoxID, Area: row.Area, Hall: row.HallID, Serial: row.Serial,
		State: regulation.PaperState(row.State), Disputed: list(row.Disputed), RatingID: row.RatingID, SettledAt: instant(row.SettledAt)}
	var readings []paperReadingRow
	if err := s.rows(ctx).Where("entry_id = ?", row.ID).Order("nth").Find(&readings).Error; err != nil {
		return e, err
	}
	e.Readings = converted(readings, paperReadingRow.read)
	var scans []paperScanRow
	if err := s.rows(ctx).Where("entry_id = ?", row.ID).Limit(1).Find(&scans).Error; err != nil {
		return e, err
	}
	if len(scans) > 0 {
		e.Scan = scans[0].Digest
	}
	o, err := s.openingWithin(ctx, regulation.Scope{All: true}, row.OpeningID)
	if err != nil {
		return e, err
	}
	e.OpenedAt = o.OpenedAt
	if e.Due, err = s.paperDue(ctx, o); err != nil || e.State != regulation.PaperCounted {
		return e, err
	}
	var cases []string
	err = s.rows(ctx).Table("cases").Where("rating_id = ?", row.RatingID).Pluck("id", &cases).Error
	e.CaseID = strings.Join(cases, "")
	return e, err
}

// PaperWords are what the first reader typed besides the codes: the words, and the contact as far as it may be shown.
func (s *Store) PaperWords(ctx context.Context, e PaperEntry) (text string, masked Contact, err error) {
	texts, err := s.openTexts(ctx, e.ID, func(regulation.TextRef) bool { return true })
	if err != nil {
		return "", masked, err
	}
	full, err := s.contactIn(ctx, e.RatingID)
	return texts[regulation.TextRef{Seq: 1, Field: "text"}], maskedContact(full), err
}

func maskedContact(full Contact) Contact {
	masked := Contact{Language: full.Language, Hours: full.Hours}
	if full.Name != "" {
		masked.Name = regulation.MaskName(full.Name)
	}
	if full.Phone != "" {
		masked.Phone = regulation.MaskPhone(full.Phone)
	}
	return masked
}

// nextAtOnce bounds how many entries are looked through for one that the reader may read.
const nextAtOnce = 200

// NextPaper is the next entry in a state within the scope that somebody may read: not one that they read before, nor
// one that rates them or their window (R10). What was found first in a box comes first, so that what is late leads.
// The answer is zero where there is none.
func (s *Store) NextPaper(ctx context.Context, scope regulation.Scope, state regulation.PaperState, actor regulation.Actor) (PaperEntry, error) {
	var rows []paperEntryRow
	err := inScope(s.rows(ctx), scope, scopeColumns{area: "paper_entries.area", units: []string{"paper_entries.hall_id"}}).
		Joins("JOIN box_openings o ON o.id = paper_entries.opening_id").
		Joins("JOIN paper_scans p ON p.entry_id = paper_entries.id").
		Where("paper_entries.state = ? AND NOT EXISTS (SELECT 1 FROM paper_readings r WHERE r.entry_id = paper_entries.id AND r.person = ?)", string(state), actor.Person).
		Order("o.opened_at, paper_entries.serial").Limit(nextAtOnce).Find(&rows).Error
	if err != nil {
		return PaperEntry{}, err
	}
	for _, row := range rows {
		e, err := s.paperEntry(ctx, row)
		if err != nil {
			return PaperEntry{}, err
		}
		if mine, err := s.ratesReader(ctx, e, actor); err != nil || !mine {
			return e, err
		}
	}
	return PaperEntry{}, nil
}

// ratesReader tells whether a form rates, as anybody read it, the window or matter at which the reader serves.
func (s *Store) ratesReader(ctx context.Context, e PaperEntry, actor regulation.Actor) (bool, error) {
	if actor.Staff == "" {
		return false, nil
	}
	o := Opening{Hall: e.Hall}
	for _, r := range e.Readings {
		if r.Void != "" {
			continue
		}
		t, err := s.paperTarget(ctx, regulation.Scope{All: true}, o, PaperForm{Window: r.Window, Matter: r.Matter}, e.OpenedAt)
		if refused := (*regulation.Error)(nil); errors.As(err, &refused) {
			continue // it is not known any more
		}
		if err != nil {
			return false, err
		}
		if regulation.CheckPaperReader(actor, converted(t.Serving, func(p Profile) string { return p.StaffID })) != nil {
			return true, nil
		}
	}
	return false, nil
}

// PaperScan is a picture of a sheet. Serial is what its file was named by, "" where otherwise.
type PaperScan struct {
	Digest, Opening, Serial, Entry string
}

// NextScan is the next picture of an opening that nobody entered, zero where there is none.
func (s *Store) NextScan(ctx context.Context, opening string) (PaperScan, error) {
	var rows []paperScanRow
	err := s.rows(ctx).Where("opening_id = ? AND entry_id IS NULL", opening).Order("added_at, serial, digest").Limit(1).Find(&rows).Error
	if err != nil || len(rows) == 0 {
		return PaperScan{}, err
	}
	return PaperScan{Digest: rows[0].Digest, Opening: rows[0].OpeningID, Serial: rows[0].Serial}, nil
}

// AddPaperScan takes a picture of a sheet in for an opening within the scope. name is its file's: one that is a
// serial is kept and binds the picture to the entry of that form; others may have been typed by anybody and are
// not. Refusals: as of StageFile on the field scan, type_not_allowed for what is no picture; scan_taken for the
// same picture again.
func (s *Store) AddPaperScan(ctx context.Context, scope regulation.Scope, opening, name string, content io.Reader, actor regulation.Actor) (PaperScan, error) {
	o, err := s.openingWithin(ctx, scope, opening)
	if err != nil {
		return PaperScan{}, err
	}
	scan, err := s.stageScan(ctx, o, name, content, actor)
	if err != nil {
		return PaperScan{}, err
	}
	err = s.tx(ctx, func(tx *gorm.DB) error { return s.addScan(tx, &scan, actor) })
	if errors.Is(err, gorm.ErrDuplicatedKey) {
		err = paperFault("scan", "scan_taken")
	}
	return scan, err
}

// stageScan draws a picture anew and stores it; it is nobody's until its row is there.
func (s *Store) stageScan(ctx context.Context, o Opening, name string, content io.Reader, actor regulation.Actor) (PaperScan, error) {
	file, err := s.StageFile(ctx, actor.Person, content)
	if refused := (*regulation.Error)(nil); errors.As(err, &refused) {
		return PaperScan{}, paperFault("scan", refused.Fields["files"])
	}
	if err != nil {
		return PaperScan{}, err
	}
	if !strings.HasPrefix(file.Mime, "image/") {
		return PaperScan{}, paperFault("scan", "type_not_allowed")
	}
	scan := PaperScan{Digest: file.Digest, Opening: o.ID}
	if base, _, _ := strings.Cut(name, "."); regulation.CheckSerial(base) == nil {
		scan.Serial = regulation.TidySerial(base)
	}
	return scan, nil
}

// addScan adds a picture and gives it to the entry of its serial that waits for one.
func (s *Store) addScan(tx *gorm.DB, scan *PaperScan, actor regulation.Actor) error {
	scan.Entry = ""
	row := paperScanRow{Digest: scan.Digest, OpeningID: scan.Opening, Serial: scan.Serial, AddedBy: actor.Person, AddedAt: micros(s.now())}
	if scan.Serial != "" {
		var waiting []string
		err := locked(tx.Model(&paperEntryRow{})).Where("opening_id = ? AND serial = ? AND settled_at = 0 AND "+withoutScan, scan.Opening, scan.Serial).Pluck("id", &waiting).Error
		if err != nil {
			return err
		}
		if len(waiting) > 0 {
			scan.Entry, row.EntryID = waiting[0], &waiting[0]
		}
	}
	return tx.Create(&row).Error
}

// AttachPaperScan gives an entry within the scope the picture that it lacks.
func (s *Store) AttachPaperScan(ctx context.Context, scope regulation.Scope, id, digest string, actor regulation.Actor) error {
	e, err := s.scanless(ctx, scope, id)
	if err != nil {
		return err
	}
	return movedOn(s.tx(ctx, func(tx *gorm.DB) error { return s.bindScan(tx, e.Opening, e.ID, digest, actor.Person) }))
}

// scanless is an entry within the scope that waits for its picture. Conflict paper_moved_on: it has one.
func (s *Store) scanless(ctx context.Context, scope regulation.Scope, id string) (PaperEntry, error) {
	e, err := s.PaperEntry(ctx, scope, id)
	if err == nil && e.Scan != "" {
		err = &regulation.Error{Code: regulation.Conflict, Clause: regulation.ClauseBox, Missing: "paper_moved_on"}
	}
	return e, err
}

// bindScan binds a picture that was put in for the opening to the entry of its form.
func (s *Store) bindScan(tx *gorm.DB, opening, entry, digest, person string) error {
	var rows []paperScanRow
	if err := locked(tx).Where("digest = ? AND opening_id = ?", digest, opening).Limit(1).Find(&rows).Error; err != nil {
		return err
	}
	switch {
	case len(rows) == 0:
		return paperFault("scan", "unknown_file")
	case rows[0].EntryID != nil && *rows[0].EntryID == entry:
		return nil
	case rows[0].EntryID != nil:
		return paperFault("scan", "scan_taken")
	}
	return tx.Model(&paperScanRow{}).Where("digest = ?", digest).Update("entry_id", entry).Error
}

// OpenPaperScan returns the picture of a sheet of an opening within the scope; who looked at it is written down
// first (9(2)).
func (s *Store) OpenPaperScan(ctx context.Context, scope regulation.Scope, digest string, actor regulation.Actor) (File, []byte, error) {
	var row paperScanRow
	if err := s.rows(ctx).Take(&row, "digest = ?", digest).Error; err != nil {
		return File{}, nil, found(err, "file")
	}
	o, err := s.openingWithin(ctx, scope, row.OpeningID)
	if err != nil {
		return File{}, nil, found(err, "file")
	}
	var file fileRow
	if err := s.rows(ctx).Take(&file, "digest = ?", digest).Error; err != nil {
		return File{}, nil, found(err, "file")
	}
	err = s.Audit(ctx, AuditEntry{Person: actor.Person, Role: string(actor.As.Role), Action: "read_scan", ObjectKind: "paper_scan", ObjectID: o.ID,
		Area: o.Area, Unit: o.Hall, Outcome: OutcomeDone})
	if err != nil {
		return File{}, nil, err
	}
	if file.DeletedAt > 0 {
		return File{}, nil, &regulation.Error{Code: regulation.NotFound, Clause: regulation.ClauseRights, Missing: "deleted_by_retention"}
	}
	content, err := s.readFile(file.Digest)
	return File{Digest: file.Digest, Mime: file.Mime, Size: file.Size}, content, err
}
