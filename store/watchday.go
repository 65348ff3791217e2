package store

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"slices"
	"time"

	"gorm.io/gorm"

	"haochaping/regulation"
	"haochaping/workday"
)

// watched is a unit or a person that cases count against.
type watched struct {
	kind   regulation.WatchKind
	object string
}

func (a watched) compare(b watched) int {
	return cmp.Or(cmp.Compare(a.kind, b.kind), cmp.Compare(a.object, b.object))
}

// JudgeWatch judges the watch list for every day that has ended since it was last judged, one
// transaction a day, and returns how many days that were. A first run begins with yesterday. token
// is that of LeaseWatch. What a day says depends on findings and their days alone, so that days made
// up for say what they would have said.
func (s *Store) JudgeWatch(ctx context.Context, token int64) (days int, err error) {
	yesterday := workday.DateOf(s.now()).AddDays(-1)
	day, err := s.nextWatched(ctx, yesterday)
	if err != nil || day.After(yesterday) {
		return 0, err
	}
	counted, err := s.countedCases(ctx, day)
	if err != nil {
		return 0, err
	}
	for ; !day.After(yesterday); day = day.AddDays(1) {
		if err := s.judgeDay(ctx, token, day, counted); err != nil {
			return days, err
		}
		days++
	}
	return days, nil
}

// nextWatched is the day to be judged next.
func (s *Store) nextWatched(ctx context.Context, first workday.Date) (workday.Date, error) {
	last, err := s.Fact(ctx, factWatched)
	if err != nil || last == "" {
		return first, err
	}
	day, err := workday.ParseDate(last)
	return day.AddDays(1), err
}

const watchBatch = 500

// countedCases are the cases that may count on a day or later, by whom they count against.
func (s *Store) countedCases(ctx context.Context, first workday.Date) (map[watched][]regulation.WatchCase, error) {
	rules, err := s.watchRules(ctx, regulation.PrefectureArea, s.now())
	if err != nil {
		return nil, err
	}
	from := first.AddDays(-rules.Params.Days(regulation.WatchPeriodDays) - rules.Params.Days(regulation.WatchQuietDays))
	counted := map[watched][]regulation.WatchCase{}
	for after := ""; ; {
		var rows []struct {
			ID    string
			State []byte
		}
		// What was confirmed since is open or was closed since.
		err := s.rows(ctx).Table("cases").Select("id, state").Where("id > ? AND (closed_at = 0 OR closed_at >= ?)", after, micros(from.Start())).
			Order("id").Limit(watchBatch).Find(&rows).Error
		if err != nil || len(rows) == 0 {
			return counted, err
		}
		for _, row := range rows {
			c, err := caseOf(row.State)
			if err != nil {
				return nil, err
			}
			count(counted, c, from)
		}
		after = rows[len(rows)-1].ID
	}
}

func count(counted map[watched][]regulation.WatchCase, c regulation.Case, from workday.Date) {
	if c.Finding.At.IsZero() || workday.DateOf(c.Finding.At).Before(from) {
		return
	}
	for _, w := range regulation.WatchCounts(c) {
		key := watched{w.Kind, w.Object}
		counted[key] = append(counted[key], w.WatchCase)
	}
}

// judgeDay judges everything at the end of a day, once: who comes second finds the day noted.
func (s *Store) judgeDay(ctx context.Context, token int64, day workday.Date, counted map[watched][]regulation.WatchCase) error {
	judges, err := s.judges(ctx, day, counted)
	if err != nil {
		return err
	}
	return s.tx(ctx, func(tx *gorm.DB) error {
		if err := holdsLease(tx, LeaseWatch, token); err != nil {
			return err
		}
		isNext, err := noteWatched(tx, day)
		if err != nil || !isNext {
			return err
		}
		w := watching{s, tx, s.now()}
		for _, j := range judges {
			if err := w.judge(j, day, counted[j.object]); err != nil {
				return err
			}
		}
		return nil
	})
}

// judging is an object with what it is judged by.
type judging struct {
	object watched
	fresh  regulation.Listing
	rules  regulation.Rules
}

// judges are the objects on which a day may change something: those on the list, and those on which
// bad ratings concentrate.
func (s *Store) judges(ctx context.Context, day workday.Date, counted map[watched][]regulation.WatchCase) ([]judging, error) {
	end := day.AddDays(1).Start().Add(-time.Microsecond)
	rules, err := s.watchRules(ctx, regulation.PrefectureArea, end)
	if err != nil {
		return nil, err
	}
	all := map[watched]bool{}
	for object, cases := range counted {
		if rules.Concentrated(object.kind, cases, day) {
			all[object] = true
		}
	}
	var rows []listingRow
	if err := s.rows(ctx).Where("standing IS NOT NULL").Select("kind, object_id").Find(&rows).Error; err != nil {
		return nil, err
	}
	for _, row := range rows {
		all[watched{regulation.WatchKind(row.Kind), row.ObjectID}] = true
	}
	var judges []judging
	for _, object := range slices.SortedFunc(maps.Keys(all), watched.compare) {
		j := judging{object: object}
		j.fresh, err = s.NewListing(ctx, object.kind, object.object)
		if unknown := (*regulation.Error)(nil); errors.As(err, &unknown) {
			continue // neither a unit of the tree nor a person: nobody to supervise
		}
		if err != nil {
			return nil, err
		}
		if j.rules, err = s.watchRules(ctx, j.fresh.Area, end); err != nil {
			return nil, err
		}
		judges = append(judges, j)
	}
	return judges, nil
}

func (w watching) judge(j judging, day workday.Date, cases []regulation.WatchCase) error {
	before, started, err := standing(w.tx, j.fresh)
	if err != nil {
		return err
	}
	if before.Stands() && before.Since.After(day) {
		return nil // put on by hand since
	}
	after, entries := j.rules.WatchDay(before, cases, day, w.at)
	if err := w.tellInspection(after, day); err != nil || len(entries) == 0 {
		return err
	}
	if started.IsZero() {
		started = w.at
	}
	return w.save(before, after, started, entries)
}

// noteWatched notes that a day is judged and tells whether it was its turn.
func noteWatched(tx *gorm.DB, day workday.Date) (bool, error) {
	row := factRow{Name: factWatched}
	err := locked(tx).Take(&row, "name = ?", factWatched).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		isNew, err := insertNew(tx, &factRow{factWatched, day.String()})
		if err == nil && !isNew {
			err = errBusy // noted meanwhile: look again
		}
		return isNew, err
	}
	if err != nil || row.Content != day.AddDays(-1).String() {
		return false, err
	}
	return true, tx.Save(&factRow{factWatched, day.String()}).Error
}
