package verdict

import "time"

// Drift is how a stream changed while nothing was done to the service: in blocks of
// equal length, from its clean baseline on. It informs, and is no check: what
// drifts may be the machine.
type Drift struct {
	Block  time.Duration `json:"block"` // how long each lasts
	Blocks []Block       `json:"blocks"`
	P50    Trend         `json:"p50"`    // in seconds
	P99    Trend         `json:"p99"`    // in seconds
	Failed Trend         `json:"failed"` // share of the requests, 0 to 1
}

// Block is what a stream saw in one block.
type Block struct {
	Began  time.Time     `json:"began"`
	P50    time.Duration `json:"p50"`
	P99    time.Duration `json:"p99"`
	Failed float64       `json:"failed"` // share of the requests, 0 to 1
}

func (d *Drift) drifts() bool { return d.P50.Drifts || d.P99.Drifts || d.Failed.Drifts }

// drift is of a stream without a fault, nil where it has fewer than MinBlocks blocks: of
// MinBlock or more, with MinInBlock requests or more, and as long as makes no more than
// twice MinBlocks of them.
func (f *facts) drift(stream string) *Drift {
	times := f.judged(stream)
	if !f.start.NoFault || f.capacity != nil || f.turn.IsZero() || len(times) == 0 {
		return nil
	}
	from, to := f.from, times[len(times)-1] // the last second may be a part of one
	rate := max(1, f.start.Plan.Rate)
	length := max(int64(MinBlock/time.Second), int64((MinInBlock+rate-1)/rate), (to-from)/(2*MinBlocks))
	if (to-from)/length < MinBlocks {
		return nil
	}
	d := &Drift{Block: time.Duration(length) * time.Second}
	var p50, p99, failed []float64
	for at := from; at+length <= to; at += length {
		s := f.sent(stream, at, at+length)
		if s.Due == 0 {
			return nil
		}
		b := Block{Began: time.Unix(at, 0).UTC(), P50: s.Whole.P50, P99: s.Whole.P99}
		for class, n := range s.ByClass {
			if blamed(class) {
				b.Failed += float64(n) / float64(s.Due)
			}
		}
		d.Blocks = append(d.Blocks, b)
		p50, p99, failed = append(p50, b.P50.Seconds()), append(p99, b.P99.Seconds()), append(failed, b.Failed)
	}
	hours := d.Block.Hours()
	d.P50 = newTrend(p50, hours, resolution*median(p50))
	d.P99 = newTrend(p99, hours, resolution*median(p99))
	d.Failed = newTrend(failed, hours, 1/float64(rate*int(length)))
	return d
}

// resolution of a latency, as a share of it: a record keeps three digits.
const resolution = 0.001
