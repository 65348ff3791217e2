package store

import (
	"context"
	"fmt"
	"strings"
	"time"

	"gorm.io/gorm"

	"haochaping/regulation"
	"haochaping/workday"
)

// AlarmExchange: an upstream gets what it is to get too late, or too much of it is parked (R55). It clears
// itself.
const AlarmExchange = "exchange"

// Why an upstream is in alarm.
const (
	ExchangeLate   = "late"
	ExchangeParked = "parked"
)

// Exchange is how the exchange with an upstream stands.
type Exchange struct {
	Upstream
	Waiting int // under way included
	Sent    int // messages that it took, each counted once
	Parked  int
	Held    int           // of the waiting: behind a parked earlier version
	Lag     time.Duration // how long the oldest waits, or since when nobody looked
	P95     time.Duration // of what was sent within the last hour, from the record to the upstream; 0 for nothing
	LastHr  int           // sent within it
	// Failures in a row, why the last, and until when the upstream is left in peace.
	Failures  int
	Code      string
	Next      time.Time
	Succeeded time.Time // when it last took something
}

// Exchanges are the upstreams that the settings name, with how each stands.
func (s *Store) Exchanges(ctx context.Context) ([]Exchange, error) {
	var rows []upstreamRow
	if err := s.rows(ctx).Where("retired_at = 0").Order("name").Find(&rows).Error; err != nil {
		return nil, err
	}
	size, err := s.LedgerPosition(ctx)
	if err != nil {
		return nil, err
	}
	var all []Exchange
	for _, row := range rows {
		e, err := s.exchange(ctx, row, size)
		if err != nil {
			return nil, err
		}
		all = append(all, e)
	}
	return all, nil
}

func (s *Store) exchange(ctx context.Context, up upstreamRow, ledger int64) (Exchange, error) {
	e := Exchange{Upstream: Upstream{up.Name, up.Title, up.Simulated}, Failures: up.Failures, Code: up.Code, Next: instant(up.TryAt), Succeeded: instant(up.SucceededAt)}
	ours := func() *gorm.DB { return s.rows(ctx).Table("deliveries d").Where("d.upstream = ?", up.Name) }
	counts, err := counted(ours().Where("d.state <> ?", DeliverySent), "d.state")
	if err != nil {
		return e, err
	}
	e.Waiting, e.Sent, e.Parked = counts[DeliveryWaiting]+counts[DeliverySending], int(up.Sent), counts[DeliveryParked]
	if e.Parked > 0 {
		var held int64
		// From the parked ones, which are few: SQLite takes a cross join in this order.
		err := ours().Joins("CROSS JOIN deliveries w").Where("d.state = ? AND w.upstream = d.upstream AND w.rating_id = d.rating_id", DeliveryParked).
			Where("w.seq > d.seq AND w.state = ?", DeliveryWaiting).Distinct("w.id").Count(&held).Error
		if err != nil {
			return e, err
		}
		e.Held = int(held)
	}
	if e.Lag, err = s.exchangeLag(ctx, up, ledger); err != nil {
		return e, err
	}
	return e, s.recentLag(ctx, &e)
}

// exchangeLag is how long the oldest waits that is not held behind a parked one: of that the parked one
// tells. Where the ledger has what nobody has looked at yet, it is at least since the last look.
func (s *Store) exchangeLag(ctx context.Context, up upstreamRow, ledger int64) (lag time.Duration, err error) {
	now := s.now()
	if up.Position < ledger && up.FollowedAt > 0 {
		lag = now.Sub(instant(up.FollowedAt))
	}
	for _, state := range []string{DeliverySending, DeliveryWaiting} {
		rows, err := nextDeliveries(s.rows(ctx), up.Name, endless, 1, state)
		if err != nil {
			return 0, err
		}
		for _, row := range rows {
			lag = max(lag, now.Sub(instant(row.SinceAt)))
		}
	}
	return lag, nil
}

// endless is after every instant of the record.
const endless = 1<<63 - 1

func (s *Store) recentLag(ctx context.Context, e *Exchange) error {
	recent := func() *gorm.DB {
		return s.rows(ctx).Table("deliveries").Where("upstream = ? AND sent_at > ? AND state = ?", e.Name, micros(s.now().Add(-time.Hour)), DeliverySent)
	}
	var n int64
	if err := recent().Count(&n).Error; err != nil || n == 0 {
		return err
	}
	var took []int64
	err := recent().Order("sent_at - since_at").Offset(int((n*95+99)/100)-1).Limit(1).Pluck("sent_at - since_at", &took).Error
	for _, t := range took {
		e.LastHr, e.P95 = int(n), max(0, time.Duration(t)*time.Microsecond)
	}
	return err
}

// ParkedDelivery is a message that an upstream did not take.
type ParkedDelivery struct {
	Upstream
	Delivery
	Area string // of the rating
}

// Parked lists what the upstreams did not take, the latest first.
func (s *Store) Parked(ctx context.Context, q ListQuery) ([]ParkedDelivery, string, error) {
	query, limit, err := q.newest(s.rows(ctx).Table("deliveries d").Joins("JOIN upstreams u ON u.name = d.upstream").Joins("JOIN ratings r ON r.id = d.rating_id").
		Select("d.*, u.title, u.simulated, r.area").Where("u.retired_at = 0 AND d.state = ?", DeliveryParked), "d.since_at", "CONCAT(d.upstream, '/', d.id)")
	if err != nil {
		return nil, "", err
	}
	var rows []struct {
		Row       deliveryRow `gorm:"embedded"`
		Title     string
		Simulated bool
		Area      string
	}
	if err := query.Find(&rows).Error; err != nil {
		return nil, "", err
	}
	var all []ParkedDelivery
	for _, r := range rows {
		all = append(all, ParkedDelivery{Upstream{r.Row.Upstream, r.Title, r.Simulated}, r.Row.delivery(), r.Area})
	}
	all, next := page(all, limit, func(p ParkedDelivery) cursor { return cursor{Key: micros(p.Since), ID: p.Name + "/" + p.ID} })
	return all, next, nil
}

// UpstreamByName returns an upstream that the settings name; NotFound for any other.
func (s *Store) UpstreamByName(ctx context.Context, name string) (Upstream, error) {
	var row upstreamRow
	err := s.rows(ctx).Where("name = ? AND retired_at = 0", name).Take(&row).Error
	return Upstream{row.Name, row.Title, row.Simulated}, found(err, "upstream")
}

// ResendParked has a parked message sent once more, at once, after what was wrong was put right; all of
// an upstream's where id is "". It answers how many those are; NotFound for one that is not parked.
func (s *Store) ResendParked(ctx context.Context, upstream, id string, actor regulation.Actor) (n int64, err error) {
	err = s.tx(ctx, func(tx *gorm.DB) error {
		query := tx.Model(&deliveryRow{}).Where("upstream = ? AND state = ?", upstream, DeliveryParked)
		if id != "" {
			query = query.Where("id = ?", id)
		}
		// It may have arrived: an upstream that would count it twice is asked first.
		done := query.Updates(map[string]any{"state": DeliverySending, "attempts": 0, "next_at": 0, "tried_at": 0})
		if n = done.RowsAffected; done.Error != nil {
			return done.Error
		}
		if n == 0 && id != "" {
			return &regulation.Error{Code: regulation.NotFound, Missing: "delivery"}
		}
		return s.auditExchange(tx, "resend_parked", upstream, fmt.Sprintf("%d", n), actor)
	})
	return n, err
}

func (s *Store) auditExchange(tx *gorm.DB, action, upstream, what string, actor regulation.Actor) error {
	return s.audit(tx, AuditEntry{Person: actor.Person, Role: string(actor.As.Role), Action: action, ObjectKind: "upstream", ObjectID: upstream,
		Area: actor.As.Area, Purpose: what, Outcome: OutcomeDone})
}

// CountReplay is how many messages a replay from a day on would send once more: those that the record had
// since then and that were sent.
func (s *Store) CountReplay(ctx context.Context, upstream string, from workday.Date) (n int64, err error) {
	err = replayed(s.rows(ctx), upstream, from).Count(&n).Error
	return n, err
}

func replayed(db *gorm.DB, upstream string, from workday.Date) *gorm.DB {
	return db.Model(&deliveryRow{}).Where("upstream = ? AND state = ? AND at >= ?", upstream, DeliverySent, micros(from.Start()))
}

// Replay sends once more what an upstream was sent since a day, each rating's versions in their order. The
// ids stay, and an upstream that does not know them again is asked first: so nothing counts twice. It answers
// how many those are.
func (s *Store) Replay(ctx context.Context, upstream string, from workday.Date, actor regulation.Actor) (n int64, err error) {
	err = s.tx(ctx, func(tx *gorm.DB) error {
		done := replayed(tx, upstream, from).Updates(map[string]any{"state": DeliverySending, "since_at": micros(s.now()), "next_at": 0, "tried_at": 0, "attempts": 0})
		if n = done.RowsAffected; done.Error != nil {
			return done.Error
		}
		return s.auditExchange(tx, "replay_exchange", upstream, fmt.Sprintf("%s %d", from, n), actor)
	})
	return n, err
}

// WatchExchange raises an alarm for each upstream whose lag or parked messages exceed the parameters, and
// clears those that are well again or retired.
func (s *Store) WatchExchange(ctx context.Context) error {
	edition, err := s.CurrentEdition(ctx)
	if err != nil {
		return err
	}
	params, err := s.Params(ctx, edition)
	if err != nil {
		return err
	}
	all, err := s.Exchanges(ctx)
	if err != nil {
		return err
	}
	return s.tx(ctx, func(tx *gorm.DB) error {
		wrong := []string{""}
		for _, e := range all {
			why := e.Alarms(params)
			if len(why) == 0 {
				continue
			}
			wrong = append(wrong, e.Name)
			if err := s.raise(tx, AlarmExchange, e.Name, strings.Join(why, ","), regulation.PrefectureArea, ""); err != nil {
				return err
			}
		}
		return tx.Model(&alarmRow{}).Where("kind = ? AND cleared_at = 0 AND object_id NOT IN ?", AlarmExchange, wrong).Update("cleared_at", micros(s.now())).Error
	})
}

// Alarms are why an upstream is in alarm, none where it is well.
func (e Exchange) Alarms(p regulation.Params) (why []string) {
	if e.Lag > time.Duration(p.Days(regulation.ExchangeLagMinutes))*time.Minute {
		why = append(why, ExchangeLate)
	}
	if e.Parked > p.Days(regulation.ExchangeParkedMost) {
		why = append(why, ExchangeParked)
	}
	return why
}
