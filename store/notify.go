package store

import (
	"context"
	"crypto/subtle"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"haochaping/regulation"
	"haochaping/store/seal"
)

// Ways by which people are told outside the product. A webhook finds them by their account's id and needs no address.
const (
	WayMail    = "mail"
	WaySMS     = "sms"
	WayWebhook = "webhook"
)

// Ways lists them in the order in which pages show them.
var Ways = []string{WayMail, WaySMS, WayWebhook}

// Bounds of confirmation codes.
const (
	codeHolds   = 15 * time.Minute
	codeAgain   = time.Minute // before another is sent
	codeTries   = 5
	codeDigits  = 6
	mostAddress = 254 // characters of a mail address
)

type noticeAddressRow struct {
	Person      string `gorm:"primaryKey"`
	Way         string `gorm:"primaryKey"`
	Sealed      []byte
	CodeUntil   int64
	Tries       int
	ConfirmedAt int64
}

func (noticeAddressRow) TableName() string { return "notice_addresses" }

// sealedAddress is what is sealed of an address: the code is gone once it was typed.
type sealedAddress struct {
	Address string `json:"address"`
	Code    string `json:"code,omitempty"`
}

func noticePlace(person, way string) seal.Place {
	return seal.Place{Table: "notice_addresses", ID: person + "/" + way, Field: "sealed"}
}

func (s *Store) sealAddress(person, way string, a sealedAddress) ([]byte, error) {
	if s.sealer == nil {
		return nil, errNoKeys
	}
	plain, err := json.Marshal(a)
	if err != nil {
		return nil, err
	}
	return s.sealer.SealText(string(plain), noticePlace(person, way))
}

func (s *Store) openAddress(row noticeAddressRow) (a sealedAddress, err error) {
	if s.sealer == nil {
		return a, errNoKeys
	}
	plain, err := s.sealer.OpenText(row.Sealed, noticePlace(row.Person, row.Way))
	if err != nil {
		return a, err
	}
	return a, json.Unmarshal([]byte(plain), &a)
}

// NoticeAddress is where a person wants to be told, masked.
type NoticeAddress struct {
	Way         string
	Masked      string
	ConfirmedAt time.Time // zero until the code was typed
	CodeUntil   time.Time
}

// MaskMail leaves the first letter of a mail address and its domain.
func MaskMail(address string) string {
	name, domain, _ := strings.Cut(address, "@")
	if name == "" {
		return ""
	}
	return string([]rune(name)[:1]) + "***@" + domain
}

func masked(way, address string) string {
	if way == WaySMS {
		return regulation.MaskPhone(address)
	}
	return MaskMail(address)
}

// NoticeAddresses are a person's, masked, by way.
func (s *Store) NoticeAddresses(ctx context.Context, person string) (map[string]NoticeAddress, error) {
	var rows []noticeAddressRow
	if err := s.rows(ctx).Find(&rows, "person = ?", person).Error; err != nil {
		return nil, err
	}
	all := map[string]NoticeAddress{}
	for _, row := range rows {
		a, err := s.openAddress(row)
		if err != nil {
			return nil, err
		}
		all[row.Way] = NoticeAddress{row.Way, masked(row.Way, a.Address), instant(row.ConfirmedAt), instant(row.CodeUntil)}
	}
	return all, nil
}

func wrongNotice(field, code string) error {
	return (&regulation.Error{Code: regulation.Invalid, Clause: regulation.ClauseRights, Missing: "fields"}).Field(field, code)
}

// SetNoticeAddress notes a person's new address and has a code sent to it, under which it is confirmed within 15
// minutes; until then nothing else goes there, nor to the one before. Invalid on "address".
func (s *Store) SetNoticeAddress(ctx context.Context, person, way, address, code string) error {
	address = strings.TrimSpace(address)
	switch {
	case way == WaySMS:
		if address = regulation.NormalPhone(address); !regulation.ValidPhone(address) {
			return wrongNotice("address", "bad_phone")
		}
	case way != WayMail:
		return &regulation.Error{Code: regulation.NotFound, Missing: "way"}
	case len(address) > mostAddress || strings.Count(address, "@") != 1 || strings.ContainsAny(address, " \t\r\n,;<>\""):
		return wrongNotice("address", "bad_mail")
	}
	sealed, err := s.sealAddress(person, way, sealedAddress{address, code})
	if err != nil {
		return err
	}
	return s.tx(ctx, func(tx *gorm.DB) error {
		now := s.now()
		var had []noticeAddressRow
		if err := locked(tx).Find(&had, "person = ? AND way = ?", person, way).Error; err != nil {
			return err
		}
		if len(had) > 0 && now.Before(instant(had[0].CodeUntil).Add(codeAgain-codeHolds)) {
			return wrongNotice("address", "code_just_sent")
		}
		row := noticeAddressRow{Person: person, Way: way, Sealed: sealed, CodeUntil: micros(now.Add(codeHolds))}
		if err := tx.Clauses(clause.OnConflict{UpdateAll: true}).Create(&row).Error; err != nil {
			return err
		}
		if err := s.dropNotices(tx, person, way); err != nil {
			return err
		}
		d := noticeDeliveryRow{ID: newID(), Person: person, Way: way, IsCode: true, State: DeliveryWaiting, At: micros(now), NextAt: micros(now)}
		if err := tx.Create(&d).Error; err != nil {
			return err
		}
		return s.auditNotice(tx, person, "set_notice_address", way)
	})
}

func (s *Store) auditNotice(tx *gorm.DB, person, action, way string) error {
	return s.audit(tx, AuditEntry{Person: person, Action: action, ObjectKind: "account", ObjectID: person, Purpose: way, Outcome: OutcomeDone})
}

// ConfirmNoticeAddress takes the code that was sent. After 15 minutes or five wrong ones it takes another.
func (s *Store) ConfirmNoticeAddress(ctx context.Context, person, way, code string) error {
	var wrong error
	err := s.tx(ctx, func(tx *gorm.DB) error {
		wrong = nil
		var row noticeAddressRow
		if err := locked(tx).Take(&row, "person = ? AND way = ? AND confirmed_at = 0", person, way).Error; err != nil {
			return found(err, "way")
		}
		a, err := s.openAddress(row)
		if err != nil {
			return err
		}
		if row.Tries >= codeTries || micros(s.now()) >= row.CodeUntil {
			wrong = wrongNotice("code", "code_over")
			return nil
		}
		if subtle.ConstantTimeCompare([]byte(a.Code), []byte(strings.TrimSpace(code))) != 1 {
			wrong = wrongNotice("code", "code_wrong")
			return tx.Model(&row).Update("tries", row.Tries+1).Error
		}
		if row.Sealed, err = s.sealAddress(person, way, sealedAddress{Address: a.Address}); err != nil {
			return err
		}
		if err := tx.Model(&row).Updates(map[string]any{"sealed": row.Sealed, "confirmed_at": micros(s.now()), "code_until": 0}).Error; err != nil {
			return err
		}
		if err := s.dropNotices(tx, person, way); err != nil { // a code that is still under way
			return err
		}
		return s.auditNotice(tx, person, "confirm_notice_address", way)
	})
	if err != nil {
		return err
	}
	return wrong
}

// ForgetNoticeAddress deletes a person's address and drops what was still to be sent there.
func (s *Store) ForgetNoticeAddress(ctx context.Context, person, way string) error {
	return s.tx(ctx, func(tx *gorm.DB) error {
		gone := tx.Delete(&noticeAddressRow{}, "person = ? AND way = ?", person, way)
		if gone.Error != nil || gone.RowsAffected == 0 {
			return gone.Error
		}
		if err := s.dropNotices(tx, person, way); err != nil {
			return err
		}
		return s.auditNotice(tx, person, "forget_notice_address", way)
	})
}

// forgetAddresses deletes all of a person's addresses, and drops what was still to be sent to them.
func (s *Store) forgetAddresses(tx *gorm.DB, person string) error {
	for _, way := range Ways {
		if err := s.dropNotices(tx, person, way); err != nil {
			return err
		}
	}
	return tx.Delete(&noticeAddressRow{}, "person = ?", person).Error
}

func (s *Store) dropNotices(tx *gorm.DB, person, way string) error {
	return tx.Model(&noticeDeliveryRow{}).Where("person = ? AND way = ? AND state <> ?", person, way, DeliverySent).Update("state", DeliveryDropped).Error
}

// NoticeChoices are what a person wants to be told by which way, and when not.
type NoticeChoices struct {
	Wants    map[string][]string // way -> kinds
	Language string              // zh, bo or en
	Quiet    regulation.Quiet
	SavedAt  time.Time // zero where nothing was chosen
}

type noticeChoicesRow struct {
	Person     string `gorm:"primaryKey"`
	Wants      string
	Language   string
	QuietFrom  int
	QuietUntil int
	QuietDays  bool
	Urgent     bool
	SavedAt    int64
}

func (noticeChoicesRow) TableName() string { return "notice_choices" }

func (r noticeChoicesRow) choices() NoticeChoices {
	c := NoticeChoices{Wants: map[string][]string{}, Language: r.Language, SavedAt: instant(r.SavedAt),
		Quiet: regulation.Quiet{From: time.Duration(r.QuietFrom) * time.Minute, Until: time.Duration(r.QuietUntil) * time.Minute, FreeDays: r.QuietDays, Urgent: r.Urgent}}
	for _, want := range list(r.Wants) {
		kind, way, _ := strings.Cut(want, ":")
		c.Wants[way] = append(c.Wants[way], kind)
	}
	return c
}

// usualChoices are those of whoever has not chosen: everything by mail, by SMS what is urgent, out of quiet hours.
func usualChoices() NoticeChoices {
	return NoticeChoices{Wants: map[string][]string{WayMail: slices.Clone(regulation.ToldKinds), WaySMS: slices.Clone(regulation.UrgentKinds)},
		Language: "zh", Quiet: regulation.UsualQuiet}
}

// NoticeChoices are a person's, or the usual ones.
func (s *Store) NoticeChoices(ctx context.Context, person string) (NoticeChoices, error) {
	var rows []noticeChoicesRow
	err := s.rows(ctx).Find(&rows, "person = ?", person).Error
	if err != nil || len(rows) == 0 {
		return usualChoices(), err
	}
	return rows[0].choices(), nil
}

// SetNoticeChoices notes what a person wants.
func (s *Store) SetNoticeChoices(ctx context.Context, person string, c NoticeChoices) error {
	var wants []string
	for _, way := range Ways {
		for _, kind := range c.Wants[way] {
			wants = append(wants, kind+":"+way)
		}
	}
	row := noticeChoicesRow{Person: person, Wants: strings.Join(wants, ","), Language: c.Language, QuietFrom: int(c.Quiet.From.Minutes()),
		QuietUntil: int(c.Quiet.Until.Minutes()), QuietDays: c.Quiet.FreeDays, Urgent: c.Quiet.Urgent, SavedAt: micros(s.now())}
	return s.tx(ctx, func(tx *gorm.DB) error {
		return tx.Clauses(clause.OnConflict{UpdateAll: true}).Create(&row).Error
	})
}

// Notified is one way by which a person is told.
type Notified struct {
	Person, Way string
	Since       time.Time // of what happened before, they are not told
	Choices     NoticeChoices
}

// Notified lists whom there is to tell, and by which of some ways.
func (s *Store) Notified(ctx context.Context, ways []string) ([]Notified, error) {
	var addresses []noticeAddressRow
	if err := s.rows(ctx).Find(&addresses, "confirmed_at > 0 AND way IN ?", ways).Error; err != nil {
		return nil, err
	}
	var rows []noticeChoicesRow
	if err := s.rows(ctx).Find(&rows).Error; err != nil {
		return nil, err
	}
	chosen := map[string]NoticeChoices{}
	var all []Notified
	for _, row := range rows {
		c := row.choices()
		chosen[row.Person] = c
		if slices.Contains(ways, WayWebhook) && len(c.Wants[WayWebhook]) > 0 {
			all = append(all, Notified{row.Person, WayWebhook, c.SavedAt, c})
		}
	}
	for _, a := range addresses {
		c, has := chosen[a.Person]
		if !has {
			c = usualChoices()
		}
		all = append(all, Notified{a.Person, a.Way, instant(a.ConfirmedAt), c})
	}
	return all, nil
}
