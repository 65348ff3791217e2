package docx

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"path"
	"slices"
	"strings"
	"testing"
	"time"

	"haochaping/regulation"
)

var issued = time.Date(2026, 11, 23, 2, 0, 0, 0, time.UTC)

// nasty is what must never become markup.
const nasty = `]]></w:t><w:t a="1">&amp; <b>"'` + "\x00\uFFFE"

func paper() regulation.Paper {
	return regulation.Paper{RedHead: true, Authority: "康定市政务服务管理局", Number: "康政服好差评〔2026〕1号", Title: "差评转办单" + nasty,
		To: "康定市公安局", Date: "2026年11月23日", Blocks: []regulation.Block{{Style: regulation.BlockHeading, Text: "一、要求"},
			{Text: nasty}, {Rows: [][]string{{"窗口", "a\nb"}, {"等级", "很", "时段", "周"}, {"说明"}, {"签字", ""}}}}}
}

func parts(t *testing.T, p regulation.Paper) map[string][]byte {
	t.Helper()
	var file bytes.Buffer
	if err := Write(&file, p, issued); err != nil {
		t.Fatal(err)
	}
	archive, err := zip.NewReader(bytes.NewReader(file.Bytes()), int64(file.Len()))
	if err != nil {
		t.Fatal(err)
	}
	if archive.File[0].Name != "[Content_Types].xml" {
		t.Errorf("the first part is %s", archive.File[0].Name)
	}
	found := map[string][]byte{}
	for _, f := range archive.File {
		opened, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		if found[f.Name], err = io.ReadAll(opened); err != nil {
			t.Fatal(err)
		}
	}
	return found
}

// Every part is well-formed XML, every part that is not a list of relations has a content type, and
// every relation leads to a part.
func TestFileIsWhole(t *testing.T) {
	found := parts(t, paper())
	for name, content := range found {
		decoder := xml.NewDecoder(bytes.NewReader(content))
		for {
			_, err := decoder.Token()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
		}
		typed := strings.Contains(string(found["[Content_Types].xml"]), `PartName="/`+name+`"`)
		if !typed && path.Ext(name) != ".rels" && name != "[Content_Types].xml" {
			t.Errorf("%s has no content type", name)
		}
	}
	for list, folder := range map[string]string{"_rels/.rels": "", "word/_rels/document.xml.rels": "word"} {
		var relations struct {
			Relationship []struct {
				ID     string `xml:"Id,attr"`
				Target string `xml:"Target,attr"`
			}
		}
		if err := xml.Unmarshal(found[list], &relations); err != nil || len(relations.Relationship) == 0 {
			t.Fatalf("%s: %v", list, err)
		}
		for _, r := range relations.Relationship {
			if found[path.Join(folder, r.Target)] == nil {
				t.Errorf("%s: %s leads to %s, which is not there", list, r.ID, r.Target)
			}
		}
	}
}

// body is document.xml as this test reads it.
type body struct {
	Paragraphs []paragraph `xml:"body>p"`
	Rows       []struct {
		Cells []struct {
			Span struct {
				Val int `xml:"val,attr"`
			} `xml:"tcPr>gridSpan"`
			Width struct {
				W int `xml:"w,attr"`
			} `xml:"tcPr>tcW"`
			Paragraphs []paragraph `xml:"p"`
		} `xml:"tc"`
	} `xml:"body>tbl>tr"`
	Size struct {
		W int `xml:"w,attr"`
		H int `xml:"h,attr"`
	} `xml:"body>sectPr>pgSz"`
}

type paragraph struct {
	Style struct {
		Val string `xml:"val,attr"`
	} `xml:"pPr>pStyle"`
	Text []string `xml:"r>t"`
}

func TestTextIsTextAndStylesExist(t *testing.T) {
	found := parts(t, paper())
	var b body
	if err := xml.Unmarshal(found["word/document.xml"], &b); err != nil {
		t.Fatal(err)
	}
	var read []string
	for _, p := range b.Paragraphs {
		read = append(read, p.Style.Val+": "+strings.Join(p.Text, "⏎"))
		if !strings.Contains(string(found["word/styles.xml"]), `w:styleId="`+p.Style.Val+`"`) {
			t.Errorf("no style %s", p.Style.Val)
		}
	}
	clean := strings.NewReplacer("\x00", "\uFFFD", "\uFFFE", "\uFFFD").Replace(nasty)
	want := []string{"RedHead: 康定市政务服务管理局", "Number: 康政服好差评〔2026〕1号", "Title: 差评转办单" + clean, "Addressee: 康定市公安局：",
		"Heading1: 一、要求", "BodyText: " + clean, "Authority: 康定市政务服务管理局（盖章）", "Date: 2026年11月23日"}
	if !slices.Equal(read, want) {
		t.Errorf("the document reads\n%s\nwant\n%s", strings.Join(read, "\n"), strings.Join(want, "\n"))
	}
	if b.Size.W != 11906 || b.Size.H != 16838 {
		t.Errorf("the page is %+v, not A4", b.Size)
	}
	if !strings.Contains(string(found["word/styles.xml"]), `w:eastAsia="仿宋"`) || !strings.Contains(string(found["docProps/core.xml"]), "康定市政务服务管理局") {
		t.Error("fonts or properties are missing")
	}
}

// Every row of a table fills the grid.
func TestRowsFillTheGrid(t *testing.T) {
	var b body
	if err := xml.Unmarshal(parts(t, paper())["word/document.xml"], &b); err != nil {
		t.Fatal(err)
	}
	if len(b.Rows) != 4 || strings.Join(b.Rows[0].Cells[1].Paragraphs[0].Text, "⏎") != "a⏎b" {
		t.Fatalf("%+v", b.Rows)
	}
	for _, row := range b.Rows {
		grid, width := 0, 0
		for _, cell := range row.Cells {
			grid += max(cell.Span.Val, 1)
			width += cell.Width.W
		}
		if grid != columns || width != textWidth {
			t.Errorf("a row spans %d columns of %d and is %d wide, not %d", grid, columns, width, textWidth)
		}
	}
}

// An empty cell leaves room to write by hand, and less of it to sign.
func TestEmptyCellIsTall(t *testing.T) {
	p := paper()
	p.Blocks = append(p.Blocks, regulation.Block{Rows: [][]string{{"陈述", ""}}})
	text := string(parts(t, p)["word/document.xml"])
	for _, height := range []string{"2400", "1000"} {
		if n := strings.Count(text, `w:trHeight w:val="`+height+`"`); n != 1 {
			t.Errorf("%d rows are %s high", n, height)
		}
	}
}

// The signature never stands on a page without text, and a table has room above and below.
func TestSignatureStaysWithTheText(t *testing.T) {
	p := paper()
	table := p.Blocks[2]
	p.Blocks = []regulation.Block{{Text: "above"}, table, {Text: "last"}}
	text := string(parts(t, p)["word/document.xml"])
	for _, want := range []string{`<w:spacing w:before="0" w:after="200"/></w:pPr><w:r><w:t xml:space="preserve">above`,
		`<w:keepNext/><w:spacing w:before="200" w:after="0"/></w:pPr><w:r><w:t xml:space="preserve">last`} {
		if !strings.Contains(text, want) {
			t.Errorf("no %s in %s", want, text)
		}
	}
}

// The same paper gives the same bytes, so that two downloads can be compared.
func TestFileIsReproducible(t *testing.T) {
	var one, two bytes.Buffer
	if err := errors.Join(Write(&one, paper(), issued), Write(&two, paper(), issued.In(time.FixedZone("", 8*3600)))); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(one.Bytes(), two.Bytes()) {
		t.Error("two files of one paper differ")
	}
	plain := paper()
	plain.RedHead, plain.To = false, ""
	if text := string(parts(t, plain)["word/document.xml"]); strings.Contains(text, `"RedHead"`) || strings.Contains(text, `"Addressee"`) {
		t.Error("a sheet without red head and addressee has them")
	}
}
