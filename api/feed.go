package api

import (
	"cmp"
	"encoding/xml"
	"net/http"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"haochaping/regulation"
	"haochaping/store"
	"haochaping/web"
	"haochaping/workday"
)

// feed is an Atom feed (RFC 4287).
type feed struct {
	XMLName xml.Name    `xml:"http://www.w3.org/2005/Atom feed"`
	Lang    string      `xml:"http://www.w3.org/XML/1998/namespace lang,attr"`
	ID      string      `xml:"id"`
	Title   string      `xml:"title"`
	Updated string      `xml:"updated"`
	Author  feedAuthor  `xml:"author"`
	Links   []feedLink  `xml:"link"`
	Entries []feedEntry `xml:"entry"`
}

type feedAuthor struct {
	Name string `xml:"name"`
}

type feedLink struct {
	Rel  string `xml:"rel,attr"`
	Type string `xml:"type,attr,omitempty"`
	Href string `xml:"href,attr"`
}

type feedEntry struct {
	ID      string     `xml:"id"`
	Title   string     `xml:"title"`
	Updated string     `xml:"updated"`
	Author  feedAuthor `xml:"author"`
	Links   []feedLink `xml:"link"`
	Summary string     `xml:"summary"`
}

// fedAtOnce is how many publications a feed has: on the day on which a quarter's figures come out there are some sixty.
const fedAtOnce = 200

// beforeAny is when a feed without entries changed last: the day of the regulation. A feed has to say an instant, and the same one to whoever asks
// again.
const beforeAny = "2019-12-27T00:00:00+08:00"

// showFeed is the publication log as a feed: of all authorities, or of one (9(1), R47).
func (a *API) showFeed(r *request) (answer, error) {
	authority, p := r.query("authority"), a.places(r)
	if office, known := p.org(authority); authority != "" && (!known || office.Kind != regulation.OrgAuthority) {
		return answer{}, notFound("authority")
	}
	found, _, err := a.Store.PublicationLog(r.http().Context(), authority, store.ListQuery{Limit: fedAtOnce})
	if err != nil {
		return answer{}, err
	}
	f := feed{Lang: string(r.lang), ID: "urn:haochaping:513300:publications:" + authority, Title: web.T(r.lang, "feed.title"), Author: feedAuthor{p.name(cmp.Or(authority, p.prefecture()))},
		Updated: beforeAny, Links: []feedLink{{"self", "application/atom+xml", a.feedAddress(r.http().URL.RequestURI())}, {"alternate", "text/html", a.feedAddress("/published")}}}
	for _, d := range found {
		e := a.feedEntry(r, d)
		f.Entries, f.Updated = append(f.Entries, e), max(f.Updated, e.Updated) // a correction keeps the place of what it corrects
	}
	text, err := xml.MarshalIndent(f, "", " ")
	if err != nil {
		return answer{}, err
	}
	text = append([]byte(xml.Header), text...)
	return answer{file: func(c echo.Context) error {
		c.Response().Header().Add(echo.HeaderVary, "Accept-Language, Cookie")
		if keptBefore(r, text) {
			return c.NoContent(http.StatusNotModified)
		}
		return c.Blob(http.StatusOK, "application/atom+xml; charset=utf-8", text)
	}}, nil
}

func (a *API) feedEntry(r *request, d regulation.Docket) feedEntry {
	b := a.publishedLine(r, d)
	e := feedEntry{ID: "urn:haochaping:513300:publication:" + d.ID, Title: web.T(r.lang, "choice.publication."+string(b.Kind)), Author: feedAuthor{nameOf(b.Authority)}, Summary: "SHA-256 " + b.Digest}
	if b.Period != "" {
		e.Title += " · " + periodWords(r.lang, b.Period)
	}
	e.Title += " · " + nameOf(b.Authority)
	switch {
	case b.Withdrawn:
		e.Title += web.T(r.lang, "feed.entry.withdrawn")
	case b.Correction:
		e.Title += web.T(r.lang, "feed.entry.correction")
	}
	day, _ := workday.ParseDate(b.On) // written by us
	e.Updated = day.Start().Format(time.RFC3339)
	if at, err := time.Parse(time.RFC3339, d.Facts["withdrawn_at"]); err == nil { // those of earlier releases have none
		e.Updated = at.In(workday.Shanghai).Format(time.RFC3339) // who has the entry is told anew
	}
	e.Links = []feedLink{{"alternate", "text/html", a.feedAddress(cmp.Or(b.Link, "/published"))}}
	return e
}

// feedAddress is an address as readers of feeds take it: whole where it is elsewhere or the product knows how it is reached, else relative to the feed.
func (a *API) feedAddress(address string) string {
	if !strings.HasPrefix(address, "/") {
		return address
	}
	return strings.TrimSuffix(a.Address, "/") + address
}
