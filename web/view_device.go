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
