package regulation

// besideCell is a count among others, of which some are told elsewhere.
type besideCell struct {
	n     int
	shown span // what a reader knows of it where it is shown
	most  int  // that it can be, 0 for no bound, where it is not
	// fixed: it is told elsewhere and cannot be withheld here.
	fixed  bool
	hidden bool
	// guarded: of it may not be told that it is under FewestShown.
	guarded bool
	// was is what was told of it before where it has changed by few since: that it has may not be told either.
	was *int
}

// besideCells are counts with the sums that a reader knows of.
type besideCells struct {
	cells []besideCell
	sums  []Sum
}

func (b *besideCells) add(c besideCell) int {
	b.cells = append(b.cells, c)
	return len(b.cells) - 1
}

func (b *besideCells) sum(total int, parts ...int) {
	if len(parts) > 0 {
		b.sums = append(b.sums, Sum{total, parts})
	}
}

// withhold hides so many counts that of none that is guarded can be told that it is under FewestShown, nor which fewer than FewestShown
// values it may have, and of none that stands as it was told that it has changed.
func (b *besideCells) withhold() {
	for {
		exposed := b.exposed()
		if exposed < 0 {
			return
		}
		if !b.hideBeside(exposed) {
			for i := range b.cells { // nothing is left to hide behind
				b.cells[i].hidden = !b.cells[i].fixed
			}
			return
		}
	}
}

// spans narrows what a reader knows by each sum until no sum says more.
func (b *besideCells) spans() []span {
	known := make([]span, len(b.cells))
	for i, c := range b.cells {
		known[i] = c.shown
		if c.hidden {
			if known[i] = (span{0, unbounded}); c.most > 0 {
				known[i].most = c.most
			}
		}
	}
	for narrowed, rounds := true, 0; narrowed && rounds < 1000; rounds++ { // figures of two versions may not add up, and narrow for ever
		narrowed = false
		for _, sum := range b.sums {
			narrowed = tighten(known, sum) || narrowed
		}
	}
	return known
}

// exposed is the place of a count that is told, -1 for none.
func (b *besideCells) exposed() int {
	known := b.spans()
	for i, c := range b.cells {
		s := known[i]
		switch {
		case c.fixed:
		case c.guarded && (s.most < FewestShown || s.most-s.least < FewestShown-1):
			return i
		case c.was != nil && c.n != *c.was && (*c.was < s.least || *c.was > s.most || s.most-s.least < FewestShown-1):
			return i
		}
	}
	return -1
}

// hideBeside withholds one more count: of those shown that stand in a sum with an exposed one, or with one hidden beside it, the smallest,
// parts before totals. False where there is none.
func (b *besideCells) hideBeside(exposed int) bool {
	if c := &b.cells[exposed]; !c.hidden {
		c.hidden = true
		return true
	}
	reached, total := map[int]bool{exposed: true}, map[int]bool{}
	for range b.sums {
		best := -1
		for _, sum := range b.sums {
			all := append([]int{sum.Total}, sum.Parts...)
			any := false
			for _, i := range all {
				any = any || reached[i]
			}
			if !any {
				continue
			}
			total[sum.Total] = true
			for _, i := range all {
				c := b.cells[i]
				switch {
				case c.hidden || c.fixed && c.shown.least < c.shown.most:
					reached[i] = true
				case c.fixed:
				case best < 0 || total[best] && !total[i] || total[best] == total[i] && c.n < b.cells[best].n:
					best = i
				}
			}
		}
		if best >= 0 {
			b.cells[best].hidden = true
			return true
		}
	}
	return false
}
