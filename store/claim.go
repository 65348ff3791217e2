package store

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"gorm.io/gorm"

	"haochaping/regulation"
)

// Hold is who has a task, and since when; zero while it is available.
type Hold struct {
	Person string
	Since  time.Time
}

const readHold = "SELECT claimed_by, claimed_at FROM tasks WHERE id = ?"

// HoldOn tells who has the task of an awaited act. Without such a task it is zero.
func (s *Store) HoldOn(ctx context.Context, caseID string, awaited regulation.ActKind) (Hold, error) {
	hold, err := s.readHold(s.rows(ctx), taskID(caseID, awaited))
	if errors.Is(err, gorm.ErrRecordNotFound) {
		err = nil
	}
	return hold, err
}

func (s *Store) readHold(db *gorm.DB, id string) (Hold, error) {
	var person string
	var at int64
	err := s.one(db, readHold, []any{id}, &person, &at)
	return Hold{person, instant(at)}, err
}

// Claim takes a task that lies before a seat of the actor's. Of two who claim at once the second
// gets a regulation.Conflict; to claim one's own again does no harm.
func (s *Store) Claim(ctx context.Context, actor regulation.Actor, taskID string) error {
	return s.record(ctx, func(tx *gorm.DB) error {
		hold, err := s.holdTask(tx, taskID)
		switch {
		case err != nil:
			return err
		case hold.Person != "" && hold.Person != actor.Person:
			return &regulation.Error{Code: regulation.Conflict, Missing: "claimed_by_another"}
		}
		if err := seatedAt(tx, actor, taskID); err != nil {
			return err
		}
		return s.setClaim(tx, taskID, actor.Person, micros(s.now()))
	})
}

// TakeOver takes a task from whoever has had it since an instant, and tells them. Of two who take
// it over at once the second gets a regulation.Conflict, claim_changed: by then it is another's.
func (s *Store) TakeOver(ctx context.Context, actor regulation.Actor, taskID string, since time.Time) error {
	return s.record(ctx, func(tx *gorm.DB) error {
		hold, err := s.holdTask(tx, taskID)
		switch {
		case err != nil:
			return err
		case hold.Person == actor.Person && actor.Person != "":
			return nil
		case !hold.Since.Equal(since):
			return &regulation.Error{Code: regulation.Conflict, Missing: "claim_changed"}
		}
		if err := seatedAt(tx, actor, taskID); err != nil {
			return err
		}
		if err := s.setClaim(tx, taskID, actor.Person, micros(s.now())); err != nil || hold.Person == "" {
			return err
		}
		return s.tellHolder(tx, actor, hold, taskID, "claim_taken_over")
	})
}

// Release gives a task back: one's own, or a colleague's at an office that the actor leads.
func (s *Store) Release(ctx context.Context, actor regulation.Actor, taskID string) error {
	people, err := s.People(ctx)
	if err != nil {
		return err
	}
	return s.record(ctx, func(tx *gorm.DB) error {
		hold, err := s.holdTask(tx, taskID)
		switch {
		case err != nil:
			return err
		case actor.Person == "" || hold.Person == "":
			return &regulation.Error{Code: regulation.Conflict, Missing: "not_claimed_by_you"}
		case hold.Person == actor.Person:
			return s.setClaim(tx, taskID, "", 0)
		case !people.Leads(actor, hold.Person, s.now()):
			return &regulation.Error{Code: regulation.Conflict, Missing: "not_claimed_by_you"}
		}
		if err := s.setClaim(tx, taskID, "", 0); err != nil {
			return err
		}
		return s.tellHolder(tx, actor, hold, taskID, "claim_released")
	})
}

// Leads tells whether the actor leads an office at which a person serves.
func (p *People) Leads(actor regulation.Actor, person string, at time.Time) bool {
	serves := append(p.Posts(person, at), p.posts(person, at, p.away(at))...)
	return slices.ContainsFunc(actor.Assignments, func(lead regulation.Assignment) bool {
		return lead.Role.Leads() &&
			slices.ContainsFunc(serves, func(a regulation.Assignment) bool { return a.Org == lead.Org })
	})
}

// holdTask holds a task until tx ends. The case comes before its tasks in every transaction that
// changes both, or two of them would wait for each other.
func (s *Store) holdTask(tx *gorm.DB, id string) (Hold, error) {
	caseID, _, _ := strings.Cut(id, ".")
	if err := s.holdCase(tx, caseID); err != nil {
		return Hold{}, err
	}
	hold, err := s.readHold(tx, id)
	return hold, found(err, "task")
}

func (s *Store) setClaim(tx *gorm.DB, id, person string, at int64) error {
	if err := s.write(tx, "UPDATE tasks SET claimed_by = ?, claimed_at = ? WHERE id = ?", person, at, id); err != nil {
		return err
	}
	return s.write(tx, "UPDATE task_seats SET claimed = ? WHERE task_id = ?", person != "", id)
}

func seatedAt(tx *gorm.DB, actor regulation.Actor, taskID string) error {
	var rows []struct{ SeatRole, OrgID string }
	if err := tx.Table("task_seats").Where("task_id = ?", taskID).Find(&rows).Error; err != nil {
		return err
	}
	var seats []regulation.Seat
	for _, row := range rows {
		seats = append(seats, regulation.Seat{Role: regulation.Role(row.SeatRole), Org: row.OrgID})
	}
	if actor.Sits(seats) {
		return nil
	}
	return &regulation.Error{Code: regulation.NotPermitted, Missing: "seat", Who: regulation.RolesOf(seats)}
}

// personally is the seat of what concerns one person and nobody else: the person takes the
// organisation's place.
const personally regulation.Role = "person"

// InPerson is an actor who is also told what concerns them alone.
func InPerson(actor regulation.Actor) regulation.Actor {
	if actor.Person != "" {
		actor.Assignments = append(slices.Clip(actor.Assignments), regulation.Assignment{Role: personally, Org: actor.Person})
	}
	return actor
}

// nextBelow is the next place for a notice that no event of the case stands behind: -1, -2 and so
// on. The case is held, so nobody else takes it.
const nextBelow = "SELECT COALESCE(MIN(seq), 0) - 1 FROM notices WHERE case_id = ? AND seq < 0"

// tellHolder tells whoever had a task what became of it, and the audit log by whom.
func (s *Store) tellHolder(tx *gorm.DB, actor regulation.Actor, former Hold, taskID, name string) error {
	caseID, act, _ := strings.Cut(taskID, ".")
	var seq int64
	if err := s.one(tx, nextBelow, []any{caseID}, &seq); err != nil {
		return err
	}
	err := s.insert(tx, noticesTable, []any{caseID, seq, string(personally), former.Person, micros(s.now()), name})
	if err != nil {
		return err
	}
	org, err := homeOf(tx, former.Person)
	if err != nil {
		return err
	}
	area, err := areaOf(tx, org)
	if err != nil {
		return err
	}
	return s.audit(tx, AuditEntry{Person: actor.Person, Action: name, ObjectKind: "task", ObjectID: taskID, Area: area, Unit: org,
		Purpose: act, Outcome: OutcomeDone})
}
