package main

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/nativize/nativize/analyze/lint"
)

// newRules lists the rules from the table that lint runs.
func newRules() *cobra.Command {
	format, group := "text", ""
	cmd := &cobra.Command{
		Use:               "rules [RULE ...]",
		Short:             "List the rules of lint",
		Example:           "  nativize rules\n  nativize rules --group security\n  nativize rules unguarded-rm-rf",
		ValidArgsFunction: completeRules,
		RunE: func(cmd *cobra.Command, args []string) error {
			rules, err := chosenRules(group, args)
			if err != nil {
				return exitWith(exitUsage, err)
			}
			return printRules(cmd, format, rules)
		},
	}
	cmd.Flags().StringVar(&format, "format", format, "text, json or markdown")
	cmd.Flags().StringVar(&group, "group", "", "only the rules of one group: "+groupNames())
	completeWords(cmd, "group", strings.Split(groupNames(), ", "))
	completeWords(cmd, "format", []string{"text", "json", "markdown"})
	return cmd
}

func groupNames() string {
	names := make([]string, len(lint.Groups))
	for i, g := range lint.Groups {
		names[i] = string(g)
	}
	return strings.Join(names, ", ")
}

// chosenRules are the rules of a group, or those named.
func chosenRules(group string, names []string) ([]*lint.Rule, error) {
	if group != "" && !slices.Contains(lint.Groups, lint.Group(group)) {
		return nil, fmt.Errorf("unknown group %q (have %s)", group, groupNames())
	}
	c := lint.Config{Enable: names}
	if err := c.Check(); err != nil {
		return nil, err
	}
	return slices.DeleteFunc(c.Rules(), func(r *lint.Rule) bool { return group != "" && string(r.Group) != group }), nil
}

func printRules(cmd *cobra.Command, format string, rules []*lint.Rule) error {
	w := cmd.OutOrStdout()
	switch format {
	case "text":
		tw := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
		for _, r := range rules {
			fmt.Fprintf(tw, "%s\t%s\t%s\t%s\n", r.ID, r.Severity, r.Confidence, r.Doc.Title)
		}
		return tw.Flush()
	case "json":
		enc := json.NewEncoder(w)
		enc.SetIndent("", "  ")
		return enc.Encode(map[string]any{"version": 1, "rules": ruleList(rules)})
	case "markdown":
		fmt.Fprint(w, lint.Markdown())
		return nil
	}
	return exitWith(exitUsage, fmt.Errorf("unknown format %q (have text, json, markdown)", format))
}

// A ruleInfo is a rule in JSON.
type ruleInfo struct {
	ID         string   `json:"id"`
	Group      string   `json:"group"`
	Severity   string   `json:"severity"`
	Confidence string   `json:"confidence"`
	Since      string   `json:"since"`
	Title      string   `json:"title"`
	Text       string   `json:"text"`
	Fix        string   `json:"fix,omitempty"`
	UnsafeFix  bool     `json:"unsafe_fix,omitempty"`
	Bad        string   `json:"bad"`
	Good       string   `json:"good"`
	Exceptions string   `json:"exceptions,omitempty"`
	References []string `json:"references,omitempty"`
	URI        string   `json:"uri"`
}

func ruleList(rules []*lint.Rule) []ruleInfo {
	out := make([]ruleInfo, len(rules))
	for i, r := range rules {
		out[i] = ruleInfo{
			ID: r.ID, Group: string(r.Group), Severity: string(r.Severity), Confidence: string(r.Confidence), Since: r.Doc.Since, Title: r.Doc.Title, Text: r.Doc.Text,
			Fix: r.Fix, UnsafeFix: r.Unsafe, Bad: r.Doc.Bad, Good: r.Doc.Good, Exceptions: r.Doc.Exceptions, References: r.Doc.References, URI: r.URI(),
		}
	}
	return out
}

// explainRule is the page of a rule, for `nativize explain RULE`; false when
// there is none of that name.
func explainRule(name string) (string, bool) {
	page := lint.Page(name)
	return page, page != ""
}

// completeRules completes the names of rules.
func completeRules(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	out := make([]string, len(lint.All))
	for i, r := range lint.All {
		out[i] = r.ID + "\t" + r.Doc.Title
	}
	return out, cobra.ShellCompDirectiveNoFileComp
}

// completeWords completes the value of a flag from a list.
func completeWords(cmd *cobra.Command, flag string, words []string) {
	_ = cmd.RegisterFlagCompletionFunc(flag, func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		return words, cobra.ShellCompDirectiveNoFileComp
	})
}
