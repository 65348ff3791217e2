package e2e

import (
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"testing"

	"haochaping/regulation"
	"haochaping/store"
)

// given is a rating whose rater has the receipt.
type given struct {
	rater   *madeUp
	receipt string
	caseID  string // "" where it opened none
}

// copies are where the product's own backup goes.
func (s *site) copies() (record, keys string) {
	return filepath.Join(s.folder, "backup", "record"), filepath.Join(s.folder, "backup", "keys")
}

// backUp has the product copied while it runs, as docs/operations.md says.
func (s *site) backUp(t *testing.T) {
	t.Helper()
	record, keys := s.copies()
	s.command(t, "admin", "backup", record, "--subject-keys", keys)
}

// eraseOne has a rater whose bad rating is followed up erase their contact, by the receipt.
func (c *crawl) eraseOne(t *testing.T, s *site, all []given) given {
	t.Helper()
	record, _ := s.open(t)
	defer record.Close()
	for _, g := range all {
		_, held, err := record.CaseByReceipt(t.Context(), g.receipt)
		if err != nil {
			t.Fatal(err)
		}
		if g.caseID = held.ID; g.caseID == "" {
			continue
		}
		r := c.rater(t, g.receipt)
		c.must(t, r, "/receipt/contact/erase", "/receipt/contact/erase", inJSON(fields{}))
		return g
	}
	t.Fatal("nobody with a receipt rated badly")
	return given{}
}

// restored is the copy of the record put in another place, with subject keys and a list of erasures beside it.
func (s *site) restored(t *testing.T, name, keys, list string) *site {
	t.Helper()
	record, _ := s.copies()
	other := *s
	other.folder, other.log, other.env = filepath.Join(s.folder, name), nil, maps.Clone(s.env)
	for name, value := range map[string]string{"DATA": other.data(), "SUBJECT_KEYS": keys, "ERASURES": list} {
		other.env["HAOCHAPING_"+name] = value
	}
	if err := errors.Join(os.Mkdir(other.folder, 0o700), os.CopyFS(other.data(), os.DirFS(record))); err != nil {
		t.Fatal(err)
	}
	return &other
}

// yields tells whether a record, with the keys that go with it, still gives a rater's contact to whoever reads past the product.
func (n *dragnet) yields(t *testing.T, s *site, g given) bool {
	t.Helper()
	record, _ := s.open(t)
	defer record.Close()
	contact, err := record.Reveal(t.Context(), regulation.Scope{All: true}, g.caseID, store.PurposeCallback, regulation.Actor{Person: "scan"})
	if refused := (*regulation.Error)(nil); err != nil && !errors.As(err, &refused) {
		t.Fatal(err)
	}
	text, err := json.Marshal(contact)
	if err != nil {
		t.Fatal(err)
	}
	for _, hit := range n.searcher.Search(text) {
		if who, _ := n.crowd.of(hit.Token); who == g.rater {
			return true
		}
	}
	return false
}

// erasureReaches holds that the contact of who was erased after the copy was made is nowhere: not in the product, nor in the
// restored copy, with the subject keys as they are now or, by the list of erasures, as they were; and that it was in the copy.
func (n *dragnet) erasureReaches(t *testing.T, c *crawl, s *site, g given) {
	t.Helper()
	_, older := s.copies()
	now, list := filepath.Join(s.folder, "keys-subjects"), filepath.Join(s.folder, "keys-erasures.txt")
	olderAgain := func(name string) string {
		to := filepath.Join(s.folder, name)
		if err := os.CopyFS(to, os.DirFS(older)); err != nil {
			t.Fatal(err)
		}
		return to
	}
	if n.yields(t, s, g) {
		t.Error("the product still gives the contact of an erased rater")
	}
	again := s.restored(t, "restored", now, list)
	if n.yields(t, again, g) {
		t.Error("the restored copy gives the contact of an erased rater")
	}
	if n.yields(t, s.restored(t, "restored-with-older-keys", olderAgain("older-keys"), list), g) {
		t.Error("the restored copies of record and keys give the contact of an erased rater, whom the list names")
	}
	if !n.yields(t, s.restored(t, "restored-without-list", olderAgain("older-keys-again"), filepath.Join(s.folder, "no-list.txt")), g) {
		t.Error("the copies never had the contact: this proves nothing")
	}
	p := again.start(t)
	before := c.where
	c.where = func() string { return p.addr }
	defer func() { c.where = before }()
	record := again.record(t)
	for _, login := range []string{supervisor, clerk, authority} {
		r := c.named(t, record, login)
		for _, path := range []string{"/cases/" + g.caseID, "/reveals", "/dialing"} {
			if err := c.both(r, c.routeOf(path), path, languages[:1]); err != nil {
				t.Fatal(err)
			}
		}
		if answer := c.post(t, r, calledOn, "/cases/"+g.caseID+"/contact", inJSON(fields{}), nil); answer.Status < http.StatusBadRequest {
			t.Errorf("%s is answered %v about an erased rater", login, answer)
		}
	}
	p.kill()
	t.Logf("erased after the copy: found neither in the product nor in the restored copy, with the keys as they are and as they were")
}
