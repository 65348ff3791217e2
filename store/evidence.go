package store

import (
	"context"
	"fmt"
	"io"

	"gorm.io/gorm"

	"haochaping/store/ledger/evidence"
)

// Evidence is by what the figures of a month can be counted anew.
type Evidence struct {
	Month, Unit string
	Counted     int64 // how many leaves the figures count
	Point       Checkpoint
	Leaves      int64
	figures     []Figure
}

// EvidenceOf notes the figures of a month, of one unit or of all (""), as they stand now.
func (s *Store) EvidenceOf(ctx context.Context, month, unit string) (e Evidence, err error) {
	e = Evidence{Month: month, Unit: unit}
	err = s.still(ctx, func(db *gorm.DB) error {
		e.figures = nil
		if e.Counted, err = s.figuresPosition(db); err != nil {
			return err
		}
		var rows []figureRow
		if err := db.Order("cut, k1, k2, channel, dimension").Find(&rows, "given_month = ?", month).Error; err != nil {
			return err
		}
		for _, row := range rows {
			if !row.cell().Cut.Sum() && (unit == "" || evidence.OfUnit(row.cell(), unit)) {
				e.figures = append(e.figures, Figure{Cell: row.cell(), Tally: row.tally()})
			}
		}
		return nil
	})
	return e, err
}

// Cover looks for the checkpoint that covers what the figures count; NotFound while there is none.
func (s *Store) Cover(ctx context.Context, e *Evidence) (err error) {
	e.Point, err = s.CheckpointOver(ctx, e.Counted-1)
	return err
}

// WriteEvidence writes evidence that is covered, so that somebody without the database counts the figures anew: every leaf under the
// checkpoint opened, and the figures. A leaf opened is codes, ids, times and salted digests; nothing of the vault.
func (s *Store) WriteEvidence(ctx context.Context, w io.Writer, e *Evidence) error {
	out, err := evidence.NewWriter(w, evidence.Header{Month: e.Month, Unit: e.Unit, Note: e.Point.Note, Counted: e.Counted})
	if err != nil {
		return err
	}
	if err := s.evidenceOfWindows(ctx, out); err != nil {
		return err
	}
	for e.Leaves < e.Point.Size {
		n, err := s.evidenceOfLeaves(ctx, out, e.Leaves, min(e.Leaves+leavesAtOnce, e.Point.Size))
		if err != nil {
			return err
		}
		e.Leaves += n
	}
	for _, f := range e.figures {
		if err := out.Figure(evidence.FigureOf(f.Cell, f.Tally)); err != nil {
			return err
		}
	}
	return out.Close()
}

func (s *Store) evidenceOfWindows(ctx context.Context, out *evidence.Writer) error {
	rows, err := s.rows(ctx).Table("service_windows w").Joins("JOIN orgs o ON o.id = w.unit_id").Select("w.id AS window, w.hall_id AS hall, w.unit_id AS unit, o.area AS area").
		Order("w.id").Rows()
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var w evidence.Window
		if err := rows.Scan(&w.Window, &w.Hall, &w.Unit, &w.Area); err != nil {
			return err
		}
		if err := out.Window(w); err != nil {
			return err
		}
	}
	return rows.Err()
}

// evidenceOfLeaves opens leaves and returns how many.
func (s *Store) evidenceOfLeaves(ctx context.Context, out *evidence.Writer, from, until int64) (int64, error) {
	var rows []placedLeaf
	if err := s.rows(ctx).Table("leaves").Where("position >= ? AND position < ?", from, until).Order("position").Find(&rows).Error; err != nil {
		return 0, err
	}
	contents, err := s.contents(ctx, rows)
	if err != nil {
		return 0, err
	}
	for i, leaf := range rows {
		content, exists := contents[leaf.name()]
		if leaf.Position != from+int64(i) || !exists || !content.makes(leaf.Digest) {
			return 0, fmt.Errorf("leaf %d is not what its row makes: run verify --offline", from+int64(i))
		}
		if err := out.Leaf(evidence.Leaf{Nonce: content.content.Nonce, Canonical: content.content.Canonical}); err != nil {
			return 0, err
		}
	}
	if int64(len(rows)) != until-from {
		return 0, fmt.Errorf("leaves are missing between %d and %d", from, until)
	}
	return until - from, nil
}
