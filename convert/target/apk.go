package target

import (
	"github.com/nativize/nativize/convert/plan"
	"github.com/nativize/nativize/templates"
)

var apk = scriptTarget(plan.APK, "scripts of the apk")

// apkScripts: apk runs none of the install scripts at an upgrade, so that the
// pre-install script is the pre-upgrade script as well.
func apkScripts(p *plan.Package) ([]script, error) {
	r := &refs{}
	s := apkDialect.script(p, r)
	upgrade := s
	upgrade.Keep, upgrade.Aside, upgrade.Swap = nil, nil, nil
	post := len(s.Dirs)+len(s.Keep)+len(s.State)+len(s.Protect)+len(s.At(s.Before, "first"))+len(s.At(s.After, "first")) > 0
	up := len(s.Dirs)+len(s.At(s.Before, "upgrade"))+len(s.At(s.After, "upgrade"))+len(s.Services.Restart)+len(s.Services.Reload) > 0
	first, err := fillScripts(r, s, []scriptPart{
		{"preinstall", "pre-install", len(s.Accounts) > 0 || s.TakesOver(), templates.APKPreInstall},
		{"postinstall", "post-install", post || len(s.Services.Enable) > 0, templates.APKPostInstall},
		{"postupgrade", "post-upgrade", up, templates.APKPostUpgrade},
		{"preremove", "pre-deinstall", s.Services.Any(), templates.APKPreDeinstall},
	})
	if err != nil {
		return nil, err
	}
	second, err := fillScripts(r, upgrade, []scriptPart{
		{"preupgrade", "pre-upgrade", len(s.Accounts) > 0, templates.APKPreInstall},
	})
	return append(first, second...), err
}
