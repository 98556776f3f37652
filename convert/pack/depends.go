package pack

import (
	"strings"

	"github.com/nativize/nativize/analyze/lazyregexp"
	"github.com/nativize/nativize/convert/plan"
)

// The grammars of one relation to another package.
var (
	// Debian Policy 7.1: name[:arch] [(relation version)].
	debRelation = lazyregexp.New(`^[a-z0-9][a-z0-9+.-]+(:[a-z0-9-]+)?( \((<<|<=|=|>=|>>) ([0-9]+:)?[0-9A-Za-z.+~-]+\))?$`)
	// rpm-dependency-generators(7): a name, a file, or name(qualifier).
	rpmRelation = lazyregexp.New(`^[A-Za-z0-9/_][^\s<>=,|$\x00-\x1f]*( (<|<=|=|>=|>) ([0-9]+:)?[A-Za-z0-9._+~^]+(-[A-Za-z0-9._+~^]+)?)?$`)
	// apk-world(5): [!]name[@repository][relation version].
	apkRelation = lazyregexp.New(`^!?([a-z0-9]+:)?[A-Za-z0-9_/][A-Za-z0-9._+/-]*(@[a-z0-9_-]+)?((<|<=|=|>=|>|~|~=)[0-9][A-Za-z0-9._~-]*)?$`)
	// PKGBUILD(5): name[relation version].
	archRelation = lazyregexp.New(`^[A-Za-z0-9@_+][A-Za-z0-9@._+-]*((<|<=|=|>=|>)([0-9]+:)?[A-Za-z0-9._+]+(-[A-Za-z0-9.]+)?)?$`)
)

// checkRelations holds every relation of p against the grammar of f.
func checkRelations(f plan.Format, p *plan.Package, ps *problems) {
	for _, list := range []struct {
		name         string
		of           []string
		alternatives bool
	}{
		{"depends", p.Depends[f], true},
		{"recommends", p.Recommends[f], true},
		{"conflicts", p.Conflicts[f], false},
	} {
		for _, r := range list.of {
			if !validRelation(f, r, list.alternatives) {
				ps.add(f, nil, "%s: %q is not a relation of this format; write %s", list.name, r, relationExample[f])
			}
		}
	}
}

var relationExample = map[plan.Format]string{
	plan.Deb:  `"name", "name (>= 1.2)" or "name | other"`,
	plan.IPK:  `"name" or "name (>= 1.2)"`,
	plan.RPM:  `"name", "name >= 1.2" or "(name or other)"`,
	plan.APK:  `"name" or "name>=1.2"`,
	plan.Arch: `"name" or "name>=1.2"`,
}

// validRelation reports whether r is a relation of format f, with alternatives
// (deb's a | b, rpm's rich dependencies) where they are allowed.
func validRelation(f plan.Format, r string, alternatives bool) bool {
	switch f {
	case plan.Deb, plan.IPK:
		return validDeb(r, alternatives)
	case plan.RPM:
		if strings.HasPrefix(r, "(") {
			return alternatives && validRich(r)
		}
		return rpmRelation.MatchString(r)
	case plan.APK:
		return apkRelation.MatchString(r)
	case plan.Arch:
		return archRelation.MatchString(r)
	}
	return false
}

func validDeb(r string, alternatives bool) bool {
	parts := strings.Split(r, " | ")
	if len(parts) > 1 && !alternatives {
		return false
	}
	for _, part := range parts {
		if !debRelation.MatchString(part) {
			return false
		}
	}
	return true
}

// validRich reports whether r is a boolean dependency: operands joined by one
// operator, nested by parentheses.
//
// Source: rpm manual, "Boolean Dependencies".
func validRich(r string) bool {
	rest, ok := rich(r, 8)
	return ok && rest == ""
}

// rich reads one parenthesised expression and returns what follows it.
func rich(s string, depth int) (rest string, ok bool) {
	if depth == 0 || !strings.HasPrefix(s, "(") {
		return s, false
	}
	s, ok = operand(s[1:], depth)
	if !ok {
		return s, false
	}
	for n := 0; !strings.HasPrefix(s, ")"); n++ {
		op, after, found := strings.Cut(strings.TrimPrefix(s, " "), " ")
		if !found || !richOperators[op] {
			return s, false
		}
		if s, ok = operand(after, depth); !ok {
			return s, false
		}
	}
	return s[1:], true
}

var richOperators = map[string]bool{
	"and": true, "or": true, "if": true, "else": true, "unless": true, "with": true, "without": true,
}

// richOperand is a relation inside of a boolean dependency.
var richOperand = lazyregexp.New(`^[A-Za-z0-9/_][A-Za-z0-9._+/:-]*(\([^()\s]*\))*( (<|<=|=|>=|>) [A-Za-z0-9._+~^:-]+)?`)

func operand(s string, depth int) (rest string, ok bool) {
	if strings.HasPrefix(s, "(") {
		return rich(s, depth-1)
	}
	m := richOperand.FindString(s)
	return s[len(m):], m != ""
}
