package store

import (
	"context"
	"errors"
	"time"

	"gorm.io/gorm"
)

// ErrLeaseLost means that another holder has taken the lease over: what was to be written under
// it must not be.
var ErrLeaseLost = errors.New("the lease was lost")

type leaseRow struct {
	Name      string `gorm:"primaryKey"`
	Holder    string
	Token     int64
	ExpiresAt int64
}

func (leaseRow) TableName() string { return "leases" }

// AcquireLease takes a lease, or renews it for its holder, for ttl of wall-clock time. ok is
// false while another holds it. The token grows whenever the lease is taken anew, also by the
// same holder after it ran out: pass it to holdsLease in each transaction of the duty.
func (s *Store) AcquireLease(ctx context.Context, name, holder string, ttl time.Duration) (token int64, ok bool, err error) {
	err = s.tx(ctx, func(tx *gorm.DB) error {
		now := s.wall()
		row := leaseRow{}
		err := locked(tx).Take(&row, "name = ?", name).Error
		if errors.Is(err, gorm.ErrRecordNotFound) {
			token, ok = 1, true
			return createLease(tx, leaseRow{name, holder, 1, micros(now.Add(ttl))})
		}
		if err != nil {
			return err
		}
		lives := row.ExpiresAt > micros(now)
		token, ok = row.Token, row.Holder == holder || !lives
		if !ok {
			return nil
		}
		if !lives {
			token++
		}
		return tx.Save(&leaseRow{name, holder, token, micros(now.Add(ttl))}).Error
	})
	return token, ok && err == nil, err
}

func createLease(tx *gorm.DB, row leaseRow) error {
	isNew, err := insertNew(tx, &row)
	if err == nil && !isNew {
		return errBusy // somebody was faster: look again
	}
	return err
}

// ReleaseLease lets the next holder in at once. A lease that was lost meanwhile stays whose it is.
func (s *Store) ReleaseLease(ctx context.Context, name string, token int64) error {
	return s.tx(ctx, func(tx *gorm.DB) error {
		return tx.Model(&leaseRow{}).Where("name = ? AND token = ?", name, token).Update("expires_at", 0).Error
	})
}

// holdsLease is the fence: it keeps the lease from changing hands until tx ends, and is
// ErrLeaseLost if it already has.
func holdsLease(tx *gorm.DB, name string, token int64) error {
	var row leaseRow
	err := locked(tx).Take(&row, "name = ?", name).Error
	if errors.Is(err, gorm.ErrRecordNotFound) || err == nil && row.Token != token {
		return ErrLeaseLost
	}
	return err
}
