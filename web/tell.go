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

// Telling is a notice's subject and text. brief is one line, for a telephone.
func Telling(lang Lang, told []Told, home string, brief bool) (subject, text string) {
	subject = T(lang, "telling.subject", len(told))
	if brief {
		return subject, T(lang, "telling.brief", len(told), home)
	}
	lines := []string{T(lang, "telling.intro", len(told)), ""}
	for _, t := range told[:min(len(told), mostTold)] {
		lines = append(lines, telling(lang, t))
	}
	if len(told) > mostTold {
		lines = append(lines, T(lang, "telling.more", len(told)-mostTold, home))
	}
	return subject, strings.Join(append(lines, "", T(lang, "telling.end", home)), "\n") + "\n"
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
	return T(lang, "telling."+t.Kind, t.Number, what, until, t.Link)
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
	return T(lang, "telling.code_subject"), T(lang, "telling.code", code) + "\n"
}
