package reports

import (
	"fmt"
	"html"
	"html/template"
	"strings"
)

// svg is an image in the making. Lengths are in user units, which are CSS pixels at
// the image's natural size. Colours come from the page's style sheet by class.
type svg struct{ strings.Builder }

func (s *svg) rect(class string, x, y, w, h float64, title string) {
	if w <= 0 || h <= 0 {
		return
	}
	fmt.Fprintf(s, `<rect class="%s" x="%s" y="%s" width="%s" height="%s"`, html.EscapeString(class), px(x), px(y), px(w), px(h))
	if title == "" {
		s.WriteString("/>\n")
		return
	}
	fmt.Fprintf(s, "><title>%s</title></rect>\n", html.EscapeString(title))
}

func (s *svg) line(class string, x1, y1, x2, y2 float64) {
	fmt.Fprintf(s, `<line class="%s" x1="%s" y1="%s" x2="%s" y2="%s"/>`+"\n", html.EscapeString(class), px(x1), px(y1), px(x2), px(y2))
}

// path draws d, which is the program's own.
func (s *svg) path(class, d, title string) {
	if d == "" {
		return
	}
	fmt.Fprintf(s, `<path class="%s" d="%s"><title>%s</title></path>`+"\n", html.EscapeString(class), d, html.EscapeString(title))
}

func (s *svg) text(class string, x, y float64, text string) {
	fmt.Fprintf(s, `<text class="%s" x="%s" y="%s">%s</text>`+"\n", html.EscapeString(class), px(x), px(y), html.EscapeString(text))
}

// image closes the drawing: w by h, with a name for screen readers.
func (s *svg) image(w, h float64, name string) template.HTML {
	return template.HTML(fmt.Sprintf(`<svg viewBox="0 0 %s %s" role="img" aria-label="%s" preserveAspectRatio="xMinYMin">`+"\n%s</svg>",
		px(w), px(h), html.EscapeString(name), s.String()))
}

// px is a length to a tenth.
func px(v float64) string {
	return strings.TrimSuffix(fmt.Sprintf("%.1f", v), ".0")
}
