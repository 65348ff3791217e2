package web

import (
	"math"
	"strings"
	"testing"
)

// A rate of nought in every month is drawn, one of months in which nothing was counted is not.
func TestALineAtZeroIsDrawn(t *testing.T) {
	rate := func(values ...float64) Chart {
		c := Chart{ID: "r", Kind: ChartLines, Percent: true, Series: []ChartSeries{{Name: "rate", Look: "a", Values: values}}}
		for range values {
			c.Ticks, c.Rows = append(c.Ticks, ChartTick{Text: "m"}), append(c.Rows, ChartRow{Name: "m"})
		}
		return c
	}
	if c := rate(0, 0); c.Empty() || strings.Count(string(c.SVG()), "<circle") != 2 {
		t.Errorf("nought is left out: %s", c.SVG())
	}
	if c := rate(math.NaN(), math.NaN()); !c.Empty() {
		t.Error("nothing was counted, and something is drawn")
	}
	c := rate(0, 0)
	if c.Kind = ChartColumns; !c.Empty() {
		t.Error("columns of no height are drawn")
	}
}
