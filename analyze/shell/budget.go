package shell

import (
	"mvdan.cc/sh/v3/syntax"

	"github.com/nativize/nativize/analyze/source"
	"github.com/nativize/nativize/analyze/value"
)

// textStep is how much nested text, in bytes, is parsed for one step of the
// budget.
const textStep = 40

// maxFields is the number of words of one command that are kept; what follows
// is one word that stands for any number.
const maxFields = 4096

// sizeStep is how much text, in bytes, is expanded for one step of the budget.
const sizeStep = 2000

// bounded takes the cost of the expansion of w from the budget and cuts a list
// of words that is too long.
func (in *interp) bounded(list []value.Value, w *syntax.Word) []value.Value {
	if len(list) > 16 || len(list) > 0 && list[len(list)-1].Size() > sizeStep {
		n := 0
		for _, v := range list {
			n += v.Size()
		}
		in.spend(n/sizeStep, in.pos(w.Pos()))
	}
	if len(list) <= maxFields {
		return list
	}
	h := value.NewHole(value.Widened, "WORDS", in.pos(w.Pos()))
	h.Many = true
	return append(list[:maxFields:maxFields], value.Of(h))
}

// spend takes steps from the budget. When it is spent the run stops; the place
// is reported once.
func (in *interp) spend(steps int, at source.Pos) bool {
	in.steps += steps
	if in.steps <= in.opt.Steps {
		return true
	}
	if !in.spent {
		in.spent = true
		in.problem(at, "the budget of %d statements is spent here: what follows was not read", in.opt.Steps)
	}
	return false
}
