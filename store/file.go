package store

import (
	"slices"

	"haochaping/regulation"
)

var caseFilesTable = table{"case_files", []string{"case_id", "digest", "seq"}}

// checkFiles refuses files that the actor did not put in: a digest is no key to somebody
// else's evidence.
func (r *recording) checkFiles(field string, digests []string, person string, refusal *regulation.Error) error {
	if len(digests) == 0 {
		return nil
	}
	var own []string
	err := r.tx.Table("staged_files").Where("person = ? AND digest IN ?", person, digests).Pluck("digest", &own).Error
	for _, digest := range digests {
		if digest != "" && !slices.Contains(own, digest) {
			refusal.Field(field, "unknown_file")
		}
	}
	return err
}
