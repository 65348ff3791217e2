package commands

import (
	"os"

	"haochaping/app/trial"
	"haochaping/regulation"
	"haochaping/workday"
)

// Cheats tells how well the signals of cheating do on a made-up quarter; it needs no database.
type Cheats struct {
	Seed  uint64         `default:"1" help:"Another seed makes up another quarter."`
	Count int            `default:"10" help:"Known cheats of each kind; 0 tells who is accused where nobody cheats."`
	Set   map[string]int `help:"A parameter, such as cheat_burst=8; may be repeated."`
}

// Run prints precision and recall of each signal.
func (c Cheats) Run() error {
	params, err := regulation.NewParams(regulation.Edition1, c.Set)
	if err != nil {
		return err
	}
	plan := trial.Default()
	plan.Seed, plan.Cheats = c.Seed, c.Count
	rules := regulation.Rules{Params: params, Calendar: workday.National(), Hours: workday.DefaultHours}
	trial.Print(os.Stdout, plan, trial.Run(plan, rules))
	return nil
}
