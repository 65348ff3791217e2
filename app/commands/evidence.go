package commands

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"haochaping/regulation"
	"haochaping/store"
)

// Evidence writes evidence of a month's figures (7(1), 9(2)).
type Evidence struct {
	File  string        `arg:"" help:"The file to write, packed by gzip; it must not be there yet. Every leaf of the ledger is opened in it: for inspectors, not for the public."`
	Month string        `required:"" help:"The month, such as 2026-11." placeholder:"MONTH"`
	Unit  string        `help:"Id of the one unit whose figures are wanted."`
	Wait  time.Duration `help:"How long to wait for the checkpoint that covers the figures." default:"6m"`
}

// Run notes the figures first and waits for the checkpoint that covers them.
func (e Evidence) Run() error {
	if _, err := time.Parse("2006-01", e.Month); err != nil {
		return errors.New("--month: want a month such as 2026-11")
	}
	return onRecord(nil, func(ctx context.Context, record *store.Store, _ time.Time) error {
		noted, err := record.EvidenceOf(ctx, e.Month, e.Unit)
		if err != nil {
			return err
		}
		if err := e.covered(ctx, record, &noted); err != nil {
			return err
		}
		if err := e.write(ctx, record, &noted); err != nil {
			return err
		}
		_, err = fmt.Fprintf(os.Stdout, "%s: %d leaves, the figures count the first %d by version %d of the formulae, under the checkpoint of %s\n", e.File, noted.Leaves, noted.Counted,
			regulation.FigureFormula, noted.Point.At.Format(time.RFC3339))
		return err
	})
}

func (e Evidence) covered(ctx context.Context, record *store.Store, noted *store.Evidence) error {
	for until := time.Now().Add(e.Wait); ; {
		err := record.Cover(ctx, noted)
		none := (*regulation.Error)(nil)
		if err == nil || !errors.As(err, &none) || none.Code != regulation.NotFound {
			return err
		}
		if time.Now().After(until) {
			return errors.New("no checkpoint covers the figures yet: the running product signs one every few minutes")
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(time.Second):
		}
	}
}

// write leaves a whole file or none.
func (e Evidence) write(ctx context.Context, record *store.Store, noted *store.Evidence) error {
	if _, err := os.Stat(e.File); err == nil {
		return fmt.Errorf("%s is there already", e.File)
	}
	f, err := os.CreateTemp(filepath.Dir(e.File), "new-*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	err = record.WriteEvidence(ctx, f, noted)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), e.File)
}
