package store

import (
	"context"
	"fmt"
	"os"
	"time"

	"gorm.io/gorm"

	"haochaping/regulation"
)

// What the tests of package store_test need of its inside.
var (
	Tx              = (*Store).tx
	Rows            = (*Store).rows
	RecordTx        = (*Store).record
	Locked          = locked
	InsertNew       = insertNew
	ErrBusy         = errBusy
	LatestMigration = latestMigration
	NextNumber      = nextNumber
	HoldsLease      = holdsLease
	NewID           = newID
	HashPassword    = hashPassword
	PasswordMatches = passwordMatches
	Unusable        = unusable
	// WriteOffDecisions are what approvers are compared by.
	WriteOffDecisions = (*Store).writeOffDecisions
	// PublicOf is what the public reads of an authority's write-offs.
	PublicOf = WriteOffFigures.public
)

// HashedBy tells with which parameters passwords are hashed meanwhile, in their order.
func HashedBy(do func()) (work []string) {
	was := derive
	defer func() { derive = was }()
	derive = func(password, salt []byte, passes, memory uint32, lanes uint8, size uint32) []byte {
		work = append(work, fmt.Sprintf("%d bytes with m=%d,t=%d,p=%d to %d", len(salt), memory, passes, lanes, size))
		return was(password, salt, passes, memory, lanes, size)
	}
	do()
	return work
}

// WalkOf is one seat's part of an inbox page.
func WalkOf(q TaskQuery, seat regulation.Seat) (string, []any) {
	q.Limit = 50
	return q.walk("task_seats", "task_id", []string{"seat_role = ?", "org_id = ?"}, []any{string(seat.Role), seat.Org}, cursor{}, false)
}

// ReadRatedAt is how a rating of somebody at a window is looked for in the ledger.
const ReadRatedAt = readRatedAt

// KeepStandings has how open cases stand be kept from so many on.
func (s *Store) KeepStandings(from int64) { s.manyOpen = from }

// CasesOf is how cases of one month are read to be summed up where no sum is kept.
func CasesOf(s *Store, ctx context.Context, q CaseFigureQuery) (string, []any) {
	db := s.rows(ctx).Session(&gorm.Session{DryRun: true})
	done := q.statement(db, casesThemselves, q.months()).Find(&[]map[string]any{}).Statement
	return done.SQL.String(), done.Vars
}

// Waiting is how many recordings wait for the next commit.
func (s *Store) Waiting() int {
	s.writes.mu.Lock()
	defer s.writes.mu.Unlock()
	return len(s.writes.waiting)
}

// InsertOrder names the tables of insertOrder.
func InsertOrder() []string {
	return converted(insertOrder, func(t table) string { return t.name })
}

// Queue is a queue of one leader who is so patient.
func Queue(patience time.Duration) func(item int, write func([]int)) {
	return (&queue[int]{leaders: 1, patience: patience}).together
}

// TwofoldQueue is a queue of two leaders, the second of whom sets out with so many items.
func TwofoldQueue(enough int) func(item int, write func([]int)) {
	return (&queue[int]{leaders: 2, enough: enough}).together
}

// LoneQueue is a queue in which every item is a batch of its own.
func LoneQueue() func(item int, write func([]int)) {
	return (&queue[int]{leaders: 1, most: 1}).together
}

// AddCalendarLayer puts a layer into the record without its proposal and review, past open cases.
func (s *Store) AddCalendarLayer(ctx context.Context, l CalendarLayer) error {
	row := layerRow{ID: newID(), Kind: layerNotice, Area: l.Area, Name: l.Name, Version: l.Version, Days: l.Days, Author: "tester", Basis: l.Basis}
	if l.Area != "" {
		row.Kind = layerLocal
	}
	return s.tx(ctx, func(tx *gorm.DB) error { return s.addLayer(tx, row) })
}

// UnderWay counts the notices for which recordings count cases again.
func (s *Store) UnderWay(ctx context.Context) int {
	l, err := s.lore(ctx)
	if err != nil {
		panic(err)
	}
	return len(l.rearmings)
}

// WrappedKey is a subject's key as it lies in the key store.
func WrappedKey(s *Store, ctx context.Context, subject string) ([]byte, error) {
	return s.subjectKeys.get(ctx, subject)
}

// KeptKeys is how many subject keys the key store has.
func KeptKeys(s *Store, ctx context.Context) (n int64, err error) {
	kept, err := s.subjectKeys.wrappedBy(ctx)
	for _, of := range kept {
		n += of
	}
	return n, err
}

// PutKey puts a new key of a subject into the key store.
func PutKey(s *Store, ctx context.Context, subject string) error {
	key, err := s.newReadyKey(subject)
	if err != nil {
		return err
	}
	return s.subjectKeys.put(ctx, []keptKey{key.row})
}

// FileOpens tells whether a stored file can be read.
func FileOpens(s *Store, digest string) error {
	sealed, err := os.ReadFile(s.filePath(digest))
	if err == nil {
		_, err = s.sealer.OpenText(sealed, filePlace(digest))
	}
	return err
}

// TakeForm is takeForm in a transaction of its own.
func (s *Store) TakeForm(ctx context.Context, opening, serial, by string) error {
	return s.tx(ctx, func(tx *gorm.DB) error { return s.takeForm(tx, opening, serial, by, s.now()) })
}

// VoidForm is voidForm in a transaction of its own.
func (s *Store) VoidForm(ctx context.Context, opening, serial, reason, by string) error {
	return s.tx(ctx, func(tx *gorm.DB) error { return s.voidForm(tx, opening, serial, reason, by, s.now()) })
}

// Crowd has so many people be known to have rated at a window.
func (s *Store) Crowd(window string, n int) { s.crowds.Store(&map[string]int{window: n}) }

// CrowdAt is how many are.
func (s *Store) CrowdAt(window string) int { return s.crowdAt(window) }
