package web

import "time"

// DeviceForm is an act on a device: device.act.<Act>, explained by device.act.<Act>.help. Posted besides its
// fields: seq.
type DeviceForm struct {
	Form
	Act    string
	Fields []Field
	Open   bool
	Danger bool
}

// DeviceStep is one entry of a device's history, device.event.<Event>; Name is "" where the device or the product
// did it, Detail a code, device.detail.<Detail>.
type DeviceStep struct {
	Event, Tone  string
	At           time.Time
	Name, Window string
	Detail       string
}

// DeviceView is a device with what it told last (9(3)). NewCode is an enrolment code, shown this once; Ahead is in
// seconds; Battery and Paper are per cent, below zero where it does not tell.
type DeviceView struct {
	Page
	Kind, Model, SerialNo, Firmware string
	Hall, Window                    string
	State, Tone                     string // devices.tab.<State>
	Beat, Enrolled, CodeUntil       time.Time
	Ahead, Waiting, Parked          int64
	ParkedCodes                     []string // refusal.<code>
	Battery, Paper                  int
	NewCode                         string
	Refusal                         *Problem
	Forms                           []DeviceForm
	Repairs                         []DeviceRepair
	Steps                           []DeviceStep
}

func (*DeviceView) template() string { return "device" }

// DeviceKey is a key of a keypad with its grade.
type DeviceKey struct{ Key, Grade int }

// DeviceModelLine is a make that may be registered.
type DeviceModelLine struct {
	Model, Kind, Name string
	Keys              []DeviceKey
}

// NewDeviceView registers a device. Posted fields: model, serial_no, window.
type NewDeviceView struct {
	Page
	Form
	Fields []Field
	Models []DeviceModelLine
}

func (*NewDeviceView) template() string { return "new-device" }

// EvaluatorView is the screen at a window (6(1)); who serves there its script asks for. Demo offers to enrol at one
// press.
type EvaluatorView struct {
	Page
	citizens
	Grades        []GradeChoice
	Dimensions    []string
	NoticeVersion string
	Demo          bool
}

func (*EvaluatorView) template() string { return "evaluator" }

// WindowSeat is a window of a staff member's roster. Devices are those that stand there; Session tells that an
// invitation is open.
type WindowSeat struct {
	ID, Name, Hall string
	Mine           bool   // the reader is signed in there
	Who            string // who else is, "" where nobody
	Devices        []SeatDevice
	Session        bool
}

// SeatDevice is an evaluator at a window, with what waits on it.
type SeatDevice struct {
	SerialNo, State, Tone string
	Waiting, Parked       int64
}

// WindowView is the page of whoever serves at windows: who is signed in, and the invitation to rate.
type WindowView struct {
	Page
	Form
	Windows []WindowSeat
}

func (*WindowView) template() string { return "window" }

// DeviceRepair is a repair of a device, repair.state.<State>, with what the reader may do next.
type DeviceRepair struct {
	Reason, State string
	Open          bool
	Due           Due
	Steps         []RepairStep
	Next          []RepairForm
}

// RepairStep is what was done on a repair; Name is "" where the product did it.
type RepairStep struct {
	State string
	At    time.Time
	Name  string
}

// RepairForm is the next step of a repair, repair.act.<State>. Posted: seq.
type RepairForm struct {
	Form
	State string
}

// HallAvailability is a hall's line of a month; Percent with one place.
type HallAvailability struct {
	ID, Hall, Percent, Hours string
	Devices                  int
	Service, Reachable       int64 // minutes
	Error                    *Message
}

// AvailabilityView is how well devices were reachable, hall by hall, and which windows have none. Posted by whoever
// may keep devices: hall, hours.
type AvailabilityView struct {
	Page
	Month, CSV string
	MayKeep    bool
	Halls      []HallAvailability
	Without    []string
}

func (*AvailabilityView) template() string { return "availability" }
