package api

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/labstack/echo/v4"

	"haochaping/regulation"
	"haochaping/store"
)

const (
	followEvery  = time.Second
	heartbeat    = 20 * time.Second // keeps proxies from closing an idle stream
	followAtOnce = 200
	waitingMost  = 64 // entries kept for a slow reader; then it is told to come back
)

// live hands what the ledger took in to the pages that are open. The node looks at the ledger
// once a second, however many listen.
type live struct {
	mu        sync.Mutex
	listeners map[chan store.LedgerEntry]bool
}

func newLive() *live { return &live{listeners: map[chan store.LedgerEntry]bool{}} }

func (l *live) join() chan store.LedgerEntry {
	l.mu.Lock()
	defer l.mu.Unlock()
	entries := make(chan store.LedgerEntry, waitingMost)
	l.listeners[entries] = true
	return entries
}

func (l *live) leave(entries chan store.LedgerEntry) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.listeners, entries)
}

func (l *live) count() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.listeners)
}

// tell gives an entry to everybody. Who is too slow is dropped and comes back with the id of the
// last entry it saw.
func (l *live) tell(entry store.LedgerEntry) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for entries := range l.listeners {
		select {
		case entries <- entry:
		default:
			close(entries)
			delete(l.listeners, entries)
		}
	}
}

// followRecord follows the ledger's position.
func (a *API) followRecord() {
	ticker := time.NewTicker(followEvery)
	defer ticker.Stop()
	position := int64(-1)
	for {
		select {
		case <-a.running.Done():
			return
		case <-ticker.C:
		}
		if a.live.count() == 0 {
			position = -1 // nobody missed anything; where the ledger ends is noted anew
		}
		position = a.follow(position)
	}
}

// follow tells what came since a position and returns the new one; -1 begins at the end.
func (a *API) follow(position int64) int64 {
	ctx, done := context.WithTimeout(a.running, followEvery)
	defer done()
	if position < 0 {
		size, err := a.Store.LedgerPosition(ctx)
		if err != nil {
			return position
		}
		return size
	}
	entries, err := a.Store.LedgerEntries(ctx, position, followAtOnce)
	if err != nil {
		a.Log.Warn("ledger not followed", "error", err)
		return position
	}
	for _, entry := range entries {
		a.live.tell(entry)
		position = entry.Position + 1
	}
	return position
}

// showEvents streams what concerns the reader: each entry names a case that passes the guard,
// and nothing of it. With case=ID it is that case alone. A reader that comes back names the last
// position it saw.
func (a *API) showEvents(r *request) (answer, error) {
	only := r.query("case")
	if only != "" {
		if _, err := a.caseFor(r, only); err != nil {
			return answer{}, err
		}
	}
	last, err := strconv.ParseInt(r.http().Header.Get("Last-Event-ID"), 10, 64)
	if err != nil {
		last = -1
	}
	return answer{file: func(c echo.Context) error { return a.stream(r, c, only, last) }}, nil
}

func (a *API) stream(r *request, c echo.Context, only string, last int64) error {
	entries := a.live.join()
	defer a.live.leave(entries)
	c.Response().Header().Set(echo.HeaderContentType, "text/event-stream")
	c.Response().Header().Set("X-Accel-Buffering", "no")
	c.Response().WriteHeader(http.StatusOK)
	if _, err := fmt.Fprint(c.Response(), ": open\n\n"); err != nil {
		return nil
	}
	c.Response().Flush()
	if last >= 0 {
		missed, err := a.Store.LedgerEntries(r.http().Context(), last+1, followAtOnce)
		if err != nil {
			return nil // the stream began; the reader comes back by itself
		}
		for _, entry := range missed {
			if !a.send(r, c, only, entry) {
				return nil
			}
		}
	}
	return a.keepSending(r, c, only, entries)
}

func (a *API) keepSending(r *request, c echo.Context, only string, entries chan store.LedgerEntry) error {
	beat := time.NewTicker(heartbeat)
	defer beat.Stop()
	for {
		select {
		case <-r.http().Context().Done():
			return nil
		case <-a.running.Done():
			return nil
		case <-beat.C:
			if _, err := fmt.Fprint(c.Response(), ": beat\n\n"); err != nil {
				return nil
			}
			c.Response().Flush()
		case entry, open := <-entries:
			if !open || !a.send(r, c, only, entry) {
				return nil
			}
		}
	}
}

// send writes an entry if its case is within the reader's scope now: rights are asked anew each
// time, so that a withdrawn one ends an open stream's news too.
func (a *API) send(r *request, c echo.Context, only string, entry store.LedgerEntry) bool {
	if entry.CaseID == "" || (only != "" && only != entry.CaseID) {
		return true
	}
	people, err := a.Store.People(r.http().Context())
	if err != nil || people.Account(r.actor.Person).Passwords != r.passwords {
		return false
	}
	if r.actor, err = people.Actor(r.actor.Person, a.Now()); err != nil {
		return false
	}
	seen, err := a.caseFor(r, entry.CaseID)
	if err != nil || !a.hears(r, seen, entry.Seq) {
		return true
	}
	if seen.reader == regulation.ReaderUnit {
		// It has numbers of its own, and the ledger's position would count everybody's ratings: it comes back without.
		_, err = fmt.Fprintf(c.Response(), "data: {\"case\":%q,\"seq\":0}\n\n", entry.CaseID)
		c.Response().Flush()
		return err == nil
	}
	_, err = fmt.Fprintf(c.Response(), "id: %d\ndata: {\"case\":%q,\"seq\":%d}\n\n", entry.Position, entry.CaseID, entry.Seq)
	c.Response().Flush()
	return err == nil
}

// hears tells whether the reader learns at once of an event.
func (a *API) hears(r *request, seen seenCase, seq int64) bool {
	if seen.reader != regulation.ReaderUnit {
		return true
	}
	events, err := a.Store.Events(r.http().Context(), seen.scope, seen.c.ID)
	return err == nil && slices.ContainsFunc(events, func(e store.CaseEvent) bool { return e.Seq == seq && seen.reader.Hears(e.Event) })
}
