// Package convert turns a deployment into a package: what the analysis found
// and what the owner chose go in, a plan.Package comes out that convert/target
// writes and convert/pack builds.
package convert

import (
	"context"
	"fmt"
	"strings"

	"github.com/nativize/nativize/analyze"
	"github.com/nativize/nativize/analyze/model"
	"github.com/nativize/nativize/convert/choices"
	"github.com/nativize/nativize/convert/place"
	"github.com/nativize/nativize/convert/plan"
	"github.com/nativize/nativize/convert/target"
)

// Options are what neither the repository nor the choices say.
type Options = place.Options

// A DeclinedError says that there is no server to make a package for.
type DeclinedError struct {
	Class  model.Class
	Reason string
	Looked []string // where a deployment was looked for, "path: why not"
}

func (e *DeclinedError) Error() string {
	s := fmt.Sprintf("nothing to convert: the deployment is of the class %s: %s", e.Class, e.Reason)
	if e.Class == model.Other {
		s = "nothing to convert: " + e.Reason
	}
	if len(e.Looked) > 0 {
		s += "\nlooked at:\n  " + strings.Join(e.Looked, "\n  ")
	}
	return s
}

// Run places a deployment in a package. What c leaves open is guessed and
// written into c with its evidence. It fails with a DeclinedError when the
// deployment is not for servers; any other error says which value keeps the
// package from being written.
func Run(ctx context.Context, a *analyze.Analysis, c *choices.Choices, opt Options) (*plan.Package, error) {
	if err := declined(a); err != nil {
		return nil, err
	}
	p, err := place.Package(ctx, a, c, opt)
	if err != nil {
		return nil, err
	}
	var licence []byte
	if p.LicenseFile != "" {
		if licence, err = a.Repo.Read(p.LicenseFile); err != nil {
			return nil, fmt.Errorf("read the licence: %w", err)
		}
	}
	if err := target.Complete(p, licence); err != nil {
		return nil, err
	}
	return p, nil
}

// declined tells of deployments that are not for servers.
func declined(a *analyze.Analysis) error {
	if a.Class.Packageable() {
		return nil
	}
	e := &DeclinedError{Class: a.Class, Reason: a.ClassReason}
	for i, c := range a.Candidates {
		if i == 8 {
			e.Looked = append(e.Looked, fmt.Sprintf("and %d more", len(a.Candidates)-i))
			break
		}
		e.Looked = append(e.Looked, c.Path+": "+c.Reason)
	}
	if len(a.Candidates) == 0 {
		e.Looked = []string{"all files of the repository: none is a deployment script; name one with --script"}
	}
	return e
}
