package api

import (
	"slices"

	"haochaping/regulation"
	"haochaping/store"
)

// windowsFor lists the windows and hotline seats at which the reader may write ratings down: an
// agent of the prefecture's hotline everywhere, a clerk in the own area.
func (a *API) windowsFor(r *request, may string) ([]store.Window, error) {
	scope, p := a.Guard.Scope(r.actor, may), a.places(r)
	var all []store.Window
	for _, o := range p.tree.Orgs(regulation.OrgHall, regulation.OrgServiceCentre, regulation.OrgHotline) {
		if !within(scope, o.Area) && !slices.Contains(scope.Units, o.ID) {
			continue
		}
		windows, err := a.Store.Windows(r.http().Context(), o.ID)
		if err != nil {
			return nil, err
		}
		all = append(all, windows...)
	}
	return all, nil
}

// serves tells whether somebody serves at the target: they may be whom the rating is about, even
// where the caller does not say whom (R10).
func serves(t store.Target, staff string) bool {
	return staff != "" && slices.ContainsFunc(t.Serving, func(p store.Profile) bool { return p.StaffID == staff })
}
