package regulation

// hallAmount is how much there is of something, and between which bounds it may be.
type hallAmount struct{ amount, least, most int64 }

// hallFlow are amounts in the cells of a table, its rows, its columns and all of it. It is a circulation: from one hub through a row, a
// cell and a column to the other, and back. One that keeps all bounds is another table that a reader may suppose, and any that
// there is can be reached from any other by cycles along which amounts grow and shrink.
type hallFlow struct {
	cells        []hallAmount
	at           [][2]int // row and column of each cell
	units, halls []hallAmount
	whole        hallAmount
}

// hallStep is a way from one node to another: along an amount, which grows, or against it, where it shrinks.
type hallStep struct {
	from, to int
	grows    bool
	amount   *hallAmount
}

func (s hallStep) room() int64 {
	if s.grows {
		return s.amount.most - s.amount.amount
	}
	return s.amount.amount - s.amount.least
}

// steps are all ways but those along one cell. Nodes are the rows, the columns, and the two hubs.
func (w *hallFlow) steps(but int) (all []hallStep) {
	add := func(from, to int, a *hallAmount) {
		all = append(all, hallStep{from, to, true, a}, hallStep{to, from, false, a})
	}
	hub := len(w.units) + len(w.halls)
	for i := range w.units {
		add(hub, i, &w.units[i])
	}
	for i := range w.halls {
		add(len(w.units)+i, hub+1, &w.halls[i])
	}
	for i := range w.cells {
		if i != but {
			add(w.at[i][0], len(w.units)+w.at[i][1], &w.cells[i])
		}
	}
	add(hub+1, hub, &w.whole)
	return all
}

// push lets a cell grow by at most so much in one go; false where it cannot.
func (w *hallFlow) push(x int, by int64) bool {
	cell := &w.cells[x]
	return w.around(x, len(w.units)+w.at[x][1], w.at[x][0], min(by, cell.most-cell.amount), 1)
}

// pull lets it shrink.
func (w *hallFlow) pull(x int, by int64) bool {
	cell := &w.cells[x]
	return w.around(x, w.at[x][0], len(w.units)+w.at[x][1], min(by, cell.amount-cell.least), -1)
}

// around closes a cycle through a cell on the shortest way.
func (w *hallFlow) around(x, from, to int, by, sign int64) bool {
	if by <= 0 {
		return false
	}
	steps := w.steps(x)
	leaving := make([][]int, len(w.units)+len(w.halls)+2)
	for i, s := range steps {
		if s.room() > 0 {
			leaving[s.from] = append(leaving[s.from], i)
		}
	}
	came := map[int]int{from: -1}
	for next := []int{from}; len(next) > 0; next = next[1:] {
		for _, i := range leaving[next[0]] {
			if _, seen := came[steps[i].to]; !seen {
				came[steps[i].to], next = i, append(next, steps[i].to)
			}
		}
	}
	last, reached := came[to]
	if !reached {
		return false
	}
	for i := last; i >= 0; i = came[steps[i].from] {
		by = min(by, steps[i].room())
	}
	for i := last; i >= 0; i = came[steps[i].from] {
		if steps[i].grows {
			steps[i].amount.amount += by
		} else {
			steps[i].amount.amount -= by
		}
	}
	w.cells[x].amount += sign * by
	return true
}
