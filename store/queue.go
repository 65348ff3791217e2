package store

import "sync"

// maxBatch items share one commit at most.
const maxBatch = 64

// queue is where work for the database waits for each other: while one batch is being committed,
// what arrives gathers, and the first of it leads the next. Under load the disk is asked once a
// batch instead of once an item; a lone item waits for nobody.
type queue[T any] struct {
	mu      sync.Mutex
	leading int // batches that are being written
	waiting []*place[T]
}

// place is an item's in the queue.
type place[T any] struct {
	item T
	turn chan []*place[T] // the batch to lead; closed: written
}

// together returns when the item was written, by this caller or by another that led its batch.
// As many batches are written at the same time as there are leaders.
func (q *queue[T]) together(item T, leaders int, write func(batch []T)) {
	own := &place[T]{item, make(chan []*place[T], 1)}
	batch := q.join(own, leaders)
	if batch == nil {
		if batch = <-own.turn; batch == nil {
			return
		}
	}
	defer func() { // also when it panics: nobody may wait for ever
		q.hand()
		for _, other := range batch[1:] {
			close(other.turn)
		}
	}()
	write(converted(batch, func(p *place[T]) T { return p.item }))
}

// join returns the item as a batch of its own that its caller is to lead at once, or nil: then it
// waits. Nobody waits unless every leader is busy.
func (q *queue[T]) join(own *place[T], leaders int) []*place[T] {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.leading < leaders {
		q.leading++
		return []*place[T]{own}
	}
	q.waiting = append(q.waiting, own)
	return nil
}

// hand passes the lead on, with the next batch, to whoever has waited longest.
func (q *queue[T]) hand() {
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
