package store

import (
	"context"

	"haochaping/regulation"
)

// CountCrowds counts how many rated at each window in the last weeks, for this node. It is called now and then: to count
// for each bad rating would read all ratings, which have no index that an intake would have to pay for.
func (s *Store) CountCrowds(ctx context.Context) error {
	var counted []struct {
		WindowID string
		N        int
	}
	err := s.rows(ctx).Table("ratings").Select("window_id, COUNT(*) AS n").Where("given_at > ? AND window_id <> ''", micros(s.now().AddDate(0, 0, -regulation.CrowdDays))).
		Group("window_id").Scan(&counted).Error
	if err != nil {
		return err
	}
	atWindow := make(map[string]int, len(counted))
	for _, c := range counted {
		atWindow[c.WindowID] = c.N
	}
	s.crowds.Store(&atWindow)
	return nil
}

// crowdAt is how many rated at a window. Before they were counted nobody is known to have, nor where there is no window:
// an agent of the hotline is rated by few.
func (s *Store) crowdAt(window string) int {
	counted := s.crowds.Load()
	if counted == nil {
		return 0
	}
	return (*counted)[window]
}
