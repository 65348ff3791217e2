package web

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"haochaping/regulation"
)

// toldOf is a notice with one thing of each kind.
func toldOf() (told []Told) {
	for _, kind := range regulation.ToldKinds {
		told = append(told, Told{Kind: kind, Number: "513301-2026-000001", What: "accept", Until: at("2026-03-12 17:30"), Link: "https://hcp.example/x"})
	}
	return told
}

// Every text of a notice is there in Chinese, English and Tibetan, and takes nothing but a count, a number, an act's or alarm's
// name, an instant, an address of the product or a code: no place for words of a case or anything of a person.
func TestEveryNoticeIsInBothScripts(t *testing.T) {
	may := map[string]int{"telling.subject": 1, "telling.intro": 1, "telling.brief": 2, "telling.more": 2, "telling.end": 1, "telling.code": 1}
	for _, kind := range regulation.ToldKinds {
		may["telling."+kind] = 3 // number, what, until
	}
	may["news.text"], may["news.subject"] = 4, 0
	for _, kind := range regulation.NewsKinds {
		may["news."+kind] = 0
	}
	for key := range texts.zh {
		if !strings.HasPrefix(key, "telling.") && !strings.HasPrefix(key, "news.") || key == "telling.open" || key == "telling.some_alarm" {
			continue // of the Chinese line alone
		}
		bo, has := texts.bo[key]
		if !has || texts.en[key] == "" || !regexp.MustCompile(`\p{Tibetan}`).MatchString(bo.Text) {
			t.Errorf("%s: not in every script", key)
		}
		for _, text := range []string{texts.zh[key], texts.en[key], bo.Text} {
			for _, place := range regexp.MustCompile(`\{(\d)\}`).FindAllStringSubmatch(text, -1) {
				if int(place[1][0]-'0') >= may[key] {
					t.Errorf("%s: %s stands for nothing", key, place[0])
				}
			}
		}
	}
}

func TestNoticesInEachLanguage(t *testing.T) {
	tibetan := regexp.MustCompile(`\p{Tibetan}`)
	for _, lang := range Langs {
		subject, text := Telling(lang, toldOf(), "https://hcp.example/inbox", false)
		_, brief := Telling(lang, toldOf(), "https://hcp.example/inbox", true)
		codeSubject, code := TellingCode(lang, "123456")
		_, rater := TellingRater(lang, regulation.NewsKinds, "https://hcp.example/receipt", "雪山 xuěshān 47", "12345")
		all := strings.Join([]string{subject, text, brief, codeSubject, code, rater}, "\n\n")
		if regexp.MustCompile(`\{\d\}`).MatchString(all) || strings.Count(code, "123456") == 0 {
			t.Errorf("%s: a place is left open: %s", lang, all)
		}
		for _, line := range []string{subject, text, brief, codeSubject, code, rater} {
			if tibetan.MatchString(line) != (lang == Tibetan) {
				t.Errorf("%s: the script of %q", lang, line)
			}
		}
		if says := strings.Contains(text, texts.zh["foot.tibetan"]); says != (lang == Tibetan) {
			t.Errorf("%s: what the Tibetan is worth: %s", lang, text)
		}
		if strings.Count(text, "https://hcp.example/x") != len(regulation.ToldKinds) {
			t.Errorf("%s: links: %s", lang, text)
		}
		if folder := os.Getenv("HAOCHAPING_NOTICES"); folder != "" { // to be looked at
			if err := os.WriteFile(filepath.Join(folder, "notice."+string(lang)+".txt"), []byte(all), 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
}
