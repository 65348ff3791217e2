package commands

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"haochaping/app"
	"haochaping/store"
)

// Backup copies the installation beside the running product (R59).
type Backup struct {
	Folder      string `arg:"" help:"A folder that is not there yet: it gets the record and its files, no key."`
	SubjectKeys string `help:"Another folder that is not there yet, on other media: it gets the subject keys. Delete it after a few days."`
}

// apart is what goes with no copy of the record, and why.
const apart = `Not in it, on purpose:
  master keys (%s): with them and a copy the vault can be read; keep them under another lock
  subject keys (%s): copied by --subject-keys to other media, for a few days only; an erased rater is unreadable in every
    copy of the record as soon as no copy of the keys from before the erasure is left
  list of erasures (%s): put back the newest there is, never an older one
  the engine's file: every open case is brought back to an empty engine by the record
`

// Run prints what is to be noted on another machine. A copy that was cut off stays where it is; the next one needs
// another folder.
func (b Backup) Run() error {
	s, err := app.Read(os.Getenv)
	if err != nil {
		return err
	}
	if err := b.check(s); err != nil {
		return err
	}
	return onRecord(nil, func(ctx context.Context, record *store.Store, now time.Time) error {
		point, err := record.BackUp(ctx, b.Folder)
		if err == nil && b.SubjectKeys != "" {
			err = record.BackUpKeys(ctx, b.SubjectKeys)
		}
		if errors.Is(err, store.ErrOtherTool) {
			return fmt.Errorf("%w:\n%s", err, b.byServer(s))
		}
		if err != nil {
			return err
		}
		fmt.Fprintf(os.Stdout, "the record of %s is in %s; note elsewhere: %d leaves in the ledger, root %s\n", now.Format(time.RFC3339), b.Folder, point.Size, point.Root)
		_, err = fmt.Fprintf(os.Stdout, apart, s.Keys, plainPlace(s.SubjectKeys), s.Erasures)
		return err
	})
}

// check refuses places at which what belongs apart would lie together.
func (b Backup) check(s app.Settings) error {
	for _, pair := range [][2]string{{b.Folder, b.SubjectKeys}, {b.Folder, s.Data}, {b.Folder, s.Keys}, {b.SubjectKeys, s.Data}, {b.SubjectKeys, s.Keys}} {
		if pair[0] != "" && pair[1] != "" && (app.Inside(pair[0], pair[1]) || app.Inside(pair[1], pair[0])) {
			return fmt.Errorf("%s and %s belong apart: neither may lie in the other", pair[0], pair[1])
		}
	}
	return nil
}

// byServer are the lines that copy what lies in a database server; the last keeps the files in step, after the record.
func (b Backup) byServer(s app.Settings) string {
	var lines []string
	if s.DSN != "" {
		lines = append(lines, fmt.Sprintf("  mkdir %[1]s && mysqldump --single-transaction --routines=false haochaping > %[1]s/record.sql", b.Folder),
			fmt.Sprintf("  rsync -a %s/files %s/", s.Data, b.Folder))
	}
	if strings.Contains(s.SubjectKeys, "@") {
		lines = append(lines, "  mysqldump --single-transaction the database of HAOCHAPING_SUBJECT_KEYS, to other media")
	}
	return strings.Join(lines, "\n")
}

// plainPlace is where subject keys lie, without a password.
func plainPlace(place string) string {
	if _, at, isServer := strings.Cut(place, "@"); isServer {
		return at
	}
	return place
}
