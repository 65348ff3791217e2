// Package docx writes official documents as Word files (Office Open XML, ECMA-376), laid out as
// GB/T 9704 lays out official documents: A4, 22 lines of 28 characters, body in 仿宋 of 16 points.
package docx

import (
	"archive/zip"
	"bytes"
	"embed"
	"encoding/xml"
	"io"
	"io/fs"
	"strconv"
	"strings"
	"time"

	"haochaping/regulation"
)

// MediaType is what a Word file is served as.
const MediaType = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"

// fixed are the parts of the file that are the same in every document: styles, fonts, page numbers.
//
//go:embed all:fixed
var fixed embed.FS

// Write writes a paper as a Word file. The same paper and instant give the same bytes; at is when the
// document was issued. All text is escaped: nothing in it is markup.
func Write(w io.Writer, paper regulation.Paper, at time.Time) error {
	archive := zip.NewWriter(w)
	// Word wants the list of content types first.
	for _, name := range []string{"[Content_Types].xml", "_rels/.rels", "word/_rels/document.xml.rels", "word/styles.xml",
		"word/settings.xml", "word/fontTable.xml", "word/odd.xml", "word/even.xml"} {
		content, err := fs.ReadFile(fixed, "fixed/"+name)
		if err == nil {
			err = add(archive, name, at, content)
		}
		if err != nil {
			return err
		}
	}
	if err := add(archive, "docProps/core.xml", at, properties(paper, at)); err != nil {
		return err
	}
	if err := add(archive, "word/document.xml", at, document(paper)); err != nil {
		return err
	}
	return archive.Close()
}

func add(archive *zip.Writer, name string, at time.Time, content []byte) error {
	file, err := archive.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Deflate, Modified: at.UTC()})
	if err == nil {
		_, err = file.Write(content)
	}
	return err
}

const header = `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>` + "\n"

// properties are what file managers show. The author is the authority, never a person.
func properties(paper regulation.Paper, at time.Time) []byte {
	var b writer
	b.raw(header + `<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties"` +
		` xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/"` +
		` xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><dc:title>`)
	b.text(paper.Title + " " + paper.Number)
	b.raw(`</dc:title><dc:creator>`)
	b.text(paper.Authority)
	b.raw(`</dc:creator><dc:language>zh-CN</dc:language><dcterms:created xsi:type="dcterms:W3CDTF">` +
		at.UTC().Format(time.RFC3339) + `</dcterms:created></cp:coreProperties>`)
	return b.Bytes()
}

// writer builds XML of fixed markup and escaped text.
type writer struct{ bytes.Buffer }

func (b *writer) raw(markup string) { b.WriteString(markup) }

// text writes escaped text; what XML cannot hold becomes U+FFFD.
func (b *writer) text(s string) { _ = xml.EscapeText(b, []byte(s)) } // a buffer takes everything

// document is the text itself, with A4 and the margins of GB/T 9704 (37, 26, 35 and 28 mm).
func document(paper regulation.Paper) []byte {
	var b writer
	b.raw(header + `<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"` +
		` xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><w:body>`)
	if paper.RedHead {
		b.paragraph("RedHead", paper.Authority)
	}
	b.paragraph("Number", paper.Number)
	if paper.ReplacedBy != "" {
		b.paragraph("Took", "（"+paper.ReplacedBy+"已代替本件，本件作废）")
	}
	if paper.Replaces != "" {
		b.paragraph("Took", "（本件代替"+paper.Replaces+"，原件作废）")
	}
	b.paragraph("Title", paper.Title)
	if paper.To != "" {
		b.paragraph("Addressee", paper.To+"：")
	}
	b.blocks(paper.Blocks)
	b.paragraph("Authority", paper.Authority+"（盖章）")
	b.paragraph("Date", paper.Date)
	b.raw(`<w:sectPr><w:footerReference w:type="default" r:id="rId4"/><w:footerReference w:type="even" r:id="rId5"/>` +
		`<w:pgSz w:w="11906" w:h="16838"/><w:pgMar w:top="2098" w:right="1474" w:bottom="1984" w:left="1588" w:header="851"` +
		` w:footer="1400" w:gutter="0"/></w:sectPr></w:body></w:document>`)
	return b.Bytes()
}

var styles = map[regulation.BlockStyle]string{"": "BodyText", regulation.BlockHeading: "Heading1", regulation.BlockSubheading: "Heading2"}

// blocks writes the text itself. Tables have room above and below; the last paragraph stays with the
// signature, which must not stand on a page without text (GB/T 9704, 7.3.5).
func (b *writer) blocks(blocks []regulation.Block) {
	for i, block := range blocks {
		if block.Rows != nil {
			b.table(block.Rows)
			continue
		}
		form := ""
		if i == len(blocks)-1 {
			form = `<w:keepNext/>`
		}
		above, below := i > 0 && blocks[i-1].Rows != nil, i+1 < len(blocks) && blocks[i+1].Rows != nil
		if above || below {
			form += `<w:spacing w:before="` + room[above] + `" w:after="` + room[below] + `"/>`
		}
		b.formed(styles[block.Style], form, block.Text)
	}
}

// room is the space beside a table, in twentieths of a point.
var room = map[bool]string{false: "0", true: "200"}

func (b *writer) paragraph(style, text string) { b.formed(style, "", text) }

// formed writes a paragraph whose style is changed by some markup.
func (b *writer) formed(style, form, text string) {
	b.raw(`<w:p><w:pPr><w:pStyle w:val="` + style + `"/>` + form + `</w:pPr>`)
	b.run(text)
	b.raw(`</w:p>`)
}

// run writes text; line ends in it become breaks.
func (b *writer) run(text string) {
	b.raw(`<w:r>`)
	for i, line := range strings.Split(text, "\n") {
		if i > 0 {
			b.raw(`<w:br/>`)
		}
		b.raw(`<w:t xml:space="preserve">`)
		b.text(line)
		b.raw(`</w:t>`)
	}
	b.raw(`</w:r>`)
}

// textWidth is the width between the margins in twentieths of a point; cells alternate between a
// narrow label and a wide value, and the last one of a row takes what is left.
const (
	textWidth  = 11906 - 1474 - 1588
	labelWidth = 1690
	valueWidth = textWidth/2 - labelWidth
	columns    = 4
)

func (b *writer) table(rows [][]string) {
	b.raw(`<w:tbl><w:tblPr><w:tblStyle w:val="Sheet"/><w:tblW w:w="` + strconv.Itoa(textWidth) + `" w:type="dxa"/>` +
		`<w:tblLayout w:type="fixed"/></w:tblPr><w:tblGrid>`)
	for range columns / 2 {
		b.raw(`<w:gridCol w:w="` + strconv.Itoa(labelWidth) + `"/><w:gridCol w:w="` + strconv.Itoa(valueWidth) + `"/>`)
	}
	b.raw(`</w:tblGrid>`)
	for _, row := range rows {
		height := "560"
		switch {
		case regulation.Signing(row):
			height = "1000"
		case len(row) == 2 && row[1] == "": // room to write by hand
			height = "2400"
		}
		b.raw(`<w:tr><w:trPr><w:cantSplit/><w:trHeight w:val="` + height + `" w:hRule="atLeast"/></w:trPr>`)
		for i, cell := range row[:min(len(row), columns)] {
			b.cell(cell, i, min(len(row), columns))
		}
		b.raw(`</w:tr>`)
	}
	b.raw(`</w:tbl>`)
}

// cell writes cell i of n; the last one spans what is left of the grid.
func (b *writer) cell(text string, i, n int) {
	style, width := "Cell", valueWidth
	if i%2 == 0 && n > 1 {
		style, width = "CellLabel", labelWidth
	}
	span := ""
	if i == n-1 && n < columns {
		width = textWidth - i/2*(labelWidth+valueWidth) - i%2*labelWidth
		span = `<w:gridSpan w:val="` + strconv.Itoa(columns-i) + `"/>`
	}
	b.raw(`<w:tc><w:tcPr><w:tcW w:w="` + strconv.Itoa(width) + `" w:type="dxa"/>` + span)
	b.raw(`<w:vAlign w:val="center"/></w:tcPr>`)
	b.paragraph(style, text)
	b.raw(`</w:tc>`)
}
