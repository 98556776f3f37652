package lazyregexp

import (
	"regexp"
	"slices"
	"sync"
	"testing"
)

func TestRegexp(t *testing.T) {
	const text, in = `(\w+)=(\d+)`, "a=1, bc=22"
	r, want := New(text), regexp.MustCompile(text)
	if r.re != nil {
		t.Error("compiled before its first use")
	}
	if got := r.String(); got != text {
		t.Errorf("String() = %q, want %q", got, text)
	}
	if !r.MatchString(in) || !r.Match([]byte(in)) || r.MatchString("a=b") {
		t.Error("MatchString differs")
	}
	if got, want := r.FindStringSubmatchIndex(in), want.FindStringSubmatchIndex(in); !slices.Equal(got, want) {
		t.Errorf("FindStringSubmatchIndex = %v, want %v", got, want)
	}
	if got, want := r.ReplaceAllString(in, "$2=$1"), want.ReplaceAllString(in, "$2=$1"); got != want {
		t.Errorf("ReplaceAllString = %q, want %q", got, want)
	}
}

func TestRegexpFromManyGoroutines(t *testing.T) {
	r := New(`^a+$`)
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			if !r.MatchString("aaa") {
				t.Error("no match")
			}
		})
	}
	group.Wait()
}
