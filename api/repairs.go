package api

import (
	"encoding/csv"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"haochaping/policies"
	"haochaping/regulation"
	"haochaping/store"
	"haochaping/web"
	"haochaping/workday"
)

// repairBody is the repair of a device (9(3)).
type repairBody struct {
	ID      string                   `json:"id"`
	Device  placeBody                `json:"device"`
	Hall    *placeBody               `json:"hall"`
	Reason  string                   `json:"reason"`
	State   regulation.RepairState   `json:"state"`
	Due     time.Time                `json:"due"`
	Overdue bool                     `json:"overdue"`
	Opened  time.Time                `json:"opened_at"`
	Closed  time.Time                `json:"closed_at,omitzero"`
	Seq     int64                    `json:"seq"`
	Steps   []repairStepBody         `json:"steps,omitempty"`
	Next    []regulation.RepairState `json:"next,omitempty"` // what the reader may do now
}

type repairStepBody struct {
	At     time.Time              `json:"at"`
	State  regulation.RepairState `json:"state"`
	Person string                 `json:"person,omitempty"`
}

type repairsBody struct {
	Repairs []repairBody `json:"repairs"`
}

func (a *API) repairBody(r *request, repair store.Repair) repairBody {
	return repairBody{ID: repair.ID, Device: placeBody{repair.Device, a.deviceName(r, repair.Device)}, Hall: a.places(r).body(repair.Hall), Reason: repair.Reason, State: repair.State,
		Due: repair.Due, Overdue: repair.Overdue, Opened: repair.OpenedAt, Closed: repair.ClosedAt, Seq: repair.Seq}
}

// showRepairs lists the open repairs of the reader's area, the most urgent first.
func (a *API) showRepairs(r *request) (answer, error) {
	open, err := a.Store.OpenRepairs(r.http().Context(), a.Guard.Scope(r.actor, policies.ViewDevices))
	if err != nil {
		return answer{}, err
	}
	body, calendars := repairsBody{Repairs: []repairBody{}}, a.calendars(r)
	v := &web.TableView{Page: a.pageFor(r), Code: "repairs", Columns: []string{"device", "hall", "reason", "state", "since", "due"}}
	for _, repair := range open {
		b := a.repairBody(r, repair)
		calendar, err := calendars.of(repair.Area)
		if err != nil {
			return answer{}, err
		}
		body.Repairs = append(body.Repairs, b)
		v.Rows = append(v.Rows, web.TableRow{Href: "/devices/" + repair.Device, Cells: []web.Cell{{Text: b.Device.Name}, {Text: nameOf(b.Hall)}, {Message: web.Msg("repair.reason." + b.Reason)},
			{Message: web.Msg("repair.state." + string(b.State))}, {At: b.Opened}, {Due: due(b.Due, b.Overdue, false, calendar, r.at)}}})
	}
	return answer{body: body, view: v}, nil
}

// deviceRepairs are the repairs of a device, each with its steps and with what the reader may do.
func (a *API) deviceRepairs(r *request, d store.Device) ([]repairBody, error) {
	repairs, err := a.Store.RepairsOf(r.http().Context(), d.ID)
	if err != nil {
		return nil, err
	}
	people, err := a.Store.People(r.http().Context())
	bodies := []repairBody{}
	for _, repair := range repairs {
		b := a.repairBody(r, repair)
		steps, failed := a.Store.RepairSteps(r.http().Context(), repair.ID)
		if failed != nil {
			return nil, failed
		}
		for _, s := range steps {
			b.Steps = append(b.Steps, repairStepBody{s.At, s.State, people.Name(s.Person)})
		}
		for _, next := range regulation.RepairNext(repair.State) {
			mended := repair.State.Mended()
			own := mended && len(steps) > 0 && steps[0].Person == r.actor.Person
			if len(a.Guard.Assignments(r.actor, repairPermission(repair.State), regulation.DeviceSubject(d.Area))) > 0 && !own {
				b.Next = append(b.Next, next)
			}
		}
		bodies = append(bodies, b)
	}
	return bodies, err
}

// repairPermission is who does the next step: the maintainer, and once it was mended the hall.
func repairPermission(now regulation.RepairState) string {
	if now.Mended() {
		return policies.ConfirmRepair
	}
	return policies.KeepDevices
}

// openRepair opens a repair for a device.
func (a *API) openRepair(r *request) (answer, error) {
	return a.changeDevice(r, deviceRepair, []string{"repair_reason"}, func(d store.Device, _ int64, fields regulation.Values, actor regulation.Actor) (answer, error) {
		if !slices.Contains(regulation.RepairReasons, fields.Get("repair_reason")) {
			return answer{}, deviceFault("repair_reason", "required")
		}
		_, err := a.Store.OpenRepair(r.http().Context(), d, fields.Get("repair_reason"), actor)
		return a.deviceDone(r, d.ID), err
	})
}

// stepRepair does the next step of a device's open repair.
func (a *API) stepRepair(r *request) (answer, error) {
	d, err := a.seenDevice(r)
	if err != nil {
		return answer{}, err
	}
	fields, err := r.fields()
	if err != nil {
		return answer{}, err
	}
	if err := only(fields, "seq", "idempotency_key"); err != nil {
		return answer{}, err
	}
	repairs, err := a.Store.RepairsOf(r.http().Context(), d.ID)
	if err != nil {
		return answer{}, err
	}
	seen, err := strconv.ParseInt(fields.Get("seq"), 10, 64)
	if err != nil {
		return answer{}, deviceFault("seq", "required")
	}
	actor, permission := r.actor, policies.KeepDevices
	if len(repairs) > 0 {
		permission = repairPermission(repairs[0].State)
	}
	allowed := a.Guard.Assignments(r.actor, permission, regulation.DeviceSubject(d.Area))
	if len(allowed) == 0 {
		return answer{}, a.notYours(permission)
	}
	actor.As = allowed[0]
	return a.deviceDone(r, d.ID), a.Store.StepRepair(r.http().Context(), d.ID, seen, regulation.RepairState(r.param("step")), actor)
}

// availabilityBody is how much of its service time a hall's devices were reachable in a month (R54).
type availabilityBody struct {
	Hall      *placeBody `json:"hall"`
	Devices   int        `json:"devices"`
	Service   int64      `json:"service_minutes"`
	Reachable int64      `json:"reachable_minutes"`
	Percent   float64    `json:"percent"`
	Hours     string     `json:"hours"` // such as 09:00-17:00
}

type availabilitiesBody struct {
	Month string             `json:"month"`
	Halls []availabilityBody `json:"halls"`
	// WithoutEvaluator are windows at which no device works, also where a code hangs.
	WithoutEvaluator []placeBody `json:"windows_without_evaluator"`
}

func (a *API) availabilities(r *request) (availabilitiesBody, error) {
	month := workday.DateOf(r.at)
	if asked, err := workday.ParseDate(r.query("month") + "-01"); err == nil {
		month = asked
	}
	body := availabilitiesBody{Month: month.String()[:7], Halls: []availabilityBody{}, WithoutEvaluator: []placeBody{}}
	scope := a.Guard.Scope(r.actor, policies.ViewDevices)
	all, err := a.Store.Availabilities(r.http().Context(), scope, month)
	if err != nil {
		return body, err
	}
	for _, hall := range all {
		hours, err := a.Store.HallHours(r.http().Context(), hall.Hall)
		if err != nil {
			return body, err
		}
		body.Halls = append(body.Halls, availabilityBody{a.places(r).body(hall.Hall), hall.Devices, int64(hall.Service.Minutes()), int64(hall.Reachable.Minutes()),
			float64(int(hall.Percent()*10)) / 10, hours.String()})
	}
	without, err := a.Store.WindowsWithoutEvaluator(r.http().Context(), scope)
	for _, w := range without {
		body.WithoutEvaluator = append(body.WithoutEvaluator, placeBody{w.ID, a.places(r).name(w.HallID) + " · " + windowName(r.lang, w)})
	}
	return body, err
}

// showAvailability tells how well the devices of each hall were reachable in a month, and which windows have none.
func (a *API) showAvailability(r *request) (answer, error) {
	body, view, err := a.availabilityPage(r, nil, nil)
	return answer{body: body, view: view}, err
}

// availabilityPage draws the page, with what was typed for a hall where it was refused.
func (a *API) availabilityPage(r *request, fields regulation.Values, wrong map[string]string) (availabilitiesBody, web.View, error) {
	body, err := a.availabilities(r)
	if err != nil {
		return body, nil, err
	}
	v := &web.AvailabilityView{Page: a.pageFor(r), Month: body.Month, CSV: "/devices/availability.csv?month=" + body.Month, MayKeep: a.Guard.May(r.actor, policies.KeepDevices)}
	for _, h := range body.Halls {
		line := web.HallAvailability{ID: h.Hall.ID, Hall: h.Hall.Name, Devices: h.Devices, Service: h.Service, Reachable: h.Reachable, Percent: fmt.Sprintf("%.1f", h.Percent), Hours: h.Hours}
		if code := wrong["hours"]; code != "" && fields.Get("hall") == h.Hall.ID {
			message := web.Msg("refusal." + code)
			line.Hours, line.Error = fields.Get("hours"), &message
		}
		v.Halls = append(v.Halls, line)
	}
	for _, w := range body.WithoutEvaluator {
		v.Without = append(v.Without, w.Name)
	}
	return body, v, nil
}

// exportAvailability is the same as a file of comma-separated values, in UTF-8 with a mark, as spreadsheets want it.
func (a *API) exportAvailability(r *request) (answer, error) {
	body, err := a.availabilities(r)
	if err != nil {
		return answer{}, err
	}
	var b strings.Builder
	b.WriteString("\ufeff")
	w := csv.NewWriter(&b)
	w.UseCRLF = true
	_ = w.Write([]string{"month", "hall", "name", "devices", "service_minutes", "reachable_minutes", "percent"}) // a Builder takes everything
	for _, h := range body.Halls {
		_ = w.Write([]string{body.Month, h.Hall.ID, h.Hall.Name, strconv.Itoa(h.Devices), strconv.FormatInt(h.Service, 10), strconv.FormatInt(h.Reachable, 10), fmt.Sprintf("%.1f", h.Percent)})
	}
	w.Flush()
	return answer{file: func(c echo.Context) error {
		c.Response().Header().Set(echo.HeaderContentDisposition, `attachment; filename="availability-`+body.Month+`.csv"`)
		return c.Blob(http.StatusOK, "text/csv; charset=utf-8", []byte(b.String()))
	}}, nil
}

// setHallHours sets the service hours of a hall of the reader's area.
func (a *API) setHallHours(r *request) (answer, error) {
	fields, err := r.fields()
	if err != nil {
		return answer{}, err
	}
	err = a.tryHallHours(r, fields)
	if refused := (*regulation.Error)(nil); errors.As(err, &refused) && r.page {
		_, view, drawing := a.availabilityPage(r, fields, refused.Fields)
		return answer{view: view}, errors.Join(err, drawing)
	}
	if err == nil {
		a.say(r, "flash.device_done")
	}
	return answer{status: http.StatusNoContent, next: "/devices/availability"}, err
}

func (a *API) tryHallHours(r *request, fields regulation.Values) error {
	if err := only(fields, "hall", "hours", "idempotency_key"); err != nil {
		return err
	}
	hall, known := a.places(r).org(fields.Get("hall"))
	allowed := a.keepsDevices(r, hall.Area)
	hours, wrong := workday.ParseHours(fields.Get("hours"))
	switch {
	case !known || len(allowed) == 0:
		return deviceFault("hall", "not_an_option")
	case wrong != nil:
		return deviceFault("hours", "hall_hours")
	}
	actor := r.actor
	actor.As = allowed[0]
	return a.Store.SetHallHours(r.http().Context(), hall.ID, hours, actor)
}
