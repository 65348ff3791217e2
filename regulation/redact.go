package regulation

import (
	"regexp"
	"slices"
	"strings"
)

// What a citizen wrote may tell who they are. The rated side reads it only once an officer who is not of the rated
// unit has struck out what does (2, 9(2), R04).

// Struck stands for whatever was struck out, however long it was.
const Struck = "███"

// Why something is struck out.
const (
	StrikePhone  = "phone"
	StrikeID     = "identity"
	StrikePlate  = "plate"
	StrikeTime   = "time"
	StrikeNumber = "number"
	StrikeName   = "name"
	StrikePlace  = "place"
)

// Strike is a place that may tell who wrote: bytes of the text from From up to To.
type Strike struct {
	From, To int
	Kind     string
}

const (
	// digit are ours, the full-width ones that Chinese keyboards write, and the Tibetan ones. They are escaped here:
	// written out, whatever tidies the file may turn them into ours, and nothing would tell.
	digit    = `0-9\x{FF10}-\x{FF19}\x{0F20}-\x{0F29}`
	letter   = `A-Za-z\x{FF21}-\x{FF3A}\x{FF41}-\x{FF5A}`
	numeral  = `[` + digit + `〇零一二三四五六七八九十百两半]`
	surnames = `(?:欧阳|司马|诸葛|扎西|卓玛|达瓦|尼玛|泽仁|格桑|四郎|仁青|根秋|益西|白玛|曲珍|拥[忠青]|多吉|彭措|翁姆|拉姆|[赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦许何吕张孔曹严华金魏陶姜谢邹喻苏潘葛范彭鲁韦马方俞任袁柳唐罗薛雷贺倪汤殷毕郝邬安常乐于时傅齐康余顾孟黄穆萧尹姚邵汪祁毛禹狄戴谈宋庞熊纪舒屈项祝董梁杜阮蓝闵席季贾路江童颜郭梅盛林钟徐邱骆高夏蔡田樊胡凌霍万支柯管卢莫房裘解应宗丁宣邓单洪包左石崔吉龚程嵇邢裴陆荣翁甄曲封储靳段侯全班仰仲宫宁栾甘武符刘景詹束龙叶司郜黎薄印白蒲邰从鄂索赖卓蔺屠蒙池乔阴能苍闻党翟谭贡劳姬申冉宰桑尚温庄晏柴瞿阎充慕连茹习艾鱼容向古易慎戈廖庾终居衡步都耿满弘匡文寇广欧沃越隆师巩厍聂晁勾敖融冷辛那简饶曾关荆游权盖益])`
)

// strikes are the patterns, the surest first; of two that overlap the first stands.
var strikes = []struct {
	kind    string
	pattern *regexp.Regexp
}{
	{StrikeID, regexp.MustCompile(`[` + digit + `]{17}[` + digit + `Xx\x{FF38}\x{FF58}]`)},
	// A number is told by seven digits, however they are set apart, or by as many numerals read out.
	{StrikePhone, regexp.MustCompile(`(?:[+\x{FF0B}]?86[- ]?)?(?:[` + digit + `][-\s.·—\x{FF0D}]{0,3}){7,}|[〇零一二三四五六七八九幺]{7,}`)},
	{StrikePlate, regexp.MustCompile(`[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼]\s?[` + letter + `][-·•\s]?[` + letter + digit + `]{4,6}`)},
	{StrikePlace, regexp.MustCompile(`\p{Han}{1,6}(?:村|社区|小区)(?:` + numeral + `+(?:号|栋|单元|组|社))*|\p{Han}{1,6}(?:路|街|巷|组)` + numeral + `+(?:号|栋|单元)?`)},
	{StrikeTime, regexp.MustCompile(`[0-9]{1,4}[-/.年][0-9]{1,2}(?:[-/.月][0-9]{1,2}[日号]?)?|` + numeral + `+月(?:` + numeral + `+[日号]?)?|` + numeral + `+[日号]|[` + digit + `]{1,2}[:\x{FF1A}][` + digit + `]{2}|` +
		`(?:今天|昨天|前天|大前天|当天)?(?:早上|早晨|上午|中午|下午|傍晚|晚上)?` + numeral + `+[点时](?:` + numeral + `+分?|半|一刻|三刻)?|(?:今天|昨天|前天|大前天|上午|中午|下午|早上|傍晚|晚上)|(?:上|本|这)?(?:周|星期|礼拜)[一二三四五六日天]`)},
	{StrikeName, regexp.MustCompile(`(?:我叫|我是|本人|我名叫|姓名[:\x{FF1A}]?)\s*` + surnames + `\p{Han}{0,3}|` + surnames + `\p{Han}{0,2}(?:先生|女士|师傅|老师|大姐|大哥|阿姨|叔叔|经理|医生|老板|同志|老乡|村长|书记)|` +
		`(?:扎西|卓玛|达瓦|尼玛|泽仁|格桑|四郎|仁青|根秋|益西|白玛|多吉|彭措|曲珍|翁姆|拉姆|拥忠)(?:扎西|卓玛|达瓦|尼玛|泽仁|格桑|多吉|彭措|曲珍|翁姆|拉姆|拥忠|娜姆|志玛|吉村|康珠|邓珠|西姆|泽仁|扎巴)?`)},
	{StrikeNumber, regexp.MustCompile(`[A-Za-z]{0,6}[` + digit + `][A-Za-z` + digit + `-]{2,}`)},
}

// SuggestStrikes finds by pattern what of a text may tell who wrote it, in its order. It finds neither all of that nor
// that alone: an officer decides.
func SuggestStrikes(text string) []Strike {
	var found []Strike
	for _, s := range strikes {
		for _, at := range s.pattern.FindAllStringIndex(text, -1) {
			taken := slices.ContainsFunc(found, func(f Strike) bool { return at[0] < f.To && f.From < at[1] })
			if !taken && at[0] < at[1] {
				found = append(found, Strike{at[0], at[1], s.kind})
			}
		}
	}
	slices.SortFunc(found, func(x, y Strike) int { return x.From - y.From })
	return found
}

// StrikeOut is the text without what the strikes name, which are in its order.
func StrikeOut(text string, strikes []Strike) string {
	var b strings.Builder
	from := 0
	for _, s := range strikes {
		b.WriteString(text[from:s.From])
		b.WriteString(Struck)
		from = s.To
	}
	b.WriteString(text[from:])
	return b.String()
}

// mustGo are the kinds that no officer may leave standing.
var mustGo = []string{StrikeID, StrikePhone, StrikePlate}

// runs of struck characters, however many the officer typed.
var struckRuns = regexp.MustCompile(`█+`)

// Redacted is what an officer left of a text, with each strike as long as any other. Refused where something stands in
// it that the citizen did not write there, or a number that leads to a person was left.
func Redacted(original, typed string) (string, error) {
	original, typed = plainLines(original), plainLines(typed)
	e := &Error{Code: Invalid, Clause: ClauseRights, Missing: "fields"}
	switch pieces := struckRuns.Split(typed, -1); {
	case typed == "":
		return "", e.Field("redacted", "required")
	case !isLeftOf(original, pieces):
		return "", e.Field("redacted", "not_of_the_text")
	}
	left := struckRuns.ReplaceAllString(typed, Struck)
	// Also what stands on both sides of a strike: one that strikes out little, or nothing, leaves the number.
	if leadsToAPerson(left) || leadsToAPerson(struckRuns.ReplaceAllString(typed, "")) {
		return "", e.Field("redacted", "leaves_a_number")
	}
	return left, nil
}

func leadsToAPerson(text string) bool {
	return slices.ContainsFunc(SuggestStrikes(text), func(s Strike) bool { return contains(mustGo, s.Kind) })
}

func plainLines(text string) string {
	return strings.TrimSpace(strings.ReplaceAll(text, "\r\n", "\n"))
}

// isLeftOf tells whether pieces are what stands before, between and behind strikes of a text.
func isLeftOf(original string, pieces []string) bool {
	last := len(pieces) - 1
	if last == 0 {
		return pieces[0] == original
	}
	rest, ok := strings.CutPrefix(original, pieces[0])
	if !ok {
		return false
	}
	for _, piece := range pieces[1:last] {
		at := strings.Index(rest, piece)
		if at < 0 {
			return false
		}
		rest = rest[at+len(piece):]
	}
	return strings.HasSuffix(rest, pieces[last])
}

// What the rated side is told of a comment.
const (
	CommentWaiting  = "waiting"  // withheld until an officer has redacted it
	CommentWithheld = "withheld" // an officer decided that nothing of it can be shown
	CommentRedacted = "redacted"
)

// Comment is what the rated side reads of what a citizen wrote.
type Comment struct {
	State string
	Text  string
}

// RatedComment is the one way by which words of a rating reach the rated side: State is "" where the citizen wrote
// nothing. decision is an officer's last, "" for none, and text what they left.
func RatedComment(wrote bool, decision, text string) Comment {
	switch {
	case !wrote:
		return Comment{}
	case decision == CommentRedacted && text != "":
		return Comment{CommentRedacted, text}
	case decision == CommentWithheld:
		return Comment{State: CommentWithheld}
	}
	return Comment{State: CommentWaiting}
}

// MayRedact refuses whoever serves at the rated unit, or was rated: they would read what is kept from them (R04).
func MayRedact(actor Actor, rated Rated) error {
	if actor.ServesAt(rated.Unit) || actor.Staff != "" && actor.Staff == rated.Staff {
		return &Error{Code: NotPermitted, Clause: ClauseRights, Missing: "of_the_rated_unit"}
	}
	return nil
}

// RedactFields are the form's.
var RedactFields = []Field{
	{Name: "redacted", Type: TypeLong, Max: 2000},
	{Name: "decision", Type: TypeChoice, Required: true, Options: []string{CommentRedacted, CommentWithheld}},
}

// Redaction is an officer's decision on what was typed into the form.
func Redaction(original string, v Values) (decision, text string, err error) {
	switch decision = v.Get("decision"); decision {
	case CommentRedacted:
		text, err = Redacted(original, v.Get("redacted"))
		return decision, text, err
	case CommentWithheld:
		return decision, "", nil
	}
	return "", "", (&Error{Code: Invalid, Clause: ClauseRights, Missing: "fields"}).Field("decision", "not_an_option")
}
