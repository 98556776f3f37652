"""Settings: the environment, then .env beside manage.py, then the defaults below."""

import os
from pathlib import Path

BASE_DIR = Path(__file__).resolve().parent.parent


def read_env(path):
    """The assignments of an env file; comments and blank lines are left out."""
    values = {}
    if not path.exists():
        return values
    for line in path.read_text().splitlines():
        line = line.strip()
        if line and not line.startswith("#") and "=" in line:
            name, value = line.split("=", 1)
            values[name.strip()] = value.strip().strip("\"'")
    return values


_file = read_env(BASE_DIR / ".env")


def setting(name, default):
    return os.environ.get(name, _file.get(name, default))


TITLE = setting("GUESTBOOK_TITLE", "Guest book")
HOST = setting("GUESTBOOK_HOST", "127.0.0.1")
PORT = int(setting("GUESTBOOK_PORT", "8040"))
SECRET_KEY = setting("SECRET_KEY", "changeme")
BLOCKED = [word for word in setting("GUESTBOOK_BLOCKED", "").lower().split(",") if word]
MAX_UPLOAD = int(setting("GUESTBOOK_MAX_UPLOAD", "2097152"))

DATABASE = BASE_DIR / "guestbook.sqlite3"
UPLOAD_DIR = BASE_DIR / "uploads"
LOG_DIR = BASE_DIR / "logs"
STATIC_DIR = BASE_DIR / "static"
