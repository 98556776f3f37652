package choices

import (
	"fmt"
	"strconv"
	"strings"
)

// Set overrules one key: name=value, config./etc/x.way=link,
// services.app.service.enable=false. It fails with what would do.
func (c *Choices) Set(assignment string) error {
	key, value, ok := strings.Cut(assignment, "=")
	if strings.HasPrefix(assignment, "downloads.") { // an address may hold the sign
		i := strings.LastIndexByte(assignment, '=')
		ok = i >= 0
		key, value = assignment[:max(i, 0)], assignment[i+1:]
	}
	if !ok {
		return fmt.Errorf("%q: write KEY=VALUE", assignment)
	}
	if f := c.field(key); f != nil {
		if why := check(key)(value); why != "" {
			return fmt.Errorf("%s: %s", key, why)
		}
		*f = value
		delete(c.Notes, key)
		return nil
	}
	return c.setOther(key, value)
}

func (c *Choices) setOther(key, value string) error {
	table, rest, _ := strings.Cut(key, ".")
	i := strings.LastIndexByte(rest, '.')
	text := ""
	switch {
	case table == "downloads" && rest != "":
		text = "downloads:\n  " + strconv.Quote(rest) + ": " + strconv.Quote(value) + "\n"
	case (key == "formats" || key == "exclude") && value != "":
		text = key + ": [" + strings.Join(quoteAll(strings.Split(value, ",")), ", ") + "]\n"
	case (table == "config" || table == "services") && i > 0:
		text = table + ":\n  " + strconv.Quote(rest[:i]) + ":\n    " + strconv.Quote(rest[i+1:]) + ": " + bare(value) + "\n"
	default:
		return fmt.Errorf("%q is no key; the keys are %s", key, strings.Join(Keys(), ", "))
	}
	got, err := Parse("--set", []byte(text))
	if err != nil {
		return fmt.Errorf("%s: %w", key, err)
	}
	c.overrule(got)
	return nil
}

func bare(v string) string {
	if v == "true" || v == "false" {
		return v
	}
	return strconv.Quote(v)
}

func quoteAll(list []string) []string {
	var out []string
	for _, s := range list {
		out = append(out, strconv.Quote(strings.TrimSpace(s)))
	}
	return out
}

// overrule takes over what is set in o.
func (c *Choices) overrule(o *Choices) {
	if o.Formats != nil {
		c.Formats = o.Formats
	}
	c.Exclude = append(c.Exclude, o.Exclude...)
	for url, sum := range o.Downloads {
		if c.Downloads == nil {
			c.Downloads = map[string]string{}
		}
		c.Downloads[url] = sum
	}
	for name, v := range o.Config {
		have := c.Config[name]
		if v.Way != "" {
			have.Way = v.Way
		}
		if v.Secret != nil {
			have.Secret = v.Secret
		}
		if c.Config == nil {
			c.Config = map[string]Config{}
		}
		c.Config[name] = have
	}
	for name, v := range o.Services {
		have := c.Services[name]
		if v.Enable != nil {
			have.Enable = v.Enable
			delete(c.Notes, "services."+name+".enable")
		}
		if v.Restart != "" {
			have.Restart = v.Restart
		}
		if c.Services == nil {
			c.Services = map[string]Service{}
		}
		c.Services[name] = have
	}
}
