package web

import (
	"fmt"
	"html/template"
	"math"
	"strconv"
	"strings"
)

// Charts are drawn here, not in the browser: they are there without scripts, on paper too, and take their colours and their
// writing from the style sheet. Across they are in percent of the place that they have and up in pixels, so that no text
// shrinks with the screen. Each has a title and a description for who does not see it, and its numbers in a table behind it.

// ChartKind is how a chart shows its series.
type ChartKind string

// Kinds of charts.
const (
	ChartLines   ChartKind = "lines"
	ChartColumns ChartKind = "columns" // one upon another
)

// ChartSeries is one line, or one layer of the columns: a value for each label of the chart, NaN for none. Look names its colour
// and pattern in the style sheet: g1 to g5 for grades, a, b and c for others.
type ChartSeries struct {
	Name, Look string
	Values     []float64
}

// ChartTick is what stands under a column or point, in two lines.
type ChartTick struct{ Text, Below string }

// ChartRow is a line of the table behind a chart.
type ChartRow struct {
	Name  string
	Href  string
	Cells []ChartCell
}

// ChartCell is a text of that table; it leads to Href where the reader may see the cases behind it.
type ChartCell struct{ Text, Href string }

// Chart is a chart with what is told of it. ID is unique on its page.
type Chart struct {
	ID, Title, Desc string
	Kind            ChartKind
	Ticks           []ChartTick
	Series          []ChartSeries
	Percent         bool     // the scale ends at 100
	Heads           []string // of the table, the first that of names
	Rows            []ChartRow
}

// Measures of a chart in pixels.
const (
	chartHeight = 200
	chartBelow  = 38 // for what stands under the columns
	chartAbove  = 14 // for what stands on the highest
)

// Empty tells whether there is nothing to draw: of columns that are all zero nothing is seen, a line at zero is.
func (c Chart) Empty() bool {
	for _, s := range c.Series {
		for _, v := range s.Values {
			if !math.IsNaN(v) && (v != 0 || c.Kind == ChartLines) {
				return false
			}
		}
	}
	return true
}

// Legend tells whether the series need to be told apart.
func (c Chart) Legend() bool { return len(c.Series) > 1 }

// SVG draws the chart.
func (c Chart) SVG() template.HTML {
	var b strings.Builder
	fmt.Fprintf(&b, `<svg class="chart-svg" role="img" aria-labelledby="%[1]s-t %[1]s-d" width="100%%" height="%[2]d"><title id="%[1]s-t">%[3]s</title><desc id="%[1]s-d">%[4]s</desc>`,
		c.ID, chartHeight+chartAbove+chartBelow, template.HTMLEscapeString(c.Title), template.HTMLEscapeString(c.Desc))
	least, most, step := c.scale()
	up := func(v float64) float64 { return chartAbove + chartHeight*(1-(v-least)/(most-least)) }
	for v := least; v <= most+step/2; v += step {
		fmt.Fprintf(&b, `<line class="grid" x1="0" x2="100%%" y1="%[1]s" y2="%[1]s"/><text class="scale" x="-8" y="%[2]s">%[3]s</text>`, px(up(v)), px(up(v)+4), plain(v))
	}
	band := 100 / float64(max(1, len(c.Ticks)))
	switch c.Kind {
	case ChartColumns:
		c.columns(&b, band, up)
	default:
		c.lines(&b, band, up)
	}
	for i, tick := range c.Ticks {
		x := percentOf(band * (float64(i) + 0.5))
		fmt.Fprintf(&b, `<text class="tick" x="%s" y="%d">%s</text>`, x, chartAbove+chartHeight+16, template.HTMLEscapeString(tick.Text))
		if tick.Below != "" {
			fmt.Fprintf(&b, `<text class="tick" x="%s" y="%d">%s</text>`, x, chartAbove+chartHeight+32, template.HTMLEscapeString(tick.Below))
		}
	}
	b.WriteString("</svg>")
	return template.HTML(b.String())
}

// columns draws the series one upon another, with their sum on top.
func (c Chart) columns(b *strings.Builder, band float64, up func(float64) float64) {
	for i := range c.Ticks {
		sum := 0.0
		for _, s := range c.Series {
			v := s.Values[i]
			if math.IsNaN(v) || v == 0 {
				continue
			}
			top, bottom := up(sum+v), up(sum)
			sum += v
			fmt.Fprintf(b, `<rect class="fill %s" x="%s" y="%s" width="%s" height="%s"><title>%s %s: %s</title></rect>`, s.Look, percentOf(band*(float64(i)+0.14)), px(top),
				percentOf(band*0.72), px(max(bottom-top, 1)), template.HTMLEscapeString(c.Rows[i].Name), template.HTMLEscapeString(s.Name), plain(v))
			if strings.HasSuffix(s.Look, "1") || strings.HasSuffix(s.Look, "2") { // bad ones are hatched: colour is not their only mark
				fmt.Fprintf(b, `<rect class="hatch" x="%s" y="%s" width="%s" height="%s" fill="url(#%s-hatch)"/>`, percentOf(band*(float64(i)+0.14)), px(top), percentOf(band*0.72), px(max(bottom-top, 1)), c.ID)
			}
		}
		if sum > 0 {
			fmt.Fprintf(b, `<text class="value" x="%s" y="%s">%s</text>`, percentOf(band*(float64(i)+0.5)), px(up(sum)-4), plain(sum))
		}
	}
	fmt.Fprintf(b, `<defs><pattern id="%s-hatch" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><line class="hatch-line" x1="0" y1="0" x2="0" y2="6"/></pattern></defs>`, c.ID)
}

// lines draws each series as a line with a mark at each value; where a value is missing, the line is broken.
func (c Chart) lines(b *strings.Builder, band float64, up func(float64) float64) {
	for n, s := range c.Series {
		last := -1
		for i, v := range s.Values {
			if math.IsNaN(v) {
				last = -1
				continue
			}
			if last >= 0 {
				fmt.Fprintf(b, `<line class="line %s" x1="%s" y1="%s" x2="%s" y2="%s"/>`, s.Look, percentOf(band*(float64(last)+0.5)), px(up(s.Values[last])), percentOf(band*(float64(i)+0.5)), px(up(v)))
			}
			last = i
		}
		for i, v := range s.Values {
			if !math.IsNaN(v) {
				c.mark(b, n, s, i, percentOf(band*(float64(i)+0.5)), up(v))
			}
		}
	}
}

// mark is a point of a line: each line has a form of its own.
func (c Chart) mark(b *strings.Builder, n int, s ChartSeries, i int, x string, y float64) {
	title := fmt.Sprintf("<title>%s %s: %s</title>", template.HTMLEscapeString(c.Rows[i].Name), template.HTMLEscapeString(s.Name), plain(s.Values[i]))
	switch n {
	case 0:
		fmt.Fprintf(b, `<circle class="point %s" cx="%s" cy="%s" r="4">%s</circle>`, s.Look, x, px(y), title)
	default: // a square, and one that stands on its corner
		turn := ""
		if n > 1 {
			turn = ` transform="rotate(45)"`
		}
		fmt.Fprintf(b, `<svg class="point %s" x="%s" y="%s" width="1" height="1" overflow="visible"><rect x="-4" y="-4" width="8" height="8"%s>%s</rect></svg>`, s.Look, x, px(y), turn, title)
	}
}

// scale chooses the ends of the scale and its steps: round numbers, from zero but for percent that all lie high.
func (c Chart) scale() (least, most, step float64) {
	low, high := math.Inf(1), 0.0
	for i := range c.Ticks {
		sum := 0.0
		for _, s := range c.Series {
			v := s.Values[i]
			if math.IsNaN(v) {
				continue
			}
			sum += v
			low = min(low, v)
			if c.Kind == ChartLines {
				high = max(high, v)
			}
		}
		if c.Kind == ChartColumns {
			high = max(high, sum)
		}
	}
	if c.Percent {
		switch {
		case low >= 90:
			return 90, 100, 2
		case low >= 50:
			return 50, 100, 10
		}
		return 0, 100, 25
	}
	step = 1
	for high > 5*step {
		for _, by := range []float64{2, 2.5, 2} {
			if high > 5*step {
				step *= by
			}
		}
	}
	return 0, max(step, step*math.Ceil(high/step)), step
}

func px(v float64) string        { return strconv.FormatFloat(v, 'f', 1, 64) }
func percentOf(v float64) string { return strconv.FormatFloat(v, 'f', 3, 64) + "%" }
func plain(v float64) string     { return strconv.FormatFloat(v, 'f', -1, 64) }

// Bar is a part of the whole as a bar in a cell: decoration, the number stands beside it.
func Bar(share float64, look string) template.HTML {
	return template.HTML(fmt.Sprintf(`<svg class="share-bar" aria-hidden="true" width="100%%" height="12"><rect class="bar-of" width="100%%" height="12" rx="3"/><rect class="fill %s" width="%s" height="12" rx="3"/></svg>`,
		look, percentOf(100*min(max(share, 0), 1))))
}
