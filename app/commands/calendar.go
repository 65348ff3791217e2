package commands

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"text/tabwriter"
	"time"

	"haochaping/policies"
	"haochaping/regulation"
	"haochaping/store"
	"haochaping/workday"
)

// Calendar is the working calendar under review: a notice is proposed by one person and put in
// force by another.
type Calendar struct {
	Check    CheckDays       `cmd:"" help:"Say row by row what is wrong with a file; stores nothing."`
	Propose  ProposeDays     `cmd:"" help:"Propose a notice of the State Council, of the prefecture or of a county."`
	List     ListDays        `cmd:"" help:"List the notices, the newest first."`
	Approve  ApproveCalendar `cmd:"" help:"Put a proposed notice in force: the open cases it touches are re-armed."`
	Reject   RejectCalendar  `cmd:"" help:"Reject a proposed notice."`
	Withdraw WithdrawDays    `cmd:"" help:"Take back one's own proposal."`
}

// DaysFile is a CSV file of days.
type DaysFile struct {
	File string `arg:"" type:"existingfile" help:"CSV with the header date,kind,holiday; kind is off or work."`
}

// read prints every row that cannot stand; with one there is an error, and nothing is taken.
func (f DaysFile) read() (string, error) {
	days, err := os.ReadFile(f.File)
	if err != nil {
		return "", err
	}
	rows, good := workday.ReadRows(string(days))
	for _, row := range rows {
		if row.Wrong != "" {
			fmt.Fprintf(os.Stderr, "line %d: %s %q\n", row.Line, row.Wrong, row.Text)
		}
	}
	if !good {
		return "", errors.New("the file cannot stand as it is; nothing was taken over")
	}
	_, err = fmt.Fprintf(os.Stdout, "%d days\n", len(rows))
	return string(days), err
}

// CheckDays reads a file.
type CheckDays struct{ DaysFile }

// Run needs no database.
func (c CheckDays) Run() error {
	_, err := c.read()
	return err
}

// Signed is who does it: the account's password is the first line of standard input, so that four
// eyes are four at the console too.
type Signed struct {
	By string `required:"" help:"Login of whoever does this; the password is the first line of standard input."`
}

// as signs the person in and runs work with their rights.
func (s Signed) as(work func(ctx context.Context, record *store.Store, guard *policies.Guard, actor regulation.Actor) error) error {
	return s.asTyped(bufio.NewReader(os.Stdin), work)
}

// asTyped is as where more than the password is typed.
func (s Signed) asTyped(in *bufio.Reader, work func(ctx context.Context, record *store.Store, guard *policies.Guard, actor regulation.Actor) error) error {
	guard, err := policies.New()
	if err != nil {
		return err
	}
	return onRecord(nil, func(ctx context.Context, record *store.Store, _ time.Time) error {
		actor, err := signedIn(ctx, record, s.By, in)
		if err != nil {
			return err
		}
		return work(ctx, record, guard, actor)
	})
}

// signedIn is who signs in with the password on the next line.
func signedIn(ctx context.Context, record *store.Store, login string, in *bufio.Reader) (regulation.Actor, error) {
	password, err := typedLine(in)
	if err != nil {
		return regulation.Actor{}, err
	}
	account, err := record.SignIn(ctx, login, password)
	if err != nil {
		return regulation.Actor{}, err
	}
	return record.Actor(ctx, account.Person)
}

// ProposeDays proposes a notice.
type ProposeDays struct {
	DaysFile
	Signed
	Area   string `help:"Division whose days these are: 513300 for the prefecture, a county's code; without it a notice of the State Council."`
	Name   string `required:"" help:"Who issued it."`
	Number string `required:"" help:"Number of the document."`
	Issued string `required:"" help:"Day of the document, as 2026-11-04."`
	Basis  string `required:"" help:"What it rests on; stands in the record."`
}

// Run stores the whole notice or nothing.
func (p ProposeDays) Run() error {
	days, err := p.read()
	if err != nil {
		return err
	}
	issued, err := workday.ParseDate(p.Issued)
	if err != nil {
		return err
	}
	return p.as(func(ctx context.Context, record *store.Store, guard *policies.Guard, actor regulation.Actor) error {
		if err := knownArea(ctx, record, p.Area); err != nil {
			return err
		}
		as, err := guard.Reviewer(actor, policies.ProposeCalendar, p.Area)
		if err != nil {
			return err
		}
		id, err := record.ProposeCalendar(ctx, store.CalendarChange{Proposal: store.Proposal{Author: actor.Person, AuthorFor: as.For}, Area: p.Area,
			Name: p.Name, Number: p.Number, IssuedOn: issued, Days: days, Basis: p.Basis})
		if err == nil {
			_, err = fmt.Fprintln(os.Stdout, "proposed as", id)
		}
		return err
	})
}

func knownArea(ctx context.Context, record *store.Store, area string) error {
	tree, err := record.Tree(ctx)
	if err != nil {
		return err
	}
	if _, found := tree.Org(area); area != "" && !found {
		return fmt.Errorf("there is no area %q", area)
	}
	return nil
}

// ListDays lists the notices.
type ListDays struct{}

// Run prints one line a notice.
func (ListDays) Run() error {
	return onRecord(nil, func(ctx context.Context, record *store.Store, _ time.Time) error {
		changes, err := record.CalendarChanges(ctx)
		if err != nil {
			return err
		}
		out := tabwriter.NewWriter(os.Stdout, 0, 8, 2, ' ', 0)
		for _, c := range changes {
			fmt.Fprintf(out, "%s\t%s\t%s\t%s %s\t%s\n", c.ID, c.State, area(c.Area), c.Name, c.Number, c.IssuedOn)
		}
		return out.Flush()
	})
}

func area(code string) string {
	if code == "" {
		return "national"
	}
	return code
}

// Decided names the proposal and who decides.
type Decided struct {
	ID string `arg:"" help:"Id of the proposal, as list prints it."`
	Signed
}

func (d Decided) decide(state store.ProposalState, remark string) error {
	return d.as(func(ctx context.Context, record *store.Store, guard *policies.Guard, actor regulation.Actor) error {
		change, err := record.CalendarChange(ctx, d.ID)
		if err != nil {
			return err
		}
		verdict := store.Verdict{State: state, Person: actor.Person, Remark: remark}
		if state != store.Withdrawn {
			as, err := guard.Reviewer(actor, policies.ReviewCalendar, change.Area)
			if err != nil {
				return err
			}
			verdict.For = as.For
		}
		if err := record.DecideCalendar(ctx, d.ID, verdict); err != nil {
			return err
		}
		_, err = fmt.Fprintln(os.Stdout, state)
		return err
	})
}

// ApproveCalendar puts a notice in force.
type ApproveCalendar struct{ Decided }

// Run ends when the notice is in force; the running product re-arms the cases.
func (c ApproveCalendar) Run() error { return c.decide(store.InForce, "") }

// RejectCalendar rejects a notice.
type RejectCalendar struct {
	Decided
	Remark string `required:"" help:"Why."`
}

// Run records the reason.
func (c RejectCalendar) Run() error { return c.decide(store.Rejected, c.Remark) }

// WithdrawDays takes a proposal back.
type WithdrawDays struct{ Decided }

// Run is for the author alone.
func (c WithdrawDays) Run() error { return c.decide(store.Withdrawn, "") }
