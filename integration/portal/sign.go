package portal

import (
	"crypto/hmac"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/emmansun/gmsm/sm3"
)

// Headers of a signed request.
const (
	HeaderUpstream  = "X-Upstream"
	HeaderTime      = "X-Signature-Time"  // seconds since 1970
	HeaderNonce     = "X-Signature-Nonce" // 16 to 64 letters and digits, once only
	HeaderSignature = "X-Signature"       // hexadecimal digits
)

// ErrSignature: a request is not signed as it must be. It does not tell why, but for a clock that is wrong.
var ErrSignature = errors.New("the signature does not hold")

// ErrTime: the signature's time is too far from ours.
var ErrTime = errors.New("the signature's time is too far from ours")

// Sign puts a signature on a request with this body: HMAC-SM3 over method, path, upstream, time, nonce and the
// body's SM3, a line each.
func Sign(r *http.Request, upstream string, key, body []byte, at time.Time) {
	r.Header.Set(HeaderUpstream, upstream)
	r.Header.Set(HeaderTime, strconv.FormatInt(at.Unix(), 10))
	r.Header.Set(HeaderNonce, rand.Text())
	r.Header.Set(HeaderSignature, hex.EncodeToString(signature(r, key, body)))
}

func signature(r *http.Request, key, body []byte) []byte {
	sum := sm3.Sum(body)
	mac := hmac.New(sm3.New, key)
	mac.Write([]byte(strings.Join([]string{r.Method, r.URL.Path, r.Header.Get(HeaderUpstream), r.Header.Get(HeaderTime),
		r.Header.Get(HeaderNonce), hex.EncodeToString(sum[:])}, "\n")))
	return mac.Sum(nil)
}

// Verify holds a request's signature against the upstream's keys. now is the machines' time. Whether the nonce was
// used before is for the record to say.
func (u Upstream) Verify(r *http.Request, body []byte, now time.Time) error {
	given, err := hex.DecodeString(r.Header.Get(HeaderSignature))
	seconds, wrong := strconv.ParseInt(r.Header.Get(HeaderTime), 10, 64)
	nonce := r.Header.Get(HeaderNonce)
	if err != nil || wrong != nil || len(nonce) < 16 || len(nonce) > 64 || strings.ContainsFunc(nonce, notPlain) {
		return ErrSignature
	}
	holds := false
	for _, key := range u.keys {
		holds = hmac.Equal(given, signature(r, key, body)) || holds
	}
	if !holds {
		return ErrSignature
	}
	if now.Sub(time.Unix(seconds, 0)).Abs() > u.Lasts() {
		return ErrTime
	}
	return nil
}

// Lasts is for how long a signature holds, before and after its time.
func (u Upstream) Lasts() time.Duration { return time.Duration(u.Window) * time.Minute }

func notPlain(r rune) bool {
	return (r < 'A' || r > 'Z') && (r < 'a' || r > 'z') && (r < '0' || r > '9')
}
