package regulation

import (
	"cmp"
	"maps"
	"slices"
)

// Public figures down to halls (7(1), R21). The halls of a county and its departments part the county's total in two ways: whoever
// reads both knows the sums of the rows and of the columns of a table of which nothing else is shown, and of those that are left out
// only what is left. What was rated at no hall, online or by telephone, is one more column. A cell of that table is how a
// department was rated at a hall: as any other count it must not be told to be under Few (R04).

// hallCell is how a department was rated at a hall, "" for none. There are only those where somebody rated, and the reader is taken to
// know which they are.
type hallCell struct {
	unit, hall int // by their places in the table
	good, bad  int64
}

func (c hallCell) rated() int64 { return c.good + c.bad }

// hallEdge is a row or a column: what everybody knows of it.
type hallEdge struct {
	key string
	// line is how it is shown, nil where it is left out; then at most most rated.
	line *PublicLine
	most int64
}

// hallTable is a county's quarter by department and hall, with what is told of it.
type hallTable struct {
	rule         PublicRule
	units, halls []hallEdge
	cells        []hallCell
	least, most  int64 // bad ratings that the county may have as everybody knows
}

// noMost bounds nothing.
const noMost = 1 << 40

// publicHalls are the halls of a county, all that have enough ratings or none: none where a cell would be told beside what is shown of the
// county already. To leave out some of them would tell of those that are shown, of how they were rated it depends which.
func (r PublicRule) publicHalls(f Sealed, county PublicLine, units []PublicLine) (lines []PublicLine) {
	t := r.hallTable(f, county, units)
	t.least, t.most = r.between(county)
	for i, hall := range t.halls {
		if line, enough := r.line(t.lineOf(i)); hall.key != "" && enough {
			t.halls[i].line = &line
			lines = append(lines, line)
		}
	}
	if len(lines) == 0 || t.tells() {
		return nil
	}
	slices.SortFunc(lines, func(a, b PublicLine) int { return cmp.Compare(a.Key, b.Key) }) // their order in the table tells which cells are empty
	return lines
}

// hallTable has each department and each hall of a county where somebody rated.
func (r PublicRule) hallTable(f Sealed, county PublicLine, units []PublicLine) (t hallTable) {
	t.rule = r
	rest := map[string]Tally{} // of each department, at no hall
	rows, columns := map[string]int{}, map[string]int{}
	for _, unit := range f.Figures.Units {
		if unit.Under != county.Key || unit.Net.Rated() == 0 {
			continue
		}
		row := hallEdge{key: unit.Key, most: noMost}
		if i := slices.IndexFunc(units, func(l PublicLine) bool { return l.Key == unit.Key }); i >= 0 {
			row.line = &units[i]
		} else if units != nil {
			row.most = r.Fewest - 1
		}
		rows[unit.Key], rest[unit.Key] = len(t.units), unit.Net
		t.units = append(t.units, row)
	}
	add := func(unit, hall string, net Tally) {
		if _, known := columns[hall]; !known {
			columns[hall] = len(t.halls)
			t.halls = append(t.halls, hallEdge{key: hall, most: noMost})
		}
		t.cells = append(t.cells, hallCell{rows[unit], columns[hall], net.Good(), net.Bad()})
	}
	for _, cell := range f.Figures.HallUnits {
		if _, of := rows[cell.Key]; of && cell.Net.Rated() > 0 {
			add(cell.Key, cell.Under, cell.Net)
			rest[cell.Key] = rest[cell.Key].Plus(cell.Net.Times(-1))
		}
	}
	for _, unit := range slices.Sorted(maps.Keys(rest)) {
		if rest[unit].Rated() > 0 {
			add(unit, "", rest[unit])
		}
	}
	for i := range t.halls {
		if t.halls[i].key != "" {
			t.halls[i].most = r.Fewest - 1
		}
	}
	return t
}

// lineOf is the sum of a column.
func (t hallTable) lineOf(hall int) SealedLine {
	line := SealedLine{Key: t.halls[hall].key}
	for _, c := range t.cells {
		if c.hall == hall {
			line.Net = line.Net.Plus(Tally{Grades: [5]int64{c.bad, 0, 0, 0, c.good}})
		}
	}
	return line
}

// tells tells whether it cannot be shown of each cell that its good and its bad ratings may be Few or more. It is shown by a table that
// differs in nothing that is told. Tables are looked for by moving good ratings alone, bad ones alone, or by calling good what is bad
// and the reverse, one after the other: what is found so can be, though not all that can be is found.
func (t hallTable) tells() bool {
	for x, c := range t.cells {
		if c.bad < t.rule.Few && !t.canHave(x, t.rule.Few, moveBad, moveGood) || c.good < t.rule.Few && !t.canHave(x, t.rule.Few, moveGood, moveBad) {
			return true
		}
	}
	return false
}

// hallMove is what one step of the search changes.
type hallMove int

const (
	moveGood hallMove = iota // good ratings go elsewhere, bad ones stay
	moveBad
	turnBad // at each department and hall as many rated as before, more or fewer of them bad
)

// canHave tells whether a cell may have so many ratings of what move moves; other moves the rest.
func (t hallTable) canHave(x int, want int64, move, other hallMove) bool {
	if t.moved(x, want, move).of(x, move) >= want {
		return true
	}
	for _, first := range [][]hallMove{nil, {other}, {move}, {other, move}} {
		world := t
		for _, m := range first {
			world = world.moved(x, want, m)
		}
		if world.turned(x, want, move).of(x, move) >= want {
			return true
		}
	}
	return false
}

func (t hallTable) of(x int, m hallMove) int64 {
	if m == moveBad {
		return t.cells[x].bad
	}
	return t.cells[x].good
}

// moved is a table in which a cell has so many good or bad ratings, or as near to it as it can have by moving those alone.
func (t hallTable) moved(x int, want int64, m hallMove) hallTable {
	w := t.flow(m)
	for w.cells[x].amount < want && w.push(x, want-w.cells[x].amount) {
	}
	return t.with(w, m)
}

// turned does so by turning good ratings of the cell bad, or bad ones good, and others elsewhere.
func (t hallTable) turned(x int, want int64, m hallMove) hallTable {
	w := t.flow(turnBad)
	if m == moveBad {
		for w.cells[x].amount < want && w.push(x, want-w.cells[x].amount) {
		}
	} else {
		for rated := t.cells[x].rated(); rated-w.cells[x].amount < want && w.pull(x, want-rated+w.cells[x].amount); {
		}
	}
	return t.with(w, turnBad)
}

// with is a table after a step.
func (t hallTable) with(w *hallFlow, m hallMove) hallTable {
	cells := slices.Clone(t.cells)
	for i := range cells {
		switch n := w.cells[i].amount; m {
		case moveGood:
			cells[i].good = n
		case moveBad:
			cells[i].bad = n
		default:
			cells[i].good, cells[i].bad = cells[i].rated()-n, n
		}
	}
	t.cells = cells
	return t
}

// bounds are how many ratings of what moves a row or a column may have, of which it has has and in all rated.
func (t hallTable) bounds(e hallEdge, has, rated int64, m hallMove) (least, most int64) {
	switch {
	case m != turnBad && e.line != nil: // who rated otherwise stays, and so many rated
		return has, has
	case m != turnBad:
		return 0, max(has, e.most-(rated-has))
	case e.line != nil:
		return t.rule.between(*e.line)
	}
	return 0, rated
}

// flow is the table as amounts that can be moved.
func (t hallTable) flow(m hallMove) *hallFlow {
	w := &hallFlow{units: make([]hallAmount, len(t.units)), halls: make([]hallAmount, len(t.halls))}
	ratedUnits, ratedHalls := make([]int64, len(t.units)), make([]int64, len(t.halls))
	for _, c := range t.cells {
		a := hallAmount{amount: c.good, least: max(0, 1-c.bad), most: noMost} // somebody rated there, as is known
		switch m {
		case moveBad:
			a.amount, a.least = c.bad, max(0, 1-c.good)
		case turnBad:
			a = hallAmount{amount: c.bad, most: c.rated()}
		}
		w.cells = append(w.cells, a)
		w.at = append(w.at, [2]int{c.unit, c.hall})
		w.units[c.unit].amount += a.amount
		w.halls[c.hall].amount += a.amount
		w.whole.amount += a.amount
		ratedUnits[c.unit] += c.rated()
		ratedHalls[c.hall] += c.rated()
	}
	for i := range w.units {
		a := &w.units[i]
		a.least, a.most = t.bounds(t.units[i], a.amount, ratedUnits[i], m)
	}
	for i := range w.halls {
		a := &w.halls[i]
		a.least, a.most = t.bounds(t.halls[i], a.amount, ratedHalls[i], m)
	}
	if w.whole.least, w.whole.most = w.whole.amount, w.whole.amount; m == turnBad {
		w.whole.least, w.whole.most = t.least, t.most
	}
	return w
}
