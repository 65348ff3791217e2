package api

import (
	"slices"
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
	var told []regulation.ToldBatch
	body := ownRatingsBody{Year: workday.DateOf(r.at).Year(), Grades: map[string]int{}, Comments: []string{}}
	for _, own := range ownRatingsOf(r.at, scope.Staff, scope.Units) {
		batches, err := a.Store.ToldRatings(r.http().Context(), own)
		if err != nil {
			return answer{}, err
		}
		praise, err := a.Store.ToldPraise(r.http().Context(), own, batches)
		if err != nil {
			return answer{}, err
		}
		told, body.Comments = append(told, batches...), append(body.Comments, praise...)
	}
	slices.Sort(body.Comments)
	body.Until = lastDay(told)
	for _, batch := range told {
		body.Grades[strconv.Itoa(int(batch.Grade))] += batch.Ratings
		body.Total += batch.Ratings
	}
	return answer{body: body, view: a.ownRatingsPage(r, body)}, nil
}

// ownRatingsOf are a person's ratings of this year or, where staff is "", each of some units' by itself: of the units together a batch may
// be complete of which one unit has a single rating, and whoever heads one more or one fewer than before would find it by the difference.
func ownRatingsOf(at time.Time, staff string, units []string) (own []store.OwnRatings) {
	year := startOf(workday.DateOf(at).Year())
	if staff != "" {
		return []store.OwnRatings{{Staff: staff, Year: year, At: at}}
	}
	for _, unit := range units {
		own = append(own, store.OwnRatings{Units: []string{unit}, Year: year, At: at})
	}
	return own
}

// lastDay is the last one of which the batches that were told may hold ratings, nil before the first.
func lastDay(told []regulation.ToldBatch) *workday.Date {
	if len(told) == 0 {
		return nil
	}
	last := slices.MaxFunc(told, func(a, b regulation.ToldBatch) int { return a.End.Compare(b.End) })
	day := workday.DateOf(last.End.Add(-time.Nanosecond))
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
