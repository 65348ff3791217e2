package web

import (
	"fmt"
	"time"
)

// dashboardView is the prefecture's: all counties, one with few ratings, months without any, every list, and open cases.
func dashboardView() *DashboardView {
	rated := func(n int64, good string) *FigureRated {
		return &FigureRated{Rated: n, Bad: n / 20, NetRated: n, NetBad: n / 20, NotRated: n / 3, Grades: [5]int64{n / 60, n / 30, n / 10, n / 4, n - n/60 - n/30 - n/10 - n/4}, GoodRate: good, NetGoodRate: good, BadRate: "5.12", ActiveRate: "75.19"}
	}
	cases := func(n int64) *FigureCases {
		return &FigureCases{Cases: n, Concluded: n - 3, WrittenOff: 1, Exempt: 2, Ordered: n - 4, Accepted: n - 5, InTime: n - 6, Overdue: 2, UnitOverdue: 1, Delays: 2, Delayed: 2,
			Callback: "88.24", CallbackOfDue: "96.80", ReplyRate: "99.10", InTimeRate: "93.33", AverageDays: "11.4"}
	}
	v := &DashboardView{Page: staffPage("dashboard"), Kind: "prefecture", Name: "甘孜藏族自治州", At: "/dashboard", Figures: "/figures", From: "2026-01", To: "2026-03", Map: "good_rate", PartsBy: "county",
		Total: FigureLine{Rated: rated(24_190, "95.12"), Cases: cases(1209)}, Hrefs: map[string]string{"cases": "/cases", "concluded": "/cases", "overdue": "/cases"},
		Decisions: "/dashboard/decisions", Position: 182_404, Size: 182_410, Behind: 9, Waits: 1, ShowOpen: true, Except: []string{"州行政审批局"}}
	for i := range 13 {
		m := DashboardMonth{Month: time.Date(2025, time.March+time.Month(i), 1, 0, 0, 0, 0, time.UTC).Format("2006-01"), Href: "/cases"}
		if i != 4 {
			m.Line = FigureLine{Rated: rated(int64(1200+137*i%900+i*40), fmt.Sprintf("%.2f", 91+float64(i*7%9)/2)), Cases: &FigureCases{Cases: 40, Concluded: 38, Callback: fmt.Sprintf("%d.00", 80+i), ReplyRate: fmt.Sprintf("%d.50", 95+i%4), InTimeRate: fmt.Sprintf("%d.20", 72+i*2)}}
		}
		v.Months = append(v.Months, m)
	}
	names := map[string]string{"513300": "甘孜藏族自治州", "513301": "康定市", "513322": "泸定县", "513323": "丹巴县", "513324": "九龙县", "513325": "雅江县", "513326": "道孚县", "513327": "炉霍县", "513328": "甘孜县", "513329": "新龙县",
		"513330": "德格县", "513331": "白玉县", "513332": "石渠县", "513333": "色达县", "513334": "理塘县", "513335": "巴塘县", "513336": "乡城县", "513337": "稻城县", "513338": "得荣县"}
	for i, key := range []string{"513300", "513301", "513322", "513323", "513324", "513325", "513326", "513327", "513328", "513329", "513330", "513331", "513332", "513333", "513334", "513335", "513336", "513337", "513338"} {
		p := DashboardPart{Key: key, Name: names[key], Href: "/dashboard/county/" + key, CasesHref: "/cases", Line: FigureLine{Rated: rated(int64(12+i*97), fmt.Sprintf("%.2f", 88+float64(i*5%11))), Cases: cases(int64(8 + i))}}
		p.Line.Rated.BadRate = fmt.Sprintf("%.2f", 12-float64(i*5%11))
		v.Parts = append(v.Parts, p)
	}
	bars := func(names ...string) (bars []DashboardBar) {
		for i, name := range names {
			bars = append(bars, DashboardBar{Name: name, Value: fmt.Sprint(180 - 21*i), More: fmt.Sprintf("%d%%", 28-3*i), Share: 1 - float64(i)*0.117, Href: "/cases"})
		}
		return bars
	}
	v.Causes, v.Links, v.Owed = bars("办事效率低", "服务态度差", "擅自增加材料或者环节", "系统故障", "尚未核实"), bars("咨询", "受理", "审查", "送达"), bars("工作人员个人", "单位", "办事指南", "其他单位")
	for i, name := range []string{"办事效率", "服务态度", "办事指南", "工作纪律", "办事环境", "快递服务"} {
		v.Dimensions = append(v.Dimensions, DashboardBar{Name: name, Value: fmt.Sprintf("%.1f%%", 8-float64(i)), More: "5321 条，均分 4.31", Share: 1 - float64(i)*0.12})
	}
	v.Ages = []string{"5", "10", "15", "30", "more"}
	for i := range v.Ages {
		v.AgeTotals = append(v.AgeTotals, DashboardDay{Cases: int64(90 - 19*i), Href: "/cases"})
	}
	for _, phase := range []string{"opened", "verification", "rectification", "closing"} {
		row := DashboardStage{Phase: phase, Total: ChartCell{"31", "/cases"}}
		for i := range v.Ages {
			row.Cells = append(row.Cells, ChartCell{fmt.Sprint(11 - 2*i), "/cases"})
		}
		v.Stages = append(v.Stages, row)
	}
	v.Due = append(v.Due, DashboardDay{Cases: 7, Href: "/cases"})
	for i := range 16 {
		v.Due = append(v.Due, DashboardDay{Day: at("2026-03-23 00:00").AddDate(0, 0, i+i/5*2), Cases: int64(i * 7 % 11 * 3), Href: "/cases"})
	}
	return v
}

// staffDashboardView is of a member of staff with hardly anything.
func staffDashboardView() *DashboardView {
	v := dashboardView()
	v.Kind, v.Name, v.At, v.Map, v.PartsBy, v.Parts, v.ShowOpen, v.NotAgainst = "staff", "泽仁拉姆", "/dashboard/staff/st1", "", "", nil, false, 3
	v.Above = []Option{{Value: "/dashboard", Text: "甘孜藏族自治州"}, {Value: "/dashboard/county/513301", Text: "康定市"}, {Value: "/dashboard/unit/u", Text: "康定市人力资源和社会保障局城乡居民养老保险经办机构"}}
	v.Months, v.Causes, v.Links, v.Decisions = v.Months[4:5], nil, v.Links[:1], ""
	return v
}

// toldDashboardView is what a unit's head sees.
func toldDashboardView() *DashboardView {
	v := &DashboardView{Page: staffPage("dashboard"), Kind: "unit", Name: "康定市公安局", At: "/dashboard/unit/513301-psb"}
	v.Told = &DashboardTold{Year: 2026, Total: 205, Until: at("2026-03-01 00:00"), Grades: []GradeCount{{5, "160"}, {4, "38"}, {3, ""}, {2, "7"}, {1, ""}},
		Months: []ToldMonth{{"2026-01", 98, 91, 7}, {"2026-02", 53, 53, 0}, {"2026-03", 54, 54, 0}}}
	return v
}

func decisionsView() *DecisionsView {
	return &DecisionsView{Page: staffPage("dashboard"), YearHref: "/dashboard/decisions?from=2025-04&to=2026-03", From: "2026-01", To: "2026-03", Least: 30, Pairs: 41, Critical: "3.24", Position: 182_404, Size: 182_410,
		Rows: []DecisionRow{{Matter: "居民身份证换领", Cause: "服务态度差", Decision: "confirmed", Grade: 1, Low: "泸定县", High: "康定市", LowShare: "31.0", HighShare: "72.4", LowCount: "13/42", HighCount: "63/87", LowHref: "/cases", HighHref: "/cases", Z: "4.5"},
			{Matter: "未评价具体事项", Cause: "擅自增加材料或者环节", Decision: "written_off", Grade: 2, Low: "甘孜藏族自治州", High: "得荣县", LowShare: "3.0", HighShare: "22.4", LowCount: "3/100", HighCount: "15/67", Z: "3.9"}}}
}
