package e2e

import (
	"cmp"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"sync"

	"haochaping/standalone/scan"
)

// place is where a content was: an answer to a reader, or anything that the product leaves behind.
type place struct {
	role, route, kind string // of an answer
	reader            *reader
	thing             string // of anything else, such as "record.db texts.sealed"
}

func (p place) String() string {
	if p.thing != "" {
		return p.thing
	}
	return p.role + " GET " + p.route + " " + p.kind
}

// dragnet catches the tokens of a crowd in what it is shown. Nothing that it prints names anybody.
type dragnet struct {
	crowd    *crowd
	searcher *scan.Searcher
	mu       sync.Mutex
	bytes    int64
	places   map[string]int64 // how much of each kind of thing was searched
	leaks    map[string]int   // what must not be there, how often
	allowed  map[string]int   // what the table allows, by its clause
	planted  map[int][]string // where each spare rater was found, by their place among the spares
}

func newDragnet(c *crowd) *dragnet {
	return &dragnet{crowd: c, searcher: scan.New(c.tokens()), places: map[string]int64{}, leaks: map[string]int{}, allowed: map[string]int{}, planted: map[int][]string{}}
}

// look searches a content.
func (n *dragnet) look(at place, content []byte) {
	hits := n.searcher.Search(content)
	n.mu.Lock()
	defer n.mu.Unlock()
	n.bytes += int64(len(content))
	n.places[cmp.Or(strings.SplitN(at.thing, " ", 2)[0], "answers")] += int64(len(content))
	spares := n.crowd.spares()
	for _, hit := range hits {
		who, field := n.crowd.of(hit.Token)
		if who.spare {
			i := slices.Index(spares, who)
			n.planted[i] = append(n.planted[i], at.String())
			continue
		}
		if e := exceptionFor(at, who, field); e != nil {
			n.allowed[e.String()]++
			continue
		}
		n.leaks[fmt.Sprintf("%s of a rater in %s, as %s", field, at, hit.Way)]++
	}
}

// exception is what may be read in the clear, by whom and on what ground.
type exception struct {
	roles  []string
	route  string // regular expression, whole
	fields []string
	clause string
	why    string
}

func (e exception) String() string {
	return fmt.Sprintf("%s; %s; %s; %s: %s", strings.Join(e.roles, ", "), e.route, strings.Join(e.fields, ", "), e.clause, e.why)
}

// exceptions are all that may be read outside the vault. The words of a rating are no part of a rater's identity by
// themselves, but may give it away: they are for whoever follows the case up, and sealed everywhere else. A
// rater's name, telephone and identity number have no line here: no GET route shows them to anybody.
var exceptions = []exception{
	{roles: []string{"verifier", "callback_clerk", "supervisor", "authority_head"}, route: `/cases/\{id\}(/documents)?`,
		fields: []string{fieldWords}, clause: "7(2)", why: "who verifies a bad rating reads what was said"},
	{roles: []string{"verifier", "supervisor", "authority_head"}, route: `/redactions`,
		fields: []string{fieldWords}, clause: "2", why: "who strikes out what the rated side may not read sees the original"},
	{roles: []string{"supervisor", "authority_head"}, route: `/cases/\{id\}/archives/\{version\}`,
		fields: []string{fieldWords}, clause: "9(2)", why: "the archive of a closed case holds the words; auditors' holds them sealed"},
}

// exceptionFor finds the ground on which a field may be read at a place, nil for none. Officers read cases of their
// own area, or of the counties below the prefecture.
func exceptionFor(at place, who *madeUp, field string) *exception {
	if at.reader == nil {
		return nil
	}
	if field == fieldIdentity && who.typed {
		field = fieldWords // it was typed into them
	}
	for i, e := range exceptions {
		matches, _ := regexp.MatchString("^"+e.route+"$", at.route)
		switch {
		case !matches || !slices.ContainsFunc(e.roles, func(role string) bool { return slices.Contains(at.reader.roles, role) }) || !slices.Contains(e.fields, field):
		case at.reader.area != who.area && at.reader.area != "513300":
		default:
			return &exceptions[i]
		}
	}
	return nil
}

// report prints what was searched and found, in words that name nobody.
func (n *dragnet) report(log func(string, ...any)) {
	log("searched %.1f MB", float64(n.bytes)/1e6)
	for _, name := range slices.Sorted(maps.Keys(n.places)) {
		log("  %-24s %8.1f MB", name, float64(n.places[name])/1e6)
	}
	for _, line := range slices.Sorted(maps.Keys(n.allowed)) {
		log("allowed, %d times: %s", n.allowed[line], line)
	}
	for _, line := range slices.Sorted(maps.Keys(n.leaks)) {
		log("LEAK, %d times: %s", n.leaks[line], line)
	}
}
