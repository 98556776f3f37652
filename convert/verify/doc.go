// Package verify shows that a package does what the deployment did, and that it
// goes well with the package manager through its whole life.
//
// On the abstract machine, which needs no root, no network and about a second:
// a package is laid on an abstract host by the rules of dpkg, rpm, apk and
// pacman, its maintainer scripts run through the same interpreter that reads
// deployments, and scenarios, which are data, are checked against invariants,
// which are functions. Each command of each maintainer script is made to fail
// once. Compare holds the end state of the deployment against that of the
// package: every difference follows from a rule or is an error.
//
// Package root does the same with real package managers in throwaway roots.
//
// To add a scenario or an invariant: one element of Scenarios or Invariants. To
// add a rule that makes a difference expected: one element of rules.
package verify
