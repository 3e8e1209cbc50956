package words

import (
	"testing"
	"time"
)

func TestCount(t *testing.T) {
	for n, want := range map[int]string{0: "0", 999: "999", 1000: "1,000", -1000: "-1,000", -999: "-999", 12345678: "12,345,678"} {
		if got := Count(n); got != want {
			t.Errorf("%d: %s, want %s", n, got, want)
		}
	}
}

func TestDuration(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0:                                     "0 s",
		709 * time.Microsecond:                "709 µs",
		1556 * time.Microsecond:               "1.56 ms",
		250 * time.Millisecond:                "250 ms",
		999600 * time.Microsecond:             "1 s",
		4340 * time.Millisecond:               "4.34 s",
		3 * time.Minute:                       "3 min",
		65 * time.Second:                      "1 min 5 s",
		2*time.Hour + 5*time.Second:           "2 h 0 min 5 s",
		-30 * time.Millisecond:                "-30 ms",
		time.Minute - 4*time.Millisecond:      "1 min",
		59*time.Second + 990*time.Millisecond: "59.99 s",
	} {
		if got := Duration(d); got != want {
			t.Errorf("%d: %s, want %s", d, got, want)
		}
	}
}
