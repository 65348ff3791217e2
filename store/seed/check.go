package seed

import (
	"fmt"
	"slices"
	"strings"

	"haochaping/regulation"
)

// The prefecture, its counties and its townships and subdistricts in GB/T 2260.
var divisionCounts = map[regulation.OrgKind]int{
	regulation.OrgPrefecture: 1, regulation.OrgCounty: 18, regulation.OrgTownship: 289,
}

// above names the kinds that may stand directly above a kind. No kind can be reached from
// itself, so a tree that follows it has no circle.
var above = map[regulation.OrgKind][]regulation.OrgKind{
	regulation.OrgPrefecture:    nil,
	regulation.OrgCounty:        {regulation.OrgPrefecture},
	regulation.OrgTownship:      {regulation.OrgCounty},
	regulation.OrgAuthority:     {regulation.OrgPrefecture, regulation.OrgCounty},
	regulation.OrgDiscipline:    {regulation.OrgPrefecture, regulation.OrgCounty},
	regulation.OrgDepartment:    {regulation.OrgPrefecture, regulation.OrgCounty},
	regulation.OrgEnterprise:    {regulation.OrgPrefecture, regulation.OrgCounty, regulation.OrgAuthority},
	regulation.OrgHall:          {regulation.OrgAuthority},
	regulation.OrgServiceCentre: {regulation.OrgTownship},
	regulation.OrgHotline:       {regulation.OrgPrefecture},
}

var (
	// units are rated and handle matters.
	units = regulation.UnitKinds
	// halls have windows or seats.
	halls = []regulation.OrgKind{regulation.OrgHall, regulation.OrgServiceCentre, regulation.OrgHotline}
)

// checker holds the rows by id; the files are checked in the order of their references.
type checker struct {
	divisions map[string]Division
	orgs      map[string]Org
	matters   map[string]Matter
	windows   map[string]Window
	staff     map[string]Staff
	duties    map[string]Duty   // by window and staff
	codes     map[string]string // every rating code and whose it is
	people    map[string]Account
	numbers   map[string]bool // of projects that may yet have an applicant
	seats     map[string]bool // one authority and one discipline office an area
}

func check(d Data) error {
	c := checker{codes: map[string]string{}, people: map[string]Account{}, seats: map[string]bool{}, numbers: map[string]bool{}}
	for _, step := range []func(*checker, Data) error{
		checkTree, checkServices, checkPeople, checkProjects, checkForm,
	} {
		if err := step(&c, d); err != nil {
			return err
		}
	}
	return nil
}

func checkTree(c *checker, d Data) (err error) {
	if c.divisions, err = index(divisionFile, "code", d.Divisions, func(v Division) string { return v.Code }); err != nil {
		return err
	}
	counts := map[regulation.OrgKind]int{}
	for _, v := range d.Divisions {
		counts[v.Level]++
	}
	for level, want := range divisionCounts {
		if counts[level] != want {
			return fmt.Errorf("%s line 1: %d rows of level %s instead of %d", divisionFile, counts[level], level, want)
		}
	}
	if c.orgs, err = index(orgFile, "id", d.Orgs, func(v Org) string { return v.ID }); err != nil {
		return err
	}
	if _, err = index(orgFile, "credit_code", d.Orgs, creditKey); err != nil {
		return err
	}
	if err = each(orgFile, d.Orgs, c.org); err != nil {
		return err
	}
	return each(divisionFile, d.Divisions, c.division)
}

// creditKey lets halls, which have no code, pass the check for duplicates.
func creditKey(o Org) string {
	if o.CreditCode == "" {
		return o.ID
	}
	return o.CreditCode
}

func (c *checker) division(v Division) string {
	if c.orgs[v.Code].Kind != v.Level {
		return fmt.Sprintf("%s has no organisation of kind %s", v.Code, v.Level)
	}
	for _, kind := range []regulation.OrgKind{regulation.OrgAuthority, regulation.OrgDiscipline} {
		if v.Level != regulation.OrgTownship && !c.seats[v.Code+string(kind)] {
			return fmt.Sprintf("%s has no organisation of kind %s", v.Code, kind)
		}
	}
	return ""
}

func (c *checker) org(o Org) string {
	v, known := c.divisions[o.Division]
	if !known {
		return fmt.Sprintf("division %s is unknown", o.Division)
	}
	if slices.Contains(divisionLevels, o.Kind) && (o.ID != v.Code || o.Kind != v.Level || o.NameZH != v.NameZH) {
		return fmt.Sprintf("id, kind and name_zh are not those of division %s", v.Code)
	}
	if o.Kind == regulation.OrgAuthority || o.Kind == regulation.OrgDiscipline {
		if c.seats[o.Area()+string(o.Kind)] {
			return fmt.Sprintf("area %s has a second organisation of kind %s", o.Area(), o.Kind)
		}
		c.seats[o.Area()+string(o.Kind)] = true
	}
	if o.Kind == regulation.OrgHall && o.CreditCode == "" {
		return c.parent(o)
	}
	if !regulation.ValidCreditCode(o.CreditCode) {
		return fmt.Sprintf("credit_code %q is not valid", o.CreditCode)
	}
	return c.parent(o)
}

func (c *checker) parent(o Org) string {
	allowed := above[o.Kind]
	if o.Parent == "" && len(allowed) == 0 {
		return ""
	}
	parent, known := c.orgs[o.Parent]
	switch {
	case !known:
		return fmt.Sprintf("parent %q does not exist", o.Parent)
	case !slices.Contains(allowed, parent.Kind):
		return fmt.Sprintf("a %s cannot stand under a %s", o.Kind, parent.Kind)
	case o.Area() != parent.Area() && o.Kind != regulation.OrgCounty:
		return fmt.Sprintf("it is in area %s, its parent in %s", o.Area(), parent.Area())
	}
	return ""
}

func checkServices(c *checker, d Data) (err error) {
	if c.matters, err = index(matterFile, "id", d.Matters, func(v Matter) string { return v.ID }); err != nil {
		return err
	}
	if _, err = index(matterFile, "task_code", d.Matters, func(v Matter) string { return v.TaskCode }); err != nil {
		return err
	}
	if err = each(matterFile, d.Matters, c.matter); err != nil {
		return err
	}
	if c.windows, err = index(windowFile, "id", d.Windows, func(v Window) string { return v.ID }); err != nil {
		return err
	}
	if _, err = index(windowFile, "number", d.Windows, func(v Window) string { return v.Hall + " " + v.Number }); err != nil {
		return err
	}
	return each(windowFile, d.Windows, c.window)
}

func (c *checker) matter(m Matter) string {
	if fault := c.place("unit", m.Unit, units); fault != "" {
		return fault
	}
	if len(m.TaskCode) != 31 || !strings.HasPrefix(m.TaskCode, c.orgs[m.Unit].CreditCode) {
		return "task_code is not the unit's credit code and 13 digits"
	}
	return c.rateable(m.Code, "matter "+m.ID)
}

func (c *checker) window(w Window) string {
	if fault := c.place("hall", w.Hall, halls); fault != "" {
		return fault
	}
	if fault := c.place("unit", w.Unit, units); fault != "" {
		return fault
	}
	if c.orgs[w.Hall].Area() != c.orgs[w.Unit].Area() {
		return fmt.Sprintf("hall %s and unit %s are in different areas", w.Hall, w.Unit)
	}
	return c.rateable(w.Code, "window "+w.ID)
}

// rateable refuses a rating code that leads to two things.
func (c *checker) rateable(code, whose string) string {
	if other, taken := c.codes[code]; taken {
		return "its code is also that of " + other
	}
	c.codes[code] = whose
	return ""
}

// place checks a reference to an organisation of certain kinds.
func (c *checker) place(column, id string, kinds []regulation.OrgKind) string {
	o, known := c.orgs[id]
	if !known {
		return fmt.Sprintf("%s %q does not exist", column, id)
	}
	if !slices.Contains(kinds, o.Kind) {
		return fmt.Sprintf("%s %s is a %s", column, id, o.Kind)
	}
	return ""
}

func checkPeople(c *checker, d Data) (err error) {
	if c.staff, err = index(staffFile, "id", d.Staff, func(v Staff) string { return v.ID }); err != nil {
		return err
	}
	if err = each(staffFile, d.Staff, func(s Staff) string { return c.place("unit", s.Unit, units) }); err != nil {
		return err
	}
	if c.duties, err = index(rosterFile, "duty", d.Roster, func(v Duty) string { return v.Window + " " + v.Staff }); err != nil {
		return err
	}
	if err = each(rosterFile, d.Roster, c.duty); err != nil {
		return err
	}
	if _, err = index(accountFile, "appointment", d.Accounts, appointment); err != nil {
		return err
	}
	return each(accountFile, d.Accounts, c.account)
}

func appointment(a Account) string { return a.Login + " " + string(a.Role) + " " + a.Place }

func (c *checker) duty(v Duty) string {
	w, known := c.windows[v.Window]
	if !known {
		return fmt.Sprintf("window %q does not exist", v.Window)
	}
	s, known := c.staff[v.Staff]
	if !known {
		return fmt.Sprintf("staff %q does not exist", v.Staff)
	}
	if s.Unit != w.Unit {
		return fmt.Sprintf("staff %s belongs to %s, window %s to %s", s.ID, s.Unit, w.ID, w.Unit)
	}
	return ""
}

func (c *checker) account(a Account) string {
	if a.Role == regulation.Citizen {
		return "a citizen comes with a receipt, not with an account"
	}
	if fault := c.place("place", a.Place, regulation.PlacesOf(a.Role)); fault != "" {
		return fault
	}
	if s, known := c.staff[a.Staff]; a.Staff != "" && (!known || s.NameZH != a.NameZH) {
		return fmt.Sprintf("staff %q does not exist or has another name", a.Staff)
	}
	if first, again := c.people[a.Login]; again && (first.NameZH != a.NameZH || first.Staff != a.Staff) {
		return fmt.Sprintf("login %s was another person above", a.Login)
	}
	c.people[a.Login] = a
	return ""
}

func checkProjects(c *checker, d Data) error {
	if _, err := index(projectFile, "number", d.Projects, func(v Project) string { return v.Number }); err != nil {
		return err
	}
	if err := each(projectFile, d.Projects, c.project); err != nil {
		return err
	}
	return each(applicantFile, d.Applicants, c.applicant)
}

func (c *checker) applicant(a Applicant) string {
	if !c.numbers[a.Number] {
		return fmt.Sprintf("matter %s does not exist or has two applicants", a.Number)
	}
	c.numbers[a.Number] = false
	return ""
}

func (c *checker) project(p Project) string {
	m, known := c.matters[p.Matter]
	if !known {
		return fmt.Sprintf("matter %q does not exist", p.Matter)
	}
	w, known := c.windows[p.Window]
	if !known || w.Unit != m.Unit {
		return fmt.Sprintf("window %q does not exist or serves another unit", p.Window)
	}
	duty, known := c.duties[p.Window+" "+p.Staff]
	if !known || (p.Accepted != "" && p.Accepted < duty.From) {
		return fmt.Sprintf("staff %q was not on duty at window %s", p.Staff, p.Window)
	}
	if p.DeliveryUsed && !(m.Delivery && w.Delivery) {
		return "delivery was used where none is offered"
	}
	if fault := p.dates(); fault != "" {
		return fault
	}
	c.numbers[p.Number] = true
	return c.rateable(p.Code, "project "+p.Number)
}

// dates holds the dates against the status.
func (p Project) dates() string {
	if (p.Accepted == "") != (p.Status == Waiting) {
		return fmt.Sprintf("accepted does not fit the status %s", p.Status)
	}
	if (p.Concluded == "") != (p.Status != Concluded) {
		return fmt.Sprintf("concluded does not fit the status %s", p.Status)
	}
	if p.Concluded != "" && p.Concluded < p.Accepted {
		return "it was concluded before it was accepted"
	}
	return ""
}

// shownAtOnce is how many options of a grade a screen shows before "more".
const shownAtOnce = 3

func checkForm(_ *checker, d Data) error {
	if _, err := index(optionFile, "code", d.Options, func(v Option) int { return v.Code }); err != nil {
		return err
	}
	shown := map[regulation.Grade]int{}
	for i, o := range d.Options {
		if !o.Grade.Valid() || o.Code/100 != int(o.Grade) {
			return faultAt(optionFile, i, fmt.Sprintf("option %d cannot belong to grade %d", o.Code, o.Grade))
		}
		if o.ShownFirst {
			shown[o.Grade]++
		}
	}
	for grade := regulation.VeryDissatisfied; grade <= regulation.VerySatisfied; grade++ {
		if shown[grade] != shownAtOnce {
			return fmt.Errorf("%s line 1: grade %d shows %d options at once instead of %d", optionFile, grade, shown[grade], shownAtOnce)
		}
	}
	_, err := index(dimensionFile, "id", d.Dimensions, func(v Dimension) string { return v.ID })
	return err
}

// index holds rows by a key that must be unique.
func index[K comparable, T any](file, column string, rows []T, key func(T) K) (map[K]T, error) {
	byKey := make(map[K]T, len(rows))
	for i, v := range rows {
		if _, taken := byKey[key(v)]; taken {
			return nil, faultAt(file, i, fmt.Sprintf("%s %v is there already", column, key(v)))
		}
		byKey[key(v)] = v
	}
	return byKey, nil
}

// each returns the first fault found in a row, with its file and line.
func each[T any](file string, rows []T, fault func(T) string) error {
	for i, v := range rows {
		if what := fault(v); what != "" {
			return faultAt(file, i, what)
		}
	}
	return nil
}
