// Package scan searches what a product leaves behind for tokens that must not be there, however they
// are written: in other character sets, encoded, escaped, reversed, spaced out or compressed. The
// proof of the vault (clause 9(2)) rests on it; nothing in it knows the product.
package scan

import (
	"bytes"
	"cmp"
	"slices"
)

// Token is a text that nothing else in the world holds.
type Token struct {
	Text string
	// Number marks digits alone (a telephone, an identity number): they are also found spaced out,
	// and only where no further digit stands beside them.
	Number bool
}

// Hit is a token in some content, once for each way in which it is written there.
type Hit struct {
	Token int    // index into the searcher's tokens
	Way   string // how it is written, outermost first, such as "gzip, utf-16le"
}

// Searcher finds the tokens of a list. It may be used by several goroutines.
type Searcher struct {
	texts, digits *index
}

// New prepares a searcher. A token needs eight bytes at least in each way in which it is written: a
// shorter one is an error of the caller's and panics.
func New(tokens []Token) *Searcher {
	s := &Searcher{texts: newIndex(), digits: newIndex()}
	for i, t := range tokens {
		for _, w := range written(t.Text) {
			s.texts.add(pattern{i, w.way, w.bytes, t.Number && w.plain})
		}
		if t.Number {
			s.digits.add(pattern{i, "digits with separators", []byte(t.Text), true})
		}
	}
	return s
}

// depth bounds how many wrappings lie in each other, against a bomb.
const depth = 4

// Search returns the tokens in a content, sorted by token and way.
func (s *Searcher) Search(content []byte) []Hit {
	found := map[Hit]bool{}
	s.search(content, "", depth, found)
	hits := make([]Hit, 0, len(found))
	for hit := range found {
		hits = append(hits, hit)
	}
	slices.SortFunc(hits, func(a, b Hit) int {
		return cmp.Or(cmp.Compare(a.Token, b.Token), cmp.Compare(a.Way, b.Way))
	})
	return hits
}

// search looks into a content, into it with its lines joined, into its digits, and into whatever is packed
// in it.
func (s *Searcher) search(content []byte, within string, left int, found map[Hit]bool) {
	note := func(way string) func(pattern) {
		return func(p pattern) { found[Hit{p.token, within + way + p.way}] = true }
	}
	s.texts.find(content, note(""))
	if bytes.IndexByte(content, '\n') >= 0 {
		// Mail folds base64 and quoted-printable at 76 columns.
		s.texts.find(unfolded(content), func(p pattern) {
			if hit := (Hit{p.token, within + p.way}); !found[hit] && !p.alone { // numbers in two lines are two
				found[Hit{p.token, within + "folded, " + p.way}] = true
			}
		})
	}
	s.digits.find(spaced(content), func(p pattern) {
		if !found[Hit{p.token, within + "utf-8"}] {
			note("")(p)
		}
	})
	if left > 0 {
		unpack(content, func(way string, inner []byte) { s.search(inner, within+way+", ", left-1, found) })
	}
}

// unfolded is a content without its line ends, and without the sign by which quoted-printable marks a
// soft one.
func unfolded(content []byte) []byte {
	joined := make([]byte, 0, len(content))
	for _, c := range content {
		switch {
		case c == '\r':
		case c != '\n':
			joined = append(joined, c)
		case len(joined) > 0 && joined[len(joined)-1] == '=':
			joined = joined[:len(joined)-1]
		}
	}
	return joined
}

// mostBetween is how many bytes of separators may stand between two digits of one number.
const mostBetween = 3

// spaced leaves of a content its numbers: digits, ASCII or full-width, with up to mostBetween bytes of
// separators between them taken out; an 'x' stands between numbers.
func spaced(content []byte) []byte {
	numbers := make([]byte, 0, len(content)/4)
	between := mostBetween + 1 // since the last digit
	for i := 0; i < len(content); i++ {
		digit, width := digitAt(content[i:])
		switch {
		case width > 0:
			if between > mostBetween {
				numbers = append(numbers, 'x')
			}
			numbers, between = append(numbers, digit), 0
			i += width - 1
		case separates(content[i]):
			between++
		default:
			between = mostBetween + 1
		}
	}
	return append(numbers, 'x')
}

func digitAt(b []byte) (digit byte, width int) {
	switch {
	case b[0] >= '0' && b[0] <= '9':
		return b[0], 1
	case len(b) >= 3 && b[0] == 0xef && b[1] == 0xbc && b[2] >= 0x90 && b[2] <= 0x99: // ０ to ９ in UTF-8
		return '0' + b[2] - 0x90, 3
	}
	return 0, 0
}

// separates tells whether people write a byte between the digits of one number: also the bytes of an
// ideographic space, a no-break space and a dash.
func separates(c byte) bool {
	return bytes.IndexByte([]byte(" \t-.()/_\xe3\x80\xc2\xa0\xe2\x93"), c) >= 0
}
