package e2e

import (
	"database/sql"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"haochaping/regulation"
	"haochaping/standalone/visit"
	"haochaping/store"
)

// alter changes the record's database beside whatever runs on it.
func (s *site) alter(t *testing.T, statement string) {
	t.Helper()
	file := url.URL{Scheme: "file", Opaque: url.PathEscape(filepath.Join(s.data(), store.FileName)), RawQuery: "_pragma=busy_timeout(10000)"}
	db, err := sql.Open("sqlite", file.String())
	if err == nil {
		_, err = db.ExecContext(t.Context(), statement)
	}
	if err = errors.Join(err, db.Close()); err != nil {
		t.Fatal(err)
	}
}

// refuse has the running product's database refuse each event of a case, until mend.
func (s *site) refuse(t *testing.T, caseID string) (mend func()) {
	t.Helper()
	s.alter(t, fmt.Sprintf("CREATE TRIGGER refuses BEFORE INSERT ON case_events WHEN NEW.case_id = '%s' BEGIN SELECT RAISE(ABORT, 'refused'); END", caseID))
	return func() { s.alter(t, "DROP TRIGGER refuses") }
}

// TestActThatTheDatabaseRefusesFailsAlone: the caller is told so, the case stays as it was and can be acted on
// once the fault is mended, and the repair that verify names has the act done.
func TestActThatTheDatabaseRefusesFailsAlone(t *testing.T) {
	s, _, w := setup(t, nil)
	failing, other := w.open(t, contact), w.open(t, contact)
	mend := s.refuse(t, failing.id)
	got, err := w.people[supervisor].send("POST", "/cases/"+failing.id+"/acts/accept", visit.Key(), fields{})
	if err != nil || got.Status != http.StatusInternalServerError || !strings.Contains(string(got.Body), "record_failed") {
		t.Fatalf("%d %s, %v", got.Status, got.Body, err)
	}
	failing.phase(t, regulation.PhaseOpened)
	other.do(t, toFinding[0])
	mend()
	v := s.finds(t, "an act failed", "acts failed")
	if !slices.Contains(v.Findings[0].About, store.CauseConstraint) {
		t.Errorf("the finding does not name the cause: %+v", v.Findings[0])
	}
	s.repairs(t, v)
	s.finds(t, "the act was repaired")
	failing.phase(t, regulation.PhaseVerification)
	failing.do(t, toFinding[1:]...)
}

// TestDeadlineThatTheDatabaseRefusesGoesOnByItself: it is tried at leisure and told by name; once the fault is
// mended the case goes on without anybody's doing.
func TestDeadlineThatTheDatabaseRefusesGoesOnByItself(t *testing.T) {
	s, p, w := setup(t, map[string]string{"HAOCHAPING_CLOCK": drill})
	c := w.open(t, contact)
	mend := s.refuse(t, c.id)
	blocked := func() int {
		return s.record(t).count(t, "SELECT COUNT(*) FROM alarms WHERE kind = ? AND object_id = ? AND cleared_at = 0", store.AlarmBlocked, c.id)
	}
	eventually(t, "an alarm on the case", func() bool { return blocked() == 1 })
	time.Sleep(5 * time.Second)
	if n := s.record(t).count(t, "SELECT times FROM alarms WHERE kind = ? AND object_id = ?", store.AlarmBlocked, c.id); n > 6 {
		t.Errorf("tried %d times within seconds", n)
	}
	if codes := s.verify(t).codes(); !slices.Contains(codes, "deadlines blocked") {
		t.Errorf("found %v", codes)
	}
	mend()
	c.until(t, "upper overdue:accept")
	eventually(t, "no alarm", func() bool { return blocked() == 0 })
	p.stop(t)
}
