package detect

import "testing"

// TestFragments holds that shell in other files is a candidate by what it does,
// is chosen where there is no script, and stands back behind one that deploys.
func TestFragments(t *testing.T) {
	job := "on: push\njobs:\n  deploy:\n    runs-on: ubuntu-latest\n    steps:\n      - run: |\n          rsync -az ./ web@example.org:/srv/app/\n          ssh web@example.org 'sudo systemctl restart app'\n"
	readme := "# App\n\n## Deployment\n\n```sh\ngit pull\nsudo apt-get install -y nginx\nsudo systemctl restart app\n```\n"
	for _, c := range []struct {
		files map[string]string
		want  string
	}{
		{map[string]string{".github/workflows/main.yml": job}, ".github/workflows/main.yml"},
		{map[string]string{"README.md": readme}, "README.md"},
		{map[string]string{"README.md": readme, ".github/workflows/main.yml": job}, ".github/workflows/main.yml"},
		{map[string]string{"README.md": readme, "deploy.sh": "#!/bin/sh\ngit pull\nsystemctl restart app\n"}, "deploy.sh"},
		{map[string]string{"Makefile": "deploy:\n\trsync -az ./ web@example.org:/srv/app/\n\tssh web@example.org sudo systemctl restart app\n"}, "Makefile"},
		{map[string]string{"README.md": "# App\n\n## Test\n\n```sh\nnpm test\n```\n"}, ""},
	} {
		r := tree(t, c.files)
		list := Candidates(r, Companions(r))
		got := ""
		if len(list) > 0 {
			got = list[0].Path
			if list[0].Reason == "" {
				t.Errorf("%s: no reason", got)
			}
		}
		if got != c.want {
			t.Errorf("%v: %q, want %q", list, got, c.want)
		}
	}
}
