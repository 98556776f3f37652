package detect

import (
	"github.com/nativize/nativize/analyze/model"
	"github.com/nativize/nativize/analyze/shell"
	"github.com/nativize/nativize/analyze/source"
)

func Secrets(d *model.Deployment, repo *source.Repo, m *shell.Machine) {}
