package input

import (
	"slices"
	"strings"

	"github.com/nativize/nativize/analyze/lazyregexp"
)

// maxMakeExpand bounds the bytes of one expansion.
const maxMakeExpand = 1 << 16

// expand replaces variables: $(X), ${X}, $X, $$. Unknown ones become ${X},
// function calls the hole of their name. busy are the variables being expanded.
func (m *makeReader) expand(t text, of *makeTarget, busy []string) text {
	if !strings.Contains(t.s, "$") {
		return t
	}
	var w weave
	for i := 0; i < len(t.s) && w.len() < maxMakeExpand; {
		j := strings.IndexByte(t.s[i:], '$')
		if j < 0 || i+j+1 >= len(t.s) {
			w.addText(t.cut(i, len(t.s)))
			break
		}
		w.addText(t.cut(i, i+j))
		i += j
		next := t.s[i+1]
		switch {
		case next == '$':
			w.stand("$", t.at(i))
			i += 2
		case next == '(' || next == '{':
			end := matching(t.s, i+1)
			m.reference(&w, t, i, t.s[i+2:end], of, busy)
			i = min(end+1, len(t.s))
		default:
			m.automatic(&w, t, i, of, busy)
			i += 2
		}
	}
	return w.text()
}

// matching finds the bracket that closes the one at i; the end if there is none.
func matching(s string, i int) int {
	open, end, depth := s[i], byte(')'), 0
	if open == '{' {
		end = '}'
	}
	for ; i < len(s); i++ {
		switch s[i] {
		case open:
			depth++
		case end:
			if depth--; depth == 0 {
				return i
			}
		}
	}
	return len(s)
}

// automatic expands $@ and its kin, and one-letter variables.
func (m *makeReader) automatic(w *weave, t text, i int, of *makeTarget, busy []string) {
	name := t.s[i+1 : i+2]
	if of != nil {
		switch name {
		case "@":
			w.stand(of.name, t.at(i))
			return
		case "<":
			if len(of.needs) > 0 {
				w.stand(of.needs[0], t.at(i))
				return
			}
		case "^", "+":
			w.stand(strings.Join(of.needs, " "), t.at(i))
			return
		}
	}
	if name == " " || name == "," || name == "\t" || name == "\n" {
		w.add(name, t.at(i+1)) // no variable has such a name
		return
	}
	m.reference(w, t, i, name, of, busy)
}

// makeBuiltin are variables that make sets itself, POSIX and GNU.
var makeBuiltin = map[string]string{"MAKE": "make", "CC": "cc", "CXX": "g++", "RM": "rm -f", "AR": "ar", "SHELL": "/bin/sh", "MAKEFLAGS": ""}

// reference expands one variable or function.
func (m *makeReader) reference(w *weave, t text, i int, name string, of *makeTarget, busy []string) {
	off := t.at(i)
	if sub, rest, ok := strings.Cut(name, ":"); ok && strings.Contains(rest, "=") && !strings.Contains(sub, " ") {
		w.stand("${"+holeName(sub)+"}", off) // $(X:.c=.o)
		return
	}
	if strings.ContainsAny(name, " ,\t") {
		m.function(w, t, i, name, of, busy)
		return
	}
	m.left--
	v, ok := m.lookup(name, of)
	switch {
	case m.left < 0:
		w.stand("${"+holeName(name)+"}", off)
	case !ok && makeBuiltin[name] != "":
		w.stand(makeBuiltin[name], off)
	case !ok && name == "CURDIR":
		w.stand("${PWD}", off)
	case !ok && name == "DESTDIR":
		// empty when nobody sets it: files go to their final place
	case !ok || slices.Contains(busy, name) || len(busy) > 20:
		w.stand("${"+holeName(name)+"}", off)
	case v.recursive:
		m.addExpanded(w, m.expand(v.val, of, append(busy[:len(busy):len(busy)], name)), off)
	default:
		m.addExpanded(w, v.val, off)
	}
}

// addExpanded adds a value at the place where it is used, so that findings
// point to the recipe; several lines keep their own places.
func (m *makeReader) addExpanded(w *weave, v text, off int) {
	if strings.Contains(v.s, "\n") {
		w.addText(v)
		return
	}
	w.stand(v.s, off)
}

func (m *makeReader) lookup(name string, of *makeTarget) (makeVar, bool) {
	if of != nil {
		if v, ok := of.own[name]; ok {
			return v, true
		}
	}
	v, ok := m.vars[name]
	return v, ok
}

var notName = lazyregexp.New(`[^A-Za-z0-9_]+`)

// holeName makes a name a shell can use.
func holeName(s string) string {
	s = strings.Trim(notName.ReplaceAllString(s, "_"), "_")
	if s == "" || s[0] >= '0' && s[0] <= '9' {
		return "VALUE"
	}
	return s
}

// function expands the functions whose result is known: $(shell pwd) and the
// like are command substitutions that the shell reader understands.
func (m *makeReader) function(w *weave, t text, i int, call string, of *makeTarget, busy []string) {
	off := t.at(i)
	if m.left--; m.left < 0 {
		return
	}
	name, arg, _ := strings.Cut(call, " ")
	body := t.cut(min(i+2+len(name)+1, len(t.s)), min(i+2+len(call), len(t.s)))
	switch name {
	case "shell":
		w.stand("$(", off)
		w.addText(m.expand(body, of, busy))
		w.stand(")", off)
	case "strip", "abspath", "realpath":
		w.addText(m.expand(body, of, busy).trim())
	case "call":
		macro, _, _ := strings.Cut(arg, ",")
		if v, ok := m.lookup(strings.TrimSpace(macro), of); ok && !slices.Contains(busy, macro) && len(busy) < 20 {
			m.addExpanded(w, m.expand(v.val, of, append(busy[:len(busy):len(busy)], macro)), off)
			return
		}
		w.stand("${"+holeName(macro)+"}", off)
	case "info", "warning", "eval":
	case "error":
		w.stand("false", off)
	default:
		w.stand("${"+holeName(name)+"}", off)
	}
}
