package ledger

import (
	"encoding/binary"
	"errors"
	"fmt"
	"time"
)

// ErrRow: bytes are no row's canonical bytes.
var ErrRow = errors.New("no canonical bytes of a row")

// Fields are a row's fields read back from its canonical bytes, in the order of the version's field list. After the last, or
// one of another type, Err says so.
type Fields struct {
	Kind    string
	Version int64
	rest    []byte
	read    int
	err     error
}

// ReadRow reads what NewRow wrote.
func ReadRow(canonical []byte) (*Fields, error) {
	if len(canonical) == 0 || canonical[0] != rowFormat {
		return nil, ErrRow
	}
	f := &Fields{rest: canonical[1:]}
	f.Kind, f.Version = f.Text(), f.Integer()
	return f, f.err
}

// Next is the next field's type and bytes; ok is false after the last.
func (f *Fields) Next() (kind byte, value []byte, ok bool) {
	if f.err != nil || len(f.rest) == 0 {
		return 0, nil, false
	}
	if len(f.rest) < 5 || uint64(binary.BigEndian.Uint32(f.rest[1:5])) > uint64(len(f.rest)-5) {
		f.err = ErrRow
		return 0, nil, false
	}
	n := binary.BigEndian.Uint32(f.rest[1:5])
	kind, value, f.rest = f.rest[0], f.rest[5:5+n], f.rest[5+n:]
	f.read++
	return kind, value, true
}

func (f *Fields) want(wanted ...byte) (kind byte, value []byte) {
	kind, value, ok := f.Next()
	for _, w := range wanted {
		if ok && kind == w {
			return kind, value
		}
	}
	if f.err == nil {
		f.err = fmt.Errorf("%w: field %d", ErrRow, f.read)
	}
	return fieldNull, nil
}

// Text reads a string.
func (f *Fields) Text() string {
	_, value := f.want(fieldText)
	return string(value)
}

// Integer reads a whole number.
func (f *Fields) Integer() int64 {
	_, value := f.want(fieldInteger)
	return f.number(value)
}

func (f *Fields) number(value []byte) int64 {
	if len(value) != 8 {
		if f.err == nil {
			f.err = fmt.Errorf("%w: field %d", ErrRow, f.read)
		}
		return 0
	}
	return int64(binary.BigEndian.Uint64(value)) //nolint:gosec // two's complement, as it was written
}

// Instant reads an instant, the zero time for none.
func (f *Fields) Instant() time.Time {
	kind, value := f.want(fieldInstant, fieldNull)
	if kind == fieldNull {
		return time.Time{}
	}
	return time.UnixMicro(f.number(value)).UTC()
}

// End is what went wrong so far, or that there is more than was read.
func (f *Fields) End() error {
	if f.err == nil && len(f.rest) > 0 {
		f.err = fmt.Errorf("%w: more than %d fields", ErrRow, f.read)
	}
	return f.err
}

// Err is what went wrong so far.
func (f *Fields) Err() error { return f.err }

// Differ are the numbers of the fields in which two rows' canonical bytes differ, from 1 after kind and version; 0 is kind or
// version, or their number of fields.
func Differ(a, b []byte) (fields []int) {
	one, errOne := ReadRow(a)
	other, errOther := ReadRow(b)
	if errOne != nil || errOther != nil || one.Kind != other.Kind || one.Version != other.Version {
		return []int{0}
	}
	for n := 1; ; n++ {
		kind, value, more := one.Next()
		otherKind, otherValue, otherMore := other.Next()
		if !more && !otherMore {
			return fields
		}
		if more != otherMore {
			return append(fields, 0)
		}
		if kind != otherKind || string(value) != string(otherValue) {
			fields = append(fields, n)
		}
	}
}
