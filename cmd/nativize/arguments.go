package main

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"
)

// atLeast wants n operands or more; what says which, with an example of use in
// the message.
func atLeast(n int, what string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) < n {
			return missing(cmd, what)
		}
		return notEmpty(cmd, args)
	}
}

// exactly wants n operands.
func exactly(n int, what string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		switch {
		case len(args) < n:
			return missing(cmd, what)
		case len(args) > n:
			return fmt.Errorf("%s takes %s, and nothing more: %q is too much", cmd.Name(), what, args[n])
		}
		return notEmpty(cmd, args)
	}
}

func missing(cmd *cobra.Command, what string) error {
	return fmt.Errorf("%s takes %s; see nativize %s --help", cmd.Name(), what, cmd.Name())
}

// notEmpty refuses an empty operand: an unset variable of a script, which must
// not mean the current directory.
func notEmpty(cmd *cobra.Command, args []string) error {
	for i, a := range args {
		if a == "" {
			return fmt.Errorf("operand %d of %s is empty", i+1, cmd.Name())
		}
	}
	return nil
}

// needFleet refuses flags that mean something with --fleet only.
func (o *auditOptions) needFleet(cmd *cobra.Command) error {
	if o.jobs < 0 {
		return fmt.Errorf("--jobs takes a number of repositories, 0 for one a processor, not %d", o.jobs)
	}
	if o.fleet {
		if o.resume && o.output == "" {
			return errors.New("--resume goes on in an output file: name it with --output")
		}
		if o.format != "" {
			return errors.New("--fleet writes JSON Lines: leave --format away, and use nativize merge for an overview")
		}
		return nil
	}
	for _, name := range []string{"shard", "jobs", "resume"} {
		if cmd.Flags().Changed(name) {
			return fmt.Errorf("--%s goes with --fleet", name)
		}
	}
	return nil
}
