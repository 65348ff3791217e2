package bench

import (
	"sync/atomic"

	"go.temporal.io/sdk/client"
)

// kept follows how many cases this process's workers keep in memory: the gauge that the SDK sets after
// each step of a case.
type kept struct {
	client.MetricsHandler
	now, most *atomic.Int64
}

func newKept() kept { return kept{client.MetricsNopHandler, new(atomic.Int64), new(atomic.Int64)} }

func (k kept) WithTags(map[string]string) client.MetricsHandler { return k }

func (k kept) Gauge(name string) client.MetricsGauge {
	if name != "temporal_sticky_cache_size" {
		return k.MetricsHandler.Gauge(name)
	}
	return k
}

// Update takes the gauge's value.
func (k kept) Update(cases float64) {
	n := int64(cases)
	k.now.Store(n)
	for most := k.most.Load(); n > most && !k.most.CompareAndSwap(most, n); most = k.most.Load() {
	}
}
