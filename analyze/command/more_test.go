package command

import (
	"strings"
	"testing"
)

// moreExamples are command lines as deployment scripts have them, replayed like
// the examples of the models. Lines that one "&&" joins run in order.
var moreExamples = []string{
	// files
	"mkdir -pv a/b/c && mkdir -m 700 secret",
	"install -d -m 2750 -o daemon -g bin var/a var/b",
	"install -m 600 one.txt two.txt tree",
	"install -o daemon -g daemon -m 0644 -t etc one.txt",
	"install -D one.txt -t new/dir",
	"cp one.txt two.txt",
	"cp -p two.txt kept.txt",
	"cp -r tree/. etc/",
	"cp -r tree etc",
	"cp -rT tree etc",
	"cp -n one.txt two.txt || true",
	"cp --parents tree/sub/b.sh etc",
	"cp -al tree hard",
	"cp -s /ex/one.txt soft",
	"cp one.txt one.txt.bak",
	"cp -t etc one.txt two.txt",
	"mv two.txt etc/",
	"mv tree etc",
	"mv one.txt two.txt",
	"ln -s ../one.txt etc",
	"ln -s one.txt l && ln -sf two.txt l",
	"ln -sr tree/sub/b.sh etc/run",
	"ln one.txt hard.txt",
	"ln -s tree current && ln -sfn etc current",
	"ln -s tree current && cp one.txt current/",
	"touch -c absent && touch -d yesterday one.txt",
	"truncate -s 10 one.txt",
	"chmod +x one.txt two.txt",
	"chmod -x tree/sub/b.sh",
	"chmod u+s,g-w,o= one.txt",
	"chmod 2775 tree && mkdir tree/under",
	"chmod --reference=two.txt one.txt",
	"chown daemon: one.txt && chown :adm two.txt",
	"chown -R 33:33 tree",
	"chown -h daemon one.txt",
	"rm -f one.txt two.txt absent",
	"rm -rf tree && mkdir tree",
	"rmdir gone/below gone",
	// text into files
	"echo hi | tee out.txt > /dev/null",
	"echo more | tee -a one.txt",
	"cat one.txt two.txt > all.txt",
	"cat tmpl.conf | envsubst > out.conf",
	"sed 's/local/remote/' app.ini > new.ini",
	"sed -i '/^port/s/5432/6432/;1d' app.ini",
	"sed -i '$a extra = 1' app.ini",
	"sed -i '/host/a\\after' app.ini",
	"sed -i -E 's/^(host) = (.*)$/\\1: \"\\2\"/' app.ini",
	"sed -n '/host/,/port/p' app.ini",
	"sed -n '2p' words",
	"sed -e 's/b/X/2' -e 's#a#/#g' words",
	"sed '1!d' words",
	"sed 's/\\(.*\\) \\(.*\\)/\\2 \\1/' words",
	"sed 's/[^0-9]*//g;s/^/n/' words",
	"sed '/^$/d;s/ *$//' words",
	"sed '2,3d' words",
	"sed 's/a\\|b/&&/' words",
	"sed -e 'y/abc/xyz/' words",
	"sed '2i inserted' words",
	"sed '/b/c changed' words",
	"sed '$!d' words",
	"sed '/a/!{s/ /_/}' words",
	// filters
	"awk '{print $2}' words",
	"awk -F= '/host/ {print $2}' app.ini",
	"awk 'NR==2{print $1; exit}' words",
	"awk '$2 > 1 {print $1 \"=\" $2}' words",
	"awk '{print $NF}' words",
	"awk '$1 == \"a\"' words",
	"awk '{print NF, NR}' words",
	"cut -d= -f1 app.ini",
	"cut -c1-2 words",
	"cut -f 2- -d ' ' words",
	"head -1 words",
	"head -c 3 words",
	"head -n -1 words",
	"tail -1 words",
	"tail -n 2 words",
	"tail -c 2 words",
	"sort -r words",
	"sort -n words",
	"printf '1.10\\n1.9\\n' | sort -V",
	"sort -u words -o sorted",
	"sort words | uniq -c",
	"sort words | uniq -u",
	"wc -w < words",
	"wc -c one.txt",
	"tr -d ' \\n' < words",
	"tr -s 'a-c' < words",
	"tr -cd '0-9' < words",
	"tr '[:lower:]' '[:upper:]' < words",
	"tr ' ' '\\n' < words",
	"grep -c b words",
	"grep -v b words",
	"grep -q host app.ini",
	"grep -q absent app.ini",
	"grep -oE '[0-9]+' app.ini",
	"grep -i HOST app.ini",
	"grep -Fx 'a 1' words",
	"grep -w a words",
	"grep '^port = \\([0-9]*\\)$' app.ini",
	"echo aGk= | base64 -d",
	"md5sum one.txt",
	"sha512sum < one.txt",
	"jq -n 1",
	"printf '{\"a\":{\"b\":[1,\"x\"]}}' | jq -r '.a.b[1]'",
	"printf '{\"version\":\"1.2\"}' | jq .version",
	// names
	"basename -s .txt one.txt two.txt",
	"basename /a/b/",
	"dirname /a/b/c /a b",
	"readlink -f tree/../one.txt",
	"ls -d tree",
	"ls absent",
	"stat -c %a one.txt",
	"seq 3",
	"seq -s, 1 3",
	"expr 2 '*' 3",
	"expr 1 - 1",
	"id -un",
	"id -u nobody-at-all",
	"getent passwd root",
	"getent passwd nobody-at-all",
	"date +%F",
	"uname",
	// find, xargs
	"find tree -type f -name '*.sh'",
	"find tree -mindepth 1 -maxdepth 1 | sort",
	"find tree -type d -exec chmod 750 {} \\;",
	"find tree -type f -exec chmod 640 {} +",
	"find tree -name '*.txt' -delete",
	"find . -name '*.txt' ! -path './tree/*' | sort",
	"find tree -type f -print0 | xargs -0 chmod 600",
	"find tree -type f -name b.sh | xargs rm -f",
	"find tree -name sub -prune -o -type f -print",
	"find tree -type f -exec cp {} etc \\;",
	"printf 'one.txt\\ntwo.txt\\n' | xargs -I % cp % etc/%.new",
	"echo a b c | xargs -n 2 echo",
	"printf '' | xargs -r touch never",
	// archives and transfers
	"tar czf t.tgz tree && tar xzf t.tgz -C etc",
	"tar cf - -C tree a.txt sub | tar xf - -C etc",
	"tar -czf t.tgz --exclude=sub tree && mkdir x && tar -xvzf t.tgz -C x --strip-components=1",
	"tar cfz t.tgz one.txt two.txt && rm one.txt && tar xfz t.tgz",
	"tar -C tree -cf t.tar . && tar -xf t.tar -C etc ./a.txt",
	"zip -q z.zip one.txt && unzip -q -d etc z.zip",
	"zip -qr z.zip tree -x '*.sh' && mkdir u && unzip -qj z.zip -d u",
	"gzip -c one.txt > one.gz",
	"gzip -9 one.txt && gunzip -k one.txt.gz",
	"rsync -a tree etc",
	"rsync -rl tree/ etc",
	"rsync -a --delete --exclude='*.sh' tree/ etc/",
	"rsync -a --include='*/' --include='*.sh' --exclude='*' tree/ etc/",
	"rsync -a --chown=daemon:bin tree/ etc/",
	"rsync one.txt two.txt etc/",
	"rsync -aR tree/sub/b.sh etc/",
	// wrappers
	"env -i FOO=1 touch made",
	"nice touch made",
	"timeout 5 cp one.txt etc",
	"su - root -c 'touch /ex/made'",
	"echo 'touch made' | bash -s",
	"printf 'touch made' | sh",
	"flock app.lock -c 'touch made'",
	"flock -n app.lock sh -c 'touch made'",
	"openssl genrsa -out k.pem 2048",
	"openssl req -newkey rsa:2048 -nodes -subj /CN=x -keyout k.pem -out r.csr",
}

// modelOf is the model of the last command of a line.
func modelOf(line string) *Model {
	if i := strings.LastIndex(line, "&& "); i >= 0 {
		line = line[i+3:]
	}
	if i := strings.LastIndex(line, " | "); i >= 0 && !strings.Contains(line[i:], "'") {
		line = line[i+3:]
	}
	return Lookup(strings.Fields(line)[0])
}

// replayMore runs in the namespace of TestExamples.
func replayMore(t *testing.T, r *replay) {
	for _, line := range moreExamples {
		m := modelOf(line)
		if m == nil {
			m = &Model{Name: strings.Fields(line)[0], Kind: Changed}
		}
		one := *m
		one.Example = line
		t.Run(line, func(t *testing.T) { r.example(t, &one, nil) })
	}
}
