package api

import (
	"net/url"
	"slices"
	"strings"

	"haochaping/policies"
	"haochaping/regulation"
	"haochaping/store"
	"haochaping/web"
	"haochaping/workday"
)

// The list of cases narrows to those behind a figure: as many as the figure says (7(1)). It does so for who may read figures, and
// leaves out what those leave out.

// figureFields are what cases behind a figure can have in common, by the query's names, each with its column.
var figureFields = []struct {
	name, column string
	axis         regulation.Axis
}{{"area", "area", regulation.AxisCounty}, {"of_unit", "unit_id", regulation.AxisUnit}, {"window", "window_id", regulation.AxisWindow}, {"staff", "staff_id", regulation.AxisStaff},
	{"cause", "cause", regulation.AxisCause}, {"link", "link", regulation.AxisLink}, {"attribution", "attribution", regulation.AxisAttribution}, {"of_grade", "grade", ""},
	{"of_matter", "matter_id", regulation.AxisMatter}, {"of_hall", "hall_id", regulation.AxisHall}, {"by_channel", "channel", regulation.AxisChannel}}

// notVerified stands for "" in an address: cases that were not verified yet.
const notVerified = "none"

// behindFields are all fields of an address that narrow to a figure.
var behindFields = strings.Fields("from to counting open opened_from opened_to due area of_unit window staff cause link attribution of_grade of_matter of_hall by_channel")

// behindAsked are those of them that the address has, none where the reader has no figures.
func (a *API) behindAsked(r *request) url.Values {
	asked := url.Values{}
	if regulation.OfRatedSide(r.actor) || a.Guard.Scope(r.actor, policies.ViewFigures).Empty() {
		return asked
	}
	for _, name := range behindFields {
		if value := r.query(name); value != "" {
			asked.Set(name, value)
		}
	}
	if !asked.Has("from") && !asked.Has("to") && asked.Get("open") != "yes" {
		return url.Values{} // the inbox has fields of the same names
	}
	return asked
}

// behindFigure reads which figure the list of cases is narrowed to.
func (a *API) behindFigure(r *request) (f store.CaseFilter, err error) {
	asked := a.behindAsked(r)
	if len(asked) == 0 {
		return f, nil
	}
	own, err := a.ownSide(r)
	if err != nil {
		return f, err
	}
	wrong := &regulation.Error{Code: regulation.Invalid, Missing: "fields"}
	f.At = r.at
	if asked.Get("open") == "yes" {
		f.Open = &store.OpenQuery{Unit: asked.Get("of_unit"), Window: asked.Get("window"), Except: own.units, ExceptWindows: own.windows}
		if area := asked.Get("area"); area != "" {
			f.Open.Areas = []string{area}
		}
		readDays(&f, asked, wrong)
	}
	if asked.Get("from") != "" || asked.Get("to") != "" {
		of := own.except(store.CaseFigureQuery{From: asked.Get("from"), To: asked.Get("to"), Where: map[string][]string{}})
		f.Figure = &of
		refuseMonths(f.Figure.From, f.Figure.To, wrong)
		for _, field := range figureFields {
			if value := asked.Get(field.name); value != "" {
				f.Figure.Where[field.column] = []string{strings.TrimPrefix(value, notVerified)}
			}
		}
		if alike := asked.Get("of_matter"); alike != "" && alike != notVerified {
			of, err := a.Store.AlikeMatters(r.http().Context(), alike)
			if err != nil {
				return f, err
			}
			f.Figure.Where["matter_id"] = []string{} // none, not all, where it is unknown
			for _, m := range of[alike] {
				f.Figure.Where["matter_id"] = append(f.Figure.Where["matter_id"], m.ID)
			}
		}
		if f.Counting = asked.Get("counting"); f.Counting != "" && !store.Counts(f.Counting) {
			_ = wrong.Field("counting", "not_an_option")
		}
	}
	if len(wrong.Fields) > 0 {
		return f, wrong
	}
	return f, nil
}

func readDays(f *store.CaseFilter, asked url.Values, wrong *regulation.Error) {
	day := func(name string) (day workday.Date) {
		text := asked.Get(name)
		if text == "" {
			return day
		}
		day, err := workday.ParseDate(text)
		if err != nil {
			_ = wrong.Field(name, "not_a_date")
		}
		return day
	}
	f.Days = [2]workday.Date{day("opened_from"), day("opened_to")}
	if f.Late = asked.Get("due") == "late"; !f.Late {
		f.Due = day("due")
	}
}

// behindWords says what the list is narrowed to, nil where it is not.
func (a *API) behindWords(r *request) *web.Message {
	asked := a.behindAsked(r)
	if len(asked) == 0 {
		return nil
	}
	var words []string
	say := func(key string, args ...any) { words = append(words, web.T(r.lang, "list.behind."+key, args...)) }
	if asked.Has("from") {
		say("months", asked.Get("from"), asked.Get("to"))
	}
	names := figureNames{p: a.places(r)}
	for _, field := range figureFields {
		switch value := asked.Get(field.name); {
		case value == "":
		case field.axis == "":
			words = append(words, web.T(r.lang, "grade."+value))
		case field.axis == regulation.AxisWindow:
			words = append(words, a.windowOr(r, value))
		case field.axis == regulation.AxisMatter:
			of, _ := a.Store.AlikeMatters(r.http().Context(), value) // a code is shown where no name is found
			words = append(words, alikeMatterName(r, of, strings.TrimPrefix(value, notVerified)))
		case field.axis == regulation.AxisStaff:
			found, _ := a.Store.StaffNames(r.http().Context(), value) // an id is shown where no name is found
			names.staff = found
			words = append(words, names.name(r, field.axis, value))
		default:
			words = append(words, names.name(r, field.axis, strings.TrimPrefix(value, notVerified)))
		}
	}
	for _, field := range []string{"open", "late"} {
		if field == "open" && asked.Get("open") == "yes" || field == "late" && asked.Get("due") == "late" {
			say(field)
		}
	}
	if asked.Has("opened_from") || asked.Has("opened_to") {
		say("opened", dash(asked.Get("opened_from")), dash(asked.Get("opened_to")))
	}
	if due := asked.Get("due"); due != "" && due != "late" {
		say("due", due)
	}
	if counting := asked.Get("counting"); store.Counts(counting) {
		say("counting." + counting)
	}
	message := web.Msg("list.behind", strings.Join(words, either(r.lang, "，", ", ")))
	return &message
}

func dash(text string) string {
	if text == "" {
		return "…"
	}
	return text
}

// behindHidden are the fields that the list's own filter keeps.
func (a *API) behindHidden(r *request) (fields []web.Field) {
	asked := a.behindAsked(r)
	for _, name := range behindFields {
		if asked.Has(name) {
			fields = append(fields, web.Field{Name: name, Kind: web.FieldHidden, Values: []string{asked.Get(name)}})
		}
	}
	return fields
}

// casesBehind is the address of the cases behind a figure, "" where the reader sees no list of cases. Names and values are given in
// turn; a value "" is left out.
func (a *API) casesBehind(r *request, area string, pairs ...string) string {
	scope := a.caseScope(r)
	if !scope.All && !slices.Contains(scope.Areas, area) {
		return ""
	}
	asked := url.Values{"tab": {"all"}}
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			asked.Set(pairs[i], pairs[i+1])
		}
	}
	return "/cases?" + asked.Encode()
}
