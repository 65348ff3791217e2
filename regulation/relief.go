package regulation

import "slices"

// RaisedNobodyLeft says of a step that whoever might have done it had a part in the case, at the authority and one level up: it lies
// before those of them whom only their part in this very decision would bar.
const RaisedNobodyLeft = "nobody_left"

// RaisedNobodyAtAll says of a step that nobody may do it, at the authority or one level up, be it those who are left: the head above is told
// and has to see to it that somebody is appointed.
const RaisedNobodyAtAll = "nobody_at_all"

// RaisedForNow are the reasons of steps that go to others as soon as somebody comes who may do them, to whatever seat.
var RaisedForNow = []string{RaisedNobodyLeft, RaisedNobodyAtAll}

// barredBy is the part that bars a person from the act on the case as it stands, "" for none: any that the specification names, or,
// while the step lies before those who are left, that the decision it is about is their own (2, 9(2)).
func (s Spec) barredBy(c Case, person string) Part {
	if await := c.Await(s.Awaited()); await != nil && await.Raised == RaisedNobodyLeft {
		if !contains(s.own(c), person) {
			return ""
		}
		for _, part := range []Part{PartApproved, PartDecided, PartConfirmed, PartWriteOff, PartFlagged} {
			if contains(s.Not, part) && c.took(part, person) {
				return part
			}
		}
		return PartWriteOff
	}
	for _, part := range s.Not {
		if c.took(part, person) {
			return part
		}
	}
	return ""
}

// strictly is the case as if the act's step lay before people who had no part in it.
func (c Case) strictly(spec Spec) Case {
	if await := c.Await(spec.Awaited()); await == nil || await.Raised != RaisedNobodyLeft {
		return c
	}
	return c.raised(spec, "")
}

// raised is the case with the act's step before others, for a reason.
func (c Case) raised(spec Spec, reason string) Case {
	c.Awaiting = slices.DeleteFunc(slices.Clone(c.Awaiting), func(a Await) bool { return a.Act == spec.Awaited() })
	c.Awaiting = append(c.Awaiting, Await{Act: spec.Awaited(), Raised: reason})
	return c
}

// leftSeats are before whom an act lies of which everybody eligible is barred by some part in the case, the first of those places where
// anybody is: without it a rater's objection would wait until somebody else is appointed. Nil where the act has no such way, or where
// nobody is left either way.
func (r Rules) leftSeats(c Case, spec Spec, places ...func(Case) []Seat) []Seat {
	if spec.own == nil {
		return nil
	}
	c = c.raised(spec, RaisedNobodyLeft)
	for _, at := range places {
		if seats := at(c); len(seats) > 0 {
			return seats
		}
	}
	return nil
}

// leftAt are those with some roles at an organisation, for leftSeats.
func (r Rules) leftAt(spec Spec, org string, roles ...Role) func(Case) []Seat {
	return func(c Case) []Seat { return r.eligible(c, spec, roles, org) }
}

// officersLeft are the discipline officers of an area, for leftSeats.
func (r Rules) officersLeft(spec Spec, area string) func(Case) []Seat {
	return func(c Case) []Seat { return r.officers(c, spec, area) }
}
