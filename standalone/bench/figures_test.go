package bench

import (
	"bytes"
	"strings"
	"testing"
)

// Everything that figures are asked for is there, and both recounts come to them: MeasureFigures fails where one does not.
func TestFiguresAreMeasuredOnMadeRatings(t *testing.T) {
	f, err := MeasureFigures(t.Context(), Database{Dir: t.TempDir()}, FiguresPlan{Ratings: 2 * blockOf, Rounds: 1})
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range f.Asked {
		if a.Lines == 0 {
			t.Errorf("%s: no lines", a.What)
		}
	}
	if f.Ratings != 2*blockOf || f.Cells <= f.Ratings || f.Recounted <= 0 || f.BySQL <= 0 || f.OfFigures <= 0 || f.Versions < 19 {
		t.Errorf("%+v", f)
	}
	if len(f.Dashboards) != len(dashboardKinds) || f.Open == 0 {
		t.Errorf("dashboards: %+v, %d open", f.Dashboards, f.Open)
	}
	var b bytes.Buffer
	if f.Print(&b); !strings.Contains(b.String(), "20000 ratings") {
		t.Error(b.String())
	}
}
