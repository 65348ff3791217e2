package store

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"gorm.io/gorm"

	"haochaping/regulation"
)

// RatingByID returns a rating and its case, which is zero for a good one, for whoever showed its
// receipt before.
func (s *Store) RatingByID(ctx context.Context, id string) (regulation.Rating, regulation.Case, error) {
	var row ratingView
	if err := s.rows(ctx).Take(&row, "id = ?", id).Error; err != nil {
		return regulation.Rating{}, regulation.Case{}, found(err, "rating")
	}
	c, err := s.caseOfRating(ctx, id)
	return row.rating(), c, err
}

func (s *Store) caseOfRating(ctx context.Context, ratingID string) (regulation.Case, error) {
	var opened []struct{ State []byte }
	err := s.rows(ctx).Table("cases").Select("state").Where("rating_id = ?", ratingID).Find(&opened).Error
	if err != nil || len(opened) == 0 {
		return regulation.Case{}, err
	}
	return caseOf(opened[0].State)
}

// RepeatedAct finds the request that was made before under the same key. With another content
// it is a regulation.Conflict.
func (s *Store) RepeatedAct(ctx context.Context, r ActRequest) (row ActRow, repeated bool, err error) {
	if s.sealer == nil {
		return ActRow{}, false, errNoKeys
	}
	tried, err := s.newAct(r)
	if err != nil {
		return ActRow{}, false, err
	}
	row, err = s.sameAct(ctx, tried, r)
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return ActRow{}, false, nil
	}
	return row, err == nil, err
}

// CaseTasks lists a case's tasks, in the order of their due times.
func (s *Store) CaseTasks(ctx context.Context, caseID string) ([]TaskItem, error) {
	var rows []taskView
	err := s.rows(ctx).Table("tasks t").Select("t.*, c.phase, c.unit_id, c.matter_id").
		Joins("JOIN cases c ON c.id = t.case_id").Where("t.case_id = ?", caseID).Order("t.due_at, t.id").Find(&rows).Error
	return converted(rows, taskView.item), err
}

// Backlog is what is left to do, for operators' figures.
type Backlog struct {
	OpenCases    int64
	PendingActs  int64
	FailedActs   int64
	BlockedCases int64
	OldestOutbox time.Time // zero where nothing waits
	OldestLeaf   time.Time
}

// Backlog counts what is left to do.
func (s *Store) Backlog(ctx context.Context) (Backlog, error) {
	var b Backlog
	if err := s.rows(ctx).Table("cases").Where("closed_at = 0").Count(&b.OpenCases).Error; err != nil {
		return b, err
	}
	if err := s.rows(ctx).Table("acts").Where("status = 'pending'").Count(&b.PendingActs).Error; err != nil {
		return b, err
	}
	if err := s.rows(ctx).Table("acts").Where("status = 'failed'").Count(&b.FailedActs).Error; err != nil {
		return b, err
	}
	if err := s.rows(ctx).Table("alarms").Where("kind = ? AND cleared_at = 0", AlarmBlocked).Count(&b.BlockedCases).Error; err != nil {
		return b, err
	}
	for table, into := range map[string]*time.Time{"outbox": &b.OldestOutbox, "pending_leaves": &b.OldestLeaf} {
		var oldest int64
		if err := s.rows(ctx).Table(table).Select("COALESCE(MIN(added_at), 0)").Scan(&oldest).Error; err != nil {
			return b, err
		}
		*into = instant(oldest)
	}
	return b, nil
}

// LedgerEntry names what stands at a position of the ledger: an event of a case, or a rating.
type LedgerEntry struct {
	Position int64
	CaseID   string // "" for a rating
	Seq      int64
}

// LedgerEntries lists what the ledger took in from a position on, in its order.
func (s *Store) LedgerEntries(ctx context.Context, from int64, limit int) ([]LedgerEntry, error) {
	var rows []struct {
		Position  int64
		Kind, Ref string
	}
	err := s.rows(ctx).Table("leaves").Where("position >= ?", from).Order("position").Limit(limit).Find(&rows).Error
	entries := make([]LedgerEntry, 0, len(rows))
	for _, row := range rows {
		entry := LedgerEntry{Position: row.Position}
		if caseID, seq, isEvent := strings.Cut(row.Ref, "/"); isEvent {
			entry.CaseID = caseID
			entry.Seq, _ = strconv.ParseInt(seq, 10, 64) // written by eventRef
		}
		entries = append(entries, entry)
	}
	return entries, err
}

// RatedNotice is one notice within the scope; NotFound outside it and before it was served.
func (s *Store) RatedNotice(ctx context.Context, scope regulation.Scope, caseID string) (RatedNotice, error) {
	c, err := s.readCase(ctx, caseID)
	if err != nil {
		return RatedNotice{}, err
	}
	in := scope.All || slices.Contains(scope.Areas, c.Area) || slices.Contains(scope.Units, c.Rated.Unit) ||
		(scope.Staff != "" && scope.Staff == c.Rated.Staff)
	if !in || c.Notice.ServedAt.IsZero() {
		return RatedNotice{}, &regulation.Error{Code: regulation.NotFound, Missing: "notice"}
	}
	r, err := s.RatingOf(ctx, c)
	return RatedNotice{CaseID: c.ID, Number: c.Number, Unit: c.Rated.Unit, Hall: c.Rated.Hall, Window: c.Rated.Window,
		Staff: c.Rated.Staff, Grade: c.Grade, Dimensions: r.Dimensions, Options: r.Options, Period: c.Notice.Period,
		ServedAt: c.Notice.ServedAt, AppealUntil: c.Notice.AppealUntil}, err
}

// Assignments lists the posts that are a person's own now, whether or not the account may be used.
func (s *Store) Assignments(ctx context.Context, person string) ([]regulation.Assignment, error) {
	p, err := s.People(ctx)
	if err != nil {
		return nil, err
	}
	return p.Posts(person, s.now()), nil
}
