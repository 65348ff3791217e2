package seed

import (
	"fmt"
	"io/fs"
	"reflect"
	"strings"
	"testing"
	"testing/fstest"

	"haochaping/regulation"
)

func loaded(t *testing.T) Data {
	t.Helper()
	d, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestLoadTwiceGivesTheSame(t *testing.T) {
	if !reflect.DeepEqual(loaded(t), loaded(t)) {
		t.Error("two loads differ")
	}
}

func TestTheWholeTreeIsThere(t *testing.T) {
	d := loaded(t)
	kinds := map[regulation.OrgKind]int{}
	for _, o := range d.Orgs {
		kinds[o.Kind]++
	}
	want := map[regulation.OrgKind]int{
		regulation.OrgPrefecture: 1, regulation.OrgCounty: 18, regulation.OrgTownship: 289,
		regulation.OrgAuthority: 19, regulation.OrgDiscipline: 19, regulation.OrgHall: 19,
		regulation.OrgServiceCentre: 26, regulation.OrgHotline: 1,
		regulation.OrgDepartment: 78, regulation.OrgEnterprise: 18,
	}
	if !reflect.DeepEqual(kinds, want) {
		t.Errorf("organisations by kind are %v, want %v", kinds, want)
	}
	if len(d.Divisions) != 308 || len(d.Options) != 40 || len(d.Dimensions) != 6 {
		t.Errorf("%d divisions, %d options, %d dimensions", len(d.Divisions), len(d.Options), len(d.Dimensions))
	}
}

func TestAParentStandsBeforeItsChildren(t *testing.T) {
	seen := map[string]bool{"": true}
	for _, o := range loaded(t).Orgs {
		if !seen[o.Parent] {
			t.Errorf("%s stands before its parent %s", o.ID, o.Parent)
		}
		seen[o.ID] = true
	}
}

// holders returns the logins that hold a role at a place.
func holders(d Data, role regulation.Role, place string) (logins []string) {
	for _, a := range d.Accounts {
		if a.Role == role && a.Place == place {
			logins = append(logins, a.Login)
		}
	}
	return logins
}

func TestFourEyesAreThereWhereAnOfficeWorksAlone(t *testing.T) {
	d := loaded(t)
	for _, area := range []string{"513300", "513301", "513322"} {
		want := map[regulation.Role]int{
			regulation.Verifier: 2, regulation.CallbackClerk: 2, regulation.Supervisor: 2, regulation.AuthorityHead: 1,
			regulation.EntryClerk: 2, regulation.VaultApprover: 2, regulation.Publisher: 1, regulation.DeviceMaintainer: 1,
			regulation.SystemAdministrator: 1, regulation.SecurityAdministrator: 1, regulation.Auditor: 1,
		}
		for role, least := range want {
			if got := holders(d, role, area+"-authority"); len(got) < least {
				t.Errorf("%s at %s: %v, want at least %d", role, area, got, least)
			}
		}
		for role, place := range map[regulation.Role]string{
			regulation.DisciplineOfficer: area + "-discipline", regulation.BoxKeeper: area + "-hall",
			regulation.UnitHandler: area + "-psb", regulation.UnitHead: area + "-psb", regulation.WindowStaff: area + "-psb",
		} {
			if len(holders(d, role, place)) == 0 {
				t.Errorf("nobody is %s at %s", role, place)
			}
		}
	}
}

func TestEveryRoleHasSomebody(t *testing.T) {
	held := map[regulation.Role]bool{regulation.Citizen: true}
	for _, a := range loaded(t).Accounts {
		held[a.Role] = true
	}
	for _, role := range regulation.Roles {
		if !held[role] {
			t.Errorf("nobody is %s", role)
		}
	}
}

func TestAdministratorsHoldOneOfThreePowersOnly(t *testing.T) {
	power := map[regulation.Role]bool{
		regulation.SystemAdministrator: true, regulation.SecurityAdministrator: true, regulation.Auditor: true,
	}
	held := map[string]regulation.Role{}
	for _, a := range loaded(t).Accounts {
		if other, again := held[a.Login]; again && (power[a.Role] || power[other]) {
			t.Errorf("%s is %s and %s", a.Login, other, a.Role)
		}
		held[a.Login] = a.Role
	}
}

func TestSmallCountiesAreThinOnPurpose(t *testing.T) {
	d := loaded(t)
	for _, a := range d.Accounts {
		if strings.HasPrefix(a.Place, "513323") {
			t.Errorf("%s works in Danba", a.Login)
		}
	}
	verifiers := holders(d, regulation.Verifier, "513324-authority")
	clerks := holders(d, regulation.CallbackClerk, "513324-authority")
	if len(verifiers) != 1 || !reflect.DeepEqual(verifiers, clerks) {
		t.Errorf("Jiulong has verifiers %v and clerks %v", verifiers, clerks)
	}
	if got := holders(d, regulation.Supervisor, "513337-authority"); len(got) != 0 {
		t.Errorf("Daocheng has supervisors %v", got)
	}
}

func TestProfileGaps(t *testing.T) {
	missing := map[string]int{}
	for _, s := range loaded(t).Staff {
		for name, value := range map[string]string{"name": s.NameZH, "post": s.Post, "position": s.Position, "photo": s.Portrait} {
			if value == "" {
				missing[name]++
			}
		}
	}
	if want := map[string]int{"name": 1, "post": 1, "position": 1, "photo": 2}; !reflect.DeepEqual(missing, want) {
		t.Errorf("missing %v, want %v", missing, want)
	}
}

// edited returns the embedded files with the first old text of one file replaced.
func edited(t *testing.T, file, old, replacement string) fs.FS {
	t.Helper()
	changed := fstest.MapFS{}
	names, err := fs.Glob(files, "*.csv")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		text, err := files.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		changed[name] = &fstest.MapFile{Data: text}
	}
	text := string(changed[file].Data)
	if !strings.Contains(text, old) {
		t.Fatalf("%s does not contain %q", file, old)
	}
	changed[file].Data = []byte(strings.Replace(text, old, replacement, 1))
	return changed
}

func TestAWrongFileIsRefused(t *testing.T) {
	d := loaded(t)
	twice := func(s string) string { return s + "\n" + s }
	w, p, a := d.Windows[0], d.Projects[0], d.Accounts[0]
	tests := []struct{ name, file, old, now, want string }{
		{"header", "roster.csv", "window,staff,from", "window,staff,since", "roster.csv line 1: the header must be window,staff,from"},
		{"blank line", "roster.csv", "from\n", "from\n\n", "roster.csv line 2: a row must stand on one line"},
		{"quote", "roster.csv", "from\n", "from\n\"", `roster.csv line 2: `},
		{"padding", "divisions.csv", "康定市", " 康定市", "divisions.csv line 3: name_zh has a space around it"},
		{"fields", "divisions.csv", "康定市,", "", "divisions.csv line 3: wrong number of fields"},
		{"level", "divisions.csv", "康定市,county", "康定市,city", `divisions.csv line 3: level "city" is unknown`},
		{"count", "divisions.csv", "\n513338210,茨巫乡,township", "", "divisions.csv line 1: 288 rows of level township instead of 289"},
		{"division twice", "divisions.csv", "513301,康定市,county", twice("513301,康定市,county"), "divisions.csv line 4: code 513301 is there already"},
		{"org twice", "orgs.csv", "513301,513300,", "513300,513300,", "orgs.csv line 3: id 513300 is there already"},
		{"org parent", "orgs.csv", "513301,513300,", "513301,513399,", `orgs.csv line 3: parent "513399" does not exist`},
		{"circle", "orgs.csv", "513300,,", "513300,513301,", "orgs.csv line 2: a prefecture cannot stand under a county"},
		{"parent kind", "orgs.csv", "513301001,513301,", "513301001,513300,", "orgs.csv line 21: a township cannot stand under a prefecture"},
		{"parent area", "orgs.csv", "513301001,513301,", "513301001,513322,", "orgs.csv line 21: it is in area 513301, its parent in 513322"},
		{"org name", "orgs.csv", "康定市,Kangding City", "康定县,Kangding County", "orgs.csv line 3: id, kind and name_zh are not those of division 513301"},
		{"credit code", "orgs.csv", d.Orgs[1].CreditCode, "11511301008778183M", `orgs.csv line 3: credit_code "11511301008778183M" is not valid`},
		{"credit code twice", "orgs.csv", d.Orgs[1].CreditCode, d.Orgs[0].CreditCode, "orgs.csv line 3: credit_code " + d.Orgs[0].CreditCode + " is there already"},
		{"org division", "orgs.csv", "prefecture,513300", "prefecture,51", "orgs.csv line 2: division 51 is unknown"},
		{"second authority", "orgs.csv", "513322-discipline,513322,discipline", "513322-discipline,513322,authority", "has a second organisation of kind authority"},
		{"no discipline office", "orgs.csv", "513301-discipline,513301,discipline", "513301-discipline,513301,department", "divisions.csv line 3: 513301 has no organisation of kind discipline"},
		{"matter unit", "matters.csv", "," + d.Matters[0].Unit + ",", ",nowhere,", `matters.csv line 2: unit "nowhere" does not exist`},
		{"matter's unit kind", "matters.csv", "," + d.Matters[0].Unit + ",", ",513301,", "matters.csv line 2: unit 513301 is a county"},
		{"task code", "matters.csv", d.Matters[0].TaskCode, "1" + d.Matters[0].TaskCode, "matters.csv line 2: task_code is not the unit's credit code"},
		{"days", "matters.csv", ",application,1,", ",application,-1,", `matters.csv line 2: promised_days is "-1", not a whole number`},
		{"window code", "windows.csv", w.Code, "SHORT", "windows.csv line 2: code is not a base32 code of at least 12 characters"},
		{"code used twice", "windows.csv", w.Code, d.Matters[1].Code, "windows.csv line 2: its code is also that of matter " + d.Matters[1].ID},
		{"window number", "windows.csv", ",A01,", ",A02,", "windows.csv line 3: number 513300-hall A02 is there already"},
		{"window hall", "windows.csv", "513300-w22,513300-hall", "513300-w22,513301-hall", "windows.csv line 23: hall 513301-hall and unit 513300-dev are in different areas"},
		{"window delivery", "windows.csv", w.Code + ",0", w.Code + ",no", `windows.csv line 2: has_delivery is "no", neither 0 nor 1`},
		{"staff unit", "staff.csv", "st0001,513300-centre", "st0001,513300-hall", "staff.csv line 2: unit 513300-hall is a hall"},
		{"staff twice", "staff.csv", "st0002,", "st0001,", "staff.csv line 3: id st0001 is there already"},
		{"roster staff", "roster.csv", "513300-w01,st0001", "513300-w01,st9999", `roster.csv line 2: staff "st9999" does not exist`},
		{"roster unit", "roster.csv", "513300-w01,st0001", "513300-w03,st0001", "roster.csv line 2: staff st0001 belongs to 513300-centre, window 513300-w03 to 513300-mkt"},
		{"roster day", "roster.csv", d.Roster[0].From, "2026-02-30", `roster.csv line 2: from is "2026-02-30", not a date`},
		{"project matter", "projects.csv", "," + p.Matter + ",", ",none,", `projects.csv line 2: matter "none" does not exist`},
		{"project window", "projects.csv", "," + p.Window + ",", ",513300-w01,", `projects.csv line 2: window "513300-w01" does not exist or serves another unit`},
		{"project staff", "projects.csv", "," + p.Staff + ",", ",st0001,", `projects.csv line 2: staff "st0001" was not on duty`},
		{"applicant", "applicants.csv", "513301-20261119-00048", "513301-20261119-99999", `applicants.csv line 2: matter 513301-20261119-99999 does not exist or has two applicants`},
		{"project status", "projects.csv", p.Staff + ",concluded,", p.Staff + ",waiting,", "projects.csv line 2: accepted does not fit the status waiting"},
		{"project date", "projects.csv", p.Accepted, "2026-12-31", "projects.csv line 2: it was concluded before it was accepted"},
		{"project code", "projects.csv", p.Code, w.Code + w.Code[:7], "projects.csv line 2: code is not a base32 code of at least 20 characters"},
		{"account role", "accounts.csv", ",verifier,", ",king,", `accounts.csv line 2: role "king" is unknown`},
		{"account citizen", "accounts.csv", ",verifier,", ",citizen,", "accounts.csv line 2: a citizen comes with a receipt"},
		{"account place", "accounts.csv", ",verifier,513300-authority", ",verifier,513300", "accounts.csv line 2: place 513300 is a prefecture"},
		{"account staff", "accounts.csv", a.NameZH + ",,", a.NameZH + ",st0001,", `accounts.csv line 2: staff "st0001" does not exist or has another name`},
		{"account person", "accounts.csv", "gz-clerk-1,", "gz-verifier-1,", "accounts.csv line 4: login gz-verifier-1 was another person above"},
		{"option grade", "options.csv", "108,1,", "108,2,", "options.csv line 2: option 108 cannot belong to grade 2"},
		{"options at once", "options.csv", "guide,1\n", "guide,0\n", "options.csv line 1: grade 1 shows 2 options at once instead of 3"},
		{"option twice", "options.csv", "109,1,", "108,1,", "options.csv line 3: code 108 is there already"},
		{"dimension twice", "dimensions.csv", "attitude,服", "efficiency,服", "dimensions.csv line 3: id efficiency is there already"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := load(edited(t, tt.file, tt.old, tt.now))
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Fatalf("error is %v, want %q", err, tt.want)
			}
			if got.Orgs != nil {
				t.Error("data came with the error")
			}
		})
	}
}

func TestAMissingFileIsNamed(t *testing.T) {
	_, err := load(fstest.MapFS{})
	if err == nil || !strings.HasPrefix(fmt.Sprint(err), "divisions.csv cannot be opened") {
		t.Errorf("error is %v", err)
	}
}

func TestThreeWindowsHaveNobodyOnTheRoster(t *testing.T) {
	d := loaded(t)
	staffed := map[string]bool{}
	for _, duty := range d.Roster {
		staffed[duty.Window] = true
	}
	var empty []string
	for _, w := range d.Windows {
		if !staffed[w.ID] {
			empty = append(empty, w.ID)
		}
	}
	if want := []string{"513300-w21", "513301-w12", "513301218-w1"}; !reflect.DeepEqual(empty, want) {
		t.Errorf("windows without staff are %v, want %v", empty, want)
	}
}
