package api_test

import (
	"bytes"
	"io"
	"math/rand/v2"
	"net/http"
	"strings"
	"testing"
	"time"

	"haochaping/api"
	"haochaping/integration/portal"
	"haochaping/regulation"
	"haochaping/store"
	"haochaping/store/seed"
)

var upstreamKey, newUpstreamKey = bytes.Repeat([]byte{7}, 32), bytes.Repeat([]byte{9}, 32)

// withUpstreams gives the office the three presets; the portal is in the middle of replacing its key.
func withUpstreams(t *testing.T) func(*api.Options) {
	t.Helper()
	return func(o *api.Options) {
		for id, keys := range map[string][][]byte{"portal": {newUpstreamKey, upstreamKey}, "app": {upstreamKey}, "hotline": {upstreamKey}} {
			u, err := portal.Preset(id, keys...)
			must(t, err)
			u.PerMinute = 10_000
			o.Upstreams = append(o.Upstreams, u)
		}
	}
}

// upstream is a double of a preset that signs with a key.
func (o *office) upstream(id string, key []byte) *portal.Double {
	o.t.Helper()
	u, err := portal.Preset(id, key)
	must(o.t, err)
	return &portal.Double{Upstream: u, Address: o.server.URL, Client: &http.Client{Transport: contract(o.t)}, Now: o.clock.Now, Wall: o.wall,
		Random: rand.New(rand.NewPCG(1, 2)), Subjects: []portal.Subject{subject(o.t)}}
}

// subject is a matter of the seed that a window of Kangding's police serves.
func subject(t *testing.T) portal.Subject {
	t.Helper()
	data, err := seed.Load()
	must(t, err)
	for _, m := range data.Matters {
		if m.ID == "513301-psb-m01" {
			for _, o := range data.Orgs {
				if o.ID == m.Unit {
					return portal.Subject{Area: "513301000000", Dept: o.CreditCode, Task: m.TaskCode, Window: "513301-w03"}
				}
			}
		}
	}
	t.Fatal("no such matter")
	return portal.Subject{}
}

func (o *office) sent(d *portal.Double, path string, records ...portal.Record) portal.Answer {
	o.t.Helper()
	answer, err := d.Send(o.t.Context(), path, records...)
	must(o.t, err)
	if answer.Status != 200 {
		o.t.Fatalf("%s answers %d", path, answer.Status)
	}
	return answer
}

// ratingOf is a bad rating by its message.
func (o *office) ratingOf(source, id string) (found regulation.Rating) {
	o.t.Helper()
	lines, _, err := o.record.Cases(o.t.Context(), regulation.Scope{All: true}, store.CaseQuery{})
	must(o.t, err)
	for _, line := range lines {
		c, err := o.record.CaseByID(o.t.Context(), regulation.Scope{All: true}, line.ID)
		must(o.t, err)
		r, err := o.record.RatingOf(o.t.Context(), c)
		must(o.t, err)
		if r.Source == (regulation.Source{ID: source, Ref: id}) {
			return r
		}
	}
	o.t.Fatalf("no bad rating of message %s", id)
	return found
}

// A batch with everything that goes wrong in life: each message gets its own answer, and what is right is on record.
func TestEachMessageOfABatchIsAnsweredByItself(t *testing.T) {
	o := setup(t, withUpstreams(t))
	d, s, now := o.upstream("app", upstreamKey), subject(t), o.clock.Now()
	good := d.Rating(s, 5, now.Add(-time.Hour))
	bad := d.Rating(s, 1, now.Add(-time.Minute))
	bad["evalDetail"], bad["writingEvaluation"] = "110", raterWords
	late := d.Rating(s, 2, now.Add(-40*24*time.Hour))
	changed := func(name, value string) portal.Record {
		r := d.Rating(s, 5, now)
		r[name] = value
		return r
	}
	future, absurd := d.Rating(s, 5, now.Add(2*time.Minute)), d.Rating(s, 5, now.Add(-400*24*time.Hour))
	for name, c := range map[string]struct {
		record  portal.Record
		outcome string
		field   string
	}{
		"good": {good, "accepted", ""}, "bad": {bad, "accepted", ""}, "late": {late, "accepted", ""},
		"a grade that is none":      {changed("satisfaction", "9"), "refused", "satisfaction"},
		"a grade that nobody gave":  {changed("pf", "7"), "refused", "pf"},
		"an unknown channel":        {changed("pf", "77"), "refused", "pf"},
		"no time":                   {changed("assessTime", "yesterday"), "refused", "assessTime"},
		"a future time":             {future, "refused", "assessTime"},
		"a time of long ago":        {absurd, "refused", "assessTime"},
		"no id":                     {changed("messageId", ""), "refused", "messageId"},
		"an option of another":      {changed("evalDetail", "110"), "refused", "evalDetail"},
		"an unknown status":         {changed("proStatus", "8"), "refused", "proStatus"},
		"an unknown task":           {changed("taskCode", "11513300MB0000000Z1"), "parked", ""},
		"an unknown division":       {changed("areaCode", "510100000000"), "parked", ""},
		"an unknown body":           {changed("deptCode", "11511301008778183N"), "parked", ""},
		"a wrong credit code":       {changed("deptCode", "11511301008778183X"), "refused", "deptCode"},
		"a number that is not 1, 2": {changed("assessNumber", "3"), "refused", "assessNumber"},
	} {
		t.Run(name, func(t *testing.T) {
			mixed := o.sent(d, "/inbound/ratings", c.record, d.Rating(s, 5, now))
			item := mixed.Results[0]
			if item.Outcome != c.outcome || mixed.Results[1].Outcome != "accepted" {
				t.Fatalf("%+v", mixed.Results)
			}
			if c.field != "" && item.Fields[c.field].Code == "" {
				t.Errorf("nothing is said of %s: %+v", c.field, item)
			}
			if c.outcome == "refused" {
				return
			}
			want := map[string]string{"accepted": "repeated", "parked": "parked"}[c.outcome]
			if again := o.sent(d, "/inbound/ratings", c.record).Results[0]; again.Outcome != want {
				t.Errorf("sent again: %+v", again)
			}
			c.record["subMatter"] = "another"
			if other := o.sent(d, "/inbound/ratings", c.record).Results[0]; other.Outcome != "refused" || other.Code != "conflict" {
				t.Errorf("another content under the same id: %+v", other)
			}
		})
	}
	r := o.ratingOf("app", bad["messageId"])
	if r.Grade != 1 || r.Channel != regulation.ChannelApp || r.Place.Rated.Unit != "513301-psb" || !r.HasText || len(r.Options) != 1 || r.By != "" {
		t.Errorf("%+v", r)
	}
	if r := o.ratingOf("app", late["messageId"]); !r.GivenAt.Equal(now.Add(-40*24*time.Hour)) || !r.ReceivedAt.Equal(now) {
		t.Errorf("a late one: given %s, received %s", r.GivenAt, r.ReceivedAt)
	}
	o.as("kd-supervisor-1").get("/cases?tab=all").want(200)
}

// Only whoever has the key sends, once a nonce, within minutes; two keys hold while one is replaced.
func TestOnlySignedRequestsAreTaken(t *testing.T) {
	o := setup(t, withUpstreams(t))
	s := subject(t)
	for name, c := range map[string]struct {
		key    []byte
		change func(*portal.Double)
		status int
	}{
		"the new key":    {newUpstreamKey, func(*portal.Double) {}, 200},
		"the former key": {upstreamKey, func(*portal.Double) {}, 200},
		"another key":    {bytes.Repeat([]byte{1}, 32), func(*portal.Double) {}, 401},
		"a slow clock":   {upstreamKey, func(d *portal.Double) { d.Wall = func() time.Time { return time.Now().Add(-6 * time.Minute) } }, 401},
		"a fast clock":   {upstreamKey, func(d *portal.Double) { d.Wall = func() time.Time { return time.Now().Add(6 * time.Minute) } }, 401},
		"another name":   {upstreamKey, func(d *portal.Double) { d.ID = "nobody" }, 401},
		"a call system":  {upstreamKey, func(d *portal.Double) { d.ID = "hotline" }, 401},
	} {
		t.Run(name, func(t *testing.T) {
			d := o.upstream("portal", c.key)
			c.change(d)
			answer, err := d.Send(t.Context(), "/inbound/ratings", d.Rating(s, 5, o.clock.Now()))
			must(t, err)
			if answer.Status != c.status {
				t.Errorf("status %d, want %d", answer.Status, c.status)
			}
		})
	}
	request := func(body, signedBody, path string) *http.Request {
		r, err := http.NewRequestWithContext(t.Context(), "POST", o.server.URL+path, strings.NewReader(body))
		must(t, err)
		r.Header.Set("Content-Type", "application/json")
		portal.Sign(r, "portal", upstreamKey, []byte(signedBody), time.Now())
		return r
	}
	send := func(r *http.Request) int {
		answer, err := http.DefaultClient.Do(r)
		must(t, err)
		defer answer.Body.Close()
		_, _ = io.Copy(io.Discard, answer.Body)
		return answer.StatusCode
	}
	if code := send(request(`{"a":"2"}`, `{"a":"1"}`, "/inbound/ratings")); code != 401 {
		t.Errorf("another body: %d", code)
	}
	first := request(`{"a":"1"}`, `{"a":"1"}`, "/inbound/ratings")
	replay := first.Clone(t.Context())
	replay.Body = io.NopCloser(strings.NewReader(`{"a":"1"}`))
	if one, two := send(first), send(replay); one != 200 || two != 401 {
		t.Errorf("sent %d, replayed %d", one, two)
	}
	moved := request(`{"a":"1"}`, `{"a":"1"}`, "/inbound/ratings")
	moved.URL.Path = "/inbound/matters"
	if code := send(moved); code != 401 {
		t.Errorf("at another address: %d", code)
	}
	for name, c := range map[string]struct {
		body   string
		status int
	}{"no JSON": {"x", 400}, "too many": {"[" + strings.Repeat("{},", 500) + "{}]", 422}, "none": {"[]", 422}, "too large": {`["` + strings.Repeat("x", 3<<20) + `"]`, 413}} {
		if code := send(request(c.body, c.body, "/inbound/ratings")); code != c.status {
			t.Errorf("%s: %d, want %d", name, code, c.status)
		}
	}
}

// Who rated goes into the vault where they consented, and nowhere where they did not.
func TestTheRaterIsKeptWithConsentOnly(t *testing.T) {
	o := setup(t, withUpstreams(t))
	d, s := o.upstream("app", upstreamKey), subject(t)
	personal := func(consent string) portal.Record {
		r := d.Rating(s, 1, o.clock.Now())
		r["userName"], r["phone"], r["certkeyGOV"], r["consent"] = raterName, raterPhone, "513301199001010013", consent
		return r
	}
	with, without := personal("1"), personal("0")
	unknown := personal("1")
	unknown["taskCode"] = "11513300MB0000000Z1"
	o.sent(d, "/inbound/ratings", with, without, unknown)
	kept, err := o.record.RatersByPhone(t.Context(), raterPhone)
	must(t, err)
	if len(kept) != 2 || !(kept[0] == o.ratingOf("app", with["messageId"]).ID || kept[1] == o.ratingOf("app", with["messageId"]).ID) {
		t.Errorf("the vault knows %v", kept)
	}
	must(t, o.record.Mend(t.Context(), "app", store.UnknownTask, "11513300MB0000000Z1", "513301-psb-m01", regulation.Actor{Person: "p"}))
	must(t, o.handler.RetryParked(t.Context()))
	taken := o.ratingOf("app", unknown["messageId"])
	_, c, err := o.record.RatingByID(t.Context(), taken.ID)
	must(t, err)
	masked, err := o.record.MaskedContact(t.Context(), regulation.Scope{All: true}, c.ID)
	must(t, err)
	if masked.Phone == "" {
		t.Error("the contact of a parked one is lost")
	}
	for _, text := range []string{raterName, raterPhone, "513301199001010013"} {
		if strings.Contains(o.log.String(), text) {
			t.Errorf("the log has %s", text)
		}
	}
	admin := o.as("gz-sysadmin")
	admin.get("/inbound").want(200).hides(raterName, raterPhone, "513301199001010013")
}

// A report before or after its rating, twice and late: one handled matter, which number and name open.
func TestReportsComeInAnyOrder(t *testing.T) {
	o := setup(t, withUpstreams(t))
	d, s, now := o.upstream("portal", upstreamKey), subject(t), o.clock.Now()
	s.ProjectNo = "513301-20261123-00077"
	first := o.sent(d, "/inbound/ratings", d.Rating(s, 4, now)).Results[0]
	newer, older := d.Report(s, s.ProjectNo, "刘國华", now), d.Report(s, s.ProjectNo, "刘国华", now.Add(-time.Hour))
	older["proStatus"], older["finishDate"] = "2", ""
	got := o.sent(d, "/inbound/matters", newer).Results[0].Outcome + " " + o.sent(d, "/inbound/matters", older).Results[0].Outcome + " " + o.sent(d, "/inbound/matters", newer).Results[0].Outcome
	if first.Outcome != "accepted" || got != "accepted repeated repeated" {
		t.Errorf("%s, then %s", first.Outcome, got)
	}
	form := o.program().post("/matter", fields{"number": s.ProjectNo, "name": "刘国华"}).want(200).object()
	if form["status"] != "concluded" {
		t.Errorf("%v", form)
	}
	if second := o.sent(d, "/inbound/ratings", d.Rating(s, 5, now)).Results[0]; second.Outcome != "refused" || second.Code != "E409" {
		t.Errorf("a second first rating: %+v", second)
	}
	if wrong := o.sent(d, "/inbound/matters", func() portal.Record { r := d.Report(s, "X", "", now); r["windowNo"] = "Z99"; return r }()).Results[0]; wrong.Outcome != "parked" {
		t.Errorf("an unknown window: %+v", wrong)
	}
}

// The second rating of a matter is the follow-up of its case: not before it is closed, not after a good one.
func TestTheSecondRatingIsTheFollowUp(t *testing.T) {
	o := setup(t, withUpstreams(t))
	d, s, now := o.upstream("app", upstreamKey), subject(t), o.clock.Now()
	second := func(number string, grade int) portal.Record {
		s.ProjectNo = number
		r := d.Rating(s, grade, o.clock.Now())
		r["assessNumber"] = "2"
		return r
	}
	s.ProjectNo = "513301-20261123-00078"
	if early := o.sent(d, "/inbound/ratings", second(s.ProjectNo, 1)).Results[0]; early.Outcome != "parked" {
		t.Errorf("before the first: %+v", early)
	}
	s.ProjectNo = "513301-20261123-00079"
	o.sent(d, "/inbound/ratings", d.Rating(s, 5, now))
	if good := o.sent(d, "/inbound/ratings", second(s.ProjectNo, 5)).Results[0]; good.Outcome != "refused" {
		t.Errorf("after a good one: %+v", good)
	}
	p, _ := handledMatter(t, "513301-20260908-00005") // of the police's window
	form := badRating(t)
	form["code"] = p.Code
	delete(form, "staff")
	receipt := o.program().post("/ratings", form).want(201).object()["receipt"].(string)
	if open := o.sent(d, "/inbound/ratings", second(p.Number, 1)).Results[0]; open.Outcome != "refused" || open.Code != "conflict" {
		t.Errorf("while the first is handled: %+v", open)
	}
	first, err := o.record.FirstRating(t.Context(), p.Number)
	must(t, err)
	o.walk(receipt, first.Case, regulation.ActClose)
	o.step(receipt, first.Case, step{"kd-supervisor-2", regulation.ActClose, fields{"matter_status": "concluded", "summary": "办结"}, "closed"})
	follow := second(p.Number, 1)
	if got := o.sent(d, "/inbound/ratings", follow).Results[0]; got.Outcome != "accepted" {
		t.Fatalf("after closing: %+v", got)
	}
	c, err := o.record.CaseByID(t.Context(), regulation.Scope{All: true}, first.Case)
	must(t, err)
	if c.FollowUp.Grade != 1 || c.FollowUp.Resolved != "no" {
		t.Errorf("%+v", c.FollowUp)
	}
	if got := o.sent(d, "/inbound/ratings", follow).Results[0]; got.Outcome != "repeated" {
		t.Errorf("sent again: %+v", got)
	}
}

// The operator sees what came, what is parked and why, says what it means, and it is taken: given when it was, received now.
func TestTheOperatorMendsWhatIsParked(t *testing.T) {
	o := setup(t, withUpstreams(t))
	d, s, given := o.upstream("portal", upstreamKey), subject(t), o.clock.Now().Add(-time.Hour)
	s.Task = "11513300MB0000000Z1"
	parked := d.Rating(s, 2, given)
	o.sent(d, "/inbound/ratings", parked, d.Rating(subject(t), 9, given))
	o.clock.Forward(2 * time.Hour)
	admin := o.browsing("gz-sysadmin")
	admin.get("/inbound").want(200).shows("四川政务服务网", parked["messageId"], "找不到这个事项编码", "11513300MB0000000Z1", "请从")
	o.as("kd-supervisor-1").get("/inbound").refused(403, regulation.NotPermitted)
	program := o.as("gz-sysadmin")
	mend := fields{"upstream": "portal", "reason": "task_unknown", "value": "11513300MB0000000Z1", "object": "no-such"}
	program.post("/inbound/mend", mend).refused(422, regulation.Invalid)
	mend["object"] = "513301-psb-m01"
	program.post("/inbound/mend", mend).want(204)
	r := o.ratingOf("portal", parked["messageId"])
	if r.Place.Rated.Matter != "513301-psb-m01" || !r.GivenAt.Equal(given) || !r.ReceivedAt.Equal(o.clock.Now()) {
		t.Errorf("%+v", r)
	}
	if left := program.get("/inbound").want(200).object()["parked"].([]any); len(left) != 0 {
		t.Errorf("still parked: %v", left)
	}
	if again := o.sent(d, "/inbound/ratings", parked).Results[0]; again.Outcome != "repeated" {
		t.Errorf("sent again: %+v", again)
	}
	program.get("/metrics").want(200).shows(`haochaping_inbound_total{kind="rating",outcome="parked",upstream="portal"} 1`)
}

// Silence in service hours raises the alarm; the first message ends it.
func TestASilentUpstreamIsTold(t *testing.T) {
	o := setup(t, withUpstreams(t))
	d, began := o.upstream("app", upstreamKey), o.clock.Now() // Monday, 10 o'clock
	o.sent(d, "/inbound/ratings", d.Rating(subject(t), 5, began))
	silent := func() bool {
		must(t, o.record.WatchUpstreams(t.Context(), []string{"app"}, began))
		all, err := o.record.SilentUpstreams(t.Context())
		must(t, err)
		return all["app"]
	}
	o.clock.Forward(4 * time.Hour)
	if silent() {
		t.Error("four hours are not more than four")
	}
	o.clock.Forward(time.Minute)
	if !silent() {
		t.Error("silent for more than four hours, and nobody is told")
	}
	o.as("gz-supervisor-1").get("/alarms").want(200).shows("upstream_silent", "天府通办")
	o.sent(d, "/inbound/ratings", d.Rating(subject(t), 5, o.clock.Now()))
	if silent() {
		t.Error("heard again, and still told")
	}
	o.clock.Forward(12 * time.Hour)
	if silent() {
		t.Error("told at night")
	}
}

// What the double sends in a while is taken as it should be, and nothing of it fails the product.
func TestTheDoubleKeepsTheProductBusy(t *testing.T) {
	o := setup(t, withUpstreams(t))
	d := o.upstream("app", upstreamKey)
	for range 40 {
		must(t, d.Turn(t.Context()))
		o.clock.Forward(time.Minute)
	}
	must(t, o.handler.RetryParked(t.Context()))
	traffic, err := o.record.InboundTraffic(t.Context())
	must(t, err)
	for _, outcome := range []string{"accepted", "repeated", "parked", "refused"} {
		if len(traffic) != 1 || traffic[0].Month[outcome] == 0 {
			t.Errorf("no message was %s: %+v", outcome, traffic)
		}
	}
	if strings.Contains(o.log.String(), `"level":"ERROR"`) {
		t.Error(o.log)
	}
}
