package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"fmt"
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
	cases [][]any   // rows of cases that changed, to be written after those
	acts  actsDone  // to be written after those
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

// change notes how a held case's row is to be, in the order of casesTable.
func (p *packed) change(row []any) {
	same := func(other []any) bool { return other[0] == row[0] }
	p.cases = append(slices.DeleteFunc(p.cases, same), row)
}

// actsDone are acts whose events are written in this transaction.
type actsDone struct {
	ids, seqs []any
	at        int64 // the latest of them
}

// finish notes that an act was done by the event of a sequence.
func (p *packed) finish(id string, seq, at int64) {
	p.acts.ids, p.acts.seqs, p.acts.at = append(p.acts.ids, id), append(p.acts.seqs, seq), max(p.acts.at, at)
}

// statement writes the outcome of all by one.
func (a actsDone) statement() (string, []any) {
	args := []any{a.at}
	for i, id := range a.ids {
		args = append(args, id, a.seqs[i])
	}
	return "UPDATE acts FORCE INDEX (PRIMARY) SET status = 'done', body = NULL, recorded_at = ?, seq = CASE id" + strings.Repeat(" WHEN ? THEN ?", len(a.ids)) +
		" END WHERE id IN (" + marks(len(a.ids)) + ") AND status = 'pending'", append(args, a.ids...)
}

// settle turns the rows into statements.
func (p *packed) settle() {
	gone, cases, acts, rows := p.gone, p.cases, p.acts, p.rows
	p.gone, p.cases, p.acts, p.rows, p.added = nil, nil, actsDone{}, pile{}, false
	for _, c := range gone {
		for query, args := range deletions(c.query, c.values, nil, maxInserted) {
			p.later(query, args...)
		}
	}
	for query, args := range insertions(changedCases, cases, maxInserted) {
		p.later(query, args...)
	}
	if len(acts.ids) > 0 {
		query, args := acts.statement()
		p.later(query, args...)
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

// ask sends the questions of all parts at once and hands each its answer.
func (p *packed) ask(ctx context.Context, parts []*write) error {
	var cases, acts []any
	for _, w := range parts {
		if w.asks != nil {
			cases, acts = append(cases, w.asks.caseID), append(acts, w.asks.actID)
		}
	}
	if len(cases) == 0 {
		return nil
	}
	answers, err := p.hold(ctx, cases, acts)
	if err != nil {
		return translateMySQL(err)
	}
	for _, w := range parts {
		if w.asks == nil {
			continue
		}
		h, there := answers.of(w.asks)
		if !there {
			return found(gorm.ErrRecordNotFound, "case")
		}
		if err := w.asks.taken(h); err != nil {
			return err
		}
	}
	return nil
}

// heldRows are the answers to all questions of a batch.
type heldRows struct {
	states   map[string][]byte  // by case
	acts     map[string]heldAct // by case and act
	revision int64
}

func (a heldRows) of(q *question) (heldCase, bool) {
	state, there := a.states[q.caseID]
	return heldCase{state: state, revision: a.revision, act: a.acts[q.caseID+q.actID]}, there
}

// hold holds the cases and reads them, then the acts, which change only while their case is held.
func (p *packed) hold(ctx context.Context, cases, acts []any) (heldRows, error) {
	p.later(fmt.Sprintf(holdCases, marks(len(cases))), cases...)
	p.later(fmt.Sprintf(readActs, marks(len(acts))), acts...)
	answers := heldRows{states: map[string][]byte{}, acts: map[string]heldAct{}}
	rows, err := p.QueryContext(ctx, readRevision)
	if err != nil {
		return answers, err
	}
	defer rows.Close()
	err = eachRow(rows, func() error {
		var id string
		var state []byte
		err := rows.Scan(&id, &state)
		answers.states[id] = state
		return err
	})
	if err != nil {
		return answers, err
	}
	rows.NextResultSet() // where it fails, the next row's error tells
	err = eachRow(rows, func() error {
		var caseID string
		var act heldAct
		err := rows.Scan(append([]any{&caseID}, act.dest()...)...)
		answers.acts[caseID+act.id.String] = act
		return err
	})
	if err != nil {
		return answers, err
	}
	rows.NextResultSet()
	return answers, eachRow(rows, func() error { return rows.Scan(&answers.revision) })
}

// eachRow reads the rows of one statement.
func eachRow(rows *sql.Rows, read func() error) error {
	for rows.Next() {
		if err := read(); err != nil {
			return err
		}
	}
	return rows.Err()
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
