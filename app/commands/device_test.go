package commands

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"haochaping/regulation"
	"haochaping/store/seal"
)

// What the command sends is signed as docs/devices.md says, counts on, and comes twice; a refusal ends it.
func TestSimulatedDeviceSignsAndCounts(t *testing.T) {
	key := make([]byte, 32)
	var counters []int64
	mux := http.NewServeMux()
	mux.HandleFunc("POST /device/enrolments", func(w http.ResponseWriter, r *http.Request) {
		var asked struct{ Code string }
		if _ = json.NewDecoder(r.Body).Decode(&asked); asked.Code != "GOOD" {
			w.WriteHeader(http.StatusUnprocessableEntity)
			return
		}
		_, _ = fmt.Fprintf(w, `{"device":"d1","key":"%064x","counter":7}`, 0)
	})
	mux.HandleFunc("POST /device/messages", func(w http.ResponseWriter, r *http.Request) {
		var m struct {
			Device, Kind, Body, Mac string
			Counter, Time           int64
		}
		if err := json.NewDecoder(r.Body).Decode(&m); err != nil {
			t.Error(err)
		}
		signed := regulation.DeviceMessage{Device: m.Device, Counter: m.Counter, At: time.UnixMilli(m.Time), Kind: regulation.MessageKind(m.Kind), Body: []byte(m.Body)}
		if !seal.DeviceMACMatches(key, signed.Canonical(seal.BodyDigest(signed.Body)), m.Mac) {
			t.Errorf("message %d is not signed", m.Counter)
		}
		_, _ = fmt.Fprintf(w, `{"repeated":%v}`, len(counters) > 0 && counters[len(counters)-1] == m.Counter)
		counters = append(counters, m.Counter)
	})
	server := httptest.NewServer(mux)
	defer server.Close()
	if err := (SimulateDevice{Address: server.URL + "/", Code: "GOOD", Ratings: 2}).Run(); err != nil || fmt.Sprint(counters) != "[8 9 9 10 10]" {
		t.Errorf("%v, %v", counters, err)
	}
	if err := (SimulateDevice{Address: server.URL, Code: "BAD"}).Run(); err == nil || !strings.Contains(err.Error(), "422") {
		t.Errorf("a code that is none: %v", err)
	}
}
