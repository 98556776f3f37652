package verify

import "testing"

func TestGoesOnAfterFailure(t *testing.T) {
	for text, want := range map[string]bool{
		"set -e\nset +e\nuserdel app\n":              true,
		"set -e\nf() { set +e; }\n":                  true,
		"set -e\n# never set +e here\nuserdel app\n": false,
		"set -e\necho 'set +e'\n":                    false,
		"set +e (\n":                                 false, // no script
	} {
		if got := goesOnAfterFailure(text); got != want {
			t.Errorf("%q: %v", text, got)
		}
	}
}

func TestSilenced(t *testing.T) {
	for text, want := range map[string]bool{
		"userdel app 2>/dev/null": true, "userdel app >/dev/null 2>&1": false, "userdel app &>/dev/null": true,
		"userdel app": false, "echo '2>/dev/null'": false, "userdel app >/dev/null": false,
	} {
		if got := silenced(text); got != want {
			t.Errorf("%q: %v", text, got)
		}
	}
}
