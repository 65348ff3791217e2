package store

import (
	"context"
	"errors"
	"slices"
	"time"

	"gorm.io/gorm"

	"haochaping/regulation"
	"haochaping/workday"
)

type seatRow struct {
	WindowID string `gorm:"primaryKey"`
	Day      string
	StaffID  string
	At       int64
}

func (seatRow) TableName() string { return "window_seats" }

type invitationRow struct {
	WindowID string `gorm:"primaryKey"`
	Session  string
	StaffID  string
	At       int64
}

func (invitationRow) TableName() string { return "window_invitations" }

// Shown is what the screen at a window shows now (6(1)): whoever is signed in there, by its roster.
type Shown struct {
	Target  Target
	Profile Profile // zero where nobody is signed in (R12)
	// Session is the last invitation to rate, "" without any, which holds until Until.
	Session string
	Until   time.Time
	Seconds int // how long a session lasts
}

// SignedIn is who is signed in at a window now: of those on its roster today whoever took it last, and where
// nobody took or left it today whoever came to the roster last. ok is false where nobody is.
func (s *Store) SignedIn(ctx context.Context, window string) (p Profile, ok bool, err error) {
	today := workday.DateOf(s.now())
	serving, err := s.Serving(ctx, window, today)
	if err != nil || len(serving) == 0 {
		return p, false, err
	}
	var seats []seatRow
	if err := s.rows(ctx).Where("window_id = ? AND day = ?", window, today.String()).Find(&seats).Error; err != nil {
		return p, false, err
	}
	if len(seats) == 0 {
		return serving[0], true, nil
	}
	at := slices.IndexFunc(serving, func(p Profile) bool { return p.StaffID == seats[0].StaffID })
	if at < 0 {
		return p, false, nil // they left, or were taken off the roster since
	}
	return serving[at], true, nil
}

// ServedBy lists the windows at which a staff member is on today's roster.
func (s *Store) ServedBy(ctx context.Context, staff string) ([]Window, error) {
	day := workday.DateOf(s.now()).String()
	var rows []windowRow
	err := s.rows(ctx).Joins("JOIN roster r ON r.window_id = service_windows.id").
		Where("r.staff_id = ? AND r.from_date <= ? AND (r.until_date = '' OR r.until_date >= ?)", staff, day, day).
		Order("service_windows.id").Find(&rows).Error
	return converted(rows, func(r windowRow) Window { return Window(r) }), err
}

// servesAt refuses whoever is not on a window's roster today.
func (s *Store) servesAt(ctx context.Context, window, staff string) error {
	served, err := s.ServedBy(ctx, staff)
	if err == nil && !slices.ContainsFunc(served, func(w Window) bool { return w.ID == window }) {
		err = (&regulation.Error{Code: regulation.Invalid, Clause: regulation.ClauseEvaluator, Missing: "fields"}).Field("window", "not_on_roster")
	}
	return err
}

// TakeWindow signs a staff member in at a window of their roster, or out of it: then nobody is, until somebody
// takes it.
func (s *Store) TakeWindow(ctx context.Context, window, staff string, leave bool) error {
	if err := s.servesAt(ctx, window, staff); err != nil {
		return err
	}
	row := seatRow{window, workday.DateOf(s.now()).String(), staff, micros(s.now())}
	if leave {
		row.StaffID = ""
	}
	return s.tx(ctx, func(tx *gorm.DB) error { return tx.Save(&row).Error })
}

// Invite asks the citizen who was served at a window to rate, on its evaluator. Whoever asks never learns what
// was pressed.
func (s *Store) Invite(ctx context.Context, window, staff string) (session string, err error) {
	if err := s.servesAt(ctx, window, staff); err != nil {
		return "", err
	}
	row := invitationRow{window, newID(), staff, micros(s.now())}
	return row.Session, s.tx(ctx, func(tx *gorm.DB) error { return tx.Save(&row).Error })
}

// ShownAt is what the screen at a window shows now.
func (s *Store) ShownAt(ctx context.Context, window string) (shown Shown, err error) {
	if shown.Target, err = s.WindowTarget(ctx, window); err != nil {
		return shown, err
	}
	if shown.Profile, _, err = s.SignedIn(ctx, window); err != nil {
		return shown, err
	}
	params, err := s.paramsNow(ctx)
	if err != nil {
		return shown, err
	}
	shown.Seconds = params.Days(regulation.DeviceSessionSeconds)
	var row invitationRow
	err = s.rows(ctx).Take(&row, "window_id = ?", window).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return shown, nil
	}
	if until := instant(row.At).Add(time.Duration(shown.Seconds) * time.Second); until.After(s.now()) {
		shown.Session, shown.Until = row.Session, until
	}
	return shown, err
}

// ReceiveRoster answers a device who is signed in at its window, and whether somebody is asked to rate there.
func (s *Store) ReceiveRoster(ctx context.Context, m SignedMessage) (Shown, error) {
	d, err := s.recogniseDevice(ctx, m)
	if err != nil {
		return Shown{}, err
	}
	return s.ShownAt(ctx, d.row.WindowID)
}
