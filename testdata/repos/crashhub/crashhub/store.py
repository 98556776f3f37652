"""The crash store: one JSON file a report, in a directory a day."""

import json
import os
import tempfile
import time
import uuid


def new_id():
    """A name for a report that sorts by the day it came."""
    return time.strftime('%Y%m%d-') + uuid.uuid4().hex


def make_directory(path):
    """A directory that httpd's account and ours may both write, whatever the umask."""
    if not os.path.isdir(path):
        os.makedirs(path)
        os.chmod(path, 0o2775)


def save(root, crash_id, report):
    """Writes a report whole or not at all, and returns its path."""
    directory = os.path.join(root, crash_id[:8])
    make_directory(directory)
    handle, temporary = tempfile.mkstemp(dir=directory, prefix='.new-')
    with os.fdopen(handle, 'w') as out:
        json.dump(report, out, sort_keys=True)
    os.chmod(temporary, 0o664)
    path = os.path.join(directory, crash_id + '.json')
    os.rename(temporary, path)
    return path


def paths(root):
    """All complete reports under root, oldest day first."""
    for directory, names, files in os.walk(root):
        names.sort()
        for name in sorted(files):
            if name.endswith('.json') and not name.startswith('.'):
                yield os.path.join(directory, name)


def load(path):
    with open(path) as report:
        return json.load(report)


def move(path, old_root, new_root):
    """Moves a report to another store, keeping its day."""
    target = os.path.join(new_root, os.path.relpath(path, old_root))
    make_directory(os.path.dirname(target))
    os.rename(path, target)
    return target
