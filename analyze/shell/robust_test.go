package shell

import (
	"bytes"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/nativize/nativize/analyze/host"
)

// hostile are texts that make a careless interpreter hang, overflow or panic.
var hostile = map[string]string{
	"nested subshells":    strings.Repeat("(", 10_000) + "true" + strings.Repeat(")", 10_000) + "\n",
	"nested braces":       strings.Repeat("{ ", 10_000) + "true" + strings.Repeat("; }", 10_000) + "\n",
	"nested substitution": "x=" + strings.Repeat("$(echo ", 2_000) + "a" + strings.Repeat(")", 2_000) + "\n",
	"nested quotes":       "x=" + strings.Repeat(`"$(echo `, 500) + "a" + strings.Repeat(`)"`, 500) + "\n",
	"nested indices":      "echo ${a" + strings.Repeat("[${a", 1_000) + strings.Repeat("}]", 1_000) + "}\n",
	"nested arithmetic":   "x=$((" + strings.Repeat("(", 5_000) + "1" + strings.Repeat(")", 5_000) + "))\n",
	"nested defaults":     "x=" + strings.Repeat("${a:-", 3_000) + "b" + strings.Repeat("}", 3_000) + "\n",
	"nested if":           strings.Repeat("if $x; then\n", 1_000) + "true\n" + strings.Repeat("fi\n", 1_000),
	"nested functions":    strings.Repeat("f() {\n", 1_000) + "true\n" + strings.Repeat("}\n", 1_000) + "f\n",
	"nested braces words": "echo " + strings.Repeat("{a,", 2_000) + "b" + strings.Repeat("}", 2_000) + "\n",
	"brace product":       "echo " + strings.Repeat("{a,b,c,d,e,f,g,h,i,j}", 20) + "\n",
	"brace range":         "echo {1..1000000000}\n",
	"brace range letters": "echo {1..100000}{1..100000}\n",
	"one long word":       "echo " + strings.Repeat("a", 1<<20) + "\n",
	"one long line":       "echo " + strings.Repeat("$x ", 200_000) + "\n",
	"many lines":          strings.Repeat("mkdir -p /srv/app/$x\n", 100_000),
	"many assignments":    strings.Repeat("x=$x$y\n", 20_000),
	"doubling":            "x=aaaaaaaaaaaaaaaa\n" + strings.Repeat("x=$x$x\n", 200),
	"doubling with holes": "x=$1$2\n" + strings.Repeat("x=$x$x\n", 200) + "mkdir $x\n",
	"doubling arrays":     "a=(1 2 3)\n" + strings.Repeat(`a=("${a[@]}" "${a[@]}")`+"\n", 100) + `mkdir "${a[@]}"` + "\n",
	"doubling set":        "set -- 1 2\n" + strings.Repeat(`set -- "$@" "$@"`+"\n", 100) + `mkdir "$@"` + "\n",
	"doubling output":     "x=ab\n" + strings.Repeat("x=$(echo $x; echo $x; echo $x)\n", 60),
	"doubling by sed":     "x=ab\n" + strings.Repeat("x=$(echo $x | sed 's/./&&/g')\n", 60),
	"replacement grows":   "x=ab\n" + strings.Repeat("x=${x//a/$x}\n", 60),
	"printf width":        "x=$(printf '%1000000000d' 1)\nx=$(printf '%0.s-' {1..10000})\n",
	"seq":                 "x=$(seq 1000000000)\nfor i in $(seq 1 100000000); do mkdir $i; done\n",
	"file grows":          "echo aa > f\n" + strings.Repeat("cat f f > g; mv g f\n", 200),
	"append grows":        "while read l; do cat f >> f; done < f\n" + strings.Repeat("cat f >> f\n", 100),
	"endless while":       "while true; do mkdir /srv/a; done\nmkdir /srv/b\n",
	"endless until":       "until false; do :; done\n",
	"endless for":         "for ((i=0; i>=0; i++)); do mkdir /srv/$i; done\n",
	"endless arithmetic":  "while ((i = i + 1)); do x=$((x * x + 1)); done\n",
	"arithmetic corners":  "x=$((1/0)); y=$((1%0)); z=$((-9223372036854775808/-1)); w=$((2**-1)); v=$((1<<-1)); u=$((2**100000)); t=$((a=b, b=a)); a=b; b=a; s=$((a))\n",
	"fork bomb":           ":(){ :|:& };:\n",
	"recursion":           "f() { f; f; f; mkdir /srv/$1; }\nf\n",
	"mutual recursion":    "f() { g $1; g $2; }\ng() { f $1; f $2; }\nf a b\n",
	"wide calls":          wideCalls(40),
	"sources itself":      ". ./deploy.sh\nsource deploy.sh\nbash deploy.sh\n./deploy.sh\n",
	"evals itself":        "x='eval \"$x\"; eval \"$x\"'\neval \"$x\"\n",
	"eval grows":          "x='x=\"$x;$x\"; eval \"$x\"'\neval \"$x\"\n",
	"sh -c nest":          "x='sh -c \"$x\"'\nexport x\nsh -c \"$x\"\n",
	"trap in trap":        "trap 'trap \"exit\" EXIT; exit' EXIT\nexit\n",
	"bad utf-8":           "mkdir /srv/\xff\xfe\necho '\xc3\x28' > /etc/\x80\n",
	"only cr":             "mkdir /srv/a\rmkdir /srv/b\r",
	"empty":               "",
	"no newline":          "mkdir /srv/a",
	"open heredoc":        "cat <<EOF > /etc/a\nbody\n",
	"many heredocs":       strings.Repeat("cat <<A > /etc/a\n$x\nA\n", 5_000),
	"deep path":           "mkdir -p " + strings.Repeat("/a", 50_000) + "\ncd " + strings.Repeat("../", 50_000) + "\n",
	"deep chain":          strings.Repeat("a || ", 5_000) + "b\n",
	"long pipe":           strings.Repeat("cat | ", 5_000) + "cat\n",
	"case corners":        "case $x in ([[:bad:]]*|[!]|[a-|'['|\\) ) mkdir /a;; *) mkdir /b;; esac\n[[ x =~ ( ]]; [[ x =~ [ ]]; [[ a == [ ]]\n",
	"pattern blowup":      "x=" + strings.Repeat("a", 5_000) + "\ncase $x in " + strings.Repeat("*a", 50) + "b) mkdir /a;; esac\n",
	"regexp blowup":       "x=" + strings.Repeat("a", 5_000) + "\n[[ $x =~ ^(a+)+$ ]]\ny=$(echo $x | sed -E 's/(a{1,1000}){1,1000}/b/')\n",
	"links in a circle":   "ln -s /a/b /a/c\nln -s /a/c /a/b\ncat /a/b/x\nmkdir /a/b/y\nln -s . /d/e\ncd /d/e/e/e/e/e/e/e/e/e/e/e\nmkdir x\n",
	"moves into itself":   "mkdir -p /a/b; touch /a/b/c; mv /a /a/b; cp -r /a /a/b; " + strings.Repeat("cp -r /a /a/b/c;", 50) + "rsync -a /a/ /a/b/\n",
	"copies double":       "mkdir /a; touch /a/x\n" + strings.Repeat("cp -r /a /a/b; mv /a/b /c; cp -r /c /a/d; rm -rf /c\n", 40),
	"tar of itself":       strings.Repeat("tar czf /a/x.tgz /a; tar xzf /a/x.tgz -C /a/b\n", 60),
	"archive doubles":     "mkdir /a; touch /a/x\n" + strings.Repeat("tar cf /t.tar /a; mkdir /a/b$i; tar xf /t.tar -C /a/b; tar xf /t.tar -C /a/c\n", 30),
	"chown of many":       strings.Repeat("touch /a/$RANDOM; chown -R x /a\n", 3_000),
	"globs":               "for f in */*/*/*/*/*/*/*; do cp $f /srv/$f; done\nls **/**/**/**/*\n",
	"names":               "export '=x' ''=y; declare -A m; m['']=1; m[$x]=2; echo ${m[@]} ${!m[@]} ${!x} ${!x*} ${x@Q} ${#m[@]} ${x:1:-1} ${x: -5} ${@:2} ${@:0:-3}; unset m[0] 'a[0]' ''; readonly ''; local x; shift 5; shift -1; shift x; break 5; continue 0; return; exit abc\n",
}

// wideCalls is a chain of functions that each call the next twice.
func wideCalls(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "f%d() { f%d a; f%d b; }\n", i, i+1, i+1)
	}
	fmt.Fprintf(&b, "f%d() { mkdir -p /srv/$1; }\nf0\n", n)
	return b.String()
}

// maxHeap is the memory, in bytes, that one script may take: the target of the
// engine for any input is 50 MB at a time; what the tests measure is all that
// was allocated and not yet collected.
const maxHeap = 512 << 20

func TestHostile(t *testing.T) {
	for name, text := range hostile {
		t.Run(name, func(t *testing.T) {
			m, res := runText(t, text, Options{})
			m.Statements()
			if len(m.Host.Log) > DefaultSteps*4 {
				t.Errorf("%d effects", len(m.Host.Log))
			}
			_ = res
			var s runtime.MemStats
			runtime.ReadMemStats(&s)
			if s.HeapInuse > maxHeap {
				t.Errorf("%d MB in use", s.HeapInuse>>20)
			}
		})
	}
}

func TestTooLarge(t *testing.T) {
	m := New(host.New(mapRepo{"deploy.sh": &fstest.MapFile{Data: bytes.Repeat([]byte("true\n"), 20<<20)}}, ""))
	if _, err := m.Run(Options{Script: "deploy.sh", Run: 1}); err == nil || !strings.Contains(err.Error(), "too many for a script") {
		t.Errorf("a script of 100 MB: %v", err)
	}
}

func TestNotShell(t *testing.T) {
	for _, text := range []string{"#!/usr/bin/python3\nprint(1)\n", "#!/usr/bin/env node\n", "\x7fELF\x02\x01\x01\x00\x00\x00", "mkdir /srv/a\x00b\n"} {
		m := New(host.New(script(text), ""))
		if _, err := m.Run(Options{Script: "deploy.sh", Run: 1}); !errors.Is(err, ErrNotShell) {
			t.Errorf("%.20q: %v", text, err)
		}
	}
}
