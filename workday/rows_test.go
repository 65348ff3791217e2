package workday

import (
	"strings"
	"testing"
)

func TestEveryRowThatCannotStandIsTold(t *testing.T) {
	rows, good := ReadRows("\ufeffdate,kind,holiday\n2027-02-05,off,春节\n2027-02-30,off,x\n2027-02-06,closed,x\n2027-02-05,work,x\n2027-02-07,off\n")
	if good || len(rows) != 5 {
		t.Fatalf("%v %+v", good, rows)
	}
	for i, want := range []string{"", WrongDate, WrongKind, WrongTwice, WrongColumns} {
		if rows[i].Wrong != want || rows[i].Line != i+2 {
			t.Errorf("line %d: %q, want %q on line %d", rows[i].Line, rows[i].Wrong, want, i+2)
		}
	}
}

func TestFilesThatAreNoLayer(t *testing.T) {
	for want, text := range map[string]string{
		WrongText: "date,kind,holiday\n2027-01-01,off,\xb4\xba\n", WrongHeader: "日期,类型,节日\n", WrongEmpty: "date,kind,holiday\n",
		WrongCSV: "date,kind,holiday\n\"2027-01-01,off,x\n",
	} {
		if rows, good := ReadRows(text); good || rows[len(rows)-1].Wrong != want {
			t.Errorf("%q: %+v, want %s", text, rows, want)
		}
	}
}

// FuzzRowsAndLayerAgree: what is shown as good can be taken, and nothing else.
func FuzzRowsAndLayerAgree(f *testing.F) {
	for _, text := range []string{"", "date,kind,holiday\n2027-01-01,off,x\n", "date,kind,holiday\n2027-01-01,off,x\n2027-01-01,off,x\n", "a,b\n", "\""} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		_, good := ReadRows(text)
		layer, err := ReadLayer("x", "y", strings.NewReader(text))
		if good && (err != nil || len(layer.Days) == 0) {
			t.Errorf("%q is good, and refused: %v", text, err)
		}
	})
}
