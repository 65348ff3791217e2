package store

import (
	"context"
	"time"

	"gorm.io/gorm"

	"haochaping/regulation"
	"haochaping/workday"
)

// LeaseBoxes is the lease under which one node watches over suggestion boxes.
const LeaseBoxes = "boxes"

// factBoxes is the Monday of the first week that was judged: weeks before this build are nobody's fault.
const factBoxes = "boxes_from"

// Alarms about boxes (6(2)): one was not opened in a week that has ended, nobody keeps it (R15), or the forms of an
// opening wait for too long. All are over by themselves once that is mended.
const (
	AlarmBoxUnopened = "box_unopened"
	AlarmBoxKeeper   = "box_keeper"
	AlarmBoxEntries  = "box_entries" // its object is the opening
)

// OfBox tells whether the alarm is about a box: its Object is the box's id, but of AlarmBoxEntries that of the opening.
func (a Alarm) OfBox() bool {
	switch a.Kind {
	case AlarmBoxUnopened, AlarmBoxKeeper, AlarmBoxEntries, AlarmBoxSeal:
		return true
	}
	return false
}

type boxWeekRow struct {
	BoxID     string `gorm:"primaryKey"`
	ISOWeek   string `gorm:"primaryKey"`
	Monday    string
	Verdict   string
	DueAt     int64
	JudgedAt  int64
	RaiseAt   int64
	Raised    int
	SettledAt int64
}

func (boxWeekRow) TableName() string { return "box_weeks" }

// MissedWeek is a week in which a box was not opened.
type MissedWeek struct {
	Box    string
	Hall   string
	Area   string
	Place  string
	Week   string // such as 2026-W48
	Due    time.Time
	Raised bool // it is the supervisor's too
}

// MissedWeeks lists those of boxes in use within the scope that were not opened since, the earliest first.
func (s *Store) MissedWeeks(ctx context.Context, scope regulation.Scope) ([]MissedWeek, error) {
	var rows []struct {
		Row    boxWeekRow `gorm:"embedded"`
		HallID string
		Area   string
		Place  string
	}
	err := inScope(s.rows(ctx).Table("box_weeks w").Joins("JOIN boxes b ON b.id = w.box_id"), scope, scopeColumns{area: "b.area", units: []string{"b.hall_id"}}).
		Select("w.*, b.hall_id, b.area, b.place").Where("w.verdict = ? AND w.settled_at = 0 AND b.state = ?", regulation.WeekMissed, string(regulation.BoxActive)).
		Order("w.due_at, b.hall_id, b.place").Find(&rows).Error
	missed := make([]MissedWeek, 0, len(rows))
	for _, r := range rows {
		missed = append(missed, MissedWeek{r.Row.BoxID, r.HallID, r.Area, r.Place, r.Row.ISOWeek, instant(r.Row.DueAt), r.Row.Raised == 1})
	}
	return missed, err
}

// BoxWeek is what was judged of a week of a box.
type BoxWeek struct {
	Week    string
	Verdict string
	Due     time.Time // zero for a week without a working day
	Settled time.Time // of a missed one: when the box was opened after all
}

// BoxWeeks lists a box's latest weeks, the latest first.
func (s *Store) BoxWeeks(ctx context.Context, box string, most int) ([]BoxWeek, error) {
	var rows []boxWeekRow
	err := s.rows(ctx).Where("box_id = ?", box).Order("iso_week DESC").Limit(most).Find(&rows).Error
	return converted(rows, func(r boxWeekRow) BoxWeek {
		return BoxWeek{r.ISOWeek, r.Verdict, instant(r.DueAt), instant(r.SettledAt)}
	}), err
}

// WatchBoxes judges each box's weeks that have ended since they were last judged, each once, whatever outage lies
// between; gives the supervisor what the keeper has not mended; and raises and ends the alarms about boxes. It returns
// how many weeks were missed. token is that of LeaseBoxes.
func (s *Store) WatchBoxes(ctx context.Context, token int64) (missed int, err error) {
	first, err := s.firstBoxWeek(ctx)
	if err != nil {
		return 0, err
	}
	params, err := s.paramsNow(ctx)
	if err != nil {
		return 0, err
	}
	var boxes []boxRow
	if err := s.rows(ctx).Order("id").Find(&boxes).Error; err != nil {
		return 0, err
	}
	for _, b := range boxes {
		service, err := s.service(ctx, b.Area, b.HallID)
		if err != nil {
			return missed, err
		}
		n, err := s.judgeBox(ctx, token, b, boxJudge{first, service, params.Days(regulation.BoxEscalationDays)})
		missed += n
		if err != nil {
			return missed, err
		}
	}
	if err := s.raiseMissed(ctx, token); err != nil {
		return missed, err
	}
	return missed, s.alarmBoxes(ctx, token, params.Days(regulation.BoxEntryDays))
}

// firstBoxWeek is the Monday of the first week to be judged, this week's at the first run.
func (s *Store) firstBoxWeek(ctx context.Context) (workday.Date, error) {
	noted, err := s.Fact(ctx, factBoxes)
	if err != nil {
		return workday.Date{}, err
	}
	if noted == "" {
		monday := regulation.MondayOf(s.now())
		return monday, s.SetFact(ctx, factBoxes, monday.String())
	}
	return workday.ParseDate(noted)
}

// boxJudge is what a box's weeks are judged by: from which Monday on, when its hall works, and after how many working
// days a missed opening is the supervisor's.
type boxJudge struct {
	first      workday.Date
	service    regulation.Service
	escalation int
}

func (s *Store) judgeBox(ctx context.Context, token int64, b boxRow, j boxJudge) (missed int, err error) {
	monday := regulation.FirstWeek(instant(b.RegisteredAt))
	if monday.Before(j.first) {
		monday = j.first
	}
	var last boxWeekRow
	found := s.rows(ctx).Where("box_id = ?", b.ID).Order("monday DESC").Limit(1).Find(&last)
	if found.Error != nil {
		return 0, found.Error
	}
	if found.RowsAffected > 0 {
		judged, err := workday.ParseDate(last.Monday)
		if err != nil {
			return 0, err
		}
		monday = judged.AddDays(7)
	}
	for ; ; monday = monday.AddDays(7) {
		due, works := regulation.OpeningDue(j.service.Calendar, j.service.Hours, monday)
		if works && s.now().Before(due) || !works && s.now().Before(monday.AddDays(7).Start()) {
			return missed, nil
		}
		row := boxWeekRow{BoxID: b.ID, ISOWeek: regulation.WeekOf(monday.Start()), Monday: monday.String(), Verdict: regulation.WeekNoWorkday, JudgedAt: micros(s.now())}
		if works {
			row.DueAt = micros(due)
			row.RaiseAt = micros(j.service.Hours.Close(j.service.Calendar.Add(workday.DateOf(due), j.escalation).Date))
		}
		verdict, err := s.judgeWeek(ctx, token, row, works)
		if err != nil {
			return missed, err
		}
		if verdict == regulation.WeekMissed {
			missed++
		}
	}
}

// judgeWeek notes what is to be said of a box's week, once, under the box's lock: an opening that is being recorded is
// seen or comes after.
func (s *Store) judgeWeek(ctx context.Context, token int64, row boxWeekRow, works bool) (verdict string, err error) {
	err = s.tx(ctx, func(tx *gorm.DB) error {
		if err := holdsLease(tx, LeaseBoxes, token); err != nil {
			return err
		}
		var b boxRow
		if err := locked(tx).Take(&b, "id = ?", row.BoxID).Error; err != nil {
			return err
		}
		row := row
		if works {
			if err := judged(tx, b, &row); err != nil {
				return err
			}
		}
		verdict = row.Verdict
		_, err := insertNew(tx, &row)
		return err
	})
	return verdict, err
}

func judged(tx *gorm.DB, b boxRow, row *boxWeekRow) error {
	monday, err := workday.ParseDate(row.Monday)
	if err != nil {
		return err
	}
	var openings []openingRow
	if err := tx.Where("box_id = ? AND opened_at >= ?", b.ID, micros(monday.Start())).Order("opened_at").Limit(1).Find(&openings).Error; err != nil {
		return err
	}
	switch {
	case len(openings) > 0 && openings[0].ISOWeek == row.ISOWeek:
		row.Verdict = regulation.WeekKept
	case b.State != string(regulation.BoxActive):
		row.Verdict = regulation.WeekOutOfUse
	default:
		row.Verdict = regulation.WeekMissed
		if len(openings) > 0 {
			row.SettledAt = openings[0].RecordedAt
		}
	}
	return nil
}

// settleWeeks notes that a box was opened: what was missed in that week and before is made up for.
func settleWeeks(tx *gorm.DB, o openingRow) error {
	return tx.Model(&boxWeekRow{}).Where("box_id = ? AND verdict = ? AND settled_at = 0 AND monday <= ?", o.BoxID, regulation.WeekMissed, workday.DateOf(instant(o.OpenedAt)).String()).
		Update("settled_at", o.RecordedAt).Error
}

// raiseMissed gives the supervisor the weeks that the keeper has not made up for in time.
func (s *Store) raiseMissed(ctx context.Context, token int64) error {
	return s.tx(ctx, func(tx *gorm.DB) error {
		if err := holdsLease(tx, LeaseBoxes, token); err != nil {
			return err
		}
		return tx.Model(&boxWeekRow{}).Where("verdict = ? AND settled_at = 0 AND raised = 0 AND raise_at <= ?", regulation.WeekMissed, micros(s.now())).Update("raised", 1).Error
	})
}

// boxAlarm is one that has to stand now.
type boxAlarm struct{ kind, object, detail, area, hall string }

// alarmBoxes raises the alarms about boxes that have to stand and do not, and ends those that stand and need not.
func (s *Store) alarmBoxes(ctx context.Context, token int64, entryDays int) error {
	wanted, err := s.boxAlarms(ctx, entryDays)
	if err != nil {
		return err
	}
	return s.tx(ctx, func(tx *gorm.DB) error {
		if err := holdsLease(tx, LeaseBoxes, token); err != nil {
			return err
		}
		var standing []alarmRow
		if err := tx.Where("kind IN ? AND cleared_at = 0", []string{AlarmBoxUnopened, AlarmBoxKeeper, AlarmBoxEntries}).Find(&standing).Error; err != nil {
			return err
		}
		old := map[boxAlarm]bool{}
		for _, a := range standing {
			old[boxAlarm{a.Kind, a.ObjectID, a.Detail, a.Area, a.UnitID}] = true
		}
		for a := range old {
			if wanted[a] {
				continue
			}
			if err := s.clearAlarm(tx, a.kind, a.object); err != nil {
				return err
			}
		}
		for a := range wanted {
			if old[a] {
				continue
			}
			if err := s.raise(tx, a.kind, a.object, a.detail, a.area, a.hall); err != nil {
				return err
			}
		}
		return nil
	})
}

func (s *Store) boxAlarms(ctx context.Context, entryDays int) (map[boxAlarm]bool, error) {
	all, wanted := regulation.Scope{All: true}, map[boxAlarm]bool{}
	missed, err := s.MissedWeeks(ctx, all)
	if err != nil {
		return nil, err
	}
	raised := map[string]bool{}
	for _, m := range missed {
		raised[m.Box] = raised[m.Box] || m.Raised
	}
	for _, m := range missed {
		detail := "keeper"
		if raised[m.Box] {
			detail = "supervisor"
		}
		wanted[boxAlarm{AlarmBoxUnopened, m.Box, detail, m.Area, m.Hall}] = true
	}
	boxes, err := s.Boxes(ctx, all)
	if err != nil {
		return nil, err
	}
	for _, b := range boxes {
		if b.State == regulation.BoxActive && b.Keeper() == "" {
			wanted[boxAlarm{AlarmBoxKeeper, b.ID, "nobody", b.Area, b.Hall}] = true
		}
	}
	waiting, err := s.Openings(ctx, all, OpeningQuery{Waiting: true})
	if err != nil {
		return nil, err
	}
	for _, o := range waiting {
		due, err := s.entryDue(ctx, o, entryDays)
		if err != nil {
			return nil, err
		}
		if !s.now().Before(due) {
			wanted[boxAlarm{AlarmBoxEntries, o.ID, "waiting", o.Area, o.Hall}] = true
		}
	}
	return wanted, nil
}

// entryDue is until when the forms of an opening have to be entered: the close of work, working days after it.
func (s *Store) entryDue(ctx context.Context, o Opening, days int) (time.Time, error) {
	service, err := s.service(ctx, o.Area, o.Hall)
	return service.Hours.Close(service.Calendar.Add(workday.DateOf(o.OpenedAt), days).Date), err
}

// EntryDue is until when the forms of an opening have to be entered (R16).
func (s *Store) EntryDue(ctx context.Context, o Opening) (time.Time, error) {
	params, err := s.paramsNow(ctx)
	if err != nil {
		return time.Time{}, err
	}
	return s.entryDue(ctx, o, params.Days(regulation.BoxEntryDays))
}
