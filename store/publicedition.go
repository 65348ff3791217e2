package store

import (
	"context"
	"errors"

	"gorm.io/gorm"

	"haochaping/regulation"
	"haochaping/store/ledger"
)

// leafPublicFigures is an edition of public figures: what it shows, from which sealed version and when, with the names of its day.
const leafPublicFigures = "public_figures"

func (r publicFiguresRow) canonical() []byte {
	return ledger.NewRow(leafPublicFigures, 1).Text(r.Period).Integer(r.Edition).Integer(r.Seal).Instant(instant(r.PublishedAt)).Bytes(r.Body).Canonical()
}

// publicFiguresLeaf makes an edition's leaf anew; it fails where the columns are not what the body says.
func (s *Store) publicFiguresLeaf(ctx context.Context, ref string) (leafContent, error) {
	period, edition, err := refParts(ref)
	if err != nil {
		return leafContent{}, err
	}
	var row publicFiguresRow
	if err := s.rows(ctx).Take(&row, "period = ? AND edition = ?", period, edition).Error; err != nil {
		return leafContent{}, err
	}
	content := leafContent{row.Nonce, row.canonical()}
	t, err := row.table()
	if err != nil {
		return content, err
	}
	return content, columnsAre(map[string]bool{"period": t.Period == row.Period, "edition": t.Edition == row.Edition, "digest": regulation.DigestOf(t) == row.Digest})
}

// factEditionLeaves tells that every edition has its leaf, or is to be found without: of a record that began since they are leaves, and of one
// of before once it was looked at. Otherwise a row that somebody put in by hand, before any edition came out, would get a leaf like those of before.
const factEditionLeaves = "edition_leaves"

// leavesOfEditions gives the editions of before they were leaves theirs, all at once, at the first look: from then on one without is found.
func (s *Store) leavesOfEditions(ctx context.Context, token int64) error {
	if given, err := s.editionsAreLeaves(ctx); err != nil || given {
		return err
	}
	return s.tx(ctx, func(tx *gorm.DB) error {
		if err := holdsLease(tx, LeaseDockets, token); err != nil {
			return err
		}
		if isNew, err := insertNew(tx, &factRow{factEditionLeaves, "given"}); err != nil || !isNew {
			return err
		}
		var rows []publicFiguresRow
		if err := tx.Where("nonce IS NULL").Order("period, edition").Find(&rows).Error; err != nil {
			return err
		}
		for _, row := range rows {
			nonce, leaf := pendingLeaf(leafPublicFigures, eventRef(row.Period, row.Edition), row.canonical(), s.wall())
			given := tx.Model(&publicFiguresRow{}).Where("period = ? AND edition = ? AND nonce IS NULL", row.Period, row.Edition).Update("nonce", nonce)
			if err := errors.Join(given.Error, s.insert(tx, pendingLeavesTable, leaf)); err != nil {
				return err
			}
		}
		return nil
	})
}

// editionsAreLeaves tells whether editions of before were given their leaves, or there are none: any that has its leaf tells it too.
func (s *Store) editionsAreLeaves(ctx context.Context) (bool, error) {
	var n int64
	err := s.rows(ctx).Raw("SELECT (SELECT COUNT(*) FROM leaves WHERE kind = ?) + (SELECT COUNT(*) FROM pending_leaves WHERE kind = ?) + (SELECT COUNT(*) FROM facts WHERE name = ?)",
		leafPublicFigures, leafPublicFigures, factEditionLeaves).Scan(&n).Error
	return n > 0, err
}

// placeNames are how places are called now: counties by division, others by id.
type placeNames map[string]regulation.PublicPlace

// named is a place in a list, an empty list where nobody knows it.
func (n placeNames) named(key string) []regulation.PublicPlace {
	if place, known := n[key]; known {
		return []regulation.PublicPlace{place}
	}
	return nil
}

// namesNow are the counties, with the prefecture under its division, and all other places.
func (s *Store) namesNow(ctx context.Context) (counties, places placeNames, err error) {
	tree, err := s.Tree(ctx)
	if err != nil {
		return nil, nil, err
	}
	counties, places = placeNames{}, placeNames{}
	for _, o := range tree.Orgs() {
		switch o.Kind {
		case regulation.OrgPrefecture, regulation.OrgCounty:
			counties[o.Area] = regulation.PublicPlace{Key: o.Area, Chinese: o.NameZH, English: o.NameEN}
		default:
			places[o.ID] = regulation.PublicPlace{Key: o.ID, Chinese: o.NameZH, English: o.NameEN}
		}
	}
	return counties, places, nil
}

// nameEdition keeps with an edition how the places of it are called now.
func (s *Store) nameEdition(ctx context.Context, t, before *regulation.PublicTable) error {
	counties, places, err := s.namesNow(ctx)
	if err == nil {
		t.Names(counties, places, before)
	}
	return err
}

// nameBulletin keeps with what everybody reads of a bulletin how its places are called now.
func (s *Store) nameBulletin(ctx context.Context, b *regulation.PublicBulletin) error {
	counties, places, err := s.namesNow(ctx)
	for _, line := range b.Counties {
		b.Named = append(b.Named, counties.named(line.Key)...)
	}
	for _, line := range b.Units {
		b.Named = append(b.Named, places.named(line.Key)...)
	}
	return err
}
