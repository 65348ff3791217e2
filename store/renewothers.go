package store

import (
	"context"
	"encoding/json"
	"strings"

	"gorm.io/gorm"
)

// renewRow seals a column of one row anew under its lock; a row that went or changed meanwhile is
// left as it is. reseal returns the value as it is where the current key sealed it.
func (s *Store) renewRow(ctx context.Context, model any, where string, args []any, column string, read func() []byte, reseal func([]byte) ([]byte, error)) error {
	return s.tx(ctx, func(tx *gorm.DB) error {
		if err := locked(tx).Limit(1).Find(model, append([]any{where}, args...)...).Error; err != nil || !s.namesOther(read()) {
			return err
		}
		sealed, err := reseal(read())
		if err != nil {
			return err
		}
		return tx.Model(model).Where(where, args...).Update(column, sealed).Error
	})
}

func (s *Store) renewStaffPhones(ctx context.Context, after string) (last string, err error) {
	var people []string
	err = s.rows(ctx).Model(&staffPhoneRow{}).Where("person > ?", after).Order("person").Limit(keysAtOnce).Pluck("person", &people).Error
	for _, person := range people {
		if err != nil {
			return "", err
		}
		row := staffPhoneRow{}
		err = s.renewRow(ctx, &row, "person = ?", []any{person}, "sealed", func() []byte { return row.Sealed },
			func(sealed []byte) ([]byte, error) { return s.sealer.ResealText(sealed, staffPhonePlace(person)) })
		last = person
	}
	return last, err
}

func (s *Store) renewNoticeAddresses(ctx context.Context, after string) (last string, err error) {
	var rows []noticeAddressRow
	person, way, _ := strings.Cut(after, "/")
	err = s.rows(ctx).Select("person, way").Where("person > ? OR person = ? AND way > ?", person, person, way).Order("person, way").Limit(keysAtOnce).Find(&rows).Error
	for _, at := range rows {
		if err != nil {
			return "", err
		}
		row := noticeAddressRow{}
		err = s.renewRow(ctx, &row, "person = ? AND way = ?", []any{at.Person, at.Way}, "sealed", func() []byte { return row.Sealed },
			func(sealed []byte) ([]byte, error) {
				return s.sealer.ResealText(sealed, noticePlace(at.Person, at.Way))
			})
		last = at.Person + "/" + at.Way
	}
	return last, err
}

func (s *Store) renewDeviceKeys(ctx context.Context, after string) (last string, err error) {
	var devices []string
	err = s.rows(ctx).Model(&deviceRow{}).Where("id > ? AND key_sealed IS NOT NULL", after).Order("id").Limit(keysAtOnce).Pluck("id", &devices).Error
	for _, id := range devices {
		if err != nil {
			return "", err
		}
		row := deviceRow{}
		err = s.renewRow(ctx, &row, "id = ?", []any{id}, "key_sealed", func() []byte { return row.KeySealed },
			func(sealed []byte) ([]byte, error) { return s.sealer.ResealDeviceKey(id, sealed) })
		last = id
	}
	return last, err
}

// renewParked goes through what waits; what was settled has nothing sealed any more.
func (s *Store) renewParked(ctx context.Context, after string) (last string, err error) {
	at := [3]string{}
	if after != "" {
		if err := json.Unmarshal([]byte(after), &at); err != nil {
			return "", err
		}
	}
	var rows []parkedRow
	err = s.rows(ctx).Omit("sealed").Where("settled_at = 0 AND (upstream > ? OR (upstream = ? AND (message_id > ? OR (message_id = ? AND kind > ?))))",
		at[0], at[0], at[1], at[1], at[2]).Order("upstream, message_id, kind").Limit(keysAtOnce).Find(&rows).Error
	for _, found := range rows {
		if err != nil {
			return "", err
		}
		row := parkedRow{}
		err = s.renewRow(ctx, &row, "upstream = ? AND message_id = ? AND kind = ?", []any{found.Upstream, found.MessageID, found.Kind}, "sealed",
			func() []byte { return row.Sealed }, func(sealed []byte) ([]byte, error) { return s.sealer.ResealText(sealed, parkedPlace(found)) })
		text, _ := json.Marshal([3]string{found.Upstream, found.MessageID, found.Kind}) // strings
		last = string(text)
	}
	return last, err
}
