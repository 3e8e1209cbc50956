package verdict

import "testing"

func TestLeastShare(t *testing.T) {
	for even, want := range map[float64]float64{
		1000: 500, // half
		100:  50,  // where both are the same
		64:   24,  // chance
		36:   6,
		16:   1, // it has to be there
	} {
		if got := leastShare(even); got != want {
			t.Errorf("%g: %g, want %g", even, got, want)
		}
	}
}
