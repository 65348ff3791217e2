package store

import (
	"context"
	"errors"
	"io"
	"strings"

	"gorm.io/gorm"

	"haochaping/regulation"
)

// SetBoxPhoto puts in the picture of a box within the scope, drawn anew like every picture; the one before is swept.
// Refusals: NotFound; Invalid on photo as of StageFile on files, type_not_allowed for what is no picture.
func (s *Store) SetBoxPhoto(ctx context.Context, scope regulation.Scope, id string, content io.Reader, actor regulation.Actor) error {
	if _, err := s.Box(ctx, scope, id); err != nil {
		return err
	}
	file, err := s.StageFile(ctx, actor.Person, content)
	if refused := (*regulation.Error)(nil); errors.As(err, &refused) {
		return paperFault("photo", refused.Fields["files"])
	}
	if err != nil {
		return err
	}
	if !strings.HasPrefix(file.Mime, "image/") {
		return paperFault("photo", "type_not_allowed")
	}
	return s.changeBox(ctx, scope, id, func(tx *gorm.DB, row boxRow) error {
		if err := tx.Model(&boxRow{}).Where("id = ?", id).Update("photo", file.Digest).Error; err != nil {
			return err
		}
		return s.noteBox(tx, "set_box_photo", "", row, actor)
	})
}

// BoxPhoto is the picture of a box within the scope. Refusals: NotFound, also of a box without one.
func (s *Store) BoxPhoto(ctx context.Context, scope regulation.Scope, id string) (File, []byte, error) {
	b, err := s.Box(ctx, scope, id)
	if err != nil {
		return File{}, nil, err
	}
	var row fileRow
	if err := s.rows(ctx).Take(&row, "digest = ? AND deleted_at = 0", b.Photo).Error; err != nil {
		return File{}, nil, found(err, "file")
	}
	content, err := s.readFile(row.Digest)
	return File{Digest: row.Digest, Mime: row.Mime, Size: row.Size}, content, err
}
