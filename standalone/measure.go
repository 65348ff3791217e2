package main

import (
	"os"
	"slices"

	"haochaping/app/commands"
	"haochaping/standalone/bench"
)

// measure runs the figures of docs/benchmarks.md on records and engines of its own, which are
// deleted afterwards. It reads no settings of the product.
type measure struct {
	Quick   bool     `help:"Only show that everything can be measured, in a few minutes; the figures mean little."`
	Only    []string `help:"Figures to measure: cases, ratings, inbox, whatif, deadlines, parked, bytes, ledger, figures, export (all by default)." enum:"cases,ratings,inbox,whatif,deadlines,parked,bytes,ledger,figures,export"`
	Server  string   `help:"DSN of a MariaDB server where databases may be made and dropped; without it SQLite alone is measured." env:"HAOCHAPING_BENCH_MARIADB"`
	Engine  []string `help:"Databases to measure on: sqlite, mariadb (all by default)." enum:"sqlite,mariadb"`
	Parked  int      `help:"How many cases to park. Default: 100,000; with --quick 700."`
	Ratings int      `help:"How many ratings figures are measured on, in whole tens of thousands. Default: 2,000,000; with --quick 20,000."`
	AtOnce  int      `help:"How many cases are carried at once by the figure cases, three times as many a round. Default: 64; with --quick 6."`
	Dir     string   `help:"Folder for what is measured, on the disk that is meant. Default: the system's temporary folder." type:"existingdir"`
}

// Run measures and prints.
func (m measure) Run() error {
	ctx, stop := commands.Told()
	defer stop()
	suite := bench.Full()
	if m.Quick {
		suite = bench.Quick()
	}
	suite.Cases.Dir, suite.Bytes.Dir = m.Dir, m.Dir
	if m.Parked > 0 {
		suite.Parked.Cases = m.Parked
	}
	if m.Ratings > 0 {
		suite.Tallies.Ratings = m.Ratings
	}
	if m.AtOnce > 0 {
		suite.Cases.AtOnce, suite.Cases.Warm, suite.Cases.Cases = m.AtOnce, m.AtOnce, 3*m.AtOnce
	}
	if len(m.Only) > 0 {
		suite.Figures = m.Only
	}
	suite.Databases = m.databases()
	return suite.Run(ctx, os.Stdout)
}

func (m measure) databases() []bench.Database {
	all := map[string]bench.Database{"sqlite": {Dir: m.Dir}}
	if m.Server != "" {
		all["mariadb"] = bench.Database{Dir: m.Dir, Server: m.Server}
	}
	var chosen []bench.Database
	for _, name := range []string{"sqlite", "mariadb"} {
		d, there := all[name]
		if there && (len(m.Engine) == 0 || slices.Contains(m.Engine, name)) {
			chosen = append(chosen, d)
		}
	}
	return chosen
}
