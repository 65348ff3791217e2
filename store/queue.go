package store

import (
	"cmp"
	"sync"
	"time"
)

// maxBatch items share one commit at most.
const maxBatch = 64

// queue is where work for the database waits for each other: while one batch is being committed,
// what arrives gathers, and the first of it leads the next. Under load the disk is asked once a
// batch instead of once an item; a lone item waits for nobody.
type queue[T any] struct {
	// leaders is how many batches are written at the same time; beside another none is begun with fewer
	// items than enough.
	leaders, enough int
	// patience is how long a leader waits for company, where items come thick enough that somebody is
	// likely to come; 0: nobody waits.
	patience time.Duration
	// most is how many items share a commit; 0: maxBatch.
	most int

	mu      sync.Mutex
	leading int // batches that are being written
	waiting []*place[T]
	came    time.Time     // when the latest item came
	gap     time.Duration // between items, on average of late
}

// place is an item's in the queue.
type place[T any] struct {
	item T
	turn chan []*place[T] // the batch to lead; closed: written
}

// together returns when the item was written, by this caller or by another that led its batch.
func (q *queue[T]) together(item T, write func(batch []T)) { q.put(item, q.patience, write) }

// atOnce is together without waiting for company.
func (q *queue[T]) atOnce(item T, write func(batch []T)) { q.put(item, 0, write) }

func (q *queue[T]) put(item T, patience time.Duration, write func(batch []T)) {
	own := &place[T]{item, make(chan []*place[T], 1)}
	gap := q.join(own)
	batch := <-own.turn
	if batch == nil {
		return
	}
	// Also who was handed the lead waits: what came while the batch before was written is little.
	if 2*gap < patience && len(batch) < q.size() {
		time.Sleep(patience)
		batch = append(batch, q.latecomers(len(batch))...)
	}
	defer func() { // also when it panics: nobody may wait for ever
		q.hand()
		for _, other := range batch[1:] {
			close(other.turn)
		}
	}()
	write(converted(batch, func(p *place[T]) T { return p.item }))
}

// join lines an item up. gap tells how thick items come.
func (q *queue[T]) join(own *place[T]) (gap time.Duration) {
	q.mu.Lock()
	defer q.mu.Unlock()
	now := time.Now() //nolint:forbidigo // paces this machine's own work; no instant of the record
	q.gap += (min(now.Sub(q.came), time.Second) - q.gap) / 8
	q.came = now
	q.waiting = append(q.waiting, own)
	if q.leading == 0 || q.leading < q.leaders && len(q.waiting) >= q.enough {
		q.leading++
		q.lead()
	}
	return q.gap
}

// latecomers takes what came while a leader with so many items waited. After a wait in vain nobody
// waits for a while: items come thick from a single caller too, each after the one before it.
func (q *queue[T]) latecomers(have int) []*place[T] {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.waiting) == 0 && have == 1 {
		q.gap = time.Second
	}
	return q.next(q.size() - have)
}

func (q *queue[T]) size() int { return cmp.Or(q.most, maxBatch) }

func (q *queue[T]) next(most int) []*place[T] {
	n := min(len(q.waiting), most)
	some := q.waiting[:n:n]
	q.waiting = q.waiting[n:]
	return some
}

// hand passes the lead on, unless nobody waits, or few do whom the leader beside takes along.
func (q *queue[T]) hand() {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.waiting) == 0 || q.leading > 1 && len(q.waiting) < q.enough {
		q.leading--
		return
	}
	q.lead()
}

// lead has whoever has waited longest lead the next batch.
func (q *queue[T]) lead() {
	batch := q.next(q.size())
	batch[0].turn <- batch
}
