package platform

import (
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"haochaping/regulation"
	"haochaping/workday"
)

// Message is what the record has of one message: a rating as it was given or, where Number is set, how its
// case stands since an event. There is nothing of the rater in it but the words, which the mapping may ask
// for.
type Message struct {
	ID      string // the same however often it is sent
	Version int64  // 0 for the rating, else the event's number in the case
	Rating  regulation.Rating
	Text    string
	Number  string // of the case
	Outcome regulation.Outcome
	// Names and codes of the places as published.
	AreaCode, AreaName string
	UnitCode, UnitName string
	TaskCode, TaskName string
	PromisedDays       int
	Accepted           string // the matter's day, 2006-01-02
	Staff              string
}

// fields are all that a record may carry, by their national names and, for what those lack, our own.
var fields = []string{"recordId", "ratingNo", "version", "areaCode", "areaName", "deptCode", "proDepart", "taskCode", "taskName", "projectNo", "proStatus", "proManager",
	"acceptDate", "promiseTime", "pf", "satisfaction", "evalDetail", "writingEvaluation", "assessTime", "assessNumber", "dataSource",
	"caseNo", "appStatus", "outcomeTime", "finding", "rectifiedTime", "replyTime", "valid", "reopened"}

// errChannel: the mapping has no code for the channel of a rating.
var errChannel = errors.New("unmapped_channel")

// Record words a message as the upstream wants it. What it does not say stays out. The error is a code.
func (m *Mapping) Record(msg Message) (map[string]string, error) {
	said := m.common(msg)
	if msg.Number == "" {
		if err := m.ofRating(said, msg); err != nil {
			return nil, err
		}
	} else {
		m.ofOutcome(said, msg)
	}
	record := map[string]string{}
	for name, value := range said {
		if value != "" && !slices.Contains(m.LeaveOut, name) {
			record[m.nameOf(name)] = value
		}
	}
	for name, value := range m.Constants {
		record[name] = value
	}
	return record, nil
}

func (m *Mapping) common(msg Message) map[string]string {
	no := msg.Rating.ID
	if slices.Contains(m.OwnSources, msg.Rating.Source.ID) {
		no = msg.Rating.Source.Ref // as the upstream numbered it
	}
	return map[string]string{"recordId": msg.ID, "ratingNo": no, "version": strconv.FormatInt(msg.Version, 10),
		"areaCode": padded(msg.AreaCode), "areaName": msg.AreaName, "deptCode": msg.UnitCode, "proDepart": msg.UnitName,
		"taskCode": msg.TaskCode, "taskName": msg.TaskName, "projectNo": msg.Rating.Place.ProjectNo, "proManager": msg.Staff, "dataSource": "haochaping"}
}

func (m *Mapping) ofRating(said map[string]string, msg Message) error {
	r := msg.Rating
	if said["pf"] = m.Channels[r.Channel]; said["pf"] == "" {
		return errChannel
	}
	said["proStatus"] = proStatus[r.Place.MatterStatus]
	said["acceptDate"] = msg.Accepted
	if msg.TaskCode != "" {
		said["promiseTime"] = strconv.Itoa(msg.PromisedDays)
	}
	said["satisfaction"], said["assessNumber"] = grade(r.Grade), "1"
	said["evalDetail"] = strings.Join(r.Options, ",")
	said["assessTime"] = m.time(r.GivenAt)
	if m.Words {
		said["writingEvaluation"] = msg.Text
	}
	return nil
}

func (m *Mapping) ofOutcome(said map[string]string, msg Message) {
	o := msg.Outcome
	said["caseNo"], said["outcomeTime"] = msg.Number, m.time(o.At)
	said["appStatus"] = m.Statuses[statusOf(o)]
	said["finding"], said["rectifiedTime"], said["replyTime"] = o.Finding, m.time(o.RectifiedAt), m.time(o.RepliedAt)
	said["valid"] = "1"
	if o.WrittenOff {
		said["valid"] = "0"
	}
	said["reopened"] = strconv.Itoa(o.Reopened)
	if o.Second.Valid() {
		said["satisfaction"], said["assessNumber"] = grade(o.Second), "2"
	}
}

// statusOf is where a case stands, the furthest it came.
func statusOf(o regulation.Outcome) string {
	switch {
	case o.Concluded:
		return statusConcluded
	case !o.RectifiedAt.IsZero():
		return statusRectified
	case o.Finding != "":
		return statusFound
	}
	return statusOpen
}

// proStatus are the national codes of a matter's status.
var proStatus = map[string]string{"waiting": "1", "in_progress": "2", "concluded": "3"}

func grade(g regulation.Grade) string { return strconv.Itoa(int(g)) }

// padded is a division's code as platforms write it: 12 digits.
func padded(code string) string {
	if code == "" || len(code) > 12 {
		return code
	}
	return code + strings.Repeat("0", 12-len(code))
}

func (m *Mapping) time(at time.Time) string {
	if at.IsZero() {
		return ""
	}
	layout, _ := layoutOf(m.TimeFormat)
	return at.In(workday.Shanghai).Format(layout)
}
