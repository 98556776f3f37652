package command

import (
	"strings"
	"testing"

	"github.com/nativize/nativize/analyze/host"
	"github.com/nativize/nativize/analyze/value"
)

// TestFlags parses command lines of real scripts: options as NAME or NAME=VALUE,
// then the operands after a bar.
func TestFlags(t *testing.T) {
	for line, want := range map[string]string{
		"mkdir -p -m 0755 /opt/app":                         "p m=0755 | /opt/app",
		"mkdir --mode=700 --parents d":                      "m=700 p | d",
		"cp -Rf a b":                                        "R f | a b",
		"cp --preserve=mode a b":                            "preserve=mode | a b",
		"rm -rf -- -x":                                      "r f | -x",
		"install -Dm755 app /usr/bin/app":                   "D m=755 | app /usr/bin/app",
		"install -m 644 -o root -g root a b":                "m=644 o=root g=root | a b",
		"chmod -x f":                                        "x | f",
		"tar xfz a.tgz -C /opt":                             "x f=a.tgz z C=/opt |",
		"tar -xzf a.tgz --strip-components=1":               "x z f=a.tgz strip-components=1 |",
		"tar czfC a.tgz /src .":                             "c z f=a.tgz C=/src | .",
		"sed -i.bak -e s/a/b/ f":                            "i=.bak e=s/a/b/ | f",
		"sed -ne p f":                                       "n e=p | f",
		"sed --in-place=.o s/a/b/ f":                        "i=.o | s/a/b/ f",
		"rsync -avz -e ssh --delete --exclude .git a/ h:/b": "a v z e=ssh delete exclude=.git | a/ h:/b",
		"scp -P 22 -i key a u@h:b":                          "P=22 i=key | a u@h:b",
		"sudo -u www-data -E cmd -x":                        "u=www-data E | cmd -x",
		"su - app -c ls":                                    "c=ls | - app",
		"xargs -0 -n1 rm -f":                                "0 n=1 | rm -f",
		"timeout -k 5 10 cmd -v":                            "k=5 | 10 cmd -v",
		"env -u A B=c cmd -v":                               "u=A | B=c cmd -v",
		"grep -A3 -qi x f":                                  "A=3 q i | x f",
		"sort -t, -k2 f":                                    "t=, k=2 | f",
		"head -5 f":                                         "5 | f",
		"ssh -p 22 -o BatchMode=yes u@h ls -l":              "p=22 o=BatchMode=yes | u@h ls -l",
		"cut -d: -f1,3 f":                                   "d=: f=1,3 | f",
		"ls --color=auto -1":                                "color=auto 1 |",
		"mktemp -d -t app.XXXX":                             "d t | app.XXXX",
		"openssl req -x509 -out c.pem -days 9":              "x509 out=c.pem days=9 | req",
		"flock -xn 9":                                       "x n | 9",
	} {
		argv := []value.Value{}
		for w := range strings.FieldsSeq(line) {
			argv = append(argv, value.Text(w))
		}
		c := &Call{Actor: &host.Actor{H: host.New(nil, "")}, Argv: argv}
		m := Lookup(argv[0].String())
		if m == nil {
			t.Errorf("%s: no model", line)
			continue
		}
		m.spec.get().parse(c)
		var got []string
		for _, o := range c.Opts {
			s := o.Name
			if o.Has {
				s += "=" + o.Val.String()
			}
			got = append(got, s)
		}
		got = append(got, "|")
		for _, a := range c.Args {
			got = append(got, a.String())
		}
		if s := strings.Join(got, " "); s != want || c.Bad != "" {
			t.Errorf("%s:\n got %s %s\nwant %s", line, s, c.Bad, want)
		}
	}
}

func FuzzSed(f *testing.F) {
	for _, s := range []string{"s/a/b/g", "/x/,/y/d", "1,+2{s/a\\(b\\)/\\1&/;p}", "$a\\\ntext", "y/ab/cd/", "s|[^/]*$||", "2!d", "s/[[:space:]]*$//", "/a\\/b/c x"} {
		f.Add(s, "a\nxb\nab y\n", true)
	}
	f.Fuzz(func(t *testing.T, script, text string, extended bool) {
		prog, err := parseSed(script, extended)
		if err == nil && len(text) < 4096 {
			prog.run(text, false)
		}
	})
}

func FuzzModels(f *testing.F) {
	for _, m := range moreExamples {
		f.Add(m)
	}
	f.Fuzz(func(t *testing.T, line string) {
		words := strings.Fields(line)
		if len(words) == 0 || len(words) > 40 || Lookup(words[0]) == nil {
			return
		}
		m := newMini()
		var argv []value.Value
		for i, w := range words {
			v := value.Text(w)
			if i > 0 && strings.Contains(w, "$") {
				v = value.Concat(v, value.New(value.Env, w, m.h.Now.At.Pos))
			}
			argv = append(argv, v)
		}
		c := m.call(m.a, argv, Input{Text: value.Text(line), Known: true, Piped: true})
		if c.Outcome == "" {
			t.Errorf("%q has no outcome", line)
		}
	})
}
