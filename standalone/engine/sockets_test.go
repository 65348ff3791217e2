package engine

import (
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.temporal.io/api/enums/v1"
)

const useExisting = enums.WORKFLOW_ID_CONFLICT_POLICY_USE_EXISTING

type socket struct{ local, inode string }

// listeners reads the sockets in state LISTEN (0A) from a table of the kernel.
func listeners(t *testing.T, table string) []socket {
	t.Helper()
	text, err := os.ReadFile(table)
	if err != nil {
		t.Skipf("no socket table here: %v", err)
	}
	var found []socket
	for line := range strings.Lines(string(text)) {
		f := strings.Fields(line)
		if len(f) > 9 && f[3] == "0A" {
			found = append(found, socket{local: f[1], inode: f[9]})
		}
	}
	return found
}

// ownSockets are the inodes of this process's sockets.
func ownSockets(t *testing.T) map[string]bool {
	t.Helper()
	descriptors, err := filepath.Glob("/proc/self/fd/*")
	if err != nil {
		t.Fatal(err)
	}
	own := map[string]bool{}
	for _, d := range descriptors {
		target, err := os.Readlink(d)
		if inode, ok := strings.CutPrefix(target, "socket:["); ok && err == nil {
			own[strings.TrimSuffix(inode, "]")] = true
		}
	}
	return own
}

// busyPort is a port somebody else listens on until the test ends.
func busyPort(t *testing.T) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	return l.Addr().(*net.TCPAddr).Port
}
