package main

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/nativize/nativize/analyze/diag"
	"github.com/nativize/nativize/convert/choices"
)

func newQuestions() *cobra.Command {
	return &cobra.Command{
		Use:   "questions DIR",
		Short: "List the choices that nobody has made yet",
		Long: `questions lists the values of DIR/nativize.yaml that nativize guessed although
there is more than one sensible answer, with the key to set each by. Take the
mark "guessed" off a value to answer its question.`,
		Example: "  nativize questions /tmp/app\n  nativize convert . -o . --set migrations=unit",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			name := filepath.Join(args[0], choices.FileName)
			if _, err := os.Stat(name); err != nil {
				return exitWith(exitIO, fmt.Errorf("%s: there are no choices yet; run nativize convert first", name))
			}
			ch, _, err := readChoices(name)
			if err != nil {
				return exitWith(exitUsage, err)
			}
			for _, key := range ch.Open() {
				n := ch.Notes[key]
				now := "open"
				if v := ch.Value(key); v != "" {
					now = fmt.Sprintf("now %q: %s", v, diag.Visible(n.Why))
				}
				fmt.Fprintf(cmd.OutOrStdout(), "%s\t%s\t(%s)\n", diag.Visible(key), diag.Visible(n.Question), now)
			}
			return nil
		},
	}
}
