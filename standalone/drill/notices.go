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

// Notices for the working calendar come under running cases, one from each level: proposed as a CSV file's
// text, asked about before it is in force, reviewed by a second person, and then held against the answer.

// issuer is who issues a notice, and who puts it into the product.
type issuer struct {
	area, name, number, author, reviewer string
	off                                  int // days off, within a week; one weekend day is worked for them
}

// issuers are in the order of their notices.
var issuers = []issuer{
	{regulation.PrefectureArea, "演练机关", "演练公告〔2026〕2号", prefectureSupervisor, prefectureHead, 2},
	{"513301", "演练县级机关", "演练县公告〔2026〕3号", countySupervisor, countyHead, 1},
	{"national", "演练国务院办公厅", "演练国办发明电〔2026〕4号", prefectureSupervisor, prefectureHead, 1},
}

// noticesApart is how many working days lie between two notices.
const noticesApart = 6

// notice is one with what came of it.
type notice struct {
	issuer
	days     string // CSV
	asked    supposed
	compared int // due instants that were moved as what-if had said
	moved    int // open cases that were counted again
}

// supposed is what-if's answer.
type supposed struct {
	At    time.Time
	Cases []struct {
		ID    string
		Moves []supposedMove
	}
}

type supposedMove struct {
	ID       string
	Old, New time.Time
}

// adoptNotice takes a notice from its file to the cases.
func (t *town) adoptNotice(ctx context.Context, n *notice) error {
	today := workday.DateOf(t.now())
	n.days = n.file(today)
	if err := t.refuseRow(ctx, n, today); err != nil {
		return err
	}
	at, err := t.propose(ctx, n.author, "/calendar", n.body(today, n.days))
	if err != nil {
		return err
	}
	if err := t.suppose(ctx, n, strings.TrimPrefix(at, "/calendar/")); err != nil {
		return fmt.Errorf("what if: %w", err)
	}
	if err := t.decide(ctx, n.author, n.reviewer, at); err != nil {
		return err
	}
	for _, c := range n.asked.Cases {
		if err := t.comparedWith(ctx, n, c.ID, c.Moves); err != nil {
			return fmt.Errorf("what if: %w", err)
		}
	}
	return t.counted(ctx, at, n)
}

// file gives days off from the fourth working day on, and has the weekend day after them worked.
func (n *notice) file(today workday.Date) string {
	calendar := workday.National()
	lines := []string{"date,kind,holiday"}
	work := today
	for i := range n.off {
		work = calendar.Add(today, 4+i).Date
		lines = append(lines, work.String()+",off,演练")
	}
	for calendar.IsWorkday(work) {
		work = work.AddDays(1)
	}
	return strings.Join(append(lines, work.String()+",work,演练"), "\n") + "\n"
}

func (n *notice) body(today workday.Date, days string) fields {
	return fields{"area": n.area, "name": n.name, "number": n.number, "issued_on": today.String(), "basis": made, "days": days}
}

// refuseRow has the same notice refused as long as one of its rows does not read: whole, and with that
// row's line.
func (t *town) refuseRow(ctx context.Context, n *notice, today workday.Date) error {
	author, err := t.as(ctx, n.author)
	if err != nil {
		return err
	}
	wrong := n.body(today, n.days+"2026-02-30,off,演练\n")
	a, err := author.Send(ctx, http.MethodPost, "/calendar", visit.Key(), wrong)
	if err != nil {
		return err
	}
	if a.Status != http.StatusUnprocessableEntity || a.Problem().Fields["days"].Code == "" {
		return fmt.Errorf("a file with a day that does not exist was not refused: %s", a)
	}
	if a, err = author.must(ctx, http.MethodPost, "/calendar/check", visit.Key(), wrong); err != nil {
		return err
	}
	var checked struct {
		Days []struct {
			Line  int
			Wrong string
		}
	}
	if err := json.Unmarshal(a.Body, &checked); err != nil {
		return err
	}
	line := strings.Count(n.days, "\n") + 1
	for _, day := range checked.Days {
		if (day.Wrong != "") != (day.Line == line) {
			return fmt.Errorf("line %d is wrong, and told is %+v", line, checked.Days)
		}
	}
	return nil
}

// suppose asks which open cases would fall due when, were the notice in force.
func (t *town) suppose(ctx context.Context, n *notice, id string) error {
	who, err := t.as(ctx, n.author)
	if err != nil {
		return err
	}
	a, err := who.must(ctx, http.MethodPost, "/what-if", visit.Key(), fields{"notice": id})
	if err != nil {
		return err
	}
	return json.Unmarshal(a.Body, &n.asked)
}

// counted reads how many open cases were counted again.
func (t *town) counted(ctx context.Context, at string, n *notice) error {
	reader, err := t.as(ctx, n.reviewer)
	if err != nil {
		return err
	}
	a, err := reader.must(ctx, http.MethodGet, at, "", nil)
	if err != nil {
		return err
	}
	var told struct{ Moved int }
	err = json.Unmarshal(a.Body, &told)
	n.moved = told.Moved
	return err
}

// comparedWith holds the case's event against what-if's answer about it. A case that went on in between
// may have counted with the notice already, and then has no such event; one that did not has to have it.
func (t *town) comparedWith(ctx context.Context, n *notice, id string, moves []supposedMove) error {
	for {
		c, err := t.see(ctx, id)
		if err != nil {
			return err
		}
		events, err := t.Record.Events(ctx, everything, id)
		if err != nil {
			return err
		}
		events = slices.DeleteFunc(events, func(e store.CaseEvent) bool { return e.At.Before(n.asked.At) })
		for _, e := range events {
			if e.Kind == regulation.EventRearmed && strings.Contains(e.Data["reason"], n.number) {
				return n.holds(e, moves)
			}
		}
		if len(events) > 0 || !stillDue(c, moves) {
			return nil
		}
		select {
		case <-time.After(glance):
		case <-ctx.Done():
			return fmt.Errorf("case %s was to be counted again and was not", id)
		}
	}
}

// stillDue tells whether something of the case is due as it was when what-if was asked: an act received before
// and recorded after may have ended it.
func stillDue(c regulation.Case, moves []supposedMove) bool {
	return slices.ContainsFunc(c.Deadlines, func(d regulation.Deadline) bool {
		return slices.ContainsFunc(moves, func(m supposedMove) bool { return m.ID == d.ID && m.Old.Equal(d.Due) })
	})
}

func (n *notice) holds(e store.CaseEvent, moves []supposedMove) error {
	for _, change := range e.Changes {
		for _, m := range moves {
			if change.Op != regulation.DueRearmed || change.Deadline.ID != m.ID || !change.Was.Due.Equal(m.Old) {
				continue
			}
			if !change.Deadline.Due.Equal(m.New) {
				return fmt.Errorf("%s was to be due at %s and is due at %s", m.ID, m.New, change.Deadline.Due)
			}
			n.compared++
		}
	}
	return nil
}

// told is the notice's days in a line.
func (n *notice) told() string {
	return strings.Join(strings.Split(strings.TrimSpace(n.days), "\n")[1:], "; ")
}
