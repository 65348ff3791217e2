package scan

import (
	"bytes"
	"compress/flate"
	"compress/gzip"
	"compress/zlib"
	"encoding/base64"
	"encoding/binary"
	"io"
	"slices"
)

// most bounds what is unpacked from one place, in bytes.
const most = 256 << 20

// unpack calls yield with whatever is packed in a content, wherever it begins: gzip, zlib (also inside
// PDF and PNG), entries of zip (docx, xlsx, archives), and base64 of any of these. What is cut off is
// yielded as far as it goes: a page of a database may hold the beginning alone.
func unpack(content []byte, yield func(way string, inner []byte)) {
	for i := 0; i+4 <= len(content); i++ {
		switch content[i] {
		case 0x1f:
			if content[i+1] == 0x8b && content[i+2] == 8 {
				unpackGzip(content[i:], yield)
			}
		case 0x78:
			if binary.BigEndian.Uint16(content[i:])%31 == 0 && content[i+1]&0x20 == 0 {
				unpackZlib(content[i:], yield)
			}
		case 'P':
			if bytes.HasPrefix(content[i:], []byte("PK\x03\x04")) {
				unpackEntry(content[i:], yield)
			}
		}
	}
	unpackBase64(content, yield)
}

// readable is what can be read before an error, nil for nothing.
func readable(from io.Reader) []byte {
	inner, _ := io.ReadAll(io.LimitReader(from, most)) // most beginnings are none, or are cut off
	return inner
}

func unpackGzip(content []byte, yield func(string, []byte)) {
	r, err := gzip.NewReader(bytes.NewReader(content))
	if err != nil {
		return
	}
	if inner := readable(r); len(inner) > 0 {
		yield("gzip", inner)
	}
}

func unpackZlib(content []byte, yield func(string, []byte)) {
	r, err := zlib.NewReader(bytes.NewReader(content))
	if err != nil {
		return
	}
	if inner := readable(r); len(inner) >= windowSize {
		yield("zlib", inner)
	}
}

// The local header of a zip entry: 30 bytes, its name, its extra fields, then the content.
const (
	zipHeader  = 30
	zipMethod  = 8
	zipName    = 26
	zipExtra   = 28
	zipDeflate = 8
)

// unpackEntry reads one entry of a zip by its local header: an archive whose end is missing is read too.
// A stored entry stands in the clear.
func unpackEntry(content []byte, yield func(string, []byte)) {
	if len(content) < zipHeader || binary.LittleEndian.Uint16(content[zipMethod:]) != zipDeflate {
		return
	}
	from := zipHeader + int(binary.LittleEndian.Uint16(content[zipName:])) + int(binary.LittleEndian.Uint16(content[zipExtra:]))
	if from >= len(content) {
		return
	}
	if inner := readable(flate.NewReader(bytes.NewReader(content[from:]))); len(inner) > 0 {
		yield("zip", inner)
	}
}

// packedAlready are the beginnings of gzip, zip and zlib in base64.
var packedAlready = [][]byte{[]byte("H4sI"), []byte("UEsDB"), []byte("eJ"), []byte("eN"), []byte("eAE")}

// unpackBase64 decodes runs of base64 that begin as something packed does; other base64 is found as it
// stands.
func unpackBase64(content []byte, yield func(string, []byte)) {
	for start := 0; start < len(content); start++ {
		if !inAlphabet(content[start]) {
			continue
		}
		packed := slices.ContainsFunc(packedAlready, func(b []byte) bool { return bytes.HasPrefix(content[start:], b) })
		var run []byte
		for ; start < len(content) && (inAlphabet(content[start]) || packed && isLineEnd(content[start])); start++ {
			if packed && !isLineEnd(content[start]) {
				run = append(run, standard(content[start]))
			}
		}
		if len(run) > 2*windowSize {
			inner := make([]byte, base64.RawStdEncoding.DecodedLen(len(run)))
			n, _ := base64.RawStdEncoding.Decode(inner, run) // as far as it goes
			yield("base64", inner[:n])
		}
	}
}

func isLineEnd(c byte) bool { return c == '\n' || c == '\r' }

func inAlphabet(c byte) bool {
	return isDigit(c) || c|0x20 >= 'a' && c|0x20 <= 'z' || c == '+' || c == '/' || c == '-' || c == '_'
}

// standard maps the characters of base64url to those of base64.
func standard(c byte) byte {
	switch c {
	case '-':
		return '+'
	case '_':
		return '/'
	}
	return c
}
