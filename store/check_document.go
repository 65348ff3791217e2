package store

import (
	"context"
	"strconv"

	"haochaping/store/ledger"
)

const readDocuments = `SELECT d.*, p.digest AS pending, l.digest AS taken FROM documents d
	LEFT JOIN pending_leaves p ON p.kind = 'document' AND p.ref = d.id
	LEFT JOIN leaves l ON l.kind = 'document' AND l.ref = d.id
	WHERE d.id > ? ORDER BY d.id LIMIT ?`

// documents walks over the official documents: each has its leaf, and the numbers of an authority and
// year have no gap.
func (v *verifier) documents(ctx context.Context) error {
	if !v.wants(CheckLeaves) || v.options.Case != "" {
		return nil
	}
	if err := v.documentNumbers(ctx); err != nil {
		return err
	}
	for after := ""; ; {
		var rows []struct {
			Row            documentRow `gorm:"embedded"`
			Pending, Taken *string
		}
		err := v.s.rows(ctx).Raw(readDocuments, after, pageOf).Scan(&rows).Error
		if err != nil || len(rows) == 0 || v.faults != nil {
			return firstOf(err, v.faults)
		}
		for _, read := range rows {
			row := read.Row
			after = row.ID
			digest := ledger.DigestLeaf(row.Nonce, row.canonical())
			v.timed(CheckLeaves, 1, func() {
				if code := leafFault(textIn(read.Taken), textIn(read.Pending), digest); code != "" {
					v.find(Finding{Check: CheckLeaves, Code: code, Case: row.CaseID, Area: row.Area, About: []string{leafDocument, row.ID}})
				}
			})
		}
	}
}

const readGaps = `SELECT c.authority, c.number_year FROM counters c
	LEFT JOIN documents d ON d.authority = c.authority AND d.number_year = c.number_year
	WHERE c.kind = 'document' GROUP BY c.authority, c.number_year, c.next_number HAVING COUNT(d.id) <> c.next_number - 1`

// documentNumbers holds how many documents there are against how many numbers were given out; none is
// given twice, which the table itself refuses.
func (v *verifier) documentNumbers(ctx context.Context) error {
	var gaps []struct {
		Authority  string
		NumberYear int
	}
	err := v.s.rows(ctx).Raw(readGaps).Scan(&gaps).Error
	for _, gap := range gaps {
		v.find(Finding{Check: CheckLeaves, Code: "number_gap", About: []string{leafDocument, gap.Authority, strconv.Itoa(gap.NumberYear)}})
	}
	return err
}
