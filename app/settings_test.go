package app

import (
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func environment(pairs map[string]string) func(string) string {
	return func(name string) string { return pairs[name] }
}

func TestDefaults(t *testing.T) {
	s, err := Read(environment(nil))
	if err != nil {
		t.Fatal(err)
	}
	want := Settings{Addr: "127.0.0.1:8080", Limits: "on", SharedCommits: "on", Data: "./data", Keys: "data-keys", SubjectKeys: "data-keys-subjects", Erasures: "data-keys-erasures.txt", Checkpoints: "data-checkpoints", CheckpointEvery: 5 * time.Minute, CheckpointMailEvery: 24 * time.Hour, TelephoneNumber: "12345", Namespace: "haochaping",
		Verify: "02:30", Log: "info", Session: 30 * time.Minute, Wait: 5 * time.Second}
	if s != want {
		t.Errorf("got %+v\nwant %+v", s, want)
	}
}

func TestEveryFaultIsNamedAtOnce(t *testing.T) {
	_, err := Read(environment(map[string]string{
		"HAOCHAPING_ADDR": "8080", "HAOCHAPING_DEMO": "perhaps", "HAOCHAPING_DSN": "root:secret@nonsense",
		"HAOCHAPING_KEYS": "./data/keys", "HAOCHAPING_CLOCK": "0", "HAOCHAPING_VERIFY": "25:00", "HAOCHAPING_LOG": "loud", "HAOCHAPING_URL": "hcp.example.cn",
		"HAOCHAPING_SUBJECT_KEYS": "data/subjects", "HAOCHAPING_ERASURES": "data/erased.txt", "HAOCHAPING_TELEPHONE_GATEWAY": "http://exchange/calls", "HAOCHAPING_LIMITS": "few", "HAOCHAPING_SHARED_COMMITS": "some", "HAOCHAPING_SESSION": "long", "HAOCHAPING_WAIT": "-1s", "HAOCHAPING_TEMPORAL": "temporal",
	}))
	if err == nil {
		t.Fatal("accepted")
	}
	for _, name := range []string{"ADDR", "DEMO", "DSN", "KEYS", "SUBJECT_KEYS", "ERASURES", "TELEPHONE_GATEWAY", "CLOCK", "VERIFY", "LOG", "URL", "LIMITS", "SHARED_COMMITS", "SESSION", "WAIT", "TEMPORAL"} {
		if n := strings.Count(err.Error(), "HAOCHAPING_"+name); n != 1 {
			t.Errorf("%s is named %d times in: %v", name, n, err)
		}
	}
	if strings.Contains(err.Error(), "secret") {
		t.Errorf("the password is in: %v", err)
	}
}

func TestLimitsAreOffOnLoopbackPortsAlone(t *testing.T) {
	for addr, good := range map[string]bool{"127.0.0.1:80": true, "[::1]:80": true, "localhost:80": true, "0.0.0.0:80": false, ":80": false,
		"127.0.0.1:0": true, "127.0.0.1:65536": false, "127.0.0.1:": false} {
		_, err := Read(environment(map[string]string{"HAOCHAPING_ADDR": addr, "HAOCHAPING_LIMITS": "off"}))
		if (err == nil) != good {
			t.Errorf("%s: %v", addr, err)
		}
	}
}

func TestSecretsAreNotPrinted(t *testing.T) {
	s, err := Read(environment(map[string]string{"HAOCHAPING_DSN": "root:secret@tcp(127.0.0.1:3306)/haochaping"}))
	if err != nil {
		t.Fatal(err)
	}
	var logged strings.Builder
	slog.New(slog.NewTextHandler(&logged, nil)).Info("settings", "settings", s)
	for _, text := range []string{s.String(), logged.String()} {
		if strings.Contains(text, "secret") || !strings.Contains(text, "DSN=(set)") {
			t.Errorf("printed %s", text)
		}
	}
}

func TestKeysLieOutsideTheData(t *testing.T) {
	for keys, good := range map[string]bool{"/srv/data": false, "/srv/data/keys": false, "/srv/keys": true, "/srv/data-keys": true, "/srv/..data": true} {
		_, err := Read(environment(map[string]string{"HAOCHAPING_DATA": "/srv/data", "HAOCHAPING_KEYS": keys}))
		if (err == nil) != good {
			t.Errorf("%s: %v", keys, err)
		}
	}
}

func TestSubjectKeysLieApartFromRecordAndMasterKeys(t *testing.T) {
	const dsn = "u:secret@tcp(db:3306)/haochaping"
	for keys, good := range map[string]bool{"/srv/data/s": false, "/srv/keys/s": false, "/srv/s": true, dsn: false,
		"u:secret@tcp(db:3306)/": false, "u:secret@tcp(db:3306)/subjects": true, "u:secret@tcp(other:3306)/haochaping": true} {
		_, err := Read(environment(map[string]string{"HAOCHAPING_DATA": "/srv/data", "HAOCHAPING_KEYS": "/srv/keys", "HAOCHAPING_DSN": dsn, "HAOCHAPING_SUBJECT_KEYS": keys}))
		if (err == nil) != good || err != nil && strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: %v", keys, err)
		}
	}
}

func TestParseClock(t *testing.T) {
	now := time.Date(2026, 11, 23, 4, 0, 0, 0, time.UTC)
	c, err := parseClock("3600@2026-03-02T09:00:00+08:00", now)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := c.At(now.Add(time.Second)), time.Date(2026, 3, 2, 2, 0, 0, 0, time.UTC); !got.Equal(want) {
		t.Errorf("a second later it is %v, want %v", got, want)
	}
	if c, err = parseClock("60", now); err != nil || !c.At(now).Equal(now) {
		t.Errorf("without an instant: %v, %v", c.At(now), err)
	}
	for _, text := range []string{"fast", "0.5", "-1", "1e9", "60@noon"} {
		if _, err := parseClock(text, now); err == nil {
			t.Errorf("%q is accepted", text)
		}
	}
}

func TestWaysOfTellingAreCheckedAtTheStart(t *testing.T) {
	secret := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(secret, []byte("sixteen bytes or more\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	good := map[string]string{"URL": "https://hcp.example", "MAIL": "smtps://mail.example:465", "MAIL_FROM": "hcp@office.example", "SMS": "https://sms.example/in",
		"SMS_KEY_FILE": secret, "WEBHOOK": "https://hook.example/in", "WEBHOOK_KEY_FILE": secret}
	for name, c := range map[string]struct{ set, to, want string }{
		"good":                  {},
		"password in the open":  {"MAIL", "smtps://user:hidden@mail.example:465", "HAOCHAPING_MAIL:"},
		"user without password": {"MAIL", "smtps://user@mail.example:465", "HAOCHAPING_MAIL:"},
		"no sender":             {"MAIL_FROM", "", "HAOCHAPING_MAIL:"},
		"SMS in the clear":      {"SMS", "http://sms.example/in", "HAOCHAPING_SMS:"},
		"no secret":             {"SMS_KEY_FILE", "", "HAOCHAPING_SMS_KEY_FILE:"},
		"secret away":           {"WEBHOOK_KEY_FILE", secret + "-gone", "HAOCHAPING_WEBHOOK_KEY_FILE:"},
		"nowhere to link to":    {"URL", "", "HAOCHAPING_URL:"},
	} {
		_, err := Read(func(key string) string {
			if c.set != "" && key == prefix+c.set {
				return c.to
			}
			return good[strings.TrimPrefix(key, prefix)]
		})
		if (err == nil) != (c.want == "") || err != nil && (!strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "hidden")) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
}

func TestInside(t *testing.T) {
	here, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for pair, want := range map[[2]string]bool{
		{"data", "data"}: true, {"data/keys", "data"}: true, {filepath.Join(here, "data", "keys"), "./data"}: true, {"data/keys", filepath.Join(here, "data")}: true,
		{"data-keys", "data"}: false, {"data", "data/keys"}: false, {"..", "."}: false, {"..keys", "."}: true,
	} {
		if got := Inside(pair[0], pair[1]); got != want {
			t.Errorf("%q in %q: %t", pair[0], pair[1], got)
		}
	}
}
