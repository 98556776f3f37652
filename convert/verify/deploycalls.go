package verify

import (
	"slices"
	"strings"

	"github.com/nativize/nativize/analyze/record"
	"github.com/nativize/nativize/convert/verify/root"
)

// installedBy are the packages that recorded calls of package managers of the
// distribution install, sorted.
func installedBy(calls []root.Call) []string {
	var out []string
	for _, c := range calls {
		if !slices.Contains([]string{"apt", "apt-get", "aptitude", "dnf", "yum", "zypper"}, c.Name) {
			continue
		}
		words := slices.DeleteFunc(slices.Clone(c.Args), func(a string) bool { return strings.HasPrefix(a, "-") })
		if len(words) > 1 && words[0] == "install" {
			out = append(out, words[1:]...)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// switched are the services that recorded calls of sysv's tools enable and start.
// Source: chkconfig(8), service(8), update-rc.d(8).
func switched(calls []root.Call) map[string]record.Service {
	out := map[string]record.Service{}
	for _, c := range calls {
		if len(c.Args) < 2 {
			continue
		}
		name, verb := c.Args[0], c.Args[1]
		s := out[name]
		switch {
		case c.Name == "chkconfig" && verb == "on", c.Name == "update-rc.d" && (verb == "defaults" || verb == "enable"):
			s.Enabled = true
		case c.Name == "chkconfig" && verb == "off", c.Name == "update-rc.d" && (verb == "disable" || verb == "remove"):
			s.Enabled = false
		case (c.Name == "service" || c.Name == "invoke-rc.d") && (verb == "start" || verb == "restart" || verb == "reload"):
			s.Active = true
		case (c.Name == "service" || c.Name == "invoke-rc.d") && verb == "stop":
			s.Active = false
		default:
			continue
		}
		out[name] = s
	}
	return out
}
