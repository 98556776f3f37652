package shell

import (
	"fmt"
	"strings"
	"testing"

	"github.com/nativize/nativize/analyze/host"
)

// fuzzSteps keeps single inputs short.
const fuzzSteps = 2000

// seeds are scripts whose constructs the fuzzer mixes.
var seeds = []string{
	"mkdir -p /srv/app && cp -r . /srv/app || exit 1\n",
	"f() { local x=$1; \"$@\" && return 0; die; }\nf mkdir /srv/a\n",
	"for i in a b {c,d}; do [ -f \"$i\" ] && continue; cat > /etc/$i <<EOF\n$i ${x:-y}\nEOF\ndone\n",
	"case \"$1\" in start|stop) service x $1;; *) exit 1;; esac\n",
	"while read -r a b; do useradd $a; done <<< \"x y\"\n",
	"trap 'rm -rf $T' EXIT\nT=$(mktemp -d)\ntar xzf a.tgz -C $T\nmv $T/a /opt\n",
	"a=(1 2 3)\necho ${a[@]:1} ${#a[@]} ${a[0]//1/2} $((a[1]+1)) > /etc/a\n",
	"ssh host 'sudo systemctl restart x'\nsu - app -c \"cd /srv; git pull\"\n",
	"if ! id app; then useradd -r app; fi\nchown -R app: /srv/app\n",
	"set -euo pipefail\nwhile getopts a:b o; do case $o in a) x=$OPTARG;; esac; done\nshift $((OPTIND-1))\n",
	"find . -name '*.sh' -exec chmod +x {} \\;\nls | xargs -n1 rm\neval \"$x\"\n. ./deploy.sh\n",
	"until x; do sleep 1; done &\n(cd /a; touch b) | tee /c\n[[ $x =~ ^a(b)$ && -d /x ]]\nselect x in a; do break; done\n",
	"sed -i 's/a/b/g;/x/d' /etc/x\nawk '{print $1}' f\nprintf '%s\\n' a b > /etc/y\nread -p x y\n",
}

// account prints all that a run told, to compare two runs.
func account(m *Machine, res *Result) string {
	var b strings.Builder
	for _, e := range m.Host.Log {
		fmt.Fprintf(&b, "%v %s %q %v %v %v\n", e.At, e.User, e.Key(), e.Must, e.Failure, e.When)
	}
	for _, s := range m.Statements() {
		fmt.Fprintf(&b, "%v %s %s\n", s.At, s.Outcome, s.Detail)
	}
	fmt.Fprintln(&b, res.Status, res.Problems, res.Requirements)
	return b.String()
}

// FuzzInterpret runs any text twice: no panic, an end within the budget, and
// the same account both times.
func FuzzInterpret(f *testing.F) {
	for _, s := range seeds {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if len(text) > 1<<14 {
			t.Skip("long")
		}
		first := ""
		for range 2 {
			m := New(host.New(script(text), ""))
			var res *Result
			for run := 1; run <= 2; run++ {
				r, err := m.Run(Options{Script: "deploy.sh", Run: run, Steps: fuzzSteps})
				if err != nil {
					t.Skip(err)
				}
				res = r
			}
			got := account(m, res)
			if first != "" && got != first {
				t.Fatalf("two runs differ:\n%s\n---\n%s", first, got)
			}
			first = got
		}
	})
}
