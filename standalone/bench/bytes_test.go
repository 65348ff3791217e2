package bench

import (
	"bytes"
	"math"
	"strings"
	"testing"

	"go.temporal.io/api/common/v1"
	"go.temporal.io/api/enums/v1"
	"go.temporal.io/api/history/v1"
	"google.golang.org/protobuf/proto"
)

func TestEventIsWeighedWhole(t *testing.T) {
	result := &common.Payloads{Payloads: []*common.Payload{{Data: bytes.Repeat([]byte("x"), 300)}}}
	e := &history.HistoryEvent{EventId: 7, EventType: enums.EVENT_TYPE_MARKER_RECORDED, Attributes: &history.HistoryEvent_MarkerRecordedEventAttributes{
		MarkerRecordedEventAttributes: &history.MarkerRecordedEventAttributes{MarkerName: "LocalActivity", Details: map[string]*common.Payloads{"result": result}}}}
	weighed := map[string]float64{}
	weighEvent(weighed, e, 0.5)
	if got, want := weighed["  of details: result"], float64(proto.Size(result))/2; got != want {
		t.Errorf("the result weighs %v, want %v", got, want)
	}
	delete(weighed, "  of details: result")
	if got, want := sum(weighed), float64(proto.Size(e))/2; math.Abs(got-want) > 0.01 {
		t.Errorf("all parts weigh %v, want %v: %v", got, want, weighed)
	}
}

func TestBytesOfAClosedCase(t *testing.T) {
	b, err := MeasureBytes(t.Context(), Database{Dir: t.TempDir()}, Plan{Cases: 8, Warm: 1, AtOnce: 4})
	if err != nil {
		t.Fatal(err)
	}
	if b.Record["case_events"] <= 0 || b.Engine["history_node"] <= 0 || b.Events["MarkerRecorded details"] < b.Events["  of details: result"] {
		t.Errorf("weighed %+v", b)
	}
	var printed strings.Builder
	b.Print(&printed)
	for _, want := range []string{"a closed case, of 8: engine ", "B  case_events", "B  history_node", "B  MarkerRecorded details"} {
		if !strings.Contains(printed.String(), want) {
			t.Errorf("not printed: %q in %s", want, printed.String())
		}
	}
}
