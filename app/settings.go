package app

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	mailaddress "net/mail"
	"net/url"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/go-sql-driver/mysql"

	"haochaping/regulation"
)

// prefix is what every environment variable of the product begins with.
const prefix = "HAOCHAPING_"

// Settings are all that an operator can set, each by an environment variable: the prefix and the
// name in the tag. What may change under running cases (days, switches, holidays) is data in the
// record and no setting.
type Settings struct {
	// Addr is where the pages and the API listen; a worker without them serves /healthz, /readyz
	// and /metrics there. Port 0 takes a free one. Anything but loopback makes the product
	// reachable from other machines: put a TLS proxy in front, and the demo sign-ins close.
	Addr string `env:"ADDR" default:"127.0.0.1:8080"`
	// URL is how browsers reach the product, such as https://hcp.example.cn; it stands in the QR
	// codes of windows. Empty: as the request came in. With https cookies are for TLS only.
	URL string `env:"URL"`
	// Proxy says that a reverse proxy in front writes X-Forwarded-For. Unless it is set the
	// header is ignored; where it is set without a proxy, limits can be evaded.
	Proxy bool `env:"PROXY" default:"no"`
	// Limits can be set to "off" where the product is served on loopback, for load tests: then
	// sign-ins, receipts and ratings are not limited in number.
	Limits string `env:"LIMITS" default:"on"`

	// SharedCommits can be set to "off" to measure what they gain: then every rating and every act is committed by
	// itself.
	SharedCommits string `env:"SHARED_COMMITS" default:"on"`

	// Data is the folder of the record's SQLite file, of files and of the embedded engine. Back it
	// up; the engine's file in it may be lost.
	Data string `env:"DATA" default:"./data"`
	// Keys is the folder of the master keys, outside the data folder. Empty: beside the data
	// folder, its name with "-keys". Whoever loses it loses contacts and free texts; keep its
	// backup apart from the data's.
	Keys string `env:"KEYS"`
	// SubjectKeys is where each rater's own wrapped key lies: a folder, or user:password@tcp(host:3306)/database
	// for a MySQL database of its own, which nodes on several machines need. Empty: beside the folder of the
	// master keys, its name with "-subjects". It has a back-up of its own, kept shorter than the record's, since
	// an erased rater stays readable in each copy of record and keys together.
	SubjectKeys string `env:"SUBJECT_KEYS" secret:"yes"`
	// Erasures is the file that lists erased raters (ids of ratings), which is read before anything is served,
	// so that a restored copy of record and keys does not bring them back. Empty: beside the folder of the
	// master keys, its name with "-erasures.txt". Never restore an older copy of it.
	Erasures string `env:"ERASURES"`
	// DSN of a MySQL 8 or MariaDB database, such as user:password@tcp(127.0.0.1:3306)/haochaping.
	// Empty: SQLite in the data folder, for one process only. A database is migrated by
	// "haochaping migrate"; SQLite is at each start.
	DSN string `env:"DSN" secret:"yes"`

	// Temporal is the engine's frontend, host:port. Empty: the engine inside, which only the
	// standalone program has. While it is away ratings are taken and acts get 503.
	Temporal string `env:"TEMPORAL"`
	// Namespace of the engine. It is created where it is missing. Another namespace is another
	// set of workflows: cases would be driven in both.
	Namespace string `env:"NAMESPACE" default:"haochaping"`

	// Demo fills an empty database with made-up staff and matters and marks it as a demo for ever:
	// one-click sign-ins on loopback. A database that holds anything already stays what it is.
	Demo bool `env:"DEMO" default:"no"`
	// Clock lets the product's time run faster in a demo, for drills: SCALE or SCALE@INSTANT, such
	// as 86400@2026-03-02T09:00:00+08:00 for a day a second. It is fixed in the database at the
	// first start and cannot be changed later. Empty: real time.
	Clock string `env:"CLOCK"`

	// Upstreams is the folder of the systems that may send ratings, handled matters and calls: a file NAME.json each
	// and NAME.key beside it (docs/operations.md). Empty: none, in a demo made-up ones. Whoever reads the keys can
	// send in their name.
	Upstreams string `env:"UPSTREAMS"`
	// Simulate has made-up upstreams of a demo send something every few seconds, so that there is something to see, and lets
	// made-up ratings of the demo's own count.
	Simulate bool `env:"SIMULATE" default:"no"`
	// TelephoneGateway is where a telephone exchange takes calls to connect, https://..., so that clerks never see a
	// rater's number. Empty: clerks read the number, for the minutes of an assignment.
	TelephoneGateway string `env:"TELEPHONE_GATEWAY"`
	// TelephoneKey is the bearer token that the exchange asks for.
	TelephoneKey string `env:"TELEPHONE_KEY" secret:"yes"`
	// TelephoneNumber is the official number that raters see when the office calls: it stands on the receipt's page
	// and in the privacy notice. A wrong one makes them hang up on the office.
	TelephoneNumber string `env:"TELEPHONE_NUMBER" default:"12345"`

	// Checkpoints is the folder into which signed checkpoints of the ledger are written, with the digests of its leaves: what
	// the record can be held against later. Empty: beside the data folder, its name with "-checkpoints". Have it copied to
	// another machine; with the record's own folder alone it would be rewritten together with it.
	Checkpoints string `env:"CHECKPOINTS"`
	// CheckpointEvery is how often a checkpoint is signed, where something came since the last. What is newer than the last
	// checkpoint that somebody else has can be rewritten unseen.
	CheckpointEvery time.Duration `env:"CHECKPOINT_EVERY" default:"5m"`
	// CheckpointMail are addresses, separated by commas, that get the newest checkpoint by the mail server of Mail, such as
	// the provincial office's. Empty: nobody gets any by mail.
	CheckpointMail string `env:"CHECKPOINT_MAIL"`
	// CheckpointMailEvery is how often each of them gets one.
	CheckpointMailEvery time.Duration `env:"CHECKPOINT_MAIL_EVERY" default:"24h"`

	// Mail is the SMTP server by which people are told what lies before them: smtp://user@host:587 (STARTTLS) or
	// smtps://user@host:465. Empty: nobody is told by mail; a demo on loopback writes mails into demo-mails in the
	// data folder.
	Mail string `env:"MAIL"`
	// MailFrom is the address that mails come from. Wrong, and servers refuse them.
	MailFrom string `env:"MAIL_FROM"`
	// MailPasswordFile holds the password of Mail's user.
	MailPasswordFile string `env:"MAIL_PASSWORD_FILE"`
	// SMS is where an office's gateway takes text messages, https://... (docs/notices.md). Empty: none are sent.
	SMS string `env:"SMS"`
	// SMSKeyFile holds the secret, 16 bytes at least, under which requests to the gateway are signed.
	SMSKeyFile string `env:"SMS_KEY_FILE"`
	// Webhook is where another system, such as an office messenger, takes notices, https://... Empty: none.
	Webhook string `env:"WEBHOOK"`
	// WebhookKeyFile holds the secret, 16 bytes at least, under which requests to it are signed.
	WebhookKeyFile string `env:"WEBHOOK_KEY_FILE"`

	// Verify is when the whole record and the engine are checked: a time of day in Asia/Shanghai by
	// the machine's clock, such as 02:30, an interval such as 6h, or off. Several nodes share the
	// turns. Off, only "haochaping verify" finds what has gone wrong.
	Verify string `env:"VERIFY" default:"02:30"`

	// Exchange is the file that names the upstream platforms, which get every rating and every outcome: see
	// docs/exchange.md. It is read and checked at the start. Empty: nobody gets anything, but for a
	// simulator inside the process in a demo on loopback.
	Exchange string `env:"EXCHANGE"`

	// Log is the least level that is written to standard error: debug, info, warn or error.
	// No level writes personal data.
	Log string `env:"LOG" default:"info"`
	// Session is how long a sign-in lasts without being used.
	Session time.Duration `env:"SESSION" default:"30m"`
	// Wait is how long a request waits for an act's outcome before it is answered with 202.
	Wait time.Duration `env:"WAIT" default:"5s"`
}

// Read takes the settings from the environment (os.Getenv) and checks them whole: the error
// names everything that is wrong at once.
func Read(getenv func(string) string) (Settings, error) {
	var s Settings
	var faults []error
	for _, f := range s.fields() {
		text := getenv(prefix + f.name)
		if text == "" {
			text = f.fallback
		}
		if err := f.set(text); err != nil {
			faults = append(faults, fmt.Errorf("%s%s: %w", prefix, f.name, err))
			_ = f.set(f.fallback) // named once: Check finds nothing wrong with the default
		}
	}
	if s.Keys == "" {
		s.Keys = filepath.Clean(s.Data) + "-keys"
	}
	if s.SubjectKeys == "" {
		s.SubjectKeys = filepath.Clean(s.Keys) + "-subjects"
	}
	if s.Checkpoints == "" {
		s.Checkpoints = filepath.Clean(s.Data) + "-checkpoints"
	}
	if s.Erasures == "" {
		s.Erasures = filepath.Clean(s.Keys) + "-erasures.txt"
	}
	return s, errors.Join(append(faults, s.Check())...)
}

// Check tells everything that is wrong with the settings.
func (s Settings) Check() error {
	var faults []error
	wrong := func(name, format string, args ...any) {
		faults = append(faults, fmt.Errorf(prefix+name+": "+format, args...))
	}
	for name, addr := range map[string]string{"ADDR": s.Addr, "TEMPORAL": s.Temporal} {
		_, port, err := net.SplitHostPort(addr)
		if _, wrongPort := strconv.ParseUint(port, 10, 16); addr != "" && (err != nil || wrongPort != nil) {
			wrong(name, "want host:port, the port a number to 65535")
		}
	}
	if s.URL != "" && !isOrigin(s.URL) {
		wrong("URL", "want http or https, a host, no path")
	}
	if s.Limits != "on" && s.Limits != "off" {
		wrong("LIMITS", "want on or off")
	}
	if s.Limits == "off" && !s.loopback() {
		wrong("LIMITS", "can be off on a loopback address only")
	}
	if s.SharedCommits != "on" && s.SharedCommits != "off" {
		wrong("SHARED_COMMITS", "want on or off")
	}
	if s.Data == "" || s.Keys == "" || Inside(s.Keys, s.Data) {
		wrong("KEYS", "must be a folder outside the data folder")
	}
	if why := s.wrongSubjectKeys(); why != "" {
		wrong("SUBJECT_KEYS", "%s", why)
	}
	if Inside(s.Erasures, s.Data) || s.Erasures != "" && Inside(s.Erasures, s.SubjectKeys) {
		wrong("ERASURES", "must be a file outside the data folder and that of the subject keys")
	}
	for name, why := range s.wrongCheckpoints() {
		wrong(name, "%s", why)
	}
	if s.TelephoneGateway != "" && !isGateway(s.TelephoneGateway) {
		wrong("TELEPHONE_GATEWAY", "want https, or http on this machine, and a host; no password, no query")
	}
	if _, err := mysql.ParseDSN(s.DSN); s.DSN != "" && err != nil {
		wrong("DSN", "not of the form user:password@tcp(host:port)/database") // its text holds the password
	}
	for name, why := range s.wrongWays() {
		wrong(name, "%w", why)
	}
	if s.Namespace == "" {
		wrong("NAMESPACE", "must not be empty")
	}
	if _, err := parseClock(s.Clock, time.Now()); err != nil {
		wrong("CLOCK", "%w", err)
	}
	if _, err := parseSchedule(s.Verify); err != nil {
		wrong("VERIFY", "%w", err)
	}
	if _, err := s.upstreams(); err != nil {
		wrong("EXCHANGE", "%w", err)
	}
	if _, err := s.level(); err != nil {
		wrong("LOG", "want debug, info, warn or error")
	}
	if s.Session <= 0 {
		wrong("SESSION", "must be positive")
	}
	if s.Wait <= 0 {
		wrong("WAIT", "must be positive")
	}
	return errors.Join(faults...)
}

// wrongSubjectKeys says what is wrong with the place of the subject keys, without its password.
func (s Settings) wrongSubjectKeys() string {
	if !strings.Contains(s.SubjectKeys, "@") {
		if Inside(s.SubjectKeys, s.Data) || Inside(s.SubjectKeys, s.Keys) {
			return "must be a folder outside the data folder and that of the master keys, or a DSN"
		}
		return ""
	}
	keys, err := mysql.ParseDSN(s.SubjectKeys)
	if err != nil || keys.DBName == "" {
		return "not of the form user:password@tcp(host:port)/database"
	}
	record, err := mysql.ParseDSN(s.DSN)
	if s.DSN != "" && err == nil && record.Addr == keys.Addr && record.DBName == keys.DBName {
		return "must be a database of its own, not the record's"
	}
	return ""
}

// wrongCheckpoints says by setting what is wrong with those of checkpoints.
func (s Settings) wrongCheckpoints() map[string]string {
	wrong := map[string]string{}
	if s.Checkpoints != "" && (Inside(s.Checkpoints, s.Data) || Inside(s.Checkpoints, s.Keys)) {
		wrong["CHECKPOINTS"] = "must be a folder outside the data folder and that of the master keys"
	}
	for name, every := range map[string]time.Duration{"CHECKPOINT_EVERY": s.CheckpointEvery, "CHECKPOINT_MAIL_EVERY": s.CheckpointMailEvery} {
		if every <= 0 {
			wrong[name] = "must be positive"
		}
	}
	for _, address := range s.checkpointMail() {
		if _, err := mailaddress.ParseAddress(address); err != nil {
			wrong["CHECKPOINT_MAIL"] = "want mail addresses, separated by commas"
		}
	}
	return wrong
}

// checkpointMail are the addresses that get checkpoints.
func (s Settings) checkpointMail() (addresses []string) {
	for address := range strings.SplitSeq(s.CheckpointMail, ",") {
		if address = strings.TrimSpace(address); address != "" {
			addresses = append(addresses, address)
		}
	}
	return addresses
}

// LogValue prints the settings with secrets left out.
func (s Settings) LogValue() slog.Value {
	var attrs []slog.Attr
	for _, f := range s.fields() {
		attrs = append(attrs, slog.String(f.name, f.shown()))
	}
	return slog.GroupValue(attrs...)
}

// String lists every variable with its value, secrets left out, one a line.
func (s Settings) String() string {
	var b strings.Builder
	for _, f := range s.fields() {
		fmt.Fprintf(&b, "%s%s=%s\n", prefix, f.name, f.shown())
	}
	return b.String()
}

func (s Settings) level() (level slog.Level, err error) {
	return level, level.UnmarshalText([]byte(s.Log))
}

// loopback tells whether the pages are served to this machine only.
func (s Settings) loopback() bool { return onThisMachine(s.Addr) }

// field is one setting as text.
type field struct {
	name, fallback string
	secret         bool
	value          reflect.Value
}

func (s *Settings) fields() []field {
	v := reflect.ValueOf(s).Elem()
	var all []field
	for i := range v.NumField() {
		tag := v.Type().Field(i).Tag
		all = append(all, field{tag.Get("env"), tag.Get("default"), tag.Get("secret") == "yes", v.Field(i)})
	}
	return all
}

func (f field) set(text string) error {
	switch into := f.value.Addr().Interface().(type) {
	case *string:
		*into = text
	case *bool:
		yes := text == "yes" || text == "true" || text == "1"
		if no := text == "no" || text == "false" || text == "0"; !yes && !no {
			return errors.New("want yes or no")
		}
		*into = yes
	case *time.Duration:
		d, err := time.ParseDuration(text)
		if err != nil {
			return errors.New("want a duration such as 30m")
		}
		*into = d
	}
	return nil
}

func (f field) shown() string {
	if f.secret && !f.value.IsZero() {
		return "(set)"
	}
	return fmt.Sprint(f.value.Interface())
}

func isOrigin(text string) bool {
	u, err := url.Parse(text)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Host != "" && strings.Trim(u.Path, "/") == ""
}

// isGateway: a number never leaves the machine unencrypted.
func isGateway(text string) bool {
	u, err := url.Parse(text)
	return err == nil && u.Host != "" && u.User == nil && u.RawQuery == "" && (u.Scheme == "https" || u.Scheme == "http" && onThisMachine(u.Host))
}

// Inside tells whether a folder or file is a folder or lies in it, however the two are written; where that cannot be told,
// it does.
func Inside(path, folder string) bool {
	from, err := filepath.Abs(folder)
	if err != nil {
		return true
	}
	to, err := filepath.Abs(path)
	if err != nil {
		return true
	}
	way, err := filepath.Rel(from, to)
	return err != nil || way != ".." && !strings.HasPrefix(way, ".."+string(filepath.Separator))
}

// parseClock reads SCALE or SCALE@INSTANT. The product's time is INSTANT (or now) at the instant
// now, and goes on at SCALE times the pace.
func parseClock(text string, now time.Time) (c regulation.Clock, err error) {
	if text == "" {
		return c, nil
	}
	scale, origin, given := strings.Cut(text, "@")
	c.RealOrigin, c.Origin = now.UTC(), now.UTC()
	if c.Scale, err = strconv.ParseFloat(scale, 64); err != nil || c.Scale < 1 || c.Scale > 1e6 {
		return c, errors.New("want a scale from 1 to 1000000")
	}
	if given {
		c.Origin, err = time.Parse(time.RFC3339, origin)
		if err != nil {
			return c, errors.New("want an instant such as 2026-03-02T09:00:00+08:00 after the @")
		}
	}
	return c, nil
}
