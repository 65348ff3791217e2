package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"time"

	mysqldriver "github.com/go-sql-driver/mysql"
	"gorm.io/driver/mysql"
	"gorm.io/gorm"
)

// Sizes of the pools: one for everything, one for packed transactions, whose connections alone take
// several statements at once. Case transactions are short; more connections only lengthen the queue
// for row locks.
const (
	connections = 24
	packers     = 16
)

// collation compares byte by byte, like SQLite, so that both engines agree what is a duplicate.
// It still pads with spaces: no stored key may end in one.
const collation = "utf8mb4_bin"

func (s *Store) openMySQL(ctx context.Context) error {
	s.engine = onMySQL
	c, err := mysqlConfig(s.options.DSN)
	if err != nil {
		return err
	}
	pool, err := openMySQLPool(c, connections)
	if err != nil {
		return err
	}
	if err := pool.PingContext(ctx); err != nil {
		return errors.Join(translateMySQL(err), pool.Close())
	}
	packs := c.Clone()
	packs.MultiStatements = true
	if s.packing, err = openMySQLPool(packs, packers); err != nil {
		return errors.Join(err, pool.Close())
	}
	dialect := mysqlDialect{mysql.Dialector{Config: &mysql.Config{
		Conn: pool, DSNConfig: c, DisableWithReturning: true,
	}}}
	if s.writing, err = gorm.Open(dialect, s.gormConfig()); err != nil {
		return errors.Join(err, pool.Close())
	}
	s.reading = s.writing
	return nil
}

func openMySQLPool(c *mysqldriver.Config, connections int) (*sql.DB, error) {
	connector, err := mysqldriver.NewConnector(c)
	if err != nil {
		return nil, errors.New("the DSN cannot be used")
	}
	pool := sql.OpenDB(session{connector})
	pool.SetMaxOpenConns(connections)
	pool.SetMaxIdleConns(connections)
	pool.SetConnMaxLifetime(30 * time.Minute) // below any server's wait_timeout
	return pool, nil
}

// mysqlConfig sets what correctness rests on, whatever the DSN says. The driver's errors about
// a DSN may quote it, password included, so they are not passed on.
func mysqlConfig(dsn string) (*mysqldriver.Config, error) {
	c, err := mysqldriver.ParseDSN(dsn)
	if err != nil {
		return nil, errors.New("the DSN is not of the form user:password@tcp(host:port)/database")
	}
	if c.DBName == "" {
		return nil, errors.New("the DSN names no database")
	}
	c.Collation = collation
	c.ClientFoundRows = true   // an update counts the rows it found, as SQLite does
	c.InterpolateParams = true // one round trip a statement; safe in utf8mb4
	c.MultiStatements = false  // but for packed transactions, whose texts are all constants of this package
	c.ParseTime = false        // instants are numbers
	c.Logger = silent{}
	if c.Timeout == 0 {
		c.Timeout = 10 * time.Second
	}
	if c.Params == nil {
		c.Params = map[string]string{}
	}
	c.Params["sql_mode"] = "'STRICT_ALL_TABLES,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION'"
	c.Params["time_zone"] = "'+00:00'"
	return c, nil
}

// silent drops the driver's own lines: the error reaches the caller, and a line may quote data.
type silent struct{}

func (silent) Print(...any) {}

// session sets the isolation of each new connection. With READ COMMITTED what is read after a
// row lock was granted is what the lock protects; REPEATABLE READ would show the state before
// the wait. The statement is spelt alike on MySQL and MariaDB, the variable is not.
type session struct{ driver.Connector }

func (c session) Connect(ctx context.Context) (driver.Conn, error) {
	conn, err := c.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	const set = "SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED"
	if _, err := conn.(driver.ExecerContext).ExecContext(ctx, set, nil); err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	return conn, nil
}

// mysqlDialect is GORM's dialect with our reading of the server's errors.
type mysqlDialect struct{ mysql.Dialector }

// Translate implements gorm.ErrorTranslator.
func (mysqlDialect) Translate(err error) error { return translateMySQL(err) }

// Server error numbers, https://mariadb.com/kb/en/mariadb-error-codes/.
const (
	mysqlChanged    = 1020 // the row changed since it was read
	mysqlDuplicate  = 1062
	mysqlLockWait   = 1205
	mysqlDeadlock   = 1213
	mysqlReferenced = 1451
	mysqlNoParent   = 1452
	mysqlCheck      = 3819
	mariadbCheck    = 4025
)

var mysqlKinds = map[uint16]error{
	mysqlChanged: errBusy, mysqlLockWait: errBusy, mysqlDeadlock: errBusy,
	mysqlDuplicate:  gorm.ErrDuplicatedKey,
	mysqlReferenced: gorm.ErrForeignKeyViolated, mysqlNoParent: gorm.ErrForeignKeyViolated,
	mysqlCheck: gorm.ErrCheckConstraintViolated, mariadbCheck: gorm.ErrCheckConstraintViolated,
}

// mysqlPlain are the errors whose text names columns and tables only. Any other text may quote
// a value ("Duplicate entry '...'") and is dropped.
var mysqlPlain = map[uint16]bool{
	1044: true, 1045: true, 1048: true, 1049: true, 1054: true, 1136: true, 1142: true, 1146: true,
	1364: true, 1406: true, mysqlCheck: true, mariadbCheck: true,
}

func translateMySQL(err error) error {
	var e *mysqldriver.MySQLError
	if !errors.As(err, &e) {
		return err
	}
	f := &failure{Engine: onMySQL, Number: int(e.Number), Kind: mysqlKinds[e.Number]}
	if mysqlPlain[e.Number] {
		f.Text = e.Message
	}
	return f
}

// checkCollation puts an empty database into our collation and refuses a filled one in another.
func (s *Store) checkCollation(ctx context.Context) error {
	var have string
	var tables int
	row := s.pool().QueryRowContext(ctx, `SELECT @@collation_database,
		(SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = DATABASE())`)
	if err := row.Scan(&have, &tables); err != nil {
		return translateMySQL(err)
	}
	if have == collation {
		return nil
	}
	if tables > 0 {
		return fmt.Errorf("the database's collation is %s, want %s: create it anew with CHARACTER SET utf8mb4 COLLATE %s", have, collation, collation)
	}
	_, err := s.pool().ExecContext(ctx, "ALTER DATABASE CHARACTER SET utf8mb4 COLLATE "+collation)
	return translateMySQL(err)
}
