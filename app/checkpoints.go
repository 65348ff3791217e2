package app

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"time"

	"haochaping/integration/notice"
	"haochaping/store"
	"haochaping/web"
)

// checkpointLook is how often it is looked whether a checkpoint is due: the first of a process is soon after its start.
const checkpointLook = 10 * time.Second

// signing is how far this process is with checkpoints.
type signing struct {
	next time.Time // of the machine's clock
}

// signCheckpoints signs the ledger when it is due, and sends the newest checkpoint to whoever the settings name (9(2)).
func (a *App) signCheckpoints(ctx context.Context, token int64) error {
	if now := time.Now(); !now.Before(a.checkpoint.next) {
		point, signed, err := a.record.SignCheckpoint(ctx, token, a.settings.Checkpoints)
		if err != nil {
			if refused := (*store.NotSigned)(nil); errors.As(err, &refused) {
				a.log.Error("the ledger is not signed", "why", refused.Code)
				a.checkpoint.next = now.Add(a.settings.CheckpointEvery) // the alarm stands; nothing mends itself at once
			}
			return err
		}
		a.checkpoint.next = now.Add(a.settings.CheckpointEvery)
		if signed {
			a.log.Info("signed the ledger", "leaves", point.Size)
		}
	}
	return a.mailCheckpoints(ctx, token)
}

// mailCheckpoints sends what is due. An address stands in the record as its digest.
func (a *App) mailCheckpoints(ctx context.Context, token int64) error {
	send := a.notices.Senders[store.WayMail]
	addresses := map[string]string{}
	for _, address := range a.settings.checkpointMail() {
		digest := sha256.Sum256([]byte(strings.ToLower(address)))
		addresses[hex.EncodeToString(digest[:])] = address
	}
	if send == nil || len(addresses) == 0 {
		return nil
	}
	due, err := a.record.TakeCheckpointMails(ctx, token, addresses, a.settings.CheckpointMailEvery)
	for _, mail := range due {
		if err == nil {
			err = a.record.CheckpointMailed(ctx, token, mail, a.mailCheckpoint(ctx, send, mail, addresses[mail.Recipient]) == nil)
		}
	}
	return err
}

// mailTime is how long one mail may take.
const mailTime = 20 * time.Second

func (a *App) mailCheckpoint(ctx context.Context, send notice.Send, mail store.CheckpointMail, to string) error {
	ctx, cancel := context.WithTimeout(ctx, mailTime)
	defer cancel()
	keys, err := a.record.SigningKeys(ctx)
	if err != nil {
		return err
	}
	subject, text := web.CheckpointMail(mail.Size, mail.Note, keys[0].Public, a.notices.Address+"/checkpoints")
	err = send(ctx, notice.Notice{ID: fmt.Sprintf("checkpoint-%d-%s", mail.Size, mail.Recipient[:12]), To: to, Language: "zh", Subject: subject, Text: text, At: mail.At})
	if failure := (*notice.Failure)(nil); errors.As(err, &failure) {
		a.log.Warn("a checkpoint was not mailed", "why", failure.Code, "leaves", mail.Size)
	}
	return err
}
