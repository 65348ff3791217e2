package drill

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"haochaping/regulation"
	"haochaping/standalone/visit"
	"haochaping/workday"
)

// lookAtWatch is how often the watch list is looked at, in real time.
const lookAtWatch = time.Second

// listed is a line of the watch list.
type listed struct {
	ID        string
	ByHand    bool `json:"by_hand"`
	Overdue   bool
	Inspected *workday.Date `json:"inspected_on"`
	Seq       int64
}

// keepWatch inspects the first of what the rule puts on the watch list, and nothing else there, until an
// inspection that nobody made has become overdue (8(3)).
func (t *town) keepWatch(ctx context.Context) error {
	who, err := t.as(ctx, prefectureSupervisor)
	if err != nil {
		return err
	}
	tick := time.NewTicker(lookAtWatch)
	defer tick.Stop()
	for inspected := ""; ; {
		all, err := t.watched(ctx, who)
		if err != nil {
			return err
		}
		if inspected == "" && len(all) > 0 {
			if inspected, err = t.inspect(ctx, who, all[0]); err != nil {
				return err
			}
		}
		for _, l := range all {
			if l.Overdue && l.ID != inspected {
				return nil
			}
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return fmt.Errorf("watch list: %d listed by rule, inspected %q, and no inspection overdue", len(all), inspected)
		}
	}
}

// watched is what stands on the list by rule.
func (t *town) watched(ctx context.Context, who *person) (all []listed, err error) {
	a, err := who.must(ctx, http.MethodGet, "/watch", "", nil)
	if err != nil {
		return nil, err
	}
	var list struct{ Listings []listed }
	if err := json.Unmarshal(a.Body, &list); err != nil {
		return nil, err
	}
	for _, l := range list.Listings {
		if !l.ByHand {
			all = append(all, l)
		}
	}
	return all, nil
}

// inspect records an inspection of today and answers of what, "" where the rule judged it anew meanwhile: then
// it has to be looked at again.
func (t *town) inspect(ctx context.Context, who *person, l listed) (inspected string, err error) {
	body := fields{"seq": fmt.Sprint(l.Seq), "inspected_on": workday.DateOf(t.now()).String(), "inspection_findings": made,
		"inspection_measures": made, "inspection_outcome": regulation.InspectionMended}
	a, err := who.must(ctx, http.MethodPost, "/watch/"+l.ID+"/inspections", visit.Key(), body)
	if a.Problem().Missing == "listing_changed" {
		return "", nil
	}
	return l.ID, err
}
