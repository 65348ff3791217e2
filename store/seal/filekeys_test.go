package seal

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

func keyFiles(t *testing.T, folder string) []string {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(folder, "*"))
	if err != nil {
		t.Fatal(err)
	}
	return names
}

func TestFirstUseCreatesOnePrivateKey(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "deep", "keys")
	k, err := OpenFileKeys(folder, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	names := keyFiles(t, folder)
	if len(names) != 1 || filepath.Base(names[0]) != k.Current()+".key" {
		t.Fatalf("files %q, current %s", names, k.Current())
	}
	for name, want := range map[string]os.FileMode{names[0]: 0o600, folder: 0o700} {
		if info, err := os.Stat(name); err != nil || info.Mode().Perm() != want {
			t.Errorf("%s has mode %v, %v", name, info.Mode(), err)
		}
	}
	key, err := k.Master(k.Current())
	if err != nil || len(key) != masterKeySize {
		t.Fatalf("key of %d bytes, %v", len(key), err)
	}
	again, err := OpenFileKeys(folder, t.TempDir())
	if err != nil || again.Current() != k.Current() {
		t.Fatalf("reopened: %v, %v", again, err)
	}
	if same, err := again.Master(k.Current()); err != nil || !bytes.Equal(same, key) {
		t.Errorf("another key after reopening: %v", err)
	}
}

func TestTogetherStartedProcessesShareOneKey(t *testing.T) {
	folder, data := t.TempDir(), t.TempDir()
	if err := os.Chmod(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	ids := make([]string, 8)
	var all sync.WaitGroup
	for i := range ids {
		all.Go(func() {
			if k, err := OpenFileKeys(folder, data); err == nil {
				ids[i] = k.Current()
			}
		})
	}
	all.Wait()
	for _, id := range ids {
		if id == "" || id != ids[0] {
			t.Errorf("current keys %q", ids)
			break
		}
	}
}

func TestARotationElsewhereIsSeenWhenItsKeyIsNeeded(t *testing.T) {
	folder, data := filepath.Join(t.TempDir(), "keys"), t.TempDir()
	one, err := OpenFileKeys(folder, data)
	two, err2 := OpenFileKeys(folder, data)
	if err != nil || err2 != nil {
		t.Fatal(err, err2)
	}
	id := rotate(t, two)
	if _, err := one.Master(id); err != nil || one.Current() != id {
		t.Errorf("key %s: %v, current %s", id, err, one.Current())
	}
	if third := rotate(t, one); !strings.HasPrefix(third, "m000003-") {
		t.Errorf("third key is %s", third)
	}
}

func TestOpenRefuses(t *testing.T) {
	cases := map[string]struct {
		spoil func(t *testing.T, folder, key string)
		want  string
	}{
		"a key its group can read":       {func(t *testing.T, _, key string) { chmod(t, key, 0o640) }, "0640"},
		"a key that everyone can read":   {func(t *testing.T, _, key string) { chmod(t, key, 0o604) }, "chmod go-rwx"},
		"a folder others can write to":   {func(t *testing.T, folder, _ string) { chmod(t, folder, 0o770) }, "write to"},
		"an empty key":                   {func(t *testing.T, _, key string) { write(t, key, "") }, "hexadecimal"},
		"a key cut short":                {func(t *testing.T, _, key string) { write(t, key, "00112233") }, "hexadecimal"},
		"a key followed by more":         {func(t *testing.T, _, key string) { write(t, key, strings.Repeat("0", 66)) }, "hexadecimal"},
		"another key under the old name": {func(t *testing.T, _, key string) { write(t, key, strings.Repeat("0", 64)) }, "another key"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			folder, data := filepath.Join(t.TempDir(), "keys"), t.TempDir()
			if _, err := OpenFileKeys(folder, data); err != nil {
				t.Fatal(err)
			}
			c.spoil(t, folder, keyFiles(t, folder)[0])
			if _, err := OpenFileKeys(folder, data); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v, want one with %q", err, c.want)
			}
			if got := len(keyFiles(t, folder)); got != 1 {
				t.Errorf("%d keys after the refusal", got)
			}
		})
	}
}

func chmod(t *testing.T, name string, mode os.FileMode) {
	t.Helper()
	if err := os.Chmod(name, mode); err != nil {
		t.Fatal(err)
	}
}

func write(t *testing.T, name, text string) {
	t.Helper()
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestKeysStayOutOfTheDataFolder(t *testing.T) {
	data := t.TempDir()
	link := filepath.Join(t.TempDir(), "link")
	if err := os.Symlink(data, link); err != nil {
		t.Fatal(err)
	}
	for _, folder := range []string{data, filepath.Join(data, "keys"), filepath.Join(link, "keys")} {
		if _, err := OpenFileKeys(folder, data); err == nil || !strings.Contains(err.Error(), "within the data folder") {
			t.Errorf("%s: %v", folder, err)
		}
	}
	if _, err := OpenFileKeys(data+"-keys", data); err != nil {
		t.Errorf("a folder beside it is refused: %v", err)
	}
	if _, err := OpenFileKeys(filepath.Join(t.TempDir(), "keys"), filepath.Join(data, "not", "yet")); err != nil {
		t.Errorf("a data folder that is not there yet: %v", err)
	}
}

func TestShortMasterKeyIsRefused(t *testing.T) {
	if _, err := New(shortKeys{}).SealText("x", place); err == nil || errors.Is(err, ErrNoKey) {
		t.Errorf("error %v", err)
	}
}

// shortKeys is a provider that is set up wrongly.
type shortKeys struct{}

func (shortKeys) Master(string) ([]byte, error) { return []byte("short"), nil }
func (shortKeys) Current() string               { return "k" }
