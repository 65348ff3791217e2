package regulation

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// A public bulletin tells counts by the rule alone, each where none under FewestShown can be told by it (R04). A note beside it that tells
// one undoes that, and so a quarter's note, which everybody may come to read, has none of cases, ratings or people.

// Chinese numbers, and the words by which cases, ratings and people are counted.
const (
	hanNumber  = `[\p{N}零一二三四五六七八九十百千万两几俩仨廿壹贰叁肆伍陆柒捌玖拾佰]`
	hanMeasure = `[件起例人宗条次名位]`
)

// hanUncounted are words that look like counts and are none: numbers of clauses and turns, days from which on something holds, and set
// phrases with one.
var hanUncounted = regexp.MustCompile(`第` + hanNumber + `+(?:[条次名位项]|个问题)|[统同单唯之专逐每再任]一` + hanMeasure +
	`|[同每这那哪某任]一?个(?:问题|投诉|企业|群众)|一个(?:问题|投诉|案件)(?:一|都|也)|(?:^|[。;；：:])问题` + hanNumber + `[:：、.．]` +
	`|(?:周|星期)[一二三四五六]起|一(?:件件|条条|次次|件事|人一|条龙|例外)|跑一次|一次(?:性|办|告知|受理|提交|填报|通过)|[三四五]位一体|一起(?:努力|推进|抓|研究|商)` +
	`|发现一[起件例][、，,]?\p{Han}{2}一[起件例]|[统之]一成|拨打1(?:10|19|20|22)|[7七][×xX*]24小时`)

// listMarks are the numbers of points at the beginning of a line, inlineMarks those within one: 一）核实（二）按期 tells no two.
var (
	listMarks   = regexp.MustCompile(`(?m)^[\s　]*(?:[①-⒛㈠-㈩㊀-㊉❶-➓][、.．)）]?|[(（](?:[一二三四五六七八九十]{1,3}|\p{Nd}{1,2})[)）]|[一二三四五六七八九十]{1,3}、|\p{Nd}{1,2}[、.．)）])[\s　]*([\p{Han}\p{Latin}\p{Tibetan}])`)
	inlineMarks = regexp.MustCompile(`[(（][一二三四五六七八九十]{1,3}[)）](\p{Han})`)
	firstMark   = regexp.MustCompile(`(?:^|[\s。；：;:,，])[(（]一[)）]\p{Han}`)
	ringMarks   = regexp.MustCompile(`[①-⒛㈠-㈩㊀-㊉❶-➓]\p{Han}`)
	firstRing   = regexp.MustCompile(`(?:^|[\s。；：;:,，])[①⑴⒈㈠㊀❶➀➊]\p{Han}`)
)

// withoutMarks are words without the numbers of their points; those within a line are such where the first is there.
func withoutMarks(words string) string {
	if firstMark.MatchString(words) {
		words = inlineMarks.ReplaceAllString(words, "。$1")
	}
	if firstRing.MatchString(words) {
		words = ringMarks.ReplaceAllStringFunc(words, func(mark string) string {
			if hanMeasured.MatchString(mark) {
				return mark
			}
			_, size := utf8.DecodeRuneInString(mark)
			return "。" + mark[size:]
		})
	}
	return listMarks.ReplaceAllString(words, "。$1")
}

// hanMeasured is a number with a measure word, which is no mark of a point.
var hanMeasured = regexp.MustCompile(`^` + hanNumber + `[件起例人宗条次名位个项单笔桩处户]$`)

// numeralRow is a row of numbers that are one character each, the first of which is from.
type numeralRow struct {
	first, last rune
	from        int
}

// numerals are those rows: each character after the first counts on.
var numerals = []numeralRow{{'①', '⑳', 1}, {'⑴', '⒇', 1}, {'⒈', '⒛', 1}, {'⓫', '⓴', 11}, {'⓵', '⓾', 1}, {'❶', '❿', 1}, {'➀', '➉', 1}, {'➊', '➓', 1}, {'Ⅰ', 'Ⅻ', 1}, {'ⅰ', 'ⅻ', 1}, {'㈠', '㈩', 1}, {'㊀', '㊉', 1}}

// spelledNumerals are words with those as digits: ③, Ⅲ and 3 tell the same.
func spelledNumerals(words string) string {
	var b strings.Builder
	for _, r := range words {
		at := slices.IndexFunc(numerals, func(row numeralRow) bool { return r >= row.first && r <= row.last })
		if at < 0 {
			b.WriteRune(r)
			continue
		}
		b.WriteString(strconv.Itoa(int(r-numerals[at].first) + numerals[at].from))
	}
	return b.String()
}

// hanCount is a number right before a measure word, also of about so many.
var hanCount = regexp.MustCompile(hanNumber + `[余多来]?(?:` + hanMeasure + `|个(?:人|案|差评|中评|好评|评价|群众|市民|当事|问题|投诉|表扬|举报|工单|信访|企业|不满意)|处(?:问题|差评|投诉)|户(?:企业|群众))`)

// English numbers, and what is counted.
const (
	latinNumber = `(\d+|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|twenty|thirty|forty|fifty|hundred|dozen|several|single|sole|couple|handful|both|the only)`
	latinThing  = `(?:cases?|problems?|issues?|defects?|ratings?|reviews?|complaints?|compliments?|commendations?|appeals?|tickets?|people|persons?|citizens?|raters?)`
	latinDone   = `(?:rated|praised|praise|complained|overdue|late|closed|confirmed|rectified|unresolved|dissatisfied|satisfied|commended)`
)

var (
	// latinNumbered are numbers of clauses and documents, and others that count nothing.
	latinNumbered = regexp.MustCompile(`\b(?:articles?|clauses?|sections?|paragraphs?|items?|numbers?|nos?\.?|quarters?|q)\s*\d+` +
		`|\b(?:every|each|any)\s+(?:single|one)\b|\bboth\s+sides\b|\b(?:problems?|issues?|cases?)\s+\d+\s*:` +
		`|\bone(?:[\s-]+by[\s-]+one|\s+another|\s+(?:morning|afternoon|evening|counter|window))\b` + // set phrases
		`|\b\d{1,2}[:.]\d\d\b|\b24\s*[/x×]\s*7\b|\brated\s+[1-5]\s*(?:to|or|and|[–-])\s*[1-5]\b`) // hours, and grades from one to another
	latinDay    = regexp.MustCompile(`\b(?:hours?|days?|weeks?|months?|quarters?|years?|january|february|march|april|may|june|july|august|september|october|november|december|minutes?|stars?|grades?|points?|a\.?m|p\.?m)\b`)
	latinWhole  = regexp.MustCompile(`\b(?:100|hundred)\s*(?:%|per\s?cent\b)`)
	latinTarget = regexp.MustCompile(`(?i)\b(?:shall|should|must|is to|are to|aims? (?:for|at)|targets?)\b[^.;%\d]{0,60}\d+ ?(?:%|per ?cent\b)`)
	latinAsks   = regexp.MustCompile(`(?i)\b(?:is|are) to\b`)
	latinShare  = regexp.MustCompile(`\d\s*%|(?:\d|[a-z]) ?per\s?cent\b`)
	latinYear   = regexp.MustCompile(`^(?:19|20)\d\d$`)
	latinCounts = []*regexp.Regexp{
		regexp.MustCompile(`\b` + latinNumber + `((?:[\s-]+[a-z'-]+){0,3}?)[\s-]+` + latinThing + `\b`),
		regexp.MustCompile(`\b` + latinThing + `\s*(?:[:=(–-]|are|were|is|was|number|total)*\s*` + latinNumber + `\b((?:\s+[a-z]+){0,2})`),
		regexp.MustCompile(`\b` + latinDone + `\s*(?:[:=(–-]|are|were|is|was|number|total)*\s*` + latinNumber + `\b((?:\s+[a-z]+){0,2})`),
		regexp.MustCompile(`\bof\s+(?:which|these|those|them|whom),?\s+` + latinNumber + `\b((?:\s+[a-z]+){0,2})`),
		regexp.MustCompile(`\b` + latinNumber + `\s+(?:are|were|remain|have)()\b`),
		regexp.MustCompile(`\b(\d+|two|three|four|five|six|seven|eight|nine|ten|several)\s+of\s+(?:them|these|those|which|whom|the\s+(?:` + latinThing + `|` + latinDone + `))()\b`),
	}
)

// Words of what offices count, after which a number stands by itself as in a table, and which a number may stand right before.
const (
	hanThing = `(?:问题|投诉|举报|表扬|差评|好评|中评|评价|信访|工单|案件|个案|来电|来信|回访|申诉|核销|群众|市民|企业|当事人|评价人|投诉人)`
	hanDone  = `(?:查实|核实|整改|超期|逾期|办结|受理|答复|退回|反映|不满意|满意)`
	hanTotal = `(?:件数|条数|次数|人数|总数|数量|数|量|率|件|者)?(?:共计|合计|总计|共有|计有|共|有|为|是|达到|达|约|近|超过|仅|只有|各)?[:：=＝、,，(（]?`
)

// hanTabled is such a number in digits with what follows it, hanSpelled one in characters where nothing follows: 群众一律 is no count.
// hanShares are shares, of which one of a count that is public tells another.
var (
	hanTabled  = regexp.MustCompile(`(?:` + hanThing + `|` + hanDone + `)` + hanTotal + `(\p{Nd}+)((?:个)?\P{Nd}{0,3})`)
	hanItems   = regexp.MustCompile(hanThing + hanTotal + hanNumber + `+[项单笔桩个宗](\P{N}{0,2})`)
	hanSpelled = regexp.MustCompile(`(?:` + hanThing + `|` + hanDone + `)` + hanTotal + `[零一二三四五六七八九十百千万两廿壹贰叁肆伍陆柒捌玖拾佰]+个?(?:[,，、;；。.!！)）]|$)`)
	hanAmong   = regexp.MustCompile(`其中(?:的|仅|只|有|共)*` + hanNumber + `+个?(?:未|已|超|逾|尚|仍|属实|查实|整改)|` + hanNumber + `(?:项|笔|单|桩)(?:投诉|举报|表扬|差评|好评|中评|信访|工单)`)
	hanBefore  = regexp.MustCompile(`()(\p{Nd}+)` + hanThing)
	hanShares  = regexp.MustCompile(`(\p{Nd}[\p{Nd}.．]*)[%％]|百分之(` + hanNumber + `+)|[一二两三四五六七八九\p{Nd}]成(?:多|以上|左右|的|是|为|未|已|，|。|$)`)
)

// hanItemNames are words for what offices do and set, of which there may be as many as they like: 差评三项制度.
var hanItemNames = regexp.MustCompile(`^(?:制度|机制|措施|要求|内容|指标|工作|任务|原则|规定|功能|标准|渠道|方面|环节|层面|阶段|步骤|等级|档|维度|方式|途径|清单|小时|工作日|自然|月|季|年)`)

// hanTarget is a share that is asked for, no share that there is: behind a word that asks, or of so much at least or at most of a rate without a word that
// says it is so already.
var (
	hanTarget = regexp.MustCompile(`(?:不低于|不得低于|不少于|不高于|不得高于|不超过|不得超过|力争|确保|争取|目标[为是]|要求|应(?:当|达|不|在|提|控)|要(?:达|在|控|提|保)|须|控制在|压降至|提升到|提升至|提高到|提高至|保持在|稳定在)[^。；;，,\p{N}]{0,12}(?:\p{Nd}[\p{Nd}.．]*\s*[%％]|百分之` + hanNumber + `+|[一二两三四五六七八九\p{Nd}]成)(?:及?以[上下内]|左右)?`)
	hanBound  = regexp.MustCompile(`(?:率|满意度)(?:达到?)?\s*(?:\p{Nd}[05]|\p{Nd}8|99)\s*[%％]及?以上`)
	hanIsSo   = regexp.MustCompile(`已|为止|目前|现|本季|本月|上季|上月|季度|今年|去年|实际|同期|截至|累计|仅|只|占|完成|符合`)
)

// hanNotAsked is what of words that ask tells that they do not, as 办事须知 and what came to so much after something; hanAsAsked stands before 要求
// where something was done as was asked.
var (
	hanNotAsked = regexp.MustCompile(`须知|要求的|了|后[^达不低]*$`)
	hanAsAsked  = regexp.MustCompile(`按照?\s*$`)
)

// latinIsSo are words behind which a share is no target.
var latinIsSo = regexp.MustCompile(`(?i)\b(?:that|was|were|is|are|rose|fell|has|have|had)\b`)

// withoutTargets are words without the shares that are asked for.
func withoutTargets(words string) string {
	for _, asked := range []*regexp.Regexp{hanBound, hanTarget} {
		var kept strings.Builder
		from := 0
		for _, at := range asked.FindAllStringIndex(words, -1) {
			sentence := words[:at[1]]
			if asked == hanTarget {
				sentence = words[at[0]:at[1]]
			} else if end := strings.LastIndexAny(sentence, "。；;\n"); end >= 0 {
				sentence = sentence[end:]
			}
			if !hanIsSo.MatchString(sentence) && (asked == hanBound || !hanNotAsked.MatchString(sentence) && !hanAsAsked.MatchString(words[:at[0]])) {
				kept.WriteString(words[from:at[0]] + "。")
				from = at[1]
			}
		}
		words = kept.String() + words[from:]
	}
	return words
}

func withoutLatinTargets(words string) string {
	return latinTarget.ReplaceAllStringFunc(words, func(asked string) string {
		if latinIsSo.MatchString(latinAsks.ReplaceAllString(asked, "")) {
			return asked
		}
		return "."
	})
}

// hanUnit is what follows a number that is a day, a time, a term, a grade or the number of a clause, hanPhone a number that is called.
var (
	hanUnit  = regexp.MustCompile(`^(?:个?(?:工作日|自然日|小时|月|季度|年度|等级)|年|月|日|号|天|时|点|分|秒|周|星|级|款|条款|项|类|章|%|％|[-—–/:：]$)`)
	hanPhone = regexp.MustCompile(`^(?:123\d\d|9\d{4}|\d{7,})$`)
)

// hanTells tells whether Chinese words have a number of what offices count without a measure word, or a share of it. The whole, which
// the regulation itself asks for, is no share.
func hanTells(words string) bool {
	if hanSpelled.MatchString(words) || hanAmong.MatchString(words) {
		return true
	}
	if slices.ContainsFunc(hanItems.FindAllStringSubmatch(words, -1), func(at []string) bool { return !hanItemNames.MatchString(at[1]) }) {
		return true
	}
	for _, share := range hanShares.FindAllStringSubmatch(words, -1) {
		if whole := strings.Map(plainDigit, share[1]+share[2]); whole != "100" && whole != "百" && whole != "一百" {
			return true
		}
	}
	return slices.ContainsFunc(hanTabled.FindAllStringSubmatch(words, -1), func(at []string) bool {
		number := strings.Map(plainDigit, at[1])
		return !latinYear.MatchString(number) && !hanPhone.MatchString(number) && !hanUnit.MatchString(at[2])
	}) || slices.ContainsFunc(hanBefore.FindAllStringSubmatch(words, -1), func(at []string) bool {
		number := strings.Map(plainDigit, at[2])
		return !latinYear.MatchString(number) && !hanPhone.MatchString(number)
	})
}

// Tibetan numbers stand behind what they count, as those of months, days, hours and articles do, in either script's digits.
var (
	tibetanNumber = regexp.MustCompile(`([\x{0F40}-\x{0FBC}]+(?:་[\x{0F40}-\x{0FBC}]+)*)[་\s:：]*([\x{0F20}-\x{0F33}\d]+)[་\s]*([\x{0F40}-\x{0FBC}]*)`)
	tibetanBefore = regexp.MustCompile(`(?:^|་)(?:ཟླ|ཟླ་བ|ཚེས|ཚན|ཨང|ཨང་གྲངས|ཨང་རྟགས|ལོ|ཆུ་ཚོད|ཉིན|ཉིན་མོ|ཉིན་གྲངས|ཁ་པར)$`)
	tibetanAfter  = []string{"ལོ", "ལོའི", "པ", "པའི", "པར", "བ", "ཉིན", "ཟླ", "ཚེས", "དུས"}
)

func tibetanTells(words string) bool {
	return slices.ContainsFunc(tibetanNumber.FindAllStringSubmatch(words, -1), func(at []string) bool {
		number := strings.Map(plainDigit, at[2])
		return !tibetanBefore.MatchString(at[1]) && !contains(tibetanAfter, at[3]) && !latinYear.MatchString(number) && !hanPhone.MatchString(number)
	})
}

// plainDigit turns the digits of other scripts into ASCII's.
func plainDigit(r rune) rune {
	if r >= '༠' && r <= '༩' {
		return r - '༠' + '0'
	}
	return narrow(r)
}

// TellsCounts tells whether words of an office tell how many cases, ratings or people there are, or which share. Years, days, terms, numbers
// that are called and those of documents and clauses are no such counts.
func TellsCounts(words string) bool {
	words = withoutLatinTargets(withoutTargets(spelledNumerals(withoutMarks(words))))
	han := hanUncounted.ReplaceAllString(squeezed(words), "。")
	if hanCount.MatchString(han) || hanTells(han) || tibetanTells(words) {
		return true
	}
	latin := latinWhole.ReplaceAllString(latinNumbered.ReplaceAllString(strings.Map(plainDigit, strings.ToLower(words)), "."), ".")
	return latinShare.MatchString(latin) || slices.ContainsFunc(latinCounts, func(count *regexp.Regexp) bool { return latinTells(count, latin) })
}

// latinTells tells whether words have such a count. It looks again behind each number that is none: another one may follow at once.
func latinTells(count *regexp.Regexp, words string) bool {
	for {
		at := count.FindStringSubmatchIndex(words)
		if at == nil {
			return false
		}
		if number := words[at[2]:at[3]]; !latinYear.MatchString(number) && !hanPhone.MatchString(number) && !latinDay.MatchString(words[at[4]:at[5]]) {
			return true
		}
		words = words[at[3]:]
	}
}
