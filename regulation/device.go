package regulation

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Devices at windows (6(1), 9(3)): what they send, in which order and how late it counts, and which key of an
// older keypad is which grade. Keys and digests are the store's.

// DeviceKind is what stands at a window.
type DeviceKind string

const (
	DeviceEvaluator DeviceKind = "evaluator" // 触屏式评价仪, our page in a browser or a maker's own
	DeviceKeypad    DeviceKind = "keypad"    // keys only, behind a gateway
	DeviceKiosk     DeviceKind = "kiosk"     // stands beside a window, for those who wait
)

// DeviceKinds lists them in the order in which forms show them.
var DeviceKinds = []DeviceKind{DeviceEvaluator, DeviceKeypad, DeviceKiosk}

// OfWindow tells whether a device of the kind is its window's own evaluator: a kiosk stands beside it, for those who
// wait, and does not make up for one (6(1)).
func (k DeviceKind) OfWindow() bool { return k != DeviceKiosk }

// HasEvaluators tells whether evaluators stand in a place of the kind: at a seat of the hotline nobody but the agent would
// press, whose calls are rated by the caller (6(4), R10).
func (k OrgKind) HasEvaluators() bool { return k != OrgHotline }

// DeviceState is where a device stands in its life.
type DeviceState string

const (
	DeviceEnrolling DeviceState = "enrolling" // registered, or given a new code: it holds no key that counts
	DeviceActive    DeviceState = "active"
	DeviceLocked    DeviceState = "locked" // its key is in two hands: nothing it sends is taken
	DeviceRetired   DeviceState = "retired"
)

// DeviceStates lists them in the order of a device's life.
var DeviceStates = []DeviceState{DeviceEnrolling, DeviceActive, DeviceLocked, DeviceRetired}

// MessageKind is what a device's message is.
type MessageKind string

const (
	MessageHeartbeat MessageKind = "heartbeat"
	MessageRoster    MessageKind = "roster" // who serves now, and is somebody asked to rate
	MessageRating    MessageKind = "rating"
	MessageKeypad    MessageKind = "keypad" // a gateway tells which key was pressed
	MessageSession   MessageKind = "session"
)

// Kept tells whether a message of the kind is kept under its counter. The others tell how a device is, and
// only the last one counts.
func (k MessageKind) Kept() bool {
	return k == MessageRating || k == MessageKeypad || k == MessageSession
}

// DeviceMessage is what a device signs. Counter grows by at least one from message to message, for the kinds
// that are kept and for the others each by itself; At is the device's own clock, to the millisecond, and never
// runs back within one key.
type DeviceMessage struct {
	Device  string
	Counter int64
	At      time.Time
	Kind    MessageKind
	Body    []byte
}

// Canonical are the bytes that the device's key signs; digest is SM3 of the body as 64 small hexadecimal digits.
func (m DeviceMessage) Canonical(digest string) []byte {
	return []byte(strings.Join([]string{"haochaping-device-1", m.Device, strconv.FormatInt(m.Counter, 10),
		strconv.FormatInt(m.At.UnixMilli(), 10), string(m.Kind), digest}, "\n"))
}

// DeviceMark is a message that was taken before: its place in the device's two orders.
type DeviceMark struct {
	Counter int64
	At      time.Time
}

// Forked tells whether a message cannot come from the hand that sent the others of its key: counter and clock
// disagree about which was first. An honest device never counts on with an earlier clock; of two that hold one
// key each has its own. Marks are the neighbours by counter; the zero mark is none.
func (m DeviceMessage) Forked(before, after DeviceMark) bool {
	return (before.Counter > 0 && m.At.Before(before.At)) || (after.Counter > 0 && m.At.After(after.At))
}

// GivenAt is when a message of a device was made by our clock: its own time, put right by how far its clock was
// ahead of ours at its last heartbeat where that is more than DeviceClockMinutes. A clock within them is taken at
// its word, and never for an instant after the receipt. Refused are messages from after the receipt, which the
// device sends again after its next heartbeat, and those older than DeviceLateHours, which it parks (6(1)).
func (p Params) GivenAt(m DeviceMessage, ahead time.Duration, received time.Time) (time.Time, error) {
	tolerance := time.Duration(p.Days(DeviceClockMinutes)) * time.Minute
	at := m.At
	if ahead.Abs() > tolerance {
		at = at.Add(-ahead)
	}
	switch {
	case at.After(received.Add(tolerance)):
		return time.Time{}, refuse(NotNow, ClauseEvaluator, "device_clock_ahead")
	case at.After(received):
		return received, nil
	case received.Sub(at) > time.Duration(p.Days(DeviceLateHours))*time.Hour:
		return time.Time{}, refuse(Invalid, ClauseEvaluator, "device_too_late")
	}
	return at, nil
}

// Parameters of devices.
const (
	DeviceLateHours      = "device_late_hours"
	DeviceClockMinutes   = "device_clock_minutes"
	DeviceOfflineMinutes = "device_offline_minutes" // of service hours
	DeviceSessionSeconds = "device_session_seconds"
	DeviceCodeMinutes    = "device_code_minutes"
	DeviceRepairDays     = "device_repair_days"
)

// NotRated is what keypads and evaluators send where the time ran out.
const NotRated = -2

// DeviceModel is a make of device. Levels map what its keys send to grades; a level that is not there is refused,
// never guessed. Models without keys have none.
type DeviceModel struct {
	Model  string
	Kind   DeviceKind
	NameZH string
	NameEN string
	Levels map[int]Grade
}

// GradeOf is the grade of a key. rated is false for NotRated; anything that the model's mapping lacks is refused
// (R09, R10).
func (m DeviceModel) GradeOf(level int) (grade Grade, rated bool, err error) {
	if level == NotRated {
		return 0, false, nil
	}
	grade, known := m.Levels[level]
	if !known {
		return 0, false, refuse(Invalid, ClauseGrades, "fields").Field("level", "level_unmapped")
	}
	return grade, true, nil
}

// ParseLevels reads a mapping such as "1=5 2=4 3=2 4=1": level=grade, each once.
func ParseLevels(text string) (map[int]Grade, error) {
	levels := map[int]Grade{}
	for _, pair := range strings.Fields(text) {
		left, right, _ := strings.Cut(pair, "=")
		level, err := strconv.Atoi(left)
		grade, valid := ParseGrade(right)
		if _, twice := levels[level]; err != nil || !valid || twice || level == NotRated {
			return nil, fmt.Errorf("%q maps no key to a grade", pair)
		}
		levels[level] = grade
	}
	return levels, nil
}

// SessionEvents are what a session message may tell: opened, or timed out with nobody having rated.
var SessionEvents = []string{SessionOpened, SessionTimedOut}

// Events of a session.
const (
	SessionOpened   = "opened"
	SessionTimedOut = "timed_out"
)

// CheckSession holds a session message against the rules.
func CheckSession(session, event string) error {
	err := refuse(Invalid, ClauseEvaluator, "fields")
	if !slices.Contains(SessionEvents, event) {
		err.Field("event", "not_an_option")
	}
	if session == "" || len(session) > 32 {
		err.Field("session", "required")
	}
	if err.Fields != nil {
		return err
	}
	return nil
}

// DeviceSubject is a device as policies relate people to it.
func DeviceSubject(area string) Subject { return Subject{Area: area} }
