package store

import (
	"errors"

	"gorm.io/gorm"
)

const (
	takeNumber  = "SELECT next_number FROM counters WHERE authority = ? AND number_year = ? AND kind = ?"
	raiseNumber = "UPDATE counters SET next_number = ? WHERE authority = ? AND number_year = ? AND kind = ?"
)

// takeNumbers takes n numbers in a row and returns the first; the counter is held until tx ends.
func (s *Store) takeNumbers(tx *gorm.DB, k series, n int) (first int64, err error) {
	err = s.one(tx, takeNumber+s.forUpdate(), []any{k.authority, k.year, k.kind}, &first)
	if errors.Is(err, gorm.ErrRecordNotFound) {
		isNew, err := insertNew(tx, &counterRow{Authority: k.authority, NumberYear: k.year, Kind: k.kind, NextNumber: int64(n) + 1})
		if err == nil && !isNew {
			err = errBusy // the year's first number was taken meanwhile: once more
		}
		return 1, err
	}
	if err != nil {
		return 0, err
	}
	return first, s.write(tx, raiseNumber, first+int64(n), k.authority, k.year, k.kind)
}
