package store

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"sync"

	"github.com/emmansun/gmsm/sm3"
	"gorm.io/gorm"

	"haochaping/regulation"
	"haochaping/workday"
)

// factNumbers is the secret under which running numbers are scattered. It is no key of the vault: whoever reads the
// record reads when each case was opened there. It keeps the order from those who see numbers alone.
const factNumbers = "case_numbers"

const readFact = "SELECT content FROM facts WHERE name = ?"

// numbersAhead is how many running numbers of a series a process takes at once.
const numbersAhead = 32

// caseNumbers are running numbers that this process took and has not given out: taken one by one, each batch of ratings
// would wait for the one before it to reach the disk. Those left when it ends are never used, which nothing shows.
type caseNumbers struct {
	mu     sync.Mutex
	free   map[series]stretchOfNumbers
	secret string // that scatters them, as it was committed with the first that were taken
}

type stretchOfNumbers struct{ next, end int64 }

// numberCases gives the cases of bad ratings their numbers. It must not be called within a transaction.
func (s *Store) numberCases(ctx context.Context, bad []*intake) error {
	for _, item := range bad {
		p := item.in.Rating.Place
		key := series{p.Authority, p.Area, item.at.In(workday.Shanghai).Year(), "case"}
		var err error
		if item.number, err = s.nextCase(ctx, key); err != nil {
			return err
		}
	}
	return nil
}

func (s *Store) nextCase(ctx context.Context, key series) (number string, err error) {
	s.ahead.mu.Lock()
	defer s.ahead.mu.Unlock()
	have := s.ahead.free[key]
	if have.next == have.end {
		first, err := s.takeAhead(ctx, key)
		if err != nil {
			return "", err
		}
		have = stretchOfNumbers{first, first + numbersAhead}
	}
	if s.ahead.free == nil {
		s.ahead.free = map[series]stretchOfNumbers{}
	}
	s.ahead.free[key] = stretchOfNumbers{have.next + 1, have.end}
	return key.caseNumber(s.ahead.secret, have.next), nil
}

// takeAhead takes running numbers, and reads the secret that scatters them; the caller holds the lock.
func (s *Store) takeAhead(ctx context.Context, key series) (first int64, err error) {
	var secret string
	err = s.tx(ctx, func(tx *gorm.DB) error {
		if secret, err = s.numberSecret(tx); err != nil {
			return err
		}
		first, err = s.takeNumbers(tx, key, numbersAhead)
		return err
	})
	if err == nil {
		s.ahead.secret = secret // committed now
	}
	return first, err
}

// numberSecret is the database's own, made with its first case.
func (s *Store) numberSecret(tx *gorm.DB) (secret string, err error) {
	err = s.one(tx, readFact, []any{factNumbers}, &secret)
	if errors.Is(err, gorm.ErrRecordNotFound) {
		secret = rand.Text()
		isNew, err := insertNew(tx, &factRow{factNumbers, secret})
		if err == nil && !isNew {
			err = errBusy // another node made it meanwhile: once more
		}
		return secret, err
	}
	return secret, err
}

// caseNumber is such as 513301-2026-4820712: the area, the year in Asia/Shanghai, six digits that stand for the running
// number without telling it, and a check digit. Of two numbers of a year nobody without the secret can tell which is the
// earlier. No two running numbers have the same.
func (k series) caseNumber(secret string, n int64) string {
	head := fmt.Sprintf("%s-%d-", k.area, k.year)
	body := fmt.Sprintf("%06d", scattered(secret, head, uint32(n%scatter))) //nolint:gosec // below a million
	if block := n / scatter; block > 0 {
		body = fmt.Sprintf("%d%s", block, body)
	}
	return head + body + string(regulation.CheckDigit(head+body))
}

// scatter is how many running numbers are put into another order: all that six digits can say.
const scatter = 1_000_000

// rounds of the Feistel network, each over halfBits of the 20 in which scatter fits.
const (
	rounds   = 10
	halfBits = 10
	halfMask = 1<<halfBits - 1
)

// scattered is a permutation of the numbers below scatter, another for each head: a Feistel network over 20 bits, gone
// through again until its result is one of them.
func scattered(secret, head string, n uint32) uint32 {
	for {
		left, right := n>>halfBits, n&halfMask
		for round := range byte(rounds) {
			left, right = right, left^mixed(secret, head, round, right)
		}
		if n = left<<halfBits | right; n < scatter {
			return n
		}
	}
}

// mixed is a round's function: HMAC-SM3 over head, round and half, of which ten bits are taken.
func mixed(secret, head string, round byte, half uint32) uint32 {
	mac := hmac.New(sm3.New, []byte(secret))
	mac.Write([]byte(head))
	mac.Write(binary.BigEndian.AppendUint32([]byte{round}, half))
	return binary.BigEndian.Uint32(mac.Sum(nil)) & halfMask
}
