package seal

import (
	"crypto/hkdf"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"

	"github.com/emmansun/gmsm/sm3"
)

// KeyProvider hands out master keys. FileKeys is the built-in one; a hardware
// module or a key service takes its place in a deployment that has one.
type KeyProvider interface {
	// Master returns the master key of an id, at least 16 bytes, also of one
	// that is no longer current. ErrNoKey when there is none.
	Master(id string) ([]byte, error)
	// Current returns the id under which new values are sealed.
	Current() string
}

// ErrNoKey: the master key is not there. The value is intact, its key is
// missing: a restore without its keys, or the wrong key folder.
var ErrNoKey = errors.New("master key is not available")

// Purposes of the keys derived from one master key, so that no key serves two.
const (
	purposeWrap  = "haochaping wrap"  // wraps subject keys
	purposeText  = "haochaping text"  // free text of the record
	purposeIndex = "haochaping index" // blind index
	purposePrint = "haochaping print" // fingerprint, not secret

	purposeRequest        = "haochaping request"         // digests of requests
	purposeRequestReceipt = "haochaping request receipt" // receipts of requests
)

const sm4KeySize = 16

func derive(master []byte, purpose string, size int) ([]byte, error) {
	if len(master) < sm4KeySize {
		return nil, fmt.Errorf("master key of %d bytes, want at least %d", len(master), sm4KeySize)
	}
	return hkdf.Key(sm3.New, master, nil, purpose, size)
}

// fingerprint tells keys apart without telling anything about them.
func fingerprint(key []byte) (string, error) {
	b, err := derive(key, purposePrint, 4)
	return hex.EncodeToString(b), err
}

// randomBytes never fails: crypto/rand ends the process instead.
func randomBytes(n int) []byte {
	b := make([]byte, n)
	rand.Read(b)
	return b
}
