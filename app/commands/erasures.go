package commands

import (
	"context"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"haochaping/store"
)

// Erasures carries the list of erased raters over a restore: a copy of the record knows nothing of
// those who were erased after it was made (R59).
type Erasures struct {
	List   ListErasures   `cmd:"" help:"Print the ids of the ratings whose raters were erased, one a line. Keep the list apart from the backups."`
	Replay ReplayErasures `cmd:"" help:"Erase those raters again, after a restore and before anybody signs in; may be repeated."`
}

// ListErasures prints them.
type ListErasures struct{}

// Run prints ids alone: nothing that names anybody.
func (ListErasures) Run() error {
	return onRecord(nil, func(ctx context.Context, record *store.Store, _ time.Time) error {
		subjects, err := record.Erasures(ctx)
		for _, subject := range subjects {
			fmt.Fprintln(os.Stdout, subject)
		}
		return err
	})
}

// ReplayErasures erases again.
type ReplayErasures struct {
	File string `arg:"" help:"The list that 'erasures list' printed, - for standard input."`
}

// Run erases all or ends with an error; what was erased before stays so.
func (r ReplayErasures) Run() error {
	read := func() ([]byte, error) { return os.ReadFile(r.File) }
	if r.File == "-" {
		read = func() ([]byte, error) { return io.ReadAll(os.Stdin) }
	}
	list, err := read()
	if err != nil {
		return err
	}
	subjects := strings.Fields(string(list))
	return onRecord(nil, func(ctx context.Context, record *store.Store, _ time.Time) error {
		known, err := record.ReplayErasures(ctx, subjects)
		if err == nil {
			_, err = fmt.Fprintf(os.Stdout, "%d erased, %d not in this record\n", known, len(subjects)-known)
		}
		return err
	})
}
