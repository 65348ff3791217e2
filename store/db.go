package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"haochaping/regulation"
	"haochaping/store/seal"
)

// Options say where the record lies.
type Options struct {
	// DSN of a MySQL 8 or MariaDB database in the driver's form, such as
	// user:password@tcp(127.0.0.1:3306)/haochaping. Empty: SQLite in Dir.
	DSN string
	// Dir is the data folder, where SQLite's file lies.
	Dir string
	// KeyDir is the folder of master keys, outside the data folder.
	KeyDir string
	// SubjectKeys is where the wrapped subject keys lie: a folder, or the DSN of a MySQL database of their own,
	// which several machines need. Default: a folder beside KeyDir.
	SubjectKeys string
	// Erasures is the file that lists erased raters, outside of what back-ups of record and keys bring back.
	// Default: beside KeyDir.
	Erasures string
	// Now is the product's clock: every instant in the record is its.
	Now func() time.Time
	// Wall is the clock of machines, by which sessions, leases and sign-in locks last; a drill's
	// product clock runs at another pace. Default: Now.
	Wall func() time.Time
	// SignInFailures in a row lock an account for SignInLock. Default: 5, for 15 minutes.
	SignInFailures int
	SignInLock     time.Duration
	Log            *slog.Logger
	// Alone commits every rating and every recording by itself, to measure what sharing a commit gains.
	Alone bool
	// Clock is the product's clock as workflows are to follow it. Zero: real time.
	Clock regulation.Clock
}

// errNoKeys: the record was opened without a key folder, which does for migrations and the like.
var errNoKeys = errors.New("store: opened without a key folder: nothing can be sealed or opened")

func (o *Options) fill() {
	if o.Wall == nil {
		o.Wall = o.Now
	}
	if o.SignInFailures <= 0 {
		o.SignInFailures = defaultFailures
	}
	if o.SignInLock <= 0 {
		o.SignInLock = defaultLock
	}
	if o.SubjectKeys == "" {
		o.SubjectKeys = o.KeyDir + "-subjects"
	}
	if o.Erasures == "" {
		o.Erasures = o.KeyDir + "-erasures.txt"
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
}

// Store is the open record. It is safe for concurrent use.
type Store struct {
	engine  engine
	writing *gorm.DB
	packing *sql.DB  // on MySQL: connections that take several statements at once
	reading *gorm.DB // the same as writing on MySQL; connections that cannot write on SQLite
	options Options
	now     func() time.Time
	wall    func() time.Time
	log     *slog.Logger

	tree      kept[*Tree]
	people    kept[*People]
	calendars kept[calendars]
	editions  sync.Map // edition -> regulation.Params; an edition never changes
	boards    sync.Map // quarter -> what its board was last held against
	releases  sync.Map // docket -> what the ranks that it rests on were last worked out from
	bulletins sync.Map // docket -> sealed version that it was last held against

	standings sync.Map // OpenQuery, as text -> keptStanding, of at least so many open cases
	manyOpen  int64

	sealer      *seal.Sealer // nil without a key folder, as are the next two
	masters     *seal.FileKeys
	subjectKeys *keyStore
	erased      *erasedList
	doomed      doomed
	catchingUp  sync.Mutex
	caughtUp    atomic.Bool

	remembered atomic.Pointer[lore]
	keysAhead  keysAhead
	ahead      caseNumbers
	crowds     atomic.Pointer[map[string]int] // ratings at each window, as they were counted last
	intakes    queue[*intake]                 // of good ratings
	openings   queue[*intake]                 // of bad ones, which open cases
	writes     queue[*write]
}

type engine string

const (
	onSQLite engine = "sqlite"
	onMySQL  engine = "mysql"
)

// Open opens the record and refuses a schema that is newer than this program knows. It changes
// nothing: call Migrate before the first use.
func Open(ctx context.Context, o Options) (*Store, error) {
	if o.Now == nil {
		return nil, errors.New("store: no clock given")
	}
	o.fill()
	s := &Store{options: o, now: o.Now, wall: o.Wall, log: o.Log, manyOpen: manyOpen}
	s.openQueues()
	open := s.openMySQL
	if o.DSN == "" {
		open = s.openSQLite
	}
	if err := s.openKeys(); err != nil {
		return nil, fmt.Errorf("open the keys: %w", err)
	}
	if err := open(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("open the record: %w", err), s.Close())
	}
	if err := s.refuseNewer(ctx); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// patience is how long a recording waits for others when they come thick: a fraction of what an act
// takes to pass a busy engine.
const patience = 30 * time.Millisecond

// openingPatience is the same for ratings that open cases.
const openingPatience = 10 * time.Millisecond

// enoughBeside are as many ratings as are worth a batch beside another, by measurement.
const enoughBeside = 12

// aloneAtOnce is how many commit at the same time where none are shared: as many as the server gets connections.
const aloneAtOnce = 32

// openQueues: SQLite has one writer; on MySQL one batch of ratings is sent while another waits for the
// disk.
func (s *Store) openQueues() {
	s.openings.patience, s.writes.patience = openingPatience, patience
	if s.options.DSN != "" {
		s.intakes.leaders, s.intakes.enough = 2, enoughBeside
	}
	if s.options.Alone {
		s.keysAhead.most, s.intakes.most, s.openings.most, s.writes.most = 1, 1, 1, 1
	}
	if s.options.Alone && s.options.DSN != "" {
		s.intakes.leaders, s.openings.leaders, s.writes.leaders = aloneAtOnce, aloneAtOnce, aloneAtOnce
		s.intakes.enough = 0
	}
}

func (s *Store) openKeys() error {
	if s.options.KeyDir == "" {
		return nil
	}
	keys, err := seal.OpenFileKeys(s.options.KeyDir, s.options.Dir)
	if err == nil {
		s.sealer, s.masters = seal.New(keys), keys
		s.subjectKeys = &keyStore{s: s, where: s.options.SubjectKeys}
		s.erased = &erasedList{path: s.options.Erasures}
	}
	return err
}

// Close releases every connection. Closing twice does no harm.
func (s *Store) Close() error {
	var all []error
	if s.subjectKeys != nil {
		all = append(all, s.subjectKeys.close())
	}
	if s.packing != nil {
		all = append(all, s.packing.Close())
	}
	for _, db := range []*gorm.DB{s.reading, s.writing} {
		if db == nil {
			continue
		}
		pool, err := db.DB()
		if err == nil {
			err = pool.Close()
		}
		all = append(all, err)
	}
	return errors.Join(all...)
}

// Ping tells whether the database answers.
func (s *Store) Ping(ctx context.Context) error {
	pool, err := s.reading.DB()
	if err != nil {
		return err
	}
	return pool.PingContext(ctx)
}

// Engine is "sqlite" or "mysql", for readiness pages and benchmark headings.
func (s *Store) Engine() string { return string(s.engine) }

func (s *Store) pool() *sql.DB {
	pool, err := s.writing.DB()
	if err != nil {
		panic(err) // gorm was opened over a *sql.DB
	}
	return pool
}

// rows begins a query outside any transaction.
func (s *Store) rows(ctx context.Context) *gorm.DB { return s.reading.WithContext(ctx) }

// attempts bounds how often a transaction that lost a deadlock or found the database busy is
// tried again; with the waits below that is about a second.
const attempts = 8

// tx runs do in one transaction and commits it. do may run several times (deadlock, lock wait,
// busy), so it must set what it answers anew each time and touch nothing but tx. What is read
// in order to be changed is read with locked(tx).
func (s *Store) tx(ctx context.Context, do func(tx *gorm.DB) error) error {
	return again(ctx, func() error { return s.writing.WithContext(ctx).Transaction(do) })
}

func again(ctx context.Context, try func() error) error {
	for n := 1; ; n++ {
		err := try()
		if err == nil || n == attempts || !errors.Is(err, errBusy) {
			return err
		}
		if err := pause(ctx, n); err != nil {
			return err
		}
	}
}

// pause waits 4 ms after the first attempt and twice as long each time, give or take half, so
// that those who collided do not collide again.
func pause(ctx context.Context, n int) error {
	wait := 2 * time.Millisecond << n
	timer := time.NewTimer(wait/2 + rand.N(wait))
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}

// locked makes the next query hold what it finds until the transaction ends. Without it two
// transactions on MySQL read the same row and one of the updates is lost (82 of 200 in a
// measurement). On SQLite writers come one at a time anyway and GORM drops the clause.
func locked(tx *gorm.DB) *gorm.DB {
	return tx.Clauses(clause.Locking{Strength: clause.LockingStrengthUpdate})
}

// insertNew inserts a row unless its primary or unique key is taken, and tells which. GORM's
// OnConflict DoNothing cannot be used for this: it reports a row on MariaDB either way.
func insertNew(tx *gorm.DB, row any) (bool, error) {
	err := tx.Create(row).Error
	if errors.Is(err, gorm.ErrDuplicatedKey) {
		return false, nil
	}
	return err == nil, err
}

// found turns "no such row" into a refusal that says no more than that.
func found(err error, what string) error {
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return &regulation.Error{Code: regulation.NotFound, Missing: what}
	}
	return err
}

// micros is the stored form of an instant: microseconds UTC, 0 for none.
func micros(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMicro()
}

// instant reads what micros wrote.
func instant(stored int64) time.Time {
	if stored == 0 {
		return time.Time{}
	}
	return time.UnixMicro(stored).UTC()
}
