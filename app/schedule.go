package app

import (
	"context"
	"errors"
	"strings"
	"time"

	"haochaping/store"
	"haochaping/workday"
)

// schedule says when the checks are due. The zero value is never.
type schedule struct {
	daily time.Duration // after midnight in Asia/Shanghai, where every is zero
	every time.Duration
	on    bool
}

// parseSchedule reads a time of day, an interval of at least a minute, or off.
func parseSchedule(text string) (s schedule, err error) {
	if text == "off" {
		return s, nil
	}
	s.on = true
	if strings.Contains(text, ":") {
		at, err := time.Parse("15:04", text)
		if err != nil {
			return schedule{}, errors.New("want a time of day such as 02:30")
		}
		s.daily = time.Duration(at.Hour())*time.Hour + time.Duration(at.Minute())*time.Minute
		return s, nil
	}
	s.every, err = time.ParseDuration(text)
	if err != nil || s.every < time.Minute {
		return schedule{}, errors.New("want a time of day such as 02:30, an interval such as 6h of at least a minute, or off")
	}
	return s, nil
}

// turn is the latest instant at or before now at which the checks were due.
func (s schedule) turn(now time.Time) time.Time {
	if s.every > 0 {
		return now.Truncate(s.every)
	}
	local := now.In(workday.Shanghai)
	turn := time.Date(local.Year(), local.Month(), local.Day(), 0, 0, 0, 0, workday.Shanghai).Add(s.daily)
	if turn.After(now) {
		turn = turn.AddDate(0, 0, -1)
	}
	return turn
}

// makeUp is how long a process runs before it takes a turn that fell into a time when none ran: an
// office that switches its machine off at night is checked in the morning, after the start's own work.
const makeUp = 10 * time.Minute

// verifyInTurn runs the checks when their turn has come and no other node is at it: one that a process
// began and did not end is taken up again.
func (a *App) verifyInTurn(ctx context.Context) error {
	plan, err := parseSchedule(a.settings.Verify)
	if err != nil || !plan.on {
		return err
	}
	now := time.Now()
	turn := plan.turn(now)
	if turn.Before(a.began) && now.Sub(a.began) < makeUp {
		return nil
	}
	open, err := a.record.TurnOpen(ctx, turn)
	if err != nil || !open {
		return err
	}
	ctx, release, err := a.holdLong(ctx, store.LeaseVerify)
	if err != nil || ctx == nil {
		return err
	}
	defer release()
	checks, err := a.verify(ctx, Verification{Origin: store.OriginSchedule}, turn)
	if err != nil {
		return err
	}
	found, began := int64(0), now
	for _, c := range checks {
		found += c.Found
	}
	switch {
	case checks == nil: // another node has ended it meanwhile
	case found > 0:
		a.log.Error("the checks found what is not as it must be: see verify", "found", found, "took", time.Since(began))
	default:
		a.log.Info("verified", "took", time.Since(began))
	}
	return nil
}

// beatEvery is how often a node tells that it is up; what is shorter is no outage.
const beatEvery = 10 * time.Second

// upSince is when a node's present stretch of being up began, and when it was told last.
type upSince struct{ began, told time.Time }

// beat notes that deadlines can be recorded by this node. After a pause, in which the engine was away
// or the machine slept, a new stretch begins.
func (a *App) beat(ctx context.Context) error {
	now := time.Now().Round(0) // the wall clock: a suspended machine's monotonic one stands still
	if now.Sub(a.up.told) > 3*beatEvery {
		a.up.began = time.Time{}
	}
	began, err := a.record.Beat(ctx, a.node, a.up.began)
	if err == nil {
		a.up = upSince{began, now}
	}
	return err
}
