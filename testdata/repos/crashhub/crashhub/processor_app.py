#!/usr/bin/env python3
"""Reads the crash store and fills the database."""

import os
import sys

from crashhub import configuration, daemon, database, store


def signature(report, skip):
    """The first frames of the stack that say something."""
    frames = [line.strip() for line in report.get('stack', '').splitlines() if line.strip()]
    useful = [frame for frame in frames if frame.split('(')[0] not in skip]
    return ' | '.join(useful[:3]) or 'EMPTY: no stack'


class Processor(object):
    def __init__(self, settings):
        self.store = settings['processor']['store']
        self.processed = settings['processor']['processed']
        self.skip = set(settings['processor'].get('skip_frames', '').split())
        self.database = settings['database']['path']

    def work(self):
        """Processes what lies in the store; returns how many reports that were."""
        connection = database.connect(self.database)
        count = 0
        try:
            for path in store.paths(self.store):
                self.process(connection, path)
                count += 1
        finally:
            connection.close()
        return count

    def process(self, connection, path):
        crash_id = os.path.basename(path)[:-len('.json')]
        report = store.load(path)
        database.add_report(connection, crash_id, report.get('product', ''), report.get('release', ''),
                            signature(report, self.skip), report.get('received', ''))
        store.move(path, self.store, self.processed)
        print('processed %s' % crash_id)
        sys.stdout.flush()


def main():
    parser = configuration.parser_for('processor', __doc__)
    parser.add_argument('--once', action='store_true', help='process what is there and leave')
    options = parser.parse_args()
    settings = configuration.read(options.config)
    processor = Processor(settings)
    if options.once:
        processor.work()
        return
    daemon.Loop(settings['processor'].getfloat('interval', 5), processor.work).run()


if __name__ == '__main__':
    main()
