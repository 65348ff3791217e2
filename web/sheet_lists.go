package web

import (
	"slices"
	"strconv"
	"strings"
)

// The lists that have a page of their own, as files. Where a page shows several, the file has the one that grows.

func (v *InboxView) sheet(w writer) Sheet {
	s := Sheet{Intro: w.tab("inbox.tab", v.Tabs), Heads: w.heads("col.number", "col.opened", "col.grade", "col.act", "col.phase", "col.unit", "col.area", "col.due", "col.holder"), Next: v.Next}
	for _, r := range v.Rows {
		s.Rows = append(s.Rows, []SheetCell{cellText(r.Number), w.cellAt(r.Opened), w.cellGrade(r.Grade), cellText(w.step(r.Act)), w.cellLabel("phase", r.Phase),
			cellText(r.Unit), cellText(r.Area), w.cellAt(r.Due.At), cellText(r.Holder)})
	}
	return s
}

func (v *NoticesView) sheet(w writer) Sheet {
	s := Sheet{Heads: w.heads("col.number", "col.grade", "notices.period", "notices.served", "notices.appeal"), Next: v.Next}
	for _, r := range v.Rows {
		s.Rows = append(s.Rows, []SheetCell{cellText(r.Number), w.cellGrade(r.Grade), cellText(w.message(r.Period)), w.cellAt(r.ServedAt), w.cellAt(r.AppealUntil.At)})
	}
	return s
}

func (v *DisciplineView) sheet(w writer) Sheet {
	s := Sheet{Intro: w.tab("discipline", v.Tabs), Heads: w.heads("col.number", "col.grade", "discipline.reason", "col.clause", "col.unit", "discipline.since", "col.phase", "col.procedure", "col.due", "discipline.revoked"), Next: v.Next}
	for _, r := range v.Rows {
		revoked := "no"
		if r.Revoked {
			revoked = "yes"
		}
		s.Rows = append(s.Rows, []SheetCell{cellText(r.Number), w.cellGrade(r.Grade), w.cellLabel("discipline", r.Reason), w.cellClause(r.Clause), cellText(r.Unit),
			w.cellAt(r.Since), w.cellLabel("phase", r.Phase), w.cellLabel("stage", r.Stage), w.cellAt(r.Due.At), cellText(w.text(revoked))})
	}
	return s
}

func (v *AlarmsView) sheet(w writer) Sheet {
	s := Sheet{Intro: w.tab("alarm", v.Tabs), Heads: w.heads("alarms.subject", "alarms.kind", "col.clause", "alarms.missing", "col.unit", "alarms.since"), Next: v.Next}
	for _, r := range v.Rows {
		s.Rows = append(s.Rows, []SheetCell{cellText(r.Subject), w.cellLabel("alarm", r.Kind), w.cellClause(r.Clause), cellText(w.words("staff", r.Missing)), cellText(r.Unit), w.cellAt(r.Since)})
	}
	return s
}

func (v *CodesView) sheet(w writer) Sheet {
	s := Sheet{Heads: w.heads("coverage.what", "col.unit", "col.hall", "codes.code", "export.col.address"), Next: v.Next}
	for _, c := range v.Sheets {
		s.Rows = append(s.Rows, []SheetCell{cellText(c.Name), cellText(c.Unit), cellText(c.Hall), cellText(c.Code), cellText(c.Href)})
	}
	return s
}

func (v *DialingView) sheet(w writer) Sheet {
	s := Sheet{Heads: w.heads("col.number", "col.act", "col.due", "dialing.holder")}
	for _, c := range v.Calls {
		s.Rows = append(s.Rows, []SheetCell{cellText(c.Number), cellText(w.step(c.Act)), w.cellAt(c.Due.At), cellText(c.Holder)})
	}
	return s
}

func (v *RevealsView) sheet(w writer) Sheet {
	s := Sheet{Heads: w.heads("col.number", "export.col.purpose", "col.state", "export.col.by", "col.at", "export.col.decider", "export.col.until")}
	for _, section := range v.Sections {
		for _, r := range section.Rows {
			s.Rows = append(s.Rows, []SheetCell{cellText(r.Number), w.cellLabel("choice.purpose", r.Purpose), w.cellLabel("reveals.state", r.State), cellText(r.By), w.cellAt(r.At), cellText(r.Decider), w.cellAt(r.Until)})
		}
	}
	return s
}

func (v *OwnRatingsView) sheet(w writer) Sheet {
	s := Sheet{Heads: w.heads("col.grade", "own_ratings.count")}
	if v.Until.IsZero() {
		return s
	}
	figure := func(count string) SheetCell {
		if count == "" {
			return cellText(w.text("own_ratings.withheld"))
		}
		return cellFigure(count)
	}
	for _, g := range v.Grades {
		s.Rows = append(s.Rows, []SheetCell{w.cellGrade(g.Grade), figure(g.Count)})
	}
	s.Rows = append(s.Rows, []SheetCell{cellText(w.text("own_ratings.total")), cellFigure(strconv.Itoa(v.Total))})
	return s
}

func (v *BoxesView) sheet(w writer) Sheet {
	s := Sheet{Heads: w.heads("col.hall", "export.col.place", "col.state", "export.col.keeper", "export.col.missed")}
	for _, b := range v.Rows {
		var weeks []string
		for _, missed := range b.Missed {
			weeks = append(weeks, missed.Week)
		}
		s.Rows = append(s.Rows, []SheetCell{cellText(b.Hall), cellText(b.Place), w.cellLabel("choice.box_state", b.State), cellText(b.Keeper), cellText(strings.Join(weeks, w.between()))})
	}
	return s
}

func (v *BoxSummaryView) sheet(w writer) Sheet {
	s := Sheet{Heads: w.heads("summary.week", "summary.hall", "summary.boxes", "summary.opened", "summary.counted", "summary.entered", "summary.void", "summary.remaining",
		"grade.5", "grade.4", "grade.3", "grade.2", "grade.1")}
	for _, b := range v.Rows {
		row := []SheetCell{cellText(v.Week), cellText(b.Name)}
		for _, n := range []int{b.Boxes, b.Opened, b.Counted, b.Entered, b.Voids, b.Remaining} {
			row = append(row, cellNumber(n))
		}
		for _, count := range b.Grades {
			if count == "" {
				count = w.text("summary.withheld")
			}
			row = append(row, cellFigure(count))
		}
		s.Rows = append(s.Rows, row)
	}
	return s
}

func (v *OpeningsView) sheet(w writer) Sheet {
	s := Sheet{Heads: w.heads("col.hall", "export.col.place", "summary.week", "col.state", "opening.at", "opening.first", "opening.second", "field.counted", "field.old_seal", "export.col.seal_state", "field.new_seal")}
	for _, r := range slices.Concat(v.ToConfirm, v.ToDecide, v.Others) {
		s.Rows = append(s.Rows, []SheetCell{cellText(r.Hall), cellText(r.Place), cellText(r.Week), w.cellLabel("opening.state", r.State), w.cellAt(r.At), cellText(r.First), cellText(r.Second),
			cellNumber(r.Counted), cellText(r.OldSeal), w.cellLabel("choice.old_seal_state", r.OldSealState), cellText(r.NewSeal)})
	}
	return s
}

func (v *PaperView) sheet(w writer) Sheet {
	s := Sheet{Heads: w.heads("col.hall", "summary.week", "paper.opened", "paper.due", "summary.counted", "paper.to_enter", "paper.to_check", "paper.differ", "paper.done")}
	for _, r := range v.Rows {
		s.Rows = append(s.Rows, []SheetCell{cellText(r.Hall), cellText(r.Week), w.cellAt(r.Opened), w.cellAt(r.Due.At), cellNumber(r.Counted), cellNumber(r.ToEnter), cellNumber(r.ToCheck), cellNumber(r.Differ), cellNumber(r.Done)})
	}
	return s
}

func (v *CoverageView) sheet(w writer) Sheet {
	s := Sheet{Heads: w.heads("coverage.kind", "coverage.what", "coverage.in", "coverage.ways", "coverage.lacks")}
	for _, g := range v.Gaps {
		var ways, lacks []string
		for _, way := range g.Ways {
			ways = append(ways, string(way))
		}
		for _, lack := range g.Lacks {
			lacks = append(lacks, string(lack))
		}
		s.Rows = append(s.Rows, []SheetCell{w.cellLabel("coverage.kind", g.Kind), cellText(g.Name), cellText(g.In), cellText(w.words("coverage.way", ways)), cellText(w.words("coverage.lack", lacks))})
	}
	return s
}

func (v *AvailabilityView) sheet(w writer) Sheet {
	s := Sheet{Heads: w.heads("availability.month", "col.hall", "availability.devices", "availability.service", "availability.reachable", "availability.percent", "availability.hours")}
	for _, h := range v.Halls {
		percent := SheetCell{}
		if h.Service > 0 {
			percent = cellFigure(h.Percent)
		}
		s.Rows = append(s.Rows, []SheetCell{cellText(v.Month), cellText(h.Hall), cellNumber(h.Devices), cellNumber(h.Service), cellNumber(h.Reachable), percent, cellText(h.Hours)})
	}
	return s
}

func (v *CalendarView) sheet(w writer) Sheet {
	s := Sheet{Heads: w.heads("col.document", "export.col.title", "col.area", "col.issued", "col.days", "col.state")}
	for _, n := range v.Notices {
		s.Rows = append(s.Rows, []SheetCell{cellText(n.Number), cellText(n.Name), cellText(n.Place), cellText(n.IssuedOn), cellNumber(n.Days), w.cellLabel("proposal", n.State)})
	}
	return s
}

func (v *EditionsView) sheet(w writer) Sheet {
	s := Sheet{Heads: w.heads("export.col.edition", "export.col.from", "col.state", "col.param", "col.value", "export.col.measure", "col.clause", "col.basis", "export.col.decided")}
	for _, e := range v.Editions {
		for _, p := range e.Values {
			basis := p.Basis
			if p.BasisKey != "" {
				basis = w.text(p.BasisKey)
			}
			s.Rows = append(s.Rows, []SheetCell{cellText(e.Name), cellDay(e.From), w.cellLabel("edition_state", e.State), w.cellLabel("param", p.Name), cellNumber(p.Value), cellText(w.text(p.Unit)),
				w.cellClause(p.Clause), cellText(basis), cellText(p.Author + " " + p.DecidedOn)})
		}
	}
	return s
}

func (v *AbsenceView) sheet(w writer) Sheet {
	s := Sheet{Heads: w.heads("export.col.absent", "export.col.substitute", "export.col.from", "export.col.until", "col.reason", "col.state")}
	for _, x := range slices.Concat(v.Absences, v.StandsIn) {
		s.Rows = append(s.Rows, []SheetCell{cellText(x.Who), cellText(x.Substitute), cellDay(x.From), cellDay(x.Until), w.cellLabel("absence.reason", x.Reason), w.cellLabel("absence.state", x.State)})
	}
	return s
}

func (v *RetentionView) sheet(w writer) Sheet {
	s := Sheet{Heads: w.heads("col.at", "export.col.kind", "export.col.number", "export.col.before", "export.col.digest"), Next: v.Next}
	for _, d := range v.Deletions {
		s.Rows = append(s.Rows, []SheetCell{w.cellAt(d.At), w.cellLabel("retention.what", d.What), cellNumber(d.Number), cellDay(d.Before), cellText(d.Digest)})
	}
	return s
}

func (v *ChecksView) sheet(w writer) Sheet {
	s := Sheet{Heads: w.heads("export.col.check", "export.col.finding", "col.number", "export.col.about", "export.col.known"), Next: v.Next}
	for _, f := range v.Items {
		s.Rows = append(s.Rows, []SheetCell{w.cellLabel("check", f.Check), w.cellLabel("finding", f.Code), cellText(f.Number), cellText(strings.Join(f.About, w.between())), cellText(f.Known)})
	}
	return s
}

func (v *InboundView) sheet(w writer) Sheet {
	s := Sheet{Heads: w.heads("inbound.upstream", "inbound.message", "export.col.kind", "inbound.reason", "inbound.at")}
	for _, p := range v.Parked {
		s.Rows = append(s.Rows, []SheetCell{cellText(p.Name), cellText(p.ID), w.cellLabel("inbound.kind", p.Kind), w.cellLabel("inbound.reason", p.Reason), w.cellAt(p.At)})
	}
	return s
}

func (v *ExchangeView) sheet(w writer) Sheet {
	s := Sheet{Heads: w.heads("exchange.message", "export.col.kind", "exchange.why", "exchange.upstream", "col.area", "exchange.since"), Next: v.Next}
	for _, m := range v.Parked {
		s.Rows = append(s.Rows, []SheetCell{cellText(m.ID), w.cellLabel("exchange.kind", m.Kind), cellText(strings.TrimSpace(w.label("exchange.why", m.Why) + " " + m.Code)), cellText(m.Upstream), cellText(m.Area), w.cellAt(m.Since)})
	}
	return s
}

func (v *NoticeDeliveriesView) sheet(w writer) Sheet {
	s := Sheet{Heads: w.heads("export.col.way", "export.col.address", "exchange.why", "exchange.since")}
	for _, p := range v.Parked {
		s.Rows = append(s.Rows, []SheetCell{w.cellLabel("notice_way", p.Way), cellText(p.Masked), w.cellLabel("notice_why", p.Why), w.cellAt(p.Since)})
	}
	return s
}

func (v *TemplatesView) sheet(w writer) Sheet {
	s := Sheet{Heads: w.heads("col.document", "col.title", "col.version", "col.author", "col.at")}
	for _, r := range v.Rows {
		s.Rows = append(s.Rows, []SheetCell{w.cellLabel("document", r.Kind), cellText(r.Title), cellCount(int64(r.Version)), cellText(r.Author), w.cellAt(r.At)})
	}
	return s
}
