package bench

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Everything that figures are asked for is there, and both recounts come to them: MeasureFigures fails where one does not.
func TestFiguresAreMeasuredOnMadeRatings(t *testing.T) {
	f, err := MeasureFigures(t.Context(), Database{Dir: t.TempDir()}, FiguresPlan{Ratings: 2 * blockOf, Rounds: 1})
	if err != nil {
		t.Fatal(err)
	}
	allMeasured(t, f, 2*blockOf)
	var b bytes.Buffer
	if f.Print(&b); !strings.Contains(b.String(), "20000 ratings") {
		t.Error(b.String())
	}
}

func allMeasured(t *testing.T, f FiguresMeasured, ratings int) {
	t.Helper()
	for _, a := range f.Asked {
		if a.Lines == 0 {
			t.Errorf("%s: no lines", a.What)
		}
	}
	if f.Ratings != ratings || f.Cells <= f.Ratings || f.Recounted <= 0 || f.BySQL <= 0 || f.OfFigures <= 0 || f.Versions < 19 || f.SealedLines == 0 {
		t.Errorf("%+v", f)
	}
	if len(f.Dashboards) != len(dashboardKinds) || f.Open == 0 {
		t.Errorf("dashboards: %+v, %d open", f.Dashboards, f.Open)
	}
}

// Of two million ratings, a million in the month, every figure is what both recounts come to, on both databases. What the questions
// took stands in the file that HAOCHAPING_FIGURES names, and is nobody's pass or failure.
func TestFiguresOfTwoMillionRatings(t *testing.T) {
	if testing.Short() {
		t.Skip("takes minutes")
	}
	plan := FiguresPlan{Ratings: 2_000_000, Rounds: 5, Step: 200_000}
	for _, d := range databases(t) {
		t.Run(d.Name(), func(t *testing.T) {
			f, err := MeasureFigures(t.Context(), d, plan)
			if err != nil {
				t.Fatal(err)
			}
			allMeasured(t, f, plan.Ratings)
			var b bytes.Buffer
			f.Print(&b)
			t.Log(b.String())
			tell(t, b.Bytes())
		})
	}
}

// tell puts measured figures at the end of the file that is asked for.
func tell(t *testing.T, text []byte) {
	t.Helper()
	name := os.Getenv("HAOCHAPING_FIGURES")
	if name == "" {
		return
	}
	file, err := os.OpenFile(filepath.Clean(name), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if _, err := file.Write(text); err != nil {
		t.Fatal(err)
	}
}
