package api

import (
	"context"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"haochaping/regulation"
	"haochaping/store"
)

// counts are the product's own figures for operators. No label holds an id or a name.
type counts struct {
	requests *prometheus.HistogramVec
	ratings  *prometheus.CounterVec
	acts     *prometheus.CounterVec
	inbound  *prometheus.CounterVec
	devices  *prometheus.CounterVec
}

func newCounts(registry *prometheus.Registry, record *store.Store, now func() time.Time) *counts {
	c := &counts{
		requests: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "haochaping_http_seconds", Help: "How long requests took, by route template.",
			Buckets: []float64{.002, .005, .01, .02, .03, .05, .1, .25, .5, 1, 2.5, 5, 10},
		}, []string{"method", "route", "status"}),
		ratings: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "haochaping_ratings_total", Help: "Ratings stored, by channel and grade.",
		}, []string{"channel", "grade"}),
		acts: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "haochaping_acts_total", Help: "Acts answered, by kind and outcome.",
		}, []string{"act", "outcome"}),
		devices: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "haochaping_device_messages_total", Help: "Messages of devices, by kind and what became of them.",
		}, []string{"kind", "outcome"}),
	}
	c.inbound = prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "haochaping_inbound_total", Help: "Messages of other systems, by upstream, kind and outcome.",
	}, []string{"upstream", "kind", "outcome"})
	registry.MustRegister(c.requests, c.ratings, c.acts, c.devices, c.inbound, &recordFigures{record: record, now: now})
	return c
}

// recordFigures asks the record when it is scraped.
type recordFigures struct {
	record *store.Store
	now    func() time.Time
}

var (
	openCases  = prometheus.NewDesc("haochaping_open_cases", "Cases that are not closed.", nil, nil)
	outboxLag  = prometheus.NewDesc("haochaping_outbox_lag_seconds", "Age of the oldest thing left to do outside the record.", nil, nil)
	ledgerLag  = prometheus.NewDesc("haochaping_ledger_lag_seconds", "Age of the oldest row that the ledger has not taken in.", nil, nil)
	verifiedAt = prometheus.NewDesc("haochaping_verified_timestamp_seconds", "When the last verification ended, by the machine's clock.", nil, nil)
	verifyTook = prometheus.NewDesc("haochaping_verify_seconds", "How long each check of the last verification took.", []string{"check"}, nil)
	verifyHas  = prometheus.NewDesc("haochaping_verify_findings", "What each check of the last verification found.", []string{"check"}, nil)
	failedActs = prometheus.NewDesc("haochaping_failed_acts", "Acts that the record did not take: verify tells of each, with its repair.", nil, nil)
	stuckCases = prometheus.NewDesc("haochaping_blocked_cases", "Cases that cannot go on, since the record does not take a deadline of theirs.", nil, nil)
	deviceMany = prometheus.NewDesc("haochaping_devices", "Devices, by state.", []string{"state"}, nil)
	deviceGone = prometheus.NewDesc("haochaping_devices_offline", "Active devices that are not heard of.", nil, nil)
	deviceWait = prometheus.NewDesc("haochaping_device_ratings_waiting", "Ratings that wait on devices, as these told last.", nil, nil)
	waitingOut = prometheus.NewDesc("haochaping_exchange_waiting", "Messages that an upstream is still to get.", []string{"upstream"}, nil)
	parkedOut  = prometheus.NewDesc("haochaping_exchange_parked", "Messages that an upstream did not take: see /exchange.", []string{"upstream"}, nil)
	sentOut    = prometheus.NewDesc("haochaping_exchange_sent_total", "Messages that an upstream took, each counted once.", []string{"upstream"}, nil)
	lagOut     = prometheus.NewDesc("haochaping_exchange_lag_seconds", "Age of the oldest message that an upstream is still to get.", []string{"upstream"}, nil)
	failedOut  = prometheus.NewDesc("haochaping_exchange_failures", "Tries in a row that an upstream failed.", []string{"upstream"}, nil)
	tellWait   = prometheus.NewDesc("haochaping_notices_waiting", "Notices to people that are still to be sent.", nil, nil)
	tellParked = prometheus.NewDesc("haochaping_notices_parked", "Notices to people that their receiver refused.", nil, nil)
	tellLag    = prometheus.NewDesc("haochaping_notices_lag_seconds", "Age of the oldest notice that is still to be sent.", nil, nil)
	tellFailed = prometheus.NewDesc("haochaping_notices_failures", "Failed tries of the notices that are still to be sent.", nil, nil)
	pendingAct = prometheus.NewDesc("haochaping_pending_acts", "Acts stored and not recorded yet.", nil, nil)
)

// Describe implements prometheus.Collector.
func (f *recordFigures) Describe(to chan<- *prometheus.Desc) {
	for _, desc := range []*prometheus.Desc{openCases, outboxLag, ledgerLag, pendingAct, failedActs, stuckCases, verifiedAt, verifyTook, verifyHas, deviceMany, deviceGone, deviceWait,
		waitingOut, parkedOut, sentOut, lagOut, failedOut, tellWait, tellParked, tellLag, tellFailed} {
		to <- desc
	}
}

// Collect implements prometheus.Collector. A record that does not answer gives no figures; that
// it does not answer is readiness's to tell.
func (f *recordFigures) Collect(to chan<- prometheus.Metric) {
	ctx, done := context.WithTimeout(context.Background(), 2*time.Second)
	defer done()
	backlog, err := f.record.Backlog(ctx)
	if err != nil {
		return
	}
	age := func(since time.Time) float64 {
		if since.IsZero() {
			return 0
		}
		return max(f.now().Sub(since).Seconds(), 0)
	}
	to <- prometheus.MustNewConstMetric(openCases, prometheus.GaugeValue, float64(backlog.OpenCases))
	to <- prometheus.MustNewConstMetric(pendingAct, prometheus.GaugeValue, float64(backlog.PendingActs))
	to <- prometheus.MustNewConstMetric(failedActs, prometheus.GaugeValue, float64(backlog.FailedActs))
	to <- prometheus.MustNewConstMetric(stuckCases, prometheus.GaugeValue, float64(backlog.BlockedCases))
	to <- prometheus.MustNewConstMetric(outboxLag, prometheus.GaugeValue, age(backlog.OldestOutbox))
	to <- prometheus.MustNewConstMetric(ledgerLag, prometheus.GaugeValue, age(backlog.OldestLeaf))
	f.collectChecks(ctx, to)
	f.collectDevices(ctx, to)
	f.collectExchange(ctx, to)
	f.collectNotices(ctx, to, age)
}

// collectNotices tells how telling people outside the product stands.
func (f *recordFigures) collectNotices(ctx context.Context, to chan<- prometheus.Metric, age func(time.Time) float64) {
	n, err := f.record.NoticeFigures(ctx)
	if err != nil {
		return
	}
	to <- prometheus.MustNewConstMetric(tellWait, prometheus.GaugeValue, float64(n.Waiting))
	to <- prometheus.MustNewConstMetric(tellParked, prometheus.GaugeValue, float64(n.Parked))
	to <- prometheus.MustNewConstMetric(tellLag, prometheus.GaugeValue, age(n.Oldest))
	to <- prometheus.MustNewConstMetric(tellFailed, prometheus.GaugeValue, float64(n.Failures))
}

func (f *recordFigures) collectDevices(ctx context.Context, to chan<- prometheus.Metric) {
	byState, offline, waiting, err := f.record.DeviceFigures(ctx)
	if err != nil {
		return
	}
	for _, state := range regulation.DeviceStates {
		to <- prometheus.MustNewConstMetric(deviceMany, prometheus.GaugeValue, float64(byState[state]), string(state))
	}
	to <- prometheus.MustNewConstMetric(deviceGone, prometheus.GaugeValue, float64(offline))
	to <- prometheus.MustNewConstMetric(deviceWait, prometheus.GaugeValue, float64(waiting))
}

// collectExchange tells how the exchange with each upstream stands.
func (f *recordFigures) collectExchange(ctx context.Context, to chan<- prometheus.Metric) {
	all, err := f.record.Exchanges(ctx)
	if err != nil {
		return
	}
	for _, e := range all {
		to <- prometheus.MustNewConstMetric(waitingOut, prometheus.GaugeValue, float64(e.Waiting), e.Name)
		to <- prometheus.MustNewConstMetric(parkedOut, prometheus.GaugeValue, float64(e.Parked), e.Name)
		to <- prometheus.MustNewConstMetric(sentOut, prometheus.CounterValue, float64(e.Sent), e.Name)
		to <- prometheus.MustNewConstMetric(lagOut, prometheus.GaugeValue, e.Lag.Seconds(), e.Name)
		to <- prometheus.MustNewConstMetric(failedOut, prometheus.GaugeValue, float64(e.Failures), e.Name)
	}
}

// collectChecks tells of the last verification, nothing before the first.
func (f *recordFigures) collectChecks(ctx context.Context, to chan<- prometheus.Metric) {
	last, err := f.record.LastVerification(ctx)
	if err != nil {
		return
	}
	to <- prometheus.MustNewConstMetric(verifiedAt, prometheus.GaugeValue, float64(last.EndedAt.UnixMilli())/1000)
	for _, c := range last.Checks {
		if c.LeftOut != "" {
			continue
		}
		to <- prometheus.MustNewConstMetric(verifyTook, prometheus.GaugeValue, c.Took.Seconds(), c.Check)
		to <- prometheus.MustNewConstMetric(verifyHas, prometheus.GaugeValue, float64(c.Found), c.Check)
	}
}

func (a *API) metrics(*request) (answer, error) {
	handler := promhttp.HandlerFor(a.Metrics, promhttp.HandlerOpts{DisableCompression: true}) // every answer is compressed once, around
	return answer{file: func(c echo.Context) error {
		handler.ServeHTTP(c.Response(), c.Request())
		return nil
	}}, nil
}
