#!/usr/bin/env python3
"""Shows or changes the version of the database schema."""

import argparse
import os

from crashhub import configuration, database


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('-c', dest='config', default=configuration.default_path('migrate'))
    commands = parser.add_subparsers(dest='command')
    commands.add_parser('current', help='print the version')
    commands.add_parser('upgrade', help='apply migrations').add_argument('version', help='a number, or head')
    options = parser.parse_args()

    settings = configuration.read(options.config)
    directory = os.path.join(configuration.APPLICATION, settings['migrate']['scripts'])
    connection = database.connect(settings['database']['path'])
    if options.command == 'upgrade':
        target = None if options.version == 'head' else int(options.version)
        for number in database.upgrade(connection, target, directory):
            print('applied %04d' % number)
    print('version %d' % database.version(connection))


if __name__ == '__main__':
    main()
