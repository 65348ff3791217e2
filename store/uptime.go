package store

import (
	"context"
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

// Uptime returns when any node was up, less the outages that were declared.
func (s *Store) Uptime(ctx context.Context) (Uptime, error) {
	up, err := s.stretches(ctx, "uptime")
	if err != nil {
		return nil, err
	}
	outages, err := s.stretches(ctx, "outages")
	for _, outage := range outages {
		up = up.less(outage)
	}
	return up, err
}

func (s *Store) stretches(ctx context.Context, table string) (Uptime, error) {
	var rows []struct{ FromAt, UntilAt int64 }
	err := s.rows(ctx).Table(table).Select("from_at, until_at").Order("from_at, until_at").Find(&rows).Error
	var all Uptime
	for _, row := range rows {
		all = all.with(Stretch{instant(row.FromAt), instant(row.UntilAt)})
	}
	return all, err
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

// DeclareOutage notes that the system was not really up for a time, though its nodes believed so.
// Invalid: no such reason, or no time.
func (s *Store) DeclareOutage(ctx context.Context, outage Stretch, reason, author string) error {
	return s.tx(ctx, func(tx *gorm.DB) error { return s.declareOutage(tx, outage, reason, author) })
}

func (s *Store) declareOutage(tx *gorm.DB, outage Stretch, reason, author string) error {
	if !slices.Contains(OutageReasons, reason) {
		return (&regulation.Error{Code: regulation.Invalid, Missing: "fields"}).Field("reason", "not_an_option")
	}
	if !outage.Until.After(outage.From) {
		return (&regulation.Error{Code: regulation.Invalid, Missing: "fields"}).Field("until", "required")
	}
	const add = "INSERT INTO outages (from_at, until_at, reason, author) VALUES (?, ?, ?, ?)"
	if _, err := s.exec(tx, add, micros(outage.From), micros(outage.Until), reason, author); err != nil {
		return err
	}
	return s.audit(tx, AuditEntry{Person: author, Action: "declare_outage", ObjectKind: "system", Purpose: reason, Outcome: OutcomeDone})
}
