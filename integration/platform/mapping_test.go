package platform

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"haochaping/regulation"
	"haochaping/workday"
)

const secret = "a secret of the simulator"

// given is a mapping as an operator writes it.
func given(t *testing.T) map[string]any {
	t.Helper()
	file := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(file, []byte(secret+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return map[string]any{"name": "sichuan", "title": "四川省一体化政务服务平台", "preset": "A", "address": "https://exchange.example.cn/records", "app": "ganzi", "secret_file": file}
}

func read(t *testing.T, upstreams ...map[string]any) ([]Mapping, error) {
	t.Helper()
	text, err := json.Marshal(map[string]any{"upstreams": upstreams})
	if err != nil {
		t.Fatal(err)
	}
	return readText(t, string(text))
}

func readText(t *testing.T, text string) ([]Mapping, error) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "exchange.json")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return Read(file)
}

func TestMappingWithDefaults(t *testing.T) {
	all, err := read(t, given(t))
	if err != nil {
		t.Fatal(err)
	}
	m := all[0]
	if m.Batch != 100 || m.Words || !*m.Idempotent || time.Duration(m.RetryMost) != 30*time.Second || m.Channels[regulation.ChannelEvaluator] != "4" || string(m.secret) != secret {
		t.Errorf("%+v", m)
	}
}

func TestPresetsHaveACodeForEveryChannel(t *testing.T) {
	for name, codes := range presets {
		if got := slices.Sorted(maps.Keys(codes)); len(got) != len(channels) {
			t.Errorf("%s has codes for %v", name, got)
		}
	}
	if presets["A"][regulation.ChannelHotline] == "7" || presets["A"][regulation.ChannelPaper] == "7" {
		t.Error("7 says that nobody rated")
	}
}

func TestMappingErrorsAreNamed(t *testing.T) {
	for name, c := range map[string]struct {
		field string
		value any
		want  string
	}{
		"no name":                    {"name", "", "name: want small letters"},
		"a name for nobody":          {"name", "Sichuan 1", "name: want small letters"},
		"no title":                   {"title", "", "title:"},
		"an unknown preset":          {"preset", "C", "preset: want A or B"},
		"no preset":                  {"preset", "", "pf: no code for the channel hotline"},
		"an unknown channel":         {"pf", map[string]string{"carrier_pigeon": "9"}, "pf: no such channel: carrier_pigeon"},
		"an unknown status":          {"app_status", map[string]string{"lost": "9"}, "app_status: no such status: lost"},
		"in the clear":               {"address", "http://exchange.example.cn/", "address: want https"},
		"a password in the address":  {"address", "https://a:b@exchange.example.cn/", "address: want https"},
		"nobody to ask":              {"idempotent", false, "ask_address: must be given"},
		"no app":                     {"app", "", "app: must be given"},
		"no secret":                  {"secret_file", "", "secret_file: must be given"},
		"a secret that is not there": {"secret_file", "/nowhere/secret", "secret_file:"},
		"words without a basis":      {"words", true, "words_basis: must name the paper"},
		"too many at once":           {"batch", 5000, "batch: want 1 to 1000"},
		"never":                      {"per_second", -1, "per_second: want"},
		"too patient":                {"timeout", "5m", "timeout: want 100ms to 30s"},
		"no duration":                {"timeout", "soon", "does not read"},
		"backwards":                  {"retry_most", "10ms", "retry_most: want at least retry_first"},
		"a time that is none":        {"time_format", "whenever", "time_format: want yyyy"},
		"an unknown field":           {"fields", map[string]string{"shoeSize": "x"}, `fields: a record has no field "shoeSize"`},
		"two fields of one name":     {"fields", map[string]string{"areaCode": "deptCode"}, `areaCode and deptCode would both be "deptCode"`},
		"a constant over a field":    {"constants", map[string]string{"pf": "1"}, `constants: "pf" is a field of the record`},
		"the rater's name":           {"fields", map[string]string{"userName": "userName"}, `"userName" is about the rater`},
		"the rater's number":         {"fields", map[string]string{"certkeyGOV": "zjhm"}, `"certkeyGOV" is about the rater`},
		"the rater's phone":          {"fields", map[string]string{"proManager": "phone"}, `"phone" is about the rater`},
		"a constant for the rater":   {"constants", map[string]string{"USERNAME": "x"}, `"USERNAME" is about the rater`},
		"a setting that is none":     {"speed", 9, "does not read"},
	} {
		t.Run(name, func(t *testing.T) {
			m := given(t)
			m[c.field] = c.value
			if _, err := read(t, m); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%v, want %q", err, c.want)
			}
		})
	}
}

func TestEverythingWrongIsNamedAtOnce(t *testing.T) {
	a, b := given(t), given(t)
	a["batch"], a["app"] = -1, ""
	_, err := read(t, a, b)
	for _, want := range []string{`upstream 1 "sichuan": batch`, `upstream 1 "sichuan": app`, `upstream 2 "sichuan": name: taken by another`} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v lacks %q", err, want)
		}
	}
}

func TestSecretsThatOthersReadAreRefused(t *testing.T) {
	m := given(t)
	file := m["secret_file"].(string)
	if err := os.Chmod(file, 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := read(t, m); err == nil || !strings.Contains(err.Error(), "others may read it") {
		t.Error(err)
	}
	for text, want := range map[string]string{"short": "fewer than 16 bytes", "": "fewer than 16 bytes"} {
		m := given(t)
		if err := os.WriteFile(m["secret_file"].(string), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := read(t, m); err == nil || !strings.Contains(err.Error(), want) {
			t.Error(err)
		}
	}
}

func TestFilesThatDoNotRead(t *testing.T) {
	for text, want := range map[string]string{"": "does not read", `{"upstreams": []} more`: "after its end", `{"up": []}`: "does not read"} {
		if _, err := readText(t, text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v", text, err)
		}
	}
	if all, err := readText(t, `{"upstreams": []}`); err != nil || len(all) != 0 {
		t.Error(all, err)
	}
}

func TestMappingIsPrintedWithoutItsSecret(t *testing.T) {
	all, err := read(t, given(t))
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	slog.New(slog.NewTextHandler(&b, nil)).Info("read", "upstream", all[0])
	if strings.Contains(b.String(), secret) || !strings.Contains(b.String(), "exchange.example.cn") {
		t.Error(b.String())
	}
}

// rated is a message with something in every place.
func rated() Message {
	return Message{ID: "r1-0", Text: "waited two hours", AreaCode: "513301", AreaName: "康定市", UnitCode: "11513301MB58376009", UnitName: "康定市公安局",
		TaskCode: "11513301MB913688721513358980800", TaskName: "出生登记", PromisedDays: 1, Accepted: "2026-11-02", Staff: "王某（演示）",
		Rating: regulation.Rating{ID: "r1", Channel: regulation.ChannelEvaluator, Grade: regulation.VeryDissatisfied, Options: []string{"101", "105"},
			GivenAt: time.Date(2026, 11, 29, 6, 5, 4, 0, time.UTC), Place: regulation.Place{ProjectNo: "513301-20261102-00001", MatterStatus: "in_progress"}}}
}

func TestRecordOfARating(t *testing.T) {
	m := given(t)
	m["fields"] = map[string]string{"areaCode": "xzqhdm"}
	m["leave_out"] = []string{"proManager"}
	m["constants"] = map[string]string{"dataSource": "51330001", "subMatter": ""}
	m["time_format"] = "yyyyMMddHHmmss"
	all, err := read(t, m)
	if err != nil {
		t.Fatal(err)
	}
	got, err := all[0].Record(rated())
	want := map[string]string{"recordId": "r1-0", "ratingNo": "r1", "version": "0", "xzqhdm": "513301000000", "areaName": "康定市", "deptCode": "11513301MB58376009",
		"proDepart": "康定市公安局", "taskCode": "11513301MB913688721513358980800", "taskName": "出生登记", "projectNo": "513301-20261102-00001", "proStatus": "2",
		"acceptDate": "2026-11-02", "promiseTime": "1", "pf": "4", "satisfaction": "1", "evalDetail": "101,105", "assessTime": "20261129140504", "assessNumber": "1",
		"dataSource": "51330001", "subMatter": ""}
	if err != nil || !maps.Equal(got, want) {
		t.Errorf("%v %v\nwant %v", err, got, want)
	}
}

func TestRecordOfAnOutcome(t *testing.T) {
	all, err := read(t, given(t))
	if err != nil {
		t.Fatal(err)
	}
	msg := rated()
	at := time.Date(2026, 12, 1, 9, 0, 0, 0, workday.Shanghai)
	msg.ID, msg.Version, msg.Number = "r1-9", 9, "513301-2026-000001"
	msg.Outcome = regulation.Outcome{Seq: 9, At: at, Finding: "substantiated", RectifiedAt: at, Second: regulation.Satisfied, WrittenOff: true, Reopened: 1}
	got, err := all[0].Record(msg)
	for name, want := range map[string]string{"recordId": "r1-9", "ratingNo": "r1", "version": "9", "caseNo": "513301-2026-000001", "outcomeTime": "2026-12-01 09:00:00",
		"appStatus": "3", "finding": "substantiated", "valid": "0", "reopened": "1", "satisfaction": "4", "assessNumber": "2", "pf": "", "replyTime": "", "writingEvaluation": ""} {
		if got[name] != want {
			t.Errorf("%s is %q, want %q", name, got[name], want)
		}
	}
	if err != nil {
		t.Error(err)
	}
	for status, o := range map[string]regulation.Outcome{"1": {}, "2": {Finding: "x"}, "4": {Finding: "x", RectifiedAt: at, Concluded: true}} {
		msg.Outcome = o
		if got, _ := all[0].Record(msg); got["appStatus"] != status {
			t.Errorf("%+v is %s, want %s", o, got["appStatus"], status)
		}
	}
}

func TestWordsGoOnlyWhereTheMappingSaysSo(t *testing.T) {
	plain, open := given(t), given(t)
	open["name"], open["words"], open["words_basis"] = "other", true, "川办发〔2026〕1号"
	all, err := read(t, plain, open)
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []string{"", "waited two hours"} {
		got, err := all[i].Record(rated())
		if err != nil || got["writingEvaluation"] != want {
			t.Errorf("%s: %v %q", all[i].Name, err, got["writingEvaluation"])
		}
		for name, value := range got {
			if want == "" && strings.Contains(value, "waited") {
				t.Errorf("the words are in %s", name)
			}
		}
	}
}

func TestRatingsOfTheUpstreamKeepItsNumber(t *testing.T) {
	m := given(t)
	m["own_sources"] = []string{"sichuan"}
	all, err := read(t, m)
	if err != nil {
		t.Fatal(err)
	}
	msg := rated()
	msg.Number, msg.Rating.Source = "n", regulation.Source{ID: "sichuan", Ref: "SC-77"}
	if got, _ := all[0].Record(msg); got["ratingNo"] != "SC-77" {
		t.Error(got)
	}
	msg.Rating.Source.ID = "another"
	if got, _ := all[0].Record(msg); got["ratingNo"] != "r1" {
		t.Error(got)
	}
}

func TestAChannelWithoutACodeIsNotGuessed(t *testing.T) {
	all, err := read(t, given(t))
	if err != nil {
		t.Fatal(err)
	}
	msg := rated()
	msg.Rating.Channel = "carrier_pigeon"
	if got, err := all[0].Record(msg); err == nil || err.Error() != "unmapped_channel" {
		t.Error(fmt.Sprint(got), err)
	}
}
