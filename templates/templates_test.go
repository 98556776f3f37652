package templates

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"mvdan.cc/sh/v3/syntax"
)

// TestEveryFileHasItsFunction: a text that nothing fills, or a function whose
// text is gone.
func TestEveryFileHasItsFunction(t *testing.T) {
	used := map[string]bool{}
	pkgs, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range pkgs {
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(f, func(n ast.Node) bool {
			if lit, ok := n.(*ast.BasicLit); ok && strings.HasSuffix(lit.Value, `.tmpl"`) && lit.Value[1] != '.' {
				used[strings.Trim(lit.Value, `"`)] = true
			}
			return true
		})
	}
	have, err := fs.Glob(files, "*.tmpl")
	if err != nil {
		t.Fatal(err)
	}
	shared := map[string]bool{"shared.sh.tmpl": true, "steps.sh.tmpl": true}
	for _, name := range have {
		if !used[name] && !shared[name] {
			t.Errorf("%s has no function", name)
		}
		delete(used, name)
	}
	delete(used, "*.tmpl")
	for name := range used {
		t.Errorf("%s does not exist", name)
	}
}

func TestUnitArg(t *testing.T) {
	for _, tt := range []struct{ in, want string }{
		{"plain", "plain"}, {"", `""`}, {"a b", `"a b"`}, {"100%", "100%%"}, {"$HOME", "$$HOME"},
		{`say "x"`, `"say \"x\""`}, {`a\b`, `"a\\b"`}, {";", `";"`}, {"it's", `"it's"`},
	} {
		if got, err := UnitArg(tt.in); got != tt.want || err != nil {
			t.Errorf("UnitArg(%q) = %s, %v, want %s", tt.in, got, err, tt.want)
		}
	}
	for _, bad := range []string{"a\nb", "a\x00b", "\xff"} {
		if got, err := UnitArg(bad); err == nil {
			t.Errorf("UnitArg(%q) = %s, want an error", bad, got)
		}
	}
}

func TestMarkdown(t *testing.T) {
	for _, tt := range []struct{ in, want string }{
		{"plain text, really.", "plain text, really."},
		{"*a* _b_ `c` [d](e)", "\\*a\\* \\_b\\_ \\`c\\` \\[d\\]\\(e\\)"},
		{"<script>&", "&lt;script&gt;&amp;"}, {"a|b\nc", "a\\|b c"}, {"see http://x.example", "see http&#58;//x.example"},
	} {
		if got := Markdown(tt.in); got != tt.want {
			t.Errorf("Markdown(%q) = %q, want %q", tt.in, got, tt.want)
		}
	}
	if got := MarkdownCode("a `` b"); got != "``` a `` b ```" {
		t.Errorf("MarkdownCode = %q", got)
	}
	if got := fence("x\n```\ny"); got != "````\nx\n```\ny\n````" {
		t.Errorf("fence = %q", got)
	}
}

func TestNote(t *testing.T) {
	if got := Note("a\tb\r\nc\x00\x1b[31m\u2028d\xff "); got != "a b c [31m d?" {
		t.Errorf("Note = %q", got)
	}
}

func service() Service {
	return Service{
		Description: "Shop 100%", Documentation: []string{"https://example.org/"},
		After: []string{"network-online.target", "postgresql.service"}, Wants: []string{"network-online.target"},
		Type: "exec", User: "root", Group: "root", WorkingDirectory: "/usr/share", SupplementaryGroups: []string{"daemon"},
		Environment: []string{"GREETING=hello world", "PCT=5%"}, EnvironmentFiles: []string{"-/etc/shopd/env"},
		ExecStartPre: []Command{{Args: []string{"/bin/true", "a b"}, Prefix: "-"}},
		ExecStart:    []Command{{Args: []string{"/bin/echo", "it's", "$5", "--port=${PORT}", "100%", `a"b\c`}, Expand: true}},
		ExecReload:   []Command{{Args: []string{"/bin/kill", "-HUP", "$MAINPID"}}},
		Restart:      "on-failure", RestartSec: "5s", UMask: "0027", LimitNOFILE: "65536",
		State: []string{"shopd"}, StateMode: 0o750, Logs: []string{"shopd"}, Cache: []string{"shopd"}, Runtime: []string{"shopd"}, RuntimeMode: 0o755,
		Harden:   Hardening(Reading{Writable: []string{"/srv/up loads"}}),
		WantedBy: []string{"multi-user.target"},
	}
}

const wantService = `[Unit]
Description=Shop 100%%
Documentation=https://example.org/
Wants=network-online.target
After=network-online.target postgresql.service

[Service]
Type=exec
User=root
Group=root
SupplementaryGroups=daemon
WorkingDirectory=/usr/share
Environment="GREETING=hello world"
Environment=PCT=5%%
EnvironmentFile=-/etc/shopd/env
ExecStartPre=-/bin/true "a b"
ExecStart=/bin/echo "it's" $$5 --port=${PORT} 100%% "a\"b\\c"
ExecReload=/bin/kill -HUP $$MAINPID
Restart=on-failure
RestartSec=5s
UMask=0027
LimitNOFILE=65536
StateDirectory=shopd
StateDirectoryMode=0750
LogsDirectory=shopd
CacheDirectory=shopd
RuntimeDirectory=shopd
RuntimeDirectoryMode=0755
# it calls no program that changes the user
NoNewPrivileges=yes
# it makes no set-user-ID file
RestrictSUIDSGID=yes
# its account has no rights of root, and it calls nothing that would gain them
CapabilityBoundingSet=
# it shares no temporary file with another program
PrivateTmp=yes
# it writes to its own directories only
ProtectSystem=strict
# it uses nothing below /home and /root
ProtectHome=yes
# it uses no device
PrivateDevices=yes
# it changes no kernel setting
ProtectKernelTunables=yes
# it loads no kernel module
ProtectKernelModules=yes
# it changes no control group
ProtectControlGroups=yes
# it reads no log of the kernel, which is root's
ProtectKernelLogs=yes
# it sets no clock, which is root's to do
ProtectClock=yes
# it sets no host name, which is root's to do
ProtectHostname=yes
# it writes here as well
ReadWritePaths="-/srv/up loads"

[Install]
WantedBy=multi-user.target
`

func TestService(t *testing.T) {
	got, err := service().Text()
	if err != nil {
		t.Fatal(err)
	}
	if got.Text != wantService {
		t.Errorf("Text = %s\nwant %s", got.Text, wantService)
	}
	for _, bad := range []Service{{}, {ExecStart: []Command{{Args: []string{"relative"}}}}, {ExecStart: []Command{{Args: []string{"/bin/x", "a\nUser=root"}}}}} {
		if got, err := bad.Text(); err == nil {
			t.Errorf("Text of %+v = %q, want an error", bad, got.Text)
		}
	}
}

func TestUnitsPassSystemdAnalyze(t *testing.T) {
	if _, err := exec.LookPath("systemd-analyze"); err != nil {
		t.Skip("systemd-analyze is not installed")
	}
	dir := t.TempDir()
	s := service()
	s.Documentation, s.After, s.Wants = nil, nil, nil
	timer := Timer{Description: "Clean", OnCalendar: []string{"*-*-* 03:17:00", "Mon 04:00"}, Persistent: true, RandomizedDelaySec: "5min", Unit: "shopd.service"}
	for name, text := range map[string]func() (Text, error){"shopd.service": s.Text, "shopd.timer": timer.Text} {
		got, err := text()
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), []byte(got.Text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	out, err := exec.Command("systemd-analyze", "--man=no", "verify", filepath.Join(dir, "shopd.timer"), filepath.Join(dir, "shopd.service")).CombinedOutput()
	if err != nil || len(out) > 0 {
		t.Errorf("systemd-analyze verify: %v\n%s", err, out)
	}
}

func TestHardeningTakesLinesAway(t *testing.T) {
	for _, s := range Hardening(Reading{Root: true, Sudo: true, Tmp: true, Home: true, Devices: true, Kernel: true, Unknown: true}) {
		t.Errorf("%s is set though the reading forbids it", s.Key)
	}
}

func TestDotEnv(t *testing.T) {
	in := "# head\n\nexport A=1\nB = \"two words\" \nC='$x'\nD=\"${A}/$B\"\nE=plain # comment\nF=$(date)\nG=$UNSET\nnot one\nH=\"two\nlines\"\nI=a\"b\nJ=\nK=\"\\$5 \\\"q\\\"\"\nL=\"open\n"
	want := "# head\n\nA=1\nB=\"two words\"\nC=\"\\$x\"\nD=\"1/two words\"\nE=plain\n" +
		"# F=... (it runs a command)\n# G=... (it uses UNSET, which the file does not set before)\n# line 10 (no assignment)\n" +
		"H=\"two\nlines\"\nI=\"a\\\"b\"\nJ=\nK=\"\\$5 \\\"q\\\"\"\n# L=... (its quote is not closed)\n"
	got, problems := DotEnv([]byte(in))
	if got != want {
		t.Errorf("DotEnv = %q\nwant %q", got, want)
	}
	if len(problems) != 4 {
		t.Errorf("problems = %v, want 4", problems)
	}
}

// TestDotEnvInShell: a POSIX shell reads the same values from the result.
func TestDotEnvInShell(t *testing.T) {
	text, problems := DotEnv([]byte("A='it is $5 \\ `x` \"q\"'\nB=\"two\nlines\"\n"))
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	file := filepath.Join(t.TempDir(), "env")
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command("sh", "-c", `. "$1"; printf '%s|%s' "$A" "$B"`, "sh", file).CombinedOutput()
	if want := "it is $5 \\ `x` \"q\"|two\nlines"; err != nil || string(out) != want {
		t.Errorf("sh reads %q, %v, want %q", out, err, want)
	}
}

func FuzzDotEnv(f *testing.F) {
	f.Add([]byte("A=1\nexport B=\"x $A\"\n"))
	f.Add([]byte("A='\nB=\"\\\n"))
	f.Add([]byte("A=\nA=\" $A\n\""))
	f.Add([]byte("A=\"x\" \nB=y \n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		text, _ := DotEnv(data)
		again, problems := DotEnv([]byte(text))
		if len(problems) > 0 || again != text {
			t.Errorf("DotEnv of its own result: %v\n%q\n%q", problems, text, again)
		}
	})
}

func TestOpenRC(t *testing.T) {
	o := OpenRC{
		Name: "shopd", Description: "Shop", Command: []string{"/usr/share/shopd/main.sh", "--name", "it's $5"},
		User: "shopd", Group: "shopd", Directory: "/usr/share/shop d", EnvFile: "/etc/shopd/env", Log: "/var/log/shopd/out.log",
		Need: []string{"postgresql"}, Dirs: []Dir{{Path: "/run/shopd", Mode: 0o755, User: "shopd", Group: "shopd"}},
	}
	got, err := o.Text()
	if err != nil {
		t.Fatal(err)
	}
	// openrc-run evaluates the arguments once more
	for _, line := range []string{`command_args="--name \"it's \\\$5\""`, "directory='/usr/share/shop d'", "checkpath --directory --owner shopd:shopd --mode 0755 /run/shopd || return 1"} {
		if !strings.Contains(got.Text, line) {
			t.Errorf("no line %s in\n%s", line, got.Text)
		}
	}
	if _, err := syntax.NewParser(syntax.Variant(syntax.LangPOSIX)).Parse(strings.NewReader(got.Text), ""); err != nil {
		t.Error(err)
	}
}

func TestCronD(t *testing.T) {
	c := CronD{Name: "shopd", Env: []string{"MAILTO=root"}, Jobs: []CronJob{
		{Why: "nightly", Schedule: "17 3 * * *", User: "shopd", Command: "date +%F", Guard: "/usr/share/shopd/main sh"},
		{Schedule: "@daily", User: "root", Command: `date +\%F`},
	}}
	got, err := c.Text()
	if err != nil {
		t.Fatal(err)
	}
	want := "MAILTO=\"root\"\n\n# nightly\n17 3 * * * shopd [ -x '/usr/share/shopd/main sh' ] && date +\\%F\n\n@daily root date +\\%F\n"
	if !strings.HasSuffix(got.Text, want) {
		t.Errorf("Text = %s\nwant %s", got.Text, want)
	}
	for _, bad := range []CronJob{{Schedule: "* * *", User: "root", Command: "x"}, {Schedule: "@daily", User: "root", Command: "x\n* * * * * root evil"}} {
		if _, err := (CronD{Jobs: []CronJob{bad}}).Text(); err == nil {
			t.Errorf("job %+v is taken", bad)
		}
	}
}

func TestLogrotate(t *testing.T) {
	got, err := Logrotate{Paths: []string{"/var/log/shopd/*.log", "/var/log/a b.log"}, User: "shopd", CopyTruncate: true, PostRotate: "true"}.Text()
	if err != nil {
		t.Fatal(err)
	}
	want := "/var/log/shopd/*.log \"/var/log/a b.log\" {\n    weekly\n    rotate 8\n    compress\n    delaycompress\n    missingok\n    notifempty\n    copytruncate\n    su shopd shopd\n    sharedscripts\n    postrotate\n        true\n    endscript\n}\n"
	if got.Text != want {
		t.Errorf("Text = %q\nwant %q", got.Text, want)
	}
}

func TestERBAndJinja(t *testing.T) {
	if got := ERB("a <%= b %> c"); got != "a <%%= b %> c" {
		t.Errorf("ERB = %q", got)
	}
	if got := Jinja("a {{ b }} {% c %} {# d #}"); got != "a {{ '{{' }} b }} {{ '{%' }} c %} {{ '{#' }} d #}" {
		t.Errorf("Jinja = %q", got)
	}
}
