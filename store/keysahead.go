package store

import (
	"cmp"
	"context"
	"sync"
	"time"

	"haochaping/store/seal"
)

// A rater's key is on the disk of the key store before the record commits what it seals: a contact without
// its key would be lost, a key without a contact opens nothing and is swept. Where the key store does not
// answer in time the wrapped key goes into the record itself, in the rating's own transaction, and is moved
// once the store is back (MoveSubjectKeys). So no rating waits for the key store for longer than
// keyPatience, and none is refused since it is away.

const (
	// mostKeysAhead are kept in one commit of the key store at most.
	mostKeysAhead = 64
	// keyFresh is for how long a key waits for its rater: much less than orphanAge, after which it is swept.
	keyFresh = time.Minute
)

// keysAhead are keys of raters to come: kept one by one, each contact would cost a commit of its own. Each
// time they are used up within keyFresh twice as many are drawn, so a lone rating draws none but its own.
type keysAhead struct {
	most int // in a commit; 0: mostKeysAhead

	mu    sync.Mutex
	free  []readyKey
	drawn int       // how many were drawn last
	stale time.Time // of the machine's clock: when those are given up
	rests time.Time // the same: until when the key store is left alone
}

// readyKey is a subject's key; kept tells that the key store has it.
type readyKey struct {
	seal.SubjectKey
	row  keptKey
	kept bool
}

// newReadyKey draws a key that is nowhere yet.
func (s *Store) newReadyKey(subject string) (readyKey, error) {
	key, wrapped, err := s.sealer.NewSubjectKey(subject)
	if err != nil {
		return readyKey{}, err
	}
	row, err := s.newKeptKey(subject, wrapped)
	return readyKey{SubjectKey: key, row: row}, err
}

// raterKey is a key for a rating to come, which is to have the key's subject for its id.
func (s *Store) raterKey(ctx context.Context) (readyKey, error) {
	a := &s.keysAhead
	a.mu.Lock()
	defer a.mu.Unlock()
	now := s.wall()
	if !now.Before(a.stale) {
		a.free, a.drawn = nil, 0
	}
	if len(a.free) == 0 && !now.Before(a.rests) {
		if err := s.drawKeys(ctx); err != nil {
			return readyKey{}, err
		}
	}
	if len(a.free) == 0 {
		return s.newReadyKey(newID())
	}
	next := a.free[0]
	a.free = a.free[1:]
	return next, nil
}

// drawKeys fills keysAhead, where the key store answers.
func (s *Store) drawKeys(ctx context.Context) error {
	a := &s.keysAhead
	ready := make([]readyKey, min(max(1, 2*a.drawn), cmp.Or(a.most, mostKeysAhead)))
	rows := make([]keptKey, len(ready))
	for i := range ready {
		var err error
		if ready[i], err = s.newReadyKey(newID()); err != nil {
			return err
		}
		ready[i].kept, rows[i] = true, ready[i].row
	}
	ctx, done := context.WithTimeout(context.WithoutCancel(ctx), keyPatience)
	defer done()
	if err := s.subjectKeys.put(ctx, rows); err != nil {
		s.log.Warn("subject keys wait in the record", "error", err)
		a.rests = s.wall().Add(keyRest)
		return nil
	}
	a.free, a.drawn, a.stale = ready, len(ready), s.wall().Add(keyFresh)
	return nil
}
