package cases

import "math"

// Play is what is played of a case in one go, on one deployment.
type Play struct {
	Case      Case
	Commit    string // the newest that changed the gate or the case
	Round     int
	Scenarios []string // none of a case that is to be refused
	Busy      bool
}

// Rounds are how often a case is played.
type Rounds struct {
	Defect int     // with a defect
	Sound  int     // without
	Busy   float64 // share of the plays on a machine made busy
}

// Plan is what there is to play, round by round, without the runs that there are, at
// whatever commit. commits are those that cases are played at now, by their names. A static
// refusal says the same each time: one look is enough.
func Plan(all []Case, runs []Run, commits map[string]string, rounds Rounds) []Play {
	type key struct{ name, scenario string }
	have := map[key]int{}
	for _, r := range runs {
		have[key{r.Case, r.Scenario}]++
	}
	var plays []Play
	for round := 1; round <= max(rounds.Defect, rounds.Sound); round++ {
		for i, c := range all {
			times := rounds.Defect
			if c.Sound {
				times = rounds.Sound
			}
			if round > times || c.Refused && round > 1 {
				continue
			}
			lacks := func(scenario string) bool { return have[key{c.Name, scenario}] < round }
			p := Play{Case: c, Commit: commits[c.Name], Round: round, Busy: !c.Refused && nth((round-1)*len(all)+i, rounds.Busy)}
			for _, name := range c.Names() {
				if lacks(name) {
					p.Scenarios = append(p.Scenarios, name)
				}
			}
			if len(p.Scenarios) > 0 || c.Refused && lacks("") {
				plays = append(plays, p)
			}
		}
	}
	return plays
}

// nth says whether the n-th of evenly chosen ones is chosen, so that share of all are.
func nth(n int, share float64) bool {
	return math.Floor(float64(n+1)*share) > math.Floor(float64(n)*share)
}
