package root

import (
	"context"
	_ "embed"
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/nativize/nativize/analyze/lazyregexp"
)

//go:embed recorder.sh
var recorderScript []byte

//go:embed log.sh
var logScript []byte

//go:embed systemctl.sh
var systemctlScript []byte

const (
	recorderDir = private + "/recorder"
	unitsDir    = private + "/units"
)

// A Recorder stands in for programs of a tree: each call is written down and does
// nothing else. An original deploy script runs in a root with its network,
// package and service programs replaced this way.
type Recorder struct {
	Names []string // programs, by name, sorted

	root *Root
}

// An Answer is what a recorded program says.
type Answer struct {
	Stdout string
	Exit   int // 0 to 255
}

// A Call is one call of a recorded program.
type Call struct {
	Name string
	Args []string
	Dir  string // working directory
	UID  int    // of the tree
}

// String is the call as a line for a report; it is not fit for a shell.
func (c Call) String() string {
	words := []string{printable(c.Name)}
	for _, arg := range c.Args {
		words = append(words, printable(arg))
	}
	return strings.Join(words, " ")
}

// Network, PackageManagers and ServiceManagers are the programs that a deploy
// script reaches beyond its host with.
var (
	Network         = []string{"curl", "git", "rsync", "scp", "sftp", "ssh", "wget", "nc", "mail", "sendmail"}
	PackageManagers = []string{"apk", "apt", "apt-get", "aptitude", "bundle", "composer", "dnf", "easy_install", "gem", "npm", "pacman", "pip", "pip3", "pnpm", "yarn", "yum", "zypper"}
	ServiceManagers = []string{"initctl", "invoke-rc.d", "pm2", "rc-service", "rc-update", "reboot", "service", "shutdown", "start", "stop", "restart", "supervisorctl", "systemctl", "update-rc.d", "chkconfig"}
)

var programName = lazyregexp.New(`^[A-Za-z0-9][A-Za-z0-9._+-]*$`)

// replaceScript links a recorder to the places where its program is looked for:
// also scripts that set their own PATH, as rpm does for scriptlets, find it.
const replaceScript = `
set -e
target=$1 && shift
for name; do
	ln -sfT "$target" "/usr/bin/$name"
	for dir in /usr/local/sbin /usr/local/bin /usr/sbin; do
		[ ! -e "$dir/$name" ] || ln -sfT "$target" "$dir/$name"
	done
done
`

// Record replaces programs of the tree, by name, from now on. What they
// were is gone from this tree. Calling it again adds to the same log.
func (r *Root) Record(ctx context.Context, names ...string) (*Recorder, error) {
	for _, name := range names {
		if !programName.MatchString(name) {
			return nil, fmt.Errorf("record calls of %q: not the name of a program", name)
		}
	}
	if err := r.prepareLog(ctx); err != nil {
		return nil, err
	}
	stub := File{Path: recorderDir + "/record", Data: recorderScript, Mode: 0o755}
	if err := r.PutFile(ctx, stub); err != nil {
		return nil, err
	}
	names = slices.Clone(names)
	slices.Sort(names)
	argv := append([]string{"/bin/sh", "-c", replaceScript, "replace", stub.Path}, names...)
	if _, err := r.output(ctx, nil, argv...); err != nil {
		return nil, fmt.Errorf("record calls: %w", err)
	}
	return &Recorder{Names: slices.Compact(names), root: r}, nil
}

func (r *Root) prepareLog(ctx context.Context) error {
	if err := r.PutFile(ctx, File{Path: recorderDir + "/log", Data: logScript, Mode: 0o755}); err != nil {
		return err
	}
	// Programs of any account of the tree write to the log.
	const script = `umask 0; mkdir -p "$2" && : >>"$1/calls" && chmod 0666 "$1/calls" && chmod 0777 "$2"`
	_, err := r.output(ctx, nil, "/bin/sh", "-c", script, "prepare", recorderDir, unitsDir)
	return err
}

// Answer sets what a recorded program says from now on; without it, it prints
// nothing and succeeds.
func (c *Recorder) Answer(ctx context.Context, name string, a Answer) error {
	if !slices.Contains(c.Names, name) || a.Exit < 0 || a.Exit > 255 {
		return fmt.Errorf("answer for %q with exit status %d: not recorded, or no exit status", name, a.Exit)
	}
	err := c.root.PutFile(ctx, File{Path: path.Join(recorderDir, name+".stdout"), Data: []byte(a.Stdout)})
	if err != nil {
		return err
	}
	return c.root.PutFile(ctx, File{Path: path.Join(recorderDir, name+".exit"), Data: fmt.Appendln(nil, a.Exit)})
}

// Calls returns all calls so far, in order.
func (c *Recorder) Calls(ctx context.Context) ([]Call, error) { return c.root.calls(ctx) }

func (r *Root) calls(ctx context.Context) ([]Call, error) {
	text, err := r.ReadFile(ctx, recorderDir+"/calls")
	if err != nil {
		return nil, err
	}
	return parseCalls(string(text))
}

// parseCalls reads the log. Anything in the tree may write to it: a log that is
// not well formed is an error, never a panic.
func parseCalls(text string) ([]Call, error) {
	var calls []Call
	list := strings.Split(text, "\x00")
	for len(list) > 1 {
		n, err := strconv.Atoi(list[0])
		if err != nil || n < 3 || n >= len(list)-1 { // the text after the last NUL is no word
			return calls, fmt.Errorf("read recorded calls: call %d is garbled", len(calls)+1)
		}
		uid, err := strconv.Atoi(list[1])
		if err != nil {
			return calls, fmt.Errorf("read recorded calls: call %d is garbled", len(calls)+1)
		}
		calls = append(calls, Call{Name: list[3], Args: list[4 : n+1], Dir: list[2], UID: uid})
		list = list[n+1:]
	}
	if list[0] != "" {
		return calls, fmt.Errorf("read recorded calls: the last call is cut off")
	}
	return calls, nil
}

// showTools and hideTools move systemd's own tools between the tree and $1.
const (
	showTools = `for tool in "$1"/*; do [ ! -e "$tool" ] || mv "$tool" /usr/bin/; done`
	hideTools = `mkdir -p "$1" && for tool in systemd-sysusers systemd-tmpfiles; do [ ! -e /usr/bin/$tool ] || mv /usr/bin/$tool "$1"; done`
)

// systemdTools shows or hides the tools that come with systemd: scripts look for
// them to find out whether the system has it. Arch has nothing else.
func (r *Root) systemdTools(ctx context.Context, script string) error {
	if _, err := r.output(ctx, nil, "/bin/sh", "-ec", script, "tools", private+"/systemd"); err != nil {
		return fmt.Errorf("prepare the tools of systemd: %w", err)
	}
	return nil
}

// PretendSystemd makes the tree look like one that systemd runs: the directory
// that sd_booted(3) looks for exists, and a stand-in for systemctl keeps
// enabling links and remembers which units run. No unit is really started.
func (r *Root) PretendSystemd(ctx context.Context) error {
	if err := r.prepareLog(ctx); err != nil {
		return err
	}
	stub := File{Path: recorderDir + "/systemctl", Data: systemctlScript, Mode: 0o755}
	if err := r.PutFile(ctx, stub); err != nil {
		return err
	}
	if err := r.systemdTools(ctx, showTools); err != nil {
		return err
	}
	script := "mkdir -p /run/systemd/system" + replaceScript
	if _, err := r.output(ctx, nil, "/bin/sh", "-c", script, "replace", stub.Path, "systemctl"); err != nil {
		return fmt.Errorf("pretend that systemd runs: %w", err)
	}
	return nil
}
