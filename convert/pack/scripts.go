package pack

import (
	"slices"
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"github.com/nativize/nativize/convert/plan"
)

// scriptNames are the maintainer scripts of each format, by nfpm's names.
var scriptNames = map[plan.Format][]string{
	plan.Deb:  {"preinstall", "postinstall", "preremove", "postremove"},
	plan.IPK:  {"preinstall", "postinstall", "preremove", "postremove"},
	plan.RPM:  {"preinstall", "postinstall", "preremove", "postremove", "pretrans", "posttrans", "verify"},
	plan.APK:  {"preinstall", "postinstall", "preremove", "postremove", "preupgrade", "postupgrade"},
	plan.Arch: {"preinstall", "postinstall", "preremove", "postremove", "preupgrade", "postupgrade"},
}

// checkScripts parses every script: a syntax error would show on the machine
// only, in the middle of an installation.
func checkScripts(f plan.Format, scripts map[string]string, ps *problems) {
	for _, name := range sortedKeys(scripts) {
		if !slices.Contains(scriptNames[f], name) {
			ps.add(f, nil, "there is no script %q; known are %s", name, strings.Join(scriptNames[f], ", "))
			continue
		}
		checkScript(f, name, scripts[name], ps)
	}
}

func checkScript(f plan.Format, name, text string, ps *problems) {
	lang := syntax.LangPOSIX
	if f == plan.Arch {
		lang = syntax.LangBash // pacman runs .INSTALL with bash
	}
	file, err := syntax.NewParser(syntax.Variant(lang)).Parse(strings.NewReader(text), name)
	switch {
	case err != nil:
		ps.add(f, nil, "script %v", err)
	case strings.ContainsRune(text, 0):
		ps.add(f, nil, "script %s has a NUL byte", name)
	case f == plan.Arch && len(file.Stmts) == 0:
		// it becomes the body of a function, and an empty one is an error
		ps.add(f, nil, "script %s has no command; leave it out", name)
	case (f == plan.Deb || f == plan.IPK || f == plan.APK) && !strings.HasPrefix(text, "#!/"):
		ps.add(f, nil, "script %s has no interpreter; begin it with #!/bin/sh", name)
	}
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
