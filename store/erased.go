package store

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"haochaping/regulation"
)

// erasedList is the list of erased raters in a file of its own, beside neither the record nor the keys: a copy
// of both that was made before an erasure knows nothing of it, and the list does. Each node has its own,
// with what every node erased (ShareErasures). A line is the subject's id and the machines' time of the
// erasure in microseconds: nothing that names anybody.
type erasedList struct {
	path string
	mu   sync.Mutex
}

// add appends subjects, and returns once they are on the disk: the list has them before the record does.
func (l *erasedList) add(at int64, subjects ...string) error {
	if len(subjects) == 0 {
		return nil
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := os.MkdirAll(filepath.Dir(l.path), 0o700); err != nil {
		return err
	}
	f, err := os.OpenFile(l.path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer f.Close()
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX); err != nil {
		return err
	}
	var text strings.Builder
	if cutShort(l.path) {
		text.WriteByte('\n')
	}
	for _, subject := range subjects {
		fmt.Fprintf(&text, "%s %d\n", subject, at)
	}
	_, err = f.WriteString(text.String())
	return errors.Join(err, f.Sync())
}

// cutShort tells whether a crash left the last line without its end.
func cutShort(path string) bool {
	f, err := os.Open(path)
	if err != nil {
		return false
	}
	defer f.Close()
	last := make([]byte, 1)
	size, err := f.Seek(-1, io.SeekEnd)
	if err == nil {
		_, err = f.ReadAt(last, size)
	}
	return err == nil && last[0] != '\n'
}

// read returns the last instant at which each subject was erased. A line that does not read was cut short by
// a crash: its erasure was not answered, and is not in the record either.
func (l *erasedList) read() (map[string]int64, error) {
	content, err := os.Open(l.path)
	if errors.Is(err, fs.ErrNotExist) {
		return map[string]int64{}, nil
	}
	if err != nil {
		return nil, err
	}
	defer content.Close()
	all, lines := map[string]int64{}, bufio.NewScanner(content)
	for lines.Scan() {
		subject, text, _ := strings.Cut(lines.Text(), " ")
		if at, err := strconv.ParseInt(text, 10, 64); err == nil {
			all[subject] = max(all[subject], at)
		}
	}
	return all, lines.Err()
}

// CatchUpErasures erases whoever is on the list and not erased in the record, which was put back from a copy
// older than that, destroys their keys, and notes on the list whom only the record knows as erased. Nothing
// of the vault is read before it was done once; the program calls it before it serves anybody. It returns how
// many raters were erased again. The key store may be away: what is in it then goes with SettleErasures.
func (s *Store) CatchUpErasures(ctx context.Context) (again int, err error) {
	if s.sealer == nil {
		return 0, errNoKeys
	}
	s.catchingUp.Lock()
	defer s.catchingUp.Unlock()
	if s.caughtUp.Load() {
		return 0, nil
	}
	listed, err := s.erased.read()
	if err != nil {
		return 0, fmt.Errorf("the list of erasures: %w", err)
	}
	known, err := s.erasedAt(ctx)
	if err != nil {
		return 0, err
	}
	var missing, unlisted []string
	for subject := range listed {
		if !known[subject] {
			missing = append(missing, subject)
		}
	}
	for subject := range known {
		if listed[subject] == 0 {
			unlisted = append(unlisted, subject)
		}
	}
	if again, err = s.ReplayErasures(ctx, missing); err != nil {
		return again, err
	}
	if err := s.erased.add(s.erasedNow(), unlisted...); err != nil {
		return again, err
	}
	// Also of those whom the record knows: the keys alone may be an older copy.
	s.doom(listed)
	if err := s.SettleErasures(ctx); err != nil {
		s.log.Warn("keys of erased raters wait to be destroyed", "error", err)
	}
	s.caughtUp.Store(true)
	return again, nil
}

func (s *Store) erasedAt(ctx context.Context) (map[string]bool, error) {
	subjects, err := s.Erasures(ctx)
	known := make(map[string]bool, len(subjects))
	for _, subject := range subjects {
		known[subject] = true
	}
	return known, err
}

// doom notes keys to be destroyed that were kept until an instant.
func (s *Store) doom(subjects map[string]int64) {
	s.doomed.Lock()
	defer s.doomed.Unlock()
	if s.doomed.until == nil {
		s.doomed.until = map[string]int64{}
	}
	for subject, until := range subjects {
		s.doomed.until[subject] = max(until, s.doomed.until[subject])
	}
}

type doomed struct {
	sync.Mutex
	until map[string]int64
}

// SettleErasures destroys the keys of those erased, as far as that was not done yet since the key store was
// away. After a crash SweepSubjectKeys finds what is left.
func (s *Store) SettleErasures(ctx context.Context) error {
	s.doomed.Lock()
	defer s.doomed.Unlock()
	byUntil := map[int64][]string{}
	for subject, until := range s.doomed.until {
		byUntil[until] = append(byUntil[until], subject)
	}
	for until, subjects := range byUntil {
		if err := s.subjectKeys.destroy(ctx, until, subjects...); err != nil {
			return err
		}
		for _, subject := range subjects {
			delete(s.doomed.until, subject)
		}
	}
	return nil
}

// erasedNow is the instant until which the keys of those erased now are destroyed: a minute on, since the
// machines' clocks differ.
func (s *Store) erasedNow() int64 { return micros(s.wall().Add(time.Minute)) }

// destroyed has the keys of raters destroyed whose erasure the record has just committed.
func (s *Store) destroyed(ctx context.Context, subjects ...string) {
	until := map[string]int64{}
	for _, subject := range subjects {
		until[subject] = s.erasedNow()
	}
	s.doom(until)
	if err := s.SettleErasures(context.WithoutCancel(ctx)); err != nil {
		s.log.Warn("keys of erased raters wait to be destroyed", "error", err)
	}
}

// ShareErasures notes on this node's list whom other nodes erased meanwhile. since is what it answered last,
// the zero of the first call.
func (s *Store) ShareErasures(ctx context.Context, since int64) (until int64, err error) {
	const overlap = int64(600e6) // of clocks and of transactions that commit late
	var rows []erasureRow
	if err := s.rows(ctx).Where("erased_at > ?", max(0, since-overlap)).Order("erased_at").Find(&rows).Error; err != nil || len(rows) == 0 {
		return since, err
	}
	listed, err := s.erased.read()
	if err != nil {
		return since, err
	}
	var missing []string
	for _, row := range rows {
		if listed[row.Subject] == 0 {
			missing = append(missing, row.Subject)
		}
	}
	return rows[len(rows)-1].ErasedAt, s.erased.add(s.erasedNow(), missing...)
}

// keysAreAway tells whether an error says no more than that contacts cannot be read for now.
func keysAreAway(err error) bool {
	var refusal *regulation.Error
	return errors.As(err, &refusal) && refusal.Code == regulation.Unavailable
}
