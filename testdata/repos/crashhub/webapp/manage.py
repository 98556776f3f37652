#!/usr/bin/env python3
"""Chores of the web page: syncdb, runserver."""

import argparse
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from crashview import pages, settings  # noqa: E402


def syncdb(options):
    """Creates the tables that belong to the page itself."""
    connection = pages.connect()
    with connection:
        connection.execute('CREATE TABLE IF NOT EXISTS page_notes (signature TEXT PRIMARY KEY, note TEXT NOT NULL)')
    if not options.noinput:
        print('tables of %s are there' % settings.DATABASE)


def runserver(options):
    """A server for development; production uses mod_wsgi."""
    from wsgiref.simple_server import make_server
    make_server('127.0.0.1', options.port, pages.application).serve_forever()


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    commands = parser.add_subparsers(dest='command')
    command = commands.add_parser('syncdb')
    command.add_argument('--noinput', action='store_true')
    command.set_defaults(run=syncdb)
    command = commands.add_parser('runserver')
    command.add_argument('port', type=int, nargs='?', default=8000)
    command.set_defaults(run=runserver)
    options = parser.parse_args()
    if not options.command:
        parser.error('which command?')
    options.run(options)


if __name__ == '__main__':
    main()
