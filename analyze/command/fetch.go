package command

import (
	"path"
	"strings"

	"github.com/nativize/nativize/analyze/host"
	"github.com/nativize/nativize/analyze/lazyregexp"
	"github.com/nativize/nativize/analyze/value"
)

// fetching are the commands that download, and those that verify signatures.
var fetching = []*Model{
	{Name: "curl", Flags: "0123456aA:b:Bc:C:d:D:e:E:fF:gGh?H:iIjJkK:lLm:MnNo:OpP:qQ:r:RsSt:T:u:U:vVw:x:X:y:Y:z:Z# --abstract-unix-socket: --anyauth --append=a --basic --cacert: --capath: --cert=E: " +
		"--cert-type: --ciphers: --compressed --config=K: --connect-timeout: --connect-to: --continue-at=C: --cookie=b: --cookie-jar=c: --create-dirs --crlf --data=d: --data-ascii=d: " +
		"--data-binary=d: --data-raw=d: --data-urlencode=d: --json=d: --digest --dump-header=D: --fail=f --fail-with-body=f --fail-early --form=F: --form-string=F: --ftp-create-dirs " +
		"--get=G --globoff=g --head=I --header=H: --help? --http1.0=0 --http1.1 --http2 --http2-prior-knowledge --http3 --include=i --insecure=k --interface: --ipv4=4 --ipv6=6 --key: " +
		"--limit-rate: --location=L --location-trusted=L --max-filesize: --max-redirs: --max-time=m: --negotiate --netrc=n --netrc-file: --netrc-optional --no-buffer=N --no-keepalive " +
		"--no-progress-meter --no-sessionid --noproxy: --ntlm --oauth2-bearer: --output=o: --output-dir: --parallel=Z --pass: --post301 --post302 --progress-bar=# --proto: " +
		"--proto-default: --proto-redir: --proxy=x: --proxy-user=U: --proxy-header: --range=r: --referer=e: --remote-header-name=J --remote-name=O --remote-name-all --remote-time=R " +
		"--request=X: --request-target: --resolve: --retry: --retry-all-errors --retry-connrefused --retry-delay: --retry-max-time: --show-error=S --silent=s --speed-limit=Y: --speed-time=y: " +
		"--ssl --ssl-reqd --stderr: --tcp-nodelay --time-cond=z: --tls-max: --tlsv1 --tlsv1.0 --tlsv1.1 --tlsv1.2 --tlsv1.3 --trace: --trace-ascii: --upload-file=T: --url: --use-ascii=B " +
		"--user=u: --user-agent=A: --unix-socket: --verbose=v --version=V --write-out=w: --aws-sigv4: --ssl-no-revoke --path-as-is --keepalive-time: --doh-url: --dns-servers: --xattr --no-clobber --variable: --expand-url:",
		Kind: Mechanics, Man: "curl(1)", Doc: "downloads to a file or standard output; sends data; the URL stays with what it prints", Run: curl},
	{Name: "wget", Flags: "VhbdqvFi:B:t:O:cSN:T:w:Q:4 6nP:xrl:kKmpA:R:D:HLI:X:Ee:o:a:U:n:j --version=V --help=h --background=b --execute=e: --output-file=o: --append-output=a: --debug=d " +
		"--quiet=q --verbose=v --no-verbose --report-speed: --input-file=i: --force-html=F --base=B: --config: --tries=t: --retry-connrefused --retry-on-http-error: --output-document=O: " +
		"--no-clobber --no-netrc --continue=c --start-pos: --progress: --show-progress --timestamping=Z --no-if-modified-since --no-use-server-timestamps --server-response=S --spider " +
		"--timeout=T: --dns-timeout: --connect-timeout: --read-timeout: --wait=w: --waitretry: --random-wait --no-proxy --quota=Q: --bind-address: --limit-rate: --no-dns-cache " +
		"--restrict-file-names: --inet4-only=4 --inet6-only=6 --prefer-family: --user: --password: --ask-password --no-directories --force-directories=x --no-host-directories " +
		"--directory-prefix=P: --cut-dirs: --default-page: --adjust-extension=E --http-user: --http-password: --no-cache --no-cookies --load-cookies: --save-cookies: --keep-session-cookies " +
		"--header: --compression: --max-redirect: --proxy-user: --proxy-password: --referer: --save-headers --user-agent=U: --no-http-keep-alive --post-data: --post-file: --method: " +
		"--body-data: --body-file: --content-disposition --content-on-error --trust-server-names --auth-no-challenge --secure-protocol: --https-only --no-check-certificate --certificate: " +
		"--ca-certificate: --ca-directory: --private-key: --no-hsts --recursive=r --level=l: --convert-links=k --mirror=m --page-requisites=p --accept=A: --reject=R: --domains=D: " +
		"--span-hosts=H --no-parent --relative=L --include-directories=I: --exclude-directories=X: --no-verbose --no-config --no-glob --unlink --ciphers: --rejected-log:",
		Kind: Mechanics, Man: "wget(1)", Doc: "downloads to a file or standard output", Run: wget},
	{Name: "aria2c", Flags: "d:o:s:x:k:j:i:l:c -any --dir=d: --out=o: --split=s: --checksum: --header: --max-connection-per-server=x:", Kind: Mechanics, Man: "aria2c(1)", Doc: "downloads to a file", Run: aria2},
	{Name: "http", Alias: []string{"https", "xh", "httpie"}, Flags: "o:a:dhbvjf -any --output=o: --auth=a: --download=d", Kind: Mechanics, Man: "HTTPie documentation", Doc: "sends a request", Run: httpie},
	{Name: "fetch", Alias: []string{"axel", "lynx", "links", "w3m", "youtube-dl", "yt-dlp"}, Flags: "o:n:aqvmd -any --output=o:", Kind: Mechanics, Man: "fetch(1) of FreeBSD and others", Doc: "downloads to a file", Run: aria2},
	{Name: "gpg", Alias: []string{"gpg2"}, Flags: "-any aesbcdkKo:r:u:hqvn --armor=a --encrypt=e --sign=s --detach-sign=b --symmetric=c --decrypt=d --output=o: --recipient=r: --local-user=u: --homedir: --keyring: " +
		"--keyserver: --primary-keyring: --secret-keyring: --trustdb-name: --passphrase: --passphrase-file: --passphrase-fd: --status-fd: --pinentry-mode: --trust-model: --options: --default-key: --cipher-algo: --digest-algo: --compress-algo: --keyserver-options: --batch --yes --no-tty --quiet=q --with-colons --no-default-keyring",
		Kind: Mechanics, Man: "gpg(1)", Doc: "verifies, imports keys, converts and decrypts files", Run: gpg},
	{Name: "gpgv", Alias: []string{"cosign", "minisign", "signify", "gpgconf", "gpg-agent"}, Flags: "-any --keyring: o:p:P:x:m:", Kind: Mechanics, Man: "gpgv(1) and others", Doc: "verifies a signature", Run: verifies},
}

// download records a download. What a forge serves of the repository itself has
// the content of the file there. A file of the machine gets the content, else
// the output is a hole that knows its address. Args say how the tool was told to
// fail and to trust.
func (c *Call) download(url, to value.Value, args []string) {
	text := url.String()
	k := &host.Content{Kind: host.Fetched, URL: text, At: c.At}
	if local := c.localFile(url); local != nil {
		k = local
	} else if own := c.H.OwnContent(text, c.At); own != nil {
		k = own
	}
	e := &host.Effect{Op: host.Fetch, URL: text, Content: k, Kind: host.Regular, What: Line(c.Argv), Args: args}
	c.Outcome = Mechanics
	if to.IsEmpty() == value.Yes {
		h := value.NewHole(value.Net, "download", c.At)
		h.Ref = text
		c.Out, c.Content = value.Of(h), k
		c.Record(e)
		return
	}
	if to.Is("/dev/null") {
		c.Out = value.Value{}
		return
	}
	e.Path, e.Val = c.Path(to), c.abs(to)
	c.silent(func() { c.Write(to, k, false) })
	c.Record(e)
}

// localFile is the content of the file of this machine that a file: address
// names, nil when it is none or nothing is known of it.
func (c *Call) localFile(url value.Value) *host.Content {
	text, ok := url.Exact()
	if !ok {
		return nil
	}
	p, ok := strings.CutPrefix(text, "file://")
	if !ok || !strings.HasPrefix(p, "/") {
		return nil
	}
	_, n := c.H.Follow(c.Where, p)
	if n.Presence == value.No {
		return nil
	}
	return n.Content
}

var addressLookup = lazyregexp.New(`(?i)(ipify|icanhazip|ifconfig\.(me|co|io)|ipinfo|checkip|ident\.me|wtfismyip|myip|ip-api|ipecho|whatismyip|ip\.sb|169\.254\.169\.254|metadata\.google|dyndns|ip\.gs|api\.ip)`)

// isProbe tells whether a request goes to this machine, or asks for its address:
// it is no download.
func isProbe(url string) bool {
	u := url
	if _, after, ok := strings.Cut(u, "://"); ok {
		u = after
	}
	for _, h := range []string{"localhost", "127.0.0.1", "0.0.0.0", "[::1]"} {
		if strings.HasPrefix(u, h) {
			return true
		}
	}
	return addressLookup.MatchString(u)
}

// probe is a request whose answer only tells something.
func (c *Call) probe() {
	c.Outcome = Mechanics
	h := value.NewHole(value.Net, "response", c.At)
	c.Out = value.Of(h)
	c.Status = Asks(value.Maybe, &Cond{Op: Other, Text: "the request succeeds"})
}

// urls are the operands and the values of --url.
func (c *Call) urls() []value.Value {
	return append(append([]value.Value(nil), c.Args...), c.All("url")...)
}

func curl(c *Call) {
	urls := c.urls()
	method := c.Text("X")
	if c.Has("V", "help", "h") || len(urls) == 0 && !c.Has("K") {
		c.asked("curl")
		return
	}
	sends := c.Has("d", "F", "T") && !c.Has("G") || method != "" && method != "GET" && method != "HEAD"
	outs, args := c.All("o"), c.downloadArgs("f", "k", "L")
	for i, u := range urls {
		var to value.Value
		switch {
		case i < len(outs):
			to = outs[i]
		case c.Has("O", "remote-name-all"):
			to = urlFile(u)
		}
		if d, ok := c.Flag("output-dir"); ok && to.IsEmpty() != value.Yes {
			to = join(d, to)
		}
		if to.Is("-") {
			to = value.Value{} // standard output
		}
		quiet := to.IsEmpty() == value.Yes || to.Is("/dev/null")
		switch {
		case sends:
			c.probe()
			c.Record(&host.Effect{Op: host.System, Name: "request", URL: u.String(), Action: method})
		case c.Has("I") || quiet && (isProbe(u.String()) || c.Has("w") || to.Is("/dev/null")):
			c.probe()
		default:
			c.download(u, to, args)
		}
	}
	if sends {
		c.Outcome = Mechanics
	}
}

// downloadArgs notes which of the options were given.
func (c *Call) downloadArgs(options ...string) []string {
	var out []string
	for _, o := range options {
		if c.Has(o) {
			out = append(out, map[string]string{"f": "fail", "k": "insecure", "no-check-certificate": "insecure", "L": "location"}[o])
		}
	}
	return out
}

// urlFile is the name that a download gets: the last element of the address
// without its query.
func urlFile(u value.Value) value.Value {
	return u.Map(func(s value.Str) value.Str {
		s = s.Split("?")[0]
		if t, ok := s.Exact(); ok {
			_, after, _ := strings.Cut(t, "://")
			if b := path.Base(after); strings.Contains(after, "/") && !strings.HasSuffix(after, "/") {
				return value.TextStr(b)
			}
			return value.TextStr("index.html")
		}
		return s.Base()
	})
}

// wget saves below -P under the name in the address; -O names the file.
func wget(c *Call) {
	if c.Has("V", "h") || len(c.Args) == 0 && !c.Has("i") {
		c.asked("wget")
		return
	}
	out, named := c.Flag("O")
	for _, u := range c.Args {
		to := urlFile(u)
		switch {
		case named && (out.Is("-") || out.Is("/dev/stdout")):
			to = value.Value{}
		case named:
			to = out
		default:
			if p, ok := c.Flag("P"); ok {
				to = join(p, to)
			}
		}
		quiet := to.IsEmpty() == value.Yes || to.Is("/dev/null")
		if c.Has("spider", "post-data", "post-file") || quiet && isProbe(u.String()) || to.Is("/dev/null") {
			c.probe()
			continue
		}
		if c.Has("r", "m") { // a tree of files below the host's name
			c.Record(&host.Effect{Op: host.Fetch, URL: u.String(), What: Line(c.Argv), Kind: host.Dir})
			continue
		}
		c.download(u, to, c.downloadArgs("no-check-certificate"))
	}
}

func aria2(c *Call) {
	if len(c.Args) == 0 || c.isHelp() {
		c.asked(c.Name)
		return
	}
	for _, u := range c.Args {
		to := urlFile(u)
		if o, ok := c.Flag("o"); ok {
			to = o
		}
		if d, ok := c.Flag("d"); ok && c.Name == "aria2c" {
			to = join(d, to)
		}
		if to.Is("-") || among("lynx links w3m", c.Name) {
			to = value.Value{}
		}
		c.download(u, to, nil)
	}
}

// httpie is [METHOD] URL [ITEM...].
func httpie(c *Call) {
	out, ok := c.Flag("o")
	for _, u := range c.Args {
		if s := u.String(); strings.Contains(s, "://") || strings.Contains(s, ".") {
			if ok {
				c.download(u, out, nil)
				return
			}
			break
		}
	}
	c.probe()
}

func verifies(c *Call) {
	c.Status = Status{Tri: value.Yes}
}

// gpg: what it prints comes from what it reads.
func gpg(c *Call) {
	out, toFile := c.Flag("o")
	switch {
	case c.Has("verify"):
		c.verified()
	case c.Has("dearmor", "enarmor", "d", "decrypt-files", "export", "e", "s", "b", "c", "clearsign", "clear-sign", "export-secret-keys"):
		k := c.content(c.Args)
		if c.Has("export", "export-secret-keys") || k == nil {
			k = &host.Content{Kind: host.Unknown, At: c.At}
		}
		if !toFile && c.Has("dearmor") && len(c.Args) > 0 {
			out, toFile = value.Concat(c.Args[0], value.Text(".gpg")), true
		}
		if toFile && !out.Is("-") {
			c.Write(out, k, false)
			c.Outcome = Changed
			return
		}
		c.Out, c.Content = c.Hole(value.Content, "gpg"), k
	case c.Has("import", "recv-keys", "recv", "receive-keys", "refresh-keys", "delete-keys", "delete-secret-keys", "gen-key", "generate-key", "full-generate-key", "quick-gen-key", "quick-generate-key", "fetch-keys", "import-ownertrust", "edit-key", "sign-key", "lsign-key"):
		if k, ok := c.Flag("keyring"); ok && c.Has("no-default-keyring") {
			c.Write(k, &host.Content{Kind: host.Fetched, At: c.At}, false)
		}
		e := c.setting("keyring")
		e.Action, e.URL = "", c.In.Net
	default:
		c.asked("gpg")
	}
}

// verified marks the downloads of the files that a signature covers.
func (c *Call) verified() {
	c.Outcome = Mechanics
	for _, v := range c.Args {
		c.markVerified(v)
		for _, suffix := range []string{".asc", ".sig", ".sign"} {
			c.markVerified(v.Trim(value.Text(suffix), true, false))
		}
	}
}
