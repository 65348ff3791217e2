package store

import "context"

// LastActed lists the cases of the acts that were received last and are recorded, each case
// once. What an engine that crashed together with its clients may have forgotten is among them.
func (s *Store) LastActed(ctx context.Context, acts int) ([]string, error) {
	var last, cases []string
	err := s.rows(ctx).Model(&actRow{}).Where("status = ?", string(ActDone)).
		Order("received_at DESC").Limit(acts).Pluck("case_id", &last).Error
	seen := map[string]bool{}
	for _, id := range last {
		if !seen[id] {
			seen[id], cases = true, append(cases, id)
		}
	}
	return cases, err
}
