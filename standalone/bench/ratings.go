package bench

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"haochaping/standalone/engine"
	"haochaping/store/seed"
)

// RatingPlan says how the intake of ratings is measured.
type RatingPlan struct {
	AtOnce int           // citizens at once, each on a connection of its own
	Each   time.Duration // a round
	Rounds int           // rounds of either, in turns
	// Engine has the cases of bad ratings driven by an engine and a worker in this same process.
	// Otherwise the engine is away, as if it were busy on another machine.
	Engine bool
	// Alone has every rating committed by itself.
	Alone bool
}

// badEvery: one rating in ten is bad, with words and contact, and opens a case.
const badEvery = 10

// Rate is how fast requests were answered in one round.
type Rate struct {
	Answers  int
	Took     time.Duration
	P50, P99 time.Duration
}

// PerSecond is answers a second.
func (r Rate) PerSecond() float64 { return float64(r.Answers) / r.Took.Seconds() }

// Intake holds the rounds of the product and of the baseline, in the order they ran.
type Intake struct {
	Name     string
	Of, Base []Rate
	// Ledger and Delivered are how many leaves the ledger had taken in, and how many messages the upstream platform,
	// when the last round ended: what is behind costs the product later.
	Ledger, Delivered int
}

// Ratio is the median over the pairs of neighbouring rounds.
func (i Intake) Ratio() float64 {
	var ratios []float64
	for n := range i.Of {
		ratios = append(ratios, i.Of[n].PerSecond()/i.Base[n].PerSecond())
	}
	return middle(ratios)
}

// Print writes the ratio and the median round of either.
func (i Intake) Print(w io.Writer) {
	fmt.Fprintf(w, "rating intake over HTTP, %s, against bare Echo and GORM: %.2f (median of %d pairs of rounds)\n", i.Name, i.Ratio(), len(i.Of))
	i.printRounds(w, "bare insert", "ratings")
	fmt.Fprintf(w, "  when the last round ended the ledger had %d leaves, the upstream platform %d messages; the rest follows\n", i.Ledger, i.Delivered)
}

func (i Intake) printRounds(w io.Writer, base, of string) {
	fmt.Fprintf(w, "  %-28s %9s %8s %8s\n", "", "ratings/s", "p50 ms", "p99 ms")
	for _, row := range []struct {
		name   string
		rounds []Rate
	}{{base, i.Base}, {of, i.Of}} {
		sorted := slices.SortedFunc(slices.Values(row.rounds), func(a, b Rate) int { return int(b.PerSecond() - a.PerSecond()) })
		r := sorted[len(sorted)/2]
		fmt.Fprintf(w, "  %-28s %9.0f %8.1f %8.1f\n", row.name, r.PerSecond(), milliseconds(r.P50), milliseconds(r.P99))
	}
}

func (p RatingPlan) name(d Database) string {
	name := "record on " + d.Name()
	if p.Engine {
		name += ", engine in this process"
	}
	if p.Alone {
		name += ", no commit shared"
	}
	return name
}

// MeasureIntake posts the same forms to the product and to the baseline, in turns.
func MeasureIntake(ctx context.Context, d Database, p RatingPlan) (i Intake, err error) {
	i.Name = p.name(d)
	forms, err := ratingForms()
	if err != nil {
		return i, err
	}
	record, err := d.Open(ctx, time.Now)
	if err != nil {
		return i, err
	}
	defer closing(record.Close, &err)
	with := serving{alone: p.Alone}
	if p.Engine {
		e, err := engine.Start(ctx, engine.Options{Dir: record.place.dir + "/engine", Logger: quiet()})
		if err != nil {
			return i, err
		}
		defer e.Stop()
		with.engine, with.namespace = e.Addr(), engine.Namespace
	}
	product, err := record.serve(ctx, with)
	if err != nil {
		return i, err
	}
	defer closing(product.stop, &err)
	bare, err := d.serveBaseline(ctx)
	if err != nil {
		return i, err
	}
	defer closing(bare.stop, &err)
	for range p.Rounds {
		for _, turn := range []struct {
			address string
			into    *[]Rate
		}{{bare.address(), &i.Base}, {product.address(), &i.Of}} {
			rate, err := post(ctx, turn.address+"/ratings", forms, p)
			if err != nil {
				return i, err
			}
			*turn.into = append(*turn.into, rate)
		}
	}
	return i, i.count(ctx, record)
}

func (i *Intake) count(ctx context.Context, record *Record) error {
	size, err := record.LedgerPosition(ctx)
	if err != nil {
		return err
	}
	upstreams, err := record.Exchanges(ctx)
	i.Ledger = int(size)
	for _, u := range upstreams {
		i.Delivered += u.Sent
	}
	return err
}

// post has all citizens send one form after the other for as long as a round lasts, after a little
// while that is not counted.
func post(ctx context.Context, address string, forms [][]byte, p RatingPlan) (Rate, error) {
	client := visitors(p.AtOnce)
	defer client.CloseIdleConnections()
	var (
		mu     sync.Mutex
		took   []time.Duration
		number atomic.Int64
		warm   = time.Now().Add(p.Each / 5)
		end    = warm.Add(p.Each)
	)
	err := together(ctx, p.AtOnce, p.AtOnce, func(ctx context.Context, _ int) error {
		var mine []time.Duration
		for now := time.Now(); now.Before(end); now = time.Now() {
			form := forms[int(number.Add(1))%len(forms)]
			one, err := sendForm(ctx, client, address, form)
			if err != nil {
				return err
			}
			if done := now.Add(one); now.After(warm) && done.Before(end) {
				mine = append(mine, one)
			}
		}
		mu.Lock()
		defer mu.Unlock()
		took = append(took, mine...)
		return nil
	})
	return Rate{Answers: len(took), Took: p.Each, P50: quantile(took, 0.50), P99: quantile(took, 0.99)}, err
}

func sendForm(ctx context.Context, client *http.Client, address string, form []byte) (time.Duration, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(form))
	if err != nil {
		return 0, err
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Accept", "application/json")
	r.Header.Set("Idempotency-Key", rand.Text())
	return answered(client, r, http.StatusCreated)
}

// ratingForms are a good many different forms, one in ten of them bad, for windows all over the
// seed.
func ratingForms() ([][]byte, error) {
	data, err := seed.Load()
	if err != nil {
		return nil, err
	}
	var forms [][]byte
	for n, window := range data.Windows {
		for k := range badEvery {
			form := map[string]any{"code": window.Code, "grade": 5, "option": []string{"510"}, "mark_attitude": 5}
			if (n+k)%badEvery == 0 {
				form = map[string]any{"code": window.Code, "grade": 1, "option": []string{"110"}, "mark_attitude": 1,
					"text": "排队两个小时没有人理睬", "contact_phone": "13812345678", "contact_name": "扎西测试",
					"contact_language": "zh", "contact_time": "morning", "contact_consent": true}
			}
			body, err := json.Marshal(form)
			if err != nil {
				return nil, err
			}
			forms = append(forms, body)
		}
	}
	return forms, nil
}
