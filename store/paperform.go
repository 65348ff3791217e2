package store

import (
	"context"
	"errors"
	"time"

	"gorm.io/gorm"

	"haochaping/regulation"
	"haochaping/store/ledger"
)

// Opening is what two people found when they opened a box (6(2), R16).
type Opening struct {
	ID       string
	Box      string
	Hall     string // organisation
	Area     string
	Week     string // such as 2026-W48
	OpenedAt time.Time
	Openers  [2]string // people
	OldSeal  string
	// OldSealState is one of regulation.SealIntact, SealBroken and SealMissing.
	OldSealState string
	NewSeal      string
	Counted      int // numbered forms found
	Letters      int // sheets without a number, which are outside the count
	Entered      int
	Void         int
	Remarks      string
	RecordedAt   time.Time
	RecordedBy   string
}

// Remaining is how many of the forms counted are neither entered nor void.
func (o Opening) Remaining() int { return o.Counted - o.Entered - o.Void }

// foundRow is what two people found, as an opening and as a report of one.
type foundRow struct {
	ID           string `gorm:"primaryKey"`
	BoxID        string
	HallID       string
	Area         string
	ISOWeek      string
	OpenedAt     int64
	Opener1      string `gorm:"column:opener_1"`
	Opener2      string `gorm:"column:opener_2"`
	OldSeal      string
	OldSealState string
	NewSeal      string
	Counted      int
	Letters      int
	Remarks      string
	RecordedAt   int64
	RecordedBy   string
	Nonce        []byte
}

type openingRow struct {
	Found   foundRow `gorm:"embedded"`
	Entered int
	Voided  int
}

func (openingRow) TableName() string { return "box_openings" }

func (r foundRow) opening() Opening {
	return Opening{ID: r.ID, Box: r.BoxID, Hall: r.HallID, Area: r.Area, Week: r.ISOWeek, OpenedAt: instant(r.OpenedAt), Openers: [2]string{r.Opener1, r.Opener2},
		OldSeal: r.OldSeal, OldSealState: r.OldSealState, NewSeal: r.NewSeal, Counted: r.Counted, Letters: r.Letters,
		Remarks: r.Remarks, RecordedAt: instant(r.RecordedAt), RecordedBy: r.RecordedBy}
}

func (r openingRow) opening() Opening {
	o := r.Found.opening()
	o.Entered, o.Void = r.Entered, r.Voided
	return o
}

const leafOpening = "opening"

// leafRow is version 1 of what a leaf says of an opening, or of a report of one.
func (r foundRow) leafRow(kind string) *ledger.Row {
	return ledger.NewRow(kind, 1).Text(r.ID).Text(r.BoxID).Text(r.HallID).Text(r.Area).Text(r.ISOWeek).Instant(instant(r.OpenedAt)).
		Text(r.Opener1).Text(r.Opener2).Text(r.OldSeal).Text(r.OldSealState).Text(r.NewSeal).Integer(int64(r.Counted)).Integer(int64(r.Letters)).
		Text(r.Remarks).Instant(instant(r.RecordedAt)).Text(r.RecordedBy)
}

func (r openingRow) canonical() []byte { return r.Found.leafRow(leafOpening).Canonical() }

// openingLeaf makes an opening's leaf anew.
func (s *Store) openingLeaf(ctx context.Context, id string) (leafContent, error) {
	var row openingRow
	if err := s.rows(ctx).Take(&row, "id = ?", id).Error; err != nil {
		return leafContent{}, err
	}
	return leafContent{row.Found.Nonce, row.canonical()}, nil
}

type batchRow struct {
	ID          string `gorm:"primaryKey"`
	BoxID       string
	Prefix      string
	FirstNumber int
	FormCount   int
	State       string
	Note        string
	IssuedAt    int64
	IssuedBy    string
	ClosedAt    int64
	ClosedBy    string
}

func (batchRow) TableName() string { return "paper_batches" }

type formRow struct {
	Serial    string `gorm:"primaryKey"`
	BatchID   string
	BoxID     string
	State     string
	Reason    string
	OpeningID *string
	ChangedAt int64
	ChangedBy string
}

func (formRow) TableName() string { return "paper_forms" }

var openingScope = scopeColumns{area: "area", units: []string{"hall_id"}}

// OpeningQuery narrows a list of openings; zero fields do not.
type OpeningQuery struct {
	Box     string
	Week    string
	Waiting bool // only those with forms that are neither entered nor void
}

// Openings lists those within the scope, the latest first.
func (s *Store) Openings(ctx context.Context, scope regulation.Scope, q OpeningQuery) ([]Opening, error) {
	query := inScope(s.rows(ctx), scope, openingScope)
	if q.Box != "" {
		query = query.Where("box_id = ?", q.Box)
	}
	if q.Week != "" {
		query = query.Where("iso_week = ?", q.Week)
	}
	if q.Waiting {
		query = query.Where("entered + voided < counted")
	}
	var rows []openingRow
	err := query.Order("opened_at DESC, id").Find(&rows).Error
	return converted(rows, openingRow.opening), err
}

// Opening returns an opening of any area: whoever hands it out asks the guard before.
func (s *Store) Opening(ctx context.Context, id string) (Opening, error) {
	var row openingRow
	if err := s.rows(ctx).Take(&row, "id = ?", id).Error; err != nil {
		return Opening{}, found(err, "opening")
	}
	return row.opening(), nil
}

// takeForm marks a form as entered from an opening, in the caller's transaction, which holds the opening and the form
// until it ends. Refusals: NotFound opening; Invalid on serial: required, serial_format, serial_check,
// serial_unknown, serial_of_another_box, serial_taken; Conflict opening_full. A form that was missing has come back.
func (s *Store) takeForm(tx *gorm.DB, opening, serial, by string, at time.Time) error {
	o, err := holdOpening(tx, opening)
	if err != nil {
		return err
	}
	if err := markForm(tx, o, serial, formRow{State: string(regulation.FormEntered), ChangedAt: micros(at), ChangedBy: by}); err != nil {
		return err
	}
	return tx.Model(&openingRow{}).Where("id = ?", o.Found.ID).Update("entered", o.Entered+1).Error
}

// voidForm is takeForm for a sheet that is blank or unreadable: it counts towards the opening all the same. serial is
// "" where the number itself cannot be read; reason is one of regulation.VoidReasons.
func (s *Store) voidForm(tx *gorm.DB, opening, serial, reason, by string, at time.Time) error {
	o, err := holdOpening(tx, opening)
	if err != nil {
		return err
	}
	if serial != "" || reason != regulation.VoidUnreadable {
		if err := markForm(tx, o, serial, formRow{State: string(regulation.FormVoid), Reason: reason, ChangedAt: micros(at), ChangedBy: by}); err != nil {
			return err
		}
	}
	return tx.Model(&openingRow{}).Where("id = ?", o.Found.ID).Update("voided", o.Voided+1).Error
}

// holdOpening locks an opening that has forms left.
func holdOpening(tx *gorm.DB, id string) (openingRow, error) {
	var o openingRow
	if err := locked(tx).Take(&o, "id = ?", id).Error; err != nil {
		return o, found(err, "opening")
	}
	if o.opening().Remaining() <= 0 {
		return o, &regulation.Error{Code: regulation.Conflict, Clause: regulation.ClauseBox, Missing: "opening_full"}
	}
	return o, nil
}

// markForm writes what became of a form that was found in an opening.
func markForm(tx *gorm.DB, o openingRow, serial string, as formRow) error {
	row, err := openForm(tx, o, serial)
	if err != nil {
		return err
	}
	row.State, row.Reason, row.OpeningID, row.ChangedAt, row.ChangedBy = as.State, as.Reason, &o.Found.ID, as.ChangedAt, as.ChangedBy
	return tx.Save(&row).Error
}

// openForm locks a form that may be entered from an opening.
func openForm(tx *gorm.DB, o openingRow, serial string) (formRow, error) {
	return findForm(locked(tx), o.Found.BoxID, serial)
}

// findForm is a form that was issued for a box and is neither entered nor void.
func findForm(query *gorm.DB, box, serial string) (row formRow, err error) {
	if err := regulation.CheckSerial(serial); err != nil {
		return row, err
	}
	wrong := &regulation.Error{Code: regulation.Invalid, Clause: regulation.ClauseBox, Missing: "fields"}
	err = query.Take(&row, "serial = ?", regulation.TidySerial(serial)).Error
	switch {
	case errors.Is(err, gorm.ErrRecordNotFound):
		return row, wrong.Field("serial", "serial_unknown")
	case err != nil:
		return row, err
	case row.BoxID != box:
		return row, wrong.Field("serial", "serial_of_another_box")
	case row.State == string(regulation.FormEntered) || row.State == string(regulation.FormVoid):
		return row, wrong.Field("serial", "serial_taken")
	}
	return row, nil
}
