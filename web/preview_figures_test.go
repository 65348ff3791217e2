package web

// figuresView is a county's, with what was written off, an office left out, a chip and a long name.
func figuresView() *FiguresView {
	rated := func(n int64) *FigureRated {
		return &FigureRated{Rated: n, Bad: n / 20, NetBad: n/20 - 1, NotRated: n / 3, Grades: [5]int64{n / 40, n / 40, n / 10, n / 5, n - n/40*2 - n/10 - n/5},
			GoodRate: "95.00", NetGoodRate: "95.12", BadRate: "5.00", ActiveRate: "75.19"}
	}
	cases := func(n int64) *FigureCases {
		return &FigureCases{Cases: n, Concluded: n - 3, WrittenOff: 1, Exempt: 2, Ordered: n - 4, Accepted: n - 5, InTime: n - 6, Overdue: 1, Delays: 2,
			Callback: "88.24", CallbackOfDue: "100.00", ReplyRate: "100.00", InTimeRate: "93.33", AverageDays: "11.4"}
	}
	v := &FiguresView{Page: staffPage("figures"), From: "2026-02", To: "2026-03", By: "unit", CSV: "/figures.csv?", Position: 182_404, Size: 182_410, Behind: 9, Waits: 1,
		Counties: []Option{{Value: "513301", Text: "康定市"}, {Value: "513322", Text: "泸定县"}}, County: "513301",
		Channels: []Option{{Value: "web", Text: "网页"}}, Marks: []Option{{Value: "attitude", Text: "服务态度"}},
		Chips:  []FigureChip{{"matter", "m1", "新生儿出生登记", "/figures"}},
		Except: []string{"康定市行政审批局"}, Total: FigureLine{Rated: rated(24_190), Cases: cases(1209)}, Found: 412}
	for _, name := range []string{"康定市公安局", "康定市市场监督管理局", "康定市人力资源和社会保障局城乡居民养老保险经办机构"} {
		v.Lines = append(v.Lines, FigureLine{Name: name, Href: "/figures?by=window", Rated: rated(2_040), Cases: cases(102)})
	}
	v.Lines = append(v.Lines, FigureLine{Name: "康定市气象局", Rated: &FigureRated{}, Cases: &FigureCases{}})
	return v
}

// sealedView is a second version that is superseded, with every table.
func sealedView() *SealedView {
	f := figuresView()
	v := &SealedView{Page: staffPage("seals"), Name: "康定市", Period: "2026-Q1", Reasons: "迟到评价 3 条；核销 1 件", Address: "/sealed/513301/2026-Q1", Version: 2, Versions: 3,
		Position: 182_404, Formula: 1, At: at("2026-04-01 00:01"), Total: f.Total}
	for _, by := range []string{"unit", "window", "channel"} {
		v.Tables = append(v.Tables, SealedTable{by, f.Lines})
	}
	before, after := *f.Total.Rated, *f.Total.Rated
	before.Rated, before.NetRated, before.NetBad, before.NetGoodRate = after.Rated-3, after.Rated-4, after.NetBad+1, "95.01"
	after.NetRated = after.Rated - 2
	v.Changes = []SealedChange{{"", v.Name, before, after}, {"unit", "康定市公安局", before, after}}
	v.Tables = append(v.Tables, SealedTable{"dimension", []FigureLine{{Name: "服务态度", Rated: f.Lines[0].Rated}}})
	return v
}
