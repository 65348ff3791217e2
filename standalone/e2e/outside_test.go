package e2e

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"mime/quotedprintable"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"haochaping/integration/mail"
	"haochaping/integration/notice"
	"haochaping/integration/sms"
	"haochaping/integration/webhook"
	"haochaping/regulation"
	"haochaping/store"
)

// outside are the systems by which the product tells people: an SMS gateway, a webhook and a mail server. They show the
// net everything that they are sent.
type outside struct {
	dragnet    *dragnet
	gateway    *notice.Double
	hook       *notice.Double
	post       *mail.Double
	addresses  map[string]string // by way
	mu         sync.Mutex
	texts      []textMessage // to the gateway, whose numbers were not looked at yet
	told       map[string]int
	mailRelays sync.WaitGroup
}

// textMessage is a request to the gateway: the notice, and the number in the place for it.
type textMessage struct{ reference, phone string }

const (
	outsideSecret = "sixteen bytes of another secret"
	mailSender    = "hcp@office.example"
	// byGateway is where a number goes out to be told; sentBy is everything else of what goes out by a way.
	byGateway = "sent by sms, the field phone"
	sentBy    = "sent by "
)

// newOutside starts them, and has the site tell people by them.
func newOutside(t *testing.T, n *dragnet, s *site) *outside {
	t.Helper()
	post, err := mail.NewDouble(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	o := &outside{dragnet: n, gateway: &notice.Double{Secret: []byte(outsideSecret)}, hook: &notice.Double{Secret: []byte(outsideSecret)}, post: post,
		told: map[string]int{}}
	t.Cleanup(o.mailRelays.Wait) // the last of these: those below have them end
	gateway, hook := httptest.NewServer(o.overheard(store.WaySMS, o.gateway)), httptest.NewServer(o.overheard(store.WayWebhook, o.hook))
	o.addresses = map[string]string{store.WaySMS: gateway.URL + "/send", store.WayWebhook: hook.URL + "/told", store.WayMail: "smtp://" + o.relay(t, post.Addr())}
	t.Cleanup(func() {
		gateway.Close()
		hook.Close()
		post.Close()
	})
	secret := filepath.Join(s.folder, "outside.secret")
	if err := os.WriteFile(secret, []byte(outsideSecret), 0o600); err != nil {
		t.Fatal(err)
	}
	at := freeAddress(t) // notices name the product's own, so that it has to be known before
	for name, value := range map[string]string{"ADDR": at, "URL": "http://" + at, "SMS": o.addresses[store.WaySMS], "SMS_KEY_FILE": secret,
		"WEBHOOK": o.addresses[store.WayWebhook], "WEBHOOK_KEY_FILE": secret, "MAIL": o.addresses[store.WayMail], "MAIL_FROM": mailSender} {
		s.env["HAOCHAPING_"+name] = value
	}
	return o
}

// overheard is a receiver that shows the net what it gets. Of a request to the gateway the number in its place is kept
// for numbers; the same number anywhere else is found.
func (o *outside) overheard(way string, receiver http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			http.Error(w, "unread", http.StatusBadRequest)
			return
		}
		shown := body
		if way == store.WaySMS {
			var m struct{ Reference, Phone string }
			if json.Unmarshal(body, &m) == nil && m.Phone != "" {
				shown = bytes.Replace(body, []byte(`"phone":"`+m.Phone+`"`), []byte(`"phone":""`), 1)
				o.mu.Lock()
				o.texts = append(o.texts, textMessage{m.Reference, m.Phone})
				o.mu.Unlock()
			}
		}
		var whole bytes.Buffer
		fmt.Fprintf(&whole, "%s %s\n", r.Method, r.URL)
		_ = r.Header.Write(&whole) // a buffer takes everything
		o.show(way, append(whole.Bytes(), shown...))
		r.Body = io.NopCloser(bytes.NewReader(body))
		receiver.ServeHTTP(w, r)
	})
}

func (o *outside) show(way string, content []byte) {
	o.dragnet.look(place{thing: sentBy + way}, content)
	o.mu.Lock()
	defer o.mu.Unlock()
	o.told[way]++
}

// relay listens before a mail server, and shows the net what each conversation brought it, envelope and all.
func (o *outside) relay(t *testing.T, to string) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	o.mailRelays.Go(func() {
		for {
			client, err := listener.Accept()
			if err != nil {
				return
			}
			o.mailRelays.Go(func() { o.conversation(client, to) })
		}
	})
	return listener.Addr().String()
}

func (o *outside) conversation(client net.Conn, to string) {
	defer client.Close()
	server, err := net.Dial("tcp", to)
	if err != nil {
		return
	}
	defer server.Close()
	go func() {
		_, _ = io.Copy(client, server) // until either hangs up
		_ = client.Close()
	}()
	var said bytes.Buffer
	_, _ = io.Copy(io.MultiWriter(&said, server), client)
	o.show(store.WayMail, said.Bytes())
}

// listeners are staff who are told, besides the webhook, by mail or SMS too.
var listeners = []struct {
	login string
	ways  []string
}{
	{supervisor, []string{store.WayMail, store.WaySMS}}, {verifier, []string{store.WayMail}}, {clerk, []string{store.WayMail}},
	{boxKeeper, []string{store.WayMail, store.WaySMS}}, {head, []string{store.WayMail}}, {boxManager, nil}, {discipline, nil}, {authority, nil},
}

// wanted are the choices of somebody who wants to be told everything by every way, at any hour.
func wanted() fields {
	form := fields{"language": "bo", "quiet_from": "00:00", "quiet_until": "00:00", "quiet_days": "false", "urgent": "true"}
	for _, way := range store.Ways {
		form[way] = regulation.ToldKinds
	}
	return form
}

// subscribe has the listeners want to be told. The webhook needs no address and tells them from now on; a sign-in may be
// over before the next request while a day passes in a second, so it is tried again.
func subscribe(t *testing.T, where func() string) {
	t.Helper()
	for _, l := range listeners {
		eventually(t, l.login+" told", func() bool {
			answer, err := signIn(t, where, l.login).send(http.MethodPost, "/notifications", "", wanted())
			return err == nil && answer.Status == http.StatusNoContent
		})
	}
}

// addressOf is where a listener is told by a way.
func addressOf(way string, nth int) string {
	if way == store.WaySMS {
		return fmt.Sprintf("1390000000%d", nth)
	}
	return fmt.Sprintf("listener-%d@office.example", nth)
}

// confirm has the listeners give their addresses, and type the codes that are sent there.
func (o *outside) confirm(t *testing.T, where func() string) {
	t.Helper()
	for i, l := range listeners {
		for _, way := range l.ways {
			signIn(t, where, l.login).must(t, http.MethodPost, "/notifications/"+way, "", fields{"address": addressOf(way, i)})
		}
	}
	for i, l := range listeners {
		for _, way := range l.ways {
			code := ""
			eventually(t, "sent a code by "+way, func() bool { code = o.codeAt(way, addressOf(way, i)); return code != "" })
			signIn(t, where, l.login).must(t, http.MethodPost, "/notifications/"+way+"/confirm", "", fields{"code": code})
		}
	}
}

var sixDigits = regexp.MustCompile(`\b\d{6}\b`)

// codeAt is the code that an address was sent, "" before.
func (o *outside) codeAt(way, address string) string {
	if way == store.WaySMS {
		for _, m := range o.gateway.Taken() {
			if m["phone"] == address {
				return sixDigits.FindString(fmt.Sprint(m["text"]))
			}
		}
		return ""
	}
	for _, m := range o.post.Taken() {
		head, body, _ := strings.Cut(m, "\n\n")
		if strings.Contains(head, "<"+address+">") {
			text, err := io.ReadAll(quotedprintable.NewReader(strings.NewReader(body)))
			if err == nil {
				return sixDigits.FindString(string(text))
			}
		}
	}
	return ""
}

// fail has each of them refuse something, and repeat in its answer what it was sent: nothing of that may be kept.
func (o *outside) fail() {
	o.gateway.Answer(http.StatusInternalServerError, http.StatusBadRequest)
	o.hook.Answer(http.StatusServiceUnavailable, http.StatusBadRequest)
	o.post.Reply("RCPT", "450 4.2.0 later", "550 5.1.1 no such mailbox")
}

// numbers looks at the numbers that the gateway was sent: each may be that of the rater whose notice it was, as their words in
// the record tell, and of nobody else. It returns the cases whose raters were told.
func (o *outside) numbers(t *testing.T, s *site) []string {
	t.Helper()
	o.mu.Lock()
	texts := o.texts
	o.texts = nil
	o.mu.Unlock()
	rows := s.record(t)
	record, _ := s.open(t)
	defer record.Close()
	var cases []string
	for _, m := range texts {
		at := place{thing: byGateway}
		for _, id := range rows.texts(t, "SELECT case_id FROM notice_deliveries WHERE id = ? AND case_id IS NOT NULL", m.reference) {
			cases = append(cases, id)
			at.contact = o.raterOf(t, record, id)
		}
		o.dragnet.look(at, []byte(m.phone))
	}
	slices.Sort(cases)
	return slices.Compact(cases)
}

// raterOf is who rated in a case, by their words.
func (o *outside) raterOf(t *testing.T, record *store.Store, caseID string) *madeUp {
	t.Helper()
	c, err := record.CaseByID(t.Context(), regulation.Scope{All: true}, caseID)
	var rated regulation.Rating
	if err == nil {
		rated, err = record.RatingOf(t.Context(), c)
	}
	if err != nil {
		t.Fatal(err)
	}
	text, err := record.RatingText(t.Context(), rated.ID)
	if err != nil {
		t.Fatal(err)
	}
	for _, hit := range o.dragnet.searcher.Search([]byte(text)) {
		if who, field := o.dragnet.crowd.of(hit.Token); field == fieldWords {
			return who
		}
	}
	return nil
}

// reached fails the test unless the raters of the cases were told, staff by every way, and the box's keeper among them; and
// each way was refused something for good.
func (o *outside) reached(t *testing.T, s *site, told, cases []string) {
	t.Helper()
	for _, id := range cases {
		if !slices.Contains(told, id) {
			t.Errorf("the rater of case %s was not told", id)
		}
	}
	rows := s.record(t)
	for _, l := range listeners {
		for _, way := range append([]string{store.WayWebhook}, l.ways...) {
			states := rows.texts(t, `SELECT d.state FROM notice_deliveries d JOIN accounts a ON a.person = d.person WHERE a.login = ? AND d.way = ? AND d.is_code = 0
				AND d.state IN ('sent', 'parked')`, l.login, way)
			if len(states) == 0 {
				t.Errorf("%s was not told by %s", l.login, way)
			}
		}
	}
	refused := rows.texts(t, "SELECT DISTINCT way FROM notice_deliveries WHERE code = ? AND state IN ('parked', 'dropped')", notice.Refused)
	if slices.Sort(refused); !slices.Equal(refused, []string{store.WayMail, store.WaySMS, store.WayWebhook}) {
		t.Errorf("refused for good by %v alone", refused)
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	t.Logf("told by %v requests and conversations; raters of %d cases by text message", o.told, len(told))
}

// tell sends a notice to a receiver as the product would.
func (o *outside) tell(t *testing.T, way string, n notice.Notice) {
	t.Helper()
	n.ID, n.At, n.Language = "planted-"+way, time.Now(), "zh"
	send := sms.New(o.addresses[way], []byte(outsideSecret)).Send
	switch way {
	case store.WayWebhook:
		send = webhook.New(o.addresses[way], []byte(outsideSecret)).Send
	case store.WayMail:
		server, err := mail.New(o.addresses[way], "", mailSender, func(string) bool { return true })
		if err != nil {
			t.Fatal(err)
		}
		send = server.Send
	}
	eventually(t, "taken by "+way, func() bool { return send(t.Context(), n) == nil }) // fail may have something refused still
}

// A number is allowed in one place, the gateway's field of the rater's own notice; anywhere else, or another's there, it is a
// leak.
func TestOneNumberInOnePlace(t *testing.T) {
	c := newCrowd(2, 0, nil)
	own, other := c.raters[0], c.raters[1]
	for _, p := range []struct {
		at    place
		shown string
		leaks int
	}{
		{place{thing: byGateway, contact: own}, own.phone, 0},
		{place{thing: byGateway, contact: own}, other.phone, 1},
		{place{thing: byGateway}, own.phone, 1},
		{place{thing: byGateway, contact: own}, own.phone + own.name, 1},
		{place{thing: sentBy + store.WaySMS, contact: own}, own.phone, 1},
		{place{thing: sentBy + store.WayWebhook, contact: own}, own.phone, 1},
		{place{thing: sentBy + store.WayMail, contact: own}, own.phone, 1},
		{place{thing: "record.db table notice_deliveries", contact: own}, own.phone, 1},
		{place{thing: "log", contact: own}, own.phone, 1},
	} {
		n := newDragnet(c)
		if n.look(p.at, []byte(p.shown)); len(n.leaks) != p.leaks {
			t.Errorf("%s: %v, want %d", p.at, n.leaks, p.leaks)
		}
	}
}
