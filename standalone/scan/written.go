package scan

import (
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"unicode/utf16"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/unicode"
)

// writing is a text in one encoding.
type writing struct {
	way   string
	bytes []byte
	plain bool // the text itself, one byte a character
}

// charsets are those in which the product, its databases, spreadsheets and the systems of an office
// keep texts.
var charsets = []struct {
	name string
	of   encoding.Encoding
}{
	{"utf-8", encoding.Nop},
	{"utf-16le", unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM)},
	{"utf-16be", unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM)},
	{"gbk", simplifiedchinese.GBK},
	{"gb18030", simplifiedchinese.GB18030},
}

// written lists the ways in which a text is looked for, each sequence of bytes once, under the name that
// comes first.
func written(text string) []writing {
	var all []writing
	add := func(way string, content []byte) {
		same := func(w writing) bool { return string(w.bytes) == string(content) }
		if !slices.ContainsFunc(all, same) {
			all = append(all, writing{way, content, string(content) == text})
		}
	}
	add("utf-8", []byte(text))
	for _, charset := range charsets {
		content, err := charset.of.NewEncoder().Bytes([]byte(text))
		if err != nil {
			continue // it has no such character: nobody can write the text so
		}
		add(charset.name, content)
		for _, w := range carried(content) {
			add(charset.name+" in "+w.way, w.bytes)
		}
	}
	for _, w := range escaped(text) {
		add(w.way, w.bytes)
	}
	add("upper case", []byte(strings.ToUpper(text)))
	add("lower case", []byte(strings.ToLower(text)))
	return all
}

// carried are the ways in which bytes travel as text.
func carried(content []byte) []writing {
	digits := hex.EncodeToString(content)
	all := []writing{
		{way: "hex", bytes: []byte(digits)},
		{way: "upper hex", bytes: []byte(strings.ToUpper(digits))},
		{way: "hex with blanks", bytes: eachByte(content, "%02x ")},
		{way: "percent", bytes: percent(content, "%%%02X", true)},
		{way: "percent", bytes: percent(content, "%%%02x", true)},
		{way: "percent of all", bytes: percent(content, "%%%02X", false)},
		{way: "quoted-printable", bytes: percent(content, "=%02X", true)},
	}
	for shift := range 3 {
		all = append(all, writing{way: "base64", bytes: inBase64(base64.StdEncoding, content, shift)},
			writing{way: "base64url", bytes: inBase64(base64.URLEncoding, content, shift)})
	}
	return all
}

func eachByte(content []byte, format string) []byte {
	var b strings.Builder
	for _, c := range content {
		fmt.Fprintf(&b, format, c)
	}
	return []byte(strings.TrimSpace(b.String()))
}

// percent writes bytes by a format, all of them or those that are no letters or digits.
func percent(content []byte, format string, some bool) []byte {
	var b strings.Builder
	for _, c := range content {
		if some && (isDigit(c) || c|0x20 >= 'a' && c|0x20 <= 'z') {
			b.WriteByte(c)
			continue
		}
		fmt.Fprintf(&b, format, c)
	}
	return []byte(b.String())
}

// inBase64 is what of a content's base64 depends on it alone, where shift bytes of something else stand
// before it in its group of three: the first and the last characters may hold bits of the neighbours.
func inBase64(e *base64.Encoding, content []byte, shift int) []byte {
	padded := append(make([]byte, shift), content...)
	first := (shift*8 + 5) / 6
	last := len(padded) * 8 / 6
	return []byte(e.EncodeToString(padded))[first:last]
}

// escaped are the ways in which programs write a text's characters, and the text from its end.
func escaped(text string) []writing {
	var units, points []int
	for _, u := range utf16.Encode([]rune(text)) {
		units = append(units, int(u))
	}
	for _, r := range text {
		points = append(points, int(r))
	}
	runes, bare := []rune(text), []byte(text)
	slices.Reverse(runes)
	slices.Reverse(bare)
	all := []writing{{way: "reversed", bytes: []byte(string(runes))}, {way: "reversed bytes", bytes: bare}}
	for _, f := range []struct {
		way, format string
		of          []int
	}{
		{"JSON escapes", `\u%04x`, units}, {"JSON escapes", `\u%04X`, units},
		{"Go escapes", `\x%02x`, bytesOf(text)},
		{"decimal entities", "&#%d;", points}, {"hexadecimal entities", "&#x%x;", points}, {"hexadecimal entities", "&#x%X;", points},
		{"hexadecimal entities", "&#x%04x;", points}, {"hexadecimal entities", "&#x%04X;", points},
	} {
		all = append(all, writing{way: f.way, bytes: inUnits(f.of, f.format, true)}, writing{way: f.way + " of all", bytes: inUnits(f.of, f.format, false)})
	}
	return all
}

func bytesOf(text string) (all []int) {
	for _, c := range []byte(text) {
		all = append(all, int(c))
	}
	return all
}

// inUnits writes code units by a format, all of them or those beyond ASCII.
func inUnits(units []int, format string, some bool) []byte {
	var b strings.Builder
	for _, u := range units {
		if some && u < 0x80 {
			b.WriteByte(byte(u))
			continue
		}
		fmt.Fprintf(&b, format, u)
	}
	return []byte(b.String())
}
