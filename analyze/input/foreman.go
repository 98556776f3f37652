package input

import (
	"strings"

	"github.com/nativize/nativize/analyze/lazyregexp"
)

// An Export is one call of `foreman export` or `honcho export`: it makes
// services of the process types of a Procfile (foreman(1), EXPORTING). Empty
// fields were not given; values may hold ${NAME}.
type Export struct {
	Format   string // systemd, upstart, runit, supervisord, inittab ...
	App      string // -a: the services are called App-TYPE
	User     string // -u
	Env      string // -e: file of environment settings
	Log      string // -l: directory of logs
	Root     string // -d, --root: working directory
	Procfile string // -f, "Procfile" when not given
	Off      int    // where the call begins in the text
}

var exportCall = lazyregexp.New(`\b(?:foreman|honcho)\s+export\s`)

// exportFlags are the options of export that take a value, by their long name.
var exportFlags = map[string]string{"-a": "app", "-u": "user", "-e": "env", "-l": "log", "-d": "root", "-f": "procfile",
	"-p": "port", "-t": "template", "-c": "formation", "-m": "formation"}

// Exports finds the calls of export in shell text. Nothing is expanded.
func Exports(text string) []Export {
	var out []Export
	for _, m := range exportCall.FindAllStringIndex(text, maxOnce) {
		rest := text[m[1]:]
		if i := strings.IndexAny(rest, "\n;&|"); i >= 0 {
			rest = rest[:i]
		}
		out = append(out, parseExport(rest, m[0]))
	}
	return out
}

func parseExport(args string, off int) Export {
	x := Export{Procfile: "Procfile", Off: off}
	words := line{args, 0}.words()
	for i := 0; i < len(words); i++ {
		w := words[i].text
		if !strings.HasPrefix(w, "-") {
			if x.Format == "" {
				x.Format = w
			}
			continue
		}
		name, value, joined := strings.Cut(w, "=")
		if long, ok := exportFlags[name]; ok {
			name = long
		}
		if !joined && i+1 < len(words) {
			i++
			value = words[i].text
		}
		x.option(strings.TrimLeft(name, "-"), value)
	}
	return x
}

func (x *Export) option(name, value string) {
	switch name {
	case "app":
		x.App = value
	case "user":
		x.User = value
	case "env":
		x.Env = value
	case "log":
		x.Log = value
	case "root":
		x.Root = value
	case "procfile":
		x.Procfile = value
	}
}
