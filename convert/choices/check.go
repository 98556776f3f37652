package choices

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/nativize/nativize/analyze/lazyregexp"
)

// A checker says what is wrong with a value, "" nothing.
type checker func(string) string

func oneOf(values ...string) checker {
	return func(s string) string {
		if slices.Contains(values, s) {
			return ""
		}
		return fmt.Sprintf("%q is none of %s", s, strings.Join(values, ", "))
	}
}

func matching(re, what string) checker {
	r := lazyregexp.New(re)
	return func(s string) string {
		if r.MatchString(s) {
			return ""
		}
		return fmt.Sprintf("%q is not %s", s, what)
	}
}

var (
	checkFormat  = oneOf("deb", "rpm", "apk", "archlinux", "ipk")
	checkUnit    = matching(`^[A-Za-z0-9:_.@\\-]+\.(service|timer|socket|path|target|mount|slice)$`, "a unit with its suffix, such as app.service")
	checkDigest  = matching(`^[0-9a-f]{64}$`, "a SHA-256 digest of 64 hexadecimal digits")
	checkAccount = matching(`^[a-z_][a-z0-9_-]{0,30}$`, "an account: lower-case letters, digits, _ and -, at most 31")
)

// check is what a value of a key must be.
func check(key string) checker {
	switch key {
	case "name":
		return matching(`^[a-z0-9][a-z0-9+.-]+$`, "a package name: lower-case letters, digits, +, - and ., at least two (Debian Policy 5.6.7)")
	case "version":
		return matching(`^(auto|[0-9][A-Za-z0-9.+~]*)$`, `a version without hyphen, such as 1.2.3, or "auto"`)
	case "maintainer":
		return matching(`^[^<>\x00-\x1f]+ <[^<>\s]+@[^<>\s]+>$`, `a maintainer: write "Name <address>"`)
	case "summary", "license", "environment":
		return matching(`^[^\x00-\x1f\x7f]+$`, "one line of text")
	case "arch":
		return oneOf("all", "amd64", "arm64", "armel", "armhf", "i386", "loong64", "mips64el", "ppc64el", "riscv64", "s390x")
	case "layout":
		return oneOf(Auto, Keep, FHS, Opt)
	case "migrations":
		return oneOf(Command, Postinst, Unit, Manual)
	case "account":
		return checkAccount
	case "code_dir", "old_dir":
		return checkDir
	}
	return func(string) string { return "" }
}

func checkDir(s string) string {
	if !strings.HasPrefix(s, "/") || s == "/" || path.Clean(s) != s || strings.ContainsAny(s, " \t\"'`$\\*?[;|&<>(){}%\x7f\n") {
		return fmt.Sprintf("%q is not an absolute, clean path without white space or signs of the shell", s)
	}
	return ""
}

func checkEtc(s string) string {
	if why := checkDir(s); why != "" || !strings.HasPrefix(s, "/etc/") {
		return fmt.Sprintf("%q is not a path below /etc", s)
	}
	return ""
}

func checkPattern(s string) string {
	if _, err := path.Match(s, ""); err != nil || s == "" {
		return fmt.Sprintf("%q is not a pattern: use *, ? and [...]", s)
	}
	return ""
}
