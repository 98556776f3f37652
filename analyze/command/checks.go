package command

import (
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/hex"
	"strings"

	"github.com/nativize/nativize/analyze/host"
	"github.com/nativize/nativize/analyze/value"
)

// checks compute and compare checksums, and make keys and certificates.
var checks = []*Model{
	{Name: "sha256sum", Alias: []string{"md5sum", "sha1sum", "sha224sum", "sha384sum", "sha512sum", "b2sum", "cksum", "shasum", "sum", "b3sum"},
		Flags: "bcstwza:pl: --binary=b --check=c --ignore-missing --quiet --status --strict=s --tag --text=t --warn=w --zero=z --algorithm=a: --length=l:", Kind: Pure, Man: "sha256sum(1)",
		Doc: "sums of known text; -c verifies downloads", Example: "sha256sum one.txt copy.txt", Run: checksum},
	{Name: "openssl", Flags: "-single -any --in: --out: --keyout: --key: --subj: --days: --newkey: --config: --extensions: --extfile: --inkey: --CA: --CAkey: --CAserial: --certfile: --passin: --passout: --pass: --name: --connect: --servername: --addext: --algorithm: --pkeyopt: --curve: --set_serial: " +
		"-signkey: --sign: --verify: --signature: --k: --K: --iv: --md: --kfile: --checkend: --export --x509 --nodes --noout --text --base64 --hex --sha256 --a --d --e --salt --pbkdf2 --new --batch --CAcreateserial --req --outform: --inform: --pubout --aes-256-cbc --CApath: --CAfile: --untrusted:",
		Kind: Pure, Man: "openssl(1)", Doc: "random text, digests, keys, requests, certificates",
		Example: "openssl req -x509 -newkey rsa:2048 -nodes -keyout key.pem -out cert.pem -days 2 -subj /CN=x", Run: openssl},
	{Name: "htpasswd", Flags: "bBcC:dDhimnpr:s5v", Kind: Changed, Man: "htpasswd(1)", Doc: "writes a file of passwords", Run: htpasswd},
	{Name: "mkcert", Flags: "-single -any --cert-file: --key-file: --p12-file:", Kind: Changed, Man: "mkcert", Doc: "makes a certificate", Run: mkcert},
}

var sums = map[string]func([]byte) string{
	"md5sum":    func(b []byte) string { s := md5.Sum(b); return hex.EncodeToString(s[:]) },
	"sha1sum":   func(b []byte) string { s := sha1.Sum(b); return hex.EncodeToString(s[:]) },
	"sha224sum": func(b []byte) string { s := sha256.Sum224(b); return hex.EncodeToString(s[:]) },
	"sha256sum": func(b []byte) string { s := sha256.Sum256(b); return hex.EncodeToString(s[:]) },
	"sha384sum": func(b []byte) string { s := sha512.Sum384(b); return hex.EncodeToString(s[:]) },
	"sha512sum": func(b []byte) string { s := sha512.Sum512(b); return hex.EncodeToString(s[:]) },
}

// checksum: with -c the files that the list names were verified.
func checksum(c *Call) {
	if c.Has("c") {
		c.Outcome = Mechanics
		c.verifies()
		return
	}
	f := sums[c.Name]
	files := c.Args
	if len(files) == 0 {
		files = []value.Value{value.Text("-")}
	}
	var out value.Value
	for _, v := range files {
		text, ok := c.read(v)
		s, exact := text.Exact()
		sum := c.Hole(value.Content, c.Name)
		if ok && exact && f != nil && len(c.Opts) == 0 {
			sum = value.Text(f([]byte(s)))
		}
		out = value.Concat(out, value.Concat(value.Concat(sum, value.Text("  ")), value.Concat(v, value.Text("\n"))))
	}
	c.Out = out
}

// verifies marks the downloads that a list of checksums names. A list that is
// not known is taken for the list of what lies beside it under its own name.
func (c *Call) verifies() {
	text, ok := c.input(c.Args)
	if ok {
		for _, l := range text.Best().Split("\n") {
			words := l.Split(" ")
			name := words[len(words)-1]
			c.markVerified(value.FromStr(name).Trim(value.Text("*"), false, false))
		}
		return
	}
	for _, list := range c.Args {
		s := list.Best()
		for _, suffix := range []string{".sha256sum", ".sha512sum", ".sha256", ".sha512", ".sha1", ".md5", ".txt", ".sum"} {
			if strings.HasSuffix(s.Suffix(), suffix) {
				c.markVerified(list.Trim(value.Text(suffix), true, false))
				break
			}
		}
	}
}

func (c *Call) markVerified(v value.Value) {
	if v.IsEmpty() == value.Yes {
		return
	}
	p := c.Path(v)
	for _, e := range c.H.Log {
		if e.Op == host.Fetch && e.Machine == c.Where && e.Path == p {
			e.Verified = true
		}
	}
}

// openssl: options have one dash and may stand after operands.
func openssl(c *Call) {
	out, given := c.Flag("out")
	switch verb := c.Arg(0); {
	case verb == "req":
		c.opensslReq()
		return
	case given:
		c.Outcome = Changed
		if strings.HasPrefix(verb, "gen") {
			c.newKey(out, value.Value{})
			return
		}
		c.Write(out, &host.Content{Kind: host.Built, At: c.At}, false)
		if verb == "pkey" || verb == "rsa" || verb == "pkcs12" {
			c.Give(out, "", "", "0600")
		}
	case verb == "s_client" || verb == "verify" || c.Has("checkend"):
		c.Out = c.Hole(value.Net, "openssl")
		c.Status = Asks(value.Maybe, &Cond{Op: Other, Text: Line(c.Argv)})
	case verb == "rand":
		c.Out = c.Hole(value.Output, "RANDOM")
	default:
		c.Out = c.Hole(value.Output, "openssl_"+verb)
	}
}

// opensslReq: -keyout with -newkey or -new makes a key, -out a certificate with
// -x509, else a request.
func (c *Call) opensslReq() {
	if key, ok := c.Flag("keyout"); ok {
		c.Outcome = Changed
		c.newKey(key, value.Value{})
	}
	if out, ok := c.Flag("out"); ok {
		c.Outcome = Changed
		c.Write(out, &host.Content{Kind: host.Built, At: c.At}, false)
	} else {
		c.Out = c.Hole(value.Output, "openssl_req")
	}
}

// htpasswd: FILE USER [PASSWORD]; -c makes the file, -n prints.
func htpasswd(c *Call) {
	if c.Has("n") {
		c.Outcome, c.Out = Pure, c.Hole(value.Output, "htpasswd")
		return
	}
	if len(c.Args) < 2 {
		c.fails()
		return
	}
	text := value.Concat(c.Args[1], value.Concat(value.Text(":"), value.Concat(c.Hole(value.Output, "hash"), value.Text("\n"))))
	c.Write(c.Args[0], &host.Content{Kind: host.Literal, Text: text}, !c.Has("c"))
	if c.Has("b") && len(c.Args) > 2 && c.Args[2].Known() {
		c.Detail = "password on the command line"
	}
}

func mkcert(c *Call) {
	for _, name := range []string{"cert-file", "key-file", "p12-file"} {
		if v, ok := c.Flag(name); ok {
			c.Write(v, &host.Content{Kind: host.Built, At: c.At}, false)
		}
	}
}
