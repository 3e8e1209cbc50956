// Package words puts figures into words, the same in verdicts and reports.
package words

import (
	"fmt"
	"time"
)

// Count is n with its thousands apart: "12,345".
func Count(n int) string {
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// Duration is d to three or four digits, with a space before the unit: "4.34 s",
// "250 ms", "3 min", "1 min 5 s".
func Duration(d time.Duration) string {
	switch {
	case d < 0:
		return "-" + Duration(-d)
	case d == 0:
		return "0 s"
	case d < time.Millisecond:
		return fmt.Sprintf("%d µs", d.Microseconds())
	case d < 10*time.Millisecond:
		return fmt.Sprintf("%.3g ms", d.Seconds()*1e3)
	case d.Round(time.Millisecond) < time.Second:
		return fmt.Sprintf("%.0f ms", d.Seconds()*1e3)
	case d.Round(10*time.Millisecond) < time.Minute:
		return fmt.Sprintf("%.4g s", d.Round(10*time.Millisecond).Seconds())
	}
	d = d.Round(time.Second)
	text := fmt.Sprintf("%d min", int(d.Minutes())%60)
	if h := int(d.Hours()); h > 0 {
		text = fmt.Sprintf("%d h %s", h, text)
	}
	if s := int(d.Seconds()) % 60; s > 0 {
		text += fmt.Sprintf(" %d s", s)
	}
	return text
}
