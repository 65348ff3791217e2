package api

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"haochaping/policies"
	"haochaping/regulation"
	"haochaping/web"
)

// archiveBody is one package of a closed case (R59).
type archiveBody struct {
	Version int       `json:"version"`
	MadeAt  time.Time `json:"made_at"`
	Bytes   int64     `json:"bytes"`
	SHA256  string    `json:"sha256"`
	SM3     string    `json:"sm3"`
	Deleted time.Time `json:"deleted_at,omitzero"`
	Href    string    `json:"href,omitempty"`
}

// mayArchive are the assignments under which the reader may have a case's packages.
func (a *API) mayArchive(r *request, c regulation.Case) []regulation.Assignment {
	return a.Guard.Assignments(r.actor, policies.DownloadArchive, c.Subject())
}

// fillArchives lists the packages for those who may have them.
func (a *API) fillArchives(ctx context.Context, r *request, seen seenCase, b *caseBody) error {
	if len(a.mayArchive(r, seen.c)) == 0 {
		return nil
	}
	all, err := a.Store.Archives(ctx, seen.scope, seen.c.ID)
	for _, p := range all {
		line := archiveBody{Version: p.Version, MadeAt: p.MadeAt, Bytes: p.Size, SHA256: p.Digest, SM3: p.SM3, Deleted: p.Deleted}
		if p.Deleted.IsZero() {
			line.Href = fmt.Sprintf("/cases/%s/archives/%d", seen.c.ID, p.Version)
		}
		b.Archives = append(b.Archives, line)
	}
	return err
}

func archivesOf(b caseBody) []web.ArchiveLink {
	var links []web.ArchiveLink
	for _, p := range b.Archives {
		links = append(links, web.ArchiveLink{Version: p.Version, MadeAt: p.MadeAt, Bytes: p.Bytes, Digest: p.SHA256, Href: p.Href, Deleted: p.Deleted})
	}
	return links
}

// showArchive hands out a package. The authority's has the rater's words and the evidence that is
// still kept; oversight's has those words sealed, as they lie in the archive.
func (a *API) showArchive(r *request) (answer, error) {
	seen, err := a.caseFor(r, r.param("id"))
	if err != nil {
		return answer{}, err
	}
	allowed := a.mayArchive(r, seen.c)
	if len(allowed) == 0 {
		return answer{}, a.notYours(policies.DownloadArchive)
	}
	version, err := strconv.Atoi(r.param("version"))
	if err != nil {
		return answer{}, notFound("archive")
	}
	actor := r.actor
	actor.As = allowed[0]
	content, err := a.Store.OpenArchive(r.http().Context(), seen.scope, seen.c.ID, version, seen.reader == regulation.ReaderAuthority, actor)
	if err != nil {
		return answer{}, err
	}
	name := fmt.Sprintf("%s-%d.zip", seen.c.Number, version)
	return answer{file: func(c echo.Context) error {
		c.Response().Header().Set(echo.HeaderContentDisposition, fmt.Sprintf("attachment; filename=%q", name))
		return c.Blob(http.StatusOK, "application/zip", content)
	}}, nil
}
