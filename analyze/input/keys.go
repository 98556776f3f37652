package input

import (
	"encoding/xml"
	"path"
	"strconv"
	"strings"

	"github.com/nativize/nativize/analyze/lazyregexp"
	"github.com/nativize/nativize/analyze/source"
)

// A Key is one setting of a configuration file, or of an environment.
type Key struct {
	Name     string // with sections and tables, joined by dots
	Value    string // as written; never to be printed when Secret is set
	Secret   bool   // its name says that it is a credential
	Blank    bool   // no value is given, or a placeholder such as "changeme"
	Comment  string // the comment above it, in a sample
	Disabled bool   // it is commented out
	At       source.Pos
}

// ConfigKeys lists the settings of ini, YAML, JSON, TOML and properties files
// by the names that configuration goes by. [Keys] reads any of them.
var ConfigKeys = &Kind{
	Name:   "config-keys",
	Doc:    "settings of ini, YAML, JSON, TOML, XML and properties files",
	Claims: claimsConfig,
	read:   func(r *reader) { r.out.Settings = append(r.out.Settings, r.keys()...) },
}

var configName = lazyregexp.New(`(?i)^(config|configuration|settings?|local|production|staging|database|secrets|credentials|application|app|appsettings|parameters|cable|mongoid|redis|sidekiq|puma|storage|mail|logging|log4j2?|logback|server|web|php|my|odoo|uwsgi|gunicorn|alembic)([._-][a-z0-9_.-]+)?$`)

func claimsConfig(p string, head []byte) bool {
	p = untemplate(p)
	base := path.Base(p)
	if strings.Contains(p, "node_modules/") || strings.Contains(p, "/test") || strings.HasPrefix(p, ".github/") {
		return false
	}
	switch path.Ext(base) {
	case ".ini", ".cnf", ".properties":
		return !programHeader.Match(head)
	case ".conf":
		if programHeader.Match(head) || nginxWord.Match(head) || apacheWord.Match(head) || upstartStanza.Match(head) {
			return false
		}
		stem := strings.TrimSuffix(base, ".conf")
		dir := path.Base(path.Dir(p))
		return configName.MatchString(stem) || dir == "config" || dir == "conf" || dir == "etc"
	case ".yml", ".yaml", ".json", ".toml", ".cfg", ".config":
		stem := strings.TrimSuffix(base, path.Ext(base))
		dir := path.Base(path.Dir(p))
		return configName.MatchString(stem) || dir == "config" || dir == "conf" || dir == "settings" || dir == "etc"
	}
	return false
}

// Keys lists the settings of a configuration file, by the form that its name
// shows: env, ini, properties, YAML, JSON, TOML or XML attributes. Keys of
// nested tables are joined by dots. Settings of other files are none.
func Keys(path string, data []byte) []Key {
	if len(data) > MaxSize {
		return nil
	}
	return newReader("keys", path, data).keys()
}

func (r *reader) keys() []Key {
	p := untemplate(r.path)
	switch ext := path.Ext(p); {
	case isEnvFile(r.path):
		return r.envKeys()
	case ext == ".yml" || ext == ".yaml":
		var out []Key
		for _, doc := range r.yaml() {
			out = r.treeKeys(out, "", doc, 0)
		}
		return out
	case ext == ".json" || ext == ".json5" || ext == ".jsonc":
		return r.treeKeys(nil, "", r.json(), 0)
	case ext == ".toml":
		return r.treeKeys(nil, "", r.toml(), 0)
	case ext == ".properties":
		return r.iniKeys(propertiesStyle)
	case ext == ".xml" || ext == ".config":
		return r.xmlKeys()
	case ext == ".ini" || ext == ".cfg" || ext == ".cnf" || ext == ".conf":
		return r.iniKeys(commonStyle)
	}
	return nil
}

// maxKeys bounds the settings of one file.
const maxKeys = 5000

func (r *reader) treeKeys(out []Key, prefix string, n *node, depth int) []Key {
	if n == nil || len(out) >= maxKeys || depth > maxYAMLDepth {
		return out
	}
	for _, e := range n.entries {
		name := e.key
		if prefix != "" {
			name = prefix + "." + e.key
		}
		if e.val != nil && e.val.kind == tableNode && len(e.val.entries) > 0 {
			out = r.treeKeys(out, name, e.val, depth+1)
			continue
		}
		out = append(out, r.key(name, e.val.text(), e.off))
		if e.val != nil && e.val.kind == listNode {
			for i, item := range e.val.items {
				out = r.treeKeys(out, name+"."+strconv.Itoa(i), item, depth+1)
			}
		}
	}
	if n.kind == listNode && prefix == "" {
		for i, item := range n.items {
			out = r.treeKeys(out, strconv.Itoa(i), item, depth+1)
		}
	}
	return out
}

func (r *reader) key(name, value string, off int) Key {
	return Key{Name: name, Value: value, Secret: looksSecret(name), Blank: isPlaceholder(value), At: r.pos(off)}
}

func (r *reader) iniKeys(style iniStyle) []Key {
	var out []Key
	for _, s := range r.ini(style) {
		for _, k := range s.keys {
			if len(out) >= maxKeys {
				return out
			}
			name := k.name
			if s.name != "" {
				name = s.name + "." + k.name
			}
			out = append(out, r.key(name, strings.Trim(k.val.s, `"'`), k.off))
		}
	}
	return out
}

// xmlKeys lists <add key="..." value="..."/> and <connectionStrings> of .NET,
// and otherwise elements that hold text alone.
func (r *reader) xmlKeys() []Key {
	var out []Key
	var stack []string
	dec := xml.NewDecoder(strings.NewReader(r.src))
	dec.Strict = false
	var textOf strings.Builder
	var start int64
	for len(out) < maxKeys && len(stack) < maxYAMLDepth {
		before := dec.InputOffset()
		tok, err := dec.RawToken()
		if err != nil {
			break
		}
		switch t := tok.(type) {
		case xml.StartElement:
			stack = append(stack, t.Name.Local)
			textOf.Reset()
			start = before
			if k, ok := xmlSetting(t); ok {
				out = append(out, r.key(k.Name, k.Value, int(before)))
			}
		case xml.CharData:
			textOf.Write(t)
		case xml.EndElement:
			if s := strings.TrimSpace(textOf.String()); s != "" && len(stack) > 1 {
				out = append(out, r.key(strings.Join(stack[1:], "."), s, int(start)))
			}
			textOf.Reset()
			stack = stack[:max(0, len(stack)-1)]
		}
	}
	return out
}

func xmlSetting(e xml.StartElement) (Key, bool) {
	var k Key
	for _, a := range e.Attr {
		switch strings.ToLower(a.Name.Local) {
		case "key", "name":
			k.Name = a.Value
		case "value", "connectionstring":
			k.Value = a.Value
		}
	}
	return k, k.Name != "" && k.Value != ""
}

// secretWords are the words of a key that make it a credential, by whole words.
var secretWords = map[string]bool{
	"password": true, "passwd": true, "pass": true, "pwd": true, "passphrase": true, "secret": true, "secrets": true,
	"token": true, "credential": true, "credentials": true, "apikey": true, "privatekey": true, "salt": true,
	"dsn": true, "secretkey": true, "authtoken": true, "accesskey": true, "dbpass": true, "dbpassword": true,
}

// secretPairs are pairs of neighbouring words that do.
var secretPairs = map[string]bool{
	"api key": true, "secret key": true, "private key": true, "access key": true, "encryption key": true,
	"app key": true, "auth key": true, "signing key": true, "master key": true, "license key": true, "client secret": true,
	"connection string": true, "database url": true, "redis url": true, "mongo url": true, "mongodb uri": true, "mongo uri": true, "database uri": true, "broker url": true, "session key": true, "webhook url": true,
}

// notSecret are last words that make the rest harmless.
var notSecret = map[string]bool{
	"file": true, "path": true, "length": true, "expiry": true, "expires": true, "ttl": true, "lifetime": true,
	"timeout": true, "reset": true, "policy": true, "enabled": true, "min": true, "max": true, "type": true, "algorithm": true, "field": true, "header": true, "name": true, "id": true, "rounds": true, "url": true, "endpoint": true, "issuer": true, "age": true, "days": true, "hours": true, "minutes": true, "seconds": true, "prefix": true, "required": true, "title": true, "label": true, "description": true, "hint": true, "text": true, "message": true, "help": true, "pattern": true, "regex": true, "complexity": true, "strength": true, "chars": true, "column": true, "table": true, "command": true, "cmd": true, "script": true, "service": true, "provider": true, "class": true,
}

// looksSecret tells whether the value of a key of that name is a credential.
func looksSecret(name string) bool {
	words := splitWords(name)
	if len(words) == 0 {
		return false
	}
	last := words[len(words)-1]
	if len(words) > 1 && secretPairs[words[len(words)-2]+" "+last] {
		return true
	}
	if len(words) > 1 && notSecret[last] {
		return false
	}
	for i, w := range words {
		if secretWords[w] || i > 0 && secretPairs[words[i-1]+" "+w] {
			return true
		}
	}
	return false
}

// LooksSecret tells whether the value of a setting of that name is likely a
// credential: DB_PASSWORD and apiKey are, PASSWORD_RESET_TTL is not.
func LooksSecret(name string) bool { return looksSecret(name) }

// splitWords splits snake_case, kebab-case, dotted and camelCase names into
// lower-case words.
func splitWords(name string) []string {
	var words []string
	start := 0
	flush := func(end int) {
		if end > start {
			words = append(words, strings.ToLower(name[start:end]))
		}
	}
	isUpper := func(c byte) bool { return c >= 'A' && c <= 'Z' }
	isLower := func(c byte) bool { return c >= 'a' && c <= 'z' }
	for i := 0; i < len(name); i++ {
		c := name[i]
		switch {
		case !isUpper(c) && !isLower(c) && (c < '0' || c > '9') && c < 0x80:
			flush(i)
			start = i + 1
		case i > start && isUpper(c) && isLower(name[i-1]),
			i > start && isUpper(c) && i+1 < len(name) && isLower(name[i+1]) && isUpper(name[i-1]):
			flush(i)
			start = i
		}
	}
	flush(len(name))
	return words
}

var placeholder = lazyregexp.New(`(?i)^(<[^>]*>|\[[^\]]*\]|\$\{?[A-Za-z_][A-Za-z0-9_]*\}?|\{\{.*\}\}|%[A-Za-z_()]+%?s?|x{3,}|\*{3,}|\.{3}|change[-_ ]?(me|this|it)!?|replace[-_ ]?(me|this|with.*)|todo|fixme|your.*|.*[-_ ]here|new[-_ ]?(password|secret|token)|my[-_ ]?(secret|password|token).*|null|none|secret|password|passwd|example.*|example|some[-_ ]?(secret|password|thing).*|insert.*here|put.*here|set[-_ ]?me|dummy|test|foo|bar)$`)

// isPlaceholder tells whether a value is none: empty, or one that a person
// must replace.
func isPlaceholder(value string) bool {
	v := strings.Trim(strings.TrimSpace(value), `"'`)
	return v == "" || placeholder.MatchString(v)
}

// IsPlaceholder tells whether a value is empty or one that a person must
// replace, such as "changeme", "<password>" or "${TOKEN}".
func IsPlaceholder(value string) bool { return isPlaceholder(value) }
