package store_test

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"haochaping/regulation"
	"haochaping/store"
	"haochaping/store/ledger"
)

// refused wants the ledger not to be signed for a reason, and the alarm that says so.
func (d *desk) refused(folder, code string) {
	d.t.Helper()
	var why *store.NotSigned
	if _, _, err := d.sign(folder); !errors.As(err, &why) || why.Code != code {
		d.t.Errorf("want %s, got %v", code, err)
	}
	alarms, _, err := d.Alarms(d.t.Context(), regulation.Scope{All: true}, store.ListQuery{Sort: store.AlarmCheckpoint})
	if err != nil || len(alarms) != 1 || alarms[0].Detail != code {
		d.t.Errorf("alarms %+v, %v", alarms, err)
	}
}

// TestCheckpointsAreSignedInOneLine: each extends the last, files and record have the same, and nothing is signed twice.
func TestCheckpointsAreSignedInOneLine(t *testing.T) {
	onDesks(t, func(t *testing.T, d *desk) {
		folder := filepath.Join(t.TempDir(), "out")
		if _, signed, err := d.sign(folder); err != nil || signed {
			t.Errorf("an empty ledger: signed %v, %v", signed, err)
		}
		d.rated(7)
		d.integrate()
		first := d.signed(folder)
		if _, again, err := d.sign(folder); err != nil || again {
			t.Errorf("nothing is new: signed %v, %v", again, err)
		}
		d.rated(5)
		d.integrate()
		second := d.signed(folder)
		if _, err := d.RotateSigningKey(t.Context(), "tester"); err != nil {
			t.Fatal(err)
		}
		d.rated(5)
		d.integrate()
		third := d.signed(folder)
		keys, err := d.SigningKeys(t.Context())
		d.must(err)
		private, err := filepath.Glob(filepath.Join(d.Opened.KeyDir, "checkpoint-*.key"))
		if err != nil || len(private) != 1 || len(keys) != 2 {
			t.Errorf("private keys %v of %d, %v", private, len(keys), err)
		}
		if info, err := os.Stat(private[0]); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("mode %v, %v", info.Mode(), err)
		}
		signers, err := ledger.ReadSigners(keys[0].Public, folder) // by the first alone
		d.must(err)
		out, err := store.OpenExported(folder)
		d.must(err)
		defer out.Close()
		files, err := filepath.Glob(filepath.Join(folder, "checkpoint-*.txt"))
		if err != nil || len(files) != 3 {
			t.Fatalf("%v, %v", files, err)
		}
		for i, want := range []store.Checkpoint{first, second, third} {
			note, err := os.ReadFile(files[i])
			d.must(err)
			point, err := ledger.OpenCheckpointBy(note, signers)
			d.must(err)
			root, err := out.Digests().RootOf(point.Size)
			if err != nil || root != point.Root || point != want.Checkpoint {
				t.Errorf("%+v, want %+v; root of the digests %v, %v", point, want, root, err)
			}
		}
		for _, pair := range [][2]store.Checkpoint{{first, second}, {first, third}, {second, third}} {
			proof, err := d.ProveExtends(t.Context(), pair[1].Size, pair[0].Size)
			d.must(err)
			read, err := ledger.ReadConsistency(proof.Text())
			if err == nil {
				err = read.Check(pair[0].Checkpoint, pair[1].Checkpoint)
			}
			if err != nil {
				t.Errorf("%d extends %d: %v", pair[1].Size, pair[0].Size, err)
			}
		}
	})
}

// TestALedgerThatIsNotTheOneSignedForIsNotSigned: an older copy, a rewritten log, a strange folder, a lost key; each raises the
// alarm, and it ends with the next signature.
func TestALedgerThatIsNotTheOneSignedForIsNotSigned(t *testing.T) {
	onDesks(t, func(t *testing.T, d *desk) {
		folder := t.TempDir()
		d.rated(9)
		d.integrate()
		d.signed(folder)
		d.rated(4)
		d.integrate()
		i := d.intruder(1)
		i.keep("kept_")
		i.know(0)
		i.exec("DELETE FROM leaves WHERE position >= 8")
		d.refused(folder, store.RefusedBehind)
		i.restore("kept_", "leaves")
		leaves := append([]theLeaf{}, i.leaves...)
		leaves[2].digest, leaves[3].digest = leaves[3].digest, leaves[2].digest
		i.exec("UPDATE leaves SET digest = ? WHERE position = 2", leaves[2].digest)
		i.exec("UPDATE leaves SET digest = ? WHERE position = 3", leaves[3].digest)
		i.rehash(leaves)
		d.refused(folder, store.RefusedNotExtended)
		i.restore("kept_", "leaves", "ledger_hashes")
		last := newest(t, folder)
		note, err := os.ReadFile(last)
		d.must(err)
		d.must(os.WriteFile(last, []byte(strings.Replace(string(note), "\n9\n", "\n8\n", 1)+"x"), 0o600))
		d.refused(folder, store.RefusedFolder)
		d.must(os.WriteFile(last, note, 0o600))
		private, err := filepath.Glob(filepath.Join(d.Opened.KeyDir, "checkpoint-*.key"))
		d.must(err)
		d.must(os.Rename(private[0], private[0]+".away"))
		d.refused(folder, store.RefusedKey)
		d.must(os.Rename(private[0]+".away", private[0]))
		d.signed(folder)
		if alarms, _, err := d.Alarms(t.Context(), regulation.Scope{All: true}, store.ListQuery{Sort: store.AlarmCheckpoint}); err != nil || len(alarms) != 0 {
			t.Errorf("alarms %+v, %v", alarms, err)
		}
	})
}

func newest(t *testing.T, folder string) string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(folder, "checkpoint-*.txt"))
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	return files[len(files)-1]
}

// TestTheFolderOutlivesARestore: the record was put back from before a checkpoint that the folder has. And what a crash left of a
// leaf in the folder is taken away, and a folder that is new gets everything.
func TestTheFolderOutlivesARestore(t *testing.T) {
	onDesks(t, func(t *testing.T, d *desk) {
		folder := t.TempDir()
		d.rated(9)
		d.integrate()
		d.signed(folder)
		i := d.intruder(1)
		i.know(0)
		i.exec("DELETE FROM checkpoints")
		i.exec("DELETE FROM leaves WHERE position >= 7")
		i.rehash(i.leaves[:7])
		d.refused(folder, store.RefusedBehind)
		d.rated(20)
		d.integrate()
		d.refused(folder, store.RefusedNotExtended)

		fresh := t.TempDir()
		d.must(os.WriteFile(filepath.Join(fresh, store.DigestsFile), make([]byte, 40), 0o600))
		d.must(os.WriteFile(filepath.Join(fresh, store.NamesFile), []byte("rating x"), 0o600))
		point := d.signed(fresh)
		out, err := store.OpenExported(fresh)
		d.must(err)
		defer out.Close()
		if root, err := out.Digests().RootOf(point.Size); err != nil || root != point.Root {
			t.Errorf("root %v, %v", root, err)
		}
	})
}

// Digests that are not those of the checkpoint are told as that, and nothing else is: the record is held against the root alone.
func TestDigestsThatWereAlteredAreTold(t *testing.T) {
	onDesks(t, func(t *testing.T, d *desk) {
		folder := t.TempDir()
		d.rated(9)
		d.integrate()
		point := d.signed(folder)
		file := filepath.Join(folder, store.DigestsFile)
		content, err := os.ReadFile(file)
		d.must(err)
		content[3*32] ^= 1
		d.must(os.WriteFile(file, content, 0o600))
		exported, err := store.OpenExported(folder)
		d.must(err)
		defer exported.Close()
		var found []string
		result, err := d.VerifyOffline(t.Context(), store.OfflineOptions{Point: point.Checkpoint, Leaves: exported, Found: func(f store.Tampered) error {
			found = append(found, f.String())
			return nil
		}})
		if want := []string{store.TamperedDigests + " " + store.DigestsFile}; err != nil || result.Named || !slices.Equal(found, want) {
			t.Errorf("%q, %+v, %v", found, result, err)
		}
	})
}

// TestCheckpointsAreMailedAtTheirPace: to each address at first, again when its time has come and there is a newer one, and again
// until the server takes it.
func TestCheckpointsAreMailedAtTheirPace(t *testing.T) {
	onDesks(t, func(t *testing.T, d *desk) {
		ctx, folder := t.Context(), t.TempDir()
		token, _, err := d.AcquireLease(ctx, store.LeaseCheckpoints, "tester", time.Minute)
		d.must(err)
		a, b := strings.Repeat("a", 64), strings.Repeat("b", 64)
		to := map[string]string{a: "a@x", b: "b@x"}
		due := func(every time.Duration) (recipients string) {
			t.Helper()
			mails, err := d.TakeCheckpointMails(ctx, token, to, every)
			d.must(err)
			for _, m := range mails {
				recipients += m.Recipient[:1]
				d.must(d.CheckpointMailed(ctx, token, m, m.Recipient == a))
			}
			return recipients
		}
		if got := due(time.Hour); got != "" {
			t.Errorf("before the first: %s", got)
		}
		d.rated(3)
		d.integrate()
		d.signed(folder)
		if got := due(time.Hour); got != "ab" {
			t.Errorf("at first %s", got)
		}
		if got := due(time.Hour); got != "" {
			t.Errorf("nothing is newer, and b rests: %s", got)
		}
		d.rated(3)
		d.integrate()
		d.signed(folder)
		if got := due(time.Hour); got != "" {
			t.Errorf("not yet: %s", got)
		}
		d.Clock.Forward(2 * time.Hour)
		if got := due(time.Hour); got != "bab" {
			t.Errorf("the second time, with what was not taken before: %s", got)
		}
		if n := d.rowsOf("checkpoint_mails", "sent_at > 0"); n != 2 {
			t.Errorf("%d are sent", n)
		}
	})
}
