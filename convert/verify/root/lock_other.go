//go:build !unix

package root

import "context"

func lock(context.Context, string) (func(), error) { return nil, errNotLinux }
