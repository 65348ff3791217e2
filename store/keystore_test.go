package store_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"haochaping/regulation"
	"haochaping/store"
	"haochaping/store/storetest"
)

// again opens the desk's record as another process would, with its keys elsewhere where where is not "".
func (d *desk) again(subjectKeys string) *desk {
	d.t.Helper()
	was := d.Opened
	if subjectKeys != "" {
		d.Opened.SubjectKeys = subjectKeys
	}
	other := &desk{Record: d.Again(d.t), t: d.t, n: d.n}
	d.Opened = was
	return other
}

func (d *desk) given(saved store.Saved) bool {
	d.t.Helper()
	c, err := d.MaskedContact(d.t.Context(), everywhere, saved.CaseID)
	d.must(err)
	return c.Given()
}

// where the subject keys of a record opened by storetest lie.
func (d *desk) keyFolder() string { return d.Opened.KeyDir + "-subjects" }

// onDisk tells whether any file of a folder has these bytes.
func onDisk(t *testing.T, folder string, what []byte) (found bool) {
	t.Helper()
	err := filepath.WalkDir(folder, func(path string, entry os.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := os.ReadFile(path)
		found = found || bytes.Contains(content, what)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func TestSubjectKeysLieInAStoreOfTheirOwnAndAreDestroyedThere(t *testing.T) {
	onDesks(t, func(t *testing.T, d *desk) {
		saved := d.save(d.bad())
		wrapped, err := store.WrappedKey(d.Store, t.Context(), saved.RatingID)
		d.must(err)
		if d.rowsOf("subject_keys", "1 = 1") != 0 || onDisk(t, d.Opened.Dir, wrapped) || !onDisk(t, d.keyFolder(), wrapped) {
			t.Error("the key lies in the record, or not in its store")
		}
		d.must(d.Erase(t.Context(), saved.RatingID, "", store.EraseByReceipt))
		if onDisk(t, d.keyFolder(), wrapped) {
			t.Error("the file still has the destroyed key")
		}
	})
}

// A copy of database and key store that was made before an erasure is put back: before anything of the vault
// is read, the list that no back-up brings back has the rater erased again, key and contact.
func TestRestoredCopyOfRecordAndKeysErasesAgainByItself(t *testing.T) {
	d := &desk{Record: storetestSQLite(t), t: t}
	saved, other := d.save(d.bad()), d.save(d.bad())
	d.must(d.Close())
	copies := t.TempDir()
	d.must(os.CopyFS(filepath.Join(copies, "data"), os.DirFS(d.Opened.Dir)))
	d.must(os.CopyFS(filepath.Join(copies, "subjects"), os.DirFS(d.keyFolder())))
	d = d.again("")
	d.Clock.Forward(time.Hour)
	d.must(d.Erase(t.Context(), saved.RatingID, "", store.EraseByReceipt))
	d.must(d.Close())

	d.Opened.Dir, d.Opened.SubjectKeys = filepath.Join(copies, "data"), filepath.Join(copies, "subjects")
	list := d.Opened.KeyDir + "-erasures.txt"
	d.must(os.Rename(list, list+".away"))
	blind := d.again("")
	if !blind.given(saved) {
		t.Fatal("the copies do not have the contact: this proves nothing")
	}
	wrapped, err := store.WrappedKey(blind.Store, t.Context(), saved.RatingID)
	d.must(err)
	d.must(blind.Close())
	d.must(os.Rename(list+".away", list))

	restored := d.again("")
	if _, err := restored.Reveal(t.Context(), everywhere, saved.CaseID, store.PurposeCallback, regulation.Actor{}); !isCode(err, regulation.NotFound) {
		t.Errorf("the restored record shows the erased rater: %v", err)
	}
	if onDisk(t, filepath.Join(copies, "subjects"), wrapped) {
		t.Error("the restored key store still has the key")
	}
	if c := restored.read(saved.CaseID); c.Contactable {
		t.Error("the restored case still asks for calls")
	}
	if !restored.given(other) {
		t.Error("another rater was erased too")
	}
	if again, err := restored.CatchUpErasures(t.Context()); again != 0 || err != nil {
		t.Errorf("a second time: %d, %v", again, err)
	}
	restored.integrate()
	if faults := restored.ledgerFaults(); faults != nil {
		t.Error(faults)
	}
}

func TestNoRatingIsLostWhileTheKeyStoreIsAway(t *testing.T) {
	onDesks(t, func(t *testing.T, d *desk) {
		blocked := filepath.Join(t.TempDir(), "a file")
		d.must(os.WriteFile(blocked, nil, 0o600))
		cut := d.again(filepath.Join(blocked, "subjects"))
		saved := cut.save(cut.bad())
		if err := cut.KnowsKeys(t.Context()); !errors.Is(err, store.ErrKeysAway) {
			t.Fatalf("the key store is not away: %v", err)
		}
		if d.rowsOf("subject_keys", "subject = ?", saved.RatingID) != 1 || !cut.given(saved) {
			t.Error("the key does not wait in the record")
		}
		if moved, err := d.MoveSubjectKeys(t.Context()); moved != 1 || err != nil {
			t.Fatalf("moved %d, %v", moved, err)
		}
		if d.rowsOf("subject_keys", "1 = 1") != 0 || !d.given(saved) {
			t.Error("the key was not moved")
		}
		if _, err := cut.Reveal(t.Context(), everywhere, saved.CaseID, store.PurposeCallback, regulation.Actor{}); !isCode(err, regulation.Unavailable) {
			t.Errorf("without the key store: %v", err)
		}
		if cut.given(saved) {
			t.Error("shown without its key")
		}
		d.must(cut.Erase(t.Context(), saved.RatingID, "", store.EraseByReceipt)) // the key goes once its store is back
		d.Clock.Forward(2 * time.Hour)
		if swept, err := d.SweepSubjectKeys(t.Context()); swept != 1 || err != nil {
			t.Errorf("swept %d, %v", swept, err)
		}
	})
}

func TestAnotherRecordsKeyStoreIsRefused(t *testing.T) {
	onDesks(t, func(t *testing.T, d *desk) {
		saved := d.save(d.bad())
		empty := d.again(t.TempDir())
		if err := empty.KnowsKeys(t.Context()); !errors.Is(err, store.ErrOtherKeys) {
			t.Errorf("an empty store: %v", err)
		}
		other := &desk{Record: storetestSQLite(t), t: t}
		other.save(other.bad())
		if err := d.again(other.keyFolder()).KnowsKeys(t.Context()); !errors.Is(err, store.ErrOtherKeys) {
			t.Errorf("another record's: %v", err)
		}
		d.must(empty.AdoptKeys(t.Context()))
		adopted := d.again(empty.Opened.SubjectKeys)
		d.must(adopted.KnowsKeys(t.Context()))
		if adopted.given(saved) {
			t.Error("a contact without its key is shown")
		}
		if err := d.again("").KnowsKeys(t.Context()); !errors.Is(err, store.ErrOtherKeys) {
			t.Errorf("the store before: %v", err)
		}
	})
}

func TestKeysOfNobodyAreSweptAfterAWeek(t *testing.T) {
	onDesks(t, func(t *testing.T, d *desk) {
		saved := d.save(d.bad())
		d.must(store.PutKey(d.Store, t.Context(), "nobody"))
		for days, want := range []int{0, 0, 0, 0, 0, 0, 0, 1, 0} {
			d.Clock.Forward(time.Minute)
			if swept, err := d.SweepSubjectKeys(t.Context()); swept != want || err != nil {
				t.Errorf("after %d days %d, %v", days, swept, err)
			}
			d.Clock.Forward(24 * time.Hour)
		}
		if !d.given(saved) {
			t.Error("a key in use was swept")
		}
	})
}

// TestKeysAreDrawnAheadOnlyWhileTheyAreUsed: ten ratings in a row take four commits of the key store; one that comes
// alone draws its own key, also where some are left over, which are swept.
func TestKeysAreDrawnAheadOnlyWhileTheyAreUsed(t *testing.T) {
	onDesks(t, func(t *testing.T, d *desk) {
		kept := func(want int64) {
			t.Helper()
			if n, err := store.KeptKeys(d.Store, t.Context()); n != want || err != nil {
				t.Errorf("%d keys are kept, %v, want %d", n, err, want)
			}
		}
		var all []store.Saved
		for _, want := range []int64{1, 3, 3, 7, 7, 7, 7, 15, 15, 15} {
			all = append(all, d.save(d.bad()))
			kept(want)
		}
		d.Clock.Forward(2 * time.Minute)
		all = append(all, d.save(d.bad()))
		kept(16)
		for _, saved := range all {
			if !d.given(saved) {
				t.Errorf("the contact of %s does not open", saved.RatingID)
			}
		}
		d.Clock.Forward(8 * 24 * time.Hour)
		if swept, err := d.SweepSubjectKeys(t.Context()); swept != 5 || err != nil {
			t.Errorf("swept %d, %v", swept, err)
		}
		kept(int64(len(all)))
	})
}

// TestSubjectKeysInADatabaseOfTheirOwn is how several machines share them.
func TestSubjectKeysInADatabaseOfTheirOwn(t *testing.T) {
	onDesks(t, func(t *testing.T, d *desk) {
		keys := storetest.Database(t)
		one := d.again(keys)
		saved := one.save(one.bad())
		two := d.again(keys)
		if !two.given(saved) {
			t.Error("another node does not find the key")
		}
		two.must(two.Erase(t.Context(), saved.RatingID, "", store.EraseByReceipt))
		if one.given(saved) {
			t.Error("erased by one node, read by the other")
		}
		if _, err := store.WrappedKey(one.Store, t.Context(), saved.RatingID); err == nil {
			t.Error("the key is still there")
		}
	})
}

// TestErasuresOfOtherNodesAreOnEachList: each node's list is whole, whichever node erased.
func TestErasuresOfOtherNodesAreOnEachList(t *testing.T) {
	onDesks(t, func(t *testing.T, d *desk) {
		saved := d.save(d.bad())
		d.Opened.Erasures = filepath.Join(t.TempDir(), "list")
		other := d.again("")
		d.must(d.Erase(t.Context(), saved.RatingID, "", store.EraseByReceipt))
		since, err := other.ShareErasures(t.Context(), 0)
		d.must(err)
		before, err := os.ReadFile(d.Opened.Erasures)
		d.must(err)
		if !bytes.Contains(before, []byte(saved.RatingID)) {
			t.Errorf("the other list is %q", before)
		}
		_, err = other.ShareErasures(t.Context(), since)
		d.must(err)
		if after, _ := os.ReadFile(d.Opened.Erasures); !bytes.Equal(before, after) {
			t.Errorf("noted twice: %q", after)
		}
	})
}

// agedKeys lets every node have noticed the keys there are.
func (d *desk) agedKeys() {
	d.t.Helper()
	files, err := filepath.Glob(filepath.Join(d.Opened.KeyDir, "*.key"))
	d.must(err)
	for _, file := range files {
		long := storetest.Start.Add(-time.Hour)
		d.must(os.Chtimes(file, long, long))
	}
}

// A master key is replaced while ratings come in: whatever was sealed before, meanwhile and after opens, is
// found and can be erased, on a node too that noticed late; the renewal goes on where another node was cut
// off; and the earlier key goes once nothing names it, not before.
func TestMasterKeyIsReplacedInTheMiddleOfIntake(t *testing.T) {
	onDesks(t, func(t *testing.T, d *desk) {
		var all []store.Saved
		early := d.bad()
		all = append(all, d.save(early))
		late := d.again("")
		old := d.currentKey()
		pending := d.submit(all[0].CaseID, regulation.ActAccept, forms[regulation.ActAccept])
		file, err := d.StageFile(t.Context(), "someone", bytes.NewReader([]byte("%PDF-1.4 a paper")))
		d.must(err)

		saving, stop := sync.WaitGroup{}, make(chan struct{})
		var mu sync.Mutex
		for _, node := range []*desk{d, late} {
			form := node.bad()
			saving.Go(func() {
				for n := 0; ; n++ {
					select {
					case <-stop:
						return
					default:
					}
					form.Key, form.Rating.ID = "during "+store.NewID(), ""
					saved, err := node.SaveRating(t.Context(), form)
					if err != nil {
						t.Error(err)
						return
					}
					mu.Lock()
					all = append(all, saved)
					mu.Unlock()
				}
			})
		}
		newer, err := d.RotateKey()
		d.must(err)
		token, _, err := d.AcquireLease(t.Context(), store.LeaseRenewal, "one", time.Hour)
		d.must(err)
		if _, err := d.RenewKeys(t.Context(), token); err != nil {
			t.Error(err)
		}
		if err := d.RetireKey(t.Context(), old); !errors.Is(err, store.ErrKeyInUse) {
			t.Errorf("retired in the middle of it: %v", err)
		}
		close(stop)
		saving.Wait()
		if d.named(old) == 0 {
			t.Fatal("the late node sealed nothing under the old key: this proves nothing")
		}
		d.must(late.RefreshKeys())
		d.agedKeys()
		if _, err := late.RenewKeys(t.Context(), token); err != nil { // another node goes on
			t.Fatal(err)
		}
		if err := d.RetireKey(t.Context(), old); !errors.Is(err, store.ErrKeyInUse) {
			t.Errorf("retired while forms may be sent again: %v", err)
		}
		if again := d.save(early); !again.Repeated || again.Receipt != all[0].Receipt {
			t.Error("a form sent again is not known any more")
		}
		d.Clock.Forward(31 * 24 * time.Hour)
		if left := d.named(old); left != 0 {
			t.Fatalf("%d things name the old key", left)
		}
		if err := d.RetireKey(t.Context(), newer); err == nil {
			t.Error("the current key was retired")
		}
		d.must(d.RetireKey(t.Context(), old))

		after := d.again("")
		for _, saved := range all {
			if !after.given(saved) {
				t.Fatal("a contact does not open")
			}
		}
		found, err := after.RatersByPhone(t.Context(), phone)
		if d.must(err); len(found) != len(all) {
			t.Errorf("%d of %d are found by their number", len(found), len(all))
		}
		rating, err := after.RatingText(t.Context(), all[0].RatingID)
		if err != nil || rating != ownWords {
			t.Errorf("the text: %v", err)
		}
		if _, err := after.RecordAct(t.Context(), all[0].CaseID, pending.ID); err != nil {
			t.Errorf("the act that waited: %v", err)
		}
		if err := store.FileOpens(after.Store, file.Digest); err != nil {
			t.Errorf("the file: %v", err)
		}
		if _, err := after.SaveRating(t.Context(), early); !isCode(err, regulation.Conflict) {
			t.Errorf("a form sent again a month later: %v", err)
		}
		after.integrate()
		if faults := after.ledgerFaults(); faults != nil {
			t.Error(faults)
		}
	})
}

func (d *desk) uses() []store.KeyUse {
	d.t.Helper()
	uses, err := d.KeyUses(d.t.Context())
	d.must(err)
	return uses
}

func (d *desk) currentKey() string {
	uses := d.uses()
	return uses[slices.IndexFunc(uses, func(u store.KeyUse) bool { return u.Current })].ID
}

// named counts what names a master key.
func (d *desk) named(id string) int64 {
	uses := d.uses()
	return uses[slices.IndexFunc(uses, func(u store.KeyUse) bool { return u.ID == id })].Total()
}
