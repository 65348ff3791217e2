package store_test

import (
	"fmt"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"gorm.io/gorm"

	"haochaping/regulation"
	"haochaping/store"
	"haochaping/store/storetest"
)

func engines(b *testing.B, bench func(b *testing.B, d *desk)) {
	b.Run("sqlite", func(b *testing.B) { bench(b, &desk{Record: storetest.SQLite(b).LoadDemo(b), t: b}) })
	b.Run("mariadb", func(b *testing.B) { bench(b, &desk{Record: storetest.MariaDB(b).LoadDemo(b), t: b}) })
}

// What a good, a bad and a bare rating cost one caller who waits for each.
func BenchmarkSaveRating(b *testing.B) {
	for name, grade := range map[string]regulation.Grade{"good": 5, "bad": 1} {
		b.Run(name, func(b *testing.B) {
			engines(b, func(b *testing.B, d *desk) {
				in := d.bad()
				in.Rating.Grade = grade
				for b.Loop() {
					in.Key = d.key()
					d.save(in)
				}
			})
		})
	}
}

// What one recorded act costs one caller: adding evidence, which changes no task.
func BenchmarkRecordAct(b *testing.B) {
	engines(b, func(b *testing.B, d *desk) {
		id := d.open()
		d.upTo(id, regulation.ActAddEvidence)
		actor := d.able(d.read(id), regulation.ActAddEvidence, forms[regulation.ActAddEvidence])
		for b.Loop() {
			b.StopTimer()
			row, err := d.SubmitAct(b.Context(), store.ActRequest{CaseID: id, Kind: regulation.ActAddEvidence, Actor: actor,
				Values: forms[regulation.ActAddEvidence], Key: d.key()})
			d.must(err)
			b.StartTimer()
			_, err = d.RecordAct(b.Context(), id, row.ID)
			d.must(err)
		}
	})
}

func BenchmarkSubmitAct(b *testing.B) {
	engines(b, func(b *testing.B, d *desk) {
		id := d.open()
		d.upTo(id, regulation.ActAddEvidence)
		actor := d.able(d.read(id), regulation.ActAddEvidence, forms[regulation.ActAddEvidence])
		for b.Loop() {
			_, err := d.SubmitAct(b.Context(), store.ActRequest{CaseID: id, Kind: regulation.ActAddEvidence, Actor: actor,
				Values: forms[regulation.ActAddEvidence], Key: d.key()})
			d.must(err)
		}
	})
}

// A whole case, accept to close, submitting included: per act.
func BenchmarkMainLine(b *testing.B) {
	engines(b, func(b *testing.B, d *desk) {
		for b.Loop() {
			id := d.open()
			for _, kind := range mainLine {
				d.do(id, kind, forms[kind])
			}
		}
		b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N*len(mainLine)), "µs/act")
	})
}

// Sixteen whole cases at once, each act some time in the engine on either side: per act, as recordings
// that come together share commits. The processor time is this process's, without a server's.
func BenchmarkMainLinesTogether(b *testing.B) {
	const cases, engine = 16, 20 * time.Millisecond
	engines(b, func(b *testing.B, d *desk) {
		var used time.Duration
		for b.Loop() {
			b.StopTimer()
			ids, actors := make([]string, cases), d.mainLineActors()
			for i := range ids {
				ids[i] = d.open()
			}
			b.StartTimer()
			before := processorTime()
			var all sync.WaitGroup
			for _, id := range ids {
				all.Go(func() { carry(b, d.Store, id, actors, engine) })
			}
			all.Wait()
			used += processorTime() - before
		}
		b.ReportMetric(float64(used.Microseconds())/float64(b.N*cases*len(mainLine)), "cpu-µs/act")
	})
}

// processorTime is what this process has used so far.
func processorTime() time.Duration {
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		panic(err) // our own usage can always be asked for
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}

// mainLineActors finds who does each act, by carrying one case.
func (d *desk) mainLineActors() map[regulation.ActKind]regulation.Actor {
	actors, id := map[regulation.ActKind]regulation.Actor{}, d.open()
	for _, kind := range mainLine {
		actors[kind] = d.able(d.read(id), kind, forms[kind])
		d.do(id, kind, forms[kind])
	}
	return actors
}

func carry(b *testing.B, s *store.Store, id string, actors map[regulation.ActKind]regulation.Actor, engine time.Duration) {
	for _, kind := range mainLine {
		row, err := s.SubmitAct(b.Context(), store.ActRequest{CaseID: id, Kind: kind, Values: forms[kind], Actor: actors[kind], Key: id + string(kind)})
		if err != nil {
			b.Error(err)
			return
		}
		time.Sleep(engine)
		if step, err := s.RecordAct(b.Context(), id, row.ID); err != nil || step.Refused != "" {
			b.Error(err, step.Refused)
			return
		}
		time.Sleep(engine)
	}
}

// Intake under load: 16 callers at once, good ratings, beside one bare row a transaction.
func BenchmarkIntakeTogether(b *testing.B) {
	engines(b, func(b *testing.B, d *desk) {
		form := d.bad()
		form.Rating.Grade, form.Contact = regulation.Satisfied, store.Contact{}
		var n atomic.Int64
		b.Run("rating", func(b *testing.B) {
			b.SetParallelism(8)
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					in := form
					in.Key = fmt.Sprintf("together-%d", n.Add(1))
					if _, err := d.SaveRating(b.Context(), in); err != nil {
						b.Error(err)
					}
				}
			})
		})
		b.Run("bare", func(b *testing.B) {
			b.SetParallelism(8)
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					row := map[string]any{"kind": "bare", "ref": fmt.Sprintf("bare-%d", n.Add(1)), "added_at": 1}
					if err := store.Tx(d.Store, b.Context(), func(tx *gorm.DB) error { return tx.Table("outbox").Create(row).Error }); err != nil {
						b.Error(err)
					}
				}
			})
		})
	})
}
