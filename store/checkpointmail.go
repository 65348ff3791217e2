package store

import (
	"context"
	"maps"
	"slices"
	"time"

	"gorm.io/gorm"
)

// CheckpointMail is a checkpoint that is to be sent to somebody, who stands here as a digest of their address.
type CheckpointMail struct {
	Checkpoint
	Recipient string
	tries     int64
}

type checkpointMailRow struct {
	Size      int64  `gorm:"primaryKey;autoIncrement:false"`
	Recipient string `gorm:"primaryKey"`
	AddedAt   int64
	Tries     int64
	NextAt    int64
	SentAt    int64
}

func (checkpointMailRow) TableName() string { return "checkpoint_mails" }

// mailPause is how long a mail waits that was not taken; it doubles with each try, to some hours.
const mailPause = time.Minute

// mailAlarmTries is from how many failures on it is worth an alarm.
const mailAlarmTries = 5

// TakeCheckpointMails notes for each recipient, named by the digest of an address, that the newest checkpoint is due to them
// where the last was so long ago, and returns what is to be sent now. Times are the machines'. token is that of
// LeaseCheckpoints.
func (s *Store) TakeCheckpointMails(ctx context.Context, token int64, recipients map[string]string, every time.Duration) ([]CheckpointMail, error) {
	newest, err := s.Checkpoints(ctx, 0, 1)
	if err != nil || len(newest) == 0 {
		return nil, err
	}
	now := s.wall()
	var rows []checkpointMailRow
	err = s.tx(ctx, func(tx *gorm.DB) error {
		rows = nil
		if err := holdsLease(tx, LeaseCheckpoints, token); err != nil {
			return err
		}
		for _, recipient := range slices.Sorted(maps.Keys(recipients)) {
			var last []checkpointMailRow
			if err := tx.Where("recipient = ?", recipient).Order("size DESC").Limit(1).Find(&last).Error; err != nil {
				return err
			}
			if len(last) == 0 || last[0].Size < newest[0].Size && !now.Before(instant(last[0].AddedAt).Add(every)) {
				if err := tx.Create(&checkpointMailRow{newest[0].Size, recipient, micros(now), 0, micros(now), 0}).Error; err != nil {
					return err
				}
			}
		}
		return tx.Where("sent_at = 0 AND next_at <= ? AND recipient IN ?", micros(now), slices.Collect(maps.Keys(recipients))).
			Order("size, recipient").Limit(20).Find(&rows).Error
	})
	var due []CheckpointMail
	for _, row := range rows {
		if err == nil {
			var point Checkpoint
			point, err = s.CheckpointOf(ctx, row.Size)
			due = append(due, CheckpointMail{point, row.Recipient, row.Tries})
		}
	}
	return due, err
}

// CheckpointMailed notes that a mail was taken by its server, or when it is tried again.
func (s *Store) CheckpointMailed(ctx context.Context, token int64, m CheckpointMail, taken bool) error {
	now := s.wall()
	set := map[string]any{"tries": m.tries + 1, "next_at": micros(now.Add(mailPause << min(m.tries, 8)))}
	if taken {
		set["sent_at"] = micros(now)
	}
	return s.tx(ctx, func(tx *gorm.DB) error {
		if err := holdsLease(tx, LeaseCheckpoints, token); err != nil {
			return err
		}
		err := tx.Model(&checkpointMailRow{}).Where("size = ? AND recipient = ?", m.Size, m.Recipient).Updates(set).Error
		switch {
		case err != nil:
			return err
		case taken:
			return s.clearAlarm(tx, AlarmCheckpoint, "mail")
		case m.tries+1 >= mailAlarmTries:
			return s.raise(tx, AlarmCheckpoint, "mail", "mail", "", "")
		}
		return nil
	})
}
