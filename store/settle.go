package store

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"haochaping/regulation"
)

// Whoever leaves a post can do nothing under it from the next request on: that needs nothing here,
// since rights are asked for at each request. What this file does is about the work: what they had
// taken is free again with the same transaction, and steps that nobody can do any more are laid before
// others. The latter is a row in seat_checks first, so that it happens whatever becomes of the process.

type seatCheckRow struct {
	At     int64  `gorm:"primaryKey;autoIncrement:false"`
	Person string `gorm:"primaryKey"`
}

func (seatCheckRow) TableName() string { return "seat_checks" }

// checkSeats asks for the open cases before a person's seats to be looked at from an instant on.
func checkSeats(tx *gorm.DB, at time.Time, person string) error {
	return tx.Clauses(clause.OnConflict{DoNothing: true}).Create(&seatCheckRow{micros(at), person}).Error
}

// losesPosts follows up that a person holds fewer posts from now on: claims that rested on them, also
// those of their substitutes, are free at once, and steps are looked at.
func (s *Store) losesPosts(tx *gorm.DB, person string) error {
	people, err := loadPeople(tx)
	if err != nil {
		return err
	}
	now := s.now()
	if err := s.dropClaims(tx, people, people.around(now, person)); err != nil {
		return err
	}
	return checkSeats(tx, now, person)
}

// around lists people and all those whose posts depend on theirs at an instant: for whom they stand
// in, who stands in for them, and so on along the chains. What ends at that instant still counts.
func (p *People) around(at time.Time, persons ...string) []string {
	found := slices.Clone(persons)
	for i := 0; i < len(found); i++ {
		for _, s := range p.substitutions {
			if at.Before(s.Begins) || s.over().Before(at) {
				continue
			}
			if s.Absent == found[i] && !slices.Contains(found, s.Substitute) {
				found = append(found, s.Substitute)
			}
			if s.Substitute == found[i] && !slices.Contains(found, s.Absent) {
				found = append(found, s.Absent)
			}
		}
	}
	slices.Sort(found)
	return found
}

// dropClaims gives back what people have and may do no longer.
func (s *Store) dropClaims(tx *gorm.DB, people *People, persons []string) error {
	var ids []string
	if err := tx.Table("tasks").Where("claimed_by IN ?", persons).Order("id").Pluck("id", &ids).Error; err != nil {
		return err
	}
	for _, id := range ids {
		if err := s.dropClaim(tx, people, id); err != nil {
			return err
		}
	}
	return nil
}

func (s *Store) dropClaim(tx *gorm.DB, people *People, id string) error {
	hold, err := s.holdTask(tx, id)
	var refused *regulation.Error
	if errors.As(err, &refused) || (err == nil && hold.Person == "") {
		return nil // done, or given back, meanwhile
	}
	if err != nil {
		return err
	}
	holder, err := people.Actor(hold.Person, s.now())
	if err == nil {
		err = seatedAt(tx, holder, id)
	}
	if errors.As(err, &refused) {
		return s.setClaim(tx, id, "", 0)
	}
	return err
}

// SettlePeople does what changes of people left to do until now: it frees what is held without a
// right, since an absence began or ended, and lays open steps before others whose seats nobody holds
// any more. It answers the cases that changed. Done twice, or by two nodes at once, it does no harm;
// broken off, it is done again.
func (s *Store) SettlePeople(ctx context.Context) (cases []string, err error) {
	now := s.now()
	var due []seatCheckRow
	if err := s.rows(ctx).Where("at <= ?", micros(now)).Order("at, person").Limit(200).Find(&due).Error; err != nil || len(due) == 0 {
		return nil, err
	}
	people, err := s.People(ctx) // not older than the rows
	if err != nil {
		return nil, err
	}
	persons := people.concerned(due)
	err = s.tx(ctx, func(tx *gorm.DB) error {
		if err := people.tellDue(tx, due); err != nil {
			return err
		}
		return s.dropClaims(tx, people, persons)
	})
	if err != nil {
		return nil, err
	}
	waiting, err := s.casesBefore(ctx, people.seatsOf(persons))
	if err != nil {
		return nil, err
	}
	left, err := s.casesLeft(ctx)
	if err != nil {
		return nil, err
	}
	waiting = slices.Compact(slices.Sorted(slices.Values(append(waiting, left...))))
	if cases, err = s.reseatAll(ctx, waiting); err != nil {
		return cases, err
	}
	return cases, s.tx(ctx, func(tx *gorm.DB) error {
		for _, row := range due {
			if err := tx.Where("at = ? AND person = ?", row.At, row.Person).Delete(&seatCheckRow{}).Error; err != nil {
				return err
			}
		}
		return nil
	})
}

func (p *People) concerned(due []seatCheckRow) []string {
	var persons []string
	for _, row := range due {
		persons = append(persons, p.around(instant(row.At), row.Person)...)
	}
	slices.Sort(persons)
	return slices.Compact(persons)
}

// seatsOf are all seats that people hold or ever held.
func (p *People) seatsOf(persons []string) []regulation.Seat {
	var seats []regulation.Seat
	for _, person := range persons {
		for _, h := range p.byID[person].assignments {
			if seat := (regulation.Seat{Role: h.Role, Org: h.Org}); !slices.Contains(seats, seat) {
				seats = append(seats, seat)
			}
		}
	}
	return seats
}

// casesBefore lists the cases with a step before one of the seats.
func (s *Store) casesBefore(ctx context.Context, seats []regulation.Seat) ([]string, error) {
	var cases []string
	for _, seat := range seats {
		var tasks []string
		err := s.rows(ctx).Table("task_seats").Where("seat_role = ? AND org_id = ?", string(seat.Role), seat.Org).Pluck("task_id", &tasks).Error
		if err != nil {
			return nil, err
		}
		for _, task := range tasks {
			caseID, _, _ := strings.Cut(task, ".")
			cases = append(cases, caseID)
		}
	}
	slices.Sort(cases)
	return slices.Compact(cases), nil
}

// casesLeft lists the cases with a step before those who are left, or before a head who may not do it either: whoever comes, to whatever seat, may have had no part.
func (s *Store) casesLeft(ctx context.Context) (cases []string, err error) {
	err = s.rows(ctx).Table("tasks").Where("raised IN ?", regulation.RaisedForNow).Order("case_id").Pluck("case_id", &cases).Error
	return cases, err
}

// reseatAll looks at cases, and changes those whose steps nobody can do. One that fails keeps nobody
// else's case waiting; its error stays, so that all are looked at again.
func (s *Store) reseatAll(ctx context.Context, ids []string) (changed []string, err error) {
	for some := range slices.Chunk(ids, batch) {
		var rows []struct{ State []byte }
		if err := s.rows(ctx).Table("cases").Select("state").Where("id IN ?", some).Order("id").Find(&rows).Error; err != nil {
			return changed, err
		}
		for _, row := range rows {
			moved, failed := s.reseatOne(ctx, row.State)
			changed, err = append(changed, moved...), cmp.Or(err, failed)
		}
	}
	return changed, err
}

// reseatOne looks at a case without holding it, since most are well, and holds it where it is not.
func (s *Store) reseatOne(ctx context.Context, state []byte) ([]string, error) {
	c, err := caseOf(state)
	if err != nil {
		return nil, err
	}
	rules, err := s.RulesOf(ctx, c)
	if err != nil {
		return nil, err
	}
	if _, _, moves := rules.Reseat(c, s.now()); !moves {
		return nil, nil
	}
	if _, err := s.Reseat(ctx, c.ID); err != nil {
		return nil, err
	}
	return []string{c.ID}, nil
}

// Reseat lays a case's steps before others whose seats nobody holds any more, after the acts that were
// received before: those count by their own instant. Where somebody is there it changes nothing.
func (s *Store) Reseat(ctx context.Context, caseID string) (regulation.Step, error) {
	return s.step(ctx, caseID, "", func(r *recording) error {
		now := s.now()
		if moves, err := r.unmanned(now); err != nil || !moves {
			return err
		}
		if err := r.applyPending(now); err != nil {
			return err
		}
		return r.reseat(now)
	})
}

func (r *recording) unmanned(at time.Time) (bool, error) {
	rules, err := r.rules(at)
	if err != nil {
		return false, err
	}
	_, _, moves := rules.Reseat(r.c, at)
	return moves, nil
}

func (r *recording) reseat(at time.Time) error {
	rules, err := r.rules(at)
	if err != nil {
		return err
	}
	after, event, moves := rules.Reseat(r.c, at)
	if !moves {
		return nil
	}
	return r.move(after, event)
}

// settle holds what was just recorded against the people of now. An act is judged, and the next step
// laid before others, by the people of the instant at which it was received; whoever left since then
// was gone when SettlePeople looked at the case.
func (r *recording) settle() error {
	now := r.s.now()
	if r.judged.IsZero() || !r.lore.people.changed(r.judged, now) {
		return nil
	}
	return r.reseat(now)
}
