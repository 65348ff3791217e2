package store

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/logger"
)

// gormConfig: no implicit transaction around single statements (each is one by itself), no
// prepared statements of GORM's (inside a transaction it prepares them anew each time, and its
// cache may close one that is just being used), time from the product's clock.
func (s *Store) gormConfig() *gorm.Config {
	return &gorm.Config{
		SkipDefaultTransaction:   true,
		DisableNestedTransaction: true,
		TranslateError:           true,
		NowFunc:                  s.now,
		Logger:                   queryLog{s.log},
	}
}

// slow is from when on a statement is worth a line.
const slow = 500 * time.Millisecond

// queryLog writes failed and slow statements to slog, with placeholders and never with values.
type queryLog struct{ log *slog.Logger }

// LogMode implements logger.Interface; the level is slog's.
func (q queryLog) LogMode(logger.LogLevel) logger.Interface { return q }

// Info implements logger.Interface: GORM's remarks may quote values, so they are dropped.
func (queryLog) Info(context.Context, string, ...any) {}

// Warn implements logger.Interface.
func (queryLog) Warn(context.Context, string, ...any) {}

// Error implements logger.Interface: what matters reaches Trace or the caller.
func (queryLog) Error(context.Context, string, ...any) {}

// ParamsFilter implements gorm.ParamsFilter: the values stay out of the statement's text.
func (queryLog) ParamsFilter(_ context.Context, statement string, _ ...any) (string, []any) {
	return statement, nil
}

// Trace implements logger.Interface. Missing rows, duplicates and busy databases are answers
// that the callers expect.
func (q queryLog) Trace(ctx context.Context, begin time.Time, statement func() (string, int64), err error) {
	took := time.Since(begin)
	if err == nil && took < slow {
		return
	}
	for _, expected := range []error{gorm.ErrRecordNotFound, gorm.ErrDuplicatedKey, errBusy, context.Canceled} {
		if errors.Is(err, expected) {
			return
		}
	}
	text, count := statement()
	level, message := slog.LevelWarn, "slow statement"
	if err != nil {
		level, message = slog.LevelError, "statement failed"
	}
	q.log.Log(ctx, level, message, "statement", text, "rows", count, "took", took, "error", err)
}
