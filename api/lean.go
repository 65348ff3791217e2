package api

import (
	"runtime/debug"
	"sync"
)

// leanPercent is how much may be allocated between two collections while a long list is made into a file, in percent of what is
// in use.
const leanPercent = 50

// lean counts who asks the process to stay small: the collector is the whole process's, also of the engine in it.
type lean struct {
	mu     sync.Mutex
	asked  int
	before int // what the collector's percentage was
}

// begin has the collector run often, and returns what ends that. A file of a million rows allocates gigabytes, of which little is in
// use at a time: with the 400 percent of the standalone program the process would grow by 900 MB.
func (l *lean) begin() (end func()) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.asked == 0 {
		l.before = debug.SetGCPercent(leanPercent)
		if l.before >= 0 && l.before < leanPercent { // an operator wants it smaller still
			debug.SetGCPercent(l.before)
		}
	}
	l.asked++
	return l.end
}

func (l *lean) end() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.asked--; l.asked == 0 {
		debug.SetGCPercent(l.before)
	}
}

// collector is the one that the process has.
var collector lean
