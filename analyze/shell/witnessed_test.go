package shell_test

// witnessed are scripts that the witness and the engine must agree on.
var witnessed = []string{
	"mkdir -p /srv/$1/{a,b}\nfor x in \"$@\"; do touch \"/srv/$x\"; done\n",
	"x=/srv/app.tar.gz\nmkdir ${x%.tar.gz} /n/${#x} /s/${x:1:3} /u/${x^^}\n",
	"f() { local d=$1; shift; mkdir \"/f/$d\" && for a; do echo $a > /f/$d/$a; done; }\nf one two three\n",
	"case $1 in web|app) mkdir /web;; *) mkdir /other;; esac\n[[ $2 == t* ]] && touch /t\n",
	"i=0\nwhile [ $i -lt 3 ]; do mkdir /i/$i; i=$((i + 1)); done\nuntil [ $i -eq 0 ]; do ((i--)); touch /d/$i; done\n",
	"a=(x 'y z')\na+=(w)\nfor e in \"${a[@]}\"; do mkdir \"/a/$e\"; done\nmkdir /a/${#a[@]} /l/${a[-1]}\n",
	"cat > /etc/a <<EOF\n$1\nEOF\nprintf '%s\\n' b >> /etc/b\n{ echo c; } > /etc/c 2> /etc/d\n",
	"while read -r k v; do touch \"/k/$k-$v\"; done <<EOF\na 1\nb 2 3\nEOF\n",
	"set -e\nif [ -f /etc/x ]; then mkdir /yes; else mkdir /no; fi\n[ -d /a ] || mkdir /a\ntrap 'rm -f /lock' EXIT\n",
	"x=$(echo one two | tr a-z A-Z)\nset -- $1 y z\nmkdir /p/$# /q/$3\nshift 2\nmkdir /r/$1 /s/${2:-none}\neval \"mkdir /e/$1\"\n",
	"g() { return 1; }\ng || mkdir /or\ng && mkdir /and\n! g && touch /not\n(x=1; mkdir /sub/$x)\nmkdir /after/${x:-unset}\n",
	"declare -A m=([a]=1)\nm[b]=2\nmkdir /m/${m[a]}${m[b]}\nfor ((j = 0; j < 2; j++)); do mkdir /j/$j; done\nn=m2; m2=v; mkdir /ref/${!n}\n",
	"while getopts '' o -0; do touch /0/$o; done\n",
	"while getopts ':a:' o -x -a; do touch /o/$o$OPTARG; done\n",
	"while getopts 'ab:' o -a -b val rest; do touch /o/$o${OPTARG:-}; done\n",
	"mkdir $7 /\n",
	"[ 0 || mkdir /unclosed\n[ 0 ] && mkdir /closed\n[ 0 '' ] || mkdir /left\n",
	"while getopts ':a:' o -x -a; do touch /lacks/$o$OPTARG; done; touch /end/$o${OPTARG-none}\n",
	"a=(x y)\na=z\na+=w\nmkdir /first/${a[0]} /last/${a[-1]} /n/${#a[@]}\ns=t\ns[1]=u\ntouch /s/${s[0]}/${s[-1]}\n",
	"a=(1 2 3)\nunset 'a[1]'\ntouch /all/${a[@]}\ndeclare -A m=([x]=1 [y]=2)\nunset 'm[x]'\ntouch /m/${m[y]}/${#m[@]}\n",
	"for i in {1..3}{a,b} x{{1..2},c}; do touch /brace/$i; done\n",
	"set -Z y z\ntouch /kept/$1\nset -e - \ntouch /kept/$2\nset - z\ntouch /given/$1\n",
	"IFS=:\nfor p in $(echo a:b:c) a:b; do mkdir \"/ifs/$p\"; done\n",
}

// deployed are fragments as deployments have them.
var deployed = []string{
	`set -euo pipefail
APP_DIR=${APP_DIR:-/srv/app}
RELEASE=$APP_DIR/releases/${1:?release}
mkdir -p "$RELEASE" "$APP_DIR/shared/"{log,config}
cp -r . "$RELEASE"
ln -sfn "$RELEASE" "$APP_DIR/current"
`, `if ! id -u app >/dev/null 2>&1; then useradd -r app; fi
install -d -o app -g app -m 0750 /var/lib/app /var/log/app
install -m 0644 -o root conf/app.conf /etc/app/app.conf
`, `log() { echo "[deploy] $*" >> /var/log/deploy.log; }
run() { log "$@"; "$@"; }
run mkdir /srv/run
run touch "/srv/run/$1"
`, `die() { echo "$1" >&2; exit 1; }
[ $# -ge 2 ] || die usage
[ -d /opt/none ] && die there
mkdir /opt/none
`, `usage() { cat <<EOF
usage: $0 name
EOF
exit 2; }
while getopts "hv:n" o web -v 3 -n; do
  case $o in
  h) usage;;
  v) version=$OPTARG;;
  n) dry=1;;
  esac
done
mkdir "/opt/app-$version${dry:+-dry}"
`, `while [ $# -gt 0 ]; do
  case "$1" in
  --prefix=*) prefix=${1#*=};;
  web) role=web;;
  *) rest="${rest:+$rest }$1";;
  esac
  shift
done
for r in $rest $role; do touch "/etc/app-$r"; done
touch "${prefix:-/usr/local}/x"
`, `cat > /etc/systemd/system/$1.service <<UNIT
[Service]
ExecStart=/opt/$1/run
UNIT
systemctl daemon-reload
systemctl enable --now $1
`, `cat <<'EOF' | tee /etc/nginx/sites-available/app >/dev/null
server { listen 80; }
EOF
ln -s /etc/nginx/sites-available/app /etc/nginx/sites-enabled/app
rm -f /etc/nginx/sites-enabled/default
`, `sed -i 's/^PORT=.*/PORT=80/' /etc/default/app
sed -i.bak -e "s|@DIR@|/srv/$1|g" /etc/app.conf
sed s/a/b/ in > /tmp/out
`, `tmp=$(mktemp -d)
trap 'rm -rf "$tmp" /run/app.lock' EXIT
touch /run/app.lock
tar -xzf app.tar.gz -C /opt/app
`, `mkdir -p /opt/x && tar xzf /tmp/x.tgz -C /opt/x
tar -xf y.tar -C "/opt/$2"
`, `rsync -a --delete ./build/ /var/www/html/app/
rsync -az conf /etc/app.d
`, `( cd /srv && mkdir sub && touch sub/a )
touch /after
( umask 077; printf '%s\n' secret > /etc/secret )
`, `cd /srv || exit 1
mkdir one
cd one
echo x > two
pushd /tmp
touch three
popd
touch four
`, `for d in bin etc var/{log,run}; do
  [ -d "/chroot/$d" ] || mkdir -p "/chroot/$d"
done
`, `files=(app.conf db.conf)
for i in "${!files[@]}"; do cp "${files[$i]}" "/etc/$i-${files[i]}"; done
for f in "${files[@]%.conf}"; do touch "/ini/$f"; done
`, `declare -A ports=([web]=80 [api]=81)
for k in "${!ports[@]}"; do echo "${ports[$k]}" > "/etc/port-$k"; done
`, `retry() { local n=0; until "$@"; do n=$((n + 1)); [ $n -ge 3 ] && return 1; done; }
retry mkdir /srv/retry
`, `main() { prepare; install_app "$@"; }
prepare() { PREFIX=/opt/main; mkdir "$PREFIX"; }
install_app() { for a; do touch "$PREFIX/$a"; done; }
main "$@"
`, `if [ "$1" = web ] && [ -z "${SKIP:-}" ]; then
  touch /web
elif [ "$1" = db ]; then
  touch /db
else
  touch /other
fi
`, `case "${1}-${2}" in
  web-o* ) touch /1;;
  web-t?o | x ) touch /2;;
  *) touch /3;;
esac
`, `x=a.b.c
mkdir /p/${x%%.*} /p/${x##*.} /p/${x/./_} /p/${x//./-} /p/${x:2} /p/${#x} /p/${y-unset} /p/${y:=set} /p/$y
`, `n=5
mkdir /n/$((n * 2 + 1)) /n/$((n > 3 ? 1 : 0)) /n/$(( (n & 4) | 1 ))
let n-=2
((n += 10))
touch /n/$n
`, `echo "a b
c d" | while read -r x y; do touch "/read/$x-$y"; done
printf '%s %s\n' 1 2 3 4 | while read -r a b; do mkdir "/pf/$a$b"; done
`, `read -r a b <<< "one two three"
mkdir "/hs/$a" "/hs/${b// /_}"
IFS=, read -ra list <<< "x,y,z"
for e in "${list[@]}"; do touch "/list/$e"; done
`, `set -- -f "$@"
mkdir "/args/$#" "/last/${!#}" "/all/$*"
shift
touch "/first/$1"
`, `cmd="mkdir -p"
$cmd /var/cmd
eval "touch /ev/\$1"
"${EDITOR:-touch}" /edited
`, `f() { local x=in; g; touch "/local/$x"; }
g() { x=changed; }
x=out
f
touch "/global/$x"
`, `set -e
false || mkdir /handled
if false; then touch /never; fi
! true || touch /neg
{ false; } || true
mkdir /last
false
touch /unreached
`, `export PATH=$PATH:/opt/bin
DIR=$(cd "$(dirname "$0")" && pwd)
BASE=$(basename /a/b/app.tar.gz .tar.gz)
mkdir "/opt/$BASE"
`, `chown -R app:app /srv/app /var/log/app
chmod -R u=rwX,g=rX,o= /srv/app
chmod +x "/srv/app/bin/$1"
mv /srv/app/new /srv/app/now
`, `for i in {1..3} {a..c}; do touch "/seq/$i"; done
for ((i = 3; i; i--)); do touch "/down/$i"; done
for f in /no/such/*.conf; do touch "/glob/${f##*/}"; done
`, `while [ "${i:-0}" -lt 9 ]; do
  i=$((${i:-0} + 1))
  [ "$i" -eq 2 ] && continue
  [ "$i" -gt 3 ] && break
  touch "/loop/$i"
done
`, `: > /var/log/empty
> /var/log/empty2
echo one >> /var/log/one
exec 3> /var/log/three
exec > /var/log/all
echo x
`, `[[ $1 =~ ^(w)(.*)$ ]] && mkdir "/re/${BASH_REMATCH[1]}" "/re/${BASH_REMATCH[2]}"
[[ -n $2 && ( $2 == two || $2 == 2 ) ]] && touch /cond
`, `f() { return 3; }
f
case $? in 3) touch /three;; *) touch /not;; esac
f || s=$?
touch "/status/$s"
`, `export APP=web
env DIR=/srv mkdir /env
APP=db sh -c 'true'
touch "/app/$APP"
unset APP
touch "/app/${APP-none}"
`, `truncate -s 0 /var/log/app.log
tee -a /etc/hosts < /dev/null
touch /a/{b,c{d,e}}/f "/g/{h,i}"
`,
}
