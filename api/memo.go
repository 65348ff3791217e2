package api

import (
	"context"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"
)

// memoLife is how long what every citizen's page needs is remembered. A change of a roster, a
// profile or an option shows after it at the latest.
const memoLife = 10 * time.Second

// memo remembers answers for a moment, so that a crowd at one window asks the database once, also
// when all of it comes at the same time. It holds at most memoMost answers.
type memo[T any] struct {
	mu     sync.Mutex
	known  map[string]remembered[T]
	asking singleflight.Group
}

type remembered[T any] struct {
	value T
	until time.Time
}

const memoMost = 4096

func (m *memo[T]) get(ctx context.Context, now time.Time, key string, ask func(context.Context) (T, error)) (T, error) {
	m.mu.Lock()
	found, ok := m.known[key]
	m.mu.Unlock()
	if ok && now.Before(found.until) {
		return found.value, nil
	}
	answer, err, _ := m.asking.Do(key, func() (any, error) {
		value, err := ask(context.WithoutCancel(ctx)) // whoever asked first may leave: the others wait for the answer too
		if err == nil {
			m.keep(key, remembered[T]{value, now.Add(memoLife)})
		}
		return value, err
	})
	return answer.(T), err //nolint:forcetypeassert // what the function above returned
}

func (m *memo[T]) keep(key string, r remembered[T]) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.known == nil || len(m.known) >= memoMost {
		m.known = map[string]remembered[T]{}
	}
	m.known[key] = r
}
