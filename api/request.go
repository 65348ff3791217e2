package api

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/labstack/echo/v4"

	"haochaping/regulation"
	"haochaping/web"
)

// Bounds of request bodies, in bytes: texts of an act, and the files of one form.
const (
	maxBody  = 256 << 10
	maxFiles = 64 << 20
	inMemory = 4 << 20
)

// request is one request as handlers see it: who asks, when, and in which language.
type request struct {
	echo echo.Context
	// actor has the rights of this instant; it is zero where nobody signed in.
	actor regulation.Actor
	name  string
	// passwords is how often the reader's password was set; firstPassword, that somebody else set
	// it and the reader may do nothing but change it.
	passwords     int
	firstPassword bool

	lang  web.Lang
	theme web.Theme
	// at is the instant of receipt by the product's clock. An act is timely by it.
	at   time.Time
	page bool // a browser asks for HTML
	// session tells that the session was loaded.
	session bool
	id      string
	// list is set where a list is read as a file and no page is drawn of it.
	list *listRead
	// body is read once, on first use.
	body *body
	// own is what the reader's own offices were given, shared what else holds ratings of it, by period; each once it was found.
	own    *ownSide
	shared map[string]sharedKeys
}

// body is what a request carries: fields by name, flat, each with its values in order; and the
// files of a form. Nothing of the address is ever in it.
type body struct {
	fields regulation.Values
	files  map[string][]*multipart.FileHeader
}

func (r *request) http() *http.Request { return r.echo.Request() }

// param is a part of the route's path.
func (r *request) param(name string) string {
	value, err := url.PathUnescape(r.echo.Param(name))
	if err != nil {
		return ""
	}
	return value
}

// query is a value of the address, for lists only.
func (r *request) query(name string) string { return strings.TrimSpace(r.echo.QueryParam(name)) }

// signedIn tells whether somebody asks whom the record knows.
func (r *request) signedIn() bool { return r.actor.Person != "" }

// fields reads the body: a JSON object whose members are texts, numbers, booleans or lists of
// them, or a form. Both give the same values, so that handlers know one shape only.
func (r *request) fields() (regulation.Values, error) {
	if r.body == nil {
		b, err := r.read()
		if err != nil {
			return nil, err
		}
		r.body = b
	}
	return r.body.fields, nil
}

func (r *request) read() (*body, error) {
	kind, _, _ := mime.ParseMediaType(r.http().Header.Get(echo.HeaderContentType))
	writer := r.echo.Response()
	switch kind {
	case echo.MIMEApplicationJSON:
		r.http().Body = http.MaxBytesReader(writer, r.http().Body, maxBody)
		return readJSON(r.http().Body)
	case echo.MIMEApplicationForm:
		r.http().Body = http.MaxBytesReader(writer, r.http().Body, maxBody)
		err := r.http().ParseForm()
		return &body{fields: regulation.Values(r.http().PostForm)}, unreadable(err)
	case echo.MIMEMultipartForm:
		r.http().Body = http.MaxBytesReader(writer, r.http().Body, maxFiles)
		return readMultipart(r.http())
	case "":
		if r.http().ContentLength == 0 {
			return &body{fields: regulation.Values{}}, nil
		}
	}
	return nil, &regulation.Error{Code: unsupported, Missing: "content_type"}
}

func readMultipart(r *http.Request) (*body, error) {
	if err := r.ParseMultipartForm(inMemory); err != nil {
		return nil, unreadable(err)
	}
	return &body{fields: regulation.Values(r.MultipartForm.Value), files: r.MultipartForm.File}, nil
}

func readJSON(from io.Reader) (*body, error) {
	content, err := io.ReadAll(from)
	if err != nil {
		return nil, unreadable(err)
	}
	if len(bytes.TrimSpace(content)) == 0 {
		return &body{fields: regulation.Values{}}, nil
	}
	if !utf8.Valid(content) || !json.Valid(content) { // a decoder passes over bad bytes and what follows the object
		return nil, &regulation.Error{Code: malformed, Missing: "body"}
	}
	var members map[string]any
	decoder := json.NewDecoder(bytes.NewReader(content))
	decoder.UseNumber()
	if err := decoder.Decode(&members); err != nil {
		return nil, unreadable(err)
	}
	fields := regulation.Values{}
	for name, member := range members {
		values, ok := flat(member)
		if !ok {
			return nil, (&regulation.Error{Code: regulation.Invalid, Missing: "fields"}).Field(name, "not_flat")
		}
		fields[name] = values
	}
	return &body{fields: fields}, nil
}

// flat reads a JSON member as a field's values.
func flat(member any) ([]string, bool) {
	switch v := member.(type) {
	case nil:
		return nil, true
	case string:
		return []string{v}, true
	case json.Number:
		return []string{v.String()}, true
	case bool:
		return []string{strconv.FormatBool(v)}, true
	case []any:
		var all []string
		for _, item := range v {
			one, ok := flat(item)
			if _, list := item.([]any); !ok || list {
				return nil, false
			}
			all = append(all, one...)
		}
		return all, true
	}
	return nil, false
}

// unreadable hides what a parser says of a body: it may quote what was typed.
func unreadable(err error) error {
	var large *http.MaxBytesError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &large):
		return &regulation.Error{Code: tooLarge, Missing: "body"}
	}
	return &regulation.Error{Code: malformed, Missing: "body"}
}

// only refuses fields that a route does not know; a name ending in "*" stands for all that
// begin like it.
func only(fields regulation.Values, names ...string) error {
	err := &regulation.Error{Code: regulation.Invalid, Missing: "fields"}
	for field := range fields {
		if !known(field, names) {
			err.Field(field, "unknown_field")
		}
	}
	if err.Fields != nil {
		return err
	}
	return nil
}

func known(field string, names []string) bool {
	for _, name := range names {
		prefix, open := strings.CutSuffix(name, "*")
		if name == field || (open && strings.HasPrefix(field, prefix)) {
			return true
		}
	}
	return false
}

// keyLength bounds an Idempotency-Key, in bytes.
const keyLength = 128

// idempotencyKey is the header's or, of a form, the hidden field's.
func (r *request) idempotencyKey(fields regulation.Values) (string, error) {
	key := strings.TrimSpace(r.http().Header.Get("Idempotency-Key"))
	if key == "" {
		key = fields.Get("idempotency_key")
	}
	err := &regulation.Error{Code: regulation.Invalid, Missing: "fields"}
	switch {
	case key == "":
		return "", err.Field("idempotency_key", "required")
	case len(key) > keyLength:
		return "", err.Field("idempotency_key", "too_long")
	}
	return key, nil
}

// receiptKeyLength is how many characters a key has at least that leads to a receipt: whoever
// repeats key and content gets the receipt again, so the key must be as hard to guess. 22
// characters of 64 kinds are 132 bits; a UUID has 36.
const receiptKeyLength = 22

// receiptKey is the Idempotency-Key of a rating.
func (r *request) receiptKey(fields regulation.Values) (string, error) {
	key, err := r.idempotencyKey(fields)
	wrong := &regulation.Error{Code: regulation.Invalid, Missing: "fields"}
	switch {
	case err != nil:
		return "", err
	case strings.ContainsFunc(key, unfitForKey):
		return "", wrong.Field("idempotency_key", "key_characters")
	case len(key) < receiptKeyLength:
		return "", wrong.Field("idempotency_key", "key_too_short")
	}
	return key, nil
}

func unfitForKey(c rune) bool {
	letter := (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9')
	return !letter && !strings.ContainsRune("-_+/=.", c)
}
