package portal

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"haochaping/regulation"
)

func TestPresetsRead(t *testing.T) {
	for id, kind := range map[string]string{"portal": KindRatings, "app": KindRatings, "hotline": KindCalls} {
		if u, err := Preset(id, nil); err != nil || u.Kind != kind || u.Name == "" {
			t.Errorf("%s: %+v %v", id, u, err)
		}
	}
}

func TestAFolderIsCheckedWhole(t *testing.T) {
	good := `{"kind": "ratings", "time": "2006-01-02", "grades": {"1": "1"}, "channels": {"1": "app"}}`
	key := strings.Repeat("0a", 32)
	for name, c := range map[string]struct{ file, key, fault string }{
		"right":              {good, key + "\n" + key, ""},
		"no key":             {good, "", "one key"},
		"a short key":        {good, "0a0a", "a key"},
		"three keys":         {good, key + " " + key + " " + key, "want one key"},
		"no JSON":            {"{", key, "unexpected"},
		"a grade of 6":       {strings.Replace(good, `"1": "1"`, `"1": "6"`, 1), key, "grade"},
		"a channel of ours?": {strings.Replace(good, "app", "paper", 1), key, "channel"},
		"no time":            {strings.Replace(good, `"2006-01-02"`, `""`, 1), key, "time"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			for file, text := range map[string]string{"one.json": c.file, "one.key": c.key} {
				if err := os.WriteFile(filepath.Join(dir, file), []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			_, err := Load(dir)
			if (err == nil) != (c.fault == "") || (err != nil && !strings.Contains(err.Error(), c.fault)) {
				t.Errorf("%v, want %q", err, c.fault)
			}
		})
	}
}

// The two upstreams of the national record number the channels each in its own way, and a grade that a system gave by
// itself is none.
// An id that is too long is cut between two characters: MariaDB takes no part of one, and nobody's batch fails by it.
func TestALongIDIsCutBetweenCharacters(t *testing.T) {
	u, err := Preset("app", nil)
	if err != nil {
		t.Fatal(err)
	}
	for id, want := range map[string]string{
		"m1":                     "m1",
		strings.Repeat("m", 70):  strings.Repeat("m", 64),
		strings.Repeat("办件", 12): strings.Repeat("办件", 10) + "办",
	} {
		if got := u.MessageID(Record{"messageId": id}); got != want {
			t.Errorf("%q is cut to %q", id, got)
		}
	}
}

func TestChannelsAreEachUpstreamsOwn(t *testing.T) {
	record := Record{"messageId": "m1", "satisfaction": "5", "assessTime": "2026-11-23 10:00:00", "projectNo": "P1"}
	for id, want := range map[string]map[string]regulation.Channel{
		"app":    {"1": "portal", "2": "app", "3": "web", "6": "sms", "7": ""},
		"portal": {"1": "elsewhere", "2": "portal", "3": "web", "6": "elsewhere", "7": "sms", "9": "app"},
	} {
		u, err := Preset(id, nil)
		if err != nil {
			t.Fatal(err)
		}
		for code, channel := range want {
			record["pf"] = code
			e, err := u.Rating(record)
			if e.Channel != channel || (err == nil) != (channel != "") {
				t.Errorf("%s %s: %q %v", id, code, e.Channel, err)
			}
			if at := e.GivenAt.Format("15:04"); at != "02:00" {
				t.Errorf("ten o'clock in Beijing is %s", at)
			}
		}
	}
}
