package shell

import (
	"fmt"
	"slices"

	"github.com/nativize/nativize/analyze/source"
)

// RunText walks shell text that is no file of the repository, such as a
// maintainer script of a package. name stands for it in positions; the text is
// taken as sh unless its first line names another shell. It fails when the
// text is a program in another language.
func (m *Machine) RunText(name, text string, opt Options) (*Result, error) {
	f, err := m.parsedText(name, text)
	if err != nil {
		return nil, err
	}
	if opt.Steps == 0 {
		opt.Steps = DefaultSteps
	}
	if opt.Script == "" {
		opt.Script = name
	}
	in := &interp{Machine: m, opt: opt, res: &Result{Problems: slices.Clone(f.notes)}}
	in.start(f)
	return in.res, nil
}

// parsedText parses shell text as RunText does, once for each name and text.
func (m *Machine) parsedText(name, text string) (*file, error) {
	key := name + "\x00" + text
	if f, ok := m.files[key]; ok {
		return f, nil
	}
	lang := Language(name, text)
	if lang == "bash" && len(text) > 1 && text[:2] != "#!" {
		lang = "sh"
	}
	if lang != "sh" && lang != "bash" {
		return nil, &source.Error{Pos: source.Pos{File: name, Line: 1, Col: 1}, Err: notShell(lang)}
	}
	f := &file{path: name, text: text, lang: lang}
	f.parse()
	m.add(key, f)
	return f, nil
}

func notShell(lang string) error { return fmt.Errorf("%w: it is written in %s", ErrNotShell, lang) }
