package api

import (
	"fmt"
	"strconv"

	"github.com/skip2/go-qrcode"

	"haochaping/policies"
	"haochaping/web"
)

// paperSheetsBody are forms of a batch to print.
type paperSheetsBody struct {
	Hall  *placeBody `json:"hall"`
	Place string     `json:"place"`
	Count int        `json:"count"` // of the batch
	From  int        `json:"from"`  // number of the first serial here
	Forms []string   `json:"forms"` // serials
}

// sheetsAtOnce is how many forms a page to print has: fifty sheets of A4.
const sheetsAtOnce = 100

// printBatch shows the forms of a batch, to print.
func (a *API) printBatch(r *request) (answer, error) {
	box, batch, err := a.Store.BatchToPrint(r.http().Context(), a.Guard.Scope(r.actor, policies.RunBox), r.param("id"), r.param("batch"), a.actorFor(r, policies.RunBox))
	if err != nil {
		return answer{}, err
	}
	f, err := a.form(r.http().Context())
	if err != nil {
		return answer{}, err
	}
	from, err := strconv.Atoi(r.query("from"))
	if err != nil || from < 1 || from > batch.Count {
		from = 1
	}
	to := min(from+sheetsAtOnce-1, batch.Count)
	body := paperSheetsBody{a.places(r).body(box.Hall), box.Place, batch.Count, from, batch.Serials()[from-1 : to]}
	v := &web.PaperSheetsView{Page: a.pageFor(r), Box: "/boxes/" + box.ID, Hall: nameOf(body.Hall), Place: box.Place, From: from, To: to, Count: batch.Count,
		Grades: choices(gradesOf(web.Chinese, f.options)), Dimensions: askedDimensions(f.dimensions, false), Address: a.address(r) + "/receipt", NoticeVersion: noticeVersion,
		SixDigits: make([]int, 6), ToFive: []int{5, 4, 3, 2, 1}}
	v.Lang = web.Chinese
	path := v.Box + "/batches/" + batch.ID + "/print"
	if from > 1 {
		v.Before = fmt.Sprintf("%s?from=%d", path, max(from-sheetsAtOnce, 1))
	}
	if to < batch.Count {
		v.After = fmt.Sprintf("%s?from=%d", path, to+1)
	}
	for _, serial := range body.Forms {
		q, err := qrcode.New(serial, qrcode.Medium)
		if err != nil {
			return answer{}, err
		}
		q.DisableBorder = true
		bitmap := q.Bitmap()
		v.Sheets = append(v.Sheets, web.PaperSheet{Serial: serial, QR: web.QR{Side: len(bitmap), Path: qrPath(bitmap)}})
	}
	return answer{body: body, view: v}, nil
}
