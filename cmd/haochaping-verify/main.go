// Command haochaping-verify checks proofs of the ledger without the product, its database or its word: that a checkpoint was signed,
// that one extends another, that a rating is in it, that figures are the count of its leaves. docs/ledger.md has the formats.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"haochaping/store/ledger"
	"haochaping/store/ledger/evidence"
)

const usage = `haochaping-verify -key KEY [-changes FOLDER] COMMAND

  checkpoint FILE                  it was signed under the key
  extends EARLIER LATER PROOF      LATER extends EARLIER; PROOF is a consistency proof, or the leaves.bin of the folder
  receipt PROOF [CHECKPOINT]       the rating of a receipt is in the ledger; with CHECKPOINT also that this is of the same ledger
  figures EVIDENCE                 the figures of a month are the count of the leaves, none is left out

KEY is the ledger's first public key, as text or as a file. Changes of the key are read in FOLDER (files key-*.txt).
`

func main() {
	switch err := run(os.Args[1:], os.Stdout); {
	case errors.Is(err, errUsage):
		fmt.Fprint(os.Stderr, usage)
		os.Exit(2)
	case err != nil:
		fmt.Fprintln(os.Stderr, "NOT PROVEN:", err)
		os.Exit(1)
	}
}

var errUsage = errors.New("that is not how it is called")

func run(args []string, out io.Writer) error {
	flags := flag.NewFlagSet("haochaping-verify", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	key, folder := flags.String("key", "", ""), flags.String("changes", "", "")
	if err := flags.Parse(args); err != nil || *key == "" || flags.NArg() < 2 {
		return errUsage
	}
	changes := *folder
	if changes == "" {
		changes = os.DevNull // no folder has files behind it
	}
	signers, err := ledger.ReadSigners(*key, changes)
	if err != nil {
		return err
	}
	v := verifier{signers, out}
	files := flags.Args()[1:]
	switch command := flags.Arg(0); {
	case command == "checkpoint" && len(files) == 1:
		return v.checkpoint(files[0])
	case command == "extends" && len(files) == 3:
		return v.extends(files[0], files[1], files[2])
	case command == "receipt" && len(files) <= 2:
		return v.receipt(files)
	case command == "figures" && len(files) == 1:
		return v.figures(files[0])
	}
	return errUsage
}

type verifier struct {
	signers []string
	out     io.Writer
}

func (v verifier) say(format string, args ...any) { fmt.Fprintf(v.out, format+"\n", args...) }

func (v verifier) read(file string) (c ledger.Checkpoint, err error) {
	note, err := os.ReadFile(file)
	if err != nil {
		return c, err
	}
	return ledger.OpenCheckpointBy(ledger.CheckpointIn(note), v.signers)
}

func (v verifier) checkpoint(file string) error {
	c, err := v.read(file)
	if err == nil {
		v.say("proven: signed at %s, %d leaves, root %s", c.At.Format(time.RFC3339), c.Size, c.Root)
	}
	return err
}

func (v verifier) extends(earlierFile, laterFile, proofFile string) error {
	earlier, err := v.read(earlierFile)
	if err != nil {
		return err
	}
	later, err := v.read(laterFile)
	if err != nil {
		return err
	}
	switch {
	case earlier.Size > later.Size:
		err = fmt.Errorf("%w: %s is of %d leaves, more than the %d of %s; the earlier is named first", ledger.ErrProof, earlierFile, earlier.Size, later.Size, laterFile)
	case filepath.Ext(proofFile) == ".bin":
		err = byDigests(proofFile, earlier, later)
	default:
		err = byProof(proofFile, earlier, later)
	}
	if err == nil {
		v.say("proven: the ledger of %d leaves begins with that of %d", later.Size, earlier.Size)
	}
	return err
}

func byProof(file string, earlier, later ledger.Checkpoint) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	proof, err := ledger.ReadConsistency(string(text))
	if err != nil {
		return err
	}
	return proof.Check(earlier, later)
}

func byDigests(file string, earlier, later ledger.Checkpoint) error {
	f, err := os.Open(file)
	if err != nil {
		return err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	digests := ledger.NewDigests(f, info.Size())
	for _, c := range []ledger.Checkpoint{earlier, later} {
		root, err := digests.RootOf(c.Size)
		if err != nil {
			return err
		}
		if root != c.Root {
			return fmt.Errorf("%w: the first %d digests have the root %s, signed is %s", ledger.ErrProof, c.Size, root, c.Root)
		}
	}
	return nil
}

func (v verifier) receipt(files []string) error {
	text, err := os.ReadFile(files[0])
	if err != nil {
		return err
	}
	proof, err := ledger.ReadInclusion(string(text))
	if err != nil {
		return err
	}
	c, err := proof.Check(v.signers)
	if err != nil {
		return err
	}
	v.say("proven: the leaf %s is at position %d of the ledger of %d leaves, signed at %s", proof.Leaf, proof.Position, c.Size, c.At.Format(time.RFC3339))
	if len(files) == 1 {
		return nil
	}
	kept, err := v.read(files[1])
	if err != nil {
		return err
	}
	if kept.Size == c.Size && kept.Root != c.Root {
		return fmt.Errorf("%w: %s has another root at the same size", ledger.ErrProof, files[1])
	}
	if kept.Size != c.Size {
		return fmt.Errorf("%s is of %d leaves, the proof's of %d: check with extends that one extends the other", files[1], kept.Size, c.Size)
	}
	v.say("proven: %s is the same checkpoint", files[1])
	return nil
}

func (v verifier) figures(file string) error {
	f, err := os.Open(file)
	if err != nil {
		return err
	}
	defer f.Close()
	began := time.Now()
	o, err := evidence.Check(f, v.signers)
	if err != nil {
		return err
	}
	for _, line := range o.Differ {
		v.say("%s", line)
	}
	if o.Differing > 0 {
		return fmt.Errorf("%d of %d figures are not the count of the leaves", o.Differing, o.Figures)
	}
	whose := "all units"
	if o.Header.Unit != "" {
		whose = o.Header.Unit
	}
	formula := "a version of the formulae that it does not name"
	if o.Header.Formula > 0 {
		formula = fmt.Sprintf("version %d of the formulae", o.Header.Formula)
	}
	took := time.Since(began)
	v.say("proven: the %d figures of %s, %s, by %s, are the count of %d ratings among the first %d of %d leaves, signed at %s (%v, %.0f leaves/s)", o.Figures, o.Header.Month, whose, formula,
		o.Ratings, o.Header.Counted, o.Leaves, o.Checkpoint.At.Format(time.RFC3339), took.Round(time.Millisecond), float64(o.Leaves)/took.Seconds())
	return nil
}
