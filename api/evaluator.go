package api

import (
	"cmp"
	"crypto/rand"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"haochaping/policies"
	"haochaping/regulation"
	"haochaping/store"
	"haochaping/web"
)

// evaluatorBody is what a screen at a window offers: for makers, the options of each grade and the dimensions.
type evaluatorBody struct {
	Grades        []gradeBody `json:"grades"`
	Dimensions    []string    `json:"dimensions"`
	NoticeVersion string      `json:"notice_version"`
}

// showEvaluator is the screen at a window. It is the same for everybody: the device it becomes by its code.
func (a *API) showEvaluator(r *request) (answer, error) {
	f, err := a.form(r.http().Context())
	if err != nil {
		return answer{}, err
	}
	b := evaluatorBody{gradesOf(r.lang, f.options), askedDimensions(f.dimensions, false), noticeVersion}
	v := &web.EvaluatorView{Page: web.Page{Lang: r.lang}, Grades: choices(b.Grades), Dimensions: b.Dimensions, NoticeVersion: noticeVersion, Demo: a.demoOpen(r) == nil}
	return answer{body: b, view: v}, nil
}

// evaluatorWorker is the script that keeps the screen while there is no line. It stands at the root, since its
// address is the reach of a service worker.
func (a *API) evaluatorWorker(*request) (answer, error) {
	file, err := a.asset(strings.TrimPrefix(a.Site.Asset("evaluator-worker.mjs"), web.StaticPrefix))
	if err != nil {
		return answer{}, err
	}
	return answer{file: func(c echo.Context) error { return c.Blob(http.StatusOK, file.kind, file.plain) }}, nil
}

// demoEvaluator registers one more evaluator at the demo's first window and hands out its code: one press instead of
// a maintainer.
func (a *API) demoEvaluator(r *request) (answer, error) {
	if err := a.demoOpen(r); err != nil {
		return answer{}, err
	}
	w, hall, err := a.demoWindow(r)
	if err != nil {
		return answer{}, err
	}
	id, err := a.Store.RegisterDevice(r.http().Context(), store.NewDevice{Model: "haochaping-page", SerialNo: "DEMO-" + rand.Text()[:6], Hall: hall.ID, Window: w.ID}, hall.Area, regulation.Actor{})
	if err != nil {
		return answer{}, err
	}
	code, until, err := a.Store.IssueDeviceCode(r.http().Context(), id, 1, regulation.Actor{})
	return answer{status: http.StatusCreated, body: deviceCodeBody{code, until}}, err
}

// demoWindow is the first window at which an evaluator may stand.
func (a *API) demoWindow(r *request) (store.Window, store.Org, error) {
	windows, err := a.Store.AllWindows(r.http().Context())
	for _, w := range windows {
		if hall, known := a.places(r).org(w.HallID); known && hall.Kind.HasEvaluators() {
			return w, hall, nil
		}
	}
	return store.Window{}, store.Org{}, cmp.Or(err, error(&regulation.Error{Code: regulation.NotFound, Missing: "window"}))
}

// windowSeatBody is a window of the reader's roster, with who is signed in and what stands there.
type windowSeatBody struct {
	Window  placeBody        `json:"window"`
	Hall    *placeBody       `json:"hall"`
	Mine    bool             `json:"mine"`
	Who     string           `json:"signed_in,omitempty"`
	Invited bool             `json:"invited"`
	Devices []seatDeviceBody `json:"devices"`
}

// seatDeviceBody is an evaluator at a window. What was pressed on it whoever serves never learns.
type seatDeviceBody struct {
	SerialNo string `json:"serial_no"`
	State    string `json:"state"`
	Waiting  int64  `json:"waiting"`
	Parked   int64  `json:"parked"`
}

type windowsBody struct {
	Windows []windowSeatBody `json:"windows"`
}

// showWindow is the page of whoever serves at windows: they sign in there and ask the citizen to rate.
func (a *API) showWindow(r *request) (answer, error) {
	body, view, err := a.windowPage(r)
	return answer{body: body, view: view}, err
}

func (a *API) windowPage(r *request) (windowsBody, *web.WindowView, error) {
	ctx, body, v := r.http().Context(), windowsBody{Windows: []windowSeatBody{}}, &web.WindowView{Page: a.pageFor(r)}
	served, err := a.Store.ServedBy(ctx, r.actor.Staff)
	if err != nil {
		return body, v, err
	}
	for _, w := range served {
		shown, err := a.Store.ShownAt(ctx, w.ID)
		if err != nil {
			return body, v, err
		}
		devices, err := a.Store.Devices(ctx, regulation.Scope{All: true}, store.DeviceQuery{Window: w.ID})
		if err != nil {
			return body, v, err
		}
		b := windowSeatBody{Window: placeBody{w.ID, windowName(r.lang, w)}, Hall: a.places(r).body(w.HallID), Mine: shown.Profile.StaffID == r.actor.Staff,
			Who: shown.Profile.NameZH, Invited: shown.Session != "", Devices: []seatDeviceBody{}}
		seat := web.WindowSeat{ID: w.ID, Name: b.Window.Name, Hall: nameOf(b.Hall), Mine: b.Mine, Who: b.Who, Session: b.Invited}
		for _, d := range devices {
			line := a.deviceBody(r, d, nil)
			if d.State == regulation.DeviceRetired {
				continue
			}
			b.Devices = append(b.Devices, seatDeviceBody{d.SerialNo, deviceTab(line), d.Waiting, d.Parked})
			seat.Devices = append(seat.Devices, web.SeatDevice{SerialNo: d.SerialNo, State: deviceTab(line), Tone: deviceTone(line), Waiting: d.Waiting, Parked: d.Parked})
		}
		body.Windows, v.Windows = append(body.Windows, b), append(v.Windows, seat)
	}
	return body, v, nil
}

func (a *API) takeWindow(r *request) (answer, error) {
	return a.atWindow(r, func(window string) error {
		return a.Store.TakeWindow(r.http().Context(), window, r.actor.Staff, false)
	})
}

func (a *API) leaveWindow(r *request) (answer, error) {
	return a.atWindow(r, func(window string) error {
		return a.Store.TakeWindow(r.http().Context(), window, r.actor.Staff, true)
	})
}

func (a *API) inviteRating(r *request) (answer, error) {
	return a.atWindow(r, func(window string) error {
		_, err := a.Store.Invite(r.http().Context(), window, r.actor.Staff)
		return err
	})
}

// atWindow does something at a window of the reader's own roster, in nobody's name but theirs.
func (a *API) atWindow(r *request, do func(window string) error) (answer, error) {
	fields, err := r.fields()
	if err != nil {
		return answer{}, err
	}
	if err := only(fields, "window", "idempotency_key"); err != nil {
		return answer{}, err
	}
	if r.actor.Staff == "" {
		return answer{}, a.notYours(policies.ServeWindow)
	}
	if err := do(fields.Get("window")); err != nil {
		return answer{}, err
	}
	a.say(r, "flash.window_done")
	return answer{status: http.StatusNoContent, next: "/window"}, nil
}
