package e2e

import (
	"cmp"
	"fmt"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"

	"haochaping/standalone/scan"
)

// place is where a content was: an answer to a reader, or anything that the product leaves behind.
type place struct {
	role, method, route, kind string // of an answer; the method is "" for GET
	reader                    *reader
	// contact is whose contact the reader may read in this answer, as they were let a moment ago; nil for nobody's.
	contact *madeUp
	thing   string // of anything else, such as "record.db texts.sealed"; contact is then whose number belongs there
}

func (p place) String() string {
	if p.thing != "" {
		return p.thing
	}
	return p.role + " " + cmp.Or(p.method, http.MethodGet) + " " + p.route + " " + p.kind
}

// dragnet catches the tokens of a crowd in what it is shown. Nothing that it prints names anybody.
type dragnet struct {
	crowd    *crowd
	searcher *scan.Searcher
	mu       sync.Mutex
	bytes    int64
	places   map[string]int64   // how much of each kind of thing was searched
	leaks    map[string]int     // what must not be there, how often
	allowed  map[*exception]int // how often what the table allows was read
	planted  map[int][]string   // where each spare rater was found, by their place among the spares
	province string             // address of the outside platform, which shows the net what it gets
}

func newDragnet(c *crowd) *dragnet {
	return &dragnet{crowd: c, searcher: scan.New(c.tokens()), places: map[string]int64{}, leaks: map[string]int{}, allowed: map[*exception]int{}, planted: map[int][]string{}}
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
			n.allowed[e]++
			continue
		}
		n.leaks[fmt.Sprintf("%s of a rater in %s, as %s", field, at, hit.Way)]++
	}
}

// exception is what may be read in the clear, by whom and on what ground.
type exception struct {
	thing   string // where it is no answer: place.thing
	roles   []string
	method  string // "" for GET
	route   string // regular expression, whole
	fields  []string
	contact bool // only of the one rater, and only to whom and while they were let: place.contact
	clause  string
	why     string
}

func (e exception) String() string {
	if e.thing != "" {
		return fmt.Sprintf("%s; %s; %s: %s", e.thing, strings.Join(e.fields, ", "), e.clause, e.why)
	}
	return fmt.Sprintf("%s; %s %s; %s; %s: %s", strings.Join(e.roles, ", "), cmp.Or(e.method, http.MethodGet), e.route, strings.Join(e.fields, ", "), e.clause, e.why)
}

// exceptions are all that may be read outside the vault. The words of a rating are no part of a rater's identity by
// themselves, but may give it away: they are for whoever follows the case up, and sealed everywhere else. A
// rater's name and telephone are shown in answers that are asked for one by one, while it lasts; no GET route shows
// them to anybody. The identity number has no line at all.
var exceptions = []exception{
	{roles: []string{"verifier", "callback_clerk", "supervisor", "authority_head"}, route: `/cases/\{id\}(/documents|/print)?`,
		fields: []string{fieldWords}, clause: "7(2)", why: "who verifies a bad rating reads what was said"},
	{roles: []string{"verifier", "supervisor", "authority_head"}, route: `/redactions`,
		fields: []string{fieldWords}, clause: "2", why: "who strikes out what the rated side may not read sees the original"},
	{roles: []string{"supervisor", "authority_head"}, route: `/cases/\{id\}/archives/\{version\}`,
		fields: []string{fieldWords}, clause: "9(2)", why: "the archive of a closed case holds the words; auditors' holds them sealed"},
	{roles: []string{"entry_clerk"}, route: `/paper/check`,
		fields: []string{fieldWords}, clause: "6(2)", why: "who checks a paper form holds what was typed against its picture"},
	{roles: []string{"entry_clerk", "supervisor"}, route: `/paper/decide`,
		fields: []string{fieldWords}, clause: "6(2)", why: "who decides where two read a form differently reads what was typed"},
	{roles: []string{"entry_clerk"}, method: http.MethodPost, route: `/paper/openings/\{id\}/import`,
		fields: []string{fieldName, fieldPhone, fieldWords}, contact: true, clause: "6(2)", why: "the sheet that a clerk has just sent comes back to be confirmed; nothing keeps it between"},
	{roles: []string{"callback_clerk"}, method: http.MethodPost, route: `/cases/\{id\}/contact`,
		fields: []string{fieldName, fieldPhone}, contact: true, clause: "7(2)", why: "the clerk whom a supervisor let call this rater, for dial_minutes"},
	{roles: []string{"supervisor", "authority_head"}, method: http.MethodPost, route: `/reveals/\{id\}/contact`,
		fields: []string{fieldName, fieldPhone}, contact: true, clause: "9(2)", why: "who asked, after a vault approver agreed, for reveal_minutes"},
	{thing: byGateway, fields: []string{fieldPhone}, contact: true, clause: "9(2)", why: "the rater who agreed to be told, of their own case alone"},
}

// exceptionFor finds the ground on which a field may be read at a place, nil for none. Officers read cases of their
// own area, or of the counties below the prefecture.
func exceptionFor(at place, who *madeUp, field string) *exception {
	if at.reader == nil {
		i := slices.IndexFunc(exceptions, func(e exception) bool {
			return e.thing != "" && e.thing == at.thing && at.contact == who && slices.Contains(e.fields, field)
		})
		if i < 0 {
			return nil
		}
		return &exceptions[i]
	}
	if field == fieldIdentity && who.typed {
		field = fieldWords // it was typed into them
	}
	for i, e := range exceptions {
		if e.thing != "" || e.method != at.method || e.contact && at.contact != who {
			continue
		}
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
	for i := range exceptions {
		log("allowed, read %d times: %s", n.allowed[&exceptions[i]], exceptions[i])
	}
	for _, line := range slices.Sorted(maps.Keys(n.leaks)) {
		log("LEAK, %d times: %s", n.leaks[line], line)
	}
}
