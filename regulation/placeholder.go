package regulation

import "slices"

// Placeholder is a place in a template that a value of the case takes. Label stands in the
// template, between braces; Sample is what a preview shows.
type Placeholder struct {
	Code   string
	Label  string
	Sample string
}

// Placeholders by code: every one that any kind of document knows.
var placeholders = []Placeholder{
	{"case_number", "案件编号", "513301-2026-4820712"},
	{"authority", "主管部门", "康定市政务服务管理局"},
	{"date", "日期", "2026年11月23日"},
	{"unit", "承办单位", "康定市公安局"},
	{"assist", "协办单位", "康定市政务服务大厅"},
	{"rated_unit", "被评价单位", "康定市公安局"},
	{"window", "窗口", "3号 户政窗口"},
	{"matter", "事项", "居民身份证换领"},
	{"grade", "评价等级", "非常不满意"},
	{"period", "评价时段", "2026年第48周"},
	{"order_number", "转办编号", "513301-2026-4820712-Z1"},
	{"ordered_on", "转办日期", "2026年11月26日"},
	{"instructions", "办理要求", "请查明排队时间过长的原因，增设窗口，并在期限内提交整改结果。"},
	{"finding", "核实结论", "属实"},
	{"cause", "差评原因", "办事效率"},
	{"link", "问题环节", "取号排队"},
	{"sign_by", "签收期限", "2026年11月27日"},
	{"due", "整改期限", "2026年12月17日"},
	{"outstanding", "未完成事项", "提交整改结果"},
	{"outstanding_by", "应完成日期", "2026年12月17日"},
	{"time_left", "期限情况", "还有2个工作日到期"},
	{"times", "催办次数", "1"},
	{"days_spent", "已用工作日", "承办单位9个，主管部门3个"},
	{"rated_on", "评价日期", "2026年11月23日"},
	{"reply", "答复内容", "您反映的排队时间过长问题已查实。大厅已增设一个窗口，并公布了高峰时段。给您带来不便，我们诚恳道歉。"},
	{"replied_on", "答复日期", "2026年12月15日"},
	{"appellant", "申诉人", "康定市公安局"},
	{"appealed_on", "申诉日期", "2026年11月30日"},
	{"grounds", "申诉事由", "所述事实不符"},
	{"served_on", "告知日期", "2026年11月25日"},
	{"outcome", "审查结论", "申诉成立"},
	{"granted", "申诉成立的后果", "该评价已依程序提请核销。"},
	{"reasons", "驳回理由", "（仅在驳回申诉时写明）"},
	{"decided_on", "决定日期", "2026年12月4日"},
	{"write_off_kind", "核销类别", "误评"},
	{"basis", "核销依据", "申诉成立"},
	{"proposed_on", "提请日期", "2026年12月4日"},
	{"proposer", "提请人", "扎西"},
	{"approved_on", "审批日期", "2026年12月7日"},
	{"approver", "审批人", "格桑"},
	{"result", "核销结果", "予以核销"},
	{"told", "告知评价人情况", "已告知，异议期满"},
	{"objection", "评价人异议", "无"},
	{"effective_on", "生效日期", "2026年12月14日"},
	{"review", "上级复查", "抽中，待复查"},
	{"answering", "陈述单位或个人", "康定市公安局"},
	{"measure_reason", "问责事由", "逾期未完成整改"},
	{"opened_on", "启动日期", "2026年12月18日"},
	{"state_by", "陈述期限", "2026年12月25日"},
	{"ground", "认定情形", "敲诈勒索"},
	{"legal_basis", "法律依据", "（法律、行政法规的名称和条款）"},
	{"referral_reasons", "移送理由", "（提出移送时写明的理由）"},
	{"upper", "上级主管部门", "甘孜藏族自治州行政审批局"},
	{"referred_on", "移送批准日期", "2027年1月18日"},
}

// listed are the placeholders of some codes, in their order.
func listed(codes ...string) []Placeholder {
	var list []Placeholder
	for _, code := range append([]string{"case_number", "authority", "date"}, codes...) {
		i := slices.IndexFunc(placeholders, func(p Placeholder) bool { return p.Code == code })
		list = append(list, placeholders[i])
	}
	return list
}

// placeholderOf finds a placeholder of a kind by its label.
func placeholderOf(kind DocumentKind, label string) (Placeholder, bool) {
	spec, _ := DocumentSpecOf(kind)
	i := slices.IndexFunc(spec.Placeholders, func(p Placeholder) bool { return p.Label == label })
	if i < 0 {
		return Placeholder{}, false
	}
	return spec.Placeholders[i], true
}

// Samples are the values of a preview, by code: made up, of no case.
func (s DocumentSpec) Samples() map[string]string {
	values := map[string]string{}
	for _, p := range s.Placeholders {
		values[p.Code] = p.Sample
	}
	return values
}
