#!/usr/bin/env python3
"""Brings reports from the fallback store to the main store."""

from crashhub import configuration, daemon, store


def move_all(source, target):
    """Moves every report; returns how many."""
    count = 0
    for path in list(store.paths(source)):
        store.move(path, source, target)
        count += 1
    return count


def main():
    options = configuration.parser_for('mover', __doc__).parse_args()
    settings = configuration.read(options.config)['mover']
    daemon.Loop(settings.getfloat('interval', 60), lambda: move_all(settings['from'], settings['to'])).run()


if __name__ == '__main__':
    main()
