package web

import "strconv"

// sheet has every line of every table, and below them what they are of: a version is named wherever its figures go (9(2)).
func (v *SealedView) sheet(w writer) Sheet {
	s := Sheet{Heads: append([]string{w.text("figures.by"), w.text("dashboard.item"), "id"}, figureHeads(w)...)}
	add := func(by string, line FigureLine) {
		row := []SheetCell{cellText(by)}
		for i, text := range line.texts() {
			if i < 2 {
				row = append(row, cellText(text))
				continue
			}
			row = append(row, cellFigure(text))
		}
		s.Rows = append(s.Rows, row)
	}
	total := v.Total
	total.Name = v.Name
	add(w.text("figures.total"), total)
	for _, table := range v.Tables {
		for _, line := range table.Lines {
			add(w.text("figures.by."+table.By), line)
		}
	}
	for _, note := range [][2]string{{w.text("col.seal_area"), v.Name}, {w.text("col.seal_period"), v.Period}, {w.text("col.seal_version"), w.text("sealed.version", v.Version, v.Versions)},
		{w.text("col.seal_at"), w.datetime(v.At)}, {w.text("col.seal_reasons"), v.Reasons}, {w.text("col.seal_position"), digits(v.Position)}, {w.text("sealed.formula"), strconv.Itoa(v.Formula)}} {
		s.Rows = append(s.Rows, []SheetCell{cellText(note[0]), cellText(note[1])})
	}
	for _, note := range append(leftOut(w.lang, v.Excepted(), v.Except), leftOut(w.lang, "sealed.shared", v.Shared)...) {
		s.Rows = append(s.Rows, []SheetCell{cellText(note)})
	}
	return s
}

// leftOut says of each of some offices that a file is without it, as the page does: whoever reads the file has no page beside it.
func leftOut(lang Lang, key string, offices []string) (notes []string) {
	for _, office := range offices {
		notes = append(notes, T(lang, key, office))
	}
	return notes
}

// noted are rows of texts with notes below them.
func noted(rows [][]string, notes ...string) [][]string {
	for _, note := range notes {
		row := make([]string, len(rows[0]))
		row[0] = note
		rows = append(rows, row)
	}
	return rows
}

func figureHeads(w writer) []string {
	heads := make([]string, 0, len(figureColumns))
	for _, column := range figureColumns {
		heads = append(heads, w.text("figures.file."+column.name))
	}
	return heads
}

// sheet has each pair with both shares, and below them how they were compared.
func (v *DecisionsView) sheet(w writer) Sheet {
	s := Sheet{Heads: w.heads("decisions.alike", "figures.by.cause", "col.grade", "decisions.decision", "decisions.low", "decisions.low_share", "decisions.count",
		"decisions.high", "decisions.high_share", "decisions.count", "decisions.z")}
	for _, r := range v.Rows {
		s.Rows = append(s.Rows, []SheetCell{cellText(r.Matter), cellText(r.Cause), w.cellGrade(r.Grade), cellText(w.text("decisions.of." + r.Decision)),
			cellText(r.Low), cellFigure(r.LowShare), cellText(r.LowCount), cellText(r.High), cellFigure(r.HighShare), cellText(r.HighCount), cellFigure(r.Z)})
	}
	compared := w.text("decisions.none_compared", v.Least)
	if v.Pairs > 0 {
		compared = w.text("decisions.test", v.Pairs, v.Critical, v.Chance())
	}
	for _, note := range []string{v.From + " – " + v.To, w.text("decisions.text", v.Least), compared, w.text("figures.ledger", v.Position, v.Size)} {
		s.Rows = append(s.Rows, []SheetCell{cellText(note)})
	}
	return s
}
