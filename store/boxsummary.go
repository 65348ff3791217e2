package store

import (
	"context"
	"slices"

	"haochaping/regulation"
)

// BoxSums are the forms that were found in a hall's boxes, or a county's, in a week. Grades are of those that count, the
// best grade first; -1 is one that is not shown.
type BoxSums struct {
	Hall                    string // organisation; "" for the county
	Boxes, Opened           int    // in use by the end of the week, and those of them that were opened in it
	Counted, Entered, Voids int
	Grades                  [5]int
}

// Remaining is how many of the forms counted are neither entered nor void.
func (b BoxSums) Remaining() int { return b.Counted - b.Entered - b.Voids }

func (b *BoxSums) add(o BoxSums) {
	b.Boxes, b.Opened, b.Counted, b.Entered, b.Voids = b.Boxes+o.Boxes, b.Opened+o.Opened, b.Counted+o.Counted, b.Entered+o.Entered, b.Voids+o.Voids
	for g := range b.Grades {
		b.Grades[g] += o.Grades[g]
	}
}

// AreaWeek is a week of the boxes of a county. Whole tells that the reader's scope has all of it; else Sums are zero.
type AreaWeek struct {
	Area  string
	Whole bool
	Sums  BoxSums
	Halls []BoxSums
}

// BoxSummary sums up an ISO week by hall and county within the scope (6(2), R16), with small counts by grade withheld:
// the same ones for every reader, so that two cannot compare.
func (s *Store) BoxSummary(ctx context.Context, scope regulation.Scope, week string) ([]AreaWeek, error) {
	byHall, err := s.hallWeeks(ctx, week)
	if err != nil {
		return nil, err
	}
	halls, err := s.BoxHalls(ctx, regulation.Scope{All: true})
	if err != nil {
		return nil, err
	}
	var areas []AreaWeek
	for _, hall := range halls {
		sums := byHall[hall.ID]
		if sums == nil {
			continue
		}
		i := slices.IndexFunc(areas, func(a AreaWeek) bool { return a.Area == hall.Area })
		if i < 0 {
			i, areas = len(areas), append(areas, AreaWeek{Area: hall.Area, Whole: scope.All || slices.Contains(scope.Areas, hall.Area)})
		}
		areas[i].Halls = append(areas[i].Halls, *sums)
		areas[i].Sums.add(*sums)
	}
	for i := range areas {
		areas[i].withhold()
		areas[i].narrow(scope)
	}
	return slices.DeleteFunc(areas, func(a AreaWeek) bool { return len(a.Halls) == 0 }), nil
}

func (a *AreaWeek) withhold() {
	hidden, county := regulation.WithholdGrades(converted(a.Halls, func(h BoxSums) [5]int { return h.Grades }))
	blank := func(grades *[5]int, hide [5]bool) {
		for g := range grades {
			if hide[g] {
				grades[g] = -1
			}
		}
	}
	for i := range a.Halls {
		blank(&a.Halls[i].Grades, hidden[i])
	}
	blank(&a.Sums.Grades, county)
}

// narrow leaves the halls within the scope.
func (a *AreaWeek) narrow(scope regulation.Scope) {
	if a.Whole {
		return
	}
	a.Sums = BoxSums{}
	a.Halls = slices.DeleteFunc(a.Halls, func(h BoxSums) bool { return !slices.Contains(scope.Units, h.Hall) })
}

// hallWeeks sums up a week by hall, those with a box by then.
func (s *Store) hallWeeks(ctx context.Context, week string) (map[string]*BoxSums, error) {
	monday, ok := regulation.ParseWeek(week)
	if !ok {
		return nil, (&regulation.Error{Code: regulation.Invalid, Clause: regulation.ClauseBox, Missing: "fields"}).Field("week", "not_a_week")
	}
	byHall := map[string]*BoxSums{}
	var boxes []boxRow
	if err := s.rows(ctx).Where("registered_at < ?", micros(monday.AddDays(7).Start())).Find(&boxes).Error; err != nil {
		return nil, err
	}
	for _, b := range boxes {
		facts, known, err := s.weekFacts(ctx, s.rows(ctx), b, monday)
		if err != nil {
			return nil, err
		}
		if byHall[known.hall] == nil {
			byHall[known.hall] = &BoxSums{Hall: known.hall}
		}
		switch verdict, _ := facts.Judge(); verdict {
		case regulation.WeekKept:
			byHall[known.hall].Opened++
			byHall[known.hall].Boxes++
		case regulation.WeekMissed, regulation.WeekUnconfirmed:
			byHall[known.hall].Boxes++
		}
	}
	openings, err := s.Openings(ctx, regulation.Scope{All: true}, OpeningQuery{Week: week})
	if err != nil {
		return nil, err
	}
	for _, o := range openings {
		if byHall[o.Hall] == nil {
			byHall[o.Hall] = &BoxSums{Hall: o.Hall} // its box was moved later in the week
		}
		byHall[o.Hall].add(BoxSums{Counted: o.Counted, Entered: o.Entered, Voids: o.Void})
	}
	var grades []struct {
		HallID   string
		Grade, N int
	}
	err = s.rows(ctx).Table("paper_entries e").Select("o.hall_id, r.grade, COUNT(*) AS n").Joins("JOIN box_openings o ON o.id = e.opening_id").Joins("JOIN ratings r ON r.id = e.rating_id").
		Where("o.iso_week = ? AND e.state = ?", week, string(regulation.PaperCounted)).Group("o.hall_id, r.grade").Scan(&grades).Error
	for _, g := range grades {
		if sums := byHall[g.HallID]; sums != nil {
			sums.Grades[5-g.Grade] += g.N
		}
	}
	return byHall, err
}
