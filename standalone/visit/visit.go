// Package visit is somebody at the running product: a person with cookies of their own who
// asks over HTTP as programs do. The drill and the end-to-end tests act through it.
package visit

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"mime/multipart"
	"net/http"
	"net/http/cookiejar"
	"time"

	"haochaping/regulation"
)

// Fields are a JSON body: texts and lists of them.
type Fields map[string]any

// Person is somebody at the product: their cookies, and where it is by now.
type Person struct {
	where func() string // host:port, another one after a restart
	http  *http.Client
}

// carrier is shared, so that hundreds of people need few connections.
var carrier = &http.Transport{MaxIdleConns: 256, MaxIdleConnsPerHost: 256}

// longest bounds a request: an act waits for the engine for seconds, never that long.
const longest = time.Minute

// New is a person whom the product does not know yet.
func New(where func() string) *Person {
	jar, err := cookiejar.New(nil)
	if err != nil {
		panic(err) // it has no options to be wrong
	}
	return &Person{where: where, http: &http.Client{Jar: jar, Transport: carrier, Timeout: longest}}
}

// Reply is an answer read whole.
type Reply struct {
	Status int
	Header http.Header
	Body   []byte
}

func (r Reply) String() string { return fmt.Sprintf("%d %.600s", r.Status, r.Body) }

// Problem is a refusal as programs read it.
type Problem struct {
	Code    regulation.Code
	Missing string
	Fields  map[string]struct{ Code string }
}

// Problem is the zero one where the answer is none.
func (r Reply) Problem() (p Problem) {
	_ = json.Unmarshal(r.Body, &p) // anything else has no code
	return p
}

// Send makes one request; an error means that nobody knows what became of it. A nil body is none.
func (p *Person) Send(ctx context.Context, method, path, key string, body Fields) (Reply, error) {
	var content io.Reader
	if body != nil {
		text, err := json.Marshal(body)
		if err != nil {
			return Reply{}, err
		}
		content = bytes.NewReader(text)
	}
	return p.ask(ctx, method, path, key, "application/json", content)
}

// Stage uploads a file that an act is to bind.
func (p *Person) Stage(ctx context.Context, content []byte) (Reply, error) {
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	part, err := form.CreateFormFile("file", "file")
	if err != nil {
		return Reply{}, err
	}
	if _, err = part.Write(content); err == nil {
		err = form.Close()
	}
	if err != nil {
		return Reply{}, err
	}
	return p.ask(ctx, http.MethodPost, "/files", "", form.FormDataContentType(), &body)
}

func (p *Person) ask(ctx context.Context, method, path, key, kind string, content io.Reader) (Reply, error) {
	request, err := http.NewRequestWithContext(ctx, method, "http://"+p.where()+path, content)
	if err != nil {
		return Reply{}, err
	}
	request.Header.Set("Content-Type", kind)
	request.Header.Set("Accept", "application/json")
	if key != "" {
		request.Header.Set("Idempotency-Key", key)
	}
	answer, err := p.http.Do(request)
	if err != nil {
		return Reply{}, err
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	return Reply{answer.StatusCode, answer.Header, text}, err
}

// Key is an idempotency key, as a client draws one for each form.
func Key() string { return rand.Text() }

// Rating is the form of a rating at a window's code.
func Rating(code, grade string, more Fields) Fields {
	form := Fields{"code": code, "grade": grade, "notice_version": "1"}
	maps.Copy(form, more)
	return form
}
