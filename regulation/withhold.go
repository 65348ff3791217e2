package regulation

import "slices"

// FewestShown is the least count that the rated side or the public sees: fewer could be told apart (2, 9(2)).
const FewestShown = 5

// Sum says that one published number is the sum of others, by their places among the cells.
type Sum struct {
	Total int
	Parts []int
}

// Withhold tells which counts may not be shown: those under FewestShown, and so many others that none of those
// can be told from what is shown by the sums, nor narrowed down to less than FewestShown values. cells are
// counts, none negative; sums are all that a reader knows of how they add up, within a table and between
// tables. All that is withheld is to be shown alike: which of them are small would tell again.
func Withhold(cells []int, sums []Sum) []bool {
	hidden := make([]bool, len(cells))
	for i, n := range cells {
		hidden[i] = n < FewestShown
	}
	for {
		exposed := firstExposed(cells, sums, hidden)
		if exposed < 0 {
			return hidden
		}
		if !hideBeside(exposed, cells, sums, hidden) {
			for i := range hidden { // nothing is left to hide behind: nothing is shown
				hidden[i] = true
			}
			return hidden
		}
	}
}

// span is what a reader can tell of a withheld count.
type span struct{ least, most int }

// unbounded is more than any count.
const unbounded = 1 << 40

// firstExposed is the place of a count that may not be shown and can be told nearly, -1 for none.
func firstExposed(cells []int, sums []Sum, hidden []bool) int {
	known := spans(cells, sums, hidden)
	for i, n := range cells {
		if n < FewestShown && known[i].most-known[i].least < FewestShown-1 {
			return i
		}
	}
	return -1
}

// spans narrows every withheld count by each sum until no sum says more.
func spans(cells []int, sums []Sum, hidden []bool) []span {
	known := make([]span, len(cells))
	for i, n := range cells {
		known[i] = span{n, n}
		if hidden[i] {
			known[i] = span{0, unbounded}
		}
	}
	for narrowed := true; narrowed; {
		narrowed = false
		for _, sum := range sums {
			narrowed = tighten(known, sum) || narrowed
		}
	}
	return known
}

// tighten applies one sum once, and tells whether it said anything.
func tighten(known []span, sum Sum) (narrowed bool) {
	least, most := 0, 0
	for _, part := range sum.Parts {
		least, most = least+known[part].least, min(unbounded, most+known[part].most)
	}
	set := func(at int, s span) {
		was := known[at]
		known[at] = span{max(was.least, s.least), min(was.most, s.most)}
		narrowed = narrowed || known[at] != was
	}
	set(sum.Total, span{least, most})
	total := known[sum.Total]
	for _, part := range sum.Parts {
		others := span{least - known[part].least, most - known[part].most}
		if most == unbounded { // then the others bound the part from below only if they are bounded themselves
			others.most = mostOfOthers(known, sum, part)
		}
		set(part, span{total.least - others.most, total.most - others.least})
		least, most = 0, 0
		for _, p := range sum.Parts {
			least, most = least+known[p].least, min(unbounded, most+known[p].most)
		}
	}
	return narrowed
}

func mostOfOthers(known []span, sum Sum, part int) (most int) {
	for _, p := range sum.Parts {
		if p != part {
			most = min(unbounded, most+known[p].most)
		}
	}
	return most
}

// hideBeside withholds one more count: of those that stand in a sum with an exposed one, or with one withheld
// beside it, the smallest that is still shown, parts before totals. False where there is none.
func hideBeside(exposed int, cells []int, sums []Sum, hidden []bool) bool {
	reached := map[int]bool{exposed: true}
	for range sums {
		best := -1
		total := map[int]bool{}
		for _, sum := range sums {
			all := append([]int{sum.Total}, sum.Parts...)
			if !slices.ContainsFunc(all, func(i int) bool { return reached[i] }) {
				continue
			}
			total[sum.Total] = true
			for _, i := range all {
				if hidden[i] {
					reached[i] = true
					continue
				}
				if best < 0 || total[best] && !total[i] || total[best] == total[i] && cells[i] < cells[best] {
					best = i
				}
			}
		}
		if best >= 0 {
			hidden[best] = true
			return true
		}
	}
	return false
}
