package store

import (
	"context"
	"slices"
	"time"

	"gorm.io/gorm"

	"haochaping/regulation"
	"haochaping/workday"
)

// LeaseDevices is the lease under which one node looks after devices.
const LeaseDevices = "devices"

type gapRow struct {
	DeviceID string `gorm:"primaryKey"`
	FromAt   int64  `gorm:"primaryKey;autoIncrement:false"`
	UntilAt  int64
}

func (gapRow) TableName() string { return "device_gaps" }

type hoursRow struct {
	HallID string `gorm:"primaryKey"`
	Opens  int
	Closes int
	Author string
	At     int64
}

func (hoursRow) TableName() string { return "hall_hours" }

// HallHours are the service hours of a hall, 09:00 to 17:00 where none were set.
func (s *Store) HallHours(ctx context.Context, hall string) (workday.Hours, error) {
	var rows []hoursRow
	err := s.rows(ctx).Where("hall_id = ?", hall).Find(&rows).Error
	if err != nil || len(rows) == 0 {
		return regulation.DefaultService, err
	}
	return workday.Hours{From: time.Duration(rows[0].Opens) * time.Minute, To: time.Duration(rows[0].Closes) * time.Minute}, nil
}

// SetHallHours sets them; whole minutes.
func (s *Store) SetHallHours(ctx context.Context, hall string, h workday.Hours, actor regulation.Actor) error {
	row := hoursRow{hall, int(h.From.Minutes()), int(h.To.Minutes()), actor.Person, micros(s.now())}
	return s.tx(ctx, func(tx *gorm.DB) error {
		if err := tx.Save(&row).Error; err != nil {
			return err
		}
		return s.audit(tx, AuditEntry{Person: actor.Person, Role: string(actor.As.Role), Action: "set_hall_hours", ObjectKind: "hall", ObjectID: hall, Area: actor.As.Area, Outcome: OutcomeDone})
	})
}

// service is when a hall of an area serves.
func (s *Store) service(ctx context.Context, area, hall string) (service regulation.Service, err error) {
	if service.Calendar, err = s.Calendar(ctx, area); err != nil {
		return service, err
	}
	service.Hours, err = s.HallHours(ctx, hall)
	return service, err
}

// endGap notes for how long a device was not heard of, and ends the alarm about it.
func (s *Store) endGap(tx *gorm.DB, row deviceRow, now time.Time) error {
	heard := row.device().heardOf()
	if now.Sub(heard) <= heartbeatGrace {
		return nil
	}
	if _, err := insertNew(tx, &gapRow{row.ID, micros(heard), micros(now)}); err != nil {
		return err
	}
	return s.clearAlarm(tx, AlarmDeviceOffline, row.ID)
}

// WatchDevices raises an alarm for each device that was offline for longer than the parameter in its hall's service
// hours and opens a repair for it, and tells of repairs that are overdue. It returns how many devices are offline
// so.
func (s *Store) WatchDevices(ctx context.Context) (offline int, err error) {
	params, err := s.paramsNow(ctx)
	if err != nil {
		return 0, err
	}
	limit := time.Duration(params.Days(regulation.DeviceOfflineMinutes)) * time.Minute
	active, err := s.Devices(ctx, regulation.Scope{All: true}, DeviceQuery{State: regulation.DeviceActive})
	if err != nil {
		return 0, err
	}
	for _, d := range active {
		if d.Online(s.now()) {
			continue
		}
		service, err := s.service(ctx, d.Area, d.Hall)
		if err != nil {
			return offline, err
		}
		if service.Within(d.heardOf(), s.now()) <= limit {
			continue
		}
		offline++
		err = s.tx(ctx, func(tx *gorm.DB) error { return s.raise(tx, AlarmDeviceOffline, d.ID, "offline", d.Area, "") })
		if err != nil {
			return offline, err
		}
		if _, err := s.OpenRepair(ctx, d, "offline", regulation.Actor{}); err != nil && !isOpenRepair(err) {
			return offline, err
		}
	}
	return offline, s.watchRepairs(ctx)
}

// heardOf is when a device was heard of last: at its heartbeat, or when it enrolled.
func (d Device) heardOf() time.Time {
	if d.BeatAt.After(d.EnrolledAt) {
		return d.BeatAt
	}
	return d.EnrolledAt
}

// Availability is how much of a hall's service time its devices were reachable in a month.
type Availability struct {
	Area, Hall string
	Devices    int
	Service    time.Duration // of all of them together, until now
	Reachable  time.Duration
}

// Percent is the share, 100 where there was no service time.
func (a Availability) Percent() float64 {
	if a.Service == 0 {
		return 100
	}
	return 100 * float64(a.Reachable) / float64(a.Service)
}

// Availabilities counts them by hall, within the scope, for the month that a day lies in. A device counts from its
// first enrolment until it is retired, in the hall where it stood; locked or waiting for a code it is not reachable.
func (s *Store) Availabilities(ctx context.Context, scope regulation.Scope, month workday.Date) ([]Availability, error) {
	year, m, _ := month.Civil()
	from, until := workday.NewDate(year, m, 1).Start(), workday.NewDate(year, m+1, 1).Start()
	if now := s.now(); until.After(now) {
		until = now
	}
	devices, err := s.Devices(ctx, scope, DeviceQuery{})
	if err != nil {
		return nil, err
	}
	var all []Availability
	for _, d := range devices {
		stays, err := s.stays(ctx, d)
		if err != nil {
			return nil, err
		}
		halls := map[string]bool{}
		for _, stay := range stays {
			if stay = stay.within(from, until); !stay.from.Before(stay.until) {
				continue
			}
			if all, err = s.countStay(ctx, all, d, stay); err != nil {
				return nil, err
			}
			halls[stay.hall] = true
		}
		for i := range all {
			if halls[all[i].Hall] {
				all[i].Devices++
			}
		}
	}
	return all, nil
}

// stay is a stretch of time that a device spent in one hall in one state.
type stay struct {
	hall        string
	active      bool
	from, until time.Time
}

func (t stay) within(from, until time.Time) stay {
	if t.from.Before(from) {
		t.from = from
	}
	if t.until.After(until) {
		t.until = until
	}
	return t
}

// stays tells a device's life from its history, from its first enrolment on.
func (s *Store) stays(ctx context.Context, d Device) ([]stay, error) {
	history, err := s.DeviceHistory(ctx, d.ID)
	slices.Reverse(history)
	var stays []stay
	enrolled, active := false, false
	for i, e := range history {
		switch e.Name {
		case DeviceEnrolled:
			enrolled, active = true, true
		case DeviceCode, DeviceLockedNow:
			active = false
		case DeviceRetiredNow:
			enrolled = false
		}
		until := s.now()
		if i+1 < len(history) {
			until = history[i+1].At
		}
		if enrolled {
			stays = append(stays, stay{e.Hall, active, e.At, until})
		}
	}
	return stays, err
}

// countStay adds a stay to its hall's line.
func (s *Store) countStay(ctx context.Context, all []Availability, d Device, t stay) ([]Availability, error) {
	service, err := s.service(ctx, d.Area, t.hall)
	if err != nil {
		return all, err
	}
	at := slices.IndexFunc(all, func(a Availability) bool { return a.Hall == t.hall })
	if at < 0 {
		at, all = len(all), append(all, Availability{Area: d.Area, Hall: t.hall})
	}
	total := service.Within(t.from, t.until)
	all[at].Service += total
	if !t.active {
		return all, nil
	}
	gaps, err := s.gaps(ctx, d, t)
	for _, gap := range gaps {
		total -= service.Within(gap.from, gap.until)
	}
	all[at].Reachable += total
	return all, err
}

// gaps are when a device was not heard of during a stay, the one that lasts included.
func (s *Store) gaps(ctx context.Context, d Device, t stay) ([]stay, error) {
	var rows []gapRow
	err := s.rows(ctx).Where("device_id = ? AND until_at > ? AND from_at < ?", d.ID, micros(t.from), micros(t.until)).Order("from_at").Find(&rows).Error
	var gaps []stay
	for _, row := range rows {
		gaps = append(gaps, stay{from: instant(row.FromAt), until: instant(row.UntilAt)}.within(t.from, t.until))
	}
	if !d.Online(s.now()) && d.heardOf().Before(t.until) {
		gaps = append(gaps, stay{from: d.heardOf(), until: s.now()}.within(t.from, t.until))
	}
	return gaps, err
}

// notEvaluators are the makes that are no window's own.
var notEvaluators = func() (models []string) {
	for _, m := range DeviceModels {
		if !m.Kind.OfWindow() {
			models = append(models, m.Model)
		}
	}
	return models
}()

// WindowsWithoutEvaluator lists the windows of halls and service centres within the scope at which no evaluator works: none
// is enrolled there, or each has been offline for too long. A code on the wall does not make up for it, nor a kiosk (6(1)).
func (s *Store) WindowsWithoutEvaluator(ctx context.Context, scope regulation.Scope) ([]Window, error) {
	tree, err := s.Tree(ctx)
	if err != nil {
		return nil, err
	}
	var rows []windowRow
	err = s.rows(ctx).Where(`NOT EXISTS (SELECT 1 FROM devices d WHERE d.window_id = service_windows.id AND d.state = 'active' AND d.model NOT IN ?
		AND NOT EXISTS (SELECT 1 FROM alarms a WHERE a.kind = ? AND a.object_id = d.id AND a.cleared_at = 0))`, notEvaluators, AlarmDeviceOffline).Order("hall_id, number").Find(&rows).Error
	var without []Window
	for _, row := range rows {
		hall, known := tree.Org(row.HallID)
		if known && hall.Kind.HasEvaluators() && (scope.All || slices.Contains(scope.Areas, hall.Area)) {
			without = append(without, Window(row))
		}
	}
	return without, err
}

// DeviceFigures counts devices by state, those that are not heard of, and what waits on them.
func (s *Store) DeviceFigures(ctx context.Context) (byState map[regulation.DeviceState]int, offline int, waiting int64, err error) {
	all, err := s.Devices(ctx, regulation.Scope{All: true}, DeviceQuery{})
	byState = map[regulation.DeviceState]int{}
	for _, d := range all {
		byState[d.State]++
		if d.State == regulation.DeviceActive && !d.Online(s.now()) {
			offline++
		}
		if d.State != regulation.DeviceRetired {
			waiting += d.Waiting
		}
	}
	return byState, offline, waiting, err
}
