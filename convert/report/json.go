package report

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"unicode"

	"github.com/nativize/nativize/analyze/model"
)

// writeJSON writes the model as docs/report.schema.json describes it.
func writeJSON(w io.Writer, d *model.Deployment, _ Options) error { return encode(w, d) }

// encode writes v as indented JSON that is safe to show: characters that steer
// a terminal or reorder text are \u escapes. <, > and & stay readable.
func encode(w io.Writer, v any) error {
	data, err := marshal(v, "  ")
	if err != nil {
		return err
	}
	_, err = w.Write(data)
	return err
}

func marshal(v any, indent string) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", indent)
	if err := enc.Encode(v); err != nil {
		return nil, err
	}
	return escapeControls(b.Bytes()), nil
}

// escapeControls escapes in JSON text what encoding/json lets through. Such
// characters stand only inside strings.
func escapeControls(data []byte) []byte {
	if !bytes.ContainsFunc(data, steers) {
		return data
	}
	var out bytes.Buffer
	for _, r := range string(data) {
		switch {
		case !steers(r):
			out.WriteRune(r)
		case r > 0xffff:
			fmt.Fprintf(&out, `\u%04x\u%04x`, 0xd800+(r-0x10000)>>10, 0xdc00+(r-0x10000)&0x3ff)
		default:
			fmt.Fprintf(&out, `\u%04x`, r)
		}
	}
	return out.Bytes()
}

func steers(r rune) bool {
	return r != '\n' && (unicode.IsControl(r) || unicode.Is(unicode.Cf, r))
}
