package app

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"haochaping/regulation"
	"haochaping/store"
)

func TestDemoSendsToASimulator(t *testing.T) {
	a := begin(t, lonely(t), Parts{API: true})
	target, err := a.record.WindowTarget(t.Context(), "513301-w03")
	if err != nil {
		t.Fatal(err)
	}
	now := a.clock.At(time.Now())
	_, err = a.record.SaveRating(t.Context(), store.Intake{Key: "key", Rating: regulation.Rating{Channel: regulation.ChannelWeb, Target: regulation.TargetMatter,
		Grade: regulation.Satisfied, Place: target.Place(""), GivenAt: now, ReceivedAt: now}})
	if err != nil {
		t.Fatal(err)
	}
	deadline := time.Now().Add(time.Minute)
	for {
		all, err := a.record.Exchanges(t.Context())
		if err != nil || len(all) != 1 || !all[0].Simulated {
			t.Fatalf("%+v, %v", all, err)
		}
		if all[0].Sent == 1 && all[0].Waiting == 0 {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("not delivered: %+v", all[0])
		}
		time.Sleep(50 * time.Millisecond)
	}
}

func TestNoSimulatorOutsideADemo(t *testing.T) {
	s := lonely(t)
	s.Demo = false
	a := begin(t, s, Parts{API: true})
	if all, err := a.record.Exchanges(t.Context()); err != nil || len(all) != 0 || len(a.exchanges) != 0 {
		t.Errorf("%+v, %v", all, err)
	}
}

func TestExchangeFileIsCheckedAtTheStart(t *testing.T) {
	file := filepath.Join(t.TempDir(), "exchange.json")
	if err := os.WriteFile(file, []byte(`{"upstreams": [{"name": "sichuan", "fields": {"userName": "xm"}}]}`), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := Read(environment(map[string]string{"HAOCHAPING_EXCHANGE": file}))
	for _, want := range []string{"HAOCHAPING_EXCHANGE", `upstream 1 "sichuan"`, "address:", "secret_file:", `"userName" is about the rater`} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v lacks %q", err, want)
		}
	}
	if _, err := Read(environment(map[string]string{"HAOCHAPING_EXCHANGE": "/nowhere/exchange.json"})); err == nil || !strings.Contains(err.Error(), "HAOCHAPING_EXCHANGE") {
		t.Error(err)
	}
}

func TestUpstreamsOfTheFileTakeTheSimulatorsPlace(t *testing.T) {
	s := lonely(t)
	a := begin(t, s, Parts{API: true})
	a.Stop()
	dir := t.TempDir()
	secret, file := filepath.Join(dir, "secret"), filepath.Join(dir, "exchange.json")
	for name, text := range map[string]string{secret: "a secret of the province", file: `{"upstreams": [{"name": "sichuan", "title": "四川省平台", "preset": "B",
		"address": "http://127.0.0.1:1/records", "app": "ganzi", "secret_file": "` + secret + `"}]}`} {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	s.Exchange = file
	b := begin(t, s, Parts{API: true})
	if all, err := b.record.Exchanges(t.Context()); err != nil || len(all) != 1 || all[0].Name != "sichuan" || all[0].Simulated {
		t.Errorf("%+v, %v", all, err)
	}
}
