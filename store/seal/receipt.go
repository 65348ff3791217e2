package seal

import (
	"encoding/base32"
	"errors"
	"fmt"
	"strings"

	"github.com/emmansun/gmsm/sm3"
)

// A receipt is 160 random bits as 32 characters and a check character of
// Crockford's alphabet, which has no I, L, O and U. It is typed in by citizens,
// so reading forgives case, gaps, full-width letters and the usual confusions.
const (
	crockford     = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
	receiptBytes  = 20
	receiptLength = 33 // characters, with the check character
	groupLength   = 4
)

var receiptEncoding = base32.NewEncoding(crockford).WithPadding(base32.NoPadding)

// ErrReceipt: what was typed is no receipt. The text says what to look for and
// never repeats what was typed.
var ErrReceipt = errors.New("this is not a receipt")

// NewReceipt draws a receipt. The secret goes to the citizen once, in groups of
// four characters; only the hash (32 bytes, SM3) is stored.
func NewReceipt() (secret string, hash []byte) {
	return receiptOf(randomBytes(receiptBytes))
}

func receiptOf(raw []byte) (secret string, hash []byte) {
	code := receiptEncoding.EncodeToString(raw)
	return grouped(code + string(checkCharacter(code))), receiptHash(raw)
}

// receiptHash needs no salt and no slow hash: 160 random bits cannot be tried.
func receiptHash(raw []byte) []byte {
	sum := sm3.Sum(append([]byte("haochaping receipt\x01"), raw...))
	return sum[:]
}

func grouped(code string) string {
	var b strings.Builder
	for i, c := range code {
		// The last group takes the check character as its fifth.
		if i > 0 && i%groupLength == 0 && i < len(code)-1 {
			b.WriteByte('-')
		}
		b.WriteRune(c)
	}
	return b.String()
}

// checkCharacter finds every single wrong character and every two neighbours
// exchanged: the characters are weighted with unlike powers of a generator of
// GF(32), x^5+x^2+1.
func checkCharacter(code string) byte {
	var sum byte
	for i := range len(code) {
		sum ^= byte(strings.IndexByte(crockford, code[i]))
		sum = sum<<1&31 ^ sum>>4*0b00101
	}
	return crockford[sum]
}

// ParseReceipt reads a receipt as it was typed and returns the hash to look it
// up by. Errors are ErrReceipt, with a reason.
func ParseReceipt(typed string) (hash []byte, err error) {
	code := strings.Map(receiptRune, typed)
	if strings.Contains(code, "?") {
		return nil, fmt.Errorf("%w: it has a character that no receipt has", ErrReceipt)
	}
	if len(code) != receiptLength {
		return nil, fmt.Errorf("%w: it has %d characters instead of %d", ErrReceipt, len(code), receiptLength)
	}
	body := code[:receiptLength-1]
	if checkCharacter(body) != code[receiptLength-1] {
		return nil, fmt.Errorf("%w: a character is mistyped or two are exchanged", ErrReceipt)
	}
	raw, err := receiptEncoding.DecodeString(body)
	if err != nil {
		return nil, fmt.Errorf("%w: it does not decode", ErrReceipt)
	}
	return receiptHash(raw), nil
}

// receiptRune drops gaps, reads look-alikes as what was meant, and turns
// whatever is foreign into a question mark.
func receiptRune(r rune) rune {
	if r >= '！' && r <= '～' { // full-width forms of Chinese keyboards
		r += '!' - '！'
	}
	if strings.ContainsRune(" \t\r\n-_.–—―‐‑−\u3000\u00a0", r) {
		return -1
	}
	if r >= 'a' && r <= 'z' {
		r += 'A' - 'a'
	}
	switch {
	case r == 'O':
		return '0'
	case r == 'I' || r == 'L':
		return '1'
	case strings.ContainsRune(crockford, r):
		return r
	}
	return '?'
}
