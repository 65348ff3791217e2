package api

import (
	"strconv"
	"time"

	"haochaping/policies"
	"haochaping/regulation"
	"haochaping/web"
	"haochaping/workday"
)

// ownRatingsBody are this year's ratings of the reader, or of the unit they lead: in whole batches, no count under five,
// nothing of when or by whom (2, 9(2)).
type ownRatingsBody struct {
	Year int `json:"year"`
	// Grades are counts by grade, those that are withheld left out; Total is left out as they are.
	Grades map[string]int `json:"grades"`
	Total  *int           `json:"total,omitempty"`
	// Until is the day before which all of them were given; left out before the first batch.
	Until    *workday.Date `json:"until,omitempty"`
	Comments []string      `json:"comments"`
}

// showOwnRatings shows the rated side what citizens said of it, as far as that tells of no single one.
func (a *API) showOwnRatings(r *request) (answer, error) {
	scope := a.Guard.Scope(r.actor, policies.ViewOwnRatings)
	ctx, year := r.http().Context(), workday.DateOf(r.at).Year()
	edition, err := a.Store.CurrentEdition(ctx)
	if err != nil {
		return answer{}, err
	}
	params, err := a.Store.Params(ctx, edition)
	if err != nil {
		return answer{}, err
	}
	own, err := a.Store.OwnRatings(ctx, scope.Staff, scope.Units, startOf(year), r.at, regulation.BatchesOf(params))
	if err != nil {
		return answer{}, err
	}
	body := ownRatingsBody{Year: year, Grades: map[string]int{}, Comments: append([]string{}, own.Comments...)}
	fillGrades(&body, own.Grades)
	if !own.Until.IsZero() {
		until := workday.DateOf(own.Until.Add(-time.Nanosecond))
		body.Until = &until
	}
	return answer{body: body, view: a.ownRatingsPage(r, body)}, nil
}

// fillGrades leaves out what Withhold does: the total is the sum of the grades.
func fillGrades(b *ownRatingsBody, grades map[regulation.Grade]int) {
	cells, sum := make([]int, 6), regulation.Sum{Total: 0}
	for grade := 1; grade <= 5; grade++ {
		cells[grade] = grades[regulation.Grade(grade)]
		cells[0] += cells[grade]
		sum.Parts = append(sum.Parts, grade)
	}
	hidden := regulation.Withhold(cells, []regulation.Sum{sum})
	for grade := 1; grade <= 5; grade++ {
		if !hidden[grade] {
			b.Grades[strconv.Itoa(grade)] = cells[grade]
		}
	}
	if !hidden[0] {
		b.Total = &cells[0]
	}
}

func (a *API) ownRatingsPage(r *request, b ownRatingsBody) web.View {
	v := &web.OwnRatingsView{Page: a.pageFor(r), Year: b.Year, Comments: b.Comments}
	for grade := 5; grade >= 1; grade-- {
		line := web.GradeCount{Grade: grade}
		if n, shown := b.Grades[strconv.Itoa(grade)]; shown {
			line.Count = strconv.Itoa(n)
		}
		v.Grades = append(v.Grades, line)
	}
	if b.Total != nil {
		v.Total = strconv.Itoa(*b.Total)
	}
	if b.Until != nil {
		v.Until = b.Until.Start()
	}
	return v
}
