package bench

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"sync/atomic"
	"time"

	"haochaping/store"
)

// InboxPlan says how inbox pages are measured.
type InboxPlan struct {
	Tasks  int // open tasks in the record
	Pages  int // pages that each reader asks for
	AtOnce int // requests at once
}

// inboxShare says which window's cases make up the tasks, in hundredths, and whose inbox shows them.
var inboxShares = []struct {
	window string
	share  int
	login  string
	who    string
}{
	{"513301-w03", 60, "kd-supervisor-1", "county supervisor"},
	{"513300-w06", 30, "gz-supervisor-1", "prefecture supervisor"},
	{"513322-w02", 10, "", ""},
}

// inboxPages are what a reader looks at: the start page, tabs, orders, filters.
var inboxPages = []string{
	"/inbox", "/inbox?tab=available", "/inbox?tab=unit", "/inbox?tab=unit&sort=opened", "/inbox?tab=available&act=accept",
	"/inbox?tab=unit&grade=1", "/inbox?tab=unit&overdue=true", "/inbox?tab=available&number=513301-2026-1004",
}

// Pages is how fast one reader's pages came.
type Pages struct {
	Who           string
	Count         int
	P50, P95, P99 time.Duration
	Processor     time.Duration // of the product and the reader's client, a page
}

// Inbox is how fast pages came with many tasks open.
type Inbox struct {
	Name    string
	Tasks   int64
	Filled  time.Duration
	Readers []Pages
}

// Print writes one line a reader.
func (i Inbox) Print(w io.Writer) {
	fmt.Fprintf(w, "inbox page, %s, %d open tasks (made in %.0f s)\n", i.Name, i.Tasks, i.Filled.Seconds())
	fmt.Fprintf(w, "  %-28s %8s %8s %8s %8s %8s\n", "", "pages", "p50 ms", "p95 ms", "p99 ms", "cpu ms")
	for _, r := range i.Readers {
		fmt.Fprintf(w, "  %-28s %8d %8.1f %8.1f %8.1f %8.1f\n", r.Who, r.Count, milliseconds(r.P50), milliseconds(r.P95), milliseconds(r.P99),
			milliseconds(r.Processor))
	}
}

// MeasureInbox fills a record with open tasks and asks for pages of it.
func MeasureInbox(ctx context.Context, d Database, p InboxPlan) (i Inbox, err error) {
	i.Name = "record on " + d.Name()
	clock := &filling{from: time.Now().Add(-fillingSpan), tasks: int64(min(p.Tasks, originals))}
	record, err := d.Open(ctx, clock.now)
	if err != nil {
		return i, err
	}
	defer closing(record.Close, &err)
	began := time.Now()
	if err := fillTasks(ctx, record, clock, p.Tasks); err != nil {
		return i, err
	}
	i.Filled = time.Since(began)
	if i.Tasks, err = record.openTasks(ctx); err != nil {
		return i, err
	}
	product, err := record.serve(ctx, serving{})
	if err != nil {
		return i, err
	}
	defer closing(product.stop, &err)
	for _, reader := range inboxShares {
		if reader.login == "" {
			continue
		}
		pages, err := look(ctx, product, reader.login, p)
		if err != nil {
			return i, err
		}
		pages.Who = reader.who
		i.Readers = append(i.Readers, pages)
	}
	return i, nil
}

const fillingSpan = 4 * 24 * time.Hour

// filling is the clock while tasks are made: they are spread over the last days, so that
// some are overdue and most are not.
type filling struct {
	from  time.Time
	tasks int64
	done  atomic.Int64
}

func (f *filling) now() time.Time {
	return f.from.Add(time.Duration(float64(fillingSpan) * float64(f.done.Load()) / float64(f.tasks)))
}

// originals is how many of the cases the product makes itself; the others are copies of their rows.
const originals = 1000

// fillTasks stores bad ratings, each of which opens a case with one open task, to accept it, and
// multiplies them.
func fillTasks(ctx context.Context, r *Record, clock *filling, tasks int) error {
	var windows []store.Target
	for _, s := range inboxShares {
		target, err := r.WindowTarget(ctx, s.window)
		if err != nil {
			return err
		}
		for range s.share {
			windows = append(windows, target)
		}
	}
	err := together(ctx, intakeAtOnce, min(tasks, originals), func(ctx context.Context, n int) error {
		_, err := r.SaveRating(ctx, badRating(windows[n*37%len(windows)], clock.now()))
		clock.done.Add(1)
		return err
	})
	if err != nil {
		return err
	}
	if err := r.passDeadlines(ctx); err != nil {
		return err
	}
	if err := r.integrate(ctx); err != nil { // or the product would be at that while pages are measured
		return err
	}
	if tasks <= originals {
		return nil
	}
	return r.multiply(ctx, tasks/originals)
}

// look asks for pages as a browser does, one kind after the other.
func look(ctx context.Context, s *site, login string, p InboxPlan) (Pages, error) {
	client, err := s.signIn(ctx, login, p.AtOnce)
	if err != nil {
		return Pages{}, err
	}
	defer client.CloseIdleConnections()
	took, used := make([]time.Duration, p.Pages), processorTime()
	err = together(ctx, p.AtOnce, p.Pages, func(ctx context.Context, n int) error {
		r, err := http.NewRequestWithContext(ctx, http.MethodGet, s.address()+inboxPages[n%len(inboxPages)], nil)
		if err != nil {
			return err
		}
		r.Header.Set("Accept", "text/html")
		r.Header.Set("Accept-Encoding", "gzip")
		took[n], err = answered(client, r, http.StatusOK)
		return err
	})
	used = (processorTime() - used) / time.Duration(max(1, p.Pages))
	return Pages{Count: p.Pages, Processor: used, P50: quantile(took, 0.50), P95: quantile(took, 0.95), P99: quantile(took, 0.99)}, err
}

// passDeadlines records what has run out by now, as workflows would.
func (r *Record) passDeadlines(ctx context.Context) error {
	for after := ""; ; {
		cases, err := r.OpenCases(ctx, after, intakeAtOnce)
		if err != nil || len(cases) == 0 {
			return err
		}
		after = cases[len(cases)-1]
		err = together(ctx, intakeAtOnce, len(cases), func(ctx context.Context, n int) error {
			step, err := r.LoadStep(ctx, cases[n])
			for _, timer := range step.Timers {
				if err == nil && timer.Due.Before(time.Now()) {
					_, err = r.RecordDeadline(ctx, cases[n], timer.ID)
				}
			}
			return err
		})
		if err != nil {
			return err
		}
	}
}
