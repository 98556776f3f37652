package place

import (
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/nativize/nativize/analyze/model"
	"github.com/nativize/nativize/analyze/source"
	"github.com/nativize/nativize/convert/choices"
	"github.com/nativize/nativize/convert/plan"
)

// linkBack takes links of the script from the code to /etc.
func (x *placer) linkBack(s model.Symlink) {
	if x.inOld(s.Path) && x.confTo(x.mapped(s.Target)) != nil {
		x.linkTo(s.Path, x.mapped(s.Target), s.At)
	}
}

// linkTo puts a link into the code.
func (x *placer) linkTo(old, to string, at []source.Pos) {
	p := x.mapped(old)
	if p == to {
		return
	}
	x.add(plan.Entry{Path: p, Type: plan.Symlink, Src: to, At: at, Why: "the program reads it there"})
	x.mark(at, plan.PartConffile, to, "a link in the code leads to it")
}

// guessWay is how the program finds the file.
func (x *placer) guessWay(c *conf) string {
	switch {
	case x.isEnvFile(c) && x.inOld(c.old):
		return choices.EnvFile
	}
	way := choices.InPlace
	for _, p := range append([]string{c.old}, c.also...) {
		if _, ok := x.linked[path.Dir(p)]; ok {
			return choices.DirLink
		}
		if x.inOld(p) {
			way = choices.Link
		}
	}
	return way
}

// wayBack leads the program to the file.
func (x *placer) wayBack(c *conf) {
	if c.way == choices.Link || c.way == choices.EnvFile {
		x.linkTo(c.old, c.to, c.at)
	}
	x.moves.add(c.old, c.to)
}

// directoryLinks finds directories of the code in which all that the script
// leaves is configuration: one link of the directory takes the place of one a
// file, since a program that saves by renaming would replace a link to a file.
// One file alone is linked so when the owner says it.
func (x *placer) directoryLinks() error {
	dirs := map[string][]*conf{}
	for _, c := range x.confs {
		for _, p := range append([]string{c.old}, c.also...) {
			if x.linkable(c, p) {
				dirs[path.Dir(p)] = append(dirs[path.Dir(p)], c)
			}
		}
	}
	for _, dir := range slices.Sorted(maps.Keys(dirs)) {
		list := dirs[dir]
		forced, single := x.chosen(list, choices.DirLink), x.chosen(list, choices.Link)
		switch why := x.noDirectoryLink(dir, list); {
		case why != "" && forced != nil:
			return fmt.Errorf("%s: config.%s.way cannot be dir-link: %s; write link, or remove the line to have it guessed", choices.FileName, forced.to, why)
		case why == "" && (forced != nil || len(list) > 1 && single == nil):
			x.linkDirectory(dir, list)
		}
	}
	for _, c := range x.confs {
		if x.c.Config[c.to].Way == choices.DirLink && x.guessWay(c) != choices.DirLink {
			return fmt.Errorf("%s: config.%s.way cannot be dir-link: no directory of the code below %s has a file %s; write link or in-place",
				choices.FileName, c.to, x.old, path.Base(c.to))
		}
	}
	return nil
}

// linkable tells whether a file that the program reads at p would be found
// through a link of its directory.
func (x *placer) linkable(c *conf, p string) bool {
	return x.inOld(p) && path.Dir(p) != x.old && !x.isEnvFile(c) && path.Base(p) == path.Base(c.to)
}

// chosen is the first file for which the owner, or an earlier run, has decided
// for a way.
func (x *placer) chosen(list []*conf, way string) *conf {
	for _, c := range list {
		if x.c.Config[c.to].Way == way {
			return c
		}
	}
	return nil
}

// noDirectoryLink is why a link cannot take the place of a directory, "" when
// it can.
func (x *placer) noDirectoryLink(dir string, list []*conf) string {
	if other := x.otherFile(dir, list); other != "" {
		return "its directory in the code holds " + other + " as well, which is no configuration"
	}
	for _, c := range list {
		if path.Dir(c.to) != path.Dir(list[0].to) {
			return list[0].to + " and " + c.to + " of that directory lie in different places"
		}
		if path.Base(c.to) != path.Base(c.old) {
			return c.to + " has another name than " + c.old
		}
	}
	return ""
}

func (x *placer) linkDirectory(dir string, list []*conf) {
	to := path.Dir(list[0].to)
	x.linked[dir] = to
	x.moves.add(dir, to)
	x.add(plan.Entry{Path: x.code + strings.TrimPrefix(dir, x.old), Type: plan.Symlink, Src: to, At: list[0].at, Why: "the whole directory is configuration"})
}

// otherFile is something that the repository has in a directory and that is
// neither configuration nor a sample of it, "" none.
func (x *placer) otherFile(dir string, list []*conf) string {
	i := slices.IndexFunc(x.nodes, func(n codeNode) bool {
		if !within(n.old, dir) || n.repo == "" || isSample(n.repo) {
			return false
		}
		return !slices.ContainsFunc(list, func(c *conf) bool { return c.old == n.old || slices.Contains(c.also, n.old) })
	})
	if i < 0 {
		return ""
	}
	return x.nodes[i].repo
}
