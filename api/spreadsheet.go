package api

import (
	"bytes"
	"encoding/csv"
	"strings"
	"unicode/utf8"
)

// spreadsheet writes rows as CSV for the spreadsheet programs of offices: with the mark by which they know
// UTF-8, and no cell that such a program would compute.
func spreadsheet(rows [][]string) ([]byte, error) {
	var b bytes.Buffer
	b.WriteString("\uFEFF")
	w := csv.NewWriter(&b)
	w.UseCRLF = true
	for _, row := range rows {
		plain := make([]string, len(row))
		for i, cell := range row {
			plain[i] = noFormula(cell)
		}
		if err := w.Write(plain); err != nil {
			return nil, err
		}
	}
	w.Flush()
	return b.Bytes(), w.Error()
}

// noFormula has a cell read as text that would be taken for a formula: what begins it stands behind an apostrophe. Signs
// in full width count too: some programs narrow them.
func noFormula(cell string) string {
	first, _ := utf8.DecodeRuneInString(strings.TrimLeft(cell, " \u00a0\u3000"))
	if cell != "" && strings.ContainsRune("=+-@\t\r\n＝＋－＠", first) {
		return "'" + cell
	}
	return cell
}
