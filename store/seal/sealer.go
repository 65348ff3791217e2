package seal

import (
	"fmt"
	"sync"
)

// Sealer seals and opens under the master keys of a provider. It is safe for
// concurrent use.
type Sealer struct {
	keys KeyProvider
	// made holds derived keys by master key, purpose and size: to derive one costs more than to
	// seal a short text with it. Nothing is in it that the masters in memory do not give.
	made sync.Map
}

// New returns a Sealer over a key provider.
func New(keys KeyProvider) *Sealer { return &Sealer{keys: keys} }

// SubjectKey is the data key of one rater, unwrapped. It prints as its id only.
type SubjectKey struct {
	id  string
	key []byte
}

// ID tells the keys of a subject apart; every value sealed with it carries it.
func (k SubjectKey) ID() string { return k.id }

// String keeps the key out of logs.
func (k SubjectKey) String() string { return "subject key " + k.id }

// GoString keeps the key out of logs.
func (k SubjectKey) GoString() string { return k.String() }

const purposeSubject = "subject"

// Seal encrypts a value of the subject for its place.
func (k SubjectKey) Seal(plaintext []byte, at Place) ([]byte, error) {
	return sealWith(k.key, k.id, purposeSubject, plaintext, at)
}

// Open is the inverse of Seal. ErrAltered when the value belongs elsewhere.
func (k SubjectKey) Open(sealed []byte, at Place) ([]byte, error) {
	h, body, err := ReadHeader(sealed)
	if err != nil {
		return nil, err
	}
	if h.KeyID != k.id {
		return nil, fmt.Errorf("%w: sealed with subject key %q, not %q", ErrAltered, h.KeyID, k.id)
	}
	return openWith(k.key, h, body, purposeSubject, at)
}

func subjectPlace(subject string) Place {
	return Place{Table: "subject_keys", ID: subject, Field: "wrapped"}
}

// NewSubjectKey draws the data key of a subject (any id that is not personal)
// and returns it beside its wrapped form, the only one to store.
func (s *Sealer) NewSubjectKey(subject string) (key SubjectKey, wrapped []byte, err error) {
	key.key = randomBytes(sm4KeySize)
	if key.id, err = fingerprint(key.key); err != nil {
		return SubjectKey{}, nil, err
	}
	wrapped, err = s.seal(purposeWrap, key.key, subjectPlace(subject))
	return key, wrapped, err
}

// UnwrapSubjectKey opens a wrapped key of that subject.
func (s *Sealer) UnwrapSubjectKey(subject string, wrapped []byte) (key SubjectKey, err error) {
	if key.key, err = s.open(purposeWrap, wrapped, subjectPlace(subject)); err != nil {
		return SubjectKey{}, err
	}
	key.id, err = fingerprint(key.key)
	return key, err
}

// Rewrap wraps a subject's key under the current master key, and gives it back
// as it is where it already is. Values sealed with the key stay as they are.
func (s *Sealer) Rewrap(subject string, wrapped []byte) ([]byte, error) {
	return s.renew(purposeWrap, wrapped, subjectPlace(subject))
}

// SealText encrypts free text of citizens or staff, which is kept in the record
// itself, for its place.
func (s *Sealer) SealText(text string, at Place) ([]byte, error) {
	return s.seal(purposeText, []byte(text), at)
}

// OpenText is the inverse of SealText.
func (s *Sealer) OpenText(sealed []byte, at Place) (string, error) {
	text, err := s.open(purposeText, sealed, at)
	return string(text), err
}

// ResealText seals text under the current master key, and gives it back as it is
// where it already is.
func (s *Sealer) ResealText(sealed []byte, at Place) ([]byte, error) {
	return s.renew(purposeText, sealed, at)
}

func (s *Sealer) derived(id, purpose string, size int) ([]byte, error) {
	master, err := s.keys.Master(id) // asked every time: a key that is taken away opens nothing more
	if err != nil {
		return nil, err
	}
	name := madeKey{id, purpose, size}
	if key, known := s.made.Load(name); known {
		return key.([]byte), nil
	}
	key, err := derive(master, purpose, size)
	if err == nil {
		s.made.Store(name, key)
	}
	return key, err
}

type madeKey struct {
	id, purpose string
	size        int
}

func (s *Sealer) seal(purpose string, plaintext []byte, at Place) ([]byte, error) {
	id := s.keys.Current()
	key, err := s.derived(id, purpose, sm4KeySize)
	if err != nil {
		return nil, err
	}
	return sealWith(key, id, purpose, plaintext, at)
}

func (s *Sealer) open(purpose string, sealed []byte, at Place) ([]byte, error) {
	h, body, err := ReadHeader(sealed)
	if err != nil {
		return nil, err
	}
	key, err := s.derived(h.KeyID, purpose, sm4KeySize)
	if err != nil {
		return nil, err
	}
	return openWith(key, h, body, purpose, at)
}

func (s *Sealer) renew(purpose string, sealed []byte, at Place) ([]byte, error) {
	plaintext, err := s.open(purpose, sealed, at)
	if err != nil {
		return nil, err
	}
	if h, _, _ := ReadHeader(sealed); h.KeyID == s.keys.Current() {
		return sealed, nil
	}
	return s.seal(purpose, plaintext, at)
}
