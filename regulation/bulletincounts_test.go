package regulation

import "testing"

// R04: the note of a quarter's bulletin, which everybody may come to read, tells no count of cases, ratings or people. Years, days, terms,
// and numbers of documents and clauses may stand, and so may a month's note have counts: it is for the units alone.
func TestANoteTellsNoCounts(t *testing.T) {
	for _, note := range []string{"其中3件超期未整改", "有2件经核实的差评", "其中３ 件超期", "两件超期", "三起投诉", "有一件未整改", "涉及几名群众", "五位群众反映", "十余件", "近百件", "30多件", "查实十二例",
		"共4人次", "差评1条", "回访2次", "二十宗", "壹件", "3个人", "两个差评", "第三季度有一起超期", "按第3条办理的2件", "同一人投诉3次", "2026年2件",
		"of which 3 are overdue", "Of these two were late", "three cases are overdue", "3 confirmed bad ratings", "one of the cases is late", "Cases: 4", "cases were 2 in all",
		"persons (3)", "within 15 working days two cases", "3 are overdue", "１２ people", "In 2026 cases 3 are late",
		"投诉 3，表扬 12", "投诉３，表扬１２", "投诉三，表扬十二", "差评：༣", "评价共4", "超期未办结的2；核实4", "群众 7", "12表扬", "评价人数为9", "差评率3.5%", "七成以上已整改", "百分之三未整改", "查实(2)",
		"rated 4", "complaints 3, praise 12", "overdue: 2", "Bad ratings (4)", "confirmed ３", "12% of them", "five per cent were late", "གནད་དོན་༣", "བསམ་འཆར་ ༡༢ ཡོད།",
		"120 complaints were confirmed", "112 cases were late", "complaints: 120", "12000 ratings", "three of them were late", "投诉120，表扬112", "差评有三个。", "其中3个未按期整改", "其中三个超期", "三项差评", "投诉量3",
		"གནད་དོན་3", "一、逐一核实\n二、投诉3", "核实（三）、整改（一）", "查实（三）均已整改"} {
		if !TellsCounts(note) {
			t.Errorf("%q tells a count", note)
		}
		s := BulletinState{Bulletin: Bulletin{Period: "2026-Q1"}}
		if got := s.NoteTells(note); got != "tells_counts" && !TellsOfPeople(note) {
			t.Errorf("%q in a quarter's note: %q", note, got)
		}
		if s.Bulletin.Period = "2026-01"; s.NoteTells(note) == "tells_counts" {
			t.Errorf("%q may not stand in a month's note", note)
		}
	}
	for _, note := range []string{"", "请有关单位对照整改，举一反三。", "2026年第1季度", "2026年3月31日前整改", "在15个工作日内整改到位", "康政服差评通报〔2027〕3号", "按第3号文件办理", "依据第七条第二款", "第三次会议要求",
		"严格落实一次性告知、最多跑一次和高效办成一件事", "统一条件、统一名称", "对每一件差评逐一件核实", "自下周一起执行", "从3月1日起", "12号文件", "各单位负责人要重视", "保护个人信息", "比例上升",
		"无一例外", "一人一档", "千方百计为百姓办事", "二〇二六年", "三位一体", "连续两个季度", "第2名以后的要分析原因",
		"Units shall put it right within 15 working days.", "In 2026 cases were heard in time", "See document No. 3 on people's hotlines", "By 31 March cases shall be closed", "Article 8(3)", "within 15 days of 2 March",
		"the 24-hour people's hotline", "Clause 7 cases",
		"投诉请拨打12345", "投诉：12345", "投诉12345热线", "评价2026年第一季度", "差评15个工作日内整改", "受理3月31日前的", "群众一次办成", "群众一律", "投诉三日内答复", "确保回访率达100%、回复率达百分之百", "按七(二)办理",
		"整改2026年3月完成", "评价5星", "举报电话0836-2832345", "投诉8:30—17:30受理", "一成不变", "完成整改", "受理12号文件", "投诉、举报",
		"rated 5 stars", "closed by 31 March", "closed 31 March 2026", "complaints 12345", "100% of replies", "confirmed within 15 working days", "༢༠༢༦ལོའི་ཟླ་༣ཚེས་༡༥", "དོན་ཚན་༧པ",
		"办理要求\n一、逐一核实\n二、按期整改\n三、及时答复", "1. 逐件核实\n2. 按期整改\n3. 及时答复", "（一）逐件核实（二）按期整改", "要求：（一）逐件核实（二）按期整改（三）及时答复", "发现一起、查处一起", "拨打110举报", "投诉7×24小时受理", "评价5个等级", "统一成为标准",
		"Cases are confirmed one by one", "The counter is closed 12.30 to 14.00", "rated 4 to 5 stars", "Cases rated 1 or 2 are called back", "late 15 minutes", "satisfied 100%", "1. Call back those who complained\n2. Confirm",
		"ལས་ཉིན་༡༥ནང་ཡོ་བསྲང་བྱ་དགོས།", "ཆུ་ཚོད་༡༧བར་", "ཟླ་བ་༣ནང་", "ཁ་པར་12345"} {
		if TellsCounts(note) {
			t.Errorf("%q tells no count", note)
		}
	}
}

// R04: sentences as offices write them. Numbers that are one character, problems, rates and items tell counts as well; targets, turns, labels
// and the points of a list do not.
func TestSentencesOfOffices(t *testing.T) {
	for _, note := range []string{"本季度发现问题3个。", "共查出问题三个，已全部整改。", "检查发现3个问题。", "窗口服务方面发现两个问题", "差评③，均已回访。", "投诉Ⅲ，表扬Ⅻ。", "其中③件超期。", "差评三项，均已核实。",
		"差评3项", "本季度投诉率3。", "好评率98", "全州满意率已达95%以上。", "目前整改率达到90%。", "截至3月底，群众满意率达95%以上", "本季度好评率为97%。", "其中两个投诉尚未办结", "涉及三户企业", "发现三处问题",
		"受理投诉㈢", "差评❷，已约谈", "①差评③件；②投诉一件", "问题共计4个", "收到一个投诉，已答复", "有一个企业反映材料重复提交", "差评两单", "投诉五笔，核实两笔", "问题整改2个，未整改1个", "不满意2",
		"A single complaint was confirmed.", "the only complaint was about waiting", "A couple of complaints were late.", "Both cases were overdue.", "Three problems were found.", "The sole case was overdue", "problems: 3", "a handful of complaints",
		"a single bad rating", "12% of cases should be heard again",
		"办事须知差评率12%", "窗口按要求办理的满意率92%", "经核实要求退还后差评率12%", "落实了要求的满意率为92%", "The office should note that complaints rose 12%",
		"主要问题占30%", "不符合要求的占三成", "整改率37%，满意率达95%以上", "满意率达97%以上", "窗口响应慢的占12%", "本季度整改率达95%以上"} {
		if !TellsCounts(note) {
			t.Errorf("%q tells a count", note)
		}
	}
	for _, note := range []string{"满意率达95%以上。", "群众满意率要达到95%以上", "力争好评率稳定在98%以上。", "确保按期整改率不低于90%", "差评率控制在1%以内", "投诉回访率应达100%", "各单位要将按期办结率提高到九成以上", "群众满意度达90%以上",
		"2026年起，各单位每季度自查。", "依据第八条第三项处理", "请拨打12345热线反映问题", "问题15日内整改到位", "对发现的问题，3个工作日内反馈", "同一个问题不得反复发生", "每个问题都要有人负责", "一个问题一个方案", "问题一经查实，严肃处理",
		"落实好差评三项制度", "投诉两个渠道都要畅通", "第三个问题要重点研究", "①逐件核实；②按期整改；③及时答复。", "要求：①开设绿色通道，②公示办理时限", "一、提高认识\n二、落实责任", "①提高认识\n②落实责任", "问题一：窗口指引不清。问题二：材料清单不一致。",
		"启动Ⅲ级响应，评价Ⅰ类窗口", "问题3月底前整改完毕", "问题于2026年6月30日前销号", "举报电话：0836-2832345", "对差评7×24小时响应", "三个方面抓整改", "评价分为5个等级", "企业两个月内复查", "按照〔2026〕12号文件要求整改问题",
		"The rate of replies shall be at least 95%.", "Units should aim at 95% of good ratings", "Every single complaint shall be answered.", "Each single case is called back", "Problem 1: signs. Problem 2: forms.", "Issues are to be put right within 15 working days",
		"Both sides are heard.", "整改须达到95%以上", "确保整改后满意率达到95%以上", "The rate is to be at least 95%"} {
		if TellsCounts(note) {
			t.Errorf("%q tells no count", note)
		}
	}
}

// R42, R43: words of an office name the year, a document of it, the hotline and the hundred in a hundred that clause 7(2) asks for; a number that may be
// somebody's, and the year in which somebody was born, are told of people still.
func TestWordsOfAnOfficeHaveNumbersOfNobody(t *testing.T) {
	for _, words := range []string{"2026年第一季度", "2026年度", "请拨打12345", "12345热线", "确保回访率达100%", "按甘办发〔2019〕42号文件执行", "2026-Q1", "2026-03-31前整改", "２０２６年度", "In 2026 units shall reply", "100% of replies"} {
		if TellsOfPeople(words) {
			t.Errorf("%q tells of nobody", words)
		}
	}
	for _, words := range []string{"13890012345", "2832345", "编号A1234", "1985年生", "2001年生", "12345678", "10086123", "回执号 112233", "100123", "2026-03-31-0012"} {
		if !TellsOfPeople(words) {
			t.Errorf("%q may tell of somebody", words)
		}
	}
}
