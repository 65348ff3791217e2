package commands

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"haochaping/app"
	"haochaping/store"
	"haochaping/store/ledger"
)

// mostOfACode is how many findings of one code are printed; all are counted, and --json has them all.
const mostOfACode = 50

// held is what verify --offline prints as JSON.
type held struct {
	Checkpoint ledgerPoint         `json:"checkpoint"`
	Findings   []store.Tampered    `json:"findings"`
	Result     store.OfflineResult `json:"result"`
}

type ledgerPoint struct {
	Size int64     `json:"size"`
	Root string    `json:"root"`
	At   time.Time `json:"at"`
}

// offline holds the record against an exported checkpoint.
func (v Verify) offline() error {
	folder := filepath.Dir(v.Offline)
	signers, err := ledger.ReadSigners(v.Key, folder)
	if err != nil {
		return err
	}
	note, err := os.ReadFile(v.Offline)
	if err != nil {
		return err
	}
	point, err := ledger.OpenCheckpointBy(ledger.CheckpointIn(note), signers)
	if err != nil {
		return err
	}
	s, err := app.Read(os.Getenv)
	if err != nil {
		return err
	}
	hush(&s)
	ctx, stop := Told()
	defer stop()
	record, err := app.ReadRecord(ctx, s, s.Logger())
	if err != nil {
		return err
	}
	return errors.Join(v.hold(ctx, record, point, folder, v.Key == ""), record.Close())
}

func (v Verify) hold(ctx context.Context, record *store.Store, point ledger.Checkpoint, folder string, untrusted bool) error {
	exported, err := store.OpenExported(folder)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	if exported != nil {
		defer exported.Close()
	}
	out, codes := held{Checkpoint: ledgerPoint{point.Size, point.Root.String(), point.At}, Findings: []store.Tampered{}}, map[string]int{}
	out.Result, err = record.VerifyOffline(ctx, store.OfflineOptions{Point: point, Leaves: exported, Found: func(t store.Tampered) error {
		codes[t.Code]++
		switch {
		case v.JSON:
			out.Findings = append(out.Findings, t)
		case codes[t.Code] <= mostOfACode:
			_, err := fmt.Fprintln(os.Stdout, t)
			return err
		}
		return nil
	}})
	if err != nil {
		return err
	}
	if v.JSON {
		encoder := json.NewEncoder(os.Stdout)
		encoder.SetIndent("", "  ")
		err = encoder.Encode(out)
	} else {
		err = printHeld(os.Stdout, out, codes, untrusted)
	}
	if err == nil && out.Result.Found > 0 {
		err = fmt.Errorf("%d findings: the record is not what was signed", out.Result.Found)
	}
	return err
}

func printHeld(w io.Writer, out held, codes map[string]int, untrusted bool) error {
	for code, n := range codes {
		if n > mostOfACode {
			fmt.Fprintf(w, "%s: %d in all, of which %d are printed; --json has all\n", code, n, mostOfACode)
		}
	}
	r := out.Result
	fmt.Fprintf(w, "checkpoint of %s: %d leaves, root %s\n", out.Checkpoint.At.Format(time.RFC3339), out.Checkpoint.Size, out.Checkpoint.Root)
	fmt.Fprintf(w, "ledger now: %d leaves, of which %d are newer than the checkpoint\n", r.Size, max(0, r.Size-out.Checkpoint.Size))
	if !r.Named {
		fmt.Fprintln(w, "without the exported digests of the leaves a rewritten log shows, and no row can be named")
	}
	if untrusted {
		fmt.Fprintln(w, "the public key is that beside the checkpoint: give the one that was handed out with --key")
	}
	_, err := fmt.Fprintf(w, "%d rows made into leaves anew, %d figures recounted, %d findings, %v, %.0f rows/s\n", r.Rows, r.Figures, r.Found, r.Took.Round(time.Millisecond), float64(r.Rows)/max(r.Took.Seconds(), 1e-9))
	return err
}

// Checkpoints is what is done about the keys that sign the ledger (9(2)).
type Checkpoints struct {
	Key    CheckpointKey    `cmd:"" help:"Print the public keys, the first first: that is the one to hand out on paper."`
	Rotate RotateCheckpoint `cmd:"" help:"Make a new signing key, for which the one before signs; the old private half is deleted."`
}

// CheckpointKey prints public keys.
type CheckpointKey struct{}

// Run prints one a line.
func (CheckpointKey) Run() error {
	return onRecord(nil, func(ctx context.Context, record *store.Store, _ time.Time) error {
		keys, err := record.SigningKeys(ctx)
		for _, k := range keys {
			fmt.Fprintf(os.Stdout, "%d %s %s\n", k.Number, k.MadeAt.Format(time.RFC3339), k.Public)
		}
		return err
	})
}

// RotateCheckpoint changes the signing key.
type RotateCheckpoint struct{}

// Run prints the new public key.
func (RotateCheckpoint) Run() error {
	return onRecord(nil, func(ctx context.Context, record *store.Store, _ time.Time) error {
		public, err := record.RotateSigningKey(ctx, console)
		if err == nil {
			_, err = fmt.Fprintln(os.Stdout, public)
		}
		return err
	})
}
