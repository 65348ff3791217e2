package store

import (
	"context"
	"errors"
	"io"

	"gorm.io/gorm"

	"haochaping/regulation"
)

// A sheet of forms is a first reading of many at once (6(2)): all of its rows are entered or none. Each then goes the
// way of a form that was entered by hand; its picture may come later, and it cannot be checked before.

type paperImportRow struct {
	Digest     string `gorm:"primaryKey"`
	OpeningID  string
	FormCount  int
	ImportedBy string
	ImportedAt int64
}

func (paperImportRow) TableName() string { return "paper_imports" }

// JudgePaper holds the forms of a sheet against the rules as if each were entered by hand, and changes nothing. The
// answer has a place for each form, nil where it may be entered; fields are those of EnterPaper, and serial_twice and
// opening_full on serial. digest is SHA-256 of the sheet. Refusals: NotFound, Conflict sheet_imported.
func (s *Store) JudgePaper(ctx context.Context, scope regulation.Scope, opening, digest string, forms []PaperForm, choices regulation.Choices, actor regulation.Actor) ([]*regulation.Error, error) {
	p, err := s.PaperOf(ctx, scope, opening)
	if err != nil {
		return nil, err
	}
	var before int64
	if err := s.rows(ctx).Model(&paperImportRow{}).Where("digest = ?", digest).Count(&before).Error; err != nil {
		return nil, err
	}
	if before > 0 {
		return nil, sheetImported()
	}
	faults, seen, left := make([]*regulation.Error, len(forms)), map[string]bool{}, p.ToEnter()
	for i, f := range forms {
		if faults[i], err = s.judgeForm(ctx, scope, p.Opening, f, choices, actor); err != nil {
			return nil, err
		}
		serial := regulation.TidySerial(f.Serial)
		switch {
		case serial != "" && seen[serial]:
			faults[i] = withFault(faults[i], "serial", "serial_twice")
		case faults[i] == nil && left == 0:
			faults[i] = withFault(nil, "serial", "opening_full")
		case faults[i] == nil:
			left--
		}
		seen[serial] = true
	}
	return faults, nil
}

func sheetImported() error {
	return &regulation.Error{Code: regulation.Conflict, Clause: regulation.ClauseBox, Missing: "sheet_imported"}
}

// withFault adds a fault of a field to what is wrong with a form already.
func withFault(fault *regulation.Error, field, code string) *regulation.Error {
	if fault == nil {
		fault = &regulation.Error{Code: regulation.Invalid, Clause: regulation.ClauseBox, Missing: "fields"}
	}
	return fault.Field(field, code)
}

// judgeForm is all that is wrong with one form of a sheet, nil where nothing is.
func (s *Store) judgeForm(ctx context.Context, scope regulation.Scope, o Opening, f PaperForm, choices regulation.Choices, actor regulation.Actor) (fault *regulation.Error, err error) {
	serial, err := paperSerial(f, "")
	if err == nil {
		err = s.unentered(ctx, o, serial)
	}
	if fault, err = faultOf(nil, err); err != nil {
		return nil, err
	}
	f.Serial, f.Scan = serial, scanToCome
	_, err = s.readForm(ctx, scope, o, f, choices, actor)
	return faultOf(fault, err)
}

// unentered tells whether a form that was issued for the box of an opening is neither entered nor on its way. A sheet
// whose serial cannot be read has none to be judged by.
func (s *Store) unentered(ctx context.Context, o Opening, serial string) error {
	if serialOrNone(serial) == "" {
		return nil
	}
	var entered int64
	if err := s.rows(ctx).Model(&paperEntryRow{}).Where("serial = ?", serial).Count(&entered).Error; err != nil {
		return err
	}
	if entered > 0 {
		return paperFault("serial", "already_entered")
	}
	_, err := findForm(s.rows(ctx), o.Box, serial)
	return err
}

// faultOf adds a refusal to what is wrong with a form already; another error is one.
func faultOf(fault *regulation.Error, err error) (*regulation.Error, error) {
	refused := (*regulation.Error)(nil)
	if err == nil || !errors.As(err, &refused) {
		return fault, err
	}
	for field, code := range refused.Fields {
		fault = withFault(fault, field, code)
	}
	if refused.Fields == nil {
		fault = withFault(fault, "serial", refused.Missing)
	}
	return fault, nil
}

// errFaulty ends a transaction of which a row was refused.
var errFaulty = errors.New("a row of the sheet is refused")

// ImportPaper enters all forms of a sheet in one transaction, or none where a place of the answer is not nil. Pictures
// that wait under a form's serial go to it. Refusals as of JudgePaper.
func (s *Store) ImportPaper(ctx context.Context, scope regulation.Scope, opening, digest string, forms []PaperForm, choices regulation.Choices, actor regulation.Actor) ([]*regulation.Error, error) {
	faults, err := s.JudgePaper(ctx, scope, opening, digest, forms, choices, actor)
	if err != nil || faulty(faults) {
		return faults, err
	}
	o, err := s.openingWithin(ctx, scope, opening)
	if err != nil {
		return nil, err
	}
	entries := make([]entryRows, len(forms))
	for i, f := range forms {
		if entries[i], err = s.newEntry(ctx, scope, o, f, choices, actor); err != nil {
			if faults[i], err = faultOf(nil, err); err != nil {
				return nil, err
			}
		}
	}
	if faulty(faults) {
		return faults, nil
	}
	return s.enterSheet(ctx, o, digest, entries, actor)
}

// enterSheet adds all rows of a sheet or none: what was judged a moment ago may be another's by now.
func (s *Store) enterSheet(ctx context.Context, o Opening, digest string, entries []entryRows, actor regulation.Actor) ([]*regulation.Error, error) {
	faults := make([]*regulation.Error, len(entries))
	err := s.tx(ctx, func(tx *gorm.DB) (err error) {
		clear(faults)
		if err := s.noteImport(tx, o, digest, len(entries), actor); err != nil {
			return err
		}
		for i, entry := range entries {
			if faults[i], err = faultOf(nil, s.addImported(tx, entry, actor)); err != nil {
				return err
			}
			if faults[i] != nil {
				return errFaulty
			}
		}
		return nil
	})
	if errors.Is(err, errFaulty) {
		err = nil
	}
	return faults, err
}

func faulty(faults []*regulation.Error) bool {
	for _, fault := range faults {
		if fault != nil {
			return true
		}
	}
	return false
}

// noteImport writes down that a sheet was imported; its key holds back whoever imports the same one beside us.
func (s *Store) noteImport(tx *gorm.DB, o Opening, digest string, forms int, actor regulation.Actor) error {
	err := tx.Create(&paperImportRow{Digest: digest, OpeningID: o.ID, FormCount: forms, ImportedBy: actor.Person, ImportedAt: micros(s.now())}).Error
	if errors.Is(err, gorm.ErrDuplicatedKey) {
		return sheetImported()
	}
	if err != nil {
		return err
	}
	return s.audit(tx, AuditEntry{Person: actor.Person, Role: string(actor.As.Role), Action: "import_paper", ObjectKind: "box_opening", ObjectID: o.ID,
		Area: o.Area, Unit: o.Hall, Outcome: OutcomeDone})
}

// addImported enters a row of a sheet with the picture that waits under its serial, if one does.
func (s *Store) addImported(tx *gorm.DB, rows entryRows, actor regulation.Actor) error {
	err := s.addEntry(tx, rows, actor)
	if errors.Is(err, gorm.ErrDuplicatedKey) {
		return paperFault("serial", "already_entered")
	}
	if err != nil {
		return err
	}
	var waiting []paperScanRow
	err = locked(tx).Where("opening_id = ? AND serial = ? AND entry_id IS NULL", rows.entry.OpeningID, rows.entry.Serial).Order("added_at, digest").Limit(1).Find(&waiting).Error
	if err != nil || len(waiting) == 0 {
		return err
	}
	return tx.Model(&paperScanRow{}).Where("digest = ?", waiting[0].Digest).Update("entry_id", rows.entry.ID).Error
}

// UnenteredSerials are those of an opening's box within the scope that nobody has entered, in their order.
func (s *Store) UnenteredSerials(ctx context.Context, scope regulation.Scope, opening string) (serials []string, err error) {
	o, err := s.openingWithin(ctx, scope, opening)
	if err != nil {
		return nil, err
	}
	err = s.rows(ctx).Model(&formRow{}).Where("box_id = ? AND state NOT IN ?", o.Box, []string{string(regulation.FormEntered), string(regulation.FormVoid)}).
		Where("NOT EXISTS (SELECT 1 FROM paper_entries e WHERE e.serial = paper_forms.serial)").Order("serial").Pluck("serial", &serials).Error
	return serials, err
}

// WaitingScans are the serials for which a picture lies at an opening that nobody entered.
func (s *Store) WaitingScans(ctx context.Context, opening string) (serials []string, err error) {
	err = s.rows(ctx).Model(&paperScanRow{}).Where("opening_id = ? AND entry_id IS NULL AND serial <> ''", opening).Order("serial").Pluck("serial", &serials).Error
	return serials, err
}

// ScanlessPaper lists the entries of an opening within the scope that wait for their picture, by serial.
func (s *Store) ScanlessPaper(ctx context.Context, scope regulation.Scope, opening string) ([]PaperEntry, error) {
	o, err := s.openingWithin(ctx, scope, opening)
	if err != nil {
		return nil, err
	}
	var rows []paperEntryRow
	err = s.rows(ctx).Where("opening_id = ? AND settled_at = 0 AND "+withoutScan, o.ID).Order("serial").Find(&rows).Error
	return converted(rows, func(row paperEntryRow) PaperEntry {
		return PaperEntry{ID: row.ID, Opening: row.OpeningID, Box: row.BoxID, Area: row.Area, Hall: row.HallID, Serial: row.Serial, State: regulation.PaperState(row.State)}
	}), err
}

// PaperPicture is a picture of a sheet as it came, by its file's name.
type PaperPicture struct {
	Name string
	Open func() (io.ReadCloser, error)
}

// AddPaperScans takes pictures in for an opening within the scope, all or none: those that lie there already are left.
// The answer has why each is refused, "" where it is not; refusals of AddPaperScan besides.
func (s *Store) AddPaperScans(ctx context.Context, scope regulation.Scope, opening string, pictures []PaperPicture, actor regulation.Actor) (codes []string, err error) {
	o, err := s.openingWithin(ctx, scope, opening)
	if err != nil {
		return nil, err
	}
	scans, codes := make([]PaperScan, len(pictures)), make([]string, len(pictures))
	for i, p := range pictures {
		content, err := p.Open()
		if err != nil {
			codes[i] = "damaged"
			continue
		}
		scans[i], err = s.stageScan(ctx, o, p.Name, content, actor)
		content.Close()
		if codes[i], err = codeOf("scan", err); err != nil {
			return nil, err
		}
	}
	if anyOf(codes) {
		return codes, nil
	}
	err = s.tx(ctx, func(tx *gorm.DB) error {
		clear(codes)
		for i := range scans {
			if codes[i], err = codeOf("scan", s.keepScan(tx, &scans[i], actor)); err != nil {
				return err
			}
		}
		if anyOf(codes) {
			return errFaulty
		}
		return nil
	})
	if errors.Is(err, errFaulty) {
		err = nil
	}
	return codes, err
}

// codeOf is why a field is refused; another error is one.
func codeOf(field string, err error) (string, error) {
	refused := (*regulation.Error)(nil)
	if err != nil && errors.As(err, &refused) && refused.Fields[field] != "" {
		return refused.Fields[field], nil
	}
	return "", err
}

func anyOf(codes []string) bool {
	for _, code := range codes {
		if code != "" {
			return true
		}
	}
	return false
}

// keepScan adds a picture unless it lies at the same opening already. One of another opening is scan_taken.
func (s *Store) keepScan(tx *gorm.DB, scan *PaperScan, actor regulation.Actor) error {
	var before []paperScanRow
	if err := tx.Where("digest = ?", scan.Digest).Limit(1).Find(&before).Error; err != nil {
		return err
	}
	switch {
	case len(before) == 0:
		return s.addScan(tx, scan, actor)
	case before[0].OpeningID != scan.Opening:
		return paperFault("scan", "scan_taken")
	}
	return nil
}

// GivePaperScan takes a picture in and gives it to an entry within the scope that lacks one, whatever its name.
// Refusals: those of AddPaperScan and AttachPaperScan.
func (s *Store) GivePaperScan(ctx context.Context, scope regulation.Scope, id string, content io.Reader, actor regulation.Actor) error {
	e, err := s.scanless(ctx, scope, id)
	if err != nil {
		return err
	}
	scan, err := s.stageScan(ctx, Opening{ID: e.Opening}, "", content, actor)
	if err != nil {
		return err
	}
	return movedOn(s.tx(ctx, func(tx *gorm.DB) error {
		if err := s.keepScan(tx, &scan, actor); err != nil {
			return err
		}
		return s.bindScan(tx, e.Opening, e.ID, scan.Digest, actor.Person)
	}))
}

// movedOn is the refusal of an entry that has got its picture meanwhile.
func movedOn(err error) error {
	if errors.Is(err, gorm.ErrDuplicatedKey) {
		return &regulation.Error{Code: regulation.Conflict, Clause: regulation.ClauseBox, Missing: "paper_moved_on"}
	}
	return err
}
