package bench

import (
	"context"
	"database/sql"
	"errors"
	"net"
	"net/http"
	"path/filepath"
	"time"

	"github.com/labstack/echo/v4"
	"gorm.io/driver/mysql"
	"gorm.io/driver/sqlite"
	"gorm.io/gorm"
	"gorm.io/gorm/logger"
)

// baseline is the least that takes a rating over HTTP: Echo binds the form and GORM inserts one
// row. It checks nothing, encrypts nothing, knows no case and answers the row's number.
type baseline struct {
	db     *gorm.DB
	pool   *sql.DB
	server *http.Server
	addr   string
	place  place
}

type baselineRating struct {
	ID              int64    `json:"-" gorm:"primaryKey"`
	Code            string   `json:"code" gorm:"size:40"`
	Staff           string   `json:"staff" gorm:"size:40"`
	Grade           int      `json:"grade"`
	Option          []string `json:"option" gorm:"serializer:json;size:200"`
	MarkAttitude    int      `json:"mark_attitude"`
	Text            string   `json:"text" gorm:"size:2000"`
	ContactName     string   `json:"contact_name" gorm:"size:80"`
	ContactPhone    string   `json:"contact_phone" gorm:"size:40"`
	ContactLanguage string   `json:"contact_language" gorm:"size:10"`
	ContactTime     string   `json:"contact_time" gorm:"size:20"`
	ContactConsent  bool     `json:"contact_consent"`
	GivenAt         int64    `json:"-"`
}

func (baselineRating) TableName() string { return "ratings" }

// serveBaseline starts the baseline on a database of its own, with the durability and the number
// of connections of the record: one that writes on SQLite, 32 on MariaDB.
func (d Database) serveBaseline(ctx context.Context) (*baseline, error) {
	p, err := d.place(ctx)
	if err != nil {
		return nil, errors.Join(err, p.remove())
	}
	b := &baseline{place: p}
	if err := b.start(ctx); err != nil {
		return nil, errors.Join(err, b.stop())
	}
	return b, nil
}

func (b *baseline) start(ctx context.Context) (err error) {
	if b.db, err = gorm.Open(b.dialect(), &gorm.Config{Logger: logger.Discard}); err != nil {
		return err
	}
	if b.pool, err = b.db.DB(); err != nil {
		return err
	}
	connections := 1
	if b.place.server != nil {
		connections = 32
	}
	b.pool.SetMaxOpenConns(connections)
	b.pool.SetMaxIdleConns(connections)
	if err := b.db.AutoMigrate(&baselineRating{}); err != nil {
		return err
	}
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	e := echo.New()
	e.POST("/ratings", b.rate)
	b.addr, b.server = listener.Addr().String(), &http.Server{Handler: e, ReadHeaderTimeout: 5 * time.Second}
	go func() { _ = b.server.Serve(listener) }() // ends with stop
	return nil
}

func (b *baseline) dialect() gorm.Dialector {
	if b.place.server != nil {
		return mysql.New(mysql.Config{DSN: b.place.dsn + "?interpolateParams=true", DisableWithReturning: true})
	}
	const pragmas = "?_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)&_pragma=busy_timeout(10000)&_txlock=immediate"
	return sqlite.New(sqlite.Config{DriverName: "sqlite", DSN: "file:" + filepath.Join(b.place.dir, "bare.db") + pragmas})
}

func (b *baseline) rate(c echo.Context) error {
	var row baselineRating
	if err := c.Bind(&row); err != nil {
		return err
	}
	row.GivenAt = time.Now().UnixMicro()
	if err := b.db.WithContext(c.Request().Context()).Create(&row).Error; err != nil {
		return err
	}
	return c.JSON(http.StatusCreated, map[string]int64{"id": row.ID})
}

func (b *baseline) address() string { return "http://" + b.addr }

func (b *baseline) stop() error {
	var all []error
	if b.server != nil {
		all = append(all, b.server.Close())
	}
	if b.pool != nil {
		all = append(all, b.pool.Close())
	}
	return errors.Join(append(all, b.place.remove())...)
}
