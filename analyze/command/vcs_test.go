package command

import (
	"strings"
	"testing"

	"github.com/nativize/nativize/analyze/host"
	"github.com/nativize/nativize/analyze/value"
)

func TestFetching(t *testing.T) {
	check(t, []told{
		{line: "curl -fsSL https://example.org/a.tgz -o /tmp/a.tgz", outcome: Mechanics, want: []string{
			"fetch /tmp/a.tgz url=https://example.org/a.tgz what=curl -fsSL https://example.org/a.tgz -o /tmp/a.tgz args=fail,location"}},
		{line: "curl -sO https://example.org/x/a.tgz?v=1", outcome: Mechanics, want: []string{"fetch /ex/a.tgz url=https://example.org/x/a.tgz?v=1 what=curl -sO https://example.org/x/a.tgz?v=1"}},
		{line: "curl -s https://example.org/install.sh", outcome: Mechanics, want: []string{"fetch url=https://example.org/install.sh what=curl -s https://example.org/install.sh"}},
		{line: "curl -s ifconfig.me", outcome: Mechanics},
		{line: "curl -s -o /dev/null -w '%{http_code}' https://app.example.org/health", outcome: Mechanics},
		{line: "curl -f http://localhost:8000/health", outcome: Mechanics},
		{line: "curl -X POST -d '{}' https://hooks.example.org/x", outcome: Mechanics, want: []string{"system POST request url=https://hooks.example.org/x"}},
		{line: "wget -q https://example.org/a.tgz", outcome: Mechanics, want: []string{"fetch /ex/a.tgz url=https://example.org/a.tgz what=wget -q https://example.org/a.tgz"}},
		{line: "wget -qO- https://example.org/key.asc | gpg --dearmor -o /usr/share/keyrings/x.gpg", want: []string{
			"fetch url=https://example.org/key.asc what=wget -qO- https://example.org/key.asc", "write /usr/share/keyrings/x.gpg"}},
		{line: "wget --no-check-certificate -P /opt https://example.org/a.tgz", outcome: Mechanics, want: []string{
			"fetch /opt/a.tgz url=https://example.org/a.tgz what=wget --no-check-certificate -P /opt https://example.org/a.tgz args=insecure"}},
	})
}

// TestVerified: a signature that is verified marks the download.
func TestVerified(t *testing.T) {
	m := newMini()
	m.line(t, "wget https://example.org/a.tgz; gpg --verify a.tgz.asc")
	if e := m.h.Log[0]; e.Op != host.Fetch || !e.Verified {
		t.Errorf("%+v", e)
	}
	m = newMini()
	m.line(t, `php -r "copy('https://getcomposer.org/installer', 'setup.php');"; php -r "if (hash_file('sha384', 'setup.php') === 'abc') { echo 'ok'; } else { unlink('setup.php'); }"`)
	if e := m.h.Log[0]; e.URL != "https://getcomposer.org/installer" || e.Path != "/ex/setup.php" || !e.Verified || len(m.h.Log) != 1 {
		t.Errorf("%+v", e)
	}
}

func TestVersionControl(t *testing.T) {
	check(t, []told{
		{line: "git clone --depth 1 -b main https://example.org/x/app.git", want: []string{
			"checkout clone /ex/app url=https://example.org/x/app.git what=git clone --depth 1 -b main https://example.org/x/app.git"}},
		{line: "git clone git@example.org:x/app.git /srv/app", want: []string{"checkout clone /srv/app url=git@example.org:x/app.git what=git clone git@example.org:x/app.git /srv/app"}},
		{line: "git -C /srv/app pull origin main", want: []string{"checkout pull /srv/app what=git -C /srv/app pull origin main"}},
		{line: "git --git-dir=/srv/app/.git --work-tree=/srv/app checkout -f main", want: []string{
			"checkout checkout --force /srv/app what=git --git-dir=/srv/app/.git --work-tree=/srv/app checkout -f main"}},
		{line: "git reset --hard origin/main", want: []string{"checkout reset --hard /ex what=git reset --hard origin/main"}},
		{line: "git reset HEAD", outcome: Mechanics},
		{line: "git clean -fdx", want: []string{"clean clean /ex what=git clean -fdx"}},
		{line: "git fetch --all", outcome: Mechanics},
		{line: "git rev-parse --short HEAD"},
		{line: "git config --global --add safe.directory /srv/app", outcome: Mechanics},
		{line: "git checkout -- config.ini", want: []string{"checkout checkout /ex/config.ini what=git checkout -- config.ini"}},
		{line: "git submodule update --init --recursive", want: []string{"checkout submodule update /ex what=git submodule update --init --recursive"}},
		{line: "svn checkout https://example.org/svn/app /srv/app", want: []string{"checkout checkout /srv/app url=https://example.org/svn/app what=svn checkout https://example.org/svn/app /srv/app"}},
		{line: "hg clone https://example.org/hg/app", want: []string{"checkout clone /ex/app url=https://example.org/hg/app what=hg clone https://example.org/hg/app"}},
	})
}

// TestOwn: a clone of the own repository has its files, another does not.
func TestOwn(t *testing.T) {
	m := newMini()
	m.h.Origin = "git@example.org:x/app.git"
	for line, want := range map[string]host.ContentKind{
		"git clone https://example.org/x/app /srv/a":       host.RepoTree,
		"git clone https://example.org/x/other.git /srv/b": host.Checkout,
	} {
		m.line(t, line)
		dir := line[strings.LastIndexByte(line, ' ')+1:]
		if n := m.h.Node(0, dir); n.Content == nil || n.Content.Kind != want {
			t.Errorf("%s: content %+v, want kind %d", line, n.Content, want)
		}
	}
	m.line(t, "git -C /srv/b pull")
	if n := m.h.Node(0, "/srv/b"); n.Content.Kind != host.Checkout {
		t.Errorf("pull in a foreign checkout made it the own one")
	}
	if c := m.line(t, "git -C /srv/a rev-parse --show-toplevel"); !c.Out.Is("/srv/a\n") {
		t.Errorf("toplevel: %q", c.Out)
	}
}

func TestCurlOutput(t *testing.T) {
	m := newMini()
	c := m.line(t, "curl -s https://example.org/i.sh")
	h := c.Out.Hole()
	if h == nil || h.Kind != value.Net || h.Ref != "https://example.org/i.sh" {
		t.Errorf("output: %+v", h)
	}
}
