package api

import (
	"net/http"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"haochaping/regulation"
	"haochaping/store"
	"haochaping/web"
)

// checkpointBody is a signed checkpoint of the ledger; Note is the text that is signed, with the signature.
type checkpointBody struct {
	Size int64     `json:"size"`
	Root string    `json:"root"`
	At   time.Time `json:"at"`
	Note string    `json:"note"`
}

// signingKeyBody is a public key; Change is the note by which the key before it signed for it.
type signingKeyBody struct {
	Public string    `json:"public"`
	Change string    `json:"change,omitempty"`
	From   time.Time `json:"from"`
}

type checkpointsBody struct {
	Keys        []signingKeyBody `json:"keys"`
	Checkpoints []checkpointBody `json:"checkpoints"`
	Next        string           `json:"next,omitempty"`
}

// checkpointsShown is how many checkpoints a page lists.
const checkpointsShown = 50

// showCheckpoints lists the signed checkpoints of the ledger and the keys that signed them (9(2)). It is the same for everybody
// and names nobody.
func (a *API) showCheckpoints(r *request) (answer, error) {
	ctx := r.http().Context()
	keys, err := a.Store.SigningKeys(ctx)
	if err != nil {
		return answer{}, err
	}
	before, _ := strconv.ParseInt(r.query("before"), 10, 64) // anything else is the first page
	points, err := a.Store.Checkpoints(ctx, max(before, 0), checkpointsShown+1)
	if err != nil {
		return answer{}, err
	}
	body := checkpointsBody{Keys: []signingKeyBody{}, Checkpoints: []checkpointBody{}}
	sizes := make([]int64, 0, len(points)+1)
	for _, p := range points {
		sizes = append(sizes, p.Size)
	}
	sizes = append(sizes, 0) // before the first there is none
	if len(points) > checkpointsShown {
		points = points[:checkpointsShown]
		body.Next = "/checkpoints?before=" + strconv.FormatInt(points[checkpointsShown-1].Size, 10)
	}
	view := &web.CheckpointsView{Page: a.pageFor(r), Pager: web.Pager{Next: body.Next}}
	for _, k := range keys {
		body.Keys = append(body.Keys, signingKeyBody{k.Public, k.Change, k.MadeAt})
		view.Keys = append(view.Keys, web.SigningKeyLine{Public: k.Public, Change: k.Change, From: k.MadeAt})
	}
	for i, p := range points {
		body.Checkpoints = append(body.Checkpoints, checkpointBody{p.Size, p.Root.String(), p.At, p.Note})
		view.Lines = append(view.Lines, web.CheckpointLine{Size: p.Size, Root: p.Root.String(), At: p.At, Href: "/checkpoints/" + strconv.FormatInt(p.Size, 10), Before: sizes[i+1]})
	}
	if before <= 0 && len(view.Lines) > 0 {
		view.Latest, view.Note = &view.Lines[0], points[0].Note
	}
	return answer{body: body, view: view, shared: true}, nil
}

// readCheckpoint hands out one as it was signed, by its size or as "latest".
func (a *API) readCheckpoint(r *request) (answer, error) {
	point, err := a.checkpointNamed(r, r.param("size"))
	if err != nil {
		return answer{}, err
	}
	return plainText(r, point.Note), nil
}

func (a *API) checkpointNamed(r *request, name string) (store.Checkpoint, error) {
	ctx := r.http().Context()
	none := &regulation.Error{Code: regulation.NotFound, Missing: "checkpoint"}
	if name == "latest" {
		points, err := a.Store.Checkpoints(ctx, 0, 1)
		if err == nil && len(points) == 0 {
			err = none
		}
		if err != nil {
			return store.Checkpoint{}, err
		}
		return points[0], nil
	}
	size, err := strconv.ParseInt(name, 10, 64)
	if err != nil {
		return store.Checkpoint{}, none
	}
	return a.Store.CheckpointOf(ctx, size)
}

// proveExtends hands out the proof that one checkpoint extends an earlier one.
func (a *API) proveExtends(r *request) (answer, error) {
	later, err := a.checkpointNamed(r, r.param("size"))
	if err != nil {
		return answer{}, err
	}
	earlier, err := a.checkpointNamed(r, r.param("earlier"))
	if err != nil {
		return answer{}, err
	}
	proof, err := a.Store.ProveExtends(r.http().Context(), later.Size, earlier.Size)
	if err != nil {
		return answer{}, err
	}
	return plainText(r, proof.Text()), nil
}

// plainText hands out a text that is the same for everybody; who has it already is told so.
func plainText(r *request, text string) answer {
	return answer{file: func(c echo.Context) error {
		if keptBefore(r, []byte(text)) {
			return c.NoContent(http.StatusNotModified)
		}
		return c.Blob(http.StatusOK, echo.MIMETextPlainCharsetUTF8, []byte(text))
	}}
}

// ledgerBody is how a rating stands in the ledger.
type ledgerBody struct {
	State store.StandingState `json:"state"`
	// Position is where it stands, from 0 on; left out while it is pending.
	Position *int64 `json:"position,omitempty"`
	// Size and At are of the first signed checkpoint that covers it.
	Size int64     `json:"checkpoint_size,omitempty"`
	At   time.Time `json:"checkpoint_at,omitzero"`
	// Counted tells that the figures count it.
	Counted bool `json:"counted"`
	// Sealed is the first version of its month's sealed figures in which it is.
	Sealed *sealedIn `json:"sealed,omitempty"`
	Proof  string    `json:"proof,omitempty"` // where the proof is
}

type sealedIn struct {
	Month   string    `json:"month"`
	Version int64     `json:"version"`
	At      time.Time `json:"at"`
}

const proofPath = "/receipt/proof"

// ledgerOf is how the rating of the receipt stands in the ledger.
func (a *API) ledgerOf(r *request, ratingID string) (*ledgerBody, error) {
	s, err := a.Store.StandingOf(r.http().Context(), ratingID)
	if err != nil {
		return nil, err
	}
	b := &ledgerBody{State: s.State, Counted: s.Counted}
	if s.Position >= 0 {
		b.Position = &s.Position
	}
	if s.Sealed.Version > 0 && s.State != store.StandsBroken {
		b.Sealed = &sealedIn{s.Sealed.Period, s.Sealed.Version, s.Sealed.At}
	}
	if s.State == store.StandsSigned {
		b.Size, b.At, b.Proof = s.Point.Size, s.Point.At, proofPath
	}
	return b, nil
}

// readProof hands out the proof that the rating of the receipt is in the ledger. It names no rater, no case and nobody who was
// rated: a digest, a number and a signature; by them alone nobody finds out whose it is.
func (a *API) readProof(r *request) (answer, error) {
	s, err := a.Store.StandingOf(r.http().Context(), a.ratingOf(r))
	if err == nil && s.State != store.StandsSigned {
		err = &regulation.Error{Code: regulation.NotNow, Clause: regulation.ClauseRights, Missing: "ledger_" + string(s.State)}
	}
	if err != nil {
		return answer{}, err
	}
	return answer{file: func(c echo.Context) error {
		h := c.Response().Header()
		h.Set("Cache-Control", "no-store")
		h.Set(echo.HeaderContentDisposition, `attachment; filename="proof.txt"`)
		return c.Blob(http.StatusOK, echo.MIMETextPlainCharsetUTF8, []byte(s.Proof.Text()))
	}}, nil
}

// ledgerStanding draws the same.
func ledgerStanding(b *ledgerBody) *web.LedgerStanding {
	v := &web.LedgerStanding{State: string(b.State), At: b.At, Counted: b.Counted, Proof: b.Proof}
	if b.Position != nil {
		v.Number = *b.Position + 1
	}
	if b.Sealed != nil {
		v.Month, v.Version, v.SealedAt = b.Sealed.Month, b.Sealed.Version, b.Sealed.At
	}
	return v
}
