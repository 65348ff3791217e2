package regulation

import (
	"reflect"
	"testing"
)

// What is left of sealed figures without an office is what they are where it was given nothing: its lines gone, and off those of others and off every
// sum what was given at its windows, of its matters, and what counts for it since (2, R21).
func TestTheRestOfSealedFiguresIsWithoutTheOffice(t *testing.T) {
	rated := func(under, key string, bad, confirmed int64) SealedLine {
		line := SealedLine{Under: under, Key: key, Given: Tally{Grades: [5]int64{bad, 0, 0, 0, 10 * bad}}, Net: Tally{Grades: [5]int64{bad, 0, 0, 0, 10 * bad}}, Confirmed: confirmed}
		if bad > 0 {
			line.Cases = &CaseTally{Cases: bad}
		}
		return line
	}
	// The office o has window ow and matter om; p and q are others with windows pw, qw, matters pm, qm. n is how much of each the office was given.
	world := func(n int64) SealedFigures {
		f := SealedFigures{Total: rated("", "", 5+3*n, 0), Counties: []SealedLine{rated("", "area", 5+3*n, 0)}, Channels: []SealedLine{rated("", "web", 5+3*n, 0)}, Dimensions: []SealedLine{rated("", "attitude", 5+3*n, 0)},
			Units: []SealedLine{rated("area", "p", 3+n, 2+n), rated("area", "q", 2, 1)}, Halls: []SealedLine{rated("", "hall", 5+3*n, 0)},
			Windows: []SealedLine{rated("hall", "pw", 3+n, 1+n), rated("hall", "qw", 2, 1)}, Matters: []SealedLine{rated("", "pm", 3+n, 0), rated("", "qm", 2, 0)},
			Staff: []SealedLine{rated("p", "mine", 1, 0), rated("p", "theirs", n, 0), rated("o", "chief", n, 0)}}
		if n == 0 {
			f.Staff = f.Staff[:1]
			return f
		}
		f.Units = append(f.Units, rated("area", "o", 2*n, 0))      // at its own window and at pw
		f.Windows = append(f.Windows, rated("hall", "ow", 2*n, 0)) // of its own matter and of pm
		f.Matters = append(f.Matters, rated("", "om", 2*n, 0))
		f.Served = []SealedLine{rated("hall/ow", "p/pm", n, n), rated("hall/pw", "o/om", n, n)}
		return f
	}
	office := Office{Units: []string{"o"}, Windows: []string{"ow"}, Matters: []string{"om"}, Staff: []string{"theirs"}}
	want := world(0)
	want.Channels, want.Dimensions = nil, nil
	whole := world(4)
	if got := whole.Rest(office); !reflect.DeepEqual(got, want) {
		t.Errorf("the rest is\n%+v\nwant\n%+v", got, want)
	}
	if !reflect.DeepEqual(whole, world(4)) {
		t.Error("the version itself was changed")
	}
	if got := world(0).Rest(office); !reflect.DeepEqual(got.Units, want.Units) || got.Channels == nil {
		t.Errorf("of figures that hold nothing of it: %+v", got)
	}
}

// What was attributed to the office since is off the matter's line, and what of its matters was attributed to the window's unit stays on the window's.
func TestTheRestFollowsAttributions(t *testing.T) {
	line := func(under, key string, given, net int64) SealedLine {
		return SealedLine{Under: under, Key: key, Given: Tally{Grades: [5]int64{given}}, Net: Tally{Grades: [5]int64{net}}}
	}
	f := SealedFigures{Total: line("", "", 4, 4), Units: []SealedLine{line("area", "o", 1, 2), line("area", "p", 3, 2)}, Windows: []SealedLine{line("hall", "pw", 4, 4)},
		Matters: []SealedLine{line("", "om", 1, 1), line("", "pm", 3, 3)},
		// Of pm at pw one counts for o; of om at pw, given to o, one stays; of om one counts for p now.
		Served: []SealedLine{line("hall/pw", "o/pm", 0, 1), line("hall/pw", "o/om", 1, 1)}}
	got := f.Rest(Office{Units: []string{"o"}, Windows: []string{"ow"}, Matters: []string{"om"}})
	if got.Units[0].Net.Rated() != 2 || got.Matters[0].Key != "pm" || got.Matters[0].Given.Rated() != 3 || got.Matters[0].Net.Rated() != 2 || got.Windows[0].Given.Rated() != 3 || got.Windows[0].Net.Rated() != 2 || got.Total.Net.Rated() != 2 {
		t.Errorf("the rest is %+v", got)
	}
}
