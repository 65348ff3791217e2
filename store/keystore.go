package store

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"gorm.io/driver/mysql"
	"gorm.io/gorm"

	"haochaping/store/seal"
)

// keyStore is where the wrapped subject keys lie: apart from the record, with a backup of its own that is
// kept shorter, so that a key which was destroyed is soon in no copy. To look a key up it needs its database;
// while that is away, nothing that the product takes in waits for it (see keepKeys).
type keyStore struct {
	s     *Store
	where string // a folder, or the DSN of a MySQL database

	mu     sync.Mutex
	db     *gorm.DB
	failed time.Time // of the machine's clock, when it was last found away
	why    error
}

// KeyStoreFile is the file of subject keys in their folder.
const KeyStoreFile = "subject-keys.db"

const (
	// factKeyStore names, in the record, the store that its keys lie in.
	factKeyStore = "key_store"
	// keyPatience is how long an intake waits for the key store, once; then it is left alone for keyRest.
	keyPatience = 2 * time.Second
	keyRest     = 5 * time.Second
	// keysAtOnce is how many keys are moved, swept or wrapped anew in one transaction.
	keysAtOnce = 200
)

// ErrKeysAway: the store of subject keys does not answer. Nothing is lost; contacts cannot be read for now.
var ErrKeysAway = errors.New("the store of subject keys is away")

// ErrOtherKeys: the store of subject keys is another record's, or an empty one beside a record whose keys lie
// elsewhere. To go on would hide that the keys are missing.
var ErrOtherKeys = errors.New("the store of subject keys is not the one that this record's keys lie in; " +
	"set HAOCHAPING_SUBJECT_KEYS to it or restore it, or, if it is lost for good, run 'admin keys adopt'")

// keySchema: no index but the primary key, since all else goes through the whole table in its order.
var keySchema = []string{
	`CREATE TABLE IF NOT EXISTS subject_keys (
		subject  VARCHAR(32) NOT NULL PRIMARY KEY,
		wrapped  BLOB        NOT NULL,
		key_id   VARCHAR(64) NOT NULL,
		added_at BIGINT      NOT NULL
	)`,
	`CREATE TABLE IF NOT EXISTS key_store (
		lone SMALLINT    NOT NULL PRIMARY KEY,
		id   VARCHAR(32) NOT NULL
	)`,
}

// keptKey is a wrapped key as it lies in the key store. Its instant is the machines' time, as is that of the
// list of erasures: the two are compared.
type keptKey struct {
	Subject string `gorm:"primaryKey"`
	Wrapped []byte
	KeyID   string // of the master key
	AddedAt int64
}

func (keptKey) TableName() string { return "subject_keys" }

type keyStoreRow struct {
	Lone int `gorm:"primaryKey;autoIncrement:false"`
	ID   string
}

func (keyStoreRow) TableName() string { return "key_store" }

func (s *Store) newKeptKey(subject string, wrapped []byte) (keptKey, error) {
	head, _, err := seal.ReadHeader(wrapped)
	return keptKey{Subject: subject, Wrapped: wrapped, KeyID: head.KeyID, AddedAt: micros(s.wall())}, err
}

// open returns the key store's database, opening it where that was not done yet: ErrKeysAway, ErrOtherKeys.
func (k *keyStore) open(ctx context.Context) (*gorm.DB, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.db != nil {
		return k.db, nil
	}
	if k.s.wall().Sub(k.failed) < keyRest {
		return nil, k.why
	}
	db, err := k.connect(ctx)
	if err == nil {
		err = k.identify(ctx, db, false)
	}
	if err != nil {
		if !errors.Is(err, ErrOtherKeys) {
			err = fmt.Errorf("%w: %w", ErrKeysAway, err)
		}
		k.failed, k.why = k.s.wall(), err
		return nil, errors.Join(err, closePool(db))
	}
	k.db = db
	return db, nil
}

func (k *keyStore) connect(ctx context.Context) (db *gorm.DB, err error) {
	ctx, done := context.WithTimeout(ctx, keyPatience)
	defer done()
	if strings.Contains(k.where, "@") {
		db, err = k.connectMySQL(ctx)
	} else {
		db, err = k.connectSQLite(ctx)
	}
	if err != nil {
		return nil, err
	}
	for _, statement := range keySchema {
		if err := db.WithContext(ctx).Exec(statement).Error; err != nil {
			return nil, errors.Join(err, closePool(db))
		}
	}
	return db, nil
}

// connectSQLite: what is deleted is overwritten, since to destroy a key is what the file is for.
func (k *keyStore) connectSQLite(ctx context.Context) (*gorm.DB, error) {
	if err := os.MkdirAll(k.where, 0o700); err != nil {
		return nil, err
	}
	address := sqliteAddress(filepath.Join(k.where, KeyStoreFile), true)
	return k.s.openSQLitePool(ctx, strings.ReplaceAll(address, "busy_timeout%2810000%29", "busy_timeout%282000%29")+"&_pragma=secure_delete(1)", 1)
}

func (k *keyStore) connectMySQL(ctx context.Context) (*gorm.DB, error) {
	c, err := mysqlConfig(k.where)
	if err != nil {
		return nil, err
	}
	c.Timeout, c.ReadTimeout, c.WriteTimeout = keyPatience, 5*keyPatience, keyPatience
	pool, err := openMySQLPool(c, 4)
	if err != nil {
		return nil, err
	}
	if err := pool.PingContext(ctx); err != nil {
		return nil, errors.Join(translateMySQL(err), pool.Close())
	}
	dialect := mysqlDialect{mysql.Dialector{Config: &mysql.Config{Conn: pool, DSNConfig: c, DisableWithReturning: true}}}
	db, err := gorm.Open(dialect, k.s.gormConfig())
	if err != nil {
		return nil, errors.Join(err, pool.Close())
	}
	return db, nil
}

func closePool(db *gorm.DB) error {
	if db == nil {
		return nil
	}
	pool, err := db.DB()
	if err != nil {
		return err
	}
	return pool.Close()
}

// identify holds record and key store to each other: the record names the store, and the store has that
// name. A record that names none, new or of an earlier release, takes the store it finds; so does any where
// adopt is set.
func (k *keyStore) identify(ctx context.Context, db *gorm.DB, adopt bool) error {
	named, err := k.s.Fact(ctx, factKeyStore)
	if err != nil {
		return err
	}
	if named == "" || adopt {
		if _, err := insertNew(db.WithContext(ctx), &keyStoreRow{1, newID()}); err != nil {
			return err
		}
	}
	var row keyStoreRow
	err = db.WithContext(ctx).Take(&row, "lone = 1").Error
	switch {
	case errors.Is(err, gorm.ErrRecordNotFound), err == nil && named != "" && row.ID != named && !adopt:
		return ErrOtherKeys
	case err != nil || row.ID == named:
		return err
	}
	return k.s.SetFact(ctx, factKeyStore, row.ID)
}

// use runs do on the open store, and takes whatever the database says for its being away.
func (k *keyStore) use(ctx context.Context, do func(db *gorm.DB) error) error {
	db, err := k.open(ctx)
	if err != nil {
		return err
	}
	err = again(ctx, func() error { return do(db.WithContext(ctx)) })
	if err == nil || errors.Is(err, gorm.ErrRecordNotFound) {
		return err
	}
	return fmt.Errorf("%w: %w", ErrKeysAway, err)
}

// put keeps keys, all in one commit; one that is there already stays as it is.
func (k *keyStore) put(ctx context.Context, keys []keptKey) error {
	if len(keys) == 0 {
		return nil
	}
	return k.use(ctx, func(db *gorm.DB) error {
		err := db.Transaction(func(tx *gorm.DB) error { return tx.Create(&keys).Error })
		if !errors.Is(err, gorm.ErrDuplicatedKey) {
			return err
		}
		for i := range keys {
			if _, err := insertNew(db, &keys[i]); err != nil {
				return err
			}
		}
		return nil
	})
}

// get returns a subject's wrapped key: ErrKeysAway, gorm.ErrRecordNotFound.
func (k *keyStore) get(ctx context.Context, subject string) ([]byte, error) {
	var row keptKey
	err := k.use(ctx, func(db *gorm.DB) error { return db.Take(&row, "subject = ?", subject).Error })
	return row.Wrapped, err
}

// destroy deletes keys that were kept before an instant (microseconds), so that no file of the store has
// them any more.
func (k *keyStore) destroy(ctx context.Context, before int64, subjects ...string) error {
	if len(subjects) == 0 {
		return nil
	}
	return k.use(ctx, func(db *gorm.DB) error {
		gone := db.Delete(&keptKey{}, "subject IN ? AND added_at <= ?", subjects, before)
		if gone.Error != nil || gone.RowsAffected == 0 || strings.Contains(k.where, "@") {
			return gone.Error
		}
		return db.Exec("PRAGMA wal_checkpoint(TRUNCATE)").Error // the log has the row as it was
	})
}

// after returns keys in the order of their subjects.
func (k *keyStore) after(ctx context.Context, subject string) (keys []keptKey, err error) {
	err = k.use(ctx, func(db *gorm.DB) error {
		keys = nil
		return db.Where("subject > ?", subject).Order("subject").Limit(keysAtOnce).Find(&keys).Error
	})
	return keys, err
}

// replace writes keys that were wrapped anew, each unless it was destroyed meanwhile.
func (k *keyStore) replace(ctx context.Context, keys []keptKey) error {
	return k.use(ctx, func(db *gorm.DB) error {
		return db.Transaction(func(tx *gorm.DB) error {
			for _, key := range keys {
				change := map[string]any{"wrapped": key.Wrapped, "key_id": key.KeyID}
				if err := tx.Model(&keptKey{}).Where("subject = ?", key.Subject).Updates(change).Error; err != nil {
					return err
				}
			}
			return nil
		})
	})
}

// wrappedBy counts the keys by the master key that wraps them.
func (k *keyStore) wrappedBy(ctx context.Context) (map[string]int64, error) {
	var rows []struct {
		KeyID string
		N     int64
	}
	err := k.use(ctx, func(db *gorm.DB) error {
		rows = nil
		return db.Model(&keptKey{}).Select("key_id, COUNT(*) AS n").Group("key_id").Scan(&rows).Error
	})
	counts := map[string]int64{}
	for _, row := range rows {
		counts[row.KeyID] = row.N
	}
	return counts, err
}

func (k *keyStore) close() error {
	k.mu.Lock()
	defer k.mu.Unlock()
	db := k.db
	k.db = nil
	return closePool(db)
}

// KnowsKeys tells whether the record's subject keys are there: ErrKeysAway, ErrOtherKeys.
func (s *Store) KnowsKeys(ctx context.Context) error {
	if s.sealer == nil {
		return errNoKeys
	}
	_, err := s.subjectKeys.open(ctx)
	return err
}

// AdoptKeys takes the store of subject keys at hand for the record's, after the one it names was lost for
// good: the contacts whose keys are not in it stay closed for ever.
func (s *Store) AdoptKeys(ctx context.Context) error {
	if s.sealer == nil {
		return errNoKeys
	}
	db, err := s.subjectKeys.connect(ctx)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrKeysAway, err)
	}
	return errors.Join(s.subjectKeys.identify(ctx, db, true), closePool(db))
}
