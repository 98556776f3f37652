package root

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path"
	"slices"
	"strings"
)

// outputLimit is how much of a command's output is kept, in bytes each of
// standard output and standard error; the rest is read and dropped.
const outputLimit = 1 << 20

// A Result is what a command said in a root.
type Result struct {
	Argv   []string
	Exit   int // -1 when it was ended by a signal
	Stdout string
	Stderr string
}

// OK tells whether the command succeeded.
func (r Result) OK() bool { return r.Exit == 0 }

// Text is the command, its exit status and all that it said, for a report.
func (r Result) Text() string {
	said := strings.TrimSpace(r.Stdout + r.Stderr)
	return strings.TrimSpace(fmt.Sprintf("%s: exit status %d\n%s", strings.Join(r.Argv, " "), r.Exit, said))
}

// RunOptions change how a command runs. The zero value is a clean environment
// and an empty standard input.
type RunOptions struct {
	Env   []string // "NAME=value", added to PATH, HOME, LC_ALL and DEBIAN_FRONTEND
	Stdin io.Reader
	Dir   string // working directory; "/" when empty
}

// environment is what a command of a root starts with. No program may ask a
// question: there is nobody to answer it.
var environment = []string{
	"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
	"HOME=/root", "LC_ALL=C.UTF-8", "TERM=dumb", "USER=root", "LOGNAME=root", "DEBIAN_FRONTEND=noninteractive",
}

// Run runs the command argv as root of the tree and waits for it. A command that
// fails is no error: see Result.Exit. An error says that it could not be run,
// or that ctx ended first; what it started in the background may then still run
// and ends with [Root.Close].
func (r *Root) Run(ctx context.Context, o RunOptions, argv ...string) (Result, error) {
	var stdout, stderr limited
	result := Result{Argv: argv}
	if err := checkCommand(o, argv); err != nil {
		return result, err
	}
	cmd := r.command(ctx, o, argv)
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err := cmd.Run()
	result.Stdout, result.Stderr = stdout.String(), stderr.String()
	if ctx.Err() != nil {
		return result, fmt.Errorf("run %q in a throwaway root: %w", argv[0], ctx.Err())
	}
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		result.Exit = exit.ExitCode()
		return result, nil
	}
	// A process left in the background holds the pipes open: not its parent's fault.
	if err != nil && !errors.Is(err, exec.ErrWaitDelay) {
		return result, fmt.Errorf("run %q in a throwaway root: %w", argv[0], err)
	}
	return result, nil
}

// checkCommand refuses what env(1) would read as something else.
func checkCommand(o RunOptions, argv []string) error {
	if len(argv) == 0 || argv[0] == "" || strings.Contains(argv[0], "=") {
		return fmt.Errorf("run %q in a throwaway root: not the name of a command", argv)
	}
	for _, e := range o.Env {
		if name, _, ok := strings.Cut(e, "="); !ok || name == "" || strings.HasPrefix(name, "-") {
			return fmt.Errorf("run %q in a throwaway root: %q is no NAME=value", argv[0], e)
		}
	}
	return nil
}

func (r *Root) command(ctx context.Context, o RunOptions, argv []string) *exec.Cmd {
	env := append(slices.Clone(environment), o.Env...)
	if o.Dir != "" {
		argv = append([]string{"/bin/sh", "-c", `cd "$1" && shift && exec "$@"`, "sh", o.Dir}, argv...)
	}
	// env in the tree sets the variables, so that none of them reaches nsenter.
	argv = append(append([]string{"/usr/bin/env", "-i"}, env...), argv...)
	cmd := r.holder.enter(ctx, argv...)
	cmd.Stdin = o.Stdin
	return cmd
}

// output runs argv and returns all its standard output; failing is an error.
func (r *Root) output(ctx context.Context, stdin io.Reader, argv ...string) ([]byte, error) {
	var stdout bytes.Buffer
	var stderr limited
	cmd := r.command(ctx, RunOptions{Stdin: stdin}, argv)
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil {
		return nil, fmt.Errorf("run %q in a throwaway root: %w: %s", argv[0], err, strings.TrimSpace(stderr.String()))
	}
	return stdout.Bytes(), nil
}

// A File is a file to be put into a root.
type File struct {
	Path  string // absolute
	Data  []byte
	Mode  uint32 // permission bits with set-id bits, as in chmod(1); 0 means 0644
	Owner string // "user:group", names or numbers of the tree; "root:root" when empty
}

// putScript writes a file whole, beside its place, and renames it.
const putScript = `
set -e
umask 022
mkdir -p -- "$(dirname -- "$1")"
umask 077
cat >"$1.nativize-put"
chown -- "$2" "$1.nativize-put"
chmod -- "$3" "$1.nativize-put"
mv -fT -- "$1.nativize-put" "$1"
`

// PutFile writes a file into the tree; missing parents are made with mode 0755.
func (r *Root) PutFile(ctx context.Context, f File) error {
	return r.put(ctx, f, bytes.NewReader(f.Data))
}

// CopyIn puts the host's file host at f.Path; f.Data is not used.
func (r *Root) CopyIn(ctx context.Context, host string, f File) error {
	in, err := os.Open(host)
	if err != nil {
		return fmt.Errorf("copy into a throwaway root: %w", err)
	}
	defer in.Close()
	return r.put(ctx, f, in)
}

func (r *Root) put(ctx context.Context, f File, data io.Reader) error {
	if !path.IsAbs(f.Path) || path.Clean(f.Path) != f.Path {
		return fmt.Errorf("put file %q: not an absolute, clean path", f.Path)
	}
	owner, mode := f.Owner, f.Mode
	if owner == "" {
		owner = "root:root"
	}
	if mode == 0 {
		mode = 0o644
	}
	_, err := r.output(ctx, data, "/bin/sh", "-c", putScript, "put", f.Path, owner, fmt.Sprintf("%04o", mode))
	if err != nil {
		return fmt.Errorf("put file %q: %w", f.Path, err)
	}
	return nil
}

// ReadFile returns the text of a regular file of the tree.
func (r *Root) ReadFile(ctx context.Context, name string) ([]byte, error) {
	return r.output(ctx, nil, "/bin/cat", "--", name)
}

// limited keeps the first outputLimit bytes written to it.
type limited struct{ buf []byte }

func (l *limited) Write(p []byte) (int, error) {
	l.buf = append(l.buf, p[:min(outputLimit-len(l.buf), len(p))]...)
	return len(p), nil
}

func (l *limited) String() string { return string(l.buf) }
