package app

import (
	"context"
	"crypto/rand"
	random "math/rand/v2"
	"net/http"
	"time"

	"haochaping/integration/portal"
	"haochaping/store/seed"
)

// upstreams are the systems that may send: those of the settings' folder, or, in a demo without one, the presets with
// keys that are drawn at the start and never leave the process.
func upstreams(s Settings, demo bool) ([]portal.Upstream, error) {
	if s.Upstreams != "" || !demo {
		return portal.Load(s.Upstreams)
	}
	var all []portal.Upstream
	for _, id := range []string{"portal", "app", "hotline"} {
		key := make([]byte, 32)
		_, _ = rand.Read(key) // crypto/rand never fails
		u, err := portal.Preset(id, key)
		if err != nil {
			return nil, err
		}
		all = append(all, u)
	}
	return all, nil
}

// playUpstreams has the doubles of the demo's upstreams send something, against this process.
func (a *App) playUpstreams(ctx context.Context) error {
	if a.doubles == nil {
		subjects, err := demoSubjects()
		if err != nil {
			return err
		}
		a.doubles = []*portal.Double{}
		for _, u := range a.sending {
			if u.Kind == portal.KindRatings {
				a.doubles = append(a.doubles, &portal.Double{Upstream: u, Address: "http://" + a.addr, Client: &http.Client{Timeout: grace},
					Now: func() time.Time { return a.clock.At(time.Now()) }, Wall: time.Now, Random: random.New(random.NewPCG(1, uint64(len(u.ID)))), Subjects: subjects})
			}
		}
	}
	for _, d := range a.doubles {
		if err := d.Turn(ctx); err != nil {
			return err
		}
	}
	return nil
}

// demoSubjects are the matters of the demo's counters.
func demoSubjects() ([]portal.Subject, error) {
	data, err := seed.Load()
	if err != nil {
		return nil, err
	}
	codes, areas := map[string]string{}, map[string]string{}
	for _, o := range data.Orgs {
		codes[o.ID], areas[o.ID] = o.CreditCode, o.Area()
	}
	window := map[string]string{}
	for _, w := range data.Windows {
		window[w.Unit] = w.ID
	}
	var all []portal.Subject
	for _, m := range data.Matters {
		if window[m.Unit] != "" {
			all = append(all, portal.Subject{Area: areas[m.Unit], Dept: codes[m.Unit], Task: m.TaskCode, Window: window[m.Unit]})
		}
	}
	return all, nil
}

// upstreamIDs name the systems that send of themselves: a call system may have nothing to tell for a day.
func (a *App) upstreamIDs() (ids []string) {
	for _, u := range a.sending {
		if u.Kind == portal.KindRatings {
			ids = append(ids, u.ID)
		}
	}
	return ids
}

// watchUpstreams tells of upstreams from which nothing has come for too long.
func (a *App) watchUpstreams(ctx context.Context) error {
	return a.record.WatchUpstreams(ctx, a.upstreamIDs(), a.clock.At(a.began))
}

// sweepInbound forgets nonces and wrong tries that hold nobody up any more.
func (a *App) sweepInbound(ctx context.Context) error {
	if err := a.record.SweepNonces(ctx); err != nil {
		return err
	}
	return a.record.SweepMatterTries(ctx)
}
