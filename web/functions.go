package web

import (
	"fmt"
	"html/template"
	"strings"
	"time"

	"haochaping/regulation"
	"haochaping/workday"
)

// writer is the functions of one language's pages.
type writer struct {
	lang   Lang
	static *assets
}

func functions(lang Lang, static *assets) template.FuncMap {
	w := writer{lang, static}
	return template.FuncMap{
		"t": w.text, "label": w.label, "has": Has, "msg": w.message, "tb": w.beside, "bo": w.tibetan,
		"date": w.date, "day": w.day, "datetime": w.datetime, "iso": iso,
		"step": w.step, "clause": w.clause, "size": size, "grouped": Grouped, "percent": percent, "args": args, "say": w.option,
		"icon": w.icon, "face": w.face, "bar": Bar, "asset": static.address, "signing": regulation.Signing,
		"grades":           constant([]int{5, 4, 3, 2, 1}),
		"parts":            constant([]string{"name", "post", "position"}),
		"marks":            constant([]string{"1", "2", "3", "4", "5"}),
		"contactLanguages": constant([]string{"zh", "bo", "en"}),
		"contactTimes":     constant([]string{"any", "morning", "afternoon", "evening"}),
		"targetKinds":      constant([]string{"matter", "complaint", "consultation"}),
		"inc":              func(n int) int { return n + 1 },
		"lang":             func() Lang { return lang }, "htmlLang": w.htmlLang,
	}
}

// percent is a rate that may be of nothing.
func percent(rate string) string {
	if rate == "" {
		return "—"
	}
	return rate + "\u00a0%"
}

func (w writer) text(key string, args ...any) string { return T(w.lang, key, args...) }

// label is the text of a code: label "role" "verifier" is the text of role.verifier.
func (w writer) label(prefix string, code any) string {
	return T(w.lang, prefix+"."+fmt.Sprint(code))
}

// step is the name of a step that waits for an act.
func (w writer) step(act string) string { return T(w.lang, StepKey(act)) }

// message renders a message; an argument that is itself a message is rendered first.
func (w writer) message(m Message) string {
	filled := make([]any, len(m.Args))
	for i, arg := range m.Args {
		switch arg := arg.(type) {
		case Message:
			filled[i] = w.message(arg)
		case time.Time:
			filled[i] = w.date(arg)
		default:
			filled[i] = arg
		}
	}
	return T(w.lang, m.Key, filled...)
}

// option is the text of a choice: its own text (a name) or its key's.
func (w writer) option(o Option) string {
	if o.Text != "" {
		return o.Text
	}
	return w.message(Message{o.Key, o.Args})
}

// beside is a text on a citizens' page: with Tibetan chosen, the Tibetan stands after the
// Chinese.
func (w writer) beside(key string, args ...any) template.HTML {
	text := template.HTML(template.HTMLEscapeString(T(w.lang, key, args...)))
	if w.lang != Tibetan {
		return text
	}
	return text + w.tibetan(key, args...)
}

// tibetan is the Tibetan text of a key, marked as Tibetan and by its status, or nothing.
func (w writer) tibetan(key string, args ...any) template.HTML {
	bo, ok := texts.bo[key]
	if !ok {
		return ""
	}
	status := "approved"
	if !bo.approved() {
		status = "unapproved"
	}
	return template.HTML(fmt.Sprintf(` <span class="bo" lang="bo" data-status="%s">%s</span>`,
		status, template.HTMLEscapeString(fill(bo.Text, args))))
}

func (w writer) htmlLang() string {
	if w.lang == English {
		return "en"
	}
	return "zh-CN"
}

// date is a civil date in Beijing: 2026年3月9日 or 9 March 2026.
func (w writer) date(t time.Time) string {
	if w.lang == English {
		return t.In(workday.Shanghai).Format("2 January 2006")
	}
	return t.In(workday.Shanghai).Format("2006年1月2日")
}

// day is a short date: 3月9日 or 9 Mar.
func (w writer) day(t time.Time) string {
	if w.lang == English {
		return t.In(workday.Shanghai).Format("2 Jan")
	}
	return t.In(workday.Shanghai).Format("1月2日")
}

// datetime is a date and a time in Beijing, or no more than the part of the day that is meant.
func (w writer) datetime(t time.Time) string {
	switch {
	case regulation.CoarseDay(t):
		return w.date(t)
	case regulation.CoarseHalf(t) && t.Hour() == 0:
		return T(w.lang, "half_day.morning", w.date(t))
	case regulation.CoarseHalf(t):
		return T(w.lang, "half_day.afternoon", w.date(t))
	}
	return w.date(t) + " " + t.In(workday.Shanghai).Format("15:04")
}

func iso(t time.Time) string { return t.In(workday.Shanghai).Format("2006-01-02T15:04:05-07:00") }

var chineseClauses = strings.NewReplacer("1", "一", "2", "二", "3", "三", "4", "四", "5", "五",
	"6", "六", "7", "七", "8", "八", "9", "九", "(", "\uff08", ")", "\uff09")

// clause names a clause of the regulation, given as "7(2)": 制度第七条(二) or clause 7(2).
func (w writer) clause(id any) string {
	code := fmt.Sprint(id)
	if key := "clause." + code; Has(key) {
		return w.text(key)
	}
	if w.lang != English {
		code = chineseClauses.Replace(code)
	}
	return w.text("clause", code)
}

// size is a file's size, given in bytes.
func size(bytes int64) string {
	switch {
	case bytes >= 1<<20:
		return fmt.Sprintf("%.1f MB", float64(bytes)/(1<<20))
	case bytes >= 1<<10:
		return fmt.Sprintf("%d kB", bytes>>10)
	}
	return fmt.Sprintf("%d B", bytes)
}

// Grouped puts a receipt into groups of four, as people read and type it.
func Grouped(receipt string) string {
	plain := strings.NewReplacer("-", "", " ", "").Replace(receipt)
	var groups []string
	for len(plain) > 4 {
		groups, plain = append(groups, plain[:4]), plain[4:]
	}
	return strings.Join(append(groups, plain), "-")
}

func constant[T any](value T) func() T { return func() T { return value } }

// args hands several values to a part of a page: pairs of name and value.
func args(pairs ...any) (map[string]any, error) {
	if len(pairs)%2 != 0 {
		return nil, fmt.Errorf("args: %d values are no pairs", len(pairs))
	}
	m := make(map[string]any, len(pairs)/2)
	for i := 0; i < len(pairs); i += 2 {
		m[fmt.Sprint(pairs[i])] = pairs[i+1]
	}
	return m, nil
}

// icon draws a symbol of static/icons.svg; it is decoration, the text beside it says the same.
func (w writer) icon(name string) template.HTML {
	return template.HTML(fmt.Sprintf(`<svg class="icon" aria-hidden="true"><use href="%s#%s"/></svg>`,
		w.static.address("icons.svg"), template.HTMLEscapeString(name)))
}

// face draws the face of a grade, 1 to 5.
func (w writer) face(grade int) template.HTML {
	return template.HTML(fmt.Sprintf(`<svg class="face g%d" aria-hidden="true"><use href="%s#face-%d"/></svg>`,
		grade, w.static.address("icons.svg"), grade))
}
