package input

import "testing"

func TestExports(t *testing.T) {
	for text, want := range map[string]Export{
		"foreman export systemd /etc/systemd/system -a shop -u web -l /var/log/shop --root /srv/shop -f Procfile.production": {Format: "systemd", App: "shop", User: "web", Log: "/var/log/shop", Root: "/srv/shop", Procfile: "Procfile.production"},
		"bundle exec foreman export --app=shop --user 'web' upstart /etc/init && service shop restart":                       {Format: "upstart", App: "shop", User: "web", Procfile: "Procfile", Off: 12},
		"honcho export runit /etc/service": {Format: "runit", Procfile: "Procfile"},
	} {
		got := Exports(text)
		if len(got) != 1 || got[0] != want {
			t.Errorf("%q: %+v, want %+v", text, got, want)
		}
	}
	if got := Exports("foreman start; export A=b"); len(got) != 0 {
		t.Errorf("%+v: that exports nothing", got)
	}
}

func FuzzExports(f *testing.F) {
	f.Add("foreman export systemd /x -a 'b")
	f.Add("honcho export -a=")
	f.Fuzz(func(t *testing.T, text string) {
		for _, x := range Exports(text) {
			if x.Off < 0 || x.Off > len(text) {
				t.Errorf("%d lies outside", x.Off)
			}
		}
	})
}
