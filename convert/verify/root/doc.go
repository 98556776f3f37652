// Package root makes throwaway roots, small Debian trees in which real package
// managers install, upgrade, remove and purge packages, and checks what becomes
// of the tree.
//
// A [Root] is an overlay over a base tree that is made once and cached
// ([Base]). Its processes live in namespaces of their own: user, mount, process,
// network, IPC, host name and cgroup. They see the tree, a process table and a
// handful of devices; nothing of the host and no network. The accounts of the tree are
// mapped to numbers that no account of the host has, so that root in the tree
// is nobody outside it. There is no way to run a package without that:
// where the kernel or the account forbids it, [New] refuses with the reason that
// [Probe] lists.
//
// A [Suite] plays life cycles, which are data ([Scenario]), and asks invariants,
// which are functions ([Invariant]), what went wrong. To add either, add one
// element to [Scenarios] or [Invariants].
//
// Not in this package: the abstract machine's own scenarios (they need no root at
// all), and what a difference between a deployment and its package means.
package root
