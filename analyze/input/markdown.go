package input

import (
	"path"
	"strings"

	"github.com/nativize/nativize/analyze/lazyregexp"
)

// Markdown reads the code blocks of installation instructions: the commands
// that people are told to type, and the scripts that they call.
var Markdown = &Kind{
	Name:   "markdown",
	Doc:    "fenced shell blocks of README, INSTALL, DEPLOY documents: CommonMark, fenced code blocks",
	Claims: claimsMarkdown,
	read:   readMarkdown,
}

var docName = lazyregexp.New(`(?i)^(read[-_]?me|install(ation|ing)?|deploy(ment|ing)?|setup|hosting|upgrad(e|ing)|updat(e|ing)|server|production|running|operations|getting[-_]started|quick[-_]?start|self[-_]?host(ing|ed)?|release|admin(istration)?)([._-][a-z0-9_.-]*)?$`)

func claimsMarkdown(p string, _ []byte) bool {
	base := path.Base(p)
	switch strings.ToLower(path.Ext(base)) {
	case ".md", ".markdown", ".mdown", ".mkd":
		return docName.MatchString(strings.TrimSuffix(base, path.Ext(base)))
	}
	return false
}

var (
	fence      = lazyregexp.New("^ {0,12}(`{3,}|~{3,})\\s*\\{?\\.?([A-Za-z0-9_+-]*)")
	prompt     = lazyregexp.New(`^\s*(?:\([a-z0-9_-]+\)\s*)?(?:[a-z_][a-z0-9_-]*@[A-Za-z0-9_.-]+[: ][^$#]{0,40})?[$#%❯]\s+`)
	heading    = lazyregexp.New(`^ {0,3}#{1,6}\s+(.*?)\s*#*\s*$`)
	scriptCall = lazyregexp.New(`(?:^|[\s;&|"'])((?:\./|bash\s+|sh\s+|source\s+|\.\s+)?((?:\./)?(?:[A-Za-z0-9_.-]+/)*[A-Za-z0-9_.-]+\.(?:sh|bash|py|rb|pl))|\./((?:[A-Za-z0-9_.-]+/)*[A-Za-z0-9_-]+))(?:\s|$|["';&|])`)
)

func shellFence(lang string) bool {
	switch strings.ToLower(lang) {
	case "sh", "bash", "shell", "console", "terminal", "zsh", "shell-session", "shellsession", "sh-session", "bash-session", "commandline", "cmd":
		return true
	}
	return false
}

func readMarkdown(r *reader) {
	lines := r.lines()
	section := ""
	for i := 0; i < len(lines); i++ {
		if m := heading.FindStringSubmatch(lines[i].text); m != nil {
			section = m[1]
			continue
		}
		m := fence.FindStringSubmatch(lines[i].text)
		if m == nil {
			continue
		}
		var body []line
		for i++; i < len(lines) && !closesFence(lines[i].text, m[1]); i++ {
			body = append(body, lines[i])
		}
		if shellFence(m[2]) || m[2] == "" && prompted(body) {
			r.codeBlock(body, section)
		}
	}
}

func closesFence(l, open string) bool {
	t := strings.TrimSpace(l)
	return len(t) >= len(open) && strings.Trim(t, open[:1]) == ""
}

func prompted(body []line) bool {
	for _, l := range body {
		if prompt.MatchString(l.text) {
			return true
		}
	}
	return false
}

// codeBlock hands over a block. Where some lines have a prompt, the others are
// output and are left out, but for the continuation of a prompted one.
func (r *reader) codeBlock(body []line, section string) {
	only := prompted(body)
	indent := commonIndent(body)
	var w weave
	continued := false
	for _, l := range body {
		cut := min(indent, len(l.text))
		if m := prompt.FindStringIndex(l.text); m != nil {
			cut = m[1]
		} else if only && !continued {
			continue
		}
		text := strings.TrimRight(l.text[cut:], " \t")
		continued = strings.HasSuffix(text, `\`)
		w.add(text+"\n", l.off+cut)
		r.scriptCalls(line{text, l.off + cut})
	}
	r.addShell(w.text(), Shell{Where: Local, Phase: docPhase(section, r.base()), Name: section})
}

func (r *reader) scriptCalls(l line) {
	if strings.HasPrefix(strings.TrimSpace(l.text), "#") {
		return
	}
	for _, m := range scriptCall.FindAllStringSubmatchIndex(l.text, 10) {
		g := 4
		if m[4] < 0 {
			g = 6
		}
		before := l.text[:m[g]]
		if strings.Contains(before, "://") && !strings.ContainsAny(before[strings.LastIndex(before, "://"):], " \t") {
			continue // part of a URL
		}
		r.call(l.text[m[g]:m[g+1]], l.off+m[g], "run", strings.Fields(l.text[m[1]:])...)
	}
}

// docPhase judges a block by the heading above it, or the document.
func docPhase(section, base string) string {
	for _, s := range []string{section, base} {
		for _, w := range splitWords(s) {
			switch {
			case strings.HasPrefix(w, "deploy") || strings.HasPrefix(w, "updat") || strings.HasPrefix(w, "upgrad") || w == "production":
				return "deploy"
			case strings.HasPrefix(w, "install") || w == "setup" || strings.HasPrefix(w, "require") || strings.HasPrefix(w, "depend") || w == "prerequisites":
				return "setup"
			case strings.HasPrefix(w, "build") || strings.HasPrefix(w, "compil"):
				return "build"
			case strings.HasPrefix(w, "test"):
				return "check"
			case strings.HasPrefix(w, "run") || strings.HasPrefix(w, "start") || w == "usage":
				return "start"
			}
		}
	}
	return "other"
}
