package ledger

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/mod/sumdb/note"
)

// ReadSigners reads the keys that may have signed a checkpoint in a folder. trusted is the first public key, as text or in a
// file; "" is that which lies in the folder. The changes of the key are read in the folder, and each must be signed for.
func ReadSigners(trusted, folder string) ([]string, error) {
	files, err := filepath.Glob(filepath.Join(folder, "key-*.txt"))
	if err != nil {
		return nil, err
	}
	slices.Sort(files)
	if trusted == "" && len(files) > 0 {
		trusted = files[0]
	}
	given := trusted
	if content, err := os.ReadFile(trusted); err == nil {
		trusted = string(saved(content))
	}
	if trusted = strings.TrimSpace(trusted); trusted == "" {
		return nil, fmt.Errorf("no public key is given, and none lies in %s", folder)
	}
	if _, err := note.NewVerifier(trusted); err != nil {
		return nil, fmt.Errorf("%s is no public key and no file with one: %w", given, err)
	}
	var changes [][]byte
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		if content = saved(content); strings.Count(string(content), "\n") > 1 { // the first is a key alone
			changes = append(changes, content)
		}
	}
	return Signers(trusted, changes...)
}
