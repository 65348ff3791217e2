package store

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"strings"
	"time"

	"gorm.io/gorm"

	"haochaping/regulation"
	"haochaping/store/seal"
)

// Device is an evaluator, a keypad or a kiosk with what it told last (9(3)).
type Device struct {
	ID       string
	Kind     regulation.DeviceKind
	Model    string
	SerialNo string
	Firmware string
	Area     string
	Hall     string
	Window   string
	State    regulation.DeviceState
	// CodeUntil is until when its enrolment code is good, zero where there is none.
	CodeUntil  time.Time
	EnrolledAt time.Time
	// BeatAt is when its last heartbeat was received; Ahead by how much its clock was ahead of ours then.
	BeatAt      time.Time
	Ahead       time.Duration
	Waiting     int64 // ratings that wait on the device
	Parked      int64 // such as were refused and stay there
	ParkedCodes []string
	Battery     int // per cent, -1 where it does not tell
	Paper       int
	Seq         int64
}

// heartbeatGrace is how long after its last heartbeat a device counts as reachable: two may be lost of one a
// minute.
const heartbeatGrace = 3 * time.Minute

// Online tells whether a device is reachable at an instant.
func (d Device) Online(at time.Time) bool {
	return d.State == regulation.DeviceActive && !d.BeatAt.IsZero() && at.Sub(d.BeatAt) <= heartbeatGrace
}

type deviceRow struct {
	ID          string `gorm:"primaryKey"`
	Kind        string
	Model       string
	SerialNo    string
	Firmware    string
	Area        string
	HallID      string
	WindowID    string
	State       string
	CodeHash    string
	CodeUntil   int64
	KeyNo       int64
	KeySealed   []byte
	EnrolledAt  int64
	BeatNo      int64
	BeatDigest  string
	BeatSent    int64
	BeatAt      int64
	ClockAhead  int64
	Waiting     int64
	Parked      int64
	ParkedCodes string
	Battery     int
	Paper       int
	Seq         int64
}

func (deviceRow) TableName() string { return "devices" }

func (r deviceRow) device() Device {
	d := Device{ID: r.ID, Kind: regulation.DeviceKind(r.Kind), Model: r.Model, SerialNo: r.SerialNo, Firmware: r.Firmware, Area: r.Area, Hall: r.HallID,
		Window: r.WindowID, State: regulation.DeviceState(r.State), EnrolledAt: instant(r.EnrolledAt), BeatAt: instant(r.BeatAt), Ahead: time.Duration(r.ClockAhead) * time.Microsecond,
		Waiting: r.Waiting, Parked: r.Parked, Battery: r.Battery, Paper: r.Paper, Seq: r.Seq}
	if r.CodeHash != "" {
		d.CodeUntil = instant(r.CodeUntil)
	}
	if r.ParkedCodes != "" {
		d.ParkedCodes = strings.Split(r.ParkedCodes, ",")
	}
	return d
}

// DeviceEvent is an entry of a device's history.
type DeviceEvent struct {
	Seq    int64
	At     time.Time
	Name   string // one of DeviceEvents
	Person string
	Hall   string // where it stood from then on
	Window string
	Detail string
}

// Entries of a device's history.
const (
	DeviceRegistered = "registered"
	DeviceMoved      = "moved"
	DeviceCode       = "code"
	DeviceEnrolled   = "enrolled"
	DeviceLockedNow  = "locked"
	DeviceRetiredNow = "retired"
)

// DeviceEvents lists them.
var DeviceEvents = []string{DeviceRegistered, DeviceMoved, DeviceCode, DeviceEnrolled, DeviceLockedNow, DeviceRetiredNow}

// Why a device may be retired, and why it was locked.
var (
	RetireReasons = []string{"replaced", "broken", "lost", "not_needed"}
	LockReasons   = []string{lockFork}
)

const lockFork = "two_devices_one_key"

type deviceEventRow struct {
	DeviceID string `gorm:"primaryKey"`
	Seq      int64  `gorm:"primaryKey;autoIncrement:false"`
	At       int64
	Name     string
	Person   string
	HallID   string
	WindowID string
	Detail   string
}

func (deviceEventRow) TableName() string { return "device_events" }

// AlarmDeviceLocked tells that a device was locked, since its key is in two hands; AlarmDeviceOffline that it was
// not heard of for too long in service hours (9(3)).
const (
	AlarmDeviceLocked  = "device_locked"
	AlarmDeviceOffline = "device_offline"
)

// NewDevice is what is typed to register one.
type NewDevice struct {
	Model, SerialNo, Hall, Window string
}

var deviceScope = scopeColumns{area: "area"}

// RegisterDevice registers a device at a place. Invalid names the field that is wrong; a serial number that the
// model has already is refused.
func (s *Store) RegisterDevice(ctx context.Context, n NewDevice, area string, actor regulation.Actor) (id string, err error) {
	wrong := &regulation.Error{Code: regulation.Invalid, Clause: regulation.ClauseEquipment, Missing: "fields"}
	model, known := DeviceModelOf(n.Model)
	if !known {
		wrong.Field("model", "not_an_option")
	}
	if n.SerialNo = strings.TrimSpace(n.SerialNo); n.SerialNo == "" || len(n.SerialNo) > maxNumber {
		wrong.Field("serial_no", "required")
	}
	if n.Window == "" {
		wrong.Field("window", "required")
	}
	if wrong.Fields != nil {
		return "", wrong
	}
	id = newID()
	err = s.tx(ctx, func(tx *gorm.DB) error {
		row := deviceRow{ID: id, Kind: string(model.Kind), Model: n.Model, SerialNo: n.SerialNo, Area: area, HallID: n.Hall, WindowID: n.Window,
			State: string(regulation.DeviceEnrolling), Battery: -1, Paper: -1}
		isNew, err := insertNew(tx, &row)
		if err == nil && !isNew {
			err = wrong.Field("serial_no", "already_registered")
		}
		if err != nil {
			return err
		}
		return s.deviceEvent(tx, &row, DeviceRegistered, "", actor)
	})
	return id, err
}

// deviceEvent writes a device's row with the entry that tells of the change, and its line in the audit log.
func (s *Store) deviceEvent(tx *gorm.DB, row *deviceRow, name, detail string, actor regulation.Actor) error {
	row.Seq++
	if err := tx.Save(row).Error; err != nil {
		return err
	}
	entry := deviceEventRow{row.ID, row.Seq, micros(s.now()), name, actor.Person, row.HallID, row.WindowID, detail}
	if err := tx.Create(&entry).Error; err != nil {
		return err
	}
	return s.audit(tx, AuditEntry{Person: actor.Person, Role: string(actor.As.Role), Action: "device_" + name, ObjectKind: "device", ObjectID: row.ID,
		Area: row.Area, Purpose: detail, Outcome: OutcomeDone})
}

// changeDevice holds a device's row and writes what do makes of it. seen is the sequence that the actor saw, or
// -1: another one is a Conflict.
func (s *Store) changeDevice(ctx context.Context, id string, seen int64, do func(tx *gorm.DB, row *deviceRow) (name, detail string, err error), actor regulation.Actor) error {
	return s.tx(ctx, func(tx *gorm.DB) error {
		var row deviceRow
		if err := locked(tx).Take(&row, "id = ?", id).Error; err != nil {
			return found(err, "device")
		}
		if seen >= 0 && row.Seq != seen {
			return &regulation.Error{Code: regulation.Conflict, Clause: regulation.ClauseEquipment, Missing: "device_changed"}
		}
		if row.State == string(regulation.DeviceRetired) {
			return &regulation.Error{Code: regulation.NotNow, Clause: regulation.ClauseEquipment, Missing: "device_retired"}
		}
		name, detail, err := do(tx, &row)
		if err != nil {
			return err
		}
		return s.deviceEvent(tx, &row, name, detail, actor)
	})
}

// enrolLength is 50 bits in base32, for a quarter of an hour.
const enrolLength = 10

// IssueDeviceCode gives a device a code with which it enrols once, and ends its key at once: so a device that was
// lost, or whose key is in two hands, begins anew. The record keeps the code's hash only.
func (s *Store) IssueDeviceCode(ctx context.Context, id string, seen int64, actor regulation.Actor) (code string, until time.Time, err error) {
	params, err := s.paramsNow(ctx)
	if err != nil {
		return "", time.Time{}, err
	}
	code = rand.Text()[:enrolLength]
	err = s.changeDevice(ctx, id, seen, func(tx *gorm.DB, row *deviceRow) (string, string, error) {
		until = s.now().Add(time.Duration(params.Days(regulation.DeviceCodeMinutes)) * time.Minute)
		row.CodeHash, row.CodeUntil = codeHash(code), micros(until)
		row.State, row.KeySealed = string(regulation.DeviceEnrolling), nil
		return DeviceCode, "", s.clearDeviceAlarms(tx, id)
	}, actor)
	return code, until, err
}

func codeHash(code string) string {
	sum := sha256.Sum256([]byte("device code " + code))
	return hex.EncodeToString(sum[:])
}

// MoveDevice puts a device at another place of its area; the history keeps the earlier ones.
func (s *Store) MoveDevice(ctx context.Context, id string, seen int64, hall, window string, actor regulation.Actor) error {
	return s.changeDevice(ctx, id, seen, func(_ *gorm.DB, row *deviceRow) (string, string, error) {
		if window == "" {
			return "", "", (&regulation.Error{Code: regulation.Invalid, Clause: regulation.ClauseEquipment, Missing: "fields"}).Field("window", "required")
		}
		row.HallID, row.WindowID = hall, window
		return DeviceMoved, "", nil
	}, actor)
}

// RetireDevice takes a device out of service for good: its key counts no longer.
func (s *Store) RetireDevice(ctx context.Context, id string, seen int64, reason string, actor regulation.Actor) error {
	return s.changeDevice(ctx, id, seen, func(tx *gorm.DB, row *deviceRow) (string, string, error) {
		row.State, row.KeySealed, row.CodeHash = string(regulation.DeviceRetired), nil, ""
		return DeviceRetiredNow, reason, s.clearDeviceAlarms(tx, id)
	}, actor)
}

// clearDeviceAlarms ends what is said of a device whose key has ended: it is not expected to be heard of.
func (s *Store) clearDeviceAlarms(tx *gorm.DB, id string) error {
	return errors.Join(s.clearAlarm(tx, AlarmDeviceLocked, id), s.clearAlarm(tx, AlarmDeviceOffline, id))
}

// lockDevice takes nothing more from a device whose key is in two hands, and raises an alarm.
func (s *Store) lockDevice(ctx context.Context, id string, keyNo int64) error {
	return s.tx(ctx, func(tx *gorm.DB) error {
		var row deviceRow
		if err := locked(tx).Take(&row, "id = ?", id).Error; err != nil {
			return err
		}
		if row.State != string(regulation.DeviceActive) || row.KeyNo != keyNo {
			return nil // locked already, or begun anew meanwhile
		}
		row.State = string(regulation.DeviceLocked)
		if err := s.raise(tx, AlarmDeviceLocked, id, lockFork, row.Area, ""); err != nil {
			return err
		}
		return s.deviceEvent(tx, &row, DeviceLockedNow, lockFork, regulation.Actor{})
	})
}

// Enrolled is what a device gets for its code: the key, shown this once, and the counter after which it begins.
type Enrolled struct {
	Device  string
	Key     []byte
	Counter int64
}

// EnrolDevice exchanges a code for a key. A code that is unknown, used or over is one refusal.
func (s *Store) EnrolDevice(ctx context.Context, code, firmware string) (e Enrolled, err error) {
	if s.sealer == nil {
		return e, errNoKeys
	}
	unknown := (&regulation.Error{Code: regulation.Invalid, Clause: regulation.ClauseEquipment, Missing: "fields"}).Field("code", "device_code_unknown")
	err = s.tx(ctx, func(tx *gorm.DB) error {
		var row deviceRow
		err := locked(tx).Take(&row, "code_hash = ? AND code_until >= ? AND state = ?", codeHash(code), micros(s.now()), string(regulation.DeviceEnrolling)).Error
		if errors.Is(err, gorm.ErrRecordNotFound) {
			return unknown
		}
		if err != nil {
			return err
		}
		e = Enrolled{Device: row.ID, Key: seal.NewDeviceKey()}
		if row.KeySealed, err = s.sealer.SealDeviceKey(row.ID, e.Key); err != nil {
			return err
		}
		if err := tx.Model(&deviceMessageRow{}).Where("device_id = ?", row.ID).Select("COALESCE(MAX(counter), 0)").Scan(&e.Counter).Error; err != nil {
			return err
		}
		row.State, row.CodeHash, row.CodeUntil, row.KeyNo, row.EnrolledAt = string(regulation.DeviceActive), "", 0, row.KeyNo+1, micros(s.now())
		row.BeatNo, row.BeatDigest, row.BeatSent, row.BeatAt, row.ClockAhead = 0, "", 0, 0, 0
		row.Waiting, row.Parked, row.ParkedCodes, row.Firmware = 0, 0, "", cut(firmware, maxNumber)
		return s.deviceEvent(tx, &row, DeviceEnrolled, "", regulation.Actor{})
	})
	return e, err
}

// cut keeps as many bytes of a text as a column takes, whole characters only.
func cut(text string, most int) string {
	if text = strings.TrimSpace(text); len(text) <= most {
		return text
	}
	return strings.ToValidUTF8(text[:most], "")
}

// Device returns a device within the scope.
func (s *Store) Device(ctx context.Context, scope regulation.Scope, id string) (Device, error) {
	var row deviceRow
	if err := inScope(s.rows(ctx), scope, deviceScope).Take(&row, "id = ?", id).Error; err != nil {
		return Device{}, found(err, "device")
	}
	return row.device(), nil
}

// DeviceQuery narrows a list; zero fields do not.
type DeviceQuery struct {
	Hall   string
	Window string
	State  regulation.DeviceState
}

// Devices lists those within the scope, by hall, window and serial number.
func (s *Store) Devices(ctx context.Context, scope regulation.Scope, q DeviceQuery) ([]Device, error) {
	query := inScope(s.rows(ctx), scope, deviceScope)
	for column, value := range map[string]string{"hall_id": q.Hall, "window_id": q.Window, "state": string(q.State)} {
		if value != "" {
			query = query.Where(column+" = ?", value)
		}
	}
	var rows []deviceRow
	err := query.Order("area, hall_id, window_id, serial_no, id").Find(&rows).Error
	return converted(rows, deviceRow.device), err
}

// DeviceHistory lists a device's entries, the newest first.
func (s *Store) DeviceHistory(ctx context.Context, id string) ([]DeviceEvent, error) {
	var rows []deviceEventRow
	err := s.rows(ctx).Where("device_id = ?", id).Order("seq DESC").Find(&rows).Error
	return converted(rows, func(r deviceEventRow) DeviceEvent {
		return DeviceEvent{r.Seq, instant(r.At), r.Name, r.Person, r.HallID, r.WindowID, r.Detail}
	}), err
}

// placeOf is where a device stood at an instant: a rating that came late belongs there.
func (s *Store) placeOf(ctx context.Context, id string, at time.Time) (window string, err error) {
	var rows []deviceEventRow
	err = s.rows(ctx).Where("device_id = ? AND at <= ?", id, micros(at)).Order("seq DESC").Limit(1).Find(&rows).Error
	if err == nil && len(rows) == 0 { // its clock was behind when it was registered
		err = s.rows(ctx).Where("device_id = ?", id).Order("seq").Limit(1).Find(&rows).Error
	}
	if err != nil || len(rows) == 0 {
		return "", err
	}
	return rows[0].WindowID, nil
}

// paramsNow are the parameters of the edition in force.
func (s *Store) paramsNow(ctx context.Context) (regulation.Params, error) {
	edition, err := s.CurrentEdition(ctx)
	if err != nil {
		return regulation.Params{}, err
	}
	return s.Params(ctx, edition)
}
