package store

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"haochaping/regulation"
)

type caseFigureRow struct {
	CaseID                                       string `gorm:"primaryKey"`
	Seq                                          int64
	GivenMonth, Area, Channel                    string
	Grade                                        int
	UnitID, HallID, WindowID, StaffID, MatterID  string
	Finding, Cause, Link, Attribution, Exemption string
	Appeal                                       string
	Concluded, WrittenOff, Called, CallExempt    int
	Replied, Ordered, Accepted, InTime, Adjusted int
	Overdue, UnitOverdue, Delays                 int
	Took                                         int64
}

func (caseFigureRow) TableName() string { return "case_figures" }

func newCaseFigure(id string, f regulation.CaseFact) caseFigureRow {
	return caseFigureRow{CaseID: id, Seq: f.Seq, GivenMonth: f.Month, Area: f.Area, Channel: string(f.Channel), Grade: int(f.Grade),
		UnitID: f.Rated.Unit, HallID: f.Rated.Hall, WindowID: f.Rated.Window, StaffID: f.Rated.Staff, MatterID: f.Rated.Matter,
		Finding: f.Finding, Cause: f.Cause, Link: f.Link, Attribution: f.Attribution, Exemption: f.Exemption, Appeal: string(f.Appeal),
		Concluded: bit(f.Concluded), WrittenOff: bit(f.WrittenOff), Called: bit(f.Called), CallExempt: bit(f.CallExempt), Replied: bit(f.Replied),
		Ordered: bit(f.Ordered), Accepted: bit(f.Accepted), InTime: bit(f.InTime), Overdue: bit(f.Overdue), UnitOverdue: bit(f.UnitOverdue),
		Delays: f.Delays, Adjusted: bit(f.Adjusted()), Took: f.Took.Microseconds()}
}

func bit(is bool) int {
	if is {
		return 1
	}
	return 0
}

// caseFigures are the rows of cases as they stand after the events that a piece of the ledger tells of, each given with
// its latest. An event brings those before it along, since leaves of one case may come out of their order.
func (s *Store) caseFigures(ctx context.Context, latest map[string]int64) ([]caseFigureRow, error) {
	var rows []caseFigureRow
	ids := make([]string, 0, len(latest))
	for id := range latest {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	for some := range slices.Chunk(ids, batch) {
		of, err := s.caseFiguresOf(ctx, some, latest)
		if err != nil {
			return nil, err
		}
		rows = append(rows, of...)
	}
	return rows, nil
}

func (s *Store) caseFiguresOf(ctx context.Context, ids []string, latest map[string]int64) (rows []caseFigureRow, err error) {
	cases, err := s.casesGiven(ctx, ids)
	if err != nil {
		return nil, err
	}
	histories, err := s.histories(ctx, ids, latest)
	if err != nil {
		return nil, err
	}
	for _, c := range cases {
		params, err := s.Params(ctx, c.Edition)
		if err != nil {
			return nil, err
		}
		fact := regulation.FactOf(params, c.Case, c.channel, c.month, histories[c.ID])
		rows = append(rows, newCaseFigure(c.ID, fact))
	}
	return rows, nil
}

// givenCase is a case with how and in which month its rating was given.
type givenCase struct {
	regulation.Case
	channel regulation.Channel
	month   string
}

func (s *Store) casesGiven(ctx context.Context, ids []string) ([]givenCase, error) {
	var rows []struct {
		State               []byte
		Channel, GivenMonth string
	}
	err := s.rows(ctx).Table("cases c").Joins("JOIN ratings r ON r.id = c.rating_id").Select("c.state, r.channel, r.given_month").
		Where("c.id IN ?", ids).Order("c.id").Find(&rows).Error
	if err != nil {
		return nil, err
	}
	all := make([]givenCase, 0, len(rows))
	for _, row := range rows {
		c, err := caseOf(row.State)
		if err != nil {
			return nil, err
		}
		all = append(all, givenCase{c, regulation.Channel(row.Channel), row.GivenMonth})
	}
	return all, nil
}

// histories are the events of cases up to the latest of each.
func (s *Store) histories(ctx context.Context, ids []string, latest map[string]int64) (map[string][]regulation.Event, error) {
	var rows []struct {
		CaseID string
		Seq    int64
		Body   []byte
	}
	if err := s.rows(ctx).Table("case_events").Select("case_id, seq, body").Where("case_id IN ?", ids).Order("case_id, seq").Find(&rows).Error; err != nil {
		return nil, err
	}
	all := map[string][]regulation.Event{}
	for _, row := range rows {
		if row.Seq > latest[row.CaseID] {
			continue
		}
		var stored storedEvent
		if err := json.Unmarshal(row.Body, &stored); err != nil {
			return nil, fmt.Errorf("an event of case %s does not read: %w", row.CaseID, err)
		}
		stored.Event.Texts = stored.TextDigests // names of what was typed
		all[row.CaseID] = append(all[row.CaseID], stored.Event)
	}
	return all, nil
}

// keepCaseFigures writes rows and what they change in the sums, but none in the place of one that rests on a later event.
func (s *Store) keepCaseFigures(tx *gorm.DB, rows []caseFigureRow) error {
	known := map[string]caseFigureRow{}
	for some := range slices.Chunk(converted(rows, func(r caseFigureRow) string { return r.CaseID }), batch) {
		var found []caseFigureRow
		if err := tx.Find(&found, "case_id IN ?", some).Error; err != nil {
			return err
		}
		for _, row := range found {
			known[row.CaseID] = row
		}
	}
	rows = slices.DeleteFunc(rows, func(r caseFigureRow) bool { return known[r.CaseID].Seq >= r.Seq })
	if len(rows) == 0 {
		return nil
	}
	sums := newCaseSums()
	for _, row := range rows {
		if before, counted := known[row.CaseID]; counted {
			sums.add(before, -1)
		}
		sums.add(row, 1)
	}
	if err := s.addCaseSums(tx, sums); err != nil {
		return err
	}
	if err := s.adjust(tx, known, rows); err != nil {
		return err
	}
	return tx.Clauses(clause.OnConflict{UpdateAll: true}).CreateInBatches(rows, maxInserted).Error
}
