package portal

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"net/http"
	"strconv"
	"time"

	"haochaping/workday"
)

// Preset is an upstream that comes with the product, with keys of the caller's: for tests and the demo.
func Preset(id string, keys ...[]byte) (Upstream, error) {
	folder, err := Presets()
	if err != nil {
		return Upstream{}, err
	}
	found, err := read(folder)
	if err != nil {
		return Upstream{}, err
	}
	for _, u := range found {
		if u.ID == id {
			u.keys = keys
			return u, nil
		}
	}
	return Upstream{}, fmt.Errorf("%s: %w", id, fs.ErrNotExist)
}

// Subject is a matter that the double may send ratings and reports of.
type Subject struct {
	Area, Dept, Task, Window string
	ProjectNo                string // "" draws a new number
}

// Double plays an upstream against a running product: right messages, and those that go wrong in life. It is
// hand-written and knows of the product what an upstream is told.
type Double struct {
	Upstream
	Address  string // http://host:port of the product
	Client   *http.Client
	Now      func() time.Time // the product's clock, by which citizens rate
	Wall     func() time.Time // the machines', by which requests are signed
	Random   *rand.Rand
	Subjects []Subject

	n    int
	last []Record // what was sent before, to be sent again
}

// Answer is what the product says of each message.
type Answer struct {
	Status  int
	Results []struct {
		ID, Outcome, Code string
		Fields            map[string]struct{ Code, Detail string }
	}
}

// Send signs messages and sends them, one as an object and several as an array.
func (d *Double) Send(ctx context.Context, path string, messages ...Record) (Answer, error) {
	var content any = messages
	if len(messages) == 1 {
		content = messages[0]
	}
	body, err := json.Marshal(content)
	if err != nil {
		return Answer{}, err
	}
	return d.SendRaw(ctx, path, body)
}

// SendRaw signs a body and sends it.
func (d *Double) SendRaw(ctx context.Context, path string, body []byte) (a Answer, err error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, d.Address+path, bytes.NewReader(body))
	if err != nil {
		return a, err
	}
	r.Header.Set("Content-Type", "application/json")
	Sign(r, d.ID, d.keys[0], body, d.Wall())
	answer, err := d.Client.Do(r)
	if err != nil {
		return a, err
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		return a, err
	}
	if answer.StatusCode == http.StatusOK {
		err = json.Unmarshal(text, &a)
	}
	a.Status = answer.StatusCode
	return a, err
}

// record puts our names of fields into the upstream's.
func (d *Double) record(ours map[string]string) Record {
	r := Record{}
	for name, value := range ours {
		if value != "" {
			r[d.Field(name)] = value
		}
	}
	return r
}

// Time is an instant as the upstream writes it.
func (d *Double) Time(at time.Time) string { return at.In(workday.Shanghai).Format(d.Upstream.Time) }

func (d *Double) nextID() string {
	d.n++
	return fmt.Sprintf("%s-%d-%d", d.ID, d.Wall().UnixMicro(), d.n)
}

// Rating is a right rating of a subject, given at an instant.
func (d *Double) Rating(s Subject, grade int, at time.Time) Record {
	return d.record(map[string]string{"id": d.nextID(), "area": s.Area, "dept": s.Dept, "task": s.Task, "project_no": s.ProjectNo,
		"status": "3", "channel": "2", "grade": strconv.Itoa(grade), "given_at": d.Time(at), "number": "1"})
}

// Report is a report of a matter that was handled today.
func (d *Double) Report(s Subject, number, name string, at time.Time) Record {
	day := workday.DateOf(at).String()
	return d.record(map[string]string{"id": d.nextID(), "area": s.Area, "dept": s.Dept, "task": s.Task, "window": s.Window, "project_no": number,
		"status": "3", "accepted": day, "concluded": day, "name": name, "reported_at": d.Time(at)})
}

// Turn sends what an upstream sends in a while: mostly right ratings, a report of a handled matter, and one in some
// turns of each thing that goes wrong: a repetition, a late one, one before its matter's report, an unknown matter,
// a wrong grade, a time in the future.
func (d *Double) Turn(ctx context.Context) error {
	s := d.Subjects[d.Random.IntN(len(d.Subjects))]
	now := d.Now()
	number := fmt.Sprintf("%s-%s-%05d", s.Area, now.In(workday.Shanghai).Format("20060102"), 50000+d.Random.IntN(50000))
	report, rated := d.Report(s, number, "王小明", now), s
	rated.ProjectNo = number
	first := d.Rating(rated, d.grade(), now)
	messages := []Record{first}
	switch d.Random.IntN(6) {
	case 0:
		messages = append(messages, d.last...)
	case 1:
		late := d.Rating(s, d.grade(), now.Add(-40*24*time.Hour))
		messages = append(messages, late)
	case 2:
		unknown := s
		unknown.Task = "11513300MB0000000Z" + strconv.Itoa(d.Random.IntN(3))
		messages = append(messages, d.Rating(unknown, d.grade(), now))
	case 3:
		wrong := d.Rating(s, 9, now)
		messages = append(messages, wrong)
	case 4:
		messages = append(messages, d.Rating(s, d.grade(), now.Add(48*time.Hour)))
	}
	// The rating may come before the report of its matter.
	steps := []func() error{func() error { _, err := d.Send(ctx, "/inbound/matters", report); return err },
		func() error { _, err := d.Send(ctx, "/inbound/ratings", messages...); return err }}
	if d.Random.IntN(2) == 0 {
		steps[0], steps[1] = steps[1], steps[0]
	}
	d.last = []Record{first}
	for _, step := range steps {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

// grade draws a grade as citizens give them: seldom a bad one.
func (d *Double) grade() int {
	return []int{5, 5, 5, 5, 5, 5, 4, 4, 4, 3, 3, 5, 5, 4, 5, 5, 4, 5, 2, 1}[d.Random.IntN(20)]
}
