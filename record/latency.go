package record

import (
	"fmt"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// The histogram that Second.Latency documents, in microseconds.
const (
	latencyMin    = 1
	latencyMax    = int64(60 * time.Second / time.Microsecond)
	latencyDigits = 3
)

// NewLatency returns an empty histogram of latencies in microseconds. All of them
// have the same geometry, so that they can be merged without loss.
func NewLatency() *hdrhistogram.Histogram {
	return hdrhistogram.New(latencyMin, latencyMax, latencyDigits)
}

// AddLatency counts d, which is taken for the histogram's least or greatest value
// where it lies beyond it.
func AddLatency(h *hdrhistogram.Histogram, d time.Duration) {
	// A value inside the bounds is never refused.
	_ = h.RecordValue(min(max(d.Microseconds(), latencyMin), latencyMax))
}

// EncodeLatency is the text of h in Second.Latency. An empty histogram has none.
func EncodeLatency(h *hdrhistogram.Histogram) (string, error) {
	if h.TotalCount() == 0 {
		return "", nil
	}
	b, err := h.Encode(hdrhistogram.V2CompressedEncodingCookieBase)
	if err != nil {
		return "", fmt.Errorf("encoding latency histogram: %w", err)
	}
	return string(b), nil
}

// DecodeLatency reads what EncodeLatency wrote. A histogram of another geometry is
// an error: it could not be merged with the rest.
func DecodeLatency(s string) (*hdrhistogram.Histogram, error) {
	if s == "" {
		return NewLatency(), nil
	}
	h, err := hdrhistogram.Decode([]byte(s))
	if err != nil {
		return nil, fmt.Errorf("decoding latency histogram: %w", err)
	}
	if h.LowestTrackableValue() != latencyMin || h.HighestTrackableValue() != latencyMax || h.SignificantFigures() != latencyDigits {
		return nil, fmt.Errorf("decoding latency histogram: it counts %d to %d with %d digits, want %d to %d µs with %d",
			h.LowestTrackableValue(), h.HighestTrackableValue(), h.SignificantFigures(), latencyMin, latencyMax, latencyDigits)
	}
	return h, nil
}

// LatencySum adds up what EncodeLatency wrote. It does so count by count, which takes a
// small part of the time that merging histograms value by value does. The zero LatencySum
// is ready.
type LatencySum struct {
	counts []int64
}

// Add counts all latencies of s, or none and returns DecodeLatency's error.
func (l *LatencySum) Add(s string) error {
	h, err := DecodeLatency(s)
	if err != nil {
		return err
	}
	counts := h.Export().Counts
	if l.counts == nil {
		l.counts = counts
		return nil
	}
	for i, n := range counts {
		l.counts[i] += n
	}
	return nil
}

// Histogram is a histogram of all that was added.
func (l *LatencySum) Histogram() *hdrhistogram.Histogram {
	if l.counts == nil {
		return NewLatency()
	}
	return hdrhistogram.Import(&hdrhistogram.Snapshot{LowestTrackableValue: latencyMin, HighestTrackableValue: latencyMax,
		SignificantFigures: latencyDigits, Counts: l.counts})
}
