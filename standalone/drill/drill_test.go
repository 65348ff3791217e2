package drill

import (
	"testing"

	"haochaping/regulation"
)

// never lists the acts that no path of the drill does, each with its reason. A refused one does not
// count as done.
var never = map[regulation.ActKind]string{}

// Every act of the regulation is done on some path of the drill, but those listed, none of which is.
func TestThePathsUseTheWholeRegulation(t *testing.T) {
	done := map[regulation.ActKind]bool{}
	for _, s := range scripts {
		for _, step := range s.steps {
			done[step.act] = done[step.act] || step.refuse == ""
		}
	}
	for _, spec := range regulation.Specs() {
		switch reason := never[spec.Kind]; {
		case !done[spec.Kind] && reason == "":
			t.Errorf("%s is done on no path", spec.Kind)
		case done[spec.Kind] && reason != "":
			t.Errorf("%s is listed (%s), and is done", spec.Kind, reason)
		}
	}
	for kind := range never {
		if _, known := regulation.SpecOf(kind); !known {
			t.Errorf("%s is listed and is no act", kind)
		}
	}
}

func TestScriptsAreTold(t *testing.T) {
	names := map[string]bool{}
	for _, s := range scripts {
		if s.name == "" || s.share < 1 || s.lasting < 1 || len(s.steps) == 0 || names[s.name] {
			t.Errorf("%+v", s)
		}
		names[s.name] = true
	}
}

// A path that needs an edition begins while that edition holds.
func TestPathsBeginUnderTheirEdition(t *testing.T) {
	plan := Plan{Days: 92}
	for _, s := range scripts {
		first, last := s.opens(plan)
		old, early := last < plan.editionIn(), first < plan.editionIn()
		if first < 1 || last < first || (s.under == before || s.under == eve) && !old || s.under == after && early {
			t.Errorf("%s begins on working days %d to %d, the edition changes on %d", s.name, first, last, plan.editionIn())
		}
	}
}
