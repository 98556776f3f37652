package input

import "testing"

func TestAppSpec(t *testing.T) {
	r := AppSpec.Parse("appspec.yml", []byte("version: 0.0\nos: linux\nfiles:\n  - source: /\n    destination: /var/www/app/\nhooks:\n  AfterInstall:\n    - location: deploy/prepare.sh\n      timeout: 60\n      runas: nginx\n"))
	if len(r.Calls) != 1 || r.Calls[0].Path != "deploy/prepare.sh" || r.Calls[0].At.Line != 8 {
		t.Errorf("calls %+v", r.Calls)
	}
	if len(r.Claims) != 1 || r.Claims[0].Path != "/var/www/app" {
		t.Errorf("claims %+v", r.Claims)
	}
	if len(r.Required) != 1 || r.Required[0].Name != "nginx" {
		t.Errorf("accounts %+v", r.Required)
	}
	if r := AppSpec.Parse("appspec.yml", []byte("os: windows\nhooks:\n  X:\n    - location: a.sh\n")); len(r.Calls) != 0 || len(r.Problems) != 1 {
		t.Errorf("windows: %+v", r)
	}
}
