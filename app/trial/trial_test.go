package trial

import (
	"os"
	"testing"

	"haochaping/regulation"
	"haochaping/workday"
)

func rules(t *testing.T) regulation.Rules {
	t.Helper()
	params, err := regulation.NewParams(regulation.Edition1, nil)
	if err != nil {
		t.Fatal(err)
	}
	return regulation.Rules{Params: params, Calendar: workday.National(), Hours: workday.DefaultHours}
}

func TestSignalsFindMostCheatsAndAccuseFewWhoDoNot(t *testing.T) {
	for seed := uint64(1); seed <= 3; seed++ {
		p := Default()
		p.Seed = seed
		scores := Run(p, rules(t))
		for _, s := range scores {
			if s.Known < p.Cheats || s.Recall() < 0.5 || s.Precision() < 0.5 {
				t.Errorf("seed %d, %s: %d of %d found, %d false", seed, s.Kind, s.Found, s.Known, s.False)
			}
		}
		if all := scores[len(scores)-1]; all.Recall() < 0.8 || all.Precision() < 0.85 {
			t.Errorf("seed %d: precision %.2f, recall %.2f", seed, all.Precision(), all.Recall())
		}
		if t.Failed() || testing.Verbose() {
			Print(os.Stdout, p, scores)
		}
	}
}

func TestNobodyIsAccusedWhereNobodyCheats(t *testing.T) {
	p := Default()
	p.Cheats = 0
	all := Run(p, rules(t))[len(regulation.SignalKinds)]
	// About 360 people and 60 offices are looked at, each in a dozen ways.
	if all.Known != 0 || all.False > 15 {
		t.Errorf("%d accused", all.False)
	}
}
