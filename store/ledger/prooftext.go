package ledger

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/tlog"
)

// Proofs as files: lines of text, the checkpoint that they are held against behind an empty line. docs/ledger.md describes
// them for whoever writes a verifier of their own.

const (
	inclusionHead   = "haochaping inclusion proof 1"
	consistencyHead = "haochaping consistency proof 1"
)

// ErrProofText: a text is no proof.
var ErrProofText = errors.New("not a proof of this ledger's")

// Inclusion says that a leaf is in the log at a position, and proves it against a signed checkpoint.
type Inclusion struct {
	Leaf     Hash
	Position int64
	Path     []Hash
	Note     string // the checkpoint, as it was signed
}

// Text is the proof as a file.
func (p Inclusion) Text() string {
	return inclusionHead + "\nleaf " + p.Leaf.String() + "\nposition " + strconv.FormatInt(p.Position, 10) + "\n" + hashLines(p.Path) + "\n" + p.Note
}

// ReadInclusion reads Text, also as an editor saved it.
func ReadInclusion(text string) (p Inclusion, err error) {
	head, path, note, err := splitProof(text, inclusionHead, 3)
	if err != nil {
		return p, err
	}
	leaf, isLeaf := strings.CutPrefix(head[1], "leaf ")
	position, isPosition := strings.CutPrefix(head[2], "position ")
	p.Path, p.Note = path, string(CheckpointIn([]byte(note)))
	p.Leaf, err = readHash(leaf)
	at, errAt := strconv.ParseInt(position, 10, 64)
	if p.Position = at; !isLeaf || !isPosition || err != nil || errAt != nil {
		return p, ErrProofText
	}
	return p, nil
}

// Check holds the proof against its checkpoint, and that against the keys that may have signed it.
func (p Inclusion) Check(signers []string) (Checkpoint, error) {
	c, err := OpenCheckpointBy([]byte(p.Note), signers)
	if err != nil {
		return c, err
	}
	return c, CheckInclusion(p.Path, c.Size, c.Root, p.Position, p.Leaf)
}

// Consistency says that the log of a checkpoint begins with the log of an earlier size.
type Consistency struct {
	Earlier, Size int64
	Path          []Hash
}

// Text is the proof as a file.
func (p Consistency) Text() string {
	return fmt.Sprintf("%s\nfrom %d\nto %d\n%s", consistencyHead, p.Earlier, p.Size, hashLines(p.Path))
}

// ReadConsistency reads Text, also as an editor saved it.
func ReadConsistency(text string) (p Consistency, err error) {
	head, path, _, err := splitProof(strings.TrimRight(text, "\r\n")+"\n\n", consistencyHead, 3)
	if err != nil {
		return p, err
	}
	p.Path = path
	if _, err := fmt.Sscanf(head[1]+" "+head[2], "from %d to %d", &p.Earlier, &p.Size); err != nil {
		return p, ErrProofText
	}
	return p, nil
}

// Check holds the proof against two checkpoints.
func (p Consistency) Check(earlier, later Checkpoint) error {
	if p.Earlier != earlier.Size || p.Size != later.Size {
		return fmt.Errorf("%w: it is of %d and %d leaves", ErrProof, p.Earlier, p.Size)
	}
	return CheckConsistency(p.Path, later.Size, later.Root, earlier.Size, earlier.Root)
}

func hashLines(hashes []Hash) string {
	var b strings.Builder
	for _, h := range hashes {
		b.WriteString(h.String() + "\n")
	}
	return b.String()
}

func splitProof(text, kind string, heads int) (head []string, path []Hash, note string, err error) {
	top, note, behind := strings.Cut(string(saved([]byte(text))), "\n\n")
	lines := strings.Split(top, "\n")
	if !behind || len(lines) < heads || lines[0] != kind {
		return nil, nil, "", ErrProofText
	}
	for _, line := range lines[heads:] {
		hash, err := readHash(line)
		if err != nil {
			return nil, nil, "", err
		}
		path = append(path, hash)
	}
	return lines[:heads], path, note, nil
}

// readHash reads a hash that is spelt as it is written: the last letter has bits that count for nothing, and an altered file would still be read.
func readHash(text string) (Hash, error) {
	hash, err := tlog.ParseHash(text)
	if err != nil || hash.String() != text {
		return hash, ErrProofText
	}
	return hash, nil
}
