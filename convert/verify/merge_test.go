package verify

import (
	"slices"
	"testing"

	"github.com/nativize/nativize/convert/plan"
)

func TestMerge(t *testing.T) {
	all := Difference{Subject: "file", Name: "/a", Rule: "r"}
	one := Difference{Subject: "account", Name: "app", Package: "none"}
	other := Difference{Subject: "account", Name: "app", Package: "shell"}
	got := Merge([]plan.Format{plan.Deb, plan.RPM}, [][]Difference{{all, one}, {all, other}})
	want := []struct {
		d       Difference
		formats []plan.Format
	}{{one, []plan.Format{plan.Deb}}, {other, []plan.Format{plan.RPM}}, {all, nil}}
	if len(got) != len(want) {
		t.Fatalf("Merge = %+v", got)
	}
	for i, w := range want {
		if got[i].Text() != w.d.Text() || !slices.Equal(got[i].Formats, w.formats) {
			t.Errorf("Merge[%d] = %+v, want %+v", i, got[i], w)
		}
	}
}
