package store

import (
	"context"
	"encoding/hex"
	"time"

	"haochaping/regulation"
)

// OpenedBox registers a box with a batch of forms, opened with so many of them in it.
func OpenedBox(s *Store, ctx context.Context, prefix, hall, area string, at time.Time, counted int) (opening string, serials []string, err error) {
	box := boxRow{ID: newID(), HallID: hall, Area: area, Place: prefix, State: string(regulation.BoxActive), RegisteredAt: micros(at)}
	batch := batchRow{ID: newID(), BoxID: box.ID, Prefix: prefix, FirstNumber: 1, FormCount: counted + 2, State: string(regulation.BatchIssued), IssuedAt: micros(at)}
	o := openingRow{Found: foundRow{ID: newID(), BoxID: box.ID, HallID: hall, Area: area, ISOWeek: regulation.WeekOf(at), OpenedAt: micros(at), Opener1: "a", Opener2: "b",
		OldSealState: regulation.SealIntact, NewSeal: prefix, Counted: counted, RecordedAt: micros(at), Nonce: []byte{}}}
	for _, row := range []any{&box, &batch, &o} {
		if err := s.writing.WithContext(ctx).Create(row).Error; err != nil {
			return "", nil, err
		}
	}
	for n := range batch.FormCount {
		serial := regulation.NewSerial(prefix, n+1)
		serials = append(serials, serial)
		err := s.writing.WithContext(ctx).Create(&formRow{Serial: serial, BatchID: batch.ID, BoxID: box.ID, State: string(regulation.FormUnused), ChangedAt: micros(at)}).Error
		if err != nil {
			return "", nil, err
		}
	}
	return o.Found.ID, serials, nil
}

// EnterSheetAfter enters a sheet that was judged and made ready before something else happened.
func EnterSheetAfter(s *Store, ctx context.Context, scope regulation.Scope, opening, digest string, forms []PaperForm, choices regulation.Choices, actor regulation.Actor, happened func()) ([]*regulation.Error, error) {
	o, err := s.openingWithin(ctx, scope, opening)
	if err != nil {
		return nil, err
	}
	var entries []entryRows
	for _, f := range forms {
		rows, err := s.newEntry(ctx, scope, o, f, choices, actor)
		if err != nil {
			return nil, err
		}
		entries = append(entries, rows)
	}
	happened()
	return s.enterSheet(ctx, o, digest, entries, actor)
}

// CheckPending makes the leaves of a kind that wait for the ledger anew, and returns the rows whose leaf differs.
func CheckPending(s *Store, ctx context.Context, kind string) (checked int, wrong []string, err error) {
	var rows []pendingLeafRow
	if err := s.rows(ctx).Where("kind = ?", kind).Find(&rows).Error; err != nil {
		return 0, nil, err
	}
	for _, row := range rows {
		made, err := s.leafOf(ctx, row.Kind, row.Ref)
		if err != nil || hex.EncodeToString(made[:]) != row.Digest {
			wrong = append(wrong, row.Ref)
		}
	}
	return len(rows), wrong, nil
}
