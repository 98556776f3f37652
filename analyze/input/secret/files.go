package secret

import (
	"path"
	"slices"
	"strings"

	"github.com/nativize/nativize/analyze/input"
	"github.com/nativize/nativize/analyze/lazyregexp"
)

// keyFile says what key a file holds by its name, "" none.
func keyFile(p string) string {
	base := strings.ToLower(path.Base(p))
	switch base {
	case "id_rsa", "id_dsa", "id_ecdsa", "id_ed25519":
		return "private key of ssh"
	case ".htpasswd", ".pgpass", ".my.cnf", ".netrc", "_netrc", ".git-credentials", ".vault_pass", ".vault_pass.txt", "master.key", "shadow":
		if base == "shadow" && !strings.HasSuffix(p, "etc/shadow") || base == "master.key" && !strings.HasSuffix(p, "config/master.key") {
			return ""
		}
		return "file of credentials"
	}
	switch path.Ext(base) {
	case ".p12", ".pfx", ".jks", ".keystore", ".ppk", ".kdbx":
		return "store of keys"
	case ".ovpn":
		return ""
	}
	return ""
}

// keyFile reports a file that holds keys by its nature, at its start.
func (f *finder) keyFile() {
	what := keyFile(f.path)
	if what == "" || len(f.data) == 0 || testPath.MatchString(f.path) || strings.TrimSpace(f.src) == "" {
		return
	}
	end := strings.IndexByte(f.src, '\n')
	if end <= 0 {
		end = len(f.src)
	}
	f.add("key-file", what, 0, end, false)
}

// privateKey matches the header of a key, with what follows on its line: a
// header alone, as in a program that looks for one, is no key.
var privateKey = lazyregexp.New(`-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----(?:\\n|\\r|[\s"'+|>,])*[A-Za-z0-9+/=:-]{16}`)

// settings looks at the settings of env files and configuration, and at keys.
func (f *finder) settings() {
	if strings.Contains(f.src, "PRIVATE KEY") {
		for _, m := range privateKey.FindAllStringIndex(f.src, 20) {
			if !testPath.MatchString(f.path) {
				f.add("private-key", "private key", m[0], m[1], false)
			}
		}
	}
	rule, ok := f.settingsRule()
	if !ok {
		return
	}
	for _, k := range input.Keys(f.path, f.data) {
		name := k.Name[strings.LastIndexByte(k.Name, '.')+1:]
		if !input.LooksSecret(name) || k.Disabled || k.Value == "" || !credential(name, k.Value) {
			continue
		}
		line := k.At.Line - 1
		if line < 0 || line >= len(f.starts) {
			continue
		}
		from := f.starts[line] + k.At.Col - 1
		i := valueAfter(f.src, from, k.Value)
		if i < 0 {
			continue
		}
		f.judge(rule, "value of "+name, k.Value, i, false)
	}
}

// valueAfter finds a value after its key, not far from it; -1 if it is not
// written there as it is.
func valueAfter(src string, from int, value string) int {
	if from < 0 || from >= len(src) {
		return -1
	}
	region := src[from:min(len(src), from+len(value)+500)]
	sep := strings.IndexAny(region, ":=>")
	if sep < 0 {
		return -1
	}
	if i := strings.Index(region[sep:], value); i >= 0 {
		return from + sep + i
	}
	return -1
}

// settingsRule is the rule for settings of the file, if it is one of
// configuration and not a sample.
func (f *finder) settingsRule() (string, bool) {
	if isSample(f.path) || testPath.MatchString(f.path) {
		return "", false
	}
	if input.EnvFile.Claims(f.path, nil) {
		return "env-secret", true
	}
	base := path.Base(f.path)
	if slices.Contains([]string{"package.json", "composer.json", "tsconfig.json", "manifest.json"}, base) || strings.Contains(f.path, ".github/") {
		return "", false
	}
	if input.ConfigKeys.Claims(f.path, nil) || input.Compose.Claims(f.path, nil) {
		return "config-secret", true
	}
	return "", false
}

// isSample tells whether a file is copied and then edited: what it holds is
// no credential.
func isSample(p string) bool {
	_, ok := input.IsSample(p)
	return ok
}
