package target

import (
	"io/fs"

	"github.com/nativize/nativize/convert/plan"
	"github.com/nativize/nativize/templates"
)

var deb = scriptTarget(plan.Deb, "maintainer scripts of the deb")

// debScripts are preinst, postinst, prerm and postrm, each only when it has
// something to do.
func debScripts(p *plan.Package) ([]script, error) {
	r := &refs{}
	s := debDialect.script(p, r)
	purges := len(s.PurgeDir)+len(s.Purge)+len(s.Generate)+len(s.Sites) > 0
	configures := len(s.Accounts)+len(s.Dirs)+len(s.Protect)+len(s.State)+len(s.Before)+len(s.After)+len(s.Keep) > 0
	return fillScripts(r, s, []scriptPart{
		{"preinstall", "preinst", s.TakesOver(), templates.DebPreinst},
		{"postinstall", "postinst", configures || s.Services.Any(), templates.DebPostinst},
		{"preremove", "prerm", s.Services.Any(), templates.DebPrerm},
		{"postremove", "postrm", s.TakesOver() || purges || s.Services.Any() || len(s.Dirs) > 0, templates.DebPostrm},
	})
}

// A script is one maintainer script: its name in nfpm, its file name, its text.
type script struct {
	hook  string
	file  string
	text  templates.Text
	lines []plan.LineSource
}

// A scriptPart is a script that is written when it is needed.
type scriptPart struct {
	hook, file string
	needed     bool
	fill       func(templates.Script) (templates.Text, error)
}

func fillScripts(r *refs, s templates.Script, parts []scriptPart) ([]script, error) {
	var out []script
	for _, part := range parts {
		if !part.needed {
			continue
		}
		t, err := part.fill(s)
		if err != nil {
			return nil, err
		}
		out = append(out, script{part.hook, part.file, t, r.lines(t)})
	}
	return out, nil
}

// scripts returns the maintainer scripts of a format; none for one that has
// none.
func scripts(p *plan.Package, f plan.Format) ([]script, error) {
	switch f {
	case plan.Deb:
		return debScripts(p)
	case plan.RPM:
		return rpmScripts(p)
	case plan.APK:
		return apkScripts(p)
	case plan.Arch:
		return archScripts(p)
	}
	return nil, nil
}

// Scripts returns the maintainer scripts of a format by nfpm's names:
// preinstall, postinstall, preremove, postremove, posttrans, preupgrade,
// postupgrade. A script that would do nothing is absent.
func Scripts(p *plan.Package, f plan.Format) (map[string]string, error) {
	if err := Check(p); err != nil {
		return nil, err
	}
	list, err := scripts(p, f)
	if err != nil {
		return nil, err
	}
	out := map[string]string{}
	for _, s := range list {
		out[s.hook] = s.text.Text
	}
	return out, nil
}

// scriptTarget writes the maintainer scripts of a format below packaging/scripts.
func scriptTarget(f plan.Format, doc string) *Target {
	emit := func(p *plan.Package, _ Options) ([]File, error) {
		list, err := scripts(p, f)
		if err != nil {
			return nil, err
		}
		var out []File
		for _, s := range list {
			out = append(out, File{Path: scriptPath(f, s.file), Data: []byte(s.text.Text), Mode: scriptMode(f), Lines: s.lines})
		}
		return out, nil
	}
	return &Target{Name: string(f), Doc: doc, Emit: emit}
}

func scriptPath(f plan.Format, file string) string {
	dir := string(f)
	if f == plan.Arch {
		dir = "arch"
	}
	return "packaging/scripts/" + dir + "/" + file
}

// scriptMode: those of rpm and pacman are pasted into other files and no
// programs.
func scriptMode(f plan.Format) fs.FileMode {
	if f == plan.RPM || f == plan.Arch {
		return 0o644
	}
	return 0o755
}
