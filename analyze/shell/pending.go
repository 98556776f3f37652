package shell

import (
	"github.com/nativize/nativize/analyze/host"
	"github.com/nativize/nativize/analyze/value"
)

// A pending collects the arms that left a loop or a function by break,
// continue or return while others went on.
type pending struct {
	ends  []end
	depth int // of the state where the body begins; 0 for none
	rest  int // layers opened since: what follows an arm that returned
	from  int // where the log stood then
}

// divide opens a layer for what follows an arm that returned from the body that
// in stands in: when that ends the script, the arm alone goes on.
func (in *interp) divide(p *pending) {
	if p != nil && p.depth > 0 && in.Host.Depth() == p.depth+p.rest {
		if p.rest == 0 {
			p.from = len(in.Host.Log)
		}
		in.Host.Push()
		p.rest++
	}
}

// unite closes the layers that divide opened. With drop their writes are gone.
func (in *interp) unite(p *pending, drop bool) {
	for ; p.rest > 0; p.rest-- {
		if l := in.Host.Pop(); !drop {
			in.Host.Apply(l)
		}
	}
}

// settleAlone goes on with the arms that left early and nothing else: the rest
// ended the script, with failure when bad is set.
func (in *interp) settleAlone(p *pending, bad bool) {
	for _, e := range in.Host.Log[p.from:] {
		e.Failure = e.Failure || bad
	}
	layers := make([]host.Layer, len(p.ends))
	for i, e := range p.ends {
		layers[i] = e.layer
		if i == 0 && in.out != nil {
			in.out.v = e.out
		} else if in.out != nil {
			in.out.v = value.Join(in.out.v, e.out)
		}
	}
	in.Host.Merge(layers...)
}

// settle joins what the arms that left early may have done.
func (in *interp) settle(p *pending) {
	for _, e := range p.ends {
		in.Host.Late(e.layer)
		if in.out != nil {
			in.out.v = value.Join(in.out.v, e.out)
		}
	}
}
