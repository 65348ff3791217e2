package store

import (
	"context"

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
	Waiting int64 `json:"waiting"`
}

// Tally counts the whole record. It reads every event's row once: it is for drills and consoles,
// not for pages that many people load.
func (s *Store) Tally(ctx context.Context) (Tally, error) {
	t := Tally{Ratings: map[regulation.Grade]int64{}, Cases: map[regulation.Phase]int64{}, Acts: map[string]int64{},
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
		{"SELECT 'acts' AS name, COUNT(*) AS n FROM acts WHERE status = 'pending'", func(_ string, n int64) { t.Waiting += n }},
	} {
		if err := count(part.query, part.put); err != nil {
			return t, err
		}
	}
	return t, nil
}
