package bench

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"haochaping/app"
)

// site is the whole product at work on a record, answering on loopback. Only the limits on the
// number of requests from one address are lifted, as all load comes from one.
type site struct {
	*app.App
	log *os.File
}

// serving is how the product is started.
type serving struct {
	// engine is the frontend's address; "" stands for an engine that is away: ratings are taken and no case is driven.
	engine, namespace string
	exchange          string // the file that names the upstream platforms; "": a simulator in the product, as in any demo
	alone             bool   // no commit is shared
}

// serve starts the product on the record.
func (r *Record) serve(ctx context.Context, with serving) (*site, error) {
	if with.engine == "" {
		with.engine, with.namespace = closedPort, "away"
	}
	shared := "on"
	if with.alone {
		shared = "off"
	}
	log, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
	if err != nil {
		return nil, err
	}
	a, err := app.New(app.Settings{
		Addr: "127.0.0.1:0", Data: filepath.Join(r.place.dir, "data"), Keys: filepath.Join(r.place.dir, "keys"), DSN: r.place.dsn,
		Temporal: with.engine, Namespace: with.namespace, SharedCommits: shared, Demo: true, Limits: "off", Verify: "off", Exchange: with.exchange, Log: "info", Session: time.Hour, Wait: 5 * time.Second,
		Checkpoints: filepath.Join(r.place.dir, "checkpoints"), CheckpointEvery: 5 * time.Minute, CheckpointMailEvery: 24 * time.Hour,
	}, app.Parts{API: true, Worker: with.engine != closedPort}, slog.New(slog.NewJSONHandler(log, nil)))
	if err != nil {
		return nil, errors.Join(err, log.Close())
	}
	if err := a.Start(ctx); err != nil {
		return nil, errors.Join(err, log.Close())
	}
	return &site{a, log}, nil
}

// closedPort is where nobody listens: the port of a service that nobody uses any more.
const closedPort = "127.0.0.1:1"

func (s *site) address() string { return "http://" + s.Addr() }

func (s *site) stop() error {
	s.Stop()
	return s.log.Close()
}

// visitors returns a client that keeps as many connections as there are visitors at once.
func visitors(atOnce int) *http.Client {
	return &http.Client{
		Transport: &http.Transport{
			DialContext:         new(net.Dialer).DialContext,
			MaxIdleConns:        atOnce,
			MaxIdleConnsPerHost: atOnce,
			DisableCompression:  true, // asked for by hand, and not unpacked here
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// signIn enters the demo as one of its people and returns the client with their session.
func (s *site) signIn(ctx context.Context, login string, atOnce int) (*http.Client, error) {
	client := visitors(atOnce)
	jar, err := cookiejar.New(nil)
	if err != nil {
		return nil, err
	}
	client.Jar = jar
	form := url.Values{"login": {login}}.Encode()
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, s.address()+"/demo/sign-ins", strings.NewReader(form))
	if err != nil {
		return nil, err
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Accept", "text/html")
	_, err = answered(client, r, http.StatusSeeOther)
	return client, err
}

// answered sends a request, reads the answer whole and returns how long that took.
func answered(client *http.Client, r *http.Request, want int) (time.Duration, error) {
	began := time.Now()
	answer, err := client.Do(r)
	if err != nil {
		return 0, err
	}
	body, err := io.ReadAll(answer.Body)
	took := time.Since(began)
	if err := errors.Join(err, answer.Body.Close()); err != nil {
		return 0, err
	}
	if answer.StatusCode != want {
		return 0, fmt.Errorf("%s %s: status %d, want %d: %.300s", r.Method, r.URL.Path, answer.StatusCode, want, body)
	}
	return took, nil
}
