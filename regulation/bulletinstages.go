package regulation

import (
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"haochaping/workday"
)

// BulletinState is what the record knows of a bulletin that somebody is about to draft, approve or issue.
type BulletinState struct {
	Bulletin Bulletin
	Digest   string // of its content, 64 hexadecimal digits
	There    bool   // another one of the authority's period is drafted, approved or stands
	Stale    bool   // a case in it was written off since, or counts for another unit, or one that is not in it counts again
	Owed     bool   // the bulletin that it corrects is still wrong
	Out      bool   // the quarter's public figures are
	Mark     string // the authority's short name in numbers of documents, "" for none
	Number   string // that it gets when it is issued now
	Open     string // digest of what everybody will read of it, 64 hexadecimal digits, "" of one for the units alone
	Note     string // what stands beside it, of one that is drafted already
	// Names are of all who serve in the authority's area, also those suspended, Windows of its windows: no note may have them.
	Names, Windows []string
}

// Whom a bulletin is for.
const (
	BulletinInternal = "internal" // the units of the authority
	BulletinForAll   = "public"
)

// FactOpen is the digest of what everybody reads of a bulletin, in the entry that issued it. Entries of before it was kept are without.
const FactOpen = "public_digest"

// bulletinActs: as with boards, two stand for what is issued also where the rule drafted it.
var bulletinActs = []DocketAct{
	{Name: "draft", Kind: DocketBulletin, Side: DocketKeeps, To: DocketDrafted, Waits: true, do: draftBulletin, Fields: []Field{
		{Name: "bulletin_period", Type: TypeText, Required: true, Max: 7},
		{Name: "bulletin_note", Type: TypeLong, Max: 1000},
	}},
	{Name: "approve", Kind: DocketBulletin, Stages: []string{DocketDrafted}, Side: DocketKeeps, To: DocketApproved, Other: true, Waits: true, do: approveBulletin, Fields: []Field{
		{Name: "audience", Type: TypeChoice, Required: true, Options: []string{BulletinInternal, BulletinForAll}},
	}},
	{Name: "refuse", Kind: DocketBulletin, Stages: []string{DocketDrafted, DocketApproved}, Side: DocketKeeps, To: DocketRefused, Fields: []Field{docketReasons}, do: refuseBulletin},
	{Name: "issue", Kind: DocketBulletin, Stages: []string{DocketApproved}, Side: DocketKeeps, To: DocketIssued, Other: true, do: issueBulletin},
}

func draftBulletin(m *docketMove) *Error {
	if why := m.Bulletin.NoteTells(m.v.Get("bulletin_note")); why != "" {
		return wrong("bulletin_note", why)
	}
	if m.Bulletin.There {
		return refuse(Conflict, "", "bulletin_there")
	}
	delete(m.e.Texts, "bulletin_period")
	m.d.drafted(m.e, m.Bulletin)
	return nil
}

// NoteTells is why a note may not stand in a bulletin, which everybody may come to read: it tells of a person or of a window, or in a
// quarter's, which alone may be for everybody, how many there are. "" where it may. Names of one letter are parts of words.
func (s BulletinState) NoteTells(note string) string {
	if TellsOfPeople(note) {
		return "tells_of_people"
	}
	words := squeezed(note)
	for _, list := range []struct {
		names []string
		code  string
	}{{s.Names, "names_staff"}, {s.Windows, "names_window"}} {
		for _, name := range list.names {
			if name = squeezed(name); utf8.RuneCountInString(name) > 1 && strings.Contains(words, name) {
				return list.code
			}
		}
	}
	if quarterly(s.Bulletin.Period) && TellsCounts(note) {
		return "tells_counts"
	}
	return ""
}

// barredWords are the refusals of words that were drafted already and may not stand now, by why: the rule, or who serves there, was
// another when they were written.
var barredWords = map[string]string{"tells_of_people": "words_tell_of_people", "names_staff": "words_name_staff", "names_window": "words_name_window", "tells_counts": "words_tell_counts"}

// noteBars is the refusal of a bulletin whose note may not stand, "" where it may.
func (s BulletinState) noteBars() string { return barredWords[s.NoteTells(s.Note)] }

// squeezed are words as they are compared: without blanks and the dots of names, in small letters.
func squeezed(words string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || r == '·' || r == '•' || r == '．' {
			return -1
		}
		return unicode.ToLower(r)
	}, words)
}

// drafted notes what a bulletin was made of.
func (d *Docket) drafted(e *DocketEntry, s BulletinState) {
	d.Period = s.Bulletin.Period
	for name, value := range map[string]string{"period": s.Bulletin.Period, "seal_version": strconv.FormatInt(s.Bulletin.Version, 10),
		"position": strconv.FormatInt(s.Bulletin.Position, 10), "formula": strconv.Itoa(s.Bulletin.Formula),
		"confirmed_cases": strconv.FormatInt(s.Bulletin.Total.Confirmed, 10), "open_cases": strconv.FormatInt(s.Bulletin.Open, 10), "digest": s.Digest} {
		d.Facts[name], e.Facts[name] = value, value
	}
}

func approveBulletin(m *docketMove) *Error {
	switch {
	case m.Bulletin.Stale:
		return refuse(NotNow, "", "bulletin_stale")
	case m.Bulletin.noteBars() != "":
		return refuse(NotNow, "", m.Bulletin.noteBars())
	case m.v.Get("audience") == BulletinForAll && !m.d.ofQuarter():
		return wrong("audience", "bulletin_monthly")
	case m.d.ofQuarter() && m.d.Facts["corrects_audience"] == BulletinForAll && m.v.Get("audience") != BulletinForAll:
		return wrong("audience", "correction_public")
	case m.v.Get("audience") == BulletinForAll && !m.Bulletin.Out:
		return refuse(NotNow, ClausePublication, "figures_not_out")
	}
	return nil
}

// refuseBulletin ends a draft. A correction that is still owed and right is not refused, unless its note may not stand: the one that it
// corrects would stay wrong, and the rule drafts another without the note.
func refuseBulletin(m *docketMove) *Error {
	if m.Bulletin.Owed && !m.Bulletin.Stale && m.Bulletin.noteBars() == "" {
		return refuse(NotNow, "", "correction_owed")
	}
	m.end()
	return nil
}

// issueBulletin numbers it and lays it before the units that it is about.
func issueBulletin(m *docketMove) *Error {
	switch {
	case m.Bulletin.Stale:
		return refuse(NotNow, "", "bulletin_stale")
	case m.Bulletin.noteBars() != "":
		return refuse(NotNow, "", m.Bulletin.noteBars())
	case m.Bulletin.Number == "":
		return refuse(NotNow, "", "no_document_mark")
	case m.d.Facts["audience"] == BulletinForAll && !m.Bulletin.Out:
		return refuse(NotNow, ClausePublication, "figures_not_out")
	}
	for name, value := range map[string]string{"number": m.Bulletin.Number, "issued_on": workday.DateOf(m.at).String(), "named": strings.Join(m.Bulletin.Bulletin.Named(), ",")} {
		m.d.Facts[name], m.e.Facts[name] = value, value
	}
	if m.Bulletin.Open != "" {
		m.e.Facts[FactOpen] = m.Bulletin.Open
	}
	for _, line := range m.Bulletin.Bulletin.Units {
		m.d.Assisting = append(m.d.Assisting, line.Key)
	}
	m.e.Units = m.d.Assisting
	m.end()
	return nil
}

// named are the units that a bulletin names.
func (d Docket) named() []string { return nonEmpty(strings.Split(d.Facts["named"], ",")) }

// Entries that the rule makes of bulletins.
const (
	EntryOutdated  = "outdated"  // a case in it was written off or counts for another unit: a correction follows
	EntryUpheld    = "upheld"    // what was written off counts again: it is right as it stands
	EntryCorrected = "corrected" // by the one that was issued in its place
	EntryWritten   = "written"   // what everybody reads of one issued before that was kept is written down: with its digest
	EntryDropped   = "dropped"   // a draft: no correction is owed any more, or another one takes its place
)

// Why a correction that waits is dropped.
const (
	DroppedNotOwed   = "correction_not_owed"
	DroppedOvertaken = "correction_overtaken"
)

// Outdates notes on an issued bulletin that a case in it does not count any more as it says.
func (d Docket) Outdates(cases int, at time.Time) (Docket, []DocketEntry) {
	if d.Stage != DocketIssued || d.Facts["outdated"] != "" {
		return d, nil
	}
	d.Facts = cloneMap(d.Facts)
	d.Facts["outdated"] = strconv.Itoa(cases)
	return d, []DocketEntry{d.record(DocketEntry{Name: EntryOutdated, Facts: map[string]string{"outdated": d.Facts["outdated"]}}, at)}
}

// Upheld notes that an issued bulletin is right again as it stands, since what made it wrong was undone before it was corrected.
func (d Docket) Upheld(at time.Time) (Docket, []DocketEntry) {
	if d.Stage != DocketIssued || d.Facts["outdated"] == "" {
		return d, nil
	}
	d.Facts = cloneMap(d.Facts)
	delete(d.Facts, "outdated")
	return d, []DocketEntry{d.record(DocketEntry{Name: EntryUpheld}, at)}
}

// Written notes the digest of what everybody reads of a bulletin that was issued before it was kept: from then on no later rule and no hand
// changes how it reads. digest has 64 hexadecimal digits.
func (d Docket) Written(digest string, at time.Time) (Docket, []DocketEntry) {
	return d, []DocketEntry{d.record(DocketEntry{Name: EntryWritten, Facts: map[string]string{FactOpen: digest}}, at)}
}

// Waits tells whether a bulletin is drafted or approved and not issued.
func (d Docket) Waits() bool { return d.Stage == DocketDrafted || d.Stage == DocketApproved }

// DropsCorrection ends a correction that waits; why is DroppedNotOwed or DroppedOvertaken.
func (d Docket) DropsCorrection(why string, at time.Time) (Docket, []DocketEntry) {
	if d.Facts["corrects"] == "" || !d.Waits() {
		return d, nil
	}
	d.Facts = cloneMap(d.Facts)
	d.Facts["why"] = why
	d.Stage, d.Ended, d.Pending = DocketDropped, workday.DateOf(at), nil
	return d, []DocketEntry{d.record(DocketEntry{Name: EntryDropped, Facts: map[string]string{"why": why}}, at)}
}

// CorrectedBy notes that another one was issued in its place; it stays readable, marked.
func (d Docket) CorrectedBy(other Docket, at time.Time) (Docket, []DocketEntry) {
	d.Facts, d.Stage = cloneMap(d.Facts), DocketCorrected
	d.Facts["corrected_by"], d.Facts["corrected_number"] = other.ID, other.Facts["number"]
	return d, []DocketEntry{d.record(DocketEntry{Name: EntryCorrected, Facts: map[string]string{"corrected_by": other.ID, "corrected_number": other.Facts["number"]}}, at)}
}

// NewCorrection is the draft that the rule makes of an issued bulletin of which a case does not count any more. note is what the
// authority wrote in the first.
func (r Rules) NewCorrection(fresh, of Docket, s BulletinState, note string, at time.Time) (Docket, []DocketEntry) {
	d := fresh
	d.Stage, d.Since = DocketDrafted, workday.DateOf(at)
	d.Facts = map[string]string{"corrects": of.ID, "corrects_number": of.Facts["number"], "corrects_audience": of.Facts["audience"]}
	e := DocketEntry{Name: "draft", Facts: cloneMap(d.Facts), Texts: map[string]string{}}
	if note != "" {
		e.Texts["bulletin_note"] = note
	}
	d.drafted(&e, s)
	return d, []DocketEntry{d.record(e, at)}
}

// Openly tells whether everybody may read an issued bulletin: of quarters alone, since a quarter's less its months' would tell of few (R04).
func (d Docket) Openly() bool { return d.issuedForAll() && d.ofQuarter() }

// WasOpen tells whether everybody could read an issued bulletin while those of months could be for everybody.
func (d Docket) WasOpen() bool { return d.issuedForAll() && !d.ofQuarter() }

func (d Docket) issuedForAll() bool {
	return d.Kind == DocketBulletin && d.Facts["audience"] == BulletinForAll && (d.Stage == DocketIssued || d.Stage == DocketCorrected)
}

func (d Docket) ofQuarter() bool { return quarterly(d.Period) }

func quarterly(period string) bool {
	p, ok := ParsePeriod(period)
	return ok && p.IsQuarter()
}

// Audiences are those that a bulletin may be issued for: one of a month is for the authority's units.
func (d Docket) Audiences() []string {
	if d.ofQuarter() {
		return []string{BulletinInternal, BulletinForAll}
	}
	return []string{BulletinInternal}
}
