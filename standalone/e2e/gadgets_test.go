package e2e

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"haochaping/regulation"
	"haochaping/store/seal"
)

// Devices at the window whose raters the scan sends by them. Devices take no words and no contact; what they might
// carry of a rater all the same is put wherever a maker could put it.
const (
	deviceKeeper = "kd-devices"
	deviceWindow = "513301-w03"
	deviceRaters = 3 // one an evaluator, a keypad, and an evaluator that was long without a line
)

// gadget is a device as its maker built it.
type gadget struct {
	crawl   *crawl
	http    *reader
	id      string
	key     []byte
	counter int64
	last    fields // sent last
}

// enrolled registers a device at the window and enrols it by its code.
func (c *crawl) enrolled(t *testing.T, keeper *reader, model, serial, firmware string) *gadget {
	t.Helper()
	var made struct{ ID string }
	c.must(t, keeper, "/devices", "/devices", inJSON(fields{"model": model, "serial_no": serial, "window": deviceWindow})).read(t, &made)
	var issued struct{ Code string }
	c.must(t, keeper, "/devices/{id}/code", "/devices/"+made.ID+"/code", inJSON(fields{"seq": "1"})).read(t, &issued)
	g := &gadget{crawl: c, http: c.reader(t, ""), id: made.ID}
	g.http.role = "device"
	var got struct {
		Device, Key string
		Counter     int64
	}
	c.must(t, g.http, "/device/enrolments", "/device/enrolments", inJSON(fields{"code": issued.Code, "firmware": firmware})).read(t, &got)
	key, err := hex.DecodeString(got.Key)
	if err != nil || got.Device != made.ID {
		t.Fatalf("%s: enrolled as %q, %v", serial, got.Device, err)
	}
	g.key, g.counter = key, got.Counter
	return g
}

// send signs and sends the next message, at an instant by the device's clock.
func (g *gadget) send(t *testing.T, kind regulation.MessageKind, body fields, at time.Time) reply {
	t.Helper()
	g.counter++
	text, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	m := regulation.DeviceMessage{Device: g.id, Counter: g.counter, At: at, Kind: kind, Body: text}
	g.last = fields{"device": m.Device, "counter": m.Counter, "time": at.UnixMilli(), "kind": string(kind), "body": string(text),
		"mac": seal.DeviceMAC(g.key, m.Canonical(seal.BodyDigest(text)))}
	return g.again(t)
}

// again sends the last message as it was sent.
func (g *gadget) again(t *testing.T) reply {
	t.Helper()
	return g.crawl.post(t, g.http, "/device/messages", "/device/messages", inJSON(g.last), nil)
}

// answered fails the test unless a message was answered so: with what became of it, or why it was refused.
func answered(t *testing.T, what string, r reply, status int, word string) (receipt string) {
	t.Helper()
	var told struct {
		Outcome, Missing, Receipt string
	}
	if r.read(t, &told); r.Status != status || told.Outcome+told.Missing != word {
		t.Errorf("%s is answered %v, want %d %s", what, r, status, word)
	}
	return told.Receipt
}

// devices has raters rate by devices: in time, late and twice; refused and parked; by a maker who puts what is before them of
// the citizen wherever something is taken. What the devices' messages left is read by whoever keeps and oversees devices.
func (c *crawl) devices(t *testing.T, record record, raters []*madeUp, now func() time.Time) {
	t.Helper()
	if len(raters) < deviceRaters {
		t.Fatalf("%d raters for devices", len(raters))
	}
	keeper := c.named(t, record, deviceKeeper)
	all := []*gadget{c.enrolled(t, keeper, "haochaping-page", "SCAN-1", "2.1"), c.enrolled(t, keeper, "keypad-4-reversed", "SCAN-2", "1.0"),
		c.enrolled(t, keeper, "haochaping-page", "SCAN-3", "2.1")}
	atOnce(t, all[0], raters[0], now)
	byKey(t, all[1], raters[1], now)
	keptBack(t, all[2], raters[2], now)
	var ids []string
	for i, g := range all {
		ids = append(ids, g.id)
		outcomes := record.texts(t, "SELECT outcome FROM device_messages WHERE device_id = ? ORDER BY counter", g.id)
		if want := [][]string{{"opened", "rated"}, {"rated", "not_rated"}, {"opened", "rated", "rated"}}[i]; !slices.Equal(outcomes, want) {
			t.Errorf("device %d left %v in the record, want %v", i+1, outcomes, want)
		}
	}
	for _, login := range []string{deviceKeeper, supervisor} {
		p := c.named(t, record, login)
		for _, id := range ids {
			if err := c.both(p, "/devices/{id}", "/devices/"+id, languages); err != nil {
				t.Fatal(err)
			}
		}
		page, err := c.fetch(p, "/devices/{id}", "/devices/"+ids[2]+"?parked", "application/json")
		if err != nil || !strings.Contains(string(page), "device_too_late") {
			t.Errorf("%s does not read what is parked: %v", login, err)
		}
	}
	t.Logf("by %d devices: 4 ratings, 2 of them late, one sent twice; a session and a key that rated nothing; 9 refused", len(all))
}

// atOnce is an evaluator with its line: what it may send, and what is refused of it.
func atOnce(t *testing.T, g *gadget, r *madeUp, now func() time.Time) {
	t.Helper()
	answered(t, "a session", g.send(t, regulation.MessageSession, fields{"session": r.phone, "event": regulation.SessionOpened}, now()), http.StatusOK, "opened")
	rated := fields{"session": r.phone, "grade": 1, "options": []string{"110"}, "staff": r.name, "notice": r.phone}
	first := answered(t, "a rating", g.send(t, regulation.MessageRating, rated, now()), http.StatusOK, "rated")
	if second := answered(t, "the same again", g.again(t), http.StatusOK, "rated"); first == "" || second != first {
		t.Errorf("the same message again has another receipt")
	}
	for what, body := range map[string]fields{
		"words":            {"grade": 1, "text": r.said()},
		"a contact":        {"grade": 1, "contact_phone": r.phone, "contact_name": r.name},
		"a word as option": {"grade": 1, "options": []string{r.words}},
		"a name as aspect": {"grade": 1, "marks": map[string]int{r.name: 1}},
	} {
		if answer := g.send(t, regulation.MessageRating, body, now()); answer.Status != http.StatusUnprocessableEntity {
			t.Errorf("%s: %v", what, answer)
		}
	}
	answered(t, "a session's event that is none", g.send(t, regulation.MessageSession, fields{"session": r.identity, "event": r.words}, now()), http.StatusUnprocessableEntity, "fields")
	answered(t, "an unknown kind", g.send(t, regulation.MessageKind(r.name), fields{}, now()), http.StatusUnprocessableEntity, "device_kind")
	g.last["mac"] = strings.Repeat("0", 64)
	g.last["device"] = r.phone
	answered(t, "a stranger", g.again(t), http.StatusForbidden, "device_signature")
	g.beat(t, r, 5, "device_body", now)
}

// beat is a heartbeat after so many were parked, whose codes hold what no code is.
func (g *gadget) beat(t *testing.T, r *madeUp, parked int, code string, now func() time.Time) {
	t.Helper()
	answered(t, "a heartbeat", g.send(t, regulation.MessageHeartbeat, fields{"firmware": "2.1", "parked": parked,
		"parked_codes": []string{code, r.phone, r.name, r.words, fmt.Sprintf("device_body %s", r.identity)}}, now()), http.StatusOK, "")
}

// byKey is a keypad whose gateway names its sessions after the citizen.
func byKey(t *testing.T, g *gadget, r *madeUp, now func() time.Time) {
	t.Helper()
	answered(t, "a key", g.send(t, regulation.MessageKeypad, fields{"level": 4, "session": r.identity}, now()), http.StatusOK, "rated")
	answered(t, "a key that was not pressed", g.send(t, regulation.MessageKeypad, fields{"level": regulation.NotRated, "session": r.words}, now()), http.StatusOK, "not_rated")
	answered(t, "a key that no model has", g.send(t, regulation.MessageKeypad, fields{"level": 9, "session": r.phone}, now()), http.StatusUnprocessableEntity, "fields")
}

// keptBack is an evaluator that had no line for three days: what is too old is parked, the rest comes late.
func keptBack(t *testing.T, g *gadget, r *madeUp, now func() time.Time) {
	t.Helper()
	rated := fields{"session": r.words, "grade": 2, "options": []string{"207"}}
	answered(t, "after 73 hours", g.send(t, regulation.MessageRating, rated, now().Add(-73*time.Hour)), http.StatusUnprocessableEntity, "device_too_late")
	answered(t, "a session of 70 hours ago", g.send(t, regulation.MessageSession, fields{"session": r.phone, "event": regulation.SessionOpened}, now().Add(-70*time.Hour)), http.StatusOK, "opened")
	answered(t, "after 70 hours", g.send(t, regulation.MessageRating, rated, now().Add(-70*time.Hour)), http.StatusOK, "rated")
	answered(t, "after 20 hours", g.send(t, regulation.MessageRating, rated, now().Add(-20*time.Hour)), http.StatusOK, "rated")
	g.beat(t, r, 1, "device_too_late", now)
}
