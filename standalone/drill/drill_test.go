package drill

import (
	"slices"
	"testing"

	"haochaping/regulation"
)

// Every act of the regulation but the few listed is on some path of the drill.
func TestThePathsUseTheWholeRegulation(t *testing.T) {
	used := map[regulation.ActKind]bool{}
	for _, s := range scripts {
		for _, step := range s.steps {
			used[step.act] = true
		}
	}
	// Consent is asked by telephone here; the first two of the others need a switch that is off, and
	// the last two would each be a path like one that is there.
	left := []regulation.ActKind{regulation.ActAnswerConsent, regulation.ActWithdrawConsent, regulation.ActProposeWriteOff,
		regulation.ActFlagMalice, regulation.ActAnswerRecommendation, regulation.ActObjectCredit, regulation.ActDecideObjection}
	for _, spec := range regulation.Specs() {
		if !used[spec.Kind] && !slices.Contains(left, spec.Kind) && spec.Track != regulation.TrackCredit && spec.Track != regulation.TrackExtension && spec.Kind != "refuse_reattribution" {
			t.Errorf("%s is on no path", spec.Kind)
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
