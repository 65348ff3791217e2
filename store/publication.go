package store

import (
	"context"
	"time"

	"gorm.io/gorm"

	"haochaping/regulation"
	"haochaping/workday"
)

// openPublications opens what the calendar asks an authority for of the periods since a day.
func (s *Store) openPublications(ctx context.Context, token int64, office Org, since workday.Date) error {
	rules, err := s.watchRules(ctx, office.Area, s.now())
	if err != nil {
		return err
	}
	for _, asked := range rules.PublicationsAsked(office.Area, since, s.today()) {
		err := s.openDocket(ctx, token, regulation.DocketPublication, office, regulation.PublicationKey(asked.Kind, office.ID, asked.Period),
			func(rules regulation.Rules, d regulation.Docket, at time.Time) (regulation.Docket, []regulation.DocketEntry) {
				return rules.NewPublication(d, asked.Kind, asked.Period, at)
			})
		if err != nil {
			return err
		}
	}
	return nil
}

// RecordPublication records that the product published something of an authority: boards and bulletins
// call it when they come out. One of the calendar ends what was due; anything else gets a docket of its own
// under Period, which names it. The same digest again changes nothing, another one of the same period is a correction and
// the first stays readable in the history. NotFound: no such authority.
func (s *Store) RecordPublication(ctx context.Context, authority string, p regulation.Published) error {
	fresh, err := s.NewDocket(ctx, regulation.DocketPublication, authority, "")
	if err != nil {
		return err
	}
	rules, err := s.watchRules(ctx, fresh.Area, s.now())
	if err != nil {
		return err
	}
	return s.tx(ctx, func(tx *gorm.DB) error { return docketing{s, tx, s.now()}.record(rules, fresh, p) })
}

// record does so within a transaction.
func (k docketing) record(rules regulation.Rules, fresh regulation.Docket, p regulation.Published) error {
	d, started, err := docketUnder(k.tx, regulation.PublicationKey(p.Kind, fresh.Authority, p.Period), fresh)
	if err != nil {
		return err
	}
	before := d
	var entries []regulation.DocketEntry
	if d.Seq == 0 {
		d, entries = rules.NewPublication(fresh, p.Kind, p.Period, k.at)
		started = k.at
	}
	after, more := d.Publishes(p, k.at)
	return k.save(before, after, started, append(entries, more...))
}

// publishing is what follows of publishing or withdrawing a change or a release, of publishing a board and of issuing a bulletin: an entry of the
// publication's docket, in the same transaction. The rules learn what everybody will read of a bulletin.
func (s *Store) publishing(ctx context.Context, rules *regulation.Rules, a regulation.DocketAct, d regulation.Docket, actor regulation.Actor) (func(docketing, regulation.Docket) error, error) {
	switch {
	case a.Kind == regulation.DocketBulletin && a.Name == "issue":
		ready, err := s.toIssue(ctx, d)
		rules.Bulletin.Open = ready.digest()
		return func(k docketing, after regulation.Docket) error { return k.issued(*rules, after, ready, actor) }, err
	case a.Kind == regulation.DocketRelease && (a.Name == "publish" || a.Name == "withdraw"):
		return s.releasing(ctx, *rules, actor, d)
	case a.Kind == regulation.DocketBoard && a.Name == "publish":
		fresh := regulation.Docket{ID: newID(), Area: d.Area, Authority: d.Authority, Upper: d.Upper}
		return func(k docketing, after regulation.Docket) error {
			return k.record(*rules, fresh, boardPublished(after, actor, k.at))
		}, nil
	case a.Kind != regulation.DocketJoint || a.Name != "publish" && a.Name != "withdraw":
		return nil, nil
	}
	c, err := s.change(ctx, d)
	fresh := regulation.Docket{ID: newID(), Area: d.Area, Authority: d.Authority, Upper: d.Upper}
	p := regulation.Published{Kind: regulation.PublishChange, Period: d.ID[:8], Link: "/changes#" + d.ID,
		Digest: regulation.DigestOf([]string{c.Said, c.Changed, c.SaidEnglish, c.ChangedEnglish}), By: actor.Person, As: actor.As, Withdrawn: a.Name == "withdraw"}
	return func(k docketing, _ regulation.Docket) error {
		p.On = workday.DateOf(k.at)
		return k.record(*rules, fresh, p)
	}, err
}

// publicationsWaiting are those of the calendar of which nothing is recorded yet.
func (s *Store) publicationsWaiting(ctx context.Context) ([]regulation.Docket, error) {
	var rows []docketRow
	err := s.rows(ctx).Where("kind = ? AND ended_at = 0 AND stage = ?", string(regulation.DocketPublication), regulation.DocketWaiting).Order("id").Find(&rows).Error
	if err != nil {
		return nil, err
	}
	return docketsOf(rows)
}

// publishOwn records what stands on the product's public pages by itself once its period is over: the hearing of
// opinions and the write-offs. Months that were asked for while they were public are dropped.
func (s *Store) publishOwn(ctx context.Context) error {
	waiting, err := s.publicationsWaiting(ctx)
	if err != nil {
		return err
	}
	for _, d := range waiting {
		if !d.PeriodOver(s.now()) {
			continue
		}
		p := regulation.Published{Kind: d.PublicationKindOf(), Period: d.Period, On: s.today()}
		switch p.Kind {
		case regulation.PublishMonth:
			if err := s.tx(ctx, func(tx *gorm.DB) error {
				k := docketing{s, tx, s.now()}
				return k.follow(d.ID, func(d regulation.Docket) (regulation.Docket, []regulation.DocketEntry) { return d.DropsMonth(k.at) })
			}); err != nil {
				return err
			}
			continue
		case regulation.PublishHearing:
			p.Link = "/opinions?period=" + d.Period
			p.Digest, err = s.hearingDigest(ctx, d)
		case regulation.PublishWriteOffs:
			p.Link = "/write-offs?year=" + d.Period[:4]
			p.Digest, err = s.writeOffDigest(ctx, d)
		default:
			continue
		}
		if err == nil {
			err = s.RecordPublication(ctx, d.Authority, p)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// hearingDigest is that of an authority's line on the page of hearings, as the public reads it.
func (s *Store) hearingDigest(ctx context.Context, d regulation.Docket) (string, error) {
	quarters, err := s.HeardQuarters(ctx, d.Period)
	for _, q := range quarters {
		if q.Quarter.Authority == d.Authority {
			opinions, problems := q.Shown()
			return regulation.DigestOf([]any{d.Authority, d.Period, q.Quarter.Stage, opinions, problems}), err
		}
	}
	return regulation.DigestOf([]any{d.Authority, d.Period}), err
}

// Shown are the opinions and problems as the public reads them.
func (q HeardQuarter) Shown() (opinions *int, problems []regulation.HeardProblem) {
	if n, told := regulation.OpinionsTold(q.Opinions); told {
		opinions = &n
	}
	return opinions, q.Problems
}

// writeOffDigest is that of an authority's line on the page of write-offs, as the public reads it.
func (s *Store) writeOffDigest(ctx context.Context, d regulation.Docket) (string, error) {
	first, last, _ := regulation.PeriodDays(d.Period)
	public, err := s.PublicWriteOffs(ctx, first.Year())
	if err != nil {
		return "", err
	}
	w, cells := public[d.Authority], []int{}
	for _, n := range []*int{w.Bad, w.Proposed, w.InForce, w.Objected, w.Reversed} {
		told := -1
		if n != nil {
			told = *n
		}
		cells = append(cells, told)
	}
	return regulation.DigestOf([]any{d.Authority, last, cells}), nil
}

// ended is a page of dockets whose work is done, the latest first.
func (q ListQuery) ended(query *gorm.DB) ([]regulation.Docket, string, error) {
	query, limit, err := q.newest(query, "ended_at", "id")
	if err != nil {
		return nil, "", err
	}
	var rows []docketRow
	if err := query.Find(&rows).Error; err != nil {
		return nil, "", err
	}
	rows, next := page(rows, limit, func(r docketRow) cursor { return cursor{Key: r.EndedAt, ID: r.ID} })
	dockets, err := docketsOf(rows)
	return dockets, next, err
}

// PublicationLog lists what was published, the latest first: of every authority, or one.
func (s *Store) PublicationLog(ctx context.Context, authority string, q ListQuery) ([]regulation.Docket, string, error) {
	query := s.rows(ctx).Where("kind = ? AND stage = ?", string(regulation.DocketPublication), regulation.DocketPublished)
	if authority != "" {
		query = query.Where("authority = ?", authority)
	}
	return q.ended(query)
}
