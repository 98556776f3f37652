package secret

import (
	"strings"
	"testing"
)

func TestFind(t *testing.T) {
	tests := []struct{ path, text, rule, value string }{
		{"deploy.sh", "mysql -u root -pS3cr3tPw db < dump.sql\n", "mysql-password", "S3cr3tPw"},
		{"deploy.sh", "mysqldump --password='S3cr3t Pw' db\n", "mysql-password", "S3cr3t Pw"},
		{"deploy.sh", "sshpass -p 'Xy7!pass9' ssh root@host\n", "sshpass", "Xy7!pass9"},
		{"deploy.sh", "redis-cli -a f00b4rbaz FLUSHALL\n", "redis-password", "f00b4rbaz"},
		{"deploy.sh", "htpasswd -bc /etc/nginx/.htpasswd bob Tr0ub4dor\n", "htpasswd", "Tr0ub4dor"},
		{"deploy.sh", "echo 'deploy:Tr0ub4dor' | sudo chpasswd\n", "chpasswd", "Tr0ub4dor"},
		{"deploy.sh", "useradd -m -p '$6$salt$hash' bob\n", "", ""}, // holds a "$": a hash in single quotes is left to review
		{"deploy.sh", "useradd -p Ab1cdefgh bob\n", "useradd-password", "Ab1cdefgh"},
		{"deploy.sh", "echo Tr0ub4dor | sudo -S systemctl restart app\n", "sudo-password", "Tr0ub4dor"},
		{"deploy.sh", "PGPASSWORD=Tr0ub4dor psql -U app\n", "pgpassword", "Tr0ub4dor"},
		{"deploy.sh", "psql -c \"CREATE USER app WITH PASSWORD 'Tr0ub4dor'\"\n", "sql-password", "Tr0ub4dor"},
		{"deploy.sh", "git clone https://bot:Tr0ub4dor@example.org/a.git\n", "url-credentials", "Tr0ub4dor"},
		{"deploy.sh", "echo \"DB_PASSWORD=Tr0ub4dor\" >> .env\n", "write-secret", "Tr0ub4dor"},
		{"deploy.sh", "export DB_PASSWORD=Tr0ub4dor\n", "assigned-secret", "Tr0ub4dor"},
		{"deploy.sh", "DB_PASSWORD=changeme\n", "weak-default", "changeme"},
		{"deploy.sh", "DB_PASSWORD=changeme1234\n", "weak-default", "changeme1234"},
		{"deploy.sh", "DB_PASSWORD=$1\nDB_PASSWORD=\"${DB_PASSWORD:-}\"\nDB_PASSWORD=$(cat f)\n", "", ""},
		{"deploy.sh", "mysql -u root -p\"$PASS\" db\nmysql -u root -p db\n", "", ""},
		{"deploy.sh", "TOKEN=<your token>\nAPI_KEY=xxxx\nPASSWORD_FILE=/run/secrets/db\n", "", ""},
		{".env", "APP_NAME=x\nAPP_SECRET=q8w7e6r5t4\n", "env-secret", "q8w7e6r5t4"},
		{".env", "REDIS_URL=redis://localhost:6379/0\n", "", ""},
		{".env", "DATABASE_URL=postgres://app:q8w7e6r5t4@db/app\n", "url-credentials", "q8w7e6r5t4"},
		{".env.example", "APP_SECRET=q8w7e6r5t4\n", "", ""},
		{"config/database.yml", "production:\n  password: q8w7e6r5t4\n", "config-secret", "q8w7e6r5t4"},
		{"config/database.yml", "production:\n  password: <%= ENV['DB'] %>\n", "", ""},
		{"app/settings.py", "DATABASES = {\n    'PASSWORD': 'q8w7e6r5t4',\n}\n", "setting-secret", "q8w7e6r5t4"},
		{"wp-config.php", "define('DB_PASSWORD', 'q8w7e6r5t4');\n", "defined-secret", "q8w7e6r5t4"},
		{"deploy.sh", "curl -H 'Authorization: Bearer abcd1234efgh5678' https://x\n", "http-authorization", "abcd1234efgh5678"},
		{"x.sh", "aws_key=AKIA" + "Z7QRSTUVWXYZ2345\n", "aws-access-token", "AKIA" + "Z7QRSTUVWXYZ2345"},
		{"vendor/x.sh", "DB_PASSWORD=Tr0ub4dor\n", "", ""},
		{"key.pem", "-----BEGIN RSA PRIVATE KEY-----\nMIIEpAIBAAKCAQEA1234567890\n", "private-key", ""},
		{"check.sh", "grep -q 'BEGIN RSA PRIVATE KEY' \"$f\"\n", "", ""},
	}
	for _, tt := range tests {
		found := Find(tt.path, []byte(tt.text))
		if tt.rule == "" {
			for _, s := range found {
				t.Errorf("%s: %q: found %s, want nothing", tt.path, tt.text, s.Rule)
			}
			continue
		}
		if len(found) != 1 || found[0].Rule != tt.rule {
			t.Errorf("%s: %q: found %+v, want one %s", tt.path, tt.text, found, tt.rule)
			continue
		}
		if tt.value == "" {
			continue
		}
		s := found[0]
		line := strings.Split(tt.text, "\n")[s.At.Line-1]
		if got := line[s.At.Col-1 : s.At.EndCol-1]; got != tt.value {
			t.Errorf("%s: %q: the place is that of %q, want %q", tt.path, tt.text, got, tt.value)
		}
	}
}

// TestNoValue holds that a finding does not repeat the value.
func TestNoValue(t *testing.T) {
	for _, s := range Find(".env", []byte("APP_SECRET=q8w7e6r5t4\n")) {
		if strings.Contains(s.What+s.Rule, "q8w7e6r5t4") {
			t.Errorf("the finding holds the value: %+v", s)
		}
	}
}

func TestDetector(t *testing.T) {
	d, err := detector()
	if err != nil || len(d.Config.Rules) < 100 {
		t.Fatalf("the library's rules do not load: %v", err)
	}
}

func TestCandidate(t *testing.T) {
	for p, want := range map[string]bool{"deploy.sh": true, ".env": true, "a/node_modules/x.js": false, "x.png": false, "Makefile": true, "keys/id_rsa": true, "x.min.js": false, "yarn.lock": false, "prod.pfx": true} {
		if got := Candidate(p, 100); got != want {
			t.Errorf("Candidate(%q) = %v, want %v", p, got, want)
		}
	}
}

func FuzzFind(f *testing.F) {
	f.Add(".env", "A_SECRET=\"x\ny\"\n")
	f.Add("deploy.sh", "mysql -px -p'y' | echo a:b | chpasswd")
	f.Add("config/app.yml", "a: &a\n  password: *a\n")
	f.Fuzz(func(t *testing.T, p, text string) {
		lines := strings.Split(text, "\n")
		for _, s := range Find(p, []byte(text)) {
			if s.At.Line < 1 || s.At.Line > len(lines) || s.At.Col < 1 || s.At.Col > len(lines[s.At.Line-1])+1 {
				t.Errorf("%s is not a place of the file", s.At)
			}
		}
	})
}

func BenchmarkFind(b *testing.B) {
	script := []byte(strings.Repeat("cp -r dist/* /srv/app/ && chown -R app:app /srv/app # api token\n", 200))
	Find("deploy.sh", script)
	b.SetBytes(int64(len(script)))
	b.ReportAllocs()
	for b.Loop() {
		Find("deploy.sh", script)
	}
}
