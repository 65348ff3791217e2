package store

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"
)

// Sessions keeps sign-in sessions for alexedwards/scs: it is an scs.CtxStore. Tokens are stored
// hashed. Sessions last in wall-clock time, whatever pace the product's clock has.
type Sessions struct{ s *Store }

// Sessions returns the session store.
func (s *Store) Sessions() Sessions { return Sessions{s} }

type sessionRow struct {
	TokenHash string `gorm:"primaryKey"`
	Data      []byte
	ExpiresAt int64
}

func (sessionRow) TableName() string { return "sessions" }

func tokenHash(token string) string {
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:])
}

// FindCtx implements scs.CtxStore.
func (x Sessions) FindCtx(ctx context.Context, token string) (data []byte, found bool, err error) {
	var rows []sessionRow
	err = x.s.rows(ctx).Where("token_hash = ? AND expires_at > ?", tokenHash(token), micros(x.s.wall())).Find(&rows).Error
	if err != nil || len(rows) == 0 {
		return nil, false, err
	}
	return rows[0].Data, true, nil
}

// CommitCtx implements scs.CtxStore.
func (x Sessions) CommitCtx(ctx context.Context, token string, data []byte, expiry time.Time) error {
	row := sessionRow{TokenHash: tokenHash(token), Data: data, ExpiresAt: micros(expiry)}
	return x.s.tx(ctx, func(tx *gorm.DB) error {
		return tx.Clauses(clause.OnConflict{UpdateAll: true}).Create(&row).Error
	})
}

// DeleteCtx implements scs.CtxStore.
func (x Sessions) DeleteCtx(ctx context.Context, token string) error {
	return x.s.tx(ctx, func(tx *gorm.DB) error {
		return tx.Where("token_hash = ?", tokenHash(token)).Delete(&sessionRow{}).Error
	})
}

// Find implements scs.Store.
func (x Sessions) Find(token string) (data []byte, found bool, err error) {
	return x.FindCtx(context.Background(), token)
}

// Commit implements scs.Store.
func (x Sessions) Commit(token string, data []byte, expiry time.Time) error {
	return x.CommitCtx(context.Background(), token, data, expiry)
}

// Delete implements scs.Store.
func (x Sessions) Delete(token string) error { return x.DeleteCtx(context.Background(), token) }

// SweepSessions deletes what has expired and says how many there were.
func (s *Store) SweepSessions(ctx context.Context) (swept int64, err error) {
	err = s.tx(ctx, func(tx *gorm.DB) error {
		done := tx.Where("expires_at <= ?", micros(s.wall())).Delete(&sessionRow{})
		swept = done.RowsAffected
		return done.Error
	})
	return swept, err
}
