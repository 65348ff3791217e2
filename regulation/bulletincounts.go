package regulation

import (
	"regexp"
	"slices"
	"strings"
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
var hanUncounted = regexp.MustCompile(`第` + hanNumber + `+[条次名位]|[统同单唯之专逐每再任]一` + hanMeasure +
	`|(?:周|星期)[一二三四五六]起|一(?:件件|条条|次次|件事|人一|条龙|例外)|跑一次|一次(?:性|办|告知|受理|提交|填报|通过)|[三四五]位一体|一起(?:努力|推进|抓|研究|商)`)

// hanCount is a number right before a measure word, also of about so many.
var hanCount = regexp.MustCompile(hanNumber + `[余多来]?(?:` + hanMeasure + `|个(?:人|案|差评|评价|群众|市民|当事))`)

// English numbers, and what is counted.
const (
	latinNumber = `(\d+|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|twenty|thirty|forty|fifty|hundred|dozen|several)`
	latinThing  = `(?:cases?|ratings?|reviews?|complaints?|people|persons?|citizens?|raters?)`
)

var (
	// latinNumbered are numbers of clauses and documents.
	latinNumbered = regexp.MustCompile(`\b(?:articles?|clauses?|sections?|paragraphs?|items?|numbers?|nos?\.?|quarters?|q)\s*\d+`)
	latinDay      = regexp.MustCompile(`\b(?:hours?|days?|weeks?|months?|quarters?|years?|january|february|march|april|may|june|july|august|september|october|november|december)\b`)
	latinYear     = regexp.MustCompile(`^(?:19|20)\d\d$`)
	latinCounts   = []*regexp.Regexp{
		regexp.MustCompile(`\b` + latinNumber + `((?:[\s-]+[a-z'-]+){0,3}?)[\s-]+` + latinThing + `\b`),
		regexp.MustCompile(`\b` + latinThing + `\s*(?:[:=(–-]|are|were|is|was|number|total)+\s*` + latinNumber + `\b((?:\s+[a-z]+){0,2})`),
		regexp.MustCompile(`\bof\s+(?:which|these|those|them|whom),?\s+` + latinNumber + `\b((?:\s+[a-z]+){0,2})`),
		regexp.MustCompile(`\b` + latinNumber + `\s+(?:are|were|remain|have)()\b`),
	}
)

// TellsCounts tells whether words of an office tell how many cases, ratings or people there are. Years, days, terms and numbers of
// documents and clauses are no such counts.
func TellsCounts(words string) bool {
	if hanCount.MatchString(hanUncounted.ReplaceAllString(squeezed(words), "。")) {
		return true
	}
	latin := latinNumbered.ReplaceAllString(strings.Map(narrow, strings.ToLower(words)), ".")
	return slices.ContainsFunc(latinCounts, func(count *regexp.Regexp) bool { return latinTells(count, latin) })
}

// latinTells tells whether words have such a count. It looks again behind each number that is none: another one may follow at once.
func latinTells(count *regexp.Regexp, words string) bool {
	for {
		at := count.FindStringSubmatchIndex(words)
		if at == nil {
			return false
		}
		if !latinYear.MatchString(words[at[2]:at[3]]) && !latinDay.MatchString(words[at[4]:at[5]]) {
			return true
		}
		words = words[at[3]:]
	}
}
