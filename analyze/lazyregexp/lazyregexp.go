// Package lazyregexp compiles regular expressions at their first use. A process
// that looks at one script needs few of the hundreds that the packages declare,
// and compiling all of them would be most of its time. For the same reason a
// text that lacks what every match has is not matched at all.
package lazyregexp

import (
	"bytes"
	"regexp"
	"strings"
	"sync"
)

// A Regexp is a regular expression that is compiled at its first use. It is
// safe for use by several goroutines. Its methods are those of
// [regexp.Regexp].
type Regexp struct {
	text string
	once sync.Once
	re   *regexp.Regexp

	parse    sync.Once
	required []string // of which one is in each match; any input may match when nil
	oneLine  bool     // with required: only the lines that have one need be tried
}

// New returns the regular expression text. It panics at its first use when it
// does not compile; a test of cmd/nativize compiles every one that is declared.
func New(text string) *Regexp { return &Regexp{text: text} }

// Get returns the compiled expression.
func (r *Regexp) Get() *regexp.Regexp {
	r.once.Do(func() { r.re = regexp.MustCompile(r.text) })
	return r.re
}

// read finds what the text of the expression tells of its matches.
func (r *Regexp) read() {
	r.required = required(r.text)
	r.oneLine = r.required != nil && oneLine(r.text)
}

// byLine tells whether s is tried line by line.
func (r *Regexp) byLine() bool {
	r.parse.Do(r.read)
	return r.oneLine
}

// never tells that s has no match, without a try.
func (r *Regexp) never(s string) bool {
	r.parse.Do(r.read)
	for _, part := range r.required {
		if strings.Contains(s, part) {
			return false
		}
	}
	return len(r.required) > 0
}

// neverBytes is never for bytes.
func (r *Regexp) neverBytes(b []byte) bool {
	r.parse.Do(r.read)
	for _, part := range r.required {
		if bytes.Contains(b, []byte(part)) {
			return false
		}
	}
	return len(r.required) > 0
}

// String returns the text of the expression.
func (r *Regexp) String() string { return r.text }

// MatchString is [regexp.Regexp.MatchString].
func (r *Regexp) MatchString(s string) (matched bool) {
	if !r.byLine() {
		return !r.never(s) && r.Get().MatchString(s)
	}
	r.linesOf(s, func(line string) bool {
		matched = r.Get().MatchString(line)
		return matched
	})
	return matched
}

// Match is [regexp.Regexp.Match].
func (r *Regexp) Match(b []byte) (matched bool) {
	if !r.byLine() {
		return !r.neverBytes(b) && r.Get().Match(b)
	}
	r.linesOfBytes(b, func(line []byte) bool {
		matched = r.Get().Match(line)
		return matched
	})
	return matched
}

// FindString is [regexp.Regexp.FindString].
func (r *Regexp) FindString(s string) string {
	if r.never(s) {
		return ""
	}
	return r.Get().FindString(s)
}

// FindStringIndex is [regexp.Regexp.FindStringIndex].
func (r *Regexp) FindStringIndex(s string) []int {
	if r.never(s) {
		return nil
	}
	return r.Get().FindStringIndex(s)
}

// FindStringSubmatch is [regexp.Regexp.FindStringSubmatch].
func (r *Regexp) FindStringSubmatch(s string) (parts []string) {
	if !r.byLine() {
		if r.never(s) {
			return nil
		}
		return r.Get().FindStringSubmatch(s)
	}
	r.linesOf(s, func(line string) bool {
		parts = r.Get().FindStringSubmatch(line)
		return parts != nil
	})
	return parts
}

// FindStringSubmatchIndex is [regexp.Regexp.FindStringSubmatchIndex].
func (r *Regexp) FindStringSubmatchIndex(s string) []int {
	if r.never(s) {
		return nil
	}
	return r.Get().FindStringSubmatchIndex(s)
}

// FindAllString is [regexp.Regexp.FindAllString].
func (r *Regexp) FindAllString(s string, n int) []string {
	if r.never(s) {
		return nil
	}
	return r.Get().FindAllString(s, n)
}

// FindAllStringIndex is [regexp.Regexp.FindAllStringIndex].
func (r *Regexp) FindAllStringIndex(s string, n int) [][]int {
	if r.never(s) {
		return nil
	}
	return r.Get().FindAllStringIndex(s, n)
}

// FindAllStringSubmatch is [regexp.Regexp.FindAllStringSubmatch].
func (r *Regexp) FindAllStringSubmatch(s string, n int) [][]string {
	if r.never(s) {
		return nil
	}
	return r.Get().FindAllStringSubmatch(s, n)
}

// FindAllStringSubmatchIndex is [regexp.Regexp.FindAllStringSubmatchIndex].
func (r *Regexp) FindAllStringSubmatchIndex(s string, n int) [][]int {
	if r.never(s) {
		return nil
	}
	return r.Get().FindAllStringSubmatchIndex(s, n)
}

// FindIndex is [regexp.Regexp.FindIndex].
func (r *Regexp) FindIndex(b []byte) []int {
	if r.neverBytes(b) {
		return nil
	}
	return r.Get().FindIndex(b)
}

// ReplaceAllString is [regexp.Regexp.ReplaceAllString].
func (r *Regexp) ReplaceAllString(src, repl string) string {
	if r.never(src) {
		return src
	}
	return r.Get().ReplaceAllString(src, repl)
}

// ReplaceAllStringFunc is [regexp.Regexp.ReplaceAllStringFunc].
func (r *Regexp) ReplaceAllStringFunc(src string, f func(string) string) string {
	if r.never(src) {
		return src
	}
	return r.Get().ReplaceAllStringFunc(src, f)
}

// FindAllSubmatchIndex is [regexp.Regexp.FindAllSubmatchIndex].
func (r *Regexp) FindAllSubmatchIndex(b []byte, n int) [][]int {
	if r.neverBytes(b) {
		return nil
	}
	return r.Get().FindAllSubmatchIndex(b, n)
}

// FindSubmatchIndex is [regexp.Regexp.FindSubmatchIndex].
func (r *Regexp) FindSubmatchIndex(b []byte) []int {
	if r.neverBytes(b) {
		return nil
	}
	return r.Get().FindSubmatchIndex(b)
}

// FindAllIndex is [regexp.Regexp.FindAllIndex].
func (r *Regexp) FindAllIndex(b []byte, n int) [][]int {
	if r.neverBytes(b) {
		return nil
	}
	return r.Get().FindAllIndex(b, n)
}

// ReplaceAllFunc is [regexp.Regexp.ReplaceAllFunc].
func (r *Regexp) ReplaceAllFunc(src []byte, f func([]byte) []byte) []byte {
	if r.neverBytes(src) {
		return src
	}
	return r.Get().ReplaceAllFunc(src, f)
}
