package drill

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"haochaping/regulation"
	"haochaping/store"
	"haochaping/store/seed"
)

// Site is the running product as a drill needs it: where it answers, its record to read from, and
// its clock.
type Site struct {
	Address string // host:port
	Record  *store.Store
	Clock   regulation.Clock
}

// town is the site with its people; everybody signs in once, when they are first needed.
type town struct {
	Site
	data   seed.Data
	mu     sync.Mutex
	people map[string]*person
}

func newTown(site Site) (*town, error) {
	data, err := seed.Load()
	return &town{Site: site, data: data, people: map[string]*person{}}, err
}

// now is the drill's time.
func (t *town) now() time.Time { return t.Clock.At(time.Now()) }

// sleep waits until the drill's clock shows an instant.
func (t *town) sleep(ctx context.Context, until time.Time) error {
	timer := time.NewTimer(t.Clock.Wait(time.Now(), until))
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// as is somebody by their account, signed in by the demo's one click.
func (t *town) as(ctx context.Context, login string) (*person, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if p := t.people[login]; p != nil {
		return p, nil
	}
	p := newPerson(t.Address)
	if _, err := p.must(ctx, http.MethodPost, "/demo/sign-ins", "", fields{"login": login}); err != nil {
		return nil, err
	}
	t.people[login] = p
	return p, nil
}

// holder finds the account of the n-th holder of a role at a place; what names it otherwise.
func (t *town) holder(role regulation.Role, place string, n int) (string, error) {
	var last string
	for _, a := range t.data.Accounts {
		if a.Role != role || a.Place != place {
			continue
		}
		last = a.Login
		if n--; n == 0 {
			return last, nil
		}
	}
	if last == "" {
		return "", fmt.Errorf("nobody is %s at %s", role, place)
	}
	return last, nil
}

// serving is who serves at a window, by its code: where several do, one of them, as the page's form
// names one.
func (t *town) serving(code string) string {
	at := slices.IndexFunc(t.data.Windows, func(w seed.Window) bool { return w.Code == code })
	duty := slices.IndexFunc(t.data.Roster, func(d seed.Duty) bool { return d.Window == t.data.Windows[at].ID })
	if duty < 0 {
		return "" // three windows have nobody
	}
	return t.data.Roster[duty].Staff
}

// rated is the account of the rated person, or of the unit's head where the person has none.
func (t *town) rated(c regulation.Case) (string, error) {
	for _, a := range t.data.Accounts {
		if a.Staff != "" && a.Staff == c.Rated.Staff {
			return a.Login, nil
		}
	}
	return t.holder(regulation.UnitHead, c.Rated.Unit, 1)
}

// who finds the account that a script's word stands for on a case: "supervisor 2" is the second of
// the case's authority, "upper supervisor" one of the authority above, "unit head" the head of the
// unit that has the order, "rated" the person rated; an account's name is that account.
func (t *town) who(word string, c regulation.Case) (string, error) {
	words, n := strings.Fields(word), 1
	if last := words[len(words)-1]; last == "2" {
		words, n = words[:len(words)-1], 2
	}
	name := strings.Join(words, " ")
	if slices.ContainsFunc(t.data.Accounts, func(a seed.Account) bool { return a.Login == word }) {
		return word, nil
	}
	switch name {
	case "rated":
		return t.rated(c)
	case "rated head":
		return t.holder(regulation.UnitHead, c.Rated.Unit, n)
	case "unit":
		return t.holder(regulation.UnitHandler, c.Unit, n)
	case "unit head":
		return t.holder(regulation.UnitHead, c.Unit, n)
	case "discipline":
		return t.holder(regulation.DisciplineOfficer, c.Area+"-discipline", n)
	case "upper discipline":
		return t.holder(regulation.DisciplineOfficer, regulation.PrefectureArea+"-discipline", n)
	}
	if role, above := strings.CutPrefix(name, "upper "); above {
		return t.holder(regulation.Role(role), c.Upper, n)
	}
	return t.holder(regulation.Role(name), c.Authority, n)
}

// everything sees all cases: the drill reads the record as its judge, never to act.
var everything = regulation.Scope{All: true}

func (t *town) see(ctx context.Context, id string) (regulation.Case, error) {
	return t.Record.CaseByID(ctx, everything, id)
}
