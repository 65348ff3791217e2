package store

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"haochaping/regulation"
	"haochaping/workday"
)

// PublicWriteOffs are an authority's write-offs of a year as the rated side and the public see them (R53); what is nil is under five, or would tell
// of such a count. Write-offs move by whole batches, so that whoever looks today and tomorrow finds no few by the difference; once procedures
// of the year are over, a quarter after its end, they are final.
type PublicWriteOffs struct {
	// Bad are the bad ratings that count in those of the year's quarters whose figures are public, as these tell them: any other count would tell, by the
	// difference, of a quarter whose bad ratings are not shown.
	Bad                                   *int
	Proposed, InForce, Objected, Reversed *int
	// Rate is the share of what is written off among that and Bad, once the figures of all four quarters are public.
	Rate *regulation.Ratio
}

// Told tells whether anything is shown.
func (w PublicWriteOffs) Told() bool { return w != (PublicWriteOffs{}) }

// PublicWriteOffs tells them by authority.
func (s *Store) PublicWriteOffs(ctx context.Context, year int) (map[string]PublicWriteOffs, error) {
	params, err := s.paramsNow(ctx)
	if err != nil {
		return nil, err
	}
	from, until := workday.NewDate(year, time.January, 1).Start(), workday.NewDate(year+1, time.January, 1).Start()
	batches := regulation.BatchesOf(params)
	series, err := s.WriteOffSeries(ctx, from, until, batches)
	if err != nil {
		return nil, err
	}
	quarters, err := s.publicQuarters(ctx, year)
	if err != nil {
		return nil, err
	}
	tree, err := s.Tree(ctx)
	public := map[string]PublicWriteOffs{}
	for id, moved := range series {
		office, _ := tree.Org(id)
		shown := moved.Shown(batches, s.now(), until.AddDate(0, 3, 0)).public(badTold(quarters, office.Area), len(quarters) == quartersOfAYear)
		if shown.Told() {
			public[id] = shown
		}
	}
	return public, err
}

const quartersOfAYear = 4

// publicQuarters are the last editions of those of a year's quarters that are public.
func (s *Store) publicQuarters(ctx context.Context, year int) (tables []regulation.PublicTable, err error) {
	for n := range quartersOfAYear {
		t, _, err := s.PublicFigures(ctx, fmt.Sprintf("%d-Q%d", year, n+1), 0)
		if refused := (*regulation.Error)(nil); errors.As(err, &refused) && refused.Code == regulation.NotFound {
			continue
		}
		if err != nil {
			return nil, err
		}
		tables = append(tables, t)
	}
	return tables, nil
}

// badTold are the bad ratings of a county that some quarters tell together, nil where one does not tell.
func badTold(quarters []regulation.PublicTable, area string) *int {
	bad := 0
	for _, t := range quarters {
		i := slices.IndexFunc(t.Areas, func(a regulation.PublicArea) bool { return a.Key == area })
		if i < 0 || t.Areas[i].Band != "" {
			return nil
		}
		bad += int(t.Areas[i].Bad)
	}
	if len(quarters) == 0 {
		return nil
	}
	return &bad
}

func (f WriteOffFigures) public(bad *int, whole bool) PublicWriteOffs {
	w := PublicWriteOffs{Bad: bad}
	cells := []int{f.Proposed, f.InForce, f.Objected, f.Reversed}
	hidden := regulation.Withhold(cells, nil)
	for i, into := range []**int{&w.Proposed, &w.InForce, &w.Objected, &w.Reversed} {
		if !hidden[i] {
			*into = &cells[i]
		}
	}
	if whole && w.Bad != nil && w.InForce != nil {
		w.Rate = &regulation.Ratio{Of: int64(*w.InForce), Among: int64(*w.Bad + *w.InForce)}
	}
	return w
}
