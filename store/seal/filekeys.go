package seal

import (
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"
)

const (
	masterKeySize = 32 // bytes
	keySuffix     = ".key"
)

// FileKeys keeps one master key a file, readable by its owner only, in a folder
// outside the data folder, so that a copy of the data opens nothing. A file is
// named after its key: a running number, which orders them, and a fingerprint,
// which shows a damaged or exchanged file. The highest number is current.
type FileKeys struct {
	folder  string
	mu      sync.RWMutex
	keys    map[string][]byte
	current string
}

// OpenFileKeys opens the key folder, and creates it with a first key where there
// is none. It refuses a folder within the data folder, and keys that anyone but
// their owner may read.
func OpenFileKeys(folder, dataFolder string) (*FileKeys, error) {
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return nil, err
	}
	if err := apart(folder, dataFolder); err != nil {
		return nil, err
	}
	k := &FileKeys{folder: folder}
	if err := k.locked(k.loadOrCreate); err != nil {
		return nil, err
	}
	return k, nil
}

// apart refuses a key folder inside the data folder, links followed.
func apart(folder, dataFolder string) error {
	inner, err := realPath(folder)
	if err != nil {
		return err
	}
	outer, err := realPath(dataFolder)
	if errors.Is(err, fs.ErrNotExist) {
		outer, err = filepath.Abs(dataFolder)
	}
	if err != nil {
		return err
	}
	way, err := filepath.Rel(outer, inner)
	if err == nil && way != ".." && !strings.HasPrefix(way, "../") {
		return fmt.Errorf("the key folder %s lies within the data folder %s: a copy of the data would carry its keys; choose another place", folder, dataFolder)
	}
	return nil
}

func realPath(path string) (string, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return "", err
	}
	return filepath.EvalSymlinks(path)
}

// locked runs f while no other process creates a key in the folder: two nodes
// that start together would otherwise index under two keys.
func (k *FileKeys) locked(f func() error) error {
	dir, err := os.Open(k.folder)
	if err != nil {
		return err
	}
	defer dir.Close()
	if err := onlyOwner(dir, 0o022, "write to"); err != nil {
		return err
	}
	if err := syscall.Flock(int(dir.Fd()), syscall.LOCK_EX); err != nil {
		return fmt.Errorf("lock %s: %w", k.folder, err)
	}
	return f()
}

func onlyOwner(f *os.File, forbidden fs.FileMode, verb string) error {
	info, err := f.Stat()
	if err != nil {
		return err
	}
	if mode := info.Mode().Perm(); mode&forbidden != 0 {
		return fmt.Errorf("%s has mode %04o: others than its owner can %s it; run chmod go-rwx %s",
			f.Name(), mode, verb, f.Name())
	}
	return nil
}

func (k *FileKeys) loadOrCreate() error {
	if err := k.load(); err != nil || k.current != "" {
		return err
	}
	return k.create(1)
}

// load reads every key of the folder.
func (k *FileKeys) load() error {
	names, err := fs.Glob(os.DirFS(k.folder), "m*"+keySuffix)
	if err != nil {
		return err
	}
	keys, ids := map[string][]byte{}, []string{}
	for _, name := range names {
		id := strings.TrimSuffix(name, keySuffix)
		if keys[id], err = readKey(filepath.Join(k.folder, name), id); err != nil {
			return err
		}
		ids = append(ids, id)
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.keys = keys
	if len(ids) > 0 {
		k.current = slices.Max(ids)
	}
	return nil
}

func readKey(name, id string) ([]byte, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	if err := onlyOwner(f, 0o077, "read"); err != nil {
		return nil, err
	}
	text := make([]byte, 2*masterKeySize+2)
	n, _ := f.Read(text)
	key, err := hex.DecodeString(strings.TrimSpace(string(text[:n])))
	if err != nil || len(key) != masterKeySize {
		return nil, fmt.Errorf("%s is not a key file of %d hexadecimal digits", name, 2*masterKeySize)
	}
	mark, err := fingerprint(key)
	if err == nil && !strings.HasSuffix(id, "-"+mark) {
		err = fmt.Errorf("%s holds another key than its name says (%s): restore the file from its backup", name, mark)
	}
	return key, err
}

// create writes a new key and makes it current.
func (k *FileKeys) create(number int) error {
	key := randomBytes(masterKeySize)
	mark, err := fingerprint(key)
	if err != nil {
		return err
	}
	id := fmt.Sprintf("m%06d-%s", number, mark)
	if err := writeKey(filepath.Join(k.folder, id+keySuffix), key); err != nil {
		return err
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.keys[id], k.current = key, id
	return nil
}

// writeKey leaves a whole, durable file or none: what is sealed in the next
// second must open after a power cut.
func writeKey(name string, key []byte) error {
	f, err := os.CreateTemp(filepath.Dir(name), "new-*") // CreateTemp gives mode 0600
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	_, err = f.WriteString(hex.EncodeToString(key) + "\n")
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	if err := os.Rename(f.Name(), name); err != nil {
		return err
	}
	return syncFolder(filepath.Dir(name))
}

func syncFolder(folder string) error {
	dir, err := os.Open(folder)
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}

// Rotate creates a new current key. The earlier ones stay: what they sealed
// still opens, until it is rewrapped or sealed anew.
func (k *FileKeys) Rotate() (id string, err error) {
	err = k.locked(func() error {
		if err := k.load(); err != nil {
			return err
		}
		var number int
		if _, err := fmt.Sscanf(k.Current(), "m%06d-", &number); err != nil {
			return fmt.Errorf("key id %q has no number: %w", k.Current(), err)
		}
		return k.create(number + 1)
	})
	return k.Current(), err
}

// Refresh reads the folder again: what another process added or retired counts from now on.
func (k *FileKeys) Refresh() error { return k.locked(k.load) }

// Keys lists the ids of all keys that open something, the first made first, with when each was made by the
// clock of the folder.
func (k *FileKeys) Keys() (all []KeyFile, err error) {
	k.mu.RLock()
	defer k.mu.RUnlock()
	for id := range k.keys {
		info, err := os.Stat(k.path(id))
		if err != nil {
			return nil, err
		}
		all = append(all, KeyFile{id, info.ModTime()})
	}
	slices.SortFunc(all, func(a, b KeyFile) int { return strings.Compare(a.ID, b.ID) })
	return all, nil
}

// KeyFile is a master key without what is in it.
type KeyFile struct {
	ID   string
	Made time.Time
}

func (k *FileKeys) path(id string) string { return filepath.Join(k.folder, id+keySuffix) }

// Retire takes a key out of use, which must not be the current one: its file stays under another name, for
// back-ups that still name it, and is deleted by hand with the last of them. That nothing of the record names
// it any more is the caller's to have found out.
func (k *FileKeys) Retire(id string) error {
	return k.locked(func() error {
		if err := k.load(); err != nil {
			return err
		}
		if _, known := k.known(id); !known {
			return fmt.Errorf("%w: %q is not in %s", ErrNoKey, id, k.folder)
		}
		if id == k.Current() {
			return fmt.Errorf("%s is the current key: rotate first", id)
		}
		if err := os.Rename(k.path(id), k.path(id)+".retired"); err != nil {
			return err
		}
		return errors.Join(syncFolder(k.folder), k.load())
	})
}

// Current returns the id of the current key. A rotation by another process is
// seen here once a value sealed under the new key is opened, at Refresh, or at the next start.
func (k *FileKeys) Current() string {
	k.mu.RLock()
	defer k.mu.RUnlock()
	return k.current
}

// Master returns a key, also one that another process added since the start.
func (k *FileKeys) Master(id string) ([]byte, error) {
	if key, found := k.known(id); found {
		return key, nil
	}
	if err := k.locked(k.load); err != nil {
		return nil, err
	}
	if key, found := k.known(id); found {
		return key, nil
	}
	return nil, fmt.Errorf("%w: %q is not in %s", ErrNoKey, id, k.folder)
}

func (k *FileKeys) known(id string) ([]byte, bool) {
	k.mu.RLock()
	defer k.mu.RUnlock()
	key, found := k.keys[id]
	return key, found
}
