package templates

// A Stage is packaging/stage.sh: the build steps.
type Stage struct {
	Name    string
	Version string
	Source  string // directory of the checkout beside packaging/, "" the parent
	Steps   []StageStep
}

// A StageStep is one build step.
type StageStep struct {
	Ref       Ref
	Why       string
	Dir       string // relative to the source tree, "." its root
	Shell     string
	Downloads []Download
	Places    []string // final places that it writes to, absolute
	Made      []string // final places that must exist afterwards
	Take      []string // outputs in the source tree
}

// A Download is a file with the digest that it must have, "" not pinned.
type Download struct{ URL, To, SHA256 string }

// Command is the step's shell text as one word.
func (s StageStep) Command() (string, error) { return quoteText(s.Shell) }

// Fetches tells whether anything pinned is downloaded.
func (s Stage) Fetches() bool {
	return s.any(func(st StageStep) bool {
		for _, d := range st.Downloads {
			if d.SHA256 != "" {
				return true
			}
		}
		return false
	})
}

// Finals tells whether a step writes to its final place.
func (s Stage) Finals() bool { return s.any(func(st StageStep) bool { return len(st.Places) > 0 }) }

// Plains tells whether a step does not.
func (s Stage) Plains() bool { return s.any(func(st StageStep) bool { return len(st.Places) == 0 }) }

// Relative tells whether a step makes something in the source tree.
func (s Stage) Relative() bool { return s.any(func(st StageStep) bool { return len(st.Take) > 0 }) }

func (s Stage) any(f func(StageStep) bool) bool {
	for _, st := range s.Steps {
		if f(st) {
			return true
		}
	}
	return false
}

// Text writes the script.
func (s Stage) Text() (Text, error) { return fill("stage.sh.tmpl", s) }
