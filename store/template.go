package store

import (
	"context"
	_ "embed"
	"encoding/csv"
	"errors"
	"strings"
	"sync"
	"time"

	"gorm.io/gorm"

	"haochaping/regulation"
)

// Wording is a version of an authority's template with who wrote it and when; the product's own,
// version 0, has neither.
type Wording struct {
	regulation.Template
	Author string
	At     time.Time
}

type templateRow struct {
	Authority string `gorm:"primaryKey"`
	Kind      string `gorm:"primaryKey"`
	Version   int    `gorm:"primaryKey;autoIncrement:false"`
	RedHead   bool
	Title     string
	Addressee string
	Body      string
	Author    string
	AddedAt   int64
}

func (templateRow) TableName() string { return "document_templates" }

func (r templateRow) wording() Wording {
	return Wording{Author: r.Author, At: instant(r.AddedAt), Template: regulation.Template{Kind: regulation.DocumentKind(r.Kind),
		Version: r.Version, RedHead: r.RedHead, Title: r.Title, To: r.Addressee, Body: r.Body}}
}

// Template is an authority's wording of a kind in force: its last version, or the product's own.
func (s *Store) Template(ctx context.Context, authority string, kind regulation.DocumentKind) (regulation.Template, error) {
	versions, err := s.Wordings(ctx, authority, kind)
	if err != nil {
		return regulation.Template{}, err
	}
	return versions[0].Template, nil
}

// Wordings lists every version of an authority's template, the one in force first, the product's own
// last.
func (s *Store) Wordings(ctx context.Context, authority string, kind regulation.DocumentKind) ([]Wording, error) {
	var rows []templateRow
	err := s.rows(ctx).Where("authority = ? AND kind = ?", authority, string(kind)).Order("version DESC").Find(&rows).Error
	return append(converted(rows, templateRow.wording), Wording{Template: regulation.DefaultTemplate(kind)}), err
}

// SaveTemplate adds a version of an authority's template after the one that t names; Conflict when
// somebody else has added one meanwhile. A template that its kind does not take is refused by field.
func (s *Store) SaveTemplate(ctx context.Context, authority string, t regulation.Template, by regulation.Actor) (Wording, error) {
	if refused := t.Check(); refused != nil {
		return Wording{}, refused
	}
	row := templateRow{Authority: authority, Kind: string(t.Kind), Version: t.Version + 1, RedHead: t.RedHead, Title: t.Title,
		Addressee: t.To, Body: t.Body, Author: by.Person}
	err := s.tx(ctx, func(tx *gorm.DB) error {
		row.AddedAt = micros(s.now())
		var last int
		err := locked(tx).Model(&templateRow{}).Select("COALESCE(MAX(version), 0)").
			Where("authority = ? AND kind = ?", authority, row.Kind).Scan(&last).Error
		if err == nil && last != t.Version {
			err = &regulation.Error{Code: regulation.Conflict, Missing: "template_changed"}
		}
		if err != nil {
			return err
		}
		if err := tx.Create(&row).Error; err != nil {
			return err
		}
		return s.auditAt(tx, by, "edit_template", "document_template", row.Kind, authority)
	})
	if errors.Is(err, gorm.ErrDuplicatedKey) {
		err = &regulation.Error{Code: regulation.Conflict, Missing: "template_changed"}
	}
	return row.wording(), err
}

// auditAt writes who changed something of an authority's.
func (s *Store) auditAt(tx *gorm.DB, by regulation.Actor, action, kind, id, authority string) error {
	area, err := areaOf(tx, authority)
	if err != nil {
		return err
	}
	return s.audit(tx, AuditEntry{Person: by.Person, Role: string(by.As.Role), Action: action, ObjectKind: kind, ObjectID: id,
		Area: area, Unit: authority, Outcome: OutcomeDone})
}

type markRow struct {
	Authority string `gorm:"primaryKey"`
	Version   int    `gorm:"primaryKey;autoIncrement:false"`
	Mark      string
	Author    string
	AddedAt   int64
}

func (markRow) TableName() string { return "document_marks" }

//go:embed marks.csv
var marksCSV string

// defaultMarks are the product's short names by authority; one that is not among them must set its own.
var defaultMarks = sync.OnceValue(func() map[string]string {
	rows, err := csv.NewReader(strings.NewReader(marksCSV)).ReadAll()
	if err != nil {
		panic(err) // embedded
	}
	marks := map[string]string{}
	for _, row := range rows[1:] {
		marks[row[0]] = row[1]
	}
	return marks
})

// Mark is the short name that an authority puts into the numbers of its documents, "" where there is
// none yet.
func (s *Store) Mark(ctx context.Context, authority string) (string, error) {
	var rows []markRow
	err := s.rows(ctx).Where("authority = ?", authority).Order("version DESC").Limit(1).Find(&rows).Error
	if err != nil || len(rows) == 0 {
		return defaultMarks()[authority], err
	}
	return rows[0].Mark, nil
}

// SetMark gives an authority another short name: documents issued before keep theirs.
func (s *Store) SetMark(ctx context.Context, authority, mark string, by regulation.Actor) error {
	if refused := regulation.CheckMark(mark); refused != nil {
		return refused
	}
	return s.tx(ctx, func(tx *gorm.DB) error {
		if err := markFree(tx, authority, mark); err != nil {
			return err
		}
		var last int
		err := locked(tx).Model(&markRow{}).Select("COALESCE(MAX(version), 0)").Where("authority = ?", authority).Scan(&last).Error
		if err != nil {
			return err
		}
		isNew, err := insertNew(tx, &markRow{Authority: authority, Version: last + 1, Mark: mark, Author: by.Person, AddedAt: micros(s.now())})
		if err == nil && !isNew {
			err = errBusy // another name was set meanwhile: once more, after it
		}
		if err != nil {
			return err
		}
		return s.auditAt(tx, by, "set_mark", "document_mark", authority, authority)
	})
}

// markFree refuses a short name that another authority has or had: numbers must tell them apart.
func markFree(tx *gorm.DB, authority, mark string) error {
	var taken int64
	err := tx.Model(&markRow{}).Where("mark = ? AND authority <> ?", mark, authority).Count(&taken).Error
	for other, standard := range defaultMarks() {
		if standard == mark && other != authority {
			taken++
		}
	}
	if err == nil && taken > 0 {
		err = (&regulation.Error{Code: regulation.Invalid, Missing: "fields"}).Field("mark", "mark_taken")
	}
	return err
}
