package bench

import (
	"bytes"
	"strings"
	"testing"
)

func TestWhatIfIsMeasuredOnCasesAtEveryStage(t *testing.T) {
	f, err := MeasureWhatIf(t.Context(), Database{Dir: t.TempDir()}, WhatIfPlan{Cases: 2 * stages * staged, Rounds: 1})
	if err != nil {
		t.Fatal(err)
	}
	if f.Open != 2*stages*staged || f.MovedBy < f.Open/2 || f.Changed == 0 || f.Notice <= 0 {
		t.Errorf("%+v", f)
	}
	var b bytes.Buffer
	if f.Print(&b); !strings.Contains(b.String(), "400 open cases") {
		t.Error(b.String())
	}
}
