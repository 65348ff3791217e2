package web

import (
	"bytes"
	"fmt"
	"html/template"
	"sync"
	"time"
)

// ArchiveEvent is one line of an archive package's index.html: an event, event.<Event>.
type ArchiveEvent struct {
	Seq, Position int64
	Event, Clause string
	At            time.Time
	Role, Name    string
	Unit          string
	To            string // phase after it
	Digest        string
}

// ArchiveIndex is what a package's index.html says, for people, in Chinese: it has to be read without
// this product.
type ArchiveIndex struct {
	Number, Edition        string
	Version                int
	MadeAt, Opened, Closed time.Time
	Grade                  int
	Unit, Authority        string
	Finding, Cause, Link   string
	Attribution            string
	Orders, Documents      []string
	Calendars              []string
	Events                 []ArchiveEvent
	Files                  []EvidenceFile
	LedgerSize             int64
	LedgerRoot             string
}

const archivePage = `<!doctype html><html lang="zh-CN"><head><meta charset="utf-8"><title>{{t "archive.title" .Number}}</title>
<style>body{font-family:"Noto Sans CJK SC","Microsoft YaHei",sans-serif;margin:2rem;max-width:70rem;line-height:1.6}table{border-collapse:collapse;width:100%}th,td{border:1px solid #999;padding:.3rem .5rem;text-align:left;vertical-align:top}code{word-break:break-all;font-size:.85em}dt{font-weight:bold;float:left;clear:left;width:9rem}dd{margin-left:9.5rem}</style></head><body>
<h1>{{t "archive.title" .Number}}</h1><p>{{t "archive.made" .Version (datetime .MadeAt)}}</p>
<dl><dt>{{t "col.grade"}}</dt><dd>{{label "grade" .Grade}}</dd><dt>{{t "col.unit"}}</dt><dd>{{.Unit}}</dd><dt>{{t "watch.authority"}}</dt><dd>{{.Authority}}</dd>
<dt>{{t "fact.opened_at"}}</dt><dd>{{datetime .Opened}}</dd><dt>{{t "archive.closed"}}</dt><dd>{{datetime .Closed}}</dd>
{{with .Finding}}<dt>{{t "fact.finding"}}</dt><dd>{{label "choice.finding" .}}</dd>{{end}}{{with .Cause}}<dt>{{t "fact.cause"}}</dt><dd>{{label "choice.cause" .}}</dd>{{end}}{{with .Link}}<dt>{{t "fact.link"}}</dt><dd>{{label "choice.link" .}}</dd>{{end}}{{with .Attribution}}<dt>{{t "fact.attribution"}}</dt><dd>{{label "choice.attribution" .}}</dd>{{end}}
{{with .Orders}}<dt>{{t "archive.orders"}}</dt><dd>{{range .}}{{.}}<br>{{end}}</dd>{{end}}{{with .Documents}}<dt>{{t "archive.documents"}}</dt><dd>{{range .}}{{.}}<br>{{end}}</dd>{{end}}<dt>{{t "archive.edition"}}</dt><dd>{{.Edition}}</dd><dt>{{t "archive.calendars"}}</dt><dd>{{range .Calendars}}{{.}} {{end}}</dd></dl>
<h2>{{t "case.timeline"}}</h2><table><thead><tr><th>#</th><th>{{t "col.at"}}</th><th>{{t "col.what"}}</th><th>{{t "col.person"}}</th><th>{{t "col.clause"}}</th><th>{{t "col.phase"}}</th><th>{{t "archive.position"}}</th></tr></thead><tbody>
{{range .Events}}<tr><td>{{.Seq}}</td><td>{{datetime .At}}</td><td>{{label "event" .Event}}</td><td>{{with .Role}}{{label "role" .}}{{end}} {{.Name}}{{with .Unit}}<br>{{.}}{{end}}</td><td>{{clause .Clause}}</td><td>{{label "phase" .To}}</td><td>{{.Position}}<br><code>{{.Digest}}</code></td></tr>
{{end}}</tbody></table>
<h2>{{t "case.evidence"}}</h2>{{if .Files}}<table><thead><tr><th>{{t "archive.digest"}}</th><th>{{t "archive.type"}}</th><th>{{t "archive.size"}}</th></tr></thead><tbody>{{range .Files}}<tr><td><code>{{.Digest}}</code></td><td>{{.Kind}}</td><td>{{size .Bytes}}</td></tr>{{end}}</tbody></table>{{else}}<p>{{t "case.evidence.none"}}</p>{{end}}
<h2>{{t "archive.proof"}}</h2><p>{{t "archive.proof.text" .LedgerSize}}</p><p><code>{{.LedgerRoot}}</code></p><p>{{t "archive.proof.how"}}</p></body></html>
`

// archiveTemplate has no addresses of the product's: the page stands alone.
var archiveTemplate = sync.OnceValues(func() (*template.Template, error) {
	w := writer{lang: Chinese}
	return template.New("archive").Funcs(template.FuncMap{"t": w.text, "label": w.label, "datetime": w.datetime, "clause": w.clause, "size": size}).Parse(archivePage)
})

// Draw writes the page.
func (a ArchiveIndex) Draw() ([]byte, error) {
	parsed, err := archiveTemplate()
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	if err := parsed.Execute(&b, a); err != nil {
		return nil, fmt.Errorf("archive page: %w", err)
	}
	return b.Bytes(), nil
}
