package bench

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"strings"
	"time"

	"haochaping/regulation"
	"haochaping/store"
	"haochaping/workday"
)

// dashboardAsks is how many pages of a kind are asked for with each round of the figures' questions.
const dashboardAsks = 5

// dashboardKinds are the pages that are measured: for whom, and which, each with a query for what stands at its end. Nobody is shown what
// their own office was given.
var dashboardKinds = []struct{ who, login, path, query string }{
	{"dashboard of the prefecture", "gz-supervisor-1", "/dashboard", ""},
	{"dashboard of a county, seen from above", "gz-supervisor-1", "/dashboard/county/", "SELECT DISTINCT area FROM orgs"},
	{"dashboard of a county, its own", "kd-supervisor-1", "/dashboard", ""},
	{"dashboard of a unit", "gz-supervisor-1", "/dashboard/unit/", "SELECT DISTINCT unit_id FROM service_windows WHERE id LIKE '%-w_' AND unit_id <> '513300-authority'"},
	{"dashboard of a unit, without the reader's own", "kd-supervisor-1", "/dashboard/unit/", "SELECT DISTINCT unit_id FROM service_windows WHERE id LIKE '513301-%-w_' AND unit_id <> '513301-authority'"},
	{"dashboard of a window of matters of all", "gz-supervisor-1", "/dashboard/window/", "SELECT id FROM service_windows WHERE id LIKE '%-authority-w_' AND unit_id <> '513300-authority'"},
	{"dashboard of a window", "gz-supervisor-1", "/dashboard/window/", "SELECT id FROM service_windows WHERE id LIKE '%-w_' AND unit_id <> '513300-authority'"},
	{"dashboard of a member of staff", "gz-supervisor-1", "/dashboard/staff/", "SELECT id FROM staff WHERE id LIKE '%-w_-s_' AND unit_id <> '513300-authority'"},
	{"cases behind a figure of a unit", "gz-supervisor-1", "/cases?tab=all&from=MONTH&to=MONTH&cause=attitude&of_unit=", "SELECT DISTINCT unit_id FROM service_windows WHERE id LIKE '%-w_' AND unit_id <> '513300-authority'"},
	{"where authorities decide differently", "gz-supervisor-1", "/dashboard/decisions", ""},
}

// printDashboards writes one line a kind of page.
func printDashboards(w io.Writer, pages []Pages, open int64) {
	fmt.Fprintf(w, "  dashboards as pages over the network, %d cases open   (target: p95 under 100 ms)\n", open)
	fmt.Fprintf(w, "  %-52s %8s %10s %10s %10s\n", "", "pages", "p50 ms", "p95 ms", "p99 ms")
	for _, p := range pages {
		fmt.Fprintf(w, "  %-52s %8d %10.1f %10.1f %10.1f\n", p.Who, p.Count, milliseconds(p.P50), milliseconds(p.P95), milliseconds(p.P99))
	}
}

// dashboards asks the whole product for dashboards, one page after another, of places drawn by lot.
func (f *FiguresMeasured) dashboards(ctx context.Context, r *Record, rounds int) (err error) {
	if f.Open, err = r.openCases(ctx); err != nil {
		return err
	}
	places := make([][]string, len(dashboardKinds))
	for i, kind := range dashboardKinds {
		if places[i], err = r.column(ctx, kind.query); err != nil {
			return err
		}
	}
	product, err := r.serveAlone(ctx)
	if err != nil {
		return err
	}
	defer closing(product.stop, &err)
	if err := r.lookedForCheating(ctx); err != nil {
		return err
	}
	draw := rand.New(rand.NewPCG(1, 2))
	for i, kind := range dashboardKinds {
		client, err := product.signIn(ctx, kind.login, 1)
		if err != nil {
			return err
		}
		path := strings.ReplaceAll(kind.path, "MONTH", regulation.MonthOf(workday.DateOf(time.Now())))
		took := make([]time.Duration, dashboardAsks*rounds)
		for n := -1; n < len(took); n++ { // the first one warms up
			address := product.address() + path
			if len(places[i]) > 0 {
				address += places[i][draw.IntN(len(places[i]))]
			}
			asked, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
			if err != nil {
				return err
			}
			asked.Header.Set("Accept", "text/html")
			one, err := answered(client, asked, http.StatusOK)
			if err != nil {
				return err
			}
			took[max(0, n)] = one
		}
		client.CloseIdleConnections()
		f.Dashboards = append(f.Dashboards, Pages{Who: kind.who, Count: len(took), P50: quantile(took, 0.50), P95: quantile(took, 0.95), P99: quantile(took, 0.99)})
	}
	return nil
}

// lookedForCheating waits until the product has looked at the ratings of the last days for signs of cheating, which it does once a day
// after midnight, or at its first start after that: pages are asked for by day.
func (r *Record) lookedForCheating(ctx context.Context) error {
	yesterday := workday.DateOf(time.Now()).AddDays(-1).String()
	for range 1200 {
		if last, err := r.Fact(ctx, store.FactProbed); err != nil || last >= yesterday {
			return err
		}
		if err := sleep(ctx, time.Second); err != nil {
			return err
		}
	}
	return errors.New("the product does not look for signs of cheating")
}

// furnish makes the windows and the people whom the made ratings name.
func (r *Record) furnish(ctx context.Context) (err error) {
	db, err := r.direct()
	if err != nil {
		return err
	}
	defer closing(db.Close, &err)
	for _, statement := range []string{
		`INSERT INTO service_windows (id, hall_id, unit_id, number, name_zh, name_en, delivery, code)
			SELECT f.k2, f.k1, o.id, SUBSTR(f.k2, 7), f.k2, f.k2, 0, f.k2 FROM (SELECT DISTINCT k1, k2 FROM figures WHERE cut = 'window' AND k2 LIKE '%-w_') f
			JOIN orgs h ON h.id = f.k1 JOIN orgs o ON f.k2 LIKE CONCAT(o.id, '-w_')`,
		`INSERT INTO staff (id, unit_id, created_at)
			SELECT f.k2, o.id, 1 FROM (SELECT DISTINCT k2 FROM figures WHERE cut = 'staff' AND k2 LIKE '%-w_-s_') f JOIN orgs o ON f.k2 LIKE CONCAT(o.id, '-w_-s_')`,
		`INSERT INTO staff_profiles (staff_id, version, name_zh, from_at, author) SELECT id, 1, '', 1, 'bench' FROM staff WHERE id LIKE '%-w_-s_'`,
	} {
		if _, err := db.ExecContext(ctx, statement); err != nil {
			return err
		}
	}
	return nil
}

// openCases opens the cases of the bad ratings of the last month.
func (r *Record) openCases(ctx context.Context) (open int64, err error) {
	target, err := r.WindowTarget(ctx, measuredWindow)
	if err != nil {
		return 0, err
	}
	model, err := r.SaveRating(ctx, badRating(target, time.Now()))
	if err != nil {
		return 0, err
	}
	db, err := r.direct()
	if err != nil {
		return 0, err
	}
	defer closing(db.Close, &err)
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return 0, err
	}
	defer func() { _ = tx.Rollback() }()
	columns, err := columnsOf(ctx, tx, "cases")
	if err != nil {
		return 0, err
	}
	for i, column := range columns {
		switch column {
		case "id", "rating_id":
			columns[i] = "r.id"
		case "number":
			columns[i] = "CONCAT('N', r.id)"
		case "area", "unit_id", "matter_id":
			columns[i] = "r." + column
		case "rated_unit", "rated_staff", "rated_window":
			columns[i] = "r." + strings.TrimPrefix(column, "rated_") + "_id"
		case "opened_at":
			columns[i] = "r.given_at"
		default:
			columns[i] = "c." + column
		}
	}
	month := regulation.MonthOf(workday.DateOf(time.Now()))
	made, err := tx.ExecContext(ctx, `INSERT INTO cases SELECT `+strings.Join(columns, ", ")+` FROM ratings r CROSS JOIN cases c
		WHERE c.id = '`+model.CaseID+`' AND r.given_month = '`+month+`' AND r.grade < 3 AND r.id LIKE 'b%' AND r.id <> c.rating_id`)
	if err != nil {
		return 0, err
	}
	if open, err = made.RowsAffected(); err != nil {
		return 0, err
	}
	return open, tx.Commit()
}

// column reads one column, nothing for no query.
func (r *Record) column(ctx context.Context, query string) (values []string, err error) {
	if query == "" {
		return nil, nil
	}
	db, err := r.direct()
	if err != nil {
		return nil, err
	}
	defer closing(db.Close, &err)
	rows, err := db.QueryContext(ctx, query)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var value string
		if err := rows.Scan(&value); err != nil {
			return nil, err
		}
		values = append(values, value)
	}
	return values, rows.Err()
}
