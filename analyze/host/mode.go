package host

import (
	"fmt"
	"strconv"
	"strings"
)

// ApplyMode returns the mode, four octal digits, that chmod(1) with the mode
// argument arg leaves when it was old; "" when that is not known. Symbolic
// forms are taken against umask 022.
//
// Source: coreutils manual, "File permissions".
func ApplyMode(old, arg string, dir bool) string {
	if arg == "" {
		return old
	}
	if '0' <= arg[0] && arg[0] <= '7' {
		m, err := strconv.ParseUint(arg, 8, 16)
		if err != nil || m > 0o7777 {
			return ""
		}
		if dir && len(strings.TrimLeft(arg, "0")) < 4 && len(arg) < 5 && old != "" {
			if o, err := strconv.ParseUint(old, 8, 16); err == nil {
				m |= o & 0o6000 // GNU chmod keeps setuid and setgid of directories
			}
		}
		return fmt.Sprintf("%04o", m)
	}
	m, err := strconv.ParseUint(old, 8, 16)
	if err != nil {
		return ""
	}
	for clause := range strings.SplitSeq(arg, ",") {
		var ok bool
		if m, ok = applyClause(m, clause, dir); !ok {
			return ""
		}
	}
	return fmt.Sprintf("%04o", m)
}

// applyClause applies one of the comma-separated parts, such as u=rwx or g+s.
func applyClause(m uint64, clause string, dir bool) (uint64, bool) {
	i := strings.IndexAny(clause, "+-=")
	if i < 0 {
		return 0, false
	}
	who, umask := uint64(0), uint64(0)
	for _, c := range clause[:i] {
		switch c {
		case 'u':
			who |= 0o4700
		case 'g':
			who |= 0o2070
		case 'o':
			who |= 0o1007
		case 'a':
			who |= 0o7777
		default:
			return 0, false
		}
	}
	if who == 0 {
		who, umask = 0o7777, 0o022
	}
	rest := clause[i:]
	for rest != "" {
		op := rest[0]
		rest = rest[1:]
		j := strings.IndexAny(rest, "+-=")
		if j < 0 {
			j = len(rest)
		}
		bits, ok := permBits(m, rest[:j], dir)
		if !ok {
			return 0, false
		}
		bits &= who &^ umask
		switch op {
		case '+':
			m |= bits
		case '-':
			m &^= bits
		case '=':
			m = m&^(who&0o777) | bits
		}
		rest = rest[j:]
	}
	return m, true
}

func permBits(m uint64, perms string, dir bool) (uint64, bool) {
	bits := uint64(0)
	for _, c := range perms {
		switch c {
		case 'r':
			bits |= 0o444
		case 'w':
			bits |= 0o222
		case 'x':
			bits |= 0o111
		case 'X':
			if dir || m&0o111 != 0 {
				bits |= 0o111
			}
		case 's':
			bits |= 0o6000
		case 't':
			bits |= 0o1000
		case 'u':
			bits |= (m >> 6 & 7) * 0o111
		case 'g':
			bits |= (m >> 3 & 7) * 0o111
		case 'o':
			bits |= (m & 7) * 0o111
		default:
			return 0, false
		}
	}
	return bits, true
}
