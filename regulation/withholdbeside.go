package regulation

// besideCells are counts that bulletins and public figures tell of, and how they add up.
type besideCells struct {
	cells []span // what is told of each; nothing of one that is withheld
	sums  []Sum
}

func (b *besideCells) add(told span) int {
	b.cells = append(b.cells, told)
	return len(b.cells) - 1
}

func (b *besideCells) sum(total int, parts ...int) {
	if len(parts) > 0 {
		b.sums = append(b.sums, Sum{total, parts})
	}
}

// spans narrows what a reader knows by each sum until no sum says more.
func (b *besideCells) spans() []span {
	known := append([]span(nil), b.cells...)
	for narrowed, rounds := true, 0; narrowed && rounds < 1000; rounds++ { // figures of two versions may not add up, and narrow for ever
		narrowed = false
		for _, sum := range b.sums {
			narrowed = tighten(known, sum) || narrowed
		}
	}
	return known
}
