package reports

import (
	"testing"

	"hagate/verdict"
)

func TestDriftInWords(t *testing.T) {
	for want, got := range map[string]string{
		"drifts by +12 %/h (95 % CI +4 to +20)":          relative(verdict.Trend{Level: 0.001, PerHour: 0.00012, Low: 0.00004, High: 0.0002, Drifts: true}, nil),
		"drifts by −3.5 %/h (95 % CI −6.1 to −0.88)":     relative(verdict.Trend{Level: 1, PerHour: -0.0351, Low: -0.0612, High: -0.0088, Drifts: true}, nil),
		"no drift within ±1,250 %/h":                     relative(verdict.Trend{Level: 2, PerHour: 5, Low: -25, High: 11}, nil),
		"–":                                              relative(verdict.Trend{}, nil),
		"no drift within ±0 points/h":                    points(verdict.Trend{}, nil),
		"drifts by +0.5 points/h (95 % CI +0.1 to +0.9)": points(verdict.Trend{PerHour: 0.005, Low: 0.001, High: 0.009, Drifts: true}, nil),
		"no drift within ±0.021 points/h":                points(verdict.Trend{Low: -0.00021, High: 0.0001}, nil),
	} {
		if got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
