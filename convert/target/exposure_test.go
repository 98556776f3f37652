package target

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// exposures are the bodies of [Service] with the figure that systemd-analyze 252
// prints for them, "" where a value is none.
var exposures = []struct{ body, want string }{
	{"", "9.6 unsafe"},
	{"User=app", "9.2 unsafe"},
	{"User=nobody\nUMask=0077", "9.5 unsafe"},
	{"DynamicUser=yes", "8.4 exposed"},
	{"User=app\nNoNewPrivileges=yes\nRestrictSUIDSGID=yes\nCapabilityBoundingSet=\nPrivateTmp=yes\nProtectSystem=strict\nProtectHome=yes\nPrivateDevices=yes\nProtectKernelTunables=yes\nProtectKernelModules=yes\nProtectControlGroups=yes\nProtectKernelLogs=yes\nProtectClock=yes\nProtectHostname=yes", "4.7 ok"},
	{"PrivateDevices=yes", "9.0 unsafe"},
	{"ProtectClock=yes", "9.2 unsafe"},
	{"PrivateDevices=yes\nProtectClock=yes\nProtectKernelModules=yes\nProtectKernelLogs=yes", "8.1 exposed"},
	{"CapabilityBoundingSet=~CAP_SYS_ADMIN CAP_BPF", "9.3 unsafe"},
	{"CapabilityBoundingSet=CAP_NET_BIND_SERVICE\nAmbientCapabilities=CAP_NET_BIND_SERVICE\nUser=app", "6.9 medium"},
	{"CapabilityBoundingSet=CAP_CHOWN\nCapabilityBoundingSet=CAP_KILL CAP_SYS_CHROOT", "7.4 medium"},
	{"CapabilityBoundingSet=~CAP_CHOWN\nCapabilityBoundingSet=~CAP_KILL", "9.5 unsafe"},
	{"RestrictNamespaces=yes", "8.8 exposed"},
	{"RestrictNamespaces=user mnt", "9.2 unsafe"},
	{"RestrictNamespaces=~user", "9.3 unsafe"},
	{"RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX", "9.1 unsafe"},
	{"RestrictAddressFamilies=~AF_PACKET", "9.4 unsafe"},
	{"RestrictAddressFamilies=none", "8.9 exposed"},
	{"IPAddressDeny=any", "9.4 unsafe"},
	{"IPAddressDeny=any\nIPAddressAllow=localhost 10.0.0.0/8", "9.5 unsafe"},
	{"IPAddressDeny=any\nIPAddressAllow=localhost", "9.4 unsafe"},
	{"SystemCallArchitectures=native\nLockPersonality=1\nMemoryDenyWriteExecute=true\nRestrictRealtime=on", "9.3 unsafe"},
	{"UMask=0027\nKeyringMode=shared\nProtectProc=invisible\nProcSubset=pid\nNotifyAccess=all\nDelegate=yes", "9.8 unsafe"},
	{"SupplementaryGroups=adm\nUser=app\nRemoveIPC=yes", "9.2 unsafe"},
	{"RootDirectory=/srv/x\nDevicePolicy=closed\nDeviceAllow=/dev/null rw", "9.5 unsafe"},
	{"ProtectSystem=full\nProtectHome=read-only\nPrivateUsers=yes\nPrivateNetwork=yes\nPrivateMounts=yes", "8.6 exposed"},
	{"ProtectProc=noaccess\nProtectHome=tmpfs\nProtectSystem=true\nType=notify", "9.2 unsafe"},
	{"UMask=0007\nDelegate=cpu", "9.6 unsafe"},
	{"DynamicUser=yes\nUser=app\nProtectHome=tmpfs\nProtectSystem=full", "8.3 exposed"},
	{"CapabilityBoundingSet=", "7.1 medium"},
	{"CapabilityBoundingSet=~", "9.6 unsafe"},
	{"CapabilityBoundingSet=CAP_BPF", "7.1 medium"},
	{"CapabilityBoundingSet=CAP_SYS_PACCT", "7.1 medium"},
	{"CapabilityBoundingSet=CAP_PERFMON", "7.1 medium"},
	{"CapabilityBoundingSet=~CAP_BPF\nCapabilityBoundingSet=CAP_BPF", "9.6 unsafe"},
	{"SystemCallArchitectures=native x86\nRestrictAddressFamilies=AF_UNIX AF_CAN\nDeviceAllow=/dev/null rw", "9.1 unsafe"},
	{"RestrictNamespaces=~", "9.6 unsafe"},
	{"RestrictAddressFamilies=~AF_INET AF_INET6 AF_UNIX AF_NETLINK AF_PACKET", "9.1 unsafe"},
	{"User=app\nPrivateTmp=maybe", ""},
}

func exposureUnit(body string) string { return "[Service]\nExecStart=/bin/true\n" + body + "\n" }

func TestExposure(t *testing.T) {
	for _, e := range exposures {
		got, ok := ExposureOf(exposureUnit(e.body))
		if ok != (e.want != "") || ok && got.String() != e.want {
			t.Errorf("ExposureOf(%q) = %v, %v, want %q", e.body, got, ok, e.want)
		}
	}
	for _, body := range []string{"SystemCallFilter=@system-service", "User=%i", "RestrictNamespaces=user\nRestrictNamespaces=mnt", "CapabilityBoundingSet=CAP_NONE", "UMask=x"} {
		if got, ok := ExposureOf(exposureUnit(body)); ok {
			t.Errorf("ExposureOf(%q) = %v; it hangs on more than the unit", body, got)
		}
	}
	early := "[Unit]\nDefaultDependencies=no\n# PrivateTmp=yes\n" + exposureUnit("Environment=A=b \\\n; PrivateNetwork=yes\n PrivateUsers=yes")
	if got, ok := ExposureOf(early); !ok || got.String() != "9.5 unsafe" {
		t.Errorf("ExposureOf(%q) = %v, %v, want 9.5", early, got, ok)
	}
}

var overallRE = regexp.MustCompile(`exposure level for \S+: ([0-9.]+) (\w+)`)

// The figures of the table are those of the program.
func TestExposureAsSystemdAnalyze(t *testing.T) {
	version, err := exec.Command("systemd-analyze", "--version").Output()
	if err != nil || !strings.HasPrefix(string(version), exposureVersion+" ") {
		t.Skipf("systemd-analyze of %s is not there", exposureVersion)
	}
	dir := t.TempDir()
	args := []string{"security", "--offline=true", "--no-pager"}
	for i, e := range exposures {
		name := filepath.Join(dir, "unit"+strconv.Itoa(i)+".service")
		if err := os.WriteFile(name, []byte(exposureUnit(e.body)), 0o644); err != nil {
			t.Fatal(err)
		}
		args = append(args, name)
	}
	out, err := exec.Command("systemd-analyze", args...).Output()
	list := overallRE.FindAllSubmatch(out, -1)
	if err != nil || len(list) != len(exposures) {
		t.Fatalf("systemd-analyze: %v, %d figures of %d", err, len(list), len(exposures))
	}
	for i, m := range list {
		if got := string(m[1]) + " " + strings.ToLower(string(m[2])); exposures[i].want != "" && got != exposures[i].want {
			t.Errorf("%q: systemd-analyze says %s, the table %s", exposures[i].body, got, exposures[i].want)
		}
	}
}

func FuzzExposure(f *testing.F) {
	for _, e := range exposures {
		f.Add(exposureUnit(e.body))
	}
	f.Fuzz(func(t *testing.T, text string) {
		if e, ok := ExposureOf(text); ok && (e < 0 || e > 100) {
			t.Errorf("ExposureOf(%q) = %d", text, e)
		}
	})
}
