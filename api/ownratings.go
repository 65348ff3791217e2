package api

import (
	"strconv"
	"time"

	"haochaping/policies"
	"haochaping/regulation"
	"haochaping/store"
	"haochaping/web"
	"haochaping/workday"
)

// ownRatingsBody are the ratings of the reader, or of the unit they lead, that they were told of this year: in whole batches, each
// of one grade, nothing of when or by whom (2, 9(2)).
type ownRatingsBody struct {
	Year int `json:"year"`
	// Grades are counts by grade, without those of which no batch is complete; Total is their sum.
	Grades map[string]int `json:"grades"`
	Total  int            `json:"total"`
	// Until is the last day of the last batch; left out before the first.
	Until    *workday.Date `json:"until,omitempty"`
	Comments []string      `json:"comments"`
}

// showOwnRatings shows the rated side what citizens said of it, as far as that tells of no single one.
func (a *API) showOwnRatings(r *request) (answer, error) {
	scope := a.Guard.Scope(r.actor, policies.ViewOwnRatings)
	year := workday.DateOf(r.at).Year()
	own := store.OwnRatings{Staff: scope.Staff, Units: scope.Units, Year: startOf(year), At: r.at}
	told, err := a.Store.ToldRatings(r.http().Context(), own)
	if err != nil {
		return answer{}, err
	}
	praise, err := a.Store.ToldPraise(r.http().Context(), own, told)
	if err != nil {
		return answer{}, err
	}
	body := ownRatingsBody{Year: year, Grades: map[string]int{}, Until: lastDay(told), Comments: append([]string{}, praise...)}
	for _, batch := range told {
		body.Grades[strconv.Itoa(int(batch.Grade))] += batch.Ratings
		body.Total += batch.Ratings
	}
	return answer{body: body, view: a.ownRatingsPage(r, body)}, nil
}

// lastDay is the last one of which the batches that were told may hold ratings, nil before the first.
func lastDay(told []regulation.ToldBatch) *workday.Date {
	if len(told) == 0 {
		return nil
	}
	day := workday.DateOf(told[len(told)-1].End.Add(-time.Nanosecond))
	return &day
}

func (a *API) ownRatingsPage(r *request, b ownRatingsBody) web.View {
	v := &web.OwnRatingsView{Page: a.pageFor(r), Year: b.Year, Total: b.Total, Comments: b.Comments}
	for grade := 5; grade >= 1; grade-- {
		line := web.GradeCount{Grade: grade}
		if n, shown := b.Grades[strconv.Itoa(grade)]; shown {
			line.Count = strconv.Itoa(n)
		}
		v.Grades = append(v.Grades, line)
	}
	if b.Until != nil {
		v.Until = b.Until.Start()
	}
	return v
}
