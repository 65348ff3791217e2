package platform

import (
	"context"
	"errors"
	"net/http/httptest"
	"testing"
	"time"
)

// upstream is a simulator on a server of the test, and a client that is set to it.
func upstream(t *testing.T, change ...func(*Mapping)) (*Simulator, *Client) {
	t.Helper()
	s := NewSimulator([]byte(secret), false, time.Now)
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	m := s.Mapping(server.URL)
	m.PerSecond = 1000
	for _, f := range change {
		f(&m)
	}
	c := New(m, time.Now)
	t.Cleanup(c.Close)
	return s, c
}

func send(c *Client, ids ...string) (map[string]Answer, error) {
	var records []map[string]string
	for range ids {
		records = append(records, map[string]string{"ratingNo": "r"})
	}
	return c.Send(context.Background(), ids, records)
}

func TestSendAndAsk(t *testing.T) {
	s, c := upstream(t)
	s.Behave(Fault{Refuse: func(r map[string]string) bool { return r["recordId"] == "b" }})
	got, err := send(c, "a", "b", "a")
	if err != nil || got["b"] != (Answer{Refused, "E4001"}) || got["a"].Result != Duplicate {
		t.Fatal(got, err)
	}
	held, err := c.Ask(context.Background(), []string{"a", "b", "c"})
	if err != nil || !held["a"] || held["b"] || held["c"] {
		t.Error(held, err)
	}
	if n := s.Counts(); n.Taken != 1 || n.Duplicates != 1 || n.Refused != 1 || n.Twice != 0 {
		t.Errorf("%+v", n)
	}
}

func TestForgetfulUpstreamCountsTwice(t *testing.T) {
	s := NewSimulator([]byte(secret), true, time.Now)
	server := httptest.NewServer(s)
	defer server.Close()
	c := New(s.Mapping(server.URL), time.Now)
	defer c.Close()
	if got, err := send(c, "a", "a"); err != nil || got["a"].Result != Accepted || s.Counts().Twice != 1 {
		t.Error(got, err, s.Counts())
	}
}

func TestFailuresAreToldApart(t *testing.T) {
	for name, c := range map[string]struct {
		fault   Fault
		want    string
		arrived bool
		after   time.Duration
	}{
		"broken":            {Fault{Status: 500}, Broken, true, 0},
		"throttled":         {Fault{Status: 429, RetryAfter: "7"}, Throttled, false, 7 * time.Second},
		"throttled for all": {Fault{Status: 429, RetryAfter: "99999999999"}, Throttled, false, time.Hour},
		"down, and says so": {Fault{Status: 503, RetryAfter: "3"}, Throttled, false, 3 * time.Second},
		"down":              {Fault{Status: 503}, Broken, true, 0},
		"not known":         {Fault{Status: 401}, Unauthorised, false, 0},
		"rejected":          {Fault{Status: 422}, Rejected, false, 0},
		"sent elsewhere":    {Fault{Status: 307}, Rejected, false, 0},
		"too large":         {Fault{Status: 413}, TooLarge, false, 0},
		"no answer":         {Fault{Break: true}, Unclear, true, 0},
		"too slow":          {Fault{Delay: 300 * time.Millisecond}, Unclear, true, 0},
		"garbled":           {Fault{Garble: true}, Unreadable, true, 0},
	} {
		t.Run(name, func(t *testing.T) {
			s, client := upstream(t, func(m *Mapping) { m.Timeout = Duration(100 * time.Millisecond) })
			s.Behave(c.fault)
			_, err := send(client, "a")
			var f *Failure
			if !errors.As(err, &f) || f.Code != c.want || f.MayHaveArrived() != c.arrived || f.RetryAfter != c.after {
				t.Errorf("%v: %+v", err, f)
			}
		})
	}
}

func TestNobodyListens(t *testing.T) {
	_, c := upstream(t, func(m *Mapping) { m.Address = "http://127.0.0.1:1/records" })
	_, err := send(c, "a")
	var f *Failure
	if !errors.As(err, &f) || f.Code != Unreachable || f.MayHaveArrived() {
		t.Error(err)
	}
}

func TestAStopIsNoFailure(t *testing.T) {
	_, c := upstream(t)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_, err := c.Send(ctx, []string{"a"}, []map[string]string{{}})
	var f *Failure
	if err == nil || errors.As(err, &f) {
		t.Error(err)
	}
}

func TestSilenceIsNoAnswer(t *testing.T) {
	s, c := upstream(t)
	s.Behave(Fault{Mute: true})
	if got, err := send(c, "a"); err != nil || len(got) != 0 || s.Counts().Taken != 1 {
		t.Error(got, err)
	}
}

func TestWhatIsNotSignedIsNotTaken(t *testing.T) {
	for name, change := range map[string]func(*Client){
		"another secret":        func(c *Client) { c.secret = []byte("what somebody guessed") },
		"a clock that is wrong": func(c *Client) { c.now = func() time.Time { return time.Now().Add(-time.Hour) } },
	} {
		t.Run(name, func(t *testing.T) {
			s, c := upstream(t)
			change(c)
			_, err := send(c, "a")
			var f *Failure
			if !errors.As(err, &f) || f.Code != Unauthorised || s.Counts().Unsigned != 1 || s.Counts().Taken != 0 {
				t.Error(err, s.Counts())
			}
		})
	}
}

// The signature of a request that was written down once: another client has to come to the same.
func TestSignature(t *testing.T) {
	got := signature([]byte(secret), "POST", "/records", "1764424800000", "NONCE", []byte(`{"records":[]}`))
	if want := "fee4619c6339fff7b59f87fdb6201377d47d61590bd75ccfd060b35656003d63"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

func TestCodesOfOthersAreCleaned(t *testing.T) {
	for code, want := range map[string]string{"E-4.01_x": "E-4.01_x", "张三的身份证号有误": "", "a b": "", "": ""} {
		if got := cleaned(code); got != want {
			t.Errorf("%q became %q", code, got)
		}
	}
}
