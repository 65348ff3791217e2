package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"slices"
	"strings"

	"gorm.io/gorm"
)

// packed is one transaction on MySQL whose writes are gathered and sent together. What a recording
// writes is a dozen statements; each alone would be a round trip, and on a machine shared with the
// server each round trip is two switches between processes. Rows to insert into one table become one
// statement, as do those to delete, also where they are of several recordings. It begins with the first
// statement that is sent, and serves one goroutine.
type packed struct {
	conn  *sql.Conn
	text  strings.Builder // statements that were not sent yet
	args  []any
	held  int       // statements in text
	gone  []cutting // to be deleted after them
	rows  pile      // to be inserted last
	added bool      // rows were added since the part began
	begun bool
}

// cutting deletes the rows that one of the values names in the column with which the query ends.
type cutting struct {
	query  string
	values []any
}

var _ gorm.ConnPool = (*packed)(nil)

// part begins the writes of another caller, which do not depend on those before.
func (p *packed) part() { p.added = false }

// later adds a statement to what is sent next. Its error is that of whatever is sent next.
func (p *packed) later(query string, args ...any) {
	if p.added {
		p.settle()
	}
	if p.held > 0 {
		p.text.WriteByte(';')
	}
	p.text.WriteString(query)
	p.args = append(p.args, args...)
	p.held++
}

// add adds rows to what is sent next, after all statements so far.
func (p *packed) add(into table, rows [][]any) {
	if len(rows) == 0 {
		return
	}
	p.rows[into.name] = append(p.rows[into.name], rows...)
	p.added = true
}

// remove deletes rows before any are inserted. What refers to others has to be removed first.
func (p *packed) remove(query string, values []any) {
	if p.added {
		p.settle()
	}
	for i := range p.gone {
		if p.gone[i].query == query {
			p.gone[i].values = append(p.gone[i].values, values...)
			return
		}
	}
	p.gone = append(p.gone, cutting{query, slices.Clone(values)})
}

// settle turns the rows into statements.
func (p *packed) settle() {
	gone, rows := p.gone, p.rows
	p.gone, p.rows, p.added = nil, pile{}, false
	for _, c := range gone {
		for query, args := range deletions(c.query, c.values, nil, maxInserted) {
			p.later(query, args...)
		}
	}
	for _, into := range insertOrder {
		for query, args := range insertions(into, rows[into.name], maxInserted) {
			p.later(query, args...)
		}
	}
}

// take returns all that is to be sent now, with a query behind it; the transaction begins before it.
func (p *packed) take(query string, args []any) (string, []any) {
	p.settle()
	p.later(query, args...)
	text, all := p.text.String(), p.args
	if !p.begun {
		text = "START TRANSACTION;" + text
	}
	p.text, p.args, p.held, p.begun = strings.Builder{}, nil, 0, true
	return text, all
}

// ExecContext implements gorm.ConnPool. The rows counted are the last statement's.
func (p *packed) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	query, args = p.take(query, args)
	return p.conn.ExecContext(ctx, query, args...)
}

// QueryContext implements gorm.ConnPool; the driver passes over answers without rows.
func (p *packed) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	query, args = p.take(query, args)
	return p.conn.QueryContext(ctx, query, args...)
}

// QueryRowContext implements gorm.ConnPool.
func (p *packed) QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row {
	query, args = p.take(query, args)
	return p.conn.QueryRowContext(ctx, query, args...)
}

// PrepareContext implements gorm.ConnPool; GORM asks for it only where it keeps statements.
func (p *packed) PrepareContext(ctx context.Context, query string) (*sql.Stmt, error) {
	return p.conn.PrepareContext(ctx, query)
}

// ask sends the questions of all parts at once and hands each its row.
func (p *packed) ask(ctx context.Context, parts []*write) error {
	var asking []*question
	for _, w := range parts {
		if w.asks != nil {
			asking = append(asking, w.asks)
		}
	}
	if len(asking) == 0 {
		return nil
	}
	last := len(asking) - 1
	for _, q := range asking[:last] {
		p.later(q.query+" FOR UPDATE", q.args...)
	}
	rows, err := p.QueryContext(ctx, asking[last].query+" FOR UPDATE", asking[last].args...)
	if err != nil {
		return translateMySQL(err)
	}
	defer rows.Close()
	for _, q := range asking {
		if err := q.taken(answer(rows, q.dest)); err != nil {
			return err
		}
	}
	return translateMySQL(rows.Err())
}

// answer reads one question's row and goes on to the next.
func answer(rows *sql.Rows, dest []any) error {
	if !rows.Next() {
		if err := rows.Err(); err != nil {
			return translateMySQL(err)
		}
		rows.NextResultSet()
		return gorm.ErrRecordNotFound
	}
	if err := rows.Scan(dest...); err != nil {
		return err
	}
	rows.NextResultSet() // where it fails, the next row's error tells
	return nil
}

// commit sends the rest. A single statement that nothing came before is a transaction by itself.
func (p *packed) commit(ctx context.Context) (err error) {
	p.settle()
	switch {
	case p.begun || p.held > 1:
		_, err = p.ExecContext(ctx, "COMMIT")
	case p.held == 1:
		_, err = p.conn.ExecContext(ctx, p.text.String(), p.args...)
	}
	return err
}

// undo ends the transaction without its writes. A connection that does not take that is thrown away.
func (p *packed) undo(ctx context.Context) {
	if !p.begun {
		return
	}
	if _, err := p.conn.ExecContext(ctx, "ROLLBACK"); err != nil {
		_ = p.conn.Raw(func(any) error { return driver.ErrBadConn }) // its answer is what we told it
	}
}

// pack runs do in one transaction whose writes travel together, and commits it. What do writes
// through Store.write and Store.insert takes effect, or fails, with the next read or the commit.
func (s *Store) pack(ctx context.Context, do func(tx *gorm.DB) error) error {
	conn, err := s.packing.Conn(ctx)
	if err != nil {
		return translateMySQL(err)
	}
	defer conn.Close()
	p, settled := &packed{conn: conn, rows: pile{}}, false
	defer func() { // also when do panics: the connection goes back to the pool
		if !settled {
			p.undo(ctx)
		}
	}()
	tx := s.writing.WithContext(ctx)
	tx.Statement.ConnPool = p
	if err := do(tx); err != nil {
		return err
	}
	if err := p.commit(ctx); err != nil {
		return translateMySQL(err)
	}
	settled = true
	return nil
}
