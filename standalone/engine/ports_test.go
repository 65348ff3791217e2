package engine

import "testing"

// Another process may take a port between the look for a free one and the server's own listen.
func TestPortTakenMeanwhile(t *testing.T) {
	t.Cleanup(func() { freePorts = choosePorts })
	looks := 0
	freePorts = func(host string, frontend int) (ports, error) {
		p, err := choosePorts(host, frontend)
		if looks++; looks == 1 {
			p.history = busyPort(t)
		}
		return p, err
	}
	e, err := Start(t.Context(), Options{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	defer e.Stop()
	if looks != 2 {
		t.Errorf("%d looks for ports", looks)
	}
}
