package web

import (
	"strconv"
	"strings"
	"time"
)

// CheckpointLine is a signed checkpoint of the ledger. Before is how many records the one before it has, 0 for the first.
type CheckpointLine struct {
	Size   int64
	Root   string
	At     time.Time
	Href   string
	Before int64
}

// Extends is the address of the proof that it extends the one before it.
func (l CheckpointLine) Extends() string {
	return l.Href + "/extends/" + strconv.FormatInt(l.Before, 10)
}

// SigningKeyLine is a public key under which checkpoints were signed from a day on.
type SigningKeyLine struct {
	Public, Change string
	From           time.Time
}

// CheckpointsView is what anybody may see of the ledger: that it was signed, when and under which key (9(2)).
type CheckpointsView struct {
	Page
	citizens
	Latest *CheckpointLine
	Note   string // of the latest, as it was signed
	Lines  []CheckpointLine
	Keys   []SigningKeyLine
	Pager
}

func (*CheckpointsView) template() string { return "checkpoints" }

// CheckpointMail is the mail by which a checkpoint goes to whoever is to keep it: in Chinese and English, the checkpoint as it
// was signed between them.
func CheckpointMail(size int64, note, public, address string) (subject, text string) {
	parts := []string{T(Chinese, "checkpoint_mail.text", size), T(English, "checkpoint_mail.text", size), note,
		T(Chinese, "checkpoint_mail.key", public), T(English, "checkpoint_mail.key", public), address}
	return T(Chinese, "checkpoint_mail.subject", size) + " / " + T(English, "checkpoint_mail.subject", size), strings.Join(parts, "\n\n") + "\n"
}
