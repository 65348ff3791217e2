package seal

import (
	"crypto/hmac"
	"encoding/hex"

	"github.com/emmansun/gmsm/sm3"
)

// CurrentKey is the id of the master key under which new values are sealed.
func (s *Sealer) CurrentKey() string { return s.keys.Current() }

// RequestDigest is HMAC-SM3 of a request's content as 64 hexadecimal digits: it tells whether a
// repeated request is the same one, and without the key nothing about what was typed.
func (s *Sealer) RequestDigest(keyID string, content []byte) (string, error) {
	sum, err := s.mac(keyID, purposeRequest, content)
	return hex.EncodeToString(sum), err
}

// RequestReceipt returns the receipt of a request, the same at each repetition: a citizen whose
// connection broke gets the receipt again, though only its hash is stored. Who knows the
// request's secret key but not the master key cannot make it.
func (s *Sealer) RequestReceipt(keyID, request string) (secret string, hash []byte, err error) {
	sum, err := s.mac(keyID, purposeRequestReceipt, []byte(request))
	if err != nil {
		return "", nil, err
	}
	secret, hash = receiptOf(sum[:receiptBytes])
	return secret, hash, nil
}

func (s *Sealer) mac(keyID, purpose string, content []byte) ([]byte, error) {
	key, err := s.derived(keyID, purpose, sm3.Size)
	if err != nil {
		return nil, err
	}
	mac := hmac.New(sm3.New, key)
	mac.Write(content)
	return mac.Sum(nil), nil
}
