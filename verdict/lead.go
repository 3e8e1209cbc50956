package verdict

import (
	"math"
	"time"
)

// lead is how many seconds before the fault a failure may be the fault's: a request that
// was under way when it went in was due before it, by up to a request's timeout.
func (f *facts) lead() int64 {
	return max(FaultLead, int64(math.Ceil((f.start.Plan.Timeout - time.Second).Seconds())))
}
