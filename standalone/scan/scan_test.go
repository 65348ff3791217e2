package scan

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"compress/gzip"
	"compress/zlib"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"html"
	"io"
	"math/rand/v2"
	"mime/quotedprintable"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode/utf16"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/unicode"
)

// The tokens of these tests: a name, a telephone number and words.
const (
	name   = "聿肆臧舁艮"
	phone  = "13570246813"
	phrase = "Kq7mZ2xT9w句"
)

var tokens = []Token{{Text: name}, {Text: phone, Number: true}, {Text: phrase}}

// ways are how a text may be written, each by somebody else's encoder.
var ways = map[string]func(string) []byte{
	"as it is":       func(s string) []byte { return []byte(s) },
	"UTF-16LE":       in(unicode.UTF16(unicode.LittleEndian, unicode.UseBOM)),
	"UTF-16BE":       in(unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM)),
	"GBK":            in(simplifiedchinese.GBK),
	"GB18030":        in(simplifiedchinese.GB18030),
	"hex":            func(s string) []byte { return []byte(hex.EncodeToString([]byte("a" + s))) },
	"upper hex":      func(s string) []byte { return fmt.Appendf(nil, "%X", s) },
	"hex dump":       func(s string) []byte { return fmt.Appendf(nil, "% x", s) },
	"base64, first":  func(s string) []byte { return []byte(base64.StdEncoding.EncodeToString([]byte(s + "z"))) },
	"base64, second": func(s string) []byte { return []byte(base64.StdEncoding.EncodeToString([]byte("a" + s + "z"))) },
	"base64, third":  func(s string) []byte { return []byte(base64.StdEncoding.EncodeToString([]byte("ab" + s + "zy"))) },
	"base64url":      func(s string) []byte { return []byte(base64.RawURLEncoding.EncodeToString([]byte("ab" + s))) },
	"base64 of UTF-16": func(s string) []byte {
		return []byte(base64.StdEncoding.EncodeToString(in(unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM))("x" + s)))
	},
	"percent":        func(s string) []byte { return []byte(url.QueryEscape(s)) },
	"percent of GBK": func(s string) []byte { return []byte(url.QueryEscape(string(in(simplifiedchinese.GBK)(s)))) },
	"JSON":           func(s string) []byte { return []byte(strconv.QuoteToASCII(s)) },
	"JSON, upper":    func(s string) []byte { return []byte(jsonUpper(s)) },
	"entities":       func(s string) []byte { return entities(s, "&#%d;") },
	"hex entities":   func(s string) []byte { return entities(s, "&#x%X;") },
	"HTML":           func(s string) []byte { return []byte(html.EscapeString("<" + s + ">")) },
	"reversed":       func(s string) []byte { r := []rune(s); slices.Reverse(r); return []byte(string(r)) },
	"upper case":     func(s string) []byte { return []byte(strings.ToUpper(s)) },
	"lower case":     func(s string) []byte { return []byte(strings.ToLower(s)) },
	"quoted-printable": func(s string) []byte {
		return wrote(func(w io.Writer) io.WriteCloser { return quotedprintable.NewWriter(w) }, strings.Repeat("等", 6)+s)
	},
	"base64 in lines": func(s string) []byte {
		return folded(base64.StdEncoding.EncodeToString([]byte(strings.Repeat("y", 50) + s + "yyy")))
	},
	"gzip":          func(s string) []byte { return append([]byte("before"), gzipped(s)...) },
	"gzip, cut off": func(s string) []byte { g := gzipped(s + noise(5000)); return g[:len(g)-2000] },
	"zlib":          func(s string) []byte { return wrote(func(w io.Writer) io.WriteCloser { return zlib.NewWriter(w) }, s) },
	"zip":           zipped,
	"zip in zip":    func(s string) []byte { return zipped(string(zipped(s))) },
	"gzip in base64": func(s string) []byte {
		return []byte(`{"data":"` + base64.StdEncoding.EncodeToString(gzipped(s)) + `"}`)
	},
	"UTF-16 in gzip": func(s string) []byte {
		return gzipped(string(in(unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM))(s)))
	},
	"zlib in the middle": func(s string) []byte {
		return append([]byte("%PDF stream\n"), wrote(func(w io.Writer) io.WriteCloser { z, _ := zlib.NewWriterLevel(w, flate.BestCompression); return z }, s)...)
	},
}

func in(e encoding.Encoding) func(string) []byte {
	return func(s string) []byte {
		b, err := e.NewEncoder().Bytes([]byte(s))
		if err != nil {
			panic(err)
		}
		return b
	}
}

func jsonUpper(s string) string {
	var b strings.Builder
	for _, u := range utf16.Encode([]rune(s)) {
		fmt.Fprintf(&b, `\u%04X`, u)
	}
	return b.String()
}

func entities(s, format string) []byte {
	var b strings.Builder
	for _, r := range s {
		fmt.Fprintf(&b, format, r)
	}
	return []byte(b.String())
}

func wrote(with func(io.Writer) io.WriteCloser, s string) []byte {
	var b bytes.Buffer
	w := with(&b)
	if _, err := io.WriteString(w, s); err != nil {
		panic(err)
	}
	if err := w.Close(); err != nil {
		panic(err)
	}
	return b.Bytes()
}

func gzipped(s string) []byte {
	return wrote(func(w io.Writer) io.WriteCloser { return gzip.NewWriter(w) }, s)
}

func zipped(s string) []byte {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	w, err := z.Create("xl/sharedStrings.xml")
	if err == nil {
		_, err = io.WriteString(w, s)
	}
	if err == nil {
		err = z.Close()
	}
	if err != nil {
		panic(err)
	}
	return b.Bytes()
}

func folded(s string) []byte {
	var b bytes.Buffer
	for ; len(s) > 76; s = s[76:] {
		b.WriteString(s[:76] + "\r\n")
	}
	b.WriteString(s)
	return b.Bytes()
}

// noise is text that does not pack well.
func noise(n int) string {
	random := rand.New(rand.NewPCG(1, 2))
	b := make([]byte, n)
	for i := range b {
		b[i] = 'a' + byte(random.IntN(26))
	}
	return string(b)
}

func TestEachWayIsFound(t *testing.T) {
	s := New(tokens)
	for way, write := range ways {
		t.Run(way, func(t *testing.T) {
			for i, token := range tokens {
				for name, content := range map[string][]byte{"alone": write(token.Text), "in noise": slices.Concat([]byte(noise(300)+" "), write(token.Text), []byte(" "+noise(300)))} {
					if !slices.ContainsFunc(s.Search(content), func(h Hit) bool { return h.Token == i }) {
						t.Errorf("%s, %s: not found in %.80q", token.Text, name, content)
					}
				}
			}
		})
	}
}

func TestNumbersAreFoundSpacedOut(t *testing.T) {
	s := New(tokens)
	for _, written := range []string{"135 7024 6813", "135-7024-6813", "135.7024.6813", "1 3 5 7 0 2 4 6 8 1 3", "+86 135 7024 6813", "+8613570246813",
		"008613570246813", "(135) 7024/6813", "１３５７０２４６８１３", "135\u30007024\u30006813", "135\u20137024\u20136813", "电话13570246813。"} {
		if got := s.Search([]byte("tel " + written + " end")); len(got) != 1 || got[0].Token != 1 {
			t.Errorf("%s: %v", written, got)
		}
	}
}

// What only looks like a token is none.
func TestNothingElseIsFound(t *testing.T) {
	s := New(tokens)
	for _, written := range []string{"1135702468131", "135702468139", "9135 7024 6813", "1357024681", name[:len(name)-3], "135****6813", "聿*", "13570246\n\n\n\n813",
		hex.EncodeToString([]byte(name))[2:], noise(100_000)} {
		if got := s.Search([]byte(written)); len(got) != 0 {
			t.Errorf("%.40q: %v", written, got)
		}
	}
	random := rand.NewChaCha8([32]byte{7})
	content := make([]byte, 8<<20)
	_, _ = random.Read(content)
	if got := s.Search(content); len(got) != 0 {
		t.Errorf("in random bytes: %v", got)
	}
}

func TestAHitNamesItsWay(t *testing.T) {
	s := New(tokens)
	text, err := json.Marshal(name)
	if err != nil {
		t.Fatal(err)
	}
	for content, way := range map[string]string{string(text): "utf-8", string(zipped(name)): "zip, utf-8", string(gzipped(hex.EncodeToString([]byte(name)))): "gzip, utf-8 in hex"} {
		if got := s.Search([]byte(content)); len(got) != 1 || got[0] != (Hit{0, way}) {
			t.Errorf("%v, want %s", got, way)
		}
	}
}

func TestATokenThatIsTooShortPanics(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("a token of four bytes was taken")
		}
	}()
	New([]Token{{Text: "abcd"}})
}

func BenchmarkSearch(b *testing.B) {
	random := rand.New(rand.NewPCG(1, 1))
	var many []Token
	for range 8000 {
		many = append(many, Token{Text: "1" + strconv.Itoa(3e9+random.IntN(6e9)), Number: true})
	}
	s, content := New(many), []byte(noise(16<<20))
	b.SetBytes(int64(len(content)))
	for b.Loop() {
		s.Search(content)
	}
}
