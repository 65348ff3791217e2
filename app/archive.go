package app

import (
	"context"

	"haochaping/regulation"
	"haochaping/store"
	"haochaping/web"
)

// archivedAtOnce is how many packages are written before the lease is looked at again.
const archivedAtOnce = 20

// archiveCases writes the packages of closed cases (R59).
func (a *App) archiveCases(ctx context.Context, token int64) error {
	for {
		done, err := a.record.ArchiveCases(ctx, token, archivedAtOnce, archivePage)
		if done > 0 {
			a.log.Info("archived cases", "packages", done)
		}
		if err != nil || done < archivedAtOnce {
			return err
		}
	}
}

// archivePage is a package's index.html.
func archivePage(p store.Archived) ([]byte, error) {
	c, name := p.Case, func(id string) string {
		if n := p.Names[id]; n != "" {
			return n
		}
		return id
	}
	index := web.ArchiveIndex{Number: c.Number, Edition: c.Edition, Version: p.Version, MadeAt: p.MadeAt, Opened: c.OpenedAt, Closed: c.ClosedAt,
		Grade: int(c.Grade), Unit: name(c.Rated.Unit), Authority: name(c.Authority), Finding: c.Finding.Kind, Cause: c.Finding.Cause, Link: c.Finding.Link,
		Attribution: c.Finding.Attribution, Calendars: p.Calendars, LedgerSize: p.LedgerSize, LedgerRoot: p.LedgerRoot}
	for _, order := range c.Orders {
		index.Orders = append(index.Orders, order.Number+" "+name(order.Unit))
	}
	for _, e := range p.Events {
		line := web.ArchiveEvent{Seq: e.Seq, Position: e.Position, Event: e.Name, Clause: string(e.Clause), At: e.At, Role: string(e.As.Role), To: string(e.To), Digest: e.Leaf}
		if e.Kind == regulation.EventDeadline {
			line.Event = "deadline." + e.Name
		}
		if e.Actor != "" {
			line.Name = name(e.Actor)
		}
		if e.As.Org != "" {
			line.Unit = name(e.As.Org)
		}
		index.Events = append(index.Events, line)
	}
	for _, d := range p.Documents {
		index.Documents = append(index.Documents, d.Number+" "+web.T(web.Chinese, "document."+string(d.Kind)))
	}
	for _, f := range p.Files {
		index.Files = append(index.Files, web.EvidenceFile{Digest: f.Digest, Kind: f.Mime, Bytes: f.Bytes, Seq: f.Seq})
	}
	return index.Draw()
}
