package store

import (
	"context"

	"haochaping/regulation"
)

// Honours counts the commendations and honours that stand, by unit and by member of staff, of a period and of those within it
// (8(2), R40). A window star counts for the unit that serves there.
func (s *Store) Honours(ctx context.Context, period string) (units, staff map[string]int, err error) {
	units, staff = map[string]int{}, map[string]int{}
	whole, ok := regulation.ParsePeriod(period)
	if !ok {
		return units, staff, nil
	}
	var rows []docketRow
	err = s.rows(ctx).Where("kind IN ? AND stage IN ?", []string{string(regulation.DocketCommendation), string(regulation.DocketHonour)},
		[]string{regulation.DocketCommended, regulation.DocketHonoured}).Order("id").Find(&rows).Error
	if err != nil {
		return nil, nil, err
	}
	dockets, err := docketsOf(rows)
	for _, d := range dockets {
		p, known := regulation.ParsePeriod(d.Period)
		switch {
		case !known || !p.Within(whole):
		case d.Staff != "":
			staff[d.Staff]++
		default:
			units[d.Unit]++
		}
	}
	return units, staff, err
}
