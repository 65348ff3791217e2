package seal

import (
	"crypto/subtle"

	"github.com/emmansun/gmsm/sm3"
)

// SaltSize is 128 bits: short texts cannot be guessed from their digests.
const SaltSize = 16

// TextDigest stands for a free text in events and in the ledger. The salt is
// stored beside the encrypted text, never with the digest: once both are
// destroyed the digest proves nothing about anyone.
type TextDigest [sm3.Size]byte

// NewTextDigest draws a salt and returns it with the digest of the text under it.
func NewTextDigest(text string) (salt []byte, digest TextDigest) {
	salt = randomBytes(SaltSize)
	return salt, DigestText(salt, text)
}

// DigestText is SM3(version, length of the salt, salt, text).
func DigestText(salt []byte, text string) TextDigest {
	head := []byte{1, byte(len(salt))}
	return sm3.Sum(append(append(head, salt...), text...))
}

// Matches reports whether a text is the one the digest was made of.
func (d TextDigest) Matches(salt []byte, text string) bool {
	other := DigestText(salt, text)
	return subtle.ConstantTimeCompare(d[:], other[:]) == 1
}
