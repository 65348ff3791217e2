package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"haochaping/app"
	"haochaping/app/commands"
	"haochaping/standalone/drill"
	"haochaping/store"
)

// rehearse plays a drill on a product of its own, in a folder that is deleted afterwards.
type rehearse struct {
	Days    int           `help:"Days of the calendar that pass." default:"92"`
	From    string        `help:"First instant of the drill's clock, before a holiday with make-up days." default:"2026-09-14T08:00:00+08:00"`
	Took    time.Duration `help:"How long the days take, in real time." default:"90s" name:"in"`
	Ratings int           `help:"Ratings given, good and bad." default:"5000"`
	Bad     int           `help:"Of them bad: each opens a case." default:"400"`
	Seed    uint64        `help:"Of who rates where and when." default:"1"`
	Addr    string        `help:"Where the product answers meanwhile; /drill shows it live." default:"127.0.0.1:8080"`
	Keep    string        `help:"An empty folder for data and keys that is kept, to look at afterwards. Default: a temporary one, in memory where there is room." type:"path"`
}

// Run plays, prints what happened and what the checks found, and fails if anything is not as it
// has to be.
func (d rehearse) Run() error {
	dir := d.Keep
	if dir == "" {
		temporary, err := os.MkdirTemp(scratch(), "haochaping-drill-")
		if err != nil {
			return err
		}
		defer os.RemoveAll(temporary)
		dir = temporary
	}
	ctx, stop := commands.Told()
	defer stop()
	s, err := app.Read(d.settings(dir))
	if err != nil {
		return err
	}
	return d.play(ctx, s, os.Stdout)
}

const (
	memory = "/dev/shm"
	room   = 1 << 30 // bytes; a drill at its defaults needs a tenth
)

// scratch is where a drill's data lie that nobody keeps: in memory where there is room, "" for the
// system's folder. A second is a day: the disk's other users would decide who is late.
func scratch() string {
	var fs syscall.Statfs_t
	if os.Getenv("TMPDIR") != "" || syscall.Statfs(memory, &fs) != nil || fs.Bavail*uint64(fs.Bsize) < room {
		return ""
	}
	return memory
}

// settings are those of a demo on the drill's clock; nothing of the environment counts.
func (d rehearse) settings(dir string) func(string) string {
	scale := float64(d.Days) * 24 * float64(time.Hour) / float64(d.Took)
	values := map[string]string{
		"HAOCHAPING_ADDR": d.Addr, "HAOCHAPING_DATA": filepath.Join(dir, "data"), "HAOCHAPING_DEMO": "yes",
		"HAOCHAPING_CLOCK": fmt.Sprintf("%g@%s", scale, d.From), "HAOCHAPING_LIMITS": "off", "HAOCHAPING_LOG": "error",
		"HAOCHAPING_VERIFY": "off",
	}
	return func(name string) string { return values[name] }
}

func (d rehearse) play(ctx context.Context, s app.Settings, w io.Writer) error {
	log := s.Logger()
	a, end, err := start(ctx, &s, log)
	if err != nil {
		return err
	}
	defer end()
	record, clock, err := app.OpenRecord(ctx, s, log)
	if err != nil {
		return err
	}
	defer record.Close()
	fmt.Fprintf(w, "a drill of %d days in %s; watch it at http://%s/drill\n", d.Days, d.Took, a.Addr())
	site := drill.Site{Address: a.Addr(), Record: record, Clock: clock}
	result, err := drill.Run(ctx, site, drill.Plan{Days: d.Days, Ratings: d.Ratings, Bad: d.Bad, Seed: d.Seed})
	if err != nil {
		return err
	}
	return d.report(ctx, s, record, result, log, w)
}

// report prints what happened and runs the checks on record and engine while both still stand.
func (d rehearse) report(ctx context.Context, s app.Settings, record *store.Store, result *drill.Result, log *slog.Logger, w io.Writer) error {
	tally, err := record.Tally(ctx)
	if err != nil {
		return err
	}
	if err := result.Print(w, tally); err != nil {
		return err
	}
	found := 0
	checks, err := app.Verify(ctx, s, app.Verification{Found: func(f store.Finding) error {
		found++
		_, err := fmt.Fprintf(w, "%s: %s, case %s %v\n", f.Check, f.Code, f.Number, f.About)
		return err
	}}, log)
	if err != nil {
		return err
	}
	for _, c := range checks {
		fmt.Fprintf(w, "check %s: %d looked at, %d found in %s %s\n", c.Check, c.Looked, c.Found, c.Took.Round(time.Millisecond), c.LeftOut)
	}
	result.PrintWrong(w)
	wrong, slow := len(result.Wrong()), len(result.Slow())
	switch {
	case wrong > 0:
		return fmt.Errorf("%d things did not end as they had to, of %d cases and what the offices did beside them; the checks found %d", wrong, len(result.Stories), found)
	case found > 0:
		return errors.New("the checks found something")
	case drill.Late(tally.Lateness) && !result.Busy():
		return fmt.Errorf("a deadline was recorded %.1f s after it was due; %.0f are allowed", tally.Lateness.Most, drill.Latest.Seconds())
	case drill.Late(tally.Lateness):
		return fmt.Errorf("the machine was too slow: a deadline was recorded %.1f s after it was due: give the days longer (--in), or the machine less to do", tally.Lateness.Most)
	case slow > 0:
		return fmt.Errorf("the machine was too slow for %d things, of %d cases and what the offices did beside them: give the days longer (--in), or the machine less to do", slow, len(result.Stories))
	}
	_, err = fmt.Fprintln(w, "everything ended as it had to")
	return err
}
