package osnames

import (
	"slices"
	"testing"
)

func TestTranslate(t *testing.T) {
	tests := []struct {
		name     string
		from, to Family
		want     string
		known    bool
	}{
		{"apache2", Debian, RPM, "httpd", true},
		{"httpd", RPM, Debian, "apache2", true},
		{"libpq-dev", Debian, Alpine, "libpq-dev", true},
		{"php8.3-curl", Debian, Alpine, "php83-curl", true},
		{"php8.3-curl", Debian, RPM, "php-common", true},
		{"openjdk-17-jre-headless", Debian, RPM, "java-17-openjdk-headless", true},
		{"java-11-openjdk-devel", RPM, Debian, "openjdk-11-jdk", true},
		{"openjdk-17-jdk", Debian, Arch, "jdk17-openjdk", true},
		{"cron", Debian, Alpine, "", true},
		{"software-properties-common", Debian, RPM, "", true},
		{"mongodb-org", Debian, Arch, "mongodb-org", false},
		{"no-such-thing", Debian, RPM, "no-such-thing", false},
		{"nginx=1.18.0-0ubuntu1", Debian, RPM, "nginx", true},
		{"postgresql-16", Debian, Alpine, "postgresql16", true},
		{"python3.11-venv", Debian, RPM, "python3.11", true},
		{"gcc-c++", RPM, Debian, "g++", true},
	}
	for _, tt := range tests {
		got, known := Translate(tt.name, tt.from, tt.to)
		if got != tt.want || known != tt.known {
			t.Errorf("Translate(%q, %v, %v) = %q, %v, want %q, %v", tt.name, tt.from, tt.to, got, known, tt.want, tt.known)
		}
	}
	all, _ := TranslateAll("build-essential", Debian, RPM)
	if !slices.Equal(all, []string{"gcc", "gcc-c++", "make"}) {
		t.Errorf("build-essential in RPM = %q", all)
	}
}

func TestClassOf(t *testing.T) {
	tests := map[string]Class{"libssl-dev": Build, "libfoo-dev": Build, "gcc-12": Build, "nginx": Run, "git": Admin, "php8.2-fpm": Run, "foo": Unknown, "npm": Build}
	for name, want := range tests {
		if got := ClassOf(name, Debian); got != want {
			t.Errorf("ClassOf(%q) = %q, want %q", name, got, want)
		}
	}
}

func TestServices(t *testing.T) {
	if got, ok := Service("apache2.service", Debian, RPM); got != "httpd" || !ok {
		t.Errorf("apache2 in RPM = %q, %v", got, ok)
	}
	if got, ok := Service("php8.2-fpm", Debian, Alpine); got != "php-fpm82" || !ok {
		t.Errorf("php8.2-fpm in Alpine = %q, %v", got, ok)
	}
	if got, ok := PackageOfService("crond", Debian); got != "cron" || !ok {
		t.Errorf("package of crond = %q, %v", got, ok)
	}
	if got, ok := PackageOfProgram("htpasswd", RPM); got != "httpd-tools" || !ok {
		t.Errorf("package of htpasswd = %q, %v", got, ok)
	}
	if got, ok := PackageOfProgram("sed", RPM); got != "" || !ok {
		t.Errorf("package of sed = %q, %v", got, ok)
	}
	if got, ok := PackageOfRuntime("node", Alpine); got != "nodejs" || !ok {
		t.Errorf("package of node = %q, %v", got, ok)
	}
}

// TestTables holds that each row has all its columns and a class, and that
// the packages that other tables name are in the first.
func TestTables(t *testing.T) {
	for _, cols := range lines(packagesText) {
		if len(cols) != int(families)+1 {
			t.Errorf("%q has %d columns", cols[0], len(cols))
			continue
		}
		if c := Class(cols[families]); c != Run && c != Build && c != Admin {
			t.Errorf("%q has class %q", cols[0], c)
		}
	}
	seen := map[string]bool{}
	for _, cols := range lines(packagesText) {
		if seen[cols[0]] {
			t.Errorf("%q is there twice", cols[0])
		}
		seen[cols[0]] = true
	}
	for _, cols := range lines(servicesText) {
		if !seen[cols[families]] {
			t.Errorf("package %q of service %q is unknown", cols[families], cols[0])
		}
	}
	for program, pkg := range tools() {
		if !seen[pkg] {
			t.Errorf("package %q of program %q is unknown", pkg, program)
		}
	}
	for language, pkg := range interpreters {
		if !seen[pkg] {
			t.Errorf("package %q of %q is unknown", pkg, language)
		}
	}
}
