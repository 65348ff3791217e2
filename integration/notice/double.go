package notice

import (
	"encoding/json"
	"io"
	"net/http"
	"sync"
	"time"
)

// Double is a receiver of signed notices for tests, an SMS gateway or a webhook. It can fail in every way that
// one in the field does.
type Double struct {
	Secret []byte

	mu       sync.Mutex
	taken    []map[string]any
	statuses []int // answered first, one a request
	silent   bool
}

// ServeHTTP answers as a receiver does that knows an id again.
func (d *Double) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(io.LimitReader(r.Body, 1<<20))
	status, silent := d.next()
	var content map[string]any
	switch {
	case err != nil || !Signed(r, d.Secret, time.Now(), body):
		w.WriteHeader(http.StatusUnauthorized)
	case json.Unmarshal(body, &content) != nil:
		w.WriteHeader(http.StatusBadRequest)
	case status != 0:
		w.Header().Set("Retry-After", "7")
		w.WriteHeader(status)
		_, _ = w.Write(body) // one that repeats what it was asked
	default:
		content["notice"] = r.Header.Get(HeaderID)
		d.take(content)
		if silent {
			panic(http.ErrAbortHandler) // it has it, and the answer is lost
		}
		w.WriteHeader(http.StatusAccepted)
	}
}

func (d *Double) next() (status int, silent bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if len(d.statuses) > 0 {
		status, d.statuses = d.statuses[0], d.statuses[1:]
	}
	silent, d.silent = d.silent, false
	return status, silent
}

func (d *Double) take(content map[string]any) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, have := range d.taken {
		if have["notice"] == content["notice"] {
			return
		}
	}
	d.taken = append(d.taken, content)
}

// Taken are the notices that it took, each once, as they came.
func (d *Double) Taken() []map[string]any {
	d.mu.Lock()
	defer d.mu.Unlock()
	return append([]map[string]any(nil), d.taken...)
}

// Answer has the next requests answered with these statuses.
func (d *Double) Answer(statuses ...int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.statuses = append(d.statuses, statuses...)
}

// FallSilent has the next notice taken without an answer.
func (d *Double) FallSilent() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.silent = true
}
