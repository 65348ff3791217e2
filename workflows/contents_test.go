package workflows

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"go.temporal.io/api/common/v1"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// known are the fields that an engine's history may carry. One that is missing here is either new
// and free of personal data, then it belongs in the list, or it must not enter a history at all.
var known = map[string]*regexp.Regexp{
	"case_id": anID, "act_id": anID, "id": anEntry, "kind": aCode, "refused": aCode, "phase": aCode, "open": aCode,
	"due": anInstant, "real_origin": anInstant, "origin": anInstant, "snapshot": nil, "timers": nil, "clock": nil,
	"ActivityID": aNumber, "ActivityType": regexp.MustCompile(`^(LoadCase|RecordAct|RecordDeadline)$`), "ReplayTime": anInstant,
	"message": regexp.MustCompile(`^(the record is away|refused)?$`), "stack_trace": regexp.MustCompile(`^$`),
}

var (
	anID      = regexp.MustCompile(`^[a-z2-7]{26}$|^[A-Z2-7]{26}$`)
	anEntry   = regexp.MustCompile(`^[a-z2-7]{26}$|^[A-Z2-7]{26}$|^[a-z_]+(-\d+)?#\d+$`) // an act's id, or a deadline's
	aCode     = regexp.MustCompile(`^[a-z_]+$`)
	aNumber   = regexp.MustCompile(`^\d+$`)
	anInstant = regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$`)
)

// TestHistoriesHoldNoPersonalData reads all that the engine was given: ids, codes and instants.
func TestHistoriesHoldNoPersonalData(t *testing.T) {
	payloads := 0
	for file, h := range recorded(t) {
		each(h.ProtoReflect(), func(p *common.Payload) {
			payloads++
			if fault := stranger(p.Data); fault != "" {
				t.Errorf("%s: %s in %s", file, fault, p.Data)
			}
		})
		text, err := os.ReadFile(filepath.Join("testdata", file))
		if err != nil {
			t.Fatal(err)
		}
		if found := regexp.MustCompile(`[^\x00-\x7F]|"identity"|@`).Find(text); found != nil {
			t.Errorf("%s: %q", file, found)
		}
	}
	if payloads < 500 {
		t.Errorf("%d payloads read", payloads)
	}
}

func TestAStrangerInAHistoryIsFound(t *testing.T) {
	for text, want := range map[string]bool{
		`{"case_id":"clsiptajyfs5pr6zik4luxmkjw"}`:                  false,
		`{"snapshot":{"seq":1,"phase":"opened","open":["accept"]}}`: false,
		`{"timers":[{"id":"submit_rectification-5#1"}]}`:            false,
		`{"case_id":"clsiptajyfs5pr6zik4luxmkjw","name":"x"}`:       true,
		`{"snapshot":{"open":["accept","13800000000"]}}`:            true,
		`{"message":"duplicate entry 'what somebody typed'"}`:       true,
		`"plain text"`: true,
		`no JSON`:      true,
	} {
		if got := stranger([]byte(text)); (got != "") != want {
			t.Errorf("%s: %q", text, got)
		}
	}
}

// stranger names what does not belong in a payload, or "".
func stranger(text []byte) string {
	if len(text) == 0 {
		return "" // a signal's nothing
	}
	var value any
	if err := json.Unmarshal(text, &value); err != nil {
		return "no JSON"
	}
	if _, is := value.(map[string]any); !is {
		return "no object"
	}
	return strangerIn("", value)
}

func strangerIn(name string, value any) string {
	switch v := value.(type) {
	case map[string]any:
		for key, inner := range v {
			if fault := strangerIn(key, inner); fault != "" {
				return fault
			}
		}
	case []any:
		for _, inner := range v {
			if fault := strangerIn(name, inner); fault != "" {
				return fault
			}
		}
	case string:
		if pattern := known[name]; pattern == nil || !pattern.MatchString(v) {
			return "the text " + name + "=" + v
		}
	}
	return ""
}

// each visits every payload of a message.
func each(m protoreflect.Message, visit func(*common.Payload)) {
	if p, is := m.Interface().(*common.Payload); is {
		visit(p)
		return
	}
	m.Range(func(field protoreflect.FieldDescriptor, value protoreflect.Value) bool {
		switch {
		case field.IsMap() && field.MapValue().Message() != nil:
			value.Map().Range(func(_ protoreflect.MapKey, v protoreflect.Value) bool { each(v.Message(), visit); return true })
		case field.IsMap() || field.Message() == nil:
		case field.IsList():
			for i := range value.List().Len() {
				each(value.List().Get(i).Message(), visit)
			}
		default:
			each(value.Message(), visit)
		}
		return true
	})
}
