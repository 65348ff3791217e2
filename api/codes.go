package api

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/skip2/go-qrcode"

	"haochaping/policies"
	"haochaping/regulation"
	"haochaping/store"
	"haochaping/store/seed"
	"haochaping/web"
)

// codeBody is one code to print: where it stands and the address that it leads to.
type codeBody struct {
	id      string
	Kind    string `json:"kind"` // window or matter
	Name    string `json:"name"`
	Unit    string `json:"unit"`
	Hall    string `json:"hall,omitempty"`
	Code    string `json:"code"`
	Address string `json:"address"`
	Image   string `json:"image"`
}

type codesBody struct {
	Codes []codeBody `json:"codes"`
}

// showCodes lists the codes of the windows and matters in the reader's area, to print.
func (a *API) showCodes(r *request) (answer, error) {
	codes, err := a.codesIn(r, a.Guard.Scope(r.actor, policies.ViewCodes))
	if err != nil {
		return answer{}, err
	}
	view := &web.CodesView{Page: a.pageFor(r)}
	for _, c := range codes {
		view.Sheets = append(view.Sheets, web.CodeSheet{Kind: c.Kind, Name: c.Name, Unit: c.Unit, Hall: c.Hall,
			Code: c.Code, Href: "/r/" + c.Code, Image: c.Image, Replace: a.replaceAddress(r, c)})
	}
	return answer{body: codesBody{Codes: codes}, view: view}, nil
}

func (a *API) replaceAddress(r *request, c codeBody) string {
	if !a.Guard.May(r.actor, policies.ReplaceCode) {
		return ""
	}
	return "/codes/" + c.Kind + "/" + c.id + "/replace"
}

// replaceCode gives a window or a matter a new code; the old one leads on and says that it was replaced.
func (a *API) replaceCode(r *request) (answer, error) {
	unit, err := a.Store.UnitOfCode(r.http().Context(), r.param("kind"), r.param("id"))
	if err != nil {
		return answer{}, err
	}
	org, _ := a.places(r).org(unit)
	actor, allowed := r.actor, a.Guard.Assignments(r.actor, policies.ReplaceCode, regulation.Subject{Area: org.Area, Units: []string{org.ID}})
	if org.ID == "" || len(allowed) == 0 {
		return answer{}, notFound("code")
	}
	actor.As = allowed[0]
	code, err := a.Store.ReplaceCode(r.http().Context(), r.param("kind"), r.param("id"), actor)
	if err != nil {
		return answer{}, err
	}
	a.say(r, "flash.code_replaced")
	return answer{status: http.StatusCreated, body: map[string]string{"code": code}, location: "/r/" + code, next: "/codes?area=" + org.Area}, nil
}

// codesIn walks the tree within a scope; a prefecture's reader chooses an area.
func (a *API) codesIn(r *request, scope regulation.Scope) ([]codeBody, error) {
	places := a.places(r)
	codes := []codeBody{}
	area := r.query("area")
	if area == "" && len(scope.Areas) > 0 {
		area = scope.Areas[0]
	}
	for _, o := range places.tree.Orgs() {
		if o.Area != area || !within(scope, o.Area) {
			continue
		}
		windows, err := a.Store.Windows(r.http().Context(), o.ID)
		if err != nil {
			return nil, err
		}
		matters, err := a.Store.Matters(r.http().Context(), o.ID)
		if err != nil {
			return nil, err
		}
		for _, w := range windows {
			codes = append(codes, a.codeSheet(r, "window", w.ID, windowName(r.lang, w), places.name(w.UnitID), places.name(w.HallID), w.Code))
		}
		for _, m := range matters {
			codes = append(codes, a.codeSheet(r, "matter", m.ID, either(r.lang, m.NameZH, m.NameEN), places.name(m.UnitID), "", m.Code))
		}
	}
	return codes, nil
}

func within(scope regulation.Scope, area string) bool {
	if scope.All {
		return true
	}
	for _, have := range scope.Areas {
		if have == area {
			return true
		}
	}
	return false
}

func windowName(lang web.Lang, w store.Window) string {
	return strings.TrimSpace(w.Number + " " + either(lang, w.NameZH, w.NameEN))
}

func (a *API) codeSheet(r *request, kind, id, name, unit, hall, code string) codeBody {
	return codeBody{id: id, Kind: kind, Name: name, Unit: unit, Hall: hall, Code: code, Address: a.address(r) + "/r/" + code, Image: "/codes/" + code + ".svg"}
}

// address is where browsers reach the product.
func (a *API) address(r *request) string {
	if a.Address != "" {
		return strings.TrimSuffix(a.Address, "/")
	}
	return r.echo.Scheme() + "://" + r.http().Host
}

// showCode draws a code's picture: SVG for printing in any size, PNG for whoever needs pixels.
func (a *API) showCode(r *request) (answer, error) {
	code, kind, ok := strings.Cut(r.param("file"), ".")
	if !ok {
		return answer{}, notFound("code")
	}
	if _, err := a.target(r, code); err != nil {
		return answer{}, err
	}
	q, err := qrcode.New(a.address(r)+"/r/"+code, qrcode.Medium)
	if err != nil {
		return answer{}, err
	}
	switch kind {
	case "svg":
		return picture("image/svg+xml", qrSVG(q.Bitmap())), nil
	case "png":
		content, err := q.PNG(512)
		return picture("image/png", content), err
	}
	return answer{}, notFound("code")
}

// qrSVG draws the modules, each row's runs as rectangles.
func qrSVG(bitmap [][]bool) []byte {
	side := len(bitmap)
	return fmt.Appendf(nil, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %[1]d" shape-rendering="crispEdges"><path fill="#fff" d="M0 0h%[1]dv%[1]dH0z"/><path d="%[2]s"/></svg>`, side, qrPath(bitmap))
}

// qrPath is the path of the dark modules.
func qrPath(bitmap [][]bool) string {
	var b strings.Builder
	for y, row := range bitmap {
		for x := 0; x < len(row); x++ {
			from := x
			for x < len(row) && row[x] {
				x++
			}
			if x > from {
				fmt.Fprintf(&b, "M%d %dh%dv1h-%[3]dz", from, y, x-from)
			}
		}
	}
	return b.String()
}

// showPortrait draws a made-up portrait by its key.
func (a *API) showPortrait(r *request) (answer, error) {
	key, ok := strings.CutSuffix(r.param("file"), ".svg")
	if !ok || !plainKey(key) {
		return answer{}, notFound("portrait")
	}
	return picture("image/svg+xml", seed.Portrait(key)), nil
}

func plainKey(key string) bool {
	return len(key) <= 64 && strings.Trim(key, "abcdefghijklmnopqrstuvwxyz0123456789-") == ""
}

func portraitAddress(key string) string {
	if key == "" {
		return ""
	}
	return "/portraits/" + key + ".svg"
}
