package store

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"time"

	"gorm.io/gorm"

	"haochaping/regulation"
	"haochaping/store/ledger"
	"haochaping/workday"
)

// PaperEntry is a form from a box on its way into the record (6(2), R14). CaseID is that of a bad rating, "" before.
type PaperEntry struct {
	ID, Opening, Box, Area, Hall string
	Serial                       string
	State                        regulation.PaperState
	Scan                         string // digest, "" while it is missing
	Disputed                     []string
	RatingID, CaseID             string
	Readings                     []PaperRead
	OpenedAt                     time.Time
	Due                          workday.Due // until when it is counted
	SettledAt                    time.Time
}

// PaperRead is what one person read off the form, without its words. Confirmed is "yes" where the second found the
// serial, the words and the contact as the first had typed them, "no" where not.
type PaperRead struct {
	regulation.PaperReading
	Person    string
	At        time.Time
	Confirmed string
}

// Readers are those who read the form, in their order.
func (e PaperEntry) Readers() []string {
	return converted(e.Readings, func(r PaperRead) string { return r.Person })
}

// PaperForm is a form as one person reads it, as typed. Rating has target kind, grade, options, dimensions and words.
type PaperForm struct {
	Serial, Scan         string
	Void                 string
	Window, Matter, Date string
	Rating               regulation.RatingForm
	Contact              Contact
	Confirmed            string // of the second
	KeepContact          bool   // of the third: the contact stays as the first typed it
	OwnCode              string // six digits of the citizen's own, "" where there are none
}

// LegibleSerial is the form's serial, "" where it cannot be read on the sheet.
func (e PaperEntry) LegibleSerial() string { return serialOrNone(e.Serial) }

type paperEntryRow struct {
	ID        string `gorm:"primaryKey"`
	OpeningID string
	BoxID     string
	Area      string
	HallID    string
	Serial    string
	State     string
	Disputed  string
	RatingID  string
	SettledAt int64
}

func (paperEntryRow) TableName() string { return "paper_entries" }

type paperReadingRow struct {
	EntryID    string `gorm:"primaryKey"`
	Nth        int64  `gorm:"primaryKey;autoIncrement:false"`
	Person     string
	ReadAt     int64
	VoidReason string
	Grade      int
	Options    string
	Marks      string
	Target     string
	WindowID   string
	MatterNo   string
	FormDate   string
	TextDigest string
	Confirmed  string
	Nonce      []byte
}

func (paperReadingRow) TableName() string { return "paper_readings" }

type paperScanRow struct {
	Digest    string `gorm:"primaryKey"`
	OpeningID string
	Serial    string
	AddedBy   string
	AddedAt   int64
	EntryID   *string
}

func (paperScanRow) TableName() string { return "paper_scans" }

const leafPaper = "paper"

// canonical is version 1 of a reading's canonical bytes.
func (r paperReadingRow) canonical() []byte {
	return ledger.NewRow(leafPaper, 1).Text(r.EntryID).Integer(r.Nth).Text(r.Person).Instant(instant(r.ReadAt)).Text(r.VoidReason).Integer(int64(r.Grade)).
		Text(r.Options).Text(r.Marks).Text(r.Target).Text(r.WindowID).Text(r.MatterNo).Text(r.FormDate).Text(r.TextDigest).Text(r.Confirmed).Canonical()
}

// paperLeaf makes a reading's leaf anew.
func (s *Store) paperLeaf(ctx context.Context, ref string) (leafContent, error) {
	id, nth, err := refParts(ref)
	if err != nil {
		return leafContent{}, err
	}
	var row paperReadingRow
	if err := s.rows(ctx).Take(&row, "entry_id = ? AND nth = ?", id, nth).Error; err != nil {
		return leafContent{}, err
	}
	return leafContent{row.Nonce, row.canonical()}, nil
}

func (r paperReadingRow) read() PaperRead {
	day, _ := workday.ParseDate(r.FormDate) // "" is no day
	out := PaperRead{Person: r.Person, At: instant(r.ReadAt), Confirmed: r.Confirmed, PaperReading: regulation.PaperReading{Void: r.VoidReason, Grade: regulation.Grade(r.Grade),
		Options: list(r.Options), Target: regulation.TargetKind(r.Target), Window: r.WindowID, Matter: r.MatterNo, Date: day}}
	if r.VoidReason == "" {
		_ = json.Unmarshal([]byte(r.Marks), &out.Marks) // written by dimensionText
	}
	return out
}

func newPaperReading(entry string, nth int64, r regulation.PaperReading, person string, at time.Time) paperReadingRow {
	row := paperReadingRow{EntryID: entry, Nth: nth, Person: person, ReadAt: micros(at), VoidReason: r.Void, Grade: int(r.Grade), Options: strings.Join(r.Options, ","),
		Marks: dimensionText(r.Marks), Target: string(r.Target), WindowID: r.Window, MatterNo: r.Matter}
	if !r.Date.IsZero() {
		row.FormDate = r.Date.String()
	}
	return row
}

// paperRead is a form that was held against the rules: the reading, and the rating that comes of it.
type paperRead struct {
	reading regulation.PaperReading
	rating  regulation.Rating
}

// readForm holds what was read against the rules. A sheet on which nothing counts has a reason and nothing else.
func (s *Store) readForm(ctx context.Context, scope regulation.Scope, o Opening, f PaperForm, choices regulation.Choices, actor regulation.Actor) (read paperRead, err error) {
	wrong := &regulation.Error{Code: regulation.Invalid, Clause: regulation.ClauseBox, Missing: "fields"}
	if f.Void != "" {
		if !slices.Contains(regulation.PaperVoids, f.Void) {
			return read, wrong.Field("void", "not_an_option")
		}
		read.reading.Void = f.Void
		return read, nil
	}
	if err := regulation.CheckOwnCode(f.OwnCode); err != nil {
		return read, err
	}
	var day workday.Date
	if f.Date != "" {
		if day, err = workday.ParseDate(f.Date); err != nil {
			return read, wrong.Field("form_date", "not_a_date")
		}
	}
	if !slices.Contains(regulation.TargetKinds, f.Rating.Target) {
		return read, wrong.Field("target_kind", "not_an_option")
	}
	previous, err := s.openingBefore(ctx, o)
	if err != nil {
		return read, err
	}
	given := regulation.PaperGivenAt(day, previous, o.OpenedAt)
	t, err := s.paperTarget(ctx, scope, o, f, given)
	if err != nil {
		return read, err
	}
	if err := regulation.CheckPaperReader(actor, converted(t.Serving, func(p Profile) string { return p.StaffID })); err != nil {
		return read, err
	}
	form := f.Rating
	form.Channel, form.FormSerial, form.ScanDigest, form.GivenAt = regulation.ChannelPaper, f.Serial, f.Scan, given
	form.Source = regulation.Source{ID: o.Box, Ref: o.ID}
	if read.rating, err = regulation.NewRating("", form, t.Place(""), choices, actor, s.now()); err != nil {
		return read, err
	}
	read.reading = regulation.PaperReading{Grade: read.rating.Grade, Options: read.rating.Options, Marks: read.rating.Dimensions, Target: form.Target,
		Window: f.Window, Matter: f.Matter, Date: day}
	return read, nil
}

// paperTarget is what a form rates: the handled matter whose number is on it, else the window, with those who served
// there on that day.
func (s *Store) paperTarget(ctx context.Context, scope regulation.Scope, o Opening, f PaperForm, given time.Time) (t Target, err error) {
	wrong, field := &regulation.Error{Code: regulation.Invalid, Clause: regulation.ClauseBox, Missing: "fields"}, "target"
	switch {
	case f.Matter != "" && f.Window != "":
		return t, wrong.Field("target", "window_or_matter")
	case f.Matter != "":
		field = "matter_number"
		t, err = s.ProjectTarget(ctx, f.Matter)
	case f.Window != "":
		if t, err = s.WindowTarget(ctx, f.Window); err == nil {
			t.Serving, err = s.Serving(ctx, f.Window, workday.DateOf(given))
		}
	default:
		return t, wrong.Field("target", "required")
	}
	if refused := (*regulation.Error)(nil); errors.As(err, &refused) {
		return t, wrong.Field(field, "not_an_option")
	}
	if err == nil && !scope.All && t.Hall.ID != o.Hall && !slices.Contains(scope.Areas, t.Unit.Area) {
		err = wrong.Field(field, "not_an_option")
	}
	return t, err
}

// openingWithin is an opening within a scope.
func (s *Store) openingWithin(ctx context.Context, scope regulation.Scope, id string) (Opening, error) {
	var row openingRow
	err := inScope(s.rows(ctx), scope, openingScope).Take(&row, "id = ?", id).Error
	return row.opening(), found(err, "opening")
}

// openingBefore is when the box was opened before an opening, zero for the first.
func (s *Store) openingBefore(ctx context.Context, o Opening) (time.Time, error) {
	var at int64
	err := s.rows(ctx).Table("box_openings").Select("COALESCE(MAX(opened_at), 0)").Where("box_id = ? AND opened_at < ?", o.Box, micros(o.OpenedAt)).Scan(&at).Error
	return instant(at), err
}

// EnterPaper takes the first reading of a form of an opening within the scope. Sent again by the same person it is
// the same entry. Refusals: NotFound, Invalid by field: those of a rating, form_serial as takeForm says or
// already_entered, scan unknown_file or scan_taken.
func (s *Store) EnterPaper(ctx context.Context, scope regulation.Scope, opening string, f PaperForm, choices regulation.Choices, actor regulation.Actor) (id string, err error) {
	if f.Scan == "" {
		return "", (&regulation.Error{Code: regulation.Invalid, Clause: regulation.ClauseBox, Missing: "fields"}).Field("scan", "required")
	}
	o, err := s.openingWithin(ctx, scope, opening)
	if err != nil {
		return "", err
	}
	rows, err := s.newEntry(ctx, scope, o, f, choices, actor)
	if err != nil {
		return "", err
	}
	err = s.tx(ctx, func(tx *gorm.DB) error {
		if id, err = s.enteredBefore(tx, rows); id != "" || err != nil {
			return err
		}
		id = rows.entry.ID
		if err := s.addEntry(tx, rows, actor); err != nil {
			return err
		}
		return s.bindScan(tx, o.ID, rows.entry.ID, f.Scan, actor.Person)
	})
	if errors.Is(err, gorm.ErrDuplicatedKey) {
		err = paperFault("serial", "already_entered")
	}
	return id, err
}

// noSerial begins what stands for the serial of a sheet on which it cannot be read: such a sheet is void.
const noSerial = "-"

// paperSerial is a form's serial as it is stored.
func paperSerial(f PaperForm, entry string) (string, error) {
	if f.Void == regulation.VoidUnreadable && strings.TrimSpace(f.Serial) == "" {
		return noSerial + entry, nil
	}
	return regulation.TidySerial(f.Serial), regulation.CheckSerial(f.Serial)
}

// scanToCome stands for the picture of an imported row: nothing is counted without one.
const scanToCome = "to come"

func paperFault(field, code string) error {
	return (&regulation.Error{Code: regulation.Invalid, Clause: regulation.ClauseBox, Missing: "fields"}).Field(field, code)
}

// entryRows is a first reading with everything made that needs no database.
type entryRows struct {
	entry   paperEntryRow
	reading paperReadingRow
	rest    pile // the leaf, and words, own code and contact where there are any
}

func (s *Store) newEntry(ctx context.Context, scope regulation.Scope, o Opening, f PaperForm, choices regulation.Choices, actor regulation.Actor) (rows entryRows, err error) {
	if s.sealer == nil {
		return rows, errNoKeys
	}
	id := newID()
	if f.Serial, err = paperSerial(f, id); err != nil {
		return rows, err
	}
	f.Scan = cmp.Or(f.Scan, scanToCome)
	read, err := s.readForm(ctx, scope, o, f, choices, actor)
	if err != nil {
		return rows, err
	}
	at := s.now()
	rows.rest = pile{}
	rows.entry = paperEntryRow{ID: id, OpeningID: o.ID, BoxID: o.Box, Area: o.Area, HallID: o.Hall, Serial: f.Serial, State: string(regulation.PaperToCheck), RatingID: newID()}
	rows.reading = newPaperReading(rows.entry.ID, 1, read.reading, actor.Person, at)
	if text := strings.TrimSpace(f.Rating.Text); text != "" && f.Void == "" {
		var row []any
		if row, rows.reading.TextDigest, err = s.sealText(rows.entry.ID, 1, "text", text); err != nil {
			return rows, err
		}
		rows.rest.add(textsTable, row)
	}
	if code := regulation.TidyOwnCode(f.OwnCode); code != "" && f.Void == "" {
		row, _, err := s.sealText(rows.entry.ID, 1, ownCodeField, code)
		if err != nil {
			return rows, err
		}
		rows.rest.add(textsTable, row)
	}
	if f.Contact.Given() && f.Void == "" {
		key, err := s.newReadyKey(rows.entry.RatingID)
		if err != nil {
			return rows, err
		}
		// The key waits in the record, to stand or fall with the entry, and is moved within seconds.
		if err := s.sealContact(rows.rest, key, f.Contact, at); err != nil {
			return rows, err
		}
	}
	nonce, leaf := pendingLeaf(leafPaper, eventRef(rows.entry.ID, 1), rows.reading.canonical(), s.wall())
	rows.reading.Nonce = nonce
	rows.rest.add(pendingLeavesTable, leaf)
	return rows, nil
}

// enteredBefore finds the same first reading of the same person, "" where there is none. Another is already_entered.
func (s *Store) enteredBefore(tx *gorm.DB, rows entryRows) (string, error) {
	var found []paperEntryRow
	if err := tx.Where("serial = ?", rows.entry.Serial).Limit(1).Find(&found).Error; err != nil || len(found) == 0 {
		return "", err
	}
	var first paperReadingRow
	if err := tx.Take(&first, "entry_id = ? AND nth = 1", found[0].ID).Error; err != nil {
		return "", err
	}
	if first.Person == rows.reading.Person && found[0].OpeningID == rows.entry.OpeningID && first.read().Differs(rows.reading.read().PaperReading) == nil {
		return found[0].ID, nil
	}
	return "", paperFault("serial", "already_entered")
}

// addEntry adds a first reading under the opening's lock.
func (s *Store) addEntry(tx *gorm.DB, rows entryRows, actor regulation.Actor) error {
	if err := s.mayEnter(tx, rows.entry.OpeningID, rows.entry.Serial); err != nil {
		return err
	}
	if err := tx.Create(&rows.entry).Error; err != nil {
		return err
	}
	if err := tx.Create(&rows.reading).Error; err != nil {
		return err
	}
	if err := s.flush(tx, rows.rest); err != nil {
		return err
	}
	return s.notePaper(tx, "enter_paper", rows.entry, actor)
}

func (s *Store) notePaper(tx *gorm.DB, action string, row paperEntryRow, actor regulation.Actor) error {
	return s.audit(tx, AuditEntry{Person: actor.Person, Role: string(actor.As.Role), Action: action, ObjectKind: "paper_entry", ObjectID: row.ID,
		Area: row.Area, Unit: row.HallID, Outcome: OutcomeDone})
}

// serialOrNone is "" for a sheet without a legible serial.
func serialOrNone(serial string) string {
	if strings.HasPrefix(serial, noSerial) {
		return ""
	}
	return serial
}

// mayEnter tells whether a form may be entered at an opening, which it holds; it is taken when it counts. Forms that
// wait for their second reading take up the opening's count already.
func (s *Store) mayEnter(tx *gorm.DB, opening, serial string) error {
	o, err := holdOpening(tx, opening)
	if err != nil {
		return err
	}
	if serialOrNone(serial) != "" {
		if _, err := openForm(tx, o, serial); err != nil {
			return err
		}
	}
	var waiting int64
	err = tx.Model(&paperEntryRow{}).Where("opening_id = ? AND settled_at = 0", o.Found.ID).Count(&waiting).Error
	if err == nil && o.opening().Remaining() <= int(waiting) {
		err = &regulation.Error{Code: regulation.Conflict, Clause: regulation.ClauseBox, Missing: "opening_full"}
	}
	return err
}

// SecondPaper takes the second reading of an entry within the scope: of another person, who did not see the first.
// Read alike it counts at once, or is void; else a third decides. Refusals besides those of a rating: NotFound,
// Conflict paper_moved_on, FourEyes paper_read_before, NotNow scan_missing, Invalid on confirmed.
func (s *Store) SecondPaper(ctx context.Context, scope regulation.Scope, id string, f PaperForm, choices regulation.Choices, actor regulation.Actor) (Saved, regulation.PaperState, error) {
	e, o, err := s.paperStep(ctx, scope, id, regulation.PaperToCheck, 2, actor)
	if err != nil || e.State != regulation.PaperToCheck {
		return Saved{CaseID: e.CaseID, Repeated: true}, e.State, err
	}
	f.Serial, f.Scan, f.Rating.Text = e.Serial, e.Scan, ""
	read, err := s.readForm(ctx, scope, o, f, choices, actor)
	if err != nil {
		return Saved{}, e.State, err
	}
	if f.Confirmed != "yes" && f.Confirmed != "no" {
		return Saved{}, e.State, paperFault("confirmed", "required")
	}
	row := newPaperReading(e.ID, 2, read.reading, actor.Person, s.now())
	row.Confirmed = f.Confirmed
	disputed := e.Readings[0].Differs(read.reading)
	if alike, err := s.sameOwnCode(ctx, e, f); err != nil {
		return Saved{}, e.State, err
	} else if !alike {
		disputed = append(disputed, ownCodeField)
	}
	if f.Confirmed == "no" {
		disputed = append(disputed, "confirmed")
	}
	if len(disputed) > 0 {
		return Saved{}, regulation.PaperDiffers, s.disputePaper(ctx, e, row, disputed, actor)
	}
	if read.reading.Void != "" {
		return Saved{}, regulation.PaperVoid, s.voidPaper(ctx, e, row, actor)
	}
	return s.countSecond(ctx, scope, o, e, f, row, choices, actor)
}

// countSecond counts what two read alike, in the words that the first typed: the first wrote it down (R10).
func (s *Store) countSecond(ctx context.Context, scope regulation.Scope, o Opening, e PaperEntry, f PaperForm, row paperReadingRow, choices regulation.Choices, actor regulation.Actor) (Saved, regulation.PaperState, error) {
	first, err := s.readerOf(ctx, e.Readings[0].Person)
	if err != nil {
		return Saved{}, e.State, err
	}
	words, err := s.openTexts(ctx, e.ID, func(regulation.TextRef) bool { return true })
	if err != nil {
		return Saved{}, e.State, err
	}
	f.Rating.Text, f.OwnCode = words[regulation.TextRef{Seq: 1, Field: "text"}], words[regulation.TextRef{Seq: 1, Field: ownCodeField}]
	read, err := s.readForm(ctx, scope, o, f, choices, first)
	if err != nil {
		return Saved{}, e.State, err
	}
	if f.Contact, err = s.contactIn(ctx, e.RatingID); err != nil {
		return Saved{}, e.State, err
	}
	read.rating.ID = e.RatingID
	saved, err := s.countPaper(ctx, e, Intake{Rating: read.rating, Text: f.Rating.Text, Contact: f.Contact, InVault: true}, f.OwnCode, row, actor)
	if refused := (*regulation.Error)(nil); errors.As(err, &refused) && refused.Missing == regulation.RatedBefore().Missing && e.Readings[0].Matter != "" {
		return Saved{}, regulation.PaperDiffers, s.disputePaper(ctx, e, row, []string{"rated_before"}, actor)
	}
	return saved, regulation.PaperCounted, err
}

func (s *Store) readerOf(ctx context.Context, person string) (regulation.Actor, error) {
	people, err := s.People(ctx)
	if err != nil {
		return regulation.Actor{}, err
	}
	return regulation.Actor{Person: person, Staff: people.Account(person).Staff}, nil
}

// contactIn is the contact that stands in the vault under a rating to come, zero where none does.
func (s *Store) contactIn(ctx context.Context, rating string) (Contact, error) {
	c, err := s.openContact(ctx, rating)
	if refused := (*regulation.Error)(nil); errors.As(err, &refused) && refused.Code == regulation.NotFound {
		return Contact{}, nil
	}
	return c, err
}

// DecidePaper takes the third reading of an entry within the scope, by somebody who saw both others and the scan.
// f.Serial is the serial as it is on the sheet. Refusals as of SecondPaper.
func (s *Store) DecidePaper(ctx context.Context, scope regulation.Scope, id string, f PaperForm, choices regulation.Choices, actor regulation.Actor) (Saved, regulation.PaperState, error) {
	e, o, err := s.paperStep(ctx, scope, id, regulation.PaperDiffers, 3, actor)
	if err != nil || e.State != regulation.PaperDiffers {
		return Saved{CaseID: e.CaseID, Repeated: true}, e.State, err
	}
	f.Scan = e.Scan
	if f.Serial, err = paperSerial(f, e.ID); err != nil {
		return Saved{}, e.State, err
	}
	read, err := s.readForm(ctx, scope, o, f, choices, actor)
	if err != nil {
		return Saved{}, e.State, err
	}
	e.Serial = f.Serial
	row := newPaperReading(e.ID, 3, read.reading, actor.Person, s.now())
	if read.reading.Void != "" {
		return Saved{}, regulation.PaperVoid, s.voidPaper(ctx, e, row, actor)
	}
	read.rating.ID = e.RatingID
	in := Intake{Rating: read.rating, Text: f.Rating.Text, Contact: f.Contact}
	if f.KeepContact {
		if in.Contact, err = s.contactIn(ctx, e.RatingID); err != nil {
			return Saved{}, e.State, err
		}
		in.InVault = true
	} else {
		in.Rating.ID = newID() // the contact under the other one goes
	}
	saved, err := s.countPaper(ctx, e, in, f.OwnCode, row, actor)
	return saved, regulation.PaperCounted, err
}

// paperStep is an entry whose nth reading is to be taken, with its opening. Where the same person took it already
// the entry has moved on and nothing is wrong.
func (s *Store) paperStep(ctx context.Context, scope regulation.Scope, id string, want regulation.PaperState, nth int, actor regulation.Actor) (e PaperEntry, o Opening, err error) {
	if e, err = s.PaperEntry(ctx, scope, id); err != nil {
		return e, o, err
	}
	if len(e.Readings) >= nth && e.Readings[nth-1].Person == actor.Person {
		return e, o, nil
	}
	if err := regulation.CheckPaperStep(e.State, want, e.Readers(), actor.Person); err != nil {
		return e, o, err
	}
	if e.Scan == "" {
		return e, o, &regulation.Error{Code: regulation.NotNow, Clause: regulation.ClauseBox, Missing: "scan_missing"}
	}
	o, err = s.openingWithin(ctx, scope, e.Opening)
	return e, o, err
}

// countPaper saves the rating and moves its entry on in one transaction; the serial is its key, so that a form counts
// once. Nobody gets the receipt: citizens follow a form by what was torn off it and their own code.
func (s *Store) countPaper(ctx context.Context, e PaperEntry, in Intake, ownCode string, row paperReadingRow, actor regulation.Actor) (Saved, error) {
	in.Key, in.PrivacyVersion = "paper/"+e.Serial, paperNotice
	code, err := s.ownCodeRow(in.Rating.ID, ownCode)
	if err != nil {
		return Saved{}, err
	}
	if in.Text = strings.TrimSpace(in.Text); in.Text != "" && row.Nth == 3 {
		// The words stand under the rating; that the third typed them is in the reading.
		if _, row.TextDigest, err = s.sealText(e.ID, 3, "text", in.Text); err != nil {
			return Saved{}, err
		}
	}
	in.within = func(tx *gorm.DB) error {
		if code != nil {
			if err := s.insert(tx, textsTable, code); err != nil {
				return err
			}
		}
		if err := s.movePaper(tx, e, row, regulation.PaperCounted, nil, in.Rating.ID, actor); err != nil {
			return err
		}
		if err := s.takeForm(tx, e.Opening, e.Serial, actor.Person, s.now()); err != nil {
			return err
		}
		if !in.InVault {
			if err := eraseSubject(tx, e.RatingID); err != nil {
				return err
			}
		}
		return tx.Delete(&textRow{}, "owner = ?", e.ID).Error
	}
	saved, err := s.SaveRating(ctx, in)
	if err == nil && !in.InVault {
		s.destroyed(ctx, e.RatingID)
	}
	return saved, err
}

// paperNotice is the version of the privacy notice that is printed on the forms (R59).
const paperNotice = "4"

// voidPaper ends an entry of which nothing counts. Its words and contact go, the scan stays as its proof.
func (s *Store) voidPaper(ctx context.Context, e PaperEntry, row paperReadingRow, actor regulation.Actor) error {
	err := s.tx(ctx, func(tx *gorm.DB) error {
		if err := s.movePaper(tx, e, row, regulation.PaperVoid, nil, e.RatingID, actor); err != nil {
			return err
		}
		if err := s.voidForm(tx, e.Opening, serialOrNone(e.Serial), row.VoidReason, actor.Person, s.now()); err != nil {
			return err
		}
		if err := eraseSubject(tx, e.RatingID); err != nil {
			return err
		}
		return tx.Delete(&textRow{}, "owner = ?", e.ID).Error
	})
	if err == nil {
		s.destroyed(ctx, e.RatingID)
	}
	return err
}

func (s *Store) disputePaper(ctx context.Context, e PaperEntry, row paperReadingRow, disputed []string, actor regulation.Actor) error {
	return s.tx(ctx, func(tx *gorm.DB) error {
		return s.movePaper(tx, e, row, regulation.PaperDiffers, disputed, e.RatingID, actor)
	})
}

// paperActions are the steps in the audit log, by the reading that takes them.
var paperActions = map[int64]string{2: "check_paper", 3: "decide_paper"}

// movePaper adds a reading and sets the entry's state under its lock.
func (s *Store) movePaper(tx *gorm.DB, e PaperEntry, row paperReadingRow, to regulation.PaperState, disputed []string, rating string, actor regulation.Actor) error {
	var held paperEntryRow
	if err := locked(tx).Take(&held, "id = ?", e.ID).Error; err != nil {
		return err
	}
	if err := regulation.CheckPaperStep(regulation.PaperState(held.State), e.State, e.Readers(), row.Person); err != nil {
		return err
	}
	held.Serial, held.State, held.Disputed, held.RatingID = e.Serial, string(to), strings.Join(disputed, ","), rating
	if to == regulation.PaperCounted || to == regulation.PaperVoid {
		held.SettledAt = micros(s.now())
	}
	if err := tx.Save(&held).Error; err != nil {
		if errors.Is(err, gorm.ErrDuplicatedKey) {
			return paperFault("serial", "already_entered")
		}
		return err
	}
	nonce, leaf := pendingLeaf(leafPaper, eventRef(row.EntryID, row.Nth), row.canonical(), s.wall())
	row.Nonce = nonce
	if err := tx.Create(&row).Error; err != nil {
		return err
	}
	if err := s.insert(tx, pendingLeavesTable, leaf); err != nil {
		return err
	}
	return s.notePaper(tx, paperActions[row.Nth], held, actor)
}
