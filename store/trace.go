package store

import (
	"context"
	"database/sql"
	"encoding/hex"
	"errors"
	"strings"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"haochaping/regulation"
	"haochaping/store/seal"
	"haochaping/workday"
)

// RatingTrace is from where a rating came, for signs of cheating (9(2), R48). Client is what tells one browser
// from another: it is digested under a key before it is stored, and deleted by the retention table.
type RatingTrace struct {
	Client  string
	Session string // account of the staff that was signed in in the same browser
}

var ratingTracesTable = table{name: "rating_traces", columns: []string{"rating_id", "client", "key_id", "session", "added_at"}}

// addTrace adds a rating's trace where there is one.
func (s *Store) addTrace(item *intake) error {
	trace := item.in.Trace
	if trace == (RatingTrace{}) {
		return nil
	}
	index, err := s.sealer.Index(seal.IndexClient, trace.Client)
	if err != nil && !errors.Is(err, seal.ErrNothingToIndex) {
		return err
	}
	item.rows.add(ratingTracesTable, []any{item.in.Rating.ID, hex.EncodeToString(index.MAC), index.KeyID, trace.Session, micros(item.at)})
	return nil
}

type staffPhoneRow struct {
	Person  string `gorm:"primaryKey"`
	Sealed  []byte
	AddedAt int64
}

func (staffPhoneRow) TableName() string { return "staff_phones" }

func staffPhonePlace(person string) seal.Place {
	return seal.Place{Table: "staff_phones", ID: person, Field: "phone"}
}

// SetStaffPhone notes the telephone of an account, sealed, or forgets it ("" ). Invalid on "staff_phone".
func (s *Store) SetStaffPhone(ctx context.Context, person, phone string, by regulation.Actor) error {
	if s.sealer == nil {
		return errNoKeys
	}
	if _, err := s.Account(ctx, person); err != nil {
		return err
	}
	phone = regulation.NormalPhone(phone)
	if phone != "" && !regulation.ValidPhone(phone) {
		return (&regulation.Error{Code: regulation.Invalid, Clause: regulation.ClauseRights, Missing: "fields"}).Field("staff_phone", "bad_phone")
	}
	sealed, err := s.sealer.SealText(phone, staffPhonePlace(person))
	if err != nil {
		return err
	}
	return s.record(ctx, func(tx *gorm.DB) error {
		change := tx.Delete(&staffPhoneRow{}, "person = ?", person)
		if phone != "" {
			change = tx.Clauses(clause.OnConflict{UpdateAll: true}).Create(&staffPhoneRow{person, sealed, micros(s.now())})
		}
		if change.Error != nil {
			return change.Error
		}
		return s.audit(tx, AuditEntry{Person: by.Person, Role: string(by.As.Role), Action: "set_staff_phone", ObjectKind: "account", ObjectID: person, Outcome: OutcomeDone})
	})
}

// HasStaffPhone tells whether an account's telephone is noted.
func (s *Store) HasStaffPhone(ctx context.Context, person string) (bool, error) {
	var n int64
	err := s.rows(ctx).Model(&staffPhoneRow{}).Where("person = ?", person).Count(&n).Error
	return n > 0, err
}

// indexed is a digest with the key under which it was made: those of two keys say nothing of each other.
type indexed struct{ key, mac string }

// staffDigests are the telephones of the staff under each of some keys, as where whoever has it serves.
func (s *Store) staffDigests(ctx context.Context, keys []string) (map[indexed]string, error) {
	var rows []struct {
		Person string
		Sealed []byte
		UnitID *string
	}
	err := s.rows(ctx).Table("staff_phones p").Select("p.person, p.sealed, f.unit_id").Joins("JOIN accounts a ON a.person = p.person").
		Joins("LEFT JOIN staff f ON f.id = a.staff_id").Find(&rows).Error
	if err != nil {
		return nil, err
	}
	all := map[indexed]string{}
	for _, row := range rows {
		phone, err := s.sealer.OpenText(row.Sealed, staffPhonePlace(row.Person))
		if err != nil {
			return nil, err
		}
		unit := ServesNowhere
		if row.UnitID != nil {
			unit = *row.UnitID
		}
		for _, key := range keys {
			index, err := s.sealer.IndexUnder(key, seal.IndexPhone, phone)
			if err != nil {
				return nil, err
			}
			all[indexed{key, hex.EncodeToString(index.MAC)}] = unit
		}
	}
	return all, nil
}

// ServesNowhere stands for the unit of staff who have no staff profile.
const ServesNowhere = "no_unit"

const readTraces = `SELECT r.id, r.grade, r.given_at, r.channel, r.unit_id, r.staff_id, r.options, r.text_digest, r.project_no,
	p.accepted_date, p.applicant_phone, p.applicant_key, v.phone_index, v.index_key_id, t.client, t.key_id, t.session
	FROM ratings r LEFT JOIN projects p ON p.number = r.project_no LEFT JOIN vault v ON v.subject = r.id
	LEFT JOIN rating_traces t ON t.rating_id = r.id
	WHERE r.given_at >= ? AND r.given_at < ?`

type traceView struct {
	ID             string
	Grade          int
	GivenAt        int64
	Channel        string
	UnitID         string
	StaffID        string
	Options        string
	TextDigest     string
	ProjectNo      string
	AcceptedDate   *string
	ApplicantPhone *string
	ApplicantKey   *string
	PhoneIndex     *string
	IndexKeyID     *string
	Client         *string
	KeyID          *string
	Session        *string
}

// traces reads what the detection looks at.
func (s *Store) traces(ctx context.Context, from, until time.Time) ([]regulation.Trace, error) {
	var keys []string
	if err := s.rows(ctx).Table("vault").Where("phone_index IS NOT NULL").Distinct().Pluck("index_key_id", &keys).Error; err != nil {
		return nil, err
	}
	staff, err := s.staffDigests(ctx, keys)
	if err != nil {
		return nil, err
	}
	rows, err := s.rows(ctx).Raw(readTraces, micros(from), micros(until)).Rows()
	if err != nil {
		return nil, s.translate(err)
	}
	defer rows.Close()
	var all []regulation.Trace
	same := sameWords{}
	for rows.Next() {
		row, err := scanTrace(rows) // past GORM's reflection: a month has a million
		if err != nil {
			return nil, err
		}
		row.UnitID, row.StaffID, row.Channel, row.Options = same.of(row.UnitID), same.of(row.StaffID), same.of(row.Channel), same.of(row.Options)
		all = append(all, row.trace(staff))
	}
	return all, rows.Err()
}

// scanTrace reads a row of readTraces.
func scanTrace(rows *sql.Rows) (r traceView, err error) {
	err = rows.Scan(&r.ID, &r.Grade, &r.GivenAt, &r.Channel, &r.UnitID, &r.StaffID, &r.Options, &r.TextDigest, &r.ProjectNo,
		&r.AcceptedDate, &r.ApplicantPhone, &r.ApplicantKey, &r.PhoneIndex, &r.IndexKeyID, &r.Client, &r.KeyID, &r.Session)
	return r, err
}

// sameWords keep one copy of a word that many rows have.
type sameWords map[string]string

func (s sameWords) of(word string) string {
	if kept, there := s[word]; there {
		return kept
	}
	s[word] = word
	return word
}

func (r traceView) trace(staff map[indexed]string) regulation.Trace {
	t := regulation.Trace{Rating: r.ID, Grade: regulation.Grade(r.Grade), At: instant(r.GivenAt), Channel: regulation.Channel(r.Channel), Unit: r.UnitID,
		Staff: r.StaffID, Options: r.Options, HasText: r.TextDigest != "", Project: r.ProjectNo, Session: textIn(r.Session)}
	t.AcceptedOn, _ = workday.ParseDate(textIn(r.AcceptedDate)) // "" until it was accepted
	if r.PhoneIndex != nil {
		t.Phone = *r.PhoneIndex
		t.PhoneUnit = staff[indexed{textIn(r.IndexKeyID), t.Phone}]
	}
	if textIn(r.ApplicantKey) == textIn(r.IndexKeyID) {
		t.ApplicantPhone = textIn(r.ApplicantPhone)
	}
	// A device that many share says nothing, and forms out of a box come from the clerk's.
	if t.Channel == regulation.ChannelWeb && textIn(r.Client) != "" {
		t.Client = strings.Join([]string{textIn(r.Client), textIn(r.KeyID)}, "/")
	}
	return t
}
