package drill

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"haochaping/standalone/visit"
)

type fields = visit.Fields

// person is somebody of the drill at the product.
type person struct{ *visit.Person }

func newPerson(address string) *person {
	return &person{visit.New(func() string { return address })}
}

// away is how often a request is made again while the product says that it cannot now.
const away = 20

// must makes a request that has to succeed; one that came too early for the engine is made again
// under its key. A refusal comes with its answer.
func (p *person) must(ctx context.Context, method, path, key string, body fields) (visit.Reply, error) {
	for try := 0; ; try++ {
		a, err := p.Send(ctx, method, path, key, body)
		switch {
		case err != nil:
			return a, err
		case a.Status == http.StatusServiceUnavailable && try < away:
			time.Sleep(100 * time.Millisecond)
		case a.Status >= http.StatusMultipleChoices:
			r := a.Problem()
			return a, fmt.Errorf("%s %s: %d %s %s %v", method, path, a.Status, r.Code, r.Missing, r.Fields)
		default:
			return a, nil
		}
	}
}

// rates gives a rating by a window's code and returns the receipt.
func (p *person) rates(ctx context.Context, code string, grade int, more fields) (receipt string, err error) {
	a, err := p.must(ctx, http.MethodPost, "/ratings", visit.Key(), visit.Rating(code, fmt.Sprint(grade), more))
	if err != nil {
		return "", err
	}
	var made struct{ Receipt string }
	err = json.Unmarshal(a.Body, &made)
	return made.Receipt, err
}

// uploads puts a file in, to be bound by an act, and answers its digest.
func (p *person) uploads(ctx context.Context, content []byte) (digest string, err error) {
	a, err := p.Stage(ctx, content)
	if err == nil && a.Status != http.StatusCreated {
		err = fmt.Errorf("POST /files: %s", a)
	}
	if err != nil {
		return "", err
	}
	var staged struct{ Digest string }
	err = json.Unmarshal(a.Body, &staged)
	return staged.Digest, err
}
