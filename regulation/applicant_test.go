package regulation

import (
	"testing"
	"time"
)

func TestOnePersonHasOneName(t *testing.T) {
	for name, forms := range map[string][]string{
		"middle dots":             {"扎西·达娃", "扎西•达娃", "扎西・达娃", "扎西达娃", " 扎西 达娃 ", "扎西\u3000达娃"},
		"traditional, simplified": {"劉國華", "刘国华", "劉国華"},
		"full width":              {"ＴＡＳＨＩ", "tashi", "Tashi"},
		"Tibetan":                 {"བསོད་ནམས་ལྷ་མོ", "བསོད་ནམས་ལྷ་མོ།", "བསོད་ནམས ལྷ་མོ་"},
	} {
		t.Run(name, func(t *testing.T) {
			for _, form := range forms {
				if got := NormalName(form); got != NormalName(forms[0]) || got == "" {
					t.Errorf("%q becomes %q, not %q", form, got, NormalName(forms[0]))
				}
			}
		})
	}
	if NormalName("张伟") == NormalName("张维") || NormalName(" · ") != "" {
		t.Error("names are confused")
	}
}

func TestEachWrongTryMakesTheNextWaitLonger(t *testing.T) {
	before := time.Duration(0)
	for failures := range 20 {
		wait := TryAgainAfter(failures)
		if wait < before || (failures <= 3) != (wait == 0) || wait > time.Hour {
			t.Errorf("after %d failures %s, before that %s", failures, wait, before)
		}
		before = wait
	}
	if before != time.Hour {
		t.Errorf("in the end %s", before)
	}
}
