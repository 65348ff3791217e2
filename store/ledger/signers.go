package ledger

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/note"
)

// A ledger's signing key changes now and then. The first public key is handed out on paper; each later one is signed for by
// the one before it, so that whoever holds the first follows the changes by themselves.

// ErrSigners: a change of the signing key is not signed for by the key before it.
var ErrSigners = errors.New("the signing keys do not follow from one another")

// keyLine tells a change of the key from a checkpoint, whose second line is a number.
const keyLine = "signing key"

// SignChange signs, with the key that was used until now, for the public text of the next.
func SignChange(private, next string, at time.Time) ([]byte, error) {
	signer, err := note.NewSigner(private)
	if err != nil {
		return nil, errors.New("the checkpoint signing key is malformed")
	}
	if _, err := note.NewVerifier(next); err != nil {
		return nil, fmt.Errorf("the next checkpoint key: %w", err)
	}
	return note.Sign(&note.Note{Text: changeText(signer.Name(), next, at)}, signer)
}

func changeText(name, next string, at time.Time) string {
	return fmt.Sprintf("%s\n%s\n%s\n%s\n", name, keyLine, next, at.UTC().Format(time.RFC3339))
}

// Signers are the public texts of all keys that may have signed: the trusted one, and each that it or a follower of it signed
// for. A change that follows from none of them is an error: ErrSigners.
func Signers(trusted string, changes ...[]byte) ([]string, error) {
	all := []string{strings.TrimSpace(trusted)}
	for _, change := range changes {
		next, err := openChange(change, all)
		if err != nil {
			return nil, err
		}
		all = append(all, next)
	}
	return all, nil
}

func openChange(change []byte, by []string) (next string, err error) {
	for _, public := range by {
		verifier, err := note.NewVerifier(public)
		if err != nil {
			return "", fmt.Errorf("checkpoint verification key: %w", err)
		}
		n, err := note.Open(change, note.VerifierList(verifier))
		if err != nil {
			continue
		}
		lines := strings.Split(n.Text, "\n")
		if len(lines) != 5 || lines[0] != verifier.Name() || lines[1] != keyLine {
			return "", fmt.Errorf("%w: it is signed, but tells of no change", ErrSigners)
		}
		if _, err := note.NewVerifier(lines[2]); err != nil {
			return "", fmt.Errorf("%w: %w", ErrSigners, err)
		}
		return lines[2], nil
	}
	return "", ErrSigners
}

// OpenCheckpointBy is OpenCheckpoint where any of several keys may have signed.
func OpenCheckpointBy(signed []byte, publics []string) (c Checkpoint, err error) {
	err = fmt.Errorf("%w: no key is known", ErrCheckpoint)
	for _, public := range publics {
		if c, err = OpenCheckpoint(signed, public); err == nil {
			return c, nil
		}
	}
	return Checkpoint{}, err
}
