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
		moved, err = s.rearmSome(ctx, job, jobs)
		return moved, err == nil, err
	}
	return 0, false, nil
}

// rearmSome looks at the next page of a notice's cases. A case is counted with the whole calendar,
// so its event names every notice under way that counts there.
func (s *Store) rearmSome(ctx context.Context, job rearmingRow, all []rearmingRow) (moved int, err error) {
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
		done, err := s.rearmIfMoved(ctx, count, c, reasons(all, c.Area))
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
func (s *Store) rearmIfMoved(ctx context.Context, count recounter, c regulation.Case, reason string) (bool, error) {
	rules, err := count.rules(ctx, c)
	if err != nil || len(rules.Recount(c, s.now())) == 0 {
		return false, err
	}
	return s.rearmCase(ctx, c.ID, reason)
}

// area is the county to which a notice is limited, "" for none.
func (r rearmingRow) area() string {
	if r.Area == regulation.PrefectureArea {
		return ""
	}
	return r.Area
}

func reasons(jobs []rearmingRow, area string) string {
	var numbers []string
	for _, job := range jobs {
		if job.touches(area) && !slices.Contains(numbers, job.Reason) {
			numbers = append(numbers, job.Reason)
		}
	}
	return strings.Join(numbers, "、")
}

// rearmedUpTo notes how far the pass came, and whether it is over. The last one is repeated while
// any case fails.
func (s *Store) rearmedUpTo(ctx context.Context, job rearmingRow, last string, over bool, moved, failed int) error {
	changes := map[string]any{"moved": gorm.Expr("moved + ?", moved), "failed": gorm.Expr("failed + ?", failed), "seen": last}
	if over {
		changes["seen"], changes["failed"], changes["passes"] = "", 0, job.Passes+1
		switch whole := job.Failed == 0 && failed == 0; {
		case job.Passes+1 >= rearmPasses && whole:
			changes["finished_at"] = micros(s.wall())
		case job.Passes+1 >= rearmPasses:
			changes["passes"], changes["added_at"] = job.Passes, micros(s.wall())
		}
	}
	return s.tx(ctx, func(tx *gorm.DB) error {
		return tx.Model(&rearmingRow{}).Where("id = ? AND passes = ? AND seen = ?", job.ID, job.Passes, job.Seen).Updates(changes).Error
	})
}

// rearmCase counts one held case again, after the deadlines that passed before. Its workflow is
// on the list of those to be told, in the same transaction.
func (s *Store) rearmCase(ctx context.Context, caseID, reason string) (moved bool, err error) {
	_, err = s.step(ctx, caseID, "", func(r *recording) error {
		moved = false
		now := s.now()
		if err := r.passDeadlines(now); err != nil {
			return err
		}
		rules, err := r.rules(now)
		if err != nil {
			return err
		}
		after, event, changed := rules.Rearm(r.c, reason, now)
		if !changed {
			return nil
		}
		moved = true
		if err := r.move(after, event); err != nil {
			return err
		}
		return s.wantRefresh(r.tx, caseID)
	})
	return moved, err
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
