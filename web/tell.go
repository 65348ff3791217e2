package web

import (
	"strings"
	"time"

	"haochaping/regulation"
)

// Told is one thing that a notice outside the product tells of: codes, a number, a time and an address, no words
// of a case and nothing of a person (R49).
type Told struct {
	Kind, Number, What string
	Until              time.Time
	Link               string
}

// mostTold is how many things a notice spells out.
const mostTold = 20

// Telling is a notice's subject and text. brief is for a telephone: one line, in Tibetan two.
func Telling(lang Lang, told []Told, home string, brief bool) (subject, text string) {
	subject = said(lang, " · ", "telling.subject", len(told))
	if brief {
		return subject, said(lang, "\n", "telling.brief", len(told), home)
	}
	lines := []string{said(lang, "\n", "telling.intro", len(told)), ""}
	for _, t := range told[:min(len(told), mostTold)] {
		lines = append(lines, telling(lang, t))
	}
	if len(told) > mostTold {
		lines = append(lines, said(lang, "\n", "telling.more", len(told)-mostTold, home))
	}
	return subject, strings.Join(append(lines, "", said(lang, "\n\n", "telling.end", home)), "\n") + "\n" + unapproved(lang)
}

// said is a text of a notice. For whoever reads Tibetan it is in both scripts, the Chinese first: an unapproved
// Tibetan text stands beside the Chinese, never instead of it.
func said(lang Lang, between, key string, args ...any) string {
	text := T(lang, key, args...)
	if bo, known := texts.bo[key]; known && lang == Tibetan {
		text += between + fill(bo.Text, args)
	}
	return text
}

// unapproved says of a notice's Tibetan what the foot of a page says of the page's.
func unapproved(lang Lang) string {
	if lang != Tibetan {
		return ""
	}
	return "\n" + T(lang, "foot.tibetan") + "\n"
}

func telling(lang Lang, t Told) string {
	until := T(lang, "telling.open")
	if !t.Until.IsZero() {
		until = writer{lang: lang}.datetime(t.Until)
	}
	what := ""
	switch t.Kind {
	case regulation.ToldStep, regulation.ToldDue, regulation.ToldOverdue:
		what = T(lang, "act."+t.What)
	case regulation.ToldAlarm:
		what = tellAlarm(lang, t.What)
	}
	return said(lang, "\n  ", "telling."+t.Kind, t.Number, what, until) + "\n  " + t.Link
}

// tellAlarm words an alarm's kind, or says no more than that there is one.
func tellAlarm(lang Lang, kind string) string {
	if Has("alarm." + kind) {
		return T(lang, "alarm."+kind)
	}
	return T(lang, "telling.some_alarm")
}

// TellingCode is the subject and text by which an address is confirmed.
func TellingCode(lang Lang, code string) (subject, text string) {
	return said(lang, " · ", "telling.code_subject"), said(lang, "\n", "telling.code", code) + "\n" + unapproved(lang)
}

// TellingRater is a text message to a rater: the kinds of what there is to read on the receipt's page, and by what they
// know that it is from the office. It names neither case nor department, and nothing of what was rated.
func TellingRater(lang Lang, kinds []string, page, codeWord, official string) (subject, text string) {
	var told, bo []string
	for _, kind := range kinds {
		told, bo = append(told, T(lang, "news."+kind)), append(bo, texts.bo["news."+kind].Text)
	}
	text = T(lang, "news.text", strings.Join(told, " "), page, codeWord, official)
	if lang == Tibetan {
		text += "\n" + fill(texts.bo["news.text"].Text, []any{strings.Join(bo, " "), page, codeWord, official})
	}
	return T(lang, "news.subject"), text
}
