package regulation

import (
	"time"

	"haochaping/workday"
)

// serveNotice serves the redacted notice on the rated side before the batch would (R57). Its
// content is the grade, the dimensions, the chosen options and the ISO week: never the rater,
// the free text or the hour.
var serveNotice = Spec{
	Kind: ActServeNotice, Clause: ClauseRights, Side: SideAuthority, Roles: []Role{Verifier}, Joins: ActRecordFinding,
	check: func(m *move) *Error {
		if !m.c.Notice.ServedAt.IsZero() {
			return refuse(NotNow, "", "notice_served")
		}
		return nil
	},
	effect: func(m *move) { m.serve("act") },
}

// serve serves the notice once, on the unit's head and on the person rated, not on their
// colleagues; the appeal window counts from service.
func (m *move) serve(how string) {
	if !m.c.Notice.ServedAt.IsZero() {
		return
	}
	m.c.Notice.ServedAt, m.c.Notice.How = m.at, how
	m.c.Notice.AppealUntil = m.dueIn(AppealDays).at
	m.event.AppealUntil = m.c.Notice.AppealUntil
	m.event.Data["notice_served"] = how
	m.event.Notify = append(m.event.Notify, Seat{UnitHead, m.c.Rated.Unit})
	m.event.NotifyStaff = m.c.Rated.Staff
	m.end(DueMet, func(d Deadline) bool { return d.Kind == DeadlineNotice })
}

func (m *move) nextOpening() time.Time {
	d := m.rules.Calendar.Add(workday.DateOf(m.at), 1)
	return m.rules.Hours.Opening(d.Date)
}
