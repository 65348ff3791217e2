package regulation

import "time"

// Clock maps real time to the product's time. The zero Clock is real time. A drill or a test
// runs on a scaled clock: Origin is shown at RealOrigin and every real second counts Scale
// seconds. Both directions are pure, so the same value serves workflow code.
type Clock struct {
	Scale      float64   `json:"scale,omitempty"`
	RealOrigin time.Time `json:"real_origin,omitzero"`
	Origin     time.Time `json:"origin,omitzero"`
}

// At returns the product's instant at a real instant, as the record keeps instants: in UTC
// whatever the machine's zone, in whole microseconds.
func (c Clock) At(real time.Time) time.Time {
	if c.Scale != 0 {
		real = c.Origin.Add(time.Duration(float64(real.Sub(c.RealOrigin)) * c.Scale))
	}
	return real.UTC().Truncate(time.Microsecond)
}

// Wait returns how long, in real time, to wait from a real instant until the product's clock
// shows due; never negative.
func (c Clock) Wait(real, due time.Time) time.Duration {
	wait := due.Sub(c.At(real))
	if c.Scale != 0 {
		wait = time.Duration(float64(wait) / c.Scale)
	}
	return max(wait, 0)
}

// Real returns the real instant at which the product's clock shows at: At backwards, to the
// microsecond. Deadlines are due in the product's time, lateness is counted in real time.
func (c Clock) Real(at time.Time) time.Time {
	if c.Scale != 0 {
		at = c.RealOrigin.Add(time.Duration(float64(at.Sub(c.Origin)) / c.Scale))
	}
	return at.UTC().Truncate(time.Microsecond)
}
