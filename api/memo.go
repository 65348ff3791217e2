package api

import (
	"context"
	"sync"
	"time"
)

// memoLife is how long what every citizen's page needs is remembered. A change of a roster, a
// profile or an option shows after it at the latest.
const memoLife = 10 * time.Second

// memo remembers answers for a moment, so that a crowd at one window asks the database once.
// It holds at most memoMost answers.
type memo[T any] struct {
	mu    sync.Mutex
	known map[string]remembered[T]
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
	value, err := ask(ctx)
	if err != nil {
		return value, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.known == nil || len(m.known) >= memoMost {
		m.known = map[string]remembered[T]{}
	}
	m.known[key] = remembered[T]{value, now.Add(memoLife)}
	return value, nil
}
