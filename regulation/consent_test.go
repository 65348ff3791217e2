package regulation

import "testing"

func TestTheLastAnswerOfAScopeCounts(t *testing.T) {
	given := func(scope ConsentScope) ConsentRecord { return ConsentRecord{Scope: scope, Answer: ConsentGiven} }
	withdrawn := func(scope ConsentScope) ConsentRecord { return ConsentRecord{Scope: scope, Answer: ConsentWithdrawn} }
	refused := ConsentRecord{Scope: ConsentPlatform, Answer: ConsentRefused}
	for name, c := range map[string]struct {
		records []ConsentRecord
		may     bool
	}{
		"never asked": {nil, false}, "given": {[]ConsentRecord{given(ConsentPlatform)}, true}, "another scope": {[]ConsentRecord{given(ConsentMatter)}, false},
		"withdrawn":         {[]ConsentRecord{given(ConsentPlatform), withdrawn(ConsentPlatform)}, false},
		"another withdrawn": {[]ConsentRecord{given(ConsentPlatform), withdrawn(ConsentMatter)}, true},
		"given again":       {[]ConsentRecord{given(ConsentPlatform), withdrawn(ConsentPlatform), given(ConsentPlatform)}, true},
		"refused":           {[]ConsentRecord{refused}, false},
	} {
		if err := MayTell(c.records, ConsentPlatform); (err == nil) != c.may {
			t.Errorf("%s: %v", name, err)
		}
	}
}
