package regulation

import "slices"

// OrgKind is the kind of a place in the organisation tree (R01).
type OrgKind string

const (
	OrgPrefecture    OrgKind = "prefecture"
	OrgCounty        OrgKind = "county"
	OrgTownship      OrgKind = "township"
	OrgAuthority     OrgKind = "authority"      // 政务服务管理部门
	OrgDepartment    OrgKind = "department"     // 部门
	OrgHall          OrgKind = "hall"           // 政务服务大厅
	OrgServiceCentre OrgKind = "service_centre" // 便民服务中心
	OrgEnterprise    OrgKind = "enterprise"     // 企事业单位
	OrgHotline       OrgKind = "hotline"        // 12345
	OrgDiscipline    OrgKind = "discipline"
)

// OrgKinds lists every kind.
var OrgKinds = []OrgKind{OrgPrefecture, OrgCounty, OrgTownship, OrgAuthority, OrgDepartment, OrgHall,
	OrgServiceCentre, OrgEnterprise, OrgHotline, OrgDiscipline}

// Person is somebody who may be asked to act: the part of an account that rules need. Somebody
// absent has no assignments: whoever stands in for them holds their posts. Away are the posts that they
// have again when they are back.
type Person struct {
	ID          string
	Staff       string
	Assignments []Assignment
	Away        []Assignment
}

// UnitKinds are the kinds of places that serve the public and are rated. An authority is among them: it
// may have a window of its own, such as the hall's general reception, with a head, handlers and staff of
// that window beside its authority's posts; what is disputed then goes one level up (9(2)).
var UnitKinds = []OrgKind{OrgDepartment, OrgEnterprise, OrgServiceCentre, OrgHotline, OrgAuthority}

// PlacesOf names the kinds of places at which a role is held: units have handlers and heads,
// halls keep boxes, discipline bodies their officers; every other role belongs to an authority.
// It is nil for who is no member of staff.
func PlacesOf(role Role) []OrgKind {
	switch role {
	case WindowStaff, UnitHandler, UnitHead:
		return slices.Clone(UnitKinds)
	case HotlineAgent:
		return []OrgKind{OrgHotline}
	case BoxKeeper:
		return []OrgKind{OrgHall, OrgServiceCentre}
	case DisciplineOfficer:
		return []OrgKind{OrgDiscipline}
	case Citizen, System:
		return nil
	}
	return []OrgKind{OrgAuthority}
}
