package web

import (
	"bytes"
	"compress/gzip"
	"io/fs"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// render draws a view in a language.
func render(t *testing.T, site *Site, view View, lang Lang) string {
	t.Helper()
	view.page().Lang = lang
	var b bytes.Buffer
	if err := site.Render(&b, view); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func setup(t *testing.T) *Site {
	t.Helper()
	site, err := New()
	if err != nil {
		t.Fatal(err)
	}
	return site
}

// eachPage runs a check on every page in every language.
func eachPage(t *testing.T, check func(t *testing.T, page string)) {
	t.Helper()
	site := setup(t)
	for name := range views() {
		for _, lang := range Langs {
			t.Run(name+" "+string(lang), func(t *testing.T) { check(t, render(t, site, views()[name], lang)) })
		}
	}
}

func TestEveryTemplateHasAView(t *testing.T) {
	shown := map[string]bool{}
	for _, view := range views() {
		shown[view.template()] = true
	}
	for name := range setup(t).pages[Chinese] {
		if !shown[name] {
			t.Errorf("no view in the tests shows the page %s", name)
		}
	}
}

// TestNothingInline holds the pages to ContentSecurityPolicy, which allows nothing inline.
func TestNothingInline(t *testing.T) {
	inline := regexp.MustCompile(`(?i)<style|\sstyle=|\son[a-z]+=|javascript:|<script(?: type="module")?>|data:`)
	eachPage(t, func(t *testing.T, page string) {
		if found := inline.FindAllString(page, -1); found != nil {
			t.Errorf("inline: %q", found)
		}
	})
}

// TestNoKeyIsShown finds texts that are missing: an unknown key shows itself.
func TestNoKeyIsShown(t *testing.T) {
	key := regexp.MustCompile(`>\s*[a-z_-]+(?:\.[a-z0-9_-]+)+\s*<`)
	place := regexp.MustCompile(`\{\d\}`)
	eachPage(t, func(t *testing.T, page string) {
		if found := append(key.FindAllString(page, -1), place.FindAllString(page, -1)...); found != nil {
			t.Errorf("keys or places shown: %q", found)
		}
	})
}

// TestIDsAreUnique: labels and errors point by id.
func TestIDsAreUnique(t *testing.T) {
	id := regexp.MustCompile(`\sid="([^"]+)"`)
	points := regexp.MustCompile(`\s(?:for|aria-labelledby|aria-describedby)="([^"]+)"`)
	eachPage(t, func(t *testing.T, page string) {
		seen := map[string]bool{}
		for _, found := range id.FindAllStringSubmatch(page, -1) {
			if seen[found[1]] {
				t.Errorf("id %s occurs twice", found[1])
			}
			seen[found[1]] = true
		}
		for _, found := range points.FindAllStringSubmatch(page, -1) {
			for _, to := range strings.Fields(found[1]) {
				if !seen[to] {
					t.Errorf("nothing has the id %s", to)
				}
			}
		}
	})
}

// TestFirstLoad: any page with its style, scripts and icons weighs at most 30 kB compressed,
// besides portraits.
func TestFirstLoad(t *testing.T) {
	asset := regexp.MustCompile(`(?:href|src)="/static/([^"#]+)`)
	site := setup(t)
	eachPage(t, func(t *testing.T, page string) {
		total, seen := compressed(t, []byte(page)), map[string]bool{}
		for _, found := range asset.FindAllStringSubmatch(page, -1) {
			if seen[found[1]] {
				continue
			}
			seen[found[1]] = true
			data, err := fs.ReadFile(site.Static(), found[1])
			if err != nil {
				t.Fatal(err)
			}
			total += compressed(t, data)
		}
		if total > 30_000 {
			t.Errorf("first load is %d bytes", total)
		}
		t.Logf("%d bytes in %d files", total, len(seen)+1)
	})
}

func compressed(t *testing.T, data []byte) int {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write(data); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Len()
}

// TestTibetanStandsBesideTheChinese: on citizens' pages, never instead.
func TestTibetanStandsBesideTheChinese(t *testing.T) {
	page := render(t, setup(t), rateView(), Tibetan)
	for grade := 1; grade <= 5; grade++ {
		key := "grade." + string(rune('0'+grade))
		want := "<b>" + texts.zh[key] + `</b> <span class="bo" lang="bo" data-status="unapproved">` + texts.bo[key].Text
		if !strings.Contains(page, want) {
			t.Errorf("missing: %s", want)
		}
	}
	if !strings.Contains(page, `data-status="unapproved"`) || !strings.Contains(page, texts.zh["foot.tibetan"]) {
		t.Error("unapproved Tibetan is not marked")
	}
}

func TestStaffPagesHaveNoTibetan(t *testing.T) {
	page := render(t, setup(t), views()["paper"], Tibetan)
	if strings.Contains(page, `lang="bo"`) || !strings.Contains(page, texts.zh["title.paper"]) {
		t.Error("a staff page in Tibetan should be the Chinese one")
	}
}

func TestWhatIsMissingReadsUnpublished(t *testing.T) {
	view := rateView()
	view.Staff = StaffCard{}
	if got := strings.Count(render(t, setup(t), view, Chinese), "未公示"); got != 4 {
		t.Errorf("未公示 %d times, want 4: portrait, name, post, position", got)
	}
}

// TestRefusedFormKeepsWhatWasTyped and says beside the field what is wrong.
func TestRefusedFormKeepsWhatWasTyped(t *testing.T) {
	page := render(t, setup(t), refusedRateView(), Chinese)
	for _, want := range []string{`value="138"`, `id="grade-1" value="1" checked`, texts.zh["refusal.option_or_sentence"],
		`id="contact_phone-error"`, `aria-describedby="contact_phone-error"`} {
		if !strings.Contains(page, want) {
			t.Errorf("missing: %s", want)
		}
	}
}

func TestTypedTextIsEscaped(t *testing.T) {
	view := rateView()
	view.Values = map[string][]string{"text": {`</textarea><script>alert(1)</script>`}}
	view.Staff.Name = `"><img src=x>`
	page := render(t, setup(t), view, Tibetan)
	if strings.Contains(page, "<script>alert") || strings.Contains(page, "<img src=x>") {
		t.Error("typed text reaches the page as markup")
	}
}

// TestTheMarkLeadsHome: not every role has the inbox, so home is the first entry of the menu.
func TestTheMarkLeadsHome(t *testing.T) {
	view := &AlarmsView{Page: staffPage("alarms")}
	view.Nav = view.Nav[3:]
	if page := render(t, setup(t), view, Chinese); !strings.Contains(page, `class="brand" href="/paper"`) {
		t.Error("the mark does not lead to the reader's first page")
	}
	if page := render(t, setup(t), rateView(), Chinese); !strings.Contains(page, `class="brand" href="/"`) {
		t.Error("the mark does not lead a citizen to the start")
	}
}

func TestAReceiptIsReadInGroups(t *testing.T) {
	if got := Grouped("7K3M-9QXW 2B5RT8"); got != "7K3M-9QXW-2B5R-T8" {
		t.Errorf("got %s", got)
	}
}

func TestStaticFilesAnswerToHashedNamesOnly(t *testing.T) {
	site := setup(t)
	address := site.Asset("app.css")
	if !regexp.MustCompile(`^/static/app\.[0-9a-f]{8}\.css$`).MatchString(address) {
		t.Fatalf("address %s", address)
	}
	if _, err := fs.ReadFile(site.Static(), strings.TrimPrefix(address, StaticPrefix)); err != nil {
		t.Error(err)
	}
	if _, err := site.Static().Open("app.css"); err == nil {
		t.Error("the plain name opens too, and would be cached for ever")
	}
}

// TestDarkIsDarkEitherWay: the device's dark and the chosen dark have the same tokens.
func TestDarkIsDarkEitherWay(t *testing.T) {
	css, err := staticFiles.ReadFile("static/app.css")
	if err != nil {
		t.Fatal(err)
	}
	blocks := regexp.MustCompile(`(?s):root(?::not\(\[data-theme="light"\]\)|\[data-theme="dark"\]) \{(.*?)\}`).FindAllSubmatch(css, -1)
	if len(blocks) != 2 || !slices.Equal(strings.Fields(string(blocks[0][1])), strings.Fields(string(blocks[1][1]))) {
		t.Errorf("%d dark blocks, or they differ", len(blocks))
	}
}

func TestNegotiate(t *testing.T) {
	for _, c := range []struct {
		name, query, cookie, header string
		want                        Lang
	}{
		{"nothing said", "", "", "", Chinese},
		{"address first", "en", "bo", "zh", English},
		{"cookie before browser", "", "bo", "en", Tibetan},
		{"browser's weights", "", "", "fr, zh-CN;q=0.3, en-GB;q=0.8", English},
		{"browser's order", "", "", "bo,zh-CN;q=0.9", Tibetan},
		{"nonsense", "xx", "yy", "zz;q=abc", Chinese},
		{"refused language", "", "", "en;q=0", Chinese},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := Negotiate(c.query, c.cookie, c.header); got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
}

func TestDueTone(t *testing.T) {
	for _, c := range []struct {
		due  Due
		tone string
		days int
	}{
		{Due{Left: 9}, "ok", 9}, {Due{Left: 2}, "soon", 2}, {Due{Left: 0}, "today", 0},
		{Due{Left: -3}, "overdue", 3}, {Due{Left: 0, Overdue: true}, "overdue", 0},
	} {
		if c.due.Tone() != c.tone || c.due.Days() != c.days {
			t.Errorf("%+v: %s %d", c.due, c.due.Tone(), c.due.Days())
		}
	}
}

func TestClausesInBothLanguages(t *testing.T) {
	zh, en := writer{lang: Chinese}, writer{lang: English}
	if got := zh.clause("7(2)"); got != "《制度》七\uff08二\uff09" {
		t.Errorf("Chinese: %s", got)
	}
	if got := en.clause("7(2)"); got != "Clause 7(2)" {
		t.Errorf("English: %s", got)
	}
}

// TestTheReceiptPageNamesItsFields: the HTTP side reads these names.
func TestTheReceiptPageNamesItsFields(t *testing.T) {
	page := render(t, setup(t), statusView(), Chinese)
	for _, name := range []string{"satisfaction", "resolved", "pressed", "text", "consent"} {
		if !strings.Contains(page, `name="`+name+`"`) {
			t.Errorf("no field %s", name)
		}
	}
}
