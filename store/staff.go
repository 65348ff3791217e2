package store

import (
	"context"
	"time"

	"gorm.io/gorm"

	"haochaping/workday"
)

// Profile is one version of what the public is shown of a staff member (clause 6(1)). "" is
// what is not made public.
type Profile struct {
	StaffID  string
	UnitID   string
	Version  int
	NameZH   string
	Post     string // 岗位
	Position string // 职务
	Portrait string // key of a drawn portrait, or the digest of a photograph
}

// Gaps lists which of photo, name, post and position is missing: the page reads 未公示 there
// and an alarm is raised (R12).
func (p Profile) Gaps() []string {
	var gaps []string
	for _, part := range []struct{ name, value string }{
		{"photo", p.Portrait}, {"name", p.NameZH}, {"post", p.Post}, {"position", p.Position},
	} {
		if part.value == "" {
			gaps = append(gaps, part.name)
		}
	}
	return gaps
}

type staffRow struct {
	ID        string `gorm:"primaryKey"`
	UnitID    string
	CreatedAt int64 `gorm:"autoCreateTime:false"`
}

func (staffRow) TableName() string { return "staff" }

type profileRow struct {
	StaffID  string `gorm:"primaryKey"`
	Version  int    `gorm:"primaryKey;autoIncrement:false"`
	NameZH   string
	Post     string
	Position string
	Portrait string
	FromAt   int64
	Author   string
}

func (profileRow) TableName() string { return "staff_profiles" }

// shownRow is a profile joined with its staff member.
type shownRow struct {
	StaffID  string
	UnitID   string
	Version  int
	NameZH   string
	Post     string
	Position string
	Portrait string
}

type dutyRow struct {
	WindowID  string `gorm:"primaryKey"`
	StaffID   string `gorm:"primaryKey"`
	FromDate  string `gorm:"primaryKey"`
	UntilDate string
}

func (dutyRow) TableName() string { return "roster" }

// newestProfiles begins a query of the newest profile of each staff member.
func newestProfiles(db *gorm.DB) *gorm.DB {
	return db.Table("staff_profiles p").
		Select("p.staff_id, s.unit_id, p.version, p.name_zh, p.post, p.position, p.portrait").
		Joins("JOIN staff s ON s.id = p.staff_id").
		Where("p.version = (SELECT MAX(v.version) FROM staff_profiles v WHERE v.staff_id = p.staff_id)")
}

// Serving lists who is on a window's roster on a day, whoever came last first.
func (s *Store) Serving(ctx context.Context, window string, day workday.Date) ([]Profile, error) {
	var rows []shownRow
	err := newestProfiles(s.rows(ctx)).
		Joins("JOIN roster r ON r.staff_id = p.staff_id").
		Where("r.window_id = ? AND r.from_date <= ? AND (r.until_date = '' OR r.until_date >= ?)", window, day.String(), day.String()).
		Order("r.from_date DESC, p.staff_id").Find(&rows).Error
	return converted(rows, func(r shownRow) Profile { return Profile(r) }), err
}

// Profile returns the newest profile of a staff member.
func (s *Store) Profile(ctx context.Context, staff string) (Profile, error) {
	var row shownRow
	err := newestProfiles(s.rows(ctx)).Where("p.staff_id = ?", staff).Take(&row).Error
	return Profile(row), found(err, "staff")
}

// ProfileVersion returns the version that a citizen was shown.
func (s *Store) ProfileVersion(ctx context.Context, staff string, version int) (Profile, error) {
	var row shownRow
	err := s.rows(ctx).Table("staff_profiles p").
		Select("p.staff_id, s.unit_id, p.version, p.name_zh, p.post, p.position, p.portrait").
		Joins("JOIN staff s ON s.id = p.staff_id").
		Where("p.staff_id = ? AND p.version = ?", staff, version).Take(&row).Error
	return Profile(row), found(err, "staff")
}

// StaffNames returns the public names of staff members by id, for lists. Who is unknown or has
// no public name is absent.
func (s *Store) StaffNames(ctx context.Context, ids ...string) (map[string]string, error) {
	names := map[string]string{}
	if len(ids) == 0 {
		return names, nil
	}
	var rows []shownRow
	err := newestProfiles(s.rows(ctx)).Where("p.staff_id IN ? AND p.name_zh <> ''", ids).Find(&rows).Error
	for _, r := range rows {
		names[r.StaffID] = r.NameZH
	}
	return names, err
}

// PublishProfile adds the next version of a staff member's profile; earlier ones stay, since
// ratings name the version that was shown.
func (s *Store) PublishProfile(ctx context.Context, p Profile, author string) (version int, err error) {
	err = s.tx(ctx, func(tx *gorm.DB) error {
		// The staff row is held first, so that two authors do not take the same version.
		if err := locked(tx).Take(&staffRow{}, "id = ?", p.StaffID).Error; err != nil {
			return found(err, "staff")
		}
		if err := tx.Model(&profileRow{}).Where("staff_id = ?", p.StaffID).Select("COALESCE(MAX(version), 0)").Scan(&version).Error; err != nil {
			return err
		}
		version++
		return tx.Create(&profileRow{StaffID: p.StaffID, Version: version, NameZH: p.NameZH, Post: p.Post,
			Position: p.Position, Portrait: p.Portrait, FromAt: micros(s.now()), Author: author}).Error
	})
	return version, err
}

// PutOnRoster puts a staff member at a window from a day on; until may be the zero Date.
func (s *Store) PutOnRoster(ctx context.Context, window, staff string, from, until workday.Date) error {
	row := dutyRow{WindowID: window, StaffID: staff, FromDate: from.String()}
	if !until.IsZero() {
		row.UntilDate = until.String()
	}
	return s.tx(ctx, func(tx *gorm.DB) error { return tx.Save(&row).Error })
}

func newStaffRow(id, unit string, at time.Time) staffRow {
	return staffRow{ID: id, UnitID: unit, CreatedAt: micros(at)}
}

// StaffOf lists the newest profiles of the staff of units, by unit and id.
func (s *Store) StaffOf(ctx context.Context, units ...string) ([]Profile, error) {
	if len(units) == 0 {
		return nil, nil
	}
	var rows []shownRow
	err := newestProfiles(s.rows(ctx)).Where("s.unit_id IN ?", units).Order("s.unit_id, p.staff_id").Find(&rows).Error
	return converted(rows, func(r shownRow) Profile { return Profile(r) }), err
}
