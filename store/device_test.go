package store_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"gorm.io/gorm"

	"haochaping/regulation"
	"haochaping/store"
	"haochaping/store/seal"
	"haochaping/store/storetest"
)

// bench is a record with devices that are enrolled.
type bench struct {
	*storetest.Record
	t       *testing.T
	choices regulation.Choices
	actor   regulation.Actor
}

func onBenches(t *testing.T, test func(t *testing.T, b *bench)) {
	t.Helper()
	storetest.Run(t, func(t *testing.T, r *storetest.Record) { test(t, newBench(t, r)) })
}

func newBench(t *testing.T, r *storetest.Record) *bench {
	t.Helper()
	r.LoadDemo(t)
	choices, err := r.Choices(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	as := regulation.Assignment{Role: regulation.DeviceMaintainer, Org: "513301-authority", Area: "513301"}
	return &bench{r, t, choices, regulation.Actor{Person: "maintainer", As: as, Assignments: []regulation.Assignment{as}}}
}

// gadget is a device as its maker built it: it signs with its key, counts on, and its clock never runs back.
type gadget struct {
	b       *bench
	id      string
	key     []byte
	counter int64
	last    time.Time
}

// enrolled registers a device at a window and enrols it.
func (b *bench) enrolled(model, serial, window string) *gadget {
	b.t.Helper()
	id, err := b.RegisterDevice(b.t.Context(), store.NewDevice{Model: model, SerialNo: serial, Hall: window[:6] + "-hall", Window: window}, window[:6], b.actor)
	if err != nil {
		b.t.Fatal(err)
	}
	g := &gadget{b: b, id: id}
	g.enrol()
	return g
}

func (g *gadget) enrol() {
	g.b.t.Helper()
	code, _, err := g.b.IssueDeviceCode(g.b.t.Context(), g.id, -1, g.b.actor)
	if err != nil {
		g.b.t.Fatal(err)
	}
	e, err := g.b.EnrolDevice(g.b.t.Context(), code, "1.0")
	if err != nil {
		g.b.t.Fatal(err)
	}
	g.key, g.counter, g.last = e.Key, e.Counter, time.Time{}
}

// sign makes the next message, at an instant by the device's clock.
func (g *gadget) sign(kind regulation.MessageKind, body string, at time.Time) store.SignedMessage {
	g.counter++
	if at.Before(g.last) {
		at = g.last
	}
	g.last = at
	return signed(g.key, regulation.DeviceMessage{Device: g.id, Counter: g.counter, At: at.Truncate(time.Millisecond), Kind: kind, Body: []byte(body)})
}

func signed(key []byte, m regulation.DeviceMessage) store.SignedMessage {
	return store.SignedMessage{DeviceMessage: m, MAC: seal.DeviceMAC(key, m.Canonical(seal.BodyDigest(m.Body)))}
}

func (b *bench) receive(m store.SignedMessage) (store.DeviceAnswer, error) {
	return b.ReceiveMessage(b.t.Context(), m, b.choices)
}

func missing(err error) string {
	var refusal *regulation.Error
	if !errors.As(err, &refusal) {
		return fmt.Sprint(err)
	}
	for _, code := range refusal.Fields {
		return code
	}
	return refusal.Missing
}

const goodBody = `{"session":"s1","grade":5,"options":["510"],"staff":"st0037"}`

func TestDeviceEnrolsOnceByItsCode(t *testing.T) {
	onBenches(t, func(t *testing.T, b *bench) {
		id, err := b.RegisterDevice(t.Context(), store.NewDevice{Model: "haochaping-page", SerialNo: "A 1", Hall: "513301-hall", Window: "513301-w03"}, "513301", b.actor)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := b.RegisterDevice(t.Context(), store.NewDevice{Model: "haochaping-page", SerialNo: "A 1 ", Hall: "513301-hall", Window: "513301-w03"}, "513301", b.actor); missing(err) != "already_registered" {
			t.Errorf("the same serial number again: %v", err)
		}
		code, until, err := b.IssueDeviceCode(t.Context(), id, 1, b.actor)
		if err != nil || until.Sub(b.Clock.Now()) != 15*time.Minute {
			t.Fatal(until, err)
		}
		if _, _, err := b.IssueDeviceCode(t.Context(), id, 1, b.actor); missing(err) != "device_changed" {
			t.Errorf("a form sent twice: %v", err)
		}
		if _, err := b.EnrolDevice(t.Context(), code[1:]+"A", ""); missing(err) != "device_code_unknown" {
			t.Errorf("another code: %v", err)
		}
		e, err := b.EnrolDevice(t.Context(), code, "1.0")
		if err != nil || e.Device != id || len(e.Key) != 32 {
			t.Fatal(e.Device, err)
		}
		if _, err := b.EnrolDevice(t.Context(), code, "1.0"); missing(err) != "device_code_unknown" {
			t.Errorf("a code used twice: %v", err)
		}
		late, _, err := b.IssueDeviceCode(t.Context(), id, -1, b.actor)
		if err != nil {
			t.Fatal(err)
		}
		b.Clock.Forward(15*time.Minute + time.Second)
		if _, err := b.EnrolDevice(t.Context(), late, ""); missing(err) != "device_code_unknown" {
			t.Errorf("a code that is over: %v", err)
		}
		if _, err := b.receive(signed(e.Key, regulation.DeviceMessage{Device: id, Counter: 1, At: b.Clock.Now(), Kind: regulation.MessageRating, Body: []byte(goodBody)})); missing(err) != "device_signature" {
			t.Errorf("a key that a new code ended: %v", err)
		}
		history, err := b.DeviceHistory(t.Context(), id)
		if err != nil || len(history) != 4 || history[3].Name != store.DeviceRegistered || history[1].Name != store.DeviceEnrolled || history[1].Person != "" {
			t.Errorf("%+v, %v", history, err)
		}
		if err := b.RetireDevice(t.Context(), id, -1, "lost", b.actor); err != nil {
			t.Fatal(err)
		}
		if _, _, err := b.IssueDeviceCode(t.Context(), id, -1, b.actor); missing(err) != "device_retired" {
			t.Errorf("a retired device: %v", err)
		}
		var logged int64
		if err := store.Rows(b.Store, t.Context()).Table("audit").Where("object_id = ? AND action LIKE 'device%'", id).Count(&logged).Error; err != nil || logged != 5 {
			t.Errorf("%d lines in the audit log, %v", logged, err)
		}
	})
}

func TestDeviceRatingIsStoredOnceWithBothTimes(t *testing.T) {
	onBenches(t, func(t *testing.T, b *bench) {
		g := b.enrolled("haochaping-page", "A1", "513301-w03")
		given := b.Clock.Now().Truncate(time.Millisecond)
		m := g.sign(regulation.MessageRating, `{"session":"s1","grade":1,"options":["110"],"marks":{"attitude":2},"staff":"st0037"}`, given)
		b.Clock.Forward(30 * time.Hour)
		first, err := b.receive(m)
		if err != nil || first.Repeated || first.Saved.Receipt == "" || first.Saved.CaseID == "" || !first.Late {
			t.Fatalf("%+v, %v", first, err)
		}
		again, err := b.receive(m)
		if err != nil || !again.Repeated || again.Saved.Receipt != first.Saved.Receipt || again.Saved.CaseID != first.Saved.CaseID || again.Grade != 1 {
			t.Errorf("again: %+v, %v", again, err)
		}
		c, err := b.CaseByID(t.Context(), everywhere, first.Saved.CaseID)
		if err != nil {
			t.Fatal(err)
		}
		r, err := b.RatingOf(t.Context(), c)
		if err != nil || !r.GivenAt.Equal(given) || !r.ReceivedAt.Equal(b.Clock.Now()) || r.Source != (regulation.Source{ID: g.id, Ref: "1"}) ||
			r.Place.Rated.Staff != "st0037" || r.Channel != regulation.ChannelEvaluator || r.Dimensions["attitude"] != 2 {
			t.Errorf("%+v, %v", r, err)
		}
		if rating, _, err := b.CaseByReceipt(t.Context(), first.Saved.Receipt); err != nil || rating.ID != first.Saved.RatingID {
			t.Errorf("by receipt: %v", err)
		}
	})
}

// A message that arrives by several connections at once is stored once, and each gets the same answer.
func TestSameMessageAtOnceIsStoredOnce(t *testing.T) {
	onBenches(t, func(t *testing.T, b *bench) {
		const messages, connections = 30, 6
		g := b.enrolled("haochaping-page", "A1", "513301-w03")
		for n := range messages {
			kind, body := regulation.MessageRating, goodBody
			if n%3 == 0 {
				kind, body = regulation.MessageSession, `{"session":"s","event":"timed_out"}`
			}
			m := g.sign(kind, body, b.Clock.Now())
			receipts, fresh := make([]string, connections), atomic.Int64{}
			var working sync.WaitGroup
			for i := range connections {
				working.Go(func() {
					answer, err := b.receive(m)
					if err != nil {
						t.Error(err)
					}
					if receipts[i] = answer.Saved.Receipt; !answer.Repeated {
						fresh.Add(1)
					}
				})
			}
			working.Wait()
			if slices.Sort(receipts); fresh.Load() != 1 || receipts[0] != receipts[connections-1] {
				t.Errorf("message %d: taken as new %d times, receipts %v", n, fresh.Load(), len(slices.Compact(receipts)))
			}
		}
		if n, err := b.RatingsFrom(t.Context(), g.id); err != nil || n != messages*2/3 {
			t.Errorf("%d ratings of %d, %v", n, messages*2/3, err)
		}
	})
}

// What devices send that is refused, or must not be taken for a rating.
func TestDeviceMessagesThatAreNoRating(t *testing.T) {
	onBenches(t, func(t *testing.T, b *bench) {
		g, now := b.enrolled("haochaping-page", "A1", "513301-w03"), b.Clock.Now
		for _, c := range []struct {
			name, body, want string
			kind             regulation.MessageKind
			at               time.Time
		}{
			{"older than 72 hours", goodBody, "device_too_late", regulation.MessageRating, now().Add(-72*time.Hour - time.Second)},
			{"exactly 72 hours", goodBody, "", regulation.MessageRating, now().Add(-72 * time.Hour)},
			{"no grade", `{"session":"s","staff":"st0037"}`, "one_of_five_grades", regulation.MessageRating, now()},
			{"minus two as a grade", `{"session":"s","grade":-2}`, "one_of_five_grades", regulation.MessageRating, now()},
			{"an option of another grade", `{"session":"s","grade":5,"options":["110"]}`, "not_of_this_grade", regulation.MessageRating, now()},
			{"an unknown member", `{"grade":5,"phone":"1"}`, "device_body", regulation.MessageRating, now()},
			{"no JSON", `grade=5`, "device_body", regulation.MessageRating, now()},
			// A device parks it: told of a wrong signature it would stop and keep all that stands behind.
			{"a body that is too long", `{"grade":5,"options":["` + strings.Repeat("x", 5000) + `"]}`, "device_body", regulation.MessageRating, now()},
			{"timed out", `{"session":"s2","event":"timed_out"}`, "", regulation.MessageSession, now()},
			{"opened", `{"session":"s3","event":"opened"}`, "", regulation.MessageSession, now()},
			{"a session's event that is none", `{"session":"s4","event":"rated"}`, "not_an_option", regulation.MessageSession, now()},
			{"an unknown kind", `{}`, "device_kind", "wish", now()},
			{"a key of a device without keys", `{"level":1}`, "level_unmapped", regulation.MessageKeypad, now()},
			{"within the clock's tolerance", goodBody, "", regulation.MessageRating, now().Add(5 * time.Minute)},
			{"a clock ahead", goodBody, "device_clock_ahead", regulation.MessageRating, now().Add(5*time.Minute + time.Second)},
		} {
			_, err := b.receive(g.sign(c.kind, c.body, c.at))
			if (c.want == "") != (err == nil) || c.want != "" && missing(err) != c.want {
				t.Errorf("%s: %v, want %q", c.name, err, c.want)
			}
			g.last = time.Time{}
		}
		var rated, notRated int64
		rows := store.Rows(b.Store, t.Context())
		if err := errors.Join(rows.Table("ratings").Count(&rated).Error, rows.Table("device_messages").Where("outcome = 'not_rated' AND rating_id = ''").Count(&notRated).Error); err != nil || rated != 2 || notRated != 1 {
			t.Errorf("%d ratings, %d sessions not rated, %v", rated, notRated, err)
		}
	})
}

// A maker may name sessions after the citizen, or put anything in a version's place: the record keeps which messages are of
// one session, and none of it (9(2)).
func TestWhatDevicesNameIsNotKept(t *testing.T) {
	onBenches(t, func(t *testing.T, b *bench) {
		g := b.enrolled("haochaping-page", "A1", "513301-w03")
		for _, m := range []store.SignedMessage{
			g.sign(regulation.MessageSession, `{"session":"13912345678","event":"opened"}`, b.Clock.Now()),
			g.sign(regulation.MessageRating, `{"session":"13912345678","grade":5,"notice":"13912345678"}`, b.Clock.Now()),
			g.sign(regulation.MessageRating, `{"session":"another","grade":5,"notice":"4"}`, b.Clock.Now()),
			g.sign(regulation.MessageRating, `{"grade":5}`, b.Clock.Now()),
		} {
			if _, err := b.receive(m); err != nil {
				t.Fatal(err)
			}
		}
		var sessions, versions []string
		rows := store.Rows(b.Store, t.Context())
		err := errors.Join(rows.Table("device_messages").Order("counter").Pluck("session", &sessions).Error,
			rows.Table("device_messages m").Joins("JOIN ratings r ON r.id = m.rating_id").Order("m.counter").Pluck("r.privacy_version", &versions).Error)
		if err != nil {
			t.Fatal(err)
		}
		if s := sessions; len(s) != 4 || s[0] != s[1] || s[2] == s[1] || len(s[2]) != 32 || s[3] != "" || strings.Contains(s[0], "13912345678") {
			t.Errorf("sessions %q", s)
		}
		if !slices.Equal(versions, []string{"", "4", ""}) {
			t.Errorf("versions %q", versions)
		}
	})
}

func TestClockOfADeviceIsPutRightByItsHeartbeats(t *testing.T) {
	onBenches(t, func(t *testing.T, b *bench) {
		g := b.enrolled("haochaping-page", "A1", "513301-w03")
		ahead := 26 * time.Hour
		m := g.sign(regulation.MessageRating, goodBody, b.Clock.Now().Add(ahead))
		if _, err := b.receive(m); missing(err) != "device_clock_ahead" {
			t.Fatalf("before a heartbeat: %v", err)
		}
		b.Clock.Forward(time.Minute)
		if _, err := b.receive(g.sign(regulation.MessageHeartbeat, `{"firmware":"2.1","waiting":1,"parked":3,"parked_codes":["device_too_late","<b>"],"battery":77}`, b.Clock.Now().Add(ahead))); err != nil {
			t.Fatal(err)
		}
		d, err := b.Device(t.Context(), everywhere, g.id)
		if err != nil || d.Ahead.Round(time.Second) != ahead || d.Firmware != "2.1" || d.Waiting != 1 || d.Parked != 3 || !slices.Equal(d.ParkedCodes, []string{"device_too_late"}) || d.Battery != 77 || d.Paper != -1 {
			t.Errorf("%+v, %v", d, err)
		}
		answer, err := b.receive(m)
		if err != nil {
			t.Fatal(err)
		}
		var given int64
		if err := store.Rows(b.Store, t.Context()).Table("ratings").Select("given_at").Where("id = ?", answer.Saved.RatingID).Scan(&given).Error; err != nil {
			t.Fatal(err)
		}
		if off := b.Clock.Now().Add(-time.Minute).UnixMicro() - given; off < -2000 || off > 2000 {
			t.Errorf("given %d us from when it was", off)
		}
	})
}

// Two that hold one key: each way in which the second gives itself away.
func TestClonedDeviceIsLockedAndBeginsAnew(t *testing.T) {
	onBenches(t, func(t *testing.T, b *bench) {
		for name, second := range map[string]func(g, clone *gadget) store.SignedMessage{
			"the same counter, another grade": func(_, clone *gadget) store.SignedMessage {
				return clone.sign(regulation.MessageRating, `{"session":"c","grade":1}`, b.Clock.Now())
			},
			"the same counter and body, another instant": func(_, clone *gadget) store.SignedMessage {
				return clone.sign(regulation.MessageRating, goodBody, b.Clock.Now().Add(time.Second))
			},
			"a counter behind, a clock before": func(_, clone *gadget) store.SignedMessage {
				clone.counter += 500
				return clone.sign(regulation.MessageRating, goodBody, b.Clock.Now().Add(-time.Hour))
			},
			"a heartbeat of a counter that was": func(g, clone *gadget) store.SignedMessage {
				_, err := b.receive(g.sign(regulation.MessageHeartbeat, `{}`, b.Clock.Now()))
				if err != nil {
					t.Fatal(err)
				}
				clone.counter = g.counter - 1
				return clone.sign(regulation.MessageHeartbeat, `{"waiting":1}`, b.Clock.Now())
			},
		} {
			t.Run(name, func(t *testing.T) {
				g := b.enrolled("haochaping-page", name[:20]+strconv.Itoa(len(name)), "513301-w03")
				clone := *g
				if _, err := b.receive(g.sign(regulation.MessageRating, goodBody, b.Clock.Now())); err != nil {
					t.Fatal(err)
				}
				if _, err := b.receive(second(g, &clone)); missing(err) != "device_locked" {
					t.Fatalf("the second hand: %v", err)
				}
				if d, err := b.Device(t.Context(), everywhere, g.id); err != nil || d.State != regulation.DeviceLocked {
					t.Fatalf("%+v, %v", d, err)
				}
				if _, err := b.receive(g.sign(regulation.MessageRating, goodBody, b.Clock.Now())); missing(err) != "device_locked" {
					t.Errorf("the first hand, locked: %v", err)
				}
				alarms, _, err := b.Alarms(t.Context(), everywhere, store.ListQuery{Sort: store.AlarmSortDevices})
				if err != nil || len(alarms) != 1 || alarms[0].Object != g.id {
					t.Errorf("%+v, %v", alarms, err)
				}
				taken := g.counter
				g.enrol()
				if g.counter < 1 || g.counter > taken {
					t.Errorf("begins anew after %d", g.counter)
				}
				if _, err := b.receive(g.sign(regulation.MessageRating, goodBody, b.Clock.Now())); err != nil {
					t.Errorf("with its new key: %v", err)
				}
				if alarms, _, _ := b.Alarms(t.Context(), everywhere, store.ListQuery{Sort: store.AlarmSortDevices}); len(alarms) != 0 {
					t.Errorf("the alarm stays: %+v", alarms)
				}
			})
		}
	})
}

func TestLateRatingBelongsWhereTheDeviceStood(t *testing.T) {
	onBenches(t, func(t *testing.T, b *bench) {
		g := b.enrolled("haochaping-page", "A1", "513301-w03")
		b.Clock.Forward(time.Hour)
		m := g.sign(regulation.MessageRating, goodBody, b.Clock.Now())
		b.Clock.Forward(time.Hour)
		if err := b.MoveDevice(t.Context(), g.id, -1, "513301-hall", "513301-w01", b.actor); err != nil {
			t.Fatal(err)
		}
		answer, err := b.receive(m)
		if err != nil {
			t.Fatal(err)
		}
		var window string
		if err := store.Rows(b.Store, t.Context()).Table("ratings").Select("window_id").Where("id = ?", answer.Saved.RatingID).Scan(&window).Error; err != nil || window != "513301-w03" {
			t.Errorf("it belongs to %q, %v", window, err)
		}
		if again, err := b.receive(m); err != nil || !again.Repeated || again.Saved.Receipt != answer.Saved.Receipt {
			t.Errorf("again, after the move: %+v, %v", again, err)
		}
	})
}

func TestKeypadsAreReadByTheirModel(t *testing.T) {
	onBenches(t, func(t *testing.T, b *bench) {
		for model, grades := range map[string]map[int]int{
			"keypad-5": {1: 1, 5: 5, 6: 0, 0: 0}, "keypad-5-reversed": {1: 5, 5: 1, 6: 0}, "keypad-4-reversed": {1: 5, 2: 4, 3: 2, 4: 1, 5: 0}, "keypad-3": {3: 2, 4: 0},
		} {
			g := b.enrolled(model, "K-"+model, "513301-w03")
			for level, want := range grades {
				answer, err := b.receive(g.sign(regulation.MessageKeypad, fmt.Sprintf(`{"level":%d}`, level), b.Clock.Now()))
				if int(answer.Grade) != want || want == 0 && missing(err) != "level_unmapped" {
					t.Errorf("%s: key %d is %d, %v; want %d", model, level, answer.Grade, err, want)
				}
			}
			answer, err := b.receive(g.sign(regulation.MessageKeypad, `{"level":-2}`, b.Clock.Now()))
			if err != nil || answer.Outcome != store.OutcomeNotRated || answer.Saved.RatingID != "" {
				t.Errorf("%s: -2: %+v, %v", model, answer, err)
			}
		}
	})
}

// TestLedgerHoldsDeviceMessages: each message's leaf is made anew from its columns, and a changed one is found.
func TestLedgerHoldsDeviceMessages(t *testing.T) {
	onBenches(t, func(t *testing.T, b *bench) {
		g := b.enrolled("haochaping-page", "A1", "513301-w03")
		for _, m := range []store.SignedMessage{g.sign(regulation.MessageRating, goodBody, b.Clock.Now()), g.sign(regulation.MessageSession, `{"session":"s2","event":"timed_out"}`, b.Clock.Now())} {
			if _, err := b.receive(m); err != nil {
				t.Fatal(err)
			}
		}
		faults := func() []string {
			var found []string
			_, err := b.Verify(t.Context(), store.VerifyOptions{Only: []string{store.CheckLeaves}, Found: func(f store.Finding) error {
				found = append(found, f.Code+" "+strings.Join(f.About, " "))
				return nil
			}})
			if err != nil {
				t.Fatal(err)
			}
			return found
		}
		if found := faults(); len(found) != 0 {
			t.Fatal(found)
		}
		err := store.Tx(b.Store, t.Context(), func(tx *gorm.DB) error {
			return tx.Exec("UPDATE device_messages SET outcome = 'opened' WHERE outcome = 'not_rated'").Error
		})
		if err != nil {
			t.Fatal(err)
		}
		if found := faults(); len(found) != 1 || !strings.HasPrefix(found[0], "altered device") {
			t.Errorf("found %v", found)
		}
	})
}

// sent is one message of the adversarial mix with what must become of it.
type sent struct {
	m      store.SignedMessage
	attack string
}

// TestHundredThousandMessages mixes honest messages of forty devices, some reordered, repeated or late, with replayed,
// tampered, forged, misdirected, over-late and early ones. Nothing wrong is taken and nothing honest is lost.
func TestHundredThousandMessages(t *testing.T) {
	const devices, honestEach, total = 40, 150, 100_000
	b := newBench(t, storetest.SQLite(t))
	random := rand.New(rand.NewPCG(7, 11))
	var gadgets []*gadget
	var honest, stale, mix []sent
	start := b.Clock.Now()
	b.Clock.Forward(71 * time.Hour)
	for i := range devices {
		g := b.enrolled("haochaping-page", fmt.Sprint("D", i), "513301-w0"+strconv.Itoa(1+i%5))
		gadgets = append(gadgets, g)
		stale = append(stale, sent{g.sign(regulation.MessageRating, goodBody, start.Add(-time.Hour-time.Second)), "too old"})
		for n := range honestEach {
			at := start.Add(time.Hour + time.Duration(n)*25*time.Minute + time.Duration(random.IntN(60_000))*time.Millisecond)
			kind, body := regulation.MessageRating, fmt.Sprintf(`{"session":"h%d","grade":%d,"staff":"st0037"}`, n, 3+random.IntN(3))
			if n%10 == 9 {
				kind, body = regulation.MessageSession, fmt.Sprintf(`{"session":"h%d","event":"timed_out"}`, n)
			}
			honest = append(honest, sent{m: g.sign(kind, body, at)})
		}
	}
	mix = append(mix, honest...)
	attacks := []string{"replayed", "body", "counter", "time", "kind", "mac", "wrong key", "other device", "unknown device", "too old", "future", "huge counter"}
	for len(mix) < total {
		h, kind := honest[random.IntN(len(honest))], attacks[random.IntN(len(attacks))]
		if kind == "too old" {
			mix = append(mix, stale[random.IntN(len(stale))])
			continue
		}
		mix = append(mix, attacked(random, gadgets, h.m, kind, b.Clock.Now()))
	}
	random.Shuffle(len(mix), func(i, j int) { mix[i], mix[j] = mix[j], mix[i] })

	var next, accepted, repeated, refused, wrong atomic.Int64
	answers := sync.Map{} // device/counter -> receipt
	var working sync.WaitGroup
	for range 16 {
		working.Go(func() {
			for at := next.Add(1) - 1; at < int64(len(mix)); at = next.Add(1) - 1 {
				s := mix[at]
				answer, err := b.receive(s.m)
				genuine := s.attack == "" || s.attack == "replayed"
				switch {
				case err == nil && !genuine, err != nil && genuine:
					wrong.Add(1)
					t.Errorf("%q: %+v, %v", s.attack, answer, err)
				case err != nil:
					refused.Add(1)
				case answer.Repeated:
					repeated.Add(1)
				default:
					accepted.Add(1)
				}
				if err == nil && genuine {
					if was, known := answers.LoadOrStore(fmt.Sprint(s.m.Device, s.m.Counter), answer.Saved.Receipt); known && was != answer.Saved.Receipt {
						t.Error("the same message got another answer")
					}
				}
			}
		})
	}
	working.Wait()
	var ratings, sessions, locked, keys int64
	rows := store.Rows(b.Store, t.Context())
	err := errors.Join(rows.Table("ratings").Count(&ratings).Error, rows.Table("device_messages").Where("outcome = 'not_rated'").Count(&sessions).Error,
		rows.Table("devices").Where("state = 'locked'").Count(&locked).Error, rows.Table("ratings").Select("COUNT(DISTINCT CONCAT(source, '/', source_ref))").Scan(&keys).Error)
	if err != nil {
		t.Fatal(err)
	}
	want := int64(devices * honestEach)
	if accepted.Load() != want || ratings+sessions != want || keys != ratings || sessions != want/10 || locked != 0 || wrong.Load() != 0 {
		t.Errorf("accepted %d and stored %d + %d of %d honest, %d by their numbers, %d devices locked", accepted.Load(), ratings, sessions, want, keys, locked)
	}
	t.Logf("%d messages: %d honest, each accepted once (%d ratings, %d not rated); %d repetitions got the same answer; %d attacks refused; wrongly accepted 0, lost 0", len(mix), want, ratings, sessions, repeated.Load(), refused.Load())
}

// attacked is what an attacker who has no key makes of an honest message, or, where the signature is right, what the
// rules refuse.
func attacked(random *rand.Rand, gadgets []*gadget, m store.SignedMessage, kind string, now time.Time) sent {
	g := gadgets[slices.IndexFunc(gadgets, func(g *gadget) bool { return g.id == m.Device })]
	m.Body = slices.Clone(m.Body)
	switch kind {
	case "body":
		m.Body[random.IntN(len(m.Body))] ^= 1
	case "counter":
		m.Counter += 1 + random.Int64N(1000)
	case "time":
		m.At = m.At.Add(time.Duration(1+random.IntN(1000)) * time.Millisecond)
	case "kind":
		m.Kind = map[bool]regulation.MessageKind{true: regulation.MessageKeypad, false: regulation.MessageHeartbeat}[random.IntN(2) == 0]
	case "mac":
		mac := []byte(m.MAC)
		mac[random.IntN(len(mac))] = "ghijkl"[random.IntN(6)]
		m.MAC = string(mac)
	case "wrong key":
		m = signed(seal.NewDeviceKey(), m.DeviceMessage)
	case "other device":
		for was := m.Device; m.Device == was; {
			m.Device = gadgets[random.IntN(len(gadgets))].id
		}
	case "unknown device":
		m.Device += "x"
	case "future":
		m = signed(g.key, regulation.DeviceMessage{Device: g.id, Counter: g.counter + 1 + random.Int64N(100), At: now.Add(time.Hour), Kind: regulation.MessageRating, Body: m.Body})
	case "huge counter":
		m = signed(g.key, regulation.DeviceMessage{Device: g.id, Counter: 1 << 40, At: now, Kind: regulation.MessageRating, Body: m.Body})
	}
	return sent{m, kind}
}
