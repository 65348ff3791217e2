package bench

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"haochaping/standalone/engine"
	"haochaping/store"
)

// ExportPlan says how many rows the list has whose file is made. They are lines of the audit log.
type ExportPlan struct {
	Rows int
}

// ExportFigures are what the file of one long list cost the whole product, which has its engine in the same process.
type ExportFigures struct {
	Name  string
	Rows  int64 // that the file has
	Bytes int64 // of the file
	Took  time.Duration
	// What the process held: at rest with everything running, the most until the file was handed out, and at rest again. In bytes.
	Before, Most, After int64
}

// Growth is by how much the process grew at most while the file was made and handed out, in bytes.
func (f ExportFigures) Growth() int64 { return f.Most - f.Before }

// Print writes what was measured.
func (f ExportFigures) Print(w io.Writer) {
	fmt.Fprintf(w, "export of %d rows, %s, engine in the same process: %.0f s, file %.1f MB\n", f.Rows, f.Name, f.Took.Seconds(), megabytes(f.Bytes))
	fmt.Fprintf(w, "  resident MB: before %.1f, most %.1f, after %.1f; growth of the process by the export %.1f\n",
		megabytes(f.Before), megabytes(f.Most), megabytes(f.After), megabytes(f.Growth()))
}

// exporter is who asks for the file: of the audit log they read all.
const exporter = "gz-auditor"

// MeasureExport fills the audit log and has it made into a file, as a reader does.
func MeasureExport(ctx context.Context, d Database, p ExportPlan) (f ExportFigures, err error) {
	f.Name = "record on " + d.Name()
	r, err := d.Open(ctx, time.Now)
	if err != nil {
		return f, err
	}
	defer closing(r.Close, &err)
	if err := r.fillAudit(ctx, p.Rows); err != nil {
		return f, err
	}
	e, err := engine.Start(ctx, engine.Options{Dir: filepath.Join(r.place.dir, "engine"), Logger: quiet()})
	if err != nil {
		return f, err
	}
	defer e.Stop()
	product, err := r.serve(ctx, serving{engine: e.Addr(), namespace: engine.Namespace})
	if err != nil {
		return f, err
	}
	defer closing(product.stop, &err)
	client, err := product.signIn(ctx, exporter, 1)
	if err != nil {
		return f, err
	}
	defer client.CloseIdleConnections()
	f.Before = inUse().resident
	if err := forgetMost(); err != nil {
		return f, err
	}
	began := time.Now()
	file, err := product.made(ctx, client, &f)
	if err == nil {
		f.Bytes, err = product.size(ctx, client, file)
	}
	if err != nil {
		return f, err
	}
	f.Took = time.Since(began)
	if f.Most, err = mostResident(); err != nil {
		return f, err
	}
	f.After = inUse().resident
	return f, nil
}

// fillAudit writes lines of many days, people and objects.
func (r *Record) fillAudit(ctx context.Context, rows int) (err error) {
	db, table := r.place.server, r.place.name+".audit"
	if db == nil {
		table = "audit"
		if db, err = r.openSQLite(""); err != nil {
			return err
		}
		defer closing(db.Close, &err)
	}
	const stretch = 1000 * 50
	for from := 0; from < rows && err == nil; from += stretch {
		// MariaDB lets nothing recur more than 1,000 times.
		_, err = db.ExecContext(ctx, `INSERT INTO `+table+` (at, person, role, action, object_kind, object_id, area, unit_id, purpose, outcome)
			WITH RECURSIVE ones (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM ones WHERE n < 999),
				thousands (n) AS (SELECT 0 UNION ALL SELECT n + 1000 FROM thousands WHERE n < 49000)
			SELECT ? + (ones.n + thousands.n) * 1000000, 'gz-supervisor-1', 'supervisor', 'read_document', 'case', CONCAT('513301-2026-', ? + ones.n + thousands.n),
				'513301', '513301-scjg', 'verification', 'done'
			FROM ones CROSS JOIN thousands WHERE ones.n + thousands.n < ?`, time.Now().Add(-time.Duration(rows-from)*time.Second).UnixMicro(), from, rows-from)
	}
	return err
}

// made asks for the file and waits until it is made. It returns its address.
func (s *site) made(ctx context.Context, client *http.Client, f *ExportFigures) (string, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, s.address()+"/exports", strings.NewReader(url.Values{"list": {"/audit"}}.Encode()))
	if err != nil {
		return "", err
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if _, err := answered(client, r, http.StatusAccepted); err != nil {
		return "", err
	}
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return "", ctx.Err()
		case <-tick.C:
		}
		file, err := s.progress(ctx, client, f)
		if err != nil || file != "" {
			return file, err
		}
	}
}

// progress is the address of the file once it is there.
func (s *site) progress(ctx context.Context, client *http.Client, f *ExportFigures) (string, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, s.address()+"/exports", nil)
	if err != nil {
		return "", err
	}
	answer, err := client.Do(r)
	if err != nil {
		return "", err
	}
	var body struct {
		Exports []struct {
			State store.ExportState `json:"state"`
			Rows  int64             `json:"rows"`
			File  string            `json:"file"`
		} `json:"exports"`
	}
	err = errors.Join(json.NewDecoder(answer.Body).Decode(&body), answer.Body.Close())
	if err != nil || len(body.Exports) != 1 {
		return "", errors.Join(err, fmt.Errorf("%d exports, want one", len(body.Exports)))
	}
	e := body.Exports[0]
	if e.State != store.ExportRunning && e.State != store.ExportMade {
		return "", fmt.Errorf("the export ended as %s", e.State)
	}
	f.Rows = e.Rows
	return e.File, nil
}

// size downloads the file and counts its bytes.
func (s *site) size(ctx context.Context, client *http.Client, file string) (int64, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, s.address()+file, nil)
	if err != nil {
		return 0, err
	}
	answer, err := client.Do(r)
	if err != nil {
		return 0, err
	}
	bytes, err := io.Copy(io.Discard, answer.Body)
	if err == nil && answer.StatusCode != http.StatusOK {
		err = fmt.Errorf("the file came with status %d", answer.StatusCode)
	}
	return bytes, errors.Join(err, answer.Body.Close())
}

// forgetMost has the kernel count the most that the process holds from now on.
func forgetMost() error { return os.WriteFile("/proc/self/clear_refs", []byte("5"), 0) }

// mostResident is the most that the process held at once since forgetMost, in bytes (VmHWM).
func mostResident() (int64, error) {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(string(status)) {
		var kB int64
		if _, err := fmt.Sscanf(line, "VmHWM: %d kB", &kB); err == nil {
			return kB * 1024, nil
		}
	}
	return 0, errors.New("the system does not tell the most that was resident")
}
