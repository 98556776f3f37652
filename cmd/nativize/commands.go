package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/nativize/nativize/analyze/command"
)

func newCommands() *cobra.Command {
	return &cobra.Command{
		Use:   "commands [NAME]",
		Short: "Print which commands of scripts are understood",
		Long: "commands lists the models of commands: an honest statement of what nativize\n" +
			"understands. With a name it prints that one: its options, what is modelled, the\n" +
			"source of the facts.",
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) > 1 {
				return exactly(1, "the name of one command")(cmd, args)
			}
			return nil
		},
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			return commandNames(), cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				_, err := fmt.Fprint(cmd.OutOrStdout(), command.Doc())
				return err
			}
			text, ok := command.Describe(args[0])
			if !ok {
				return fmt.Errorf("%q is not modelled: scripts that call it are read on, and the call is reported as opaque", args[0])
			}
			_, err := fmt.Fprint(cmd.OutOrStdout(), text)
			return err
		},
	}
}

func commandNames() []string {
	var names []string
	for _, f := range command.Families() {
		for _, m := range f.Models {
			names = append(names, m.Name)
		}
	}
	return names
}
