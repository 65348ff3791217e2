package app

import (
	"context"
	"crypto/rand"
	"errors"
	"net"
	"net/http"
	"time"

	"haochaping/activities"
	"haochaping/integration/platform"
	"haochaping/store"
	"haochaping/workday"
)

// upstreams reads the file that the settings name, none where they name none.
func (s Settings) upstreams() ([]platform.Mapping, error) {
	if s.Exchange == "" {
		return nil, nil
	}
	return platform.Read(s.Exchange)
}

// openExchanges notes in the record which upstreams the settings name, and makes ready to send to them. A
// demo on loopback without any has a simulator.
func (a *App) openExchanges(ctx context.Context) error {
	mappings, err := a.settings.upstreams()
	if err != nil {
		return err
	}
	simulated, err := a.simulates(ctx)
	if err != nil {
		return err
	}
	if simulated {
		simulator, err := a.simulate()
		if err != nil {
			return err
		}
		if simulator.From, err = a.historyEnds(ctx); err != nil {
			return err
		}
		mappings = append(mappings, simulator)
	}
	if a.settings.Exchange == "" && !simulated {
		return nil // another process may know better
	}
	var named []store.Upstream
	for _, m := range mappings {
		a.log.Info("upstream", "mapping", m)
		named = append(named, store.Upstream{Name: m.Name, Title: m.Title, Simulated: simulated})
		a.exchanges = append(a.exchanges, activities.Exchange{Record: a.record, Client: platform.New(m, time.Now), Log: a.log,
			Now: func() time.Time { return a.clock.At(time.Now()) }})
	}
	return a.record.NameUpstreams(ctx, named)
}

// simulates tells whether there is to be a simulator: never beside a real upstream, nor in a drill, whose
// clock no upstream could keep up with.
func (a *App) simulates(ctx context.Context) (bool, error) {
	demo, err := a.record.Demo(ctx)
	return demo && a.settings.Exchange == "" && a.settings.loopback() && a.clock.Scale == 0, err
}

// historyEnds is the day from which on a demo's ratings came in by themselves: what was made up of the time before would reach
// an upstream months late. Zero where nothing was.
func (a *App) historyEnds(ctx context.Context) (workday.Date, error) {
	text, err := a.record.Fact(ctx, store.FactDemoHistory)
	if err != nil || text == "" {
		return workday.Date{}, err
	}
	return workday.ParseDate(text)
}

// simulate starts a simulator of an upstream platform on this machine. It forgets everything at the end.
func (a *App) simulate() (platform.Mapping, error) {
	listener, err := new(net.ListenConfig).Listen(a.ending, "tcp", "127.0.0.1:0")
	if err != nil {
		return platform.Mapping{}, err
	}
	simulator := platform.NewSimulator([]byte(rand.Text()), false, time.Now)
	server := &http.Server{Handler: simulator, ReadHeaderTimeout: 5 * time.Second}
	a.do(func(context.Context) {
		if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			a.log.Error("the simulator ended", "error", err)
		}
	})
	a.do(func(ctx context.Context) {
		<-ctx.Done()
		_ = server.Close() // nothing is lost with it
	})
	return simulator.Mapping("http://" + listener.Addr().String()), nil
}

// exchange works the exchange with one upstream until the process is stopped, while this node holds its
// lease. An upstream that is slow holds up no other.
func (a *App) exchange(ctx context.Context, e activities.Exchange) {
	d := duty{name: store.LeaseExchange(e.Client.Name), every: time.Second}
	var held lease
	for every(ctx, d.every) {
		if now := time.Now(); !now.Before(held.until) {
			token, ok, err := a.record.AcquireLease(ctx, d.name, a.node, leaseTime+e.Longest())
			if err != nil && ctx.Err() == nil {
				a.log.Warn("lease", "duty", d.name, "error", err)
			}
			if held = (lease{}); !ok {
				continue
			}
			held = lease{token, now.Add(leaseTime / 3)}
		}
		err := e.Turn(ctx, held.token)
		if errors.Is(err, store.ErrLeaseLost) {
			held = lease{}
			continue
		}
		if err != nil && ctx.Err() == nil {
			a.log.Warn("duty failed", "duty", d.name, "error", err)
		}
	}
	a.release(d, held)
}
