package source

import (
	"bytes"

	"github.com/nativize/nativize/analyze/lazyregexp"
)

var multipart = lazyregexp.New(`(?i)^(?:mime-version:[^\n]*\n)?content-type:[ \t]*multipart/`)

// IsUserData tells by its beginning whether a file is user data of cloud-init
// other than a mere script, whatever its name is: an archive of parts or
// cloud-config (docs.cloud-init.io, User data formats).
func IsUserData(head []byte) bool {
	if len(head) == 0 {
		return false
	}
	first := head[0] | 0x20
	return IsCloudConfig(head) || (first == 'c' || first == 'm') && multipart.Match(head)
}

// IsCloudConfig tells whether a text begins as cloud-config does.
func IsCloudConfig(text []byte) bool {
	if rest, ok := bytes.CutPrefix(text, []byte("## template: jinja")); ok {
		text = bytes.TrimLeft(rest, "\r\n")
	}
	return bytes.HasPrefix(text, []byte("#cloud-config"))
}
