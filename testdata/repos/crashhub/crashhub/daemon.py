"""The loop of the long-running programs."""

import signal
import sys
import time


class Loop(object):
    """Calls work every interval seconds until SIGTERM or SIGINT."""

    def __init__(self, interval, work):
        self.interval = interval
        self.work = work
        self.stopped = False

    def stop(self, number, frame):
        self.stopped = True

    def run(self):
        signal.signal(signal.SIGTERM, self.stop)
        signal.signal(signal.SIGINT, self.stop)
        while not self.stopped:
            try:
                self.work()
            except OSError as problem:
                print('%s, trying again' % problem, file=sys.stderr)
            deadline = time.time() + self.interval
            while not self.stopped and time.time() < deadline:
                time.sleep(min(1, self.interval))
