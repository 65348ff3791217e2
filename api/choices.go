package api

import (
	"context"
	"slices"
	"strings"

	"haochaping/regulation"
	"haochaping/store"
	"haochaping/web"
)

// lists are what the fields of acts' forms choose from by name, by the fields' type.
type lists map[regulation.FieldType][]web.Option

// listsFor are the units of a case's area, and its windows and staff where a form asks for one.
func (a *API) listsFor(ctx context.Context, r *request, area string, acts []openActBody) (lists, error) {
	p := a.places(r)
	units := unitOptions(p, area)
	all := lists{regulation.TypeUnit: units, regulation.TypeUnits: units}
	if !slices.ContainsFunc(acts, openActBody.asksPlaces) {
		return all, nil
	}
	var ids []string
	for _, u := range units {
		ids = append(ids, u.Value)
	}
	windows, err := a.Store.WindowsOf(ctx, ids...)
	if err != nil {
		return nil, err
	}
	for _, w := range windows {
		all[regulation.TypeWindow] = append(all[regulation.TypeWindow], web.Option{Value: w.ID,
			Text: p.name(w.UnitID) + " · " + p.name(w.HallID) + " " + windowName(r.lang, w)})
	}
	staff, err := a.Store.StaffOf(ctx, ids...)
	for _, s := range staff {
		all[regulation.TypeStaff] = append(all[regulation.TypeStaff], web.Option{Value: s.StaffID,
			Text: p.name(s.UnitID) + " · " + nameAndPost(r, s)})
	}
	return all, err
}

// nameAndPost is what the public knows of a member of staff.
func nameAndPost(r *request, s store.Profile) string {
	name := s.NameZH
	if name == "" {
		name = web.T(r.lang, "staff.unpublished") + " " + s.StaffID
	}
	return strings.TrimSuffix(name+" · "+s.Post, " · ")
}

// nameRated finds the names of windows and people that events name.
func (a *API) nameRated(ctx context.Context, r *request, events []eventBody) error {
	for i := range events {
		window, staff := events[i].Data["rated_window"], events[i].Data["rated_staff"]
		if window == "" && staff == "" {
			continue
		}
		named, err := a.Store.StaffNames(ctx, staff)
		if err != nil {
			return err
		}
		if window != "" {
			t, err := a.Store.WindowTarget(ctx, window)
			if err != nil {
				return err
			}
			named[window] = either(r.lang, t.Hall.NameZH, t.Hall.NameEN) + " " + windowName(r.lang, t.Window)
		}
		events[i].named = named
	}
	return nil
}

// asksPlaces tells whether the act's form is open and asks for a window or a person.
func (b openActBody) asksPlaces() bool {
	return slices.ContainsFunc(b.Fields, func(f fieldBody) bool {
		return f.Type == regulation.TypeWindow || f.Type == regulation.TypeStaff
	})
}
