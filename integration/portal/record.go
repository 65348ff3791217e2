package portal

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"strings"

	"haochaping/regulation"
)

// Record is one message as it came, flat, under the upstream's own names.
type Record map[string]string

// Parse reads one message: a flat object of texts, numbers and booleans; false where it is none.
func Parse(raw json.RawMessage) (Record, bool) {
	read := map[string]any{}
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.UseNumber()
	if err := decoder.Decode(&read); err != nil {
		return nil, false
	}
	record := Record{}
	for name, value := range read {
		switch v := value.(type) {
		case nil:
		case string:
			record[name] = strings.TrimSpace(v)
		case json.Number:
			record[name] = v.String()
		case bool:
			record[name] = map[bool]string{true: "1", false: "0"}[v]
		default:
			return nil, false
		}
	}
	return record, true
}

// Digest tells a repetition from another content under the same id; the order of the fields does not count.
func (r Record) Digest() string {
	text, err := json.Marshal(r) // with its keys in order
	if err != nil {
		panic(err) // texts only
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}

// MessageID is the upstream's id of the message, as far as it can stand in the record: whole characters only, for a
// part of one would fail the batch that it came with.
func (u Upstream) MessageID(r Record) string {
	id := r[u.Field("id")]
	return strings.ToValidUTF8(id[:min(len(id), 64)], "")
}

var statuses = map[string]string{"1": "waiting", "2": "in_progress", "3": "concluded", "": ""}

// Rating reads a record of the national exchange. What is wrong comes back by our names of the fields. Who rated is
// taken where the record says that they consented, and dropped before anything else where it does not.
func (u Upstream) Rating(r Record) (regulation.Exchanged, error) {
	wrong := &regulation.Error{Code: regulation.Invalid, Clause: regulation.ClauseWeb, Missing: "fields"}
	get := func(name string) string { return r[u.Field(name)] }
	e := regulation.Exchanged{ID: get("id"), Area: division(get("area")), Dept: get("dept"), Task: get("task"), ProjectNo: regulation.NormalIdentity(get("project_no")),
		Text: get("text"), GivenAt: u.instant(get("given_at"))}
	e.Channel = u.channel(get("channel"), wrong)
	e.Grade = u.grade(get("grade"), wrong)
	for code := range strings.FieldsFuncSeq(get("options"), func(c rune) bool { return c == ',' || c == '，' || c == '|' }) {
		e.Options = append(e.Options, u.option(strings.TrimSpace(code)))
	}
	var known bool
	if e.Status, known = statuses[get("status")]; !known {
		wrong.Field("status", "not_an_option")
	}
	switch get("number") {
	case "", "1":
	case "2":
		e.Second = true
	default:
		wrong.Field("number", "not_an_option")
	}
	if get("consent") == "1" {
		e.Name, e.Phone, e.Identity = get("name"), regulation.NormalPhone(get("phone")), regulation.NormalIdentity(get("identity"))
	}
	if wrong.Fields != nil {
		return e, wrong
	}
	return e, nil
}

func (u Upstream) channel(code string, wrong *regulation.Error) regulation.Channel {
	ours, known := u.Channels[code]
	switch {
	case ours == noRating:
		wrong.Field("channel", "given_by_no_one")
	case known:
		return regulation.Channel(ours)
	case u.Other != "" && code != "":
		return regulation.Channel(u.Other)
	default:
		wrong.Field("channel", "not_an_option")
	}
	return ""
}

func (u Upstream) grade(theirs string, wrong *regulation.Error) string {
	ours, known := u.Grades[theirs]
	if !known {
		wrong.Field("grade", "one_of_five_grades")
	}
	return ours
}

func (u Upstream) option(theirs string) string {
	if ours, named := u.Options[theirs]; named {
		return ours
	}
	return theirs
}

// division cuts the zeros with which platforms fill a division's code to 12 digits.
func division(code string) string {
	if len(code) != 12 {
		return code
	}
	if strings.HasSuffix(code, "000000") {
		return code[:6]
	}
	return code[:9]
}

// Matter reads a report of a handled matter.
func (u Upstream) Matter(r Record) regulation.Handled {
	get := func(name string) string { return r[u.Field(name)] }
	return regulation.Handled{ID: get("id"), Number: regulation.NormalIdentity(get("project_no")), Area: division(get("area")), Dept: get("dept"), Task: get("task"),
		Window: get("window"), Status: statuses[get("status")], Accepted: day(get("accepted")), Concluded: day(get("concluded")),
		Delivered: get("delivered") == "1", Name: get("name"), Phone: get("phone"), At: u.instant(get("reported_at"))}
}

// day is the date of a date or an instant.
func day(text string) string { return text[:min(len(text), len("2006-01-02"))] }
