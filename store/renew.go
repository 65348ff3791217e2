package store

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"gorm.io/gorm"

	"haochaping/store/seal"
)

// LeaseRenewal is the lease under which one node renews, after a new master key, what earlier ones sealed.
const LeaseRenewal = "renew keys"

// factRenewal is how far the renewal has come: it goes on there after any end.
const factRenewal = "key_renewal"

const (
	// formKept is how long the key is kept by which a form or an act that is sent again is told from another.
	formKept = 30 * 24 * time.Hour
	// applicantKept is how long the key is kept by which an applicant's name opens a matter (6(3)): afterwards a
	// matter of before the key's end is rated by its code only.
	applicantKept = 365 * 24 * time.Hour
	// keySpreads is how long a new master key needs at most to be used by every node.
	keySpreads = 10 * time.Minute
	// renewsFor is how long one call renews.
	renewsFor = 5 * time.Second
)

// renewal is its state: under which key, at which kind and behind which row.
type renewal struct {
	Key   string `json:"key"`
	Kind  int    `json:"kind"` // of renewals; all are done at its end
	After string `json:"after"`
	// Again: it began before every node knew the key, and goes through everything once more.
	Again bool `json:"again,omitempty"`
}

// sealedKind is one kind of what the record keeps under a master key.
type sealedKind struct {
	name string
	// renew renews the next few behind a row and returns the last of them, "" at the end.
	renew func(s *Store, ctx context.Context, after string) (last string, err error)
	// count adds up how many name each key.
	count func(s *Store, ctx context.Context, keys []string) (map[string]int64, error)
}

var sealedKinds = []sealedKind{
	{"subject keys", (*Store).renewSubjectKeys, func(s *Store, ctx context.Context, _ []string) (map[string]int64, error) {
		return s.subjectKeys.wrappedBy(ctx)
	}},
	{"waiting subject keys", func(s *Store, ctx context.Context, _ string) (string, error) {
		_, err := s.MoveSubjectKeys(ctx)
		return "", err
	}, countSealed("subject_keys", "wrapped")},
	{"telephone indexes", (*Store).renewIndexes, func(s *Store, ctx context.Context, _ []string) (map[string]int64, error) {
		return s.countBy(ctx, "vault", "index_key_id", "phone_index IS NOT NULL")
	}},
	{"texts", (*Store).renewTexts, countSealed("texts", "sealed")},
	{"acts", (*Store).renewActs, countSealed("acts", "body")},
	{"files", (*Store).renewFiles, (*Store).countFiles},
	{"telephones of staff", (*Store).renewStaffPhones, countSealed("staff_phones", "sealed")},
	{"addresses for notices", (*Store).renewNoticeAddresses, countSealed("notice_addresses", "sealed")},
	{"keys of devices", (*Store).renewDeviceKeys, countSealed("devices", "key_sealed")},
	{"parked messages", (*Store).renewParked, countSealed("inbound_parked", "sealed")},
	{"digests of parked messages", (*Store).nothingToRenew, func(s *Store, ctx context.Context, _ []string) (map[string]int64, error) {
		return s.countBy(ctx, "inbound_parked", "key_id", "settled_at = 0")
	}},
	{"applicants of recent matters", (*Store).nothingToRenew, func(s *Store, ctx context.Context, _ []string) (map[string]int64, error) {
		return s.countBy(ctx, "projects", "name_key", "name_key <> '' AND reported_at > ?", micros(s.now().Add(-applicantKept)))
	}},
	{"recent forms", (*Store).nothingToRenew, func(s *Store, ctx context.Context, _ []string) (map[string]int64, error) {
		return s.countBy(ctx, "ratings", "key_id", "given_at > ?", micros(s.now().Add(-formKept)))
	}},
	{"recent acts", (*Store).nothingToRenew, func(s *Store, ctx context.Context, _ []string) (map[string]int64, error) {
		return s.countBy(ctx, "acts", "key_id", "received_at > ?", micros(s.now().Add(-formKept)))
	}},
}

// nothingToRenew: a digest cannot be made again without the form; these go by their age.
func (s *Store) nothingToRenew(context.Context, string) (string, error) { return "", nil }

// RefreshKeys takes notice of master keys that another process made or retired.
func (s *Store) RefreshKeys() error {
	if s.masters == nil {
		return errNoKeys
	}
	return s.masters.Refresh()
}

// RotateKey makes a new master key: what is sealed from now on is sealed under it, here at once and on other
// nodes within seconds. What earlier keys sealed opens as before, and RenewKeys goes through it.
func (s *Store) RotateKey() (id string, err error) {
	if s.masters == nil {
		return "", errNoKeys
	}
	return s.masters.Rotate()
}

// RenewKeys wraps, seals and indexes anew, a few at a time and each under its row's lock, whatever an earlier
// master key did, and returns how many steps it took; 0 where all is done. It returns after a few seconds, so
// that the lease can be renewed, and goes on where it was, on any node. Intake goes on meanwhile. token is
// that of LeaseRenewal.
func (s *Store) RenewKeys(ctx context.Context, token int64) (steps int, err error) {
	if s.sealer == nil {
		return 0, errNoKeys
	}
	for begun := s.wall(); s.wall().Sub(begun) < renewsFor; {
		state, err := s.renewalState(ctx)
		if err != nil || state.Kind == len(sealedKinds) {
			return steps, err
		}
		last, err := sealedKinds[state.Kind].renew(s, ctx, state.After)
		if err != nil {
			return steps, fmt.Errorf("renew %s: %w", sealedKinds[state.Kind].name, err)
		}
		if state.After = last; last == "" {
			state.Kind++
		}
		if state.Kind == len(sealedKinds) && state.Again {
			if !s.keySpread(state.Key) {
				return steps, nil
			}
			state.Kind, state.Again = 0, false
		}
		if err := s.setRenewal(ctx, token, state); err != nil {
			return steps, err
		}
		steps++
	}
	return steps, nil
}

// renewalState is where the renewal under the current key stands. A record under its first key has nothing to renew.
func (s *Store) renewalState(ctx context.Context) (state renewal, err error) {
	current := s.sealer.CurrentKey()
	text, err := s.Fact(ctx, factRenewal)
	if err == nil && text != "" {
		err = json.Unmarshal([]byte(text), &state)
	}
	if err != nil || state.Key == current {
		return state, err
	}
	keys, err := s.masters.Keys()
	if err == nil && len(keys) == 1 {
		return renewal{Key: current, Kind: len(sealedKinds)}, nil
	}
	return renewal{Key: current, Again: !s.keySpread(current)}, err
}

// keySpread tells whether every node has had the time to notice a key.
func (s *Store) keySpread(id string) bool {
	keys, err := s.masters.Keys()
	return err == nil && slices.ContainsFunc(keys, func(k seal.KeyFile) bool { return k.ID == id && s.wall().Sub(k.Made) > keySpreads })
}

func (s *Store) setRenewal(ctx context.Context, token int64, state renewal) error {
	text, err := json.Marshal(state)
	if err != nil {
		return err
	}
	return s.tx(ctx, func(tx *gorm.DB) error {
		if err := holdsLease(tx, LeaseRenewal, token); err != nil {
			return err
		}
		return tx.Save(&factRow{factRenewal, string(text)}).Error
	})
}

// namesOther tells whether a sealed value names another key than the current one.
func (s *Store) namesOther(sealed []byte) bool {
	head, _, err := seal.ReadHeader(sealed)
	return err == nil && head.KeyID != s.sealer.CurrentKey()
}

func (s *Store) renewSubjectKeys(ctx context.Context, after string) (last string, err error) {
	keys, err := s.subjectKeys.after(ctx, after)
	if err != nil || len(keys) == 0 {
		return "", err
	}
	var anew []keptKey
	for _, key := range keys {
		if key.KeyID == s.sealer.CurrentKey() {
			continue
		}
		wrapped, err := s.sealer.Rewrap(key.Subject, key.Wrapped)
		if err != nil {
			return "", err
		}
		again, err := s.newKeptKey(key.Subject, wrapped)
		if err != nil {
			return "", err
		}
		anew = append(anew, again)
	}
	if len(anew) > 0 {
		err = s.subjectKeys.replace(ctx, anew)
	}
	return keys[len(keys)-1].Subject, err
}

// renewIndexes indexes telephone numbers anew, for which each contact is opened in memory. One whose key is
// gone, erased or lost, cannot be found by its number any more and needs no index.
func (s *Store) renewIndexes(ctx context.Context, after string) (last string, err error) {
	var subjects []string
	err = s.rows(ctx).Table("vault").Where("subject > ? AND phone_index IS NOT NULL AND index_key_id <> ?", after, s.sealer.CurrentKey()).
		Order("subject").Limit(keysAtOnce).Pluck("subject", &subjects).Error
	if err != nil || len(subjects) == 0 {
		return "", err
	}
	for _, subject := range subjects {
		contact, err := s.openContact(ctx, subject)
		if keysAreAway(err) {
			return "", err
		}
		change := map[string]any{"phone_index": nil, "index_key_id": ""}
		if index, indexed := s.sealer.Index(seal.IndexPhone, contact.Phone); err == nil && indexed == nil {
			change = map[string]any{"phone_index": hex.EncodeToString(index.MAC), "index_key_id": index.KeyID}
		}
		err = s.tx(ctx, func(tx *gorm.DB) error {
			return tx.Table("vault").Where("subject = ?", subject).Updates(change).Error
		})
		if err != nil {
			return "", err
		}
	}
	return subjects[len(subjects)-1], nil
}

func (s *Store) renewTexts(ctx context.Context, after string) (last string, err error) {
	at := textCursor{}
	if after != "" {
		if err := json.Unmarshal([]byte(after), &at); err != nil {
			return "", err
		}
	}
	var rows []textRow
	err = s.rows(ctx).Where("owner > ? OR (owner = ? AND (seq > ? OR (seq = ? AND field > ?)))", at.Owner, at.Owner, at.Seq, at.Seq, at.Field).
		Order("owner, seq, field").Limit(keysAtOnce).Find(&rows).Error
	if err != nil || len(rows) == 0 {
		return "", err
	}
	err = s.tx(ctx, func(tx *gorm.DB) error {
		for _, row := range rows {
			if !s.namesOther(row.Sealed) {
				continue
			}
			sealed, err := s.sealer.ResealText(row.Sealed, textPlace(row.Owner, row.Seq, row.Field))
			if err != nil {
				return err
			}
			// A text never changes; one that was deleted meanwhile stays so.
			err = tx.Model(&textRow{}).Where("owner = ? AND seq = ? AND field = ?", row.Owner, row.Seq, row.Field).Update("sealed", sealed).Error
			if err != nil {
				return err
			}
		}
		return nil
	})
	end := rows[len(rows)-1]
	text, _ := json.Marshal(textCursor{end.Owner, end.Seq, end.Field}) // strings and a number
	return string(text), err
}

type textCursor struct {
	Owner string `json:"owner"`
	Seq   int64  `json:"seq"`
	Field string `json:"field"`
}

// renewActs: the text of an act is kept until the act is done.
func (s *Store) renewActs(ctx context.Context, after string) (last string, err error) {
	var ids []string
	err = s.rows(ctx).Table("acts").Where("id > ? AND body IS NOT NULL", after).Order("id").Limit(keysAtOnce).Pluck("id", &ids).Error
	if err != nil || len(ids) == 0 {
		return "", err
	}
	err = s.tx(ctx, func(tx *gorm.DB) error {
		var rows []struct {
			ID   string
			Body []byte
		}
		if err := locked(tx).Table("acts").Select("id, body").Where("id IN ? AND body IS NOT NULL", ids).Order("id").Find(&rows).Error; err != nil {
			return err
		}
		for _, row := range rows {
			sealed, err := s.sealer.ResealText(row.Body, actPlace(row.ID))
			if err == nil {
				err = tx.Table("acts").Where("id = ?", row.ID).Update("body", sealed).Error
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
	return ids[len(ids)-1], err
}

func (s *Store) renewFiles(ctx context.Context, after string) (last string, err error) {
	var digests []string
	err = s.rows(ctx).Table("files").Where("digest > ? AND deleted_at = 0", after).Order("digest").Limit(keysAtOnce).Pluck("digest", &digests).Error
	if err != nil || len(digests) == 0 {
		return "", err
	}
	for _, digest := range digests {
		if err := s.renewFile(ctx, digest); err != nil {
			return "", err
		}
	}
	return digests[len(digests)-1], nil
}

// renewFile holds the file's row, so that a file which retention deletes meanwhile does not come back.
func (s *Store) renewFile(ctx context.Context, digest string) error {
	if key, err := s.fileKey(digest); err != nil || key == s.sealer.CurrentKey() {
		if errors.Is(err, fs.ErrNotExist) {
			return nil // the check "files" tells of it
		}
		return err
	}
	return s.tx(ctx, func(tx *gorm.DB) error {
		err := locked(tx).Take(&fileRow{}, "digest = ? AND deleted_at = 0", digest).Error
		if errors.Is(err, gorm.ErrRecordNotFound) {
			return nil
		}
		if err != nil {
			return err
		}
		sealed, err := os.ReadFile(s.filePath(digest))
		if err != nil {
			return err
		}
		if sealed, err = s.sealer.ResealText(sealed, filePlace(digest)); err != nil {
			return err
		}
		return placeFile(s.filePath(digest), sealed)
	})
}

// fileKey reads which key a stored file names.
func (s *Store) fileKey(digest string) (string, error) {
	f, err := os.Open(s.filePath(digest))
	if err != nil {
		return "", err
	}
	defer f.Close()
	head := make([]byte, 2+255)
	n, _ := f.Read(head)
	h, _, err := seal.ReadHeader(head[:n])
	return h.KeyID, err
}

func (s *Store) countFiles(ctx context.Context, _ []string) (map[string]int64, error) {
	counts := map[string]int64{}
	for last := ""; ; {
		var digests []string
		err := s.rows(ctx).Table("files").Where("digest > ? AND deleted_at = 0", last).Order("digest").Limit(1000).Pluck("digest", &digests).Error
		if err != nil || len(digests) == 0 {
			return counts, err
		}
		for _, digest := range digests {
			key, err := s.fileKey(digest)
			if err != nil && !errors.Is(err, fs.ErrNotExist) {
				return nil, fmt.Errorf("file %s: %w", filepath.Base(digest), err)
			}
			counts[key]++
		}
		last = digests[len(digests)-1]
	}
}

// countBy counts rows by a column.
func (s *Store) countBy(ctx context.Context, table, column, where string, args ...any) (map[string]int64, error) {
	var rows []struct {
		Key string
		N   int64
	}
	err := s.rows(ctx).Table(table).Select(column+" AS `key`, COUNT(*) AS n").Where(where, args...).Group(column).Scan(&rows).Error
	counts := map[string]int64{}
	for _, row := range rows {
		counts[row.Key] = row.N
	}
	return counts, err
}

// countSealed counts the values of a column by the key in their heads.
func countSealed(table, column string) func(*Store, context.Context, []string) (map[string]int64, error) {
	return func(s *Store, ctx context.Context, keys []string) (map[string]int64, error) {
		counts := map[string]int64{}
		for _, key := range keys {
			head := append([]byte{seal.SuiteSM4GCM, byte(len(key))}, key...)
			var n int64
			err := s.rows(ctx).Table(table).Where("SUBSTR("+column+", 1, ?) = ?", len(head), head).Count(&n).Error
			if err != nil {
				return nil, err
			}
			counts[key] = n
		}
		return counts, nil
	}
}

// KeyUse is what still names one master key, by kind.
type KeyUse struct {
	ID      string
	Made    time.Time
	Current bool
	Named   map[string]int64
}

// Total is how many things name the key.
func (u KeyUse) Total() (n int64) {
	for _, some := range u.Named {
		n += some
	}
	return n
}

// KeyUses counts what each master key still opens: the progress of a renewal.
func (s *Store) KeyUses(ctx context.Context) ([]KeyUse, error) {
	if err := s.RefreshKeys(); err != nil {
		return nil, err
	}
	keys, err := s.masters.Keys()
	if err != nil {
		return nil, err
	}
	ids, uses := make([]string, len(keys)), make([]KeyUse, len(keys))
	for i, key := range keys {
		ids[i] = key.ID
		uses[i] = KeyUse{ID: key.ID, Made: key.Made, Current: key.ID == s.sealer.CurrentKey(), Named: map[string]int64{}}
	}
	for _, kind := range sealedKinds {
		counts, err := kind.count(s, ctx, ids)
		if err != nil {
			return nil, fmt.Errorf("count %s: %w", kind.name, err)
		}
		for i, id := range ids {
			uses[i].Named[kind.name] = counts[id]
		}
	}
	return uses, nil
}

// ErrKeyInUse: a master key cannot be retired, since something still names it or another node may.
var ErrKeyInUse = errors.New("the key is in use")

// RetireKey takes a master key out of use once nothing names it.
func (s *Store) RetireKey(ctx context.Context, id string) error {
	uses, err := s.KeyUses(ctx)
	if err != nil {
		return err
	}
	for _, use := range uses {
		if use.ID == id && use.Total() > 0 {
			return fmt.Errorf("%w: %d things name it", ErrKeyInUse, use.Total())
		}
	}
	if !s.keySpread(s.sealer.CurrentKey()) {
		return fmt.Errorf("%w: a node may not have noticed its successor yet; wait for %s", ErrKeyInUse, keySpreads)
	}
	return s.masters.Retire(id)
}
