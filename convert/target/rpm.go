package target

import (
	"github.com/nativize/nativize/convert/plan"
	"github.com/nativize/nativize/templates"
)

var rpm = scriptTarget(plan.RPM, "scriptlets of the rpm")

// rpmScripts are %pre, %post, %preun, %postun and %posttrans, each only when it
// has something to do.
func rpmScripts(p *plan.Package) ([]script, error) {
	r := &refs{}
	s := rpmDialect.script(p, r)
	services := s.Services.Any()
	post := len(s.Dirs)+len(s.Keep)+len(s.Swap)+len(s.Land)+len(s.State)+len(s.Protect) > 0 ||
		s.Generates() || len(s.FirstSteps())+len(s.At(s.After, "first")) > 0
	trans := len(s.UpgradeSteps())+len(s.At(s.After, "upgrade")) > 0
	return fillScripts(r, s, []scriptPart{
		{"preinstall", "pre", len(s.Accounts) > 0 || s.TakesOver(), templates.RPMPre},
		{"postinstall", "post", post || services, templates.RPMPost},
		{"preremove", "preun", services, templates.RPMPreun},
		{"postremove", "postun", services, templates.RPMPostun},
		{"posttrans", "posttrans", trans || services, templates.RPMPosttrans},
	})
}
