package store

import (
	"context"
	"errors"

	"gorm.io/gorm"

	"haochaping/regulation"
	"haochaping/store/seal"
)

// subjectKey opens a subject's key, from the key store or from where it waits in the record; db reads the
// record. NotFound: there is none (any more). Unavailable: the key store is away.
func (s *Store) subjectKey(ctx context.Context, db *gorm.DB, subject string) (seal.SubjectKey, error) {
	wrapped, err := s.subjectKeys.get(ctx, subject)
	if err != nil {
		var waiting subjectKeyRow
		if here := db.Take(&waiting, "subject = ?", subject).Error; here == nil {
			wrapped, err = waiting.Wrapped, nil
		}
	}
	if errors.Is(err, ErrKeysAway) {
		s.log.Warn("a contact cannot be read", "error", err)
		return seal.SubjectKey{}, &regulation.Error{Code: regulation.Unavailable, Clause: regulation.ClauseRights, Missing: "keys_away"}
	}
	if err != nil {
		return seal.SubjectKey{}, err
	}
	return s.sealer.UnwrapSubjectKey(subject, wrapped)
}

// MoveSubjectKeys moves keys from the record, where earlier releases kept all of them and the key store's
// outages still leave some, to the key store, and returns how many. Each batch is held in the record until
// the key store has it: an erasure meanwhile waits, and then destroys it there.
func (s *Store) MoveSubjectKeys(ctx context.Context) (moved int, err error) {
	if s.sealer == nil {
		return 0, errNoKeys
	}
	for {
		n, err := s.moveKeys(ctx)
		moved += n
		if err != nil || n == 0 {
			return moved, err
		}
	}
}

func (s *Store) moveKeys(ctx context.Context) (n int, err error) {
	var any int64
	if err := s.rows(ctx).Raw("SELECT COUNT(*) FROM (SELECT 1 FROM subject_keys LIMIT 1) k").Scan(&any).Error; err != nil || any == 0 {
		return 0, err
	}
	// Before the transaction: to open the key store may write into the record.
	if err := s.KnowsKeys(ctx); err != nil {
		return 0, err
	}
	if err := s.overwriteDeleted(ctx, true); err != nil {
		return 0, err
	}
	err = s.tx(ctx, func(tx *gorm.DB) error {
		var rows []subjectKeyRow
		if err := locked(tx).Order("subject").Limit(keysAtOnce).Find(&rows).Error; err != nil {
			return err
		}
		n = len(rows)
		keys, subjects := make([]keptKey, n), make([]string, n)
		for i, row := range rows {
			if keys[i], err = s.newKeptKey(row.Subject, row.Wrapped); err != nil {
				return err
			}
			subjects[i] = row.Subject
		}
		if err := s.subjectKeys.put(ctx, keys); err != nil {
			return err
		}
		return tx.Delete(&subjectKeyRow{}, "subject IN ?", subjects).Error
	})
	return n, errors.Join(err, s.overwriteDeleted(ctx, false))
}

// overwriteDeleted has SQLite overwrite what it deletes, for as long as keys leave the record.
func (s *Store) overwriteDeleted(ctx context.Context, on bool) error {
	switch {
	case s.engine != onSQLite:
		return nil
	case on:
		return s.writing.WithContext(ctx).Exec("PRAGMA secure_delete = 1").Error
	}
	return s.writing.WithContext(context.WithoutCancel(ctx)).Exec("PRAGMA secure_delete = 0").Error
}

const (
	// keySettles is how old a key is, in microseconds of the machines' time, before it is held against the
	// list of erasures: one that was just drawn anew for a reopened case has its erasure taken back in the
	// same minute.
	keySettles = int64(3600e6)
	// orphanAge is how old a key is before it is destroyed since nothing in the record is sealed with it:
	// long enough to notice that a wrong, older copy of the record was put back, and to put the right one there.
	orphanAge = int64(7 * 24 * 3600e6)
)

// SweepSubjectKeys goes through the key store and destroys the keys of erased raters, where a crash or the
// key store's absence left any, and those that belong to nothing in the record. It returns how many.
func (s *Store) SweepSubjectKeys(ctx context.Context) (swept int, err error) {
	if s.sealer == nil {
		return 0, errNoKeys
	}
	for last := ""; ; {
		keys, err := s.subjectKeys.after(ctx, last)
		if err != nil || len(keys) == 0 {
			return swept, err
		}
		last = keys[len(keys)-1].Subject
		gone, err := s.needless(ctx, keys)
		if err == nil {
			err = s.subjectKeys.destroy(ctx, micros(s.wall())-keySettles, gone...)
		}
		if err != nil {
			return swept, err
		}
		swept += len(gone)
	}
}

// needless are the subjects of keys that should not be there.
func (s *Store) needless(ctx context.Context, keys []keptKey) (gone []string, err error) {
	now, old := micros(s.wall()), []string{}
	for _, key := range keys {
		if now-key.AddedAt > keySettles {
			old = append(old, key.Subject)
		}
	}
	var erased, used []string
	if err := s.rows(ctx).Model(&erasureRow{}).Where("subject IN ?", old).Pluck("subject", &erased).Error; err != nil {
		return nil, err
	}
	err = s.rows(ctx).Raw(`SELECT subject FROM vault WHERE subject IN ? UNION SELECT case_id FROM archives WHERE case_id IN ?`, old, old).Scan(&used).Error
	if err != nil {
		return nil, err
	}
	is := map[string]bool{}
	for _, subject := range used {
		is[subject] = true
	}
	for _, subject := range erased {
		is[subject] = false
		gone = append(gone, subject)
	}
	for _, key := range keys {
		if _, known := is[key.Subject]; !known && now-key.AddedAt > orphanAge {
			gone = append(gone, key.Subject)
		}
	}
	return gone, nil
}
