package store

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"time"

	"gorm.io/gorm"

	"haochaping/regulation"
	"haochaping/workday"
)

// LeaseProbes is the lease under which one node looks for signs of cheating.
const LeaseProbes = "signs of cheating"

// FactProbed is the fact that names the last day whose ratings were looked at, 2006-01-02.
const FactProbed = "probed"

// Probing looks for signs of cheating once for every day that has ended, and notes what passed by itself on
// open probes; it returns how many probes were opened or added to. A day that was missed is not made up for by itself: the
// period of the next one covers it. token is that of LeaseProbes.
func (s *Store) Probing(ctx context.Context, token int64) (suspected int, err error) {
	if s.sealer == nil {
		return 0, errNoKeys
	}
	if err := s.passProbes(ctx); err != nil {
		return 0, err
	}
	yesterday := workday.DateOf(s.now()).AddDays(-1)
	last, err := s.Fact(ctx, FactProbed)
	if err != nil || last >= yesterday.String() {
		return 0, err
	}
	signals, err := s.signals(ctx, yesterday)
	if err != nil {
		return 0, err
	}
	for _, of := range slices.SortedFunc(maps.Keys(signals), func(a, b regulation.Suspect) int {
		return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Object, b.Object))
	}) {
		n, err := s.suspect(ctx, token, of, signals[of], yesterday)
		suspected += n
		if err != nil {
			return suspected, err
		}
	}
	return suspected, s.SetFact(ctx, FactProbed, yesterday.String())
}

// signals are a day's, by suspect.
func (s *Store) signals(ctx context.Context, day workday.Date) (map[regulation.Suspect][]regulation.Signal, error) {
	end := day.AddDays(1).Start()
	rules, err := s.watchRules(ctx, regulation.PrefectureArea, end.Add(-time.Microsecond))
	if err != nil {
		return nil, err
	}
	from := rules.CheatingFrom(day)
	sight := regulation.Sight{Day: day}
	if sight.Traces, err = s.traces(ctx, from.Start(), end); err != nil {
		return nil, err
	}
	if sight.Handled, err = s.handled(ctx, from, day); err != nil {
		return nil, err
	}
	if sight.Decisions, err = s.writeOffDecisions(ctx, from.Start(), end); err != nil {
		return nil, err
	}
	if sight.SetAside, err = s.setAside(ctx); err != nil {
		return nil, err
	}
	all := map[regulation.Suspect][]regulation.Signal{}
	for _, signal := range rules.Signals(sight) {
		all[signal.Suspect] = append(all[signal.Suspect], signal)
	}
	return all, nil
}

// handled counts the matters that each member of staff concluded within some days.
func (s *Store) handled(ctx context.Context, from, until workday.Date) (map[string]int, error) {
	var rows []struct {
		StaffID string
		N       int
	}
	err := s.rows(ctx).Table("projects").Select("staff_id, COUNT(*) AS n").Where("staff_id <> '' AND concluded_date BETWEEN ? AND ?", from.String(), until.String()).
		Group("staff_id").Scan(&rows).Error
	counts := map[string]int{}
	for _, row := range rows {
		counts[row.StaffID] = row.N
	}
	return counts, err
}

// writeOffDecisions are those of the second person on a write-off, by their events.
func (s *Store) writeOffDecisions(ctx context.Context, from, until time.Time) ([]regulation.Decided, error) {
	var rows []struct {
		Name      string
		Body      []byte
		RatingID  string
		Authority string
	}
	err := s.rows(ctx).Table("write_off_steps w").Select("e.name, e.body, c.rating_id, c.authority").
		Joins("JOIN case_events e ON e.case_id = w.case_id AND e.seq = w.seq").Joins("JOIN cases c ON c.id = w.case_id").
		Where("w.at >= ? AND w.at < ? AND e.name IN ?", micros(from), micros(until), []string{string(regulation.ActApproveWriteOff), string(regulation.ActRefuseWriteOff)}).
		Scan(&rows).Error
	if err != nil {
		return nil, s.translate(err)
	}
	var all []regulation.Decided
	for _, row := range rows {
		var e storedEvent
		if err := json.Unmarshal(row.Body, &e); err != nil {
			return nil, err
		}
		unit := cmp.Or(e.As.Org, row.Authority)
		all = append(all, regulation.Decided{Approver: e.Actor, Unit: unit, Rating: row.RatingID, Approved: row.Name == string(regulation.ActApproveWriteOff)})
	}
	return all, nil
}

// suspect opens a probe on a suspect's signals or adds them to the open one.
func (s *Store) suspect(ctx context.Context, token int64, of regulation.Suspect, signals []regulation.Signal, day workday.Date) (n int, err error) {
	fresh, err := s.NewProbe(ctx, of, signals[0].Unit)
	if unknown := (*regulation.Error)(nil); errors.As(err, &unknown) {
		return 0, nil // a unit that is in the tree no more: nobody to look into it
	}
	if err != nil {
		return 0, err
	}
	rules, err := s.watchRules(ctx, fresh.Area, s.now())
	if err != nil {
		return 0, err
	}
	err = s.tx(ctx, func(tx *gorm.DB) error {
		if err := holdsLease(tx, LeaseProbes, token); err != nil {
			return err
		}
		before, started, err := openProbe(tx, fresh)
		if err != nil {
			return err
		}
		at := s.now()
		after, entries := rules.Suspected(before, signals, day, at)
		if n = len(entries); n == 0 {
			return nil
		}
		if started.IsZero() {
			started = at
		}
		return probing{s, tx, at}.save(before, after, started, entries)
	})
	return n, err
}

// passProbes notes on open probes that days passed.
func (s *Store) passProbes(ctx context.Context) error {
	var ids []string
	at := micros(s.now())
	err := s.rows(ctx).Model(&probeRow{}).Where("standing IS NOT NULL AND ((overdue = 0 AND due < ?) OR (heard_by > 0 AND heard_by < ?))", at, at).
		Order("id").Pluck("id", &ids).Error
	for _, id := range ids {
		if err != nil {
			return err
		}
		err = s.withProbe(ctx, id, func(q regulation.Probe, at time.Time) (regulation.Probe, []regulation.ProbeEntry, error) {
			after, entries := q.Passes(at)
			return after, entries, nil
		})
	}
	return err
}
