#!/usr/bin/env python3
"""Records load, memory and disk use of a host."""

import argparse
import configparser
import hmac
import logging
import os
import signal
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, HTTPServer

__version__ = "0.6"

log = logging.getLogger("metricd")
newest = {}


def load_average():
    one, five, fifteen = os.getloadavg()
    return {"load_1": one, "load_5": five, "load_15": fifteen}


def memory(path="/proc/meminfo"):
    """Total and available memory, in bytes."""
    values = {}
    with open(path) as lines:
        for line in lines:
            name, _, rest = line.partition(":")
            if name in ("MemTotal", "MemAvailable"):
                values["memory_" + name[3:].lower()] = int(rest.split()[0]) * 1024
    return values


def disks(mounts):
    """Free and total bytes of each file system that is there."""
    values = {}
    for mount in mounts:
        try:
            stat = os.statvfs(mount)
        except OSError:
            continue
        label = mount.strip("/").replace("/", "_") or "root"
        values["disk_free_" + label] = stat.f_bavail * stat.f_frsize
        values["disk_total_" + label] = stat.f_blocks * stat.f_frsize
    return values


def spooled(directory):
    """What local programs left in the spool: lines of a name and a number."""
    values = {}
    if not os.path.isdir(directory):
        return values
    for name in sorted(os.listdir(directory)):
        with open(os.path.join(directory, name), errors="replace") as lines:
            for line in lines:
                words = line.split()
                try:
                    values["local_" + words[0]] = float(words[1])
                except (IndexError, ValueError):
                    log.warning("%s: not a name and a number: %r", name, line)
    return values


def measure(settings):
    values = load_average()
    values.update(memory())
    values.update(disks(settings.get("mounts", "/").split()))
    values.update(spooled(settings.get("spool", "")))
    return values


def render(values):
    return "".join("%s %s\n" % (name, values[name]) for name in sorted(values))


def keep(directory, values, now):
    """Appends the values to the file of the day."""
    path = os.path.join(directory, time.strftime("%Y-%m-%d.txt", time.gmtime(now)))
    with open(path, "a") as out:
        for name in sorted(values):
            out.write("%d %s %s\n" % (now, name, values[name]))


def handler(token):
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            given = self.headers.get("Authorization", "")
            if token and not hmac.compare_digest(given, "Bearer " + token):
                self.send_error(401)
                return
            body = render(newest).encode()
            self.send_response(200)
            self.send_header("Content-Type", "text/plain; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, form, *values):
            log.info(form, *values)

    return Handler


def serve(settings):
    listen = settings.get("listen", "")
    if not listen:
        return
    host, port = listen.rsplit(":", 1)
    server = HTTPServer((host, int(port)), handler(settings.get("token", "")))
    threading.Thread(target=server.serve_forever, daemon=True).start()


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--config", default="/etc/metricd/metricd.conf")
    parser.add_argument("--once", action="store_true", help="measure once, print and leave")
    options = parser.parse_args()

    config = configparser.ConfigParser()
    if not config.read(options.config):
        sys.exit("metricd: no configuration %s" % options.config)
    settings = config["metricd"]
    if options.once:
        sys.stdout.write(render(measure(settings)))
        return

    logging.basicConfig(filename=settings.get("log") or None, level=logging.INFO,
                        format="%(asctime)s %(levelname)s %(message)s")
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    serve(config["http"] if config.has_section("http") else {})
    while not stop.is_set():
        newest.update(measure(settings))
        keep(settings["directory"], newest, time.time())
        stop.wait(settings.getfloat("interval", 30))


if __name__ == "__main__":
    main()
