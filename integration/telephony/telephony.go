// Package telephony asks an office's telephone gateway to connect a clerk's extension with a number that the
// clerk never sees (clause 9(2)). The number is in the request's body alone: not in addresses, headers, errors or
// logs.
package telephony

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"
)

// Gateway is a telephone exchange with an interface over HTTPS.
type Gateway struct {
	// URL is asked by POST with JSON: extension, number, reference.
	URL string
	// Key is sent as a bearer token.
	Key    string
	Client *http.Client
}

// Call is one connection to be made.
type Call struct {
	Extension string `json:"extension"` // the clerk's telephone, rung first
	Number    string `json:"number"`    // the rater's
	// Reference tells calls apart: the same one again is the same call.
	Reference string `json:"reference"`
}

// ErrAway: the gateway does not answer, or has no line free. Nobody was called.
var ErrAway = errors.New("the telephone gateway is away")

// patience is how long the gateway may take to ring the clerk.
const patience = 10 * time.Second

// Connect has the gateway ring the extension and, once that is picked up, the number. ErrAway where it does
// not; no error says what the gateway answered, which may repeat the number.
func (g Gateway) Connect(ctx context.Context, call Call) error {
	body, err := json.Marshal(call)
	if err != nil {
		return err
	}
	ctx, done := context.WithTimeout(ctx, patience)
	defer done()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, g.URL, bytes.NewReader(body))
	if err != nil {
		return errors.New("the telephone gateway's address cannot be used")
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Authorization", "Bearer "+g.Key)
	client := g.Client
	if client == nil {
		client = http.DefaultClient
	}
	answer, err := client.Do(request)
	if err != nil {
		return ErrAway
	}
	defer answer.Body.Close()
	if _, err := io.Copy(io.Discard, io.LimitReader(answer.Body, 64<<10)); err != nil {
		return ErrAway
	}
	if answer.StatusCode/100 != 2 {
		return fmt.Errorf("%w: status %d", ErrAway, answer.StatusCode)
	}
	return nil
}
