#!/usr/bin/env python3
"""Prints the most frequent signatures, or forgets old reports. Called by cron."""

import time

from crashhub import configuration, database


def forget(connection, days):
    oldest = time.strftime('%Y-%m-%dT%H:%M:%SZ', time.gmtime(time.time() - days * 86400))
    with connection:
        return connection.execute('DELETE FROM crash_reports WHERE received < ?', (oldest,)).rowcount


def main():
    parser = configuration.parser_for('processor', __doc__)
    parser.add_argument('--top', type=int, default=0, help='how many signatures to print')
    parser.add_argument('--forget-days', type=int, default=0, help='remove reports older than this')
    options = parser.parse_args()
    connection = database.connect(configuration.read(options.config)['database']['path'])
    if options.forget_days:
        print('forgot %d reports' % forget(connection, options.forget_days))
    for row in database.top_signatures(connection, options.top):
        print('%6d  %s' % (row['reports'], row['signature']))


if __name__ == '__main__':
    main()
