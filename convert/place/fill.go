package place

import (
	"slices"
	"strings"

	"github.com/nativize/nativize/analyze/host"
	"github.com/nativize/nativize/analyze/lazyregexp"
	"github.com/nativize/nativize/analyze/model"
)

// A substitution is one "s" command of sed(1) that puts text in the place of a
// literal word.
type substitution struct {
	old, new string
	all      bool // every one of a line, else the first
	known    bool // new has no hole
}

// filled is the text of a file of the repository as the script leaves it at a
// path of the machine: the words that sed(1) replaces there by a known text are
// replaced. It also returns the words that stand in the text still, since what
// replaces them is known on the server only.
func (x *placer) filled(p, text string) (string, []string) {
	if x.host == nil {
		return text, nil
	}
	var open []string
	for _, s := range edits(x.host.Node(x.where, p).Content) {
		switch {
		case !strings.Contains(text, s.old), slices.Contains(open, s.old):
		case s.known:
			text = s.apply(text)
		default:
			open = append(open, s.old)
		}
	}
	return text, open
}

// edits are the substitutions that made a content of a file of the repository,
// in their order. Of alternatives it is the main line's.
func edits(c *host.Content) []substitution {
	var out []substitution
	for ; c != nil && c.Kind == host.Edited; c = c.Prev {
		out = append(substitutions(c.Edit), out...)
	}
	return out
}

// literalRE is what stands for itself in a basic and in an extended expression.
var literalRE = lazyregexp.New(`^[A-Za-z0-9_%@<>#:~-]*[A-Za-z][A-Za-z0-9_%@<>#:~-]*$`)

// substitutions reads the literal substitutions at the start of a sed script, up
// to the first command of another form: what comes after it may depend on it.
func substitutions(script string) []substitution {
	var out []substitution
	for {
		script = strings.TrimLeft(script, "; \t\n")
		if len(script) < 2 || script[0] != 's' || literalRE.MatchString(script[1:2]) || strings.Contains(" \\\n$", script[1:2]) {
			return out
		}
		part := strings.SplitN(script[2:], script[1:2], 3)
		if len(part) < 3 {
			return out
		}
		flags, rest, _ := strings.Cut(part[2], ";")
		flags = strings.TrimSpace(flags)
		if flags != "" && flags != "g" || !literalRE.MatchString(part[0]) || strings.ContainsAny(part[1], "\\&\n") {
			return out
		}
		out = append(out, substitution{old: part[0], new: part[1], all: flags == "g", known: !strings.Contains(part[1], "${")})
		script = rest
	}
}

// apply replaces line by line, as sed does.
func (s substitution) apply(text string) string {
	if s.all {
		return strings.ReplaceAll(text, s.old, s.new)
	}
	var b strings.Builder
	for l := range strings.Lines(text) {
		b.WriteString(strings.Replace(l, s.old, s.new, 1))
	}
	return b.String()
}

// blankRE is a word that a template of a unit leaves to be filled in: %NAME%,
// @NAME@, {{ name }} or __NAME__. A specifier of systemd.unit(5) is one letter.
var blankRE = lazyregexp.New(`%[A-Z][A-Z0-9_]+%|@[A-Z][A-Z0-9_]+@|\{\{ ?[A-Za-z][A-Za-z0-9_.]* ?\}\}|__[A-Z][A-Z0-9_]*[A-Z0-9]__`)

// fillUnit fills a unit of the deployment with what the script puts into it. An
// account that stays open is that of the package, which nativize.yaml can
// overrule; all else that stays open keeps the package from being built.
func (x *placer) fillUnit(t unitText) unitText {
	text, open := t.text, []string(nil)
	if t.path != "" {
		text, open = x.filled(t.path, text)
	}
	lines := strings.SplitAfter(text, "\n")
	var left, stop []string
	for i, l := range lines {
		if strings.HasPrefix(strings.TrimSpace(l), "#") || strings.HasPrefix(strings.TrimSpace(l), ";") {
			continue
		}
		blanks := blanksOf(l, open)
		if len(blanks) > 0 {
			if own := x.ownAccount(l); own != "" {
				lines[i] = own + "\n"
				continue
			}
		}
		for _, b := range blanks {
			if !slices.Contains(left, b) {
				left = append(left, b)
			}
			if !slices.Contains(stop, b) && !forReaders(l) {
				stop = append(stop, b)
			}
		}
	}
	t.text = strings.Join(lines, "")
	if len(stop) > 0 {
		x.manual(t.at, "", "Replace %s in packaging/units/%s: what the script puts there is known on the server only, and the unit does not start with it. Nothing is built before; with services.%s.enable: false in nativize.yaml the unit is shipped as it is and not started.", strings.Join(left, ", "), t.name, t.name)
	} else if len(left) > 0 {
		x.manual(t.at, "", "Replace %s in packaging/units/%s: what the script puts there is known on the server only.", strings.Join(left, ", "), t.name)
	}
	t.blanks = stop
	return t
}

// forReaders tells of a line of a unit that nothing is started by.
func forReaders(line string) bool {
	key, _, _ := strings.Cut(strings.TrimSpace(line), "=")
	return slices.Contains([]string{"Description", "Documentation", "SyslogIdentifier"}, strings.TrimSpace(key))
}

// filledPath is the path of a directory that a unit of the repository names, with
// what the script fills into the unit where it installs it.
func (x *placer) filledPath(d model.Directory) string {
	if d.Origin != model.FromCompanion || len(d.At) == 0 {
		return d.Path
	}
	for _, f := range x.f.Files {
		if f.From == d.At[0].File && isUnitFile(f.Path) {
			name, _ := x.filled(f.Path, d.Path)
			return name
		}
	}
	return d.Path
}

// blanksOf are the words of a line of a unit that are not filled in.
func blanksOf(line string, open []string) []string {
	_, value, ok := strings.Cut(line, "=")
	if !ok {
		return nil
	}
	out := blankRE.FindAllString(value, -1)
	for _, w := range open {
		if strings.Contains(value, w) && !slices.Contains(out, w) {
			out = append(out, w)
		}
	}
	return out
}

// ownAccount is a User= or Group= line of a unit with the account of the package,
// "" for other lines and where root runs the services.
func (x *placer) ownAccount(line string) string {
	key, _, _ := strings.Cut(line, "=")
	switch key = strings.TrimSpace(key); {
	case x.account == "":
	case key == "User":
		return "User=" + x.account
	case key == "Group":
		return "Group=" + x.groupOf(x.account)
	}
	return ""
}
