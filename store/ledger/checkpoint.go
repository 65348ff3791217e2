package ledger

import (
	"crypto/rand"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// Checkpoint says what the log was at an instant.
type Checkpoint struct {
	Size int64
	Root Hash
	At   time.Time // to the second
}

// ErrCheckpoint: a signed text is no checkpoint of this ledger.
var ErrCheckpoint = errors.New("not a checkpoint of this ledger")

// NewSigningKey draws an Ed25519 key for a ledger's name, such as
// haochaping/513300 (no spaces, no plus). The private text is as secret as a
// master key; the public one is handed to whoever is to check.
func NewSigningKey(name string) (private, public string, err error) {
	private, public, err = note.GenerateKey(rand.Reader, name)
	if err != nil {
		return "", "", err
	}
	if _, err := note.NewSigner(private); err != nil { // GenerateKey takes any name
		return "", "", fmt.Errorf("%q cannot name a signing key", name)
	}
	return private, public, nil
}

// Sign writes the checkpoint as a signed note: the ledger's name, the size, the
// root in base64, the instant; then the signature (C2SP tlog-checkpoint).
func (c Checkpoint) Sign(private string) ([]byte, error) {
	signer, err := note.NewSigner(private)
	if err != nil {
		return nil, errors.New("the checkpoint signing key is malformed")
	}
	return note.Sign(&note.Note{Text: c.text(signer.Name())}, signer)
}

func (c Checkpoint) text(name string) string {
	return fmt.Sprintf("%s\n%d\n%s\n%s\n", name, c.Size, c.Root, c.At.UTC().Format(time.RFC3339))
}

// OpenCheckpoint checks the signature of a signed checkpoint with the public
// text of its key, and reads it. Further signatures by others are left alone.
func OpenCheckpoint(signed []byte, public string) (Checkpoint, error) {
	verifier, err := note.NewVerifier(public)
	if err != nil {
		return Checkpoint{}, fmt.Errorf("checkpoint verification key: %w", err)
	}
	n, err := note.Open(signed, note.VerifierList(verifier))
	if err != nil {
		return Checkpoint{}, fmt.Errorf("%w: %w", ErrCheckpoint, err)
	}
	c, err := parseCheckpoint(n.Text)
	if err != nil {
		return Checkpoint{}, err
	}
	// One text a checkpoint: another name or another spelling is refused.
	if c.text(verifier.Name()) != n.Text {
		return Checkpoint{}, fmt.Errorf("%w: it is signed, but not in the form of %s", ErrCheckpoint, verifier.Name())
	}
	return c, nil
}

func parseCheckpoint(text string) (c Checkpoint, err error) {
	lines := strings.Split(text, "\n")
	if len(lines) != 5 {
		return Checkpoint{}, fmt.Errorf("%w: %d lines", ErrCheckpoint, len(lines))
	}
	size, errSize := strconv.ParseInt(lines[1], 10, 64)
	root, errRoot := tlog.ParseHash(lines[2])
	at, errAt := time.Parse(time.RFC3339, lines[3])
	if size < 0 {
		errSize = fmt.Errorf("size %d is negative", size)
	}
	if err := errors.Join(errSize, errRoot, errAt); err != nil {
		return Checkpoint{}, fmt.Errorf("%w: %w", ErrCheckpoint, err)
	}
	return Checkpoint{Size: size, Root: root, At: at}, nil
}
