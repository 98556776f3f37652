package verify

import (
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/nativize/nativize/analyze/host"
	"github.com/nativize/nativize/convert/verify/root"
	"github.com/nativize/nativize/convert/verify/root/roottest"
)

// real are small packages of Debian with maintainer scripts of many kinds, whose
// dependencies every Debian has.
var real = []string{"anacron", "at", "atop", "chrony", "dnsmasq-base", "fail2ban", "haveged", "incron", "logrotate", "memcached", "mini-httpd", "monit", "ntpsec",
	"radvd", "rsync", "smartmontools", "tftpd-hpa", "uuid-runtime", "vnstat", "vsftpd"}

// The abstract machine after an installation agrees with a real one on accounts,
// groups, and every path that the package and its scripts made.
func TestAgreement(t *testing.T) {
	if !roottest.CI() {
		t.Skip("set NATIVIZE_CI=1 to download packages and install them in throwaway roots")
	}
	opt := roottest.Options(t, root.Deb)
	same, total := 0, 0
	causes := map[string]int{}
	var lock sync.Mutex
	t.Run("packages", func(t *testing.T) {
		for _, name := range real {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				s, n, why := agree(t, opt, download(t, name))
				lock.Lock()
				defer lock.Unlock()
				same, total = same+s, total+n
				for _, w := range why {
					causes[w]++
					t.Log(w)
				}
			})
		}
	})
	if total == 0 {
		t.Skip("no package could be downloaded")
	}
	share := 100 * float64(same) / float64(total)
	t.Logf("%d of %d properties agree: %.2f %%", same, total, share)
	if share < 98 {
		t.Errorf("%.2f %% of the properties agree, want 98 %%", share)
	}
}

func download(t *testing.T, name string) string {
	t.Helper()
	dir := t.TempDir()
	cmd := exec.CommandContext(t.Context(), "apt-get", "download", "-o", "APT::Sandbox::User=root", name)
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Skipf("apt-get download %s: %v: %s", name, err, out)
	}
	list, _ := filepath.Glob(filepath.Join(dir, "*.deb"))
	if len(list) != 1 {
		t.Skipf("apt-get download %s brought %d files", name, len(list))
	}
	return list[0]
}

// agree counts the properties that are the same after an installation, of all
// that either machine has changed.
func agree(t *testing.T, opt root.Options, file string) (same, total int, why []string) {
	t.Helper()
	p, err := FromFile(file)
	if err != nil {
		t.Fatal(err)
	}
	r, err := root.New(t.Context(), root.Deb, opt)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	before, err := r.Snapshot(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	res, err := r.Install(t.Context(), file)
	if err != nil {
		t.Fatal(err)
	}
	after, err := r.Snapshot(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if !res.OK() {
		t.Skipf("it cannot be installed without its dependencies: %s", lastLine(res.Stderr))
	}
	tr := (&Spec{Versions: Versions(p)}).play(Scenario{Name: "fresh install", Steps: []Step{install(1)}}, false)
	mine := tr.Stages[0]
	check := func(what string, ok bool) {
		if total++; ok {
			same++
		} else {
			why = append(why, what)
		}
	}
	for path, e := range after.Files {
		old, was := before.Files[path]
		if was && old == e || bookkeeping(path) || volatile(path) {
			continue
		}
		if dir, unit := filepath.Split(path); strings.HasSuffix(dir, ".wants/") { // the abstract machine has these links as a state
			check(path+": enabled", mine.After.Services[serviceKey(unit).Name].Enabled)
			continue
		} else if strings.HasSuffix(path, ".wants") {
			continue
		}
		check(path+": there", tr.World.exists(path) || unmerged(mine.After, path).Kind != host.AnyKind)
		if m := unmerged(mine.After, path); m.Kind != host.AnyKind && !host.IsSystemDir(path) {
			check(path+": owner "+m.Owner+":"+m.Group+" for "+e.Owner+":"+e.Group, m.Owner == e.Owner && m.Group == e.Group)
			check(path+": mode "+m.Mode+" for "+digits(e.Mode), e.Type == 'l' || m.Mode == digits(e.Mode))
		}
	}
	for path := range mine.After.Files {
		if _, ok := after.Files[merged(path)]; !ok && !host.IsSystemDir(path) && !strings.HasPrefix(path, "/usr/share/keyrings") && !excludedHere(path) {
			check(path+": only on the abstract machine", false)
		}
	}
	for name, a := range after.Accounts {
		if _, was := before.Accounts[name]; !was {
			m, ok := mine.After.Accounts[name]
			check("account "+name, ok && (m.Home == a.Home || m.Home == ""))
		}
	}
	slices.Sort(why)
	return same, total, why
}

// bookkeeping are files in which tools note what they did: of debconf, dpkg, the
// account tools, insserv and deb-systemd-helper. The abstract machine keeps what they say, not the files.
func bookkeeping(p string) bool {
	switch p {
	case "/etc/passwd", "/etc/passwd-", "/etc/group", "/etc/group-", "/etc/shadow", "/etc/shadow-", "/etc/gshadow", "/etc/gshadow-", "/etc/subuid", "/etc/subuid-", "/etc/subgid", "/etc/subgid-":
		return true
	}
	if strings.HasPrefix(p, "/etc/rc") && strings.Contains(p, ".d/") && len(strings.Split(p, "/")[2]) == len("rc0.d") {
		return true
	}
	return underAny(p, []string{"/var/lib/dpkg", "/var/log", "/var/cache/ldconfig", "/var/cache/debconf", "/var/lib/systemd/deb-systemd-helper-enabled", "/var/lib/systemd/deb-systemd-helper-masked"})
}

// merged is a path on a machine whose /lib, /bin and /sbin are links into /usr.
func merged(p string) string {
	if underAny(p, []string{"/lib", "/bin", "/sbin"}) {
		return "/usr" + p
	}
	return p
}

// unmerged returns what the abstract machine has at a path of such a machine.
func unmerged(s *Snapshot, p string) Entry {
	if e, ok := s.Files[p]; ok {
		return e
	}
	return s.Files[strings.TrimPrefix(p, "/usr")]
}

// excludedHere are paths that a minimal Debian leaves out of every package
// (dpkg.cfg.d/docker and the like).
func excludedHere(p string) bool {
	return underAny(p, []string{"/usr/share/doc", "/usr/share/man", "/usr/share/locale", "/usr/share/info", "/usr/share/lintian", "/usr/lib/systemd/system-preset"})
}

func lastLine(s string) string {
	s = strings.TrimSpace(s)
	return s[strings.LastIndexByte(s, '\n')+1:]
}
