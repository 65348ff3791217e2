package store

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"gorm.io/gorm"

	"haochaping/regulation"
)

// Verified is one verification of the whole record and the engine, as it is kept.
type Verified struct {
	Turn    time.Time // the turn that it took; its key
	Origin  string    // OriginSchedule or OriginConsole
	BeganAt time.Time // by the machines' clock, as is EndedAt, which is zero while it runs
	EndedAt time.Time
	Found   int64
	Checks  []Checked
}

// Where a verification came from.
const (
	OriginSchedule = "schedule"
	OriginConsole  = "console"
)

// mostFindings bounds how many findings of a run are kept to be shown; all are counted.
const mostFindings = 1000

type verificationRow struct {
	Turn    int64 `gorm:"primaryKey;autoIncrement:false"`
	Origin  string
	BeganAt int64
	EndedAt int64
	Found   int64
	Checks  string
	Tries   int64
}

func (verificationRow) TableName() string { return "verifications" }

type findingRow struct {
	Turn      int64 `gorm:"primaryKey;autoIncrement:false"`
	N         int64 `gorm:"primaryKey;autoIncrement:false"`
	CheckName string
	Code      string
	CaseID    string
	Number    string
	Area      string
	About     string
	Repair    string
	Advice    string
	Known     string
}

func (findingRow) TableName() string { return "verification_findings" }

func (r verificationRow) verified() (v Verified, err error) {
	v = Verified{Turn: instant(r.Turn), Origin: r.Origin, BeganAt: instant(r.BeganAt), EndedAt: instant(r.EndedAt), Found: r.Found}
	if r.Checks != "" {
		err = json.Unmarshal([]byte(r.Checks), &v.Checks)
	}
	return v, err
}

// LeaseVerify is the lease under which one node at a time runs the checks of the schedule.
const LeaseVerify = "verify"

// mostTries is how often a turn is begun: one that ends its process each time is left to the next.
const mostTries = 3

// BeginVerification takes a turn, also one that a process began and did not end; of several nodes the
// one with LeaseVerify asks. ok is false where the turn was ended, or begun too often.
func (s *Store) BeginVerification(ctx context.Context, turn time.Time, origin string) (ok bool, err error) {
	now := micros(s.wall())
	err = s.tx(ctx, func(tx *gorm.DB) (err error) {
		ok, err = insertNew(tx, &verificationRow{Turn: micros(turn), Origin: origin, BeganAt: now, Tries: 1})
		if err != nil || ok {
			return err
		}
		n, err := s.exec(tx, "UPDATE verifications SET began_at = ?, tries = tries + 1 WHERE turn = ? AND ended_at = 0 AND tries < ?", now, micros(turn), mostTries)
		ok = n > 0
		return err
	})
	return ok, err
}

// EndVerification keeps what a turn found, in place of what earlier ones did, and raises an alarm
// that lasts until a verification finds nothing that was not reported.
func (s *Store) EndVerification(ctx context.Context, turn time.Time, checks []Checked, found []Finding) error {
	kept, err := json.Marshal(checks)
	if err != nil {
		return err
	}
	total, wrong := int64(0), []string{}
	for _, c := range checks {
		if total += c.Found; c.Found > 0 {
			wrong = append(wrong, c.Check)
		}
	}
	rows := findingRows(turn, found)
	return s.tx(ctx, func(tx *gorm.DB) error {
		if err := tx.Where("1 = 1").Delete(&findingRow{}).Error; err != nil {
			return err
		}
		if err := create(tx, rows); err != nil {
			return err
		}
		err := tx.Model(&verificationRow{}).Where("turn = ?", micros(turn)).
			Updates(map[string]any{"ended_at": micros(s.wall()), "found": total, "checks": string(kept)}).Error
		switch {
		case err != nil:
			return err
		case total > 0:
			return s.raise(tx, AlarmVerification, "record", strings.Join(wrong, ","), "", "")
		case leftOut(checks):
			return nil // not all was looked at: what was wrong may still be
		}
		return tx.Model(&alarmRow{}).Where("kind = ? AND cleared_at = 0", AlarmVerification).Update("cleared_at", micros(s.now())).Error
	})
}

func leftOut(checks []Checked) bool {
	for _, c := range checks {
		if c.LeftOut != "" {
			return true
		}
	}
	return false
}

func findingRows(turn time.Time, found []Finding) (rows []findingRow) {
	for i, f := range found[:min(len(found), mostFindings)] {
		about := f.About
		if f.Rating != "" && f.Case == "" {
			about = append([]string{"rating=" + f.Rating}, about...)
		}
		rows = append(rows, findingRow{micros(turn), int64(i), f.Check, f.Code, f.Case, f.Number, f.Area, shortened(aboutText(about), 400), f.Repair, f.Advice, f.Known})
	}
	return rows
}

// LastVerification is the latest that ended; NotFound before the first.
func (s *Store) LastVerification(ctx context.Context) (Verified, error) {
	var row verificationRow
	if err := s.rows(ctx).Where("ended_at > 0").Order("turn DESC").Limit(1).Take(&row).Error; err != nil {
		return Verified{}, found(err, "verification")
	}
	return row.verified()
}

// TurnOpen tells whether a turn of the schedule, or a later one, is still to be taken, or to be taken up
// again.
func (s *Store) TurnOpen(ctx context.Context, turn time.Time) (bool, error) {
	var n int64
	err := s.rows(ctx).Model(&verificationRow{}).
		Where("origin = ? AND turn >= ? AND (ended_at > 0 OR tries >= ?)", OriginSchedule, micros(turn), mostTries).Count(&n).Error
	return n == 0, err
}

// Findings lists what the latest verification found within the scope, in the order of the checks. What
// belongs to no case is for those whose scope is everything.
func (s *Store) Findings(ctx context.Context, scope regulation.Scope, q ListQuery) ([]Finding, string, error) {
	last, err := s.LastVerification(ctx)
	if err != nil {
		return nil, "", err
	}
	after, given, err := readCursor(q.After)
	if err != nil {
		return nil, "", err
	}
	query := inScope(s.rows(ctx), scope, scopeColumns{area: "area"}).Where("turn = ?", micros(last.Turn))
	if given {
		query = query.Where("n > ?", after.Key)
	}
	if q.Sort != "" {
		query = query.Where("check_name = ?", q.Sort)
	}
	limit := q.Limit
	if limit < 1 || limit > MostListed {
		limit = 50
	}
	var rows []findingRow
	if err := query.Order("n").Limit(limit + 1).Find(&rows).Error; err != nil {
		return nil, "", err
	}
	rows, next := page(rows, limit, func(r findingRow) cursor { return cursor{Key: r.N, ID: fmt.Sprint(r.N)} })
	return converted(rows, findingRow.finding), next, nil
}

func (r findingRow) finding() Finding {
	return Finding{Check: r.CheckName, Code: r.Code, Case: r.CaseID, Number: r.Number, Area: r.Area, About: strings.Fields(r.About),
		Repair: r.Repair, Advice: r.Advice, Known: r.Known}
}
