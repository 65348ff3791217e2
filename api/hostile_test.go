package api_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"haochaping/api"
)

// Nothing of a body is dropped in silence: what cannot be read whole changes nothing.
func TestBodiesThatCannotBeReadWholeAreRefused(t *testing.T) {
	o := setup(t)
	_, caseID := o.rateBadly()
	c := o.client(http.DefaultTransport, false)
	c.post("/demo/sign-ins", fields{"login": "kd-supervisor-1"}).want(200)
	for name, b := range map[string]struct {
		kind, text string
		status     int
	}{
		"of no type":         {"", `{"note":"x"}`, 415},
		"of another type":    {"text/plain", "note=x", 415},
		"an object and more": {"application/json", `{"note":"x"}{"note":"y"}`, 400},
		"half an object":     {"application/json", `{"note":`, 400},
		"a list":             {"application/json", `["note"]`, 400},
		"not UTF-8":          {"application/json", "{\"note\":\"\xff\"}", 400},
		"a form not UTF-8":   {"application/x-www-form-urlencoded", "note=%ff", 422},
		"a control":          {"application/json", `{"note":"a\u001bb"}`, 422},
		"an object within":   {"application/json", `{"note":{"a":1}}`, 422},
		"an unknown field":   {"application/json", `{"words":"x"}`, 422},
		"too large":          {"application/json", `{"note":"` + strings.Repeat("x", 300_000) + `"}`, 413},
	} {
		r := c.request(http.MethodPost, "/cases/"+caseID+"/acts/accept", strings.NewReader(b.text))
		r.Header.Set("Idempotency-Key", name)
		if b.kind != "" {
			r.Header.Set("Content-Type", b.kind)
		}
		if answer := c.do(r); answer.status != b.status {
			t.Errorf("%s: status %d, want %d: %s", name, answer.status, b.status, answer.body)
		}
	}
	if seq := o.as("kd-supervisor-1").get("/cases/" + caseID).want(200).object()["seq"]; seq != 1.0 {
		t.Errorf("the case went on to %v", seq)
	}
}

func TestFormsLeadToThisSiteOnly(t *testing.T) {
	o := setup(t)
	for _, address := range []string{"//evil.example", "/\\evil.example", "/\t/evil.example", "https://evil.example", "/\n/evil.example"} {
		if to := o.browser().form("/preferences", url.Values{"lang": {"en"}, "back": {address}}).want(303).header.Get("Location"); to != "/" {
			t.Errorf("%q leads to %q", address, to)
		}
	}
	if to := o.browser().form("/preferences", url.Values{"lang": {"en"}, "back": {"/privacy?x=1"}}).want(303).header.Get("Location"); to != "/privacy?x=1" {
		t.Errorf("a page of ours leads to %q", to)
	}
}

// A scraper that takes gzip gets text under one layer of it.
func TestFiguresAreCompressedOnce(t *testing.T) {
	registry := prometheus.NewRegistry()
	registry.MustRegister(collectors.NewGoCollector()) // enough to be worth compressing twice
	o := setup(t, func(options *api.Options) { options.Metrics = registry })
	o.rateBadly()
	o.client(http.DefaultTransport, false).get("/metrics").want(200).shows("haochaping_ratings_total{channel=\"web\",grade=\"1\"} 1")
}
