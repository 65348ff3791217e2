package commands

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"haochaping/policies"
	"haochaping/regulation"
	"haochaping/store"
)

// Erasures carries the list of erased raters over a restore: a copy of the record knows nothing of
// those who were erased after it was made (R59).
type Erasures struct {
	List   ListErasures   `cmd:"" help:"Print the ids of the ratings whose raters were erased, one a line. Keep the list apart from the backups."`
	Erase  EraseRater     `cmd:"" help:"Erase the contact of a rater who asked for it by telephone. Standard input: the password, on the next line the receipt."`
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

// EraseRater carries out what a rater asked for: by the receipt, which only they have, or by the telephone
// number, which others may know too and two persons therefore agree on.
type EraseRater struct {
	Signed
	Phone bool   `help:"Standard input has the telephone number instead of the receipt: the contact of each of its ratings is erased. Needs --with."`
	With  string `help:"Login of the second person who agrees; their password is the line after the first."`
}

// Run reads secrets and numbers from standard input only, and prints neither.
func (e EraseRater) Run() error {
	if e.Phone == (e.With == "") || e.With == e.By {
		return errors.New("by the receipt one person erases; by the telephone number (--phone) two different ones (--by and --with)")
	}
	in := bufio.NewReader(os.Stdin)
	return e.asTyped(in, func(ctx context.Context, record *store.Store, guard *policies.Guard, actor regulation.Actor) error {
		actors := []regulation.Actor{actor}
		if e.Phone {
			second, err := signedIn(ctx, record, e.With, in)
			if err != nil {
				return err
			}
			actors = append(actors, second)
		}
		ratings, err := e.ratings(ctx, record, in)
		if err != nil {
			return err
		}
		erased, err := eraseAll(ctx, record, guard, actors, ratings)
		fmt.Fprintf(os.Stdout, "%d erased, %d outside the area\n", erased, len(ratings)-erased)
		return err
	})
}

// ratings are those of the receipt, or of the telephone number.
func (e EraseRater) ratings(ctx context.Context, record *store.Store, in *bufio.Reader) ([]string, error) {
	typed, err := typedLine(in)
	if err != nil {
		return nil, err
	}
	if e.Phone {
		return record.RatersByPhone(ctx, typed)
	}
	rating, _, err := record.CaseByReceipt(ctx, typed)
	return []string{rating.ID}, err
}

// eraseAll erases what all who agreed may, and leaves the rest to those of its area.
func eraseAll(ctx context.Context, record *store.Store, guard *policies.Guard, actors []regulation.Actor, ratings []string) (erased int, err error) {
	for _, id := range ratings {
		rating, _, err := record.RatingByID(ctx, id)
		if err != nil {
			return erased, err
		}
		if slices.ContainsFunc(actors, func(actor regulation.Actor) bool {
			return len(guard.Assignments(actor, policies.EraseRater, regulation.Subject{Area: rating.Place.Area})) == 0
		}) {
			continue
		}
		var agreed []string
		for _, other := range actors[1:] {
			agreed = append(agreed, other.Person)
		}
		if err := record.Erase(ctx, id, actors[0].Person, store.EraseByRequest, agreed...); err != nil {
			return erased, err
		}
		erased++
	}
	return erased, nil
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
