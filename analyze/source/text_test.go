package source

import (
	"bytes"
	"strings"
	"testing"
	"unicode/utf8"

	"mvdan.cc/sh/v3/syntax"
)

func TestDecode(t *testing.T) {
	for _, tt := range []struct {
		name, in  string
		bom, crlf bool
		crlfLine  int
		bad, line int
		binary    bool
	}{
		{name: "plain", in: "echo ok\n"},
		{name: "UTF-8", in: "echo é €\n"},
		{name: "Latin-1", in: "# caf\xe9\necho \xe9\xe8\n", bad: 3, line: 1},
		{name: "BOM", in: "\xef\xbb\xbf#!/bin/sh\n", bom: true},
		{name: "CRLF in the second line", in: "a\nb\r\nc\n", crlf: true, crlfLine: 2},
		{name: "CR alone", in: "a\rb\n"},
		{name: "NUL", in: "\x7fELF\x00\x01", binary: true},
		{name: "a rune of ours", in: "x\U0010FEE9y", bad: 4, line: 1},
		{name: "cut rune", in: "\n\xe2\x82", bad: 2, line: 2},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := Decode([]byte(tt.in))
			if got.BOM != tt.bom || got.CRLF != tt.crlf || got.CRLFLine != tt.crlfLine || got.BadBytes != tt.bad || got.BadLine != tt.line || got.Binary != tt.binary {
				t.Errorf("Decode = %+v", got)
			}
			checkRoundTrip(t, []byte(tt.in))
		})
	}
}

// checkRoundTrip holds what Decode and Encode promise of any bytes.
func checkRoundTrip(t *testing.T, in []byte) {
	t.Helper()
	text := Decode(in)
	if !utf8.Valid(text.Bytes) {
		t.Errorf("Decode(%q) is not UTF-8: %q", in, text.Bytes)
	}
	body := bytes.TrimPrefix(in, []byte(byteOrderMark))
	if out := Encode(string(text.Bytes)); !bytes.Equal(out, body) {
		t.Errorf("Encode(Decode(%q)) = %q", in, out)
	}
	if got := text.Offset(len(text.Bytes)); got != len(in) {
		t.Errorf("Offset(end) of %q = %d, want %d", in, got, len(in))
	}
	head := len(in) - len(body)
	last := -1
	for i := range len(text.Bytes) + 1 {
		at := text.Offset(i)
		if at < last || at > len(in) {
			t.Fatalf("Offset(%d) of %q = %d after %d", i, in, at, last)
		}
		last = at
		if i == len(text.Bytes) || utf8.RuneStart(text.Bytes[i]) {
			if want := head + len(Encode(string(text.Bytes[:i]))); at != want {
				t.Fatalf("Offset(%d) of %q = %d, want %d", i, in, at, want)
			}
		}
	}
}

// The parser takes the prepared text, and positions lead back to the bytes.
func TestDecodeForParser(t *testing.T) {
	in := "# caf\xe9 \xe8\xe8\nmkdir \"/srv/\xe9t\xe9\" && touch x # \xff\n"
	if _, err := syntax.NewParser().Parse(strings.NewReader(in), ""); err == nil {
		t.Fatal("the parser takes bad bytes by itself; Decode is not needed")
	}
	text := Decode([]byte(in))
	file, err := syntax.NewParser().Parse(bytes.NewReader(text.Bytes), "")
	must(t, err)
	var words []string
	syntax.Walk(file, func(n syntax.Node) bool {
		call, ok := n.(*syntax.CallExpr)
		if !ok {
			return true
		}
		for _, w := range call.Args {
			from, to := text.Offset(int(w.Pos().Offset())), text.Offset(int(w.End().Offset()))
			words = append(words, in[from:to])
			line := in[strings.LastIndexByte(in[:from], '\n')+1:]
			if col := text.Column(int(w.Pos().Offset()), int(w.Pos().Col())); !strings.HasPrefix(line[col-1:], in[from:to]) {
				t.Errorf("column of %q is %d", in[from:to], col)
			}
		}
		return true
	})
	wantList(t, "words", words, "mkdir", "\"/srv/\xe9t\xe9\"", "touch", "x")
}

func FuzzDecode(f *testing.F) {
	for _, s := range []string{"", "a", "\xef\xbb\xbf", "\xff\xfe", "é\xe9é", "\U0010FE80\xf4\x8f", "a\r\n\x00"} {
		f.Add([]byte(s))
	}
	f.Fuzz(checkRoundTrip)
}
