package regulation

import "slices"

// OwnOffices are the offices that somebody serves in, as far as those may be rated: what they were given is for the level above to see.
// Whoever looked at their own office's figures each minute would learn who had just rated (2, 9(2)); so figures, sealed versions, boards, honours,
// dashboards and the cases behind them leave these out, whatever the reader's post lets them see. kind is an office's, false for one that
// is not known. A prefecture and a county are no office: nobody rates them.
func OwnOffices(actor Actor, kind func(org string) (OrgKind, bool)) (offices []string) {
	for _, as := range actor.Assignments {
		k, known := kind(as.Org)
		if known && k != OrgPrefecture && k != OrgCounty && !slices.Contains(offices, as.Org) {
			offices = append(offices, as.Org)
		}
	}
	return offices
}

// DashboardKind is what a dashboard is of (7(1)).
type DashboardKind string

// Kinds of dashboards, from the widest.
const (
	DashboardPrefecture DashboardKind = "prefecture"
	DashboardCounty     DashboardKind = "county"
	DashboardUnit       DashboardKind = "unit"
	DashboardWindow     DashboardKind = "window"
	DashboardStaff      DashboardKind = "staff"
)

// PartsBy is by what a dashboard tells its place apart, which is also where it leads down to: of departments, windows and those who
// serve there, as 7(1) counts. "" where nothing is below.
func (k DashboardKind) PartsBy() Axis {
	switch k {
	case DashboardPrefecture:
		return AxisCounty
	case DashboardCounty:
		return AxisUnit
	case DashboardUnit:
		return AxisWindow
	case DashboardWindow:
		return AxisStaff
	}
	return ""
}
