package e2e

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"

	"haochaping/regulation"
	rehearsal "haochaping/standalone/drill"
	"haochaping/standalone/scan"
	"haochaping/standalone/visit"
)

// What of a made-up rater must stay in the vault, and their words, which are the officers' of their case.
const (
	fieldName     = "name"
	fieldPhone    = "telephone"
	fieldIdentity = "identity number"
	fieldWords    = "words"
)

// raterFields are in the order of a rater's tokens.
var raterFields = []string{fieldName, fieldPhone, fieldIdentity, fieldWords}

// madeUp is a made-up person; each field is a token that nothing else holds.
type madeUp struct {
	name, phone, identity, words string
	area                         string // of the windows rated
	// typed tells that the identity number was typed into the words, as people do, and not sent as one.
	typed bool
	// spare raters never rate: what is found of them was planted.
	spare bool
}

func (r *madeUp) tokens() []scan.Token {
	return []scan.Token{{Text: r.name}, {Text: r.phone, Number: true}, {Text: r.identity, Number: true}, {Text: r.words}}
}

// said is the text of their rating.
func (r *madeUp) said() string {
	if r.typed {
		return "排队很久，" + r.words + "，身份证" + r.identity
	}
	return "排队很久，" + r.words
}

// contact is how they may be reached, as the forms have it.
func (r *madeUp) contact() fields {
	return fields{"contact_phone": r.phone, "contact_name": r.name, "contact_language": "zh", "contact_time": "morning", "contact_consent": "true"}
}

// crowd is all the raters of a scan; they are handed out one after another.
type crowd struct {
	mu     sync.Mutex
	raters []*madeUp
	next   int
	areas  map[string]string // of windows, by their codes
}

// newCrowd makes up raters and, after them, the spare ones.
func newCrowd(raters, spare int, areas map[string]string) *crowd {
	c, drawn := &crowd{areas: areas}, draw{random: rand.New(rand.NewPCG(9, 2)), taken: map[string]bool{}}
	for i := range raters + spare {
		c.raters = append(c.raters, &madeUp{name: drawn.name(), phone: drawn.phone(), identity: drawn.identity(), words: drawn.words(), spare: i >= raters})
	}
	return c
}

// take hands out the next rater, for an area; nil when all have rated.
func (c *crowd) take(area string, typed bool) *madeUp {
	c.mu.Lock()
	defer c.mu.Unlock()
	r := c.raters[c.next]
	if r.spare {
		return nil
	}
	r.area, r.typed = area, typed
	c.next++
	return r
}

// several hands out the next so many, for an area; what they say holds their identity number.
func (c *crowd) several(n int, area string) (all []*madeUp) {
	for range min(n, c.left()) {
		all = append(all, c.take(area, true))
	}
	return all
}

// left is how many have not rated yet.
func (c *crowd) left() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.IndexFunc(c.raters, func(r *madeUp) bool { return r.spare }) - c.next
}

// drilled is the next rater for the drill, which gets half of them; once those have rated the others are nobody.
func (c *crowd) drilled(window string) rehearsal.Rater {
	var r *madeUp
	if c.left() > *scanned/2 {
		r = c.take(c.areas[window], true)
	}
	if r == nil {
		return rehearsal.Rater{Words: "演练内容", Form: visit.Fields{"text": "演练内容"}}
	}
	form := r.contact()
	form["text"] = r.said()
	return rehearsal.Rater{Form: form, Words: r.said()}
}

// spares are those who never rate.
func (c *crowd) spares() (all []*madeUp) {
	for _, r := range c.raters {
		if r.spare {
			all = append(all, r)
		}
	}
	return all
}

// of is the rater and the field of a token.
func (c *crowd) of(token int) (*madeUp, string) {
	return c.raters[token/len(raterFields)], raterFields[token%len(raterFields)]
}

func (c *crowd) tokens() (all []scan.Token) {
	for _, r := range c.raters {
		all = append(all, r.tokens()...)
	}
	return all
}

// draw makes up what nobody has: each text once.
type draw struct {
	random *rand.Rand
	taken  map[string]bool
}

func (d draw) once(make func() string) string {
	for {
		if text := make(); !d.taken[text] {
			d.taken[text] = true
			return text
		}
	}
}

// rare are characters that names hardly have, in every character set that is searched.
var rare = []rune("聿肆臧舁艮虔蛰蜇裘褰觥訾詈谧豢貊赜趔跬軎迓邈郯酆鉴钆镲阆隼雎靼鞲颉饕骓髡魃鲎鸢麇黔黻鼐鼙齑龠禺秣笞箪簋籼糁紊絷綦縻缶罔羯")

func (d draw) name() string {
	return d.once(func() string {
		name := make([]rune, 5)
		for i := range name {
			name[i] = rare[d.random.IntN(len(rare))]
		}
		return string(name)
	})
}

func (d draw) phone() string {
	return d.once(func() string { return fmt.Sprintf("1%d%09d", 3+d.random.IntN(7), d.random.IntN(1_000_000_000)) })
}

// identity is a valid identity number whose check character is a digit.
func (d draw) identity() string {
	return d.once(func() string {
		for {
			number := fmt.Sprintf("5133%02d%d%02d%02d%04d", 1+d.random.IntN(38), 1940+d.random.IntN(66), 1+d.random.IntN(12), 1+d.random.IntN(28), d.random.IntN(10_000))
			if regulation.ValidIdentity(number) {
				return number
			}
		}
	})
}

const alphabet = "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789"

func (d draw) words() string {
	return d.once(func() string {
		b := make([]byte, 12)
		for i := range b {
			b[i] = alphabet[d.random.IntN(len(alphabet))]
		}
		return string(b)
	})
}
