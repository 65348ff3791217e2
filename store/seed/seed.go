// Package seed holds what a new installation starts with: the real organisation tree of the
// prefecture (R01) and a made-up population for the prefecture's own hall, Kangding and
// Luding. The CSV files beside this one are the source; Load reads and checks them. Everybody
// in them is made up, the credit codes too.
//
// Four counties are thinly staffed on purpose: 丹巴 (Danba) has nobody, 九龙 (Jiulong) one
// person who is verifier, callback clerk and entry clerk, 稻城 (Daocheng) no supervisor and no
// second verifier, 理塘 (Litang) just enough. Five staff profiles lack one of photo, name, post
// and position, and three windows have nobody on the roster (R12).
package seed

import (
	"embed"
	"io/fs"

	"haochaping/regulation"
)

//go:embed *.csv
var files embed.FS

// Data is the content of the files, in their order. Rows refer to each other by id; Load has
// checked that every reference resolves.
type Data struct {
	Divisions  []Division
	Orgs       []Org
	Matters    []Matter
	Windows    []Window
	Staff      []Staff
	Roster     []Duty
	Projects   []Project
	Applicants []Applicant
	Accounts   []Account
	Options    []Option
	Dimensions []Dimension
}

// Division is a row of GB/T 2260: 6 digits, 9 for a township or subdistrict.
type Division struct {
	Code   string
	NameZH string
	Level  regulation.OrgKind // prefecture, county or township
}

// Org is a place in the organisation tree. The ID of a prefecture, county or township is its
// division code; a parent stands before its children.
type Org struct {
	ID         string
	Parent     string // "" for the prefecture
	Kind       regulation.OrgKind
	Division   string // 6 digits, 9 within a township
	NameZH     string
	NameEN     string
	CreditCode string // GB 32100, 18 characters; "" for a hall, which is no legal person
}

// Area is the 6-digit division that the organisation belongs to.
func (o Org) Area() string { return o.Division[:6] }

// MatterKind tells the two sorts of matters of clause 3 apart.
type MatterKind string

const (
	Application   MatterKind = "application"    // 依申请政务服务
	PublicService MatterKind = "public_service" // 公共服务
)

// Matter is a matter (事项) as one unit handles it.
type Matter struct {
	ID       string
	TaskCode string // 31 characters: the unit's credit code, the kind, the basic code
	Unit     string // Org.ID
	NameZH   string
	NameEN   string
	Kind     MatterKind
	Promised int    // working days; 0 is done on the spot
	Delivery bool   // the result can be sent by courier
	Code     string // opaque code of the rating address, base32
}

// Window is a counter of a hall or service centre, or a seat (坐席) of the hotline.
type Window struct {
	ID       string
	Hall     string // Org.ID of a hall, service centre or hotline
	Unit     string // Org.ID of the unit that serves there
	Number   string // as shown on the counter, unique in its hall
	NameZH   string
	NameEN   string
	Code     string // opaque code of the rating address, base32
	Delivery bool   // courier delivery is offered
}

// Staff is the public profile of a staff member (clause 6(1)). NameZH, Post, Position and
// Portrait may be "": the page then says 未公示 and an alarm is raised (R12).
type Staff struct {
	ID       string
	Unit     string // Org.ID
	NameZH   string
	Post     string // 岗位
	Position string // 职务
	Portrait string // argument of Portrait
}

// Duty puts a staff member at a window from a day on.
type Duty struct {
	Window string // Window.ID
	Staff  string // Staff.ID
	From   string // 2006-01-02
}

// Status is how far a matter has come, in the order of the exchange's proStatus 1, 2, 3.
type Status string

const (
	Waiting    Status = "waiting"     // not accepted yet
	InProgress Status = "in_progress" // accepted
	Concluded  Status = "concluded"
)

// Project is one instance of a matter (办件). Its applicant is an Applicant, where there is one.
type Project struct {
	Number       string // 办件编号: area, day received, serial
	Matter       string // Matter.ID
	Window       string // Window.ID
	Staff        string // Staff.ID
	Status       Status
	Accepted     string // 2006-01-02, "" while waiting
	Concluded    string // 2006-01-02, "" until concluded
	DeliveryUsed bool
	Code         string // opaque rating code of 100 bits, base32
}

// Applicant is the made-up person who applied for a matter, under whose name the demo opens it. Only a keyed
// digest of the name enters the record.
type Applicant struct {
	Number string // Project.Number
	Name   string
}

// Account appoints a person to a role at a place; a person with several appointments has as
// many rows with the same Login.
type Account struct {
	Login  string
	NameZH string
	Staff  string // Staff.ID, or "" for people whom the public does not meet
	Role   regulation.Role
	Place  string // Org.ID
}

// Option is one of the national rating options, offered for its grade only.
type Option struct {
	Code       int
	Grade      regulation.Grade
	TextZH     string
	TextEN     string
	ShownFirst bool // else after "more"
}

// Dimension is one of the six aspects of clause 4. NeedsDelivery: asked only where a courier
// was used (R08).
type Dimension struct {
	ID            string
	NameZH        string
	NameEN        string
	NeedsDelivery bool
}

// Load parses and checks the embedded files. An error is one sentence that names file and line.
func Load() (Data, error) { return load(files) }

func load(fsys fs.FS) (Data, error) {
	s := source{fsys: fsys}
	d := Data{
		Divisions:  read(&s, divisionFile, divisionColumns, parseDivision),
		Orgs:       read(&s, orgFile, orgColumns, parseOrg),
		Matters:    read(&s, matterFile, matterColumns, parseMatter),
		Windows:    read(&s, windowFile, windowColumns, parseWindow),
		Staff:      read(&s, staffFile, staffColumns, parseStaff),
		Roster:     read(&s, rosterFile, rosterColumns, parseDuty),
		Projects:   read(&s, projectFile, projectColumns, parseProject),
		Applicants: read(&s, applicantFile, applicantColumns, parseApplicant),
		Accounts:   read(&s, accountFile, accountColumns, parseAccount),
		Options:    read(&s, optionFile, optionColumns, parseOption),
		Dimensions: read(&s, dimensionFile, dimensionColumns, parseDimension),
	}
	if s.err == nil {
		s.err = check(d)
	}
	if s.err != nil {
		return Data{}, s.err
	}
	return d, nil
}
