package web

// publicFiguresView is a quarter that was corrected, with departments of one county.
func publicFiguresView() *PublicFiguresView {
	line := func(key, name string) PublicFigureLine {
		return PublicFigureLine{Key: key, Name: name, Rated: "2040", Good: "1938", Bad: "102", GoodRate: "95.00 %"}
	}
	few := PublicFigureLine{Key: "513322", Name: "泸定县", Rated: "87", Good: "—", Bad: "—", GoodRate: "不低于 89.65 %"}
	v := &PublicFiguresView{Period: "2026 年第一季度", Edition: 1, Editions: 2, On: at("2026-04-02 00:00"), Digest: "0f4fa8d5b1c90f4fa8d5b1c90f4fa8d5b1c90f4fa8d5b1c90f4fa8d5b1c9abcd", Formula: 1, Fewest: 30, Band: 10,
		Address: "/public/figures?period=2026-Q1", CSV: "/public/figures.csv?period=2026-Q1&edition=1", LeftOut: []string{"石渠县", "色达县", "得荣县"},
		Periods: Field{Name: "period", Kind: FieldSelect, Label: "col.period", Values: []string{"2026-Q1"}, Options: []Option{{Value: "2026-Q1", Text: "2026 年第一季度"}, {Value: "2026-03", Text: "2026 年 3 月"}}}}
	v.NoHalls = []string{"州级部门"}
	v.Areas = []PublicFigureArea{{PublicFigureLine: line("513300", "州级部门"), Callback: "98.04 %", Reply: "不低于 97.00 %", Version: 1, Position: 182_404},
		{PublicFigureLine: line("513301", "康定市"), Callback: "—", Reply: "—", Version: 2, Position: 183_001, Units: []PublicFigureLine{line("a", "康定市公安局"), few, line("b", "康定市人力资源和社会保障局城乡居民养老保险经办机构")}, Halls: []PublicFigureLine{line("h", "康定市政务服务大厅"), few}},
		{PublicFigureLine: few, Callback: "—", Reply: "—", Version: 1, Position: 182_404}}
	return v
}

func openDataView() *OpenDataView {
	return &OpenDataView{Fewest: 30, Band: 10, Few: 5, Feeds: []Option{{Value: "/public/feed?authority=513301-authority", Text: "康定市行政审批局"}}, Files: []OpenDataFile{
		{Period: "2026 年第一季度", Edition: 2, Last: true, On: at("2026-04-09 00:00"), Digest: "0f4fa8d5b1c90f4fa8d5", Page: "/public/figures?period=2026-Q1&edition=2", CSV: "/public/figures.csv?period=2026-Q1&edition=2"},
		{Period: "2026 年第一季度", Edition: 1, On: at("2026-04-02 00:00"), Digest: "1f4fa8d5b1c90f4fa8d5", Page: "/public/figures?period=2026-Q1&edition=1", CSV: "/public/figures.csv?period=2026-Q1&edition=1"}}}
}

func formulaeView() *FormulaeView {
	return &FormulaeView{Formula: 1, Fewest: 30, SealDay: 1, Edition: "2019-12-27/1", Example: &FormulaExample{"康定市", "2026 年 3 月", "95.00", 1938, 102, 2040},
		Values: []FormulaValue{{"public_ratings", Setting{Value: 30, Unit: "param_unit.count"}}, {"seal_day", Setting{Value: 1, Unit: "param_unit.days"}}}}
}
