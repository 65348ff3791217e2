package commands

import (
	"context"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"haochaping/regulation"
	"haochaping/store"
	"haochaping/workday"
)

// Editions are the parameters' editions, as they are published (R56). They are proposed and reviewed on
// the page alone.
type Editions struct {
	List ListEditions `cmd:"" help:"List the editions, the one that begins last first, with what each changed."`
	Show ShowEdition  `cmd:"" help:"Print every parameter of an edition: value, since when, basis."`
}

// ListEditions lists the editions.
type ListEditions struct{}

// Run prints one line an edition.
func (ListEditions) Run() error {
	return onRecord(nil, func(ctx context.Context, record *store.Store, _ time.Time) error {
		editions, err := record.PublishedEditions(ctx)
		if err != nil {
			return err
		}
		return printEditions(os.Stdout, editions)
	})
}

func printEditions(w io.Writer, editions []store.PublishedEdition) error {
	out := tabwriter.NewWriter(w, 0, 8, 2, ' ', 0)
	for _, e := range editions {
		var changed []string
		number := "-"
		for _, c := range e.Changes {
			changed = append(changed, fmt.Sprintf("%s %d -> %d", c.Name, c.Before, c.Value))
			number = c.Interpretation
		}
		fmt.Fprintf(out, "%s\t%s\t%s\t%s\t%s\n", e.Name, e.State, workday.DateOf(e.From), number, strings.Join(changed, ", "))
	}
	return out.Flush()
}

// ShowEdition prints one edition.
type ShowEdition struct {
	Name string `arg:"" help:"Name of the edition, as list prints it."`
}

// Run prints one line a parameter.
func (s ShowEdition) Run() error {
	return onRecord(nil, func(ctx context.Context, record *store.Store, _ time.Time) error {
		editions, err := record.PublishedEditions(ctx)
		if err != nil {
			return err
		}
		i := slices.IndexFunc(editions, func(e store.PublishedEdition) bool { return e.Name == s.Name && e.State != store.EditionRevoked })
		if i < 0 {
			return fmt.Errorf("there is no edition %q", s.Name)
		}
		return printValues(os.Stdout, editions[i])
	})
}

func printValues(w io.Writer, e store.PublishedEdition) error {
	out := tabwriter.NewWriter(w, 0, 8, 2, ' ', 0)
	for _, v := range e.Values {
		d, _ := regulation.ParamOf(v.Name)
		basis := v.Basis
		if v.Interpretation != "" {
			basis = v.Interpretation + ": " + basis
		}
		fmt.Fprintf(out, "%s\t%d\t%s\t%s\t%s\t%s\n", v.Name, v.Value, d.Unit, workday.DateOf(v.Since.From), d.Clause, basis)
	}
	return out.Flush()
}
