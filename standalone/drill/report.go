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
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "\npath\tcases\tas it has to end\tdays, median")
	for _, s := range scripts {
		cases, right, days := r.of(s.name)
		fmt.Fprintf(table, "%s\t%d\t%d\t%s\n", s.name, cases, right, days)
	}
	for _, part := range []struct {
		title  string
		counts map[string]int64
	}{{"acts", tally.Acts}, {"deadlines passed", tally.Deadlines}, {"escalations", tally.Escalations}, {"cases by phase", words(tally.Cases)}} {
		fmt.Fprintf(table, "\n%s\t%d\n", part.title, sum(part.counts))
		for _, name := range slices.Sorted(maps.Keys(part.counts)) {
			fmt.Fprintf(table, "  %s\t%d\n", name, part.counts[name])
		}
	}
	fmt.Fprintf(table, "\nratings\t%d\n", sum(words(tally.Ratings)))
	fmt.Fprintf(table, "acts behind at the worst moment\t%d\n", r.Most)
	return table.Flush()
}

// of counts a path's cases, those that ended right, and the median of their length.
func (r *Result) of(name string) (cases, right int, days string) {
	var lengths []time.Duration
	for _, s := range r.Stories {
		if s.script.name != name {
			continue
		}
		cases++
		if s.err == nil {
			right++
			lengths = append(lengths, s.ended.Sub(s.began))
		}
	}
	if lengths == nil {
		return cases, right, ""
	}
	slices.Sort(lengths)
	return cases, right, fmt.Sprintf("%.0f", lengths[len(lengths)/2].Hours()/24)
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
	kinds := map[string]int{}
	for _, err := range r.Wrong() {
		kinds[err.Error()]++
	}
	for _, kind := range slices.SortedFunc(maps.Keys(kinds), func(a, b string) int { return cmp.Compare(kinds[b], kinds[a]) }) {
		fmt.Fprintf(w, "%5d x %s\n", kinds[kind], kind)
	}
}
