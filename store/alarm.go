package store

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"gorm.io/gorm"

	"haochaping/regulation"
)

// Kinds of alarms.
const (
	AlarmProfile = "profile_gap"  // part of a profile is not public (R12)
	AlarmLeaf    = "leaf_pending" // the ledger has not taken a row in for a minute (R51)
	// AlarmFailed: an act could not be recorded; AlarmBlocked: a case cannot go on. Both are about a case.
	AlarmFailed  = "act_failed"
	AlarmBlocked = "case_blocked"
	// AlarmVerification: a verification found something that is not as it must be.
	AlarmVerification = "verification"
)

const insertAlarm = `INSERT INTO alarms (kind, object_id, detail, area, unit_id, first_at, last_at, times, cleared_at)
	VALUES (?, ?, ?, ?, ?, ?, ?, ?, 0)`

// raiseAlarm inserts an alarm, or repeats the one that is there.
var raiseAlarm = map[engine]string{
	onSQLite: insertAlarm + ` ON CONFLICT (kind, object_id) DO UPDATE SET last_at = excluded.last_at, times = times + excluded.times,
		detail = excluded.detail, cleared_at = 0`,
	onMySQL: insertAlarm + ` ON DUPLICATE KEY UPDATE last_at = VALUES(last_at), times = times + VALUES(times),
		detail = VALUES(detail), cleared_at = 0`,
}

// raise notes that something is wrong, or that it still is.
func (s *Store) raise(tx *gorm.DB, kind, object, detail, area, unit string) error {
	return s.raiseTimes(tx, 1, kind, object, detail, area, unit)
}

// raiseTimes is raise for what was noticed several times at once.
func (s *Store) raiseTimes(tx *gorm.DB, times int, kind, object, detail, area, unit string) error {
	at := micros(s.now())
	return s.write(tx, raiseAlarm[s.engine], kind, object, detail, area, unit, at, at, times)
}

// clearAlarm ends an alarm.
func (s *Store) clearAlarm(tx *gorm.DB, kind, object string) error {
	return tx.Model(&alarmRow{}).Where("kind = ? AND object_id = ? AND cleared_at = 0", kind, object).Update("cleared_at", micros(s.now())).Error
}

// raiseGaps raises R12's alarm for each staff member, or window where nobody was signed in,
// whose profile a rating of the batch found wanting: one statement each, however many ratings did, in one
// order everywhere, or two batches would wait for each other.
func (s *Store) raiseGaps(tx *gorm.DB, batch []*intake) error {
	wanting, times := map[string]regulation.Place{}, map[string]int{}
	for _, item := range batch {
		p := item.in.Rating.Place
		if object := cmp.Or(p.Rated.Staff, p.Rated.Window); len(p.Gaps) > 0 && object != "" {
			wanting[object] = p
			times[object]++
		}
	}
	for _, object := range slices.Sorted(maps.Keys(wanting)) {
		p := wanting[object]
		if err := s.raiseTimes(tx, times[object], AlarmProfile, object, strings.Join(p.Gaps, ","), p.Area, p.Rated.Unit); err != nil {
			return err
		}
	}
	return nil
}

// Alarm is something that is wrong until it is cleared.
type Alarm struct {
	Kind    string
	Object  string // what it is about
	Detail  string // codes, comma-separated
	Area    string
	Unit    string
	FirstAt time.Time
	LastAt  time.Time
	Times   int64 // how often it was noticed
}

// OfCase tells whether the alarm is about a case: its Object is the case's id, its Detail the cause.
func (a Alarm) OfCase() bool { return a.Kind == AlarmFailed || a.Kind == AlarmBlocked }

// OfDevice tells whether the alarm is about a device: its Object is the device's id.
func (a Alarm) OfDevice() bool {
	return a.Kind == AlarmDeviceLocked || a.Kind == AlarmDeviceOffline || a.Kind == AlarmRepairOverdue
}

type alarmRow struct {
	Kind      string `gorm:"primaryKey"`
	ObjectID  string `gorm:"primaryKey"`
	Detail    string
	Area      string
	UnitID    string
	FirstAt   int64
	LastAt    int64
	Times     int64
	ClearedAt int64
}

func (alarmRow) TableName() string { return "alarms" }

func (r alarmRow) alarm() Alarm {
	return Alarm{Kind: r.Kind, Object: r.ObjectID, Detail: r.Detail, Area: r.Area, Unit: r.UnitID,
		FirstAt: instant(r.FirstAt), LastAt: instant(r.LastAt), Times: r.Times}
}

// Sorts of alarms, by which the list is narrowed. A window at which nobody was signed in misses
// all four parts of the card.
const (
	AlarmSortLedger  = "ledger"
	AlarmSortNobody  = "nobody_signed_in"
	AlarmSortProfile = "staff_profile"
	AlarmSortRecord  = "unrecorded"
	AlarmSortDevices = "devices"
)

// AlarmSorts lists them in the order in which pages show them.
var AlarmSorts = append([]string{AlarmSortProfile, AlarmSortNobody, AlarmSortDevices, AlarmSortLedger, AlarmSortRecord}, ofTheirOwn...)

// ofTheirOwn are the kinds of alarms that are a sort each.
var ofTheirOwn = []string{
	AlarmInspection,
	AlarmProbe,
	AlarmVerification,
	AlarmSilent,
	AlarmExchange,
	AlarmBoxUnopened,
	AlarmBoxKeeper,
	AlarmBoxEntries,
	AlarmBoxSeal,
	AlarmBoxUnconfirmed,
	AlarmNotices,
	AlarmHearing,
	AlarmProblem,
	AlarmJoint,
	AlarmPublication,
	AlarmRelease,
	AlarmCheckpoint,
	AlarmSecondLeaf,
	AlarmMalformedLeaf,
}

// OfItsOwn tells whether the alarm's kind is its sort too, and the catalogue's word for it.
func (a Alarm) OfItsOwn() bool { return slices.Contains(ofTheirOwn, a.Kind) }

var alarmSort = "(CASE WHEN kind = 'leaf_pending' THEN 'ledger' WHEN kind IN ('act_failed', 'case_blocked') THEN 'unrecorded' WHEN kind IN ('" +
	strings.Join(ofTheirOwn, "', '") + "') THEN kind WHEN kind LIKE 'device%' THEN 'devices' WHEN detail LIKE '%,%,%,%' THEN 'nobody_signed_in' ELSE 'staff_profile' END)"

// AlarmCounts counts what is wrong within the scope, by sort.
func (s *Store) AlarmCounts(ctx context.Context, scope regulation.Scope) (map[string]int, error) {
	return counted(inScope(s.rows(ctx).Table("alarms"), scope, scopeColumns{area: "area", units: []string{"unit_id"}}).Where("cleared_at = 0"), alarmSort)
}

// Alarms lists what is wrong within the scope, the latest noticed first.
func (s *Store) Alarms(ctx context.Context, scope regulation.Scope, q ListQuery) ([]Alarm, string, error) {
	query := inScope(s.rows(ctx).Model(&alarmRow{}), scope, scopeColumns{area: "area", units: []string{"unit_id"}}).Where("cleared_at = 0")
	if q.Sort != "" {
		query = query.Where(alarmSort+" = ?", q.Sort)
	}
	query, limit, err := q.newest(query, "last_at", "CONCAT(kind, '/', object_id)")
	if err != nil {
		return nil, "", err
	}
	var rows []alarmRow
	if err := query.Find(&rows).Error; err != nil {
		return nil, "", err
	}
	rows, next := page(rows, limit, func(r alarmRow) cursor { return cursor{Key: r.LastAt, ID: r.Kind + "/" + r.ObjectID} })
	return converted(rows, alarmRow.alarm), next, nil
}
