package report

import (
	"bytes"
	"slices"
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"github.com/nativize/nativize/analyze/model"
)

// conditionWords says a condition of a script in words where it is a test that
// has some: `not [ ! -f .env ]` is ".env exists". Any other text stays.
func conditionWords(text string) string {
	parts := strings.Split(text, ", ")
	for i, p := range parts {
		if words, ok := testWords(p); ok {
			parts[i] = words
		}
	}
	return strings.Join(parts, ", ")
}

func testWords(text string) (string, bool) {
	rest, not := strings.CutPrefix(text, "not ")
	stmt, ok := oneStatement(rest)
	if !ok {
		return "", false
	}
	return stmtWords(stmt, !not)
}

// oneStatement parses text that is one statement of Bash.
func oneStatement(text string) (*syntax.Stmt, bool) {
	if len(text) > 300 {
		return nil, false
	}
	f, err := syntax.NewParser(syntax.Variant(syntax.LangBash)).Parse(strings.NewReader(text), "")
	if err != nil || len(f.Stmts) != 1 {
		return nil, false
	}
	return f.Stmts[0], true
}

// stmtWords says when a statement succeeds, or, with holds unset, when it fails.
func stmtWords(s *syntax.Stmt, holds bool) (string, bool) {
	if s.Negated {
		holds = !holds
	}
	switch c := s.Cmd.(type) {
	case *syntax.BinaryCmd:
		and := c.Op == syntax.AndStmt
		if !and && c.Op != syntax.OrStmt {
			return "", false
		}
		x, okX := stmtWords(c.X, holds)
		y, okY := stmtWords(c.Y, holds)
		return joinWords(x, y, and == holds), okX && okY
	case *syntax.TestClause:
		return exprWords(c.X, holds)
	case *syntax.CallExpr:
		if len(c.Assigns) > 0 {
			return "", false
		}
		return callWords(c.Args, holds)
	}
	return "", false
}

func joinWords(x, y string, and bool) string {
	if and {
		return x + " and " + y
	}
	return x + " or " + y
}

// callWords knows test(1) and the ways to ask for a command.
func callWords(args []*syntax.Word, holds bool) (string, bool) {
	words := make([]string, len(args))
	for i, a := range args {
		words[i] = wordText(a)
	}
	switch n := len(words); {
	case n > 2 && (words[0] == "[" && words[n-1] == "]"):
		return bracketWords(words[1:n-1], holds)
	case n > 1 && words[0] == "test":
		return bracketWords(words[1:], holds)
	case n == 2 && slices.Contains([]string{"which", "type", "hash"}, words[0]):
		return thereWords("the command "+words[1], holds), true
	case n == 3 && words[0] == "command" && (words[1] == "-v" || words[1] == "-V"):
		return thereWords("the command "+words[2], holds), true
	}
	return "", false
}

// bracketWords says the operands of test(1): one unary or binary test.
func bracketWords(words []string, holds bool) (string, bool) {
	if len(words) > 1 && words[0] == "!" {
		words, holds = words[1:], !holds
	}
	switch len(words) {
	case 1:
		return setWords(words[0], holds), true
	case 2:
		return unaryWords(words[0], words[1], holds)
	case 3:
		return binaryWords(words[0], words[1], words[2], holds)
	}
	return "", false
}

func exprWords(e syntax.TestExpr, holds bool) (string, bool) {
	switch e := e.(type) {
	case *syntax.ParenTest:
		return exprWords(e.X, holds)
	case *syntax.Word:
		return setWords(wordText(e), holds), true
	case *syntax.UnaryTest:
		if e.Op == syntax.TsNot {
			return exprWords(e.X, !holds)
		}
		return unaryWords(e.Op.String(), exprText(e.X), holds)
	case *syntax.BinaryTest:
		if e.Op == syntax.AndTest || e.Op == syntax.OrTest {
			x, okX := exprWords(e.X, holds)
			y, okY := exprWords(e.Y, holds)
			return joinWords(x, y, (e.Op == syntax.AndTest) == holds), okX && okY
		}
		return binaryWords(exprText(e.X), e.Op.String(), exprText(e.Y), holds)
	}
	return "", false
}

func unaryWords(op, operand string, holds bool) (string, bool) {
	switch op {
	case "-e", "-f", "-d", "-s", "-L", "-h", "-r", "-a":
		return thereWords(operand, holds), true
	case "-x":
		return thereWords("the program "+operand, holds), true
	case "-n":
		return setWords(operand, holds), true
	case "-z":
		return setWords(operand, !holds), true
	}
	return "", false
}

// comparisons are the operators of test(1) with their words and those of their
// opposite.
var comparisons = map[string][2]string{
	"=": {"is", "is not"}, "==": {"is", "is not"}, "!=": {"is not", "is"}, "-eq": {"is", "is not"}, "-ne": {"is not", "is"},
	"-lt": {"is less than", "is at least"}, "-ge": {"is at least", "is less than"},
	"-gt": {"is more than", "is at most"}, "-le": {"is at most", "is more than"}, "=~": {"matches", "does not match"},
}

func binaryWords(x, op, y string, holds bool) (string, bool) {
	c, ok := comparisons[op]
	if !ok {
		return "", false
	}
	if x == "$#" || x == "${#}" {
		x = "the number of arguments"
	}
	if y == "" {
		y = "empty"
	}
	if holds {
		return x + " " + c[0] + " " + y, true
	}
	return x + " " + c[1] + " " + y, true
}

func thereWords(what string, holds bool) string {
	if holds {
		return what + " exists"
	}
	return what + " does not exist"
}

func setWords(what string, holds bool) string {
	if holds {
		return what + " is set"
	}
	return what + " is empty"
}

func exprText(e syntax.TestExpr) string {
	if w, ok := e.(*syntax.Word); ok {
		return wordText(w)
	}
	return printed(e)
}

// wordText is a word as written, without quotes around all of it.
func wordText(w *syntax.Word) string {
	if len(w.Parts) == 1 {
		switch p := w.Parts[0].(type) {
		case *syntax.DblQuoted:
			w = &syntax.Word{Parts: p.Parts}
		case *syntax.SglQuoted:
			return p.Value
		}
	}
	if len(w.Parts) == 0 {
		return ""
	}
	return printed(w)
}

func printed(n syntax.Node) string {
	var b bytes.Buffer
	if err := syntax.NewPrinter().Print(&b, n); err != nil {
		return ""
	}
	return b.String()
}

// requirementOrder are the kinds of requirements, the first asked for first.
var requirementOrder = []string{"root", "distribution", "argument", "tool", "file", "environment", "other"}

// A need is a requirement in words.
type need struct {
	kind, text string
	ev         model.Evidence
}

// needs are the requirements of d in words, each once: what to be and to have
// comes before the tests that only one way through the scripts makes.
func needs(d *model.Deployment) []need {
	var out []need
	seen := map[string]bool{}
	for _, r := range d.Requirements {
		n := need{r.Kind, conditionWords(r.Text), r.Evidence}
		if strings.HasSuffix(r.Text, "otherwise") || seen[n.kind+n.text] {
			continue // the last arm of a case names nothing to have
		}
		seen[n.kind+n.text] = true
		out = append(out, n)
	}
	rank := func(n need) int {
		return (slices.Index(requirementOrder, n.kind) + len(requirementOrder)) % len(requirementOrder)
	}
	slices.SortStableFunc(out, func(a, b need) int { return rank(a) - rank(b) })
	return out
}

// words are the need as a sentence has it.
func (n need) words() string {
	if n.kind == "other" {
		return n.text
	}
	return n.kind + ": " + n.text
}
