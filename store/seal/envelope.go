package seal

import (
	"crypto/cipher"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"

	"github.com/emmansun/gmsm/sm4"
)

// SuiteSM4GCM is SM4-GCM with a random nonce of 96 bits and a tag of 128.
const SuiteSM4GCM = 1

// ErrAltered: a sealed value does not open. It was altered, it stands in another
// place than the one it was sealed for, or the key is not the one it names.
var ErrAltered = errors.New("sealed value was altered or moved")

// Place is where a sealed value stands. It is bound into the value, so that a
// value copied to another row or field does not open there.
type Place struct {
	Table string
	ID    string
	Field string
}

// Header is the readable head of a sealed value.
type Header struct {
	Suite byte
	KeyID string
}

// ReadHeader splits a sealed value: one byte suite, one byte length of the key
// id, the key id; then nonce, ciphertext and tag.
func ReadHeader(sealed []byte) (h Header, body []byte, err error) {
	if len(sealed) < 2 || len(sealed) < 2+int(sealed[1]) {
		return Header{}, nil, fmt.Errorf("%w: %d bytes are too short", ErrAltered, len(sealed))
	}
	end := 2 + int(sealed[1])
	h = Header{Suite: sealed[0], KeyID: string(sealed[2:end])}
	if h.Suite != SuiteSM4GCM {
		return Header{}, nil, fmt.Errorf("%w: unknown suite %d", ErrAltered, h.Suite)
	}
	return h, sealed[end:], nil
}

func (h Header) append(to []byte) []byte {
	to = append(to, h.Suite, byte(len(h.KeyID)))
	return append(to, h.KeyID...)
}

// bound are the bytes that the tag covers beside the ciphertext: header, purpose
// and place, each with its length so that no two places give the same bytes.
func bound(h Header, purpose string, at Place) []byte {
	b := h.append(nil)
	for _, s := range []string{purpose, at.Table, at.ID, at.Field} {
		b = binary.BigEndian.AppendUint32(b, uint32(len(s)))
		b = append(b, s...)
	}
	return b
}

func newGCM(key []byte) (cipher.AEAD, error) {
	block, err := sm4.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCM(block)
}

func sealWith(key []byte, keyID, purpose string, plaintext []byte, at Place) ([]byte, error) {
	if len(keyID) > 255 {
		return nil, fmt.Errorf("key id of %d bytes, want at most 255", len(keyID))
	}
	gcm, err := newGCM(key)
	if err != nil {
		return nil, err
	}
	h := Header{Suite: SuiteSM4GCM, KeyID: keyID}
	nonce := randomBytes(gcm.NonceSize())
	out := slices.Grow(h.append(nil), len(nonce)+len(plaintext)+gcm.Overhead())
	out = append(out, nonce...)
	return gcm.Seal(out, nonce, plaintext, bound(h, purpose, at)), nil
}

func openWith(key []byte, h Header, body []byte, purpose string, at Place) ([]byte, error) {
	gcm, err := newGCM(key)
	if err != nil {
		return nil, err
	}
	if len(body) < gcm.NonceSize() {
		return nil, fmt.Errorf("%w: cut short", ErrAltered)
	}
	nonce, ciphertext := body[:gcm.NonceSize()], body[gcm.NonceSize():]
	plaintext, err := gcm.Open(nil, nonce, ciphertext, bound(h, purpose, at))
	if err != nil {
		return nil, fmt.Errorf("%w: %s of %s", ErrAltered, at.Field, at.Table)
	}
	return plaintext, nil
}
