package api

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"haochaping/regulation"
	"haochaping/store"
	"haochaping/web"
)

// drillBody is a drill while it runs: the record in figures at an instant of the drill's clock.
type drillBody struct {
	Now   time.Time `json:"now"`
	Scale float64   `json:"scale"` // seconds of the drill in one of the machine's
	store.Tally
}

// showDrill shows a drill live. There is nothing to show anywhere but in a demo on a clock of its
// own: counting reads the whole record.
func (a *API) showDrill(r *request) (answer, error) {
	if err := a.demoOpen(r); err != nil {
		return answer{}, err
	}
	if a.Scale == 0 {
		return answer{}, notFound("page")
	}
	tally, err := a.Store.Tally(r.http().Context())
	if err != nil {
		return answer{}, err
	}
	b := drillBody{r.at, a.Scale, tally}
	return answer{body: b, view: a.drillPage(r, b)}, nil
}

func (a *API) drillPage(r *request, b drillBody) *web.DrillView {
	v := &web.DrillView{Page: a.pageFor(r), Now: b.Now, Scale: int(b.Scale), Waiting: b.Waiting}
	for grade, n := range b.Ratings {
		v.Ratings += n
		if grade.Bad() {
			v.Bad += n
		}
	}
	for _, phase := range regulation.Phases {
		v.Phases = append(v.Phases, web.DrillCount{Label: web.T(r.lang, "phase."+string(phase)), N: b.Cases[phase]})
	}
	v.Acts = counted(b.Acts, func(act string) string { return web.T(r.lang, "event."+act) })
	v.Deadlines = counted(b.Deadlines, func(kind string) string { return web.T(r.lang, "drill.passed."+kind) })
	v.Escalations = counted(b.Escalations, func(reason string) string {
		kind, act, _ := strings.Cut(reason, ":")
		return web.T(r.lang, "escalation."+kind, web.T(r.lang, "act."+act))
	})
	v.Watch = counted(b.Watch, func(name string) string { return web.T(r.lang, "watch.event."+name) })
	late := b.Lateness
	v.Lateness = web.DrillLateness{Passed: late.Passed, Median: hundredths(late.Median), Most99: hundredths(late.Most99), Most: hundredths(late.Most)}
	return v
}

func hundredths(seconds float64) string { return fmt.Sprintf("%.2f", seconds) }

// counted sets counts by how often, the most first.
func counted[K ~string](counts map[K]int64, label func(name string) string) []web.DrillCount {
	var rows []web.DrillCount
	for _, name := range slices.Sorted(maps.Keys(counts)) {
		rows = append(rows, web.DrillCount{Label: label(string(name)), N: counts[name]})
	}
	slices.SortStableFunc(rows, func(x, y web.DrillCount) int { return int(y.N - x.N) })
	return rows
}
