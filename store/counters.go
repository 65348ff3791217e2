package store

import (
	"errors"

	"gorm.io/gorm"
)

type counterRow struct {
	Authority  string `gorm:"primaryKey"`
	NumberYear int    `gorm:"primaryKey;autoIncrement:false"`
	Kind       string `gorm:"primaryKey"`
	NextNumber int64
}

func (counterRow) TableName() string { return "counters" }

// nextNumber takes the next number of an authority, year and kind, from 1 without gaps: it is
// given back if tx is rolled back, and others of the same counter wait for tx to end.
func nextNumber(tx *gorm.DB, authority string, year int, kind string) (int64, error) {
	row := counterRow{Authority: authority, NumberYear: year, Kind: kind}
	err := locked(tx).Take(&row, "authority = ? AND number_year = ? AND kind = ?", authority, year, kind).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		row.NextNumber = 2
		isNew, err := insertNew(tx, &row)
		if err == nil && !isNew {
			err = errBusy // the year's first number was taken meanwhile: once more
		}
		return 1, err
	}
	if err != nil {
		return 0, err
	}
	number := row.NextNumber // Update writes the new value into row too
	return number, tx.Model(&row).Update("next_number", number+1).Error
}
