package regulation

import (
	"embed"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

// Template is the wording of one kind of official document. Title, To and Body are Chinese, the
// language of the document, with placeholders in braces, such as {案件编号}. In Body each line is a
// paragraph; a line that begins with "一、" is a heading, with "（一）" a heading below it; lines that
// begin with "|" are the rows of a table, their cells parted by "|", where an empty cell beside its
// label leaves room to write by hand. A line or row whose placeholders are all empty is left out.
type Template struct {
	Kind    DocumentKind
	Version int  // 0: the product's own
	RedHead bool // the authority's name in red above a red line
	Title   string
	To      string // whom it is addressed to, "" for a sheet that stays in the file
	Body    string
}

// Bounds of a template's parts, in characters.
const (
	MaxTemplateTitle = 60
	MaxTemplateTo    = 100
	MaxTemplateBody  = 8000
)

//go:embed documents
var documentFiles embed.FS

// DefaultTemplate is the product's own wording: the file's first line is the title, its second the
// addressee, and the body follows an empty line.
func DefaultTemplate(kind DocumentKind) Template {
	text, err := documentFiles.ReadFile("documents/" + string(kind) + ".txt")
	if err != nil {
		return Template{Kind: kind}
	}
	head, body, _ := strings.Cut(string(text), "\n\n")
	title, to, _ := strings.Cut(head, "\n")
	return Template{Kind: kind, RedHead: true, Title: title, To: strings.TrimSpace(to), Body: strings.TrimSpace(body)}
}

var placeholder = regexp.MustCompile(`[{｛]([^{}｛｝\n]*)[}｝]`)

// Check holds a template against the closed list of its kind; nil when it may be used. A field's
// code is required, too_long, not_text, unknown_placeholder or broken_placeholder.
func (t Template) Check() *Error {
	err := &Error{Code: Invalid, Missing: "fields"}
	for _, part := range []struct {
		name, text string
		most       int
	}{{"title", t.Title, MaxTemplateTitle}, {"to", t.To, MaxTemplateTo}, {"body", t.Body, MaxTemplateBody}} {
		switch {
		case strings.TrimSpace(part.text) == "" && part.name != "to":
			err.Field(part.name, "required")
		case !IsText(part.text):
			err.Field(part.name, "not_text")
		case utf8.RuneCountInString(part.text) > part.most:
			err.Field(part.name, "too_long")
		case len(t.Unknown(part.text)) > 0:
			err.Field(part.name, "unknown_placeholder")
		case strings.ContainsAny(placeholder.ReplaceAllString(part.text, ""), "{}｛｝"):
			err.Field(part.name, "broken_placeholder")
		case wideRow(part.text):
			err.Field(part.name, "too_many_cells")
		}
	}
	if err.Fields == nil {
		return nil
	}
	return err
}

// MostCells is how many cells a row of a table takes: two labels with their values.
const MostCells = 4

func wideRow(text string) bool {
	return slices.ContainsFunc(strings.Split(text, "\n"), func(line string) bool {
		line = strings.TrimSpace(line)
		return strings.HasPrefix(line, "|") && len(strings.Split(strings.Trim(line, "|"), "|")) > MostCells
	})
}

// Unknown lists the placeholders of a text that are not of the template's kind, each once, in order.
func (t Template) Unknown(text string) []string {
	var unknown []string
	for _, found := range placeholder.FindAllStringSubmatch(text, -1) {
		if _, known := placeholderOf(t.Kind, found[1]); !known && !slices.Contains(unknown, found[1]) {
			unknown = append(unknown, found[1])
		}
	}
	return unknown
}

// Paper is an official document as it is frozen when it is issued: text only, from which Word file
// and print page are drawn. Number, Authority and Date are set by whoever issues it.
type Paper struct {
	RedHead   bool    `json:"red_head"`
	Authority string  `json:"authority"`
	Number    string  `json:"number"`
	Replaces  string  `json:"replaces,omitempty"` // number of the one whose place it takes
	Title     string  `json:"title"`
	To        string  `json:"to,omitempty"`
	Blocks    []Block `json:"blocks"`
	Date      string  `json:"date"` // 2026年11月23日
	// ReplacedBy is the number of the one that took its place. It is no part of what was frozen: whoever
	// opens a paper sets it.
	ReplacedBy string `json:"replaced_by,omitempty"`
}

// Block is a paragraph, or a table where it has rows.
type Block struct {
	Style BlockStyle `json:"style,omitempty"` // "" for running text
	Text  string     `json:"text,omitempty"`
	Rows  [][]string `json:"rows,omitempty"`
}

// Signing tells whether a row of a table is the place where somebody signs by hand.
func Signing(row []string) bool {
	return len(row) == 2 && row[1] == "" && strings.Contains(row[0], "签字")
}

// BlockStyle is how a paragraph stands out.
type BlockStyle string

const (
	BlockHeading    BlockStyle = "heading"    // 一、
	BlockSubheading BlockStyle = "subheading" // （一）
)

// Fill puts values, by placeholder code, into the template. Values are text only: a brace, a bar or a
// line end in them is no part of the template's form.
func (t Template) Fill(values map[string]string) Paper {
	paper := Paper{RedHead: t.RedHead, Title: t.put(t.Title, values), To: t.put(t.To, values)}
	for _, line := range strings.Split(t.Body, "\n") {
		line = strings.TrimSpace(line)
		if line == "" || t.vacant(line, values) {
			continue
		}
		if strings.HasPrefix(line, "|") {
			paper.Blocks = addRow(paper.Blocks, t.cells(line, values))
			continue
		}
		paper.Blocks = append(paper.Blocks, t.paragraphs(line, values)...)
	}
	return paper
}

// vacant tells whether a line has placeholders and none of them a value.
func (t Template) vacant(line string, values map[string]string) bool {
	found := placeholder.FindAllStringSubmatch(line, -1)
	return len(found) > 0 && !slices.ContainsFunc(found, func(f []string) bool {
		p, _ := placeholderOf(t.Kind, f[1])
		return strings.TrimSpace(values[p.Code]) != ""
	})
}

func (t Template) put(text string, values map[string]string) string {
	return placeholder.ReplaceAllStringFunc(text, func(found string) string {
		p, _ := placeholderOf(t.Kind, placeholder.FindStringSubmatch(found)[1])
		return strings.TrimSpace(values[p.Code])
	})
}

func (t Template) cells(line string, values map[string]string) []string {
	var row []string
	for _, cell := range strings.Split(strings.Trim(line, "|"), "|") {
		row = append(row, t.put(strings.TrimSpace(cell), values))
	}
	return row
}

func addRow(blocks []Block, row []string) []Block {
	if n := len(blocks); n > 0 && blocks[n-1].Rows != nil {
		blocks[n-1].Rows = append(blocks[n-1].Rows, row)
		return blocks
	}
	return append(blocks, Block{Rows: [][]string{row}})
}

var (
	headingLine    = regexp.MustCompile(`^[一二三四五六七八九十]+、`)
	subheadingLine = regexp.MustCompile(`^（[一二三四五六七八九十]+）`)
)

// longestHeading is how many characters a line has at most that is set as a heading.
const longestHeading = 30

// paragraphs makes one paragraph of a line, and further ones where a value has line ends.
func (t Template) paragraphs(line string, values map[string]string) []Block {
	var blocks []Block
	for i, text := range strings.Split(t.put(line, values), "\n") {
		block := Block{Text: strings.TrimSpace(text)}
		if short := utf8.RuneCountInString(text) <= longestHeading; i == 0 && short {
			switch {
			case headingLine.MatchString(line):
				block.Style = BlockHeading
			case subheadingLine.MatchString(line):
				block.Style = BlockSubheading
			}
		}
		if block.Text != "" {
			blocks = append(blocks, block)
		}
	}
	return blocks
}
