package store

import (
	"context"
	"errors"
	"slices"
	"strings"

	"gorm.io/gorm"

	"haochaping/regulation"
	"haochaping/workday"
)

// Window is a counter of a hall or service centre, or a seat of the hotline.
type Window struct {
	ID       string
	HallID   string
	UnitID   string // the unit that serves there: the rated unit
	Number   string // as shown on the counter
	NameZH   string
	NameEN   string
	Delivery bool // courier delivery is offered
	Code     string
}

type windowRow struct {
	ID       string `gorm:"primaryKey"`
	HallID   string
	UnitID   string
	Number   string
	NameZH   string
	NameEN   string
	Delivery bool
	Code     string
}

func (windowRow) TableName() string { return "service_windows" }

// Matter is a matter (事项) as one unit handles it.
type Matter struct {
	ID           string
	TaskCode     string // the national code
	UnitID       string
	NameZH       string
	NameEN       string
	Kind         string // application, public_service
	PromisedDays int    // working days; 0 is done on the spot
	Delivery     bool   // the result can be sent by courier
	Code         string
}

type matterRow struct {
	ID           string `gorm:"primaryKey"`
	TaskCode     string
	UnitID       string
	NameZH       string
	NameEN       string
	Kind         string
	PromisedDays int
	Delivery     bool
	Code         string
}

func (matterRow) TableName() string { return "matters" }

// Target is what a code leads to. Window, Matter and Project are zero where the code does not
// name one.
type Target struct {
	Window  Window
	Matter  Matter
	Project Project
	Unit    Org // the rated unit
	Hall    Org // zero without a window
	// Serving are those on the window's roster today, who served for a project; the page shows
	// their profiles.
	Serving []Profile
	// Authority is the one of the unit's level, Upper the one above it, zero at the prefecture.
	Authority Org
	Upper     Org
	// Replaced tells that the code was replaced by the target's present one: the poster is an old one.
	Replaced bool
}

// Target resolves the opaque code of a window, a matter or a handled matter, as it stands on
// posters and slips.
func (s *Store) Target(ctx context.Context, code string) (Target, error) {
	if strings.HasSuffix(code, " ") { // MySQL compares as if trailing spaces were not there
		return Target{}, found(gorm.ErrRecordNotFound, "code")
	}
	for _, resolve := range []func(context.Context, string) (Target, error){s.windowTarget, s.matterTarget, s.projectTarget} {
		t, err := resolve(ctx, code)
		if !errors.Is(err, gorm.ErrRecordNotFound) {
			return t, err
		}
	}
	return s.replacedTarget(ctx, code)
}

// ProjectTarget resolves a handled matter by its number, for clerks who transcribe.
func (s *Store) ProjectTarget(ctx context.Context, number string) (Target, error) {
	var row projectRow
	if err := s.rows(ctx).Take(&row, "number = ?", number).Error; err != nil {
		return Target{}, found(err, "project")
	}
	return s.projectTarget(ctx, row.Code)
}

// WindowTarget resolves a window by its id, for clerks and devices.
func (s *Store) WindowTarget(ctx context.Context, id string) (Target, error) {
	var row windowRow
	if err := s.rows(ctx).Take(&row, "id = ?", id).Error; err != nil {
		return Target{}, found(err, "window")
	}
	return s.windowTarget(ctx, row.Code)
}

func (s *Store) windowTarget(ctx context.Context, code string) (Target, error) {
	var row windowRow
	if err := s.rows(ctx).Take(&row, "code = ?", code).Error; err != nil {
		return Target{}, err
	}
	serving, err := s.Serving(ctx, row.ID, workday.DateOf(s.now()))
	if err != nil {
		return Target{}, err
	}
	return s.placed(ctx, Target{Window: Window(row), Serving: serving}, row.UnitID)
}

func (s *Store) matterTarget(ctx context.Context, code string) (Target, error) {
	var row matterRow
	if err := s.rows(ctx).Take(&row, "code = ?", code).Error; err != nil {
		return Target{}, err
	}
	return s.placed(ctx, Target{Matter: Matter(row)}, row.UnitID)
}

func (s *Store) projectTarget(ctx context.Context, code string) (Target, error) {
	var row projectRow
	if err := s.rows(ctx).Take(&row, "code = ?", code).Error; err != nil {
		return Target{}, err
	}
	var matter matterRow
	var window windowRow
	if err := s.rows(ctx).Take(&matter, "id = ?", row.MatterID).Error; err != nil {
		return Target{}, err
	}
	if row.WindowID != nil {
		if err := s.rows(ctx).Take(&window, "id = ?", *row.WindowID).Error; err != nil {
			return Target{}, err
		}
	}
	t := Target{Window: Window(window), Matter: Matter(matter), Project: row.project()}
	if row.StaffID != "" {
		profile, err := s.Profile(ctx, row.StaffID)
		if err != nil {
			return Target{}, err
		}
		t.Serving = []Profile{profile}
	}
	return s.placed(ctx, t, matter.UnitID)
}

// placed adds where in the tree a target lies.
func (s *Store) placed(ctx context.Context, t Target, unit string) (Target, error) {
	tree, err := s.Tree(ctx)
	if err != nil {
		return Target{}, err
	}
	t.Unit, _ = tree.Org(unit)
	t.Hall, _ = tree.Org(t.Window.HallID)
	t.Authority, _ = tree.Authority(unit)
	t.Upper, _ = tree.Upper(unit)
	return t, nil
}

// Place is the target as a rating stores it. staff is whom the citizen chose where several
// serve; it counts only if that person is among them. Where exactly one serves it is that one.
func (t Target) Place(staff string) regulation.Place {
	p := regulation.Place{Area: t.Unit.Area, Authority: t.Authority.ID, Upper: t.Upper.ID,
		Rated:     regulation.Rated{Unit: t.Unit.ID, Hall: t.Hall.ID, Window: t.Window.ID, Matter: t.Matter.ID},
		ProjectNo: t.Project.Number, MatterStatus: t.Project.Status, DeliveryUsed: t.Project.DeliveryUsed}
	for _, profile := range t.Serving {
		if profile.StaffID == staff || len(t.Serving) == 1 {
			p.Rated.Staff, p.Gaps = profile.StaffID, profile.Gaps()
		}
	}
	if t.Window.ID != "" && len(t.Serving) == 0 {
		p.Gaps = Profile{}.Gaps() // nobody signed in: nothing is shown (R12)
	}
	return p
}

// Matters lists the matters of a unit, in the order of their ids.
func (s *Store) Matters(ctx context.Context, unit string) ([]Matter, error) {
	var rows []matterRow
	err := s.rows(ctx).Where("unit_id = ?", unit).Order("id").Find(&rows).Error
	return converted(rows, func(r matterRow) Matter { return Matter(r) }), err
}

// AllMatters lists the matters of all units, by id.
func (s *Store) AllMatters(ctx context.Context) ([]Matter, error) {
	var rows []matterRow
	err := s.rows(ctx).Order("id").Find(&rows).Error
	return converted(rows, func(r matterRow) Matter { return Matter(r) }), err
}

// UnitsOfMatters are the units of some matters, by matter: a prefecture has ten thousand, and most questions are about few.
func (s *Store) UnitsOfMatters(ctx context.Context, ids ...string) (map[string]string, error) {
	units := map[string]string{}
	for some := range slices.Chunk(ids, batch) {
		var rows []struct{ ID, UnitID string }
		if err := s.rows(ctx).Table("matters").Select("id, unit_id").Where("id IN ?", some).Scan(&rows).Error; err != nil {
			return nil, err
		}
		for _, row := range rows {
			units[row.ID] = row.UnitID
		}
	}
	return units, nil
}

// Windows lists the windows of a hall, in the order of their numbers.
func (s *Store) Windows(ctx context.Context, hall string) ([]Window, error) {
	var rows []windowRow
	err := s.rows(ctx).Where("hall_id = ?", hall).Order("number").Find(&rows).Error
	return converted(rows, func(r windowRow) Window { return Window(r) }), err
}

// AllWindows lists the windows of all halls, by hall and number.
func (s *Store) AllWindows(ctx context.Context) ([]Window, error) {
	var rows []windowRow
	err := s.rows(ctx).Order("hall_id, number").Find(&rows).Error
	return converted(rows, func(r windowRow) Window { return Window(r) }), err
}

// WindowsOf lists the windows that units serve, by unit, hall and number.
func (s *Store) WindowsOf(ctx context.Context, units ...string) ([]Window, error) {
	if len(units) == 0 {
		return nil, nil
	}
	var rows []windowRow
	err := s.rows(ctx).Where("unit_id IN ?", units).Order("unit_id, hall_id, number").Find(&rows).Error
	return converted(rows, func(r windowRow) Window { return Window(r) }), err
}

// converted turns rows into what leaves the package.
func converted[R, T any](rows []R, convert func(R) T) []T {
	out := make([]T, 0, len(rows))
	for _, row := range rows {
		out = append(out, convert(row))
	}
	return out
}
