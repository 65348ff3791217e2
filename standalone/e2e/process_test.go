package e2e

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// The programs under test, each built once a run; the build cache is the one of scripts/build.sh.
var (
	standalone = sync.OnceValues(func() (string, error) { return build("..", "haochaping-standalone") })
	node       = sync.OnceValues(func() (string, error) { return build("../../cmd/haochaping", "haochaping") })
)

func build(folder, name string) (string, error) {
	out, err := filepath.Abs(filepath.Join("../../.cache/e2e", name))
	if err != nil {
		return "", err
	}
	return out, compile(folder, out)
}

// compile builds the main package of a folder.
func compile(folder, out string) error {
	cmd := exec.Command("go", "build", "-buildvcs=false", "-ldflags", "-s -w", "-o", out, ".")
	cmd.Dir, cmd.Env = folder, append(os.Environ(), "CGO_ENABLED=0")
	if told, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("build %s: %w\n%s", filepath.Base(out), err, told)
	}
	return nil
}

// site is an installation: its folders, settings and program. Processes on it come and go.
type site struct {
	program string
	args    []string
	folder  string // data and keys lie in it
	env     map[string]string
	log     io.Writer // gets the whole log where it is set
}

// newSite is the standalone program on an empty folder of its own.
func newSite(t *testing.T, env map[string]string) *site {
	t.Helper()
	program, err := standalone()
	if err != nil {
		t.Fatal(err)
	}
	s := &site{program: program, folder: t.TempDir()}
	s.env = map[string]string{
		"HAOCHAPING_ADDR": "127.0.0.1:0", "HAOCHAPING_DATA": s.data(), "HAOCHAPING_KEYS": filepath.Join(s.folder, "keys"),
		"HAOCHAPING_LIMITS": "off",
	}
	maps.Copy(s.env, env)
	return s
}

func (s *site) data() string { return filepath.Join(s.folder, "data") }

// with is the same installation under other settings or another program.
func (s *site) with(change func(*site)) *site {
	other := *s
	other.env = maps.Clone(s.env)
	change(&other)
	return &other
}

// command runs one of the operator's commands to its end, beside whatever runs on the site, and
// returns what it printed.
func (s *site) command(t *testing.T, args ...string) string {
	t.Helper()
	told, status := s.tried(t, args...)
	if status != 0 {
		t.Fatalf("%s %v ended with %d\n%s", filepath.Base(s.program), args, status, told)
	}
	return told
}

// tried is command for one that may fail: with its exit status.
func (s *site) tried(t *testing.T, args ...string) (told string, status int) {
	t.Helper()
	cmd := exec.Command(s.program, args...)
	cmd.Env = os.Environ()
	for name, value := range s.env {
		cmd.Env = append(cmd.Env, name+"="+value)
	}
	cmd.Stderr = os.Stderr
	printed, err := cmd.Output()
	var ended *exec.ExitError
	if err != nil && !errors.As(err, &ended) {
		t.Fatal(err)
	}
	return string(printed), cmd.ProcessState.ExitCode()
}

// process is one running program.
type process struct {
	cmd    *exec.Cmd
	addr   string        // host:port of pages and API
	engine string        // host:port of the engine's frontend
	took   time.Duration // from its start until it was ready
	log    *journal
	ended  bool          // by the test
	gone   chan struct{} // closed when it has ended
}

// patience bounds the wait for anything on a busy machine.
const patience = 60 * time.Second

// start runs the program and returns when it is ready, engine included.
func (s *site) start(t *testing.T) *process {
	t.Helper()
	began := time.Now()
	p := s.launch(t)
	p.waitReady(t)
	p.took = time.Since(began)
	return p
}

// launch runs the program and returns when it told where it listens.
func (s *site) launch(t *testing.T) *process {
	t.Helper()
	p := &process{cmd: exec.Command(s.program, s.args...), log: &journal{started: make(chan startLine, 1)}, gone: make(chan struct{})}
	p.cmd.Env = os.Environ()
	for name, value := range s.env {
		p.cmd.Env = append(p.cmd.Env, name+"="+value)
	}
	stderr, err := p.cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var log io.Reader = stderr
	if s.log != nil {
		log = io.TeeReader(stderr, s.log)
	}
	go p.follow(log)
	t.Cleanup(func() {
		ended := p.ended
		p.kill()
		if t.Failed() && !ended {
			t.Logf("%s %v ended its log with:\n%s", filepath.Base(s.program), s.args, p.log.tail())
		}
	})
	select {
	case line := <-p.log.started:
		p.addr, p.engine = line.Addr, line.Settings["TEMPORAL"]
	case <-p.gone:
		t.Fatalf("%s ended at its start:\n%s", s.program, p.log.tail())
	case <-time.After(patience):
		t.Fatalf("%s did not start within %v:\n%s", s.program, patience, p.log.tail())
	}
	return p
}

func (p *process) follow(stderr io.Reader) {
	p.log.read(stderr)
	_ = p.cmd.Wait() // how it ended is in its log
	close(p.gone)
}

// waitReady asks until the record and the engine are there.
func (p *process) waitReady(t *testing.T) {
	t.Helper()
	eventually(t, "ready", func() bool {
		answer, err := http.Get("http://" + p.addr + "/readyz")
		if err != nil {
			return false
		}
		defer answer.Body.Close()
		var told struct{ Parts map[string]string }
		// A worker answers by its status alone.
		_ = json.NewDecoder(answer.Body).Decode(&told)
		return answer.StatusCode == http.StatusOK && told.Parts["engine"] != "away"
	})
}

// kill ends the process as a power cut would.
func (p *process) kill() { p.end(syscall.SIGKILL) }

// stop tells the process to end, and fails the test when it does not within a while.
func (p *process) stop(t *testing.T) {
	t.Helper()
	p.end(syscall.SIGTERM)
	if state := p.cmd.ProcessState; !state.Success() {
		t.Errorf("told to stop, the process ended with %v:\n%s", state, p.log.tail())
	}
}

func (p *process) end(how os.Signal) {
	p.ended = true
	_ = p.cmd.Process.Signal(how) // it may have ended already
	select {
	case <-p.gone:
	case <-time.After(patience):
		_ = p.cmd.Process.Kill()
		<-p.gone
	}
}

// startLine is the line of a program's log that tells where it listens.
type startLine struct {
	Msg      string
	Addr     string
	Settings map[string]string
}

// journal keeps the end of a process's log.
type journal struct {
	mu      sync.Mutex
	lines   []string
	started chan startLine
}

func (j *journal) read(from io.Reader) {
	lines := bufio.NewScanner(from)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var told startLine
		if json.Unmarshal(lines.Bytes(), &told) == nil && told.Msg == "started" {
			select {
			case j.started <- told:
			default: // said before
			}
		}
		j.keep(lines.Text())
	}
}

func (j *journal) keep(line string) {
	if strings.Contains(line, `"msg":"request"`) {
		return
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	j.lines = append(j.lines, line)
	if len(j.lines) > 60 {
		j.lines = j.lines[1:]
	}
}

func (j *journal) tail() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return strings.Join(j.lines, "\n")
}

// externalEngine is a Temporal frontend in a process of its own, which the test stops and starts.
func externalEngine(t *testing.T, folder, addr string) *site {
	t.Helper()
	_, port, err := net.SplitHostPort(addr)
	if err != nil {
		t.Fatal(err)
	}
	return &site{program: os.Args[0], args: []string{"-test.run=^$"}, folder: folder,
		env: map[string]string{child: "engine", engineDir: folder, enginePort: port}}
}

// freeAddress is a loopback address below the ports that the kernel hands to outgoing
// connections, so that it stays free while its server is down.
func freeAddress(t *testing.T) string {
	t.Helper()
	for range 100 {
		listener, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", 20000+rand.IntN(12000)))
		if err != nil {
			continue
		}
		if err := listener.Close(); err != nil {
			t.Fatal(err)
		}
		return listener.Addr().String()
	}
	t.Fatal("no port is free")
	return ""
}

// eventually asks every now and then until the answer is yes.
func eventually(t *testing.T, what string, yes func() bool) {
	t.Helper()
	until := time.Now().Add(patience)
	for !yes() {
		if time.Now().After(until) {
			t.Fatalf("not %s within %v", what, patience)
		}
		time.Sleep(30 * time.Millisecond)
	}
}
