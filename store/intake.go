package store

import (
	"context"
	"errors"
	"sync"

	"gorm.io/gorm"

	"haochaping/regulation"
)

// maxBatch ratings share one commit at most.
const maxBatch = 64

// queue is where ratings wait for each other: while one batch is being committed, those that
// arrive gather, and the first of them leads the next. Under load the disk is asked once a
// batch instead of once a rating; a lone rating waits for nobody.
type queue struct {
	mu      sync.Mutex
	leading int // batches that are being written
	waiting []*intake
}

// leaders is how many batches are written at the same time. SQLite has one writer; on MySQL one
// batch is sent while another waits for the disk.
func (s *Store) leaders() int {
	if s.engine == onSQLite {
		return 1
	}
	return 2
}

// writeTogether returns when the item is committed or refused.
func (s *Store) writeTogether(ctx context.Context, item *intake) error {
	batch := s.queue.join(item, s.leaders())
	if batch == nil {
		if batch = <-item.turn; batch == nil {
			return item.err
		}
	}
	defer func() { // also when it panics: nobody may wait for ever
		for _, other := range batch[1:] {
			close(other.turn)
		}
	}()
	s.writeBatch(ctx, batch)
	return item.err
}

// join returns the item as a batch of its own that its caller is to lead at once, or nil: then it
// waits. Nobody waits unless every leader is busy.
func (q *queue) join(item *intake, leaders int) []*intake {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.leading < leaders {
		q.leading++
		return []*intake{item}
	}
	q.waiting = append(q.waiting, item)
	return nil
}

// hand passes the lead on, with the next batch, to whoever has waited longest.
func (q *queue) hand() {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.waiting) == 0 {
		q.leading--
		return
	}
	n := min(len(q.waiting), maxBatch)
	batch := q.waiting[:n:n]
	q.waiting = q.waiting[n:]
	batch[0].turn <- batch
}

// writeBatch writes all or, where one is refused, each by itself, so that nobody fails for
// another's form.
func (s *Store) writeBatch(ctx context.Context, batch []*intake) {
	defer s.queue.hand()
	err := s.writeIntakes(ctx, batch)
	if err == nil || len(batch) == 1 {
		for _, item := range batch {
			s.settle(ctx, item, err)
		}
		return
	}
	for _, item := range batch {
		s.settle(ctx, item, s.writeIntakes(ctx, []*intake{item}))
	}
}

func (s *Store) settle(ctx context.Context, item *intake, err error) {
	switch {
	case errors.Is(err, gorm.ErrDuplicatedKey):
		item.saved, err = s.repeated(context.WithoutCancel(ctx), item)
	case errors.Is(err, gorm.ErrForeignKeyViolated) && item.in.Rating.ScanDigest != "":
		err = (&regulation.Error{Code: regulation.Invalid, Clause: regulation.ClauseBox, Missing: "fields"}).Field("scan", "unknown_file")
	}
	item.err = err
}
