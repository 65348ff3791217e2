package notice_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"haochaping/integration/notice"
	"haochaping/integration/sms"
	"haochaping/integration/webhook"
)

var (
	secret  = []byte("sixteen bytes or more")
	aNotice = notice.Notice{ID: "n1", To: "13900000001", Language: "zh", Subject: "2 项提醒", Text: "您有 2 项提醒", At: time.Date(2026, 3, 12, 1, 0, 0, 0, time.UTC),
		Items: []notice.Item{{Kind: "overdue", Number: "GZ-1", What: "verify", Link: "https://hcp.example/cases/x"}}}
)

// receiving starts a double, and the two ways that post to it.
func receiving(t *testing.T) (*notice.Double, map[string]notice.Send) {
	t.Helper()
	d := &notice.Double{Secret: secret}
	server := httptest.NewServer(d)
	t.Cleanup(server.Close)
	return d, map[string]notice.Send{"sms": sms.New(server.URL+"/in", secret).Send, "webhook": webhook.New(server.URL+"/in", secret).Send}
}

func TestEachWaySaysWhatItsReceiverNeeds(t *testing.T) {
	for way, wanted := range map[string]map[string]any{
		"sms":     {"reference": "n1", "phone": "13900000001", "text": aNotice.Text},
		"webhook": {"id": "n1", "person": "13900000001", "language": "zh", "subject": aNotice.Subject, "text": aNotice.Text, "at": "2026-03-12T01:00:00Z"},
	} {
		d, ways := receiving(t)
		for range 2 {
			if err := ways[way](t.Context(), aNotice); err != nil {
				t.Fatal(err)
			}
		}
		taken := d.Taken()
		if len(taken) != 1 {
			t.Fatalf("%s: taken %d times", way, len(taken))
		}
		for field, want := range wanted {
			if taken[0][field] != want {
				t.Errorf("%s: %s is %v, want %v", way, field, taken[0][field], want)
			}
		}
	}
}

func TestWhatEachStatusMeans(t *testing.T) {
	for status, want := range map[int]notice.Failure{
		400: {Code: notice.Refused}, 422: {Code: notice.Refused}, 401: {Code: notice.Unauthorised}, 403: {Code: notice.Unauthorised}, 404: {Code: notice.Unauthorised},
		302: {Code: notice.Unauthorised}, 408: {Code: notice.NotNow}, 429: {Code: notice.Throttled, RetryAfter: 7 * time.Second},
		503: {Code: notice.Throttled, RetryAfter: 7 * time.Second}, 500: {Code: notice.Broken}, 502: {Code: notice.Broken},
	} {
		d, ways := receiving(t)
		d.Answer(status)
		err := ways["sms"](t.Context(), aNotice)
		f := notice.FailureOf(err)
		if f == nil || f.Code != want.Code || f.RetryAfter != want.RetryAfter || f.Reply != status {
			t.Errorf("%d: %+v", status, f)
		}
		if err != nil && strings.Contains(err.Error(), aNotice.To) {
			t.Errorf("the error names whom it was for: %v", err)
		}
	}
}

func TestALostAnswerAndAReceiverThatIsAway(t *testing.T) {
	d, ways := receiving(t)
	d.FallSilent()
	if f := notice.FailureOf(ways["webhook"](t.Context(), aNotice)); f == nil || f.Code != notice.Unclear || len(d.Taken()) != 1 {
		t.Errorf("lost answer: %+v", f)
	}
	server := httptest.NewServer(d)
	server.Close()
	if f := notice.FailureOf(sms.New(server.URL, secret).Send(t.Context(), aNotice)); f == nil || f.Code != notice.Unreachable {
		t.Errorf("away: %+v", f)
	}
}

func TestAnotherSecretOrAnOldRequestIsNotTaken(t *testing.T) {
	d, _ := receiving(t)
	server := httptest.NewServer(d)
	defer server.Close()
	if f := notice.FailureOf(sms.New(server.URL, []byte("another secret of ours")).Send(t.Context(), aNotice)); f == nil || f.Code != notice.Unauthorised {
		t.Errorf("another secret: %+v", f)
	}
	late := notice.NewPoster(server.URL, secret, time.Second)
	late.Now = func() time.Time { return time.Now().Add(-6 * time.Minute) }
	if f := notice.FailureOf(late.Post(t.Context(), "n2", "x")); f == nil || f.Code != notice.Unauthorised || len(d.Taken()) != 0 {
		t.Errorf("six minutes old: %+v", f)
	}
}

// A gateway may name a date instead of seconds.
func TestAReceiverMayNameADate(t *testing.T) {
	at := time.Now().Add(2 * time.Minute).UTC().Truncate(time.Second)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", at.Format(http.TimeFormat))
		w.WriteHeader(http.StatusServiceUnavailable)
	}))
	t.Cleanup(server.Close)
	f := notice.FailureOf(sms.New(server.URL+"/in", secret).Send(t.Context(), aNotice))
	if f == nil || f.Code != notice.Throttled || f.RetryAfter <= 0 || f.RetryAfter > 2*time.Minute {
		t.Errorf("%+v", f)
	}
}
