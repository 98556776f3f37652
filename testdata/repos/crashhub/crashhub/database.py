"""The database: schema versions and the rows of a report."""

import os
import re
import sqlite3

from crashhub import configuration

VERSION = re.compile(r'^(\d{4})_\w+\.sql$')


def connect(path):
    connection = sqlite3.connect(path)
    connection.row_factory = sqlite3.Row
    return connection


def scripts(directory=None):
    """The migrations, as (number, path), in order."""
    directory = directory or os.path.join(configuration.APPLICATION, 'migrations')
    found = []
    for name in os.listdir(directory):
        match = VERSION.match(name)
        if match:
            found.append((int(match.group(1)), os.path.join(directory, name)))
    return sorted(found)


def version(connection):
    return connection.execute('PRAGMA user_version').fetchone()[0]


def upgrade(connection, target=None, directory=None):
    """Applies the migrations up to target (the newest when None), each in a transaction. Returns the numbers applied."""
    applied = []
    for number, path in scripts(directory):
        if number <= version(connection) or (target is not None and number > target):
            continue
        with open(path) as script:
            connection.executescript('BEGIN;\n%s\nPRAGMA user_version = %d;\nCOMMIT;' % (script.read(), number))
        applied.append(number)
    return applied


def add_report(connection, crash_id, product, release, signature, received):
    with connection:
        connection.execute(
            'INSERT OR IGNORE INTO crash_reports (crash_id, product, release, signature, received) VALUES (?, ?, ?, ?, ?)',
            (crash_id, product, release, signature, received))


def top_signatures(connection, limit):
    return connection.execute(
        'SELECT signature, count(*) AS reports FROM crash_reports GROUP BY signature '
        'ORDER BY reports DESC, signature LIMIT ?', (limit,)).fetchall()


def newest(connection, limit):
    return connection.execute(
        'SELECT * FROM crash_reports ORDER BY received DESC, crash_id LIMIT ?', (limit,)).fetchall()
