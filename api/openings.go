package api

import (
	"haochaping/regulation"
	"haochaping/store"
)

// boxName is how the box of an alarm is called; an alarm about forms that wait names their opening.
func (a *API) boxName(r *request, alarm store.Alarm) string {
	id := alarm.Object
	if alarm.Kind == store.AlarmBoxEntries {
		if o, err := a.Store.Opening(r.http().Context(), id); err == nil {
			id = o.Box
		}
	}
	b, err := a.Store.Box(r.http().Context(), regulation.Scope{All: true}, id)
	if err != nil {
		return id
	}
	return a.places(r).name(b.Hall) + " · " + b.Place
}
