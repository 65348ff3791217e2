package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"

	"gorm.io/gorm"

	"haochaping/regulation"
)

// figures holds the counts against a recount of the rows up to the position at which they stand (7(1), 9(2)).
func (v *verifier) figures(ctx context.Context) error {
	if !v.wants(CheckFigures) {
		return nil
	}
	if v.options.Case != "" {
		return v.allCaseFigures(ctx)
	}
	began := v.s.wall()
	d, err := v.s.recountBeside(ctx, func(ctx context.Context) error {
		if err := v.s.still(ctx, v.caseSums); err != nil {
			return err
		}
		return v.allCaseFigures(ctx)
	})
	if err := firstOf(err, d.failed); err != nil {
		return err
	}
	v.done[CheckFigures].Looked += d.looked
	v.done[CheckFigures].Took += v.s.wall().Sub(began)
	v.differing(d)
	return nil
}

// allCaseFigures goes through the cases, or the one that was asked for, and looks for what counts for a case that is none.
func (v *verifier) allCaseFigures(ctx context.Context) error {
	if v.options.Case == "" {
		var none []caseFigureRow
		err := v.s.rows(ctx).Where("NOT EXISTS (SELECT 1 FROM cases c WHERE c.id = case_figures.case_id)").Order("case_id").Limit(pageOf).Find(&none).Error
		if err != nil {
			return err
		}
		for _, row := range none {
			v.find(Finding{Check: CheckFigures, Code: "case_figure_differs", Case: row.CaseID, Area: row.Area})
		}
	}
	for after := ""; ; {
		var last string
		err := v.s.still(ctx, func(db *gorm.DB) (err error) {
			last, err = v.caseFigures(ctx, db, after)
			return err
		})
		if err != nil || last == "" || v.options.Case != "" || v.faults != nil {
			return firstOf(err, v.faults)
		}
		after = last
	}
}

// againstRecount is what is left of a recount once the figures are taken from it: nothing where they are equal.
type againstRecount struct {
	counts                   *regulation.Counts
	position, looked, stored int64             // of the ledger; ratings and sessions; figures
	empty                    []regulation.Cell // figures of nothing, which no counting writes
	received                 []receivedCell    // of received_counts that differ
	failed                   error             // nothing could be recounted
}

// differing are the cells that differ, each with what the recount has more of it.
func (d againstRecount) differing() iter.Seq2[regulation.Cell, regulation.Tally] {
	return func(yield func(regulation.Cell, regulation.Tally) bool) {
		for _, cell := range d.empty {
			if !yield(cell, regulation.Tally{}) {
				return
			}
		}
		for cell, more := range d.counts.Left() {
			if !yield(cell, more) {
				return
			}
		}
	}
}

// recountBeside has the ratings recounted while others go through the cases: each as it stood at an instant, and neither needs the other.
// Where the cases fail nobody waits for the ratings.
func (s *Store) recountBeside(ctx context.Context, cases func(context.Context) error) (d againstRecount, err error) {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	through := make(chan struct{})
	go func() {
		defer close(through)
		failed := s.still(ctx, func(db *gorm.DB) (err error) {
			d, err = s.figuresAgainstRecount(ctx, db)
			return err
		})
		d.failed = failed
	}()
	if err = cases(ctx); err != nil {
		stop()
	}
	<-through
	return d, err
}

func (s *Store) figuresAgainstRecount(ctx context.Context, db *gorm.DB) (d againstRecount, err error) {
	if d.position, err = s.figuresPosition(db); err != nil {
		return d, err
	}
	var received receivedCounts
	if d.counts, received, d.looked, err = s.recount(ctx, db, d.position); err != nil {
		return d, err
	}
	if d.received, err = receivedDiffering(db, received); err != nil {
		return d, err
	}
	rows, err := db.Raw("SELECT " + strings.Join(figureColumns, ", ") + " FROM figures").Rows()
	if err != nil {
		return d, err
	}
	defer rows.Close()
	for ; rows.Next(); d.stored++ {
		row, err := scanFigure(rows)
		if err != nil {
			return d, err
		}
		if row.tally() == (regulation.Tally{}) {
			d.empty = append(d.empty, row.cell())
		}
		d.counts.Less(row.cell(), row.tally())
	}
	return d, rows.Err()
}

// scanFigure reads a row of figureColumns.
func scanFigure(rows *sql.Rows) (row figureRow, err error) {
	err = rows.Scan(&row.GivenMonth, &row.Cut, &row.K1, &row.K2, &row.Channel, &row.Dimension, &row.G1, &row.G2, &row.G3, &row.G4, &row.G5, &row.NotRated)
	return row, err
}

// differing tells of each month and cut once.
func (v *verifier) differing(d againstRecount) {
	about := map[string][]string{}
	for cell := range d.differing() {
		of := cell.Month + " " + string(cell.Cut)
		about[of] = append(about[of], nameOfCell(cell))
	}
	for _, cell := range d.received {
		about["received_counts"] = append(about["received_counts"], cell.String())
	}
	for _, of := range slices.Sorted(maps.Keys(about)) {
		v.find(Finding{Check: CheckFigures, Code: "figure_differs", About: about[of]})
	}
}

// caseSums holds the sums of cases against the cases, and tells of each month and cut once.
func (v *verifier) caseSums(db *gorm.DB) error {
	left, err := caseSumsAgainstRows(db)
	about := map[string][]string{}
	for _, cells := range left {
		for _, cell := range cells {
			month, of, _ := strings.Cut(cell, "/")
			of, _, _ = strings.Cut(of, "/")
			about[month+" "+of] = append(about[month+" "+of], cell)
		}
	}
	for _, of := range slices.Sorted(maps.Keys(about)) {
		v.find(Finding{Check: CheckFigures, Code: "case_sum_differs", About: slices.Sorted(slices.Values(about[of]))})
	}
	return err
}

// caseFigures holds a page of cases after an id, or the one that was asked for, and returns the last of them.
func (v *verifier) caseFigures(ctx context.Context, db *gorm.DB, after string) (last string, err error) {
	position, err := v.s.figuresPosition(db)
	if err != nil {
		return "", err
	}
	ids, err := v.casesAfter(db, after)
	if err != nil || len(ids) == 0 {
		return "", err
	}
	latest, err := latestCounted(db, ids, position)
	if err != nil {
		return "", err
	}
	counted := slices.DeleteFunc(slices.Clone(ids), func(id string) bool { return latest[id] == 0 })
	made, err := v.s.caseFiguresOf(ctx, counted, latest)
	if err != nil {
		return "", err
	}
	var rows []caseFigureRow
	if err := db.Find(&rows, "case_id IN ?", ids).Error; err != nil {
		return "", err
	}
	stored := map[string]caseFigureRow{}
	for _, row := range rows {
		stored[row.CaseID] = row
	}
	for _, row := range made {
		v.timed(CheckFigures, 1, func() {
			if stored[row.CaseID] != row {
				v.find(Finding{Check: CheckFigures, Code: "case_figure_differs", Case: row.CaseID, Area: row.Area})
			}
		})
		delete(stored, row.CaseID)
	}
	for id, row := range stored {
		v.find(Finding{Check: CheckFigures, Code: "case_figure_differs", Case: id, Area: row.Area})
	}
	return ids[len(ids)-1], nil
}

func (v *verifier) casesAfter(db *gorm.DB, after string) (ids []string, err error) {
	query := db.Table("cases").Where("id > ?", after)
	if v.options.Case != "" {
		query = db.Table("cases").Where("id = ?", v.options.Case)
	}
	return ids, query.Order("id").Limit(pageOf).Pluck("id", &ids).Error
}

// latestCounted is the last event of each case that was counted at a position.
func latestCounted(db *gorm.DB, ids []string, position int64) (map[string]int64, error) {
	var rows []struct {
		CaseID string
		Seq    int64
	}
	err := db.Raw(`SELECT e.case_id, MAX(e.seq) AS seq FROM case_events e JOIN leaves l ON l.kind = ? AND l.ref = CONCAT(e.case_id, '/', e.seq)
		WHERE e.case_id IN ? AND l.position < ? GROUP BY e.case_id`, leafEvent, ids, position).Scan(&rows).Error
	latest := map[string]int64{}
	for _, row := range rows {
		latest[row.CaseID] = row.Seq
	}
	return latest, err
}

// recountAgain has everything counted anew where something differs: figures are made from what the ledger protects. The duty
// that follows the ledger does it; until it is through, figures say how far they are. Where nothing but the sums of cases
// differs they are summed up at once.
func (s *Store) recountAgain(ctx context.Context, author string) (mended []string, err error) {
	_, err = s.Verify(ctx, VerifyOptions{Only: []string{CheckFigures}, Found: func(f Finding) error {
		if !slices.Contains(mended, f.Code) {
			mended = append(mended, f.Code)
		}
		return nil
	}})
	if err != nil || len(mended) == 0 {
		return nil, err
	}
	mend := countedFromNothing
	if slices.Equal(mended, []string{"case_sum_differs"}) {
		mend = s.sumCases
	}
	return mended, s.tx(ctx, func(tx *gorm.DB) error {
		if err := mend(tx); err != nil {
			return err
		}
		return s.audit(tx, AuditEntry{Person: author, Action: "repair", ObjectKind: "figures", Purpose: CheckFigures, Outcome: OutcomeDone})
	})
}

func countedFromNothing(tx *gorm.DB) error {
	for _, table := range []string{"figures", "received_counts", "case_figures", "case_tallies", "alike_tallies", "alike_totals", "figure_adjustments"} {
		if err := tx.Exec("DELETE FROM " + table).Error; err != nil {
			return err
		}
	}
	return tx.Save(&factRow{factFigures, "0"}).Error
}

// errCountedMeanwhile: somebody else counted, or has everything counted anew.
var errCountedMeanwhile = errors.New("the figures stand at another position than they were read at")

// standsAt holds the figures' position until the end of the transaction.
func standsAt(tx *gorm.DB, position int64) error {
	var rows []factRow
	if err := locked(tx).Find(&rows, "name = ?", factFigures).Error; err != nil {
		return err
	}
	if len(rows) == 0 && position == 0 || len(rows) == 1 && rows[0].Content == fmt.Sprint(position) {
		return nil
	}
	return errCountedMeanwhile
}
