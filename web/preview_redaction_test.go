package web

// redactionsView has praise and a bad rating, one of them refused.
func redactionsView() *RedactionsView {
	refused := Form{Action: "/redactions/r1", Values: map[string][]string{"redacted": {"我是███，███在窗口等了半小时，电话13800138000"}}, Errors: map[string]Message{"redacted": Msg("refusal.leaves_a_number")}}
	return &RedactionsView{Page: staffPage("redactions"), Cards: []RedactionCard{
		{Form: refused, Href: "/cases/1", Number: "513301-2026-000317", Unit: "康定市人力资源和社会保障局", Grade: 1, Period: Msg("period.week", "2026", "10"),
			Original: "我是扎西，昨天上午在窗口等了半小时，电话13800138000", Strikes: []StrikeMark{{"name", "我是扎西"}, {"time", "昨天上午"}, {"phone", "13800138000"}}},
		{Form: Form{Action: "/redactions/r2", Values: map[string][]string{"redacted": {"办得很快"}}}, Unit: "康定市公安局", Grade: 5, Period: Msg("period.week", "2026", "10"), Original: "办得很快",
			State: "redacted", Shown: "办得很快"}}}
}
