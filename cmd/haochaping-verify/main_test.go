package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"haochaping/regulation"
	"haochaping/store/ledger"
	"haochaping/store/ledger/evidence"
)

// kit is what an inspector has: keys, checkpoints, proofs, as files.
type kit struct {
	t       *testing.T
	folder  string
	private string
	leaves  []evidence.Leaf
	hashes  hashes
}

type hashes []ledger.Hash

func (h hashes) ReadHashes(indexes []int64) (found []ledger.Hash, err error) {
	for _, index := range indexes {
		found = append(found, h[index])
	}
	return found, nil
}

func newKit(t *testing.T) *kit {
	t.Helper()
	k := &kit{t: t, folder: t.TempDir()}
	first, public, err := ledger.NewSigningKey("haochaping/513300")
	k.must(err)
	second, next, err := ledger.NewSigningKey("haochaping/513300")
	k.must(err)
	change, err := ledger.SignChange(first, next, time.Unix(0, 0))
	k.must(err)
	k.write("key-0001.txt", []byte(public+"\n"))
	k.write("key-0002.txt", change)
	k.private = first
	tree := &ledger.Tree{}
	var digests bytes.Buffer
	for n := range 20 {
		leaf := evidence.Leaf{Nonce: ledger.NewNonce(), Canonical: ledger.NewRow("event", 1).Integer(int64(n)).Canonical()}
		digest := ledger.DigestLeaf(leaf.Nonce, leaf.Canonical)
		more, err := tree.Add(digest)
		k.must(err)
		k.leaves, k.hashes = append(k.leaves, leaf), append(k.hashes, more...)
		digests.Write(digest[:])
		if size := n + 1; size == 7 || size == 20 {
			root, err := tree.Root()
			k.must(err)
			note, err := ledger.Checkpoint{Size: int64(size), Root: root, At: time.Unix(1e9, 0)}.Sign(k.private)
			k.must(err)
			k.write(fmt.Sprintf("point-%d", size), note)
			k.private = second // the later is signed by the key that the first signed for
		}
	}
	k.write("leaves.bin", digests.Bytes())
	return k
}

func (k *kit) must(err error) {
	k.t.Helper()
	if err != nil {
		k.t.Fatal(err)
	}
}

func (k *kit) path(name string) string { return filepath.Join(k.folder, name) }

func (k *kit) write(name string, content []byte) { k.must(os.WriteFile(k.path(name), content, 0o600)) }

func (k *kit) read(name string) string {
	k.t.Helper()
	content, err := os.ReadFile(k.path(name))
	k.must(err)
	return string(content)
}

// proven runs the command and tells whether it proved something; file names are those of the kit.
func (k *kit) proven(command string, files ...string) bool {
	k.t.Helper()
	args := []string{"-key", k.path("key-0001.txt"), "-changes", k.folder, command}
	for _, file := range files {
		args = append(args, k.path(file))
	}
	var out strings.Builder
	err := run(args, &out)
	if err == nil && !strings.HasPrefix(out.String(), "proven:") {
		k.t.Errorf("%s %v says %q", command, files, out.String())
	}
	return err == nil
}

func (k *kit) want(proven bool, command string, files ...string) {
	k.t.Helper()
	if k.proven(command, files...) != proven {
		k.t.Errorf("%s %v: proven %v", command, files, !proven)
	}
}

func TestProofsAreCheckedWithoutTheProduct(t *testing.T) {
	k := newKit(t)
	k.want(true, "checkpoint", "point-7")
	k.want(true, "checkpoint", "point-20")
	k.write("forged", []byte(strings.Replace(k.read("point-20"), "\n20\n", "\n21\n", 1)))
	k.want(false, "checkpoint", "forged")

	path, err := ledger.ProveConsistency(k.hashes, 20, 7)
	k.must(err)
	k.write("proof", []byte(ledger.Consistency{Earlier: 7, Size: 20, Path: path}.Text()))
	k.want(true, "extends", "point-7", "point-20", "proof")
	k.want(true, "extends", "point-7", "point-20", "leaves.bin")
	k.want(false, "extends", "point-20", "point-7", "proof")
	k.want(false, "extends", "point-20", "point-7", "leaves.bin")
	path[0][0] ^= 1
	k.write("proof", []byte(ledger.Consistency{Earlier: 7, Size: 20, Path: path}.Text()))
	k.want(false, "extends", "point-7", "point-20", "proof")
	digests := []byte(k.read("leaves.bin"))
	digests[3*32] ^= 1
	k.write("altered.bin", digests)
	k.want(false, "extends", "point-7", "point-20", "altered.bin")

	inclusion, err := ledger.ProveInclusion(k.hashes, 20, 4)
	k.must(err)
	leaf := ledger.DigestLeaf(k.leaves[4].Nonce, k.leaves[4].Canonical)
	good := ledger.Inclusion{Leaf: leaf, Position: 4, Path: inclusion, Note: k.read("point-20")}
	k.write("receipt", []byte(good.Text()))
	k.want(true, "receipt", "receipt")
	k.want(true, "receipt", "receipt", "point-20")
	k.want(false, "receipt", "receipt", "point-7")
	for what, bad := range map[string]ledger.Inclusion{
		"position": {Leaf: leaf, Position: 5, Path: inclusion, Note: good.Note}, "leaf": {Leaf: tlog.RecordHash(nil), Position: 4, Path: inclusion, Note: good.Note},
		"checkpoint": {Leaf: leaf, Position: 4, Path: inclusion, Note: k.read("point-7")}, "forged": {Leaf: leaf, Position: 4, Path: inclusion, Note: k.read("forged")}} {
		k.write(what, []byte(bad.Text()))
		k.want(false, "receipt", what)
	}
	k.write("short", []byte(good.Text()[:100]))
	k.want(false, "receipt", "short")
	k.want(false, "nothing", "receipt")
}

func TestEvidenceIsCheckedWithoutTheProduct(t *testing.T) {
	k := newKit(t)
	file := func(name string, leaves []evidence.Leaf, figures ...evidence.Figure) {
		t.Helper()
		var out bytes.Buffer
		w, err := evidence.NewWriter(&out, evidence.Header{Month: "2026-03", Note: k.read("point-20"), Counted: int64(len(leaves))})
		k.must(err)
		for _, leaf := range leaves {
			k.must(w.Leaf(leaf))
		}
		for _, figure := range figures {
			k.must(w.Figure(figure))
		}
		k.must(w.Close())
		k.write(name, out.Bytes())
	}
	file("good", k.leaves)
	k.want(true, "figures", "good")
	var said strings.Builder
	k.must(run([]string{"-key", k.path("key-0001.txt"), "-changes", k.folder, "figures", k.path("good")}, &said))
	if !strings.Contains(said.String(), fmt.Sprintf("by version %d of the formulae", regulation.FigureFormula)) {
		t.Errorf("it names no formula: %s", said.String())
	}
	file("short", k.leaves[:19])
	k.want(false, "figures", "short")
	file("made-up", k.leaves, evidence.Figure{Cut: "unit", First: "513301", Second: "u", Channel: "web", Grades: [5]int64{1}})
	k.want(false, "figures", "made-up")
}

// Without the changes of the key only what the first key signed is proven.
func TestAChangeOfTheKeyIsNeeded(t *testing.T) {
	k := newKit(t)
	var out strings.Builder
	if err := run([]string{"-key", strings.TrimSpace(k.read("key-0001.txt")), "checkpoint", k.path("point-7")}, &out); err != nil {
		t.Error(err)
	}
	if run([]string{"-key", k.path("key-0001.txt"), "checkpoint", k.path("point-20")}, &out) == nil {
		t.Error("proven by a key that nobody signed for")
	}
	k.write("key-0002.txt", []byte(strings.Replace(k.read("key-0002.txt"), "1970", "1971", 1)))
	if run([]string{"-key", k.path("key-0001.txt"), "-changes", k.folder, "checkpoint", k.path("point-20")}, &out) == nil {
		t.Error("proven by a change that was altered")
	}
}

// Whoever looked at a proof or a key in an editor of Windows and saved it has other line ends and a mark before the first.
func TestProofsThatAnEditorOfWindowsSavedAreRead(t *testing.T) {
	k := newKit(t)
	path, err := ledger.ProveConsistency(k.hashes, 20, 7)
	k.must(err)
	inclusion, err := ledger.ProveInclusion(k.hashes, 20, 4)
	k.must(err)
	k.write("proof", []byte(ledger.Consistency{Earlier: 7, Size: 20, Path: path}.Text()))
	k.write("receipt", []byte(ledger.Inclusion{Leaf: ledger.DigestLeaf(k.leaves[4].Nonce, k.leaves[4].Canonical), Position: 4, Path: inclusion, Note: k.read("point-20")}.Text()))
	for _, name := range []string{"proof", "receipt", "point-7", "point-20", "key-0001.txt", "key-0002.txt"} {
		k.write(name, []byte("\uFEFF"+strings.ReplaceAll(k.read(name), "\n", "\r\n")))
	}
	k.want(true, "checkpoint", "point-20")
	k.want(true, "extends", "point-7", "point-20", "proof")
	k.want(true, "receipt", "receipt", "point-20")
	for _, name := range []string{"proof", "receipt"} { // copied without the last line's end
		k.write(name, []byte(strings.TrimRight(k.read(name), "\r\n")))
	}
	k.want(true, "extends", "point-7", "point-20", "proof")
	k.want(true, "receipt", "receipt")
}

// A name of a file that is not there is told as that, not as a malformed key.
func TestAKeyThatIsNotThereIsNamed(t *testing.T) {
	k := newKit(t)
	err := run([]string{"-key", k.path("no-key"), "checkpoint", k.path("point-7")}, &strings.Builder{})
	if err == nil || !strings.Contains(err.Error(), k.path("no-key")+" is no public key and no file with one") {
		t.Error(err)
	}
}

// No byte of a proof can be another: also not the last letter of a hash, of which some bits count for nothing.
func TestAProofHasOneSpelling(t *testing.T) {
	k := newKit(t)
	inclusion, err := ledger.ProveInclusion(k.hashes, 20, 4)
	k.must(err)
	proof := ledger.Inclusion{Leaf: ledger.DigestLeaf(k.leaves[4].Nonce, k.leaves[4].Canonical), Position: 4, Path: inclusion, Note: k.read("point-20")}.Text()
	top := strings.Index(proof, "\n\n") // below is the checkpoint, which has a test of its own
	for at := range top {
		for bit := range 7 {
			altered := []byte(proof)
			altered[at] ^= 1 << bit
			k.write("altered", altered)
			if k.proven("receipt", "altered") {
				t.Errorf("proven with byte %d as %q: %q", at, altered[at], altered[max(0, at-20):at+1])
			}
		}
	}
}
