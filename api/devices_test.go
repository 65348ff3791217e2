package api_test

import (
	"encoding/hex"
	"fmt"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/skip2/go-qrcode"

	"haochaping/api"
	"haochaping/regulation"
	"haochaping/store"
	"haochaping/store/seal"
	"haochaping/web"
)

// unit is an evaluator as its maker built it, over HTTP.
type unit struct {
	c       *client
	id      string
	key     []byte
	counter int64
	last    fields // sent last
}

// deviceAt registers a device at a window and enrols it.
func (o *office) deviceAt(model, serial, window string) *unit {
	o.t.Helper()
	keeper := o.as("gz-devices") // the prefecture's, who keeps the counties' too
	id := keeper.post("/devices", fields{"model": model, "serial_no": serial, "window": window}).want(201).object()["id"].(string)
	code := keeper.post("/devices/"+id+"/code", fields{"seq": 1}).want(201).object()["code"].(string)
	u := &unit{c: o.program()}
	got := u.c.post("/device/enrolments", fields{"code": strings.ToLower(code), "firmware": "1.0"}).want(201).object()
	key, err := hex.DecodeString(got["key"].(string))
	must(o.t, err)
	u.id, u.key, u.counter = got["device"].(string), key, int64(got["counter"].(float64))
	return u
}

// send signs and sends the next message, at an instant by the device's clock.
func (u *unit) send(kind regulation.MessageKind, body string, at time.Time) got {
	u.c.o.t.Helper()
	u.counter++
	m := regulation.DeviceMessage{Device: u.id, Counter: u.counter, At: at, Kind: kind, Body: []byte(body)}
	u.last = fields{"device": u.id, "counter": u.counter, "time": at.UnixMilli(), "kind": string(kind), "body": body, "mac": seal.DeviceMAC(u.key, m.Canonical(seal.BodyDigest(m.Body)))}
	return u.c.post("/device/messages", u.last)
}

func (u *unit) now() time.Time { return u.c.o.clock.Now() }

// R11: from the register to the case of a bad rating, end to end.
func TestDeviceFromTheRegisterToTheCase(t *testing.T) {
	o := setup(t)
	u := o.deviceAt("haochaping-page", "HCP-001", "513301-w03")
	roster := u.send(regulation.MessageRoster, `{}`, u.now()).want(200).object()["roster"].(map[string]any)
	if staff := roster["staff"].(map[string]any); staff["id"] == "" || roster["window"] == "" || roster["session_seconds"].(float64) != 60 {
		t.Fatalf("%v", roster)
	}
	u.send(regulation.MessageHeartbeat, `{"firmware":"1.0","waiting":0,"parked":0}`, u.now()).want(200)
	first := u.send(regulation.MessageRating, `{"session":"s1","grade":1,"options":["110"],"marks":{"attitude":1},"staff":"st0037"}`, u.now()).want(200).object()
	again := u.c.post("/device/messages", u.last).want(200).object()
	if first["outcome"] != "rated" || first["repeated"] != false || again["repeated"] != true || again["receipt"] != first["receipt"] || first["receipt"] == "" {
		t.Fatalf("%v, again %v", first, again)
	}
	q, err := qrcode.New(o.server.URL+"/receipt#"+first["receipt"].(string), qrcode.Medium)
	must(t, err)
	if code := first["receipt_qr"].(map[string]any); int(code["side"].(float64)) != len(q.Bitmap()) || darkRuns(q.Bitmap()) != strings.Count(code["path"].(string), "M") {
		t.Errorf("the code is not that of the receipt: %v", code)
	}
	_, c, err := o.record.CaseByReceipt(t.Context(), first["receipt"].(string))
	if err != nil || c.ID == "" || c.Rated.Staff != "st0037" || c.Rated.Window != "513301-w03" {
		t.Errorf("%+v, %v", c.Rated, err)
	}
	if out := u.send(regulation.MessageSession, `{"session":"s2","event":"timed_out"}`, u.now()).want(200).object()["outcome"]; out != "not_rated" {
		t.Errorf("a session that timed out: %v", out)
	}
	line := o.as("kd-devices").get("/devices/" + u.id).want(200).object()
	if line["state"] != "active" || line["online"] != true || len(line["acts"].([]any)) != 4 {
		t.Errorf("%v", line)
	}
	if body := string(o.program().get("/metrics").want(200).body); !strings.Contains(body, `haochaping_device_messages_total{kind="rating",outcome="repeated"} 1`) {
		t.Error("the figures do not tell of the repetition")
	}
}

func TestWrongDeviceMessagesOverHTTP(t *testing.T) {
	o := setup(t)
	u := o.deviceAt("haochaping-page", "HCP-001", "513301-w03")
	u.send(regulation.MessageRating, `{"session":"s1","grade":5}`, u.now()).want(200)
	taken := u.last
	change := func(name string, value any) fields {
		f := fields{}
		for k, v := range taken {
			f[k] = v
		}
		f[name] = value
		return f
	}
	for name, c := range map[string]struct {
		f      fields
		status int
	}{
		"another body": {change("body", `{"session":"s1","grade":4}`), 403}, "another counter": {change("counter", 99), 403}, "another time": {change("time", u.now().UnixMilli()+1), 403},
		"another kind": {change("kind", "keypad"), 403}, "another device": {change("device", "nobody"), 403}, "another mac": {change("mac", strings.Repeat("0", 64)), 403},
		"no counter": {change("counter", ""), 422}, "a member that is none": {change("phone", "1"), 422}, "a counter beyond numbers": {change("counter", "99999999999999999999"), 422},
	} {
		got := u.c.post("/device/messages", c.f).want(c.status)
		if strings.Contains(string(got.body), u.id) {
			t.Errorf("%s: the refusal names the device", name)
		}
	}
	u.send(regulation.MessageRating, `{"session":"s","grade":5}`, u.now().Add(-73*time.Hour)).refused(403, regulation.NotPermitted) // its clock ran back: a second hand
	if state := o.as("kd-devices").get("/devices/" + u.id).object()["state"]; state != "locked" {
		t.Errorf("state %v", state)
	}
	o.as("kd-supervisor-1").get("/alarms?kind=devices").want(200).shows("device_locked", "HCP-001")
}

// The adversarial mix passes the whole way too: routes, parsing, problems.
func TestThousandMessagesOverHTTP(t *testing.T) {
	o := setup(t)
	u, honest, refused := o.deviceAt("haochaping-page", "HCP-001", "513301-w03"), 0, 0
	for n := range 250 {
		u.send(regulation.MessageRating, fmt.Sprintf(`{"session":"s%d","grade":%d}`, n, 3+n%3), u.now()).want(200)
		honest++
		f := fields{}
		for k, v := range u.last {
			f[k] = v
		}
		f[[]string{"body", "counter", "time"}[n%3]] = []any{`{"session":"x","grade":5}`, u.counter + 5, u.now().UnixMilli() + 7}[n%3]
		for _, attack := range []fields{f, u.last, u.last} {
			got := u.c.post("/device/messages", attack)
			if got.status == 403 {
				refused++
			} else if got.want(200).object()["repeated"] != true {
				t.Fatal("taken twice")
			}
		}
	}
	if refused != 250 {
		t.Errorf("%d of 250 tampered messages refused", refused)
	}
	var stored int64
	d, err := o.record.Device(t.Context(), regulation.Scope{All: true}, u.id)
	if err != nil || d.State != regulation.DeviceActive {
		t.Errorf("%+v, %v", d, err)
	}
	if stored, err = o.record.RatingsFrom(t.Context(), u.id); err != nil || stored != int64(honest) {
		t.Errorf("%d of %d stored, %v", stored, honest, err)
	}
	t.Logf("1000 messages over HTTP: %d honest, each stored once; 500 repetitions; %d tampered refused", honest, refused)
}

func TestWhoKeepsDevices(t *testing.T) {
	o := setup(t)
	u := o.deviceAt("keypad-4-reversed", "K-1", "513301-w03")
	o.as("kd-supervisor-1").get("/devices").want(200).shows("K-1")
	o.as("gz-devices").get("/devices/" + u.id).want(200)
	o.as("ld-devices").get("/devices/"+u.id).refused(404, regulation.NotFound)
	o.as("ld-devices").post("/devices", fields{"model": "keypad-3", "serial_no": "K-2", "window": "513301-w03"}).refused(422, regulation.Invalid)
	o.as("gz-devices").post("/devices", fields{"model": "keypad-3", "serial_no": "K-3", "window": ownSeat(t)}).refused(422, regulation.Invalid)
	o.as("gz-devices").get("/devices/new").want(200).hides(ownSeat(t))
	o.as("kd-supervisor-1").post("/devices/"+u.id+"/code", fields{"seq": 3}).refused(403, regulation.NotPermitted)
	o.as("kd-verifier-1").get("/devices").refused(403, regulation.NotPermitted)
	keeper := o.browsing("kd-devices")
	keeper.get("/devices").want(200).shows("K-1", "/devices/new")
	page := keeper.get("/devices/" + u.id).want(200).shows("四键评价器")
	if strings.Contains(string(page.body), hex.EncodeToString(u.key)) {
		t.Error("the page shows the key")
	}
	keeper.form("/devices/"+u.id+"/move", url.Values{"seq": {"3"}, "window": {"513301-w01"}}).want(303)
	keeper.form("/devices/"+u.id+"/move", url.Values{"seq": {"3"}, "window": {"513301-w02"}}).want(409)
	keeper.form("/devices/"+u.id+"/retire", url.Values{"seq": {"4"}}).want(422).shows("请选择")
	keeper.form("/devices/"+u.id+"/code", url.Values{"seq": {"4"}}).want(201).shows("device-code")
	keeper.form("/devices", url.Values{"model": {"keypad-3"}, "serial_no": {"K-9"}}).want(422).shows("K-9")
	keeper.form("/devices/"+u.id+"/retire", url.Values{"seq": {"5"}, "reason": {"lost"}}).want(303)
	u.send(regulation.MessageKeypad, `{"level":1}`, u.now()).refused(403, regulation.NotPermitted)
}

// The example that docs/devices.md works through is right.
func TestDeviceExampleOfTheDocumentation(t *testing.T) {
	text, err := os.ReadFile("../docs/devices.md")
	must(t, err)
	key, err := hex.DecodeString("000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f")
	must(t, err)
	m := regulation.DeviceMessage{Device: "kq5v2f7m3xw6ezp4ty2hn5rbqd", Counter: 42, At: time.UnixMilli(1795996800123), Kind: regulation.MessageRating,
		Body: []byte(`{"session":"7f3a","grade":2,"options":["207"],"marks":{"attitude":2},"staff":"st0037"}`)}
	digest := seal.BodyDigest(m.Body)
	canonical := m.Canonical(digest)
	for _, part := range []string{hex.EncodeToString(key), string(m.Body), digest, string(canonical), seal.DeviceMAC(key, canonical)} {
		if !strings.Contains(string(text), part) {
			t.Errorf("docs/devices.md lacks\n%s", part)
		}
	}
	for _, model := range store.DeviceModels {
		if model.Kind == regulation.DeviceKeypad && !strings.Contains(string(text), model.Model) {
			t.Errorf("docs/devices.md lacks the model %s", model.Model)
		}
	}
}

// R54: a repair from the maintainer to the hall's word, and the figures of availability as page, JSON and file.
func TestRepairsAndAvailability(t *testing.T) {
	o := setup(t)
	u := o.deviceAt("haochaping-page", "HCP-001", "513301-w03")
	u.send(regulation.MessageHeartbeat, `{"waiting":4}`, u.now()).want(200)
	keeper, hall := o.as("kd-devices"), o.as("kd-supervisor-1")
	keeper.post("/devices/"+u.id+"/repairs", fields{"seq": 3, "repair_reason": "wish"}).refused(422, regulation.Invalid)
	keeper.post("/devices/"+u.id+"/repairs", fields{"seq": 3, "repair_reason": "screen"}).want(204)
	keeper.post("/devices/"+u.id+"/repairs", fields{"seq": 3, "repair_reason": "power"}).refused(409, regulation.Conflict)
	hall.post("/devices/"+u.id+"/repairs/assigned", fields{"seq": 1}).refused(403, regulation.NotPermitted)
	for seq, step := range []string{"assigned", "in_repair", "solved"} {
		keeper.post("/devices/"+u.id+"/repairs/"+step, fields{"seq": seq + 1}).want(204)
	}
	keeper.post("/devices/"+u.id+"/repairs/confirmed", fields{"seq": 4}).refused(403, regulation.NotPermitted)
	hall.get("/devices/repairs").want(200).shows("HCP-001", "solved")
	page := o.browsing("kd-supervisor-1")
	page.get("/devices/"+u.id).want(200).shows("确认正常", "已修好")
	page.form("/devices/"+u.id+"/repairs/confirmed", url.Values{"seq": {"4"}}).want(303)
	if open := hall.get("/devices/repairs").want(200).object()["repairs"].([]any); len(open) != 0 {
		t.Errorf("confirmed, but %v", open)
	}
	o.clock.Forward(10 * time.Minute)
	got := keeper.get("/devices/availability?month=2026-11").want(200).object()
	line := got["halls"].([]any)[0].(map[string]any)
	if line["service_minutes"] != 10.0 || line["reachable_minutes"] != 0.0 || len(got["windows_without_evaluator"].([]any)) == 0 {
		t.Errorf("%v", line)
	}
	keeper.get("/devices/availability.csv?month=2026-11").want(200).shows("2026-11,513301-hall,")
	keeper.post("/devices/hours", fields{"hall": "513301-hall", "hours": "09:30-16:30"}).want(204)
	keeper.post("/devices/hours", fields{"hall": "513301-hall", "hours": "16:30-09:30"}).refused(422, regulation.Invalid)
	keeper.post("/devices/hours", fields{"hall": "513322-hall", "hours": "09:30-16:30"}).refused(422, regulation.Invalid)
	browser := o.browsing("kd-devices")
	browser.get("/devices/availability").want(200).shows("09:30-16:30")
	browser.form("/devices/hours", url.Values{"hall": {"513301-hall"}, "hours": {"nine to five"}}).want(422).shows("nine to five", "09:00-17:00 的格式")
	if body := string(o.program().get("/metrics").want(200).body); !strings.Contains(body, `haochaping_devices{state="active"} 1`) || !strings.Contains(body, "haochaping_devices_offline 1") || !strings.Contains(body, "haochaping_device_ratings_waiting 4") {
		t.Error("the figures do not tell of the device")
	}
}

// R12: whoever takes the window is shown, nobody once they left; the invitation reaches the screen, and what was
// pressed reaches nobody at the window.
func TestWhoServesIsShownAndAsks(t *testing.T) {
	o := setup(t)
	u := o.deviceAt("haochaping-page", "HCP-001", "513300-w01")
	shown := func() map[string]any {
		return u.send(regulation.MessageRoster, `{}`, u.now()).want(200).object()["roster"].(map[string]any)
	}
	staff := o.as("gz-window-01")
	window := staff.get("/window").want(200).object()["windows"].([]any)[0].(map[string]any)["window"].(map[string]any)["id"]
	if window != "513300-w01" {
		t.Fatalf("serves at %v", window)
	}
	staff.post("/window/take", fields{"window": window}).want(204)
	if s := shown()["staff"].(map[string]any); s["id"] != "st0001" {
		t.Errorf("shown: %v", s)
	}
	staff.post("/window/invitations", fields{"window": window}).want(204)
	invited := shown()["invitation"]
	if invited == nil {
		t.Fatal("the invitation does not reach the screen")
	}
	u.send(regulation.MessageRating, fmt.Sprintf(`{"session":%q,"grade":1,"options":["110"],"staff":"st0001"}`, invited), u.now()).want(200)
	staff.get("/window").want(200).hides("110", "grade")
	o.clock.Forward(2 * time.Minute)
	if shown()["invitation"] != nil {
		t.Error("an invitation that is over is still shown")
	}
	staff.post("/window/leave", fields{"window": window}).want(204)
	if s := shown()["staff"].(map[string]any); s["id"] != nil || len(s["missing"].([]any)) != 4 {
		t.Errorf("left, but %v", s)
	}
	u.send(regulation.MessageRating, `{"session":"s9","grade":5}`, u.now()).want(200)
	o.as("gz-supervisor-1").get("/alarms?kind=nobody_signed_in").want(200).shows("A01")
	staff.post("/window/invitations", fields{"window": "513300-w02"}).refused(422, regulation.Invalid)
	o.as("gz-verifier-1").get("/window").refused(403, regulation.NotPermitted)
	page := o.browsing("gz-window-01")
	page.form("/window/take", url.Values{"window": {"513300-w01"}}).want(303)
	page.get("/window").want(200).shows("请群众评价", "HCP-001")
}

// In a demo on loopback one press enrols an evaluator; anywhere else the address does not exist.
func TestDemoEvaluatorIsEnrolledByOnePress(t *testing.T) {
	o := setup(t)
	o.browser().get("/evaluator").want(200).shows("一键登记", "非常满意")
	code := o.program().post("/demo/evaluators", nil).want(201).object()["code"]
	enrolled := o.program().post("/device/enrolments", fields{"code": code}).want(201).object()
	if d, err := o.record.Device(t.Context(), regulation.Scope{All: true}, enrolled["device"].(string)); err != nil || d.Window == ownSeat(t) {
		t.Errorf("the demo's evaluator stands at %q: %v", d.Window, err)
	}
	served := setup(t, func(options *api.Options) { options.Demo = false })
	served.browser().get("/evaluator").want(200).hides("一键登记")
	served.program().post("/demo/evaluators", nil).refused(404, regulation.NotFound)
	if worker := o.program().get("/evaluator-worker.js").want(200); !strings.HasPrefix(worker.header.Get("Content-Type"), "text/javascript") {
		t.Error("the worker is no script")
	}
}

// Every code that devices bring along has its words.
func TestDeviceCodesHaveWords(t *testing.T) {
	need := map[string][]string{"device.event.": store.DeviceEvents, "device.detail.": append(store.RetireReasons, store.LockReasons...), "repair.reason.": regulation.RepairReasons,
		"alarm.": {store.AlarmDeviceLocked, store.AlarmDeviceOffline, store.AlarmRepairOverdue, store.AlarmSortDevices}}
	for _, kind := range regulation.DeviceKinds {
		need["device.kind."] = append(need["device.kind."], string(kind))
	}
	for _, state := range regulation.RepairStates {
		need["repair.state."], need["repair.act."] = append(need["repair.state."], string(state)), append(need["repair.act."], string(state))
	}
	need["audit."] = store.AuditActions
	need["refusal."] = []string{"device_signature", "device_locked", "device_body", "device_kind", "device_counter", "device_code_unknown", "device_changed", "device_retired",
		"already_registered", "not_on_roster", "repair_open", "hall_hours", "try_again"}
	for prefix, codes := range need {
		for _, code := range codes {
			if !web.Has(prefix + code) {
				t.Errorf("no text for %s%s", prefix, code)
			}
		}
	}
}

// darkRuns counts the runs of dark modules, line by line.
func darkRuns(bitmap [][]bool) (n int) {
	for _, row := range bitmap {
		for x, dark := range row {
			if dark && (x == 0 || !row[x-1]) {
				n++
			}
		}
	}
	return n
}
