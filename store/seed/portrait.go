package seed

import (
	"crypto/sha256"
	"strings"
)

// Portrait draws the made-up portrait of a made-up person as an SVG document of 240 x 300
// units and less than 3 kB. The same seed always gives the same bytes; a seed that begins with
// "f-" gives a woman, one with "m-" a man. No seed gives a grey outline, for profiles without a
// photo (R12).
func Portrait(seed string) []byte {
	if seed == "" {
		return drawing(outline)
	}
	f := newFace(seed)
	layers := []string{f.background(), f.hair.behind, f.neck(), f.dress, f.head(), f.features(), f.hair.front, f.glasses()}
	return drawing(f.colour(strings.Join(layers, "")))
}

func drawing(body string) []byte {
	return []byte(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 240 300" width="240" height="300">` + body + `</svg>`)
}

const outline = `<path fill="#e4e7eb" d="M0 0h240v300H0z"/>` +
	`<g fill="#b3bac3"><ellipse cx="120" cy="130" rx="48" ry="60"/><path d="M98 176h44v50H98z"/>` +
	`<path d="M14 300c2-46 32-66 84-84h44c52 18 82 38 84 84z"/></g>`

// coiffure is a hair style: what lies behind head and shoulders, and what lies over the forehead.
type coiffure struct{ behind, front string }

// face is one drawn choice of everything.
type face struct {
	digest [sha256.Size]byte
	woman  bool
	hair   coiffure
	dress  string
}

func newFace(seed string) face {
	f := face{digest: sha256.Sum256([]byte(seed))}
	f.woman = strings.HasPrefix(seed, "f-") || (!strings.HasPrefix(seed, "m-") && f.digest[0]%2 == 0)
	if f.woman {
		f.hair, f.dress = pick(f, 1, womensHair), pick(f, 2, womensDress)
	} else {
		f.hair, f.dress = pick(f, 1, mensHair), pick(f, 2, mensDress)
	}
	return f
}

// pick chooses by one byte of the digest; each feature has a byte of its own.
func pick[T any](f face, feature int, from []T) T { return from[int(f.digest[feature])%len(from)] }

// one tells whether a feature that one face in n has is there.
func (f face) one(feature, n int) bool { return int(f.digest[feature])%n == 0 }

func (f face) background() string { return `<path fill="BACK" d="M0 0h240v300H0z"/>` }

func (f face) neck() string {
	return `<path fill="SKIN" d="M101 168h38v44q-2 34-19 46-17-12-19-46z"/>` +
		`<path fill="SHADE" d="M101 178q19 20 38 0v12q-19 26-38 8z"/>`
}

func (f face) head() string {
	return `<g fill="SKIN"><ellipse cx="73" cy="130" rx="8" ry="12"/><ellipse cx="167" cy="130" rx="8" ry="12"/>` +
		`<path d="M73 118C73 86 92 66 120 66s47 20 47 52` + pick(f, 3, chins) + `z"/></g>`
}

// chins close the head from the right temple to the left.
var chins = []string{
	"C167 160 147 194 120 194S73 160 73 118",
	"C167 164 150 191 120 191S73 164 73 118",
	"C167 150 161 168 149 181 139 192 101 192 91 181 79 168 73 150 73 118",
}

func (f face) features() string {
	parts := []string{pick(f, 4, brows), pick(f, 5, eyes), pick(f, 6, noses), `<g fill="#d9614c" opacity=".16"><circle cx="90" cy="150" r="10"/><circle cx="150" cy="150" r="10"/></g>`}
	if f.woman {
		parts = append(parts, pick(f, 7, womensMouths))
	} else {
		parts = append(parts, pick(f, 7, mensMouths))
	}
	if f.woman && f.one(8, 2) {
		parts = append(parts, `<g fill="TRIM"><circle cx="72" cy="145" r="3.5"/><circle cx="168" cy="145" r="3.5"/></g>`)
	}
	return strings.Join(parts, "")
}

func (f face) glasses() string {
	if !f.one(9, 4) {
		return ""
	}
	return `<g fill="#fff" fill-opacity=".18" stroke="#39414d" stroke-width="2.6">` + pick(f, 10, frames) +
		`<path fill="none" d="M114 127q6-4 12 0M84 125l-12-2M156 125l12-2"/></g>`
}

var frames = []string{
	`<rect x="84" y="116" width="30" height="24" rx="9"/><rect x="126" y="116" width="30" height="24" rx="9"/>`,
	`<circle cx="99" cy="128" r="15"/><circle cx="141" cy="128" r="15"/>`,
}

var brows = []string{
	`<g fill="none" stroke="HAIR" stroke-width="4" stroke-linecap="round"><path d="M88 112q10-7 22-1M152 112q-10-7-22-1"/></g>`,
	`<g fill="none" stroke="HAIR" stroke-width="3.4" stroke-linecap="round"><path d="M88 112q11-8 22-2M152 112q-11-8-22-2"/></g>`,
	`<g fill="none" stroke="HAIR" stroke-width="4.6" stroke-linecap="round"><path d="M88 112q9-5 22-1M152 112q-9-5-22-1"/></g>`,
}

var eyes = []string{
	`<g fill="#2a2320"><circle cx="99" cy="128" r="4.6"/><circle cx="141" cy="128" r="4.6"/></g>` +
		`<g fill="none" stroke="#2a2320" stroke-width="2.4" stroke-linecap="round"><path d="M89 127q9-8 20-2M151 127q-9-8-20-2"/></g>`,
	`<g fill="#33261f"><ellipse cx="99" cy="128" rx="4.4" ry="5"/><ellipse cx="141" cy="128" rx="4.4" ry="5"/></g>` +
		`<g fill="#fff"><circle cx="100.6" cy="126" r="1.4"/><circle cx="142.6" cy="126" r="1.4"/></g>` +
		`<g fill="none" stroke="#33261f" stroke-width="2" stroke-linecap="round"><path d="M89 125q10-7 20 1M151 125q-10-7-20 1"/></g>`,
	`<g fill="none" stroke="#2a2320" stroke-width="3.6" stroke-linecap="round"><path d="M90 129q9-9 18 0M132 129q9-9 18 0"/></g>`,
}

var noses = []string{
	`<path fill="none" stroke="SHADE" stroke-width="3" stroke-linecap="round" d="M114 149q6 5 12 0"/>`,
	`<path fill="none" stroke="SHADE" stroke-width="3" stroke-linecap="round" d="M121 130q-2 10-7 17 4 5 11 3"/>`,
}

var mensMouths = []string{
	`<path fill="none" stroke="#9c4a3c" stroke-width="3" stroke-linecap="round" d="M106 166q14 9 28 0"/>`,
	`<path fill="none" stroke="#9c4a3c" stroke-width="3.2" stroke-linecap="round" d="M108 168q12 6 24-1"/>`,
	`<path fill="#fff" stroke="#9c4a3c" stroke-width="2.4" stroke-linejoin="round" d="M106 164q14 4 28 0-4 11-14 11t-14-11z"/>`,
}

var womensMouths = []string{
	`<path fill="#c9605a" d="M105 163q8-1 15 1 7-2 15-1-5 12-15 12t-15-12z"/><path fill="none" stroke="#9a3f3c" stroke-width="2" stroke-linecap="round" d="M104 162q16 10 32 0"/>`,
	`<path fill="none" stroke="#b14a46" stroke-width="3.4" stroke-linecap="round" d="M106 165q14 11 28 0"/>`,
	`<path fill="#fff" stroke="#b8504b" stroke-width="2.8" stroke-linejoin="round" d="M106 163q14 4 28 0-4 12-14 12t-14-12z"/>`,
}

var mensHair = []coiffure{
	{front: `<path fill="HAIR" d="M70 124C62 80 84 50 122 50c38 0 56 30 48 74l-5-4c1-14-3-22-9-28-20 5-44 1-57-10-7 12-22 16-24 38z"/>`},
	{front: `<path fill="HAIR" d="M72 118c-5-38 15-64 48-64s53 26 48 64c-3-16-9-25-18-29-20-6-40-6-60 0-9 4-15 13-18 29z"/>`},
	{front: `<path fill="HAIR" d="M71 122C60 78 84 47 122 47c40 0 58 33 47 75-1-18-9-31-21-38-20-7-42-7-56 0-12 7-20 20-21 38z"/>`},
	{front: `<path fill="HAIR" d="M71 124C62 76 86 50 120 50c36 0 58 26 49 74-3-10-4-18-9-23-9 3-15-3-20-8-6 9-24 12-40 6-10 5-22 8-25 25z"/>`},
	{front: `<path fill="HAIR" d="M71 128c-5-28 1-46 13-56 12-14 60-14 72 0 12 10 18 28 13 56-2-15-7-26-13-35-10-15-22-17-36-17s-26 2-36 17c-6 9-11 20-13 35z"/>`},
	{front: `<path fill="HAIR" d="M70 126C60 78 82 46 114 48c44-8 66 36 56 78-3-12-6-22-12-29-26 4-38-4-46-14-10 12-36 12-42 43z"/>`},
}

const (
	centreParting = `<path fill="HAIR" d="M71 128C60 80 86 52 120 52s60 28 49 76c-3-24-24-30-49-50-25 20-46 26-49 50z"/>`
	sideParting   = `<path fill="HAIR" d="M71 128C61 78 86 50 118 51c40-1 60 31 51 77-4-22-24-28-66-48-8 18-26 24-32 48z"/>`
	fringe        = `<path fill="HAIR" d="M70 124C64 76 90 54 120 54s56 22 50 70c-6-14-10-19-14-22-24 5-48 5-72 0-4 3-8 8-14 22z"/>`
)

var womensHair = []coiffure{
	{`<path fill="HAIR" d="M61 122c-7-52 23-76 59-76s66 24 59 76c3 30 1 56-8 72-20 8-82 8-102 0-9-16-11-42-8-72z"/>`, fringe},
	{`<path fill="HAIR" d="M60 124c-8-54 24-78 60-78s68 24 60 78l8 112c-20 14-116 14-136 0z"/>`, sideParting},
	{`<circle fill="HAIR" cx="120" cy="44" r="21"/>`, centreParting},
	{`<path fill="HAIR" d="M150 84c42 12 50 86 36 156-6 14-22 12-26 0 8-44 6-90-14-116z"/>`, sideParting},
	{`<g fill="HAIR"><path d="M66 120c-12 36-16 80-14 120l16 4 14-96zM174 120c12 36 16 80 14 120l-16 4-14-96z"/></g><path fill="TRIM" d="M51 236h18v9H51zM171 236h18v9h-18z"/>`, centreParting},
	{`<path fill="HAIR" d="M62 136C46 66 84 42 120 42s74 24 58 94c6 18-2 36-14 38H76c-12-2-20-20-14-38z"/>`, sideParting},
	{`<path fill="HAIR" d="M60 124c-8-54 24-78 60-78s68 24 60 78c2 40 12 56 2 84-24 14-100 14-124 0-10-28 0-44 2-84z"/>`, centreParting},
}

const (
	bodyShape = `d="M14 300c2-46 32-66 82-80 8 12 40 12 48 0 50 14 80 34 82 80z"/>`
	shoulders = `<path fill="CLOTH" ` + bodyShape
	whiteBody = `<path fill="#f4f6f9" ` + bodyShape
	uniform   = `<path fill="#3a5f94" ` + bodyShape
	openShirt = `<path fill="#f7f9fb" d="M97 214l23 26 23-26 8 10-22 76h-18l-22-76z"/>`
	collar    = `<path fill="#fff" stroke="#cfd6de" stroke-width="1.2" d="M98 211l22 27-17 16-13-33zM142 211l-22 27 17 16 13-33z"/>`
	tieShape  = `d="M113 238h14l3 9-5 8 7 45h-24l7-45-5-8z"/>`
	tie       = `<path fill="TRIM" ` + tieShape
	darkTie   = `<path fill="#1c2b45" ` + tieShape
	lapels    = `<path fill="#000" opacity=".22" d="M90 222l22 78H96L70 250l10-5-8-15zM150 222l-22 78h16l26-50-10-5 8-15z"/>`
	badge     = `<rect x="160" y="270" width="30" height="11" rx="2" fill="#fff"/><path stroke="#6b7684" stroke-width="2" d="M164 275.5h22"/>`
	vestBadge = `<rect x="145" y="272" width="26" height="10" rx="2" fill="#fff"/><path stroke="#6b7684" stroke-width="2" d="M149 277h18"/>`
	epaulette = `<path fill="#24364f" d="M34 249l38-16 5 9-40 19zM206 249l-38-16-5 9 40 19z"/>`
	vest      = `<path fill="CLOTH" d="M62 236l24-10 34 64 34-64 24 10 6 64H56z"/>`
	jacket    = `<path fill="CLOTH" d="M92 217l26 83H84zM148 217l-26 83h34z"/><path fill="#000" opacity=".24" d="M91 217l-19 20 26 32 11-13zM149 217l19 20-26 32-11-13z"/>`
	scarf     = `<path fill="TRIM" d="M95 214q25 22 50 0l6 12q-12 14-24 16l14 34-19-8-4-22-6 24-18 4 14-32q-12-2-19-16z"/>`
	chuba     = `<path fill="#f3e9dc" d="M97 213q23 20 46 0l8 10-30 48-32-48z"/><path fill="TRIM" d="M90 221l12-5 44 84h-22zM150 221l-12-5-22 42 9 14z"/><path fill="none" stroke="#fff" stroke-opacity=".55" stroke-width="2" stroke-dasharray="4 6" d="M97 220l42 80"/>`
	beads     = `<path fill="none" stroke="#c8452f" stroke-width="7" stroke-linecap="round" stroke-dasharray=".1 10" d="M98 222q22 34 44 0"/>`
)

var mensDress = []string{
	shoulders + openShirt + tie + collar + lapels,
	uniform + darkTie + collar + epaulette + badge,
	whiteBody + vest + tie + collar + vestBadge,
	shoulders + openShirt + jacket + collar,
	shoulders + chuba,
}

var womensDress = []string{
	shoulders + openShirt + collar + lapels + badge,
	shoulders + openShirt + lapels + scarf,
	whiteBody + vest + collar + scarf,
	shoulders + openShirt + jacket + collar,
	shoulders + chuba + beads,
	shoulders + chuba,
}

// skins are pairs of a tone and its shade.
var skins = [][2]string{
	{"#f4d3b8", "#dcae8c"}, {"#edc4a0", "#d19f78"}, {"#e3b38c", "#c28d66"}, {"#d8a680", "#b5835d"}, {"#cb976f", "#a87651"},
}

var (
	backs  = []string{"#dfe8f2", "#e3eef0", "#ece7df", "#e2ebe2", "#efe6e3", "#e5e5f0"}
	hairs  = []string{"#1d1a1b", "#262120", "#2f2724", "#231f26", "#3b2f29", "#1a1c20", "#2a2422", "#211d1c", "#8d8a88"}
	cloths = []string{"#1f3a68", "#23324a", "#2d4f7c", "#4a2f35", "#2f4a45", "#5a3d2b"}
	trims  = []string{"#b8343a", "#1f7f86", "#c08a2e", "#35588f", "#7a3b6b", "#2f7d54"}
)

// colour replaces the names of the palette in a drawing.
func (f face) colour(svg string) string {
	skin := pick(f, 11, skins)
	return strings.NewReplacer(
		"SKIN", skin[0], "SHADE", skin[1], "BACK", pick(f, 12, backs), "HAIR", pick(f, 13, hairs),
		"CLOTH", pick(f, 14, cloths), "TRIM", pick(f, 15, trims),
	).Replace(svg)
}
