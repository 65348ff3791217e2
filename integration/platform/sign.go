package platform

import (
	"crypto/hmac"
	"encoding/hex"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/emmansun/gmsm/sm3"
)

// Headers of a signed request.
const (
	headerApp       = "X-App"
	headerTime      = "X-Time" // milliseconds of Unix time
	headerNonce     = "X-Nonce"
	headerSignature = "X-Signature"
)

// signature is HMAC-SM3 in hex over method, path, time, nonce and the SM3 of the body, a line each.
func signature(secret []byte, method, path, at, nonce string, body []byte) string {
	digest := sm3.Sum(body)
	mac := hmac.New(sm3.New, secret)
	mac.Write([]byte(strings.Join([]string{method, path, at, nonce, hex.EncodeToString(digest[:])}, "\n")))
	return hex.EncodeToString(mac.Sum(nil))
}

func sign(req *http.Request, app string, secret []byte, at time.Time, nonce string, body []byte) {
	stamp := strconv.FormatInt(at.UnixMilli(), 10)
	req.Header.Set(headerApp, app)
	req.Header.Set(headerTime, stamp)
	req.Header.Set(headerNonce, nonce)
	req.Header.Set(headerSignature, signature(secret, req.Method, req.URL.EscapedPath(), stamp, nonce, body))
}

// signed tells whether a request was signed with the secret within five minutes of an instant.
func signed(req *http.Request, secret []byte, now time.Time, body []byte) bool {
	stamp := req.Header.Get(headerTime)
	at, err := strconv.ParseInt(stamp, 10, 64)
	if away := now.Sub(time.UnixMilli(at)).Abs(); err != nil || away > 5*time.Minute {
		return false
	}
	want := signature(secret, req.Method, req.URL.EscapedPath(), stamp, req.Header.Get(headerNonce), body)
	return hmac.Equal([]byte(want), []byte(req.Header.Get(headerSignature)))
}
