package regulation

import (
	"regexp"
	"strconv"
	"strings"
)

// The provincial rules have counties and departments inspected; what an inspection scored enters the composite score of 8(1).
// The prefecture's bureau enters it with its basis, somebody else approves. A correction takes the place of what was approved
// once it is approved itself.

// inspectionPoints are points with up to two decimals.
var inspectionPoints = regexp.MustCompile(`^(\d{1,2}(\.\d{1,2})?|100(\.0{1,2})?)$`)

// ParseInspection reads points of 0 to 100 with up to two decimals, as hundredths.
func ParseInspection(text string) (hundredths int64, ok bool) {
	if !inspectionPoints.MatchString(text) {
		return 0, false
	}
	whole, rest, _ := strings.Cut(text, ".")
	hundredths, err := strconv.ParseInt(whole+(rest + "00")[:2], 10, 64)
	return hundredths, err == nil
}

var inspectionFields = []Field{
	{Name: "inspection_score", Type: TypeText, Required: true, Max: 6},
	{Name: "inspection_basis", Type: TypeLong, Required: true, Max: 1000},
	{Name: "inspection_file", Type: TypeFiles},
}

var inspectionActs = []DocketAct{
	{Name: "enter", Kind: DocketInspection, Side: DocketKeeps, Fields: inspectionFields, To: DocketProposed, Waits: true, do: enterInspection},
	{Name: "approve", Kind: DocketInspection, Stages: []string{DocketProposed}, Side: DocketKeeps, To: DocketApproved, Other: true, do: func(m *docketMove) *Error {
		m.e.Facts["place"], m.e.Facts["inspection_score"] = m.d.Facts["place"], m.d.Facts["inspection_score"]
		m.d.Facts["approved_score"] = m.d.Facts["inspection_score"]
		m.d.Facts["approved_seq"] = strconv.FormatInt(m.d.Seq+1, 10)
		m.end()
		return nil
	}},
	{Name: "give_back", Kind: DocketInspection, Stages: []string{DocketProposed}, Side: DocketKeeps, Fields: []Field{docketReasons}, To: DocketRefused, Other: true,
		do: func(m *docketMove) *Error { m.end(); return nil }},
	{Name: "correct", Kind: DocketInspection, Stages: []string{DocketApproved, DocketRefused}, Side: DocketKeeps, Fields: append([]Field{docketReasons}, inspectionFields...),
		To: DocketProposed, Waits: true, do: enterInspection},
}

// enterInspection keeps the points as a fact: they are no secret, and the board names them.
func enterInspection(m *docketMove) *Error {
	points := m.v.Get("inspection_score")
	if _, ok := ParseInspection(points); !ok {
		return wrong("inspection_score", "not_points")
	}
	delete(m.e.Texts, "inspection_score")
	m.e.Facts["inspection_score"], m.d.Facts["inspection_score"] = points, points
	m.d.reopen()
	return nil
}

// reopen has a docket that was done wait again.
func (d *Docket) reopen() { d.Ended = Docket{}.Ended }

// InspectionKey is the key of the docket of a place's score in a quarter.
func InspectionKey(period, place string) string { return "inspection/" + period + "/" + place }

// Approved is the score of an inspection that stands, nil where none was approved yet.
func (d Docket) Approved() *InspectionScore {
	points, ok := ParseInspection(d.Facts["approved_score"])
	if !ok {
		return nil
	}
	seq, err := strconv.ParseInt(d.Facts["approved_seq"], 10, 64)
	if err != nil {
		return nil
	}
	return &InspectionScore{Hundredths: points, Docket: d.ID, Seq: seq}
}
