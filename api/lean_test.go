package api

import (
	"runtime/debug"
	"testing"
)

// percent is the collector's percentage now.
func percent() int {
	now := debug.SetGCPercent(100)
	debug.SetGCPercent(now)
	return now
}

// It is the whole process's: no test here runs beside another.
func TestFilesAreMadeWithACollectorThatRunsOften(t *testing.T) {
	defer debug.SetGCPercent(debug.SetGCPercent(400))
	var l lean
	first := l.begin()
	second := l.begin()
	if now := percent(); now != leanPercent {
		t.Errorf("while two files are made it is %d, want %d", now, leanPercent)
	}
	first()
	if now := percent(); now != leanPercent {
		t.Errorf("while one file is made it is %d, want %d", now, leanPercent)
	}
	second()
	if now := percent(); now != 400 {
		t.Errorf("afterwards it is %d, want what it was", now)
	}
}

func TestACollectorThatRunsOftenerIsLeftAlone(t *testing.T) {
	defer debug.SetGCPercent(debug.SetGCPercent(20))
	var l lean
	end := l.begin()
	if now := percent(); now != 20 {
		t.Errorf("it is %d, want the operator's 20", now)
	}
	end()
	if now := percent(); now != 20 {
		t.Errorf("afterwards it is %d, want the operator's 20", now)
	}
}
