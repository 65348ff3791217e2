package platform

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
	"regexp"
	"sync/atomic"
	"time"

	"golang.org/x/time/rate"

	"haochaping/integration/retry"
)

// Client sends to one upstream. It is safe for concurrent use.
type Client struct {
	Mapping
	http    *http.Client
	limiter *rate.Limiter
	now     func() time.Time
}

// New makes the client of a mapping that was read. now is the machine's clock, which signatures name.
func New(m Mapping, now func() time.Time) *Client {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	return &Client{Mapping: m, now: now, limiter: rate.NewLimiter(rate.Limit(m.PerSecond), 1),
		http: &http.Client{Transport: transport, Timeout: time.Duration(m.Timeout),
			// A signed batch goes where the settings say and nowhere else.
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
}

// Close lets go of idle connections.
func (c *Client) Close() { c.http.CloseIdleConnections() }

// Results of one record.
const (
	Accepted  = "accepted"
	Duplicate = "duplicate" // it was there: as good as accepted
	Refused   = "refused"   // for good, until something is put right
	Later     = "later"     // this one not now, others yes
)

// Answer is the upstream's word on one record. Code is its own code for why not, cleaned: it is kept and
// shown, and may hold nothing that the upstream read in the record.
type Answer struct {
	Result string
	Code   string
}

// Codes of failures of a whole request.
const (
	Unreachable  = "unreachable"  // nothing was sent
	Unclear      = "unclear"      // sent, and no answer: it may have arrived
	Unreadable   = "unreadable"   // an answer that is none: it may have arrived
	Broken       = "broken"       // 5xx: it may have arrived
	Throttled    = "throttled"    // 429: not taken, come back after RetryAfter
	Unauthorised = "unauthorised" // 401, 403: not taken
	Rejected     = "rejected"     // another 4xx or a redirection: not taken as it is
	TooLarge     = "too_large"    // 413: not taken as it is
	Unanswered   = "unanswered"   // an answer that does not speak of this record: it may have arrived
)

// Failure is why a whole request failed.
type Failure struct {
	Code       string
	RetryAfter time.Duration // 0 where the upstream does not say
	cause      error
}

// Error implements error; it holds neither address nor content.
func (f *Failure) Error() string { return "platform: " + f.Code }

// Unwrap returns what made the request fail, for logs.
func (f *Failure) Unwrap() error { return f.cause }

// MayHaveArrived tells whether the upstream may have taken the records.
func (f *Failure) MayHaveArrived() bool {
	return f.Code == Unclear || f.Code == Unreadable || f.Code == Broken
}

// OfTheBatch tells whether the upstream is there and did not take this batch as it is.
func (f *Failure) OfTheBatch() bool {
	return f.Code == Broken || f.Code == Rejected || f.Code == TooLarge
}

// Send sends records in one request, each under its id, and returns the answers by id; what the upstream
// says nothing of is not among them and may have arrived. The error is a *Failure, or the context's.
func (c *Client) Send(ctx context.Context, ids []string, records []map[string]string) (map[string]Answer, error) {
	id := c.nameOf("recordId")
	for i := range records {
		records[i][id] = ids[i] // also where the field is left out: answers are by id
	}
	var answer struct {
		Results []struct{ ID, Result, Code string }
	}
	if err := c.post(ctx, c.Address, map[string]any{"records": records}, &answer); err != nil {
		return nil, err
	}
	answers := map[string]Answer{}
	for _, r := range answer.Results {
		switch r.Result {
		case Accepted, Duplicate:
			answers[r.ID] = Answer{Result: r.Result}
		case Refused, Later:
			answers[r.ID] = Answer{Result: r.Result, Code: cleaned(r.Code)}
		}
	}
	return answers, nil
}

// Ask returns which of the ids the upstream holds.
func (c *Client) Ask(ctx context.Context, ids []string) (map[string]bool, error) {
	var answer struct{ Held []string }
	if err := c.post(ctx, c.AskAddress, map[string]any{"ids": ids}, &answer); err != nil {
		return nil, err
	}
	held := map[string]bool{}
	for _, id := range answer.Held {
		held[id] = true
	}
	return held, nil
}

var code = regexp.MustCompile(`^[A-Za-z0-9_.-]{1,40}$`)

func cleaned(text string) string {
	if !code.MatchString(text) {
		return ""
	}
	return text
}

// mostAnswer is how many bytes of an answer are read.
const mostAnswer = 4 << 20

func (c *Client) post(ctx context.Context, address string, content, answer any) error {
	if err := c.limiter.Wait(ctx); err != nil {
		return err
	}
	body, err := json.Marshal(content)
	if err != nil {
		return fmt.Errorf("platform: %w", err)
	}
	var sent atomic.Bool
	traced := httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{WroteHeaders: func() { sent.Store(true) }})
	req, err := http.NewRequestWithContext(traced, http.MethodPost, address, bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("platform: %w", err)
	}
	req.Header.Set("Content-Type", "application/json; charset=utf-8")
	sign(req, c.App, c.secret, c.now(), rand.Text(), body)
	response, err := c.http.Do(req)
	if err != nil {
		if ctx.Err() != nil && !sent.Load() {
			return ctx.Err()
		}
		if sent.Load() {
			return &Failure{Code: Unclear, cause: err}
		}
		return &Failure{Code: Unreachable, cause: err}
	}
	defer response.Body.Close()
	if failure := failureOf(response, c.now()); failure != nil {
		_, _ = io.Copy(io.Discard, io.LimitReader(response.Body, mostAnswer)) // so that the connection is used again
		return failure
	}
	text, err := io.ReadAll(io.LimitReader(response.Body, mostAnswer))
	if err != nil {
		return &Failure{Code: Unclear, cause: err}
	}
	if err := json.Unmarshal(text, answer); err != nil {
		return &Failure{Code: Unreadable, cause: errors.New("the answer does not read")} // its text may hold anything
	}
	return nil
}

// failureOf is what a status says about the whole request; nil for success.
func failureOf(r *http.Response, now time.Time) *Failure {
	f := &Failure{cause: fmt.Errorf("status %d", r.StatusCode)}
	switch {
	case r.StatusCode >= 200 && r.StatusCode < 300:
		return nil
	case r.StatusCode == http.StatusTooManyRequests, r.StatusCode == http.StatusServiceUnavailable && r.Header.Get("Retry-After") != "":
		f.Code, f.RetryAfter = Throttled, retry.After(r.Header.Get("Retry-After"), now, mostPatience)
	case r.StatusCode == http.StatusUnauthorized, r.StatusCode == http.StatusForbidden:
		f.Code = Unauthorised
	case r.StatusCode == http.StatusRequestEntityTooLarge:
		f.Code = TooLarge
	case r.StatusCode >= 500:
		f.Code = Broken
	default:
		f.Code = Rejected
	}
	return f
}

// mostPatience bounds how long an upstream may send us away.
const mostPatience = time.Hour
