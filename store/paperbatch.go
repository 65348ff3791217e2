package store

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"gorm.io/gorm"

	"haochaping/regulation"
)

// Batch is a batch of numbered forms with what became of them; the five sums add up to Count.
type Batch struct {
	ID        string
	Box       string
	Prefix    string
	Count     int
	State     regulation.BatchState
	Note      string
	IssuedAt  time.Time
	IssuedBy  string
	ClosedAt  time.Time // zero while sheets of it lie out
	Unused    int
	Entered   int
	Void      int // found blank or unreadable
	Destroyed int
	Missing   int
}

// First and Last are the batch's serials.
func (b Batch) First() string { return regulation.NewSerial(b.Prefix, 1) }

// Last is the serial of the batch's last form.
func (b Batch) Last() string { return regulation.NewSerial(b.Prefix, b.Count) }

// Serials are those of all its forms.
func (b Batch) Serials() []string {
	serials := make([]string, 0, b.Count)
	for n := 1; n <= b.Count; n++ {
		serials = append(serials, regulation.NewSerial(b.Prefix, n))
	}
	return serials
}

// Batches lists those of a box within the scope, the latest first. Refusal: NotFound.
func (s *Store) Batches(ctx context.Context, scope regulation.Scope, box string) ([]Batch, error) {
	var there boxRow
	if err := inScope(s.rows(ctx), scope, boxColumns).Take(&there, "id = ?", box).Error; err != nil {
		return nil, found(err, "box")
	}
	var rows []batchRow
	if err := s.rows(ctx).Where("box_id = ?", box).Order("issued_at DESC, prefix DESC").Find(&rows).Error; err != nil {
		return nil, err
	}
	var sums []struct {
		BatchID, State, Reason string
		N                      int
	}
	err := s.rows(ctx).Model(&formRow{}).Select("batch_id, state, reason, COUNT(*) AS n").Where("batch_id IN (SELECT id FROM paper_batches WHERE box_id = ?)", box).
		Group("batch_id, state, reason").Scan(&sums).Error
	batches := make([]Batch, 0, len(rows))
	for _, r := range rows {
		b := Batch{ID: r.ID, Box: r.BoxID, Prefix: r.Prefix, Count: r.FormCount, State: regulation.BatchState(r.State), Note: r.Note, IssuedAt: instant(r.IssuedAt), IssuedBy: r.IssuedBy, ClosedAt: instant(r.ClosedAt)}
		for _, sum := range sums {
			if sum.BatchID == b.ID {
				b.count(regulation.FormState(sum.State), sum.Reason, sum.N)
			}
		}
		batches = append(batches, b)
	}
	return batches, err
}

func (b *Batch) count(state regulation.FormState, reason string, n int) {
	switch {
	case reason == regulation.VoidDestroyed:
		b.Destroyed += n
	case state == regulation.FormVoid:
		b.Void += n
	case state == regulation.FormEntered:
		b.Entered += n
	case state == regulation.FormMissing:
		b.Missing += n
	default:
		b.Unused += n
	}
}

// series of batches: numbered for ever within an area.
const seriesPaper = "paper"

// mostBatches is how many batches an area may have: three characters of the serial's alphabet.
const mostBatches = 31 * 31 * 31

// IssueBatch issues a batch of forms for a box within the scope. Refusals: NotFound; Invalid on
// regulation.BatchFields; NotNow box_out_of_use.
func (s *Store) IssueBatch(ctx context.Context, scope regulation.Scope, box string, v regulation.Values, actor regulation.Actor) (id string, err error) {
	count, err := regulation.BatchCount(v)
	if err != nil {
		return "", err
	}
	id = newID()
	return id, s.changeBox(ctx, scope, box, func(tx *gorm.DB, b boxRow) error {
		if b.State != string(regulation.BoxActive) {
			return &regulation.Error{Code: regulation.NotNow, Clause: regulation.ClauseBox, Missing: "box_out_of_use"}
		}
		n, err := s.takeNumbers(tx, series{authority: b.Area, area: b.Area, kind: seriesPaper}, 1)
		if err != nil {
			return err
		}
		if n >= mostBatches {
			return fmt.Errorf("area %s has issued %d batches, and has no serials left", b.Area, n)
		}
		row := batchRow{ID: id, BoxID: b.ID, Prefix: regulation.BatchPrefix(b.Area, int(n)), FirstNumber: 1, FormCount: count, State: string(regulation.BatchIssued),
			Note: strings.TrimSpace(v.Get("batch_note")), IssuedAt: micros(s.now()), IssuedBy: actor.Person}
		if err := tx.Create(&row).Error; err != nil {
			return err
		}
		forms := make([]formRow, 0, count)
		for n := 1; n <= count; n++ {
			forms = append(forms, formRow{Serial: regulation.NewSerial(row.Prefix, n), BatchID: id, BoxID: b.ID, State: string(regulation.FormUnused), ChangedAt: row.IssuedAt, ChangedBy: actor.Person})
		}
		if err := tx.CreateInBatches(forms, 500).Error; err != nil {
			return err
		}
		return s.noteBox(tx, "issue_forms", "", b, actor)
	})
}

// CloseBatch tells that no sheets of a batch lie out any more: those that were destroyed blank are void, and those that
// have not come back are missing; one that comes later is entered all the same. Refusals: NotFound; Invalid on
// regulation.CloseFields, batch_numbers batch_number_used; Conflict batch_closed.
func (s *Store) CloseBatch(ctx context.Context, scope regulation.Scope, box, id string, v regulation.Values, actor regulation.Actor) error {
	return s.changeBox(ctx, scope, box, func(tx *gorm.DB, b boxRow) error {
		var row batchRow
		if err := locked(tx).Take(&row, "id = ? AND box_id = ?", id, box).Error; err != nil {
			return found(err, "batch")
		}
		numbers, err := regulation.DestroyedNumbers(v, row.FormCount)
		if err != nil {
			return err
		}
		if row.State != string(regulation.BatchIssued) {
			return &regulation.Error{Code: regulation.Conflict, Clause: regulation.ClauseBox, Missing: "batch_closed"}
		}
		at := micros(s.now())
		if err := destroyForms(tx, row, numbers, at, actor.Person); err != nil {
			return err
		}
		gone := map[string]any{"state": string(regulation.FormMissing), "changed_at": at, "changed_by": actor.Person}
		if err := tx.Model(&formRow{}).Where("batch_id = ? AND state = ?", id, string(regulation.FormUnused)).Updates(gone).Error; err != nil {
			return err
		}
		row.State, row.ClosedAt, row.ClosedBy = v.Get("batch_state"), at, actor.Person
		return errors.Join(tx.Save(&row).Error, s.noteBox(tx, "close_forms", row.State, b, actor))
	})
}

func destroyForms(tx *gorm.DB, row batchRow, numbers []int, at int64, by string) error {
	if len(numbers) == 0 {
		return nil
	}
	serials := make([]string, 0, len(numbers))
	for _, n := range numbers {
		serials = append(serials, regulation.NewSerial(row.Prefix, n))
	}
	void := map[string]any{"state": string(regulation.FormVoid), "reason": regulation.VoidDestroyed, "changed_at": at, "changed_by": by}
	done := tx.Model(&formRow{}).Where("serial IN ? AND state = ?", serials, string(regulation.FormUnused)).Updates(void)
	if done.Error == nil && done.RowsAffected != int64(len(serials)) {
		return (&regulation.Error{Code: regulation.Invalid, Clause: regulation.ClauseBox, Missing: "fields"}).Field("batch_numbers", "batch_number_used")
	}
	return done.Error
}
