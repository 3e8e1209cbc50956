package cpu

import (
	"testing"
	"time"
)

func TestParseTimes(t *testing.T) {
	tests := []struct {
		stat string
		want Times
		bad  bool
	}{
		{"cpu  10 1 20 300 5 2 3 4 6 7\ncpu0 5 1 10 150 5 1 1 2 3 3\ncpu1 5 0 10 150 0 1 2 2 3 4\nintr 1 2\n", Times{cores: 2, idle: 305}, false},
		{"cpu 1 2 3 4 5\ncpu0 1 2 3 4 5", Times{cores: 1, idle: 9}, false},
		{"cpu 1 2 3 4 5", Times{}, true},
		{"cpu 1 2 3 x 5\ncpu0 1 2 3 4 5", Times{}, true},
		{"", Times{}, true},
	}
	for _, tt := range tests {
		if got, err := parseTimes(tt.stat); got != tt.want || (err != nil) != tt.bad {
			t.Errorf("%q: got %+v, %v", tt.stat, got, err)
		}
	}
}

func TestBusySince(t *testing.T) {
	at := func(sec float64, cores int, idle uint64) Times {
		return Times{time.Unix(1000, 0).Add(time.Duration(sec * float64(time.Second))), cores, idle}
	}
	tests := []struct {
		before, after Times
		want          float64
	}{
		{at(0, 2, 1000), at(1, 2, 1150), 0.25},
		{at(0, 2, 1000), at(2, 2, 1100), 0.75},
		{at(0, 2, 1000), at(1, 2, 1000), 1},
		{at(0, 2, 1000), at(1, 2, 1201), 0}, // the clocks differ by a little
		{at(0, 2, 1000), at(0, 2, 1000), -1},
		{at(0, 2, 1000), at(1, 4, 1100), -1},
		{at(0, 2, 1000), at(1, 2, 999), -1},
		{Times{}, Times{}, -1},
	}
	for _, tt := range tests {
		if got := tt.after.BusySince(tt.before); got != tt.want {
			t.Errorf("%v to %v: got %v, want %v", tt.before, tt.after, got, tt.want)
		}
	}
	if MachineTimes().cores == 0 || OwnTime() == 0 {
		t.Error("this machine's times are unknown")
	}
}

func FuzzParseTimes(f *testing.F) {
	f.Add("cpu  10 1 20 300 5 2 3 4 6 7\ncpu0 5 1 10 150 5 1 1 2 3 3\n")
	f.Add("cpu 1 1 1 18446744073709551615 1\ncpu0")
	f.Fuzz(func(t *testing.T, stat string) {
		got, err := parseTimes(stat)
		if (err == nil) == (got.cores == 0) {
			t.Errorf("%q: got %+v, %v", stat, got, err)
		}
	})
}
