package store

import (
	"errors"
	"fmt"
)

// errBusy marks what another attempt may heal: a deadlock, a lock wait, a busy file.
var errBusy = errors.New("the database is busy")

// failure is a database error without values: what it is about may be somebody's data.
type failure struct {
	Engine engine
	Number int
	Kind   error // gorm.ErrDuplicatedKey and the like, errBusy, or nil
	Text   string
}

func (f *failure) Error() string {
	switch {
	case f.Kind != nil:
		return fmt.Sprintf("%s error %d: %v", f.Engine, f.Number, f.Kind)
	case f.Text != "":
		return fmt.Sprintf("%s error %d: %s", f.Engine, f.Number, f.Text)
	}
	return fmt.Sprintf("%s error %d", f.Engine, f.Number)
}

func (f *failure) Unwrap() error { return f.Kind }
