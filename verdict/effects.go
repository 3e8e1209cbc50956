package verdict

import (
	"maps"
	"slices"

	"hagate/record"
)

// effect is what follows from what a fault declares that it does.
type effect struct {
	// prove says what of the evidence is missing; nothing where the fault is proven.
	prove   func(*facts, *round, record.Fault) []record.Text
	noPod   bool // it is not about Pods that served before
	inPlace bool // its victims are started again in place
}

var effects = map[record.EffectKind]effect{
	record.PodsReplaced:    {prove: proveLeaving},
	record.PodsKilled:      {prove: proveKill},
	record.PodsRestarted:   {prove: proveRestart, inPlace: true},
	record.PodsOutOfMemory: {prove: proveRestart, inPlace: true},
	record.PodsHeld:        {prove: proveEvidence},
	record.PodsLate:        {prove: proveSlow},
	record.PodsUnlisted:    {prove: proveUnlisted},
	record.PodsEvicted:     {prove: proveEvicted},

	record.NodesDrained:  {prove: proveDrain},
	record.NodesNotReady: {prove: proveDown},
	record.NodesRebooted: {prove: proveReboot, inPlace: true},
	record.NodesFull:     {prove: proveFull},
	record.NodesReplaced: {prove: proveJoin},

	record.VersionBroken:  {prove: proveBroken, noPod: true},
	record.ReplicasScaled: {prove: proveScale, noPod: true},
	record.ComponentAway:  {prove: proveEvidence, noPod: true},
}

// Effects are all kinds of effects that the judge can tell from what is in a record, sorted.
func Effects() []record.EffectKind { return slices.Sorted(maps.Keys(effects)) }
