package api

import (
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"haochaping/policies"
	"haochaping/regulation"
	"haochaping/store"
	"haochaping/web"
)

// deviceBody is a device with what it told last (9(3)).
type deviceBody struct {
	ID          string                 `json:"id"`
	Kind        regulation.DeviceKind  `json:"kind"`
	Model       string                 `json:"model"`
	SerialNo    string                 `json:"serial_no"`
	Firmware    string                 `json:"firmware,omitempty"`
	Hall        *placeBody             `json:"hall"`
	Window      placeBody              `json:"window"`
	State       regulation.DeviceState `json:"state"`
	Online      bool                   `json:"online"`
	Beat        time.Time              `json:"last_heartbeat,omitzero"`
	Ahead       int64                  `json:"clock_ahead_seconds"`
	Waiting     int64                  `json:"waiting"`
	Parked      int64                  `json:"parked"`
	ParkedCodes []string               `json:"parked_codes,omitempty"`
	Battery     *int                   `json:"battery,omitempty"`
	Paper       *int                   `json:"paper,omitempty"`
	Enrolled    time.Time              `json:"enrolled_at,omitzero"`
	CodeUntil   time.Time              `json:"code_until,omitzero"`
	Seq         int64                  `json:"seq"`
}

type devicesBody struct {
	Devices []deviceBody   `json:"devices"`
	Counts  map[string]int `json:"counts"`
}

// deviceEventBody is an entry of a device's history.
type deviceEventBody struct {
	Seq    int64     `json:"seq"`
	At     time.Time `json:"at"`
	Name   string    `json:"name"`
	Person string    `json:"person,omitempty"`
	Window placeBody `json:"window"`
	Detail string    `json:"detail,omitempty"`
}

type deviceHistoryBody struct {
	deviceBody
	History []deviceEventBody `json:"history"`
	Repairs []repairBody      `json:"repairs"`
	Acts    []string          `json:"acts"` // what the reader may do now
}

// deviceCodeBody is an enrolment code, shown once.
type deviceCodeBody struct {
	Code  string    `json:"code"`
	Until time.Time `json:"until"`
}

// windows names windows by id, with their halls.
func (a *API) windows(r *request) (map[string]store.Window, error) {
	all, err := a.Store.AllWindows(r.http().Context())
	byID := map[string]store.Window{}
	for _, w := range all {
		byID[w.ID] = w
	}
	return byID, err
}

func (a *API) deviceBody(r *request, d store.Device, windows map[string]store.Window) deviceBody {
	b := deviceBody{ID: d.ID, Kind: d.Kind, Model: d.Model, SerialNo: d.SerialNo, Firmware: d.Firmware, Hall: a.places(r).body(d.Hall),
		Window: placeBody{d.Window, windowName(r.lang, windows[d.Window])}, State: d.State, Online: d.Online(r.at), Beat: d.BeatAt, Ahead: int64(d.Ahead.Seconds()),
		Waiting: d.Waiting, Parked: d.Parked, ParkedCodes: d.ParkedCodes, Enrolled: d.EnrolledAt, CodeUntil: d.CodeUntil, Seq: d.Seq}
	if d.Battery >= 0 {
		b.Battery = &d.Battery
	}
	if d.Paper >= 0 {
		b.Paper = &d.Paper
	}
	return b
}

// deviceName is how a device is called in lists of other things.
func (a *API) deviceName(r *request, id string) string {
	d, err := a.Store.Device(r.http().Context(), regulation.Scope{All: true}, id)
	if err != nil {
		return id
	}
	return d.SerialNo + " · " + a.windowOr(r, d.Window)
}

// deviceTabs narrow the list of devices.
var deviceTabs = []string{"online", "offline", "enrolling", "locked", "retired"}

// deviceTab is under which tab a device stands.
func deviceTab(b deviceBody) string {
	switch {
	case b.State != regulation.DeviceActive:
		return string(b.State)
	case b.Online:
		return "online"
	}
	return "offline"
}

// showDevices lists the devices of the reader's area, hall by hall.
func (a *API) showDevices(r *request) (answer, error) {
	scope := a.Guard.Scope(r.actor, policies.ViewDevices)
	found, err := a.Store.Devices(r.http().Context(), scope, store.DeviceQuery{Hall: r.query("hall")})
	if err != nil {
		return answer{}, err
	}
	windows, err := a.windows(r)
	if err != nil {
		return answer{}, err
	}
	body, halls := devicesBody{Devices: []deviceBody{}, Counts: map[string]int{}}, []web.Option{}
	for _, d := range found {
		b := a.deviceBody(r, d, windows)
		body.Counts[deviceTab(b)]++
		body.Counts["all"]++
		if tab := r.query("state"); tab == "" || tab == deviceTab(b) {
			body.Devices = append(body.Devices, b)
		}
		halls = append(halls, web.Option{Value: d.Hall, Text: nameOf(b.Hall)})
	}
	return answer{body: body, view: a.deviceTable(r, body, slices.CompactFunc(halls, func(x, y web.Option) bool { return x.Value == y.Value }))}, nil
}

func (a *API) deviceTable(r *request, b devicesBody, halls []web.Option) *web.TableView {
	intro := web.Msg("devices.text")
	v := &web.TableView{Page: a.pageFor(r), Code: "devices", Intro: &intro, Columns: []string{"device", "hall", "window", "state", "heartbeat", "waiting", "firmware"}}
	hall, tab := r.query("hall"), r.query("state")
	v.Tabs = []web.Tab{{Code: "all", Href: devicesAddress(hall, ""), Count: b.Counts["all"], Current: tab == ""}}
	for _, code := range deviceTabs {
		v.Tabs = append(v.Tabs, web.Tab{Code: code, Href: devicesAddress(hall, code), Count: b.Counts[code], Current: tab == code})
	}
	if len(halls) > 1 || hall != "" {
		v.Filter = &web.TableFilter{Action: "/devices", Fields: []web.Field{{Name: "hall", Kind: web.FieldSelect, Label: "col.hall", Any: "filter.any", Options: halls, Values: []string{hall}}}}
	}
	if a.Guard.May(r.actor, policies.KeepDevices) {
		v.Add = "/devices/new"
	}
	for _, d := range b.Devices {
		waiting := web.Msg("devices.none_waiting")
		if d.Waiting+d.Parked > 0 {
			waiting = web.Msg("devices.waiting", d.Waiting, d.Parked)
		}
		v.Rows = append(v.Rows, web.TableRow{Href: "/devices/" + d.ID, Cells: []web.Cell{{Text: d.SerialNo}, {Text: nameOf(d.Hall)}, {Text: d.Window.Name},
			{Message: web.Msg("devices.tab." + deviceTab(d)), Badge: deviceTone(d)}, {At: d.Beat}, {Message: waiting}, {Text: d.Firmware}}})
	}
	return v
}

func devicesAddress(hall, state string) string {
	query := []string{}
	for name, value := range map[string]string{"hall": hall, "state": state} {
		if value != "" {
			query = append(query, name+"="+value)
		}
	}
	if len(query) == 0 {
		return "/devices"
	}
	slices.Sort(query)
	return "/devices?" + strings.Join(query, "&")
}

func deviceTone(d deviceBody) string {
	switch deviceTab(d) {
	case "online":
		return "ok"
	case "offline", "enrolling":
		return "warn"
	case "locked":
		return "bad"
	}
	return "info"
}

// seenDevice finds a device within the reader's scope.
func (a *API) seenDevice(r *request) (store.Device, error) {
	return a.Store.Device(r.http().Context(), a.Guard.Scope(r.actor, policies.ViewDevices), r.param("id"))
}

func (a *API) showDevice(r *request) (answer, error) {
	d, err := a.seenDevice(r)
	if err != nil {
		return answer{}, err
	}
	body, err := a.deviceHistory(r, d)
	if err != nil {
		return answer{}, err
	}
	view, err := a.devicePage(r, d, body, nil)
	return answer{body: body, view: view}, err
}

func (a *API) deviceHistory(r *request, d store.Device) (deviceHistoryBody, error) {
	windows, err := a.windows(r)
	if err != nil {
		return deviceHistoryBody{}, err
	}
	body := deviceHistoryBody{deviceBody: a.deviceBody(r, d, windows), History: []deviceEventBody{}, Acts: a.deviceActs(r, d)}
	events, err := a.Store.DeviceHistory(r.http().Context(), d.ID)
	if err != nil {
		return body, err
	}
	people, err := a.Store.People(r.http().Context())
	for _, e := range events {
		body.History = append(body.History, deviceEventBody{e.Seq, e.At, e.Name, people.Name(e.Person), placeBody{e.Window, windowName(r.lang, windows[e.Window])}, e.Detail})
	}
	if err != nil {
		return body, err
	}
	body.Repairs, err = a.deviceRepairs(r, d)
	if slices.ContainsFunc(body.Repairs, func(b repairBody) bool { return b.Closed.IsZero() }) {
		body.Acts = slices.DeleteFunc(body.Acts, func(act string) bool { return act == deviceRepair })
	}
	return body, err
}

// Acts on a device.
const (
	deviceCode   = "code"
	deviceMove   = "move"
	deviceRepair = "repairs"
	deviceRetire = "retire"
)

// deviceActs are what the reader may do with a device now.
func (a *API) deviceActs(r *request, d store.Device) []string {
	if len(a.keepsDevices(r, d.Area)) == 0 || d.State == regulation.DeviceRetired {
		return []string{}
	}
	return []string{deviceCode, deviceRepair, deviceMove, deviceRetire}
}

// keepsDevices are the reader's assignments under which they keep the devices of an area.
func (a *API) keepsDevices(r *request, area string) []regulation.Assignment {
	return a.Guard.Assignments(r.actor, policies.KeepDevices, regulation.DeviceSubject(area))
}

// changeDevice does an act on a device, under the history's end that the form saw.
func (a *API) changeDevice(r *request, act string, names []string, do func(d store.Device, seen int64, fields regulation.Values, actor regulation.Actor) (answer, error)) (answer, error) {
	d, err := a.seenDevice(r)
	if err != nil {
		return answer{}, err
	}
	fields, err := r.fields()
	if err != nil {
		return answer{}, err
	}
	ans, err := a.tryDevice(r, d, fields, names, do)
	if refused := (*regulation.Error)(nil); errors.As(err, &refused) && r.page {
		body, drawing := a.deviceHistory(r, d)
		if drawing != nil {
			return answer{}, drawing
		}
		view, drawing := a.devicePage(r, d, body, &triedDevice{act, fields, refused})
		return answer{view: view}, errors.Join(err, drawing)
	}
	return ans, err
}

func (a *API) tryDevice(r *request, d store.Device, fields regulation.Values, names []string, do func(d store.Device, seen int64, fields regulation.Values, actor regulation.Actor) (answer, error)) (answer, error) {
	allowed := a.keepsDevices(r, d.Area)
	if len(allowed) == 0 {
		return answer{}, a.notYours(policies.KeepDevices)
	}
	if err := only(fields, append(names, "seq", "idempotency_key")...); err != nil {
		return answer{}, err
	}
	seen, err := strconv.ParseInt(fields.Get("seq"), 10, 64)
	if err != nil || seen < 0 {
		return answer{}, deviceFault("seq", "required")
	}
	actor := r.actor
	actor.As = allowed[0]
	return do(d, seen, fields, actor)
}

func deviceFault(field, code string) error {
	return (&regulation.Error{Code: regulation.Invalid, Clause: regulation.ClauseEquipment, Missing: "fields"}).Field(field, code)
}

// issueCode shows an enrolment code this once: the page is drawn by the form's own answer.
func (a *API) issueCode(r *request) (answer, error) {
	return a.changeDevice(r, deviceCode, nil, func(d store.Device, seen int64, _ regulation.Values, actor regulation.Actor) (answer, error) {
		code, until, err := a.Store.IssueDeviceCode(r.http().Context(), d.ID, seen, actor)
		if err != nil {
			return answer{}, err
		}
		ans := answer{status: http.StatusCreated, body: deviceCodeBody{code, until}}
		if r.page {
			ans.view, err = a.codePage(r, code)
		}
		return ans, err
	})
}

func (a *API) codePage(r *request, code string) (web.View, error) {
	d, err := a.seenDevice(r)
	if err != nil {
		return nil, err
	}
	body, err := a.deviceHistory(r, d)
	if err != nil {
		return nil, err
	}
	view, err := a.devicePage(r, d, body, nil)
	if err == nil {
		view.NewCode = code
	}
	return view, err
}

func (a *API) moveDevice(r *request) (answer, error) {
	return a.changeDevice(r, deviceMove, []string{"window"}, func(d store.Device, seen int64, fields regulation.Values, actor regulation.Actor) (answer, error) {
		w, _, err := a.windowFor(r, fields.Get("window"), d.Area)
		if err == nil {
			err = a.Store.MoveDevice(r.http().Context(), d.ID, seen, w.HallID, w.ID, actor)
		}
		return a.deviceDone(r, d.ID), err
	})
}

func (a *API) retireDevice(r *request) (answer, error) {
	return a.changeDevice(r, deviceRetire, []string{"reason"}, func(d store.Device, seen int64, fields regulation.Values, actor regulation.Actor) (answer, error) {
		if !slices.Contains(store.RetireReasons, fields.Get("reason")) {
			return answer{}, deviceFault("reason", "required")
		}
		return a.deviceDone(r, d.ID), a.Store.RetireDevice(r.http().Context(), d.ID, seen, fields.Get("reason"), actor)
	})
}

func (a *API) deviceDone(r *request, id string) answer {
	a.say(r, "flash.device_done")
	return answer{status: http.StatusNoContent, next: "/devices/" + id}
}

// windowFor finds a window at which the reader may put a device; area, where given, is the one in which it has to
// be.
func (a *API) windowFor(r *request, id, area string) (w store.Window, at string, err error) {
	windows, err := a.windows(r)
	if err != nil {
		return w, "", err
	}
	w, known := windows[id]
	hall, placed := a.places(r).org(w.HallID)
	if !known || !placed || !hall.Kind.HasEvaluators() || area != "" && hall.Area != area || len(a.keepsDevices(r, hall.Area)) == 0 {
		return w, "", deviceFault("window", "not_an_option")
	}
	return w, hall.Area, nil
}

// windowOptions are the windows at which the reader may put a device, of one area or of all.
func (a *API) windowOptions(r *request, area string) ([]web.Option, error) {
	all, err := a.Store.AllWindows(r.http().Context())
	p, options := a.places(r), []web.Option{}
	for _, w := range all {
		hall, known := p.org(w.HallID)
		if known && hall.Kind.HasEvaluators() && (area == "" || hall.Area == area) && len(a.keepsDevices(r, hall.Area)) > 0 {
			options = append(options, web.Option{Value: w.ID, Text: p.name(w.HallID) + " · " + windowName(r.lang, w)})
		}
	}
	return options, err
}

// deviceModelBody is a make that may be registered, with the grades of its keys.
type deviceModelBody struct {
	Model  string                `json:"model"`
	Kind   regulation.DeviceKind `json:"kind"`
	Name   string                `json:"name"`
	Levels map[string]int        `json:"levels"`
}

type newDeviceBody struct {
	Models  []deviceModelBody `json:"models"`
	Windows []placeBody       `json:"windows"`
}

// showNewDevice tells what may be registered, and where.
func (a *API) showNewDevice(r *request) (answer, error) {
	body, view, err := a.newDevicePage(r, nil, nil)
	return answer{body: body, view: view}, err
}

func (a *API) newDevicePage(r *request, fields regulation.Values, wrong map[string]string) (newDeviceBody, web.View, error) {
	options, err := a.windowOptions(r, "")
	body := newDeviceBody{Windows: []placeBody{}}
	for _, o := range options {
		body.Windows = append(body.Windows, placeBody{o.Value, o.Text})
	}
	v := &web.NewDeviceView{Page: a.pageFor(r), Form: web.Form{Action: "/devices", Errors: web.FieldErrors(wrong)}}
	var makes []web.Option
	for _, m := range store.DeviceModels {
		b := deviceModelBody{Model: m.Model, Kind: m.Kind, Name: either(r.lang, m.NameZH, m.NameEN), Levels: map[string]int{}}
		line := web.DeviceModelLine{Model: m.Model, Kind: string(m.Kind), Name: b.Name}
		for level := 0; level <= 9; level++ {
			if grade, known := m.Levels[level]; known {
				b.Levels[strconv.Itoa(level)] = int(grade)
				line.Keys = append(line.Keys, web.DeviceKey{Key: level, Grade: int(grade)})
			}
		}
		body.Models, v.Models = append(body.Models, b), append(v.Models, line)
		makes = append(makes, web.Option{Value: m.Model, Text: b.Name + " (" + m.Model + ")"})
	}
	v.Fields = []web.Field{drawnField("model", "device.model", web.FieldSelect, makes, fields, wrong), drawnField("serial_no", "device.serial_no", web.FieldText, nil, fields, wrong),
		drawnField("window", "device.window", web.FieldSelect, options, fields, wrong)}
	v.Fields[1].Length = 64
	return body, v, err
}

// drawnField is a required field with what was typed and what was wrong with it.
func drawnField(name, label string, kind web.FieldKind, options []web.Option, fields regulation.Values, wrong map[string]string) web.Field {
	f := web.Field{Name: name, Kind: kind, Label: label, Required: true, Options: options, Values: fields[name]}
	if code := wrong[name]; code != "" {
		message := web.Msg("refusal." + code)
		f.Error = &message
	}
	return f
}

// registerDevice registers a device at a window.
func (a *API) registerDevice(r *request) (answer, error) {
	fields, err := r.fields()
	if err != nil {
		return answer{}, err
	}
	id, err := a.tryRegister(r, fields)
	if err == nil {
		a.say(r, "flash.device_done")
		return answer{status: http.StatusCreated, location: "/devices/" + id, next: "/devices/" + id, body: map[string]string{"id": id}}, nil
	}
	if refused := (*regulation.Error)(nil); errors.As(err, &refused) && r.page {
		_, view, drawing := a.newDevicePage(r, fields, formErrors(refused))
		return answer{view: view}, errors.Join(err, drawing)
	}
	return answer{}, err
}

func (a *API) tryRegister(r *request, fields regulation.Values) (string, error) {
	if err := only(fields, "model", "serial_no", "window", "idempotency_key"); err != nil {
		return "", err
	}
	w, area, err := a.windowFor(r, fields.Get("window"), "")
	if err != nil {
		return "", err
	}
	actor := r.actor
	actor.As = a.keepsDevices(r, area)[0]
	return a.Store.RegisterDevice(r.http().Context(), store.NewDevice{Model: fields.Get("model"), SerialNo: fields.Get("serial_no"), Hall: w.HallID, Window: w.ID}, area, actor)
}

// triedDevice is a refused form of a device's page.
type triedDevice struct {
	act     string
	fields  regulation.Values
	refused *regulation.Error
}

// devicePage draws a device with its history and the forms that are open to the reader.
func (a *API) devicePage(r *request, d store.Device, b deviceHistoryBody, tried *triedDevice) (*web.DeviceView, error) {
	model, _ := store.DeviceModelOf(d.Model)
	v := &web.DeviceView{Page: a.pageFor(r), Kind: string(b.Kind), Model: either(r.lang, model.NameZH, model.NameEN), SerialNo: b.SerialNo, Firmware: b.Firmware,
		Hall: nameOf(b.Hall), Window: b.Window.Name, State: deviceTab(b.deviceBody), Tone: deviceTone(b.deviceBody), Beat: b.Beat, Ahead: b.Ahead,
		Waiting: b.Waiting, Parked: b.Parked, ParkedCodes: b.ParkedCodes, Battery: d.Battery, Paper: d.Paper, Enrolled: b.Enrolled, CodeUntil: b.CodeUntil}
	v.Title = b.SerialNo
	for _, e := range b.History {
		v.Steps = append(v.Steps, web.DeviceStep{Event: e.Name, Tone: deviceEventTones[e.Name], At: e.At, Name: e.Person, Window: e.Window.Name, Detail: e.Detail})
	}
	calendar, err := a.Store.Calendar(r.http().Context(), d.Area)
	if err != nil {
		return v, err
	}
	for _, b := range b.Repairs {
		v.Repairs = append(v.Repairs, webRepair(b, d.ID, due(b.Due, b.Overdue, false, calendar, r.at)))
	}
	if tried != nil && tried.refused.Fields == nil {
		v.Refusal = webProblem(r.lang, tried.refused, r.id)
	}
	for _, act := range b.Acts {
		form, err := a.deviceForm(r, d, act, tried)
		if err != nil {
			return v, err
		}
		v.Forms = append(v.Forms, form)
	}
	return v, nil
}

var deviceEventTones = map[string]string{store.DeviceRegistered: "info", store.DeviceMoved: "info", store.DeviceCode: "info", store.DeviceEnrolled: "ok",
	store.DeviceLockedNow: "bad", store.DeviceRetiredNow: "warn"}

func (a *API) deviceForm(r *request, d store.Device, act string, tried *triedDevice) (web.DeviceForm, error) {
	f := web.DeviceForm{Act: act, Danger: act == deviceRetire, Form: web.Form{Action: "/devices/" + d.ID + "/" + act, Hidden: map[string]string{"seq": strconv.FormatInt(d.Seq, 10)}}}
	var typed regulation.Values
	var wrong map[string]string
	if tried != nil && tried.act == act {
		typed, wrong, f.Open = tried.fields, tried.refused.Fields, true
	}
	switch act {
	case deviceCode:
		f.Open = f.Open || d.State == regulation.DeviceEnrolling || d.State == regulation.DeviceLocked
	case deviceMove:
		options, err := a.windowOptions(r, d.Area)
		if err != nil {
			return f, err
		}
		f.Fields = []web.Field{drawnField("window", "device.window", web.FieldSelect, options, typed, wrong)}
	case deviceRepair:
		var reasons []web.Option
		for _, reason := range regulation.RepairReasons {
			reasons = append(reasons, web.Option{Value: reason, Key: "repair.reason." + reason})
		}
		f.Fields = []web.Field{drawnField("repair_reason", "device.reason", web.FieldRadio, reasons, typed, wrong)}
	case deviceRetire:
		var reasons []web.Option
		for _, reason := range store.RetireReasons {
			reasons = append(reasons, web.Option{Value: reason, Key: "device.detail." + reason})
		}
		f.Fields = []web.Field{drawnField("reason", "device.reason", web.FieldRadio, reasons, typed, wrong)}
	}
	return f, nil
}

func webRepair(b repairBody, device string, until web.Due) web.DeviceRepair {
	v := web.DeviceRepair{Reason: b.Reason, State: string(b.State), Open: b.Closed.IsZero(), Due: until}
	for _, s := range b.Steps {
		v.Steps = append(v.Steps, web.RepairStep{State: string(s.State), At: s.At, Name: s.Person})
	}
	for _, next := range b.Next {
		v.Next = append(v.Next, web.RepairForm{State: string(next), Form: web.Form{Action: "/devices/" + device + "/repairs/" + string(next), Hidden: map[string]string{"seq": strconv.FormatInt(b.Seq, 10)}}})
	}
	return v
}
