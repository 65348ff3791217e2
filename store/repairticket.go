package store

import (
	"context"
	"errors"
	"time"

	"gorm.io/gorm"

	"haochaping/regulation"
	"haochaping/workday"
)

// AlarmRepairOverdue tells that a repair of a device is overdue; it is the supervisor's (9(3)).
const AlarmRepairOverdue = "device_repair_overdue"

// Repair is the repair of a device.
type Repair struct {
	ID       string
	Device   string
	Area     string
	Hall     string
	Reason   string
	State    regulation.RepairState
	Due      time.Time
	Overdue  bool
	OpenedAt time.Time
	ClosedAt time.Time // zero until the hall has confirmed
	Seq      int64
}

type repairRow struct {
	ID       string `gorm:"primaryKey"`
	DeviceID string
	OpenFor  *string
	Area     string
	HallID   string
	Reason   string
	State    string
	Due      int64
	Overdue  bool
	OpenedAt int64
	ClosedAt int64
	Seq      int64
}

func (repairRow) TableName() string { return "repair_tickets" }

func (r repairRow) repair() Repair {
	return Repair{r.ID, r.DeviceID, r.Area, r.HallID, r.Reason, regulation.RepairState(r.State), instant(r.Due), r.Overdue, instant(r.OpenedAt), instant(r.ClosedAt), r.Seq}
}

type repairStepRow struct {
	TicketID string `gorm:"primaryKey"`
	Seq      int64  `gorm:"primaryKey;autoIncrement:false"`
	At       int64
	State    string
	Person   string
}

func (repairStepRow) TableName() string { return "repair_steps" }

// RepairStep is what was done on a repair.
type RepairStep struct {
	Seq    int64
	At     time.Time
	State  regulation.RepairState
	Person string // "" where the product did it
}

func isOpenRepair(err error) bool {
	var refused *regulation.Error
	return errors.As(err, &refused) && refused.Missing == "repair_open"
}

// OpenRepair opens a repair, due in working days of the device's area. A device has one at a time: a second is a
// Conflict.
func (s *Store) OpenRepair(ctx context.Context, d Device, reason string, actor regulation.Actor) (id string, err error) {
	params, err := s.paramsNow(ctx)
	if err != nil {
		return "", err
	}
	service, err := s.service(ctx, d.Area, d.Hall)
	if err != nil {
		return "", err
	}
	id = newID()
	due := service.Calendar.Add(workday.DateOf(s.now()), params.Days(regulation.DeviceRepairDays))
	err = s.tx(ctx, func(tx *gorm.DB) error {
		row := repairRow{ID: id, DeviceID: d.ID, OpenFor: &d.ID, Area: d.Area, HallID: d.Hall, Reason: reason, State: string(regulation.RepairOpened),
			Due: micros(service.Hours.Close(due.Date)), OpenedAt: micros(s.now())}
		isNew, err := insertNew(tx, &row)
		if err == nil && !isNew {
			err = &regulation.Error{Code: regulation.Conflict, Clause: regulation.ClauseEquipment, Missing: "repair_open"}
		}
		if err != nil {
			return err
		}
		return s.repairStep(tx, &row, regulation.RepairOpened, actor)
	})
	return id, err
}

// repairStep writes a repair's row with the step that changed it.
func (s *Store) repairStep(tx *gorm.DB, row *repairRow, state regulation.RepairState, actor regulation.Actor) error {
	row.State, row.Seq = string(state), row.Seq+1
	if state == regulation.RepairConfirmed {
		row.OpenFor, row.ClosedAt = nil, micros(s.now())
		if err := s.clearAlarm(tx, AlarmRepairOverdue, row.DeviceID); err != nil {
			return err
		}
	}
	if err := tx.Save(row).Error; err != nil {
		return err
	}
	return tx.Create(&repairStepRow{row.ID, row.Seq, micros(s.now()), string(state), actor.Person}).Error
}

// StepRepair does the next step of a device's open repair. seen is the sequence that the actor saw.
func (s *Store) StepRepair(ctx context.Context, device string, seen int64, next regulation.RepairState, actor regulation.Actor) error {
	return s.tx(ctx, func(tx *gorm.DB) error {
		var row repairRow
		if err := locked(tx).Take(&row, "open_for = ?", device).Error; err != nil {
			return found(err, "repair")
		}
		if row.Seq != seen {
			return &regulation.Error{Code: regulation.Conflict, Clause: regulation.ClauseEquipment, Missing: "device_changed"}
		}
		var last repairStepRow
		if err := tx.Take(&last, "ticket_id = ? AND seq = ?", row.ID, row.Seq).Error; err != nil {
			return err
		}
		if err := regulation.CheckRepair(regulation.RepairState(row.State), next, last.Person, actor.Person); err != nil {
			return err
		}
		return s.repairStep(tx, &row, next, actor)
	})
}

// RepairsOf lists the repairs of a device, the newest first.
func (s *Store) RepairsOf(ctx context.Context, device string) ([]Repair, error) {
	var rows []repairRow
	err := s.rows(ctx).Where("device_id = ?", device).Order("opened_at DESC, id DESC").Find(&rows).Error
	return converted(rows, repairRow.repair), err
}

// OpenRepairs lists the open repairs within the scope, the most urgent first.
func (s *Store) OpenRepairs(ctx context.Context, scope regulation.Scope) ([]Repair, error) {
	var rows []repairRow
	err := inScope(s.rows(ctx), scope, deviceScope).Where("open_for IS NOT NULL").Order("due, id").Find(&rows).Error
	return converted(rows, repairRow.repair), err
}

// RepairSteps lists what was done on a repair, the newest first.
func (s *Store) RepairSteps(ctx context.Context, id string) ([]RepairStep, error) {
	var rows []repairStepRow
	err := s.rows(ctx).Where("ticket_id = ?", id).Order("seq DESC").Find(&rows).Error
	return converted(rows, func(r repairStepRow) RepairStep {
		return RepairStep{r.Seq, instant(r.At), regulation.RepairState(r.State), r.Person}
	}), err
}

// watchRepairs raises the alarm of each repair that has become overdue, once.
func (s *Store) watchRepairs(ctx context.Context) error {
	var rows []repairRow
	if err := s.rows(ctx).Where("open_for IS NOT NULL AND overdue = ? AND due < ?", false, micros(s.now())).Find(&rows).Error; err != nil {
		return err
	}
	for _, late := range rows {
		err := s.tx(ctx, func(tx *gorm.DB) error {
			var row repairRow
			if err := locked(tx).Take(&row, "id = ?", late.ID).Error; err != nil || row.OpenFor == nil || row.Overdue {
				return err
			}
			row.Overdue = true
			if err := s.raise(tx, AlarmRepairOverdue, row.DeviceID, row.Reason, row.Area, ""); err != nil {
				return err
			}
			return tx.Save(&row).Error
		})
		if err != nil {
			return err
		}
	}
	return nil
}
