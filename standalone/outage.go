package main

import (
	"os"
	"time"

	"haochaping/app/commands"
	"haochaping/standalone/bench"
)

// soakExchange takes the upstream platform away while citizens rate, brings it back, and tells what became
// of it. It works on a record of its own, which is deleted afterwards.
type soakExchange struct {
	Minutes float64 `help:"How long the platform is away." default:"10"`
	Rate    int     `help:"Ratings a second." default:"50"`
	Server  string  `help:"DSN of a MariaDB server where a database may be made and dropped; without it on SQLite." env:"HAOCHAPING_BENCH_MARIADB"`
	Dir     string  `help:"Folder for what is measured, on the disk that is meant. Default: the system's temporary folder." type:"existingdir"`
}

// Run measures, prints, and fails where something was lost, doubled, or drained too slowly.
func (s soakExchange) Run() error {
	ctx, stop := commands.Told()
	defer stop()
	plan := bench.OutagePlan{Rate: s.Rate, Before: 10 * time.Second, Outage: time.Duration(s.Minutes * float64(time.Minute))}
	d, err := bench.MeasureOutage(ctx, bench.Database{Dir: s.Dir, Server: s.Server}, plan)
	if err != nil {
		return err
	}
	d.Print(os.Stdout)
	return d.Fault()
}
