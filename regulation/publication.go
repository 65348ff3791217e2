package regulation

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"time"

	"haochaping/workday"
)

// Authorities publish results regularly (9(1), R47). What is to be published by when is a calendar of dockets: one a
// kind, authority and period, due so many working days after the period's end.

// PublicationKind is what is published.
type PublicationKind string

const (
	PublishQuarter   PublicationKind = "quarter_figures"
	PublishBoard     PublicationKind = "board"
	PublishBulletin  PublicationKind = "bulletin"
	PublishWriteOffs PublicationKind = "write_offs"
	PublishHearing   PublicationKind = "hearing"
	PublishChange    PublicationKind = "change"        // in no calendar: whenever something was changed
	PublishRelease   PublicationKind = "media_release" // nor this
	// PublishMonth was asked for while months were public: what was published then stays in the log.
	PublishMonth PublicationKind = "month_figures"
)

// publicationRule is one row of the calendar's rule.
type publicationRule struct {
	Kind       PublicationKind
	Quarterly  bool
	Prefecture bool   // the prefecture's alone
	Days       string // parameter: working days after the period's end
}

// publicationRules are the kinds of the calendar, in the order in which it shows them.
var publicationRules = []publicationRule{
	{PublishQuarter, true, false, PublishQuarterDays},
	{PublishBoard, true, true, PublishBoardDays},
	{PublishBulletin, true, false, PublishBulletinDays},
	{PublishWriteOffs, true, false, PublishWriteOffDays},
	{PublishHearing, true, false, PublishHearingDays},
}

// Where something was published.
var PublicationPlaces = []string{"site", "newspaper", "broadcast", "notice_board", "product"}

var publicationActs = []DocketAct{
	{Name: "file", Kind: DocketPublication, Stages: []string{DocketWaiting}, Side: DocketKeeps, To: DocketDrafted, Waits: true, do: filePublication, Fields: []Field{
		{Name: "published_where", Type: TypeChoice, Required: true, Options: PublicationPlaces},
		{Name: "published_on", Type: TypeDate, Required: true},
		{Name: "published_link", Type: TypeText, Max: 200},
		{Name: "published_files", Type: TypeFiles, Required: true},
	}},
	{Name: "approve", Kind: DocketPublication, Stages: []string{DocketDrafted}, Side: DocketKeeps, To: DocketPublished, Other: true, do: func(m *docketMove) *Error {
		m.d.published(m.e, m.at)
		return nil
	}},
	{Name: "give_back", Kind: DocketPublication, Stages: []string{DocketDrafted}, Side: DocketKeeps, To: DocketWaiting, Other: true, Fields: []Field{docketReasons},
		do: func(m *docketMove) *Error {
			for _, fact := range []string{"published_where", "published_on", "link", "digest"} {
				delete(m.d.Facts, fact)
			}
			m.d.Files = nil
			return nil
		}},
}

// filePublication notes what was published where. The file is what was published; its digest is the proof.
func filePublication(m *docketMove) *Error {
	day, err := workday.ParseDate(m.v.Get("published_on"))
	switch {
	case err != nil:
		return wrong("published_on", "not_a_date")
	case day.After(workday.DateOf(m.at)):
		return wrong("published_on", "in_future")
	case !m.d.periodOver(day):
		return wrong("published_on", "before_period_ended")
	case len(m.e.Files) != 1:
		return wrong("published_files", "one_value_only")
	}
	if link := m.v.Get("published_link"); link != "" {
		if !strings.HasPrefix(link, "https://") && !strings.HasPrefix(link, "http://") || strings.ContainsAny(link, " \"<>") {
			return wrong("published_link", "not_a_link")
		}
		delete(m.e.Texts, "published_link") // public anyway
		m.e.Facts["link"], m.d.Facts["link"] = link, link
	}
	m.e.Facts["digest"], m.d.Facts["digest"] = m.e.Files[0], m.e.Files[0]
	return nil
}

// periodOver tells whether a publication's period was over before a day: nothing is published of one that runs.
func (d Docket) periodOver(day workday.Date) bool {
	_, last, ok := PeriodDays(d.Period)
	return !ok || last.Before(day)
}

// PeriodOver tells so of today.
func (d Docket) PeriodOver(at time.Time) bool { return d.periodOver(workday.DateOf(at)) }

// published ends a publication; one after its day stays late.
func (d *Docket) published(e *DocketEntry, at time.Time) {
	day, err := workday.ParseDate(d.Facts["published_on"])
	if err == nil && !d.Due.IsZero() && day.After(workday.DateOf(d.Due)) {
		d.Facts["late"], e.Facts["late"] = "yes", "yes"
	}
	d.Stage, d.Ended, d.Overdue, d.Pending = DocketPublished, workday.DateOf(at), false, nil
}

// Published is a publication that another part of the product made: see store.RecordPublication.
type Published struct {
	Kind   PublicationKind
	Period string       // 2026-Q1 or 2026-03; of what stands in no calendar whatever names it once
	On     workday.Date // on which it came out
	Link   string       // where it can be read, from the root of the product's address
	Digest string       // SHA-256 of what was published, 64 hexadecimal digits
	By     string       // the account that approved it, "" where a published rule did
	As     Assignment
	// Withdrawn tells that it was taken back: what was published stays in the log, marked.
	Withdrawn bool
}

// Publishes records on a publication's docket what the product published itself. A second one of the same period, with
// another digest, is a correction: the first stays in the history.
func (d Docket) Publishes(p Published, at time.Time) (Docket, []DocketEntry) {
	if d.Stage == DocketPublished && d.Facts["digest"] == p.Digest && (d.Facts["withdrawn"] == "yes") == p.Withdrawn {
		return d, nil
	}
	d.Facts = cloneMap(d.Facts)
	if p.Withdrawn {
		facts := map[string]string{"withdrawn": "yes", "withdrawn_at": at.UTC().Format(time.RFC3339)}
		maps.Copy(d.Facts, facts)
		return d, []DocketEntry{d.record(DocketEntry{Name: EntryWithdrawn, Actor: p.By, As: p.As, Facts: facts}, at)}
	}
	again := d.Facts["withdrawn"] == "yes" // what was taken back and comes out anew corrects nothing
	delete(d.Facts, "withdrawn")
	delete(d.Facts, "withdrawn_at")
	delete(d.Facts, "correction")
	facts := map[string]string{"published_where": "product", "published_on": p.On.String(), "link": p.Link, "digest": p.Digest}
	if d.Stage == DocketPublished && !again {
		facts["correction"] = "yes"
	}
	for name, value := range facts {
		d.Facts[name] = value
	}
	e := DocketEntry{Name: EntryPublished, Actor: p.By, As: p.As, Facts: facts}
	d.published(&e, at)
	return d, []DocketEntry{d.record(e, at)}
}

// DroppedMonths is why a month's figures are not asked for any more.
const DroppedMonths = "months_not_public"

// DropsMonth ends a publication of a month's figures that still waits: months are not public, and the quarter's are asked for.
func (d Docket) DropsMonth(at time.Time) (Docket, []DocketEntry) {
	if d.Stage != DocketWaiting || d.PublicationKindOf() != PublishMonth {
		return d, nil
	}
	d.Facts = cloneMap(d.Facts)
	d.Facts["why"] = DroppedMonths
	d.Stage, d.Ended, d.Overdue, d.Pending = DocketDropped, workday.DateOf(at), false, nil
	return d, []DocketEntry{d.record(DocketEntry{Name: EntryDropped, Facts: map[string]string{"why": DroppedMonths}}, at)}
}

// PublicationKey is the key of a publication's docket.
func PublicationKey(kind PublicationKind, authority, period string) string {
	return "publication/" + string(kind) + "/" + authority + "/" + period
}

// NewPublication is a publication's docket before anything was published: due where it is of a period.
func (r Rules) NewPublication(d Docket, kind PublicationKind, period string, at time.Time) (Docket, []DocketEntry) {
	d.Kind, d.Period, d.Stage, d.Key = DocketPublication, period, DocketWaiting, PublicationKey(kind, d.Authority, period)
	d.Since, d.Facts = workday.DateOf(at), map[string]string{"publication": string(kind)}
	e := DocketEntry{Name: EntryOpened, Facts: map[string]string{"publication": string(kind)}}
	if _, last, ok := PeriodDays(period); ok && asksFor(kind, period) {
		d.dueIn(r, last, r.publicationDays(kind))
		e.Due, e.Calendar = d.Due, r.Calendar.Version()
	}
	return d, []DocketEntry{d.record(e, at)}
}

// asksFor tells whether the calendar asks for a kind of a period: a bulletin of a month is on demand.
func asksFor(kind PublicationKind, period string) bool {
	p, ok := ParsePeriod(period)
	return ok && slices.ContainsFunc(publicationRules, func(rule publicationRule) bool { return rule.Kind == kind && rule.Quarterly == p.IsQuarter() })
}

func (r Rules) publicationDays(kind PublicationKind) int {
	for _, rule := range publicationRules {
		if rule.Kind == kind {
			return r.Params.Days(rule.Days)
		}
	}
	return 0
}

// PublicationAsked is one row that the calendar asks an authority for.
type PublicationAsked struct {
	Kind   PublicationKind
	Period string
}

// PublicationsAsked are what the calendar shows of an authority on a day: what is asked for of each period since another
// day, that of today among them.
func (r Rules) PublicationsAsked(area string, since, day workday.Date) []PublicationAsked {
	var asked []PublicationAsked
	for _, rule := range publicationRules {
		if rule.Prefecture && area != PrefectureArea {
			continue
		}
		of := MonthOf
		if rule.Quarterly {
			of = QuarterOf
		}
		for at := since; ; {
			period := of(at)
			first, last, _ := PeriodDays(period)
			if first.After(day) {
				break
			}
			asked = append(asked, PublicationAsked{rule.Kind, period})
			at = last.AddDays(1)
		}
	}
	return asked
}

// PublicationKindOf is what a docket publishes.
func (d Docket) PublicationKindOf() PublicationKind {
	return PublicationKind(cmp.Or(d.Facts["publication"], string(PublishChange)))
}
