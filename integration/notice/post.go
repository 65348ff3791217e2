package notice

import (
	"bytes"
	"context"
	"crypto/hmac"
	"encoding/hex"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/emmansun/gmsm/sm3"

	"haochaping/integration/retry"
)

// Headers of a signed request.
const (
	HeaderID        = "X-Notice-Id"
	HeaderTime      = "X-Time" // milliseconds of Unix time
	HeaderSignature = "X-Signature"
)

// signedWithin is how far a request's time may be from the receiver's.
const signedWithin = 5 * time.Minute

// Poster posts signed JSON to one address.
type Poster struct {
	URL    string
	Secret []byte
	Now    func() time.Time // the machine's clock, which signatures name
	Client *http.Client
}

// NewPoster makes a poster that goes to no other address than this one.
func NewPoster(address string, secret []byte, timeout time.Duration) Poster {
	return Poster{URL: address, Secret: secret, Now: time.Now, Client: &http.Client{Timeout: timeout,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
}

// signature is HMAC-SM3 in hex over path, time, id and the SM3 of the body, a line each.
func signature(secret []byte, path, at, id string, body []byte) string {
	digest := sm3.Sum(body)
	mac := hmac.New(sm3.New, secret)
	mac.Write([]byte(strings.Join([]string{path, at, id, hex.EncodeToString(digest[:])}, "\n")))
	return hex.EncodeToString(mac.Sum(nil))
}

// Signed tells whether a request was signed with the secret within five minutes of an instant: what a
// receiver checks, besides whether it has seen the id.
func Signed(r *http.Request, secret []byte, now time.Time, body []byte) bool {
	stamp := r.Header.Get(HeaderTime)
	at, err := strconv.ParseInt(stamp, 10, 64)
	if err != nil || now.Sub(time.UnixMilli(at)).Abs() > signedWithin {
		return false
	}
	want := signature(secret, r.URL.EscapedPath(), stamp, r.Header.Get(HeaderID), body)
	return hmac.Equal([]byte(want), []byte(r.Header.Get(HeaderSignature)))
}

// Post posts content as JSON under an id. Any 2xx is taken for yes; what the answer says is not read.
func (p Poster) Post(ctx context.Context, id string, content any) error {
	body, err := json.Marshal(content)
	if err != nil {
		return err
	}
	var wrote atomic.Bool
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{WroteHeaders: func() { wrote.Store(true) }})
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, p.URL, bytes.NewReader(body))
	if err != nil {
		return &Failure{Code: Unreachable, Cause: err}
	}
	stamp := strconv.FormatInt(p.Now().UnixMilli(), 10)
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set(HeaderID, id)
	request.Header.Set(HeaderTime, stamp)
	request.Header.Set(HeaderSignature, signature(p.Secret, request.URL.EscapedPath(), stamp, id, body))
	answer, err := p.Client.Do(request)
	if err != nil {
		code := Unreachable
		if wrote.Load() {
			code = Unclear
		}
		return &Failure{Code: code, Cause: err}
	}
	defer answer.Body.Close()
	_, _ = io.Copy(io.Discard, io.LimitReader(answer.Body, 64<<10)) // so that the connection can serve again
	return ofStatus(answer, p.Now())
}

// ofStatus is what an HTTP status says of a notice.
func ofStatus(answer *http.Response, now time.Time) error {
	f := &Failure{Reply: answer.StatusCode}
	switch status := answer.StatusCode; {
	case status/100 == 2:
		return nil
	case status == http.StatusUnauthorized, status == http.StatusForbidden, status == http.StatusNotFound, status/100 == 3:
		f.Code = Unauthorised // of the address and the key in the settings, not of this notice
	case status == http.StatusTooManyRequests, status == http.StatusServiceUnavailable:
		f.Code, f.RetryAfter = Throttled, retry.After(answer.Header.Get("Retry-After"), now, longestRetryAfter)
	case status == http.StatusRequestTimeout, status == http.StatusConflict, status == http.StatusTooEarly:
		f.Code = NotNow
	case status/100 == 4:
		f.Code = Refused
	default:
		f.Code = Broken
	}
	return f
}

// longestRetryAfter bounds for how long the other side can have itself left in peace.
const longestRetryAfter = time.Hour

// Safe tells whether a notice may go to an address: https, or http on this machine; no password in it.
func Safe(address string, onThisMachine func(host string) bool) bool {
	u, err := url.Parse(address)
	return err == nil && u.Host != "" && u.User == nil && (u.Scheme == "https" || u.Scheme == "http" && onThisMachine(u.Host))
}
