// Package host is the abstract machine.
package host

// An Effect is one thing that a script does, or may do, to a machine.
type Effect struct{}

// A Host is one machine.
type Host struct{}
