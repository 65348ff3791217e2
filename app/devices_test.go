package app

import (
	"testing"

	"haochaping/regulation"
	"haochaping/store"
)

// A demo has devices that live: some are heard of, one has fallen silent, one is being repaired. A process that begins
// anew goes on with the same ones.
func TestDemoHasDevices(t *testing.T) {
	a, _ := office(t)
	for range 2 {
		a.simulator = nil
		if err := a.simulateDevices(t.Context()); err != nil {
			t.Fatal(err)
		}
		devices, err := a.record.Devices(t.Context(), regulation.Scope{All: true}, store.DeviceQuery{})
		if err != nil || len(devices) != len(simulated) {
			t.Fatalf("%d devices, %v", len(devices), err)
		}
		online := 0
		for _, d := range devices {
			if d.Online(a.simulator.now()) {
				online++
			}
		}
		if repairs, err := a.record.OpenRepairs(t.Context(), regulation.Scope{All: true}); err != nil || len(repairs) != 1 || online != len(simulated)-1 {
			t.Errorf("%d online, %d repairs, %v", online, len(repairs), err)
		}
	}
}
