package web

import "strconv"

// performanceView is a county's sealed quarter by unit or by person, a second version.
func performanceView(by string) *PerformanceView {
	v := &PerformanceView{Page: staffPage("performance"), Name: "康定市", Area: "513301", Period: "2026-Q1", PeriodName: "2026 年第一季度", By: by, Version: 2, Versions: 2, At: at("2026-04-02 00:01"), Position: 182_404,
		Formula: 1, Confirms: true, Except: []string{"康定市行政审批局"}, Filter: TableFilter{Action: "/performance", Fields: []Field{
			{Name: "area", Kind: FieldSelect, Label: "col.seal_area", Options: []Option{{Value: "513301", Text: "康定市"}}, Values: []string{"513301"}},
			{Name: "period", Kind: FieldSelect, Label: "col.seal_period", Options: []Option{{Value: "2026-Q1", Text: "2026-Q1"}}, Values: []string{"2026-Q1"}},
			{Name: "by", Kind: FieldSelect, Label: "performance.by", Options: []Option{{Value: "unit", Text: "单位"}, {Value: "staff", Text: "工作人员"}}, Values: []string{by}}}}}
	for i, name := range []string{"康定市公安局", "康定市市场监督管理局", "康定市人力资源和社会保障局城乡居民养老保险经办机构"} {
		n := int64(40 + 31*i)
		bad, confirmed, accepted := n/20, int64(i), int64(i)
		line := PerformanceLine{Key: "k" + strconv.Itoa(i), Name: name, Rated: n, Good: n - bad, Confirmed: &confirmed, GoodRate: "96.43", Honours: i % 2}
		if by == "staff" {
			line.Name, line.Unit = []string{"扎西（演示）", "卓玛（演示）", "王小丽（演示）"}[i], name
		} else {
			line.Bad, line.Accepted, line.InTime, line.Overdue, line.InTimeRate = &bad, &accepted, &accepted, new(int64), "100.00"
		}
		v.Lines = append(v.Lines, line)
	}
	return v
}
