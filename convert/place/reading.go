package place

import (
	"strings"

	"github.com/nativize/nativize/analyze/lazyregexp"
	"github.com/nativize/nativize/analyze/source"
	"github.com/nativize/nativize/convert/plan"
	"github.com/nativize/nativize/templates"
)

// reading is what the text of the payload, and what is known of the unit
// itself, tell about rights.
func (x *placer) reading(user, unit string) templates.Reading {
	r := templates.Reading{Root: user == "", Unknown: true}
	look(&r, unit)
	for _, d := range x.p.Dirs {
		r.Home = r.Home || within(d.Path, "/home") || within(d.Path, "/root")
		r.Tmp = r.Tmp || within(d.Path, "/tmp") || within(d.Path, "/var/tmp")
	}
	for _, e := range x.entries {
		if e.Type != plan.File || e.Origin != plan.Repo {
			continue
		}
		b, err := x.repo.Read(e.Src)
		if err != nil || len(b) > 256<<10 || source.IsBinary(b) {
			continue
		}
		look(&r, string(b))
	}
	return r
}

// look notes the rights that a text speaks of.
func look(r *templates.Reading, t string) {
	r.Sudo = r.Sudo || sudoRE.MatchString(t)
	r.Home = r.Home || homeRE.MatchString(t)
	r.Tmp = r.Tmp || strings.Contains(t, "/tmp/") || strings.Contains(t, `"/tmp"`) || strings.Contains(t, "'/tmp'")
	r.Devices = r.Devices || deviceRE.MatchString(t)
	r.Kernel = r.Kernel || strings.Contains(t, "/proc/sys/") || strings.Contains(t, "modprobe") || strings.Contains(t, "sysctl")
}

var (
	homeRE   = lazyregexp.New(`/home/|/root/|=/root\b|=%h\b|=~`)
	sudoRE   = lazyregexp.New(`\bsudo\b|\bsetuid\b|\bsu -`)
	deviceRE = lazyregexp.New(`/dev/(tty|video|i2c|spi|gpio|serial|sd|bus|mem|kmsg|input|snd|dri|ttyUSB)`)
)
