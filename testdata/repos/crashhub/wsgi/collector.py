"""What mod_wsgi loads for /submit."""

import os
import sys

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from crashhub.collector import Collector  # noqa: E402

application = Collector()
