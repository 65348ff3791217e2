package api

import (
	"encoding/hex"
	"net/http"
	"strconv"
	"time"

	"github.com/skip2/go-qrcode"

	"haochaping/regulation"
	"haochaping/store"
)

// enrolledBody is what a device gets for its code, once: docs/devices.md tells its maker what to do with it.
type enrolledBody struct {
	Device  string `json:"device"`
	Key     string `json:"key"`     // 32 bytes as hexadecimal digits
	Counter int64  `json:"counter"` // the device counts on from here
	Time    int64  `json:"time"`    // ours, milliseconds since 1970 UTC
}

// enrolDevice exchanges an enrolment code for a key.
func (a *API) enrolDevice(r *request) (answer, error) {
	fields, err := r.fields()
	if err != nil {
		return answer{}, err
	}
	if err := only(fields, "code", "firmware"); err != nil {
		return answer{}, err
	}
	e, err := a.Store.EnrolDevice(r.http().Context(), plainCode(fields.Get("code")), fields.Get("firmware"))
	if err != nil {
		return answer{}, err
	}
	return answer{status: http.StatusCreated, body: enrolledBody{e.Device, hex.EncodeToString(e.Key), e.Counter, r.at.UnixMilli()}}, nil
}

// receivedBody is what a device gets for a message.
type receivedBody struct {
	Outcome  string `json:"outcome,omitempty"` // rated, opened, not_rated; none for a heartbeat
	Repeated bool   `json:"repeated"`
	Receipt  string `json:"receipt,omitempty"` // for the citizen at the screen, and nobody else
	// ReceiptQR leads to the receipt's page with the receipt filled in.
	ReceiptQR *qrBody `json:"receipt_qr,omitempty"`
	Time      int64   `json:"time"`
	// Roster is for the kind roster only.
	Roster *rosterBody `json:"roster,omitempty"`
}

// qrBody is a QR code as a path of dark modules in a square of so many, its quiet zone included.
type qrBody struct {
	Side int    `json:"side"`
	Path string `json:"path"`
}

// receiptQR is the address of the receipt's page with the receipt as its fragment, which browsers send to no server: it
// reaches no log and no proxy, and the page takes it out of the address.
func (a *API) receiptQR(r *request, receipt string) (*qrBody, error) {
	q, err := qrcode.New(a.address(r)+"/receipt#"+receipt, qrcode.Medium)
	if err != nil {
		return nil, err
	}
	bitmap := q.Bitmap()
	return &qrBody{len(bitmap), qrPath(bitmap)}, nil
}

// rosterBody is what the screen shows (6(1)).
type rosterBody struct {
	Staff   staffBody `json:"staff"`
	Unit    string    `json:"unit"`
	Hall    string    `json:"hall"`
	Window  string    `json:"window"`
	Seconds int       `json:"session_seconds"`
	// Invitation is a session that whoever serves has opened for the citizen; it ends at Until.
	Invitation string    `json:"invitation,omitempty"`
	Until      time.Time `json:"invitation_until,omitzero"`
}

// receiveMessage takes one signed message of a device.
func (a *API) receiveMessage(r *request) (answer, error) {
	m, err := signedMessage(r)
	if err != nil {
		return answer{}, err
	}
	body, err := a.received(r, m)
	a.counts.devices.WithLabelValues(deviceLabel(m.Kind), deviceOutcome(body, err)).Inc()
	if err != nil {
		return answer{}, err
	}
	body.Time = r.at.UnixMilli()
	return answer{body: body}, nil
}

func (a *API) received(r *request, m store.SignedMessage) (body receivedBody, err error) {
	ctx := r.http().Context()
	if m.Kind == regulation.MessageRoster {
		shown, err := a.Store.ReceiveRoster(ctx, m)
		if err == nil {
			body.Roster = a.rosterBody(r, shown)
		}
		return body, err
	}
	f, err := a.form(ctx)
	if err != nil {
		return body, err
	}
	got, err := a.Store.ReceiveMessage(ctx, m, f.choices)
	if err != nil {
		return body, err
	}
	if got.Saved.RatingID != "" {
		a.rated(r, got.Saved, regulation.ChannelEvaluator, got.Grade)
	}
	b := receivedBody{Outcome: got.Outcome, Repeated: got.Repeated, Receipt: got.Saved.Receipt}
	if b.Receipt != "" {
		b.ReceiptQR, err = a.receiptQR(r, b.Receipt)
	}
	return b, err
}

func (a *API) rosterBody(r *request, shown store.Shown) *rosterBody {
	t, p := shown.Target, shown.Profile
	return &rosterBody{Staff: staffBody{ID: p.StaffID, Name: p.NameZH, Post: p.Post, Position: p.Position, Portrait: portraitAddress(p.Portrait), Missing: p.Gaps()},
		Unit: either(r.lang, t.Unit.NameZH, t.Unit.NameEN), Hall: either(r.lang, t.Hall.NameZH, t.Hall.NameEN), Window: windowName(r.lang, t.Window),
		Seconds: shown.Seconds, Invitation: shown.Session, Until: shown.Until}
}

// signedMessage reads the envelope. The body is a text, so that its bytes are those that were signed.
func signedMessage(r *request) (m store.SignedMessage, err error) {
	fields, err := r.fields()
	if err != nil {
		return m, err
	}
	if err := only(fields, "device", "counter", "time", "kind", "body", "mac"); err != nil {
		return m, err
	}
	wrong := &regulation.Error{Code: regulation.Invalid, Clause: regulation.ClauseEvaluator, Missing: "fields"}
	number := func(name string) int64 {
		n, err := strconv.ParseInt(fields.Get(name), 10, 64)
		if err != nil || n < 1 || n > 1<<53 {
			wrong.Field(name, "required")
		}
		return n
	}
	m.Device, m.Counter, m.At, m.Kind = fields.Get("device"), number("counter"), time.UnixMilli(number("time")).UTC(), regulation.MessageKind(fields.Get("kind"))
	m.Body, m.MAC = []byte(firstOf(fields["body"])), fields.Get("mac")
	if wrong.Fields != nil {
		return m, wrong
	}
	return m, nil
}

// deviceLabel keeps what a stranger sends out of the figures' labels.
func deviceLabel(kind regulation.MessageKind) string {
	if kind.Kept() || kind == regulation.MessageHeartbeat || kind == regulation.MessageRoster {
		return string(kind)
	}
	return "unknown"
}

func deviceOutcome(body receivedBody, err error) string {
	switch {
	case err != nil:
		return string(refusalOf(err).Code)
	case body.Repeated:
		return "repeated"
	}
	return "taken"
}
