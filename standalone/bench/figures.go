package bench

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"haochaping/regulation"
	"haochaping/store"
	"haochaping/workday"
)

// FiguresPlan says how figures are measured.
type FiguresPlan struct {
	Ratings int // in the record, in whole blocks of 10,000
	Rounds  int // times each question is asked
	Step    int // leaves that are counted in one transaction; 0: as many as the product's duty counts
}

// FiguresMeasured is how long figures took with many ratings in the record.
type FiguresMeasured struct {
	Name             string
	Ratings          int
	Filled, Followed time.Duration
	Cells            int // of the recount
	Asked            []AskedFigures
	Recounted, BySQL time.Duration
	Sealed           time.Duration // of all months that are over
	Versions         int
	SealedLines      int   // of one month, by unit, window, member of staff and matter, and of what lies between offices
	Bytes, OfFigures int64 // of the record, a rating
	Dashboards       []Pages
	Open             int64 // cases, while dashboards were asked for
}

// AskedFigures is one question for figures with the median and the slowest of its answers.
type AskedFigures struct {
	What          string
	Lines         int
	Median, Worst time.Duration
}

// Print writes one line a question.
func (f FiguresMeasured) Print(w io.Writer) {
	fmt.Fprintf(w, "figures, %s, %d ratings in %d months (made in %.0f s), counted in %.0f s: %.0f a second\n", f.Name, f.Ratings, monthsFor(f.Ratings), f.Filled.Seconds(),
		f.Followed.Seconds(), float64(f.Ratings)/f.Followed.Seconds())
	fmt.Fprintf(w, "  %-52s %8s %10s %10s   (target: 100 ms)\n", "", "lines", "median ms", "slowest ms")
	for _, a := range f.Asked {
		fmt.Fprintf(w, "  %-52s %8d %10.1f %10.1f\n", a.What, a.Lines, milliseconds(a.Median), milliseconds(a.Worst))
	}
	fmt.Fprintf(w, "  recount from the rows: in Go %.1f s (%d cells, each equal), in SQL %.1f s (two cuts, each equal); the target is 60 s for 10 million\n",
		f.Recounted.Seconds(), f.Cells, f.BySQL.Seconds())
	over := monthsFor(f.Ratings) - 1
	fmt.Fprintf(w, "  sealing %d months that are over, of %d ratings each: %.1f s, %d versions, of one month %d lines; the target is 10 s for a month of a million\n",
		over, f.Ratings/(over+1), f.Sealed.Seconds(), f.Versions, f.SealedLines)
	fmt.Fprintf(w, "  on disk: %d bytes a rating, %d of them figures (made ratings have neither words nor contact; of those that come in --only ledger tells)\n", f.Bytes, f.OfFigures)
	printDashboards(w, f.Dashboards, f.Open)
}

// MeasureFigures fills a record with ratings, has them counted, asks for figures and counts again.
func MeasureFigures(ctx context.Context, d Database, p FiguresPlan) (f FiguresMeasured, err error) {
	f.Name = "record on " + d.Name()
	record, err := d.Open(ctx, time.Now)
	if err != nil {
		return f, err
	}
	defer closing(record.Close, &err)
	empty, err := record.Bytes(ctx)
	if err != nil {
		return f, err
	}
	began := time.Now()
	if err := record.fillRatings(ctx, p.Ratings, func(n int) { f.Ratings = n }); err != nil {
		return f, err
	}
	f.Filled = time.Since(began)
	filled, err := record.Bytes(ctx)
	if err != nil {
		return f, err
	}
	began = time.Now()
	if err := record.count(ctx, p.Step); err != nil {
		return f, err
	}
	f.Followed = time.Since(began)
	if err := record.SumCases(ctx); err != nil { // made cases have no events for the ledger to bring
		return f, err
	}
	if err := record.writeSomeOff(ctx); err != nil {
		return f, err
	}
	counted, err := record.Bytes(ctx)
	if err != nil {
		return f, err
	}
	f.Bytes, f.OfFigures = (counted-empty)/int64(f.Ratings), (counted-filled)/int64(f.Ratings)
	if err := f.ask(ctx, record, p.Rounds); err != nil {
		return f, err
	}
	if err := f.recount(ctx, record); err != nil {
		return f, err
	}
	if err := record.furnish(ctx); err != nil {
		return f, err
	}
	if err := f.seal(ctx, record); err != nil {
		return f, err
	}
	return f, f.dashboards(ctx, record, p.Rounds)
}

// writeSomeOff has one of the worst ratings of each cell count no more: in more cells than any month's write-offs touch.
func (r *Record) writeSomeOff(ctx context.Context) (err error) {
	db, err := r.direct()
	if err != nil {
		return err
	}
	defer closing(db.Close, &err)
	_, err = db.ExecContext(ctx, `INSERT INTO figure_adjustments (given_month, cut, k1, k2, channel, dimension, g1, g2, g3, g4, g5)
		SELECT given_month, cut, k1, k2, channel, dimension, -1, 0, 0, 0, 0 FROM figures WHERE g1 > 0`)
	return err
}

// seal seals every month that is over, and the quarters.
func (f *FiguresMeasured) seal(ctx context.Context, r *Record) error {
	token, _, err := r.AcquireLease(ctx, store.LeaseSealing, "bench", time.Hour)
	if err != nil {
		return err
	}
	began := time.Now()
	f.Versions, err = r.SealFigures(ctx, token)
	if f.Sealed = time.Since(began); err != nil {
		return err
	}
	seals, err := r.Seals(ctx, nil)
	for _, seal := range seals {
		if seal.Period != regulation.MonthOf(workday.DateOf(monthsAgo(1))) {
			continue
		}
		sealed, failed := r.Sealed(ctx, seal.Area, seal.Period, seal.Version)
		lines := sealed.Figures
		if err = errors.Join(err, failed); seal.Area == regulation.PrefectureArea && min(len(lines.Units), len(lines.Windows), len(lines.Staff), len(lines.Matters), len(lines.Served)) == 0 {
			err = errors.Join(err, errors.New("a list of the sealed month is empty"))
		}
		f.SealedLines += len(lines.Units) + len(lines.Windows) + len(lines.Staff) + len(lines.Matters) + len(lines.Served)
	}
	return err
}

// count has figures follow the ledger to its end, as the product's duty does.
func (r *Record) count(ctx context.Context, step int) error {
	most := cmp.Or(step, 2000) // as in the product, where others want to write meanwhile
	for read := most; read == most; {
		token, _, err := r.AcquireLease(ctx, store.LeaseFigures, "bench", time.Minute)
		if err != nil {
			return err
		}
		if read, err = r.FollowFigures(ctx, token, most); err != nil {
			return err
		}
		if err := r.ReleaseLease(ctx, store.LeaseFigures, token); err != nil {
			return err
		}
	}
	return nil
}

// ask asks for every cut of the last full month, and for all of them.
func (f *FiguresMeasured) ask(ctx context.Context, r *Record, rounds int) error {
	month, first := regulation.MonthOf(workday.DateOf(monthsAgo(1))), regulation.MonthOf(workday.DateOf(monthsAgo(monthsFor(f.Ratings)-1)))
	unit, window, matter := []string{"513301-psb"}, []string{"513301-psb-w1"}, []string{"513301-psb-m7"}
	queries := []struct {
		what string
		q    store.FigureQuery
	}{
		{"a month: all together", store.FigureQuery{Cut: regulation.CutUnit}},
		{"a month: counties", store.FigureQuery{Cut: regulation.CutUnit, By: []store.FigureBy{store.ByFirst}}},
		{"a month: units", store.FigureQuery{Cut: regulation.CutUnit, By: []store.FigureBy{store.ByFirst, store.BySecond}}},
		{"a month: channels", store.FigureQuery{Cut: regulation.CutUnit, By: []store.FigureBy{store.ByChannel}}},
		{"a month: dimensions", store.FigureQuery{Cut: regulation.CutUnit, By: []store.FigureBy{store.ByDimension}}},
		{"a month: halls", store.FigureQuery{Cut: regulation.CutHall, By: []store.FigureBy{store.ByFirst}}},
		{"a month: windows of the prefecture", store.FigureQuery{Cut: regulation.CutWindow, By: []store.FigureBy{store.ByFirst, store.BySecond}}},
		{"a month: staff of a unit", store.FigureQuery{Cut: regulation.CutStaff, First: unit, By: []store.FigureBy{store.BySecond}}},
		{"a month: matters of the prefecture", store.FigureQuery{Cut: regulation.CutMatter, By: []store.FigureBy{store.ByFirst}}},
		{"a month: matters of a unit", store.FigureQuery{Cut: regulation.CutUnitMatter, First: unit, By: []store.FigureBy{store.BySecond}}},
		{"a month: units of a matter", store.FigureQuery{Cut: regulation.CutUnitMatter, Second: matter, By: []store.FigureBy{store.ByFirst}}},
		{"a month: matters at a window", store.FigureQuery{Cut: regulation.CutWindowMatter, First: window, By: []store.FigureBy{store.BySecond}}},
		{"a month: staff at a window", store.FigureQuery{Cut: regulation.CutWindowStaff, First: window, By: []store.FigureBy{store.BySecond}}},
	}
	for _, a := range queries {
		a.q.From, a.q.To = month, month
		if err := f.time(a.what, rounds, func() (int, error) { _, figures, err := r.Figures(ctx, a.q); return len(figures), err }); err != nil {
			return err
		}
	}
	year := store.FigureQuery{From: first, To: month, Cut: regulation.CutUnit, By: []store.FigureBy{store.ByMonth}}
	if err := f.time("all months", rounds, func() (int, error) { _, figures, err := r.Figures(ctx, year); return len(figures), err }); err != nil {
		return err
	}
	return f.askCases(ctx, r, rounds, month)
}

func (f *FiguresMeasured) askCases(ctx context.Context, r *Record, rounds int, month string) error {
	one := func(column, value string) map[string][]string { return map[string][]string{column: {value}} }
	some := map[string]string{} // a window and a matter that there are cases of
	for _, column := range []string{"window_id", "matter_id"} {
		found, err := r.column(ctx, "SELECT "+column+" FROM case_figures WHERE given_month = '"+month+"' ORDER BY case_id LIMIT 1")
		if err != nil || len(found) == 0 {
			return errors.Join(err, errors.New("no cases of "+month))
		}
		some[column] = found[0]
	}
	for _, a := range []struct {
		what string
		q    store.CaseFigureQuery
	}{
		{"all together", store.CaseFigureQuery{}},
		{"by county", store.CaseFigureQuery{By: []string{"area"}}},
		{"by unit", store.CaseFigureQuery{By: []string{"area", "unit_id"}}},
		{"by unit, without the reader's own", store.CaseFigureQuery{By: []string{"unit_id"}, Except: []string{"513301-psb"}}},
		{"by window of the prefecture", store.CaseFigureQuery{By: []string{"window_id"}}},
		{"by window, without the reader's own unit", store.CaseFigureQuery{By: []string{"window_id"}, Except: []string{"513301-psb"}}},
		{"by matter of the prefecture", store.CaseFigureQuery{By: []string{"matter_id"}}},
		{"by cause", store.CaseFigureQuery{By: []string{"cause"}}},
		{"by attribution", store.CaseFigureQuery{By: []string{"attribution"}}},
		{"by cause of a county", store.CaseFigureQuery{By: []string{"cause"}, Where: one("area", "513301")}},
		{"by link of a window", store.CaseFigureQuery{By: []string{"link"}, Where: one("window_id", some["window_id"])}},
		{"by matter of a county", store.CaseFigureQuery{By: []string{"matter_id"}, Where: one("area", "513301")}},
		{"by cause of a matter", store.CaseFigureQuery{By: []string{"cause"}, Where: one("matter_id", some["matter_id"])}},
		{"by link of a cause", store.CaseFigureQuery{By: []string{"link"}, Where: one("cause", "attitude")}},
		{"by cause & link", store.CaseFigureQuery{By: []string{"cause", "link"}}},
	} {
		a.q.From, a.q.To = month, month
		if err := f.time("a month: cases "+a.what, rounds, func() (int, error) { _, figures, err := r.CaseFigures(ctx, a.q); return len(figures), err }); err != nil {
			return err
		}
	}
	return nil
}

func (f *FiguresMeasured) time(what string, rounds int, ask func() (int, error)) error {
	a := AskedFigures{What: what}
	took := make([]time.Duration, rounds)
	for i := range took {
		began := time.Now()
		lines, err := ask()
		if err != nil {
			return fmt.Errorf("%s: %w", what, err)
		}
		took[i], a.Lines = time.Since(began), lines
	}
	a.Median, a.Worst = quantile(took, 0.5), quantile(took, 1)
	f.Asked = append(f.Asked, a)
	return nil
}

// recount counts from the rows, in Go as the check does, and two cuts by SQL alone, and holds all of it against the figures.
func (f *FiguresMeasured) recount(ctx context.Context, r *Record) error {
	began := time.Now()
	checked, err := r.Verify(ctx, store.VerifyOptions{Only: []string{store.CheckFigures}, Found: func(found store.Finding) error {
		if found.Code == "figure_differs" {
			return fmt.Errorf("a figure differs: %v", found.About)
		}
		return nil // made cases have no events
	}})
	if err != nil {
		return err
	}
	f.Recounted = time.Since(began)
	f.Cells = int(checked[0].Looked)
	return f.recountBySQL(ctx, r)
}

func (f *FiguresMeasured) recountBySQL(ctx context.Context, r *Record) (err error) {
	db, err := r.direct()
	if err != nil {
		return err
	}
	defer closing(db.Close, &err)
	for cut, columns := range map[regulation.Cut][2]string{regulation.CutUnit: {"area", "unit_id"}, regulation.CutWindow: {"hall_id", "window_id"}} {
		began := time.Now()
		const query = `SELECT COUNT(*) FROM (SELECT given_month, %[1]s AS k1, %[2]s AS k2, channel, SUM(grade = 1) AS g1, SUM(grade = 2) AS g2,
			SUM(grade = 3) AS g3, SUM(grade = 4) AS g4, SUM(grade = 5) AS g5 FROM ratings GROUP BY given_month, %[1]s, %[2]s, channel) r
			LEFT JOIN figures f ON f.given_month = r.given_month AND f.cut = '%[3]s' AND f.k1 = r.k1 AND f.k2 = r.k2 AND f.channel = r.channel
			AND f.dimension = '' AND f.g1 = r.g1 AND f.g2 = r.g2 AND f.g3 = r.g3 AND f.g4 = r.g4 AND f.g5 = r.g5 WHERE f.cut IS NULL`
		var differ int
		if err := db.QueryRowContext(ctx, fmt.Sprintf(query, columns[0], columns[1], cut)).Scan(&differ); err != nil {
			return err
		}
		if differ > 0 {
			return fmt.Errorf("%d figures of the cut %s differ from the recount in SQL", differ, cut)
		}
		f.BySQL += time.Since(began)
	}
	return nil
}
