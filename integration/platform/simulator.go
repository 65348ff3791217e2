package platform

import (
	"cmp"
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"time"
)

// Paths of a simulator.
const (
	simulatedRecords = "/records"
	simulatedHeld    = "/held"
)

// Fault is how a simulator misbehaves. The zero value is well.
type Fault struct {
	Delay      time.Duration // before it answers
	Status     int           // answered to every batch, with nothing taken; 0: none
	RetryAfter string
	// Break takes a batch and breaks the connection without an answer; Mute takes it and says nothing of its
	// records; Garble answers what is no JSON.
	Break, Mute, Garble bool
	// Refuse and Later are asked for each record. A batch with a record of Poison is not taken: it is answered
	// with PoisonStatus, 500 unless given.
	Refuse, Later, Poison func(record map[string]string) bool
	PoisonStatus          int
	// Taken is called when a batch is taken, before its answer.
	Taken func()
}

// Simulator is an upstream platform for tests and demos: an HTTP handler that counts what it got.
type Simulator struct {
	secret []byte
	now    func() time.Time
	// forgetful takes an id that it holds once more, as an upstream does that is not idempotent.
	forgetful bool

	mu      sync.Mutex
	fault   Fault
	held    map[string]int               // how often it was taken, by id
	records map[string]map[string]string // the last, by id
	newest  map[string]int64             // the newest version, by rating
	counts  Counts
}

// Counts are what a simulator got.
type Counts struct {
	Batches    int
	Taken      int // records taken anew
	Duplicates int // records that it held already
	Twice      int // of these, counted twice: it is forgetful
	Overtaken  int // records that came anew after a later version of the same rating
	Refused    int
	Unsigned   int // requests with no good signature
	Asked      int
}

// NewSimulator makes a simulator that knows an app by its secret. forgetful: it does not know a record
// again by its id.
func NewSimulator(secret []byte, forgetful bool, now func() time.Time) *Simulator {
	return &Simulator{secret: secret, forgetful: forgetful, now: now, held: map[string]int{}, records: map[string]map[string]string{}, newest: map[string]int64{}}
}

// Mapping is what a product is set to in order to send to this simulator at an origin such as
// http://127.0.0.1:8099.
func (s *Simulator) Mapping(origin string) Mapping {
	idempotent := !s.forgetful
	m := Mapping{Name: "simulator", Title: "省级平台模拟器（本机）", Preset: "A", Address: origin + simulatedRecords, AskAddress: origin + simulatedHeld,
		App: "demo", Idempotent: &idempotent, secret: s.secret}
	m.fill()
	return m
}

// Behave sets how it misbehaves from now on.
func (s *Simulator) Behave(f Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fault = f
}

// Counts returns what it got so far.
func (s *Simulator) Counts() Counts {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.counts
}

// Held returns the ids that it holds with the last record of each.
func (s *Simulator) Held() map[string]map[string]string {
	s.mu.Lock()
	defer s.mu.Unlock()
	held := map[string]map[string]string{}
	for id, record := range s.records {
		held[id] = record
	}
	return held
}

// ServeHTTP takes a batch or answers what it holds.
func (s *Simulator) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(io.LimitReader(r.Body, mostAnswer))
	if err != nil {
		return // the sender has gone
	}
	if !signed(r, s.secret, s.now(), body) {
		s.mu.Lock()
		s.counts.Unsigned++
		s.mu.Unlock()
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	s.mu.Lock()
	fault := s.fault
	s.mu.Unlock()
	time.Sleep(fault.Delay)
	switch {
	case fault.Status != 0:
		w.Header().Set("Retry-After", fault.RetryAfter)
		w.WriteHeader(fault.Status)
	case r.URL.Path == simulatedHeld:
		s.answerHeld(w, body)
	default:
		s.answerBatch(w, body, fault)
	}
}

func (s *Simulator) answerHeld(w http.ResponseWriter, body []byte) {
	var asked struct{ IDs []string }
	if json.Unmarshal(body, &asked) != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	s.mu.Lock()
	s.counts.Asked++
	held := slices.DeleteFunc(asked.IDs, func(id string) bool { return s.held[id] == 0 })
	s.mu.Unlock()
	write(w, map[string]any{"held": held})
}

type result struct {
	ID     string `json:"id"`
	Result string `json:"result"`
	Code   string `json:"code,omitempty"`
}

func (s *Simulator) answerBatch(w http.ResponseWriter, body []byte, fault Fault) {
	var batch struct{ Records []map[string]string }
	if json.Unmarshal(body, &batch) != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	if fault.Poison != nil && slices.ContainsFunc(batch.Records, fault.Poison) {
		w.WriteHeader(cmp.Or(fault.PoisonStatus, http.StatusInternalServerError))
		return
	}
	results := []result{}
	s.mu.Lock()
	s.counts.Batches++
	for _, record := range batch.Records {
		results = append(results, s.take(record, fault))
	}
	s.mu.Unlock()
	if fault.Taken != nil {
		fault.Taken()
	}
	switch {
	case fault.Break:
		panic(http.ErrAbortHandler) // what net/http takes as: break the connection, and log nothing
	case fault.Garble:
		_, _ = io.WriteString(w, "<html>") // a sender that has gone cannot be told
	case fault.Mute:
		write(w, map[string]any{"results": []result{}})
	default:
		write(w, map[string]any{"results": results})
	}
}

func (s *Simulator) take(record map[string]string, fault Fault) result {
	id := record["recordId"]
	if fault.Refuse != nil && fault.Refuse(record) {
		s.counts.Refused++
		return result{id, Refused, "E4001"}
	}
	if fault.Later != nil && fault.Later(record) {
		return result{id, Later, "BUSY"}
	}
	s.records[id] = record
	if s.held[id]++; s.held[id] > 1 {
		s.counts.Duplicates++
		if s.forgetful {
			s.counts.Twice++
			return result{ID: id, Result: Accepted}
		}
		return result{ID: id, Result: Duplicate}
	}
	s.counts.Taken++
	version, _ := strconv.ParseInt(record["version"], 10, 64) // of records without one nothing is known
	if version < s.newest[record["ratingNo"]] {
		s.counts.Overtaken++
	}
	s.newest[record["ratingNo"]] = max(version, s.newest[record["ratingNo"]])
	return result{ID: id, Result: Accepted}
}

func write(w http.ResponseWriter, answer any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(answer) // a sender that has gone cannot be told
}
