package store

import "gorm.io/gorm"

// pile gathers rows to insert, by table.
type pile map[string][][]any

func (p pile) add(into table, row []any) { p[into.name] = append(p[into.name], row) }

func (p pile) take(other pile) {
	for name, rows := range other {
		p[name] = append(p[name], rows...)
	}
}

// insertOrder puts a row after those it refers to. It holds every table that insert is used for.
var insertOrder = []table{
	ratingsTable, textsTable, subjectKeysTable, vaultTable, casesTable, actsTable, eventsTable, pendingLeavesTable,
	consentsTable, documentsTable, tasksTable, taskSeatsTable, escalationsTable, noticesTable, entriesTable, writeOffStepsTable, caseFilesTable,
	ratingScansTable, ratingTracesTable, matterRatingsTable, callRatingsTable, parkedTable, outboxTable,
	deviceMessagesTable,
	leavesTable, secondLeavesTable, hashesTable,
}

func (s *Store) flush(tx *gorm.DB, p pile) error {
	for _, into := range insertOrder {
		if err := s.insert(tx, into, p[into.name]...); err != nil {
			return err
		}
	}
	return nil
}
