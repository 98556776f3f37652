package source

import (
	"bytes"
	"slices"
	"unicode/utf8"
)

// Text is a file prepared for a parser that takes only UTF-8.
//
// Bytes that are not UTF-8 (a comment in Latin-1) become private-use runes, a
// byte order mark is dropped, line ends stay as they are.
// [Text.Offset] and [Text.Column] lead back to the bytes of the file, and
// [Encode] turns text that came out of the parser into the file's bytes again.
type Text struct {
	// Bytes is the text for the parser: valid UTF-8.
	Bytes []byte
	// BOM: the file began with a UTF-8 byte order mark.
	BOM bool
	// CRLF: a line ends in CR LF; CRLFLine is the first such line, from 1. A
	// Unix shell takes the CR as part of the last word.
	CRLF     bool
	CRLFLine int
	// Binary: a NUL byte is among the first 8 KiB; it is no script.
	Binary bool
	// BadBytes counts the bytes that became runes; BadLine is the line of the
	// first, from 1.
	BadBytes int
	BadLine  int

	bad []int // offsets in Bytes of the runes that stand for one byte
}

// The private-use runes U+10FE80 to U+10FEFF stand for the bytes 0x80 to 0xFF.
// A file that has such a rune itself has its four bytes replaced one by one,
// so that Encode always gives back what Decode was given.
const (
	badBase  = 0x10FE00
	badFirst = badBase + 0x80
	badLast  = badBase + 0xFF
	badWidth = 4 // bytes of such a rune
)

const (
	byteOrderMark = "\xef\xbb\xbf"
	binaryWindow  = 8 << 10
)

// Decode prepares the content of a file. The result may share memory with b.
func Decode(b []byte) Text {
	t := Text{Binary: IsBinary(b)}
	b, t.BOM = bytes.CutPrefix(b, []byte(byteOrderMark))
	if i := bytes.Index(b, []byte("\r\n")); i >= 0 {
		t.CRLF, t.CRLFLine = true, lineAt(b, i)
	}
	first := firstBad(b, 0)
	if first == len(b) {
		t.Bytes = b
		return t
	}
	t.BadLine = lineAt(b, first)
	t.replace(b, first)
	return t
}

func lineAt(b []byte, offset int) int { return 1 + bytes.Count(b[:offset], []byte{'\n'}) }

// replace writes b to t.Bytes with a rune for each bad byte, the first of
// which is known.
func (t *Text) replace(b []byte, bad int) {
	out := make([]byte, 0, len(b)+len(b)/8+64)
	for i := 0; i < len(b); bad = firstBad(b, i) {
		out = append(out, b[i:bad]...)
		i = bad
		for range badRun(b[i:]) {
			t.bad = append(t.bad, len(out))
			out = utf8.AppendRune(out, badBase+rune(b[i]))
			i++
		}
	}
	t.Bytes, t.BadBytes = out, len(t.bad)
}

// firstBad returns the offset at or after i of the first byte to replace, or
// len(b).
func firstBad(b []byte, i int) int {
	for i < len(b) {
		if b[i] < utf8.RuneSelf {
			i++
			continue
		}
		if badRun(b[i:]) > 0 {
			return i
		}
		_, n := utf8.DecodeRune(b[i:])
		i += n
	}
	return i
}

// badRun returns how many bytes at the start of b are to be replaced: 1 that
// is not UTF-8, the 4 of a rune that is used for replacing, or none.
func badRun(b []byte) int {
	switch r, n := utf8.DecodeRune(b); {
	case r == utf8.RuneError && n == 1:
		return 1
	case badFirst <= r && r <= badLast:
		return n
	}
	return 0
}

// Encode gives text from Text.Bytes the bytes that the file has.
func Encode(s string) []byte {
	out := make([]byte, 0, len(s))
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		if badFirst <= r && r <= badLast {
			out = append(out, byte(r-badBase))
		} else {
			out = append(out, s[i:i+n]...)
		}
		i += n
	}
	return out
}

// ByteOf returns the byte that a rune of [Text] stands for.
func ByteOf(r rune) (byte, bool) {
	if badFirst <= r && r <= badLast {
		return byte(r - badBase), true
	}
	return 0, false
}

// Offset translates an offset in Bytes to one in the file. Offsets out of
// range are taken as the nearest end.
func (t Text) Offset(offset int) int {
	offset = max(0, min(offset, len(t.Bytes)))
	before, _ := slices.BinarySearch(t.bad, offset) // runes that begin before it
	file := offset - (badWidth-1)*before
	if before > 0 {
		if end := t.bad[before-1] + badWidth; offset < end {
			file += end - offset - 1 // inside a rune: at the byte that it stands for
		}
	}
	if t.BOM {
		file += len(byteOrderMark)
	}
	return file
}

// Column translates a column of the parser, counted from 1 in bytes, to the
// column in the file; offset is where in Bytes that place is. A byte order
// mark is not counted: no editor shows it.
func (t Text) Column(offset, col int) int {
	start := offset - (col - 1)
	if len(t.bad) == 0 || start < 0 {
		return col
	}
	return t.Offset(offset) - t.Offset(start) + 1
}

// IsBinary tells content that is no text: a NUL among the first 8 KiB.
func IsBinary(b []byte) bool { return bytes.IndexByte(b[:min(len(b), binaryWindow)], 0) >= 0 }
