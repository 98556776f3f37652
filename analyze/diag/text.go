package diag

import (
	"bufio"
	"fmt"
	"io"
	"strings"

	"github.com/nativize/nativize/analyze/source"
)

// writeText prints for people:
//
//	deploy.sh:14:9: error: PREFIX may be empty, so this may remove "/lib" [unguarded-rm-rf]
//	   |
//	14 | 	rm -rf "$PREFIX/lib"
//	   | 	       ^~~~~~~~~~~~~ = /lib
//	deploy.sh:3:1: note: PREFIX is set here, only when --prefix is given
//	  = confidence: high
//	  = help: write "${PREFIX:?}/lib"
func writeText(w io.Writer, r *Report) error {
	buf := bufio.NewWriter(w)
	p := &printer{w: buf, r: r, lines: newLines(r), width: r.Width}
	if p.width <= 0 {
		p.width = 100
	}
	for i := range r.Findings {
		if i > 0 {
			fmt.Fprintln(buf)
		}
		p.finding(&r.Findings[i])
	}
	return buf.Flush()
}

type printer struct {
	w     io.Writer
	r     *Report
	lines *lines
	width int
}

func (p *printer) finding(d *Diagnostic) {
	main := d.Main()
	gutter := p.gutter(d)
	fmt.Fprintf(p.w, "%s: %s: %s %s\n", p.paint(bold, Visible(main.Pos.String())),
		p.paint(severityColor(d.Severity), Visible(string(d.Severity))), Visible(d.Message), p.ruleName(d.Rule))
	value := ""
	if d.Value != "" {
		value = "= " + d.Value
	}
	p.snippet(main, '^', '~', value, gutter, severityColor(d.Severity))
	for _, at := range d.At[min(1, len(d.At)):] {
		p.note(Label{At: at, Text: "also here"}, gutter)
	}
	for _, label := range d.Related {
		p.note(label, gutter)
	}
	p.tail("confidence", string(d.Confidence))
	p.tail("help", d.Help)
}

func (p *printer) note(l Label, gutter int) {
	fmt.Fprintf(p.w, "%s: %s: %s\n", p.paint(bold, Visible(l.At.Pos.String())), p.paint(blue, "note"), Visible(l.Text))
	p.snippet(l.At, '-', '-', "", gutter, blue)
}

// tail prints "  = key: text", further lines of text indented below.
func (p *printer) tail(key, text string) {
	if text == "" {
		return
	}
	head := "  = " + key + ": "
	for i, line := range strings.Split(strings.TrimRight(text, "\n"), "\n") {
		if i > 0 {
			head = strings.Repeat(" ", len("  = "+key+": "))
		}
		fmt.Fprintf(p.w, "%s%s\n", p.paint(dim, head), visible(line, true))
	}
}

func (p *printer) ruleName(id string) string {
	name := "[" + Visible(id) + "]"
	uri := p.r.rule(id).URI
	if !p.r.Links || uri == "" {
		return p.paint(dim, name)
	}
	return "\x1b]8;;" + Visible(uri) + "\x1b\\" + p.paint(dim, name) + "\x1b]8;;\x1b\\"
}

// gutter is the width of the widest line number that d shows.
func (p *printer) gutter(d *Diagnostic) int {
	widest := 1
	for _, at := range d.At {
		widest = max(widest, len(fmt.Sprint(at.Line)))
	}
	for _, l := range d.Related {
		widest = max(widest, len(fmt.Sprint(l.At.Line)))
	}
	return widest
}

func (p *printer) snippet(at source.Span, head, tail byte, label string, gutter int, color string) {
	if p.lines.withheld(at.Pos) {
		bar := p.paint(dim, fmt.Sprintf("%*d |", gutter, at.Line))
		fmt.Fprintf(p.w, "%s %s\n", bar, p.paint(dim, "(line withheld: it holds a credential)"))
		return
	}
	line := p.lines.at(at.Pos)
	if line == nil {
		return
	}
	s := caret(line, at, p.width-gutter-3, head, tail)
	blank := p.paint(dim, strings.Repeat(" ", gutter)+" |")
	fmt.Fprintf(p.w, "%s\n%s %s\n", blank, p.paint(dim, fmt.Sprintf("%*d |", gutter, at.Line)), s.text)
	if s.mark == "" {
		return
	}
	mark := p.paint(color, s.mark)
	if label != "" {
		mark += " " + p.paint(color, Visible(label))
	}
	fmt.Fprintf(p.w, "%s %s%s\n", blank, s.indent, mark)
}

// The colours, as SGR parameters.
const (
	bold   = "1"
	dim    = "2"
	red    = "1;31"
	yellow = "1;33"
	blue   = "1;34"
)

func severityColor(s Severity) string {
	switch s {
	case Error:
		return red
	case Warning:
		return yellow
	}
	return blue
}

func (p *printer) paint(color, s string) string {
	if !p.r.Color || s == "" {
		return s
	}
	return "\x1b[" + color + "m" + s + "\x1b[0m"
}
