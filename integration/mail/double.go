package mail

import (
	"bufio"
	"context"
	"net"
	"net/textproto"
	"strings"
	"sync"
)

// Double is an SMTP server for tests. It answers as servers in the field do, also badly.
type Double struct {
	listener net.Listener

	mu      sync.Mutex
	taken   []string
	replies map[string][]string // verb -> what is replied first instead
	gone    string              // after this verb the connection is cut without a reply
	open    map[net.Conn]bool
	working sync.WaitGroup
}

// NewDouble starts a server on a free port of this machine.
func NewDouble(ctx context.Context) (*Double, error) {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	d := &Double{listener: listener, replies: map[string][]string{}, open: map[net.Conn]bool{}}
	d.working.Go(d.accept)
	return d, nil
}

// Addr is the server's host:port.
func (d *Double) Addr() string { return d.listener.Addr().String() }

// Close ends the server and every conversation with it.
func (d *Double) Close() {
	_ = d.listener.Close()
	d.mu.Lock()
	for conn := range d.open {
		_ = conn.Close()
	}
	d.mu.Unlock()
	d.working.Wait()
}

func (d *Double) begin(conn net.Conn) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.open[conn] = true
}

func (d *Double) finish(conn net.Conn) {
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.open, conn)
	_ = conn.Close()
}

// Reply has the next commands of a verb (RCPT, DATA, END for the mail's end) replied to with these lines.
func (d *Double) Reply(verb string, lines ...string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.replies[verb] = append(d.replies[verb], lines...)
}

// Cut has the connection cut once, after a verb.
func (d *Double) Cut(verb string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.gone = verb
}

// Taken are the mails that it took, as they came, headers and all.
func (d *Double) Taken() []string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return append([]string(nil), d.taken...)
}

func (d *Double) accept() {
	for {
		conn, err := d.listener.Accept()
		if err != nil {
			return
		}
		d.begin(conn)
		d.working.Go(func() {
			defer d.finish(conn)
			d.serve(conn)
		})
	}
}

// next is the reply to a verb; cut tells to hang up instead.
func (d *Double) next(verb, usual string) (line string, cut bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.gone == verb {
		d.gone = ""
		return "", true
	}
	if waiting := d.replies[verb]; len(waiting) > 0 {
		d.replies[verb] = waiting[1:]
		return waiting[0], false
	}
	return usual, false
}

var usual = map[string]string{"EHLO": "250 double", "MAIL": "250 ok", "RCPT": "250 ok", "DATA": "354 go on", "RSET": "250 ok", "NOOP": "250 ok", "QUIT": "221 bye"}

func (d *Double) serve(conn net.Conn) {
	in, out := textproto.NewReader(bufio.NewReader(conn)), textproto.NewWriter(bufio.NewWriter(conn))
	greeting, cut := d.next("HI", "220 double")
	if cut || out.PrintfLine("%s", greeting) != nil {
		return
	}
	for {
		command, err := in.ReadLine()
		if err != nil {
			return
		}
		verb, _, _ := strings.Cut(strings.ToUpper(command), " ")
		reply, cut := d.next(verb, usual[verb])
		if reply == "" {
			reply = "502 what"
		}
		if cut || out.PrintfLine("%s", reply) != nil || verb == "QUIT" {
			return
		}
		if verb == "DATA" && strings.HasPrefix(reply, "354") && !d.read(in, out) {
			return
		}
	}
}

// read takes a mail; false where the connection is over.
func (d *Double) read(in *textproto.Reader, out *textproto.Writer) bool {
	lines, err := in.ReadDotLines()
	if err != nil {
		return false
	}
	reply, cut := d.next("END", "250 taken")
	if cut || strings.HasPrefix(reply, "250") {
		d.mu.Lock()
		d.taken = append(d.taken, strings.Join(lines, "\n"))
		d.mu.Unlock()
	}
	return !cut && out.PrintfLine("%s", reply) == nil
}
