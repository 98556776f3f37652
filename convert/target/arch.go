package target

import (
	"github.com/nativize/nativize/convert/plan"
	"github.com/nativize/nativize/templates"
)

var arch = scriptTarget(plan.Arch, "functions of the pacman package's .INSTALL")

// archScripts are the bodies of functions: nfpm puts the braces around them, so
// none may hold comments only or call exit.
func archScripts(p *plan.Package) ([]script, error) {
	r := &refs{}
	s := archDialect.script(p, r)
	state := len(s.Dirs)+len(s.Accounts)+len(s.Protect) > 0 || s.Tmpfiles != ""
	post := state || s.TakesOver() || len(s.State)+len(s.At(s.Before, "first"))+len(s.At(s.After, "first"))+len(s.Services.Enable) > 0
	up := state || len(s.At(s.Before, "upgrade"))+len(s.At(s.After, "upgrade"))+len(s.Services.Restart)+len(s.Services.Reload) > 0
	return fillScripts(r, s, []scriptPart{
		{"postinstall", "post_install", post, templates.ArchPostInstall},
		{"postupgrade", "post_upgrade", up, templates.ArchPostUpgrade},
		{"preremove", "pre_remove", s.Services.Any(), templates.ArchPreRemove},
	})
}
