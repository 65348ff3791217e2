package trial

import (
	"fmt"
	"io"

	"haochaping/regulation"
)

// Score tells how one kind of signal did: Found of the Known cheats, and False signals, which rest mostly on
// what was honest.
type Score struct {
	Kind                regulation.SignalKind
	Known, Found, False int
}

// Precision is the share of signals that are right, Recall that of cheats that were found; both of 1, and 1
// where there was nothing to be right about.
func (s Score) Precision() float64 { return share(s.Found, s.Found+s.False) }

// Recall is described with Precision.
func (s Score) Recall() float64 { return share(s.Found, s.Known) }

func share(n, of int) float64 {
	if of == 0 {
		return 1
	}
	return float64(n) / float64(of)
}

// Run makes up a quarter and scores every kind of signal on it, and the last line all together.
func Run(p Plan, rules regulation.Rules) []Score {
	q := newQuarter(p, rules)
	found, wrong := map[planted]bool{}, map[planted]bool{}
	for _, s := range rules.Signals(q.sight) {
		p := planted{s.Kind, s.Suspect}
		found[p] = true
		if !q.cheats[p] && !q.rests(s) {
			wrong[p] = true
		}
	}
	scores, all := []Score{}, Score{}
	for _, kind := range regulation.SignalKinds {
		s := Score{Kind: kind}
		for p := range q.cheats {
			if p.kind == kind {
				s.Known++
				if found[p] {
					s.Found++
				}
			}
		}
		for p := range wrong {
			if p.kind == kind {
				s.False++
			}
		}
		all.Known, all.Found, all.False = all.Known+s.Known, all.Found+s.Found, all.False+s.False
		scores = append(scores, s)
	}
	return append(scores, all)
}

// rests tells whether most of what a signal rests on was made by cheats: one cheat may be seen in more ways
// than the one it is known for.
func (q *quarter) rests(s regulation.Signal) bool {
	n := 0
	for _, id := range s.Ratings {
		if q.planted(id) {
			n++
		}
	}
	return 2*n >= len(s.Ratings)
}

// Print writes the scores as a table.
func Print(w io.Writer, p Plan, scores []Score) {
	fmt.Fprintf(w, "Signals of cheating on a made-up quarter: seed %d, %d units of %d people, %d honest ratings, %d cheats of each kind\n",
		p.Seed, p.Units, p.Staff, p.Ratings, p.Cheats)
	fmt.Fprintf(w, "%-20s %6s %6s %6s %10s %8s\n", "signal", "known", "found", "false", "precision", "recall")
	for _, s := range scores {
		name := string(s.Kind)
		if name == "" {
			name = "all"
		}
		fmt.Fprintf(w, "%-20s %6d %6d %6d %10.2f %8.2f\n", name, s.Known, s.Found, s.False, s.Precision(), s.Recall())
	}
}
