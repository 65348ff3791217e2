package store

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"haochaping/regulation"
	"haochaping/store/seal"
)

// CaseByID returns a case within the scope; NotFound for one outside as for none at all.
func (s *Store) CaseByID(ctx context.Context, scope regulation.Scope, id string) (regulation.Case, error) {
	c, err := s.readCase(ctx, id)
	if err == nil && !Covers(scope, c) {
		err = &regulation.Error{Code: regulation.NotFound, Missing: "case"}
	}
	if err != nil {
		return regulation.Case{}, err
	}
	return c, nil
}

// Covers tells whether a scope reaches a case: by area, by a unit that an order names, by an open
// step at one of the scope's organisations, or because it concerns the reader. Policies say
// besides under which assignment (a case may be hidden from a role).
func Covers(scope regulation.Scope, c regulation.Case) bool {
	if scope.All || slices.Contains(scope.Areas, c.Area) {
		return true
	}
	subject := c.Subject()
	any := func(have, want []string) bool {
		return slices.ContainsFunc(want, func(id string) bool { return slices.Contains(have, id) })
	}
	return any(subject.Units, scope.Units) || any(subject.Orgs, scope.Orgs) ||
		scope.Staff != "" && scope.Staff == subject.Staff
}

// CaseByReceipt returns the case and the rating that a receipt belongs to, as it was typed. The
// case is zero for a good rating. NotFound for what is no receipt as for one of nobody's.
func (s *Store) CaseByReceipt(ctx context.Context, typed string) (regulation.Rating, regulation.Case, error) {
	hash, err := seal.ParseReceipt(typed)
	if err != nil {
		return regulation.Rating{}, regulation.Case{}, &regulation.Error{Code: regulation.NotFound, Missing: "receipt"}
	}
	var row ratingView
	if err := s.rows(ctx).Take(&row, "receipt_hash = ?", hex.EncodeToString(hash)).Error; err != nil {
		return regulation.Rating{}, regulation.Case{}, found(err, "receipt")
	}
	var opened []struct{ State []byte }
	err = s.rows(ctx).Table("cases").Select("state").Where("rating_id = ?", row.ID).Find(&opened).Error
	if err != nil || len(opened) == 0 {
		return row.rating(), regulation.Case{}, err
	}
	c, err := caseOf(opened[0].State)
	return row.rating(), c, err
}

// RatingOf returns a case's rating. What the reader may see of it is for the caller to mask: the
// rated side sees neither the number of the matter nor the instant (R04).
func (s *Store) RatingOf(ctx context.Context, c regulation.Case) (regulation.Rating, error) {
	var row ratingView
	err := s.rows(ctx).Take(&row, "id = ?", c.RatingID).Error
	return row.rating(), found(err, "rating")
}

// ratingView is a rating's row as it is read.
type ratingView struct {
	ID             string
	Channel        string
	Target         string
	Grade          int
	Options        string
	Dimensions     string
	Area           string
	Authority      string
	UpperAuthority string
	UnitID         string
	HallID         string
	WindowID       string
	StaffID        string
	MatterID       string
	ProjectNo      string
	MatterStatus   string
	DeliveryUsed   bool
	Gaps           string
	CallID         string
	FormSerial     *string
	ScanDigest     string
	GivenAt        int64
	Transcriber    string
	TextDigest     string
	HasContact     bool
	PrivacyVersion string
	Source         string
	SourceRef      string
	ReceivedAt     int64
}

func (ratingView) TableName() string { return "ratings" }

func (r ratingView) rating() regulation.Rating {
	out := regulation.Rating{ID: r.ID, Channel: regulation.Channel(r.Channel), Target: regulation.TargetKind(r.Target),
		Grade: regulation.Grade(r.Grade), Options: list(r.Options), CallID: r.CallID, ScanDigest: r.ScanDigest,
		Source: regulation.Source{ID: r.Source, Ref: r.SourceRef}, GivenAt: instant(r.GivenAt), ReceivedAt: instant(r.ReceivedAt), By: r.Transcriber, HasText: r.TextDigest != "",
		Place: regulation.Place{Area: r.Area, Authority: r.Authority, Upper: r.UpperAuthority, ProjectNo: r.ProjectNo,
			MatterStatus: r.MatterStatus, DeliveryUsed: r.DeliveryUsed, Gaps: list(r.Gaps),
			Rated: regulation.Rated{Unit: r.UnitID, Hall: r.HallID, Window: r.WindowID, Staff: r.StaffID, Matter: r.MatterID}}}
	if r.FormSerial != nil {
		out.FormSerial = *r.FormSerial
	}
	_ = json.Unmarshal([]byte(r.Dimensions), &out.Dimensions) // written by dimensionText
	return out
}

// list reads a comma-separated column.
func list(text string) []string {
	if text == "" {
		return nil
	}
	return strings.Split(text, ",")
}

// CaseEvent is an event of a case's history as it is stored: codes and parameters. Digests has
// the salted digest of each free text, by field.
type CaseEvent struct {
	regulation.Event
	Digests map[string]string
}

// Events returns a case's whole history in its order; NotFound outside the scope.
func (s *Store) Events(ctx context.Context, scope regulation.Scope, caseID string) ([]CaseEvent, error) {
	if _, err := s.CaseByID(ctx, scope, caseID); err != nil {
		return nil, err
	}
	var rows []struct{ Body []byte }
	if err := s.rows(ctx).Table("case_events").Select("body").Where("case_id = ?", caseID).Order("seq").Find(&rows).Error; err != nil {
		return nil, err
	}
	events := make([]CaseEvent, 0, len(rows))
	for _, row := range rows {
		var stored storedEvent
		if err := json.Unmarshal(row.Body, &stored); err != nil {
			return nil, fmt.Errorf("an event of case %s does not read: %w", caseID, err)
		}
		events = append(events, CaseEvent{stored.Event, stored.TextDigests})
	}
	return events, nil
}

type textRow struct {
	Owner  string `gorm:"primaryKey"`
	Seq    int64  `gorm:"primaryKey;autoIncrement:false"`
	Field  string `gorm:"primaryKey"`
	Sealed []byte
	Salt   []byte
}

func (textRow) TableName() string { return "texts" }

// Texts decrypts those free texts of a case's events that may allows; the others are not
// opened. NotFound outside the scope.
func (s *Store) Texts(ctx context.Context, scope regulation.Scope, caseID string, may func(regulation.TextRef) bool) (map[regulation.TextRef]string, error) {
	if _, err := s.CaseByID(ctx, scope, caseID); err != nil {
		return nil, err
	}
	return s.openTexts(ctx, caseID, may)
}

// RatingText decrypts what the citizen wrote, "" where nothing was. Whether the reader may see
// it is the caller's to ask before: the rated side may not.
func (s *Store) RatingText(ctx context.Context, ratingID string) (string, error) {
	texts, err := s.openTexts(ctx, ratingID, func(regulation.TextRef) bool { return true })
	return texts[regulation.TextRef{Field: "text"}], err
}

func (s *Store) openTexts(ctx context.Context, owner string, may func(regulation.TextRef) bool) (map[regulation.TextRef]string, error) {
	if s.sealer == nil {
		return nil, errNoKeys
	}
	var rows []textRow
	if err := s.rows(ctx).Where("owner = ?", owner).Order("seq, field").Find(&rows).Error; err != nil {
		return nil, err
	}
	texts := map[regulation.TextRef]string{}
	for _, row := range rows {
		ref := regulation.TextRef{Seq: row.Seq, Field: row.Field}
		if !may(ref) {
			continue
		}
		text, err := s.sealer.OpenText(row.Sealed, textPlace(owner, row.Seq, row.Field))
		if err != nil {
			return nil, err
		}
		texts[ref] = text
	}
	return texts, nil
}
