package lint

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"

	"github.com/nativize/nativize/analyze/diag"
	"github.com/nativize/nativize/analyze/source"
)

// ConfigFile is the file of the repository whose section lint: configures lint.
const ConfigFile = "nativize.yaml"

// A Config is the section lint: of nativize.yaml:
//
//	lint:
//	  enable: [no-lock]          # only these, when given
//	  disable: [build-on-server]
//	  severity:
//	    unpinned-ref: error
//	  paths:
//	    exclude: [vendor, "*.bats"]
type Config struct {
	Enable   []string
	Disable  []string
	Severity map[string]diag.Severity
	Exclude  []string
}

// Rules are the rules that run.
func (c *Config) Rules() []*Rule {
	var out []*Rule
	for _, r := range All {
		if c.active(r.ID) {
			out = append(out, r)
		}
	}
	return out
}

func (c *Config) active(id string) bool {
	if len(c.Enable) > 0 && !slices.Contains(c.Enable, id) {
		return false
	}
	return !slices.Contains(c.Disable, id)
}

func (c *Config) excludes(file string) bool {
	return slices.ContainsFunc(c.Exclude, func(pattern string) bool { return matchPath(pattern, file) })
}

func (c *Config) apply(fs []Finding) {
	for i := range fs {
		if s, ok := c.Severity[fs[i].Rule]; ok {
			fs[i].Severity = s
		}
	}
}

// Check fails when a name in the configuration is of no rule.
func (c *Config) Check() error {
	for _, id := range slices.Concat(c.Enable, c.Disable) {
		if ByID(id) == nil {
			return unknownRule(id)
		}
	}
	return nil
}

func unknownRule(id string) error {
	return fmt.Errorf("unknown rule %q%s", id, nearest(id))
}

// ReadConfig reads the section lint: of the repository's nativize.yaml. Without
// the file or the section it returns the zero Config. Unknown keys, rules and
// severities are errors with their place.
func ReadConfig(repo *source.Repo) (Config, error) {
	if !repo.Exists(ConfigFile) {
		return Config{}, nil
	}
	b, err := repo.Read(ConfigFile)
	if err != nil {
		return Config{}, fmt.Errorf("read %s: %w", ConfigFile, err)
	}
	return ParseConfig(b)
}

// ParseConfig is ReadConfig of the file's content.
func ParseConfig(b []byte) (Config, error) {
	var c Config
	file, err := parser.ParseBytes(b, 0)
	if err != nil {
		return c, fmt.Errorf("%s: %w", ConfigFile, yamlError(err))
	}
	for _, doc := range file.Docs {
		for _, kv := range pairs(doc.Body) {
			if key(kv) == "lint" {
				return c, c.section(kv.Value)
			}
		}
	}
	return c, nil
}

// yamlError keeps the first line of the library's message; the rest is a
// picture of the source.
func yamlError(err error) error {
	line, _, _ := strings.Cut(err.Error(), "\n")
	return fmt.Errorf("%s", line)
}

func (c *Config) section(n ast.Node) error {
	return eachKey(n, "lint", map[string]func(ast.Node) error{
		"enable":   func(v ast.Node) (err error) { c.Enable, err = ruleList(v); return },
		"disable":  func(v ast.Node) (err error) { c.Disable, err = ruleList(v); return },
		"severity": c.severities,
		"paths":    c.paths,
	})
}

func (c *Config) severities(n ast.Node) error {
	c.Severity = map[string]diag.Severity{}
	list, err := mapping(n, "severity")
	if err != nil {
		return err
	}
	for _, kv := range list {
		if ByID(key(kv)) == nil {
			return at(kv.Key, unknownRule(key(kv)))
		}
		text, err := scalar(kv.Value)
		if err != nil {
			return err
		}
		s, err := ParseSeverity(text)
		if err != nil {
			return at(kv.Value, err)
		}
		c.Severity[key(kv)] = s
	}
	return nil
}

func (c *Config) paths(n ast.Node) error {
	return eachKey(n, "paths", map[string]func(ast.Node) error{
		"exclude": func(v ast.Node) error {
			list, err := sequence(v)
			for _, item := range list {
				text, err := scalar(item)
				if err != nil {
					return err
				}
				if _, err := path.Match(text, ""); err != nil {
					return at(item, fmt.Errorf("%q is no pattern: %w", text, err))
				}
				c.Exclude = append(c.Exclude, text)
			}
			return err
		},
	})
}

func ruleList(n ast.Node) ([]string, error) {
	list, err := sequence(n)
	if err != nil {
		return nil, err
	}
	var out []string
	for _, item := range list {
		id, err := scalar(item)
		if err != nil {
			return nil, err
		}
		if ByID(id) == nil {
			return nil, at(item, unknownRule(id))
		}
		out = append(out, id)
	}
	return out, nil
}

// eachKey calls the function of every key; other keys are errors.
func eachKey(n ast.Node, name string, known map[string]func(ast.Node) error) error {
	list, err := mapping(n, name)
	if err != nil {
		return err
	}
	for _, kv := range list {
		read, ok := known[key(kv)]
		if !ok {
			names := make([]string, 0, len(known))
			for k := range known {
				names = append(names, k)
			}
			slices.Sort(names)
			return at(kv.Key, fmt.Errorf("unknown key %q in %s (have %s)", key(kv), name, strings.Join(names, ", ")))
		}
		if err := read(kv.Value); err != nil {
			return err
		}
	}
	return nil
}

func mapping(n ast.Node, name string) ([]*ast.MappingValueNode, error) {
	switch n.(type) {
	case *ast.MappingNode, *ast.MappingValueNode, *ast.NullNode:
		return pairs(n), nil
	}
	return nil, at(n, fmt.Errorf("%s must be a mapping of keys to values", name))
}

func pairs(n ast.Node) []*ast.MappingValueNode {
	switch m := n.(type) {
	case *ast.MappingNode:
		return m.Values
	case *ast.MappingValueNode:
		return []*ast.MappingValueNode{m}
	}
	return nil
}

func sequence(n ast.Node) ([]ast.Node, error) {
	switch s := n.(type) {
	case *ast.SequenceNode:
		return s.Values, nil
	case *ast.NullNode:
		return nil, nil
	}
	return nil, at(n, fmt.Errorf("a list is wanted here"))
}

func scalar(n ast.Node) (string, error) {
	if s, ok := n.(*ast.StringNode); ok {
		return s.Value, nil
	}
	if s, ok := n.(ast.ScalarNode); ok {
		return s.GetToken().Value, nil
	}
	return "", at(n, fmt.Errorf("a word is wanted here"))
}

func key(kv *ast.MappingValueNode) string { return kv.Key.GetToken().Value }

func at(n ast.Node, err error) error {
	pos := source.Pos{File: ConfigFile}
	if t := n.GetToken(); t != nil && t.Position != nil {
		pos.Line, pos.Col = t.Position.Line, t.Position.Column
	}
	return &source.Error{Pos: pos, Err: err}
}

// nearest suggests the rule whose name is closest.
func nearest(id string) string {
	best, dist := "", max(len(id)/3, 2)+1
	for _, r := range All {
		if d := distance(id, r.ID); d < dist {
			best, dist = r.ID, d
		}
	}
	if best == "" {
		return "; nativize rules lists them"
	}
	return fmt.Sprintf("; did you mean %q?", best)
}

// distance is the edit distance of two short words.
func distance(a, b string) int {
	if len(a) > 60 {
		return len(a)
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j+1]+1, row[j]+1)
		}
	}
	return row[len(b)]
}
