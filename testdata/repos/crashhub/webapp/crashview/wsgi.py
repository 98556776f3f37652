"""What mod_wsgi loads for the web page."""

import os
import sys

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from crashview.pages import application  # noqa: E402,F401
