package pack

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"path"
	"slices"
	"strings"

	"github.com/nativize/nativize/analyze/lazyregexp"
)

// scanLimit is how much of a file is looked at for keys: they are small files.
const scanLimit = 1 << 20

// scan looks into every regular file: private keys and account databases are
// problems, ELF objects are noted.
func scan(ctx context.Context, items []*item, allow []string, ps *problems) error {
	buf := make([]byte, scanLimit)
	for _, it := range items {
		if err := ctx.Err(); err != nil {
			return err
		}
		if it.typ != "file" {
			continue
		}
		head, err := readHead(it, buf)
		if err != nil {
			return fmt.Errorf("read %q for %q: %w", it.file, it.path, err)
		}
		it.elf = elfOf(head)
		if slices.Contains(allow, it.path) {
			continue
		}
		if what := secretIn(it.path, head); what != "" {
			ps.add("", it, "holds %s; leave it out of the payload and have it made on the machine, or list the path as allowed", what)
		}
	}
	return nil
}

// sniffLimit is how much of a file tells whether it is text, as in git's
// buffer_is_binary.
const sniffLimit = 8000

// readHead returns the beginning of a file: of one with a NUL byte in it no
// more than that takes to see, since keys are text.
func readHead(it *item, buf []byte) ([]byte, error) {
	if it.file == "" {
		return it.data[:min(len(it.data), len(buf))], nil
	}
	r, err := it.open()
	if err != nil {
		return nil, err
	}
	defer r.Close()
	n, err := readUpTo(r, buf[:sniffLimit])
	if err != nil || n < sniffLimit || bytes.IndexByte(buf[:n], 0) >= 0 {
		return buf[:n], err
	}
	m, err := readUpTo(r, buf[n:])
	return buf[:n+m], err
}

// readUpTo is io.ReadFull without an error at the end of the file.
func readUpTo(r io.Reader, buf []byte) (int, error) {
	n, err := io.ReadFull(r, buf)
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		err = nil
	}
	return n, err
}

var (
	keyName     = lazyregexp.New(`^(id_(rsa|dsa|ecdsa|ed25519)(_sk)?|ssh_host_[a-z0-9]+_key|.*\.(ppk|p12|pfx|kdbx))$`)
	keyHeader   = lazyregexp.New(`(?m)^[ \t]*-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----[ \t]*\r?$`)
	passwdLine  = lazyregexp.New(`(?m)^root:[^:\n]*:0:0:[^:\n]*:[^:\n]*:`)
	shadowLine  = lazyregexp.New(`(?m)^[a-z_][a-z0-9_-]*:(?:\$[^:\n]+|[*!]+):[0-9]*:[0-9]*:[0-9]*:`)
	gshadowLine = lazyregexp.New(`(?m)^root:[*!]*:[^:\n]*:[^:\n]*$`)
)

// secretIn says what secret a file is, "" none. Certificates and public keys
// are none.
func secretIn(name string, head []byte) string {
	base := path.Base(name)
	switch {
	case keyName.MatchString(base):
		return "a private key, by its name"
	case privateKey(head):
		return "a private key"
	case strings.HasPrefix(base, "passwd") && passwdLine.Match(head):
		return "an account database (passwd)"
	case strings.HasPrefix(base, "shadow") && shadowLine.Match(head),
		strings.HasPrefix(base, "gshadow") && gshadowLine.Match(head):
		return "a password database (shadow)"
	case strings.HasSuffix(base, ".pem") && !bytes.Contains(head, []byte("-----BEGIN ")):
		return "something else than PEM below a name for keys"
	}
	return ""
}

// privateKey reports whether head has a PEM private key: the header line with
// base64 after it. A program that merely names the header is none.
func privateKey(head []byte) bool {
	if bytes.HasPrefix(head, []byte("PuTTY-User-Key-File-")) {
		return true
	}
	if !bytes.Contains(head, []byte("PRIVATE KEY")) {
		return false
	}
	for _, at := range keyHeader.FindAllIndex(head, -1) {
		if keyBody(head[at[1]:]) {
			return true
		}
	}
	return false
}

// keyBody reports whether base64 of a key follows: 48 characters at least,
// after headers such as Proc-Type (RFC 1421) and an empty line.
func keyBody(text []byte) bool {
	var body []byte
	for line := range bytes.Lines(text[:min(len(text), 8192)]) {
		line = bytes.TrimSpace(line)
		if len(line) == 0 || bytes.Contains(line, []byte(": ")) {
			continue
		}
		if bytes.HasPrefix(line, []byte("-----")) || bytes.HasPrefix(line, []byte("=")) {
			break
		}
		body = append(body, line...)
		if len(body) >= 48 {
			break
		}
	}
	if len(body) < 32 {
		return false
	}
	_, err := base64.StdEncoding.DecodeString(string(body[:len(body)&^3]))
	return err == nil
}

// An elfKind is what the header of an ELF object says; the zero elfKind is that
// of a file which is none.
type elfKind struct {
	machine uint16 // e_machine
	class   byte   // 1 for 32 bits, 2 for 64
	little  bool
}

func (k elfKind) isELF() bool { return k.class != 0 }

// elfOf reads the machine out of an ELF header. Source: elf(5).
func elfOf(head []byte) elfKind {
	if len(head) < 20 || !bytes.HasPrefix(head, []byte("\x7fELF")) {
		return elfKind{}
	}
	k := elfKind{class: head[4], little: head[5] == 1}
	k.machine = binary.BigEndian.Uint16(head[18:])
	if k.little {
		k.machine = binary.LittleEndian.Uint16(head[18:])
	}
	return k
}

// elfArches gives each Debian architecture its objects. Sources: elf(5), dpkg's
// lib/dpkg/Shlibs/Objdump.
var elfArches = map[string]elfKind{
	"amd64":    {62, 2, true},
	"arm64":    {183, 2, true},
	"armel":    {40, 1, true},
	"armhf":    {40, 1, true},
	"i386":     {3, 1, true},
	"loong64":  {258, 2, true},
	"mips64el": {8, 2, true},
	"ppc64el":  {21, 2, true},
	"riscv64":  {243, 2, true},
	"s390x":    {22, 2, false},
}

// checkELF holds the objects of the payload against the architecture: none in a
// package for all, and at least one that fits in any other that has some.
// Bundles with objects for many machines (node's prebuilds) are common.
func checkELF(arch string, items []*item, ps *problems) {
	var foreign *item
	for _, it := range items {
		switch {
		case !it.elf.isELF():
		case arch == "all":
			ps.add("", it, "is a compiled object, but the package is for all architectures; set the architecture")
		case it.elf == elfArches[arch]:
			return
		case foreign == nil:
			foreign = it
		}
	}
	if foreign != nil {
		ps.add("", foreign, "is compiled for another machine than %s, as is every object of the payload", arch)
	}
}
