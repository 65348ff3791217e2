package commands

import (
	"bytes"
	"context"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"strings"
	"time"

	"haochaping/regulation"
	"haochaping/store/seal"
)

// SimulateDevice plays an evaluator over the device interface, for whoever tries the product or a network.
type SimulateDevice struct {
	Address string `arg:"" help:"Where the product is, such as http://127.0.0.1:8080."`
	Code    string `arg:"" help:"Enrolment code, as the device's page shows it."`
	Ratings int    `default:"10" help:"How many ratings it gives, each sent twice."`
}

// Run enrols, sends a heartbeat and the ratings, each a second time too, and prints what became of them.
func (d SimulateDevice) Run() error {
	ctx, stop := Told()
	defer stop()
	var enrolled struct {
		Device, Key string
		Counter     int64
	}
	if err := d.post(ctx, "/device/enrolments", map[string]any{"code": d.Code, "firmware": "simulated"}, &enrolled); err != nil {
		return err
	}
	key, err := hex.DecodeString(enrolled.Key)
	if err != nil {
		return fmt.Errorf("the key that came is none: %w", err)
	}
	send := func(kind regulation.MessageKind, body string, times int) (stored, repeated int, err error) {
		enrolled.Counter++
		m := regulation.DeviceMessage{Device: enrolled.Device, Counter: enrolled.Counter, At: time.Now(), Kind: kind, Body: []byte(body)}
		for range times {
			var answer struct{ Repeated bool }
			err = d.post(ctx, "/device/messages", map[string]any{"device": m.Device, "counter": m.Counter, "time": m.At.UnixMilli(), "kind": string(kind),
				"body": body, "mac": seal.DeviceMAC(key, m.Canonical(seal.BodyDigest(m.Body)))}, &answer)
			if err != nil {
				return stored, repeated, err
			}
			if answer.Repeated {
				repeated++
			} else {
				stored++
			}
		}
		return stored, repeated, nil
	}
	if _, _, err := send(regulation.MessageHeartbeat, `{"firmware":"simulated","waiting":0}`, 1); err != nil {
		return err
	}
	stored, repeated := 0, 0
	for n := range d.Ratings {
		now, again, err := send(regulation.MessageRating, fmt.Sprintf(`{"session":"simulated-%d","grade":%d}`, n, 3+n%3), 2)
		stored, repeated = stored+now, repeated+again
		if err != nil {
			return err
		}
	}
	_, err = fmt.Fprintf(os.Stdout, "%d ratings stored, %d repetitions answered as before\n", stored, repeated)
	return err
}

// post sends JSON and reads the answer; a refusal is an error that carries its codes.
func (d SimulateDevice) post(ctx context.Context, path string, body, into any) error {
	content, err := json.Marshal(body)
	if err != nil {
		return err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, strings.TrimSuffix(d.Address, "/")+path, bytes.NewReader(content))
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Accept", "application/json")
	answer, err := (&http.Client{Timeout: 30 * time.Second}).Do(request)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if answer.StatusCode >= http.StatusBadRequest {
		var problem struct{ Code, Missing, Detail string }
		_ = json.NewDecoder(answer.Body).Decode(&problem) // what is no problem document has no codes
		return fmt.Errorf("%s: %s: %s %s: %s", path, answer.Status, problem.Code, problem.Missing, problem.Detail)
	}
	return json.NewDecoder(answer.Body).Decode(into)
}
