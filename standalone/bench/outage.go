package bench

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"haochaping/integration/platform"
)

// OutagePlan says how long an upstream platform is away, and how many ratings a second come meanwhile.
type OutagePlan struct {
	Rate   int
	Before time.Duration // the platform is well
	Outage time.Duration
}

// Drained is what an outage left behind.
type Drained struct {
	Plan      OutagePlan
	Reached   float64 // ratings a second that were accepted in the outage
	Accepted  int     // ratings, in all
	Delivered int     // of these
	Backlog   int     // messages that waited as the platform came back
	Took      time.Duration
	Lost      int // accepted and not delivered
	Doubled   int // counted twice by a platform that knows nothing again
	Overtaken int // came after a later version of the same rating
}

// Fault is what must not be: nil where none was lost or doubled, and the backlog went in twice the outage.
func (d Drained) Fault() error {
	switch {
	case d.Lost != 0 || d.Doubled != 0 || d.Overtaken != 0:
		return fmt.Errorf("%d lost, %d doubled, %d overtaken", d.Lost, d.Doubled, d.Overtaken)
	case d.Took > 2*d.Plan.Outage:
		return fmt.Errorf("drained after %s, more than twice the outage", d.Took)
	}
	return nil
}

// Print writes the figures.
func (d Drained) Print(w io.Writer) {
	fmt.Fprintf(w, "upstream platform away for %s, %d ratings a second wanted, then back while they go on coming\n", d.Plan.Outage, d.Plan.Rate)
	fmt.Fprintf(w, "  accepted in the outage  %6.1f ratings/s\n", d.Reached)
	fmt.Fprintf(w, "  accepted in all         %6d ratings\n  delivered               %6d\n", d.Accepted, d.Delivered)
	fmt.Fprintf(w, "  lost %d, doubled %d, overtaken %d\n", d.Lost, d.Doubled, d.Overtaken)
	fmt.Fprintf(w, "  waiting at its return   %6d messages, drained in %s (%.2f of the outage)\n", d.Backlog, d.Took.Round(100*time.Millisecond), d.Took.Seconds()/d.Plan.Outage.Seconds())
}

// MeasureOutage has citizens rate at an even pace over HTTP while the upstream platform goes away and comes
// back. It takes what comes without an answer at first, then answers 503; and it knows no message again, so
// that whatever is sent twice is counted twice.
func MeasureOutage(ctx context.Context, d Database, p OutagePlan) (result Drained, err error) {
	forms, err := ratingForms()
	if err != nil {
		return result, err
	}
	record, err := d.Open(ctx, time.Now)
	if err != nil {
		return result, err
	}
	defer closing(record.Close, &err)
	secret := strings.Repeat("s", 32)
	upstream := platform.NewSimulator([]byte(secret), true, time.Now)
	server := httptest.NewServer(upstream)
	defer server.Close()
	file, err := exchangeFile(record.place.dir, server.URL, secret)
	if err != nil {
		return result, err
	}
	product, err := record.serve(ctx, serving{exchange: file})
	if err != nil {
		return result, err
	}
	defer closing(product.stop, &err)
	o := outage{plan: p, record: record, upstream: upstream, forms: forms, address: product.address() + "/ratings"}
	return o.run(ctx)
}

func exchangeFile(dir, origin, secret string) (string, error) {
	secretFile, file := filepath.Join(dir, "secret"), filepath.Join(dir, "exchange.json")
	text, err := json.Marshal(map[string]any{"upstreams": []any{map[string]any{"name": "province", "title": "省级平台（测量）", "preset": "A", "app": "bench",
		"secret_file": secretFile, "address": origin + "/records", "ask_address": origin + "/held", "idempotent": false}}})
	if err != nil {
		return "", err
	}
	return file, errors.Join(os.WriteFile(secretFile, []byte(secret), 0o600), os.WriteFile(file, text, 0o600))
}

// outage is one under way.
type outage struct {
	plan     OutagePlan
	record   *Record
	upstream *platform.Simulator
	forms    [][]byte
	address  string
	accepted atomic.Int64
}

func (o *outage) run(ctx context.Context) (result Drained, err error) {
	rating, stop := context.WithCancel(ctx)
	defer stop()
	var citizens sync.WaitGroup
	var refused error
	citizens.Go(func() { refused = o.rate(rating) })
	if err = sleep(ctx, o.plan.Before); err == nil {
		result, err = o.watch(ctx)
	}
	stop()
	citizens.Wait()
	if err == nil && refused == nil {
		err = o.delivered(ctx)
	}
	counts := o.upstream.Counts()
	result.Accepted, result.Delivered = int(o.accepted.Load()), len(o.upstream.Held())
	result.Lost, result.Doubled, result.Overtaken = result.Accepted-result.Delivered, counts.Twice, counts.Overtaken
	return result, errors.Join(err, refused)
}

// watch takes the platform away, brings it back, and waits until nothing waits that came before.
func (o *outage) watch(ctx context.Context) (result Drained, err error) {
	result.Plan = o.plan
	before, began := o.accepted.Load(), time.Now()
	o.upstream.Behave(platform.Fault{Break: true})
	if err := sleep(ctx, min(3*time.Second, o.plan.Outage/4)); err != nil {
		return result, err
	}
	o.upstream.Behave(platform.Fault{Status: http.StatusServiceUnavailable})
	if err := sleep(ctx, o.plan.Outage-time.Since(began)); err != nil {
		return result, err
	}
	result.Reached = float64(o.accepted.Load()-before) / time.Since(began).Seconds()
	all, err := o.record.Exchanges(ctx)
	if err != nil {
		return result, err
	}
	result.Backlog = all[0].Waiting
	back := time.Now()
	o.upstream.Behave(platform.Fault{})
	err = o.drained(ctx)
	result.Took = time.Since(back)
	return result, err
}

// drained waits until no more messages wait than come within two seconds, while they go on coming.
func (o *outage) drained(ctx context.Context) error {
	for {
		all, err := o.record.Exchanges(ctx)
		if err != nil || all[0].Waiting <= 2*o.plan.Rate {
			return err
		}
		if err := sleep(ctx, 100*time.Millisecond); err != nil {
			return err
		}
	}
}

// latest is how long what came last may take to arrive, before it counts as lost.
const latest = time.Minute

// delivered waits for what came last.
func (o *outage) delivered(ctx context.Context) error {
	for end := time.Now().Add(latest); time.Now().Before(end) && len(o.upstream.Held()) < int(o.accepted.Load()); {
		if err := sleep(ctx, 100*time.Millisecond); err != nil {
			return err
		}
	}
	return nil
}

// citizens is how many may rate at the same time.
const citizens = 64

// rate sends forms at an even pace until the context ends; after a halt it makes up for what it missed.
func (o *outage) rate(ctx context.Context) error {
	client := visitors(citizens)
	defer client.CloseIdleConnections()
	began, pace := time.Now(), time.Second/time.Duration(o.plan.Rate)
	places := make(chan struct{}, citizens)
	var sending sync.WaitGroup
	defer sending.Wait()
	var failed atomic.Pointer[error]
	for n := 0; failed.Load() == nil; n++ {
		if sleep(ctx, time.Until(began.Add(time.Duration(n)*pace))) != nil {
			sending.Wait()
			if err := failed.Load(); err != nil {
				return *err
			}
			return nil
		}
		places <- struct{}{}
		form := o.forms[n%len(o.forms)]
		sending.Go(func() {
			defer func() { <-places }()
			// Whoever began is answered, also at the end: else nobody knew what was accepted.
			if _, err := sendForm(context.WithoutCancel(ctx), client, o.address, form); err != nil {
				failed.Store(&err)
				return
			}
			o.accepted.Add(1)
		})
	}
	return *failed.Load()
}

func sleep(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}
