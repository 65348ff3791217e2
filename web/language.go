package web

import (
	"strconv"
	"strings"
)

// Lang is a language of the pages. Tibetan shows Chinese with the Tibetan beside it, on
// citizens' pages only.
type Lang string

const (
	Chinese Lang = "zh"
	English Lang = "en"
	Tibetan Lang = "bo"
)

// Langs lists the languages, the default first.
var Langs = []Lang{Chinese, English, Tibetan}

// ParseLang reads a language from an address or a cookie.
func ParseLang(s string) (Lang, bool) {
	tag, _, _ := strings.Cut(strings.ToLower(strings.TrimSpace(s)), "-")
	for _, lang := range Langs {
		if tag == string(lang) {
			return lang, true
		}
	}
	return Chinese, false
}

// Negotiate chooses the reader's language: the address (?lang=) before the cookie before the
// browser's Accept-Language before Chinese.
func Negotiate(query, cookie, acceptLanguage string) Lang {
	for _, asked := range []string{query, cookie} {
		if lang, ok := ParseLang(asked); ok {
			return lang
		}
	}
	return accepted(acceptLanguage)
}

func accepted(header string) Lang {
	best, weight := Chinese, 0.0
	for _, part := range strings.Split(header, ",") {
		tag, params, _ := strings.Cut(part, ";")
		lang, ok := ParseLang(tag)
		if q := quality(params); ok && q > weight {
			best, weight = lang, q
		}
	}
	return best
}

func quality(params string) float64 {
	value, ok := strings.CutPrefix(strings.TrimSpace(params), "q=")
	if !ok {
		return 1
	}
	q, err := strconv.ParseFloat(value, 64)
	if err != nil {
		return 0
	}
	return q
}

// Theme is the reader's choice of light or dark; the empty theme follows the device.
type Theme string

const (
	ThemeAuto  Theme = ""
	ThemeLight Theme = "light"
	ThemeDark  Theme = "dark"
)

// ParseTheme reads a theme from a cookie or a form; anything unknown follows the device.
func ParseTheme(s string) Theme {
	switch theme := Theme(s); theme {
	case ThemeLight, ThemeDark:
		return theme
	}
	return ThemeAuto
}
