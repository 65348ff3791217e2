package web

import (
	"math"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
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

// The map's tiles stand in the page in the order in which they lie on its grid.
func TestTilesAreReadAsTheyLie(t *testing.T) {
	sheet, err := staticFiles.ReadFile("static/staff.css")
	if err != nil {
		t.Fatal(err)
	}
	var lie []string
	for _, at := range regexp.MustCompile(`\.at-(\d{6}) \{ grid-area: (\d) / (\d); \}`).FindAllStringSubmatch(string(sheet), -1) {
		lie = append(lie, at[2]+at[3]+" "+at[1])
	}
	slices.Sort(lie)
	if len(lie) != len(mapOrder) {
		t.Fatalf("%d on the grid, %d in order", len(lie), len(mapOrder))
	}
	for i, county := range mapOrder {
		if lie[i][3:] != county {
			t.Errorf("%s stands where %s lies", county, lie[i])
		}
	}
	tiles := dashboardView().Tiles()
	for i := range tiles {
		if tiles[i].Key != mapOrder[i] {
			t.Errorf("tile %d is %s", i, tiles[i].Key)
		}
	}
}

// A tile says as many ratings as the table below the map, and is hatched by those that its rate is of.
func TestATileSaysWhatTheTableSays(t *testing.T) {
	part := func(rated, net int64) *DashboardView {
		return &DashboardView{Parts: []DashboardPart{{Key: "513301", Line: FigureLine{Rated: &FigureRated{Rated: rated, NetRated: net, NetGoodRate: "95.00"}}}}}
	}
	for _, c := range []struct {
		rated, net int64
		few        bool
	}{{31, 30, false}, {30, 29, true}} {
		if tile := part(c.rated, c.net).Tiles()[0]; tile.Rated != c.rated || tile.Few != c.few {
			t.Errorf("%d given, %d that count: %+v", c.rated, c.net, tile)
		}
	}
}

// Under two months beside each other the years would run together on a phone: 20252026.
func TestYearsBelowAChartStandApart(t *testing.T) {
	for first, want := range map[string]string{"2025-12": ",2026,,", "2026-01": "2026,,,", "2025-11": "2025,,2026,"} {
		v := &DashboardView{}
		at, _ := time.Parse("2006-01", first)
		for n := range 4 {
			v.Months = append(v.Months, DashboardMonth{Month: at.AddDate(0, n, 0).Format("2006-01")})
		}
		var below []string
		for _, tick := range v.overMonths("m", ChartLines).Ticks {
			below = append(below, tick.Below)
		}
		if got := strings.Join(below, ","); got != want {
			t.Errorf("from %s on the years are %s", first, got)
		}
	}
}
