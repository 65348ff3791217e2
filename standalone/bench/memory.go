package bench

import (
	"bytes"
	"os"
	"runtime"
	"runtime/debug"
	"strconv"
)

// memory is what this process holds at one moment, in bytes.
type memory struct {
	live     int64 // heap that is in use after a collection, and stacks
	resident int64 // of the whole process, after what was free was given back to the system; 0: unknown
}

// inUse collects first, twice: what the first collection finalises goes with the second.
func inUse() memory {
	runtime.GC()
	debug.FreeOSMemory()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return memory{live: int64(m.HeapAlloc + m.StackInuse), resident: resident()}
}

func resident() int64 {
	text, err := os.ReadFile("/proc/self/statm")
	fields := bytes.Fields(text)
	if err != nil || len(fields) < 2 {
		return 0
	}
	pages, err := strconv.ParseInt(string(fields[1]), 10, 64)
	if err != nil {
		return 0
	}
	return pages * int64(os.Getpagesize())
}

func megabytes(bytes int64) float64 { return float64(bytes) / 1e6 }
