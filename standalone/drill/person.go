package drill

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"time"

	"haochaping/regulation"
)

// fields are a JSON body: texts and lists of them.
type fields map[string]any

// person is somebody at the product, with cookies of their own.
type person struct {
	address string // http://host:port
	http    *http.Client
}

// carrier is shared, so that hundreds of people need few connections.
var carrier = &http.Transport{MaxIdleConns: 256, MaxIdleConnsPerHost: 256}

func newPerson(address string) (*person, error) {
	jar, err := cookiejar.New(nil)
	return &person{address, &http.Client{Jar: jar, Transport: carrier, Timeout: time.Minute}}, err
}

// answer is an answer read whole.
type answer struct {
	status   int
	location string
	body     []byte
}

// refusal is a problem as programs read it.
type refusal struct {
	Code    regulation.Code
	Missing string
	Fields  map[string]struct{ Code string }
}

func (a answer) refusal() (r refusal) {
	_ = json.Unmarshal(a.body, &r) // anything else has no code
	return r
}

func (a answer) err(what string) error {
	r := a.refusal()
	return fmt.Errorf("%s: %d %s %s %v", what, a.status, r.Code, r.Missing, r.Fields)
}

// send makes one request.
func (p *person) send(ctx context.Context, method, path, key string, body fields) (answer, error) {
	text, err := json.Marshal(body)
	if err != nil {
		return answer{}, err
	}
	request, err := http.NewRequestWithContext(ctx, method, p.address+path, bytes.NewReader(text))
	if err != nil {
		return answer{}, err
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Accept", "application/json")
	if key != "" {
		request.Header.Set("Idempotency-Key", key)
	}
	got, err := p.http.Do(request)
	if err != nil {
		return answer{}, err
	}
	defer got.Body.Close()
	content, err := io.ReadAll(got.Body)
	return answer{got.StatusCode, got.Header.Get("Location"), content}, err
}

// away is how often a request is made again while the product says that it cannot now.
const away = 20

// must makes a request that has to succeed; one that came too early for the engine is made again
// under its key.
func (p *person) must(ctx context.Context, method, path, key string, body fields) (answer, error) {
	for try := 0; ; try++ {
		a, err := p.send(ctx, method, path, key, body)
		switch {
		case err != nil:
			return a, err
		case a.status == http.StatusServiceUnavailable && try < away:
			time.Sleep(100 * time.Millisecond)
		case a.status >= http.StatusMultipleChoices:
			return a, a.err(method + " " + path)
		default:
			return a, nil
		}
	}
}

func newKey() string { return rand.Text() }

// rates gives a rating by a window's code and returns the receipt.
func (p *person) rates(ctx context.Context, code string, grade int, more fields) (receipt string, err error) {
	form := fields{"code": code, "grade": fmt.Sprint(grade), "notice_version": "1"}
	for name, value := range more {
		form[name] = value
	}
	a, err := p.must(ctx, http.MethodPost, "/ratings", newKey(), form)
	if err != nil {
		return "", err
	}
	var made struct{ Receipt string }
	err = json.Unmarshal(a.body, &made)
	return made.Receipt, err
}
