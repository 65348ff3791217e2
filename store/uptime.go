package store

import (
	"context"
	"errors"
	"slices"
	"time"

	"gorm.io/gorm"

	"haochaping/regulation"
)

// Stretch is a piece of the machines' time.
type Stretch struct{ From, Until time.Time }

// Uptime are the stretches in which the system was up, in their order and without overlap.
type Uptime []Stretch

// Within is how much of the time from one instant to another the system was up.
func (u Uptime) Within(from, until time.Time) (up time.Duration) {
	i, _ := slices.BinarySearchFunc(u, from, func(s Stretch, at time.Time) int { return s.Until.Compare(at) })
	for ; i < len(u) && u[i].From.Before(until); i++ {
		up += earlier(u[i].Until, until).Sub(later(u[i].From, from))
	}
	return up
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

type uptimeRow struct {
	Node    string `gorm:"primaryKey"`
	FromAt  int64  `gorm:"primaryKey;autoIncrement:false"`
	UntilAt int64
}

func (uptimeRow) TableName() string { return "uptime" }

// Beat notes that a node is up since an instant and still is. since is the beat with which the
// stretch began: zero begins one. It returns the stretch's beginning, for the next beat.
func (s *Store) Beat(ctx context.Context, node string, since time.Time) (time.Time, error) {
	now := s.wall().Truncate(time.Microsecond)
	if since.IsZero() {
		since = now
	}
	return since, s.tx(ctx, func(tx *gorm.DB) error {
		if !since.Equal(now) {
			n, err := s.exec(tx, "UPDATE uptime SET until_at = ? WHERE node = ? AND from_at = ?", micros(now), node, micros(since))
			if err != nil || n > 0 {
				return err
			}
		}
		return tx.Save(&uptimeRow{node, micros(since), micros(now)}).Error
	})
}

// Outage is a time in which nothing could be recorded in time, though the nodes believed to be up: of the
// whole system, or of one case alone, which excuses no other's lateness.
type Outage struct {
	Stretch
	Case string // "" for the whole system
}

// Uptime returns when any node was up, less the outages of the whole system that were declared.
func (s *Store) Uptime(ctx context.Context) (Uptime, error) {
	var rows []uptimeRow
	if err := s.rows(ctx).Order("from_at, until_at").Find(&rows).Error; err != nil {
		return nil, err
	}
	var up Uptime
	for _, row := range rows {
		up = up.with(Stretch{instant(row.FromAt), instant(row.UntilAt)})
	}
	outages, err := s.outages(s.rows(ctx).Where("case_id = ''"))
	for _, o := range outages {
		up = up.less(o.Stretch)
	}
	return up, err
}

func (s *Store) outages(query *gorm.DB) ([]Outage, error) {
	var rows []struct {
		CaseID          string
		FromAt, UntilAt int64
	}
	err := query.Table("outages").Select("case_id, from_at, until_at").Order("from_at, until_at").Find(&rows).Error
	var all []Outage
	for _, row := range rows {
		all = append(all, Outage{Stretch{instant(row.FromAt), instant(row.UntilAt)}, row.CaseID})
	}
	return all, err
}

// caseOutages are the outages of single cases, or of one of them, in the order of their beginnings.
func (s *Store) caseOutages(ctx context.Context, only string) (map[string]Uptime, error) {
	query := s.rows(ctx).Where("case_id <> ''")
	if only != "" {
		query = s.rows(ctx).Where("case_id = ?", only)
	}
	declared, err := s.outages(query)
	of := map[string]Uptime{}
	for _, o := range declared {
		of[o.Case] = of[o.Case].with(o.Stretch)
	}
	return of, err
}

// with adds a stretch that begins at or after the last one's beginning.
func (u Uptime) with(next Stretch) Uptime {
	if last := len(u) - 1; last >= 0 && !next.From.After(u[last].Until) {
		u[last].Until = later(u[last].Until, next.Until)
		return u
	}
	return append(u, next)
}

func (u Uptime) less(outage Stretch) (left Uptime) {
	for _, up := range u {
		if up.From.Before(outage.From) {
			left = append(left, Stretch{up.From, earlier(up.Until, outage.From)})
		}
		if up.Until.After(outage.Until) {
			left = append(left, Stretch{later(up.From, outage.Until), up.Until})
		}
	}
	return left
}

// OutageReasons are the codes under which an outage is declared.
var OutageReasons = []string{"overload", "suspended", "database", "maintenance"}

// DeclareOutages notes that the system, or a case, was not really up for some times, though its nodes
// believed so. Invalid: no such reason, or no time.
func (s *Store) DeclareOutages(ctx context.Context, outages []Outage, reason, author string) error {
	if !slices.Contains(OutageReasons, reason) {
		return (&regulation.Error{Code: regulation.Invalid, Missing: "fields"}).Field("reason", "not_an_option")
	}
	for _, o := range outages {
		if !o.Until.After(o.From) {
			return (&regulation.Error{Code: regulation.Invalid, Missing: "fields"}).Field("until", "required")
		}
	}
	return s.tx(ctx, func(tx *gorm.DB) error {
		for _, o := range outages {
			if err := s.declare(tx, o, reason, author); err != nil {
				return err
			}
		}
		return nil
	})
}

func (s *Store) declare(tx *gorm.DB, o Outage, reason, author string) error {
	const add = "INSERT INTO outages (case_id, from_at, until_at, reason, author) VALUES (?, ?, ?, ?, ?)"
	_, err := s.exec(tx, add, o.Case, micros(o.From), micros(o.Until), reason, author)
	if errors.Is(err, gorm.ErrDuplicatedKey) {
		return nil // declared already
	}
	line := AuditEntry{Person: author, Action: "declare_outage", ObjectKind: "system", Purpose: reason, Outcome: OutcomeDone}
	if o.Case != "" {
		line.ObjectKind, line.ObjectID = "case", o.Case
	}
	if err == nil {
		err = s.audit(tx, line)
	}
	return err
}
