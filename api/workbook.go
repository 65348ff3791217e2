package api

import (
	packing "archive/zip"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/xuri/excelize/v2"

	"haochaping/web"
	"haochaping/workday"
)

// rowsOfASheet is how many rows a sheet of Excel's has; what is behind them goes on in another.
const rowsOfASheet = 1_048_576

// Bounds of what Excel takes, in characters, and of columns' widths.
const (
	longestCell           = 32_767
	longestSheetName      = 31
	narrowest, widest     = 8, 60
	dayFormat, timeFormat = "yyyy-mm-dd", "yyyy-mm-dd hh:mm"
)

// workbook writes a list of any length as an Excel file: rows go to the disk as they come, so that what it takes of memory
// does not grow with them. Its temporary files have no name from the moment they are begun: nothing of them is left
// when the process ends.
type workbook struct {
	file   *excelize.File
	folder string
	stream *excelize.StreamWriter
	name   string // of the first sheet
	heads  []string
	widths []float64
	most   int // rows of a sheet
	sheets int
	row    int // last one written on the sheet
	rows   int64
	styles struct{ head, day, time int }
}

// newWorkbook begins a file below a folder. Its columns are as wide as their heads and the first rows ask for.
func newWorkbook(folder, title string, heads []string, first [][]web.SheetCell) (*workbook, error) {
	own, err := os.MkdirTemp(folder, "sheet-*")
	if err != nil {
		return nil, err
	}
	b := &workbook{file: excelize.NewFile(excelize.Options{TmpDir: own}), folder: own, name: sheetName(title), heads: heads, most: rowsOfASheet}
	b.widths = widths(heads, first)
	for _, s := range []struct {
		into  *int
		style excelize.Style
	}{
		{&b.styles.head, excelize.Style{Font: &excelize.Font{Bold: true}, Fill: excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{"E7EEF8"}}, Alignment: &excelize.Alignment{WrapText: true, Vertical: "center"}}},
		{&b.styles.day, excelize.Style{CustomNumFmt: new(dayFormat)}},
		{&b.styles.time, excelize.Style{CustomNumFmt: new(timeFormat)}},
	} {
		if *s.into, err = b.file.NewStyle(&s.style); err != nil {
			return nil, b.fail(err)
		}
	}
	if err := b.file.SetSheetName("Sheet1", b.name); err != nil {
		return nil, b.fail(err)
	}
	return b, b.begin(b.name)
}

// sheetName is a title as sheets may be called.
func sheetName(title string) string {
	name := []rune(strings.Map(func(c rune) rune {
		if strings.ContainsRune(`[]:*?/\'`, c) {
			return ' '
		}
		return c
	}, title))
	return strings.TrimSpace(string(name[:min(len(name), longestSheetName-4)])) // room for a number behind it
}

// widths are measured in the letters of Latin script; a Chinese one takes two.
func widths(heads []string, rows [][]web.SheetCell) []float64 {
	all := make([]float64, len(heads))
	for i, head := range heads {
		all[i] = width(head)
	}
	for _, row := range rows {
		for i, cell := range row {
			if i < len(all) {
				all[i] = max(all[i], width(shownText(cell)))
			}
		}
	}
	for i := range all {
		all[i] = min(max(all[i]+2, narrowest), widest)
	}
	return all
}

func width(text string) (n float64) {
	for _, c := range text {
		n++
		if c > 0x2000 {
			n++
		}
	}
	return n
}

func shownText(c web.SheetCell) string {
	switch {
	case c.Number != nil:
		return strconv.FormatFloat(*c.Number, 'f', -1, 64)
	case !c.At.IsZero():
		return timeFormat
	}
	return c.Text
}

// begin goes on with a sheet: its head is frozen and filters.
func (b *workbook) begin(name string) (err error) {
	// How far it goes is not known yet. The library would say one cell, and some programs read no more than what is said.
	if err := b.file.SetSheetDimension(name, ""); err != nil {
		return b.fail(err)
	}
	if b.stream, err = b.file.NewStreamWriter(name); err != nil {
		return b.fail(err)
	}
	for i, w := range b.widths {
		if err := b.stream.SetColWidth(i+1, i+1, w); err != nil {
			return b.fail(err)
		}
	}
	if err := b.stream.SetPanes(&excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"}); err != nil {
		return b.fail(err)
	}
	head := make([]any, len(b.heads))
	for i, text := range b.heads {
		head[i] = excelize.Cell{StyleID: b.styles.head, Value: noFormula(text)}
	}
	b.row, b.sheets = 1, b.sheets+1
	if err := b.stream.SetRow("A1", head); err != nil {
		return b.fail(err)
	}
	return nil
}

// add writes rows.
func (b *workbook) add(rows [][]web.SheetCell) error {
	for _, row := range rows {
		if b.row == b.most {
			if err := b.another(); err != nil {
				return err
			}
		}
		cells := make([]any, len(row))
		for i, c := range row {
			cells[i] = b.cell(c)
		}
		b.row++
		b.rows++
		if err := b.stream.SetRow("A"+strconv.Itoa(b.row), cells); err != nil {
			return b.fail(err)
		}
	}
	return b.hide()
}

// cell is a cell as Excel takes it: its times know no zone, so they are Beijing's; a text is never a formula.
func (b *workbook) cell(c web.SheetCell) any {
	switch {
	case c.Number != nil:
		return *c.Number
	case !c.At.IsZero():
		at, style := c.At.In(workday.Shanghai), b.styles.time
		hour, minute := at.Hour(), at.Minute()
		if c.Day {
			style, hour, minute = b.styles.day, 0, 0
		}
		return excelize.Cell{StyleID: style, Value: time.Date(at.Year(), at.Month(), at.Day(), hour, minute, 0, 0, time.UTC)}
	case c.Text == "":
		return nil
	}
	text := noFormula(c.Text)
	if utf8.RuneCountInString(text) > longestCell {
		text = string([]rune(text)[:longestCell-1]) + "…"
	}
	return text
}

// another ends a sheet that is full and begins the next.
func (b *workbook) another() error {
	if err := b.flush(); err != nil {
		return err
	}
	name := fmt.Sprintf("%s %d", b.name, b.sheets+1)
	if _, err := b.file.NewSheet(name); err != nil {
		return b.fail(err)
	}
	return b.begin(name)
}

// flush ends a sheet, with the filter over all its rows.
func (b *workbook) flush() error {
	last, err := excelize.CoordinatesToCellName(len(b.heads), b.row)
	if err == nil {
		err = b.file.AutoFilter(b.stream.Sheet, "A1:"+last, nil)
	}
	if err == nil {
		err = b.stream.Flush()
	}
	if err != nil {
		return b.fail(err)
	}
	return nil
}

// hide takes the names of the temporary files that were begun.
func (b *workbook) hide() error {
	begun, err := filepath.Glob(filepath.Join(b.folder, "*"))
	for _, path := range begun {
		if err == nil {
			err = os.Remove(path)
		}
	}
	if err != nil {
		return b.fail(err)
	}
	return nil
}

// finish writes the file, with a last sheet that says what it is, and lets go of everything.
func (b *workbook) finish(out io.Writer, title string, about [][2]string) error {
	defer b.close()
	if err := b.flush(); err != nil {
		return err
	}
	name := sheetName(title)
	if _, err := b.file.NewSheet(name); err != nil {
		return err
	}
	for i, line := range about {
		row := strconv.Itoa(i + 1)
		for column, text := range line {
			if err := b.file.SetCellStr(name, string(rune('A'+column))+row, noFormula(text)); err != nil {
				return err
			}
		}
	}
	if err := b.file.SetSheetDimension(name, "A1:B"+strconv.Itoa(len(about))); err != nil {
		return err
	}
	if err := b.file.SetColWidth(name, "A", "A", 24); err != nil {
		return err
	}
	if err := b.file.SetColWidth(name, "B", "B", widest); err != nil {
		return err
	}
	// Straight to the reader: the library would gather the packed file in memory.
	b.file.ZipWriter = func(io.Writer) excelize.ZipWriter { return packing.NewWriter(out) }
	_, err := b.file.WriteToBuffer()
	return err
}

func (b *workbook) fail(err error) error {
	b.close()
	return err
}

func (b *workbook) close() {
	_ = b.file.Close() // its files have no names any more, which is what it complains of
	_ = os.RemoveAll(b.folder)
}
