package web

import "time"

// NoticeWay is one way by which the reader can be told outside the product. Masked is the address, "" where none is
// noted; CodeUntil is until when a code holds that was sent to it.
type NoticeWay struct {
	Way, Action   string
	Masked        string
	Confirmed     bool
	CodeUntil     time.Time
	Address, Code Field
}

// NotificationsView is how the reader is told outside the product: an address by each way, and a form of what they
// want by which, and when not. It posts to /notifications.
type NotificationsView struct {
	Page
	Folder  string // into which a demo writes its mails
	Ways    []NoticeWay
	Choices []Field
}

func (*NotificationsView) template() string { return "notifications" }

// ParkedNotice is a notice that its receiver refused: notice_why.<Why>.
type ParkedNotice struct {
	ID, Way, Masked, Why string
	Since                time.Time
}

// NoticeDeliveriesView is how telling people outside the product stands, for whoever looks after the product. It
// posts notice to /notifications/deliveries/again.
type NoticeDeliveriesView struct {
	Page
	Waiting int64
	Lag     Message
	May     bool // send again
	Parked  []ParkedNotice
}

func (*NoticeDeliveriesView) template() string { return "notice-deliveries" }
