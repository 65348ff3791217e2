package api

import (
	"context"
	"slices"
	"time"

	"haochaping/regulation"
	"haochaping/web"
	"haochaping/workday"
)

// waitBody is what a case waits for: a step, before whom it lies, since when and by when. Where
// the reader does not learn which step, only the organisation that is at it is left.
type waitBody struct {
	Act    regulation.ActKind `json:"act,omitempty"`
	Clause regulation.Clause  `json:"clause,omitempty"`
	Before []seatBody         `json:"before"`
	Since  time.Time          `json:"since,omitzero"`
	Due    *dueBody           `json:"due,omitempty"`
	Raised string             `json:"raised,omitempty"` // why it went one level up
}

// seatBody is a role at an organisation: never a person. The citizen has no place.
type seatBody struct {
	Role  regulation.Role `json:"role,omitempty"`
	Place *placeBody      `json:"place,omitempty"`
}

// fillWaits tells for whom the case waits, as far as the reader may know it. Where it waits for a step
// that the reader knows of, the authority's others beside it stay untold.
func (a *API) fillWaits(ctx context.Context, r *request, seen seenCase, b *caseBody) error {
	rules, err := a.Store.RulesOf(ctx, seen.c)
	if err != nil {
		return err
	}
	p := a.places(r)
	b.Waits = []waitBody{}
	for _, await := range seen.c.Awaiting {
		if seen.reader.ShowsWait(await.Act) {
			b.Waits = append(b.Waits, waitOf(r, seen, p, await, rules.Calendar))
		}
	}
	if len(b.Waits) == 0 && len(seen.c.Awaiting) > 0 {
		b.Waits = append(b.Waits, waitBody{Before: []seatBody{{Place: p.body(seen.c.Authority)}}})
	}
	return nil
}

func waitOf(r *request, seen seenCase, p places, await regulation.Await, calendar workday.Calendar) waitBody {
	spec, _ := regulation.SpecOf(await.Act)
	w := waitBody{Act: await.Act, Clause: spec.Clause, Since: await.Since, Before: []seatBody{}}
	for _, seat := range await.Seats {
		w.Before = append(w.Before, seatBody{Role: seat.Role, Place: p.body(seen.c.PlaceOf(seat))})
	}
	if !await.Due.IsZero() {
		d := dueOf(await.Due, await.Overdue, await.Provisional, calendar, r.at)
		w.Due = &d
	}
	if seen.reader != regulation.ReaderUnit || spec.Side == regulation.SideUnit {
		w.Raised = await.Raised // what an authority let pass is between it and the level above
	}
	return w
}

// drawnWaits are the waits that are not the reader's own: for those there is a form.
func drawnWaits(b caseBody) []web.Wait {
	var waits []web.Wait
	for _, w := range b.Waits {
		if w.Act != "" && slices.ContainsFunc(b.Acts, func(act openActBody) bool { return act.Kind == w.Act && act.Refused == nil }) {
			continue
		}
		drawn := web.Wait{Act: string(w.Act), Clause: string(w.Clause), Since: w.Since, Due: webDue(w.Due), Raised: w.Raised}
		for _, seat := range w.Before {
			drawn.Before = append(drawn.Before, web.Seat{Role: string(seat.Role), Place: nameOf(seat.Place)})
		}
		waits = append(waits, drawn)
	}
	return waits
}
