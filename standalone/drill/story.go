package drill

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"haochaping/regulation"
	"haochaping/standalone/visit"
	"haochaping/store"
	"haochaping/workday"
)

// story is one bad rating on its path.
type story struct {
	*town
	script  script
	rater   Rater
	id      string
	receipt string
	citizen *person
	change  workday.Date // the new edition's first day
	began   time.Time
	ended   time.Time
	err     error // how it went wrong
	edition string
	// behind is by how much of the drill's time the machine was too slow for one step, at the most.
	behind      time.Duration
	lags        []time.Duration // of every step
	met, passed int             // steps' deadlines
}

// live rates badly at a window and follows the script to its end.
func (s *story) live(ctx context.Context, window string) {
	s.began = s.now()
	s.err = s.open(ctx, window)
	s.since(s.began)
	if s.err == nil {
		s.err = s.follow(ctx)
	}
	s.ended = s.now()
	if err := s.count(context.WithoutCancel(ctx)); s.err == nil {
		s.err = err
	}
}

func (s *story) follow(ctx context.Context) error {
	for i, next := range s.script.steps {
		if err := s.take(ctx, next); err != nil {
			return fmt.Errorf("step %d, %s: %w", i+1, name(next), err)
		}
	}
	return s.settle(ctx)
}

func name(s step) string {
	switch {
	case s.act != "":
		return string(s.act)
	case s.deed != nil:
		return "what the office does beside it"
	case s.note != "":
		return "the receipt page"
	}
	return "wait"
}

// tolerance is how much later than meant, by the drill's clock, a step may be done before what comes
// of the case says nothing about the product: the shortest deadlines end with the next working day.
const tolerance = 10 * time.Hour

// slow tells whether the case went wrong after the machine had been too slow for its path.
func (s *story) slow() bool { return s.err != nil && s.behind > tolerance }

// since notes how long a step took that was to be done at an instant.
func (s *story) since(meant time.Time) {
	lag := s.now().Sub(meant)
	s.lags = append(s.lags, lag)
	s.behind = max(s.behind, lag)
}

// count reads from the case's events which deadlines were met, and which passed.
func (s *story) count(ctx context.Context) error {
	if s.id == "" {
		return nil
	}
	events, err := s.Record.Events(ctx, everything, s.id)
	for _, e := range events {
		for _, change := range e.Changes {
			switch {
			case change.Deadline.Kind != regulation.DeadlineStep:
			case change.Op == regulation.DueMet:
				s.met++
			case change.Op == regulation.DuePassed:
				s.passed++
			}
		}
	}
	return err
}

// open gives the rating and finds its case by the receipt.
func (s *story) open(ctx context.Context, window string) (err error) {
	s.citizen = newPerson(s.Address)
	more := fields{"option": []string{"108"}, "staff": s.serving(window)}
	for field, value := range s.rater.Form {
		if !s.script.silent || !strings.HasPrefix(field, "contact_") {
			more[field] = value
		}
	}
	if s.receipt, err = s.citizen.rates(ctx, window, 1, more); err != nil {
		return err
	}
	_, c, err := s.Record.CaseByReceipt(ctx, s.receipt)
	s.id, s.edition = c.ID, c.Edition
	return err
}

// take does a step: it lets its time pass, then acts.
func (s *story) take(ctx context.Context, next step) error {
	switch {
	case next.deed != nil:
		return next.deed(ctx, s)
	case next.note != "":
		return s.told(ctx, next.note)
	case next.begun:
		return s.sleep(ctx, s.change.Start().Add(officeOpens))
	case next.act == "":
		return s.wait(ctx, next)
	case next.stages != nil:
		c, err := s.see(ctx, s.id)
		if err != nil || reached(c, next.stages) != nil {
			return err // not drawn: there is nothing to look at
		}
	}
	meant := s.now().Add(time.Duration(next.days * 24 * float64(time.Hour)))
	if err := s.sleep(ctx, meant); err != nil {
		return err
	}
	defer s.since(meant)
	return s.do(ctx, next)
}

// told holds that the rater finds something on the receipt page.
func (s *story) told(ctx context.Context, note string) error {
	if _, err := s.citizen.must(ctx, http.MethodPost, "/receipt", "", fields{"receipt": s.receipt}); err != nil {
		return err
	}
	a, err := s.citizen.must(ctx, http.MethodGet, "/receipt/status", "", nil)
	if err != nil {
		return err
	}
	var page struct{ Notes []struct{ Code string } }
	if err := json.Unmarshal(a.Body, &page); err != nil {
		return err
	}
	if !slices.Contains(page.Notes, struct{ Code string }{note}) {
		return fmt.Errorf("the rater is not told %s, but %v", note, page.Notes)
	}
	return nil
}

// glance is how often a wait looks at the case, in real time.
const glance = 150 * time.Millisecond

// wait is until the case has come by itself to where the step says.
func (s *story) wait(ctx context.Context, next step) error {
	for {
		c, err := s.see(ctx, s.id)
		if err != nil || next.holds(c) {
			return err
		}
		select {
		case <-time.After(glance):
		case <-ctx.Done():
			return fmt.Errorf("still in %s %v, waiting for %v", c.Phase, c.Tracks, next.awaited())
		}
	}
}

func (s step) holds(c regulation.Case) bool {
	if s.overdue != "" {
		a := c.Await(s.overdue)
		return a != nil && a.Overdue
	}
	return (s.phase == "" || c.Phase == s.phase) && reached(c, s.stages) == nil
}

func (s step) awaited() string { return fmt.Sprint(s.overdue, s.phase, s.stages) }

// do has the act done, or refused where the script says so.
func (s *story) do(ctx context.Context, next step) error {
	who, path, err := s.actor(ctx, next)
	if err != nil {
		return err
	}
	body, err := s.filled(ctx, next)
	if err != nil {
		return err
	}
	key := visit.Key()
	if body["files"] == aFile {
		digest, err := who.uploads(ctx, paper(key))
		if err != nil {
			return err
		}
		body["files"] = []string{digest}
	}
	sent := s.now()
	a, err := who.must(ctx, http.MethodPost, path, key, body)
	switch {
	case next.refuse != "":
		if got := a.Problem(); got.Missing != next.refuse && string(got.Code) != next.refuse {
			return fmt.Errorf("not refused with %q: %d %s %s", next.refuse, a.Status, got.Code, got.Missing)
		}
		return nil
	case err != nil && next.act == regulation.ActServeNotice && a.Problem().Missing == "notice_served":
		return nil // the daily batch came first
	case err != nil:
		return err
	case a.Status == http.StatusAccepted && next.who == "":
		return s.recorded(ctx, next.act, sent)
	case a.Status == http.StatusAccepted:
		return s.outcome(ctx, who, a.Header.Get("Location"))
	}
	return nil
}

// actor is who does it, and where.
func (s *story) actor(ctx context.Context, next step) (*person, string, error) {
	if next.who == "" {
		_, err := s.citizen.must(ctx, http.MethodPost, "/receipt", "", fields{"receipt": s.receipt})
		return s.citizen, "/receipt/acts/" + string(next.act), err
	}
	c, err := s.see(ctx, s.id)
	if err != nil {
		return nil, "", err
	}
	login, err := s.who(next.who, c)
	if err != nil {
		return nil, "", err
	}
	p, err := s.as(ctx, login)
	return p, "/cases/" + s.id + "/acts/" + string(next.act), err
}

// filled sets what depends on the case and the day: units and dates that the script leaves empty.
func (s *story) filled(ctx context.Context, next step) (fields, error) {
	body := fields{}
	for field, value := range next.with {
		body[field] = value
	}
	today := workday.DateOf(s.now()).String()
	for _, date := range []string{"target_date", "document_date"} {
		if body[date] == "" {
			body[date] = today
		}
	}
	c, err := s.see(ctx, s.id)
	for field, value := range next.with {
		switch {
		case field == "objection", field == "statement" && next.act == regulation.ActRecordCallback: // the rater's own words
			body[field] = s.rater.Words
		case field == "unit" && value == "":
			body[field] = c.Rated.Unit
		case value == "other" && (field == "unit" || field == "rated_unit"):
			body[field] = another(c)
		}
	}
	return body, err
}

// another is a unit of the same area that the case is not with.
func another(c regulation.Case) string {
	for _, kind := range []string{"-mkt", "-psb"} {
		if unit := c.Area + kind; unit != c.Unit {
			return unit
		}
	}
	return c.Unit
}

// outcome asks for an act that was only put on record until it is done.
func (s *story) outcome(ctx context.Context, who *person, location string) error {
	for {
		a, err := who.must(ctx, http.MethodGet, location, "", nil)
		if err != nil {
			return err
		}
		var told struct{ Status string }
		if err := json.Unmarshal(a.Body, &told); err != nil {
			return err
		}
		switch told.Status {
		case "pending":
			time.Sleep(glance)
		case "done":
			return nil
		default:
			return fmt.Errorf("it ended %s", told.Status)
		}
	}
}

// recorded waits until the case has the rater's act that was sent at an instant: their own page tells
// the stage alone.
func (s *story) recorded(ctx context.Context, act regulation.ActKind, sent time.Time) error {
	for {
		events, err := s.Record.Events(ctx, everything, s.id)
		if err != nil {
			return err
		}
		if slices.ContainsFunc(events, func(e store.CaseEvent) bool { return e.Name == string(act) && !e.At.Before(sent.Truncate(time.Second)) }) {
			return nil
		}
		time.Sleep(glance)
	}
}

// settle waits until the case stands as the script says that it has to.
func (s *story) settle(ctx context.Context) error {
	for {
		c, err := s.see(ctx, s.id)
		if err != nil {
			return err
		}
		if err = s.script.ends.judge(c); err == nil {
			events, err := s.Record.Events(ctx, everything, s.id)
			if err == nil {
				err = s.script.ends.history(events)
			}
			return err
		}
		select {
		case <-time.After(glance):
		case <-ctx.Done():
			return err
		}
	}
}
