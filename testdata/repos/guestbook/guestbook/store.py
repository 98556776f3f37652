"""Entries, pictures and the schema."""

import hashlib
import sqlite3
import time
from contextlib import closing
from pathlib import Path

from . import settings

MIGRATIONS = Path(__file__).resolve().parent / "migrations"
KINDS = {b"\x89PNG\r\n\x1a\n": ".png", b"\xff\xd8\xff": ".jpg", b"GIF8": ".gif"}


def connect():
    connection = sqlite3.connect(settings.DATABASE)
    connection.row_factory = sqlite3.Row
    return connection


def migrate():
    """Applies the migrations that are not applied yet; yields their names."""
    with closing(connect()) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS applied (name TEXT PRIMARY KEY)")
        done = {row["name"] for row in connection.execute("SELECT name FROM applied")}
        for path in sorted(MIGRATIONS.glob("*.sql")):
            if path.name in done:
                continue
            connection.executescript(path.read_text())
            with connection:
                connection.execute("INSERT INTO applied VALUES (?)", (path.name,))
            yield path.name


def add(name, line, picture):
    with closing(connect()) as connection, connection:
        connection.execute(
            "INSERT INTO entries (name, line, picture, written) VALUES (?, ?, ?, ?)",
            (name[:80], line[:500], picture, int(time.time())),
        )


def newest(count=50):
    with closing(connect()) as connection:
        return connection.execute("SELECT * FROM entries ORDER BY id DESC LIMIT ?", (count,)).fetchall()


def save_picture(content):
    """Keeps a picture under the digest of its content; returns its name, or "" if it is not a picture."""
    for start, suffix in KINDS.items():
        if content.startswith(start):
            name = hashlib.sha256(content).hexdigest()[:32] + suffix
            (settings.UPLOAD_DIR / name).write_bytes(content)
            return name
    return ""


def digest_static():
    """Copies style.css to a name that changes with its content; returns that name."""
    content = (settings.STATIC_DIR / "style.css").read_bytes()
    name = "style.%s.css" % hashlib.sha256(content).hexdigest()[:8]
    for old in settings.STATIC_DIR.glob("style.*.css"):
        old.unlink()
    (settings.STATIC_DIR / name).write_bytes(content)
    return name
