package bench

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"time"

	"haochaping/store"
)

// catchUp is how long the ledger may take in, after a turn, what came in its last second: or that would slow the other's turn.
const catchUp = 1500 * time.Millisecond

// LedgerCost is the intake of ratings with the ledger against the same product whose ledger takes nothing in.
type LedgerCost struct {
	Intake
	// Bytes are what a rating takes of the disk with all that came in with it, by table and index: one in badEvery with words, contact and case.
	Bytes map[string]float64
}

// Print writes the ratio and the median round of either.
func (c LedgerCost) Print(w io.Writer) {
	fmt.Fprintf(w, "rating intake over HTTP, %s, with the ledger against without: %.2f (median of %d pairs of rounds; the target is at least 0.85)\n", c.Name, c.Ratio(), len(c.Of))
	c.printRounds(w, "without the ledger", "with the ledger")
	fmt.Fprintf(w, "  without means that no leaf is kept (on MariaDB in memory alone), and so none is taken in, signed or counted; neither has an upstream; a row's own digest is made in both; when the last round ended the ledger had %d leaves\n", c.Ledger)
	fmt.Fprintf(w, "  %.0f bytes a rating on disk, one in %d with words, contact and case, as they came in (shared commits, indexes in no order)\n", sum(c.Bytes), badEvery)
	printLargest(w, "by table and index", c.Bytes, 20)
}

// MeasureLedger posts the same forms to two products, in turns: in the record of one the table in which leaves wait keeps nothing.
func MeasureLedger(ctx context.Context, d Database, p RatingPlan) (c LedgerCost, err error) {
	c.Name = p.name(d)
	forms, err := ratingForms()
	if err != nil {
		return c, err
	}
	with, err := d.Open(ctx, time.Now)
	if err != nil {
		return c, err
	}
	defer closing(with.Close, &err)
	without, err := d.Open(ctx, time.Now)
	if err != nil {
		return c, err
	}
	defer closing(without.Close, &err)
	if err := without.keepNoLeaves(ctx); err != nil {
		return c, err
	}
	turns := []struct {
		record  *Record
		into    *[]Rate
		address string
	}{{without, &c.Base, ""}, {with, &c.Of, ""}}
	for i := range turns {
		product, err := turns[i].record.serveAlone(ctx)
		if err != nil {
			return c, err
		}
		defer closing(product.stop, &err)
		turns[i].address = product.address()
	}
	var before map[string]int64
	for round := -1; round < p.Rounds; round++ { // the first only warms up, and lets duties do what each does once a day
		if round == 0 {
			if before, err = with.sizes(ctx); err != nil {
				return c, err
			}
		}
		for _, turn := range turns {
			rate, err := post(ctx, turn.address+"/ratings", forms, p)
			if err = errors.Join(err, sleep(ctx, catchUp)); err != nil {
				return c, err
			}
			if round >= 0 {
				*turn.into = append(*turn.into, rate)
			}
		}
		slices.Reverse(turns) // whoever comes second finds a busier disk
	}
	if size, err := without.LedgerPosition(ctx); err != nil || size != 0 {
		return c, errors.Join(err, fmt.Errorf("the ledger that takes nothing in has %d leaves", size))
	}
	if err := with.takesLeaves(ctx); err != nil {
		return c, err
	}
	if err := c.weigh(ctx, with, before); err != nil {
		return c, err
	}
	return c, c.count(ctx, with)
}

func (c *LedgerCost) weigh(ctx context.Context, with *Record, before map[string]int64) error {
	after, err := with.sizes(ctx)
	ratings := 0
	for _, round := range c.Of {
		ratings += round.Answers
	}
	c.Bytes = grown(after, before, ratings)
	return err
}

// serveAlone serves the record without upstreams, which would follow the ledger too: what that costs is another figure.
func (r *Record) serveAlone(ctx context.Context) (*site, error) {
	file := filepath.Join(r.place.dir, "exchange.json")
	if err := os.WriteFile(file, []byte(`{"upstreams": []}`), 0o600); err != nil {
		return nil, err
	}
	return r.serve(ctx, serving{exchange: file})
}

// takesLeaves waits for the ledger to take in its first leaves, which a short round on a busy machine does not outlast.
func (r *Record) takesLeaves(ctx context.Context) error {
	for range 100 {
		if size, err := r.LedgerPosition(ctx); err != nil || size > 0 {
			return err
		}
		if err := sleep(ctx, 100*time.Millisecond); err != nil {
			return err
		}
	}
	return errors.New("the ledger takes nothing in")
}

// keepNoLeaves has the database forget every leaf that the product hands it. MariaDB cannot, and keeps them in memory, where the bench
// holds whoever would take them into the ledger.
func (r *Record) keepNoLeaves(ctx context.Context) (err error) {
	db, err := r.direct()
	if err != nil {
		return err
	}
	defer closing(db.Close, &err)
	if r.place.server == nil {
		_, err = db.ExecContext(ctx, "CREATE TRIGGER no_leaves BEFORE INSERT ON pending_leaves BEGIN SELECT RAISE(IGNORE); END")
		return err
	}
	if _, held, err := r.AcquireLease(ctx, store.LeaseSequencer, "bench", time.Hour); err != nil || !held {
		return errors.Join(err, errors.New("somebody else takes leaves into the ledger"))
	}
	_, err = db.ExecContext(ctx, "SET STATEMENT max_heap_table_size = 1073741824 FOR ALTER TABLE pending_leaves ENGINE = MEMORY")
	return err
}
