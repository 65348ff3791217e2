package store

import (
	"context"
	"encoding/json"
	"fmt"
)

// historyOf reads the entries of one history, whose owner stands in a column of its table, the newest first. entry makes one of
// what is kept and of its texts.
func historyOf[Kept, Entry any](ctx context.Context, s *Store, table, column, owner string, entry func(Kept, map[string]string) Entry) ([]Entry, error) {
	var rows []struct {
		Seq  int64
		Body []byte
	}
	if err := s.rows(ctx).Table(table).Select("seq, body").Where(column+" = ?", owner).Order("seq DESC").Find(&rows).Error; err != nil {
		return nil, err
	}
	texts, err := s.textsOf(ctx, owner)
	if err != nil {
		return nil, err
	}
	entries := make([]Entry, 0, len(rows))
	for _, row := range rows {
		var kept Kept
		if err := json.Unmarshal(row.Body, &kept); err != nil {
			return nil, fmt.Errorf("an entry of %s does not read: %w", table, err)
		}
		entries = append(entries, entry(kept, texts[row.Seq]))
	}
	return entries, nil
}
