package web

import (
	"time"

	"haochaping/regulation"
)

// DocumentLine is an issued document in a list: document.<Kind>.
type DocumentLine struct {
	Kind, Number string
	To           string // addressee, "" for the citizen
	At           time.Time
	Role, By     string // code; name, where the reader may see it
	// Numbers of the one whose place it took and of the one that took its place; document.reason.<Reason>.
	Replaces, ReplacedBy string
	Reason               string
	Href, Word           string
}

// IssueForm issues a document at one click; Stands is the number of the one whose place it takes, or "",
// StandsSince when that was issued.
// With Reasons, document.reason.<code>, one of them has to be given. Posted fields: kind, reason.
type IssueForm struct {
	Form
	Kind, Stands string
	StandsSince  time.Time
	Reasons      []string
}

// DocumentView is an official document to read and to print: the paper, and who prints it when.
type DocumentView struct {
	Page
	Kind      string
	Paper     regulation.Paper
	Word      string // address of the Word file
	Back      string
	PrintedAt time.Time
	PrintedBy string // "" for the citizen
}

func (*DocumentView) template() string { return "document" }

// TemplateRow is a version of a template; version 0 is the product's own.
type TemplateRow struct {
	Kind, Title string
	Version     int
	Author      string
	At          time.Time
	Href        string
}

// TemplatesView lists an authority's templates. Posted field of its form: mark.
type TemplatesView struct {
	Page
	Form
	Authority string
	Example   string // a number with the mark
	Rows      []TemplateRow
}

func (*TemplatesView) template() string { return "document-templates" }

// PlaceholderLine explains a placeholder: placeholder.<Code>.
type PlaceholderLine struct{ Code, Label, Sample string }

// TemplateView edits a template. Posted fields: title, to, body, red_head ("true"), version (the one
// it was made from), preview ("yes" shows it and saves nothing).
type TemplateView struct {
	Page
	Form
	Kind, Clause, Audience string
	Authority              string
	Fields                 []Field
	Placeholders           []PlaceholderLine
	Versions               []TemplateRow
	Preview                *regulation.Paper
}

func (*TemplateView) template() string { return "document-template" }
