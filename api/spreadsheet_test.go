package api_test

import (
	"strings"
	"testing"

	"haochaping/api"
)

func TestSpreadsheetComputesNothing(t *testing.T) {
	content, err := api.Spreadsheet([][]string{{"=1+1", "+8", "-2", "@SUM(A1)", "\tx", "\rx", "康定市\"公安局\"", ""}, {"1=1", "a,b"}})
	must(t, err)
	want := "\uFEFF'=1+1,'+8,'-2,'@SUM(A1),'\tx,\"'\rx\",\"康定市\"\"公安局\"\"\",\r\n1=1,\"a,b\"\r\n"
	if have := string(content); strings.ReplaceAll(have, "'\rx", "'x") != strings.ReplaceAll(want, "'\rx", "'x") {
		t.Errorf("%q, want %q", have, want)
	}
}
