package source

import (
	"fmt"
	"os"
	"strings"
	"testing"
)

// Authors are counted as git shortlog counts them, without merges.
func TestAuthorsAsGit(t *testing.T) {
	g := newGit(t)
	g.write(map[string]string{"f": "f"})
	g.run("add", "f")
	tree := g.run("write-tree")
	commit := func(who, mail string, parents ...string) string {
		g.now += 10
		raw := fmt.Sprintf("tree %s\n", tree)
		for _, p := range parents {
			raw += "parent " + p + "\n"
		}
		raw += fmt.Sprintf("author %s <%s> %d +0200\ncommitter c <c@example.org> %d +0200\n\nm\n", who, mail, g.now, g.now)
		g.write(map[string]string{"raw": raw})
		return g.run("hash-object", "-t", "commit", "-w", "raw")
	}
	a := commit("Ada", "ada@example.org")
	b := commit("Bob", "bob@example.org", a)
	c := commit("Ada Augusta", "Ada@example.org", a)
	m := commit("Bob", "bob@example.org", b, c)
	top := commit("Cy", "cy@example.org", m)
	g.run("update-ref", "refs/heads/main", top)
	r := open(t, g.path, Options{Rev: "main"})
	list, n := r.Authors()
	var got []string
	for _, a := range list {
		got = append(got, fmt.Sprintf("%d %s <%s>", a.Commits, a.Name, a.Mail))
	}
	want := "2 Ada Augusta <Ada@example.org>\n1 Cy <cy@example.org>\n1 Bob <bob@example.org>"
	if strings.Join(got, "\n") != want || n != 4 {
		t.Errorf("%d commits:\n%s\nwant 4:\n%s", n, strings.Join(got, "\n"), want)
	}
}

// A tree without git, and one that is part of a repository, name nobody.
func TestAuthorsOfNobody(t *testing.T) {
	g := newGit(t)
	g.write(map[string]string{"sub/deploy.sh": "true\n"})
	g.run("add", ".")
	g.run("commit", "-q", "-m", "m")
	plain := t.TempDir()
	must(t, os.WriteFile(plain+"/f", nil, 0o644))
	for _, dir := range []string{plain, g.path + "/sub"} {
		if list, n := open(t, dir, Options{}).Authors(); len(list) > 0 || n > 0 {
			t.Errorf("%s: %v of %d", dir, list, n)
		}
	}
	if list, _ := open(t, g.path, Options{}).Authors(); len(list) != 1 || list[0].Mail != "a@example.org" {
		t.Errorf("of the whole: %v", list)
	}
}
