// Command nativize turns a legacy deployment, a deploy.sh over a git checkout
// or a tarball, into native packages. It never runs the deployment: it reads it.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime/debug"
	"strings"

	"github.com/spf13/cobra"

	"github.com/nativize/nativize/analyze/diag"
)

// version is the release; the build may set it with -ldflags -X.
var version = "0.1.0"

// The exit codes.
const (
	exitDone     = 0
	exitFindings = 1 // lint findings, or differences found by verify
	exitUsage    = 2
	exitNothing  = 3 // no deployment found, or one that is not for servers
	exitIO       = 4 // could not read or write
)

func main() {
	debug.SetGCPercent(400) // a short process: memory is cheaper than time
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	code := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// A codeError is an error with the exit code that it leads to.
type codeError struct {
	code int
	err  error
}

func (e *codeError) Error() string { return e.err.Error() }
func (e *codeError) Unwrap() error { return e.err }

// exitWith gives an error its exit code. A nil err makes a silent exit.
func exitWith(code int, err error) error {
	if err == nil {
		err = errSilent
	}
	return &codeError{code, err}
}

var errSilent = errors.New("")

// run is main with everything it touches passed in; it returns the exit code.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	root := newRoot()
	root.SetArgs(args)
	root.SetOut(stdout)
	root.SetErr(stderr)
	err := root.ExecuteContext(ctx)
	if err == nil {
		return exitDone
	}
	code := exitUsage
	var ce *codeError
	if errors.As(err, &ce) {
		code = ce.code
	}
	if msg := err.Error(); msg != "" {
		fmt.Fprintln(stderr, "nativize: "+visible(msg))
	}
	return code
}

// visible makes what a message quotes of a repository harmless to a terminal;
// the lines of the message stay.
func visible(msg string) string {
	lines := strings.Split(msg, "\n")
	for i, l := range lines {
		lines[i] = diag.Visible(l)
	}
	return strings.Join(lines, "\n")
}

func newRoot() *cobra.Command {
	root := &cobra.Command{
		Use:           "nativize",
		Short:         "Turn a deploy.sh into native packages",
		Long:          "nativize reads a repository and its deployment scripts, never running them, and\nreports what they do to a server or turns them into .deb, .rpm, .apk and Arch packages.",
		Version:       version,
		SilenceUsage:  true,
		SilenceErrors: true,

		SuggestionsMinimumDistance: 2,

		Args: knownCommand,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	root.AddCommand(newAudit(), newConvert(), newBuild(), newVerify(), newQuestions(), newExplain(), newMerge(), newLint(), newRules(), newCommands(), newVersion())
	return root
}

// knownCommand refuses a first word that is no command, with those it may mean.
func knownCommand(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	msg := fmt.Sprintf("unknown command %q", args[0])
	if near := cmd.SuggestionsFor(args[0]); len(near) > 0 {
		return fmt.Errorf("%s; did you mean %s?", msg, strings.Join(near, " or "))
	}
	return fmt.Errorf("%s; see nativize --help", msg)
}

func newVersion() *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Print the version",
		Args:  exactly(0, "no operands"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			fmt.Fprintln(cmd.OutOrStdout(), "nativize "+version)
			return nil
		},
	}
}
