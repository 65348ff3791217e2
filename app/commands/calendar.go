package commands

import (
	"context"
	"fmt"
	"os"
	"time"

	"haochaping/store"
)

// Calendar adds days to the working calendar.
type Calendar struct {
	File    string `arg:"" type:"existingfile" help:"CSV with the header date,kind,holiday; kind is off or work."`
	Area    string `help:"Division whose days these are: 513300 for the prefecture, a county's code; without it a notice of the State Council."`
	Name    string `required:"" help:"Who ordered them."`
	Version string `required:"" help:"Number of the notice or order."`
	Basis   string `required:"" help:"What it rests on; stands in the record."`
}

// Run appends the layer to the record. Deadlines that run keep their instants until an act sets
// them anew; every later one is computed with it.
func (c Calendar) Run() error {
	days, err := os.ReadFile(c.File)
	if err != nil {
		return err
	}
	return onRecord(nil, func(ctx context.Context, record *store.Store, _ time.Time) error {
		tree, err := record.Tree(ctx)
		if err != nil {
			return err
		}
		if _, found := tree.Org(c.Area); c.Area != "" && !found {
			return fmt.Errorf("there is no area %q", c.Area)
		}
		return record.AddCalendarLayer(ctx, store.CalendarLayer{Area: c.Area, Name: c.Name, Version: c.Version,
			Days: string(days), Basis: c.Basis}, console)
	})
}
