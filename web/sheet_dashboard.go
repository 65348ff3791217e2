package web

import "strconv"

// sheet has every figure of a dashboard as a line: what stands in its charts stands here.
func (v *DashboardView) sheet(w writer) Sheet {
	s := Sheet{Heads: w.heads("dashboard.section", "dashboard.item", "dashboard.measure_name", "dashboard.value")}
	add := func(section, item, measure, value string) {
		if value != "" {
			s.Rows = append(s.Rows, []SheetCell{cellText(section), cellText(item), cellText(measure), cellFigure(value)})
		}
	}
	if v.Told != nil {
		v.toldSheet(w, add)
		return s
	}
	line := func(section, item string, l FigureLine) {
		for i, text := range l.texts()[2:] {
			add(section, item, w.text("figures.file."+figureColumns[i].name), text)
		}
	}
	line(v.From+" – "+v.To, v.Name, v.Total)
	notes := leftOut(w.lang, "figures.except", v.Except)
	if v.OwnMatters {
		notes = append(notes, w.text("dashboard.own_matters."+v.Kind))
	}
	for _, note := range notes {
		s.Rows = append(s.Rows, []SheetCell{cellText(note)})
	}
	for _, m := range v.Months {
		line(w.text("dashboard.trends"), m.Month, m.Line)
	}
	for _, p := range v.Parts {
		line(w.text("dashboard.parts."+v.PartsBy), p.Name, p.Line)
	}
	for _, list := range []struct {
		id   string
		bars []DashboardBar
	}{{"dimensions", v.Dimensions}, {"causes", v.Causes}, {"links", v.Links}, {"owed", v.Owed}} {
		measure := w.text("figures.col.cases")
		if list.id == "dimensions" {
			measure = w.text("dashboard.measure.bad_rate")
		}
		for _, bar := range list.bars {
			add(w.text("dashboard.chart."+list.id), bar.Name, measure, bar.Value)
		}
	}
	if v.ShowOpen {
		for _, c := range []Chart{v.AgesChart(), v.DueChart()} {
			for _, row := range c.Rows {
				add(c.Title, row.Name, w.text("figures.col.cases"), row.Cells[0].Text)
			}
		}
		for _, stage := range v.Stages {
			add(w.text("dashboard.stages"), w.label("phase", stage.Phase), w.text("figures.col.cases"), stage.Total.Text)
		}
	}
	return s
}

func (v *DashboardView) toldSheet(w writer, add func(section, item, measure, value string)) {
	year := w.text("dashboard.told_year", v.Told.Year)
	add(year, v.Name, w.text("figures.col.rated"), strconv.Itoa(v.Told.Total))
	for _, grade := range v.Told.Grades {
		add(year, v.Name, w.label("grade", grade.Grade), grade.Count)
	}
	for _, m := range v.Told.Months {
		add(w.text("dashboard.told_in"), m.Month, w.text("figures.col.rated"), strconv.Itoa(m.Total))
		add(w.text("dashboard.told_in"), m.Month, w.text("dashboard.good"), strconv.Itoa(m.Good))
		add(w.text("dashboard.told_in"), m.Month, w.text("figures.col.bad"), strconv.Itoa(m.Bad))
	}
}
