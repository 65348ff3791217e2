package e2e

import (
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"haochaping/integration/portal"
	"haochaping/standalone/visit"
	"haochaping/store/seed"
)

// intake gives ratings by every channel that takes words or a contact, but the window's code, which the
// drill uses. An evaluator takes neither.
type intake struct {
	crowd   *crowd
	where   func() string
	now     func() time.Time
	data    seed.Data
	portal  *portal.Double
	calls   *portal.Double
	subject portal.Subject
	n       int
	given   []given // of those who have a receipt themselves
}

const upstreamKey = "31313131313131313131313131313131313131313131313131313131313131aa"

// upstreamFolder holds the presets with a key that the test knows, and without their bound on requests: hundreds of
// raters come at once.
func upstreamFolder(t *testing.T, folder string) string {
	t.Helper()
	presets, err := portal.Presets()
	if err == nil {
		err = os.CopyFS(folder, presets)
	}
	if err != nil {
		t.Fatal(err)
	}
	names, err := fs.Glob(presets, "*.json")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		file := filepath.Join(folder, name)
		preset := map[string]any{}
		text, err := os.ReadFile(file)
		if err == nil {
			err = json.Unmarshal(text, &preset)
		}
		if err == nil {
			preset["requests_per_minute"] = 100_000
			text, err = json.Marshal(preset)
		}
		key := filepath.Join(folder, name[:len(name)-len(".json")]+".key")
		if err := errors.Join(err, os.Chmod(file, 0o600), os.WriteFile(file, text, 0o600), os.WriteFile(key, []byte(upstreamKey+"\n"), 0o600)); err != nil {
			t.Fatal(err)
		}
	}
	return folder
}

func newIntake(t *testing.T, c *crowd, where func() string, now func() time.Time) *intake {
	t.Helper()
	data, err := seed.Load()
	if err != nil {
		t.Fatal(err)
	}
	i := &intake{crowd: c, where: where, now: now, data: data}
	i.portal, i.calls = i.double(t, "portal"), i.double(t, "hotline")
	codes := map[string]string{}
	for _, o := range data.Orgs {
		codes[o.ID] = o.CreditCode
	}
	for _, m := range data.Matters {
		if m.Unit == police {
			i.subject = portal.Subject{Area: county, Dept: codes[police], Task: m.TaskCode, Window: "513301-w03"}
			break
		}
	}
	return i
}

func (i *intake) double(t *testing.T, id string) *portal.Double {
	t.Helper()
	key, err := hex.DecodeString(upstreamKey)
	if err != nil {
		t.Fatal(err)
	}
	u, err := portal.Preset(id, key)
	if err != nil {
		t.Fatal(err)
	}
	return &portal.Double{Upstream: u, Address: "http://" + i.where(), Client: &http.Client{Timeout: patience}, Now: i.now, Wall: time.Now,
		Random: rand.New(rand.NewPCG(1, 2)), Subjects: []portal.Subject{i.subject}}
}

// grade is bad for every fourth.
func (i *intake) grade() int {
	i.n++
	return []int{5, 4, 1, 3}[i.n%4]
}

// all has everybody rate who is left, by one channel after another, and returns how many by each.
func (i *intake) all(t *testing.T) map[string]int {
	t.Helper()
	counts := map[string]int{}
	channels := []struct {
		name string
		rate func(*testing.T, *madeUp)
	}{{"inbound API", i.inbound}, {"hotline", i.hotline}, {"web, by number and name", i.matter}}
	for n := 0; ; n++ {
		channel := channels[n%len(channels)]
		r := i.crowd.take(county, channel.name != "inbound API")
		if r == nil {
			return counts
		}
		channel.rate(t, r)
		counts[channel.name]++
	}
}

// inbound sends the rating as the provincial portal does, with everything that it knows of the rater.
func (i *intake) inbound(t *testing.T, r *madeUp) {
	t.Helper()
	record := i.portal.Rating(i.subject, i.grade(), i.now())
	for name, value := range map[string]string{"name": r.name, "phone": r.phone, "identity": r.identity, "text": r.said(), "consent": "true"} {
		record[i.portal.Field(name)] = value
	}
	i.accepted(t, i.portal, "/inbound/ratings", record)
}

func (i *intake) accepted(t *testing.T, d *portal.Double, path string, record portal.Record) {
	t.Helper()
	answer, err := d.Send(t.Context(), path, record)
	if err != nil || answer.Status != http.StatusOK || len(answer.Results) != 1 || answer.Results[0].Outcome != "accepted" {
		t.Fatalf("%s: %+v %v", path, answer, err)
	}
}

// hotline has somebody call, whose number the call system sends, and an agent write down what they say.
func (i *intake) hotline(t *testing.T, r *madeUp) {
	t.Helper()
	call, agent := fmt.Sprintf("scan-%d", i.n), signIn(t, i.where, "gz-agent-1")
	event := portal.Record{"eventId": call, "event": "call", "eventTime": i.calls.Time(i.now()), "callId": call, "agentId": "gz-agent-1",
		"beginTime": i.calls.Time(i.now()), "callerNumber": r.phone}
	i.accepted(t, i.calls, "/hotline/calls", event)
	form := r.contact()
	for name, value := range map[string]any{"call": call, "target_kind": "matter", "object": "window:513301-w03", "grade": i.grade(), "text": r.said(),
		"language": "zh", "notice_read": "true"} {
		form[name] = value
	}
	agent.must(t, http.MethodPost, "/hotline/ratings", visit.Key(), form)
}

// matter has the portal report a handled matter with its applicant, who finds it by number and name and
// rates it.
func (i *intake) matter(t *testing.T, r *madeUp) {
	t.Helper()
	number := fmt.Sprintf("%s-%s-%05d", county, i.now().Format("20060102"), 50_000+i.n)
	i.accepted(t, i.portal, "/inbound/matters", i.portal.Report(i.subject, number, r.name, i.now()))
	citizen := newPerson(i.where)
	var opened struct{ Code string }
	citizen.must(t, http.MethodPost, "/matter", visit.Key(), fields{"number": number, "name": r.name}).read(t, &opened)
	form := r.contact()
	form["text"] = r.said()
	var made rating
	citizen.must(t, http.MethodPost, "/ratings", visit.Key(), visit.Rating(opened.Code, strconv.Itoa(i.grade()), form)).read(t, &made)
	i.given = append(i.given, given{rater: r, receipt: made.Receipt})
}
