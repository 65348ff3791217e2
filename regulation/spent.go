package regulation

import (
	"cmp"
	"slices"
	"time"

	"haochaping/workday"
)

// Spent tells with whom the working days of one round of clause 7(3) lay, from its first order until
// the accepted submission was judged: the authority's own are apart from the unit's (R34), and those
// on which the clock stood still from both. Each day counts once.
type Spent struct {
	Unit      int `json:"unit"`
	Authority int `json:"authority"` // it judged a submission, or no unit had the order
	Paused    int `json:"paused"`
}

// Rounds are the clocks of clause 7(3), the first round's first and the one that counts now last; none
// before the first order.
func (c Case) Rounds() []Rectifying {
	return slices.DeleteFunc(append(slices.Clone(c.Earlier), c.Clock), func(k Rectifying) bool { return k.From.IsZero() })
}

// DaysSpent tells the days of each of the Rounds, of one that is not over until now. The day of the
// order does not count (Civil Code, article 201), and each later one is of whoever had the case as it began.
func (c Case) DaysSpent(calendar workday.Calendar, now time.Time) []Spent {
	rounds := c.Rounds()
	spent := make([]Spent, len(rounds))
	for i, k := range rounds {
		end := now
		if i+1 < len(rounds) {
			end = rounds[i+1].From
		}
		end = c.roundEnd(k, end)
		last := workday.DateOf(end)
		for day := workday.DateOf(k.From).AddDays(1); !day.After(last); day = day.AddDays(1) {
			if calendar.IsWorkday(day) {
				spent[i].count(c.holder(k, day.Start(), end))
			}
		}
	}
	return spent
}

// roundEnd is when a round was over: accepted, written off, or at the latest at an instant.
func (c Case) roundEnd(k Rectifying, latest time.Time) time.Time {
	end := cmp.Or(k.AcceptedAt, latest)
	if w := c.WriteOff; w.Voided && w.EffectiveAt.After(k.From) && w.EffectiveAt.Before(end) { // nobody has it any more
		return w.EffectiveAt
	}
	return end
}

func (s *Spent) count(side Side, paused bool) {
	switch {
	case side == SideAuthority:
		s.Authority++
	case paused:
		s.Paused++
	default:
		s.Unit++
	}
}

// holder is who had the case of a round at an instant, and whether the unit's days stood still then:
// the authority's never do, it has the case while it judges and while no unit has the order.
func (c Case) holder(k Rectifying, at, end time.Time) (side Side, paused bool) {
	within := func(from, to time.Time) bool { return !from.After(at) && at.Before(cmp.Or(to, end)) }
	if slices.ContainsFunc(k.Submitted, func(s Submission) bool { return within(s.At, s.JudgedAt) }) {
		return SideAuthority, false
	}
	for i, o := range c.Orders {
		if o.IssuedAt.Before(k.From) || o.ReturnedAt.IsZero() {
			continue
		}
		next := end
		if i+1 < len(c.Orders) {
			next = c.Orders[i+1].IssuedAt
		}
		if within(o.ReturnedAt, next) {
			return SideAuthority, false
		}
	}
	return SideUnit, slices.ContainsFunc(k.Pauses, func(p Pause) bool { return within(p.From, p.To) })
}
