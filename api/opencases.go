package api

import (
	"slices"

	"haochaping/regulation"
	"haochaping/store"
	"haochaping/workday"
)

// openCasesBody tells how long open cases stand and what is due next (7(3)).
type openCasesBody struct {
	Cases int64 `json:"cases"`
	// Ages are how many have stood for how long, by the working days since they were opened.
	Ages   []ageBody   `json:"ages"`
	Stages []stageBody `json:"stages"`
	Late   int64       `json:"late"`  // of which the next step is overdue
	Ahead  []dueOnBody `json:"ahead"` // due later today, on each of the next working days, and on days between that anything is due on
}

// ageBody is a group of ages: cases opened From a day To another, either left out where there is no bound.
type ageBody struct {
	Age   string        `json:"age"` // 5, 10, 15, 30, more
	From  *workday.Date `json:"from,omitempty"`
	To    *workday.Date `json:"to,omitempty"`
	Cases int64         `json:"cases"`
}

// stageBody is a phase with its cases by age, in the order of Ages.
type stageBody struct {
	Phase regulation.Phase `json:"phase"`
	Cases int64            `json:"cases"`
	Ages  []int64          `json:"by_age"`
}

type dueOnBody struct {
	Day   workday.Date `json:"day"`
	Cases int64        `json:"cases"`
}

// ages are the groups that open cases are told by: up to so many working days, the last for all others.
var ages = []struct {
	name string
	days int
}{{"5", 5}, {"10", 10}, {"15", 15}, {"30", 30}, {"more", 0}}

// daysAhead is how many working days deadlines are told ahead: as many as a rectification has (7(3)).
const daysAhead = 15

// openQuery is what of the open cases belongs to the place.
func (d *dashboard) openQuery() store.OpenQuery {
	q := store.OpenQuery{Except: d.own.units, ExceptWindows: d.own.windows, Window: d.window}
	switch d.kind {
	case regulation.DashboardPrefecture:
		if !d.scope.All {
			q.Areas = d.areas()
		}
	case regulation.DashboardUnit:
		q.Areas, q.Unit = d.areas(), d.unit
	case regulation.DashboardWindow:
		if !d.scope.All {
			q.Areas = d.areas()
		}
	default:
		q.Areas = []string{d.area}
	}
	return q
}

// fillOpenCases does nothing for a member of staff: who is at fault is not known of a case that is open.
func (a *API) fillOpenCases(r *request, d *dashboard) error {
	if d.kind == regulation.DashboardStaff {
		return nil
	}
	area := d.area
	if area == "" {
		area = regulation.PrefectureArea
	}
	calendar, err := a.Store.Calendar(r.http().Context(), area)
	if err != nil {
		return err
	}
	open, due, err := a.Store.Standing(r.http().Context(), d.openQuery(), r.at)
	if err != nil {
		return err
	}
	today := workday.DateOf(r.at)
	b := &openCasesBody{Ages: agesUpTo(calendar, today), Stages: []stageBody{}, Ahead: []dueOnBody{}}
	b.stand(open)
	for _, one := range due {
		if one.Late {
			b.Late += one.Cases
		}
	}
	// Working days, and whatever other day a step is due on: a county's calendar has days that the prefecture's has not.
	for day := today; !day.After(calendar.Add(today, daysAhead).Date); day = day.AddDays(1) {
		on := dueOnBody{Day: day}
		for _, one := range due {
			if one.Day == day && !one.Late {
				on.Cases += one.Cases
			}
		}
		if on.Cases > 0 || day == today || calendar.IsWorkday(day) {
			b.Ahead = append(b.Ahead, on)
		}
	}
	d.body.Open = b
	return nil
}

// agesUpTo are the groups of ages with the days of opening that each stands for.
func agesUpTo(calendar workday.Calendar, today workday.Date) (groups []ageBody) {
	to := today
	for _, age := range ages {
		group := ageBody{Age: age.name}
		if last := to; len(groups) > 0 {
			group.To = &last
		}
		if age.days > 0 {
			from := to
			for calendar.Left(from.AddDays(-1), today) <= age.days {
				from = from.AddDays(-1)
			}
			group.From, to = &from, from.AddDays(-1)
		}
		groups = append(groups, group)
	}
	return groups
}

// stand sorts open cases by stage and age.
func (b *openCasesBody) stand(open []store.OpenCases) {
	for _, phase := range regulation.Phases {
		stage := stageBody{Phase: phase, Ages: make([]int64, len(b.Ages))}
		for _, one := range open {
			if one.Phase != string(phase) {
				continue
			}
			i := slices.IndexFunc(b.Ages, func(age ageBody) bool { return age.From == nil || !one.Opened.Before(*age.From) })
			stage.Ages[i] += one.Cases
			stage.Cases += one.Cases
			b.Ages[i].Cases += one.Cases
		}
		if stage.Cases > 0 {
			b.Stages = append(b.Stages, stage)
		}
		b.Cases += stage.Cases
	}
}
