package main

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/nativize/nativize/analyze"
	"github.com/nativize/nativize/analyze/source"
	"github.com/nativize/nativize/convert/report"
)

// An input is what every command that reads a repository takes.
type input struct {
	rev    string
	script string
	build  string
}

func (in *input) flags(cmd *cobra.Command) {
	cmd.Flags().StringVar(&in.rev, "rev", "", "git revision to read instead of the working tree")
	cmd.Flags().StringVar(&in.script, "script", "", "entry of the deployment, a path in the repository")
	cmd.Flags().StringVar(&in.build, "build-script", "", "script that makes what the entry deploys")
}

// analyse opens and reads the repository at path.
func (in *input) analyse(ctx context.Context, path string) (*analyze.Analysis, error) {
	repo, err := source.Open(ctx, path, source.Options{Rev: in.rev})
	if err != nil {
		return nil, exitWith(exitIO, err)
	}
	script := in.script
	if script == "" {
		script = repo.Entry
	}
	a, err := analyze.Run(ctx, repo, analyze.Options{Script: script, Build: in.build, Tool: "nativize " + version})
	if err != nil {
		return nil, exitWith(exitUsage, err)
	}
	return a, nil
}

func newAudit() *cobra.Command {
	var in input
	var format string
	cmd := &cobra.Command{
		Use:     "audit PATH",
		Short:   "Report what a deployment does to a server",
		Example: "  nativize audit .\n  nativize audit --format json --script deploy.sh ~/src/app",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			a, err := in.analyse(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			return report.Write(cmd.OutOrStdout(), format, a.Deployment, report.Options{Sources: a.Repo.Read})
		},
	}
	in.flags(cmd)
	cmd.Flags().StringVar(&format, "format", "text", "text, json, markdown or html")
	return cmd
}
