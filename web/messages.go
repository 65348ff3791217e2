package web

import (
	"embed"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
)

//go:embed messages
var messageFiles embed.FS

// Message is a text as a catalogue key and its arguments ({0}, {1} ... in the catalogue).
type Message struct {
	Key  string
	Args []any
}

// Msg makes a message.
func Msg(key string, args ...any) Message { return Message{Key: key, Args: args} }

// tibetanText is one Tibetan text. Status is "approved by <office, number, date>" or starts
// with "unapproved".
type tibetanText struct {
	Text   string `json:"text"`
	Status string `json:"status"`
}

func (t tibetanText) approved() bool { return strings.HasPrefix(t.Status, "approved") }

type catalogue struct {
	zh, en map[string]string
	bo     map[string]tibetanText
}

// texts is read once at start: the files are embedded, so that a mistake in them is a mistake
// of the build, found by any test that touches a page.
var texts = loadCatalogue()

func loadCatalogue() catalogue {
	var c catalogue
	readMessages("zh", &c.zh)
	readMessages("en", &c.en)
	readMessages("bo", &c.bo)
	return c
}

func readMessages(name string, into any) {
	data, err := messageFiles.ReadFile("messages/" + name + ".json")
	if err == nil {
		err = json.Unmarshal(data, into)
	}
	if err != nil {
		panic(fmt.Sprintf("web: message catalogue %s: %v", name, err))
	}
}

// T is the text of a key in a language, Chinese where the language is Tibetan: Tibetan is
// shown beside the Chinese, never instead. An unknown key shows itself.
func T(lang Lang, key string, args ...any) string {
	text, ok := texts.zh[key]
	if lang == English {
		text, ok = texts.en[key]
	}
	if !ok {
		return key
	}
	return fill(text, args)
}

// Has tells whether the catalogues know a key, so that tests elsewhere can hold every code
// they introduce to having a text.
func Has(key string) bool {
	_, ok := texts.zh[key]
	return ok
}

func fill(text string, args []any) string {
	for i, arg := range args {
		text = strings.ReplaceAll(text, "{"+strconv.Itoa(i)+"}", fmt.Sprint(arg))
	}
	return text
}
