// Package portal is the counterpart that sends ratings and reports of handled matters to the product: the provincial
// portal and its app (6(3)), and the call system of the hotline (6(4)). How each writes its records is a
// configuration file, not code.
package portal

import (
	"embed"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"haochaping/regulation"
	"haochaping/workday"
)

// Kinds of upstreams.
const (
	KindRatings = "ratings" // sends ratings and handled matters
	KindCalls   = "calls"   // sends calls of the hotline with what the caller pressed or answered
)

// Upstream is one system that sends, as its file says.
type Upstream struct {
	// ID is the file's name without its ending; ratings carry it as their source for ever.
	ID   string `json:"-"`
	Name string `json:"name"`
	Kind string `json:"kind"`
	// Channels is the upstream's code of the channel to ours. "none" is a code that stands for no rating, such as
	// a grade that a system gave by itself; a code that is not here is refused.
	Channels map[string]string `json:"channels,omitempty"`
	// Other is the channel of every code that is not in Channels, where the upstream says so.
	Other string `json:"other_channel,omitempty"`
	// Grades is the upstream's grade to ours, 1 to 5, of which 5 is the best.
	Grades map[string]string `json:"grades"`
	// Options is the upstream's code of an option to ours; a code that is not here stands for itself.
	Options map[string]string `json:"options,omitempty"`
	// Words are texts that callers answer a text message with, to the upstream's grade.
	Words map[string]string `json:"words,omitempty"`
	// Fields is our name of a field to the upstream's; a name that is not here is the same.
	Fields map[string]string `json:"fields,omitempty"`
	// Time is how the upstream writes instants, as Go's layout; they are Beijing time.
	Time string `json:"time"`
	// Codes is our code of an outcome or of a refusal to the upstream's; one that is not here is the same.
	Codes map[string]string `json:"codes,omitempty"`
	// PerMinute bounds the requests; default 120.
	PerMinute int `json:"requests_per_minute,omitempty"`
	// Window is for how many minutes a signature holds, before and after its time; default 5.
	Window int `json:"signature_minutes,omitempty"`

	keys [][]byte // the present one first; the former one holds while it is replaced
}

//go:embed presets/*.json
var presetFiles embed.FS

// Presets are the files that come with the product: the two ways of the national record, and a call system.
func Presets() (fs.FS, error) { return fs.Sub(presetFiles, "presets") }

// Load reads a folder of upstreams: NAME.json, and NAME.key beside it with one key a line, 32 bytes or more in
// hexadecimal digits, the present one first. Two keys hold at once while one is replaced. "" is none.
func Load(folder string) ([]Upstream, error) {
	if folder == "" {
		return nil, nil
	}
	found, err := read(os.DirFS(folder))
	if err != nil {
		return nil, err
	}
	for i := range found {
		text, err := os.ReadFile(filepath.Join(folder, found[i].ID+".key"))
		if err != nil {
			return nil, fmt.Errorf("upstream %s has no key: %w", found[i].ID, err)
		}
		if found[i].keys, err = parseKeys(string(text)); err != nil {
			return nil, fmt.Errorf("upstream %s: %w", found[i].ID, err)
		}
	}
	return found, nil
}

func read(folder fs.FS) ([]Upstream, error) {
	names, err := fs.Glob(folder, "*.json")
	if err != nil {
		return nil, err
	}
	slices.Sort(names)
	var found []Upstream
	for _, name := range names {
		u := Upstream{ID: strings.TrimSuffix(name, ".json"), PerMinute: 120, Window: 5}
		text, err := fs.ReadFile(folder, name)
		if err == nil {
			err = json.Unmarshal(text, &u)
		}
		if err == nil {
			err = u.check()
		}
		if err != nil {
			return nil, fmt.Errorf("upstream %s: %w", u.ID, err)
		}
		found = append(found, u)
	}
	return found, nil
}

const leastKey = 32 // bytes

func parseKeys(text string) (keys [][]byte, err error) {
	for _, line := range strings.Fields(text) {
		key, err := hex.DecodeString(line)
		if err != nil || len(key) < leastKey {
			return nil, errors.New("a key is not 32 bytes or more in hexadecimal digits")
		}
		keys = append(keys, key)
	}
	if len(keys) == 0 || len(keys) > 2 {
		return nil, errors.New("want one key, or two while one is replaced")
	}
	return keys, nil
}

var channels = []regulation.Channel{regulation.ChannelWeb, regulation.ChannelEvaluator, regulation.ChannelPortal, regulation.ChannelApp,
	regulation.ChannelTerminal, regulation.ChannelSMS, regulation.ChannelElsewhere}

func (u Upstream) check() error {
	switch {
	case len(u.ID) > 32 || strings.Trim(u.ID, "abcdefghijklmnopqrstuvwxyz0123456789-") != "":
		return errors.New("the file's name is to be small letters, digits and hyphens")
	case u.Kind != KindRatings && u.Kind != KindCalls:
		return errors.New("kind is to be ratings or calls")
	case len(u.Grades) == 0:
		return errors.New("grades are missing")
	case u.Time == "":
		return errors.New("time is missing: how instants are written")
	case u.PerMinute < 1 || u.Window < 1 || u.Window > 60:
		return errors.New("requests_per_minute and signature_minutes are to be positive, the latter 60 at most")
	}
	for _, grade := range u.Grades {
		if _, ok := regulation.ParseGrade(grade); !ok {
			return fmt.Errorf("grade %q is none of 1 to 5", grade)
		}
	}
	for code, channel := range u.Channels {
		if channel != noRating && !slices.Contains(channels, regulation.Channel(channel)) {
			return fmt.Errorf("channel %q stands for %q, which is none", code, channel)
		}
	}
	return nil
}

// noRating is the channel of codes that stand for no rating.
const noRating = "none"

// Code is the upstream's own code of an outcome or refusal.
func (u Upstream) Code(ours string) string {
	if theirs, named := u.Codes[ours]; named {
		return theirs
	}
	return ours
}

// Field is the upstream's own name of a field.
func (u Upstream) Field(ours string) string {
	if theirs, named := u.Fields[ours]; named {
		return theirs
	}
	return ours
}

func (u Upstream) instant(text string) time.Time {
	at, err := time.ParseInLocation(u.Time, text, workday.Shanghai)
	if err != nil {
		return time.Time{}
	}
	return at.UTC()
}
