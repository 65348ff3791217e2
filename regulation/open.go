package regulation

import (
	"fmt"
	"time"

	"haochaping/workday"
)

// Opening is what is known when a bad rating opens its case.
type Opening struct {
	ID, Number, RatingID string
	Edition              string
	Grade                Grade
	Area                 string
	Authority, Upper     string
	Rated                Rated
	MatterStatus         string
	Contactable, Named   bool      // the vault holds a way to reach the rater, and a name
	RatedAt              time.Time // coarsened to its ISO week in the notice
	// Crowd is how many rated at the same place in the CrowdDays before, as they were counted last; 0 where nobody counted.
	Crowd int
}

// CrowdDays are the days over which a place's ratings are counted against NoticeCrowd.
const CrowdDays = 28

// Open opens the case of a bad rating (clause 7(2)): it waits to be accepted, and the delayed
// batch that serves the notice of R57 is set where many rate: among few the day of a batch would tell whose rating it
// is, and the notice is served with the finding, at the latest that R57 knows. One rating opens one case; that is the store's
// unique row, not this function's.
func (r Rules) Open(o Opening, at time.Time) (Case, Event) {
	c := Case{ID: o.ID, Number: o.Number, RatingID: o.RatingID, Edition: o.Edition, OpenedAt: at, Grade: o.Grade,
		Area: o.Area, Authority: o.Authority, Upper: o.Upper, Rated: o.Rated, Unit: o.Rated.Unit,
		Contactable: o.Contactable, Named: o.Contactable && o.Named, Matter: MatterState{AtRating: o.MatterStatus}}
	m := r.begin(c, at)
	m.c.Phase = PhaseOpened
	m.event.Kind, m.event.Name, m.event.Clause = EventOpened, "opened", ClauseVerify
	m.event.Data["grade"] = fmt.Sprint(int(o.Grade))
	m.c.Notice.Period = PeriodOf(o.RatedAt)
	if !o.Contactable {
		m.exemptNoContact()
	}
	m.await(ActAccept)
	if o.Crowd >= r.Params.Days(NoticeCrowd) {
		m.arm(Deadline{Kind: DeadlineNotice}, m.noticeBatch())
	}
	return *m.c, m.finish()
}

// noticeBatch is the opening of the working day on which the next batch of notices goes out:
// delayed, so that the hour of service tells nothing about the hour of the rating.
func (m *move) noticeBatch() due {
	s := m.rules.span(m.at, NoticeDays)
	s.Opening = true
	return m.rules.count(s)
}

// PeriodOf is the ISO week of a rating, such as 2026-W48: nothing finer of it is told the rated side.
func PeriodOf(ratedAt time.Time) string {
	year, week := ratedAt.In(workday.Shanghai).ISOWeek()
	return fmt.Sprintf("%d-W%02d", year, week)
}
