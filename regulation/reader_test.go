package regulation_test

import (
	"slices"
	"testing"

	"haochaping/regulation"
)

// Nobody reads what their own office was given, in whatever posts they serve; the place that an authority looks after is no office.
func TestOwnOfficesAreThoseThatAreRated(t *testing.T) {
	kinds := map[string]regulation.OrgKind{"513300": regulation.OrgPrefecture, "513301": regulation.OrgCounty, "513301-authority": regulation.OrgAuthority, "513301-psb": regulation.OrgDepartment}
	kind := func(org string) (regulation.OrgKind, bool) { k, known := kinds[org]; return k, known }
	serves := func(orgs ...string) (a regulation.Actor) {
		for _, org := range orgs {
			a.Assignments = append(a.Assignments, regulation.Assignment{Role: regulation.Supervisor, Org: org})
		}
		return a
	}
	if got := regulation.OwnOffices(serves("513301-authority", "513301", "513301-psb", "513301-authority", "gone"), kind); !slices.Equal(got, []string{"513301-authority", "513301-psb"}) {
		t.Errorf("%v", got)
	}
	if got := regulation.OwnOffices(serves("513300", "513301"), kind); got != nil {
		t.Errorf("%v", got)
	}
}

// A dashboard leads down from the prefecture to the person, and no further.
func TestDashboardsLeadDown(t *testing.T) {
	var axes []regulation.Axis
	for _, kind := range []regulation.DashboardKind{regulation.DashboardPrefecture, regulation.DashboardCounty, regulation.DashboardUnit, regulation.DashboardWindow, regulation.DashboardStaff} {
		axes = append(axes, kind.PartsBy())
	}
	if !slices.Equal(axes, []regulation.Axis{regulation.AxisCounty, regulation.AxisUnit, regulation.AxisWindow, regulation.AxisStaff, ""}) {
		t.Errorf("%v", axes)
	}
}
