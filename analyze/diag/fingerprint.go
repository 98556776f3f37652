package diag

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
)

// Fingerprint names a finding across edits that move it: 32 hex digits of the
// SHA-256 of rule, path and statement, the statement with its white space
// normalised. Line numbers have no part in it, so lines added above it change
// nothing.
func Fingerprint(rule, path, statement string) string {
	h := sha256.New()
	for _, s := range []string{rule, path, strings.Join(strings.Fields(statement), " ")} {
		h.Write([]byte(s))
		h.Write([]byte{0})
	}
	return hex.EncodeToString(h.Sum(nil)[:16])
}
