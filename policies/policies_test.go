package policies

import (
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"haochaping/regulation"
)

var update = flag.Bool("update", false, "write the golden matrix anew")

const golden = "testdata/matrix.txt"

func setup(t *testing.T) *Guard {
	t.Helper()
	guard, err := New()
	if err != nil {
		t.Fatal(err)
	}
	return guard
}

// things lists every statutory act and every other permission the policy names.
func things() []string {
	var all []string
	for _, spec := range regulation.Specs() {
		all = append(all, string(spec.Kind))
	}
	for _, line := range strings.Split(withoutComments(policyCSV), "\n") {
		if parts := strings.Split(line, ", "); len(parts) == 4 && !slices.Contains(all, parts[2]) {
			all = append(all, parts[2])
		}
	}
	return all
}

func matrix(guard *Guard) string {
	var b strings.Builder
	b.WriteString("# role x thing -> relations in which it is allowed; nothing else is.\n# Written by: go test ./policies -update\n")
	for _, role := range regulation.Roles {
		fmt.Fprintf(&b, "\n%s\n", role)
		for _, thing := range things() {
			var allowed []string
			for _, relation := range regulation.Relations {
				if guard.Allows(role, thing, relation) {
					allowed = append(allowed, string(relation))
				}
			}
			if allowed != nil {
				fmt.Fprintf(&b, "  %-24s %s\n", thing, strings.Join(allowed, " "))
			}
		}
	}
	return b.String()
}

func TestMatrixIsTheGoldenOne(t *testing.T) {
	got := matrix(setup(t))
	if *update {
		if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("who may do what has changed; read the difference, then run go test ./policies -update\n%s", got)
	}
}

func TestPolicyNamesOnlyWhatExists(t *testing.T) {
	for i, line := range strings.Split(policyCSV, "\n") {
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		parts := strings.Split(line, ", ")
		if len(parts) != 4 || parts[0] != "p" {
			t.Fatalf("policy.csv line %d: %q is not p, role, thing, relation", i+1, line)
		}
		if !slices.Contains(regulation.Roles, regulation.Role(parts[1])) {
			t.Errorf("policy.csv line %d: no role %q", i+1, parts[1])
		}
		if !slices.Contains(regulation.Relations, regulation.Relation(parts[3])) {
			t.Errorf("policy.csv line %d: no relation %q", i+1, parts[3])
		}
	}
}

func TestEveryRoleOfAnActMayDoIt(t *testing.T) {
	guard := setup(t)
	near := map[regulation.Side]regulation.Relation{
		regulation.SideAuthority: regulation.OwnArea, regulation.SideUnit: regulation.OwnUnit, regulation.SideRater: regulation.Own,
		regulation.SideRated: regulation.Own, regulation.SideDiscipline: regulation.OwnArea}
	for _, spec := range regulation.Specs() {
		for _, role := range spec.Roles {
			relation := near[spec.Side]
			if role == regulation.UnitHead && spec.Side == regulation.SideRated {
				relation = regulation.OwnUnit
			}
			if !guard.Allows(role, string(spec.Kind), relation) {
				t.Errorf("%s holds the seat of %s, but policy.csv does not allow it", role, spec.Kind)
			}
		}
		if spec.Side != regulation.SideRater && spec.Side != regulation.SideRated && !guard.Allows(regulation.AuthorityHead, string(spec.Kind), regulation.OwnArea) {
			t.Errorf("the authority's head cannot take over %s where nobody else is left", spec.Kind)
		}
	}
}

func TestEveryRoleOfADocumentMayIssueIt(t *testing.T) {
	guard := setup(t)
	for _, spec := range regulation.DocumentSpecs() {
		for _, role := range spec.Roles {
			if !guard.Allows(role, IssueDocument(spec.Kind), regulation.OwnArea) {
				t.Errorf("%s issues %s, but policy.csv does not allow it", role, spec.Kind)
			}
		}
	}
}

func TestScopeOfACountySupervisorEndsAtTheCounty(t *testing.T) {
	guard := setup(t)
	kangding := regulation.Actor{Person: "p1", Assignments: []regulation.Assignment{{Role: regulation.Supervisor, Org: "513301-authority", Area: "513301"}}}
	scope := guard.Scope(kangding, ViewCase)
	if scope.All || !slices.Equal(scope.Areas, []string{"513301"}) {
		t.Errorf("scope is %+v", scope)
	}
	prefecture := regulation.Actor{Person: "p2", Assignments: []regulation.Assignment{{Role: regulation.Supervisor, Org: "513300-authority", Area: regulation.PrefectureArea}}}
	if !guard.Scope(prefecture, ViewCase).All {
		t.Error("a prefecture supervisor oversees every county")
	}
	if !guard.Scope(prefecture, ViewAudit).Empty() {
		t.Error("a supervisor reads no audit log")
	}
}

func TestAssignmentsNameTheOneThatFits(t *testing.T) {
	guard := setup(t)
	actor := regulation.Actor{Person: "p", Assignments: []regulation.Assignment{
		{Role: regulation.UnitHandler, Org: "u1", Area: "513301"},
		{Role: regulation.Verifier, Org: "513301-authority", Area: "513301"},
	}}
	subject := regulation.Subject{Units: []string{"u2"}, Area: "513301", Orgs: []string{"513301-authority"}}
	got := guard.Assignments(actor, string(regulation.ActRecordFinding), subject)
	if len(got) != 1 || got[0].Role != regulation.Verifier {
		t.Errorf("got %v", got)
	}
	if got := guard.Assignments(actor, string(regulation.ActSign), subject); got != nil {
		t.Errorf("a handler of another unit may sign: %v", got)
	}
}
