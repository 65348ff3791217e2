package ledger

import (
	"encoding/binary"
	"time"
)

// Row builds the canonical bytes of a record's row: the kind of row, the version
// of its field list, then each field as one byte type, four bytes length and its
// bytes. Two unlike rows never give the same bytes. A field list once in use
// never changes; a new one takes a new version, and the old stays readable.
type Row struct {
	bytes []byte
}

const (
	rowFormat = 1 // of this encoding, not of the field list

	fieldNull    = 0
	fieldText    = 1
	fieldInteger = 2 // 8 bytes, two's complement, big endian
	fieldBytes   = 3
	fieldInstant = 4 // microseconds since 1970 UTC, as an integer
)

// NewRow starts a row of a kind, such as "rating", with the version of its field list.
func NewRow(kind string, version int) *Row {
	r := &Row{bytes: []byte{rowFormat}}
	return r.Text(kind).Integer(int64(version))
}

func (r *Row) field(kind byte, value []byte) *Row {
	r.bytes = append(r.bytes, kind)
	r.bytes = binary.BigEndian.AppendUint32(r.bytes, uint32(len(value)))
	r.bytes = append(r.bytes, value...)
	return r
}

// Text adds a string; the empty one is not Null.
func (r *Row) Text(s string) *Row { return r.field(fieldText, []byte(s)) }

// Bytes adds bytes, such as the salted digest of a free text.
func (r *Row) Bytes(b []byte) *Row { return r.field(fieldBytes, b) }

// Integer adds a whole number.
func (r *Row) Integer(n int64) *Row {
	return r.field(fieldInteger, binary.BigEndian.AppendUint64(nil, uint64(n)))
}

// Bool adds 1 or 0.
func (r *Row) Bool(b bool) *Row {
	if b {
		return r.Integer(1)
	}
	return r.Integer(0)
}

// Instant adds an instant to the microsecond, as the record keeps it; the zero
// time is Null.
func (r *Row) Instant(t time.Time) *Row {
	if t.IsZero() {
		return r.Null()
	}
	return r.field(fieldInstant, binary.BigEndian.AppendUint64(nil, uint64(t.UnixMicro())))
}

// Null adds a field without a value.
func (r *Row) Null() *Row { return r.field(fieldNull, nil) }

// Canonical returns the bytes to store and to digest.
func (r *Row) Canonical() []byte { return r.bytes }
