"""Settings: the defaults, then what the administrator put into local.py."""

from .base import *  # noqa: F401,F403

try:
    from .local import *  # noqa: F401,F403
except ImportError as problem:
    raise ImportError('no settings/local.py (copy local.py-dist): %s' % problem)
