package web

import "strconv"

// figureColumns are the columns of figures as a file has them, figures.file.<name>, each with its text: counts, and rates with
// their decimals. A line without ratings, or without cases, has none of theirs.
var figureColumns = []struct {
	name  string
	rated func(*FigureRated) string
	cases func(*FigureCases) string
}{
	{"rated", func(f *FigureRated) string { return digits(f.Rated) }, nil},
	{"g5", func(f *FigureRated) string { return digits(f.Grades[4]) }, nil},
	{"g4", func(f *FigureRated) string { return digits(f.Grades[3]) }, nil},
	{"g3", func(f *FigureRated) string { return digits(f.Grades[2]) }, nil},
	{"g2", func(f *FigureRated) string { return digits(f.Grades[1]) }, nil},
	{"g1", func(f *FigureRated) string { return digits(f.Grades[0]) }, nil},
	{"good_rate", func(f *FigureRated) string { return f.GoodRate }, nil},
	{"bad_rate", func(f *FigureRated) string { return f.BadRate }, nil},
	{"net_rated", func(f *FigureRated) string { return digits(f.NetRated) }, nil},
	{"net_bad", func(f *FigureRated) string { return digits(f.NetBad) }, nil},
	{"net_good_rate", func(f *FigureRated) string { return f.NetGoodRate }, nil},
	{"net_bad_rate", func(f *FigureRated) string { return f.NetBadRate }, nil},
	{"not_rated", func(f *FigureRated) string { return digits(f.NotRated) }, nil},
	{"active_rate", func(f *FigureRated) string { return f.ActiveRate }, nil},
	{"cases", nil, func(f *FigureCases) string { return digits(f.Cases) }},
	{"written_off", nil, func(f *FigureCases) string { return digits(f.WrittenOff) }},
	{"concluded", nil, func(f *FigureCases) string { return digits(f.Concluded) }},
	{"callback_rate", nil, func(f *FigureCases) string { return f.Callback }},
	{"callback_rate_due", nil, func(f *FigureCases) string { return f.CallbackOfDue }},
	{"exempt", nil, func(f *FigureCases) string { return digits(f.Exempt) }},
	{"reply_rate", nil, func(f *FigureCases) string { return f.ReplyRate }},
	{"accepted", nil, func(f *FigureCases) string { return digits(f.Accepted) }},
	{"in_time", nil, func(f *FigureCases) string { return digits(f.InTime) }},
	{"in_time_rate", nil, func(f *FigureCases) string { return f.InTimeRate }},
	{"overdue", nil, func(f *FigureCases) string { return digits(f.Overdue) }},
	{"unit_overdue", nil, func(f *FigureCases) string { return digits(f.UnitOverdue) }},
	{"delays", nil, func(f *FigureCases) string { return digits(f.Delays) }},
	{"average_days", nil, func(f *FigureCases) string { return f.AverageDays }},
}

func digits(n int64) string { return strconv.FormatInt(n, 10) }

// Texts are the lines and their sum as texts, under their heads, in the page's language, and below of which months they are and up to
// which leaf they count: every kind of file is made of these.
func (v *FiguresView) Texts() (rows [][]string) {
	rows = append(rows, append([]string{T(v.Lang, "figures.by."+v.By), "id"}, figureHeads(writer{lang: v.Lang})...))
	for _, line := range v.Lines {
		rows = append(rows, line.texts())
	}
	total := v.Total
	total.Name = T(v.Lang, "figures.total")
	rows = noted(append(rows, total.texts()), leftOut(v.Lang, "figures.except", v.Except)...)
	return noted(rows, v.From+" – "+v.To, T(v.Lang, "figures.ledger", v.Position, v.Size))
}

func (l FigureLine) texts() []string {
	row := []string{l.Name, l.Key}
	for _, column := range figureColumns {
		text := ""
		switch {
		case column.rated != nil && l.Rated != nil:
			text = column.rated(l.Rated)
		case column.cases != nil && l.Cases != nil:
			text = column.cases(l.Cases)
		}
		row = append(row, text)
	}
	return row
}

func (v *FiguresView) sheet(writer) Sheet { return sheetOf(v.Texts()) }

// sheetOf is a table of texts as a sheet: its head first, two names in each row, figures after them.
func sheetOf(rows [][]string) Sheet {
	s := Sheet{Heads: rows[0]}
	for _, row := range rows[1:] {
		cells := []SheetCell{cellText(row[0]), cellText(row[1])}
		for _, text := range row[2:] {
			cells = append(cells, cellFigure(text))
		}
		s.Rows = append(s.Rows, cells)
	}
	return s
}
