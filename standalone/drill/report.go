package drill

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"slices"
	"text/tabwriter"
	"time"

	"haochaping/store"
	"haochaping/workday"
)

// Print tells what happened: each path with how many of its cases ended as they had to, then the
// record's own figures.
func (r *Result) Print(w io.Writer, tally store.Tally) error {
	fmt.Fprintf(w, "\n%s to %s, %d days in %.1f s\n", workday.DateOf(r.From), workday.DateOf(r.Until), r.Days, r.Took.Seconds())
	r.printOffice(w)
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "\npath\tedition\tcases\tas it has to end\tmachine too slow\tdays, median\tdeadlines met\tpassed")
	for _, s := range scripts {
		for _, edition := range r.editions() {
			r.of(s.name, edition).print(table, s.name, edition)
		}
	}
	for _, edition := range r.editions() {
		r.of("", edition).print(table, "all paths", edition)
	}
	for _, part := range []struct {
		title  string
		counts map[string]int64
	}{{"acts", tally.Acts}, {"deadlines passed", tally.Deadlines}, {"escalations", tally.Escalations}, {"watch list", words(tally.Watch)}, {"cases by phase", words(tally.Cases)}} {
		fmt.Fprintf(table, "\n%s\t%d\n", part.title, sum(part.counts))
		for _, name := range slices.Sorted(maps.Keys(part.counts)) {
			fmt.Fprintf(table, "  %s\t%d\n", name, part.counts[name])
		}
	}
	fmt.Fprintf(table, "\nratings\t%d\n", sum(words(tally.Ratings)))
	fmt.Fprintf(table, "acts behind at the worst moment\t%d\n", r.Most)
	table.Flush()
	late := tally.Lateness
	fmt.Fprintf(w, "\n%d deadlines were recorded after they were due by, in seconds of real time: median %.2f, 99 of 100 %.2f, at most %.2f; allowed %.0f\n",
		late.Passed, late.Median, late.Most99, late.Most, Latest.Seconds())
	return r.printLags(w)
}

// printLags tells how much later than meant the steps were done, so that a reader can judge whether the
// machine was too slow.
func (r *Result) printLags(w io.Writer) error {
	var all []time.Duration
	for _, s := range r.Stories {
		all = append(all, s.lags...)
	}
	slices.Sort(all)
	if len(all) == 0 {
		return nil
	}
	hours := func(share float64) float64 { return all[int(share*float64(len(all)-1))].Hours() }
	_, err := fmt.Fprintf(w, "steps took, in hours of the drill's clock: median %.1f, 99 of 100 %.1f, at most %.1f; above %.0f the machine was too slow\n",
		hours(0.5), hours(0.99), hours(1), tolerance.Hours())
	return err
}

// printOffice tells what the offices changed under running cases.
func (r *Result) printOffice(w io.Writer) {
	fmt.Fprintf(w, "from %s on a new edition, adopted by two people: write-off without appeal, credit referral, extension, pausing appeals\n", r.office.edition)
	for _, n := range r.office.notices {
		fmt.Fprintf(w, "%s, adopted by two people (%s): %d open cases counted again, %d due instants as what-if had said\n", n.number, n.told(), n.moved, n.compared)
	}
}

// editions are those under which cases were opened, the earliest first; "" stands for cases that were
// never opened.
func (r *Result) editions() []string {
	var names []string
	for _, s := range r.Stories {
		names = append(names, s.edition)
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// group is what came of the cases of a path, or of all, under one edition.
type group struct {
	cases, right, slow int
	lengths            []time.Duration
	met, passed        int // steps' deadlines
}

// of counts a path's cases under an edition; path "" is all.
func (r *Result) of(path, edition string) (g group) {
	for _, s := range r.Stories {
		if path != "" && s.script.name != path || s.edition != edition {
			continue
		}
		g.cases++
		g.met, g.passed = g.met+s.met, g.passed+s.passed
		switch {
		case s.err == nil:
			g.right++
			g.lengths = append(g.lengths, s.ended.Sub(s.began))
		case s.slow():
			g.slow++
		}
	}
	return g
}

func (g group) print(w io.Writer, path, edition string) {
	if g.cases > 0 {
		fmt.Fprintf(w, "%s\t%s\t%d\t%d\t%d\t%s\t%d\t%d\n", path, cmp.Or(edition, "never opened"), g.cases, g.right, g.slow, g.days(), g.met, g.passed)
	}
}

// days is the median of how long the cases took that ended right, "" for none.
func (g group) days() string {
	if g.lengths == nil {
		return ""
	}
	slices.Sort(g.lengths)
	return fmt.Sprintf("%.0f", g.lengths[len(g.lengths)/2].Hours()/24)
}

func words[K ~string | ~int, V any](m map[K]V) map[string]V {
	named := map[string]V{}
	for key, value := range m {
		named[fmt.Sprint(key)] = value
	}
	return named
}

func sum(m map[string]int64) (all int64) {
	for _, n := range m {
		all += n
	}
	return all
}

// PrintWrong lists what did not end as it had to, each kind once with how often.
func (r *Result) PrintWrong(w io.Writer) {
	printKinds(w, "wrong", r.Wrong())
	printKinds(w, "machine too slow", r.Slow())
}

func printKinds(w io.Writer, title string, all []error) {
	kinds := map[string]int{}
	for _, err := range all {
		kinds[err.Error()]++
	}
	for _, kind := range slices.SortedFunc(maps.Keys(kinds), func(a, b string) int { return cmp.Compare(kinds[b], kinds[a]) }) {
		fmt.Fprintf(w, "%s: %5d x %s\n", title, kinds[kind], kind)
	}
}
