package store

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"haochaping/regulation"
)

// Tally is the record in figures: what a drill shows while it runs and at its end.
type Tally struct {
	Ratings map[regulation.Grade]int64 `json:"ratings"`
	Cases   map[regulation.Phase]int64 `json:"cases"`
	// Acts are the acts done and Deadlines those that passed, by name.
	Acts        map[string]int64 `json:"acts"`
	Deadlines   map[string]int64 `json:"deadlines"`
	Escalations map[string]int64 `json:"escalations"` // by reason
	// Waiting are the acts on record that are not done yet: what the product is behind with.
	Waiting  int64     `json:"waiting"`
	Lateness Lateness  `json:"lateness"`
	Watch    WatchDone `json:"watch"`
}

// WatchDone counts what was entered into the histories of the watch list, by name.
type WatchDone map[regulation.WatchEvent]int64

// Lateness is by how much later than due deadlines were recorded, in seconds of the machines' time, on
// a drill's clock too: there a day of the product's may be one.
type Lateness struct {
	Passed int64   `json:"passed"`
	Median float64 `json:"median"`
	Most99 float64 `json:"most_of_99_in_100"`
	Most   float64 `json:"most"`
}

// Tally counts the whole record. It reads every event's row once: it is for drills and consoles,
// not for pages that many people load.
func (s *Store) Tally(ctx context.Context) (Tally, error) {
	t := Tally{Watch: WatchDone{}, Ratings: map[regulation.Grade]int64{}, Cases: map[regulation.Phase]int64{}, Acts: map[string]int64{},
		Deadlines: map[string]int64{}, Escalations: map[string]int64{}}
	count := func(query string, put func(name string, n int64)) error {
		var rows []struct {
			Name string
			N    int64
		}
		err := s.rows(ctx).Raw(query).Scan(&rows).Error
		for _, row := range rows {
			put(row.Name, row.N)
		}
		return s.translate(err)
	}
	var grades []struct {
		Grade regulation.Grade
		N     int64
	}
	if err := s.rows(ctx).Raw("SELECT grade, COUNT(*) AS n FROM ratings GROUP BY grade").Scan(&grades).Error; err != nil {
		return t, s.translate(err)
	}
	for _, g := range grades {
		t.Ratings[g.Grade] = g.N
	}
	for _, part := range []struct {
		query string
		put   func(string, int64)
	}{
		{"SELECT phase AS name, COUNT(*) AS n FROM cases GROUP BY phase", func(name string, n int64) { t.Cases[regulation.Phase(name)] = n }},
		{"SELECT name, COUNT(*) AS n FROM case_events WHERE kind = 'act' GROUP BY name", func(name string, n int64) { t.Acts[name] = n }},
		{"SELECT name, COUNT(*) AS n FROM case_events WHERE kind = 'deadline' GROUP BY name", func(name string, n int64) { t.Deadlines[name] = n }},
		{"SELECT reason AS name, COUNT(*) AS n FROM escalations GROUP BY reason", func(name string, n int64) { t.Escalations[name] = n }},
		{"SELECT name, COUNT(*) AS n FROM watch_entries GROUP BY name", func(name string, n int64) { t.Watch[regulation.WatchEvent(name)] = n }},
	} {
		if err := count(part.query, part.put); err != nil {
			return t, err
		}
	}
	var err error
	if t.Waiting, err = s.Behind(ctx); err != nil {
		return t, err
	}
	t.Lateness, err = s.lateness(ctx)
	return t, err
}

// Behind counts the acts on record that are not done yet.
func (s *Store) Behind(ctx context.Context) (n int64, err error) {
	return n, s.translate(s.rows(ctx).Table("acts").Where("status = ?", string(ActPending)).Count(&n).Error)
}

// lateness measures every deadline that passed. One that was counted to an instant before the act that
// armed it, say a refused extension's, was to be recorded right after that act: whatever was received
// after a due instant is recorded after it.
func (s *Store) lateness(ctx context.Context) (Lateness, error) {
	const passed = "SELECT d.at, d.body, COALESCE((SELECT MAX(e.at) FROM case_events e WHERE e.case_id = d.case_id AND e.seq < d.seq" +
		" AND e.kind <> 'deadline'), 0) AS before_it FROM case_events d WHERE d.kind = 'deadline'"
	rows, err := s.rows(ctx).Raw(passed).Rows()
	if err != nil {
		return Lateness{}, s.translate(err)
	}
	defer rows.Close()
	var all []time.Duration
	for rows.Next() {
		var at, before int64
		var body []byte
		if err := rows.Scan(&at, &body, &before); err != nil {
			return Lateness{}, err
		}
		var e struct{ Changes []regulation.DueChange }
		if err := json.Unmarshal(body, &e); err != nil {
			return Lateness{}, fmt.Errorf("a deadline's event does not read: %w", err)
		}
		for _, change := range e.Changes {
			if change.Op == regulation.DuePassed {
				ring := later(change.Deadline.Due, instant(before))
				all = append(all, s.options.Clock.Real(instant(at)).Sub(s.options.Clock.Real(ring)))
			}
		}
	}
	return latenessOf(all), rows.Err()
}

func latenessOf(all []time.Duration) Lateness {
	if len(all) == 0 {
		return Lateness{}
	}
	slices.Sort(all)
	last := len(all) - 1
	return Lateness{int64(len(all)), all[last/2].Seconds(), all[last*99/100].Seconds(), all[last].Seconds()}
}
