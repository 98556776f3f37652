package templates

import "strings"

// A Deploy is what configuration management does with the package.
type Deploy struct {
	Name, Version, Summary string
	Maintainer, License    string
	Cookbook               string // version of the cookbook: three numbers
	Files                  []DeployFile
	Units                  []string // enabled
	Notify                 []DeployNotify
}

// A DeployFile is a configuration file that is written from a template.
type DeployFile struct {
	Ref          Ref
	Path         string
	Template     string // relative to the templates directory
	Owner, Group string
	Mode         string // octal
	Secret       bool
	Notify       bool // a change restarts or reloads the units
}

// A DeployNotify is a unit that a changed file restarts or reloads.
type DeployNotify struct {
	Unit   string
	Verb   string // Restart, Reload
	Action string // :restart, :reload
}

// ChefRecipe is recipes/default.rb.
func ChefRecipe(d Deploy) (Text, error) { return fill("chef_recipe.rb.tmpl", d) }

// ChefMetadata is metadata.rb.
func ChefMetadata(d Deploy) (Text, error) { return fill("chef_metadata.rb.tmpl", d) }

// ChefAttributes is attributes/default.rb.
func ChefAttributes(d Deploy) (Text, error) { return fill("chef_attributes.rb.tmpl", d) }

// AnsibleTasks is tasks/main.yml of the role.
func AnsibleTasks(d Deploy) (Text, error) { return fill("ansible_tasks.yml.tmpl", d) }

// AnsibleHandlers is handlers/main.yml of the role.
func AnsibleHandlers(d Deploy) (Text, error) { return fill("ansible_handlers.yml.tmpl", d) }

// AnsibleMeta is meta/main.yml of the role.
func AnsibleMeta(d Deploy) (Text, error) { return fill("ansible_meta.yml.tmpl", d) }

// AnsibleSite is a playbook that applies the role.
func AnsibleSite(d Deploy) (Text, error) { return fill("ansible_site.yml.tmpl", d) }

// GitHub is a workflow of GitHub Actions.
func GitHub(d Deploy) (Text, error) { return fill("ci_github.yml.tmpl", d) }

// GitLab is a job file of GitLab CI.
func GitLab(d Deploy) (Text, error) { return fill("ci_gitlab.yml.tmpl", d) }

// ERB makes a text the template that yields it.
func ERB(s string) string {
	return strings.ReplaceAll(s, "<%", "<%%")
}

// Jinja makes a text the template that yields it.
func Jinja(s string) string {
	return strings.NewReplacer("{{", "{{ '{{' }}", "{%", "{{ '{%' }}", "{#", "{{ '{#' }}").Replace(s)
}
