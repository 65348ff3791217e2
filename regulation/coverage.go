package regulation

import "slices"

// Coverage (2, "全面覆盖", R03): whatever serves the public can be rated, and what cannot is listed by name.

// Way is a way by which a citizen rates (6(1) to 6(4)).
type Way string

const (
	WayEvaluator Way = "evaluator" // a device that works stands at the window (6(1))
	WayCode      Way = "code"      // the window's or matter's code leads to the page (6(3))
	WayBox       Way = "box"       // a box in use that somebody keeps stands in the hall (6(2))
	WayPortal    Way = "portal"    // the provincial portal or app sends ratings of it (6(3))
	WayHotline   Way = "hotline"   // the hotline takes ratings (6(4))
)

// Ways are all of them, in the order of the regulation.
var Ways = []Way{WayEvaluator, WayBox, WayCode, WayPortal, WayHotline}

// CoverKind is a kind of what has to be covered.
type CoverKind string

const (
	CoverCounty   CoverKind = "county"
	CoverTownship CoverKind = "township"
	CoverHall     CoverKind = "hall" // also a service centre
	CoverWindow   CoverKind = "window"
	CoverMatter   CoverKind = "matter"
	CoverStaff    CoverKind = "staff"
)

// CoverKinds are all of them, from the widest to the narrowest.
var CoverKinds = []CoverKind{CoverCounty, CoverTownship, CoverHall, CoverWindow, CoverMatter, CoverStaff}

// Lack is why something is not wholly covered.
type Lack string

const (
	LackHall      Lack = "no_hall"      // no hall or service centre stands in the division
	LackWindow    Lack = "no_window"    // the hall, or the matter's unit, has no window
	LackEvaluator Lack = "no_evaluator" // no device works there; a code on the wall does not make up for it (6(1))
	LackBox       Lack = "no_box"       // no box in use with a keeper (6(2))
	LackRoster    Lack = "no_roster"    // nobody is on the window's roster today, or the person is on none
	LackProfile   Lack = "no_profile"   // photo, name, post or position is not published (6(1))
	LackCode      Lack = "no_code"      // it has no code of its own (6(3))
	LackTask      Lack = "no_task_code" // the portal cannot name it without the national code of the matter
)

// Lacks are all of them.
var Lacks = []Lack{LackHall, LackWindow, LackEvaluator, LackBox, LackRoster, LackProfile, LackCode, LackTask}

// CoverFact is what the record knows of one thing that has to be covered.
type CoverFact struct {
	Kind CoverKind
	ID   string
	Area string // 6 digits
	In   string // the organisation that it belongs to: a window's hall, a matter's and a person's unit, a place's own id
	// As the public knows it, in Chinese and, where there is one, English; "" where the tree names it.
	Name, NameEN string

	Evaluator, Box, Code, Portal bool // what works there
	Below                        []Way
	Halls, Windows, Serving      int // how many; Serving on today's roster
	Unpublished                  bool
}

// Cover is one thing with the ways by which it can be rated now, and what it lacks.
type Cover struct {
	CoverFact
	Ways  []Way
	Lacks []Lack
}

// Rateable tells whether it can be rated at all.
func (c Cover) Rateable() bool { return len(c.Ways) > 0 }

// Whole tells whether nothing is missing that the regulation asks for.
func (c Cover) Whole() bool { return len(c.Lacks) == 0 }

// CoverOf judges one thing. A code counts as a way, and yet a window without a device that works lacks one.
func CoverOf(f CoverFact) Cover {
	c := Cover{CoverFact: f}
	for _, way := range Ways {
		if f.works(way) {
			c.Ways = append(c.Ways, way)
		}
	}
	for _, lack := range Lacks {
		if f.lacks(lack) {
			c.Lacks = append(c.Lacks, lack)
		}
	}
	return c
}

func (f CoverFact) works(way Way) bool {
	switch way {
	case WayEvaluator:
		return f.Evaluator || slices.Contains(f.Below, way)
	case WayBox:
		return f.Box || slices.Contains(f.Below, way)
	case WayCode:
		return f.Code || slices.Contains(f.Below, way)
	case WayPortal:
		return f.Portal || slices.Contains(f.Below, way)
	case WayHotline:
		return slices.Contains(f.Below, way)
	}
	return false
}

func (f CoverFact) lacks(lack Lack) bool {
	division, hall := f.Kind == CoverCounty || f.Kind == CoverTownship, f.Kind == CoverHall
	window, matter, staff := f.Kind == CoverWindow, f.Kind == CoverMatter, f.Kind == CoverStaff
	switch lack {
	case LackHall:
		return division && f.Halls == 0
	case LackWindow:
		return (hall || matter) && f.Windows == 0
	case LackEvaluator:
		return window && !f.Evaluator || (division && f.Halls > 0 || (hall || matter) && f.Windows > 0) && !f.works(WayEvaluator)
	case LackBox:
		return hall && !f.Box
	case LackRoster:
		return (window || staff) && f.Serving == 0
	case LackProfile:
		return staff && f.Unpublished
	case LackCode:
		return (window || matter) && !f.Code
	case LackTask:
		return matter && !f.Portal
	}
	return false
}

// Covered counts things of one kind: all, those that can be rated at all, and those that lack nothing.
type Covered struct {
	All, Rateable, Whole int
}

// Percent is the share that can be rated at all, in hundredths, rounded down, so that only all is 100; 100 of nothing.
func (c Covered) Percent() float64 {
	if c.All == 0 {
		return 100
	}
	return float64(c.Rateable*10_000/c.All) / 100
}

// Add counts one more.
func (c *Covered) Add(one Cover) {
	c.All++
	if one.Rateable() {
		c.Rateable++
	}
	if one.Whole() {
		c.Whole++
	}
}
