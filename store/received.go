package store

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"gorm.io/gorm"

	"haochaping/regulation"
)

// Whose ratings came in.
const (
	ofUnit  = "unit"
	ofStaff = "staff"
)

// receivedCell is whose ratings came in, and in which half-day, the shortest period of batches that there is.
type receivedCell struct {
	kind, id string
	began    int64 // microseconds
}

func (c receivedCell) String() string {
	return strings.Join([]string{c.kind, c.id, strconv.FormatInt(c.began, 10)}, "/")
}

// receivedCounts are how many of each grade came in: the first is grade 1.
type receivedCounts map[receivedCell]*[5]int64

func (c receivedCounts) at(cell receivedCell) *[5]int64 {
	n := c[cell]
	if n == nil {
		n = &[5]int64{}
		c[cell] = n
	}
	return n
}

// add counts one rating. A grade that is none counts nowhere, as in figures.
func (c receivedCounts) add(p regulation.Rated, began int64, g regulation.Grade) {
	if !g.Valid() {
		return
	}
	n := [5]int64{}
	n[g-1] = 1
	c.plus(p, began, n)
}

// plus counts ratings of one half-day.
func (c receivedCounts) plus(p regulation.Rated, began int64, of [5]int64) {
	cells := []receivedCell{{ofUnit, p.Unit, began}, {ofStaff, p.Staff, began}}
	if p.Staff == "" {
		cells = cells[:1]
	}
	for _, cell := range cells {
		n := c.at(cell)
		for i := range of {
			n[i] += of[i]
		}
	}
}

var receivedColumns = append([]string{"kind", "id", "began"}, gradeColumns...)

// receivedTable adds to the row that is there.
var receivedTable = map[engine]table{
	onSQLite: {name: "received_counts", columns: receivedColumns, otherwise: " ON CONFLICT (kind, id, began) DO UPDATE SET " +
		eachOf(gradeColumns, "%[1]s = %[1]s + excluded.%[1]s")},
	onMySQL: {name: "received_counts", columns: receivedColumns, otherwise: " ON DUPLICATE KEY UPDATE " + eachOf(gradeColumns, "%[1]s = %[1]s + VALUES(%[1]s)")},
}

func (s *Store) addReceived(tx *gorm.DB, counts receivedCounts) error {
	rows := make([][]any, 0, len(counts))
	// In one order everywhere, or two transactions would wait for each other.
	for _, cell := range slices.SortedFunc(maps.Keys(counts), func(a, b receivedCell) int { return strings.Compare(a.String(), b.String()) }) {
		n := counts[cell]
		rows = append(rows, []any{cell.kind, cell.id, cell.began, n[0], n[1], n[2], n[3], n[4]})
	}
	return s.insert(tx, receivedTable[s.engine], rows...)
}

// receivedDiffering are the rows that are not what a recount comes to, or of nothing, which no counting writes. It takes them from the recount.
func receivedDiffering(db *gorm.DB, recounted receivedCounts) (differ []receivedCell, err error) {
	rows, err := db.Raw("SELECT " + strings.Join(receivedColumns, ", ") + " FROM received_counts").Rows()
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var cell receivedCell
		var n [5]int64
		if err := rows.Scan(&cell.kind, &cell.id, &cell.began, &n[0], &n[1], &n[2], &n[3], &n[4]); err != nil {
			return nil, err
		}
		if there := recounted[cell]; there == nil || *there != n {
			differ = append(differ, cell)
		}
		delete(recounted, cell)
	}
	for cell := range recounted {
		differ = append(differ, cell)
	}
	return differ, rows.Err()
}
