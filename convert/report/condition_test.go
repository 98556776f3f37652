package report

import "testing"

func TestConditionWords(t *testing.T) {
	tests := []struct{ in, want string }{
		{`not [ ! -f ".env" ]`, ".env exists"},
		{`[ ! -d "venv" ]`, "venv does not exist"},
		{`not ! command -v "apt-get" &>/dev/null`, "the command apt-get exists"},
		{"not which node >/dev/null", "the command node does not exist"},
		{"not [ $# != 1 ]", "the number of arguments is 1"},
		{`not [ -z "$repo_url" ]`, "$repo_url is set"},
		{`[ -n "$domain" ]`, "$domain is set"},
		{`[ "${X}" = "" ]`, "${X} is empty"},
		{`not [[ -z "$AMI_ID" ]] && [[ "$SKIP" == "true" ]]`, "$AMI_ID is set or $SKIP is not true"},
		{`not [ "$a" -lt 3 ] || { [ "$b" -eq 3 ]; }`, `not [ "$a" -lt 3 ] || { [ "$b" -eq 3 ]; }`},
		{`[[ $lighttpd == yes ]], not run as root`, "$lighttpd is yes, not run as root"},
		{`[[ ! ( -e /a || -e /b ) ]]`, "/a does not exist and /b does not exist"},
		{"run as root", "run as root"},
		{`make_repo "${directory}"`, `make_repo "${directory}"`},
		{"[ broken", "[ broken"},
		{"", ""},
		{"not ", "not "},
	}
	for _, tt := range tests {
		if got := conditionWords(tt.in); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.in, got, tt.want)
		}
	}
}

func FuzzConditionWords(f *testing.F) {
	for _, s := range []string{"not [ ! -f a ]", "[[ a && ( b || c ) ]]", "! test", "[ ]", "[[ -v a[1] ]]", "command -v", "[[ a =~ (b) ]], x"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if conditionWords(s) == "" && s != "" {
			t.Errorf("%q has no words", s)
		}
	})
}
