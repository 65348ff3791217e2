package api

import (
	"sync"
	"time"

	"golang.org/x/time/rate"

	"haochaping/regulation"
)

// limit names what is counted per address; each has its own allowance.
type limit string

const (
	unlimited        limit = ""
	limitSignIns     limit = "sign_ins"
	limitReceipts    limit = "receipts"
	limitRatings     limit = "ratings"
	keptAddresses          = 20_000
	addressForgotten       = 10 * time.Minute
)

// Limits bound how often one address may ask. They hold guessing up; a whole hall may sit
// behind one address, so ratings get more.
type Limits struct {
	SignIns  Limit // default 20 a minute, 20 at once
	Receipts Limit // default 20 a minute, 20 at once
	Ratings  Limit // default 120 a minute, 60 at once
}

// Limit is an allowance. Off lifts it, as load tests on loopback need.
type Limit struct {
	PerMinute, AtOnce int
	Off               bool
}

func (l *Limits) fill() {
	l.SignIns = l.SignIns.or(20, 20)
	l.Receipts = l.Receipts.or(20, 20)
	l.Ratings = l.Ratings.or(120, 60)
}

func (l Limit) or(perMinute, atOnce int) Limit {
	if l.PerMinute <= 0 {
		l.PerMinute = perMinute
	}
	if l.AtOnce <= 0 {
		l.AtOnce = atOnce
	}
	return l
}

// limiter holds one bucket an address. Addresses live in memory only and are never logged.
type limiter struct {
	allowance Limit
	mu        sync.Mutex
	buckets   map[string]*bucket
}

type bucket struct {
	tokens *rate.Limiter
	seen   time.Time
}

func (a *API) newLimiters() map[limit]*limiter {
	return map[limit]*limiter{
		limitSignIns:  {allowance: a.Limits.SignIns, buckets: map[string]*bucket{}},
		limitReceipts: {allowance: a.Limits.Receipts, buckets: map[string]*bucket{}},
		limitRatings:  {allowance: a.Limits.Ratings, buckets: map[string]*bucket{}},
	}
}

// take takes one of the address's requests, or refuses.
func (a *API) take(which limit, address string) error {
	l := a.limiters[which]
	if l == nil || l.allowance.Off || l.allow(address, a.Wall()) {
		return nil
	}
	return &regulation.Error{Code: tooMany}
}

func (l *limiter) allow(address string, now time.Time) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	b := l.buckets[address]
	if b == nil {
		l.forget(now)
		b = &bucket{tokens: rate.NewLimiter(rate.Limit(float64(l.allowance.PerMinute)/60), l.allowance.AtOnce)}
		l.buckets[address] = b
	}
	b.seen = now
	return b.tokens.AllowN(now, 1)
}

// forget drops idle addresses when there are many, and all of them when none is idle: memory
// stays bounded whoever comes.
func (l *limiter) forget(now time.Time) {
	if len(l.buckets) < keptAddresses {
		return
	}
	for address, b := range l.buckets {
		if now.Sub(b.seen) > addressForgotten {
			delete(l.buckets, address)
		}
	}
	if len(l.buckets) >= keptAddresses {
		clear(l.buckets)
	}
}
