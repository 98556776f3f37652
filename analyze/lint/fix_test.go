package lint

import (
	"bytes"
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/nativize/nativize/analyze"
	"github.com/nativize/nativize/analyze/source"
)

// mended is a tree after all its fixes, unsafe ones too, with what was refused.
func mended(t testing.TB, repo *source.Repo, opt Options) (*source.Repo, *Fixes) {
	t.Helper()
	res, err := Run(t.Context(), repo, opt)
	if err != nil {
		t.Fatal(err)
	}
	fixes, err := Mend(t.Context(), repo, res, opt, true)
	if err != nil {
		t.Fatal(err)
	}
	texts := map[string][]byte{}
	for _, c := range fixes.Changes {
		texts[c.Path] = c.New
	}
	return repo.With(texts), fixes
}

// TestExamplesMend holds that the bad example of every rule with a fix is mended:
// its finding is gone, and the effects are those that the rule allows.
func TestExamplesMend(t *testing.T) {
	for _, r := range All {
		if r.Fix == "" {
			continue
		}
		t.Run(r.ID, func(t *testing.T) {
			if intended[r.ID] == nil {
				t.Fatal("nothing says which effects the fix may change")
			}
			opt := Options{Config: Config{Enable: []string{r.ID}}}
			repo := tree(t, r.Doc.Bad)
			after, fixes := mended(t, repo, opt)
			if len(fixes.Changes) == 0 && r.ID != "checksum-cannot-match" || len(fixes.Refused) > 0 { // its example needs another digest
				t.Fatalf("%d changes, refused: %s", len(fixes.Changes), fixes.Refused)
			}
			left, err := Run(t.Context(), after, opt)
			if err != nil {
				t.Fatal(err)
			}
			for _, f := range left.Findings {
				if f.Fix != nil {
					t.Errorf("still found: %s", f.Message)
				}
			}
		})
	}
}

func TestFixes(t *testing.T) {
	for _, c := range []struct{ name, rule, old, want string }{
		{"quotes", "unguarded-rm-rf", "P=$1\nrm -rf $P/lib $P/bin", "P=$1\nrm -rf \"${P:?}\"/lib \"${P:?}\"/bin"},
		{"in quotes", "unguarded-rm-rf", "P=$1\nrm -rf \"$P/lib\"", "P=$1\nrm -rf \"${P:?}/lib\""},
		{"mkdir -m", "readable-before-chmod", "mkdir -p /var/lib/k\nchmod 700 /var/lib/k", "mkdir -m 700 -p /var/lib/k\nchmod 700 /var/lib/k"},
		{"undefined", "undefined-variable-in-path", "mkdir -p \"$SHOP_HOME/data\"", "mkdir -p \"${SHOP_HOME:?}/data\""},
		{"digest", "checksum-cannot-match",
			"echo 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855 a.tar' | sha256sum -c",
			"echo 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855  a.tar' | sha256sum -c"},
		{"link", "non-atomic-swap", "rm -f /srv/shop/current\nln -s /srv/shop/releases/2 /srv/shop/current",
			":\nln -sfn /srv/shop/releases/2 /srv/shop/current.new && mv -T /srv/shop/current.new /srv/shop/current"},
		{"curl", "curl-without-fail", "curl -sSLo /opt/a.jar https://example.org/a-1.jar", "curl -f -sSLo /opt/a.jar https://example.org/a-1.jar"},
	} {
		t.Run(c.name, func(t *testing.T) {
			const head = "#!/bin/sh\nset -e\n"
			_, fixes := mended(t, tree(t, head+c.old+"\n"), Options{Config: Config{Enable: []string{c.rule}}})
			if len(fixes.Changes) != 1 {
				t.Fatalf("%d changes, refused: %s", len(fixes.Changes), fixes.Refused)
			}
			if got := string(fixes.Changes[0].New); got != head+c.want+"\n" {
				t.Errorf("got\n%swant\n%s", got, head+c.want)
			}
		})
	}
}

// TestMendEntries holds that a fix is tried on every entry that reads the script,
// not on the one that was found first.
func TestMendEntries(t *testing.T) {
	repo := tree(t, "-- deploy.sh --\n#!/bin/sh\nset -e\ncp a /srv/a\nsystemctl restart a\n-- install.sh --\n#!/bin/sh\nset -e\nP=$1\nrm -rf \"$P/lib\"\nsystemctl enable a\nuseradd a\n-- a --\nx\n")
	_, fixes := mended(t, repo, Options{All: true, Config: Config{Enable: []string{"unguarded-rm-rf"}}})
	if len(fixes.Changes) != 1 || fixes.Changes[0].Path != "install.sh" {
		t.Errorf("%+v", fixes)
	}
}

// FuzzFix holds that fixes of any script leave a script that parses and, for safe
// ones, does the same.
func FuzzFix(f *testing.F) {
	for _, r := range All {
		if r.Fix != "" && !strings.HasPrefix(r.Doc.Bad, "-- ") {
			f.Add(r.Doc.Bad)
		}
	}
	f.Add("#!/bin/sh\nset -e\nP=$1\nrm -rf $P/lib\nmkdir /var/lib/k\nchmod 700 /var/lib/k\ncurl -sSLo /opt/a.jar https://example.org/a-1.jar\n")
	f.Fuzz(func(t *testing.T, text string) {
		if len(text) > 2000 || strings.Contains(text, "-- ") || strings.ContainsRune(text, 0) {
			return
		}
		repo := tree(t, "-- deploy.sh --\n"+text)
		opt := Options{Scripts: []string{"deploy.sh"}}
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		res, err := Run(ctx, repo, opt)
		if err != nil {
			return // not a shell script
		}
		fixes, err := Mend(ctx, repo, res, opt, false)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range fixes.Changes {
			if bytes.Equal(c.Old, c.New) {
				t.Error("a change that changes nothing")
			}
			if err := parses(c.Path, c.New); err != nil {
				t.Error(err)
			}
			unchangedBut(t, repo, c)
		}
	})
}

// unchangedBut compares the effects before and after a change, apart from those
// that the rules of its fixes may change.
func unchangedBut(t *testing.T, repo *source.Repo, c Change) {
	does := func(r *source.Repo) []string {
		a, err := analyze.Run(t.Context(), r, analyze.Options{Script: c.Path})
		if err != nil {
			t.Fatal(err)
		}
		return summary(a.Effects)
	}
	gone, come := difference(does(repo), does(repo.With(map[string][]byte{c.Path: c.New})))
	var rules []string
	for _, f := range c.Fixed {
		rules = append(rules, f.Rule)
	}
	// Of several fixes each may make its own differences, and none may make another.
	for _, line := range slices.Concat(gone, come) {
		if !slices.ContainsFunc(rules, func(rule string) bool { return intended[rule]([]string{line}, nil) }) {
			t.Errorf("%s change what the script does: %q\n%s", rules, line, c.New)
		}
	}
}
