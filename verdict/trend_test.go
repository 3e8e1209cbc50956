package verdict

import (
	"math"
	"math/rand/v2"
	"testing"
)

const testBlocks, testHours = 36, 10.0 / 3600 // six minutes in blocks of 10 s

// series is blocks of value 1, moving by change from the first to the last, with noise
// of a standard deviation about them that carries kept of itself over to the next block.
func series(rng *rand.Rand, change, noise, kept float64) []float64 {
	values := make([]float64, testBlocks)
	last := rng.NormFloat64()
	for i := range values {
		last = kept*last + math.Sqrt(1-kept*kept)*rng.NormFloat64()
		values[i] = 1 + change*float64(i)/(testBlocks-1) + noise*last
	}
	return values
}

func TestTrend(t *testing.T) {
	const perRun = testHours * (testBlocks - 1)
	rng := rand.New(rand.NewPCG(1, 2))
	step, outlier, saw := series(rng, 0, 0.01, 0), series(rng, 0, 0.01, 0), series(rng, 0, 0.01, 0)
	for i := range testBlocks {
		if i >= testBlocks/2 {
			step[i] += 0.2
		}
		saw[i] += 0.2 * float64(i%4)
	}
	outlier[testBlocks-2] = 40
	for _, c := range []struct {
		name   string
		values []float64
		change float64 // over the run, 0.02 more or less
		drifts bool
	}{
		{"nothing moves at all", series(rng, 0, 0, 0), 0, false},
		{"noise", series(rng, 0, 0.05, 0), 0, false},
		{"up by a quarter", series(rng, 0.25, 0.05, 0), 0.25, true},
		{"down by a quarter", series(rng, -0.25, 0.05, 0), -0.25, true},
		{"less than what the blocks differ by", series(rng, 0.12, 0.05, 0), 0.12, false},
		{"without noise, by less than a value is kept to", series(rng, 0.001, 0, 0), 0.001, false},
		{"a jump that lasts is not one that goes on", step, 0.25, false},
		{"one block stands out", outlier, 0, false},
		{"up and down and up", saw, 0, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := newTrend(c.values, testHours, 0.001)
			if got.Drifts != c.drifts || math.Abs(got.PerHour*perRun-c.change) > 0.04 {
				t.Errorf("%+v: %.3f over the run, want %.3f, drifts %t", got, got.PerHour*perRun, c.change, c.drifts)
			}
			if got.Low > got.PerHour || got.High < got.PerHour {
				t.Errorf("%+v: the slope lies outside its interval", got)
			}
		})
	}
}

// The interval holds the truth about as often as it says, also where a block resembles
// its neighbour; and what is called a drift is that far more rarely.
func TestTrendCriesNoWolf(t *testing.T) {
	const runs = 4000
	for _, c := range []struct {
		kept, change  float64
		misses, cries float64 // at most, as shares of the runs
	}{
		{0, 0, 0.05, 0.001},
		{0, 0.5, 0.05, 1},
		{0.3, 0, 0.07, 0.005},
		{0.6, 0, 0.08, 0.03},
	} {
		rng := rand.New(rand.NewPCG(3, 4))
		misses, cries := 0, 0
		for range runs {
			got := newTrend(series(rng, c.change, 0.1, c.kept), testHours, 0.001)
			truth := c.change / (testHours * (testBlocks - 1))
			if got.Low > truth || got.High < truth {
				misses++
			}
			if got.Drifts {
				cries++
			}
		}
		m, w := float64(misses)/runs, float64(cries)/runs
		t.Logf("%.1f kept, %.1f change: %.3f of the intervals miss the truth, %.3f of the runs drift", c.kept, c.change, m, w)
		if m > c.misses || w > c.cries {
			t.Errorf("%.1f kept: want at most %.3f and %.3f", c.kept, c.misses, c.cries)
		}
		if c.kept == 0 && m < 0.02 {
			t.Errorf("%.3f misses: the interval is wider than it says", m)
		}
		if c.change == 0.5 && w < 0.95 {
			t.Errorf("a change of five times the noise is found in %.3f of the runs only", w)
		}
	}
}
