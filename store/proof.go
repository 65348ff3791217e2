package store

import (
	"context"
	"encoding/hex"
	"errors"

	"haochaping/regulation"
	"haochaping/store/ledger"
)

// StandingState is how a rating stands in the ledger.
type StandingState string

const (
	StandsPending StandingState = "pending" // the ledger takes it in within seconds
	StandsTaken   StandingState = "taken"   // it is in, no checkpoint covers it yet
	StandsSigned  StandingState = "signed"  // a signed checkpoint covers it: that it stays is provable
	StandsBroken  StandingState = "broken"  // the ledger has another rating there than the record
)

// Standing is how a rating stands in the ledger.
type Standing struct {
	State    StandingState
	Position int64
	// Point is the first checkpoint that covers it.
	Point Checkpoint
	// Counted tells that it is among the figures.
	Counted bool
	// Sealed is the first version of its month's sealed figures in which it is, zero before.
	Sealed Seal
	Proof  ledger.Inclusion // with StandsSigned
}

// StandingOf tells how a rating stands in the ledger. The proof is held against the checkpoint before it is handed out, with the
// leaf that the rating makes now.
func (s *Store) StandingOf(ctx context.Context, ratingID string) (Standing, error) {
	var rows []placedLeaf
	if err := s.rows(ctx).Table("leaves").Where("kind = ? AND ref = ?", leafRating, ratingID).Find(&rows).Error; err != nil {
		return Standing{}, err
	}
	if len(rows) == 0 {
		return Standing{State: StandsPending, Position: -1}, nil
	}
	standing := Standing{State: StandsTaken, Position: rows[0].Position}
	content, err := s.leafContent(ctx, leafRating, ratingID)
	made := content.digest()
	if err != nil || hex.EncodeToString(made[:]) != rows[0].Digest {
		standing.State = StandsBroken
		return standing, nil //nolint:nilerr // that is how it stands
	}
	if err := s.figuresWith(ctx, &standing, ratingID); err != nil {
		return standing, err
	}
	standing.Point, err = s.CheckpointOver(ctx, standing.Position)
	if none := (*regulation.Error)(nil); errors.As(err, &none) && none.Code == regulation.NotFound {
		return standing, nil
	}
	if errors.Is(err, ledger.ErrCheckpoint) || errors.Is(err, ledger.ErrSigners) {
		standing.State = StandsBroken // somebody wrote into the table of checkpoints, or of keys
		return standing, nil
	}
	if err != nil {
		return standing, err
	}
	path, err := ledger.ProveInclusion(hashTable{s, s.rows(ctx)}, standing.Point.Size, standing.Position)
	if err != nil || ledger.CheckInclusion(path, standing.Point.Size, standing.Point.Root, standing.Position, made) != nil {
		standing.State = StandsBroken
		return standing, nil //nolint:nilerr // that is how it stands
	}
	standing.State, standing.Proof = StandsSigned, ledger.Inclusion{Leaf: made, Position: standing.Position, Path: path, Note: standing.Point.Note}
	return standing, nil
}

// figuresWith tells whether the figures count a rating, and since which version of its month's sealed ones: the first of the
// authority to whom it was given, whose position lies behind it.
func (s *Store) figuresWith(ctx context.Context, standing *Standing, ratingID string) error {
	counted, err := s.figuresPosition(s.rows(ctx))
	if err != nil {
		return err
	}
	standing.Counted = standing.Position < counted
	var rows []sealRow
	err = s.rows(ctx).Table("seals s").Select("s.area, s.period, s.version, s.sealed_at, s.position").
		Joins("JOIN ratings r ON r.area = s.area AND r.given_month = s.period").
		Where("r.id = ? AND s.position > ?", ratingID, standing.Position).Order("s.version").Limit(1).Find(&rows).Error
	for _, row := range rows {
		standing.Sealed = Seal{Area: row.Area, Period: row.Period, Version: row.Version, At: instant(row.SealedAt), Position: row.Position}
	}
	return err
}

// ProveExtends proves that the ledger of a checkpoint begins with that of an earlier one; NotFound where either is none.
func (s *Store) ProveExtends(ctx context.Context, size, earlier int64) (ledger.Consistency, error) {
	none := &regulation.Error{Code: regulation.NotFound, Missing: "checkpoint"}
	if earlier > size {
		return ledger.Consistency{}, none
	}
	for _, one := range []int64{size, earlier} {
		if _, err := s.CheckpointOf(ctx, one); err != nil {
			return ledger.Consistency{}, err
		}
	}
	path, err := ledger.ProveConsistency(hashTable{s, s.rows(ctx)}, size, earlier)
	return ledger.Consistency{Earlier: earlier, Size: size, Path: path}, err
}
