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

	"github.com/spf13/cobra"
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
		fmt.Fprintln(stderr, "nativize: "+msg)
	}
	return code
}

func newRoot() *cobra.Command {
	root := &cobra.Command{
		Use:           "nativize",
		Short:         "Turn a deploy.sh into native packages",
		Long:          "nativize reads a repository and its deployment scripts, never running them, and\nreports what they do to a server or turns them into .deb, .rpm, .apk and Arch packages.",
		Version:       version,
		SilenceUsage:  true,
		SilenceErrors: true,
	}
	root.AddCommand(newAudit(), newConvert(), newBuild(), newQuestions(), newExplain(), newMerge(), newCommands(), newVersion())
	return root
}

func newVersion() *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Print the version",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			fmt.Fprintln(cmd.OutOrStdout(), "nativize "+version)
			return nil
		},
	}
}
