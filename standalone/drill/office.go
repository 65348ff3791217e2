package drill

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"time"

	"haochaping/regulation"
	"haochaping/standalone/visit"
	"haochaping/workday"
)

// What the offices do beside the cases, each by two people where the rules ask for two: an edition
// that switches on what the one as issued leaves off, notices under running cases (notice.go), absences,
// appointments, and somebody who leaves.

// switches are what the drill's edition turns on.
var switches = fields{regulation.WriteOffWithoutAppeal: "1", regulation.CreditReferral: "1", regulation.ExtensionDays: "5", regulation.AppealPausesClock: "1"}

const (
	prefectureSupervisor = "gz-supervisor-1"
	prefectureHead       = "gz-head"
	countySupervisor     = "kd-supervisor-1"
	countyHead           = "kd-head"
)

// office is what came of the offices' work.
type office struct {
	edition workday.Date // the new one's first day
	notices []*notice
}

// editionIn is how many working days pass until the new edition: a quarter of the drill's.
func (p Plan) editionIn() int { return max(3, p.Days*5/7/4) }

// noticeIn is how many until the first notice: when many cases run.
func (p Plan) noticeIn() int { return p.editionIn() + 8 }

// begins is the new edition's first day.
func (p Plan) begins(from time.Time) workday.Date {
	return workday.National().Add(workday.DateOf(from), p.editionIn()).Date
}

// govern does the offices' work in its time.
func (t *town) govern(ctx context.Context, from time.Time, p Plan) (office, error) {
	o := office{edition: p.begins(from)}
	if err := t.adoptEdition(ctx, o.edition); err != nil {
		return o, fmt.Errorf("edition: %w", err)
	}
	for i, issuer := range issuers {
		day := workday.National().Add(workday.DateOf(from), p.noticeIn()+i*noticesApart).Date
		if err := t.sleep(ctx, day.Start().Add(officeOpens)); err != nil {
			return o, err
		}
		n := &notice{issuer: issuer}
		if err := t.adoptNotice(ctx, n); err != nil {
			return o, fmt.Errorf("%s: %w", issuer.number, err)
		}
		o.notices = append(o.notices, n)
	}
	if !slices.ContainsFunc(o.notices, func(n *notice) bool { return n.compared > 0 && n.moved > 0 }) {
		return o, errors.New("notices: no open case was there to be counted again and held against what-if")
	}
	return o, nil
}

// adoptEdition has one person propose it, refuses that person's own review, and has another approve.
func (t *town) adoptEdition(ctx context.Context, from workday.Date) error {
	body := fields{"from": from.String(), "interpretation": "演练解释〔2026〕1号", "decided_on": workday.DateOf(t.now()).String(), "basis": made}
	for name, value := range switches {
		body[name] = value
	}
	at, err := t.propose(ctx, prefectureSupervisor, "/editions", body)
	if err != nil {
		return err
	}
	return t.decide(ctx, prefectureSupervisor, prefectureHead, at)
}

// propose has somebody propose a change of the rules and answers where it stands.
func (t *town) propose(ctx context.Context, author, path string, body fields) (at string, err error) {
	who, err := t.as(ctx, author)
	if err != nil {
		return "", err
	}
	a, err := who.must(ctx, http.MethodPost, path, visit.Key(), body)
	if err != nil {
		return "", err
	}
	var proposal struct{ ID string }
	err = json.Unmarshal(a.Body, &proposal)
	return path + "/" + proposal.ID, err
}

// decide has a reviewer approve a proposal, after its author's own review was refused.
func (t *town) decide(ctx context.Context, author, reviewer, at string) error {
	verdict := fields{"verdict": "approve"}
	who, err := t.as(ctx, author)
	if err != nil {
		return err
	}
	own, err := who.Send(ctx, http.MethodPost, at+"/decision", visit.Key(), verdict)
	if err != nil {
		return err
	}
	if own.Problem().Code != regulation.FourEyes {
		return fmt.Errorf("its author's review was not refused: %s", own)
	}
	head, err := t.as(ctx, reviewer)
	if err != nil {
		return err
	}
	_, err = head.must(ctx, http.MethodPost, at+"/decision", visit.Key(), verdict)
	return err
}

// id is an account's person.
func (t *town) id(ctx context.Context, login string) (string, error) {
	account, err := t.Record.AccountByLogin(ctx, login)
	return account.Person, err
}

// absence has a leader of the office enter an absence from today on, with who stands in.
func absence(leader, absent, substitute string) step {
	return step{deed: func(ctx context.Context, s *story) error {
		who, err := s.as(ctx, leader)
		if err != nil {
			return err
		}
		today := workday.DateOf(s.now())
		body := fields{"from": today.String(), "until": today.AddDays(20).String(), "reason": "training"}
		for field, login := range map[string]string{"absent": absent, "substitute": substitute} {
			if body[field], err = s.town.id(ctx, login); err != nil {
				return err
			}
		}
		_, err = who.must(ctx, http.MethodPost, "/substitutions", visit.Key(), body)
		return err
	}}
}

var (
	clerkAway    = absence(prefectureSupervisor, "gz-clerk-2", "gz-entry-1")
	entryAway    = absence(prefectureSupervisor, "gz-entry-1", "gz-publisher")
	verifierAway = absence(prefectureSupervisor, "gz-verifier-1", "gz-entry-2")
)

// appoint has an area's administrator give somebody a role, dismiss end one: in force with the next
// request, also in a session that is open.
func appoint(administrator, login string, role regulation.Role, org string) step {
	return reassign("/appoint", administrator, login, role, org)
}

func dismiss(administrator, login string, role regulation.Role, org string) step {
	return reassign("/dismiss", administrator, login, role, org)
}

func reassign(change, administrator, login string, role regulation.Role, org string) step {
	return step{deed: func(ctx context.Context, s *story) error {
		id, err := s.town.id(ctx, login)
		if err != nil {
			return err
		}
		who, err := s.as(ctx, administrator)
		if err != nil {
			return err
		}
		_, err = who.must(ctx, http.MethodPost, "/people/"+id+change, visit.Key(), fields{"role": string(role), "org": org})
		return err
	}}
}

// raised holds that a step lies before the level above, and why.
func raised(act regulation.ActKind, reason string) step {
	return step{deed: func(ctx context.Context, s *story) error {
		c, err := s.see(ctx, s.id)
		if err != nil {
			return err
		}
		a := c.Await(act)
		if a == nil || a.Raised != reason || slices.ContainsFunc(a.Seats, func(seat regulation.Seat) bool { return seat.Org != c.Upper }) {
			err = fmt.Errorf("%s is not laid one level up as %s: %+v", act, reason, a)
		}
		return err
	}}
}

// theyLeave disables the handler who has the order, and then the unit's head. From that instant on the
// handler acts no more, not even in the session that is open.
var theyLeave = step{deed: func(ctx context.Context, s *story) error {
	const login = "kd-med-handler"
	handler, err := s.as(ctx, login)
	if err != nil {
		return err
	}
	if err := s.disable(ctx, login); err != nil {
		return err
	}
	body, err := s.filled(ctx, planned)
	if err != nil {
		return err
	}
	a, err := handler.Send(ctx, http.MethodPost, "/cases/"+s.id+"/acts/"+string(planned.act), visit.Key(), body)
	if err == nil && a.Status < http.StatusBadRequest {
		err = fmt.Errorf("who was disabled could still act: %s", a)
	}
	if err != nil {
		return err
	}
	return s.disable(ctx, "kd-med-head")
}}

// disable has the county's administrator end somebody's rights.
func (t *town) disable(ctx context.Context, login string) error {
	id, err := t.id(ctx, login)
	if err != nil {
		return err
	}
	administrator, err := t.as(ctx, "kd-secadmin")
	if err != nil {
		return err
	}
	_, err = administrator.must(ctx, http.MethodPost, "/people/"+id+"/disable", visit.Key(), nil)
	return err
}

// untilReseated waits until no open step of the case lies before the unit any more.
var untilReseated = step{deed: func(ctx context.Context, s *story) error {
	for {
		c, err := s.see(ctx, s.id)
		if err != nil || !slices.ContainsFunc(c.Awaiting, func(a regulation.Await) bool {
			return slices.ContainsFunc(a.Seats, func(seat regulation.Seat) bool { return seat.Org == c.Unit })
		}) {
			return err
		}
		select {
		case <-time.After(glance):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}}

// pastItsDays waits until the 15 working days of clause 7(3) are over by the calendar of the place, and
// holds that nobody is late: the case was given more, or asked for more and waits for the answer.
var pastItsDays = step{deed: func(ctx context.Context, s *story) error {
	c, err := s.see(ctx, s.id)
	if err != nil {
		return err
	}
	calendar, err := s.Record.Calendar(ctx, c.Area)
	if err != nil {
		return err
	}
	params, err := s.Record.Params(ctx, c.Edition)
	if err != nil {
		return err
	}
	last := calendar.Add(workday.DateOf(c.Clock.From), params.Days(regulation.RectificationDays)).Date
	if err := s.sleep(ctx, last.AddDays(1).Start().Add(officeOpens)); err != nil {
		return err
	}
	if c, err = s.see(ctx, s.id); err == nil && (c.Clock.Overdue || c.Stage(accountability) != "") {
		err = errors.New("overdue in spite of the extension that was granted, or asked for in time")
	}
	return err
}}

// ledgerShown holds that the case's page tells the clock's ledger to the authority.
var ledgerShown = step{deed: func(ctx context.Context, s *story) error {
	c, err := s.see(ctx, s.id)
	if err != nil {
		return err
	}
	login, err := s.who("supervisor", c)
	if err != nil {
		return err
	}
	who, err := s.as(ctx, login)
	if err != nil {
		return err
	}
	a, err := who.must(ctx, http.MethodGet, "/cases/"+s.id, "", nil)
	if err != nil {
		return err
	}
	var shown struct {
		Clocks []struct {
			Pauses []struct {
				From, To           time.Time
				Left               int
				Reason, Clause, By string
			}
		}
	}
	if err := json.Unmarshal(a.Body, &shown); err != nil {
		return err
	}
	if len(shown.Clocks) != 1 || len(shown.Clocks[0].Pauses) != 1 {
		return fmt.Errorf("the clock's ledger is not shown: %+v", shown)
	}
	if p := shown.Clocks[0].Pauses[0]; p.From.IsZero() || !p.To.After(p.From) || p.Left == 0 || p.Reason != "appeal" || p.Clause == "" || p.By == "" {
		return fmt.Errorf("the clock's ledger shows %+v", p)
	}
	return nil
}}

// aFile stands for evidence that is uploaded before the act.
const aFile = "演练文件"

// paper is a file of its own: the product knows files by their content.
func paper(key string) []byte { return []byte("%PDF-1.4\n% " + strconv.Quote(made+key) + "\n%%EOF\n") }
