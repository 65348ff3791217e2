package app

import (
	"context"
	"time"

	"haochaping/regulation"
	"haochaping/store"
	"haochaping/store/seal"
)

// simulated are the devices that stand at the windows of a demo: four that work, one that has fallen silent, one
// keypad in repair. Their serial numbers begin with SIM, so that nobody takes them for others.
var simulated = []struct {
	serial, model, window string
	body                  string // of its heartbeats; "" once it is silent
	repair                string // why it is being repaired
}{
	{"SIM-01", "haochaping-page", "513301-w01", `{"firmware":"1.2.0","waiting":0,"parked":0,"battery":100}`, ""},
	{"SIM-02", "haochaping-page", "513301-w02", `{"firmware":"1.2.0","waiting":3,"parked":0,"battery":64}`, ""},
	{"SIM-03", "generic-evaluator", "513301-w03", `{"firmware":"4.0.1","waiting":0,"parked":2,"parked_codes":["device_too_late"],"paper":35}`, ""},
	{"SIM-04", "haochaping-page", "513300-w01", `{"firmware":"1.2.0","waiting":0,"parked":0}`, ""},
	{"SIM-05", "haochaping-page", "513301-w04", "", ""},
	{"SIM-06", "keypad-4-reversed", "513301-w05", `{"firmware":"0.9"}`, "keys"},
}

// simulator plays the devices of a demo over the same way in as real ones.
type simulator struct {
	record *store.Store
	now    func() time.Time
	keys   map[string]store.Enrolled // by serial number
}

// simulateDevices sends the heartbeats of a demo's devices, which it registers first. Keys are nowhere but in the
// process: a process that begins anew enrols its devices anew.
func (a *App) simulateDevices(ctx context.Context) error {
	if a.simulator == nil {
		demo, err := a.record.Demo(ctx)
		if err != nil || !demo || a.clock.Scale > 1 {
			return err
		}
		s := &simulator{record: a.record, now: func() time.Time { return a.clock.At(time.Now()) }, keys: map[string]store.Enrolled{}}
		if err := s.begin(ctx); err != nil {
			return err
		}
		a.simulator = s
	}
	return a.simulator.beat(ctx)
}

// begin registers what is not there yet, and enrols each that sends.
func (s *simulator) begin(ctx context.Context) error {
	known, err := s.record.Devices(ctx, regulation.Scope{All: true}, store.DeviceQuery{})
	if err != nil {
		return err
	}
	bySerial := map[string]store.Device{}
	for _, d := range known {
		bySerial[d.SerialNo] = d
	}
	for _, sim := range simulated {
		d, there := bySerial[sim.serial]
		if there && (sim.body == "" || d.State == regulation.DeviceRetired || d.State == regulation.DeviceLocked) {
			continue // silent for good, or taken out of service by whoever tries the demo
		}
		if !there {
			hall := sim.window[:6] + "-hall"
			id, err := s.record.RegisterDevice(ctx, store.NewDevice{Model: sim.model, SerialNo: sim.serial, Hall: hall, Window: sim.window}, sim.window[:6], regulation.Actor{})
			if err != nil {
				return err
			}
			d = store.Device{ID: id, Area: sim.window[:6], Hall: hall}
		}
		if err := s.enrol(ctx, d.ID, sim.serial); err != nil {
			return err
		}
		if !there && sim.repair != "" {
			if _, err := s.record.OpenRepair(ctx, d, sim.repair, regulation.Actor{}); err != nil {
				return err
			}
		}
	}
	return nil
}

func (s *simulator) enrol(ctx context.Context, id, serial string) error {
	code, _, err := s.record.IssueDeviceCode(ctx, id, -1, regulation.Actor{})
	if err != nil {
		return err
	}
	s.keys[serial], err = s.record.EnrolDevice(ctx, code, "1.0.0")
	return err
}

// beat sends a heartbeat of each device that is not silent. One whose key a visitor of the demo has ended says
// nothing more.
func (s *simulator) beat(ctx context.Context) error {
	for _, sim := range simulated {
		e, enrolled := s.keys[sim.serial]
		if !enrolled || sim.body == "" {
			continue
		}
		e.Counter++
		s.keys[sim.serial] = e
		m := store.SignedMessage{DeviceMessage: regulation.DeviceMessage{Device: e.Device, Counter: e.Counter, At: s.now().Truncate(time.Millisecond), Kind: regulation.MessageHeartbeat, Body: []byte(sim.body)}}
		m.MAC = seal.DeviceMAC(e.Key, m.Canonical(seal.BodyDigest(m.Body)))
		if _, err := s.record.ReceiveMessage(ctx, m, regulation.Choices{}); err != nil {
			delete(s.keys, sim.serial)
		}
	}
	return nil
}
