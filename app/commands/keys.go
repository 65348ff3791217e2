package commands

import (
	"context"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"time"

	"haochaping/app"
	"haochaping/store"
)

// Keys is what is done about the keys of the vault (9(2)).
type Keys struct {
	Status StatusKeys `cmd:"" help:"List the master keys with how much still names each: the progress of a renewal."`
	Rotate RotateKeys `cmd:"" help:"Make a new master key. The running product seals under it within seconds, and seals anew in the background what earlier keys did."`
	Retire RetireKeys `cmd:"" help:"Take a master key out of use that nothing names any more."`
	Adopt  AdoptKeys  `cmd:"" help:"Take the store of subject keys at hand for the record's, where the one it names is lost for good: contacts whose keys are not in it stay closed for ever."`
}

// StatusKeys counts.
type StatusKeys struct{}

// Run prints ids, instants and numbers alone.
func (StatusKeys) Run() error {
	return onRecord(nil, func(ctx context.Context, record *store.Store, _ time.Time) error {
		uses, err := record.KeyUses(ctx)
		for _, use := range uses {
			state := "earlier"
			if use.Current {
				state = "current"
			}
			var named []string
			for _, kind := range slices.Sorted(maps.Keys(use.Named)) {
				if n := use.Named[kind]; n > 0 {
					named = append(named, fmt.Sprintf("%d %s", n, kind))
				}
			}
			if len(named) == 0 {
				named = []string{"nothing names it"}
			}
			fmt.Fprintf(os.Stdout, "%s %s made %s: %s\n", use.ID, state, use.Made.Format(time.RFC3339), strings.Join(named, ", "))
		}
		return err
	})
}

// RotateKeys makes a master key.
type RotateKeys struct{}

// Run prints the new key's id.
func (RotateKeys) Run() error {
	return onRecord(nil, func(_ context.Context, record *store.Store, _ time.Time) error {
		id, err := record.RotateKey()
		if err == nil {
			_, err = fmt.Fprintln(os.Stdout, id, "is the current key")
		}
		return err
	})
}

// RetireKeys takes one out of use.
type RetireKeys struct {
	ID string `arg:"" help:"The key's id, as 'keys status' prints it."`
}

// Run refuses while anything names the key.
func (k RetireKeys) Run() error {
	return onRecord(nil, func(ctx context.Context, record *store.Store, _ time.Time) error {
		err := record.RetireKey(ctx, k.ID)
		if err == nil {
			_, err = fmt.Fprintln(os.Stdout, k.ID, "opens nothing any more; its file is kept as .retired, for back-ups that name it")
		}
		return err
	})
}

// AdoptKeys gives the key store at hand to the record.
type AdoptKeys struct{}

// Run goes past the check that refuses to open such a record.
func (AdoptKeys) Run() error {
	s, err := app.Read(os.Getenv)
	if err != nil {
		return err
	}
	ctx, stop := Told()
	defer stop()
	return app.AdoptKeys(ctx, s, s.Logger())
}
