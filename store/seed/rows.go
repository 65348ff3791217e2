package seed

import "haochaping/regulation"

const (
	divisionFile  = "divisions.csv"
	orgFile       = "orgs.csv"
	matterFile    = "matters.csv"
	windowFile    = "windows.csv"
	staffFile     = "staff.csv"
	rosterFile    = "roster.csv"
	projectFile   = "projects.csv"
	applicantFile = "applicants.csv"
	accountFile   = "accounts.csv"
	optionFile    = "options.csv"
	dimensionFile = "dimensions.csv"
)

// Codes on posters and slips stand in for a sign-in, so they cannot be guessed: 12 base32
// characters are 60 bits, 20 are 100.
const (
	placeCodeLength   = 12
	projectCodeLength = 20
)

var (
	divisionColumns  = []string{"code", "name_zh", "level"}
	orgColumns       = []string{"id", "parent", "kind", "division", "name_zh", "name_en", "credit_code"}
	matterColumns    = []string{"id", "task_code", "unit", "name_zh", "name_en", "kind", "promised_days", "delivery", "code"}
	windowColumns    = []string{"id", "hall", "unit", "number", "name_zh", "name_en", "code", "has_delivery"}
	staffColumns     = []string{"id", "unit", "name_zh", "post", "position", "portrait"}
	rosterColumns    = []string{"window", "staff", "from"}
	projectColumns   = []string{"number", "matter", "window", "staff", "status", "accepted", "concluded", "delivery_used", "code"}
	applicantColumns = []string{"number", "name"}
	accountColumns   = []string{"login", "name_zh", "staff", "role", "place"}
	optionColumns    = []string{"code", "grade", "text_zh", "text_en", "shown_first"}
	dimensionColumns = []string{"id", "name_zh", "name_en", "needs_delivery"}
)

var divisionLevels = []regulation.OrgKind{
	regulation.OrgPrefecture, regulation.OrgCounty, regulation.OrgTownship,
}

func parseDivision(r *row) Division {
	return Division{Code: r.text("code"), NameZH: r.text("name_zh"), Level: oneOf(r, "level", divisionLevels)}
}

func parseOrg(r *row) Org {
	return Org{
		ID: r.text("id"), Parent: r.optional("parent"), Kind: oneOf(r, "kind", regulation.OrgKinds),
		Division: r.text("division"), NameZH: r.text("name_zh"), NameEN: r.text("name_en"),
		CreditCode: r.optional("credit_code"),
	}
}

func parseMatter(r *row) Matter {
	return Matter{
		ID: r.text("id"), TaskCode: r.text("task_code"), Unit: r.text("unit"),
		NameZH: r.text("name_zh"), NameEN: r.text("name_en"),
		Kind:     oneOf(r, "kind", []MatterKind{Application, PublicService}),
		Promised: r.number("promised_days"), Delivery: r.flag("delivery"), Code: r.code("code", placeCodeLength),
	}
}

func parseWindow(r *row) Window {
	return Window{
		ID: r.text("id"), Hall: r.text("hall"), Unit: r.text("unit"), Number: r.text("number"),
		NameZH: r.text("name_zh"), NameEN: r.text("name_en"),
		Code: r.code("code", placeCodeLength), Delivery: r.flag("has_delivery"),
	}
}

func parseStaff(r *row) Staff {
	return Staff{
		ID: r.text("id"), Unit: r.text("unit"), NameZH: r.optional("name_zh"), Post: r.optional("post"),
		Position: r.optional("position"), Portrait: r.optional("portrait"),
	}
}

func parseDuty(r *row) Duty {
	return Duty{Window: r.text("window"), Staff: r.text("staff"), From: r.date("from")}
}

func parseProject(r *row) Project {
	return Project{
		Number: r.text("number"), Matter: r.text("matter"), Window: r.text("window"), Staff: r.text("staff"),
		Status:   oneOf(r, "status", []Status{Waiting, InProgress, Concluded}),
		Accepted: r.optionalDate("accepted"), Concluded: r.optionalDate("concluded"),
		DeliveryUsed: r.flag("delivery_used"), Code: r.code("code", projectCodeLength),
	}
}

func parseApplicant(r *row) Applicant {
	return Applicant{Number: r.text("number"), Name: r.text("name")}
}

func parseAccount(r *row) Account {
	return Account{
		Login: r.text("login"), NameZH: r.text("name_zh"), Staff: r.optional("staff"),
		Role: oneOf(r, "role", regulation.Roles), Place: r.text("place"),
	}
}

func parseOption(r *row) Option {
	return Option{
		Code: r.number("code"), Grade: regulation.Grade(r.number("grade")),
		TextZH: r.text("text_zh"), TextEN: r.text("text_en"), ShownFirst: r.flag("shown_first"),
	}
}

func parseDimension(r *row) Dimension {
	return Dimension{
		ID: r.text("id"), NameZH: r.text("name_zh"), NameEN: r.text("name_en"), NeedsDelivery: r.flag("needs_delivery"),
	}
}
