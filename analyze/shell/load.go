package shell

import (
	"errors"
	"fmt"
	"path"
	"strings"
	"sync"

	"mvdan.cc/sh/v3/syntax"

	"github.com/nativize/nativize/analyze/source"
)

// ErrNotShell is the failure for a program in another language.
var ErrNotShell = errors.New("not a shell script")

// maxScript is the size, in bytes, beyond which a file is not read as a script.
const maxScript = 4 << 20

// load reads and parses a file of the repository.
func (m *Machine) load(name string) (*file, error) {
	if f, ok := m.files[name]; ok {
		return f, nil
	}
	b, err := m.Host.Repo.Read(name)
	if err != nil {
		var pe *source.PathError
		if errors.As(err, &pe) {
			err = pe.Err // the place says the path
		}
		return nil, &source.Error{Pos: source.Pos{File: name}, Err: err}
	}
	if len(b) > maxScript {
		return nil, &source.Error{Pos: source.Pos{File: name}, Err: fmt.Errorf("%d bytes are too many for a script; the limit is %d", len(b), maxScript)}
	}
	text := source.Decode(b)
	if text.Binary {
		return nil, &source.Error{Pos: source.Pos{File: name}, Err: fmt.Errorf("%w: it is a binary file", ErrNotShell)}
	}
	body := string(text.Bytes)
	lang := Language(name, body)
	if lang != "sh" && lang != "bash" {
		return nil, &source.Error{Pos: source.Pos{File: name, Line: 1, Col: 1}, Err: fmt.Errorf("%w: it is written in %s", ErrNotShell, lang)}
	}
	f := &file{path: name, text: body, lang: lang}
	if text.CRLF {
		f.note(source.Pos{File: name, Line: 1, Col: 1}, "lines end in CR LF: the shell on the server takes the carriage return for part of each word; convert the file with dos2unix")
		f.text = strings.ReplaceAll(f.text, "\r\n", " \n") // keeps offsets
	}
	f.parse()
	m.add(name, f)
	return f, nil
}

func (m *Machine) add(key string, f *file) {
	f.what = map[syntax.Node]outcome{}
	m.files[key] = f
	m.order = append(m.order, f)
}

// nested parses shell text found in a value; at is where it begins.
func (m *Machine) nested(text string, at source.Pos, lang string) *file {
	key := at.String() + "\x00" + text
	if f, ok := m.files[key]; ok {
		return f
	}
	f := &file{path: at.File, text: text, base: at, nest: true, lang: lang}
	f.parse()
	m.add(key, f)
	return f
}

func (f *file) note(at source.Pos, format string, a ...any) {
	f.notes = append(f.notes, &source.Error{Pos: at, Err: fmt.Errorf(format, a...)})
}

var parsers = sync.Pool{New: func() any { return &[2]*syntax.Parser{} }}

// parser returns a parser of the pair for a language.
func parser(pair *[2]*syntax.Parser, bash bool) *syntax.Parser {
	i, lang := 0, syntax.LangPOSIX
	if bash {
		i, lang = 1, syntax.LangBash
	}
	if pair[i] == nil {
		pair[i] = syntax.NewParser(syntax.Variant(lang))
	}
	return pair[i]
}

// parse reads the text as POSIX shell when it is declared so, else or when that
// does not go as bash. Of a text with errors the statements that do parse are kept.
func (f *file) parse() {
	pair := parsers.Get().(*[2]*syntax.Parser)
	defer parsers.Put(pair)
	if f.lang == "sh" {
		file, err := parser(pair, false).Parse(strings.NewReader(f.text), f.path)
		if err == nil {
			f.stmts = file.Stmts
			return
		}
	}
	file, err := parser(pair, true).Parse(strings.NewReader(f.text), f.path)
	if err == nil {
		f.stmts, f.bash = file.Stmts, f.lang == "sh"
		return
	}
	f.noteSyntax(err)
	f.recover()
}

func (f *file) noteSyntax(err error) {
	var pe syntax.ParseError
	if errors.As(err, &pe) {
		f.note(f.pos(pe.Pos), "syntax error: %s", pe.Text)
		return
	}
	var le syntax.LangError
	if errors.As(err, &le) {
		f.note(f.pos(le.Pos), "syntax error: %s is not bash", le.Feature)
		return
	}
	f.note(source.Pos{File: f.path}, "syntax error: %v", err)
}

// maxRepairs bounds the errors of one text that are stepped over.
const maxRepairs = 20

// recover keeps what can be parsed of a text with an error: with the parser's
// own recovery or, line by line, what stands before and after each error. The
// former mends an if without fi, the latter a quote that is never closed and
// would take the rest of the script for its text; the one that finds more
// commands is right.
func (f *file) recover() {
	byLine := f.aroundErrors()
	p := syntax.NewParser(syntax.Variant(syntax.LangBash), syntax.RecoverErrors(maxRepairs))
	if file, err := p.Parse(strings.NewReader(f.text), f.path); err == nil && calls(file.Stmts) >= calls(byLine) {
		f.stmts = file.Stmts
		return
	}
	f.stmts = byLine
}

// aroundErrors leaves out the lines with errors.
func (f *file) aroundErrors() []*syntax.Stmt {
	var out []*syntax.Stmt
	p := syntax.NewParser(syntax.Variant(syntax.LangBash))
	text, done := f.text, 0
	for range maxRepairs {
		var err error
		for s, e := range p.StmtsSeq(strings.NewReader(text)) {
			if err = e; err != nil {
				break
			}
			if int(s.Pos().Offset()) >= done {
				out = append(out, s)
				done = int(s.End().Offset())
			}
		}
		var pe syntax.ParseError
		if !errors.As(err, &pe) {
			return out
		}
		text = blank(text, done, int(pe.Pos.Offset()))
	}
	return out
}

// calls counts the simple commands in statements.
func calls(stmts []*syntax.Stmt) int {
	n := 0
	for _, s := range stmts {
		syntax.Walk(s, func(node syntax.Node) bool {
			if _, ok := node.(*syntax.CallExpr); ok {
				n++
			}
			return true
		})
	}
	return n
}

// blank replaces the text from one offset to the end of the line of another by
// spaces, so that all other places keep theirs.
func blank(text string, from, to int) string {
	to = min(max(from, to), len(text))
	if i := strings.IndexByte(text[to:], '\n'); i >= 0 {
		to += i
	} else {
		to = len(text)
	}
	b := []byte(text)
	for i := range b[:to] {
		if b[i] != '\n' {
			b[i] = ' '
		}
	}
	return string(b)
}

// Language tells in which language a script is written: by its first line, then
// its name; "bash" when neither says.
func Language(name, text string) string {
	if strings.HasPrefix(text, "#!") {
		line, _, _ := strings.Cut(text[2:], "\n")
		if lang := interpreter(strings.Fields(line)); lang != "" {
			return lang
		}
	}
	if source.IsUserData([]byte(text[:min(len(text), 256)])) {
		return "cloud-init"
	}
	switch path.Ext(name) {
	case ".py":
		return "python"
	case ".rb":
		return "ruby"
	case ".pl":
		return "perl"
	case ".js", ".mjs", ".cjs", ".ts":
		return "javascript"
	case ".php":
		return "php"
	case ".fish":
		return "fish"
	case ".ps1":
		return "powershell"
	case ".bat", ".cmd":
		return "batch"
	}
	return "bash"
}

// interpreter names the language of a #! line, given as words.
func interpreter(words []string) string {
	if len(words) == 0 {
		return ""
	}
	name := path.Base(words[0])
	if name == "env" {
		for _, w := range words[1:] {
			if !strings.HasPrefix(w, "-") && !strings.Contains(w, "=") {
				return interpreter([]string{w})
			}
		}
		return ""
	}
	switch base := strings.TrimRight(name, "0123456789."); base {
	case "sh", "dash", "ash", "posh":
		return "sh"
	case "bash", "zsh", "ksh", "mksh":
		return "bash"
	case "python", "ruby", "perl", "php", "fish", "tclsh", "lua", "awk", "make":
		return base
	case "node", "nodejs", "bun", "deno":
		return "javascript"
	case "pwsh":
		return "powershell"
	default:
		return base
	}
}

// oneLine folds white space and cuts what is too long to show.
func oneLine(s string) string {
	if len(s) <= 200 && isOneLine(s) {
		return s
	}
	s = folded(s, 200)
	if len(s) > 200 {
		cut := 200
		for cut > 0 && s[cut]&0xC0 == 0x80 {
			cut--
		}
		s = s[:cut] + " ..."
	}
	return s
}

// folded is s with one space for each stretch of them; what lies well beyond n
// bytes may be missing.
func folded(s string, n int) string {
	var b strings.Builder
	for f := range strings.FieldsSeq(s) {
		if b.Len() > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(f)
		if b.Len() > n {
			break
		}
	}
	return b.String()
}

// isOneLine tells of text that needs no folding.
func isOneLine(s string) bool {
	space := true
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == ' ' && space, c >= '\t' && c <= '\r', c >= 0x80:
			return false
		default:
			space = c == ' '
		}
	}
	return !space || s == ""
}
