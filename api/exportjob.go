package api

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"io"
	"time"

	"haochaping/regulation"
	"haochaping/store"
	"haochaping/web"
)

// What is done at a time for a long list. A stretch is kept before the next is begun: a node that ends, or another export, goes
// on behind it.
const (
	stretchTime  = 5 * time.Second
	pieceOfAFile = 8 << 20 // bytes
)

// stretchRows is how many rows are gathered at a time.
var stretchRows = 5_000

// stretch is what is kept of a list while its file is made: rows, and above the first ones the title, what its page says and the heads.
type stretch struct {
	Title string            `json:"title,omitempty"`
	Intro string            `json:"intro,omitempty"`
	Heads []string          `json:"heads,omitempty"`
	Rows  [][]web.SheetCell `json:"rows"`
}

// MakeExports makes the files of long lists, a stretch of each in turn, until all are done or ctx ends, and deletes those whose
// days are over. Only one node at a time should; two do no harm.
func (a *API) MakeExports(ctx context.Context) error {
	old, err := a.oldExports(ctx)
	for _, e := range old {
		if _, failed := a.Store.EndExport(ctx, e, store.ExportDeleted, regulation.Actor{}); failed != nil && !moved(failed) {
			err = errors.Join(err, failed)
		}
	}
	if err != nil {
		return err
	}
	defer collector.begin()()
	for ctx.Err() == nil {
		running, err := a.Store.RunningExports(ctx)
		if err != nil || len(running) == 0 {
			return err
		}
		for _, e := range running {
			if err := a.goOn(ctx, e); err != nil {
				return err
			}
		}
	}
	return ctx.Err()
}

// ExportsWait tells whether there is anything for MakeExports to do.
func (a *API) ExportsWait(ctx context.Context) (bool, error) {
	running, err := a.Store.RunningExports(ctx)
	if err != nil || len(running) > 0 {
		return len(running) > 0, err
	}
	old, err := a.oldExports(ctx)
	return len(old) > 0, err
}

// oldExports are those whose file has waited for its days.
func (a *API) oldExports(ctx context.Context) ([]store.Export, error) {
	edition, err := a.Store.CurrentEdition(ctx)
	if err != nil {
		return nil, err
	}
	params, err := a.Store.Params(ctx, edition)
	if err != nil {
		return nil, err
	}
	return a.Store.MadeBefore(ctx, a.Now().Add(-time.Duration(params.Days(regulation.ExportDays))*24*time.Hour))
}

// goOn does the next stretch of an export, or its file. Whoever lost the right meanwhile gets nothing more.
func (a *API) goOn(ctx context.Context, e store.Export) error {
	r, err := a.readerOf(ctx, e)
	if err == nil {
		err = a.mayStill(r, e)
	}
	if err == nil && e.Rest != "" {
		err = a.gather(ctx, r, e)
	} else if err == nil {
		err = a.assemble(ctx, r, e)
	}
	var actor regulation.Actor
	if r != nil {
		actor = r.actor
	}
	switch {
	case err == nil, moved(err):
		return nil
	case ctx.Err() != nil:
		return ctx.Err() // the next node goes on
	case refusedExport(err):
		_, err = a.Store.EndExport(ctx, e, store.ExportEnded, actor)
	default:
		a.Log.ErrorContext(ctx, "export failed", "export", e.ID, "list", e.List, "error", err)
		_, err = a.Store.EndExport(ctx, e, store.ExportFailed, actor)
	}
	if moved(err) {
		return nil
	}
	return err
}

// moved tells that an export went on without us.
func moved(err error) bool {
	var refused *regulation.Error
	return errors.As(err, &refused) && refused.Missing == "export_moved"
}

// gather keeps the next rows, in pages of the list.
func (a *API) gather(ctx context.Context, r *request, e store.Export) error {
	var s stretch
	rest, until := e.Rest, a.Wall().Add(stretchTime)
	for rest != "" && len(s.Rows) < stretchRows && !a.Wall().After(until) {
		page, _, err := a.readList(ctx, r, rest, false)
		if err != nil {
			return err
		}
		if e.Rows == 0 && s.Title == "" {
			s.Title, s.Intro, s.Heads = page.Title, page.Intro, page.Heads
		}
		s.Rows, rest = append(s.Rows, page.Rows...), page.Next
	}
	content, err := packed(s)
	if err != nil {
		return err
	}
	digest, err := a.Store.KeepPiece(ctx, e.Person, content)
	if err != nil {
		return err
	}
	_, err = a.Store.AddStretch(ctx, e, digest, len(s.Rows), rest)
	return err
}

func packed(s stretch) ([]byte, error) {
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	err := errors.Join(json.NewEncoder(w).Encode(s), w.Close())
	return out.Bytes(), err
}

func unpacked(content []byte) (s stretch, err error) {
	r, err := gzip.NewReader(bytes.NewReader(content))
	if err == nil {
		err = json.NewDecoder(r).Decode(&s)
	}
	return s, err
}

// assemble makes the file of the stretches, and keeps it in pieces.
func (a *API) assemble(ctx context.Context, r *request, e store.Export) error {
	var b *workbook
	var first web.Sheet
	defer func() {
		if b != nil {
			b.close()
		}
	}()
	folder, err := a.Store.Scratch()
	if err != nil {
		return err
	}
	err = a.Store.ExportStretches(ctx, e.ID, func(content []byte) error {
		s, err := unpacked(content)
		if err == nil && b == nil {
			first.Title, first.Intro = s.Title, s.Intro
			b, err = newWorkbook(folder, s.Title, s.Heads, s.Rows)
		}
		if err != nil {
			return err
		}
		return errors.Join(ctx.Err(), b.add(s.Rows))
	})
	if err == nil && b == nil {
		err = errors.New("api: an export without a stretch")
	}
	if err != nil {
		return err
	}
	about, err := a.aboutExport(r, e, first)
	if err != nil {
		return err
	}
	out := &pieces{keep: func(content []byte) (string, error) { return a.Store.KeepPiece(ctx, e.Person, content) }}
	if err := errors.Join(b.finish(out, web.T(r.lang, "export.about"), about), out.end()); err != nil {
		return err
	}
	_, err = a.Store.FinishExport(ctx, e, out.digests, out.bytes)
	return err
}

// pieces keeps what is written to it, a piece at a time.
type pieces struct {
	keep    func([]byte) (string, error)
	buffer  bytes.Buffer
	digests []string
	bytes   int64
}

var _ io.Writer = (*pieces)(nil)

func (p *pieces) Write(content []byte) (int, error) {
	n, _ := p.buffer.Write(content) // a Buffer takes everything
	if p.buffer.Len() < pieceOfAFile {
		return n, nil
	}
	return n, p.end()
}

// end keeps what is left.
func (p *pieces) end() error {
	if p.buffer.Len() == 0 {
		return nil
	}
	digest, err := p.keep(p.buffer.Bytes())
	p.digests, p.bytes = append(p.digests, digest), p.bytes+int64(p.buffer.Len())
	p.buffer.Reset()
	return err
}
