package platform

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"
	"time"

	"haochaping/regulation"
	"haochaping/workday"
)

// Mapping is what one upstream wants: where it is, and how it words an exchange record.
type Mapping struct {
	// Name is the upstream's in addresses, metrics and the record: small letters, digits and hyphens. Whoever
	// gives an upstream another name sends it everything anew.
	Name string `json:"name"`
	// Title is what pages call it, in its own language.
	Title string `json:"title"`
	// Preset fills Channels with the codes of the platforms known so far, A or B; "" for none.
	Preset string `json:"preset"`
	// Address takes batches by POST. https, or http on this machine.
	Address string `json:"address"`
	// AskAddress tells which ids the upstream holds. It must be given where Idempotent is false.
	AskAddress string `json:"ask_address"`
	// App is whom the upstream knows us as, SecretFile holds the secret that it gave us, readable by the
	// product alone.
	App        string `json:"app"`
	SecretFile string `json:"secret_file"`
	// Channels are its codes of our channels (pf): what is given here goes before the preset.
	Channels map[regulation.Channel]string `json:"pf"`
	// Statuses are its codes of where a case stands (appStatus). Default: 1 to 4.
	Statuses map[string]string `json:"app_status"`
	// Fields are its names where it calls a field otherwise; LeaveOut are fields that it does not take;
	// Constants are fields that it wants with one value always, such as dataSource.
	Fields    map[string]string `json:"fields"`
	LeaveOut  []string          `json:"leave_out"`
	Constants map[string]string `json:"constants"`
	// TimeFormat of instants, which are Beijing's. Default: yyyy-MM-dd HH:mm:ss.
	TimeFormat string `json:"time_format"`
	// Words sends what the citizen wrote, which may say who it was. Default: no. WordsBasis is the paper on
	// which it rests, and must be given with it.
	Words      bool   `json:"words"`
	WordsBasis string `json:"words_basis"`
	// OwnSources are the sources of ratings that the upstream handed us: it gets their outcomes, under its own
	// ids, and not the ratings once more.
	OwnSources []string `json:"own_sources"`
	// From leaves out ratings given before a day. Default: everything in the record.
	From workday.Date `json:"from"`
	// Batch is how many records go into one request at most (100), PerSecond how many requests are made (5).
	Batch     int     `json:"batch"`
	PerSecond float64 `json:"per_second"`
	// Timeout of a request (10s, at most 30s). RetryFirst is how long is waited after a failure (1s), twice as
	// long each time until RetryMost (30s). GiveUpAfter is how often a record that fails while others pass is
	// tried before it is parked (8).
	Timeout     Duration `json:"timeout"`
	RetryFirst  Duration `json:"retry_first"`
	RetryMost   Duration `json:"retry_most"`
	GiveUpAfter int      `json:"give_up_after"`
	// Idempotent: it knows a record again by its id. Default: yes. Otherwise it is asked before what may have
	// arrived is sent once more.
	Idempotent *bool `json:"idempotent"`

	secret []byte
}

// Duration is written as 1s or 500ms.
type Duration time.Duration

// UnmarshalText implements encoding.TextUnmarshaler.
func (d *Duration) UnmarshalText(text []byte) error {
	read, err := time.ParseDuration(string(text))
	*d = Duration(read)
	return err
}

// presets are the channel codes of the platforms seen so far. A has no code for paper or telephone: its
// "other terminal" is the nearest; its 7 would say that nobody rated. B takes any code beyond its seven for an app.
var presets = map[string]map[regulation.Channel]string{
	"A": {regulation.ChannelWeb: "3", regulation.ChannelEvaluator: "4", regulation.ChannelPaper: "5", regulation.ChannelHotline: "5", regulation.ChannelPortal: "1",
		regulation.ChannelApp: "2", regulation.ChannelTerminal: "5", regulation.ChannelSMS: "6", regulation.ChannelIVR: "5", regulation.ChannelElsewhere: "5"},
	"B": {regulation.ChannelPaper: "1", regulation.ChannelWeb: "3", regulation.ChannelEvaluator: "4", regulation.ChannelHotline: "6", regulation.ChannelPortal: "2",
		regulation.ChannelApp: "8", regulation.ChannelTerminal: "5", regulation.ChannelSMS: "7", regulation.ChannelIVR: "6", regulation.ChannelElsewhere: "5"},
}

// channels are all that a rating may have come by.
var channels = regulation.Channels

// Where a case stands, as upstreams are told.
const (
	statusOpen      = "open"
	statusFound     = "found"
	statusRectified = "rectified"
	statusConcluded = "concluded"
)

var statuses = map[string]string{statusOpen: "1", statusFound: "2", statusRectified: "3", statusConcluded: "4"}

// raterFields are names under which platforms ask for the rater, in small letters.
var raterFields = []string{"username", "certkey", "certkeygov", "certno", "idcard", "idno", "phone", "mobile", "tel", "telephone", "linkphone",
	"userprop", "userid", "email", "address", "openid", "contact"}

// Read reads the mappings of a file whole: the error names everything that is wrong at once.
func Read(path string) ([]Mapping, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("the exchange file: %w", err)
	}
	var file struct {
		Upstreams []Mapping `json:"upstreams"`
	}
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&file); err != nil {
		return nil, fmt.Errorf("the exchange file does not read: %w", err)
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("the exchange file: something stands after its end")
	}
	var faults []error
	names := map[string]bool{}
	for i := range file.Upstreams {
		m := &file.Upstreams[i]
		m.fill()
		for _, fault := range append(m.faults(), m.readSecret()) {
			if fault != nil {
				faults = append(faults, fmt.Errorf("the exchange file: upstream %d %q: %w", i+1, m.Name, fault))
			}
		}
		if names[m.Name] {
			faults = append(faults, fmt.Errorf("the exchange file: upstream %d %q: name: taken by another", i+1, m.Name))
		}
		names[m.Name] = true
	}
	return file.Upstreams, errors.Join(faults...)
}

// fill sets what is not given to its default.
func (m *Mapping) fill() {
	codes := maps.Clone(presets[m.Preset])
	if codes == nil {
		codes = map[regulation.Channel]string{}
	}
	maps.Copy(codes, m.Channels)
	m.Channels = codes
	status := maps.Clone(statuses)
	maps.Copy(status, m.Statuses)
	m.Statuses = status
	if m.TimeFormat == "" {
		m.TimeFormat = "yyyy-MM-dd HH:mm:ss"
	}
	if m.Idempotent == nil {
		yes := true
		m.Idempotent = &yes
	}
	for field, fallback := range map[*int]int{&m.Batch: 100, &m.GiveUpAfter: 8} {
		if *field == 0 {
			*field = fallback
		}
	}
	if m.PerSecond == 0 {
		m.PerSecond = 5
	}
	for field, fallback := range map[*Duration]time.Duration{&m.Timeout: 10 * time.Second, &m.RetryFirst: time.Second, &m.RetryMost: 30 * time.Second} {
		if *field == 0 {
			*field = Duration(fallback)
		}
	}
}

var upstreamName = regexp.MustCompile(`^[a-z][a-z0-9-]{0,31}$`)

// faults are all that is wrong with a mapping whose defaults are filled in.
func (m *Mapping) faults() (faults []error) {
	wrong := func(name, format string, args ...any) {
		faults = append(faults, fmt.Errorf(name+": "+format, args...))
	}
	if !upstreamName.MatchString(m.Name) {
		wrong("name", "want small letters, digits and hyphens, a letter first, 32 at most")
	}
	if m.Title == "" || len(m.Title) > 200 {
		wrong("title", "want a name for pages, 200 bytes at most")
	}
	if _, known := presets[m.Preset]; m.Preset != "" && !known {
		wrong("preset", "want A or B")
	}
	if !reachable(m.Address) {
		wrong("address", "want https, or http on this machine, without name and password")
	}
	if m.AskAddress != "" && !reachable(m.AskAddress) {
		wrong("ask_address", "want https, or http on this machine, without name and password")
	}
	if m.AskAddress == "" && !*m.Idempotent {
		wrong("ask_address", "must be given where idempotent is false: what may have arrived could not be told")
	}
	if m.App == "" {
		wrong("app", "must be given")
	}
	if m.Words && m.WordsBasis == "" {
		wrong("words_basis", "must name the paper on which sending the citizens' words rests (9(2))")
	}
	if m.Batch < 1 || m.Batch > 1000 {
		wrong("batch", "want 1 to 1000")
	}
	if m.PerSecond < 0.01 || m.PerSecond > 1000 {
		wrong("per_second", "want 0.01 to 1000")
	}
	if m.GiveUpAfter < 1 || m.GiveUpAfter > 1000 {
		wrong("give_up_after", "want 1 to 1000")
	}
	if t := time.Duration(m.Timeout); t < 100*time.Millisecond || t > 30*time.Second {
		wrong("timeout", "want 100ms to 30s")
	}
	if m.RetryFirst <= 0 || m.RetryMost < m.RetryFirst || time.Duration(m.RetryMost) > time.Hour {
		wrong("retry_most", "want at least retry_first, which is positive, and at most 1h")
	}
	return append(faults, m.codeFaults()...)
}

// codeFaults are what is wrong with the codes and names of a record.
func (m *Mapping) codeFaults() (faults []error) {
	wrong := func(name, format string, args ...any) {
		faults = append(faults, fmt.Errorf(name+": "+format, args...))
	}
	for _, channel := range channels {
		if m.Channels[channel] == "" {
			wrong("pf", "no code for the channel %s", channel)
		}
	}
	for _, channel := range slices.Sorted(maps.Keys(m.Channels)) {
		if !slices.Contains(channels, channel) {
			wrong("pf", "no such channel: %s", channel)
		}
	}
	for _, status := range slices.Sorted(maps.Keys(m.Statuses)) {
		if statuses[status] == "" {
			wrong("app_status", "no such status: %s", status)
		}
	}
	if layout, ok := layoutOf(m.TimeFormat); !ok {
		wrong("time_format", "want yyyy MM dd HH mm ss with signs between, such as %q", "yyyy-MM-dd HH:mm:ss")
	} else if _, err := time.Parse(layout, time.Date(2026, 11, 12, 13, 14, 15, 0, workday.Shanghai).Format(layout)); err != nil {
		wrong("time_format", "does not read back")
	}
	taken := map[string]string{}
	for _, field := range fields {
		name := m.nameOf(field)
		if slices.Contains(m.LeaveOut, field) {
			continue
		}
		if other := taken[name]; other != "" {
			wrong("fields", "%s and %s would both be %q", other, field, name)
		}
		taken[name] = field
	}
	for _, asked := range slices.Concat(slices.Sorted(maps.Keys(m.Fields)), m.LeaveOut) {
		if !slices.Contains(fields, asked) && !ofRater(asked) {
			wrong("fields", "a record has no field %q", asked)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(m.Constants)) {
		if taken[name] != "" && taken[name] != "dataSource" {
			wrong("constants", "%q is a field of the record: leave it out first", name)
		}
	}
	for _, asked := range slices.Concat(slices.Sorted(maps.Keys(m.Fields)), slices.Sorted(maps.Values(m.Fields)), slices.Sorted(maps.Keys(m.Constants))) {
		if ofRater(asked) {
			wrong("fields", "%q is about the rater: nothing about a rater goes to a third party without a consent record (9(2), R50)", asked)
		}
	}
	return faults
}

func ofRater(field string) bool { return slices.Contains(raterFields, strings.ToLower(field)) }

// reachable tells whether an address may be sent to: nothing leaves this machine in the clear.
func reachable(address string) bool {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || u.User != nil || u.Fragment != "" {
		return false
	}
	ip := net.ParseIP(u.Hostname())
	return u.Scheme == "https" || u.Scheme == "http" && (u.Hostname() == "localhost" || ip != nil && ip.IsLoopback())
}

// leastSecret is how many bytes a secret has at least.
const leastSecret = 16

func (m *Mapping) readSecret() error {
	if m.SecretFile == "" {
		return errors.New("secret_file: must be given")
	}
	info, err := os.Stat(m.SecretFile)
	if err != nil {
		return fmt.Errorf("secret_file: %w", err)
	}
	if info.Mode().Perm()&0o077 != 0 {
		return errors.New("secret_file: others may read it: chmod 600")
	}
	secret, err := os.ReadFile(m.SecretFile)
	if err != nil {
		return fmt.Errorf("secret_file: %w", err)
	}
	if m.secret = bytes.TrimSpace(secret); len(m.secret) < leastSecret {
		return fmt.Errorf("secret_file: holds fewer than %d bytes", leastSecret)
	}
	return nil
}

// layoutOf turns yyyy-MM-dd HH:mm:ss into what Go calls it.
func layoutOf(format string) (string, bool) {
	layout := strings.NewReplacer("yyyy", "2006", "MM", "01", "dd", "02", "HH", "15", "mm", "04", "ss", "05").Replace(format)
	return layout, strings.Contains(layout, "2006") && strings.Contains(layout, "01") && strings.Contains(layout, "02")
}

// nameOf is what the upstream calls a field.
func (m *Mapping) nameOf(field string) string {
	if name := m.Fields[field]; name != "" {
		return name
	}
	return field
}

// LogValue prints a mapping without the secret.
func (m Mapping) LogValue() slog.Value {
	return slog.GroupValue(slog.String("name", m.Name), slog.String("title", m.Title), slog.String("address", m.Address), slog.String("app", m.App),
		slog.String("secret", "(set)"), slog.Any("pf", m.Channels), slog.Any("fields", m.Fields), slog.Bool("words", m.Words),
		slog.Int("batch", m.Batch), slog.Bool("idempotent", *m.Idempotent))
}
