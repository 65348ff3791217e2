package store

import (
	"strconv"
	"time"

	"haochaping/regulation"
	"haochaping/workday"
)

// seal seals what a demo's figures come to on the first workday of each half of a month, as the product would every day: so that what came late, and
// what was written off later, made versions of their own.
func (h *history) seal(day workday.Date) error {
	half := regulation.MonthOf(day)
	if _, _, of := day.Civil(); of > 15 {
		half += "/2"
	}
	if half == h.sealed {
		return nil
	}
	h.sealed = half
	if err := h.sequenceAll(h.ctx); err != nil {
		return err
	}
	const most = 5000
	token, held, err := h.AcquireLease(h.ctx, LeaseFigures, "demo", time.Minute)
	for read := most; err == nil && held && read == most; {
		read, err = h.FollowFigures(h.ctx, token, most)
	}
	if err != nil || !held {
		return err
	}
	if err := h.ReleaseLease(h.ctx, LeaseFigures, token); err != nil {
		return err
	}
	if token, held, err = h.AcquireLease(h.ctx, LeaseSealing, "demo", time.Minute); err != nil || !held {
		return err
	}
	if _, err := h.SealFigures(h.ctx, token); err != nil {
		return err
	}
	return h.ReleaseLease(h.ctx, LeaseSealing, token)
}

// lateStep is done on the first workday from a day on.
type lateStep struct {
	from workday.Date
	do   func() error
}

// lateForms are paper forms of the second month of a demo's history, entered when that month is sealed already (7(1)): from a box of
// Luding's hall that was taken away since.
func (h *history) lateForms(begins workday.Date) []lateStep {
	first, _ := regulation.ParsePeriod(regulation.MonthOf(begins))
	month, _ := first.Next().Days()
	_, last := first.Next().Days()
	all, by := regulation.Scope{All: true}, demoReading{"513322-w01", "A01", "ld-entry-1", "ld-entry-2"}
	grades := []int{5, 4, 5, 5, 3, 4}
	var box, opening string
	var serials []string
	put := func() (err error) {
		if err = h.know("ld-supervisor-1", "ld-keeper-1", by.first, by.second); err != nil {
			return err
		}
		box, err = h.RegisterBox(h.ctx, all, regulation.Values{"box_hall": {"513322-hall"}, "box_place": {"二楼等候区"}}, h.people["ld-supervisor-1"])
		if err != nil {
			return err
		}
		if err := h.KeepBox(h.ctx, all, box, regulation.Values{"box_keeper": {h.people["ld-keeper-1"].Person}}, h.people["ld-supervisor-1"]); err != nil {
			return err
		}
		if _, err := h.IssueBatch(h.ctx, all, box, regulation.Values{"batch_count": {"20"}}, h.people["ld-keeper-1"]); err != nil {
			return err
		}
		batches, err := h.Batches(h.ctx, all, box)
		if err == nil {
			serials = batches[0].Serials()
		}
		return err
	}
	open := func() (err error) {
		opening, err = h.RecordOpening(h.ctx, all, box, regulation.Values{"opened_on": {workday.DateOf(h.now()).String()}, "opened_time": {"16:30"},
			"second_opener": {h.people["ld-supervisor-1"].Person}, "old_seal_state": {regulation.SealIntact}, "old_seal": {demoSeal(box, 0)}, "new_seal": {demoSeal(box, 1)},
			"counted": {strconv.Itoa(len(grades))}}, h.people["ld-keeper-1"])
		if err == nil {
			err = h.confirm(opening, h.people["ld-supervisor-1"])
		}
		return err
	}
	enter := func() error {
		if err := h.count(by, opening, serials, grades); err != nil {
			return err
		}
		return h.SetBoxState(h.ctx, all, box, regulation.Values{"box_state": {string(regulation.BoxRemoved)}, "box_reason": {"等候区改造，意见箱撤除"}}, h.people["ld-supervisor-1"])
	}
	return []lateStep{{month.AddDays(14), put}, {last.AddDays(-5), open}, {last.AddDays(6), enter}}
}

// doLate does what is due on the late forms, a step a day.
func (h *history) doLate(day workday.Date) error {
	if len(h.late) == 0 || day.Before(h.late[0].from) {
		return nil
	}
	step := h.late[0]
	h.late = h.late[1:]
	return step.do()
}
