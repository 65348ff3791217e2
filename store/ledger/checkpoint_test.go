package ledger

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"
)

const name = "haochaping/513300"

func signed(t testing.TB) (c Checkpoint, msg []byte, private, public string) {
	t.Helper()
	private, public, err := NewSigningKey(name)
	if err != nil {
		t.Fatal(err)
	}
	c = Checkpoint{Size: 3, Root: plainRoot(leavesOf(3)), At: time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)}
	return c, must[[]byte](t)(c.Sign(private)), private, public
}

func TestCheckpointRoundTrip(t *testing.T) {
	c, msg, _, public := signed(t)
	got, err := OpenCheckpoint(msg, public)
	if err != nil || got != c {
		t.Fatalf("%+v, %v", got, err)
	}
	want := name + "\n3\n" + c.Root.String() + "\n2026-11-23T12:00:00Z\n\n— " + name + " "
	if !strings.HasPrefix(string(msg), want) {
		t.Errorf("checkpoint reads\n%s", msg)
	}
}

func TestNoAlteredCheckpointIsRead(t *testing.T) {
	c, msg, _, public := signed(t)
	text := bytes.Index(msg, []byte("\n\n"))
	for bit := range len(msg) * 8 {
		altered := bytes.Clone(msg)
		altered[bit/8] ^= 1 << (bit % 8)
		got, err := OpenCheckpoint(altered, public)
		// Base64 leaves two bits of the signature's last character unused.
		if unused := bit/8 > text && got == c; !errors.Is(err, ErrCheckpoint) && !unused {
			t.Errorf("bit %d flipped: %+v, %v", bit, got, err)
		}
	}
}

func TestCheckpointOfAnotherKeyIsRefused(t *testing.T) {
	_, msg, _, _ := signed(t)
	_, _, _, other := signed(t)
	if _, err := OpenCheckpoint(msg, other); !errors.Is(err, ErrCheckpoint) {
		t.Errorf("error %v", err)
	}
}

func TestSignedTextThatIsNoCheckpoint(t *testing.T) {
	c, _, private, public := signed(t)
	signer, err := note.NewSigner(private)
	if err != nil {
		t.Fatal(err)
	}
	good := c.text(name)
	for what, text := range map[string]string{
		"another ledger": strings.Replace(good, "513300", "513301", 1), "a line more": good + "more\n", "no size": strings.Replace(good, "3\n", "three\n", 1),
		"negative size": strings.Replace(good, "\n3\n", "\n-3\n", 1), "another spelling": strings.Replace(good, "\n3\n", "\n03\n", 1),
		"no instant": strings.Replace(good, "T12", " 12", 1), "a short root": strings.Replace(good, c.Root.String(), "AAAA", 1),
	} {
		msg := must[[]byte](t)(note.Sign(&note.Note{Text: text}, signer))
		if _, err := OpenCheckpoint(msg, public); !errors.Is(err, ErrCheckpoint) {
			t.Errorf("%s: %v", what, err)
		}
	}
}

func TestMalformedKeys(t *testing.T) {
	c, msg, private, _ := signed(t)
	if _, err := c.Sign(private[:len(private)-4]); err == nil || strings.Contains(err.Error(), "PRIVATE") {
		t.Errorf("error %v", err)
	}
	if _, err := OpenCheckpoint(msg, "key"); err == nil {
		t.Error("a malformed key verifies")
	}
	if _, _, err := NewSigningKey("with space"); err == nil {
		t.Error("a name with a space is signed for")
	}
}
