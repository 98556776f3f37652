package source

import "sync"

// Bounds of the contents that a Repo keeps, in bytes. Scripts and companion
// files are read again and again; what is larger is rarely read twice.
const (
	maxContent  = 128 << 10 // of one file
	maxContents = 4 << 20   // of all
)

// contents are files that were read, so that a run sees one state of each and
// asks for it once. When they are full they start anew.
type contents struct {
	mu    sync.Mutex
	files map[string][]byte // by real path
	size  int
}

func (c *contents) get(name string) ([]byte, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	b, ok := c.files[name]
	return b, ok
}

func (c *contents) put(name string, b []byte) {
	if len(b) > maxContent {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.files == nil || c.size+len(b) > maxContents {
		c.files, c.size = map[string][]byte{}, 0
	}
	c.files[name] = b
	c.size += len(b)
}
