package scan

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"regexp"
)

// pattern is one way in which a token is written.
type pattern struct {
	token int
	way   string
	bytes []byte
	alone bool // no digit may stand beside it
}

const (
	windowSize = 8
	filterBits = 24
)

// index finds many patterns in one pass: a bit for the last eight bytes of each tells in a few
// instructions that nothing ends here, which is so at nearly every byte.
type index struct {
	filter   []uint64
	patterns map[uint64][]pattern
}

func newIndex() *index {
	return &index{filter: make([]uint64, 1<<filterBits/64), patterns: map[uint64][]pattern{}}
}

func (x *index) add(p pattern) {
	if len(p.bytes) < windowSize {
		panic(fmt.Sprintf("scan: %q is too short as %s", p.bytes, p.way))
	}
	window := binary.LittleEndian.Uint64(p.bytes[len(p.bytes)-windowSize:])
	bit := hash(window)
	x.filter[bit/64] |= 1 << (bit % 64)
	x.patterns[window] = append(x.patterns[window], p)
}

// hash spreads a window over the filter (Fibonacci hashing).
func hash(window uint64) uint64 { return window * 0x9e3779b97f4a7c15 >> (64 - filterBits) }

// find calls yield for each pattern in a content, as often as it stands there.
func (x *index) find(content []byte, yield func(pattern)) {
	for end := windowSize; end <= len(content); end++ {
		window := binary.LittleEndian.Uint64(content[end-windowSize:])
		if bit := hash(window); x.filter[bit/64]&(1<<(bit%64)) == 0 {
			continue
		}
		for _, p := range x.patterns[window] {
			if start := end - len(p.bytes); start >= 0 && bytes.Equal(content[start:end], p.bytes) && (!p.alone || alone(content, start, end)) {
				yield(p)
			}
		}
	}
}

// alone tells whether digits stand by themselves, after the country's code, or after an escaped
// character: inside a longer number, such as an instant in microseconds, they are there by chance.
func alone(content []byte, start, end int) bool {
	if end < len(content) && isDigit(content[end]) {
		return false
	}
	before := content[max(0, start-8):start]
	if n := len(before); n == 0 || !isDigit(before[n-1]) {
		return true
	}
	return countryCode.Match(before) || escape.Match(before)
}

var (
	countryCode = regexp.MustCompile(`(^|[^0-9])(00)?86$`)
	escape      = regexp.MustCompile(`([%=]|\\x)[0-9A-Fa-f]{2}$|\\u[0-9A-Fa-f]{4}$`)
)

func isDigit(c byte) bool { return c >= '0' && c <= '9' }
