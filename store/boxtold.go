package store

import (
	"context"
	"slices"
	"time"

	"gorm.io/gorm"

	"haochaping/regulation"
	"haochaping/workday"
)

// AboutBox: a message is about a week of a box.
const AboutBox = "box"

// What people are told of a box's week, each once: its keeper but of the last, its area's supervisor of that.
const (
	BoxDueTomorrow = "box_due_tomorrow"
	BoxDueToday    = "box_due_today"
	BoxOverdue     = "box_overdue"
	BoxRaised      = "box_raised"
)

var boxMoments = []string{BoxDueTomorrow, BoxDueToday, BoxOverdue, BoxRaised}

// boxSeq is the place of a moment among the messages about a box: its week's beginning and which it is.
func boxSeq(monday workday.Date, name string) int64 {
	return monday.Start().Unix() + int64(slices.Index(boxMoments, name))
}

// WeekOfMessage is the week that a message about a box tells of, such as 2026-W48.
func WeekOfMessage(n Notice) string { return regulation.WeekOf(time.Unix(n.Seq, 0)) }

// tellBox tells of a box's week, once a week and box.
func (s *Store) tellBox(tx *gorm.DB, box, monday, name string, told ...regulation.Seat) error {
	day, err := workday.ParseDate(monday)
	if err != nil {
		return err
	}
	return messageRow{Ref: box, Seq: boxSeq(day, name), About: AboutBox, At: micros(s.now()), Name: name}.tell(tx, told...)
}

// tellJudged tells the keeper of a week that was missed, and both openers of one that ended before the second of them
// answered.
func (s *Store) tellJudged(tx *gorm.DB, b boxRow, row boxWeekRow, known knownOpenings) error {
	switch row.Verdict {
	case regulation.WeekMissed:
		if row.SettledAt > 0 {
			return nil
		}
		return s.tellMissed(tx, b.ID, row.Monday)
	case regulation.WeekUnconfirmed:
		for _, r := range known.reports {
			if r.Found.ISOWeek != row.ISOWeek || r.State != string(regulation.ReportToConfirm) {
				continue
			}
			if err := s.tellReport(tx, r, seqWeekOver, OpeningWeekOver, inTheirOwnRight([]string{r.Found.Opener1, r.Found.Opener2})...); err != nil {
				return err
			}
		}
	}
	return nil
}

// tellMissed tells a box's keeper that it was not opened in a week.
func (s *Store) tellMissed(tx *gorm.DB, box, monday string) error {
	var keepers []string
	if err := tx.Model(&boxKeeperRow{}).Where("open_box_id = ?", box).Pluck("person", &keepers).Error; err != nil {
		return err
	}
	return s.tellBox(tx, box, monday, BoxOverdue, inTheirOwnRight(keepers)...)
}

// tellDueBoxes tells the keepers whose box has to be opened by tomorrow or today, and nobody has recorded that it was.
func (s *Store) tellDueBoxes(ctx context.Context, token int64, first workday.Date) error {
	today, monday := workday.DateOf(s.now()), regulation.MondayOf(s.now())
	boxes, err := s.Boxes(ctx, regulation.Scope{All: true})
	if err != nil {
		return err
	}
	for _, b := range boxes {
		row := boxRow{ID: b.ID, HallID: b.Hall, Area: b.Area, Place: b.Place, State: string(b.State), RegisteredAt: micros(b.RegisteredAt)}
		if b.Keeper() == "" || monday.Before(firstWeek(row, first)) {
			continue
		}
		facts, _, err := s.weekFacts(ctx, s.rows(ctx), row, monday)
		if err != nil {
			return err
		}
		verdict, due := facts.Judge()
		if verdict != regulation.WeekMissed || !s.now().Before(due) {
			continue
		}
		name := ""
		switch workday.DateOf(due) {
		case today:
			name = BoxDueToday
		case today.AddDays(1):
			name = BoxDueTomorrow
		default:
			continue
		}
		var told int64
		if err := s.rows(ctx).Model(&messageRow{}).Where("ref = ? AND seq = ?", b.ID, boxSeq(monday, name)).Count(&told).Error; err != nil {
			return err
		}
		if told > 0 {
			continue
		}
		err = s.tx(ctx, func(tx *gorm.DB) error {
			if err := holdsLease(tx, LeaseBoxes, token); err != nil {
				return err
			}
			return s.tellBox(tx, b.ID, monday.String(), name, inTheirOwnRight([]string{b.Keeper()})...)
		})
		if err != nil {
			return err
		}
	}
	return nil
}
