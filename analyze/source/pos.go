// Package source opens a repository (a directory, a git commit or an archive)
// as one read-only file tree, and names places in its files.
//
// It is the only package that opens the repository. It never follows a link
// out of the tree and never runs git or any other program.
package source

import (
	"fmt"
	"strconv"
)

// A Pos is a place in a file of the repository. File is slash-separated and
// relative to the root. Line and Col start at 1; Col counts bytes, as in
// mvdan.cc/sh/v3/syntax. The zero Pos is no place and prints as "-".
type Pos struct {
	File string `json:"file"`
	Line int    `json:"line"`
	Col  int    `json:"col"`
}

// String prints the place as file:line:col, leaving out what is not known.
func (p Pos) String() string {
	switch {
	case p.File == "" && p.Line == 0:
		return "-"
	case p.Line == 0:
		return p.File
	case p.Col == 0:
		return p.File + ":" + strconv.Itoa(p.Line)
	}
	return p.File + ":" + strconv.Itoa(p.Line) + ":" + strconv.Itoa(p.Col)
}

// IsZero tells whether p is no place.
func (p Pos) IsZero() bool { return p == Pos{} }

// Compare orders places by file, line and column.
func (p Pos) Compare(q Pos) int {
	switch {
	case p.File < q.File:
		return -1
	case p.File > q.File:
		return 1
	case p.Line != q.Line:
		return p.Line - q.Line
	}
	return p.Col - q.Col
}

// A Span is a stretch of one file: from Pos up to, not including, the byte at
// EndLine:EndCol. EndLine is 0 when only the start is known.
type Span struct {
	Pos
	EndLine int `json:"end_line,omitempty"`
	EndCol  int `json:"end_col,omitempty"`
}

// An Error is a failure with a place. It prints as "deploy.sh:3:7: cause".
type Error struct {
	Pos Pos
	Err error
}

func (e *Error) Error() string { return fmt.Sprintf("%s: %v", e.Pos, e.Err) }

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }
