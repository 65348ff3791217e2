package telephony

import (
	"encoding/json"
	"net/http"
	"sync"
)

// Double is a gateway for tests: it notes whom it would have connected.
type Double struct {
	Key string

	mu    sync.Mutex
	calls []Call
	busy  bool
}

// ServeHTTP answers as a gateway does.
func (d *Double) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	d.mu.Lock()
	defer d.mu.Unlock()
	var call Call
	switch {
	case r.Header.Get("Authorization") != "Bearer "+d.Key:
		w.WriteHeader(http.StatusUnauthorized)
	case json.NewDecoder(r.Body).Decode(&call) != nil || call.Extension == "" || call.Number == "":
		w.WriteHeader(http.StatusBadRequest)
	case d.busy:
		w.WriteHeader(http.StatusServiceUnavailable)
		_, _ = w.Write([]byte("no line to " + call.Number)) // a gateway that repeats what it was asked
	default:
		d.calls = append(d.calls, call)
		w.WriteHeader(http.StatusAccepted)
	}
}

// Calls are those made so far.
func (d *Double) Calls() []Call {
	d.mu.Lock()
	defer d.mu.Unlock()
	return append([]Call(nil), d.calls...)
}

// SetBusy has it turn calls away, or take them again.
func (d *Double) SetBusy(busy bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.busy = busy
}
