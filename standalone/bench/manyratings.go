package bench

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"time"

	"haochaping/workday"
)

// blockOf is how many ratings are made with one statement.
const blockOf = 10_000

// monthsFor is over how many months made ratings are spread, a million each, the last of them the current one.
func monthsFor(ratings int) int { return max(2, min(12, ratings/1_000_000)) }

// monthsAgo is a day of the month so many before this one, never one that is still to come.
func monthsAgo(n int) time.Time {
	now := time.Now().In(workday.Shanghai)
	return now.AddDate(0, 0, min(0, 28-now.Day())).AddDate(0, -n, 0)
}

// fillRatings makes so many ratings in the record, in whole blocks, as rows of the tables that figures are counted from: ratings
// and their places in the ledger, as wide as real ones, without words, contact and events. Every unit of the tree is rated, at three windows by four
// people, in seventy matters of its own, and one time in ten at a window of its authority's office, which serves matters of all; one in
// fourteen ratings is bad. tell is told how many there are after each block.
func (r *Record) fillRatings(ctx context.Context, ratings int, tell func(int)) (err error) {
	if err := r.pattern(ctx); err != nil {
		return err
	}
	if err := r.integrate(ctx); err != nil {
		return err
	}
	db, err := r.direct()
	if err != nil {
		return err
	}
	defer closing(db.Close, &err)
	f := filler{db: db, months: monthsFor(ratings)}
	if err := f.prepare(ctx); err != nil {
		return err
	}
	for block := range ratings / blockOf {
		if err := f.block(ctx, block); err != nil {
			return err
		}
		tell((block + 1) * blockOf)
	}
	return f.cleanUp(ctx)
}

// direct opens the record's database beside the store.
func (r *Record) direct() (*sql.DB, error) {
	if r.place.server == nil {
		return r.openSQLite("&_pragma=synchronous(OFF)&_pragma=cache_size(-100000)")
	}
	return sql.Open("mysql", r.place.dsn)
}

type filler struct {
	db      *sql.DB
	columns []string // of ratings
	months  int
}

// patterns are the places and contents that one block's ratings have, k from 0 up.
const patterns = `CREATE TABLE bench_patterns AS
	WITH digits (d) AS (SELECT 0 UNION ALL SELECT 1 UNION ALL SELECT 2 UNION ALL SELECT 3 UNION ALL SELECT 4 UNION ALL SELECT 5 UNION ALL SELECT 6
		UNION ALL SELECT 7 UNION ALL SELECT 8 UNION ALL SELECT 9),
	numbers (k) AS (SELECT a.d + 10 * b.d + 100 * c.d + 1000 * e.d FROM digits a CROSS JOIN digits b CROSS JOIN digits c CROSS JOIN digits e
		WHERE a.d + 10 * b.d + 100 * c.d + 1000 * e.d < %d),
	units AS (SELECT id, area, ROW_NUMBER() OVER (ORDER BY id) - 1 AS n, COUNT(*) OVER () AS among FROM orgs
		WHERE kind IN ('department', 'authority', 'enterprise', 'service_centre'))
	SELECT k, u.area, u.id AS unit_id, CONCAT(u.area, '-hall') AS hall_id, CONCAT(CASE WHEN FLOOR(k / u.among) %% 10 = 9 THEN CONCAT(u.area, '-authority') ELSE u.id END, '-w', FLOOR(k / u.among) %% 3) AS window_id,
		CONCAT(u.id, '-m', FLOOR(k / u.among) %% 70) AS matter_id
	FROM numbers JOIN units u ON u.n = numbers.k %% u.among`

func (f *filler) prepare(ctx context.Context) (err error) {
	statements := []string{
		fmt.Sprintf(patterns, blockOf),
		"CREATE TABLE bench_base AS SELECT * FROM ratings LIMIT 1",
	}
	for _, statement := range statements {
		if _, err := f.db.ExecContext(ctx, statement); err != nil {
			return err
		}
	}
	tx, err := f.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }()
	f.columns, err = columnsOf(ctx, tx, "ratings")
	return err
}

// matters registers what was rated, each matter with a national code that it has in common with those of the other units of its number.
const matters = `INSERT INTO matters (id, task_code, unit_id, name_zh, name_en, kind, promised_days, delivery, code)
	SELECT matter_id, CONCAT(SUBSTR(CONCAT(unit_id, '000000000000000000'), 1, 18), SUBSTR(CONCAT('1000000000000', SUBSTR(matter_id, INSTR(matter_id, '-m') + 2)), -13)),
	unit_id, matter_id, matter_id, 'application', 1, 0, SUBSTR(matter_id, 1, 64) FROM bench_patterns WHERE matter_id NOT IN (SELECT id FROM matters)
	GROUP BY matter_id, unit_id`

func (f *filler) cleanUp(ctx context.Context) error {
	if _, err := f.db.ExecContext(ctx, matters); err != nil {
		return err
	}
	for _, table := range []string{"bench_patterns", "bench_base"} {
		if _, err := f.db.ExecContext(ctx, "DROP TABLE "+table); err != nil {
			return err
		}
	}
	return nil
}

// block makes one block; its ratings follow on those before, as they would have come.
func (f *filler) block(ctx context.Context, n int) error {
	given := monthsAgo(n % f.months)
	number := func(long int) string { // as long as what the product has there, or rows would be narrower than real ones
		return fmt.Sprintf("SUBSTR(CONCAT('%s', %d + p.k), -%d)", strings.Repeat("0", long), n*blockOf, long)
	}
	made := map[string]string{
		"id": "CONCAT('b', " + number(25) + ")", "request_key": number(64), "receipt_hash": number(64),
		"area": "p.area", "unit_id": "p.unit_id", "hall_id": "p.hall_id", "window_id": "p.window_id", "matter_id": "p.matter_id",
		// Every matter comes by every channel.
		"channel":     fmt.Sprintf("CASE (p.k + %d) %% 10 WHEN 0 THEN 'app' WHEN 1 THEN 'portal' WHEN 2 THEN 'web' WHEN 3 THEN 'terminal' ELSE 'evaluator' END", n/f.months),
		"staff_id":    fmt.Sprintf("CONCAT(p.window_id, '-s', (p.k + %d) %% 4)", n),
		"grade":       fmt.Sprintf("CASE (p.k * 37 + %[1]d) %% 100 WHEN 0 THEN 1 WHEN 1 THEN 1 WHEN 2 THEN 1 WHEN 3 THEN 2 WHEN 4 THEN 2 WHEN 5 THEN 2 WHEN 6 THEN 2 WHEN 7 THEN 3 WHEN 8 THEN 3 WHEN 9 THEN 4 WHEN 10 THEN 4 WHEN 11 THEN 4 ELSE 5 END", n*101),
		"dimensions":  fmt.Sprintf(`CASE (p.k + %d) %% 4 WHEN 0 THEN '{"attitude":5,"efficiency":4}' WHEN 1 THEN '{"attitude":2}' ELSE '{}' END`, n),
		"given_at":    fmt.Sprint(given.UnixMicro()),
		"given_month": "'" + given.Format("2006-01") + "'",
	}
	values := make([]string, 0, len(f.columns))
	for _, column := range f.columns {
		value, differs := made[column]
		if !differs {
			value = "base." + column
		}
		values = append(values, value)
	}
	for _, statement := range []string{
		fmt.Sprintf("INSERT INTO ratings (%s) SELECT %s FROM bench_patterns p CROSS JOIN bench_base base ORDER BY p.k", strings.Join(f.columns, ", "), strings.Join(values, ", ")),
		fmt.Sprintf(`INSERT INTO leaves (position, kind, ref, digest) SELECT (SELECT MAX(position) FROM leaves) + 1 + p.k, 'rating', %s, '%s'
			FROM bench_patterns p ORDER BY p.k`, made["id"], strings.Repeat("ab", 32)),
		f.cases(n, given, made),
	} {
		if _, err := f.db.ExecContext(ctx, statement); err != nil {
			return err
		}
	}
	return nil
}

// cases is what the block's bad ratings count for as cases.
func (f *filler) cases(n int, given time.Time, made map[string]string) string {
	return fmt.Sprintf(`INSERT INTO case_figures (case_id, seq, given_month, area, channel, grade, unit_id, hall_id, window_id, staff_id, matter_id,
		finding, cause, link, attribution, exemption, concluded, written_off, called, call_exempt, replied, ordered, accepted, in_time, overdue, unit_overdue, delays, adjusted, took)
		SELECT %s, 9, '%s', p.area, %s, 1, p.unit_id, p.hall_id, p.window_id, %s, p.matter_id, 'confirmed',
		CASE p.k %% 5 WHEN 0 THEN 'attitude' WHEN 1 THEN 'efficiency' WHEN 2 THEN 'materials' WHEN 3 THEN 'system' ELSE 'guide' END,
		CASE p.k %% 4 WHEN 0 THEN 'acceptance' WHEN 1 THEN 'review' WHEN 2 THEN 'queueing' ELSE 'delivery' END,
		CASE p.k %% 3 WHEN 0 THEN 'person' WHEN 1 THEN 'system' ELSE 'unit' END, '', 1, 0, 1, 0, 1, 1, 1, (p.k + %d) %% 2, 0, 0, p.k %% 3, 0, 86400000000
		FROM bench_patterns p WHERE (p.k * 37 + %d) %% 100 < 7`, made["id"], given.Format("2006-01"), made["channel"], made["staff_id"], n, n*101)
}

// pattern stores what the made ratings are like in all that no figure asks for.
func (r *Record) pattern(ctx context.Context) error {
	target, err := r.WindowTarget(ctx, inboxShares[0].window)
	if err != nil {
		return err
	}
	in := badRating(target, time.Now())
	in.Rating.Grade, in.Text, in.Rating.HasText = 5, "", false
	_, err = r.SaveRating(ctx, in)
	return err
}
