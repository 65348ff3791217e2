package store

import (
	"context"
	"slices"
	"strings"
	"time"

	"gorm.io/gorm"

	"haochaping/regulation"
	"haochaping/workday"
)

// LeaseRearming is the duty of counting open cases again.
const LeaseRearming = "re-arm cases"

type rearmingRow struct {
	ID         string `gorm:"primaryKey"`
	Area       string
	Reason     string
	AddedAt    int64
	Seen       string
	Passes     int
	Moved      int64
	Failed     int64
	FinishedAt int64
}

func (rearmingRow) TableName() string { return "calendar_rearmings" }

// touches tells whether the notice counts in an area.
func (r rearmingRow) touches(area string) bool {
	return r.Area == "" || r.Area == regulation.PrefectureArea || r.Area == area
}

const (
	rearmPasses = 2
	// rearmAgain is how long after a notice the second pass begins: longer than a transaction can
	// have been under way that still counted with the calendar of before.
	rearmAgain = time.Minute
	// rearmPage is how many cases are looked at in one go.
	rearmPage = 500
)

// Rearm goes on with counting open cases again for the notices in force, one page of cases at a
// time, the oldest notice first. moved are the cases that got an event; left tells whether there
// is more to do now. It may be cut off and repeated at any time, and run twice at once: a case
// that was counted with today's calendar does not move again.
func (s *Store) Rearm(ctx context.Context) (moved int, left bool, err error) {
	var jobs []rearmingRow
	if err := s.rows(ctx).Where("finished_at = 0").Order("added_at, id").Find(&jobs).Error; err != nil {
		return 0, false, err
	}
	for _, job := range jobs {
		if job.Passes > 0 && s.wall().Before(instant(job.AddedAt).Add(rearmAgain)) {
			continue
		}
		moved, err = s.rearmSome(ctx, job)
		return moved, err == nil, err
	}
	return 0, false, nil
}

// rearmSome looks at the next page of a notice's cases.
func (s *Store) rearmSome(ctx context.Context, job rearmingRow) (moved int, err error) {
	cases, last, err := s.openAfter(s.rows(ctx), regulation.Scope{All: true}, job.area(), job.Seen)
	if err != nil {
		return 0, err
	}
	count, err := s.recounter(ctx)
	if err != nil {
		return 0, err
	}
	failed := 0
	for _, c := range cases {
		done, err := s.rearmIfMoved(ctx, count, c)
		switch {
		case ctx.Err() != nil:
			return moved, ctx.Err()
		case err != nil: // one that fails keeps no other waiting
			failed++
			s.log.WarnContext(ctx, "case not re-armed", "case", c.ID, "error", err)
		case done:
			moved++
		}
	}
	return moved, s.rearmedUpTo(ctx, job, last, len(cases) < rearmPage, moved, failed)
}

// rearmIfMoved holds only a case whose instants today's calendar moves.
func (s *Store) rearmIfMoved(ctx context.Context, count recounter, c regulation.Case) (bool, error) {
	now := s.now()
	change, any := count.lore.underWay(c.Area, now)
	if !any {
		return false, nil
	}
	rules, err := count.rules(ctx, c)
	if err != nil || len(rules.Recount(c, change.since, now)) == 0 {
		return false, err
	}
	return s.rearmCase(ctx, c.ID)
}

// area is the county to which a notice is limited, "" for none.
func (r rearmingRow) area() string {
	if r.Area == regulation.PrefectureArea {
		return ""
	}
	return r.Area
}

// recounting is that the open cases of an area are being counted again: since when the calendar is
// another, and the notices that made it so.
type recounting struct {
	since  time.Time
	reason string
}

// underWay tells whether cases of an area are being counted again for notices that were in force by an
// instant. A case is counted with the whole calendar, so its event names every one of them.
func (l *lore) underWay(area string, by time.Time) (r recounting, any bool) {
	var numbers []string
	for _, job := range l.rearmings {
		since := instant(job.Since)
		if !job.touches(area) || since.After(by) {
			continue
		}
		if !any || since.Before(r.since) {
			r.since = since
		}
		if any = true; !slices.Contains(numbers, job.Reason) {
			numbers = append(numbers, job.Reason)
		}
	}
	r.reason = strings.Join(numbers, "、")
	return r, any
}

// loadRearmings lists the notices for which open cases are still being counted again, each with the
// instant at which it came in force.
func (s *Store) loadRearmings(ctx context.Context) (jobs []rearmingInForce, err error) {
	err = s.rows(ctx).Table("calendar_rearmings r").Joins("JOIN calendar_layers l ON l.id = r.id").
		Select("r.area, r.reason, l.added_at AS since").Where("r.finished_at = 0").Order("l.position").Find(&jobs).Error
	return jobs, err
}

type rearmingInForce struct {
	Area   string
	Reason string
	Since  int64
}

func (r rearmingInForce) touches(area string) bool { return rearmingRow{Area: r.Area}.touches(area) }

// rearmedUpTo notes how far the pass came, and whether it is over. The last one is repeated while
// any case fails.
func (s *Store) rearmedUpTo(ctx context.Context, job rearmingRow, last string, over bool, moved, failed int) error {
	finished := false
	changes := map[string]any{"moved": gorm.Expr("moved + ?", moved), "failed": gorm.Expr("failed + ?", failed), "seen": last}
	if over {
		changes["seen"], changes["failed"], changes["passes"] = "", 0, job.Passes+1
		switch whole := job.Failed == 0 && failed == 0; {
		case job.Passes+1 >= rearmPasses && whole:
			changes["finished_at"], finished = micros(s.wall()), true
		case job.Passes+1 >= rearmPasses:
			changes["passes"], changes["added_at"] = job.Passes, micros(s.wall())
		}
	}
	return s.tx(ctx, func(tx *gorm.DB) error {
		err := tx.Model(&rearmingRow{}).Where("id = ? AND passes = ? AND seen = ?", job.ID, job.Passes, job.Seen).Updates(changes).Error
		if err == nil && finished {
			err = touch(tx, keptCalendar) // recordings need not count again any more
		}
		return err
	})
}

// rearmCase counts one held case again, and records what passed by today's calendar.
func (s *Store) rearmCase(ctx context.Context, caseID string) (moved bool, err error) {
	_, err = s.step(ctx, caseID, "", func(r *recording) error {
		err := r.passDeadlines(s.now())
		moved = r.rearmed
		return err
	})
	return moved, err
}

// countAgain counts the case again for the notices that were in force by an instant, before anything
// else is recorded of it by that instant: what they move must not pass, or shut a form, at the old one
// because the case's turn has not come yet. What was due before they came in force has passed. The
// workflow is on the list of those to be told, in the same transaction.
func (r *recording) countAgain(by time.Time) error {
	change, any := r.lore.underWay(r.c.Area, by)
	if !any {
		return nil
	}
	if err := r.passDue(change.since, by); err != nil {
		return err
	}
	rules, err := r.rules(by)
	if err != nil {
		return err
	}
	after, event, moved := rules.Rearm(r.c, change.reason, change.since, by)
	if !moved {
		return nil
	}
	r.rearmed = true
	if err := r.move(after, event); err != nil {
		return err
	}
	return r.s.wantRefresh(r.tx, r.c.ID)
}

// openAfter reads open cases after an id, in the order of ids, and the id of the last one. area ""
// is any.
func (s *Store) openAfter(db *gorm.DB, scope regulation.Scope, area, after string) (cases []regulation.Case, last string, err error) {
	query := inScope(db.Table("cases").Select("id, state"), scope, scopeColumns{area: "area"}).Where("closed_at = 0 AND id > ?", after)
	if area != "" {
		query = query.Where("area = ?", area)
	}
	var rows []struct {
		ID    string
		State []byte
	}
	if err := query.Order("id").Limit(rearmPage).Find(&rows).Error; err != nil {
		return nil, "", err
	}
	for _, row := range rows {
		c, err := caseOf(row.State)
		if err != nil {
			return nil, "", err
		}
		cases, last = append(cases, c), row.ID
	}
	return cases, last, nil
}

// recounter makes the rules that counting needs, without anybody's seats.
type recounter struct {
	s    *Store
	lore *lore
}

func (s *Store) recounter(ctx context.Context) (recounter, error) {
	l, err := s.lore(ctx)
	return recounter{s, l}, err
}

func (r recounter) rules(ctx context.Context, c regulation.Case) (regulation.Rules, error) {
	params, err := r.s.Params(ctx, c.Edition)
	if err != nil {
		return regulation.Rules{}, err
	}
	calendar, err := r.s.calendarOf(ctx, r.lore, c.Area)
	return regulation.Rules{Params: params, Calendar: calendar, Hours: workday.DefaultHours}, err
}

// outboxRefresh asks that a case's workflow read the record again.
const outboxRefresh = "refresh_case"

// wantRefresh puts a case on the list of those whose workflow is to read the record again; one
// that is there already counts as put there now.
func (s *Store) wantRefresh(tx *gorm.DB, caseID string) error {
	if err := s.delete(tx, "DELETE FROM outbox WHERE kind = '"+outboxRefresh+"' AND ref", []any{caseID}); err != nil {
		return err
	}
	return s.insert(tx, outboxTable, []any{outboxRefresh, caseID, micros(s.now())})
}

// Unrefreshed is a case whose workflow is to read the record again, and since when.
type Unrefreshed struct {
	CaseID string
	Since  time.Time
}

// Unrefreshed lists cases whose workflow has not been told of a change, the oldest first.
func (s *Store) Unrefreshed(ctx context.Context, limit int) ([]Unrefreshed, error) {
	var rows []outboxRow
	err := s.rows(ctx).Where("kind = ?", outboxRefresh).Order("added_at, ref").Limit(limit).Find(&rows).Error
	return converted(rows, func(r outboxRow) Unrefreshed { return Unrefreshed{r.Ref, instant(r.AddedAt)} }), err
}

// MarkRefreshed notes that a workflow was told. A case that changed again since stays on the list.
func (s *Store) MarkRefreshed(ctx context.Context, done Unrefreshed) error {
	return s.tx(ctx, func(tx *gorm.DB) error {
		return tx.Where("kind = ? AND ref = ? AND added_at = ?", outboxRefresh, done.CaseID, micros(done.Since)).Delete(&outboxRow{}).Error
	})
}
