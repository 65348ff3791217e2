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

// OfBox tells whether the alarm is about a box: its Object is the box's id, but of AlarmBoxEntries that of the opening,
// and of AlarmBoxUnconfirmed that of the report.
func (a Alarm) OfBox() bool {
	switch a.Kind {
	case AlarmBoxUnopened, AlarmBoxKeeper, AlarmBoxEntries, AlarmBoxSeal, AlarmBoxUnconfirmed:
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
		n, err := s.judgeBox(ctx, token, b, boxJudge{first, params.Days(regulation.BoxEscalationDays)})
		missed += n
		if err != nil {
			return missed, err
		}
	}
	if err := s.raiseMissed(ctx, token); err != nil {
		return missed, err
	}
	if err := s.tellDueBoxes(ctx, token, first); err != nil {
		return missed, err
	}
	if err := s.tellLapsed(ctx, token); err != nil {
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

// boxJudge is from which Monday on boxes' weeks are judged, and after how many working days a missed opening is the
// supervisor's.
type boxJudge struct {
	first      workday.Date
	escalation int
}

func (s *Store) judgeBox(ctx context.Context, token int64, b boxRow, j boxJudge) (missed int, err error) {
	monday, err := judgedUntil(s.rows(ctx), b.ID)
	if err != nil {
		return 0, err
	}
	if monday == (workday.Date{}) {
		monday = firstWeek(b, j.first)
	}
	for ; ; monday = monday.AddDays(7) {
		// Read first: nothing is locked for a week that still runs.
		facts, _, err := s.weekFacts(ctx, s.rows(ctx), b, monday)
		if _, due := facts.Judge(); err != nil || !s.weekOver(monday, due) {
			return missed, err
		}
		verdict, err := s.judgeWeek(ctx, token, b.ID, monday, j.escalation)
		if err != nil || verdict == "" {
			return missed, err
		}
		if verdict == regulation.WeekMissed {
			missed++
		}
	}
}

// firstWeek is the Monday of the first week in which a box has to be opened.
func firstWeek(b boxRow, first workday.Date) workday.Date {
	monday := regulation.FirstWeek(instant(b.RegisteredAt))
	if monday.Before(first) {
		return first
	}
	return monday
}

// weekOver tells whether the work of a week has ended; due is zero in one without a working day.
func (s *Store) weekOver(monday workday.Date, due time.Time) bool {
	if due.IsZero() {
		due = monday.AddDays(7).Start()
	}
	return !s.now().Before(due)
}

// judgeWeek notes what is to be said of a box's week that has ended, once, under the box's lock: an opening that is being
// recorded is seen or comes after. The verdict is "" before the week's end.
func (s *Store) judgeWeek(ctx context.Context, token int64, box string, monday workday.Date, escalation int) (verdict string, err error) {
	err = s.tx(ctx, func(tx *gorm.DB) error {
		verdict = ""
		if err := holdsLease(tx, LeaseBoxes, token); err != nil {
			return err
		}
		var b boxRow
		if err := locked(tx).Take(&b, "id = ?", box).Error; err != nil {
			return err
		}
		facts, known, err := s.weekFacts(ctx, tx, b, monday)
		if err != nil {
			return err
		}
		said, due := facts.Judge()
		if !s.weekOver(monday, due) {
			return nil
		}
		verdict = said
		row := boxWeekRow{BoxID: b.ID, ISOWeek: facts.Week, Monday: monday.String(), Verdict: said, JudgedAt: micros(s.now())}
		if !due.IsZero() {
			row.DueAt = micros(due)
			row.RaiseAt = micros(facts.Service.Hours.Close(facts.Service.Calendar.Add(workday.DateOf(due), escalation).Date))
		}
		if said == regulation.WeekMissed {
			row.SettledAt = known.since(monday)
		}
		isNew, err := insertNew(tx, &row)
		if err != nil || !isNew {
			return err
		}
		return s.tellJudged(tx, b, row, known)
	})
	return verdict, err
}

// knownOpenings are a box's openings and the reports of which nothing was decided, from a week on.
type knownOpenings struct {
	hall     string       // in which the box stood last in that week
	openings []openingRow // the earliest first
	reports  []reportRow
}

// since is when it was recorded that the box was opened after a week that was missed, 0 where it was not.
func (k knownOpenings) since(monday workday.Date) int64 {
	for _, o := range k.openings {
		if o.Found.OpenedAt >= micros(monday.AddDays(7).Start()) {
			return o.Found.RecordedAt
		}
	}
	return 0
}

// weekFacts reads what a box's week is judged by.
func (s *Store) weekFacts(ctx context.Context, db *gorm.DB, b boxRow, monday workday.Date) (f regulation.WeekFacts, known knownOpenings, err error) {
	states, err := boxStates(db, b)
	if err != nil {
		return f, known, err
	}
	end := micros(monday.AddDays(7).Start())
	known.hall = states[0].HallID
	for _, state := range states {
		f.Terms = append(f.Terms, regulation.BoxTerm{State: regulation.BoxState(state.State), From: instant(state.FromAt)})
		if state.FromAt < end {
			known.hall = state.HallID
		}
	}
	f.Week = regulation.WeekOf(monday.Start())
	if f.Service, err = s.service(ctx, b.Area, known.hall); err != nil {
		return f, known, err
	}
	from := micros(monday.Start())
	if err := db.Where("box_id = ? AND opened_at >= ?", b.ID, from).Order("opened_at").Find(&known.openings).Error; err != nil {
		return f, known, err
	}
	err = db.Where("box_id = ? AND opened_at >= ? AND settled_at = 0", b.ID, from).Order("opened_at").Find(&known.reports).Error
	for _, o := range known.openings {
		f.Opened = append(f.Opened, instant(o.Found.OpenedAt))
	}
	for _, r := range known.reports {
		f.Reported = append(f.Reported, instant(r.Found.OpenedAt))
	}
	return f, known, err
}

// settleWeeks notes that a box was opened: what was missed in that week and before is made up for, and its week was kept
// if it ended before the second person confirmed it.
func settleWeeks(tx *gorm.DB, o foundRow) error {
	kept := tx.Model(&boxWeekRow{}).Where("box_id = ? AND iso_week = ? AND verdict = ?", o.BoxID, o.ISOWeek, regulation.WeekUnconfirmed).Update("verdict", regulation.WeekKept)
	if kept.Error != nil {
		return kept.Error
	}
	return tx.Model(&boxWeekRow{}).Where("box_id = ? AND verdict = ? AND settled_at = 0 AND monday <= ?", o.BoxID, regulation.WeekMissed, workday.DateOf(instant(o.OpenedAt)).String()).
		Update("settled_at", o.RecordedAt).Error
}

// missWeek notes that a report does not count: its week, if it ended meanwhile, was missed, unless another report of that
// week waits. The keeper is told as of any other.
func (s *Store) missWeek(tx *gorm.DB, o foundRow) error {
	var others int64
	err := tx.Model(&reportRow{}).Where("box_id = ? AND iso_week = ? AND settled_at = 0", o.BoxID, o.ISOWeek).Count(&others).Error
	if err != nil || others > 0 {
		return err
	}
	var later []openingRow
	if err := tx.Where("box_id = ? AND opened_at > ?", o.BoxID, o.OpenedAt).Order("opened_at").Limit(1).Find(&later).Error; err != nil {
		return err
	}
	after := map[string]any{"verdict": regulation.WeekMissed}
	if len(later) > 0 {
		after["settled_at"] = later[0].Found.RecordedAt
	}
	missed := tx.Model(&boxWeekRow{}).Where("box_id = ? AND iso_week = ? AND verdict = ?", o.BoxID, o.ISOWeek, regulation.WeekUnconfirmed).Updates(after)
	if missed.Error != nil || missed.RowsAffected == 0 || len(later) > 0 {
		return missed.Error
	}
	return s.tellMissed(tx, o.BoxID, regulation.MondayOf(instant(o.OpenedAt)).String())
}

// raiseMissed gives the supervisor the weeks that the keeper has not made up for in time, and tells them.
func (s *Store) raiseMissed(ctx context.Context, token int64) error {
	tree, err := s.Tree(ctx)
	if err != nil {
		return err
	}
	return s.tx(ctx, func(tx *gorm.DB) error {
		if err := holdsLease(tx, LeaseBoxes, token); err != nil {
			return err
		}
		var rows []struct {
			Row    boxWeekRow `gorm:"embedded"`
			HallID string
		}
		err := tx.Table("box_weeks w").Joins("JOIN boxes b ON b.id = w.box_id").Select("w.*, b.hall_id").
			Where("w.verdict = ? AND w.settled_at = 0 AND w.raised = 0 AND w.raise_at <= ? AND b.state = ?", regulation.WeekMissed, micros(s.now()), string(regulation.BoxActive)).Find(&rows).Error
		if err != nil {
			return err
		}
		for _, r := range rows {
			if err := tx.Model(&boxWeekRow{}).Where("box_id = ? AND iso_week = ?", r.Row.BoxID, r.Row.ISOWeek).Update("raised", 1).Error; err != nil {
				return err
			}
			authority, charged := tree.Authority(r.HallID)
			if !charged {
				continue
			}
			if err := s.tellBox(tx, r.Row.BoxID, r.Row.Monday, BoxRaised, regulation.Seat{Role: regulation.Supervisor, Org: authority.ID}); err != nil {
				return err
			}
		}
		return nil
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
		if err := tx.Where("kind IN ? AND cleared_at = 0", []string{AlarmBoxUnopened, AlarmBoxKeeper, AlarmBoxEntries, AlarmBoxUnconfirmed}).Find(&standing).Error; err != nil {
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
	return wanted, s.unconfirmedAlarms(ctx, wanted)
}

// unconfirmedAlarms adds the reports that the second person contests or has not answered in time, or whose week has ended.
func (s *Store) unconfirmedAlarms(ctx context.Context, wanted map[boxAlarm]bool) error {
	var rows []reportRow
	err := s.rows(ctx).Where("settled_at = 0 AND (state = ? OR answer_by <= ? OR EXISTS (SELECT 1 FROM box_weeks w WHERE w.box_id = box_opening_reports.box_id AND w.iso_week = box_opening_reports.iso_week))",
		string(regulation.ReportRefused), micros(s.now())).Find(&rows).Error
	for _, r := range rows {
		detail := "waiting"
		if r.rule().Decidable(s.now()) {
			detail = "supervisor"
		}
		wanted[boxAlarm{AlarmBoxUnconfirmed, r.Found.ID, detail, r.Found.Area, r.Found.HallID}] = true
	}
	return err
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
