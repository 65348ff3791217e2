package store

import (
	"context"
	"time"

	"gorm.io/gorm"

	"haochaping/regulation"
	"haochaping/workday"
)

// Parameter is one value of an edition: who set it, when, and on what it rests (R56).
type Parameter struct {
	Name      string
	Value     int
	Author    string
	DecidedOn workday.Date
	Basis     string
	// Interpretation is the number of the bureau's interpretation, "" where there is none.
	Interpretation string
}

// Edition is a set of parameters under which cases are opened from an instant on.
type Edition struct {
	Name string
	From time.Time
}

type editionRow struct {
	Edition string `gorm:"primaryKey"`
	FromAt  int64
}

func (editionRow) TableName() string { return "editions" }

func (r editionRow) edition() Edition { return Edition{r.Edition, instant(r.FromAt)} }

type parameterRow struct {
	Edition   string `gorm:"primaryKey"`
	Name      string `gorm:"primaryKey"`
	Setting   int
	Author    string
	DecidedOn string
	Basis     string

	Interpretation string
}

func (parameterRow) TableName() string { return "parameters" }

func (r parameterRow) parameter() Parameter {
	day, _ := workday.ParseDate(r.DecidedOn) // written by us; a spoilt one shows as no date
	return Parameter{Name: r.Name, Value: r.Setting, Author: r.Author, DecidedOn: day, Basis: r.Basis, Interpretation: r.Interpretation}
}

// ByRegulation stands as the author of the first edition's values.
const ByRegulation = "regulation"

// issued is the day on which the regulation was issued: Edition1 holds from then on.
var issued = workday.NewDate(2019, time.December, 27)

// ensureEdition1 writes the defaults of the regulation's first edition once, and those that a
// later release adds to it.
func ensureEdition1(tx *gorm.DB) error {
	if _, err := insertNew(tx, &editionRow{regulation.Edition1, micros(issued.Start())}); err != nil {
		return err
	}
	var have []string
	if err := tx.Model(&parameterRow{}).Where("edition = ?", regulation.Edition1).Pluck("name", &have).Error; err != nil {
		return err
	}
	known := map[string]bool{}
	for _, name := range have {
		known[name] = true
	}
	for _, d := range regulation.DefaultParams() {
		if known[d.Name] {
			continue
		}
		row := parameterRow{regulation.Edition1, d.Name, d.Value, ByRegulation, issued.String(), d.Basis, ""}
		if _, err := insertNew(tx, &row); err != nil {
			return err
		}
	}
	return nil
}

// CurrentEdition is the edition under which a case opened now would be.
func (s *Store) CurrentEdition(ctx context.Context) (string, error) {
	var row editionRow
	err := s.rows(ctx).Where("from_at <= ?", micros(s.now())).Order("from_at DESC").Take(&row).Error
	return row.Edition, found(err, "edition")
}

// Editions lists all editions, the newest first.
func (s *Store) Editions(ctx context.Context) ([]Edition, error) {
	var rows []editionRow
	err := s.rows(ctx).Order("from_at DESC").Find(&rows).Error
	return converted(rows, editionRow.edition), err
}

// Params returns an edition's parameters as the rules take them. Editions never change and names
// are given once, so each is read once.
func (s *Store) Params(ctx context.Context, edition string) (regulation.Params, error) {
	if p, known := s.editions.Load(edition); known {
		return p.(regulation.Params), nil
	}
	list, err := s.Parameters(ctx, edition)
	if err != nil {
		return regulation.Params{}, err
	}
	values := map[string]int{}
	for _, p := range list {
		values[p.Name] = p.Value
	}
	p, err := regulation.NewParams(edition, values)
	if err == nil {
		s.editions.Store(edition, p)
	}
	return p, err
}

// Parameters lists an edition's values with author, date and basis, by name.
func (s *Store) Parameters(ctx context.Context, edition string) ([]Parameter, error) {
	var rows []parameterRow
	if err := s.rows(ctx).Where("edition = ?", edition).Order("name").Find(&rows).Error; err != nil {
		return nil, err
	}
	if len(rows) == 0 {
		return nil, &regulation.Error{Code: regulation.NotFound, Missing: "edition"}
	}
	return converted(rows, parameterRow.parameter), nil
}

// AddEdition adds an edition without a review: for the first filling of a record. Under running
// cases editions go by ProposeEdition.
func (s *Store) AddEdition(ctx context.Context, e Edition, values []Parameter, author string) error {
	return s.tx(ctx, func(tx *gorm.DB) error { return s.addEdition(tx, e, values, author) })
}

// addEdition adds an edition. What is not among the values is taken over from the edition in
// force at its beginning, with its author and basis; so every edition is whole.
func (s *Store) addEdition(tx *gorm.DB, e Edition, values []Parameter, author string) error {
	given := map[string]int{}
	for _, v := range values {
		if given[v.Name] = v.Value; v.Basis == "" {
			return (&regulation.Error{Code: regulation.Invalid, Clause: regulation.ClauseInterpretive}).Field(v.Name, "basis_required")
		}
	}
	if err := regulation.CheckValues(given); err != nil {
		return err
	}
	isNew, err := insertNew(tx, &editionRow{e.Name, micros(e.From)})
	if err == nil && !isNew {
		err = &regulation.Error{Code: regulation.Conflict, Missing: "edition_exists"}
	}
	if err != nil {
		return err
	}
	rows, err := takenOver(tx, e, given)
	if err != nil {
		return err
	}
	for _, v := range values {
		rows = append(rows, parameterRow{e.Name, v.Name, v.Value, v.Author, v.DecidedOn.String(), v.Basis, v.Interpretation})
	}
	if err := tx.Create(&rows).Error; err != nil {
		return err
	}
	return s.audit(tx, AuditEntry{Person: author, Action: "add_edition", ObjectKind: "edition", ObjectID: e.Name, Outcome: OutcomeDone})
}

func takenOver(tx *gorm.DB, e Edition, given map[string]int) ([]parameterRow, error) {
	var before editionRow
	if err := tx.Where("from_at < ?", micros(e.From)).Order("from_at DESC").Take(&before).Error; err != nil {
		return nil, found(err, "edition_before")
	}
	var rows []parameterRow
	if err := tx.Where("edition = ?", before.Edition).Find(&rows).Error; err != nil {
		return nil, err
	}
	var kept []parameterRow
	for _, row := range rows {
		if _, anew := given[row.Name]; !anew {
			row.Edition = e.Name
			kept = append(kept, row)
		}
	}
	return kept, nil
}
