package web

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"haochaping/regulation"
)

func TestCataloguesHaveTheSameKeys(t *testing.T) {
	for key, text := range texts.zh {
		if strings.TrimSpace(text) == "" || strings.TrimSpace(texts.en[key]) == "" {
			t.Errorf("%s: lacks a Chinese or an English text", key)
		}
	}
	for key := range texts.en {
		if !Has(key) {
			t.Errorf("%s: English without Chinese", key)
		}
	}
}

func TestEveryLanguageTakesTheSameArguments(t *testing.T) {
	places := regexp.MustCompile(`\{\d\}`)
	for key, zh := range texts.zh {
		for _, place := range places.FindAllString(zh, -1) {
			if !strings.Contains(texts.en[key], place) {
				t.Errorf("%s: %s is missing in English", key, place)
			}
		}
	}
}

// Every code with which the rules take a measure back has its text.
func TestEveryRevocationIsWorded(t *testing.T) {
	files, err := filepath.Glob("../regulation/act_*.go")
	if err != nil {
		t.Fatal(err)
	}
	codes, passed := map[string]bool{}, regexp.MustCompile(`m\.(?:voidMeasures|revoke)\("(\w+)"`)
	for _, file := range files {
		source, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, found := range passed.FindAllStringSubmatch(string(source), -1) {
			codes[found[1]] = true
			if !Has("accountability.revoked." + found[1]) {
				t.Errorf("%s: no text for a measure taken back because %s", file, found[1])
			}
		}
	}
	if len(codes) < 4 {
		t.Errorf("found only %v", codes)
	}
}

func TestTibetanCarriesItsStatus(t *testing.T) {
	status := regexp.MustCompile(`^(unapproved: .+|approved by .+)$`)
	for key, bo := range texts.bo {
		if !Has(key) {
			t.Errorf("%s: Tibetan without Chinese", key)
		}
		if bo.Text == "" || !status.MatchString(bo.Status) {
			t.Errorf("%s: text %q, status %q", key, bo.Text, bo.Status)
		}
	}
}

// TestChinesePunctuation keeps half-width marks out of Chinese sentences.
func TestChinesePunctuation(t *testing.T) {
	half := regexp.MustCompile(`\p{Han}[,;:?!()]|[,;:?!()]\p{Han}`)
	for key, text := range texts.zh {
		if half.MatchString(text) {
			t.Errorf("%s: half-width punctuation: %s", key, text)
		}
	}
}

var (
	inTemplate = regexp.MustCompile(`\b(?:t|tb|bo) "([a-z][\w.-]*)"`)
	prefixed   = regexp.MustCompile(`\b(?:label "([a-z_.]+)"|print "([a-z_.]+)\.")`)
	inCode     = regexp.MustCompile(`(?:Msg|T)\((?:[\w.]+, )?"([a-z][\w.]*)"`)
)

func TestEveryKeyThatIsUsedExists(t *testing.T) {
	for name, source := range sources(t) {
		if name == "messages_test.go" {
			continue
		}
		for _, found := range append(inTemplate.FindAllStringSubmatch(source, -1), inCode.FindAllStringSubmatch(source, -1)...) {
			if !Has(strings.TrimSuffix(found[1], ".")) && !strings.HasSuffix(found[1], ".") {
				t.Errorf("%s: no text for %s", name, found[1])
			}
		}
		for _, found := range prefixed.FindAllStringSubmatch(source, -1) {
			if prefix := found[1] + found[2] + "."; !strings.HasPrefix(prefix, "act.") && !hasPrefix(prefix) {
				t.Errorf("%s: no text begins with %s", name, prefix)
			}
		}
	}
}

func hasPrefix(prefix string) bool {
	for key := range texts.zh {
		if strings.HasPrefix(key, prefix) {
			return true
		}
	}
	return false
}

// sources are the templates and the package's own Go files.
func sources(t *testing.T) map[string]string {
	t.Helper()
	found := map[string]string{}
	for _, pattern := range []string{"templates/*.html", "*.go"} {
		names, err := fs.Glob(os.DirFS("."), pattern)
		if err != nil || len(names) == 0 {
			t.Fatalf("%s: %v", pattern, err)
		}
		for _, name := range names {
			data, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			found[name] = string(data)
		}
	}
	return found
}

// TestTheRegulationHasWords holds every code of the regulation to having a text: a new act,
// field, option or role fails here until the catalogues name it.
func TestTheRegulationHasWords(t *testing.T) {
	need := map[string]bool{}
	add := func(prefix string, codes ...string) {
		for _, code := range codes {
			need[prefix+"."+code] = true
		}
	}
	for _, role := range regulation.Roles {
		add("role", string(role))
	}
	for _, phase := range regulation.Phases {
		add("phase", string(phase))
		add("refusal", "phase_"+string(phase))
	}
	for _, track := range regulation.Tracks {
		add("track", string(track))
		add("refusal", "not_open_"+string(track), "track_open_"+string(track))
	}
	for _, stage := range regulation.Stages() {
		add("stage", string(stage))
	}
	for _, kind := range regulation.OrgKinds {
		add("org", string(kind))
	}
	for grade := 1; grade <= 5; grade++ {
		add("grade", fmt.Sprint(grade))
	}
	add("dimension", regulation.Dimensions...)
	for _, spec := range regulation.Specs() {
		add("act", string(spec.Kind))
		add("event", string(spec.Kind))
		if spec.Days != "" {
			add("deadline", string(spec.Kind))
		}
		for _, field := range spec.Fields {
			add("field", field.Name)
			add("fact", field.Name)
			add("choice."+field.Name, field.Options...)
		}
	}
	for _, spec := range regulation.DocumentSpecs() {
		add("document", string(spec.Kind))
		add("audience", string(spec.For))
		for _, p := range spec.Placeholders {
			add("placeholder", p.Code)
		}
	}
	for _, reason := range []string{regulation.AgainUpperReview, regulation.AgainReversed} {
		add("status", "reopened."+reason, "reopened."+reason+".title")
	}
	for _, p := range regulation.DefaultParams() {
		add("param", p.Name)
	}
	for key := range need {
		if !Has(key) {
			t.Errorf("no text for %s", key)
		}
	}
}

// TestEveryRefusalHasWords reads the regulation's own source for the codes it refuses with.
func TestEveryRefusalHasWords(t *testing.T) {
	codes := regexp.MustCompile(`refuse\([^"\n]*(?:"", )?"([a-z_]+)"|\.Field\([^,\n]+, "([a-z_]+)"\)`)
	files, err := fs.Glob(os.DirFS("../regulation"), "*.go")
	if err != nil || len(files) == 0 {
		t.Fatalf("no source of the regulation: %v", err)
	}
	for _, file := range files {
		data, err := os.ReadFile("../regulation/" + file)
		if err != nil {
			t.Fatal(err)
		}
		for _, found := range codes.FindAllStringSubmatch(string(data), -1) {
			if code := found[1] + found[2]; !strings.HasSuffix(code, "_") && !Has("refusal."+code) {
				t.Errorf("%s: no text for refusal.%s", file, code)
			}
		}
	}
}

func TestAnUnknownKeyShowsItself(t *testing.T) {
	if got := T(English, "no.such.key"); got != "no.such.key" {
		t.Errorf("got %q", got)
	}
}

func TestArgumentsFillTheirPlaces(t *testing.T) {
	if got := T(English, "event.due", "Signing", "9 March 2026"); got != "Signing: 9 March 2026" {
		t.Errorf("got %q", got)
	}
}
