package web

import (
	"slices"
	"strings"
)

// Page is what every page has: its reader's choices and who reads it.
type Page struct {
	Lang   Lang
	Theme  Theme
	Title  string  // empty: the text of title.<template>
	Reader *Reader // nil on citizens' pages and before signing in
	Nav    []NavItem
	Path   string // path and query of this page, where the choice of language or theme returns to
	Flash  *Flash
	Away   *Away  // nil unless the reader is entered as absent
	Live   string // address of the server-sent events that concern this page, or empty
	Excel  string // address of the list that the reader can have as a file, or empty; posted as list to /exports

	name    string
	citizen bool
}

// Reader is the signed-in person.
type Reader struct {
	Name   string
	Roles  []string // codes, shown as role.<code>
	Unit   string
	Unread int
}

// NavItem is one entry of the staff's main menu, shown as nav.<code>.
type NavItem struct {
	Code    string
	Href    string
	Current bool
	Count   int // shown when above zero
	// Group is the part of a long menu to which it belongs, shown as navgroup.<code>; "" for what always stands open.
	Group string
}

// NavGroup is a part of the menu: entries that stand side by side, or, where it has a code, behind a word that opens them.
type NavGroup struct {
	Code    string
	Items   []NavItem
	Current bool
	Count   int // of all its entries
}

// longMenu is how many entries stand side by side at most.
const longMenu = 9

// NavGroups is the menu as it is shown: whole where it is short, else with its groups closed.
func (p *Page) NavGroups() (groups []NavGroup) {
	if len(p.Nav) <= longMenu {
		return []NavGroup{{Items: p.Nav}}
	}
	for _, item := range p.Nav {
		i := slices.IndexFunc(groups, func(g NavGroup) bool { return g.Code == item.Group })
		if i < 0 {
			i, groups = len(groups), append(groups, NavGroup{Code: item.Group})
		}
		g := &groups[i]
		g.Items, g.Current, g.Count = append(g.Items, item), g.Current || item.Current, g.Count+item.Count
	}
	for i := range groups {
		if len(groups[i].Items) == 1 {
			groups[i].Code = "" // a word that opens one entry hides it
		}
	}
	return groups
}

// Flash is a line shown once after a redirect. Tone is ok, info, warn or bad.
type Flash struct {
	Tone string
	Message
}

func (p *Page) page() *Page { return p }

// PageOf is the page that a view is drawn in.
func PageOf(v View) *Page { return v.page() }

// settle fills what follows from the view: its name, and that staff pages have no Tibetan.
func (p *Page) settle(v View) {
	p.name = v.template()
	_, p.citizen = v.(citizenView)
	if p.Lang == "" || (p.Lang == Tibetan && !p.citizen) {
		p.Lang = Chinese
	}
	if p.Path == "" {
		p.Path = "/"
	}
	if p.Title == "" {
		p.Title = T(p.Lang, titleKey(v))
	}
}

func titleKey(v View) string {
	if own, ok := v.(interface{ titleKey() string }); ok {
		return own.titleKey()
	}
	return "title." + v.template()
}

// Name is the page's template name.
func (p *Page) Name() string { return p.name }

// Home is where the reader begins: the first entry of their menu, or the public start.
func (p *Page) Home() string {
	if len(p.Nav) > 0 {
		return p.Nav[0].Href
	}
	return "/"
}

// Citizen tells whether the page is one for citizens: larger, and in Tibetan too.
func (p *Page) Citizen() bool { return p.citizen }

// citizenView marks the pages that citizens see.
type citizenView interface{ forCitizens() }

type citizens struct{}

func (citizens) forCitizens() {}

// Form is what every form has: where it goes, what was typed, and what was wrong with it.
type Form struct {
	Action         string
	IdempotencyKey string
	Hidden         map[string]string
	Values         map[string][]string // as typed, by field
	Errors         map[string]Message  // by field; "" concerns the whole form
}

// Value is what was typed into a field.
func (f Form) Value(name string) string {
	if values := f.Values[name]; len(values) > 0 {
		return values[0]
	}
	return ""
}

// Has tells whether a choice of a field was taken.
func (f Form) Has(name, value string) bool {
	for _, have := range f.Values[name] {
		if have == value {
			return true
		}
	}
	return false
}

// Error is what is wrong with a field, or nil.
func (f Form) Error(name string) *Message {
	if m, ok := f.Errors[name]; ok {
		return &m
	}
	return nil
}

// FieldErrors turns a refusal's codes by field into messages: refusal.<code>.
func FieldErrors(codes map[string]string) map[string]Message {
	errors := make(map[string]Message, len(codes))
	for field, code := range codes {
		errors[field] = Msg("refusal." + code)
	}
	return errors
}

// Option is a choice of a field: a name (Text) or a catalogue key.
type Option struct {
	Value string
	Text  string
	Key   string
	Args  []any
}

// FieldKind is how a field is typed in.
type FieldKind string

const (
	FieldText     FieldKind = "text"
	FieldTextArea FieldKind = "textarea"
	FieldNumber   FieldKind = "number"
	FieldDate     FieldKind = "date"     // civil date, 2006-01-02
	FieldDateTime FieldKind = "datetime" // Beijing time, 2006-01-02T15:04
	FieldSelect   FieldKind = "select"   // one of Options; people too
	FieldRadio    FieldKind = "radio"    // one of few Options
	FieldChecks   FieldKind = "checks"   // any of Options, the name repeated
	FieldCheck    FieldKind = "check"    // one box, value "true"
	FieldYesNo    FieldKind = "yesno"    // "yes" or "no"
	FieldFile     FieldKind = "file"     // one file
	FieldFiles    FieldKind = "files"    // several files
	FieldHidden   FieldKind = "hidden"   // not shown
)

// Field is one field of an act's form. Its label is field.<Name> unless Label names another
// key; its help is field.<Name>.help where the catalogue has one, unless Help does.
type Field struct {
	Name     string
	Kind     FieldKind
	Label    string
	Help     string
	Required bool
	Options  []Option
	Any      string // key of a select's choice of nothing, "choose" unless given
	Min, Max string // of a number or a date
	Length   int    // most characters of a text, 0 for no limit shown
	Accept   string // media types of a file
	Values   []string
	Error    *Message
}

// LabelKey is the key of the field's label.
func (f Field) LabelKey() string {
	if f.Label != "" {
		return f.Label
	}
	return "field." + f.Name
}

// HelpKey is the key of the field's help, or empty.
func (f Field) HelpKey() string {
	if f.Help != "" {
		return f.Help
	}
	if key := f.LabelKey() + ".help"; Has(key) {
		return key
	}
	if strings.HasPrefix(f.Label, "field."+f.Name+".") { // an act's own word for it
		return ""
	}
	if key := "field." + f.Name + ".help"; Has(key) {
		return key
	}
	return ""
}

// Many tells whether the options are so many that they scroll in a frame of their own.
func (f Field) Many() bool { return len(f.Options) > manyOptions }

const manyOptions = 12

// AnyKey is the key of a select's choice of nothing.
func (f Field) AnyKey() string {
	if f.Any != "" {
		return f.Any
	}
	return "choose"
}

// Value is what was typed.
func (f Field) Value() string {
	if len(f.Values) > 0 {
		return f.Values[0]
	}
	return ""
}

// Has tells whether a choice was taken.
func (f Field) Has(value string) bool {
	for _, have := range f.Values {
		if have == value {
			return true
		}
	}
	return false
}

// Tab is one tab above a list, shown with its count.
type Tab struct {
	Code    string
	Href    string
	Count   int
	Current bool
}

// Pager leads through a list by keys; an empty address means that there is no such page.
type Pager struct {
	First, Previous, Next string
}
