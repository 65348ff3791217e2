package commands

import (
	"context"
	"fmt"
	"os"
	"text/tabwriter"
	"time"

	"haochaping/policies"
	"haochaping/regulation"
	"haochaping/store"
	"haochaping/workday"
)

// Absence is for somebody who fell ill and cannot enter it: who leads them, or the administrator of
// their area, does it here with their own password.
type Absence struct {
	List ListAbsences `cmd:"" help:"List absences: who is away, who stands in, and whom it reaches now."`
	Add  AddAbsence   `cmd:"" help:"Enter somebody's absence, and who stands in."`
	End  EndAbsence   `cmd:"" help:"End an absence now, or take it back."`
}

// ListAbsences lists those that are not over.
type ListAbsences struct {
	All bool `help:"Those that are over too."`
}

// Run prints one line an absence.
func (l ListAbsences) Run() error {
	return onRecord(nil, func(ctx context.Context, record *store.Store, now time.Time) error {
		people, err := record.People(ctx)
		if err != nil {
			return err
		}
		login := func(person string) string { return people.Account(person).Login }
		out := tabwriter.NewWriter(os.Stdout, 0, 8, 2, ' ', 0)
		for _, s := range people.Absences(func(s store.Substitution) bool { return l.All || !s.Over(now) }) {
			acting := ""
			if end, away := people.ActsFor(s.Absent, now); away && s.InForce(now) {
				acting = "acts now: " + login(end)
			}
			fmt.Fprintf(out, "%s\t%s\t%s\t%s to %s\t%s\t%s\n", s.ID, login(s.Absent), login(s.Substitute), s.From, s.Until, s.Reason, acting)
		}
		return out.Flush()
	})
}

// AddAbsence enters one.
type AddAbsence struct {
	Login      string `arg:"" help:"Login of who is away."`
	Substitute string `required:"" help:"Login of who stands in."`
	From       string `required:"" help:"First day, as 2026-11-24."`
	Until      string `required:"" help:"Last day."`
	Reason     string `default:"leave" help:"leave, business_trip, training or other_duty."`
	Signed
}

// Run keeps to the rules of the page: who may, how long, no circle, no overlap.
func (a AddAbsence) Run() error {
	from, err := workday.ParseDate(a.From)
	if err != nil {
		return err
	}
	until, err := workday.ParseDate(a.Until)
	if err != nil {
		return err
	}
	return a.as(func(ctx context.Context, record *store.Store, guard *policies.Guard, actor regulation.Actor) error {
		absent, err := record.AccountByLogin(ctx, a.Login)
		if err != nil {
			return err
		}
		substitute, err := record.AccountByLogin(ctx, a.Substitute)
		if err != nil {
			return err
		}
		if err := mayEnter(ctx, record, guard, actor, absent.Person); err != nil {
			return err
		}
		entered, err := record.EnterAbsence(ctx, regulation.Absence{Absent: absent.Person, Substitute: substitute.Person, From: from, Until: until, Reason: a.Reason}, actor.Person)
		if err == nil {
			_, err = fmt.Fprintln(os.Stdout, "entered as", entered.ID)
		}
		return err
	})
}

// EndAbsence ends one.
type EndAbsence struct {
	ID string `arg:"" help:"Id of the absence, as list prints it."`
	Signed
}

// Run ends it from now on.
func (e EndAbsence) Run() error {
	return e.as(func(ctx context.Context, record *store.Store, guard *policies.Guard, actor regulation.Actor) error {
		people, err := record.People(ctx)
		if err != nil {
			return err
		}
		s, known := people.Substitution(e.ID)
		if !known {
			return fmt.Errorf("there is no absence %q", e.ID)
		}
		if err := mayEnter(ctx, record, guard, actor, s.Absent); err != nil {
			return err
		}
		return record.RevokeAbsence(ctx, s.ID, actor.Person)
	})
}

// mayEnter refuses who neither is the person nor leads them, nor keeps the accounts of all places at
// which they serve.
func mayEnter(ctx context.Context, record *store.Store, guard *policies.Guard, actor regulation.Actor, person string) error {
	people, err := record.People(ctx)
	if err != nil {
		return err
	}
	now := record.Now()
	posts := people.Posts(person, now)
	keeps := len(posts) > 0
	for _, post := range posts {
		subject := regulation.Subject{Area: post.Area, Orgs: []string{post.Org}}
		keeps = keeps && len(guard.Assignments(actor, policies.ManagePeople, subject)) > 0
	}
	if keeps || people.MayEnter(actor, person, now) {
		return nil
	}
	return &regulation.Error{Code: regulation.NotPermitted, Missing: "not_your_role"}
}
