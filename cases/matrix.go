package cases

import (
	"math"
	"slices"
)

// Tally counts the outcomes of runs.
type Tally struct {
	Runs, Right, Wrong, Abstained int

	Named int // right, with the cause named rightly
	Asked int // right, of those whose cause is known
}

func (t Tally) plus(o Tally) Tally {
	return Tally{t.Runs + o.Runs, t.Right + o.Right, t.Wrong + o.Wrong, t.Abstained + o.Abstained, t.Named + o.Named, t.Asked + o.Asked}
}

func (t *Tally) add(o Outcome, asked, named bool) {
	t.Runs++
	switch o {
	case Right:
		t.Right++
		if asked {
			t.Asked++
		}
		if named {
			t.Named++
		}
	case Wrong:
		t.Wrong++
	case Abstained:
		t.Abstained++
	}
}

// Cell is what became of one scenario of a case; Scenario is empty where the case is to
// be refused.
type Cell struct {
	Case     Case
	Scenario string
	Commit   string // the newest that was played
	Quiet    Tally  // of every commit: what was wrong stays
	Newest   Tally  // those of Quiet that are of Commit
	Busy     Tally  // on a machine made busy
	Amiss    []Run  // what was not right, or had another cause
}

// Want is what is right of the cell.
func (c Cell) Want() Expectation {
	if c.Case.Refused {
		return Expectation{Verdict: Refused}
	}
	return c.Case.Scenarios[c.Scenario]
}

// Matrix is how far the gate's verdicts can be trusted.
type Matrix struct {
	Cells []Cell // every scenario of every case, also where none was played
}

// NewMatrix judges runs, which are oldest first, by what the cases say now.
func NewMatrix(all []Case, runs []Run) Matrix {
	var m Matrix
	for _, c := range all {
		names := c.Names()
		if c.Refused {
			names = []string{""}
		}
		for _, name := range names {
			m.Cells = append(m.Cells, cell(c, name, runs))
		}
	}
	return m
}

func cell(c Case, scenario string, runs []Run) Cell {
	of := Cell{Case: c, Scenario: scenario}
	runs = slices.DeleteFunc(slices.Clone(runs), func(r Run) bool { return r.Case != c.Name || r.Scenario != scenario })
	if len(runs) == 0 {
		return of
	}
	of.Commit = runs[len(runs)-1].Commit
	asked := len(of.Want().Cause) > 0
	for _, r := range runs {
		o, named := c.Judge(r)
		switch {
		case r.Busy:
			of.Busy.add(o, asked, named)
		case r.Commit == of.Commit:
			of.Newest.add(o, asked, named)
			fallthrough
		default:
			of.Quiet.add(o, asked, named)
		}
		if o != Right || asked && !named {
			of.Amiss = append(of.Amiss, r)
		}
	}
	return of
}

// Share is a count of runs, of how many, and what that says of the next ones.
type Share struct {
	Of        string // what is counted
	K, N      int
	Low, High float64 // 95 % of Wilson's score interval
	Goal      string
}

func share(of string, k, n int, goal string) Share {
	low, high := Wilson(k, n)
	return Share{of, k, n, low, high, goal}
}

// Wilson is the score interval (E. B. Wilson, 1927) in which the share lies of which k of
// n were seen, with a confidence of 95 %.
func Wilson(k, n int) (low, high float64) {
	if n == 0 {
		return 0, 1
	}
	const z = 1.959964 // of the normal distribution's middle 95 %
	count, p := float64(n), float64(k)/float64(n)
	middle := (p + z*z/(2*count)) / (1 + z*z/count)
	half := z / (1 + z*z/count) * math.Sqrt(p*(1-p)/count+z*z/(4*count*count))
	return max(0, middle-half), min(1, middle+half)
}

// Totals sum the cells up.
func (m Matrix) Totals() []Share {
	var quiet, newest, busy, sound, defect Tally
	for _, c := range m.Cells {
		quiet, newest, busy = quiet.plus(c.Quiet), newest.plus(c.Newest), busy.plus(c.Busy)
		if c.Case.Sound {
			sound = sound.plus(c.Quiet).plus(c.Busy)
		} else {
			defect = defect.plus(c.Quiet)
		}
	}
	return []Share{
		share("right, on a quiet machine", quiet.Right, quiet.Runs, "all"),
		share("right, of the newest commit that each scenario was played at", newest.Right, newest.Runs, "all"),
		share("right, of services with a defect", defect.Right, defect.Runs, "all"),
		share("cause named rightly, of right verdicts whose cause is known", quiet.Named, quiet.Asked, "≥ 95 %"),
		share("the same, of the newest commit", newest.Named, newest.Asked, "≥ 95 %"),
		share("false alarms, of sound services", sound.Wrong, sound.Runs, "none in 100"),
		share("abstained, on a quiet machine", quiet.Abstained, quiet.Runs, "< 2 %"),
		share("wrong, on a machine made busy", busy.Wrong, busy.Runs, "none"),
	}
}

// Count says how many cases there are, how many of them are sound, and how many cells
// have been played.
func (m Matrix) Count() (all, sound, cells, played int) {
	seen := map[string]bool{}
	for _, c := range m.Cells {
		cells++
		if c.Commit != "" {
			played++
		}
		if seen[c.Case.Name] {
			continue
		}
		seen[c.Case.Name] = true
		all++
		if c.Case.Sound {
			sound++
		}
	}
	return all, sound, cells, played
}
