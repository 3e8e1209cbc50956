package record

import (
	"slices"
	"testing"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
)

func TestLatencyRoundTrip(t *testing.T) {
	h := NewLatency()
	for _, d := range []time.Duration{0, 800 * time.Microsecond, time.Millisecond, 2 * time.Second, time.Hour} {
		AddLatency(h, d)
	}
	s, err := EncodeLatency(h)
	if err != nil {
		t.Fatal(err)
	}
	got, err := DecodeLatency(s)
	if err != nil {
		t.Fatal(err)
	}
	if !got.Equals(h) || got.TotalCount() != 5 {
		t.Errorf("got %d values, want the 5 that went in", got.TotalCount())
	}
	if got.Min() != 1 || got.Max() < latencyMax*999/1000 {
		t.Errorf("got %d to %d µs, want values beyond the bounds to count as the bounds", got.Min(), got.Max())
	}
	got.Merge(h)
	if got.TotalCount() != 10 {
		t.Errorf("merged: got %d values, want 10", got.TotalCount())
	}
}

func TestLatencyEmpty(t *testing.T) {
	s, err := EncodeLatency(NewLatency())
	if s != "" || err != nil {
		t.Fatalf("got %q, %v; want nothing", s, err)
	}
	if h, err := DecodeLatency(""); err != nil || h.TotalCount() != 0 {
		t.Errorf("got %v, %v; want an empty histogram", h, err)
	}
}

func TestLatencyOfAnotherGeometry(t *testing.T) {
	h := hdrhistogram.New(1, 1000, 2)
	if err := h.RecordValue(3); err != nil {
		t.Fatal(err)
	}
	s, err := EncodeLatency(h)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := DecodeLatency(s); err == nil {
		t.Error("want an error: it cannot be merged with the rest")
	}
}

func FuzzDecodeLatency(f *testing.F) {
	h := NewLatency()
	AddLatency(h, time.Millisecond)
	s, err := EncodeLatency(h)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(s)
	f.Add("")
	f.Add("HISTFAAAAA==")
	f.Fuzz(func(t *testing.T, s string) {
		h, err := DecodeLatency(s)
		if err != nil {
			return
		}
		if _, err := EncodeLatency(h); err != nil {
			t.Errorf("decoded, but does not encode: %v", err)
		}
	})
}

// Counted up, histograms are what they are merged.
func TestLatencySum(t *testing.T) {
	var sum LatencySum
	if n := sum.Histogram().TotalCount(); n != 0 {
		t.Errorf("nothing adds up to %d", n)
	}
	merged := NewLatency()
	for i := range 50 {
		h := NewLatency()
		for j := range 200 {
			AddLatency(h, time.Duration(1+j*j*j*(i+1))*time.Microsecond)
		}
		text, err := EncodeLatency(h)
		if err != nil {
			t.Fatal(err)
		}
		if err := sum.Add(text); err != nil {
			t.Fatal(err)
		}
		merged.Merge(h)
	}
	if err := sum.Add(""); err != nil {
		t.Error(err)
	}
	if err := sum.Add("HISTFAAA"); err == nil {
		t.Error("what is no histogram was added")
	}
	got := sum.Histogram()
	if got.TotalCount() != 50*200 || !slices.Equal(got.Export().Counts, merged.Export().Counts) {
		t.Errorf("%d counted, want %d, each where it is merged", got.TotalCount(), merged.TotalCount())
	}
	for _, q := range []float64{50, 99, 99.9, 100} {
		if got.ValueAtQuantile(q) != merged.ValueAtQuantile(q) {
			t.Errorf("quantile %g is %d, merged %d", q, got.ValueAtQuantile(q), merged.ValueAtQuantile(q))
		}
	}
}
