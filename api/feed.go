package api

import (
	"cmp"
	"encoding/xml"
	"net/http"
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
	quarter, _ := regulation.ParsePeriod(regulation.QuarterOf(workday.DateOf(r.at)))
	first, _ := quarter.Days() // readers of feeds want a day where nothing came out, too, and one that stays for a while
	f := feed{Lang: string(r.lang), ID: "urn:haochaping:513300:publications:" + authority, Title: web.T(r.lang, "feed.title"), Author: feedAuthor{p.name(cmp.Or(authority, p.prefecture()))},
		Links: []feedLink{{"self", "application/atom+xml", r.http().URL.RequestURI()}, {"alternate", "text/html", "/published"}}}
	for _, d := range found {
		e := a.feedEntry(r, d)
		f.Entries, f.Updated = append(f.Entries, e), max(f.Updated, e.Updated) // a correction keeps the place of what it corrects
	}
	f.Updated = cmp.Or(f.Updated, first.Start().Format(time.RFC3339))
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
	e.Links = []feedLink{{"alternate", "text/html", cmp.Or(b.Link, "/published")}}
	return e
}
