package telephony

import (
	"errors"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestConnect(t *testing.T) {
	double := &Double{Key: "secret"}
	server := httptest.NewServer(double)
	defer server.Close()
	call := Call{Extension: "8012", Number: "13812345678", Reference: "case-1"}
	gateway := Gateway{URL: server.URL + "/calls", Key: "secret"}
	if err := gateway.Connect(t.Context(), call); err != nil {
		t.Fatal(err)
	}
	if calls := double.Calls(); len(calls) != 1 || calls[0] != call {
		t.Errorf("%+v", calls)
	}
	double.SetBusy(true)
	for name, g := range map[string]Gateway{"busy": gateway, "another key": {URL: server.URL, Key: "wrong"}, "nobody there": {URL: "http://127.0.0.1:1", Key: "secret"}} {
		if err := g.Connect(t.Context(), call); !errors.Is(err, ErrAway) || strings.Contains(err.Error(), call.Number) || strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: %v", name, err)
		}
	}
	if calls := double.Calls(); len(calls) != 1 {
		t.Errorf("%+v", calls)
	}
}
