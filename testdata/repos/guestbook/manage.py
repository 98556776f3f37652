#!/usr/bin/env python3
"""Chores of the guest book."""

import argparse
import logging
import sys

from guestbook import settings, store
from guestbook.server import serve


def migrate(options):
    for name in store.migrate():
        print("applied", name)


def collectstatic(options):
    """Writes the style sheet with the digest of its content into its name."""
    print("static/" + store.digest_static())


def add(options):
    store.add(options.name, options.line, "")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("migrate", help="bring the database to the newest schema").set_defaults(run=migrate)
    commands.add_parser("collectstatic", help="prepare the static files").set_defaults(run=collectstatic)
    commands.add_parser("serve", help="answer requests").set_defaults(run=lambda options: serve())
    command = commands.add_parser("add", help="add an entry")
    command.add_argument("name")
    command.add_argument("line")
    command.set_defaults(run=add)
    options = parser.parse_args()

    handlers = [logging.StreamHandler(sys.stderr)]
    if options.command == "serve":
        handlers.append(logging.FileHandler(settings.LOG_DIR / "guestbook.log"))
    logging.basicConfig(level=logging.INFO, handlers=handlers, format="%(asctime)s %(levelname)s %(message)s")
    options.run(options)


if __name__ == "__main__":
    main()
