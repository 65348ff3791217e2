package store

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"time"

	"gorm.io/gorm"

	"haochaping/regulation"
	"haochaping/store/seal"
)

// Project is one handled matter (办件).
type Project struct {
	Number        string // 办件编号; never shown to the rated side
	MatterID      string
	WindowID      string // "" where it was handled without a window: on the web
	StaffID       string // who served, "" where it is not known
	Status        string // waiting, in_progress, concluded
	AcceptedDate  string // 2006-01-02, "" while waiting
	ConcludedDate string // 2006-01-02, "" until concluded
	DeliveryUsed  bool
	Code          string
}

type projectRow struct {
	Number        string `gorm:"primaryKey"`
	MatterID      string
	WindowID      *string
	StaffID       string
	Status        string
	AcceptedDate  string
	ConcludedDate string
	DeliveryUsed  bool
	Code          string
	NameIndex     string
	NameKey       string
	Source        string
	ReportedAt    int64
	// Keyed digest of the telephone with which the matter was applied for, and its key (R48).
	ApplicantPhone string
	ApplicantKey   string
}

func (projectRow) TableName() string { return "projects" }

func (r projectRow) project() Project {
	p := Project{Number: r.Number, MatterID: r.MatterID, StaffID: r.StaffID, Status: r.Status, AcceptedDate: r.AcceptedDate,
		ConcludedDate: r.ConcludedDate, DeliveryUsed: r.DeliveryUsed, Code: r.Code}
	if r.WindowID != nil {
		p.WindowID = *r.WindowID
	}
	return p
}

// codeLength is how many base32 characters a new code has: 20 are 100 bits.
const codeLength = 20

func newCode() string { return rand.Text()[:codeLength] }

// nameApplicant puts the keyed digest of the applicant's name into a handled matter's row, and leaves the row
// as it is without a name. The name is not kept.
func (s *Store) nameApplicant(row *projectRow, name string) error {
	if regulation.NormalName(name) == "" {
		return nil
	}
	if s.sealer == nil {
		return errNoKeys
	}
	index, err := s.sealer.Index(seal.IndexApplicant, applicantOf(row.Number, name))
	row.NameIndex, row.NameKey = hex.EncodeToString(index.MAC), index.KeyID
	return err
}

// phoneApplicant puts the keyed digest of the applicant's telephone into a row, to notice ratings that leave
// another (R48); the telephone is not kept.
func (s *Store) phoneApplicant(row *projectRow, phone string) error {
	if !regulation.ValidPhone(regulation.NormalPhone(phone)) {
		return nil
	}
	if s.sealer == nil {
		return errNoKeys
	}
	index, err := s.sealer.Index(seal.IndexPhone, phone)
	row.ApplicantPhone, row.ApplicantKey = hex.EncodeToString(index.MAC), index.KeyID
	return err
}

func applicantOf(number, name string) string {
	return number + "\x00" + regulation.NormalName(name)
}

// Report is what a matter's own system reports of it.
type Report struct {
	Project
	Applicant string    // the name as reported, of which a digest is kept; "" leaves what is known
	Phone     string    // the applicant's telephone, likewise
	Source    string    // who reports
	At        time.Time // as of when, by that system's clock
}

// TakeReport enters a report of a handled matter. Reports come out of order and more than once: the newest by
// its own time counts, an older one or the same again changes nothing and is false. A matter keeps its code.
func (s *Store) TakeReport(ctx context.Context, in Report) (changed bool, err error) {
	err = s.tx(ctx, func(tx *gorm.DB) error {
		var row projectRow
		err := locked(tx).Take(&row, "number = ?", in.Number).Error
		isNew := errors.Is(err, gorm.ErrRecordNotFound)
		switch {
		case isNew:
			row = projectRow{Number: in.Number, Code: newCode()}
		case err != nil:
			return err
		}
		before := row.ReportedAt
		if changed = isNew || before < micros(in.At); !changed {
			return nil
		}
		row.report(in)
		if err := errors.Join(s.nameApplicant(&row, in.Applicant), s.phoneApplicant(&row, in.Phone)); err != nil {
			return err
		}
		if isNew {
			inserted, err := insertNew(tx, &row)
			if err == nil && !inserted {
				err = errBusy // reported meanwhile: once more, with its time
			}
			return err
		}
		done := tx.Model(&projectRow{}).Where("number = ? AND reported_at = ?", row.Number, before).Select("*").Updates(&row)
		if done.Error == nil && done.RowsAffected == 0 {
			return errBusy
		}
		return done.Error
	})
	return changed, err
}

func (r *projectRow) report(in Report) {
	r.MatterID, r.StaffID, r.Status, r.DeliveryUsed = in.MatterID, in.StaffID, in.Status, in.DeliveryUsed
	r.AcceptedDate, r.ConcludedDate, r.Source, r.ReportedAt = in.AcceptedDate, in.ConcludedDate, in.Source, micros(in.At)
	r.WindowID = nil
	if in.WindowID != "" {
		r.WindowID = &in.WindowID
	}
}

type matterTryRow struct {
	NumberIndex string `gorm:"primaryKey"`
	Failures    int
	OpenAt      int64
}

func (matterTryRow) TableName() string { return "matter_tries" }

// OpenMatter finds a handled matter by its number and the applicant's name, as both were typed. Whoever has one
// wrong learns no more than that: NotFound for an unknown number, another name and a matter of which no name
// is known. Each failure makes the next try of that number wait longer (NotNow, with From), whether there is
// such a matter or not; it is in the audit log, never with the name.
func (s *Store) OpenMatter(ctx context.Context, number, name string) (Target, error) {
	if s.sealer == nil {
		return Target{}, errNoKeys
	}
	number = regulation.NormalIdentity(number)
	tried, err := s.sealer.Index(seal.IndexMatter, number)
	if err != nil {
		return Target{}, found(gorm.ErrRecordNotFound, "matter")
	}
	key := hex.EncodeToString(tried.MAC)
	var try matterTryRow
	if err := s.rows(ctx).Limit(1).Find(&try, "number_index = ?", key).Error; err != nil {
		return Target{}, err
	}
	if open := instant(try.OpenAt); s.wall().Before(open) {
		return Target{}, &regulation.Error{Code: regulation.NotNow, Clause: regulation.ClauseWeb, Missing: "matter_shut"}
	}
	row, known, err := s.applied(ctx, number, name)
	if err != nil {
		return Target{}, err
	}
	if !known {
		// The number is "" where there is no such matter: what was typed is not noted.
		return Target{}, s.wrongTry(ctx, key, "matter", AuditEntry{Action: "open_matter", ObjectKind: "matter", ObjectID: row.Number, Outcome: OutcomeWrongName})
	}
	err = s.tx(ctx, func(tx *gorm.DB) error { return tx.Delete(&matterTryRow{}, "number_index = ?", key).Error })
	if err != nil {
		return Target{}, err
	}
	return s.projectTarget(ctx, row.Code)
}

// applied compares the name's digest with the matter's in constant time. For an unknown number the same is
// computed and compared with nothing.
func (s *Store) applied(ctx context.Context, number, name string) (row projectRow, same bool, err error) {
	if err = s.rows(ctx).Limit(1).Find(&row, "number = ?", number).Error; err != nil {
		return row, false, err
	}
	key, want := row.NameKey, row.NameIndex
	if key == "" {
		key = s.sealer.CurrentKey()
	}
	index, err := s.sealer.IndexUnder(key, seal.IndexApplicant, applicantOf(number, name))
	if errors.Is(err, seal.ErrNoKey) { // retired: nobody's name opens the matter any more
		want = ""
		index, err = s.sealer.Index(seal.IndexApplicant, applicantOf(number, name))
	}
	if err != nil {
		return row, false, err
	}
	same = hmac.Equal([]byte(hex.EncodeToString(index.MAC)), []byte(want))
	return row, same && regulation.NormalName(name) != "", nil
}

// wrongTry counts a failure and makes the next try wait, and answers that what was asked for is not found.
func (s *Store) wrongTry(ctx context.Context, key, what string, entry AuditEntry) error {
	err := s.tx(ctx, func(tx *gorm.DB) error {
		row := matterTryRow{NumberIndex: key}
		if err := locked(tx).Limit(1).Find(&row, "number_index = ?", key).Error; err != nil {
			return err
		}
		row.NumberIndex = key
		row.Failures++
		row.OpenAt = micros(s.wall().Add(regulation.TryAgainAfter(row.Failures)))
		if err := tx.Save(&row).Error; err != nil {
			return err
		}
		return s.audit(tx, entry)
	})
	if err != nil {
		return err
	}
	return found(gorm.ErrRecordNotFound, what)
}

// OutcomeWrongName: a matter's number and the applicant's name did not belong together.
const OutcomeWrongName = "wrong_name"

// SweepMatterTries forgets failures of which the last one has stayed without a further one for a day.
func (s *Store) SweepMatterTries(ctx context.Context) error {
	return s.tx(ctx, func(tx *gorm.DB) error {
		return tx.Delete(&matterTryRow{}, "open_at < ?", micros(s.wall().Add(-24*time.Hour))).Error
	})
}

var matterRatingsTable = table{name: "matter_ratings", columns: []string{"project_no", "rating_id"}}

// FirstRating is the first rating of a handled matter, for the second one that the national record knows. Nobody
// is shown it.
type FirstRating struct {
	RatingID string
	Case     string // "" for a good grade
	Closed   bool
}

// FirstRating returns the first rating of a handled matter; NotFound before any.
func (s *Store) FirstRating(ctx context.Context, number string) (f FirstRating, err error) {
	var row struct{ RatingID string }
	if err := s.rows(ctx).Table("matter_ratings").Where("project_no = ?", number).Take(&row).Error; err != nil {
		return f, found(err, "rating")
	}
	f = FirstRating{RatingID: row.RatingID}
	c, err := s.caseOfRating(ctx, row.RatingID)
	f.Case, f.Closed = c.ID, !c.ClosedAt.IsZero() || !c.ConcludedAt.IsZero()
	return f, err
}

type oldCodeRow struct {
	Code       string `gorm:"primaryKey"`
	Kind       string
	ObjectID   string
	ReplacedAt int64
	Author     string
}

func (oldCodeRow) TableName() string { return "old_codes" }

// Kinds of places whose codes stand on posters.
const (
	CodeWindow = "window"
	CodeMatter = "matter"
)

var codeTables = map[string]string{CodeWindow: "service_windows", CodeMatter: "matters"}

// UnitOfCode is the unit of a window or a matter.
func (s *Store) UnitOfCode(ctx context.Context, kind, id string) (unit string, err error) {
	from, known := codeTables[kind]
	if !known {
		return "", &regulation.Error{Code: regulation.NotFound, Missing: "code"}
	}
	var row struct{ UnitID string }
	err = s.rows(ctx).Table(from).Select("unit_id").Where("id = ?", id).Take(&row).Error
	return row.UnitID, found(err, "code")
}

// ReplaceCode gives a window or a matter a new code: the poster was lost, or somebody put another over it. The
// old one says so from now on and leads on.
func (s *Store) ReplaceCode(ctx context.Context, kind, id string, actor regulation.Actor) (code string, err error) {
	from, known := codeTables[kind]
	if !known {
		return "", &regulation.Error{Code: regulation.NotFound, Missing: "code"}
	}
	code = newCode()
	err = s.tx(ctx, func(tx *gorm.DB) error {
		var was struct{ Code, UnitID string }
		if err := tx.Table(from).Select("code, unit_id").Where("id = ?", id).Take(&was).Error; err != nil {
			return found(err, "code")
		}
		isNew, err := insertNew(tx, &oldCodeRow{was.Code, kind, id, micros(s.now()), actor.Person})
		if err == nil && !isNew {
			err = errBusy
		}
		if err != nil {
			return err
		}
		if err := tx.Table(from).Where("id = ? AND code = ?", id, was.Code).Update("code", code).Error; err != nil {
			return err
		}
		return s.audit(tx, AuditEntry{Person: actor.Person, Role: string(actor.As.Role), Action: "replace_code", ObjectKind: kind, ObjectID: id,
			Area: actor.As.Area, Unit: was.UnitID, Outcome: OutcomeDone})
	})
	return code, err
}

// replacedTarget is what an old code stood for.
func (s *Store) replacedTarget(ctx context.Context, code string) (t Target, err error) {
	var old oldCodeRow
	if err := s.rows(ctx).Take(&old, "code = ?", code).Error; err != nil {
		return Target{}, found(err, "code")
	}
	if old.Kind == CodeWindow {
		t, err = s.WindowTarget(ctx, old.ObjectID)
	} else {
		var row matterRow
		if err := s.rows(ctx).Take(&row, "id = ?", old.ObjectID).Error; err != nil {
			return Target{}, found(err, "code")
		}
		t, err = s.matterTarget(ctx, row.Code)
	}
	t.Replaced = true
	return t, err
}

// Handled lists the handled matters of units, the latest accepted first: for slips, so nothing of ratings.
func (s *Store) Handled(ctx context.Context, units []string, limit int) ([]Project, error) {
	if len(units) == 0 {
		return nil, nil
	}
	var rows []projectRow
	err := s.rows(ctx).Joins("JOIN matters m ON m.id = projects.matter_id").Where("m.unit_id IN ?", units).
		Order("projects.accepted_date DESC, projects.number DESC").Limit(limit).Find(&rows).Error
	return converted(rows, projectRow.project), err
}
