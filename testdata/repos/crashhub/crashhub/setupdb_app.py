#!/usr/bin/env python3
"""Creates the database."""

import argparse

from crashhub import database

SAMPLES = [
    ('20140601-sample1', 'Viewer', '2.1', 'open_file | main', '2014-06-01T10:00:00Z'),
    ('20140601-sample2', 'Viewer', '2.1', 'open_file | main', '2014-06-01T11:30:00Z'),
    ('20140602-sample3', 'Editor', '0.9', 'undo | on_key', '2014-06-02T08:15:00Z'),
]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--database', required=True, help='file to create')
    parser.add_argument('--sample-data', action='store_true', help='add a few reports to look at')
    options = parser.parse_args()
    connection = database.connect(options.database)
    database.upgrade(connection)
    if options.sample_data:
        for row in SAMPLES:
            database.add_report(connection, *row)
    print('%s is at version %d' % (options.database, database.version(connection)))


if __name__ == '__main__':
    main()
