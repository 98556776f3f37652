"""The pages, served by the standard library's server behind nginx."""

import base64
import hashlib
import hmac
import html
import logging
import time
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from string import Template
from urllib.parse import parse_qs

from . import settings, store

log = logging.getLogger("guestbook")
TEMPLATES = Path(__file__).resolve().parent / "templates"


def token():
    """Proves that a form came from our page; good for the day."""
    day = time.strftime("%Y-%m-%d").encode()
    return hmac.new(settings.SECRET_KEY.encode(), day, hashlib.sha256).hexdigest()


def entry(row):
    picture = '<img src="/uploads/%s" alt="">' % row["picture"] if row["picture"] else ""
    return "<li><b>%s</b>: %s %s</li>" % (html.escape(row["name"]), html.escape(row["line"]), picture)


def stylesheet():
    """The style sheet that collectstatic prepared, else the plain one."""
    prepared = sorted(settings.STATIC_DIR.glob("style.*.css"))
    return prepared[-1].name if prepared else "style.css"


def page():
    template = Template((TEMPLATES / "index.html").read_text())
    entries = "\n".join(entry(row) for row in store.newest())
    return template.substitute(title=html.escape(settings.TITLE), entries=entries, style=stylesheet(), token=token())


def blocked(text):
    return any(word in text.lower() for word in settings.BLOCKED)


class Handler(BaseHTTPRequestHandler):
    server_version = "guestbook"

    def do_GET(self):
        if self.path == "/health":
            return self.answer(HTTPStatus.OK, "ok\n", "text/plain")
        if self.path != "/":
            return self.answer(HTTPStatus.NOT_FOUND, "not found\n", "text/plain")
        return self.answer(HTTPStatus.OK, page(), "text/html; charset=utf-8")

    def do_POST(self):
        size = int(self.headers.get("Content-Length", 0))
        if size > settings.MAX_UPLOAD * 2:
            return self.answer(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "too large\n", "text/plain")
        form = {name: values[0] for name, values in parse_qs(self.rfile.read(size).decode()).items()}
        if not hmac.compare_digest(form.get("token", ""), token()):
            return self.answer(HTTPStatus.FORBIDDEN, "please reload the page\n", "text/plain")
        name, line = form.get("name", "somebody"), form.get("line", "")
        if line and not blocked(name + line):
            picture = store.save_picture(base64.b64decode(form.get("picture", "")))
            store.add(name, line, picture)
        self.send_response(HTTPStatus.SEE_OTHER)
        self.send_header("Location", "/")
        self.end_headers()

    def answer(self, status, text, kind):
        body = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, form, *values):
        log.info(form, *values)


def serve():
    server = ThreadingHTTPServer((settings.HOST, settings.PORT), Handler)
    log.info("listening on %s:%d", settings.HOST, settings.PORT)
    server.serve_forever()
