package report

import (
	"fmt"
	"strings"

	"github.com/nativize/nativize/analyze/model"
	page "github.com/nativize/nativize/templates/report"
)

// Measures of the picture, in pixels.
const (
	boxWidth   = 232
	lineHeight = 18
	boxPad     = 12
	columnGap  = 116
	boxGap     = 20
	topMargin  = 40
	textColumn = 30 // columns of text in a box
	labelWide  = 16 // columns of text of a label
)

// flow lays out the picture of d.
func flow(d *model.Deployment) *page.Flow {
	p := newPicture(d)
	f := &page.Flow{Width: 3*boxWidth + 2*columnGap + 2}
	sources, hosts, services := place(0, p.sources), place(1, p.hosts), place(2, p.services)
	bottom := max(end(sources), end(hosts), end(services))
	f.Height = bottom + boxPad
	for i, column := range [][]page.Box{sources, hosts, services} {
		shift(column, (bottom-end(column))/2)
		f.Columns = append(f.Columns, page.FlowText{X: columnX(i), Y: 18, Text: []string{"From", "Host", "Runs there"}[i]})
		f.Boxes = append(f.Boxes, column...)
	}
	f.Arrows = append(arrows(sources, hosts, p.in), arrows(hosts, services, p.out)...)
	f.Words = append(words(p.sources, p.hosts, p.in), words(p.hosts, p.services, p.out)...)
	return f
}

func columnX(i int) int { return 1 + i*(boxWidth+columnGap) }

// place stacks the boxes of a column.
func place(column int, parts []part) []page.Box {
	y := topMargin
	var out []page.Box
	for _, p := range parts {
		b := page.Box{X: columnX(column), Y: y, W: boxWidth, Kind: p.kind, Full: visible(strings.Join(nonEmpty(p.lines), ", "))}
		for _, l := range nonEmpty(p.lines) {
			text := cells.Truncate(visible(oneLine(l)), textColumn, "…")
			b.Lines = append(b.Lines, page.FlowText{X: b.X + boxPad, Y: y + boxPad + lineHeight*len(b.Lines) + 12, Text: text})
		}
		b.H = 2*boxPad + lineHeight*len(b.Lines) - 2
		y += b.H + boxGap
		out = append(out, b)
	}
	return out
}

func nonEmpty(lines []string) []string {
	var out []string
	for _, l := range lines {
		if strings.TrimSpace(l) != "" {
			out = append(out, l)
		}
	}
	return out
}

// end is the lower edge of a column.
func end(boxes []page.Box) int {
	if len(boxes) == 0 {
		return topMargin
	}
	last := boxes[len(boxes)-1]
	return last.Y + last.H
}

// shift moves a column down.
func shift(boxes []page.Box, dy int) {
	for i := range boxes {
		boxes[i].Y += dy
		for j := range boxes[i].Lines {
			boxes[i].Lines[j].Y += dy
		}
	}
}

// arrows draws the edges as curves from right side to left side. Several
// arrows at one box are spread along its side; a label stands at the end
// that the arrow has to itself.
func arrows(left, right []page.Box, edges []edge) []page.Arrow {
	outs, ins := map[int]int{}, map[int]int{}
	for _, e := range edges {
		outs[e.from]++
		ins[e.to]++
	}
	outAt, inAt := map[int]int{}, map[int]int{}
	var out []page.Arrow
	for _, e := range edges {
		if e.from >= len(left) || e.to >= len(right) {
			continue
		}
		outAt[e.from]++
		inAt[e.to]++
		a, b := left[e.from], right[e.to]
		x1, y1 := a.X+a.W, spread(a, outAt[e.from], outs[e.from])
		x2, y2 := b.X-2, spread(b, inAt[e.to], ins[e.to])
		mid := (x1 + x2) / 2
		arrow := page.Arrow{D: fmt.Sprintf("M%d %d C%d %d %d %d %d %d", x1, y1, mid, y1, mid, y2, x2, y2)}
		arrow.Label = page.FlowText{X: x1 + 10, Y: y1 - 5, Anchor: "start", Text: cells.Truncate(visible(e.label), labelWide, "…")}
		if outs[e.from] > 1 {
			arrow.Label.X, arrow.Label.Y, arrow.Label.Anchor = x2-12, y2-5, "end"
		}
		out = append(out, arrow)
	}
	return out
}

func spread(b page.Box, i, n int) int { return b.Y + b.H*i/(n+1) }

// words says the edges in sentences.
func words(left, right []part, edges []edge) []string {
	var out []string
	for _, e := range edges {
		if e.from >= len(left) || e.to >= len(right) {
			continue
		}
		how := ""
		if e.label != "" {
			how = " (" + e.label + ")"
		}
		out = append(out, visible(strings.Join(nonEmpty(left[e.from].lines), ", ")+" → "+strings.Join(nonEmpty(right[e.to].lines), ", ")+how))
	}
	return out
}
