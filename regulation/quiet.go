package regulation

import (
	"time"

	"haochaping/workday"
)

// Kinds of what people are told outside the product.
const (
	ToldStep       = "step"       // an act lies before them
	ToldDue        = "due"        // its time ends by the next working day
	ToldOverdue    = "overdue"    // its time has ended
	ToldEscalation = "escalation" // a case was laid before their level
	ToldMessage    = "message"    // there is a message within the product
	ToldAlarm      = "alarm"      // something of their area is wrong
)

// ToldKinds are all of them, in the order in which pages show them.
var ToldKinds = []string{ToldStep, ToldDue, ToldOverdue, ToldEscalation, ToldMessage, ToldAlarm}

// UrgentKinds may be told in quiet hours, where a person wants that.
var UrgentKinds = []string{ToldOverdue, ToldEscalation}

// Quiet is when a person is not told anything outside the product.
type Quiet struct {
	From, Until time.Duration // since midnight in Asia/Shanghai; over midnight where From is later; equal: never
	FreeDays    bool          // and on days that are no working days
	Urgent      bool          // but for what is urgent
}

// UsualQuiet is that of whoever has not chosen: from 21:00 to 08:00, and on free days.
var UsualQuiet = Quiet{From: 21 * time.Hour, Until: 8 * time.Hour, FreeDays: true}

// Next is the first instant from one on at which it is not quiet.
func (q Quiet) Next(at time.Time, calendar workday.Calendar) time.Time {
	for {
		day := workday.DateOf(at)
		if q.FreeDays && !calendar.IsWorkday(day) {
			at = day.AddDays(1).Start()
			continue
		}
		over := q.over(day, at.Sub(day.Start()))
		if over.IsZero() {
			return at
		}
		at = over
	}
}

// over is when the quiet hours end that an hour of a day lies in, zero where it lies in none.
func (q Quiet) over(day workday.Date, hour time.Duration) time.Time {
	switch {
	case q.From < q.Until && hour >= q.From && hour < q.Until, q.From > q.Until && hour < q.Until:
		return day.Start().Add(q.Until)
	case q.From > q.Until && hour >= q.From:
		return day.AddDays(1).Start().Add(q.Until)
	}
	return time.Time{}
}
