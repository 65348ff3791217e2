package commands

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"haochaping/regulation"
	"haochaping/store"
)

// shows tells whether a record in the data folder and the subject keys at hand still give a rater's contact.
func shows(t *testing.T, caseID string) bool {
	t.Helper()
	r := record(t)
	c, err := r.MaskedContact(t.Context(), regulation.Scope{All: true}, caseID)
	if err := errors.Join(err, r.Close()); err != nil {
		t.Fatal(err)
	}
	return c.Given()
}

// A copy is made beside the open record and restored whole. Who was erased after it was made is unreadable in it as soon
// as the older subject keys are gone, and by the list of erasures before that.
func TestBackupIsRestoredAndAnErasureReachesIt(t *testing.T) {
	dir, saved := vaultWithARater(t)
	r := record(t) // the running product
	digest, err := r.StageFile(t.Context(), "somebody", strings.NewReader("%PDF-1.4 a scanned sheet"))
	if err != nil {
		t.Fatal(err)
	}
	data, keys, list := filepath.Join(dir, "data"), filepath.Join(dir, "data-keys-subjects"), filepath.Join(dir, "data-keys-erasures.txt")
	copied, copiedKeys := filepath.Join(dir, "copy"), filepath.Join(dir, "media-keys")
	printed, err := at(t, dir, "", "admin", "backup", copied, "--subject-keys", copiedKeys)
	if err != nil || !strings.Contains(printed, "root ") || !strings.Contains(printed, "master keys ("+filepath.Join(dir, "data-keys")) {
		t.Fatalf("%q, %v", printed, err)
	}
	point, err := r.LedgerCheckpoint(t.Context())
	if err != nil || !strings.Contains(printed, point.Root.String()) {
		t.Errorf("the root is %s, %v; printed %q", point.Root, err, printed)
	}
	if err := r.Erase(t.Context(), saved.RatingID, "approver", store.EraseByRequest); err != nil {
		t.Fatal(err)
	}
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}

	// The record's copy with the keys as they are now.
	swap(t, data, copied)
	now := record(t)
	if restored, err := now.LedgerCheckpoint(t.Context()); err != nil || restored.Root != point.Root {
		t.Errorf("the restored ledger's root is %s, %v, was %s", restored.Root, err, point.Root)
	}
	if err := now.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(data, "files", digest.Digest[:2], digest.Digest)); err != nil {
		t.Errorf("the file is not in the copy: %v", err)
	}
	if shows(t, saved.CaseID) {
		t.Error("the restored copy shows the erased rater")
	}
	// With an older copy of the keys, and the list.
	swap(t, data, copied)
	swap(t, keys, copiedKeys)
	if shows(t, saved.CaseID) {
		t.Error("the restored copies of record and keys show the erased rater")
	}
	// Without the list they do: that is why the copy of the keys is kept for a few days only.
	swap(t, data, copied)
	swap(t, keys, copiedKeys)
	if err := os.Remove(list); err != nil {
		t.Fatal(err)
	}
	if !shows(t, saved.CaseID) {
		t.Error("the copies never had the contact: this proves nothing")
	}
}

// swap puts a copy in a folder's place.
func swap(t *testing.T, folder, copied string) {
	t.Helper()
	err := os.RemoveAll(folder)
	if err == nil {
		err = os.CopyFS(folder, os.DirFS(copied))
	}
	if err != nil {
		t.Fatal(err)
	}
}

func TestBackupKeepsApartWhatBelongsApart(t *testing.T) {
	dir := t.TempDir()
	if _, err := at(t, dir, "", "admin", "demo"); err != nil {
		t.Fatal(err)
	}
	whole := filepath.Join(dir, "whole")
	for name, args := range map[string][]string{
		"keys in the copy":      {whole, "--subject-keys", filepath.Join(whole, "keys")},
		"the copy in the data":  {filepath.Join(dir, "data", "copy")},
		"beside the master key": {whole, "--subject-keys", filepath.Join(dir, "data-keys", "subjects")},
	} {
		if _, err := at(t, dir, "", append([]string{"admin", "backup"}, args...)...); err == nil || !strings.Contains(err.Error(), "belong apart") {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := at(t, dir, "", "admin", "backup", whole); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(whole, store.KeyStoreFile)); !os.IsNotExist(err) {
		t.Errorf("keys are in the record's copy: %v", err)
	}
	if _, err := at(t, dir, "", "admin", "backup", whole); !errors.Is(err, os.ErrExist) {
		t.Errorf("an earlier copy was written over: %v", err)
	}
}
