// Package templates holds every text that nativize writes, one file a text, and
// for each a typed function that fills it.
//
// A value reaches a text only through the quoting of the text's language:
// sh (POSIX shell words, by mvdan.cc/sh/v3/syntax), unit and unitArg (systemd),
// yaml (by a YAML library), ruby, md (Markdown) and note (one line of a
// comment). A value that the language cannot carry, such as a control character
// in a shell word, is an error that names it; nothing is written then.
//
// To add a text: one file NAME.tmpl here, and its function beside the others of
// its language. TestEveryFileHasItsFunction finds the one that lacks the other.
package templates

import (
	"bytes"
	"embed"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"text/template"

	"mvdan.cc/sh/v3/syntax"
)

//go:embed *.tmpl
var files embed.FS

// all are the templates, parsed for the first text that is written.
var all = sync.OnceValue(func() *template.Template {
	return template.Must(template.New("").Funcs(template.FuncMap{
		"sh":       shell,
		"note":     Note,
		"mark":     mark,
		"octal":    octal,
		"unit":     unitValue,
		"unitArg1": unitWord,
		"units":    unitWords,
		"cronEnv":  cronEnv,
		"tmpf":     tmpfilesArg,
		"yaml":     yamlScalar,
		"jinja":    jinjaScalar,
		"ruby":     ruby,
		"md":       Markdown,
		"code":     MarkdownCode,
		"cell":     markdownCell,
		"toml":     toml,
		"indent":   indent,
		"fence":    fence,
	}).ParseFS(files, "*.tmpl"))
})

// A Text is a filled template. Marks tie its lines to the items that made them.
type Text struct {
	Text  string
	Marks []Mark
}

// A Mark says that line Line, from 1, was written for the item whose Ref is Ref.
type Mark struct {
	Line int
	Ref  Ref
}

// A Ref is the caller's number of an item, from 1. A template puts {{mark .Ref}}
// on each line that it writes for the item; 0 marks nothing.
type Ref int

// mark writes a reference between NUL bytes. No value can hold one: every
// quoting refuses or replaces NUL.
func mark(r Ref) string {
	if r == 0 {
		return ""
	}
	return "\x00" + strconv.Itoa(int(r)) + "\x00"
}

// fill executes the template of that file name and takes the marks out.
func fill(name string, data any) (Text, error) {
	var b bytes.Buffer
	if err := all().ExecuteTemplate(&b, name, data); err != nil {
		return Text{}, fmt.Errorf("fill %s: %w", name, cause(err))
	}
	text := b.String()
	if strings.HasSuffix(name, ".sh.tmpl") {
		text = tidy(text)
	}
	return unmark(strings.ReplaceAll(text, newline, "\n"))
}

// tidy leaves one empty line where a script's template made several, and none
// at the start of a block. Lines inside quotes are still joined by newline.
func tidy(s string) string {
	var out []string
	for l := range strings.SplitSeq(s, "\n") {
		if l == "" && len(out) > 0 {
			last := out[len(out)-1]
			if last == "" || strings.HasSuffix(last, "then") || strings.HasSuffix(last, "{") {
				continue
			}
		}
		out = append(out, l)
	}
	return strings.Join(out, "\n")
}

// newline stands for a new line inside quotes until the text is indented. No
// value can hold it: every quoting refuses or replaces control characters.
const newline = "\x01"

// cause takes the text/template wrapping, which speaks of the template and not
// of the value, off an error that one of our functions returned.
func cause(err error) error {
	for e := err; e != nil; {
		if v, ok := e.(*ValueError); ok {
			return v
		}
		u, ok := e.(interface{ Unwrap() error })
		if !ok {
			break
		}
		e = u.Unwrap()
	}
	return err
}

// unmark removes the marks of a text and lists them by line.
func unmark(s string) (Text, error) {
	parts := strings.Split(s, "\x00")
	if len(parts)%2 == 0 {
		return Text{}, fmt.Errorf("unbalanced mark in a text")
	}
	var t Text
	var b strings.Builder
	line := 1
	for i, p := range parts {
		if i%2 == 0 {
			b.WriteString(p)
			line += strings.Count(p, "\n")
			continue
		}
		n, err := strconv.Atoi(p)
		if err != nil {
			return Text{}, fmt.Errorf("mark %q is no number", p)
		}
		t.Marks = append(t.Marks, Mark{Line: line, Ref: Ref(n)})
	}
	t.Text = b.String()
	return t, nil
}

// A ValueError is a value that the language of a text cannot carry.
type ValueError struct {
	Value  string
	Reason string
}

func (e *ValueError) Error() string {
	return fmt.Sprintf("%q cannot be written: %s", e.Value, e.Reason)
}

// shell quotes s as one POSIX shell word. It fails on control characters and
// on bytes that are not UTF-8, for which POSIX sh has no quoting that survives
// every tool (dpkg's lists, too, hold one path a line).
func shell(s string) (string, error) {
	q, err := syntax.Quote(s, syntax.LangPOSIX)
	if err != nil {
		return "", &ValueError{Value: s, Reason: err.Error()}
	}
	return q, nil
}

// Note makes s one line of printable text for a comment: each run of white
// space or control characters becomes one space.
func Note(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case r == '\u2028', r == '\u2029', r == '\u0085', r < ' ', r == 0x7f:
			return ' '
		case !strconv.IsPrint(r):
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, "?"))
	return strings.Join(strings.Fields(s), " ")
}

// octal prints permission bits the way chmod(1) reads them: four digits.
func octal(mode uint32) string { return fmt.Sprintf("%04o", mode&0o7777) }

// indent puts n spaces in front of each line of s that is not empty.
func indent(n int, s string) string {
	pad := strings.Repeat(" ", n)
	lines := strings.Split(s, "\n")
	for i, l := range lines {
		if l != "" {
			lines[i] = pad + l
		}
	}
	return strings.Join(lines, "\n")
}
