package store

import (
	"cmp"
	"context"
	"errors"
	"slices"

	"gorm.io/gorm"
)

// record is tx for recordings: a caller who leaves ends no transaction half-way. Those that come
// together share a commit; each succeeds or fails by itself. On MySQL what do writes is sent in one go.
func (s *Store) record(ctx context.Context, do func(tx *gorm.DB) error) error {
	return s.share(ctx, &write{do: do}, s.writes.together)
}

// recordNow is record for a batch that has gathered already; it joins others on SQLite only, which has
// one writer.
func (s *Store) recordNow(ctx context.Context, do func(tx *gorm.DB) error) error {
	if s.engine == onSQLite {
		return s.share(ctx, &write{do: do}, s.writes.atOnce)
	}
	ctx = context.WithoutCancel(ctx)
	return again(ctx, func() error { return s.pack(ctx, do) })
}

func (s *Store) share(ctx context.Context, w *write, queued func(*write, func([]*write))) error {
	ctx = context.WithoutCancel(ctx)
	w.err = errUnsettled
	queued(w, func(batch []*write) { s.writeAll(ctx, batch) })
	if errors.Is(w.err, errUnsettled) {
		s.writeAll(ctx, []*write{w})
	}
	return w.err
}

// write is one caller's part of a shared transaction.
type write struct {
	// asks is what the part reads and holds first, if anything: on MySQL all parts of a batch ask in one
	// round trip.
	asks *question
	do   func(tx *gorm.DB) error
	err  error // errUnsettled until the batch is settled
}

// question asks for a case, which it holds, with an act of it.
type question struct {
	caseID, actID string
	// taken is told the answer.
	taken func(heldCase) error
}

// errUnsettled: whoever led the batch broke off.
var errUnsettled = errors.New("store: a shared transaction was not settled")

// writeAll runs a batch in one transaction. Where a part fails, each runs in one of its own.
func (s *Store) writeAll(ctx context.Context, batch []*write) {
	shared := len(batch) > 1 && s.transact(ctx, batch) == nil
	for _, w := range batch {
		w.err = nil
		if !shared {
			w.err = again(ctx, func() error { return s.transact(ctx, []*write{w}) })
		}
	}
}

// transact is one attempt at a transaction of several parts.
func (s *Store) transact(ctx context.Context, parts []*write) error {
	if s.engine == onSQLite {
		return s.writing.WithContext(ctx).Transaction(func(tx *gorm.DB) error { return s.inTurn(tx, parts) })
	}
	return s.pack(ctx, func(tx *gorm.DB) error { return s.askFirst(tx, parts) })
}

// inTurn runs one part after the other.
func (s *Store) inTurn(tx *gorm.DB, parts []*write) error {
	for _, w := range parts {
		if q := w.asks; q != nil {
			var h heldCase
			err := s.one(tx, readHeld, []any{q.actID, q.caseID}, append([]any{&h.state, &h.revision}, h.act.dest()...)...)
			if err != nil {
				return found(err, "case")
			}
			if err := q.taken(h); err != nil {
				return err
			}
		}
		if err := w.do(tx); err != nil {
			return err
		}
	}
	return nil
}

// askFirst lets all parts ask before any writes, so that the writes of all are sent together. Of two
// acts on one case the second then repeats the first's sequence, which the events' key refuses: each
// runs alone. All ask in one order everywhere, or two transactions would wait for each other.
func (s *Store) askFirst(tx *gorm.DB, parts []*write) error {
	parts = slices.SortedStableFunc(slices.Values(parts), func(a, b *write) int { return cmp.Compare(a.about(), b.about()) })
	p := tx.Statement.ConnPool.(*packed)
	if err := p.ask(tx.Statement.Context, parts); err != nil {
		return err
	}
	for _, w := range parts {
		p.part()
		if err := w.do(tx); err != nil {
			return err
		}
	}
	return nil
}

func (w *write) about() string {
	if w.asks == nil {
		return ""
	}
	return w.asks.caseID
}
